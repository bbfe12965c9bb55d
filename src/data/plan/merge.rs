//! What becomes of one field of a row that the base, the table and the package all know: the table F1–F9 of SPEC 2 §2.
//! Pure.

use crate::config::Fusion;
use crate::data::fit::base_view::BaseFacts;

/// What is known of a field that the package gives (F1 is the rest).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts")]
pub(super) struct FieldFacts {
    /// The table has what the package brings.
    pub same: bool,
    /// A user flagged the row, and the contract keeps this column then.
    pub preserved: bool,
    /// What the base says; nothing where it does not know.
    pub base: Option<BaseFacts>,
    /// A column that follows from others (`versao`, `checksum`, …).
    pub derived: bool,
    /// The row was found by its primary key, because a user changed its key, of which this column is a part.
    pub moved: bool,
    /// What differs in the row is the gestor's doing, not a user's.
    pub core_wrote: bool,
}

/// By which choice the rows of a plan are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MergeRules {
    /// `fusao`
    pub fusion: Fusion,
    /// `reprocessar`: the package's values come back.
    pub repair: bool,
    /// A way back: rows that came after this operation, and that the package does not bring, go.
    pub back: Option<u64>,
}

/// What becomes of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldOutcome {
    /// The table has it already.
    Same,
    /// The user's value stays, and the package has nothing new.
    Left,
    /// The same, in a row that a user did not flag.
    Kept,
    /// The user's value stays, the package's goes beside it or waits.
    Companion,
    /// The package's.
    Take,
    /// The package's, and the user's is saved.
    Replace,
    /// The user's stays; the package's waits.
    Conflict(FieldConflict),
    /// Nothing may be written (`fusao=abortar`).
    Refuse,
}

impl FieldOutcome {
    /// The table's value stays where the package has another one.
    pub(super) fn keeps_mine(self) -> bool {
        matches!(
            self,
            Self::Left | Self::Kept | Self::Companion | Self::Conflict(_) | Self::Refuse
        )
    }
}

/// Why a field's values are in conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldConflict {
    /// User and package changed it.
    Both,
    /// A user changed the row's key.
    Moved,
}

/// On a way back a field that nobody touched returns whatever the row's flag says, and all of them where the package's
/// values are wanted.
fn returns(base: Option<BaseFacts>, rules: MergeRules) -> bool {
    rules.back.is_some() && (rules.fusion == Fusion::Package || base.is_some_and(|base| !base.edited))
}

/// Decides: the first rule that applies.
pub(super) fn decide_field(facts: FieldFacts, rules: MergeRules) -> FieldOutcome {
    use FieldOutcome::{Companion, Conflict, Kept, Left, Refuse, Replace, Same, Take};
    let changed = facts.base.map(|base| base.changed || facts.core_wrote);
    match (facts, facts.base) {
        // F2, F3
        (FieldFacts { same: true, .. }, _) => Same,
        (FieldFacts { preserved: true, .. }, base) if !returns(base, rules) => {
            if changed == Some(false) {
                Left
            } else {
                Companion
            }
        }
        // F8 stands before F4 and F5: the base found the row, whatever it knows of this column.
        (FieldFacts { moved: true, .. }, _) if !rules.repair => Conflict(FieldConflict::Moved),
        // F4: nobody knows whose the value is, so it is saved.
        (FieldFacts { derived: false, .. }, None) => Replace,
        // F5
        (_, None | Some(BaseFacts { edited: false, .. })) => Take,
        // Repair takes the package's for all that is left; so does a row of which nobody but the gestor tells its own
        // changes from a user's.
        (FieldFacts { derived: true, .. }, _) if rules.repair || facts.core_wrote => Take,
        _ if rules.repair || facts.core_wrote => Replace,
        // F6, F7
        (_, Some(BaseFacts { changed: false, .. })) => Kept,
        (FieldFacts { derived: true, .. }, _) => Take,
        // F9
        _ => match rules.fusion {
            Fusion::Mine => Conflict(FieldConflict::Both),
            Fusion::Package => Replace,
            Fusion::Abort => Refuse,
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINE: MergeRules = MergeRules {
        fusion: Fusion::Mine,
        repair: false,
        back: None,
    };

    /// `m` is what the table has, `t` what the package brings, `b` what it brought before.
    fn facts(b: Option<char>, m: char, t: char, classes: &str) -> FieldFacts {
        FieldFacts {
            same: m == t,
            preserved: classes.contains('p'),
            base: b.map(|b| BaseFacts {
                edited: m != b,
                changed: t != b,
            }),
            derived: classes.contains('d'),
            moved: classes.contains('k'),
            core_wrote: classes.contains('c'),
        }
    }

    #[test]
    fn the_rules_are_a_table() {
        use FieldOutcome::{Companion, Conflict, Kept, Left, Refuse, Replace, Same, Take};
        let rules = |word: &str| MergeRules {
            fusion: match word {
                "pacote" => Fusion::Package,
                "abortar" => Fusion::Abort,
                _ => Fusion::Mine,
            },
            repair: word == "reprocessar",
            back: None,
        };
        let both = Conflict(FieldConflict::Both);
        let moved = Conflict(FieldConflict::Moved);
        for (rule, values, classes, word, outcome) in [
            ("F2", "122", "p", "", Same),
            ("F2", "-22", "pd", "abortar", Same),
            ("F2", "111", "k", "reprocessar", Same),
            ("F3", "121", "p", "", Left),
            ("F3", "123", "p", "", Companion),
            ("F3", "-23", "p", "", Companion),
            ("F3", "112", "p", "", Companion),
            ("F3", "123", "p", "pacote", Companion),
            ("F3", "123", "pd", "abortar", Companion),
            ("F3", "121", "p", "reprocessar", Left),
            ("F3", "123", "p", "reprocessar", Companion),
            ("F4", "-23", "", "", Replace),
            ("F4", "-23", "d", "abortar", Take),
            ("F5", "112", "", "", Take),
            ("F5", "112", "d", "reprocessar", Take),
            ("F3", "121", "pc", "", Companion),
            ("F5", "112", "c", "", Take),
            ("F5", "121", "c", "", Replace),
            ("F5", "121", "dc", "", Take),
            ("F5", "123", "c", "abortar", Replace),
            ("F8", "121", "kc", "", moved),
            ("F6", "121", "", "", Kept),
            ("F6", "121", "d", "", Kept),
            ("F6", "121", "", "pacote", Kept),
            ("F6", "121", "", "reprocessar", Replace),
            ("F6", "121", "d", "reprocessar", Take),
            ("F7", "123", "d", "", Take),
            ("F7", "123", "d", "abortar", Take),
            ("F8", "121", "k", "", moved),
            ("F8", "121", "k", "pacote", moved),
            ("F8", "121", "k", "reprocessar", Replace),
            ("F9", "123", "", "", both),
            ("F9", "123", "", "pacote", Replace),
            ("F9", "123", "", "abortar", Refuse),
            ("F9", "123", "", "reprocessar", Replace),
        ] {
            let values: Vec<char> = values.chars().collect();
            let base = Some(values[0]).filter(|base| *base != '-');
            let known = facts(base, values[1], values[2], classes);
            assert_eq!(
                decide_field(known, rules(word)),
                outcome,
                "{rule}: {values:?} {classes} {word}"
            );
        }
    }

    #[test]
    fn on_a_way_back_what_nobody_touched_returns() {
        use FieldOutcome::{Companion, Kept, Left, Replace, Take};
        for (values, fusion, outcome) in [
            ("123", Fusion::Mine, Companion),
            ("121", Fusion::Mine, Left),
            ("112", Fusion::Mine, Take),
            ("123", Fusion::Package, Replace),
            ("121", Fusion::Package, Kept),
        ] {
            let letters: Vec<char> = values.chars().collect();
            let known = facts(Some(letters[0]), letters[1], letters[2], "p");
            let rules = MergeRules {
                fusion,
                back: Some(1),
                ..MINE
            };
            assert_eq!(decide_field(known, rules), outcome, "{values} {fusion:?}");
        }
    }

    fn rules() -> impl Strategy<Value = MergeRules> {
        let fusion = proptest::sample::select(vec![Fusion::Mine, Fusion::Package, Fusion::Abort]);
        (fusion, any::<bool>()).prop_map(|(fusion, repair)| MergeRules {
            fusion,
            repair,
            back: None,
        })
    }

    /// What the field holds afterwards, and where the value went that it held before.
    fn after(outcome: FieldOutcome, mine: char, theirs: char) -> (char, bool) {
        match outcome {
            FieldOutcome::Take => (theirs, false),
            FieldOutcome::Replace => (theirs, true),
            _ => (mine, false),
        }
    }

    /// The same rules, as a person would tell them: from what the field holds afterwards.
    fn reference(facts: FieldFacts, rules: MergeRules, (base, mine, theirs): (Option<char>, char, char)) -> char {
        if mine == theirs || facts.preserved {
            return mine;
        }
        if rules.repair {
            return theirs;
        }
        if facts.moved {
            return mine;
        }
        let Some(base) = base else { return theirs };
        if theirs == base && mine != base {
            return mine;
        }
        if mine == base || facts.derived || rules.fusion == Fusion::Package {
            theirs
        } else {
            mine
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn laws(
            base in proptest::option::of(proptest::char::range('a', 'c')),
            mine in proptest::char::range('a', 'c'),
            theirs in proptest::char::range('a', 'c'),
            classes in "[pdk]{0,2}",
            rules in rules(),
        ) {
            let known = facts(base, mine, theirs, &classes);
            let outcome = decide_field(known, rules);
            let (now, is_saved) = after(outcome, mine, theirs);
            prop_assert_eq!(now, reference(known, rules, (base, mine, theirs)));
            let plain = !known.preserved && !known.moved;
            if base == Some(mine) && plain {
                prop_assert_eq!(now, theirs, "M = B gives T");
            }
            if base == Some(theirs) && !rules.repair {
                prop_assert_eq!(now, mine, "T = B gives M");
            }
            if mine == theirs {
                prop_assert_eq!(outcome, FieldOutcome::Same);
            }
            // A value that leaves is what a package brought, follows from others, or is saved.
            if now != mine && base != Some(mine) && !known.derived {
                prop_assert!(is_saved);
            }
            // What waits is never what was brought before, but for keys.
            if outcome == FieldOutcome::Conflict(FieldConflict::Both) || outcome == FieldOutcome::Refuse {
                prop_assert!(base.is_some_and(|base| base != mine && base != theirs) && mine != theirs);
            }
            // Base := T, whatever was decided: the second run decides nothing new.
            let again = facts(Some(theirs), now, theirs, &classes);
            let second = decide_field(again, MINE);
            prop_assert_eq!(after(second, now, theirs).0, now);
            prop_assert!(known.moved || matches!(second, FieldOutcome::Same | FieldOutcome::Kept | FieldOutcome::Left));
        }
    }
}

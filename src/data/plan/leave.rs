//! What becomes of rows that one of base, table and package lacks: rules R4–R7, R10 and R13 of SPEC 2 §2. Pure.

use crate::config::Orphans;

/// Entries from which on the loss of most of them is damage and nobody's will.
const ENOUGH: usize = 5;

/// Whether so many rows of a table are gone that it was no user who deleted them. `alive`: entries that stood in the table
/// after the last operation; `gone`: those of them that do not any more.
pub(super) fn is_damage(table: &str, alive: usize, gone: usize) -> bool {
    alive >= ENOUGH && gone * 2 > alive && !holds_grants(table)
}

/// A table of the permissions that profiles have: the gestor writes its rows anew each time a profile is saved.
pub(super) fn holds_grants(table: &str) -> bool {
    table.starts_with("usuarios_perfis_")
}

/// What is known of a row that base and package have and the table does not (R4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts")]
pub(super) struct MissingFacts {
    /// It stood in the table after the last operation.
    pub alive: bool,
    /// The base was seen to be written, not made from a package later: a row that is missing was deleted.
    pub witnessed: bool,
    /// Most of the table's rows are gone.
    pub damage: bool,
    /// It is a permission; whether it counts as taken away, else the gestor dropped it with an inactive module.
    pub grant: Option<TakenAway>,
    /// `reprocessar`
    pub repair: bool,
}

/// Whether a permission was taken away: its module is active in all languages of the package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TakenAway(pub bool);

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// It is inserted again.
    Insert,
    /// It is inserted again, and that is told: most rows of the table were gone.
    Restore,
    /// It stays deleted.
    StaysDeleted,
}

/// Decides R4.
pub(super) fn decide_missing(facts: MissingFacts) -> Missing {
    if !facts.witnessed {
        return Missing::Insert;
    }
    match facts.grant {
        // One that was away before stays away, whatever its module does now.
        Some(TakenAway(false)) if facts.alive => Missing::Insert,
        None if facts.repair => Missing::Insert,
        None if facts.damage && facts.alive => Missing::Restore,
        Some(_) | None => Missing::StaysDeleted,
    }
}

/// What is known of a row that the base has and the package does not (R5–R7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LeftFacts {
    /// It stands in the table.
    pub present: bool,
    /// Something in it is not what a package brought; nothing where that is not known.
    pub edited: Option<bool>,
    /// Its table has a `status`, and whether the row's is `I` already.
    pub inactive: Option<bool>,
    /// It stood there before the plugin.
    pub shared: bool,
    /// It came after the point of a way back.
    pub later: Option<Later>,
}

/// A row that came after the point of a way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Later {
    /// It was nobody's before.
    pub adopted: bool,
    /// Rows of its table are only ever added, or the site's project has changed it.
    pub stays: bool,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) enum Left {
    /// R7: nothing is left to be remembered.
    Forget,
    /// It is kept.
    Keep,
    /// R5: its `status` becomes `I`.
    Inactivate,
    /// R5: it is deleted.
    Remove,
    /// It becomes again whose it was.
    GiveBack,
}

/// Decides R5–R7, and on a way back what becomes of rows that came after the point (SPEC 2 §5): edited or not, they go.
pub(super) fn decide_left(facts: LeftFacts, orphans: Orphans) -> Left {
    if let Some(later) = facts.later.filter(|_| facts.present) {
        return match later {
            Later { stays: true, .. } => Left::Keep,
            _ if facts.shared => Left::Forget,
            Later { adopted: true, .. } => Left::GiveBack,
            Later { .. } => Left::Remove,
        };
    }
    match orphans {
        _ if !facts.present => Left::Forget,
        _ if facts.shared => Left::Keep,
        Orphans::Remove if facts.edited == Some(false) => Left::Remove,
        Orphans::Inactivate if facts.edited == Some(false) && facts.inactive == Some(false) => Left::Inactivate,
        _ => Left::Keep,
    }
}

/// What is known of a row of nobody that has the key of an entry (R10, R13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts")]
pub(super) struct UnownedFacts {
    /// The gestor is known to have this key.
    pub core: bool,
    /// It is not known which keys the gestor has.
    pub unknown_core: bool,
    /// It has the primary key that the entry names.
    pub same_row: bool,
    /// It is a permission.
    pub grant: bool,
}

/// Whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) enum Unowned {
    /// R10: the gestor's now.
    Core,
    /// R13: somebody made it again, so it is the site's.
    Sites,
    /// R13: the profile was saved, and the permission is still the plugin's entry.
    Bound,
    /// The plugin's row, which lost its owner.
    Ours,
}

/// Decides R10 and R13.
pub(super) fn decide_unowned(facts: UnownedFacts) -> Unowned {
    match facts {
        UnownedFacts { grant: true, .. } => Unowned::Bound,
        UnownedFacts { core: true, .. } => Unowned::Core,
        UnownedFacts { same_row: false, .. } => Unowned::Sites,
        UnownedFacts { unknown_core: true, .. } => Unowned::Core,
        _ => Unowned::Ours,
    }
}

/// ①b: whether a row with the primary key of an entry is still the entry's row, under another key: at least half of what
/// the base knows of it is as it was. `equal` of `known` digests of columns outside the key.
pub(super) fn is_renamed(equal: usize, known: usize) -> bool {
    known > 0 && equal * 2 >= known
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn most_of_five_or_more_is_damage() {
        for (table, alive, gone, expected) in [
            ("variaveis", 5, 3, true),
            ("variaveis", 6, 3, false),
            ("variaveis", 4, 4, false),
            ("variaveis", 5, 2, false),
            ("usuarios_perfis_modulos", 5, 5, false),
            ("usuarios_perfis_modulos_operacoes", 9, 9, false),
        ] {
            assert_eq!(is_damage(table, alive, gone), expected, "{table} {alive} {gone}");
        }
    }

    #[test]
    fn missing_rows() {
        // "a"live "w"itnessed "d"amage "r"epair, "g"rant taken away, "i" grant of an inactive module
        for (facts, expected) in [
            ("aw", Missing::StaysDeleted),
            ("w", Missing::StaysDeleted),
            ("a", Missing::Insert),
            ("awd", Missing::Restore),
            ("wd", Missing::StaysDeleted),
            ("awr", Missing::Insert),
            ("wr", Missing::Insert),
            ("awg", Missing::StaysDeleted),
            ("awgr", Missing::StaysDeleted),
            ("awi", Missing::Insert),
            ("wi", Missing::StaysDeleted),
            ("wir", Missing::StaysDeleted),
        ] {
            let has = |letter| facts.contains(letter);
            let known = MissingFacts {
                alive: has('a'),
                witnessed: has('w'),
                damage: has('d'),
                grant: (has('g') || has('i')).then(|| TakenAway(has('g'))),
                repair: has('r'),
            };
            assert_eq!(decide_missing(known), expected, "{facts}");
        }
    }

    #[test]
    fn rows_of_nobody() {
        // "c"ore, core "u"nknown, "s"ame primary key, "g"rant
        for (facts, expected) in [
            ("c", Unowned::Core),
            ("cs", Unowned::Core),
            ("", Unowned::Sites),
            ("u", Unowned::Sites),
            ("us", Unowned::Core),
            ("s", Unowned::Ours),
            ("g", Unowned::Bound),
            ("gcs", Unowned::Bound),
        ] {
            let has = |letter| facts.contains(letter);
            let known = UnownedFacts {
                core: has('c'),
                unknown_core: has('u'),
                same_row: has('s'),
                grant: has('g'),
            };
            assert_eq!(decide_unowned(known), expected, "{facts}");
        }
    }

    #[test]
    fn rows_that_came_after_the_point() {
        // "p"resent, "e"dited, "s"hared, "a"dopted, sta"y"s
        for (facts, expected) in [
            ("p", Left::Remove),
            ("pe", Left::Remove),
            ("e", Left::Forget),
            ("a", Left::Forget),
            ("pa", Left::GiveBack),
            ("pea", Left::GiveBack),
            ("ps", Left::Forget),
            ("py", Left::Keep),
            ("pay", Left::Keep),
        ] {
            let has = |letter| facts.contains(letter);
            let known = LeftFacts {
                present: has('p'),
                edited: Some(has('e')),
                inactive: None,
                shared: has('s'),
                later: Some(Later {
                    adopted: has('a'),
                    stays: has('y'),
                }),
            };
            assert_eq!(decide_left(known, Orphans::Log), expected, "{facts}");
        }
    }

    proptest! {
        #[test]
        fn an_edited_or_unknown_row_is_never_taken(
            present in any::<bool>(),
            edited in proptest::option::of(any::<bool>()),
            inactive in proptest::option::of(any::<bool>()),
            shared in any::<bool>(),
            orphans in proptest::sample::select(vec![
                Orphans::Log, Orphans::Export, Orphans::Ignore, Orphans::Inactivate, Orphans::Remove,
            ]),
        ) {
            let facts = LeftFacts { present, edited, inactive, shared, later: None };
            let left = decide_left(facts, orphans);
            prop_assert_eq!(left == Left::Forget, !present);
            if shared || edited != Some(false) {
                prop_assert!(matches!(left, Left::Forget | Left::Keep));
            }
            match left {
                Left::Remove => prop_assert_eq!(orphans, Orphans::Remove),
                Left::Inactivate => {
                    prop_assert_eq!(orphans, Orphans::Inactivate);
                    // The second run has nothing to do.
                    let again = LeftFacts { inactive: Some(true), ..facts };
                    prop_assert_eq!(decide_left(again, orphans), Left::Keep);
                }
                Left::Forget | Left::Keep => {}
                Left::GiveBack => prop_assert!(false, "nothing is given back without a way back"),
            }
        }

        #[test]
        fn half_of_what_is_known_is_enough(equal in 0_usize..20, more in 0_usize..20) {
            let known = equal + more;
            prop_assert_eq!(is_renamed(equal, known), known > 0 && equal >= more);
        }
    }
}

//! What may be done with a row that was found: the policy of SPEC §6 as a pure function of facts.

use crate::config::Adoption;
use crate::data::fit::find::RowOwner;
use crate::data::package::conflict::ConflictReason;
use crate::model::Phrase;

/// What is known of a found row.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts")]
pub(in crate::data) struct FoundFacts<'a> {
    /// Whose it is.
    pub owner: &'a RowOwner,
    /// The package would change something, the owner not counted.
    pub differs: bool,
    /// It is a row of the gestor itself.
    pub core: bool,
    /// It is a row of the site's project.
    pub project: bool,
    /// Its table is one of the gestor's.
    pub core_table: bool,
    /// The previously installed package of this plugin had its key.
    pub previously: bool,
}

/// What to do with a found row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) enum Verdict {
    /// Nothing: it is as the package brings it, or close enough.
    Equal,
    /// Write what differs.
    Alter,
    /// Make it the plugin's, and write what differs.
    Adopt,
    /// Nothing, and say so: the site's project has changed this plugin's row.
    LeaveToProject,
    /// It may not be written.
    Conflict(ConflictReason),
}

/// Decides.
pub(in crate::data) fn decide(facts: &FoundFacts<'_>, adoption: Adoption) -> Verdict {
    match facts.owner {
        RowOwner::Own | RowOwner::Shared if !facts.differs => Verdict::Equal,
        RowOwner::Own if facts.project => Verdict::LeaveToProject,
        RowOwner::Nobody => decide_unowned(facts, adoption),
        RowOwner::Shared if facts.project => Verdict::Conflict(ConflictReason::Project),
        RowOwner::Shared if facts.core_table && !facts.previously => Verdict::Conflict(ConflictReason::Shared),
        RowOwner::Own | RowOwner::Shared => Verdict::Alter,
        RowOwner::Other(owner) => Verdict::Conflict(ConflictReason::Unique {
            index: String::new(),
            owner: Phrase::of_others(owner.to_string()),
            identity: String::new(),
        }),
    }
}

fn decide_unowned(facts: &FoundFacts<'_>, adoption: Adoption) -> Verdict {
    if !facts.differs && (facts.core || facts.project) {
        return Verdict::Equal;
    }
    if facts.project {
        return Verdict::Conflict(ConflictReason::Project);
    }
    match adoption {
        Adoption::Always => Verdict::Adopt,
        _ if facts.core => Verdict::Conflict(ConflictReason::Core),
        Adoption::Never => Verdict::Conflict(ConflictReason::Unowned),
        Adoption::Orphans => Verdict::Adopt,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_is_a_table() {
        use Adoption::{Always, Never, Orphans};
        use RowOwner::{Nobody, Own, Shared};
        let conflict = Verdict::Conflict;
        // owner, "d"iffers "c"ore "p"roject "t"able of the gestor "b"efore, adoption
        for (owner, facts, adoption, verdict) in [
            (Own, "", Never, Verdict::Equal),
            (Own, "d", Never, Verdict::Alter),
            (Own, "dp", Always, Verdict::LeaveToProject),
            (Own, "p", Always, Verdict::Equal),
            (Nobody, "", Orphans, Verdict::Adopt),
            (Nobody, "d", Orphans, Verdict::Adopt),
            (Nobody, "d", Never, conflict(ConflictReason::Unowned)),
            (Nobody, "", Never, conflict(ConflictReason::Unowned)),
            (Nobody, "c", Orphans, Verdict::Equal),
            (Nobody, "c", Never, Verdict::Equal),
            (Nobody, "c", Always, Verdict::Equal),
            (Nobody, "dc", Orphans, conflict(ConflictReason::Core)),
            (Nobody, "dc", Never, conflict(ConflictReason::Core)),
            (Nobody, "dc", Always, Verdict::Adopt),
            (Nobody, "dp", Always, conflict(ConflictReason::Project)),
            (Nobody, "p", Orphans, Verdict::Equal),
            (Shared, "t", Orphans, Verdict::Equal),
            (Shared, "dt", Always, conflict(ConflictReason::Shared)),
            (Shared, "dtb", Never, Verdict::Alter),
            (Shared, "d", Never, Verdict::Alter),
            (Shared, "dtbp", Never, conflict(ConflictReason::Project)),
        ] {
            let has = |letter| facts.contains(letter);
            let found = FoundFacts {
                owner: &owner,
                differs: has('d'),
                core: has('c'),
                project: has('p'),
                core_table: has('t'),
                previously: has('b'),
            };
            assert_eq!(decide(&found, adoption), verdict, "{owner:?} {facts} {adoption:?}");
        }
    }
}

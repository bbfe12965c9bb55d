//! Decides about every row of a table from facts: inserted, changed, adopted, refused, left alone. Pure.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::adopt::{FoundFacts, Verdict, decide};
use super::difference::{Difference, Differences};
use super::unique::Clash;
use super::update::{Update, shown_identity};
use crate::base::listed::Listed;
use crate::config::Adoption;
use crate::data::fit::change::{ColumnChange, NewValue};
use crate::data::fit::core_keys::CoreTable;
use crate::data::fit::find::{Absent, Candidates, Finding, Present, PrimaryKey, RowOwner, Wanted, WantedKey};
use crate::data::fit::natural_key::Key;
use crate::data::package::conflict::ConflictReason;
use crate::data::package::phrases;
use crate::data::package::row_store::RowStore;
use crate::data::table::contract::Contract;
use crate::data::table::schema::TableSchema;
use crate::model::{Phrase, RowOrigin};
use crate::outcome::TableCounts;

/// Everything that decides about one table.
#[derive(Debug)]
pub(super) struct TableFacts<'a> {
    /// The table.
    pub schema: &'a TableSchema,
    /// Its contract.
    pub contract: &'a Contract,
    /// The package's rows.
    pub rows: &'a RowStore,
    /// Their keys.
    pub wanted: &'a [Wanted],
    /// The table's rows that could be meant.
    pub present: &'a [Present],
    /// What was found.
    pub findings: &'a [Finding],
    /// What each row of the package would change; empty for rows that were not found.
    pub differences: Differences,
    /// The gestor's own rows.
    pub core: &'a CoreTable,
    /// Keys of the previously installed package.
    pub previous: &'a HashSet<WantedKey>,
    /// Why rows may not be written although nothing was found: what stands behind a UNIQUE index.
    pub clashes: HashMap<usize, Clash>,
    /// Rows that would make a user who may do everything.
    pub managers: &'a HashSet<usize>,
    /// `adocao`
    pub adoption: Adoption,
    /// Orphans are looked for.
    pub orphans: bool,
    /// Rows that the base knows; none where there is no base.
    pub remembered: &'a HashSet<usize>,
}

/// A table's plan with what has to be said about it.
#[derive(Debug, Default)]
pub(in crate::data) struct Settled {
    /// Rows to insert.
    pub inserts: Vec<usize>,
    /// Rows to change.
    pub updates: Vec<Update>,
    /// Rows that the package no longer brings.
    pub orphans: Vec<PrimaryKey>,
    /// Counts.
    pub counts: TableCounts,
    /// Rows that may not be written.
    pub refusals: Listed<Refusal>,
    /// What an operator should know of single rows.
    pub remarks: Listed<(usize, Remark)>,
    /// What becomes of each row of the package.
    pub outcomes: Vec<RowOutcome>,
}

/// What becomes of a row of the package, for the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) enum RowOutcome {
    /// It is another one's, in conflict, or no row at all: the base says of it what it said.
    Passed,
    /// It is inserted.
    Inserted,
    /// A row of the table is as the package says, or as a user wants it.
    Standing {
        /// Its place.
        present: usize,
        /// It becomes the plugin's.
        adopted: bool,
    },
    /// An identical row of the gestor or the site, which stays theirs.
    Theirs,
    /// It is the gestor's or the site's now, or deleted.
    Absent(Absent),
}

/// A row that may not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) struct Refusal {
    /// Its place.
    pub row: usize,
    /// Why not, and because of which other row of the package.
    pub clash: Clash,
}

/// What an operator should know of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) enum Remark {
    /// Several rows of this plugin have its key.
    SeveralOwnRows(Vec<Phrase>),
    /// It has no content, so it is not made.
    Blank,
    /// It is a new user who may do everything.
    Manager,
    /// The site's project has it.
    Project,
}

/// Decides about every row of a table.
pub(super) fn settle(facts: &TableFacts<'_>) -> Settled {
    let mut settled = Settled {
        outcomes: vec![RowOutcome::Passed; facts.wanted.len()],
        ..Settled::default()
    };
    let twins = next_twins(facts.findings);
    for row in 0..facts.wanted.len() {
        match &facts.findings[row] {
            Finding::Overruled => {}
            Finding::Absent(absent) => settle_absent(&mut settled, row, *absent),
            Finding::Duplicate { first } => {
                let twin = if *first == row { twins.get(&row) } else { Some(first) };
                let first = Phrase::default();
                settled.refuse(row, || (ConflictReason::Duplicate { first }, twin.copied()));
            }
            Finding::Ambiguous { candidates } => {
                let shown = || shown_identities(facts, &candidates.first(SHOWN), candidates.count());
                settled.refuse(row, || (ConflictReason::Ambiguous { candidates: shown() }, None));
            }
            Finding::New => settle_new(facts, &mut settled, row),
            Finding::Found { present, others } => {
                if !others.is_empty() {
                    let first: Vec<usize> = std::iter::once(present).chain(others).take(SHOWN).copied().collect();
                    let shown = || Remark::SeveralOwnRows(shown_identities(facts, &first, others.len() + 1));
                    settled.remarks.push_with(|| (row, shown()));
                }
                settle_found(facts, &mut settled, row, *present);
            }
        }
    }
    if facts.orphans {
        settled.orphans = orphans(facts);
        settled.counts.orfaos = settled.orphans.len() as u64;
    }
    settled
}

impl Settled {
    fn refuse(&mut self, row: usize, why: impl FnOnce() -> (ConflictReason, Option<usize>)) {
        self.counts.ignorados += 1;
        self.refusals.push_with(|| {
            let (reason, twin) = why();
            Refusal {
                row,
                clash: Clash { reason, twin },
            }
        });
    }

    fn refuse_for(&mut self, row: usize, clash: &Clash) {
        self.refuse(row, || (clash.reason.clone(), clash.twin));
    }
}

/// The next row with the same key, by the first one: for the message of that one.
fn next_twins(findings: &[Finding]) -> HashMap<usize, usize> {
    let twins = findings.iter().enumerate().rev();
    let twins = twins.filter_map(|(row, finding)| match finding {
        Finding::Duplicate { first } if *first != row => Some((*first, row)),
        _ => None,
    });
    twins.collect()
}

/// So many primary keys are named.
const SHOWN: usize = 20;

fn shown_identities(facts: &TableFacts<'_>, first: &[usize], count: usize) -> Vec<Phrase> {
    let first = first
        .iter()
        .map(|place| Phrase::of_others(shown_identity(&facts.present[*place].identity)));
    let mut shown: Vec<Phrase> = first.collect();
    if count > shown.len() {
        shown.push(phrases::and_more(count - shown.len()));
    }
    shown
}

fn settle_absent(settled: &mut Settled, row: usize, absent: Absent) {
    settled.outcomes[row] = RowOutcome::Absent(absent);
    match absent {
        Absent::Deleted | Absent::Sites => settled.counts.apagados += 1,
        Absent::Core => settled.counts.ignorados += 1,
        Absent::Bound { .. } => settled.counts.iguais += 1,
    }
}

fn settle_new(facts: &TableFacts<'_>, settled: &mut Settled, row: usize) {
    if facts.rows.origin(row) == (RowOrigin::Module { blank: true }) {
        settled.remarks.push((row, Remark::Blank));
        return;
    }
    if let Some(clash) = facts.clashes.get(&row) {
        settled.refuse_for(row, clash);
        return;
    }
    if facts.managers.contains(&row) {
        settled.remarks.push((row, Remark::Manager));
    }
    settled.inserts.push(row);
    settled.outcomes[row] = RowOutcome::Inserted;
    settled.counts.inseridos += 1;
}

fn settle_found(facts: &TableFacts<'_>, settled: &mut Settled, row: usize, place: usize) {
    let difference = &facts.differences[row];
    let present = &facts.present[place];
    let standing = |adopted| RowOutcome::Standing {
        present: place,
        adopted,
    };
    if facts.contract.insert_only {
        settled.counts.iguais += 1;
        if facts.remembered.contains(&row) {
            settled.outcomes[row] = standing(false);
        }
        return;
    }
    let differs = !difference.changes.is_empty();
    let known = FoundFacts {
        owner: &present.owner,
        differs,
        core: present.owner == RowOwner::Nobody && facts.core.is_core(&facts.wanted[row].key.key, &present.key),
        project: present.project,
        core_table: facts.contract.core_table,
        previously: facts.previous.contains(&facts.wanted[row].key) || facts.remembered.contains(&row),
    };
    let adopts = match decide(&known, facts.adoption) {
        Verdict::Equal => {
            settled.counts.iguais += 1;
            let is_core = present.owner == RowOwner::Shared && facts.core.holds(&facts.wanted[row].key.key);
            let is_ours = facts.remembered.contains(&row) || !is_core;
            settled.outcomes[row] = match present.owner {
                RowOwner::Own | RowOwner::Shared if is_ours => standing(false),
                _ => RowOutcome::Theirs,
            };
            return;
        }
        Verdict::LeaveToProject => {
            settled.outcomes[row] = standing(false);
            settled.counts.ignorados += 1;
            settled.remarks.push((row, Remark::Project));
            return;
        }
        Verdict::Conflict(reason) => return settled.refuse(row, || (reason, None)),
        Verdict::Alter => false,
        Verdict::Adopt => true,
    };
    if let Some(clash) = facts.clashes.get(&row) {
        return settled.refuse_for(row, clash);
    }
    settled.outcomes[row] = standing(adopts);
    write(facts, settled, row, difference, adopts, &present.identity);
}

fn write(
    facts: &TableFacts<'_>,
    settled: &mut Settled,
    row: usize,
    difference: &Difference,
    adopts: bool,
    identity: &PrimaryKey,
) {
    let differs = !difference.changes.is_empty();
    let mut changes = difference.changes.clone();
    if let Some(column) = facts.schema.owner().filter(|_| adopts) {
        changes.push(ColumnChange {
            column,
            value: NewValue::Owner,
        });
    }
    for kept in &difference.kept {
        if changes.iter().all(|change| change.column != kept.column) {
            changes.push(*kept);
        }
    }
    let last = settled.updates.last().filter(|last| *last.changes == *changes);
    let changes = last.map_or_else(|| changes.into(), |last| Arc::clone(&last.changes));
    settled.counts.preservados += u64::from(difference.has_companion);
    if adopts {
        settled.counts.adotados += 1;
    } else {
        settled.counts.alterados += 1;
    }
    settled.updates.push(Update {
        row,
        identity: identity.clone(),
        changes,
        adopts,
        differs,
        has_companion: difference.has_companion,
    });
}

/// Rows of this plugin that no row of the package means.
fn orphans(facts: &TableFacts<'_>) -> Vec<PrimaryKey> {
    let mut meant = vec![false; facts.present.len()];
    let mut listed = HashSet::new();
    for finding in facts.findings {
        match finding {
            Finding::Found { present, others } => {
                meant[*present] = true;
                for other in others {
                    meant[*other] = true;
                }
            }
            Finding::Ambiguous {
                candidates: Candidates(lists),
            } => {
                let new = lists.iter().filter(|list| listed.insert(list.as_ptr()));
                new.flat_map(|list| list.iter()).for_each(|place| meant[*place] = true);
            }
            Finding::New | Finding::Duplicate { .. } | Finding::Overruled | Finding::Absent(_) => {}
        }
    }
    let keys = |primary: bool| -> HashSet<&Key> {
        let of_kind = facts.wanted.iter().filter(|wanted| wanted.key.primary == primary);
        of_kind.map(|wanted| &wanted.key.key).collect()
    };
    let (natural, primary) = (keys(false), keys(true));
    let is_orphan = |(place, row): &(usize, &Present)| {
        let known = natural.contains(&row.key) || primary.contains(&row.identity_key);
        row.owner == RowOwner::Own && !meant[*place] && !known
    };
    let rows = facts.present.iter().enumerate().filter(is_orphan);
    rows.map(|(_, row)| row.identity.clone()).collect()
}

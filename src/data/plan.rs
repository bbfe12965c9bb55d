//! The plan: what will be inserted, changed, adopted or left alone, and the pure decisions that make it from facts.
//! Rows of the package are named by their place; no text is copied.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use super::adopt::{FoundFacts, Verdict, decide};
use super::conflict::{Conflict, ConflictReason, Notice};
use super::contract::Contract;
use super::core_keys::CoreTable;
use super::error::DataError;
use super::fault::RowPlace;
use super::find::{Finding, Identity, Owner, Present, Wanted, WantedKey};
use super::natural_key::Key;
use super::row_store::RowStore;
use super::schema::TableSchema;
use super::unique::Clash;
use super::user_modified::{Change, Difference, NewValue};
use crate::config::{Adoption, Conflicts};
use crate::model::{PackageRow, RowOrigin, TableName};
use crate::outcome::TableCounts;

/// What is to be done with all tables.
#[derive(Debug, Default)]
pub struct Plan {
    /// By table, in the package's order.
    pub tables: Vec<TablePlan>,
    /// Rows that may not be written.
    pub conflicts: Vec<Conflict>,
    /// What an operator should know.
    pub notices: Vec<Notice>,
    /// Tables of which the package brings nothing, where this plugin has rows: how many.
    pub abandoned: BTreeMap<TableName, u64>,
}

/// What is to be done with one table.
#[derive(Debug)]
pub struct TablePlan {
    /// Its place in the request.
    pub source: usize,
    /// The table.
    pub schema: TableSchema,
    /// Its contract.
    pub contract: Contract,
    /// Rows to insert, in the package's order.
    pub inserts: Vec<usize>,
    /// Rows to change.
    pub updates: Vec<Update>,
    /// Rows of this plugin that the package no longer brings.
    pub orphans: Vec<Identity>,
    /// Its counts.
    pub counts: TableCounts,
}

/// A row to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Place of the package's row.
    pub row: usize,
    /// The table's row.
    pub identity: Identity,
    /// Columns to write.
    pub changes: Vec<Change>,
    /// The row becomes the plugin's.
    pub adopts: bool,
    /// More than the owner changes.
    pub differs: bool,
    /// A package's value goes beside a user's one.
    pub aside: bool,
}

/// One row of a plan in words, for `--debug`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedRow {
    /// The table.
    pub table: String,
    /// `inserir`, `adotar` or `alterar`.
    pub acao: &'static str,
    /// The row.
    pub linha: String,
    /// Columns that are written, for a change.
    pub colunas: Vec<String>,
}

impl Plan {
    /// Counts by table, as a report shows them.
    pub fn counts(&self) -> BTreeMap<String, TableCounts> {
        let planned = self
            .tables
            .iter()
            .map(|table| (table.schema.name.to_string(), table.counts));
        let mut counts: BTreeMap<_, _> = planned.collect();
        for (table, rows) in &self.abandoned {
            counts.entry(table.to_string()).or_default().orfaos += rows;
        }
        counts
    }

    /// The sum over all tables.
    pub fn total(&self) -> TableCounts {
        self.counts().values().fold(TableCounts::default(), |mut sum, counts| {
            sum.inseridos += counts.inseridos;
            sum.adotados += counts.adotados;
            sum.alterados += counts.alterados;
            sum.iguais += counts.iguais;
            sum.preservados += counts.preservados;
            sum.orfaos += counts.orfaos;
            sum.ignorados += counts.ignorados;
            sum
        })
    }

    /// Rows that will be written.
    pub fn writes(&self) -> usize {
        self.tables
            .iter()
            .map(|table| table.inserts.len() + table.updates.len())
            .sum()
    }

    /// Fails when there are conflicts and they stop an installation (`conflitos=abortar`).
    pub fn check(&self, conflicts: Conflicts) -> Result<(), DataError> {
        if conflicts == Conflicts::Abort && !self.conflicts.is_empty() {
            return Err(DataError::Conflicts(self.conflicts.clone()));
        }
        Ok(())
    }

    /// Rows without owner that are taken over with other content than the package's: their content is worth keeping
    /// (see `write_adopted`).
    pub fn adopts_content(&self) -> bool {
        self.tables.iter().any(|table| table.adopted().next().is_some())
    }

    /// Rows that the package no longer brings (see `write_orphans`).
    pub fn has_orphans(&self) -> bool {
        self.total().orfaos > 0
    }
}

impl TablePlan {
    /// Primary keys of adopted rows whose content changes.
    pub fn adopted(&self) -> impl Iterator<Item = &Identity> {
        let kept = self.updates.iter().filter(|update| update.adopts && update.differs);
        kept.map(|update| &update.identity)
    }

    /// Its rows in words. Rows are read back for it, so it is for those who want each one told.
    pub fn rows<'s>(&'s self, rows: &'s RowStore) -> impl Iterator<Item = PlannedRow> + 's {
        let name = |acao, row: usize, changes: &[Change]| PlannedRow {
            table: self.schema.name.to_string(),
            acao,
            linha: rows
                .get(row)
                .map_or_else(|_| format!("row {}", row + 1), |row| shown_row(&row)),
            colunas: changes
                .iter()
                .map(|change| self.schema.columns[change.column].name.to_string())
                .collect(),
        };
        let inserts = self.inserts.iter().map(move |row| name("inserir", *row, &[]));
        let updates = self.updates.iter().map(move |update| {
            let acao = if update.adopts { "adotar" } else { "alterar" };
            name(acao, update.row, &update.changes)
        });
        inserts.chain(updates)
    }
}

/// A row of the package in words.
pub(super) fn shown_row(row: &PackageRow) -> String {
    format!("{}, {}", row.source, RowPlace::of(row))
}

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
    pub differences: Vec<Difference>,
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
}

/// A table's plan with what has to be said about it.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Rows to insert.
    pub inserts: Vec<usize>,
    /// Rows to change.
    pub updates: Vec<Update>,
    /// Rows that the package no longer brings.
    pub orphans: Vec<Identity>,
    /// Counts.
    pub counts: TableCounts,
    /// Rows that may not be written.
    pub refusals: Vec<Refusal>,
    /// What an operator should know of single rows.
    pub remarks: Vec<(usize, Remark)>,
}

/// A row that may not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Its place.
    pub row: usize,
    /// Why not, and because of which other row of the package.
    pub clash: Clash,
}

/// What an operator should know of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remark {
    /// Several rows of this plugin have its key.
    SeveralOwnRows(Vec<String>),
    /// It has no content, so it is not made.
    Blank,
    /// It is a new user who may do everything.
    Manager,
    /// The site's project has it.
    Project,
}

/// Decides about every row of a table.
pub(super) fn settle(mut facts: TableFacts<'_>) -> Settled {
    let mut settled = Settled::default();
    for row in 0..facts.wanted.len() {
        match &facts.findings[row] {
            Finding::Overruled => {}
            Finding::Duplicate { first } => {
                let twin = if *first == row { next_twin(&facts, row) } else { *first };
                let first = String::new();
                settled.refuse(row, ConflictReason::Duplicate { first }, Some(twin));
            }
            Finding::Ambiguous { candidates } => {
                let candidates = shown_identities(&facts, candidates);
                settled.refuse(row, ConflictReason::Ambiguous { candidates }, None);
            }
            Finding::New => settle_new(&facts, &mut settled, row),
            Finding::Found { present, others } => {
                if !others.is_empty() {
                    let candidates = shown_identities(&facts, std::iter::once(present).chain(others));
                    settled.remarks.push((row, Remark::SeveralOwnRows(candidates)));
                }
                let difference = std::mem::take(&mut facts.differences[row]);
                settle_found(&facts, &mut settled, row, *present, difference);
            }
        }
    }
    if facts.orphans {
        settled.orphans = orphans(&facts);
        settled.counts.orfaos = settled.orphans.len() as u64;
    }
    settled
}

impl Settled {
    fn refuse(&mut self, row: usize, reason: ConflictReason, twin: Option<usize>) {
        self.counts.ignorados += 1;
        self.refusals.push(Refusal {
            row,
            clash: Clash { reason, twin },
        });
    }
}

/// The other row with the same key, for the message of the first one.
fn next_twin(facts: &TableFacts<'_>, row: usize) -> usize {
    let twin = |other: &usize| facts.findings[*other] == Finding::Duplicate { first: row };
    (row + 1..facts.findings.len()).find(twin).unwrap_or(row)
}

fn shown_identities<'i>(facts: &TableFacts<'_>, places: impl IntoIterator<Item = &'i usize>) -> Vec<String> {
    places
        .into_iter()
        .map(|place| shown_identity(&facts.present[*place].identity))
        .collect()
}

/// A primary key in words.
pub(super) fn shown_identity(identity: &Identity) -> String {
    let parts: Vec<_> = identity.iter().map(|part| String::from_utf8_lossy(part)).collect();
    parts.join("/")
}

fn settle_new(facts: &TableFacts<'_>, settled: &mut Settled, row: usize) {
    if facts.rows.origin(row) == (RowOrigin::Module { blank: true }) {
        settled.remarks.push((row, Remark::Blank));
        return;
    }
    if let Some(clash) = facts.clashes.get(&row) {
        settled.refuse(row, clash.reason.clone(), clash.twin);
        return;
    }
    if facts.managers.contains(&row) {
        settled.remarks.push((row, Remark::Manager));
    }
    settled.inserts.push(row);
    settled.counts.inseridos += 1;
}

fn settle_found(facts: &TableFacts<'_>, settled: &mut Settled, row: usize, place: usize, difference: Difference) {
    if facts.contract.insert_only {
        settled.counts.iguais += 1;
        return;
    }
    let present = &facts.present[place];
    let differs = !difference.changes.is_empty();
    let known = FoundFacts {
        owner: &present.owner,
        differs,
        core: present.owner == Owner::Nobody && facts.core.is_core(&facts.wanted[row].key.key, &present.key),
        project: present.project,
        core_table: facts.contract.core_table,
        previously: facts.previous.contains(&facts.wanted[row].key),
    };
    let adopts = match decide(&known, facts.adoption) {
        Verdict::Equal => {
            settled.counts.iguais += 1;
            return;
        }
        Verdict::LeaveToProject => {
            settled.counts.ignorados += 1;
            settled.remarks.push((row, Remark::Project));
            return;
        }
        Verdict::Conflict(reason) => return settled.refuse(row, reason, None),
        Verdict::Alter => false,
        Verdict::Adopt => true,
    };
    if let Some(clash) = facts.clashes.get(&row) {
        return settled.refuse(row, clash.reason.clone(), clash.twin);
    }
    write(facts, settled, row, difference, adopts, &present.identity);
}

fn write(
    facts: &TableFacts<'_>,
    settled: &mut Settled,
    row: usize,
    difference: Difference,
    adopts: bool,
    identity: &Identity,
) {
    let differs = !difference.changes.is_empty();
    let mut changes = difference.changes;
    if let Some(column) = facts.schema.owner().filter(|_| adopts) {
        changes.push(Change {
            column,
            value: NewValue::Owner,
        });
    }
    changes.shrink_to_fit();
    settled.counts.preservados += u64::from(difference.aside);
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
        aside: difference.aside,
    });
}

/// Rows of this plugin that no row of the package means.
fn orphans(facts: &TableFacts<'_>) -> Vec<Identity> {
    let mut meant = vec![false; facts.present.len()];
    for finding in facts.findings {
        match finding {
            Finding::Found { present, others } => {
                meant[*present] = true;
                for other in others {
                    meant[*other] = true;
                }
            }
            Finding::Ambiguous { candidates } => candidates.iter().for_each(|place| meant[*place] = true),
            Finding::New | Finding::Duplicate { .. } | Finding::Overruled => {}
        }
    }
    let keys = |primary: bool| -> HashSet<&Key> {
        let of_kind = facts.wanted.iter().filter(|wanted| wanted.key.primary == primary);
        of_kind.map(|wanted| &wanted.key.key).collect()
    };
    let (natural, primary) = (keys(false), keys(true));
    let is_orphan = |(place, row): &(usize, &Present)| {
        let known = natural.contains(&row.key) || primary.contains(&row.identity_key);
        row.owner == Owner::Own && !meant[*place] && !known
    };
    let rows = facts.present.iter().enumerate().filter(is_orphan);
    rows.map(|(_, row)| row.identity.clone()).collect()
}

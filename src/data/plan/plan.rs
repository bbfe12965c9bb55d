//! The plan: what will be inserted, changed, adopted or left alone, and the pure decisions that make it from facts.
//! Rows of the package are named by their place; no text is copied.

use std::collections::{BTreeMap, BTreeSet};

use super::follow::UsersReferences;
use super::park::Park;
use super::remember::TableMerge;
use super::update::Update;
use crate::base::listed::Listed;
use crate::config::Conflicts;
use crate::data::fit::change::ColumnChange;
use crate::data::fit::find::PrimaryKey;
use crate::data::package::conflict::{Conflict, Notice};
use crate::data::package::error::DataError;
use crate::data::package::phrases;
use crate::data::package::row_store::RowStore;
use crate::data::table::contract::Contract;
use crate::data::table::schema::TableSchema;
use crate::ledger::MergeConflict;
use crate::model::{Phrase, TableName};
use crate::outcome::TableCounts;

/// What is to be done with all tables.
#[derive(Debug, Default)]
pub struct Plan {
    /// By table, in the package's order, but after those that they refer to.
    pub tables: Vec<TablePlan>,
    /// Rows that may not be written.
    pub conflicts: Listed<Conflict>,
    /// Rows with values that both a user and the package changed, where that stops an installation (`fusao=abortar`).
    pub refused: Listed<Conflict>,
    /// What an operator should know.
    pub notices: Listed<Notice>,
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
    /// Tables that rows to be written refer to.
    pub refers_to: BTreeSet<TableName>,
    /// Tables of this plan that refer to each other in a circle of which this one is a part; it comes first.
    pub circle: Vec<TableName>,
    /// Rows whose UNIQUE value another row takes before they get their own.
    pub parks: Vec<Park>,
    /// Rows to insert, in the package's order, but after those that they refer to.
    pub inserts: Vec<usize>,
    /// Rows to change: those together that change the same columns.
    pub updates: Vec<Update>,
    /// Rows of this plugin that the package no longer brings.
    pub orphans: Vec<PrimaryKey>,
    /// Its counts.
    pub counts: TableCounts,
    /// Rows of descriptors that say nothing, because a data file has their key.
    pub overruled: u64,
    /// What merging leaves behind besides; nothing where rows are not merged.
    pub merge: Option<TableMerge>,
}

/// One row of a plan in words, for `--debug`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRow {
    /// The table.
    pub table: String,
    /// `inserir`, `adotar` or `alterar`.
    pub acao: &'static str,
    /// The row.
    pub linha: Phrase,
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
            sum.mantidos += counts.mantidos;
            sum.conflitos += counts.conflitos;
            sum.apagados += counts.apagados;
            sum.removidos += counts.removidos;
            sum.devolvidos += counts.devolvidos;
            sum
        })
    }

    /// Values change that rows of other tables of this plan refer to, so that the database may change these too.
    pub(in crate::data) fn moves_parents(&self) -> bool {
        let moves = |parent: &TablePlan, name: &str| {
            let column = parent.schema.position(name);
            let mut changes = parent.updates.iter().flat_map(|update| update.changes.iter());
            changes.any(|change| Some(change.column) == column)
        };
        let references = self.tables.iter().flat_map(|table| &table.schema.references);
        let mut referred = references.filter_map(|reference| {
            let parent = self.tables.iter().find(|table| table.schema.name == reference.table)?;
            Some((parent, &reference.parents))
        });
        referred.any(|(parent, names)| names.iter().any(|name| moves(parent, name)))
    }

    /// The references in which users' values stay, where all rows were read.
    pub(in crate::data) fn users_references(&self) -> UsersReferences {
        let mut users = UsersReferences::default();
        for table in &self.tables {
            let stays = table.merge.iter().flat_map(|merge| &merge.stays);
            users.insert(&table.schema.name, stays.copied());
        }
        users
    }

    /// Rows that will be written.
    pub fn writes(&self) -> usize {
        self.tables
            .iter()
            .map(|table| table.inserts.len() + table.updates.len())
            .sum()
    }

    /// Nothing is written, deleted or recorded.
    pub fn is_idle(&self) -> bool {
        let leaves = |merge: &TableMerge| {
            let written = [&merge.removes, &merge.inactivates, &merge.returns];
            written.into_iter().all(Vec::is_empty) && merge.conflicts.is_empty()
        };
        self.writes() == 0 && self.tables.iter().filter_map(|table| table.merge.as_ref()).all(leaves)
    }

    /// Conflicts that merging found.
    pub fn merge_conflicts(&self) -> impl Iterator<Item = &MergeConflict> {
        let merges = self.tables.iter().filter_map(|table| table.merge.as_ref());
        merges.flat_map(|merge| &merge.conflicts)
    }

    /// Fails when there are conflicts and they stop an installation (`conflitos=abortar`, `fusao=abortar`).
    pub fn check(&self, conflicts: Conflicts) -> Result<(), DataError> {
        if !self.refused.is_empty() {
            return Err(DataError::Conflicts(self.refused.clone()));
        }
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
    pub fn adopted(&self) -> impl Iterator<Item = &PrimaryKey> {
        let kept = self.updates.iter().filter(|update| update.adopts && update.differs);
        kept.map(|update| &update.identity)
    }

    /// Its rows in words. Rows are read back for it, so it is for those who want each one told.
    pub fn rows<'s>(&'s self, rows: &'s RowStore) -> impl Iterator<Item = PlannedRow> + 's {
        let name = |acao, row: usize, changes: &[ColumnChange]| PlannedRow {
            table: self.schema.name.to_string(),
            acao,
            linha: rows
                .get(row)
                .map_or_else(|_| phrases::row_number(row + 1), |row| phrases::row(&row)),
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

//! What a site's database looks like after an installation (SPEC §6).
//!
//! ```text
//! data files ──parse_data_file──▶ rows ─┐
//! descriptors (room `resources`) ──────┴▶ TableRows ──plan──▶ Plan ──apply──▶ database
//! ```
//!
//! Inside one transaction: [`plan`] checks every value, finds and locks the rows that are meant, and compares contents;
//! [`Plan::check`] stops at conflicts; [`write_adopted`] and [`write_orphans`] set contents aside; [`apply`] writes.
//! A dry run ends after [`plan`]. Whatever fails, the caller rolls back. Errors tell whether the package's shape is at
//! fault ([`DataError::is_shape`]) and whether running again may help ([`DataError::is_retryable`]).
//!
//! The package's rows stay in a [`RowStore`], mostly on disk; they and the table's contents are gone through in windows.
//!
//! Deciding is pure (`contract`, `layout`, `natural_key`, `survey`, `search`, `find`, `user_modified`, `unique`, `adopt`,
//! `settle`, `value`, `canonical`, `equal`, `json_text`, `column_facts`, `order`, `sql`); `study` conducts; `inspect`, `fetch`, `contents`, `known_table`, `compare`, `park` and `paths` read, `batch` builds
//! statements, `apply` writes, `export` copies out, `gestor_files` reads the gestor's `db/data/`.

mod adopt;
mod apply;
mod base_view;
mod batch;
mod canonical;
#[cfg(test)]
mod canonical_tests;
mod change;
mod column_facts;
mod column_words;
mod compare;
mod conflict;
mod contents;
mod contract;
mod core_keys;
mod data_file;
mod difference;
mod digests;
mod equal;
mod error;
mod export;
mod fault;
mod fetch;
mod find;
mod follow;
mod gestor_files;
mod inspect;
mod json_text;
mod known_table;
mod layout;
mod leave;
mod leaving;
mod merge;
mod merge_row;
mod merge_study;
mod merging;
mod messages;
mod moment;
mod naming;
mod natural_key;
mod number;
mod order;
mod park;
mod paths;
mod phrases;
mod plan;
mod rebuild;
mod remember;
mod row_store;
mod row_text;
mod schema;
mod search;
mod sequence;
mod settle;
mod sql;
mod standing;
mod study;
mod study_merge;
mod survey;
mod table_name;
mod texts;
mod unique;
mod update;
mod user_modified;
mod value;
mod watch;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use apply::{Applied, apply, apply_merged};
pub use batch::statements;
pub use change::{Change, NewValue};
pub use conflict::{Conflict, ConflictReason, Notice};
pub use contract::{Contract, Contracts, Declaration, Declarations, KeyRule, may_lack_owner};
pub use core_keys::{CoreTable, write as write_core_keys};
pub use data_file::{DataFileError, parse as parse_data_file, parse_each as parse_data_rows};
pub use error::{DataError, RefusedRow};
pub use export::{orphan_tables, write_adopted, write_orphans};
pub use fault::{Fault, FaultKind, RowPlace};
pub use find::Identity;
pub use gestor_files::{CoreKeys, read_contracts};
pub use json_text::compact as compact_json;
pub use leaving::{SaveRow, apply_left, complete_base, save_values};
pub use merge::MergeRules;
pub use merging::{Merging, StandingConflict};
pub use park::Park;
pub use plan::{Plan, PlannedRow, TablePlan};
pub use rebuild::rebuild_base;
pub use remember::TableMerge;
pub use row_store::RowStore;
pub use schema::{Column, DefaultValue, Kind, Reference, TableSchema, UniqueIndex};
pub use standing::{Decided, FieldWrite, OwnRow, Put, StandingRow, StandingTable, standing_tables};
pub use study::{plan, plan_merged};
pub use table_name::{derive as derive_table, is_forbidden, of_file as table_of_file};
pub use update::Update;

use crate::base::db::Database;
use crate::config::RowPolicy;
use crate::model::{PackageRow, Slug, TableName};

/// The package's rows of one table: those of data files first, then those of descriptors.
#[derive(Debug)]
pub struct TableRows {
    /// The table.
    pub table: TableName,
    /// Its rows.
    pub rows: RowStore,
}

/// The package's rows of all tables, as they are put together: one entry a table, in the order in which tables first
/// come. Rows go to a file as they come, so that no more than a few are in memory.
#[derive(Debug)]
pub struct Tables {
    folder: Option<PathBuf>,
    places: BTreeMap<TableName, usize>,
    made: Vec<TableRows>,
    /// Bytes of rows that were added since all went to their files.
    held: usize,
}

/// Bytes of rows of all tables together that are kept in memory.
const HELD: usize = 4 << 20;

impl Tables {
    /// No tables yet. Many rows go to a file without name in `folder`; without a folder they stay in memory.
    pub fn new(folder: Option<&Path>) -> Self {
        Self {
            folder: folder.map(Path::to_owned),
            places: BTreeMap::new(),
            made: Vec::new(),
            held: 0,
        }
    }

    /// Names a table, so that it is there even without rows.
    pub fn open(&mut self, table: &TableName) -> &mut TableRows {
        let next = self.made.len();
        let place = *self.places.entry(table.clone()).or_insert(next);
        if place == next {
            self.made.push(TableRows {
                table: table.clone(),
                rows: self
                    .folder
                    .as_deref()
                    .map_or_else(RowStore::in_memory, RowStore::in_folder),
            });
        }
        &mut self.made[place]
    }

    /// Adds rows of a table.
    pub fn add(&mut self, table: &TableName, rows: &[PackageRow]) -> Result<(), DataError> {
        let store = &mut self.open(table).rows;
        let before = store.len();
        store.extend(rows).map_err(DataError::Rows)?;
        self.held += (before..store.len()).map(|row| store.size(row)).sum::<usize>();
        if self.held > HELD {
            self.held = 0;
            self.made
                .iter_mut()
                .try_for_each(|table| table.rows.release())
                .map_err(DataError::Rows)?;
        }
        Ok(())
    }

    /// Their rows so far.
    pub fn count(&self) -> u64 {
        self.made.iter().map(|table| table.rows.len() as u64).sum()
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &TableName> {
        self.made.iter().map(|rows| &rows.table)
    }

    /// The tables.
    pub fn finish(self) -> Vec<TableRows> {
        self.made
    }
}

impl TableRows {
    /// A table without rows.
    pub fn none(table: TableName) -> Self {
        Self {
            table,
            rows: RowStore::in_memory(),
        }
    }

    /// Puts rows of several sources together, in memory.
    pub fn collect(sources: impl IntoIterator<Item = (TableName, Vec<PackageRow>)>) -> Result<Vec<Self>, DataError> {
        let mut tables = Tables::new(None);
        for (table, rows) in sources {
            tables.add(&table, &rows)?;
        }
        Ok(tables.finish())
    }
}

/// What is to be synchronized, and how.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The plugin.
    pub slug: &'a Slug,
    /// Its rows, one entry a table (see [`Tables`]).
    pub tables: &'a [TableRows],
    /// What happens to rows of nobody, in conflict, and no longer brought.
    pub policy: RowPolicy,
    /// The contracts (see [`read_contracts`]).
    pub contracts: &'a Contracts,
    /// The gestor's own rows (see [`CoreKeys::read`]).
    pub core: &'a CoreKeys,
    /// Rows of the previously installed package of this plugin, for tables without owner column.
    pub previous: Option<&'a [TableRows]>,
}

/// How many rows of each table one plugin has.
pub fn count_rows(database: &mut Database, slug: &Slug) -> Result<BTreeMap<TableName, u64>, DataError> {
    let tables = inspect::read_owned_tables(database)?;
    inspect::count_owned(database, &tables, slug)
}

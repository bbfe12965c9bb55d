//! Which row of a table a conflict is about, and what a kept package says of it: found as a merge finds it. Deciding is
//! pure; reading is one statement each.

use std::collections::BTreeMap;

use super::fetch::{is_set, read_keys};
use super::leave::is_renamed;
use super::order;
use super::standing::{CurrentRow, CurrentTable};
use crate::base::db::Database;
use crate::data::fit::canonical::{canonical_stored, row_key};
use crate::data::fit::change::{Marks, companion_in};
use crate::data::fit::column_map::Table;
use crate::data::fit::digests::row_digests;
use crate::data::fit::find::PrimaryKey;
use crate::data::package::error::DataError;
use crate::data::package::row_store::RowStore;
use crate::ledger::RowKey;
use crate::model::{Slug, TableName};

/// What stands where the row of a conflict is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConflictedRow {
    /// The row, with its primary key.
    Row(PrimaryKey, CurrentRow),
    /// A row with its key that the plugin does not write: another owner's, nobody's, or the site's project's.
    Foreign,
    /// Nothing.
    Gone,
}

/// A row as a conflict names it.
#[derive(Debug, Clone, Copy)]
pub struct NamedRow<'n> {
    /// Its key.
    pub key: &'n RowKey,
    /// The primary key that it had.
    pub identity: &'n PrimaryKey,
}

/// A row of the plugin's own: its primary key, and its keys as a base names rows.
#[derive(Debug)]
pub struct OwnRow {
    /// Its primary key.
    pub identity: PrimaryKey,
    /// By its key, and by its primary key.
    pub keys: [RowKey; 2],
    /// Its key in words.
    pub shown: String,
}

impl CurrentTable {
    /// The plugin's own rows; none where the table has no owners.
    pub fn own_rows(&self, database: &mut Database, slug: &Slug) -> Result<Vec<OwnRow>, DataError> {
        if self.schema.owner().is_none() {
            return Ok(Vec::new());
        }
        let rows = read_keys(database, &self.schema, self.contract.key.columns(), slug)?;
        Ok(rows
            .into_iter()
            .map(|row| OwnRow {
                keys: [row_key(&row.key, false), row_key(&row.identity_key, true)],
                shown: row.key.join(", "),
                identity: row.identity,
            })
            .collect())
    }

    /// Finds a row: by its key; else the row that the base names, where it is still that one under another key. With
    /// `locked` it stays so until the transaction ends.
    pub fn find(
        &self,
        database: &mut Database,
        slug: &Slug,
        named: NamedRow<'_>,
        locked: bool,
    ) -> Result<ConflictedRow, DataError> {
        let entry = self.view.entry(named.key);
        let by_base = entry.map(|entry| self.view.entries[entry].identity.clone());
        let mut identities = vec![named.identity.clone()];
        identities.extend(by_base.clone());
        let mut foreign = false;
        for is_searched in [false, true] {
            if is_searched {
                identities = self.with_key(database, slug, named.key)?;
            }
            for (identity, row) in self.read_named(database, &identities, locked)? {
                if self.keys(&row).contains(named.key) {
                    if self.is_written(&row, slug) {
                        return Ok(ConflictedRow::Row(identity, row));
                    }
                    foreign = true;
                }
            }
        }
        if let (false, Some(entry), Some(identity)) = (foreign, entry, by_base) {
            for (identity, row) in self.read_named(database, &[identity], locked)? {
                if self.is_written(&row, slug) && self.is_still(entry, (&identity, &row)) {
                    return Ok(ConflictedRow::Row(identity, row));
                }
            }
        }
        Ok(if foreign {
            ConflictedRow::Foreign
        } else {
            ConflictedRow::Gone
        })
    }

    fn read_named(
        &self,
        database: &mut Database,
        identities: &[PrimaryKey],
        locked: bool,
    ) -> Result<Vec<(PrimaryKey, CurrentRow)>, DataError> {
        let width = self.schema.identity.len();
        let identities: Vec<&PrimaryKey> = identities.iter().filter(|parts| parts.len() == width).collect();
        let rows = self.read(database, &identities, locked)?;
        let found = identities.into_iter().zip(rows);
        Ok(found
            .filter_map(|(identity, row)| Some((identity.clone(), row?)))
            .collect())
    }

    /// Primary keys of the rows with a key: among the plugin's own, or among all where rows have no owner.
    fn with_key(&self, database: &mut Database, slug: &Slug, key: &RowKey) -> Result<Vec<PrimaryKey>, DataError> {
        let columns = self.contract.key.columns();
        let rows = read_keys(database, &self.schema, columns, slug)?;
        let has_key = |row: &crate::data::fit::find::Present| {
            [row_key(&row.key, false), row_key(&row.identity_key, true)].contains(key)
        };
        Ok(rows.into_iter().filter(has_key).map(|row| row.identity).collect())
    }

    /// The plugin writes the row: it is its own, or nobody has owners there, and the site's project did not change it.
    fn is_written(&self, row: &CurrentRow, slug: &Slug) -> bool {
        let project = self.schema.position("project");
        let is_projects =
            project.is_some_and(|project| is_set(&self.schema.columns[project].kind, row[project].as_deref()));
        !self.is_foreign(row, slug) && !is_projects
    }

    /// ①b: the row is the entry's, under a key that no other entry has.
    fn is_still(&self, entry: usize, (identity, row): (&PrimaryKey, &CurrentRow)) -> bool {
        let view = &self.view;
        let is_anothers = self.keys(row).iter().any(|key| view.entry(key).is_some());
        if is_anothers || view.naming(identity) != Some(entry) {
            return false;
        }
        let known = view.known(entry, self.contract.key.columns());
        let equal = view.equal(&self.schema, entry, &known, &|column| row[column].as_deref());
        is_renamed(equal, known.len())
    }

    /// Whether a value is what a package last gave for a column; nothing where that is not known.
    pub fn is_theirs(&self, key: &RowKey, (column, value): (usize, Option<&[u8]>)) -> Option<bool> {
        let known = self.view.entries[self.view.entry(key)?].fields[column]?;
        Some(canonical_stored(&self.schema.columns[column], value).digest() == known)
    }

    /// Whether a row of a package gives nothing but what the base remembers of it; nothing where the base has no entry.
    pub fn is_remembered(&self, key: &RowKey, (rows, row): (&RowStore, usize)) -> Result<Option<bool>, DataError> {
        let Some(entry) = self.view.entry(key) else {
            return Ok(None);
        };
        let loaded = rows.load([row]).map_err(DataError::Rows)?;
        let table = Table::new(&self.schema, &self.contract, &loaded);
        let digests = row_digests(&table, 0, Marks::of(&table));
        Ok(Some(self.view.is_unchanged(entry, &digests.fields)))
    }

    /// The column in which a package's value waits beside a user's.
    pub fn companion_of(&self, column: usize) -> Option<usize> {
        companion_in(&self.schema, column)
    }

    /// A column that refers to rows of its own table.
    pub fn refers_to_itself(&self, column: usize) -> bool {
        let mut references = self.schema.references.iter();
        references.any(|reference| reference.table == self.schema.name && reference.columns.contains(&column))
    }
}

/// The places of tables such that those that others refer to come before these.
pub fn standing_order(tables: &BTreeMap<TableName, CurrentTable>) -> BTreeMap<TableName, usize> {
    let names: Vec<&TableName> = tables.keys().collect();
    let parents: Vec<Vec<usize>> = tables
        .values()
        .map(|table| {
            let references = table.schema.references.iter();
            let places = references.filter_map(|reference| names.binary_search(&&reference.table).ok());
            places.filter(|place| names[*place] != table.name()).collect()
        })
        .collect();
    let order = order::sorted(&parents).into_iter().enumerate();
    order.map(|(rank, place)| (names[place].clone(), rank)).collect()
}

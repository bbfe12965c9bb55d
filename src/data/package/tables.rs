//! The package's rows by table, as they are put together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::DataError;
use super::row_store::RowStore;
use crate::model::{PackageRow, TableName};

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
    /// More than that was added.
    are_many: bool,
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
            are_many: false,
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
            self.release()?;
        }
        Ok(())
    }

    /// What is held goes to the files, where there is a folder for them.
    fn release(&mut self) -> Result<(), DataError> {
        (self.held, self.are_many) = (0, true);
        let mut tables = self.made.iter_mut();
        tables
            .try_for_each(|table| table.rows.release())
            .map_err(DataError::Rows)
    }

    /// Their rows so far.
    pub fn count(&self) -> u64 {
        self.made.iter().map(|table| table.rows.len() as u64).sum()
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &TableName> {
        self.made.iter().map(|rows| &rows.table)
    }

    /// The tables. Of many rows the last ones are not held either.
    pub fn finish(mut self) -> Result<Vec<TableRows>, DataError> {
        if self.are_many {
            self.release()?;
        }
        Ok(self.made)
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
        tables.finish()
    }
}

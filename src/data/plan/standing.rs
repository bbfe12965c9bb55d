//! Single rows of a table as they stand, for operations that look at what users did, and what a base says of them. What is
//! decided here is pure; reading is one statement.

use std::collections::BTreeMap;

use super::fetch::{CHUNK, owner_of};
use super::merge_row::is_derived;
use super::overruled::Overruled;
use super::standing_value::{bit_digits, bytes_of};
use super::survey::wanted_key;
use crate::base::db::Database;
use crate::data::fit::base_view::{BaseView, place_in};
use crate::data::fit::canonical::{canonical_stored, row_key};
use crate::data::fit::change::companion_in;
use crate::data::fit::column_map::Table;
use crate::data::fit::find::{PrimaryKey, RowOwner};
use crate::data::fit::natural_key::{Key, fold_stored};
use crate::data::package::error::DataError;
use crate::data::package::row_store::RowStore;
use crate::data::package::tables::TableRows;
use crate::data::sql;
use crate::data::table::contract::{Contract, Contracts};
use crate::data::table::inspect;
use crate::data::table::schema::{ColumnType, TableSchema};
use crate::data::table::texts::texts;
use crate::ledger::{Base, Entry, FieldDigest, RowKey, TableBase};
use crate::model::{Slug, TableName};

/// What the server shows of a row, by column; `None` is NULL.
pub type CurrentRow = Vec<Option<Vec<u8>>>;

/// A table whose single rows are looked at.
#[derive(Debug)]
pub struct CurrentTable {
    pub(super) schema: TableSchema,
    pub(super) contract: Contract,
    /// What packages last brought.
    pub(super) view: BaseView,
}

/// How these tables look, and what `base` says of their rows; those that are not there are not here.
pub fn standing_tables(
    database: &mut Database,
    contracts: &Contracts,
    tables: &[&TableName],
    base: &Base,
) -> Result<BTreeMap<TableName, CurrentTable>, DataError> {
    let schemas = inspect::inspect(database, tables, false)?.schemas;
    let known = schemas.into_iter().map(|(name, mut schema)| {
        let contract = contracts.resolve(&schema);
        if schema.identity.is_empty() {
            schema.identity = contract.stand_in_identity(&schema);
        }
        let view = BaseView::of(base.get(&name), &schema);
        let table = CurrentTable { schema, contract, view };
        (name, table)
    });
    Ok(known.filter(|(_, table)| !table.schema.identity.is_empty()).collect())
}

impl CurrentTable {
    /// The table's name.
    pub fn name(&self) -> &TableName {
        &self.schema.name
    }

    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.schema.position(name)
    }

    /// How it looks.
    pub(in crate::data) fn schema(&self) -> &TableSchema {
        &self.schema
    }

    /// Its rows have owners.
    pub fn has_owner(&self) -> bool {
        self.schema.owner().is_some()
    }

    /// Its rows are only ever added.
    pub(super) fn is_insert_only(&self) -> bool {
        self.contract.insert_only
    }

    /// The name of a column.
    pub fn column_name(&self, column: usize) -> &str {
        self.schema.columns[column].name.as_str()
    }

    /// Reads rows by primary key, all columns; `None` for one that is not there. With `locked` they stay so until the
    /// transaction ends.
    pub fn read(
        &self,
        database: &mut Database,
        identities: &[&PrimaryKey],
        locked: bool,
    ) -> Result<Vec<Option<CurrentRow>>, DataError> {
        let mut found = BTreeMap::new();
        for chunk in identities.chunks(CHUNK) {
            let mut statement = sql::select_all(&self.schema);
            sql::push_identities(&mut statement, &self.schema, chunk.iter().copied());
            if locked {
                sql::push_lock(&mut statement);
            }
            for row in database.query(statement)? {
                let row = texts(row);
                found.insert(self.identity_of(&row), row);
            }
        }
        Ok(identities
            .iter()
            .map(|identity| found.get(*identity).cloned())
            .collect())
    }

    pub(in crate::data) fn identity_of(&self, row: &CurrentRow) -> PrimaryKey {
        let part = |column: &usize| row[*column].clone().unwrap_or_default().into_boxed_slice();
        self.schema.identity.iter().map(part).collect()
    }

    /// The keys by which a base can name a row.
    pub fn keys(&self, row: &CurrentRow) -> [RowKey; 2] {
        let key = |columns: &[usize]| -> Key {
            let fold = |column: &usize| fold_stored(&self.schema.columns[*column], row[*column].as_deref());
            columns.iter().map(fold).collect()
        };
        [
            row_key(&key(self.contract.key.columns()), false),
            row_key(&key(&self.schema.primary), true),
        ]
    }

    /// A value as it is told: a `BIT` in digits.
    pub fn told(&self, column: usize, value: Option<Vec<u8>>) -> Option<Vec<u8>> {
        match self.schema.columns[column].kind {
            ColumnType::Bit { .. } => value.map(|bytes| bit_digits(&bytes).into_bytes()),
            _ => value,
        }
    }

    /// A row's key in words.
    pub fn shown(&self, row: &CurrentRow) -> String {
        let columns = match self.contract.key.columns() {
            [] => &self.schema.identity,
            columns => columns,
        };
        let text = |column: &usize| String::from_utf8_lossy(row[*column].as_deref().unwrap_or_default()).into_owned();
        columns.iter().map(text).collect::<Vec<_>>().join(", ")
    }

    /// Whether the row is somebody else's now, or nobody's.
    pub fn is_foreign(&self, row: &CurrentRow, slug: &Slug) -> bool {
        self.schema
            .owner()
            .is_some_and(|owner| owner_of(row[owner].as_deref(), slug) != RowOwner::Own)
    }

    /// Columns in which a row is not as its package brought it. Those that follow from others do not count.
    pub fn edited(&self, base: &TableBase, entry: &Entry, row: &CurrentRow) -> Vec<String> {
        let differs = |column: &usize| {
            let column = *column;
            !is_derived(self.column_name(column)) && self.differs(base, entry, row, column)
        };
        let columns = (0..self.schema.columns.len()).filter(differs);
        columns.map(|column| self.column_name(column).to_owned()).collect()
    }

    pub(super) fn differs(&self, base: &TableBase, entry: &Entry, row: &CurrentRow, column: usize) -> bool {
        let place = place_in(base, &self.schema.columns[column]);
        let known = place.and_then(|place| entry.fields.get(place).copied().flatten());
        known.is_some_and(|known| known != self.digest(row, column))
    }

    fn digest(&self, row: &CurrentRow, column: usize) -> FieldDigest {
        canonical_stored(&self.schema.columns[column], row[column].as_deref()).digest()
    }

    /// Companions in which a package's value waits.
    pub fn waiting(&self, row: &CurrentRow) -> Vec<usize> {
        let companions = self
            .contract
            .preserve
            .iter()
            .filter_map(|column| companion_in(&self.schema, *column));
        companions.filter(|companion| row[*companion].is_some()).collect()
    }

    /// The place of a package's row with a key: of a data file's before a descriptor's, as they come.
    pub fn find_row(&self, rows: &RowStore, key: &RowKey) -> Result<Option<usize>, DataError> {
        for window in rows.windows() {
            let from = window.start;
            let loaded = rows.load(window).map_err(DataError::Rows)?;
            let table = Table::new(&self.schema, &self.contract, &loaded);
            let is_it = |row: &usize| {
                let wanted = wanted_key(&table, *row);
                row_key(&wanted.key, wanted.primary) == *key
            };
            if let Some(row) = (0..loaded.len()).find(is_it) {
                return Ok(Some(from + row));
            }
        }
        Ok(None)
    }

    /// The places of a package's rows that count, by key.
    pub fn index(&self, rows: &RowStore) -> Result<BTreeMap<RowKey, usize>, DataError> {
        let (mut places, mut overruled) = (BTreeMap::new(), Overruled::default());
        for window in rows.windows() {
            let from = window.start;
            let loaded = rows.load(window).map_err(DataError::Rows)?;
            let table = Table::new(&self.schema, &self.contract, &loaded);
            for (row, given) in loaded.iter().enumerate() {
                let wanted = wanted_key(&table, row);
                let key = row_key(&wanted.key, wanted.primary);
                if !overruled.is(key, given.origin) {
                    places.insert(key, from + row);
                }
            }
        }
        Ok(places)
    }

    /// The key of a package's row in words.
    pub fn package_shown(&self, rows: &RowStore, row: usize) -> Result<String, DataError> {
        let loaded = rows.load([row]).map_err(DataError::Rows)?;
        let table = Table::new(&self.schema, &self.contract, &loaded);
        Ok(wanted_key(&table, 0).key.join(", "))
    }

    /// What a package's row gives for a column; nothing for NULL, and where it does not give it.
    pub fn package_value(&self, rows: &RowStore, row: usize, column: usize) -> Result<Option<Vec<u8>>, DataError> {
        let loaded = rows.load([row]).map_err(DataError::Rows)?;
        let table = Table::new(&self.schema, &self.contract, &loaded);
        let definition = &self.schema.columns[column];
        Ok(table.value_of(0, column).and_then(|value| bytes_of(definition, value)))
    }

    /// One row of a package on its own.
    pub fn only(&self, rows: &RowStore, row: usize) -> Result<TableRows, DataError> {
        let mut only = RowStore::in_memory();
        let row = rows.get(row).map_err(DataError::Rows)?;
        only.push(&row).map_err(DataError::Rows)?;
        Ok(TableRows {
            table: self.schema.name.clone(),
            rows: only,
        })
    }
}

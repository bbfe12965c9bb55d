//! Rows as a plugin's departure and return ask for them: by the values of columns, and what their marks say.

use std::collections::{BTreeMap, HashSet};

use super::fetch::CHUNK;
use super::order::sorted;
use super::standing::{CurrentRow, CurrentTable};
use super::standing_value::literal;
use crate::base::db::Database;
use crate::data::fit::find::PrimaryKey;
use crate::data::fit::value::Value;
use crate::data::package::error::DataError;
use crate::data::sql;
use crate::data::table::schema::TableSchema;
use crate::data::table::texts::texts;
use crate::ledger::{Entry, FieldDigest, RowKey, TableBase};
use crate::model::TableName;

impl CurrentTable {
    /// The same, where another installer's package has written its rows since; it need not say anything of this table.
    pub(super) fn written_since(self, brought: Option<&TableBase>) -> Self {
        Self {
            view: self.view.written_since(true, brought, &self.schema),
            ..self
        }
    }

    /// What is known of each row that packages brought.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.view.entries
    }

    /// What is known of the row with a key.
    pub fn entry(&self, key: &RowKey) -> Option<usize> {
        self.view.entry(key)
    }

    /// Whether a package gave a value for a column, and the row has another one.
    pub(super) fn is_otherwise(&self, entry: usize, row: &CurrentRow, column: usize) -> bool {
        let now = self.value_digest(column, row[column].as_deref());
        self.view.was_given(entry, column) && !self.view.knows(entry, column, now)
    }

    /// Whether a package gave a value for a column, and it was this.
    pub(super) fn was_brought(&self, entry: usize, column: usize, digest: FieldDigest) -> bool {
        self.view.was_given(entry, column) && self.view.knows(entry, column, digest)
    }

    /// Whether a row's column is there, and neither 0 nor empty.
    pub(super) fn says(&self, row: &CurrentRow, name: &str) -> bool {
        let value = self.schema.position(name).and_then(|column| row[column].as_deref());
        value.is_some_and(|value| !value.is_empty() && value != b"0")
    }

    /// Whether a row is nobody's.
    pub(super) fn is_unowned(&self, row: &CurrentRow) -> bool {
        let owner = self.schema.owner().and_then(|owner| row[owner].as_deref());
        owner.unwrap_or_default().iter().all(|byte| *byte == b' ')
    }

    /// Rows whose column has one of these values, with their primary keys. They are locked by primary key.
    pub(super) fn rows_with(
        &self,
        database: &mut Database,
        column: usize,
        values: &HashSet<Vec<u8>>,
    ) -> Result<Vec<(PrimaryKey, CurrentRow)>, DataError> {
        let values = values.iter();
        let tuples: Vec<Vec<Value<'_>>> = values
            .map(|value| vec![literal(&self.schema.columns[column], Some(value))])
            .collect();
        self.rows_where(database, &[column], &tuples)
    }

    /// The same for several columns. NULL and the empty text are one.
    pub(super) fn rows_where(
        &self,
        database: &mut Database,
        columns: &[usize],
        tuples: &[Vec<Value<'_>>],
    ) -> Result<Vec<(PrimaryKey, CurrentRow)>, DataError> {
        let mut identities = Vec::new();
        for chunk in tuples.chunks(CHUNK) {
            let mut statement = sql::select(&self.schema, &self.schema.identity);
            sql::push_tuples(&mut statement, &self.schema, columns, chunk);
            let rows = database.query(statement)?.into_iter().map(texts);
            identities.extend(rows.map(|row| -> PrimaryKey {
                row.into_iter()
                    .map(|part| part.unwrap_or_default().into_boxed_slice())
                    .collect()
            }));
        }
        let rows = self.read(database, &identities.iter().collect::<Vec<_>>(), true)?;
        let found = identities.into_iter().zip(rows);
        Ok(found.filter_map(|(identity, row)| Some((identity, row?))).collect())
    }
}

/// Tables that others refer to before these.
pub(super) fn in_order<T>(tables: Vec<T>, schema: impl Fn(&T) -> &TableSchema) -> Vec<T> {
    let named = tables.iter().map(|table| &schema(table).name);
    let places: BTreeMap<TableName, usize> = named.cloned().zip(0..).collect();
    let parents: Vec<Vec<usize>> = tables
        .iter()
        .map(|table| {
            let own = schema(table);
            let others = own.references.iter().filter(|reference| reference.table != own.name);
            others
                .filter_map(|reference| places.get(&reference.table).copied())
                .collect()
        })
        .collect();
    let order = sorted(&parents);
    let mut taken: Vec<Option<T>> = tables.into_iter().map(Some).collect();
    order.into_iter().filter_map(|place| taken[place].take()).collect()
}

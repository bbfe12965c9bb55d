//! Which rows of a table have the keys of rows that come back. Reads; decides nothing.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::standing::{CurrentRow, CurrentTable};
use crate::base::db::Database;
use crate::data::fit::canonical::row_key;
use crate::data::fit::find::PrimaryKey;
use crate::data::fit::natural_key::{Key, fold_stored};
use crate::data::fit::value::Value;
use crate::data::package::error::DataError;
use crate::data::sql;
use crate::data::table::texts::texts;
use crate::ledger::RowKey;

/// Where the rows of a table stand, by keys that no index knows: to look for many of them by a condition, the server would
/// walk through the whole table each time.
#[derive(Debug, Default)]
pub struct TableKeys {
    asked: usize,
    rows: Option<HashMap<RowKey, Vec<PrimaryKey>>>,
}

impl TableKeys {
    /// Rows are looked for; gives whether that was so before.
    fn ask(&mut self) -> bool {
        self.asked += 1;
        self.asked > 1
    }
}

impl CurrentTable {
    /// Rows that have one of these keys, by what packages name rows by. The first time they are asked for, from then on they
    /// are found in what was read of the whole table. They are locked.
    pub(super) fn rows_named(
        &self,
        database: &mut Database,
        (columns, tuples): (&[usize], &[Vec<Value<'_>>]),
        wanted: &HashMap<Key, Vec<usize>>,
        keys: &mut TableKeys,
    ) -> Result<Vec<(PrimaryKey, CurrentRow)>, DataError> {
        let is_indexed =
            self.schema.primary == columns || self.schema.unique.iter().any(|index| index.columns == columns);
        if is_indexed || !keys.ask() {
            return self.rows_where(database, columns, tuples);
        }
        if keys.rows.is_none() {
            keys.rows = Some(self.all_keys(database, columns)?);
        }
        let known = keys
            .rows
            .iter()
            .flat_map(|rows| wanted.keys().filter_map(|key| rows.get(&row_key(key, false))));
        let identities: Vec<&PrimaryKey> = known.flatten().collect();
        let rows = self.read(database, &identities, true)?;
        let found = identities.into_iter().cloned().zip(rows);
        Ok(found.filter_map(|(identity, row)| Some((identity, row?))).collect())
    }

    fn all_keys(
        &self,
        database: &mut Database,
        columns: &[usize],
    ) -> Result<HashMap<RowKey, Vec<PrimaryKey>>, DataError> {
        let width = self.schema.identity.len();
        let all: Vec<usize> = self.schema.identity.iter().chain(columns).copied().collect();
        let mut statement = sql::select(&self.schema, &all);
        statement.extend_from_slice(b"TRUE");
        let mut found: HashMap<RowKey, Vec<PrimaryKey>> = HashMap::new();
        database.visit(statement, &mut |row| {
            let parts = texts(row);
            let folded = columns.iter().zip(&parts[width..]);
            let folded: Key = folded
                .map(|(column, part)| fold_stored(&self.schema.columns[*column], part.as_deref()))
                .collect();
            let identity = parts.into_iter().take(width);
            let identity = identity
                .map(|part| part.unwrap_or_default().into_boxed_slice())
                .collect();
            found.entry(row_key(&folded, false)).or_default().push(identity);
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }
}

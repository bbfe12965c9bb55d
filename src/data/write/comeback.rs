//! Rows that come back out of an archive: inserted as they were, written into. Decides nothing.

use crate::base::db::Database;
use crate::data::fit::find::Identity;
use crate::data::package::error::DataError;
use crate::data::plan::comeback::Comeback;
use crate::data::plan::standing::{StandingRow, StandingTable};
use crate::data::plan::standing_value::literal;
use crate::data::sql::{self, Tuple};
use crate::ledger::RowKey;
use crate::model::Phrase;

/// Bytes of a statement after which the next one begins.
const STATEMENT: usize = 256 << 10;

/// A row that has another primary key than the archive says, or is not the plugin's any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Its keys.
    pub keys: [RowKey; 2],
    /// Its primary key now; nothing where its key is another row's.
    pub identity: Option<Identity>,
}

/// Writes rows that come back to a table, inside the transaction. Gives those that are not where the archive says.
///
/// # Errors
/// [`DataError::TableRefused`] where the server takes one for another's all the same.
pub fn write_comeback(
    database: &mut Database,
    table: &StandingTable,
    rows: &[Comeback],
) -> Result<Vec<Moved>, DataError> {
    let mut moved = Vec::new();
    let mut inserts = Inserts::new(table);
    for row in rows {
        match row {
            Comeback::Insert {
                row,
                known,
                renumbered: false,
                ..
            } => inserts.put(database, row, known)?,
            Comeback::Insert { row, known, keys, .. } => {
                inserts.send(database)?;
                let identity = Some(inserts.renumber(database, row, known)?);
                moved.push(Moved { keys: *keys, identity });
            }
            Comeback::Write { identity, write, keys } => {
                table.write(database, identity, write)?;
                let identity = Some(identity.clone());
                moved.push(Moved { keys: *keys, identity });
            }
            Comeback::Stands => {}
            Comeback::Refused { keys, .. } => moved.push(Moved {
                keys: *keys,
                identity: None,
            }),
        }
    }
    inserts.send(database)?;
    Ok(moved)
}

/// Rows of a table, several to a statement.
struct Inserts<'t> {
    table: &'t StandingTable,
    columns: Vec<usize>,
    statement: Vec<u8>,
}

impl<'t> Inserts<'t> {
    fn new(table: &'t StandingTable) -> Self {
        Self {
            table,
            columns: Vec::new(),
            statement: Vec::new(),
        }
    }

    fn put(&mut self, database: &mut Database, row: &StandingRow, known: &[usize]) -> Result<(), DataError> {
        let columns = self.writable(known, &[]);
        let limit = database.server().statement_limit(STATEMENT);
        let mut tuple = Vec::new();
        sql::push_tuple(&mut tuple, &self.tuple(row, &columns));
        let is_full = self.statement.len() + tuple.len() > limit;
        if !self.statement.is_empty() && (columns != self.columns || is_full) {
            self.send(database)?;
        }
        if self.statement.is_empty() {
            self.statement = sql::insert_head(self.table.schema(), &columns);
            self.columns = columns;
        } else {
            self.statement.push(b',');
        }
        self.statement.append(&mut tuple);
        Ok(())
    }

    fn send(&mut self, database: &mut Database) -> Result<(), DataError> {
        let statement = std::mem::take(&mut self.statement);
        if statement.is_empty() {
            return Ok(());
        }
        database.execute(statement).map_err(|fault| self.refused(fault))?;
        Ok(())
    }

    /// Inserts a row to which the server gives its primary key.
    fn renumber(&self, database: &mut Database, row: &StandingRow, known: &[usize]) -> Result<Identity, DataError> {
        let schema = self.table.schema();
        let columns = self.writable(known, &schema.identity);
        let mut statement = sql::insert_head(schema, &columns);
        sql::push_tuple(&mut statement, &self.tuple(row, &columns));
        let done = database.execute(statement).map_err(|fault| self.refused(fault))?;
        let number = done.last_insert_id.to_string().into_bytes().into_boxed_slice();
        Ok(Box::new([number]))
    }

    fn writable(&self, known: &[usize], without: &[usize]) -> Vec<usize> {
        let generated = |column: usize| self.table.schema().columns[column].generated;
        let columns = known.iter().copied();
        columns
            .filter(|column| !generated(*column) && !without.contains(column))
            .collect()
    }

    fn tuple<'r>(&self, row: &'r StandingRow, columns: &[usize]) -> Tuple<'r> {
        let value = |column: &usize| Some(literal(&self.table.schema().columns[*column], row[*column].as_deref()));
        columns.iter().map(value).collect()
    }

    fn refused(&self, fault: crate::base::db::DbError) -> DataError {
        DataError::TableRefused {
            table: self.table.name().clone(),
            why: Phrase::of_others(String::new()),
            fault,
        }
    }
}

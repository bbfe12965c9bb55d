//! Rows that come back out of an archive: inserted as they were, written into. Decides nothing.

use std::sync::Arc;

use crate::base::db::{Affected, Database, DbError};
use crate::data::fit::find::PrimaryKey;
use crate::data::package::error::DataError;
use crate::data::plan::comeback::{Comeback, Moved};
use crate::data::plan::fetch::CHUNK;
use crate::data::plan::standing::{CurrentRow, CurrentTable};
use crate::data::plan::standing_value::literal;
use crate::data::sql::{self, Tuple};
use crate::model::Phrase;

/// Bytes of a statement after which the next one begins.
const STATEMENT: usize = 256 << 10;

/// Rows that were written before those to which they refer, and what the server said of them first.
pub type Unchecked = (Vec<PrimaryKey>, DbError);

/// What was written.
#[derive(Debug, Default)]
pub struct Written {
    /// Rows that are not where the archive says.
    pub moved: Vec<Moved>,
    /// Rows that were written before those to which they refer, and what the server said to that.
    pub unchecked: Vec<Unchecked>,
}

/// Writes rows that come back to a table, inside the transaction, exactly as they were. What refers to others by foreign
/// keys is to be [checked](check_references) when all are there.
///
/// # Errors
/// [`DataError::TableRefused`] where the server takes one for another's all the same, or would make another one of it.
pub fn write_comeback(database: &mut Database, table: &CurrentTable, rows: &[Comeback]) -> Result<Written, DataError> {
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
            Comeback::Stands | Comeback::Refill { .. } => {}
            Comeback::Refused { keys, .. } => moved.push(Moved {
                keys: *keys,
                identity: None,
            }),
        }
    }
    inserts.send(database)?;
    let unchecked = inserts.unchecked;
    Ok(Written { moved, unchecked })
}

/// Rows of a table, several to a statement.
struct Inserts<'t> {
    table: &'t CurrentTable,
    columns: Vec<usize>,
    statement: Vec<u8>,
    /// The rows of the statement.
    rows: Vec<&'t CurrentRow>,
    unchecked: Vec<Unchecked>,
}

impl<'t> Inserts<'t> {
    fn new(table: &'t CurrentTable) -> Self {
        Self {
            table,
            columns: Vec::new(),
            statement: Vec::new(),
            rows: Vec::new(),
            unchecked: Vec::new(),
        }
    }

    fn put(&mut self, database: &mut Database, row: &'t CurrentRow, known: &[usize]) -> Result<(), DataError> {
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
        self.rows.push(row);
        Ok(())
    }

    fn send(&mut self, database: &mut Database) -> Result<(), DataError> {
        let statement = std::mem::take(&mut self.statement);
        if statement.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.rows);
        let columns = std::mem::take(&mut self.columns);
        let identities: Vec<PrimaryKey> = rows.iter().map(|row| self.table.identity_of(row)).collect();
        let wanted: Vec<(PrimaryKey, &CurrentRow)> = identities.into_iter().zip(rows).collect();
        self.insert(database, &statement, &columns, |_| wanted)?;
        Ok(())
    }

    /// Inserts a row to which the server gives its primary key.
    fn renumber(
        &mut self,
        database: &mut Database,
        row: &'t CurrentRow,
        known: &[usize],
    ) -> Result<PrimaryKey, DataError> {
        let schema = self.table.schema();
        let columns = self.writable(known, &schema.identity);
        let mut statement = sql::insert_head(schema, &columns);
        sql::push_tuple(&mut statement, &self.tuple(row, &columns));
        let made = |done: &Affected| -> PrimaryKey { Arc::new([done.last_insert_id.to_string().into_bytes().into()]) };
        let done = self.insert(database, &statement, &columns, |done| vec![(made(done), row)])?;
        Ok(made(&done))
    }

    /// Runs a statement; where its values are refused, in a session that takes them as they are, and what stands there then
    /// must be what was wanted. `wanted`: the rows, by the primary keys that they have then.
    fn insert(
        &mut self,
        database: &mut Database,
        statement: &[u8],
        columns: &[usize],
        wanted: impl FnOnce(&Affected) -> Vec<(PrimaryKey, &'t CurrentRow)>,
    ) -> Result<Affected, DataError> {
        let fault = match database.execute(statement) {
            Ok(done) => return Ok(done),
            Err(fault) if fault.is_refusal() => fault,
            Err(fault) => return Err(self.refused(fault)),
        };
        for keys in [true, false] {
            let Some(done) = database.try_leniently(statement.to_vec(), keys)? else {
                continue;
            };
            let wanted = wanted(&done);
            let identities: Vec<PrimaryKey> = wanted.iter().map(|(identity, _)| identity.clone()).collect();
            let found = self
                .table
                .read(database, &identities.iter().collect::<Vec<_>>(), true)?;
            let is_so = |(found, (_, row)): (&Option<CurrentRow>, &(PrimaryKey, &CurrentRow))| {
                let found = found.as_ref();
                found.is_some_and(|found| columns.iter().all(|column| found[*column] == row[*column]))
            };
            if !found.iter().zip(&wanted).all(is_so) {
                break;
            }
            if !keys {
                self.unchecked.push((identities, fault));
            }
            return Ok(done);
        }
        Err(self.refused(fault))
    }

    fn writable(&self, known: &[usize], without: &[usize]) -> Vec<usize> {
        let generated = |column: usize| self.table.schema().columns[column].generated;
        let columns = known.iter().copied();
        columns
            .filter(|column| !generated(*column) && !without.contains(column))
            .collect()
    }

    fn tuple<'r>(&self, row: &'r CurrentRow, columns: &[usize]) -> Tuple<'r> {
        let value = |column: &usize| Some(literal(&self.table.schema().columns[*column], row[*column].as_deref()));
        columns.iter().map(value).collect()
    }

    fn refused(&self, fault: DbError) -> DataError {
        refused(self.table, fault)
    }
}

fn refused(table: &CurrentTable, fault: DbError) -> DataError {
    DataError::TableRefused {
        table: table.name().clone(),
        why: Phrase::of_others(String::new()),
        fault,
    }
}

/// Stops where rows refer by a foreign key to one that is not there. What they refer to stays until the transaction ends.
///
/// # Errors
/// [`DataError::TableRefused`], with what the server said when they were written.
pub fn check_references(
    database: &mut Database,
    table: &CurrentTable,
    unchecked: Vec<Unchecked>,
) -> Result<(), DataError> {
    for (rows, fault) in unchecked {
        for reference in &table.schema().references {
            for chunk in rows.chunks(CHUNK) {
                let statement = sql::select_unreferred(table.schema(), reference, chunk);
                if !database.query(statement)?.is_empty() {
                    return Err(refused(table, fault));
                }
            }
        }
    }
    Ok(())
}

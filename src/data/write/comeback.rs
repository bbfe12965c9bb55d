//! Rows that come back out of an archive: inserted as they were, written into. Decides nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::db::{Affected, Database, DbError};
use crate::data::fit::find::PrimaryKey;
use crate::data::package::error::DataError;
use crate::data::plan::comeback::{Comeback, Moved};
use crate::data::plan::fetch::CHUNK;
use crate::data::plan::standing::{CurrentRow, CurrentTable};
use crate::data::plan::standing_value::literal;
use crate::data::sql::{self, Tuple};
use crate::ledger::RowKey;
use crate::model::Phrase;

/// Bytes of a statement after which the next one begins.
const STATEMENT: usize = 256 << 10;

/// Rows that were written before those to which they refer, and what the server said of them first.
pub type Unchecked = (Vec<PrimaryKey>, DbError);

/// What was written.
#[derive(Debug, Default)]
pub struct Written {
    /// Rows that are not where the archive says, in order.
    pub moved: Vec<Moved>,
    /// Rows that were written before those to which they refer, and what the server said to that.
    pub unchecked: Vec<Unchecked>,
    /// Rows that their table does not take, by their places, and what the server said.
    pub unfit: BTreeMap<usize, Phrase>,
    /// Columns of rows whose values the server makes itself, and makes others than the archive holds: how many.
    pub computed: BTreeMap<usize, usize>,
}

/// Writes rows that come back to a table, inside the transaction, exactly as they were. What refers to others by foreign
/// keys is to be [checked](check_references) when all are there.
///
/// # Errors
/// The connection's. A row that the server takes for another's, or would make another one of, is not written.
pub fn write_comeback(database: &mut Database, table: &CurrentTable, rows: &[Comeback]) -> Result<Written, DataError> {
    let mut moved = BTreeMap::new();
    let mut inserts = Inserts::new(table);
    for (at, row) in rows.iter().enumerate() {
        match row {
            Comeback::Insert {
                row,
                known,
                renumbered: false,
                ..
            } => inserts.put(database, (at, row), known)?,
            Comeback::Insert { row, known, .. } => {
                inserts.send(database)?;
                let identity = inserts.renumber(database, (at, row), known)?;
                moved.insert(at, identity);
            }
            Comeback::Write { identity, write, .. } => {
                inserts.send(database)?;
                match table.write(database, identity, write) {
                    Err(DataError::Database(fault)) if fault.is_refusal() => inserts.refuse(at, &fault),
                    done => done?,
                }
                moved.insert(at, Some(identity.clone()));
            }
            Comeback::Stands | Comeback::Refill { .. } | Comeback::Unfit { .. } => {}
            Comeback::Refused { .. } => drop(moved.insert(at, None)),
        }
    }
    inserts.send(database)?;
    let mut written = inserts.written;
    moved.extend(written.unfit.keys().map(|at| (*at, None)));
    let found = moved.into_iter().filter_map(|(at, identity)| {
        let keys = keys_of(rows.get(at)?)?;
        Some(Moved { keys, identity })
    });
    written.moved = found.collect();
    Ok(written)
}

fn keys_of(row: &Comeback) -> Option<[RowKey; 2]> {
    match row {
        Comeback::Insert { keys, .. } | Comeback::Write { keys, .. } | Comeback::Refused { keys, .. } => Some(*keys),
        Comeback::Refill { .. } | Comeback::Stands | Comeback::Unfit { .. } => None,
    }
}

/// A row with its place.
type Placed<'t> = (usize, &'t CurrentRow);

/// Rows of a table, several to a statement.
struct Inserts<'t> {
    table: &'t CurrentTable,
    columns: Vec<usize>,
    /// Those that the server makes itself.
    computed: Vec<usize>,
    statement: Vec<u8>,
    /// The rows of the statement.
    rows: Vec<Placed<'t>>,
    written: Written,
}

impl<'t> Inserts<'t> {
    fn new(table: &'t CurrentTable) -> Self {
        Self {
            table,
            columns: Vec::new(),
            computed: Vec::new(),
            statement: Vec::new(),
            rows: Vec::new(),
            written: Written::default(),
        }
    }

    fn put(&mut self, database: &mut Database, row: Placed<'t>, known: &[usize]) -> Result<(), DataError> {
        let columns = self.writable(known, &[]);
        let limit = database.server().statement_limit(STATEMENT);
        let mut tuple = Vec::new();
        sql::push_tuple(&mut tuple, &self.tuple(row.1, &columns));
        // What an engine without transactions has taken of a statement before it refuses a row of it stays.
        let is_alone = !self.table.schema().transactional;
        let is_full = is_alone || self.statement.len() + tuple.len() > limit;
        if !self.statement.is_empty() && (columns != self.columns || is_full) {
            self.send(database)?;
        }
        if self.statement.is_empty() {
            self.statement = sql::insert_head(self.table.schema(), &columns);
            self.computed = known
                .iter()
                .copied()
                .filter(|column| !columns.contains(column))
                .collect();
            self.columns = columns;
        } else {
            self.statement.push(b',');
        }
        self.statement.append(&mut tuple);
        self.rows.push(row);
        Ok(())
    }

    /// Where one of the rows is refused, they go one by one: the others are written.
    fn send(&mut self, database: &mut Database) -> Result<(), DataError> {
        let statement = std::mem::take(&mut self.statement);
        if statement.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.rows);
        let columns = std::mem::take(&mut self.columns);
        let batch = (statement.as_slice(), columns.as_slice());
        let done = self.insert(database, batch, &|_| identities_of(self.table, &rows), &rows)?;
        let Err(fault) = done else {
            return Ok(());
        };
        if let [(at, _)] = *rows {
            self.refuse(at, &fault);
            return Ok(());
        }
        for row in rows {
            let one = [row];
            let mut statement = sql::insert_head(self.table.schema(), &columns);
            sql::push_tuple(&mut statement, &self.tuple(row.1, &columns));
            let done = self.insert(
                database,
                (&statement, &columns),
                &|_| identities_of(self.table, &one),
                &one,
            )?;
            if let Err(fault) = done {
                self.refuse(row.0, &fault);
            }
        }
        Ok(())
    }

    fn refuse(&mut self, at: usize, fault: &DbError) {
        self.written.unfit.insert(at, Phrase::of(fault));
    }

    /// Inserts a row to which the server gives its primary key.
    fn renumber(
        &mut self,
        database: &mut Database,
        row: Placed<'t>,
        known: &[usize],
    ) -> Result<Option<PrimaryKey>, DataError> {
        let schema = self.table.schema();
        let columns = self.writable(known, &schema.identity);
        let mut statement = sql::insert_head(schema, &columns);
        sql::push_tuple(&mut statement, &self.tuple(row.1, &columns));
        let made = |done: &Affected| -> PrimaryKey { Arc::new([done.last_insert_id.to_string().into_bytes().into()]) };
        match self.insert(database, (&statement, &columns), &|done| vec![made(done)], &[row])? {
            Ok(done) => Ok(Some(made(&done))),
            Err(fault) => {
                self.refuse(row.0, &fault);
                Ok(None)
            }
        }
    }

    /// Runs a statement; where its values are refused, in a session that takes them as they are, and what stands there then
    /// must be what was wanted, else it is taken back, and what the server said is given. `identities`: the primary keys that
    /// the rows have then.
    fn insert(
        &mut self,
        database: &mut Database,
        (statement, columns): (&[u8], &[usize]),
        identities: &dyn Fn(&Affected) -> Vec<PrimaryKey>,
        rows: &[Placed<'t>],
    ) -> Result<Result<Affected, DbError>, DataError> {
        let fault = match database.execute(statement) {
            Ok(done) => {
                self.count_computed(database, &identities(&done), rows)?;
                return Ok(Ok(done));
            }
            Err(fault) if fault.is_refusal() => fault,
            Err(fault) => return Err(refused(self.table, fault)),
        };
        for keys in [true, false] {
            let Some(done) = database.try_leniently(statement.to_vec(), keys)? else {
                continue;
            };
            let identities = identities(&done);
            let found = self
                .table
                .read(database, &identities.iter().collect::<Vec<_>>(), true)?;
            let is_so = |(found, (_, row)): (&Option<CurrentRow>, &Placed<'_>)| {
                let found = found.as_ref();
                found.is_some_and(|found| columns.iter().all(|column| found[*column] == row[*column]))
            };
            if !found.iter().zip(rows).all(is_so) {
                self.take_back(database, &identities)?;
                break;
            }
            self.count_computed(database, &identities, rows)?;
            if !keys {
                self.written.unchecked.push((identities, fault));
            }
            return Ok(Ok(done));
        }
        Ok(Err(fault))
    }

    /// What was inserted last is not what was wanted.
    fn take_back(&self, database: &mut Database, identities: &[PrimaryKey]) -> Result<(), DataError> {
        database.take_back()?;
        if !self.table.schema().transactional {
            database.execute(sql::delete(self.table.schema(), identities))?;
        }
        Ok(())
    }

    /// Counts values of rows that the server makes itself now, and makes others than they held.
    fn count_computed(
        &mut self,
        database: &mut Database,
        identities: &[PrimaryKey],
        rows: &[Placed<'t>],
    ) -> Result<(), DataError> {
        if self.computed.is_empty() {
            return Ok(());
        }
        let found = self
            .table
            .read(database, &identities.iter().collect::<Vec<_>>(), false)?;
        for (found, (_, row)) in found.iter().zip(rows) {
            let Some(found) = found else { continue };
            for column in self.computed.iter().filter(|column| found[**column] != row[**column]) {
                *self.written.computed.entry(*column).or_default() += 1;
            }
        }
        Ok(())
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
}

fn identities_of(table: &CurrentTable, rows: &[Placed<'_>]) -> Vec<PrimaryKey> {
    rows.iter().map(|(_, row)| table.identity_of(row)).collect()
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

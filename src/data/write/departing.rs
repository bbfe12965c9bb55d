//! The rows of a plugin that goes: copied out, deleted, given back. Decides nothing.

use std::io::Write;
use std::ops::ControlFlow;

use super::export::{object, put};
use crate::base::db::Database;
use crate::data::fit::find::Identity;
use crate::data::package::error::DataError;
use crate::data::plan::absence::{Absence, TableAbsence};
use crate::data::plan::comeback::Kept;
use crate::data::plan::fetch::CHUNK;
use crate::data::sql;

/// Writes the rows of a table that go or are given back, as they stand, one JSON object a line: `motivo`, and `valores` by
/// column. They are locked already. Gives their number.
///
/// # Errors
/// [`DataError::ChangedMeanwhile`] where not each of them is there.
pub fn write_going(database: &mut Database, absence: &TableAbsence, out: &mut dyn Write) -> Result<u64, DataError> {
    let going = absence.going.iter().map(|row| (&row.identity, row.going.word()));
    let returning = absence.returning.iter().map(|row| (&row.identity, Kept::RETURNED));
    let mut written = 0;
    let mut all: Vec<(&Identity, &'static str)> = going.chain(returning).collect();
    // Rows of one reason together: the server answers in an order of its own.
    all.sort_by_key(|(_, word)| *word);
    for group in all.chunk_by(|(_, one), (_, other)| one == other) {
        for chunk in group.chunks(CHUNK) {
            let found = write_chunk(database, absence, chunk, out)?;
            if found != chunk.len() as u64 {
                let table = absence.table.name().clone();
                return Err(DataError::ChangedMeanwhile { table });
            }
            written += found;
        }
    }
    Ok(written)
}

fn write_chunk(
    database: &mut Database,
    absence: &TableAbsence,
    chunk: &[(&Identity, &'static str)],
    out: &mut dyn Write,
) -> Result<u64, DataError> {
    let schema = absence.table.schema();
    let mut statement = sql::select_all(schema);
    sql::push_identities(&mut statement, schema, chunk.iter().map(|(identity, _)| *identity));
    sql::push_lock(&mut statement);
    let reason = chunk.first().map_or("", |(_, word)| *word);
    let (mut written, mut result) = (0, Ok(()));
    database.visit(statement, &mut |row| {
        let line = serde_json::json!({"motivo": reason, "valores": object(schema, row)});
        result = put(out, format!("{line}\n").as_bytes());
        written += 1;
        if result.is_ok() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    result.map(|()| written)
}

/// Deletes the rows that go, those that refer to others first, and writes into those that are given back. To be called
/// when all of them are copied out, in the same transaction.
///
/// # Errors
/// [`DataError::ChangedMeanwhile`] where another number of rows went.
pub fn apply_absence(database: &mut Database, absence: &Absence) -> Result<(), DataError> {
    for table in absence.tables.iter().rev() {
        for chunk in table.going.chunks(CHUNK) {
            let statement = sql::delete(table.table.schema(), chunk.iter().map(|row| &row.identity));
            if database.execute(statement)?.rows != chunk.len() as u64 {
                let table = table.table.name().clone();
                return Err(DataError::ChangedMeanwhile { table });
            }
        }
    }
    for table in &absence.tables {
        for row in &table.returning {
            table.table.write(database, &row.identity, &row.write)?;
        }
    }
    Ok(())
}

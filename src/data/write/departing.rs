//! The rows of a plugin that goes: copied out, deleted, given back. Decides nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::ops::ControlFlow;

use super::export::{object, put};
use crate::base::db::Database;
use crate::data::fit::find::PrimaryKey;
use crate::data::package::error::DataError;
use crate::data::plan::absence::{Absence, GoingRow, TableAbsence};
use crate::data::plan::comeback::Kept;
use crate::data::plan::fetch::CHUNK;
use crate::data::sql;

/// Writes the rows of a table that go or are given back, as they stand, one JSON object a line: `motivo`, and `valores` by
/// column; of those that are emptied the primary key, and what they lose. They are locked already. Gives their number.
///
/// # Errors
/// [`DataError::ChangedMeanwhile`] where not each of them is there.
pub fn write_going(database: &mut Database, absence: &TableAbsence, out: &mut dyn Write) -> Result<u64, DataError> {
    let going = absence.going.iter().map(|row| (&row.identity, row.going.word()));
    let returning = absence.returning.iter().map(|row| (&row.identity, Kept::RETURNED));
    let mut written = 0;
    let mut all: Vec<(&PrimaryKey, &'static str)> = going.collect();
    if absence.one_by_one {
        // They come back in the order in which they stand in the archive.
        all.reverse();
    }
    all.extend(returning);
    if !absence.one_by_one {
        // Rows of one reason together: the server answers in an order of its own.
        all.sort_by_key(|(_, word)| *word);
    }
    for group in all.chunk_by(|(_, one), (_, other)| one == other) {
        for chunk in group.chunks(together(absence)) {
            written += write_chunk(database, absence, chunk, &everything(absence), out)?;
        }
    }
    let mut emptied: BTreeMap<&BTreeSet<usize>, Vec<(&PrimaryKey, &'static str)>> = BTreeMap::new();
    for (identity, columns) in &absence.emptied {
        emptied.entry(columns).or_default().push((identity, Kept::EMPTIED));
    }
    for (columns, rows) in emptied {
        let identity = absence.table.schema().identity.iter();
        let known: Vec<usize> = identity.chain(columns).copied().collect();
        for chunk in rows.chunks(CHUNK) {
            written += write_chunk(database, absence, chunk, &known, out)?;
        }
    }
    Ok(written)
}

/// Rows of a statement.
fn together(absence: &TableAbsence) -> usize {
    if absence.one_by_one { 1 } else { CHUNK }
}

fn everything(absence: &TableAbsence) -> Vec<usize> {
    (0..absence.table.schema().columns.len()).collect()
}

fn write_chunk(
    database: &mut Database,
    absence: &TableAbsence,
    chunk: &[(&PrimaryKey, &'static str)],
    columns: &[usize],
    out: &mut dyn Write,
) -> Result<u64, DataError> {
    let schema = absence.table.schema();
    let mut statement = sql::select_shown(schema, columns);
    sql::push_identities(&mut statement, schema, chunk.iter().map(|(identity, _)| *identity));
    sql::push_lock(&mut statement);
    let reason = chunk.first().map_or("", |(_, word)| *word);
    let (mut written, mut result) = (0, Ok(()));
    database.visit(statement, &mut |row| {
        let line = serde_json::json!({"motivo": reason, "valores": object(schema, columns, row)});
        result = put(out, format!("{line}\n").as_bytes());
        written += 1;
        if result.is_ok() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    result?;
    if written != chunk.len() as u64 {
        let table = absence.table.name().clone();
        return Err(DataError::ChangedMeanwhile { table });
    }
    Ok(written)
}

/// Deletes the rows that go, those that refer to others first, and writes into those that are given back. To be called
/// when all of them are copied out, in the same transaction.
///
/// # Errors
/// [`DataError::ChangedMeanwhile`] where one of them still stands there.
pub fn apply_absence(database: &mut Database, absence: &Absence) -> Result<(), DataError> {
    for table in absence.tables.iter().rev() {
        for chunk in table.going.chunks(together(table)) {
            let statement = sql::delete(table.table.schema(), chunk.iter().map(|row| &row.identity));
            let deleted = database.execute(statement)?.rows;
            if deleted != chunk.len() as u64 {
                check_gone(database, table, chunk)?;
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

/// The database deletes a row along with the one on which it hangs, and does not count it. All of them are locked, so that
/// nobody else deleted one.
fn check_gone(database: &mut Database, table: &TableAbsence, rows: &[GoingRow]) -> Result<(), DataError> {
    let identities: Vec<&PrimaryKey> = rows.iter().map(|row| &row.identity).collect();
    if table
        .table
        .read(database, &identities, true)?
        .iter()
        .any(Option::is_some)
    {
        let table = table.table.name().clone();
        return Err(DataError::ChangedMeanwhile { table });
    }
    Ok(())
}

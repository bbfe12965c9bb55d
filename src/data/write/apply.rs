//! Writes a plan. The one file of this room that changes the database; decides nothing.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;
use std::thread::{Builder, ScopedJoinHandle};

use super::batch::{Batch, Statements};
use crate::base::db::{Database, DbError, Trial};
use crate::data::fit::column_map::Table;
use crate::data::package::error::{DataError, RefusedRow};
use crate::data::package::fault::{RowPlace, shorten};
use crate::data::package::phrases;
use crate::data::plan::follow::{Following, UsersReferences};
use crate::data::plan::merge_call::Merging;
use crate::data::plan::plan::Plan;
use crate::data::plan::request::Request;
use crate::data::plan::study;
use crate::data::table::schema::TableSchema;
use crate::log::{Progress, Reporter, Silent, Step};
use crate::model::{Phrase, TableName};

/// Bytes of a statement after which the next one begins. Longer ones save no time, and cost memory many times over: the
/// connection keeps some thirty buffers, and each of them grows to the longest statement.
const STATEMENT: usize = 128 << 10;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowsWritten {
    /// Rows that the server inserted.
    pub inserted: u64,
    /// Rows that the server changed.
    pub changed: u64,
}

/// Writes a plan inside the transaction in which it was made. Where it changes values that other tables of it refer to,
/// the database changes these as well; what then is no longer as the package says is written again. After any error the transaction must be rolled back.
///
/// # Errors
/// [`DataError::Conflicts`] when the plan has conflicts and they are not to be skipped; [`DataError::RowRefused`] names
/// the row that the server does not take.
pub fn apply(
    database: &mut Database,
    plan: &Plan,
    request: &Request<'_>,
    reporter: &dyn Reporter,
) -> Result<RowsWritten, DataError> {
    apply_merged(database, plan, request, None, reporter)
}

/// The same for a plan that was merged. What else such a plan says is for `save_values`, `apply_left` and `complete_base`.
pub fn apply_merged(
    database: &mut Database,
    plan: &Plan,
    request: &Request<'_>,
    merging: Option<Merging<'_>>,
    reporter: &dyn Reporter,
) -> Result<RowsWritten, DataError> {
    let mut moves = plan.moves_parents();
    let users = if moves && merging.is_some() {
        study::make(database, request, (merging, Following::Learning), &Silent)?.users_references()
    } else {
        UsersReferences::default()
    };
    let mut applied = write(database, plan, request, reporter)?;
    // Each table may pass a new value on to the next one.
    for _ in 0..plan.tables.len() {
        if !moves {
            break;
        }
        let again = study::make(database, request, (merging, Following::Known(&users)), &Silent)?;
        let more = write(database, &again, request, &Silent)?;
        applied.inserted += more.inserted;
        applied.changed += more.changed;
        moves = again.moves_parents();
    }
    Ok(applied)
}

fn write(
    database: &mut Database,
    plan: &Plan,
    request: &Request<'_>,
    reporter: &dyn Reporter,
) -> Result<RowsWritten, DataError> {
    plan.check(request.policy.conflicts)?;
    let mut writer = Writer {
        database,
        reporter,
        done: 0,
        of: plan.writes() as u64,
        applied: RowsWritten::default(),
    };
    let limit = writer.limit();
    let tables: Vec<Statements<'_>> = (plan.tables.iter())
        .map(|table| Statements::of(table, &request.tables[table.source].rows, request.slug, limit))
        .collect();
    if tables.iter().map(Statements::bytes).sum::<usize>() < limit {
        writer.write_together(&tables)?;
    } else {
        tables.iter().try_for_each(|table| writer.write_table(table))?;
    }
    Ok(writer.applied)
}

struct Writer<'a> {
    database: &'a mut Database,
    reporter: &'a dyn Reporter,
    done: u64,
    of: u64,
    applied: RowsWritten,
}

impl Writer<'_> {
    /// Writes the rows of all tables by statements that are sent together.
    fn write_together(&mut self, tables: &[Statements<'_>]) -> Result<(), DataError> {
        let batches: Vec<(&Statements<'_>, &Batch)> = tables.iter().flat_map(Statements::each).collect();
        let built: Result<Vec<Vec<u8>>, DataError> = batches.iter().map(|(table, batch)| table.build(batch)).collect();
        let built = built?;
        let bytes: usize = built.iter().map(|statement| statement.len() + 2).sum();
        if built.len() < 2 || bytes >= self.database.server().max_allowed_packet {
            let mut each = batches.iter().zip(&built);
            return each.try_for_each(|((table, batch), statement)| self.write(table, batch, statement));
        }
        match self.database.execute_each(&built) {
            Ok(all) => {
                let mut written = batches.iter().zip(all);
                written.try_for_each(|((_, batch), affected)| self.count(batch, affected))
            }
            Err((at, fault)) => {
                let (table, batch) = batches[at];
                Err(self.explain(table, batch, fault))
            }
        }
    }

    /// Writes the rows of a table. While the server works on a statement, the next one is built beside it.
    fn write_table(&mut self, table: &Statements<'_>) -> Result<(), DataError> {
        std::thread::scope(|scope| {
            let (give, built) = sync_channel(0);
            let build_all = move || {
                // Nobody takes the next one after a failure.
                let given = table.batches.iter().map(|batch| give.send(table.build(batch)));
                given.take_while(Result::is_ok).for_each(drop);
            };
            let name = "gestor-plugins-sql".to_owned();
            let beside = (table.batches.len() > 1).then(|| Builder::new().name(name).spawn_scoped(scope, build_all));
            let beside = beside.and_then(Result::ok);
            let mut written = Ok(());
            for batch in &table.batches {
                let statement = match &beside {
                    Some(_) => built.recv().unwrap_or_else(|_| table.build(batch)),
                    None => table.build(batch),
                };
                written = statement.and_then(|statement| self.write(table, batch, &statement));
                if written.is_err() {
                    break;
                }
            }
            drop(built);
            match beside.map(ScopedJoinHandle::join) {
                Some(Err(panic)) => resume_unwind(panic),
                _ => written,
            }
        })
    }

    /// Bytes that a statement should have at most.
    fn limit(&self) -> usize {
        self.database.server().statement_limit(STATEMENT)
    }

    fn write(&mut self, table: &Statements<'_>, batch: &Batch, statement: &[u8]) -> Result<(), DataError> {
        match self.database.execute(statement) {
            Ok(affected) => self.count(batch, affected.rows),
            Err(fault) => Err(self.explain(table, batch, fault)),
        }
    }

    fn count(&mut self, batch: &Batch, affected: u64) -> Result<(), DataError> {
        match batch {
            Batch::Parks(_) => {}
            Batch::Updates(_) => self.applied.changed += affected,
            Batch::Inserts(_) => self.applied.inserted += affected,
        }
        self.done += batch.len() as u64;
        self.reporter.progress(Progress {
            step: Step::Sync,
            done: self.done,
            of: self.of,
            unit: "linhas",
        })?;
        Ok(())
    }

    /// The error of a batch that failed. When the server refused it, names the row that it means.
    fn explain(&mut self, table: &Statements<'_>, batch: &Batch, fault: DbError) -> DataError {
        if !fault.is_refusal() {
            return fault.into();
        }
        if !table.schema().transactional {
            // Each search would leave rows behind.
            let why = phrases::NO_TRANSACTIONS;
            return table_refused(table.schema(), why, fault);
        }
        let circle = table.circle();
        let searched = table.with_rows(batch, |table, build| {
            match self.find_refused(table.rows.len(), build, fault) {
                Ok(Search::Found(row, fault)) => refused(table, row, fault, circle),
                Ok(Search::Ended(fault)) => {
                    let why = phrases::ENDED_WITH_IT;
                    table_refused(table.schema, why, fault)
                }
                Err(fault) => fault.into(),
            }
        });
        searched.unwrap_or_else(|fault| fault)
    }

    /// Halves a refused statement until one row is left. What goes through on the way is rolled back with the rest. Ends
    /// where the server has ended the transaction: whatever were written then would stay.
    fn find_refused(
        &mut self,
        count: usize,
        build: &dyn Fn(Range<usize>) -> Vec<u8>,
        mut fault: DbError,
    ) -> Result<Search, DbError> {
        let (mut from, mut to, mut tried) = (0, count, count);
        while to - from > 1 {
            let middle = from + (to - from) / 2;
            match self.database.try_again(build(from..middle))? {
                Trial::Done => from = middle,
                Trial::Refused(found) => (fault, to, tried) = (found, middle, middle - from),
                Trial::NotSent => return Ok(Search::Ended(fault)),
            }
        }
        if tried > 1 {
            // The row's own words: the last message may have been another one's.
            match self.database.try_again(build(from..to))? {
                Trial::Refused(found) => fault = found,
                Trial::Done => {}
                Trial::NotSent => return Ok(Search::Ended(fault)),
            }
        }
        Ok(Search::Found(from, fault))
    }
}

/// What a search for a refused row found.
enum Search {
    /// The row, and why.
    Found(usize, DbError),
    /// The transaction ended: why.
    Ended(DbError),
}

fn table_refused(schema: &TableSchema, why: Phrase, fault: DbError) -> DataError {
    let table = schema.name.clone();
    DataError::TableRefused { table, why, fault }
}

/// The error of a row that the server does not take.
fn refused(table: &Table<'_>, row: usize, fault: DbError, circle: &[TableName]) -> DataError {
    const NO_PARENT: u16 = 1452;
    let circle = if fault.server_code() == Some(NO_PARENT) {
        circle.to_vec()
    } else {
        Vec::new()
    };
    let package = &table.rows[row];
    let column = match &fault {
        DbError::Refused { message, .. } => named_column(message).and_then(|name| {
            let place = table.schema.position(name)?;
            let value = table.field_of(row, place).map_or_else(String::new, shorten);
            Some((name.to_owned(), value))
        }),
        _ => None,
    };
    DataError::RowRefused(Box::new(RefusedRow {
        source_file: package.source.to_string(),
        place: RowPlace::of(package),
        table: table.schema.name.clone(),
        column,
        circle,
        fault,
    }))
}

/// The column that a message of the server names: `… column 'c' …`, `` … column `d`.`t`.`c` … ``, `` CONSTRAINT `t.c` ``.
fn named_column(message: &str) -> Option<&str> {
    let (_, rest) = message
        .split_once("olumn ")
        .or_else(|| message.split_once("CONSTRAINT "))?;
    let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '`'))?;
    let end = rest.find(' ').unwrap_or(rest.len());
    let name = rest[..end].trim_matches(quote);
    name.rsplit(['.', quote]).next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_column_is_read_from_the_servers_words() {
        for (message, column) in [
            ("Data too long for column 'nome' at row 2", Some("nome")),
            (
                "Incorrect integer value: 'x' for column `db`.`paginas`.`raiz` at row 1",
                Some("raiz"),
            ),
            ("Column 'id' cannot be null", Some("id")),
            (
                "CONSTRAINT `forms.fields_schema` failed for `db`.`forms`",
                Some("fields_schema"),
            ),
            ("Duplicate entry 'a-pt' for key 'id'", None),
            ("Unknown column", None),
        ] {
            assert_eq!(named_column(message), column, "{message}");
        }
    }
}

//! Writes a plan. The one file of this room that changes the database; decides nothing.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;
use std::thread::{Builder, ScopedJoinHandle};

use super::Request;
use super::error::{DataError, RefusedRow};
use super::fault::{RowPlace, shorten};
use super::layout::{Cell, Table};
use super::plan::{Plan, TablePlan, Update};
use super::row_store::RowStore;
use super::sql::{self, Assignment, Tuple};
use super::user_modified::{Marks, NewValue, gives_versao};
use super::value::Value;
use crate::base::db::{Database, DbError};
use crate::log::{Progress, Reporter, Step};
use crate::model::Slug;

/// Bytes of a statement after which the next one begins. The connection copies each one: longer ones cost memory and
/// save no time.
const STATEMENT: usize = 256 << 10;
/// Rows of one UPDATE: the server looks for each row's branch of `CASE` one by one.
const UPDATES: usize = 200;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Applied {
    /// Rows that the server inserted.
    pub inserted: u64,
    /// Rows that the server changed.
    pub changed: u64,
}

/// Writes a plan inside the transaction in which it was made. After any error the transaction must be rolled back.
///
/// # Errors
/// [`DataError::Conflicts`] when the plan has conflicts and they are not to be skipped; [`DataError::RowRefused`] names
/// the row that the server does not take.
pub fn apply(
    database: &mut Database,
    plan: &Plan,
    request: &Request<'_>,
    reporter: &dyn Reporter,
) -> Result<Applied, DataError> {
    plan.check(request.conflicts)?;
    let mut writer = Writer {
        database,
        slug: request.slug,
        reporter,
        done: 0,
        of: plan.writes() as u64,
        applied: Applied::default(),
    };
    for table in &plan.tables {
        writer.table(table, &request.tables[table.source].rows)?;
    }
    Ok(writer.applied)
}

struct Writer<'a> {
    database: &'a mut Database,
    slug: &'a Slug,
    reporter: &'a dyn Reporter,
    done: u64,
    of: u64,
    applied: Applied,
}

/// Rows of a table that one statement writes: places in the plan's updates or inserts.
#[derive(Debug, Clone)]
enum Batch {
    Updates(Range<usize>),
    Inserts(Range<usize>),
}

/// The statements of one table: cut to size, and built from the rows as they are read back.
#[derive(Clone, Copy)]
struct Statements<'a> {
    plan: &'a TablePlan,
    rows: &'a RowStore,
    slug: &'a Slug,
}

impl Statements<'_> {
    /// The batches in order, for statements of about `limit` bytes.
    fn batches(&self, limit: usize) -> Vec<Batch> {
        let mut batches = Vec::new();
        let (updates, inserts) = (&self.plan.updates, &self.plan.inserts);
        let mut from = 0;
        while from < updates.len() {
            let next = updates[from..].iter().take(UPDATES);
            let to = from + fitting(next.map(|update| self.rows.size(update.row)), limit);
            batches.push(Batch::Updates(from..to));
            from = to;
        }
        from = 0;
        while from < inserts.len() {
            let to = from + fitting(inserts[from..].iter().map(|row| self.rows.size(*row)), limit);
            batches.push(Batch::Inserts(from..to));
            from = to;
        }
        batches
    }

    /// Reads the rows of a batch back and hands them over, with what builds a statement of some of them.
    fn with_rows<T>(
        &self,
        batch: &Batch,
        then: impl FnOnce(&Table<'_>, &dyn Fn(Range<usize>) -> Vec<u8>) -> T,
    ) -> Result<T, DataError> {
        let places: Vec<usize> = match batch {
            Batch::Updates(range) => self.plan.updates[range.clone()].iter().map(|update| update.row).collect(),
            Batch::Inserts(range) => self.plan.inserts[range.clone()].to_vec(),
        };
        let loaded = self.rows.load(places).map_err(DataError::Rows)?;
        let table = Table::new(&self.plan.schema, &self.plan.contract, &loaded);
        match batch {
            Batch::Updates(range) => {
                let updates = &self.plan.updates[range.clone()];
                let assigned = |at: usize| assignment(&table, at, &updates[at], self.slug);
                let build = |range: Range<usize>| sql::update(table.schema, &range.map(assigned).collect::<Vec<_>>());
                Ok(then(&table, &build))
            }
            Batch::Inserts(_) => {
                let (columns, marks) = (insert_columns(&table), Marks::of(&table));
                let build = |range: Range<usize>| {
                    let mut statement = sql::insert_head(table.schema, &columns);
                    for (at, row) in range.enumerate() {
                        if at > 0 {
                            statement.push(b',');
                        }
                        sql::push_tuple(&mut statement, &insert_tuple(&table, row, &columns, marks, self.slug));
                    }
                    statement
                };
                Ok(then(&table, &build))
            }
        }
    }

    /// The statement of a batch.
    fn build(&self, batch: &Batch) -> Result<Vec<u8>, DataError> {
        self.with_rows(batch, |table, build| build(0..table.rows.len()))
    }
}

impl Batch {
    fn len(&self) -> usize {
        match self {
            Self::Updates(range) | Self::Inserts(range) => range.len(),
        }
    }
}

impl Writer<'_> {
    /// Writes the rows of a table. While the server works on a statement, the next one is built beside it.
    fn table(&mut self, plan: &TablePlan, rows: &RowStore) -> Result<(), DataError> {
        let slug = self.slug;
        let statements = Statements { plan, rows, slug };
        let batches = &statements.batches(self.limit());
        std::thread::scope(|scope| {
            let (give, built) = sync_channel(0);
            let build_all = move || {
                // Nobody takes the next one after a failure.
                let given = batches.iter().map(|batch| give.send(statements.build(batch)));
                given.take_while(Result::is_ok).for_each(drop);
            };
            let beside = (batches.len() > 1).then(|| Builder::new().spawn_scoped(scope, build_all));
            let beside = beside.and_then(Result::ok);
            let mut written = Ok(());
            for batch in batches {
                let statement = match &beside {
                    Some(_) => built.recv().unwrap_or_else(|_| statements.build(batch)),
                    None => statements.build(batch),
                };
                written = statement.and_then(|statement| self.write(statements, batch, &statement));
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
        STATEMENT.min(self.database.server().max_allowed_packet.saturating_sub(1024))
    }

    /// Sends the statement of a batch. When the server refuses it, finds the row that it means.
    fn write(&mut self, statements: Statements<'_>, batch: &Batch, statement: &[u8]) -> Result<(), DataError> {
        let affected = match self.database.execute(statement) {
            Ok(affected) => affected.rows,
            Err(fault) if fault.is_refusal() => {
                return statements.with_rows(batch, |table, build| {
                    let (row, fault) = self.find_refused(table.rows.len(), build, fault)?;
                    Err(refused(table, row, fault))
                })?;
            }
            Err(fault) => return Err(fault.into()),
        };
        match batch {
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

    /// Halves a refused statement until one row is left. What goes through on the way is taken back.
    fn find_refused(
        &mut self,
        count: usize,
        build: &dyn Fn(Range<usize>) -> Vec<u8>,
        mut fault: DbError,
    ) -> Result<(usize, DbError), DataError> {
        self.database.execute("SAVEPOINT gestor_plugins_search")?;
        let (mut from, mut to) = (0, count);
        while to - from > 1 {
            let middle = from + (to - from) / 2;
            match self.database.execute(build(from..middle)) {
                Ok(_) => from = middle,
                Err(found) if found.is_refusal() => {
                    fault = found;
                    to = middle;
                }
                Err(other) => return Err(other.into()),
            }
        }
        // The row's own words: the last message may have been another one's.
        if let Err(found) = self.database.execute(build(from..to)) {
            fault = found;
        }
        if fault.is_refusal() {
            self.database.execute("ROLLBACK TO SAVEPOINT gestor_plugins_search")?;
        }
        Ok((from, fault))
    }
}

/// How many rows of these sizes, but at least one, fit a statement.
fn fitting(sizes: impl Iterator<Item = usize>, limit: usize) -> usize {
    let mut bytes = 0;
    let fits = |size: &usize| {
        bytes += size + size / 16;
        bytes < limit
    };
    sizes.take_while(fits).count().max(1)
}

/// The error of a row that the server does not take.
fn refused(table: &Table<'_>, row: usize, fault: DbError) -> DataError {
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

/// The columns of an INSERT: what any row gives, the owner, and the version.
fn insert_columns(table: &Table<'_>) -> Vec<usize> {
    let mut columns = table.columns();
    columns.extend(table.schema.owner());
    columns.extend(table.schema.position("versao"));
    columns.sort_unstable();
    columns.dedup();
    columns
}

fn insert_tuple<'a>(table: &Table<'a>, row: usize, columns: &[usize], marks: Marks, slug: &'a Slug) -> Tuple<'a> {
    let own_versao = gives_versao(table, row, marks);
    let value = |column: &usize| {
        if table.schema.owner() == Some(*column) {
            return Some(Value::Text(slug.as_str().into()));
        }
        if marks.versao() == Some(*column) && !own_versao {
            return Some(Value::Number("1".into()));
        }
        table.value_of(row, *column)
    };
    columns.iter().map(value).collect()
}

fn assignment<'a>(table: &Table<'a>, at: usize, update: &'a Update, slug: &'a Slug) -> Assignment<'a> {
    let values = update.changes.iter().map(|change| {
        let value = match change.value {
            NewValue::Field(field) => {
                let cell = Cell {
                    column: change.column,
                    field,
                };
                table.value(at, cell).unwrap_or(Value::Null)
            }
            NewValue::Owner => Value::Text(slug.as_str().into()),
            NewValue::Number(number) => Value::Number(number.to_string().into()),
        };
        (change.column, value)
    });
    Assignment {
        identity: &update.identity,
        values: values.collect(),
    }
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

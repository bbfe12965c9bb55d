//! Reads and writes `gestor_plugins_eventos` and `gestor_plugins_contadores`. What an operation did is counted in its
//! transaction, everything else after it. Tables that are not there are not made here: what is counted then is not.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::error::ObserveError;
use super::event::{BOUNDS, Event, Happened, bucket};
use super::metrics::Counter;
use crate::base::db::{Affected, Database, DbError, FromValue, Params, Row, Value};
use crate::model::Slug;

/// Times that a statement is sent that the server broke off for another one's sake.
const ATTEMPTS: u32 = 4;

/// Characters of a version.
const VERSION: usize = 20;

/// Characters of a name that are shown.
const NAME: usize = 100;
/// Columns of numbers of a counter.
const NUMBERS: [&str; 8] = ["total", "soma_ms", "b1", "b2", "b3", "b4", "b5", "b6"];

/// Days for which an event is kept.
const DAYS: i64 = 400;
/// Events that are kept.
const ROWS: u64 = 50_000;
/// Rows that are removed with one statement.
const REMOVED: u64 = 500;
/// Rows that are removed by one call: the others go with the next ones.
const AT_ONCE: u64 = 10_000;

const COUNT: &str = "INSERT INTO gestor_plugins_contadores (slug, evento, total, soma_ms, b1, b2, b3, b4, b5, b6) VALUES \
     (?, ?, 1, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE total = total + 1, soma_ms = soma_ms + VALUES(soma_ms), \
     b1 = b1 + VALUES(b1), b2 = b2 + VALUES(b2), b3 = b3 + VALUES(b3), b4 = b4 + VALUES(b4), b5 = b5 + VALUES(b5), \
     b6 = b6 + VALUES(b6)";

const RECORD: &str = "INSERT INTO gestor_plugins_eventos (em, slug, evento, versao, servidor, detalhe) VALUES \
     (?, ?, ?, ?, ?, ?)";

/// Counts an event once more, and how long it took where that is told, in the transaction that is open.
pub fn count_within(
    database: &mut Database,
    plugin: &Slug,
    event: Event,
    spent: Option<Duration>,
) -> Result<(), ObserveError> {
    database.exec(COUNT, Params::Positional(counted(plugin, event, spent)))?;
    Ok(())
}

/// The same by itself. Whether it could be counted: our table is there.
pub fn count(
    database: &mut Database,
    plugin: &Slug,
    event: Event,
    spent: Option<Duration>,
) -> Result<bool, ObserveError> {
    unless_absent(sent(database, COUNT, &counted(plugin, event, spent)))
}

fn counted(plugin: &Slug, event: Event, spent: Option<Duration>) -> Vec<Value> {
    let place = spent.and_then(bucket);
    let milliseconds = spent.map_or(0, |spent| u64::try_from(spent.as_millis()).unwrap_or(u64::MAX));
    let mut values: Vec<Value> = vec![plugin.as_str().into(), event.word().into(), milliseconds.into()];
    values.extend((0..BOUNDS.len()).map(|at| u8::from(place == Some(at)).into()));
    values
}

/// Writes the row of an event, in the transaction that is open.
pub fn record_within(
    database: &mut Database,
    plugin: &Slug,
    event: Event,
    happened: &Happened<'_>,
) -> Result<(), ObserveError> {
    database.exec(RECORD, Params::Positional(recorded(plugin, event, happened)))?;
    Ok(())
}

/// The same by itself. Whether it could: our table is there.
pub fn record(
    database: &mut Database,
    plugin: &Slug,
    event: Event,
    happened: &Happened<'_>,
) -> Result<bool, ObserveError> {
    unless_absent(sent(database, RECORD, &recorded(plugin, event, happened)))
}

fn recorded(plugin: &Slug, event: Event, happened: &Happened<'_>) -> Vec<Value> {
    vec![
        happened.at.into(),
        plugin.as_str().into(),
        event.word().into(),
        happened.version.map(short).into(),
        happened.server.into(),
        happened.detail.into(),
    ]
}

/// As much of a version as its column holds: other installers may write longer ones.
fn short(version: &str) -> String {
    version.chars().take(VERSION).collect()
}

/// Whether an event of a plugin's version has a row; it has none where our table is not there.
pub fn is_told(
    database: &mut Database,
    plugin: &Slug,
    event: Event,
    version: Option<&str>,
) -> Result<bool, ObserveError> {
    let sql = "SELECT 1 FROM gestor_plugins_eventos WHERE slug = ? AND evento = ? AND versao <=> ? LIMIT 1";
    let found = rows(database, sql, (plugin.as_str(), event.word(), version.map(short)))?;
    Ok(!found.is_empty())
}

/// All counters, by plugin and event; none where our table is not there. One that cannot be read does not keep the others back: it
/// is an error of its own.
pub fn counters(database: &mut Database) -> Result<Vec<Result<Counter, ObserveError>>, ObserveError> {
    let sql = "SELECT slug, evento, total, soma_ms, b1, b2, b3, b4, b5, b6 FROM gestor_plugins_contadores ORDER BY slug, \
               evento";
    let found = rows(database, sql, Params::Empty)?;
    Ok(found.into_iter().map(counter).collect())
}

/// Removes events that are too old or too many, the oldest first, some at a time: who has many more waits for none of them. How
/// many went.
pub fn purge(database: &mut Database, now: DateTime<Utc>) -> Result<u64, ObserveError> {
    let before = now - TimeDelta::days(DAYS);
    let before = before.format("%Y-%m-%d %H:%M:%S%.3f").to_string();
    let old = format!("SELECT id FROM gestor_plugins_eventos WHERE em < ? ORDER BY em, id LIMIT {REMOVED}");
    let mut removed = 0;
    while removed < AT_ONCE {
        let numbers = numbers(rows(database, &old, (before.as_str(),))?)?;
        if numbers.is_empty() {
            break;
        }
        removed += remove(database, &numbers)?;
    }
    let most = AT_ONCE.saturating_sub(removed);
    let mut more = if most == 0 {
        0
    } else {
        too_many(database)?.map_or(0, |more| more.min(most))
    };
    while more > 0 {
        let oldest = format!(
            "SELECT id FROM gestor_plugins_eventos ORDER BY id LIMIT {}",
            more.min(REMOVED)
        );
        let numbers = numbers(rows(database, &oldest, Params::Empty)?)?;
        if numbers.is_empty() {
            break;
        }
        removed += remove(database, &numbers)?;
        more = more.saturating_sub(numbers.len() as u64);
    }
    Ok(removed)
}

/// How many rows there are too many. They are counted only where their numbers say that they may be.
fn too_many(database: &mut Database) -> Result<Option<u64>, ObserveError> {
    let over = |database: &mut Database, sql: &str| -> Result<Option<u64>, ObserveError> {
        let found = rows(database, sql, Params::Empty)?.into_iter().next();
        let count: u64 = found.map_or(Ok(0), |mut row| value(&mut row, 0, "id"))?;
        Ok(count.checked_sub(ROWS).filter(|more| *more > 0))
    };
    let spread = "SELECT COALESCE(MAX(id) - MIN(id) + 1, 0) FROM gestor_plugins_eventos";
    if over(database, spread)?.is_none() {
        return Ok(None);
    }
    over(database, "SELECT COUNT(*) FROM gestor_plugins_eventos")
}

fn numbers(found: Vec<Row>) -> Result<Vec<u64>, ObserveError> {
    found.into_iter().map(|mut row| value(&mut row, 0, "id")).collect()
}

fn remove(database: &mut Database, numbers: &[u64]) -> Result<u64, ObserveError> {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let sql = format!(
        "DELETE FROM gestor_plugins_eventos WHERE id IN ({})",
        numbers.join(", ")
    );
    Ok(sent(database, &sql, &[])?.rows)
}

fn counter(mut row: Row) -> Result<Counter, ObserveError> {
    let plugin: String = value(&mut row, 0, "slug")?;
    let event: String = value(&mut row, 1, "evento")?;
    let mut numbers = [0; 2 + BOUNDS.len()];
    for (number, (at, column)) in numbers.iter_mut().zip((2..).zip(NUMBERS)) {
        let taken = row.take_opt::<u64, _>(at).and_then(Result::ok);
        *number = taken.ok_or_else(|| ObserveError::Counter {
            plugin: plugin.chars().take(NAME).collect(),
            event: event.chars().take(NAME).collect(),
            column,
        })?;
    }
    let [total, milliseconds, buckets @ ..] = numbers;
    Ok(Counter {
        plugin,
        event,
        total,
        milliseconds,
        buckets,
    })
}

/// Sends a statement by itself, and again where the server broke it off for another one's sake.
fn sent(database: &mut Database, sql: &str, values: &[Value]) -> Result<Affected, DbError> {
    let mut left = ATTEMPTS;
    loop {
        left -= 1;
        match database.exec(sql, Params::Positional(values.to_vec())) {
            Err(fault) if left > 0 && fault.is_retryable() => {}
            done => return done,
        }
    }
}

fn unless_absent(done: Result<Affected, DbError>) -> Result<bool, ObserveError> {
    match done {
        Err(fault) if fault.is_no_table() => Ok(false),
        done => Ok(done.map(|_| true)?),
    }
}

fn rows(database: &mut Database, sql: &str, values: impl Into<Params>) -> Result<Vec<Row>, ObserveError> {
    match database.exec_rows(sql, values) {
        Err(fault) if fault.is_no_table() => Ok(Vec::new()),
        rows => Ok(rows?),
    }
}

fn value<T: FromValue>(row: &mut Row, at: usize, column: &'static str) -> Result<T, ObserveError> {
    let taken = row.take_opt::<T, _>(at).and_then(Result::ok);
    taken.ok_or(ObserveError::Unreadable { column })
}

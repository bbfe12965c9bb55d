//! Times as they are written in statements, lists and tables: UTC, to the second.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};

/// Reads `2026-05-01T10:00:00Z` or the same with an offset.
pub(super) fn read(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// Writes it.
pub(super) fn show(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Reads a time of a table.
pub(super) fn of_table(text: &str) -> Option<DateTime<Utc>> {
    let read = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok()?;
    Some(read.and_utc())
}

/// Seconds since 1970; 0 for what lies before.
pub(super) fn seconds(time: DateTime<Utc>) -> u64 {
    u64::try_from(time.timestamp()).unwrap_or(0)
}

/// A moment as it is shown; of no moment that there is, its number.
pub(super) fn of_seconds(seconds: u64) -> String {
    moment(seconds).map_or_else(|| seconds.to_string(), show)
}

/// A moment by its seconds; nothing where there is none.
pub(super) fn moment(seconds: u64) -> Option<DateTime<Utc>> {
    let seconds = i64::try_from(seconds).ok()?;
    DateTime::from_timestamp(seconds, 0)
}

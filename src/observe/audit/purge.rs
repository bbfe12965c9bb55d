//! What is too old, or too much, goes: whole segments, the oldest first. It is recorded before, and the table of checkpoints forgets
//! them before, so that what is gone since can be told from what somebody took away; size, root and peaks of what went stay in the
//! segment after it.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::place::FILE_MODE;
use super::point::Points;
use super::record::{self, ReadRecord, Record};
use super::retain::{Ended, count_to_purge};
use super::writing::Writing;
use super::{AuditError, Place, Point, recover, segment};
use crate::base::fs::{open_to_read, read_all, remove_file, write_whole_as};

/// What goes, and is recorded as that.
#[derive(Debug)]
pub struct Purge {
    /// The server's id.
    pub server: String,
    /// All until there.
    pub size: u64,
}

/// Decides what goes, and records it; the size of all that.
pub(super) fn record(writing: &mut Writing<'_>) -> Result<Option<u64>, AuditError> {
    let numbers = segment::numbers(writing.folder)?;
    let ended: Vec<u64> = numbers
        .into_iter()
        .filter(|first| *first < writing.head.segment)
        .collect();
    if ended.is_empty() {
        return Ok(None);
    }
    let facts = facts(writing, &ended)?;
    let count = count_to_purge(&facts, writing.head.bytes, writing.limits, writing.now.to_utc());
    let Some(stays) = ended
        .get(count)
        .copied()
        .or(Some(writing.head.segment))
        .filter(|_| count > 0)
    else {
        return Ok(None);
    };
    let Some(before) = first_line(writing, stays)?.and_then(|line| recover::beginning(&line, stays)) else {
        // Somebody wrote to it: nothing that shows what it was goes.
        return Ok(None);
    };
    let bytes: u64 = facts.iter().take(count).map(|segment| segment.bytes).sum();
    let context =
        json!({"tamanho": before.size(), "raiz": before.root.to_string(), "segmentos": count, "bytes": bytes});
    writing.write_now(&[Record::of_log(record::PURGE, &context)])?;
    Ok(Some(before.size()))
}

/// Removes the segments of the first records, so many, and their checkpoints. Only while nobody writes.
pub(super) fn remove((place, folder): (&Place, &Path), size: u64) -> Result<(), AuditError> {
    let numbers = segment::numbers(folder)?;
    let ended = numbers.iter().zip(numbers.iter().skip(1));
    for (first, _) in ended.filter(|(_, next)| **next <= size + 1) {
        remove_file(&segment::path(folder, *first))?;
    }
    shorten_points((place, folder), size)
}

fn facts(writing: &Writing<'_>, ended: &[u64]) -> Result<Vec<Ended>, AuditError> {
    let after = ended.iter().skip(1).chain([&writing.head.segment]);
    let fact = |(first, next): (&u64, &u64)| {
        let file = open_to_read(&segment::path(writing.folder, *first), u64::MAX)?;
        let line = first_line(writing, *next)?;
        Ok(Ended {
            bytes: file.metadata().map_or(0, |found| found.len()),
            at: line.and_then(|line| moment_of(&line)),
        })
    };
    ended.iter().zip(after).map(fact).collect()
}

fn moment_of(line: &[u8]) -> Option<DateTime<Utc>> {
    let record = ReadRecord::read(line)?;
    Some(DateTime::parse_from_rfc3339(&record.em).ok()?.to_utc())
}

fn first_line(writing: &Writing<'_>, first: u64) -> Result<Option<Vec<u8>>, AuditError> {
    use std::os::unix::fs::FileExt;
    let path = segment::path(writing.folder, first);
    let file = match open_to_read(&path, u64::MAX) {
        Err(fault) if fault.is_absent() => return Ok(None),
        file => file?,
    };
    let mut bytes = vec![0; record::LINE];
    let read = file.read_at(&mut bytes, 0).unwrap_or(0);
    bytes.truncate(read);
    Ok(segment::lines(&bytes).next().map(|(line, _)| line.to_vec()))
}

/// Checkpoints of what is gone go as well, but the last one before what stays.
fn shorten_points((place, folder): (&Place, &Path), size: u64) -> Result<(), AuditError> {
    let path = segment::points_path(folder);
    let file = match open_to_read(&path, u64::MAX) {
        Err(fault) if fault.is_absent() => return Ok(()),
        file => file?,
    };
    let bytes = read_all(file, &path, u64::MAX)?;
    // Where a line is none, all of it stays: it is evidence.
    let Ok(Points { points, .. }) = Point::read_lines(&bytes) else {
        return Ok(());
    };
    let gone = points.iter().rposition(|point| point.size() <= size).unwrap_or(0);
    let kept: Vec<u8> = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .skip(gone)
        .flatten()
        .copied()
        .collect();
    write_whole_as(&path, (Some(place.owner), FILE_MODE), &kept)?;
    Ok(())
}

//! What is too old, or too much, goes: whole segments, the oldest first. It is recorded before, so that what is gone since can be
//! told from what somebody took away; size, root and peaks of what went stay in the segment after it.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::place::FILE_MODE;
use super::record::{self, ReadRecord, Record};
use super::retain::{Ended, count_to_purge};
use super::writing::Writing;
use super::{AuditError, Point, recover, segment};
use crate::base::fs::{open_to_read, read_all, remove_file, write_whole_as};

/// Removes them; the size of what is gone.
pub(super) fn purge(writing: &mut Writing<'_>) -> Result<Option<u64>, AuditError> {
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
    for first in ended.iter().take(count) {
        remove_file(&segment::path(writing.folder, *first))?;
    }
    shorten_points(writing, before.size())?;
    Ok(Some(before.size()))
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

/// Checkpoints of what is gone go as well, but the one where what stays begins.
fn shorten_points(writing: &Writing<'_>, size: u64) -> Result<(), AuditError> {
    let path = segment::points_path(writing.folder);
    let file = match open_to_read(&path, u64::MAX) {
        Err(fault) if fault.is_absent() => return Ok(()),
        file => file?,
    };
    let bytes = read_all(file, &path, u64::MAX)?;
    // Where a line is none, all of it stays: it is evidence.
    let Ok(points) = Point::read_lines(&bytes) else {
        return Ok(());
    };
    let kept = points.iter().filter(|point| point.size() >= size);
    let bytes: Vec<u8> = kept.flat_map(Point::line).collect();
    write_whole_as(&path, (Some(writing.place.owner), FILE_MODE), &bytes)?;
    Ok(())
}

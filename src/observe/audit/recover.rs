//! What a writer that was killed has left: lines beyond the head are taken in, what is no whole line is set aside, a head that is
//! gone is made anew. Nothing that is missing is passed over: it is recorded, and the log goes on after it.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;

use serde_json::json;

use super::head::Head;
use super::place::FILE_MODE;
use super::point::Point;
use super::record::{self, ReadRecord, Record};
use super::{AuditError, Place, segment};
use crate::base::fs::{Attempt, FsError, open_to_read, random_hex, write_new};
use crate::base::merkle::{Peaks, leaf};

/// A head that was made anew.
pub(super) struct Remade {
    pub(super) head: Head,
    /// The last checkpoint: the log had at least so many lines.
    pub(super) point: Option<Point>,
    /// What there is to say of it.
    pub(super) note: Option<Record>,
}

/// A head by what else there is: it stands before the last segment, whose lines are then taken in.
pub(super) fn remake(folder: &Path, now: i64) -> Result<Remade, AuditError> {
    let points = segment::points(folder)?.unwrap_or_default();
    let point = points.into_iter().max_by_key(Point::size);
    let last = segment::numbers(folder)?.last().copied();
    let is_new = last.is_none() && point.is_none();
    let mut head = Head::fresh(now);
    match (last, &point) {
        (None | Some(1), _) => {}
        (Some(first), point) => match (before(folder, first)?, point) {
            (Some(tree), _) => (head.tree, head.segment) = (tree, first),
            // Its numbers are taken: what comes now goes on after them.
            (None, Some(point)) if point.size() >= first => {}
            (None, _) => {
                let (path, folder) = (segment::path(folder, first), folder.to_owned());
                return Err(AuditError::NoBeginning { path, folder });
            }
        },
    }
    let note = (!is_new).then(|| Record::of_log(record::HEAD, &json!({"segmento": head.segment})));
    Ok(Remade { head, point, note })
}

/// What stood before a segment, as its first line says it.
fn before(folder: &Path, first: u64) -> Result<Option<Peaks>, AuditError> {
    let path = segment::path(folder, first);
    let file = open_to_read(&path, segment::MOST_BYTES)?;
    let mut bytes = vec![0; record::LINE];
    let read = file
        .read_at(&mut bytes, 0)
        .map_err(|fault| FsError::new(Attempt::Read, &path, fault))?;
    let line = segment::lines(&bytes[..read]).next();
    Ok(line
        .and_then(|(line, _)| beginning(line, first))
        .map(|point| point.tree))
}

/// What the first line of a segment says of all before it.
pub(super) fn beginning(line: &[u8], first: u64) -> Option<Point> {
    let record = ReadRecord::read(line).filter(|record| record.acao == record::SEGMENT && record.n == first)?;
    Point::read(record.ctx).filter(|point| point.size() + 1 == first)
}

/// Takes in the lines of the segment that are not known yet; what is no line is set aside, and told.
pub(super) fn adopt(
    head: &mut Head,
    file: &File,
    (place, folder): (&Place, &Path),
) -> Result<Option<Record>, AuditError> {
    let path = segment::path(folder, head.segment);
    let unread = |fault| FsError::new(Attempt::Read, &path, fault);
    let reader = open_to_read(&path, segment::MOST_BYTES)?;
    let length = reader.metadata().map_err(unread)?.len().saturating_sub(head.bytes);
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    reader.read_exact_at(&mut bytes, head.bytes).map_err(unread)?;
    let mut known = 0;
    for (line, is_whole) in segment::lines(&bytes) {
        if !is_whole || record::number_of(line) != Some(head.next()) {
            break;
        }
        head.tree.push(leaf(line));
        known += line.len() + 1;
    }
    head.bytes += known as u64;
    let rest = &bytes[known..];
    if rest.is_empty() {
        return Ok(None);
    }
    let digits: String = random_hex()?.chars().take(8).collect();
    let name = format!("{}-{digits}.partida", head.next());
    let aside = folder.join(&name);
    write_new(&aside, (Some(place.owner), FILE_MODE), |mut file| {
        file.write_all(rest)
            .map_err(|fault| FsError::new(Attempt::Write, &aside, fault))
    })?;
    file.set_len(head.bytes)
        .map_err(|fault| FsError::new(Attempt::Write, &path, fault))?;
    let context = json!({"segmento": head.segment, "bytes": rest.len(), "arquivo": name});
    Ok(Some(Record::of_log(record::BROKEN, &context)))
}

/// What is said where a segment is shorter than was known.
pub(super) fn lost(head: &Head, found: u64) -> Record {
    let context = json!({"segmento": head.segment, "esperados": head.bytes, "encontrados": found});
    Record::of_log(record::LOST, &context)
}

/// The same where a checkpoint knows of more lines than there are.
pub(super) fn lost_after(head: &Head, point: &Point) -> Record {
    let context = json!({"segmento": head.segment, "registros": head.tree.size(), "ponto": point.size()});
    Record::of_log(record::LOST, &context)
}

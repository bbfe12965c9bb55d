//! Segments as files: which there are, and what can be read of a log while others write to it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::AuditError;
use super::head::{self, Head};
use super::point::{Point, Points, whole_lines};
use crate::base::fs::{Attempt, FsError, HeldFile, file_names, open_to_read, read_all};

/// Bytes of a segment that are read: what ours never have.
pub(super) const MOST_BYTES: u64 = 256 << 20;
/// Bytes of all checkpoints.
const MOST_POINTS: u64 = 256 << 20;
/// Bytes of the end of that file that are read first.
const TAIL: u64 = 64 << 10;

/// How long another one is waited for, who needs microseconds, or a few milliseconds.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn head_path(folder: &Path) -> PathBuf {
    folder.join("cabeca")
}

pub(super) fn points_path(folder: &Path) -> PathBuf {
    folder.join("pontos.jsonl")
}

pub(super) fn path(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first}.jsonl"))
}

/// The numbers of the segments, in order.
pub(super) fn numbers(folder: &Path) -> Result<Vec<u64>, FsError> {
    let number = |name: String| {
        let digits = name.strip_suffix(".jsonl")?;
        let number: u64 = digits.parse().ok()?;
        (number.to_string() == digits).then_some(number)
    };
    let mut numbers: Vec<_> = file_names(folder)?.into_iter().filter_map(number).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Checkpoints of the file; none where there is no file. The number of a line that is none.
pub(super) fn points(folder: &Path) -> Result<Result<Points, usize>, FsError> {
    let path = points_path(folder);
    match open_to_read(&path, MOST_POINTS) {
        Err(fault) if fault.is_absent() => Ok(Ok(Points::default())),
        file => Ok(Point::read_lines(&read_all(file?, &path, MOST_POINTS)?)),
    }
}

/// Checkpoints of the file that are of more records than `size`, as far as they can be read.
pub(super) fn points_after(folder: &Path, size: u64) -> Result<Vec<Point>, FsError> {
    let path = points_path(folder);
    let file = match open_to_read(&path, MOST_POINTS) {
        Err(fault) if fault.is_absent() => return Ok(Vec::new()),
        file => file?,
    };
    let mut length = TAIL;
    loop {
        let (bytes, is_all) = tail(&file, &path, length)?;
        // The first line may be the end of one.
        let lines = whole_lines(&bytes).skip(usize::from(!is_all));
        let points: Vec<_> = lines.filter_map(Point::read_line).collect();
        if is_all || points.first().is_some_and(|point| point.size() <= size) {
            return Ok(points.into_iter().filter(|point| point.size() > size).collect());
        }
        length = length.saturating_mul(8);
    }
}

/// The end of a file, and whether that is all of it.
pub(super) fn tail(file: &File, path: &Path, bytes: u64) -> Result<(Vec<u8>, bool), FsError> {
    use std::os::unix::fs::FileExt;
    let read = |fault| FsError::new(Attempt::Read, path, fault);
    let length = file.metadata().map_err(read)?.len();
    let start = length.saturating_sub(bytes);
    let mut tail = vec![0; usize::try_from(length - start).unwrap_or(usize::MAX)];
    file.read_exact_at(&mut tail, start).map_err(read)?;
    Ok((tail, start == 0))
}

/// A line of a file, without its end, and whether it has one.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = (&[u8], bool)> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(end) = memchr::memchr(b'\n', rest) else {
            return Some((std::mem::take(&mut rest), false));
        };
        let line = &rest[..end];
        rest = &rest[end + 1..];
        Some((line, true))
    })
}

/// A log as it was at one moment: its files are open, whoever writes to them or removes them since.
pub(super) struct Snapshot {
    pub(super) folder: PathBuf,
    /// Nothing where there is none, or it is not whole.
    pub(super) head: Option<Head>,
    pub(super) segments: Vec<OpenSegment>,
    /// The number of a line that is no checkpoint.
    pub(super) points: Result<Points, usize>,
}

pub(super) struct OpenSegment {
    pub(super) first: u64,
    file: File,
    bytes: u64,
}

impl OpenSegment {
    /// What it held at that moment.
    pub(super) fn read(self, folder: &Path) -> Result<Vec<u8>, FsError> {
        let mut bytes = read_all(self.file, &path(folder, self.first), MOST_BYTES)?;
        bytes.truncate(usize::try_from(self.bytes).unwrap_or(usize::MAX));
        Ok(bytes)
    }
}

impl Snapshot {
    /// Takes it, while nobody writes; nothing where there is no log. Makes nothing.
    pub(super) fn take(folder: &Path) -> Result<Option<Self>, AuditError> {
        let numbers_of = |folder| match numbers(folder) {
            Err(fault) if fault.is_absent() => Ok(None),
            found => found.map(Some),
        };
        if numbers_of(folder)?.is_none() {
            return Ok(None);
        }
        let path = head_path(folder);
        let lock = match open_to_read(&path, u64::MAX) {
            Err(fault) if fault.is_absent() => None,
            file => Some(HeldFile::take(file?, &path, PATIENCE)?),
        };
        let head = lock.as_ref().map(|file| head_bytes(file, &path)).transpose()?;
        let segments = numbers(folder)?.into_iter().map(|first| open(folder, first));
        let taken = Self {
            folder: folder.to_owned(),
            head: head.and_then(|bytes| Head::decode(&bytes)),
            segments: segments.collect::<Result<_, FsError>>()?,
            points: points(folder)?,
        };
        drop(lock);
        Ok(Some(taken))
    }
}

fn open(folder: &Path, first: u64) -> Result<OpenSegment, FsError> {
    let path = path(folder, first);
    let file = open_to_read(&path, MOST_BYTES)?;
    let read = |fault| FsError::new(Attempt::Read, &path, fault);
    let bytes = file.metadata().map_err(read)?.len();
    Ok(OpenSegment { first, file, bytes })
}

/// The bytes of the head's file.
pub(super) fn head_bytes(file: &File, path: &Path) -> Result<Vec<u8>, FsError> {
    use std::os::unix::fs::FileExt;
    let mut bytes = vec![0; head::MOST];
    let read = file
        .read_at(&mut bytes, 0)
        .map_err(|fault| FsError::new(Attempt::Read, path, fault))?;
    bytes.truncate(read);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_whether_they_end() {
        let found: Vec<_> = lines(b"a\n\nbc").collect();
        assert_eq!(found, [(&b"a"[..], true), (&b""[..], true), (&b"bc"[..], false)]);
        assert_eq!(lines(b"").count(), 0);
    }

    #[test]
    fn only_names_that_are_numbers_are_segments() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "1.jsonl",
            "20.jsonl",
            "3.jsonl",
            "03.jsonl",
            "pontos.jsonl",
            "x",
            "-1.jsonl",
        ] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(numbers(folder.path()).unwrap(), [1, 3, 20]);
    }
}

//! Reads a file at positions through one buffer, so that many small reads near each other cost one call. Of a small one that
//! was read at once the bytes stand for the file.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::ArchiveError;

/// Bytes that are read after a jump.
const JUMP: usize = 8 << 10;

/// What can be read at positions.
pub(super) trait Source: Sync {
    /// Fills `target` from `at` on.
    fn fill(&self, target: &mut [u8], at: u64) -> io::Result<()>;
}

impl Source for File {
    fn fill(&self, target: &mut [u8], at: u64) -> io::Result<()> {
        self.read_exact_at(target, at)
    }
}

impl Source for Arc<[u8]> {
    fn fill(&self, target: &mut [u8], at: u64) -> io::Result<()> {
        let from = usize::try_from(at).ok().and_then(|at| self.get(at..));
        let bytes = from.and_then(|from| from.get(..target.len()));
        target.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// A piece of a file in memory.
#[derive(Debug)]
pub(super) struct Window {
    capacity: usize,
    start: u64,
    bytes: Vec<u8>,
    length: usize,
}

impl Window {
    /// A window that reads `capacity` bytes at a time.
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            start: 0,
            bytes: Vec::new(),
            length: 0,
        }
    }

    /// Forgets what it holds: it will be another file's.
    pub(super) fn turn_to(&mut self, capacity: usize) {
        (self.capacity, self.start, self.length) = (capacity, 0, 0);
    }

    /// `count` bytes at `at`; none of them lies at or behind `limit`. The caller has checked `at + count <= limit`.
    pub(super) fn read(&mut self, file: &dyn Source, at: u64, count: usize, limit: u64) -> Result<&[u8], ArchiveError> {
        let holds = at >= self.start && at - self.start <= self.length as u64;
        let skip = if holds {
            usize::try_from(at - self.start).unwrap_or(usize::MAX)
        } else {
            usize::MAX
        };
        if skip.checked_add(count).is_some_and(|end| end <= self.length) {
            return Ok(&self.bytes[skip..skip + count]);
        }
        self.fill(file, at, count, limit)?;
        Ok(&self.bytes[..count])
    }

    fn fill(&mut self, file: &dyn Source, at: u64, count: usize, limit: u64) -> Result<(), ArchiveError> {
        let room = usize::try_from(limit.saturating_sub(at)).unwrap_or(usize::MAX);
        // Reading ahead pays only for those who go forward in small steps.
        let end = self.start + self.length as u64;
        let goes_on = at >= end && at - end <= self.capacity as u64;
        let ahead = if goes_on {
            self.capacity
        } else {
            self.capacity.min(JUMP)
        };
        let wanted = ahead.min(room).max(count);
        if self.bytes.len() < wanted {
            self.bytes.resize(wanted, 0);
        }
        (self.start, self.length) = (at, 0);
        read_exact(file, &mut self.bytes[..wanted], at)?;
        self.length = wanted;
        Ok(())
    }
}

/// Fills `target` from `at` on.
pub(super) fn read_exact(file: &dyn Source, target: &mut [u8], at: u64) -> Result<(), ArchiveError> {
    file.fill(target, at).map_err(|source: io::Error| {
        if source.kind() == io::ErrorKind::UnexpectedEof {
            ArchiveError::Truncated { at }
        } else {
            ArchiveError::ReadFailed { at, source }
        }
    })
}

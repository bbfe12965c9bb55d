//! One member as a stream of bytes. The last read fails when size or CRC are wrong.

use std::io::{self, Read};

use super::unpack::{Progress, Unpacker, Unpackers};
use super::{Archive, ArchiveError, Member};

/// Bytes that a read of the archive fetches.
const AHEAD: usize = 64 << 10;

/// Reads a member from the archive, unpacking as it goes.
pub(super) struct MemberReader<'a> {
    archive: &'a Archive,
    member: &'a Member,
    idle: &'a Unpackers,
    /// There until the end.
    unpacker: Option<Unpacker>,
    progress: Progress,
    /// Bytes of the last piece, and those of them that were given.
    made: usize,
    given: usize,
}

impl<'a> MemberReader<'a> {
    pub(super) fn new(archive: &'a Archive, member: &'a Member, idle: &'a Unpackers) -> Self {
        let mut unpacker = idle.take(archive.length, AHEAD);
        Self {
            progress: unpacker.begin(member),
            archive,
            member,
            idle,
            unpacker: Some(unpacker),
            made: 0,
            given: 0,
        }
    }
}

impl Read for MemberReader<'_> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let Some(unpacker) = &mut self.unpacker else {
            return Ok(0);
        };
        while self.given == self.made && !self.progress.is_done() {
            // Of a piece that is wrong nothing is given.
            (self.made, self.given) = (0, 0);
            let piece = unpacker.next_piece(self.archive.source(), self.member, &mut self.progress);
            self.made = piece.map_err(into_io)?.len();
        }
        let rest = &unpacker.made(self.made)[self.given..];
        let count = rest.len().min(target.len());
        target[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

impl Drop for MemberReader<'_> {
    fn drop(&mut self) {
        if let Some(unpacker) = self.unpacker.take() {
            self.idle.give_back(unpacker);
        }
    }
}

/// The fault as one of `Read`; the rule stays in its text, and [`ArchiveError`] can be taken out again.
pub(super) fn into_io(error: ArchiveError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

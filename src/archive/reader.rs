//! One member as a stream of bytes. The last read fails when size or CRC are wrong.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use super::unpack::{Progress, Unpacker};
use super::{ArchiveError, Member};

/// Bytes that a read of the archive fetches.
const AHEAD: usize = 64 << 10;

/// Reads a member from the archive, unpacking as it goes.
pub(super) struct MemberReader {
    file: Arc<File>,
    member: Member,
    unpacker: Unpacker,
    progress: Progress,
    piece: Vec<u8>,
    given: usize,
}

impl MemberReader {
    pub(super) fn new(file: Arc<File>, length: u64, member: Member) -> Self {
        let mut unpacker = Unpacker::new(length, AHEAD);
        Self {
            progress: unpacker.begin(&member),
            file,
            member,
            unpacker,
            piece: Vec::new(),
            given: 0,
        }
    }
}

impl Read for MemberReader {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        while self.given == self.piece.len() && !self.progress.is_done() {
            let piece = self.unpacker.next_piece(&self.file, &self.member, &mut self.progress);
            let piece = piece.map_err(into_io)?;
            self.piece.clear();
            self.piece.extend_from_slice(piece);
            self.given = 0;
        }
        let rest = &self.piece[self.given..];
        let count = rest.len().min(target.len());
        target[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

/// The fault as one of `Read`; the rule stays in its text, and [`ArchiveError`] can be taken out again.
pub(super) fn into_io(error: ArchiveError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

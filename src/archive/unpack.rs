//! The bytes of one member, unpacked piece by piece through buffers that are used again for the next, and for the next
//! archive.

use std::sync::Mutex;

use flate2::{Decompress, FlushDecompress, Status};

use super::error::shown;
use super::window::{Source, Window};
use super::{ArchiveError, Member, phrases};
use crate::base::hash::Hasher;
use crate::model::{Phrase, Sha256Digest};

const INPUT: usize = 128 << 10;
const OUTPUT: usize = 128 << 10;

/// Unpacks members, one after the other.
pub(super) struct Unpacker {
    window: Window,
    inflate: Decompress,
    output: Vec<u8>,
    /// Bytes of the file.
    length: u64,
}

/// Unpackers that nobody uses just now, kept for the next file, of whichever archive.
#[derive(Default)]
pub struct Unpackers(Mutex<Vec<Unpacker>>);

impl std::fmt::Debug for Unpackers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unpackers").finish_non_exhaustive()
    }
}

impl Unpackers {
    /// One for a file of `length` bytes whose reads fetch `ahead` bytes at a time.
    pub(super) fn take(&self, length: u64, ahead: usize) -> Unpacker {
        let idle = self.0.lock().ok().and_then(|mut idle| idle.pop());
        match idle {
            Some(mut unpacker) => {
                unpacker.length = length;
                unpacker.window.turn_to(ahead);
                unpacker
            }
            None => Unpacker::new(length, ahead),
        }
    }

    /// Takes one back.
    pub(super) fn give_back(&self, unpacker: Unpacker) {
        if let Ok(mut idle) = self.0.lock() {
            idle.push(unpacker);
        }
    }
}

/// How far a member is unpacked.
pub(super) struct Progress {
    /// Where the next packed byte stands.
    at: u64,
    produced: u64,
    crc: crc32fast::Hasher,
    /// Of what is to be compared with what somebody signed, or is asked for.
    hasher: Option<Hasher>,
    sha256: Option<Sha256Digest>,
    is_done: bool,
}

impl Progress {
    /// Whether the last piece was made.
    pub(super) fn is_done(&self) -> bool {
        self.is_done
    }
}

impl Unpacker {
    /// An unpacker for a file of `length` bytes whose reads fetch `ahead` bytes at a time.
    pub(super) fn new(length: u64, ahead: usize) -> Self {
        Self {
            length,
            window: Window::new(ahead),
            inflate: Decompress::new(false),
            output: Vec::new(),
        }
    }

    /// Gets ready for a member.
    pub(super) fn begin(&mut self, member: &Member) -> Progress {
        self.inflate.reset(false);
        // One byte more than it says that it has: so it shows at once where it has more.
        let room = usize::try_from(member.size).map_or(OUTPUT, |size| size.saturating_add(1).min(OUTPUT));
        if self.output.len() < room {
            self.output.resize(room, 0);
        }
        Progress {
            at: member.data_at,
            produced: 0,
            crc: crc32fast::Hasher::new(),
            hasher: member.sha256.map(|_| Hasher::default()),
            sha256: None,
            is_done: false,
        }
    }

    /// The next piece, empty at the end. Sizes, CRC, and the SHA-256 that somebody signed are checked when the last piece is made, before it is given.
    pub(super) fn next_piece(
        &mut self,
        file: &dyn Source,
        member: &Member,
        progress: &mut Progress,
    ) -> Result<&[u8], ArchiveError> {
        let mut filled = 0;
        while !progress.is_done && filled < self.output.len() {
            filled += self.step(file, member, progress, filled)?;
        }
        progress.crc.update(&self.output[..filled]);
        progress.produced += filled as u64;
        if progress.produced > member.size || (progress.is_done && progress.produced != member.size) {
            return Err(size_mismatch(member));
        }
        if progress.is_done {
            check_crc(member, progress.crc.clone().finalize())?;
        }
        if let Some(hasher) = &mut progress.hasher {
            hasher.update(&self.output[..filled]);
        }
        if progress.is_done {
            progress.sha256 = progress.hasher.take().map(Hasher::finish);
            check_signed(member, progress.sha256)?;
        }
        Ok(&self.output[..filled])
    }

    /// The first bytes of the last piece.
    pub(super) fn made(&self, count: usize) -> &[u8] {
        &self.output[..count]
    }

    /// Unpacks some bytes to `filled` on, and says how many.
    fn step(
        &mut self,
        file: &dyn Source,
        member: &Member,
        progress: &mut Progress,
        filled: usize,
    ) -> Result<usize, ArchiveError> {
        let end = member.data_at + member.packed;
        let count = usize::try_from(end - progress.at).unwrap_or(INPUT).min(INPUT);
        let input = self.window.read(file, progress.at, count, self.length)?;
        let room = &mut self.output[filled..];
        if !member.is_deflated {
            let taken = count.min(room.len());
            room[..taken].copy_from_slice(&input[..taken]);
            progress.at += taken as u64;
            progress.is_done = progress.at == end;
            return Ok(taken);
        }
        let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self
            .inflate
            .decompress(input, room, FlushDecompress::None)
            .map_err(|_| corrupt(member, phrases::NO_DEFLATE))?;
        let taken = self.inflate.total_in() - before_in;
        let made = self.inflate.total_out() - before_out;
        progress.at += taken;
        if status == Status::StreamEnd {
            progress.is_done = true;
            if progress.at != end {
                return Err(corrupt(member, phrases::BYTES_FOLLOW));
            }
        } else if taken == 0 && made == 0 {
            return Err(corrupt(member, phrases::ENDS_TOO_EARLY));
        }
        Ok(usize::try_from(made).unwrap_or(0))
    }

    /// Unpacks a whole member, giving each piece to `sink`.
    pub(super) fn unpack(
        &mut self,
        file: &dyn Source,
        member: &Member,
        mut sink: impl FnMut(&[u8]) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let mut progress = self.begin(member);
        while !progress.is_done {
            sink(self.next_piece(file, member, &mut progress)?)?;
        }
        Ok(())
    }

    /// The same, and the SHA-256 of all of it.
    pub(super) fn unpack_hashed(
        &mut self,
        file: &dyn Source,
        member: &Member,
        mut sink: impl FnMut(&[u8]) -> Result<(), ArchiveError>,
    ) -> Result<Option<Sha256Digest>, ArchiveError> {
        let mut progress = self.begin(member);
        progress.hasher = Some(Hasher::default());
        while !progress.is_done {
            sink(self.next_piece(file, member, &mut progress)?)?;
        }
        Ok(progress.sha256)
    }
}

fn corrupt(member: &Member, what: Phrase) -> ArchiveError {
    ArchiveError::CorruptData {
        member: shown(&member.name),
        what,
    }
}

fn size_mismatch(member: &Member) -> ArchiveError {
    ArchiveError::SizeMismatch {
        member: shown(&member.name),
        expected: member.size,
    }
}

fn check_crc(member: &Member, found: u32) -> Result<(), ArchiveError> {
    if found == member.crc32 {
        return Ok(());
    }
    Err(ArchiveError::CrcMismatch {
        member: shown(&member.name),
        expected: member.crc32,
        found,
    })
}

/// Whether it is what somebody signed, where somebody did.
fn check_signed(member: &Member, found: Option<Sha256Digest>) -> Result<(), ArchiveError> {
    match member.sha256 {
        Some(_) if member.sha256 != found => Err(ArchiveError::NotAsSigned(shown(&member.name))),
        _ => Ok(()),
    }
}

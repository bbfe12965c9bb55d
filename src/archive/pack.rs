//! Packs a folder: on all cores, in one fixed order, with memory that does not grow with the tree. Each thread packs
//! every n-th share of the files and hands the bytes over; the calling thread writes them in order.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use super::blacklist::Blacklist;
use super::pack_record::{self, Record};
use super::pack_walk::{Skipped, walk};
use super::packer::{BLOCK, Packer, Piece};
use super::{Archive, ArchiveError};
use crate::config::Limits;

/// Files that a thread packs before the next thread's are written.
const SHARE: usize = 64;
/// Pieces that may wait to be written, per thread.
const WAITING: usize = 2;
/// How to pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackOptions {
    /// 0 (stored) to 9 (smallest).
    pub level: u32,
}

impl Default for PackOptions {
    /// Fast: backups are read seldom.
    fn default() -> Self {
        Self { level: 1 }
    }
}

/// What was packed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Packed {
    /// Files.
    pub files: u64,
    /// Folders.
    pub folders: u64,
    /// Bytes before packing.
    pub bytes: u64,
    /// Bytes of the archive.
    pub packed: u64,
    /// What was left out and not by the caller's wish, sorted by path.
    pub skipped: Vec<Skipped>,
}

/// Packs all of a folder except what `exclude` names (paths below it, of files and folders) into an empty file that
/// is open for writing. The same tree gives the same bytes. Empty folders and executable bits are kept, times are not.
pub fn pack_folder(
    folder: &Path,
    output: &File,
    exclude: &dyn Fn(&str) -> bool,
    options: PackOptions,
) -> Result<Packed, ArchiveError> {
    let found = walk(folder, exclude)?;
    let mut writer = Writer::new(output);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(8);
    thread::scope(|scope| {
        // The system may refuse some threads: those that there are learn how many they are before they begin.
        let (mut pipes, mut starts) = (Vec::<Receiver<Piece>>::new(), Vec::new());
        for number in 0..threads {
            let (sender, receiver) = sync_channel(WAITING);
            let (start, started) = sync_channel::<usize>(1);
            let found = &found.found;
            let work = move || {
                if let Ok(threads) = started.recv() {
                    let shares = found.chunks(SHARE).skip(number).step_by(threads);
                    Packer::new(folder, options, sender).run(shares);
                }
            };
            match thread::Builder::new().spawn_scoped(scope, work) {
                Ok(_) => {
                    pipes.push(receiver);
                    starts.push(start);
                }
                Err(source) if pipes.is_empty() => return Err(ArchiveError::NoThread { source }),
                Err(_) => break,
            }
        }
        let threads = pipes.len();
        for start in &starts {
            // A thread that is there waits for it.
            let _ = start.send(threads);
        }
        let shares = found.found.len().div_ceil(SHARE);
        (0..shares).try_for_each(|share| writer.take_share(&pipes[share % threads]))
    })?;
    let mut packed = writer.finish()?;
    packed.skipped = found.skipped;
    Ok(packed)
}

/// Reads an archive that was packed back: every header is inspected and compared. Its members are what was packed.
pub fn verify_packed(file: &File, packed: &Packed) -> Result<Archive, ArchiveError> {
    let file = file
        .try_clone()
        .map_err(|source| ArchiveError::ReadFailed { at: 0, source })?;
    let archive = Archive::open_whole(file, &Limits::none(), &Blacklist::new(Vec::<String>::new()))?;
    let found = archive.members().len() as u64;
    let expected = packed.files + packed.folders;
    if found == expected {
        Ok(archive)
    } else {
        Err(ArchiveError::EntryCount { expected, found })
    }
}

/// Writes pieces one behind the other.
struct Writer<'a> {
    output: &'a File,
    at: u64,
    records: Vec<Record>,
}

impl<'a> Writer<'a> {
    fn new(output: &'a File) -> Self {
        Self {
            output,
            at: 0,
            records: Vec::new(),
        }
    }

    fn take_share(&mut self, pipe: &Receiver<Piece>) -> Result<(), ArchiveError> {
        loop {
            match pipe.recv() {
                Ok(Piece::Members { bytes, records }) => self.members(&bytes, records)?,
                Ok(Piece::Begin(record)) => self.begin(record)?,
                Ok(Piece::Data(bytes)) => self.append(&bytes)?,
                Ok(Piece::Finish(record)) => self.finish_large(record)?,
                Ok(Piece::End) => return Ok(()),
                Ok(Piece::Failed(error)) => return Err(error),
                Err(_) => return Err(self.fault(io::Error::other("a packing thread ended without a word"))),
            }
        }
    }

    fn members(&mut self, bytes: &[u8], records: Vec<Record>) -> Result<(), ArchiveError> {
        let base = self.at;
        self.append(bytes)?;
        self.records.extend(records.into_iter().map(|record| Record {
            header_at: record.header_at + base,
            ..record
        }));
        Ok(())
    }

    fn begin(&mut self, record: Record) -> Result<(), ArchiveError> {
        let record = Record {
            header_at: self.at,
            ..record
        };
        let mut header = Vec::new();
        record.put_local(&mut header);
        self.records.push(record);
        self.append(&header)
    }

    /// Puts the header right, now that sizes and CRC are known.
    fn finish_large(&mut self, record: Record) -> Result<(), ArchiveError> {
        let Some(last) = self.records.last_mut() else {
            return Ok(());
        };
        *last = Record {
            header_at: last.header_at,
            ..record
        };
        let mut header = Vec::new();
        last.put_local(&mut header);
        let at = last.header_at;
        self.output
            .write_all_at(&header, at)
            .map_err(|source| ArchiveError::PackWrite { at, source })
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.output
            .write_all_at(bytes, self.at)
            .map_err(|source| self.fault(source))?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn fault(&self, source: io::Error) -> ArchiveError {
        ArchiveError::PackWrite { at: self.at, source }
    }

    fn finish(mut self) -> Result<Packed, ArchiveError> {
        let directory_at = self.at;
        let records = std::mem::take(&mut self.records);
        let mut bytes = Vec::with_capacity(BLOCK + BLOCK / 4);
        for record in &records {
            record.put_central(&mut bytes);
            if bytes.len() >= BLOCK {
                self.append(&bytes)?;
                bytes.clear();
            }
        }
        let directory_end = self.at + bytes.len() as u64;
        pack_record::put_end(&mut bytes, records.len() as u64, directory_at, directory_end);
        self.append(&bytes)?;
        let folders = records.iter().filter(|record| record.name.ends_with('/')).count() as u64;
        Ok(Packed {
            files: records.len() as u64 - folders,
            folders,
            bytes: records.iter().map(|record| record.size).sum(),
            packed: self.at,
            skipped: Vec::new(),
        })
    }
}

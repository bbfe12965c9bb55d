//! Packs a folder as a ZIP: on all cores, in one fixed order, with memory that does not grow with the tree. Each thread packs
//! every n-th share of the files and hands the bytes over; the calling thread writes them in order.

use std::fs::File;
use std::io::{self, BufReader};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use zip::ZipArchive;

use super::earlier::PackedEarlier;
use super::pack_record::{self, Record};
use super::packer::{BLOCK, Packer, Piece};
use super::{ArchiveError, phrases};
use crate::base::fs::{FsError, Inventory, Item, ItemKind};
use crate::model::Phrase;

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
    /// Bytes before packing.
    pub bytes: u64,
    /// Bytes of the archive.
    pub packed: u64,
    /// Everything in the archive, in its order.
    pub members: Vec<PackedMember>,
}

/// Something in an archive of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedMember {
    /// In the bytes of the file system; with a `/` at the end for a folder.
    pub name: Box<[u8]>,
    /// Bytes.
    pub size: u64,
    /// CRC-32 of the bytes that were read.
    pub crc32: u32,
}

impl PackedMember {
    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.name.ends_with(b"/")
    }
}

/// Whether a ZIP can hold a thing under its name: files and folders whose names are UTF-8 without backslashes and control
/// characters, and not too long.
pub(super) fn fits_zip(item: &Item) -> bool {
    let is_plain = matches!(item.kind, ItemKind::File | ItemKind::Folder);
    let fits =
        |path: &str| path.len() < Record::LONGEST_NAME && !path.contains('\\') && !path.contains(char::is_control);
    is_plain && item.path.to_str().is_some_and(fits)
}

/// Packs all of a folder as a ZIP; see [`pack_zip`].
pub fn pack_folder(folder: &Path, output: &File, options: PackOptions) -> Result<Packed, ArchiveError> {
    let inventory = Inventory::of(folder).map_err(unreadable)?;
    pack_zip(&inventory, output, options)
}

/// Packs what was listed into an empty file that is open for reading and writing. The same tree gives the same bytes.
/// Empty folders and executable bits are kept, times are not.
pub fn pack_zip(inventory: &Inventory, output: &File, options: PackOptions) -> Result<Packed, ArchiveError> {
    pack_beside(inventory, output, options, None)
}

/// The same, where files that an archive holds already are taken from there as they are packed.
pub(super) fn pack_beside(
    inventory: &Inventory,
    output: &File,
    options: PackOptions,
    earlier: Option<PackedEarlier<'_>>,
) -> Result<Packed, ArchiveError> {
    if let Some(item) = inventory.items().iter().find(|item| !fits_zip(item)) {
        return Err(ArchiveError::PackRead {
            path: inventory.place(item),
            source: io::Error::other(phrases::NOT_FOR_ZIP),
        });
    }
    let mut writer = Writer::new(output);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(8);
    let shares = inventory.items().len().div_ceil(SHARE);
    thread::scope(|scope| {
        // The system may refuse some threads: those that there are learn how many they are before they begin.
        let (mut pipes, mut starts) = (Vec::<Receiver<Piece>>::new(), Vec::new());
        for number in 0..threads {
            let (sender, receiver) = sync_channel(WAITING);
            let (start, started) = sync_channel::<usize>(1);
            let work = move || {
                if let Ok(threads) = started.recv() {
                    let shares = inventory.items().chunks(SHARE).skip(number).step_by(threads);
                    Packer::new(inventory, (options, earlier), sender).run(shares);
                }
            };
            match thread::Builder::new().spawn_scoped(scope, work) {
                Ok(_) => {
                    pipes.push(receiver);
                    starts.push(start);
                }
                Err(source) if pipes.is_empty() => return Err(ArchiveError::NoThread(source)),
                Err(_) => break,
            }
        }
        let threads = pipes.len();
        for start in &starts {
            // A thread that is there waits for it.
            let _ = start.send(threads);
        }
        (0..shares).try_for_each(|share| writer.take_share(&pipes[share % threads]))
    })?;
    writer.finish()
}

/// A fault of the file system while a tree is packed.
pub(super) fn unreadable(fault: FsError) -> ArchiveError {
    ArchiveError::PackRead {
        path: fault.path().to_owned(),
        source: io::Error::other(fault),
    }
}

/// Reads a ZIP that was packed back with another program's eyes: every header is compared with what was packed.
pub(super) fn verify_zip(file: &File, packed: &Packed) -> Result<(), ArchiveError> {
    let differs = |what: Phrase| ArchiveError::PackWrite {
        at: 0,
        source: io::Error::other(what),
    };
    let mut archive =
        ZipArchive::new(BufReader::new(file)).map_err(|fault| differs(Phrase::of_others(fault.to_string())))?;
    if archive.len() != packed.members.len() {
        let (found, expected) = (archive.len(), packed.members.len());
        return Err(differs(phrases::other_count(found, expected)));
    }
    for (place, expected) in packed.members.iter().enumerate() {
        let found = archive
            .by_index_raw(place)
            .map_err(|fault| differs(Phrase::of_others(fault.to_string())))?;
        let is_same = *found.name_raw() == *expected.name
            && found.size() == expected.size
            && (found.crc32() == expected.crc32 || found.is_dir());
        if !is_same {
            let name = String::from_utf8_lossy(&expected.name).into_owned();
            return Err(differs(phrases::not_as_packed(&name)));
        }
    }
    Ok(())
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
                Err(_) => return Err(self.fault(io::Error::other(phrases::THREAD_ENDED))),
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
        Ok(Packed {
            bytes: records.iter().map(|record| record.size).sum(),
            packed: self.at,
            members: records.into_iter().map(PackedMember::from).collect(),
        })
    }
}

impl From<Record> for PackedMember {
    fn from(record: Record) -> Self {
        Self {
            name: record.name.into_bytes().into_boxed_slice(),
            size: record.size,
            crc32: record.crc32,
        }
    }
}

//! Packs a folder: on all cores, in one fixed order, with memory that does not grow with the tree. Each thread packs
//! every n-th share of the files and hands the bytes over; the calling thread writes them in order.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use flate2::{Compress, Compression, FlushCompress, Status};

use super::blacklist::Blacklist;
use super::pack_record::{self, Record};
use super::pack_walk::{Found, Skipped, place, walk};
use super::{Archive, ArchiveError};
use crate::config::Limits;

/// Files that a thread packs before the next thread's are written.
const SHARE: usize = 64;
/// Files up to this size are packed in memory; larger ones are streamed.
const SMALL: u64 = 256 << 10;
/// Packed bytes that are handed over at once, about.
const BLOCK: usize = 256 << 10;
/// Pieces that may wait to be written, per thread.
const WAITING: usize = 4;
/// From this size on a member's sizes may need 64 bits. Deflate never adds a tenth.
const WIDE: u64 = 0xe000_0000;

/// Endings of files that are packed already.
const PACKED_ENDINGS: &[&str] = &[
    "7z", "avif", "br", "bz2", "gif", "gz", "jpeg", "jpg", "mp3", "mp4", "ogg", "png", "rar", "webm", "webp", "woff",
    "woff2", "xz", "zip", "zst",
];

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
        let pipes: Vec<Receiver<Piece>> = (0..threads)
            .map(|number| {
                let (sender, receiver) = sync_channel(WAITING);
                let shares = found.found.chunks(SHARE).skip(number).step_by(threads);
                scope.spawn(move || Packer::new(folder, options, sender).run(shares));
                receiver
            })
            .collect();
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
    let archive = Archive::open(file, &Limits::none(), &Blacklist::new(Vec::<String>::new()))?;
    let found = archive.members().len() as u64;
    let expected = packed.files + packed.folders;
    if found == expected {
        Ok(archive)
    } else {
        Err(ArchiveError::EntryCount { expected, found })
    }
}

/// What a thread hands over. A share ends with `End`.
enum Piece {
    /// Whole members; their `header_at` counts from the first byte.
    Members { bytes: Vec<u8>, records: Vec<Record> },
    /// A large member begins; CRC and packed size are not known yet.
    Begin(Record),
    /// Bytes of a large member.
    Data(Vec<u8>),
    /// The large member is whole: this is its record.
    Finish(Record),
    /// The share is done.
    End,
    /// A file could not be read.
    Failed(ArchiveError),
}

/// The other end is gone: somebody else failed.
struct Gone;

/// One thread that packs.
struct Packer<'a> {
    folder: &'a Path,
    level: u32,
    sender: SyncSender<Piece>,
    compress: Compress,
    input: Vec<u8>,
    bytes: Vec<u8>,
    records: Vec<Record>,
}

impl<'a> Packer<'a> {
    fn new(folder: &'a Path, options: PackOptions, sender: SyncSender<Piece>) -> Self {
        Self {
            folder,
            level: options.level.min(9),
            sender,
            compress: Compress::new(Compression::new(options.level.min(9)), false),
            input: vec![0; usize::try_from(SMALL).unwrap_or(0) + 1],
            bytes: Vec::new(),
            records: Vec::new(),
        }
    }

    fn run<'b>(mut self, shares: impl Iterator<Item = &'b [Found]>) {
        for share in shares {
            let packed = share.iter().try_for_each(|found| self.pack(found));
            let ended = match packed {
                Ok(()) => self.hand_over().and_then(|()| self.send(Piece::End)),
                Err(error) => self.send(Piece::Failed(error)).and(Err(Gone)),
            };
            if ended.is_err() {
                return;
            }
        }
    }

    fn send(&self, piece: Piece) -> Result<(), Gone> {
        self.sender.send(piece).map_err(|_| Gone)
    }

    fn hand_over(&mut self) -> Result<(), Gone> {
        if self.records.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::replace(&mut self.bytes, Vec::with_capacity(BLOCK + BLOCK / 4));
        let records = std::mem::take(&mut self.records);
        self.send(Piece::Members { bytes, records })
    }

    fn pack(&mut self, found: &Found) -> Result<(), ArchiveError> {
        let path = place(self.folder, &found.name);
        let fault = |source| ArchiveError::PackRead {
            path: path.clone(),
            source,
        };
        let mut record = Record {
            name: found.name.clone(),
            is_executable: false,
            is_deflated: false,
            crc32: 0,
            size: 0,
            packed: 0,
            header_at: self.bytes.len() as u64,
            is_wide: false,
        };
        if found.name.ends_with('/') {
            record.put_local(&mut self.bytes);
            self.records.push(record);
            return Ok(());
        }
        let file = open(&path).map_err(fault)?;
        let metadata = file.metadata().map_err(fault)?;
        record.is_executable = metadata.mode() & 0o111 != 0;
        record.is_deflated = self.level > 0 && !is_packed_already(&found.name);
        if metadata.len() > SMALL {
            return self.pack_large(file, metadata.len(), record).map_err(fault);
        }
        let count = read_up_to(&file, &mut self.input).map_err(fault)?;
        if count as u64 > SMALL {
            // It has grown since.
            return self
                .pack_large(open(&path).map_err(fault)?, SMALL + 1, record)
                .map_err(fault);
        }
        self.pack_small(count, record).map_err(fault)?;
        if self.bytes.len() >= BLOCK {
            // When nobody listens any more, there is nobody to tell either.
            let _ = self.hand_over();
        }
        Ok(())
    }

    fn pack_small(&mut self, count: usize, mut record: Record) -> io::Result<()> {
        let input = &self.input[..count];
        record.crc32 = crc32fast::hash(input);
        record.size = count as u64;
        let start = self.bytes.len();
        record.put_local(&mut self.bytes);
        if record.is_deflated {
            let data_at = self.bytes.len();
            self.compress.reset();
            self.bytes.reserve(count + count / 8 + 64);
            let mut taken = 0;
            while self
                .compress
                .compress_vec(&input[taken..], &mut self.bytes, FlushCompress::Finish)?
                != Status::StreamEnd
            {
                taken = usize::try_from(self.compress.total_in()).unwrap_or(count);
                self.bytes.reserve(BLOCK);
            }
            record.packed = (self.bytes.len() - data_at) as u64;
        }
        if !record.is_deflated || record.packed >= record.size {
            self.bytes.truncate(start);
            record.is_deflated = false;
            record.packed = record.size;
            record.put_local(&mut self.bytes);
            self.bytes.extend_from_slice(input);
        } else {
            let mut header = Vec::with_capacity(30 + record.name.len());
            record.put_local(&mut header);
            self.bytes[start..start + header.len()].copy_from_slice(&header);
        }
        self.records.push(record);
        Ok(())
    }

    /// Streams a file whose size may change under our hands: what was read counts.
    fn pack_large(&mut self, mut file: File, expected: u64, mut record: Record) -> io::Result<()> {
        record.is_wide = expected >= WIDE;
        if self.hand_over().is_err() || self.send(Piece::Begin(record.clone())).is_err() {
            return Ok(());
        }
        let mut crc = crc32fast::Hasher::new();
        self.compress.reset();
        loop {
            let count = read_some(&mut file, &mut self.input)?;
            crc.update(&self.input[..count]);
            record.size += count as u64;
            let block = self.pack_block(count, record.is_deflated)?;
            record.packed += block.len() as u64;
            if !block.is_empty() && self.send(Piece::Data(block)).is_err() {
                return Ok(());
            }
            if count == 0 {
                break;
            }
        }
        if !record.is_wide && record.size.max(record.packed) >= u64::from(u32::MAX) {
            return Err(io::Error::other("the file grew past 4 GiB while it was packed"));
        }
        record.crc32 = crc.finalize();
        let _ = self.send(Piece::Finish(record));
        Ok(())
    }

    /// Packs what stands in the input buffer; nothing there ends the stream.
    fn pack_block(&mut self, count: usize, is_deflated: bool) -> io::Result<Vec<u8>> {
        let input = &self.input[..count];
        if !is_deflated {
            return Ok(input.to_vec());
        }
        let flush = if count == 0 {
            FlushCompress::Finish
        } else {
            FlushCompress::None
        };
        let mut block = Vec::with_capacity(count + 1024);
        let start = self.compress.total_in();
        loop {
            let taken = usize::try_from(self.compress.total_in() - start).unwrap_or(count);
            let status = self.compress.compress_vec(&input[taken..], &mut block, flush)?;
            let all_taken = self.compress.total_in() - start == count as u64;
            if status == Status::StreamEnd || (count > 0 && all_taken && block.len() < block.capacity()) {
                return Ok(block);
            }
            block.reserve(BLOCK);
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    let flags = nix::fcntl::OFlag::O_NOFOLLOW | nix::fcntl::OFlag::O_NONBLOCK;
    OpenOptions::new().read(true).custom_flags(flags.bits()).open(path)
}

/// Reads until the buffer is full or the file ends.
fn read_up_to(file: &File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(filled)
}

fn read_some(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(buffer) {
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

fn is_packed_already(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| PACKED_ENDINGS.contains(&ending.as_str()))
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

//! One thread that packs files and hands the bytes over.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::mpsc::SyncSender;

use flate2::{Compress, Compression, FlushCompress, Status};

use super::earlier::PackedEarlier;
use super::pack_record::Record;
use super::window::read_exact;
use super::{Archive, ArchiveError, Member, PackOptions, phrases};
use crate::base::fs::{Inventory, Item};

/// Files up to this size are packed in memory; larger ones are streamed.
const SMALL: u64 = 256 << 10;
/// Packed bytes that are handed over at once, about.
pub(super) const BLOCK: usize = 256 << 10;
/// From this size on a member's sizes may need 64 bits. Deflate never adds a tenth.
const WIDE: u64 = 0xe000_0000;

/// Endings of files that are packed already.
const PACKED_ENDINGS: &[&str] = &[
    "7z", "avif", "br", "bz2", "gif", "gz", "jpeg", "jpg", "mp3", "mp4", "ogg", "png", "rar", "webm", "webp", "woff",
    "woff2", "xz", "zip", "zst",
];

/// What a thread hands over. A share ends with `End`.
pub(super) enum Piece {
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
pub(super) struct Packer<'a> {
    inventory: &'a Inventory,
    earlier: Option<PackedEarlier<'a>>,
    level: u32,
    sender: SyncSender<Piece>,
    compress: Compress,
    input: Vec<u8>,
    bytes: Vec<u8>,
    records: Vec<Record>,
}

impl<'a> Packer<'a> {
    pub(super) fn new(
        inventory: &'a Inventory,
        (options, earlier): (PackOptions, Option<PackedEarlier<'a>>),
        sender: SyncSender<Piece>,
    ) -> Self {
        Self {
            inventory,
            earlier,
            level: options.level.min(9),
            sender,
            compress: Compress::new(Compression::new(options.level.min(9)), false),
            input: vec![0; usize::try_from(SMALL).unwrap_or(0) + 1],
            bytes: Vec::new(),
            records: Vec::new(),
        }
    }

    /// Packs shares one after the other.
    pub(super) fn run<'b>(mut self, shares: impl Iterator<Item = &'b [Item]>) {
        for share in shares {
            let packed = share.iter().try_for_each(|item| self.pack(item));
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

    fn pack(&mut self, item: &Item) -> Result<(), ArchiveError> {
        let inventory = self.inventory;
        let fault = |source| ArchiveError::PackRead {
            path: inventory.place(item),
            source,
        };
        let mut record = Record {
            name: String::from_utf8_lossy(&item.member_name()).into_owned(),
            is_executable: false,
            is_deflated: false,
            crc32: 0,
            size: 0,
            packed: 0,
            header_at: self.bytes.len() as u64,
            is_wide: false,
        };
        if record.name.ends_with('/') {
            record.put_local(&mut self.bytes);
            self.records.push(record);
            return Ok(());
        }
        if let Some((archive, member)) = self.earlier.and_then(|earlier| earlier.find(item)) {
            record.is_executable = item.mode & 0o111 != 0;
            return self.take_packed(archive, member, record);
        }
        let open = || inventory.open(item).map_err(fault);
        let file = open()?;
        let metadata = file.metadata().map_err(fault)?;
        if !metadata.is_file() {
            return Err(fault(io::Error::other(phrases::REPLACED)));
        }
        record.is_executable = metadata.mode() & 0o111 != 0;
        record.is_deflated = self.level > 0 && !is_packed_already(&record.name);
        if metadata.len() > SMALL {
            return self.pack_large(file, metadata.len(), record).map_err(fault);
        }
        let count = read_up_to(&file, &mut self.input).map_err(fault)?;
        if count as u64 > SMALL {
            // It has grown since.
            return self.pack_large(open()?, SMALL + 1, record).map_err(fault);
        }
        self.pack_small(count, record).map_err(fault)?;
        if self.bytes.len() >= BLOCK {
            // When nobody listens any more, there is nobody to tell either.
            let _ = self.hand_over();
        }
        Ok(())
    }

    /// A member of an archive that holds the same bytes, as it is packed there.
    fn take_packed(&mut self, archive: &Archive, member: &Member, mut record: Record) -> Result<(), ArchiveError> {
        (record.is_deflated, record.crc32) = (member.is_deflated, member.crc32);
        (record.size, record.packed) = (member.size, member.packed);
        record.is_wide = member.size.max(member.packed) >= WIDE;
        if member.packed > SMALL {
            if self.hand_over().is_err() || self.send(Piece::Begin(record.clone())).is_err() {
                return Ok(());
            }
            let mut at = 0;
            while at < member.packed {
                let count = (member.packed - at).min(SMALL);
                let mut piece = vec![0; usize::try_from(count).unwrap_or(0)];
                read_exact(&*archive.file, &mut piece, member.data_at + at)?;
                at += count;
                if self.send(Piece::Data(piece)).is_err() {
                    return Ok(());
                }
            }
            let _ = self.send(Piece::Finish(record));
            return Ok(());
        }
        record.put_local(&mut self.bytes);
        let start = self.bytes.len();
        self.bytes
            .resize(start + usize::try_from(member.packed).unwrap_or(0), 0);
        read_exact(&*archive.file, &mut self.bytes[start..], member.data_at)?;
        self.records.push(record);
        if self.bytes.len() >= BLOCK {
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
            return Err(io::Error::other(phrases::GREW));
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

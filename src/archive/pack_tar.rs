//! Packs a folder as `.tar.gz`, for what a ZIP cannot hold: names of any bytes and length, links, pipes, devices. In the
//! form of GNU tar, which every reader knows. Sockets have no form in any archive.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use tar::{Archive, Builder, EntryType, Header};

use super::pack::{PackOptions, Packed, PackedMember};
use super::{ArchiveError, phrases};
use crate::base::fs::{Inventory, Item, ItemKind};

/// Longer names stand in an entry of their own before the one that they belong to.
const LONGEST_NAME: usize = 100;
/// The name of such an entry.
const LONG_LINK: &[u8] = b"././@LongLink";
const PIECE: usize = 128 << 10;

type Target<'a> = Builder<GzEncoder<BufWriter<&'a File>>>;

/// Packs what was listed into an empty file.
///
/// # Errors
/// A socket, and a file that became shorter while it was read.
pub(super) fn pack(inventory: &Inventory, output: &File, options: PackOptions) -> Result<Packed, ArchiveError> {
    let unwritten = |source| ArchiveError::PackWrite { at: 0, source };
    let compression = Compression::new(options.level.min(9));
    let mut target = Builder::new(GzEncoder::new(BufWriter::new(output), compression));
    let mut packed = Packed::default();
    for item in inventory.items() {
        let member = put(&mut target, inventory, item).map_err(|source| ArchiveError::PackRead {
            path: inventory.place(item),
            source,
        })?;
        packed.bytes += member.size;
        packed.members.push(member);
    }
    let ended = target.into_inner().and_then(GzEncoder::finish);
    ended.and_then(|mut rest| rest.flush()).map_err(unwritten)?;
    packed.packed = output.metadata().map_err(unwritten)?.len();
    Ok(packed)
}

fn put(target: &mut Target<'_>, inventory: &Inventory, item: &Item) -> io::Result<PackedMember> {
    let name = item.member_name();
    let mut header = header_of(item)?;
    put_name(target, &mut header, EntryType::GNULongName, &name)?;
    let (mut size, mut crc32) = (0, 0);
    match item.kind {
        ItemKind::File => {
            let file = inventory.open(item)?;
            let found = file.metadata()?;
            if !found.is_file() {
                return Err(io::Error::other(phrases::REPLACED));
            }
            size = found.len();
            let mut content = Content::new(file, size);
            header.set_size(size);
            header.set_cksum();
            target.append(&header, &mut content)?;
            crc32 = content.finish()?;
        }
        ItemKind::Link => {
            let leads_to = inventory.read_link(item)?;
            put_name(target, &mut header, EntryType::GNULongLink, &leads_to)?;
            // What a link leads to is its content.
            (size, crc32) = (leads_to.len() as u64, crc32fast::hash(&leads_to));
            header.set_cksum();
            target.append(&header, io::empty())?;
        }
        _ => {
            header.set_cksum();
            target.append(&header, io::empty())?;
        }
    }
    let name = name.into_owned().into_boxed_slice();
    Ok(PackedMember { name, size, crc32 })
}

/// Everything but name, link and size.
fn header_of(item: &Item) -> io::Result<Header> {
    let mut header = Header::new_gnu();
    header.set_entry_type(match item.kind {
        ItemKind::Folder => EntryType::Directory,
        ItemKind::File => EntryType::Regular,
        ItemKind::Link => EntryType::Symlink,
        ItemKind::Fifo => EntryType::Fifo,
        ItemKind::CharDevice => EntryType::Char,
        ItemKind::BlockDevice => EntryType::Block,
        ItemKind::Socket => return Err(io::Error::other(phrases::NO_SOCKET)),
    });
    header.set_mode(item.mode);
    header.set_uid(u64::from(item.uid));
    header.set_gid(u64::from(item.gid));
    header.set_mtime(u64::try_from(item.modified.0).unwrap_or(0));
    header.set_size(0);
    if matches!(item.kind, ItemKind::CharDevice | ItemKind::BlockDevice) {
        let part = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        header.set_device_major(part(nix::sys::stat::major(item.device)))?;
        header.set_device_minor(part(nix::sys::stat::minor(item.device)))?;
    }
    Ok(header)
}

/// Puts a name or the target of a link into the header, byte for byte; a long one before it as well.
fn put_name(target: &mut Target<'_>, header: &mut Header, kind: EntryType, name: &[u8]) -> io::Result<()> {
    if name.len() > LONGEST_NAME {
        let mut long = Header::new_gnu();
        long.as_old_mut().name[..LONG_LINK.len()].copy_from_slice(LONG_LINK);
        long.set_entry_type(kind);
        long.set_mode(0o644);
        long.set_uid(0);
        long.set_gid(0);
        long.set_mtime(0);
        long.set_size(name.len() as u64 + 1);
        long.set_cksum();
        target.append(&long, name.chain(&[0_u8][..]))?;
    }
    let fields = header.as_old_mut();
    let field = if kind == EntryType::GNULongLink {
        &mut fields.linkname
    } else {
        &mut fields.name
    };
    let length = name.len().min(LONGEST_NAME);
    field[..length].copy_from_slice(&name[..length]);
    Ok(())
}

/// The first bytes of a file, as many as the header says.
struct Content {
    file: io::Take<File>,
    hasher: crc32fast::Hasher,
}

impl Content {
    fn new(file: File, size: u64) -> Self {
        Self {
            file: file.take(size),
            hasher: crc32fast::Hasher::new(),
        }
    }

    fn finish(self) -> io::Result<u32> {
        if self.file.limit() > 0 {
            return Err(io::Error::other(phrases::SHRANK));
        }
        Ok(self.hasher.finalize())
    }
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}

/// Unpacks an archive that was packed, to nowhere, and compares every name, size and byte with what was packed.
pub(super) fn verify(file: &File, packed: &Packed) -> Result<(), ArchiveError> {
    let mut file = file;
    let checked = file.rewind().and_then(|()| compare(file, packed));
    checked.map_err(|source| ArchiveError::PackWrite { at: 0, source })
}

fn compare(file: &File, packed: &Packed) -> io::Result<()> {
    let differs = |name: &[u8]| {
        let name = String::from_utf8_lossy(name).into_owned();
        io::Error::other(phrases::not_as_packed(&name))
    };
    let mut archive = Archive::new(GzDecoder::new(BufReader::new(file)));
    let (mut expected, mut buffer) = (packed.members.iter(), vec![0; PIECE]);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = entry.path_bytes().into_owned();
        let member = expected.next().ok_or_else(|| differs(&name))?;
        let mut hasher = crc32fast::Hasher::new();
        let mut size = 0;
        if let Some(leads_to) = entry.link_name_bytes() {
            hasher.update(&leads_to);
            size = leads_to.len() as u64;
        }
        loop {
            let count = entry.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            hasher.update(&buffer[..count]);
            size += count as u64;
        }
        if *name != *member.name || size != member.size || hasher.finalize() != member.crc32 {
            return Err(differs(&member.name));
        }
    }
    if let Some(missing) = expected.next() {
        return Err(differs(&missing.name));
    }
    // The rest, and with it the checksum of the whole.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map(|_| ())
}

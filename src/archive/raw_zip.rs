//! Builds archives for tests, header by header, so that any value can be made wrong.

use std::fs::File;
use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// One header's values. Local and central have one each, equal at first.
#[derive(Debug, Clone)]
pub(super) struct Header {
    pub(super) signature: Vec<u8>,
    pub(super) made_by: u16,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) time: u32,
    pub(super) crc32: u32,
    pub(super) packed: u32,
    pub(super) size: u32,
    pub(super) name: Vec<u8>,
    pub(super) extra: Vec<u8>,
    /// Central only, from here on.
    pub(super) comment: Vec<u8>,
    pub(super) disk: u16,
    pub(super) attributes: u32,
    /// Where the directory says that the local header is; `None` is the truth.
    pub(super) offset: Option<u32>,
}

/// One member.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) local: Header,
    pub(super) central: Header,
    /// The packed bytes.
    pub(super) data: Vec<u8>,
    /// What follows them: a data descriptor, or rubbish.
    pub(super) after: Vec<u8>,
    /// Left out of the directory, or of the members.
    pub(super) is_listed: bool,
    pub(super) is_present: bool,
}

/// Makes zip64 records of entries, size, offset and position.
pub(super) type MakeZip64 = fn(u64, u64, u64, u64) -> Vec<u8>;

/// An archive.
#[derive(Debug, Clone, Default)]
pub(super) struct RawZip {
    pub(super) before: Vec<u8>,
    pub(super) entries: Vec<Entry>,
    pub(super) before_directory: Vec<u8>,
    pub(super) after_directory: Vec<u8>,
    pub(super) comment: Vec<u8>,
    pub(super) after: Vec<u8>,
    pub(super) end: End,
    /// Bytes of a zip64 record and locator, made from the true values (entries, size, offset, position).
    pub(super) zip64: Option<MakeZip64>,
}

/// Changes to the end record.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct End {
    pub(super) disk: Option<u16>,
    pub(super) entries_here: Option<u16>,
    pub(super) entries: Option<u16>,
    pub(super) size: Option<u32>,
    pub(super) offset: Option<u32>,
    pub(super) comment_length: Option<u16>,
}

pub(super) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn small<Target: TryFrom<usize>>(value: usize) -> Target {
    Target::try_from(value).unwrap_or_else(|_| panic!("too big for the field: {value}"))
}

/// An extra field.
pub(super) fn field(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes(), &small::<u16>(data.len()).to_le_bytes(), data].concat()
}

/// A Unicode-path field for a header's name.
pub(super) fn unicode_path(of: &[u8], name: &[u8]) -> Vec<u8> {
    field(0x7075, &[&[1], &crc32fast::hash(of).to_le_bytes()[..], name].concat())
}

impl Entry {
    /// A file, deflated.
    pub(super) fn file(name: impl AsRef<[u8]>, content: &[u8]) -> Self {
        Self::packed(name.as_ref(), 8, deflate(content), content, 0o100_644)
    }

    /// A file, stored.
    pub(super) fn stored(name: impl AsRef<[u8]>, content: &[u8]) -> Self {
        Self::packed(name.as_ref(), 0, content.to_vec(), content, 0o100_644)
    }

    /// A folder; the name ends in `/`.
    pub(super) fn folder(name: &str) -> Self {
        Self::packed(name.as_bytes(), 0, Vec::new(), b"", 0o040_755)
    }

    fn packed(name: &[u8], method: u16, data: Vec<u8>, content: &[u8], mode: u32) -> Self {
        let header = Header {
            signature: b"PK\x03\x04".to_vec(),
            made_by: 0x0314,
            flags: 0,
            method,
            time: 0x5a21_6000,
            crc32: crc32fast::hash(content),
            packed: small(data.len()),
            size: small(content.len()),
            name: name.to_vec(),
            extra: Vec::new(),
            comment: Vec::new(),
            disk: 0,
            attributes: mode << 16,
            offset: None,
        };
        Self {
            central: Header {
                signature: b"PK\x01\x02".to_vec(),
                ..header.clone()
            },
            local: header,
            data,
            after: Vec::new(),
            is_listed: true,
            is_present: true,
        }
    }

    /// Changes both headers.
    pub(super) fn both(mut self, change: impl Fn(&mut Header)) -> Self {
        change(&mut self.local);
        change(&mut self.central);
        self
    }

    /// Changes the local header.
    pub(super) fn local(mut self, change: impl FnOnce(&mut Header)) -> Self {
        change(&mut self.local);
        self
    }

    /// Changes the directory's entry.
    pub(super) fn central(mut self, change: impl FnOnce(&mut Header)) -> Self {
        change(&mut self.central);
        self
    }

    /// Puts sizes and CRC behind the data, as a stream does. `form` is 12, 16, 20 or 24 bytes.
    pub(super) fn streamed(self, form: usize) -> Self {
        let mut entry = self.both(|header| header.flags |= 8);
        let mut after = if form.is_multiple_of(8) {
            b"PK\x07\x08".to_vec()
        } else {
            Vec::new()
        };
        after.extend(entry.central.crc32.to_le_bytes());
        for value in [entry.central.packed, entry.central.size] {
            after.extend(value.to_le_bytes());
            after.extend(if form >= 20 { &[0; 4][..] } else { &[] });
        }
        assert_eq!(after.len(), form);
        entry.after = after;
        entry.local(|header| (header.crc32, header.packed, header.size) = (0, 0, 0))
    }
}

impl RawZip {
    /// An honest archive of the given members.
    pub(super) fn of(entries: impl IntoIterator<Item = Entry>) -> Self {
        Self {
            entries: entries.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Its bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.before.clone();
        let mut offsets = Vec::new();
        for entry in &self.entries {
            offsets.push(bytes.len());
            if entry.is_present {
                put_local(&mut bytes, &entry.local);
                bytes.extend(&entry.data);
                bytes.extend(&entry.after);
            }
        }
        bytes.extend(&self.before_directory);
        let directory_at = bytes.len();
        let listed = self.entries.iter().zip(offsets).filter(|(entry, _)| entry.is_listed);
        let mut count = 0;
        for (entry, offset) in listed {
            put_central(&mut bytes, &entry.central, offset);
            count += 1;
        }
        let size = bytes.len() - directory_at;
        bytes.extend(&self.after_directory);
        if let Some(zip64) = self.zip64 {
            bytes.extend(zip64(
                count as u64,
                size as u64,
                directory_at as u64,
                bytes.len() as u64,
            ));
        }
        self.put_end(&mut bytes, count, size, directory_at);
        bytes.extend(&self.after);
        bytes
    }

    fn put_end(&self, bytes: &mut Vec<u8>, count: usize, size: usize, offset: usize) {
        let end = &self.end;
        bytes.extend(b"PK\x05\x06");
        let entries = end.entries.unwrap_or(small(count));
        let here = end.entries_here.unwrap_or(entries);
        let disk = end.disk.unwrap_or(0);
        for value in [disk, disk, here, entries] {
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend(end.size.unwrap_or(small(size)).to_le_bytes());
        bytes.extend(end.offset.unwrap_or(small(offset)).to_le_bytes());
        bytes.extend(end.comment_length.unwrap_or(small(self.comment.len())).to_le_bytes());
        bytes.extend(&self.comment);
    }

    /// A file that holds it.
    pub(super) fn file(&self) -> File {
        file_of(&self.bytes())
    }
}

/// A temporary file with the given bytes.
pub(super) fn file_of(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn put_common(bytes: &mut Vec<u8>, header: &Header) {
    bytes.extend(20_u16.to_le_bytes());
    for value in [header.flags, header.method] {
        bytes.extend(value.to_le_bytes());
    }
    for value in [header.time, header.crc32, header.packed, header.size] {
        bytes.extend(value.to_le_bytes());
    }
    for length in [header.name.len(), header.extra.len()] {
        bytes.extend(small::<u16>(length).to_le_bytes());
    }
}

fn put_local(bytes: &mut Vec<u8>, header: &Header) {
    bytes.extend(&header.signature);
    put_common(bytes, header);
    bytes.extend(&header.name);
    bytes.extend(&header.extra);
}

fn put_central(bytes: &mut Vec<u8>, header: &Header, offset: usize) {
    bytes.extend(&header.signature);
    bytes.extend(header.made_by.to_le_bytes());
    put_common(bytes, header);
    bytes.extend(small::<u16>(header.comment.len()).to_le_bytes());
    bytes.extend(header.disk.to_le_bytes());
    bytes.extend([0; 2]);
    bytes.extend(header.attributes.to_le_bytes());
    bytes.extend(header.offset.unwrap_or(small(offset)).to_le_bytes());
    bytes.extend(&header.name);
    bytes.extend(&header.extra);
    bytes.extend(&header.comment);
}

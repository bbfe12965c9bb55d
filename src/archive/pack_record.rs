//! Headers of archives that we write. Makes bytes only.

/// 1980-01-01 00:00, the earliest that a header can say: the same tree gives the same bytes.
const TIME: u32 = 0x0021_0000;
const UTF8: u16 = 1 << 11;
/// Made on Unix, by the rules of version 4.5 (zip64).
const MADE_BY: u16 = 0x032d;
const MARK: u32 = 0xffff_ffff;

/// A member as the directory will list it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// With a `/` at the end for a folder.
    pub(super) name: String,
    pub(super) is_executable: bool,
    pub(super) is_deflated: bool,
    pub(super) crc32: u32,
    pub(super) size: u64,
    pub(super) packed: u64,
    /// Where the local header begins.
    pub(super) header_at: u64,
    /// The local header has room for 64-bit sizes.
    pub(super) is_wide: bool,
}

fn put16(target: &mut Vec<u8>, value: u16) {
    target.extend(value.to_le_bytes());
}

fn put32(target: &mut Vec<u8>, value: u32) {
    target.extend(value.to_le_bytes());
}

fn put64(target: &mut Vec<u8>, value: u64) {
    target.extend(value.to_le_bytes());
}

/// A value of 32 bits, or the mark that leaves it to a zip64 field.
fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(MARK)
}

impl Record {
    /// Names longer than this do not fit; the walk leaves them out.
    pub(super) const LONGEST_NAME: usize = 4096;

    fn name_length(&self) -> u16 {
        u16::try_from(self.name.len()).unwrap_or(u16::MAX)
    }

    fn put_common(&self, target: &mut Vec<u8>, needs_wide: bool) {
        put16(target, if needs_wide { 45 } else { 20 });
        put16(target, if self.name.is_ascii() { 0 } else { UTF8 });
        put16(target, if self.is_deflated { 8 } else { 0 });
        put32(target, TIME);
        put32(target, self.crc32);
    }

    /// Writes the local header.
    pub(super) fn put_local(&self, target: &mut Vec<u8>) {
        target.extend(b"PK\x03\x04");
        self.put_common(target, self.is_wide);
        put32(target, if self.is_wide { MARK } else { narrow(self.packed) });
        put32(target, if self.is_wide { MARK } else { narrow(self.size) });
        put16(target, self.name_length());
        put16(target, if self.is_wide { 20 } else { 0 });
        target.extend(self.name.as_bytes());
        if self.is_wide {
            put16(target, 1);
            put16(target, 16);
            put64(target, self.size);
            put64(target, self.packed);
        }
    }

    /// Writes the entry of the directory.
    pub(super) fn put_central(&self, target: &mut Vec<u8>) {
        let limit = u64::from(MARK);
        let wide: Vec<u64> = [self.size, self.packed, self.header_at]
            .into_iter()
            .filter(|value| *value >= limit)
            .collect();
        target.extend(b"PK\x01\x02");
        put16(target, MADE_BY);
        self.put_common(target, self.is_wide || !wide.is_empty());
        put32(target, narrow(self.packed));
        put32(target, narrow(self.size));
        put16(target, self.name_length());
        put16(
            target,
            if wide.is_empty() {
                0
            } else {
                4 + 8 * u16::try_from(wide.len()).unwrap_or(0)
            },
        );
        // Comment, disk, inner attributes.
        put16(target, 0);
        put32(target, 0);
        put32(target, self.attributes());
        put32(target, narrow(self.header_at));
        target.extend(self.name.as_bytes());
        if !wide.is_empty() {
            put16(target, 1);
            put16(target, 8 * u16::try_from(wide.len()).unwrap_or(0));
            for value in &wide {
                put64(target, *value);
            }
        }
    }

    fn attributes(&self) -> u32 {
        let mode: u32 = match (self.name.ends_with('/'), self.is_executable) {
            (true, _) => 0o040_755,
            (false, true) => 0o100_755,
            (false, false) => 0o100_644,
        };
        mode << 16 | if self.name.ends_with('/') { 0x10 } else { 0 }
    }
}

/// Writes the end of an archive: zip64 records where they are needed, and the end record.
pub(super) fn put_end(target: &mut Vec<u8>, entries: u64, directory_at: u64, directory_end: u64) {
    let size = directory_end - directory_at;
    let limit = u64::from(MARK);
    if entries >= 0xffff || size >= limit || directory_at >= limit {
        target.extend(b"PK\x06\x06");
        put64(target, 44);
        put16(target, MADE_BY);
        put16(target, 45);
        put64(target, 0);
        for value in [entries, entries, size, directory_at] {
            put64(target, value);
        }
        target.extend(b"PK\x06\x07");
        put32(target, 0);
        put64(target, directory_end);
        put32(target, 1);
    }
    target.extend(b"PK\x05\x06");
    put32(target, 0);
    let count = u16::try_from(entries).unwrap_or(u16::MAX);
    for value in [count, count] {
        put16(target, value);
    }
    put32(target, narrow(size));
    put32(target, narrow(directory_at));
    put16(target, 0);
}

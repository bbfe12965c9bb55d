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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::super::central::{self, CentralEntry, Lengths};
    use super::super::end_record;
    use super::super::local::{self, LocalHeader};
    use super::*;
    use crate::config::Limits;

    const EDGES: [u64; 6] = [0, 1, MARK as u64 - 1, MARK as u64, MARK as u64 + 1, 1 << 40];

    fn records() -> impl Iterator<Item = Record> {
        let grid = EDGES.map(|size| EDGES.map(|packed| EDGES.map(|header_at| [size, packed, header_at])));
        grid.into_iter()
            .flatten()
            .flatten()
            .map(|[size, packed, header_at]| Record {
                name: "ação/a".to_owned(),
                is_executable: size == 1,
                is_deflated: true,
                crc32: 0x0102_0304,
                size,
                packed,
                header_at,
                is_wide: size.max(packed) >= u64::from(MARK),
            })
    }

    #[test]
    fn the_strict_reader_reads_what_is_written() {
        for record in records() {
            let (mut directory, mut header) = (Vec::new(), Vec::new());
            record.put_central(&mut directory);
            record.put_local(&mut header);
            let needs_zip64 = [record.size, record.packed, record.header_at]
                .iter()
                .any(|value| *value >= u64::from(MARK));
            assert_eq!(directory[6], if needs_zip64 { 45 } else { 20 }, "{record:?}");
            let lengths = Lengths::read(&directory[..central::FIXED], 0).unwrap();
            assert_eq!(lengths.total(), directory.len(), "{record:?}");
            let entry = CentralEntry::parse(&directory, lengths, &Limits::default()).unwrap();
            assert_eq!(
                (
                    entry.size,
                    entry.packed,
                    entry.header_at,
                    &*entry.name,
                    entry.is_executable
                ),
                (record.size, record.packed, record.header_at, "ação/a", record.size == 1)
            );
            assert_eq!(
                local::header_length(&header, &entry).unwrap(),
                header.len(),
                "{record:?}"
            );
            assert_eq!(entry.name_bytes(), 2 * record.name.len() as u64);
            LocalHeader::compare(&header, &entry).unwrap();
        }
    }

    #[test]
    fn kinds_are_written_for_every_system() {
        for (name, is_executable, expected) in [
            ("d/", false, 0o040_755 << 16 | 0x10),
            ("a", false, 0o100_644 << 16),
            ("a", true, 0o100_755 << 16),
        ] {
            let record = Record {
                name: name.to_owned(),
                is_executable,
                ..records().next().unwrap()
            };
            assert_eq!(record.attributes(), expected, "{name} {is_executable}");
        }
    }

    #[test]
    fn the_strict_reader_finds_the_end_that_is_written() {
        let mark = u64::from(MARK);
        for (entries, at, size, is_wide) in [
            (0, 0, 0, false),
            (0xfffe, mark - 1, mark - 1, false),
            (0xffff, 10, 20, true),
            (0x1_0000, 10, 20, true),
            (3, mark, 20, true),
            (3, 10, mark, true),
            (3, 1 << 33, 1 << 33, true),
        ] {
            let mut bytes = Vec::new();
            put_end(&mut bytes, entries, at, at + size);
            assert_eq!(
                bytes.len(),
                if is_wide { 22 + 20 + 56 } else { 22 },
                "{entries} {at} {size}"
            );
            let file = tempfile::tempfile().unwrap();
            file.write_all_at(b"PK", 0).unwrap();
            file.write_all_at(&bytes, at + size).unwrap();
            let found = end_record::read(&file, at + size + bytes.len() as u64).unwrap();
            assert_eq!(
                (found.entries, found.directory_at, found.directory_end),
                (entries, at, at + size)
            );
        }
    }
}

//! The end record and its zip64 twin: where the directory stands, and that only one answer is possible (SPEC §8).

use super::bytes::{u16_at, u32_at, u64_at};
use super::window::{Source, read_exact};
use super::{ArchiveError, phrases};
use crate::model::Phrase;

const SIGNATURE: &[u8] = b"PK\x05\x06";
const LENGTH: usize = 22;
const LOCATOR_SIGNATURE: &[u8] = b"PK\x06\x07";
const LOCATOR_LENGTH: usize = 20;
const ZIP64_SIGNATURE: &[u8] = b"PK\x06\x06";
const ZIP64_LENGTH: usize = 56;

/// Where the directory stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EndRecord {
    pub(super) entries: u64,
    pub(super) directory_at: u64,
    pub(super) directory_end: u64,
}

/// The values of either record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Values {
    disk: u32,
    directory_disk: u32,
    entries_here: u64,
    entries: u64,
    size: u64,
    offset: u64,
}

/// Finds and checks the end record of a file of `length` bytes.
pub(super) fn read(file: &dyn Source, length: u64) -> Result<EndRecord, ArchiveError> {
    // Programs that write to a pipe fill the last block with zeros. The end record may itself end in some.
    let tail_end = length.min(end_of_content(file, length)? + LENGTH as u64);
    let tail_length = tail_end.min((LENGTH + 0xffff) as u64);
    let tail_at = tail_end - tail_length;
    let mut tail = vec![0; usize::try_from(tail_length).unwrap_or(0)];
    read_exact(file, &mut tail, tail_at)?;
    let at = locate(&tail, tail_at, length - tail_end)?;
    let plain = Values::plain(&tail[at..]);
    let end_at = tail_at + at as u64;
    let (values, directory_end) = match zip64(file, end_at)? {
        None => (plain, end_at),
        Some((wide, wide_at)) => {
            plain.check_against(&wide)?;
            (wide, wide_at)
        }
    };
    values.checked(directory_end)
}

/// Where the last byte that is not zero ends.
fn end_of_content(file: &dyn Source, length: u64) -> Result<u64, ArchiveError> {
    let mut end = length;
    let mut block = [0; 8 << 10];
    while end > 0 {
        let count = usize::try_from(end).unwrap_or(usize::MAX).min(block.len());
        read_exact(file, &mut block[..count], end - count as u64)?;
        if let Some(at) = block[..count].iter().rposition(|byte| *byte != 0) {
            return Ok(end - (count - at - 1) as u64);
        }
        end -= count as u64;
    }
    Ok(0)
}

/// Position of the end record in the file's last bytes, behind which `zeros` zeros follow.
fn locate(tail: &[u8], tail_at: u64, zeros: u64) -> Result<usize, ArchiveError> {
    let mut found = memchr::memmem::rfind_iter(tail, SIGNATURE).filter(|at| at + LENGTH <= tail.len());
    let last = found.next().ok_or(ArchiveError::NoEndRecord)?;
    let announced = |at: usize| u64::from(u16_at(tail, at + 20));
    let follows = |at: usize| (tail.len() - at - LENGTH) as u64 + zeros;
    let ends_all = |at: usize| {
        let behind = usize::try_from(announced(at))
            .unwrap_or(usize::MAX)
            .saturating_add(at + LENGTH);
        let rest = tail.get(behind..).unwrap_or_default();
        announced(at) <= follows(at) && rest.iter().all(|byte| *byte == 0)
    };
    if !ends_all(last) {
        return Err(ArchiveError::TrailingBytes {
            expected: announced(last),
            found: follows(last),
        });
    }
    match found.find(|at| ends_all(*at)) {
        None => Ok(last),
        Some(other) => Err(ArchiveError::TwoEndRecords {
            first: tail_at + other as u64,
            second: tail_at + last as u64,
        }),
    }
}

/// The zip64 record that a locator before the end record points to, and its position.
fn zip64(file: &dyn Source, end_at: u64) -> Result<Option<(Values, u64)>, ArchiveError> {
    let Some(locator_at) = end_at.checked_sub(LOCATOR_LENGTH as u64) else {
        return Ok(None);
    };
    let mut locator = [0; LOCATOR_LENGTH];
    read_exact(file, &mut locator, locator_at)?;
    if !locator.starts_with(LOCATOR_SIGNATURE) {
        return Ok(None);
    }
    // The record stands right before its locator; one that is longer holds what only its maker can read.
    let wide_at = locator_at
        .checked_sub(ZIP64_LENGTH as u64)
        .ok_or_else(|| mismatch(phrases::NO_ROOM))?;
    if u64_at(&locator, 8) != wide_at {
        return Err(mismatch(phrases::LOCATOR_ASTRAY));
    }
    if u32_at(&locator, 4) != 0 || u32_at(&locator, 16) > 1 {
        return Err(ArchiveError::MultiDisk);
    }
    let mut record = [0; ZIP64_LENGTH];
    read_exact(file, &mut record, wide_at)?;
    if !record.starts_with(ZIP64_SIGNATURE) || u64_at(&record, 4) != ZIP64_LENGTH as u64 - 12 {
        return Err(mismatch(phrases::RECORD_DAMAGED));
    }
    Ok(Some((Values::wide(&record), wide_at)))
}

fn mismatch(what: Phrase) -> ArchiveError {
    ArchiveError::Zip64Mismatch {
        place: phrases::END_RECORD,
        what,
    }
}

impl Values {
    fn plain(record: &[u8]) -> Self {
        Self {
            disk: u16_at(record, 4).into(),
            directory_disk: u16_at(record, 6).into(),
            entries_here: u16_at(record, 8).into(),
            entries: u16_at(record, 10).into(),
            size: u32_at(record, 12).into(),
            offset: u32_at(record, 16).into(),
        }
    }

    fn wide(record: &[u8]) -> Self {
        Self {
            disk: u32_at(record, 16),
            directory_disk: u32_at(record, 20),
            entries_here: u64_at(record, 24),
            entries: u64_at(record, 32),
            size: u64_at(record, 40),
            offset: u64_at(record, 48),
        }
    }

    /// Every plain value is the wide one or the mark that leaves it to the wide one.
    fn check_against(&self, wide: &Self) -> Result<(), ArchiveError> {
        let short = |plain: u64, wide: u64| plain == 0xffff || plain == wide;
        let long = |plain: u64, wide: u64| plain == 0xffff_ffff || plain == wide;
        let same = short(self.disk.into(), wide.disk.into())
            && short(self.directory_disk.into(), wide.directory_disk.into())
            && short(self.entries_here, wide.entries_here)
            && short(self.entries, wide.entries)
            && long(self.size, wide.size)
            && long(self.offset, wide.offset);
        if same {
            Ok(())
        } else {
            Err(mismatch(phrases::RECORD_DIFFERS))
        }
    }

    fn checked(&self, directory_end: u64) -> Result<EndRecord, ArchiveError> {
        if self.disk != 0 || self.directory_disk != 0 || self.entries_here != self.entries {
            return Err(ArchiveError::MultiDisk);
        }
        let found = self.offset.saturating_add(self.size);
        if found != directory_end {
            return Err(ArchiveError::DirectoryBounds {
                expected: directory_end,
                found,
            });
        }
        Ok(EndRecord {
            entries: self.entries,
            directory_at: self.offset,
            directory_end,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(comment: &[u8]) -> Vec<u8> {
        let mut record = [SIGNATURE, &[0; 16]].concat();
        record.extend(u16::try_from(comment.len()).unwrap().to_le_bytes());
        record.extend(comment);
        record
    }

    #[test]
    fn only_one_end_record_may_be_meant() {
        let rule = |tail: &[u8]| locate(tail, 0, 0).map_err(|error| error.rule());
        assert_eq!(rule(&end(b"")), Ok(0));
        assert_eq!(rule(&[b"xyz".to_vec(), end(b"note")].concat()), Ok(3));
        assert_eq!(rule(b""), Err("ZIP_NO_END_RECORD"));
        assert_eq!(rule(&end(b"")[..21]), Err("ZIP_NO_END_RECORD"));
        assert_eq!(rule(&[end(b""), b"x".to_vec()].concat()), Err("ZIP_TRAILING_BYTES"));
        assert_eq!(rule(&end(b"note")[..24]), Err("ZIP_TRAILING_BYTES"));
        assert_eq!(rule(&end(&end(b""))), Err("ZIP_TWO_END_RECORDS"));
        assert_eq!(rule(&end(&end(b"note")[..24])), Err("ZIP_TRAILING_BYTES"));
        // An archive stored inside has an end record of its own, which does not reach to the end.
        assert_eq!(rule(&[end(b""), end(b"")].concat()), Ok(22));
        // Zeros behind it, whether they are looked at or only counted.
        assert_eq!(rule(&[end(b""), vec![0; 9]].concat()), Ok(0));
        assert_eq!(rule(&[end(b"note"), vec![0; 9]].concat()), Ok(0));
        assert_eq!(rule(&[end(b""), vec![0, 0, 1]].concat()), Err("ZIP_TRAILING_BYTES"));
        assert_eq!(rule(&[end(&end(b"")), vec![0; 9]].concat()), Err("ZIP_TWO_END_RECORDS"));
        assert_eq!(locate(&end(b""), 0, 1 << 20).unwrap(), 0);
        assert!(locate(&end(b"note")[..24], 0, 1).is_err());
        let two = locate(&end(&end(b"")), 100, 0).unwrap_err();
        assert!(
            matches!(
                two,
                ArchiveError::TwoEndRecords {
                    first: 100,
                    second: 122
                }
            ),
            "{two}"
        );
    }

    #[test]
    fn content_ends_at_its_last_byte_that_is_not_zero() {
        for (content, zeros) in [
            (0, 0),
            (0, 9000),
            (1, 0),
            (5, 1),
            (5, 9000),
            (8192, 1),
            (8193, 8191),
            (20_000, 20_000),
        ] {
            let bytes = [vec![1; content], vec![0; zeros]].concat();
            let file = super::super::raw_zip::file_of(&bytes);
            let found = end_of_content(&file, bytes.len() as u64).unwrap();
            assert_eq!(found, content as u64, "{content} {zeros}");
        }
    }

    /// Changes one of the six values.
    fn with(values: Values, field: usize, value: u32) -> Values {
        let mut values = values;
        match field {
            0 => values.disk = value,
            1 => values.directory_disk = value,
            2 => values.entries_here = value.into(),
            3 => values.entries = value.into(),
            4 => values.size = value.into(),
            _ => values.offset = value.into(),
        }
        values
    }

    #[test]
    fn each_value_is_compared_by_itself() {
        let wide = Values {
            disk: 0,
            directory_disk: 0,
            entries_here: 3,
            entries: 3,
            size: 138,
            offset: 1000,
        };
        assert!(wide.check_against(&wide).is_ok());
        for field in 0..6 {
            let mark = if field < 4 { 0xffff } else { 0xffff_ffff };
            assert!(with(wide, field, mark).check_against(&wide).is_ok(), "{field}");
            let fault = with(wide, field, 7).check_against(&wide).unwrap_err();
            assert_eq!(fault.rule(), "ZIP_ZIP64_MISMATCH", "{field}");
        }
        assert!(wide.checked(1138).is_ok());
        for field in 0..4 {
            assert_eq!(
                with(wide, field, 1).checked(1138).unwrap_err().rule(),
                "ZIP_MULTI_DISK",
                "{field}"
            );
        }
        for field in 4..6 {
            let fault = with(wide, field, 1).checked(1138).unwrap_err();
            assert_eq!(fault.rule(), "ZIP_DIRECTORY_BOUNDS", "{field}");
        }
    }
}

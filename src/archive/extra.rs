//! Extra fields of headers: zip64 values, Unicode names, links. Decides only.

use super::bytes::{u16_at, u32_at, u64_at};
use super::phrases;
use crate::model::Phrase;

const ZIP64: u16 = 0x0001;
const PKWARE_UNIX: u16 = 0x000d;
const ASI_UNIX: u16 = 0x756e;
const UNICODE_PATH: u16 = 0x7075;

/// What extra data says, of all that matters to us.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct ExtraFields<'a> {
    /// The zip64 field's data.
    pub(super) zip64: Option<&'a [u8]>,
    /// The name of a Unicode-path field whose checksum fits the header's name.
    pub(super) unicode_name: Option<&'a [u8]>,
    /// There is a Unicode-path field, whether it counts or not.
    pub(super) has_unicode_path: bool,
    /// A field carries the target of a link.
    pub(super) has_link_target: bool,
    /// The mode of the Unix field of the field 0x756e.
    pub(super) asi_mode: Option<u16>,
    /// Up to three bytes at the end that are no field. Programs that align members leave zeros.
    pub(super) tail: &'a [u8],
}

/// Reads extra data. `name` is the raw name of the same header.
pub(super) fn parse<'a>(bytes: &'a [u8], name: &[u8]) -> Result<ExtraFields<'a>, Phrase> {
    let mut fields = ExtraFields::default();
    let mut rest = bytes;
    while rest.len() >= 4 {
        let (kind, length) = (u16_at(rest, 0), usize::from(u16_at(rest, 2)));
        let Some(data) = rest.get(4..4 + length) else {
            return Err(phrases::FIELD_TOO_LONG);
        };
        rest = &rest[4 + length..];
        fields.take(kind, data, name)?;
    }
    fields.tail = rest;
    Ok(fields)
}

impl<'a> ExtraFields<'a> {
    fn take(&mut self, kind: u16, data: &'a [u8], name: &[u8]) -> Result<(), Phrase> {
        match kind {
            ZIP64 if self.zip64.is_some() => return Err(phrases::TWO_ZIP64_FIELDS),
            ZIP64 => self.zip64 = Some(data),
            // Times and ids, then for links the target, for devices their number.
            PKWARE_UNIX => self.has_link_target |= data.len() > 12,
            // CRC, mode, size or device, ids, then the target.
            ASI_UNIX => {
                self.has_link_target |= data.len() > 14;
                self.asi_mode = (data.len() >= 6).then(|| u16_at(data, 4));
            }
            UNICODE_PATH => {
                if self.has_unicode_path {
                    return Err(phrases::TWO_UNICODE_NAMES);
                }
                self.has_unicode_path = true;
                self.unicode_name = unicode_name(data, name)?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// The name of a Unicode-path field; none when it was left behind by a change of the name, which all programs see by
/// its checksum. They do not agree on fields of other versions, nor on those that are cut off.
fn unicode_name<'a>(data: &'a [u8], name: &[u8]) -> Result<Option<&'a [u8]>, Phrase> {
    match data {
        [1, rest @ ..] if rest.len() > 4 => Ok((u32_at(rest, 0) == crc32fast::hash(name)).then(|| &rest[4..])),
        [1, ..] | [] => Err(phrases::UNICODE_NAME_CUT_OFF),
        _ => Err(phrases::UNICODE_NAME_VERSION),
    }
}

/// The values that a zip64 field can replace, as they stand in the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) size: u64,
    pub(super) packed: u64,
    /// Absent in local headers.
    pub(super) offset: Option<u64>,
    /// Absent in local headers.
    pub(super) disk: Option<u32>,
}

const MARK: u64 = 0xffff_ffff;

impl Sizes {
    /// The values with those of the zip64 field in place of marks. A field that also brings values that were not
    /// asked for must bring the same ones.
    pub(super) fn widened(mut self, zip64: Option<&[u8]>) -> Result<Self, Phrase> {
        let asked = self.asked();
        let Some(data) = zip64 else {
            return if asked == 0 {
                Ok(self)
            } else {
                Err(phrases::ZIP64_MISSING)
            };
        };
        if data.len() == asked {
            self.take_asked(data);
            return Ok(self);
        }
        self.take_all(data)
    }

    fn asked(&self) -> usize {
        let wide = [Some(self.size), Some(self.packed), self.offset];
        let wide = wide.iter().filter(|value| **value == Some(MARK)).count();
        wide * 8 + if self.disk == Some(0xffff) { 4 } else { 0 }
    }

    fn take_asked(&mut self, data: &[u8]) {
        let mut at = 0;
        let mut next = |value: &mut u64| {
            if *value == MARK {
                *value = u64_at(data, at);
                at += 8;
            }
        };
        next(&mut self.size);
        next(&mut self.packed);
        if let Some(offset) = &mut self.offset {
            next(offset);
        }
        if self.disk == Some(0xffff) {
            self.disk = Some(u32_at(data, at));
        }
    }

    fn take_all(self, data: &[u8]) -> Result<Self, Phrase> {
        let longest = if self.offset.is_some() { 28 } else { 16 };
        if !matches!(data.len(), 16 | 24 | 28) || data.len() > longest || data.len() < self.reach() {
            return Err(phrases::ZIP64_LENGTH);
        }
        let full = Self {
            size: u64_at(data, 0),
            packed: u64_at(data, 8),
            offset: if data.len() >= 24 {
                Some(u64_at(data, 16))
            } else {
                self.offset
            },
            disk: if data.len() >= 28 {
                Some(u32_at(data, 24))
            } else {
                self.disk
            },
        };
        let fits = |header: u64, field: u64| header == MARK || header == field;
        let same = fits(self.size, full.size)
            && fits(self.packed, full.packed)
            && fits(self.offset.unwrap_or(0), full.offset.unwrap_or(0))
            && (self.disk == Some(0xffff) || self.disk == full.disk);
        if same { Ok(full) } else { Err(phrases::ZIP64_DIFFERS) }
    }

    /// Bytes that a full field needs to reach every value that is asked for.
    fn reach(&self) -> usize {
        if self.disk == Some(0xffff) {
            28
        } else if self.offset == Some(MARK) {
            24
        } else {
            16
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap();
        [&kind.to_le_bytes(), &length.to_le_bytes(), data].concat()
    }

    fn path_field(of: &[u8], name: &str) -> Vec<u8> {
        let data = [&[1], &crc32fast::hash(of).to_le_bytes()[..], name.as_bytes()].concat();
        field(UNICODE_PATH, &data)
    }

    #[test]
    fn fields_are_read() {
        let bytes = [path_field(b"a", "ä"), vec![b'P', b'K']].concat();
        let fields = parse(&bytes, b"a").unwrap();
        assert_eq!(fields.unicode_name, Some("ä".as_bytes()));
        assert_eq!(fields.tail, b"PK");
        assert_eq!(parse(&path_field(b"x", "stale"), b"a").unwrap().unicode_name, None);
        for first in [path_field(b"a", "ä"), path_field(b"x", "stale")] {
            let twice = [first, path_field(b"a", "ä")].concat();
            assert_eq!(parse(&twice, b"a"), Err(phrases::TWO_UNICODE_NAMES));
        }
        for data in [
            &[][..],
            &[1],
            &[1, 0, 0, 0, 0],
            &[0, 0, 0, 0, 0, b'x'],
            &[2, 0, 0, 0, 0, b'x'],
        ] {
            let expected = if matches!(data, [1, ..] | []) {
                phrases::UNICODE_NAME_CUT_OFF
            } else {
                phrases::UNICODE_NAME_VERSION
            };
            assert_eq!(parse(&field(UNICODE_PATH, data), b"a"), Err(expected), "{data:?}");
        }
        assert!(parse(&[1, 0, 9, 0, 1], b"a").is_err());
        assert!(parse(&[field(ZIP64, &[]), field(ZIP64, &[])].concat(), b"a").is_err());
        assert!(parse(&field(PKWARE_UNIX, &[0; 13]), b"a").unwrap().has_link_target);
        assert!(!parse(&field(PKWARE_UNIX, &[0; 12]), b"a").unwrap().has_link_target);
        assert!(parse(&field(ASI_UNIX, &[0; 15]), b"a").unwrap().has_link_target);
        assert!(!parse(&field(ASI_UNIX, &[0; 14]), b"a").unwrap().has_link_target);
        for fields in [
            [field(PKWARE_UNIX, &[0; 13]), field(ASI_UNIX, &[0; 14])],
            [field(ASI_UNIX, &[0; 15]), field(PKWARE_UNIX, &[0; 12])],
        ] {
            assert!(parse(&fields.concat(), b"a").unwrap().has_link_target, "{fields:?}");
        }
        for (data, mode) in [(&[0, 0, 0, 0, 1, 2][..], Some(0x201)), (&[0, 0, 0, 0, 1], None)] {
            assert_eq!(parse(&field(ASI_UNIX, data), b"a").unwrap().asi_mode, mode);
        }
    }

    #[test]
    fn zip64_values_replace_marks_and_repeat_the_rest() {
        let values = |values: &[u64]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>();
        let header = |size, packed, offset| Sizes {
            size,
            packed,
            offset: Some(offset),
            disk: Some(0),
        };
        for (sizes, data, expected) in [
            (header(1, 2, 3), None, Some((1, 2, 3))),
            (header(MARK, 2, 3), None, None),
            (header(MARK, 2, 3), Some(values(&[7])), Some((7, 2, 3))),
            (header(MARK, MARK, 3), Some(values(&[7, 8])), Some((7, 8, 3))),
            (header(1, 2, MARK), Some(values(&[9])), Some((1, 2, 9))),
            (header(MARK, MARK, 3), Some(values(&[7, 8, 3])), Some((7, 8, 3))),
            (header(MARK, MARK, 3), Some(values(&[7, 8, 4])), None),
            (header(MARK, 2, MARK), Some(values(&[7, 2, 9])), Some((7, 2, 9))),
            (header(1, 2, 3), Some(values(&[1, 2, 3])), Some((1, 2, 3))),
            (header(1, 2, 3), Some(values(&[1, 5])), None),
            (header(1, 2, 3), Some(values(&[1])), None),
            (header(1, 2, 3), Some(vec![]), Some((1, 2, 3))),
            (header(MARK, MARK, MARK), Some(values(&[7, 8])), None),
            (header(MARK, MARK, MARK), Some(vec![0; 23]), None),
        ] {
            let found = sizes.widened(data.as_deref()).ok();
            let found = found.map(|sizes| (sizes.size, sizes.packed, sizes.offset.unwrap()));
            assert_eq!(found, expected, "{sizes:?} {data:?}");
        }
        let disk = Sizes {
            disk: Some(0xffff),
            ..header(1, 2, 3)
        };
        assert_eq!(disk.widened(Some(&[5, 0, 0, 0])).unwrap().disk, Some(5));
        assert!(disk.widened(None).is_err());
        let local = Sizes {
            size: MARK,
            packed: MARK,
            offset: None,
            disk: None,
        };
        assert_eq!(local.widened(Some(&values(&[7, 8]))).unwrap().packed, 8);
        for third in [0, 9] {
            let found = local.widened(Some(&values(&[7, 8, third])));
            assert_eq!(found, Err(phrases::ZIP64_LENGTH), "{third}");
        }
        let all = |disk: u32| [values(&[7, 8, 9]), disk.to_le_bytes().to_vec()].concat();
        let marked = Sizes {
            disk: Some(0xffff),
            ..header(MARK, 8, 9)
        };
        assert_eq!(marked.widened(Some(&all(5))).unwrap().disk, Some(5));
        assert_eq!(header(MARK, 8, 9).widened(Some(&all(0))).unwrap().disk, Some(0));
        assert_eq!(header(MARK, 8, 9).widened(Some(&all(5))), Err(phrases::ZIP64_DIFFERS));
    }
}

//! Entries of the central directory, one by one (SPEC §8). Decides only; the bytes come from `directory`.

use super::bytes::{u16_at, u32_at};
use super::error::shown_bytes;
use super::extra::{self, Sizes};
use super::kind;
use super::member_name::{self, Encoding};
use super::{ArchiveError, phrases};
use crate::config::Limits;
use crate::model::Phrase;

/// Bytes of an entry before its name.
pub(super) const FIXED: usize = 46;
const SIGNATURE: &[u8] = b"PK\x01\x02";

/// Flags: encrypted, strongly encrypted, header masked.
pub(super) const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
/// Sizes stand behind the data.
pub(super) const DESCRIPTOR: u16 = 1 << 3;
/// The data is a patch.
const PATCH: u16 = 1 << 5;
/// Name and comment are UTF-8.
pub(super) const UTF8: u16 = 1 << 11;

/// Lengths of an entry's three variable parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lengths {
    pub(super) name: usize,
    pub(super) extra: usize,
    pub(super) comment: usize,
}

impl Lengths {
    /// Reads them from an entry's fixed part.
    pub(super) fn read(fixed: &[u8], at: u64) -> Result<Self, ArchiveError> {
        if !fixed.starts_with(SIGNATURE) {
            return Err(ArchiveError::DirectoryCorrupt {
                at,
                what: phrases::NO_ENTRY,
            });
        }
        Ok(Self {
            name: u16_at(fixed, 28).into(),
            extra: u16_at(fixed, 30).into(),
            comment: u16_at(fixed, 32).into(),
        })
    }

    /// Bytes of the whole entry.
    pub(super) fn total(&self) -> usize {
        FIXED + self.name + self.extra + self.comment
    }
}

/// An entry of the directory whose own claims are checked; the local header is not yet.
#[derive(Debug)]
pub(super) struct CentralEntry {
    pub(super) raw_name: Box<[u8]>,
    /// The decoded name as it stands in the archive; kept only where it is not the raw name.
    pub(super) decoded_name: Option<Box<str>>,
    pub(super) name: Box<str>,
    /// The path by the header's own name, where a Unicode name is another one.
    pub(super) own_path: Option<Box<str>>,
    pub(super) encoding: Encoding,
    /// Nothing says how the bytes of the name are to be read, and they are no UTF-8.
    pub(super) is_guessed: bool,
    pub(super) is_folder: bool,
    pub(super) is_executable: bool,
    pub(super) flags: u16,
    pub(super) method: u16,
    /// Date and time in one.
    pub(super) time: u32,
    pub(super) crc32: u32,
    pub(super) size: u64,
    pub(super) packed: u64,
    pub(super) header_at: u64,
}

impl CentralEntry {
    /// Reads and checks an entry. `bytes` is all of it.
    pub(super) fn parse(bytes: &[u8], lengths: Lengths, limits: &Limits) -> Result<Self, ArchiveError> {
        let (raw_name, rest) = bytes[FIXED..].split_at(lengths.name);
        let (extra, comment) = rest.split_at(lengths.extra);
        let flags = u16_at(bytes, 8);
        let system = bytes[5];
        let fields = extra::parse(extra, raw_name).map_err(|what| extra_fault(raw_name, what))?;
        if fields.tail.iter().any(|byte| *byte != 0) {
            return Err(extra_fault(raw_name, phrases::NO_FIELD));
        }
        let encoding = encoding(flags);
        let decoded = effective_name(raw_name, encoding, fields.unicode_name)?;
        let name = member_name::check(&decoded, limits)?;
        check_comment(raw_name, comment, flags)?;
        kind::check(&decoded, name.is_folder, system, u32_at(bytes, 38), &fields)?;
        let method = u16_at(bytes, 10);
        check_packing(&decoded, flags, method)?;
        let sizes = sizes(bytes, fields.zip64, &decoded)?;
        let own_path = own_path(raw_name, encoding, &fields, &decoded)?;
        let entry = Self {
            raw_name: raw_name.into(),
            decoded_name: (decoded.as_bytes() != raw_name).then(|| decoded.into()),
            is_executable: !name.is_folder && kind::is_executable(system, u32_at(bytes, 38)),
            is_folder: name.is_folder,
            name: name.path.into(),
            own_path,
            encoding,
            is_guessed: fields.unicode_name.is_none() && std::str::from_utf8(raw_name).is_err(),
            flags,
            method,
            time: u32_at(bytes, 12),
            crc32: u32_at(bytes, 16),
            size: sizes.size,
            packed: sizes.packed,
            header_at: sizes.offset.unwrap_or(0),
        };
        entry.check_sizes()?;
        Ok(entry)
    }

    /// The decoded name as it stands in the archive.
    pub(super) fn decoded_name(&self) -> &[u8] {
        self.decoded_name
            .as_ref()
            .map_or(&self.raw_name, |name| name.as_bytes())
    }

    /// Bytes that are kept of its names.
    pub(super) fn name_bytes(&self) -> u64 {
        let kept = [&self.decoded_name, &self.own_path].map(|name| name.as_ref().map_or(0, |name| name.len()));
        (self.raw_name.len() + self.name.len() + kept.iter().sum::<usize>()) as u64
    }

    fn check_sizes(&self) -> Result<(), ArchiveError> {
        if self.is_folder && (self.size != 0 || self.crc32 != 0) {
            return Err(ArchiveError::FolderData {
                member: shown_bytes(self.decoded_name()),
            });
        }
        if self.method == 0 && self.packed != self.size {
            return Err(ArchiveError::SizeMismatch {
                member: shown_bytes(self.decoded_name()),
                expected: self.size,
            });
        }
        Ok(())
    }
}

/// How a header's name is to be read.
pub(super) fn encoding(flags: u16) -> Encoding {
    if flags & UTF8 != 0 {
        Encoding::Utf8
    } else {
        Encoding::Unsaid
    }
}

/// The name that counts: that of a Unicode-path field, else the header's own. The header's own must not lead out of
/// the folder either, and must stand for the same file: older programs take it.
pub(super) fn effective_name(
    raw: &[u8],
    encoding: Encoding,
    unicode_name: Option<&[u8]>,
) -> Result<String, ArchiveError> {
    let own = member_name::decode(raw, encoding)?;
    match unicode_name {
        None => Ok(own),
        Some(replacing) => {
            member_name::check_place(&own)?;
            let replacing = member_name::decode(replacing, Encoding::Utf8)?;
            member_name::check_place(&replacing)?;
            let is_same = match encoding {
                Encoding::Utf8 => own == replacing,
                Encoding::Unsaid => member_name::stands_for(raw, &replacing),
            };
            if !is_same {
                return Err(ArchiveError::UnicodeName {
                    member: shown_bytes(raw),
                    unicode: super::error::shown(&replacing),
                });
            }
            Ok(replacing)
        }
    }
}

/// The path by the header's own name, where it is not the one that counts.
fn own_path(
    raw: &[u8],
    encoding: Encoding,
    fields: &extra::ExtraFields<'_>,
    decoded: &str,
) -> Result<Option<Box<str>>, ArchiveError> {
    if fields.unicode_name.is_none() {
        return Ok(None);
    }
    let own = member_name::decode(raw, encoding)?;
    Ok((own != decoded).then(|| member_name::path(&own).into()))
}

fn extra_fault(raw_name: &[u8], what: Phrase) -> ArchiveError {
    ArchiveError::ExtraField {
        member: shown_bytes(raw_name),
        what,
    }
}

fn check_comment(raw_name: &[u8], comment: &[u8], flags: u16) -> Result<(), ArchiveError> {
    if flags & UTF8 != 0 && std::str::from_utf8(comment).is_err() {
        return Err(ArchiveError::NameEncoding {
            member: shown_bytes(raw_name),
            what: phrases::THE_COMMENT,
        });
    }
    Ok(())
}

fn check_packing(name: &str, flags: u16, method: u16) -> Result<(), ArchiveError> {
    let member = || super::error::shown(name);
    if flags & ENCRYPTED != 0 {
        return Err(ArchiveError::Encrypted { member: member() });
    }
    if flags & PATCH != 0 || !matches!(method, 0 | 8) {
        return Err(ArchiveError::Method {
            member: member(),
            method,
        });
    }
    Ok(())
}

fn sizes(bytes: &[u8], zip64: Option<&[u8]>, name: &str) -> Result<Sizes, ArchiveError> {
    let sizes = Sizes {
        size: u32_at(bytes, 24).into(),
        packed: u32_at(bytes, 20).into(),
        offset: Some(u32_at(bytes, 42).into()),
        disk: Some(u16_at(bytes, 34).into()),
    };
    let sizes = sizes.widened(zip64).map_err(|what| ArchiveError::Zip64Mismatch {
        place: Phrase::of_others(super::error::shown(name)),
        what,
    })?;
    if sizes.disk != Some(0) {
        return Err(ArchiveError::MultiDisk);
    }
    Ok(sizes)
}

//! Local headers and data descriptors against the directory, and that members lie one behind the other without gap or
//! overlap (SPEC §8). Decides only; the bytes come from `directory`.

use super::bytes::{u16_at, u32_at, u64_at};
use super::central::{self, CentralEntry, DESCRIPTOR, ENCRYPTED, UTF8};
use super::error::shown_bytes;
use super::extra::{self, ExtraFields, Sizes};
use super::{ArchiveError, phrases};
use crate::model::Phrase;

/// Bytes of a local header before its name.
pub(super) const FIXED: usize = 30;
/// Bytes of the longest data descriptor.
pub(super) const LONGEST_DESCRIPTOR: u64 = 24;
const SIGNATURE: &[u8] = b"PK\x03\x04";
const DESCRIPTOR_SIGNATURE: &[u8] = b"PK\x07\x08";

/// Bytes of the whole local header, by its fixed part.
pub(super) fn header_length(fixed: &[u8], entry: &CentralEntry) -> Result<usize, ArchiveError> {
    if !fixed.starts_with(SIGNATURE) {
        return Err(ArchiveError::LocalHeader {
            member: shown_bytes(entry.decoded_name()),
            at: entry.header_at,
        });
    }
    Ok(FIXED + usize::from(u16_at(fixed, 26)) + usize::from(u16_at(fixed, 28)))
}

/// A local header that agrees with its entry.
#[derive(Debug)]
pub(super) struct LocalHeader<'a> {
    has_descriptor: bool,
    /// Bytes of the extra data that are no field.
    tail: &'a [u8],
}

impl<'a> LocalHeader<'a> {
    /// Compares a local header (all of it) with its entry.
    pub(super) fn compare(header: &'a [u8], entry: &CentralEntry) -> Result<Self, ArchiveError> {
        let (name, extra) = header[FIXED..].split_at(usize::from(u16_at(header, 26)));
        let flags = u16_at(header, 6);
        compare_flags(flags, entry)?;
        same(entry, phrases::THE_METHOD, &entry.method, &u16_at(header, 8))?;
        same(entry, phrases::THE_TIME, &entry.time, &u32_at(header, 10))?;
        if *name != *entry.raw_name {
            return Err(different_names(entry, &entry.raw_name, name));
        }
        let fields = extra::parse(extra, name).map_err(|what| ArchiveError::ExtraField {
            member: shown_bytes(entry.decoded_name()),
            what,
        })?;
        compare_names(name, &fields, entry)?;
        let has_descriptor = flags & DESCRIPTOR != 0;
        compare_sizes(header, &fields, has_descriptor, entry)?;
        Ok(Self {
            has_descriptor,
            tail: fields.tail,
        })
    }

    /// Checks the bytes between the end of the data and the next header, of which `between` holds no more than
    /// [`LONGEST_DESCRIPTOR`]; `length` is how many they are.
    pub(super) fn check_between(&self, between: &[u8], length: u64, entry: &CentralEntry) -> Result<(), ArchiveError> {
        let member = || shown_bytes(entry.decoded_name());
        // A header without data may count the first bytes of its descriptor as extra data: nothing can hide there.
        let joined = [self.tail, between].concat();
        let is_aligned = self.tail.iter().all(|byte| *byte == 0);
        let fits = |bytes: &[u8]| {
            is_descriptor(bytes, entry) && (self.has_descriptor || bytes.starts_with(DESCRIPTOR_SIGNATURE))
        };
        let is_whole = between.len() as u64 == length;
        if is_whole && (is_aligned && fits(between) || entry.packed == 0 && fits(&joined)) {
            return Ok(());
        }
        if self.has_descriptor {
            return Err(ArchiveError::DataDescriptor { member: member() });
        }
        if length > 0 {
            return Err(ArchiveError::Gap {
                member: member(),
                bytes: length,
            });
        }
        if !is_aligned {
            return Err(ArchiveError::ExtraField {
                member: member(),
                what: phrases::NO_FIELD,
            });
        }
        Ok(())
    }
}

fn compare_flags(flags: u16, entry: &CentralEntry) -> Result<(), ArchiveError> {
    same(
        entry,
        phrases::ENCRYPTION,
        &(entry.flags & ENCRYPTED),
        &(flags & ENCRYPTED),
    )?;
    // Set in the local header alone, it hides nothing: the descriptor is read and compared.
    if flags & DESCRIPTOR == 0 {
        same(entry, phrases::DESCRIPTOR_FLAG, &(entry.flags & DESCRIPTOR), &0)?;
    }
    if !entry.raw_name.is_ascii() {
        same(entry, phrases::UTF8_FLAG, &(entry.flags & UTF8), &(flags & UTF8))?;
    }
    Ok(())
}

fn same<Value: PartialEq + ToString>(
    entry: &CentralEntry,
    field: Phrase,
    central: &Value,
    local: &Value,
) -> Result<(), ArchiveError> {
    if central == local {
        return Ok(());
    }
    Err(ArchiveError::LocalMismatch {
        member: shown_bytes(entry.decoded_name()),
        field,
        central: central.to_string(),
        local: local.to_string(),
    })
}

fn different_names(entry: &CentralEntry, central: &[u8], local: &[u8]) -> ArchiveError {
    ArchiveError::LocalMismatch {
        member: shown_bytes(entry.decoded_name()),
        field: phrases::THE_NAME,
        central: shown_bytes(central),
        local: shown_bytes(local),
    }
}

/// The names that count must be the same too: one header may carry a Unicode name and the other not.
fn compare_names(raw: &[u8], fields: &ExtraFields<'_>, entry: &CentralEntry) -> Result<(), ArchiveError> {
    if fields.unicode_name.is_none() && entry.decoded_name.is_none() {
        return Ok(());
    }
    let local = central::effective_name(raw, entry.encoding, fields.unicode_name)?;
    if local.as_bytes() == entry.decoded_name() {
        return Ok(());
    }
    Err(different_names(entry, entry.decoded_name(), local.as_bytes()))
}

fn compare_sizes(
    header: &[u8],
    fields: &ExtraFields<'_>,
    has_descriptor: bool,
    entry: &CentralEntry,
) -> Result<(), ArchiveError> {
    let sizes = Sizes {
        size: u32_at(header, 22).into(),
        packed: u32_at(header, 18).into(),
        offset: None,
        disk: None,
    };
    let sizes = sizes
        .widened(fields.zip64)
        .map_err(|what| ArchiveError::Zip64Mismatch {
            place: Phrase::of_others(shown_bytes(entry.decoded_name())),
            what,
        })?;
    let crc32 = u64::from(u32_at(header, 14));
    for (field, central, local) in [
        (phrases::THE_CRC, u64::from(entry.crc32), crc32),
        (phrases::PACKED_SIZE, entry.packed, sizes.packed),
        (phrases::THE_SIZE, entry.size, sizes.size),
    ] {
        // What stands behind the data may be zero here.
        if !(has_descriptor && local == 0) {
            same(entry, field, &central, &local)?;
        }
    }
    Ok(())
}

/// Whether bytes are a data descriptor (with or without signature, with 32- or 64-bit sizes) that fits the entry.
fn is_descriptor(bytes: &[u8], entry: &CentralEntry) -> bool {
    let values = match bytes.len() {
        12 | 20 => bytes,
        16 | 24 if bytes.starts_with(DESCRIPTOR_SIGNATURE) => &bytes[4..],
        _ => return false,
    };
    let (packed, size) = if values.len() == 12 {
        (u32_at(values, 4).into(), u32_at(values, 8).into())
    } else {
        (u64_at(values, 4), u64_at(values, 12))
    };
    u32_at(values, 0) == entry.crc32 && packed == entry.packed && size == entry.size
}

//! What kind of file an upload is, by its first bytes and its size (SPEC §8), before anything else looks at it.

use std::fs::File;

use super::window::{Source, read_exact};
use super::{ArchiveError, phrases};
use crate::config::Limits;
use crate::model::Phrase;

const HEAD: usize = 512;

/// First bytes, and what files that begin so are called.
const KINDS: &[(&[u8], Phrase)] = &[
    (b"PK\x07\x08", phrases::SPLIT_ZIP),
    (b"PK\x30\x30PK", phrases::SPLIT_ZIP),
    (b"\x1f\x8b", phrases::GZIP),
    (b"Rar!\x1a\x07", phrases::RAR),
    (b"7z\xbc\xaf\x27\x1c", phrases::SEVEN_ZIP),
    (b"BZh", phrases::BZIP2),
    (b"\xfd7zXZ\0", phrases::XZ),
    (b"\x28\xb5\x2f\xfd", phrases::ZSTD),
    (b"%PDF", phrases::PDF),
    (b"\x89PNG", phrases::PNG),
    (b"\xff\xd8\xff", phrases::JPEG),
    (b"GIF8", phrases::GIF),
    (b"MZ", phrases::WINDOWS_PROGRAM),
    (b"\x7fELF", phrases::LINUX_PROGRAM),
    (b"#!", phrases::SCRIPT),
    (b"<?php", phrases::PHP_FILE),
    (b"<?xml", phrases::XML),
];

/// Checks size and first bytes of a package, and gives its size.
pub(super) fn check_magic(file: &File, limits: &Limits) -> Result<u64, ArchiveError> {
    let metadata = file
        .metadata()
        .map_err(|source| ArchiveError::ReadFailed { at: 0, source })?;
    if !metadata.is_file() {
        return Err(ArchiveError::NotZip {
            found: phrases::NOT_REGULAR,
        });
    }
    let bytes = metadata.len();
    if bytes > limits.package_bytes {
        return Err(ArchiveError::PackageTooLarge {
            bytes,
            limit: limits.package_bytes,
        });
    }
    check_head(file, bytes)?;
    Ok(bytes)
}

/// Checks the first bytes of an ordinary file of `length` bytes.
pub(super) fn check_head(file: &dyn Source, length: u64) -> Result<(), ArchiveError> {
    let mut head = [0; HEAD];
    let count = usize::try_from(length).unwrap_or(HEAD).min(HEAD);
    read_exact(file, &mut head[..count], 0)?;
    match kind(&head[..count]) {
        None => Ok(()),
        Some(found) => Err(ArchiveError::NotZip { found }),
    }
}

/// What the file is, unless it may be a ZIP.
fn kind(head: &[u8]) -> Option<Phrase> {
    if head.is_empty() {
        return Some(phrases::EMPTY_FILE);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return None;
    }
    let known = KINDS.iter().find(|(magic, _)| head.starts_with(magic));
    Some(known.map_or_else(|| text_kind(head), |(_, name)| name.clone()))
}

fn text_kind(head: &[u8]) -> Phrase {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let is_tar = head.get(257..262) == Some(b"ustar");
    if is_tar {
        phrases::TAR
    } else if text.starts_with("<!doctype html") || text.starts_with("<html") || text.contains("<head") {
        phrases::HTML_PAGE
    } else if text.starts_with('{') || text.starts_with('[') {
        phrases::JSON
    } else if std::str::from_utf8(head).is_ok() && !head.contains(&0) {
        phrases::TEXT_FILE
    } else {
        phrases::UNKNOWN_KIND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named() {
        let mut tar = vec![b'x'; 512];
        tar[100..120].fill(0);
        tar[257..262].copy_from_slice(b"ustar");
        for (head, expected) in [
            (&b"PK\x03\x04rest"[..], None),
            (b"PK\x05\x06", None),
            (b"", Some(phrases::EMPTY_FILE)),
            (b"\n<!DOCTYPE HTML><html>", Some(phrases::HTML_PAGE)),
            (b"<html>", Some(phrases::HTML_PAGE)),
            (b"\x1f\x8b\x08", Some(phrases::GZIP)),
            (b"Rar!\x1a\x07\x01", Some(phrases::RAR)),
            (b"{\"message\": \"Not Found\"}", Some(phrases::JSON)),
            (b"Not Found", Some(phrases::TEXT_FILE)),
            (b"PK", Some(phrases::TEXT_FILE)),
            (b"\0\xff", Some(phrases::UNKNOWN_KIND)),
            (b"a\0b", Some(phrases::UNKNOWN_KIND)),
            (b"a\xffb", Some(phrases::UNKNOWN_KIND)),
            (&tar, Some(phrases::TAR)),
        ] {
            assert_eq!(kind(head), expected, "{:?}", String::from_utf8_lossy(head));
        }
    }
}

//! What kind of file an upload is, by its first bytes and its size (SPEC §8), before anything else looks at it.

use std::fs::File;

use super::ArchiveError;
use super::window::read_exact;
use crate::config::Limits;

const HEAD: usize = 512;

/// First bytes, and what files that begin so are called.
const KINDS: &[(&[u8], &str)] = &[
    (b"PK\x07\x08", "one part of a split ZIP"),
    (b"PK\x30\x30PK", "one part of a split ZIP"),
    (b"\x1f\x8b", "a gzip file (.gz, .tar.gz)"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive (.7z)"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\0", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"#!", "a script"),
    (b"<?php", "a PHP file"),
    (b"<?xml", "an XML document"),
];

/// Checks size and first bytes of a package, and gives its size.
pub(super) fn check_magic(file: &File, limits: &Limits) -> Result<u64, ArchiveError> {
    let metadata = file
        .metadata()
        .map_err(|source| ArchiveError::ReadFailed { at: 0, source })?;
    if !metadata.is_file() {
        return Err(ArchiveError::NotZip {
            found: "not a regular file",
        });
    }
    let bytes = metadata.len();
    if bytes > limits.package_bytes {
        return Err(ArchiveError::PackageTooLarge {
            bytes,
            limit: limits.package_bytes,
        });
    }
    let mut head = [0; HEAD];
    let count = usize::try_from(bytes).unwrap_or(HEAD).min(HEAD);
    read_exact(file, &mut head[..count], 0)?;
    match kind(&head[..count]) {
        None => Ok(bytes),
        Some(found) => Err(ArchiveError::NotZip { found }),
    }
}

/// What the file is, unless it may be a ZIP.
fn kind(head: &[u8]) -> Option<&'static str> {
    if head.is_empty() {
        return Some("an empty file");
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return None;
    }
    let known = KINDS.iter().find(|(magic, _)| head.starts_with(magic));
    Some(known.map_or_else(|| text_kind(head), |(_, name)| name))
}

fn text_kind(head: &[u8]) -> &'static str {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let is_tar = head.get(257..262) == Some(b"ustar");
    if is_tar {
        "a tar archive"
    } else if text.starts_with("<!doctype html") || text.starts_with("<html") || text.contains("<head") {
        "an HTML page"
    } else if text.starts_with('{') || text.starts_with('[') {
        "a JSON document"
    } else if std::str::from_utf8(head).is_ok() && !head.contains(&0) {
        "a text file"
    } else {
        "a file of unknown kind"
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
            (b"", Some("an empty file")),
            (b"\n<!DOCTYPE HTML><html>", Some("an HTML page")),
            (b"<html>", Some("an HTML page")),
            (b"\x1f\x8b\x08", Some("a gzip file (.gz, .tar.gz)")),
            (b"Rar!\x1a\x07\x01", Some("a RAR archive")),
            (b"{\"message\": \"Not Found\"}", Some("a JSON document")),
            (b"Not Found", Some("a text file")),
            (b"PK", Some("a text file")),
            (b"\0\xff", Some("a file of unknown kind")),
            (&tar, Some("a tar archive")),
        ] {
            assert_eq!(kind(head), expected, "{:?}", String::from_utf8_lossy(head));
        }
    }
}

//! The files of a tree as they are recorded: deflated lines of SHA-256, size and path, by which a later look tells what
//! changed (SPEC 2 §1). Pure.

use std::fmt::Write as _;
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::archive::ExtractedFile;
use crate::model::Sha256Digest;

use super::compare::is_data;

/// Of what was unpacked, in whatever order.
pub(super) fn list(files: &[ExtractedFile]) -> io::Result<Vec<u8>> {
    let mut installed: Vec<&ExtractedFile> = files.iter().filter(|file| !is_data(&file.path)).collect();
    installed.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    let lines = installed
        .iter()
        .map(|file| (file.sha256, file.size, file.path.as_str()));
    deflate(lines)
}

/// Lines in their order. What is hashed has little that could be packed: fast is as good as small.
pub(super) fn deflate<'l>(lines: impl Iterator<Item = (Sha256Digest, u64, &'l str)>) -> io::Result<Vec<u8>> {
    let mut text = String::new();
    for (digest, size, path) in lines {
        writeln!(text, "{digest} {size} {path}").map_err(io::Error::other)?;
    }
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflated.write_all(text.as_bytes())?;
    let mut listing = deflated.finish()?;
    listing.shrink_to_fit();
    Ok(listing)
}

//! What stands in the installed tree before an operation begins. Reads only.

use std::io::Read;

use super::premises;
use crate::base::fs as base;
use crate::model::{GestorRoot, Sha256Digest, Slug};

/// Bytes of a manifest, and then some.
const TEXT_LIMIT: u64 = 4 << 20;
/// Bytes of a note, and then some.
const NOTE_LENGTH: u64 = 256;

/// A text file of the installed tree; nothing where it cannot be read.
pub fn installed_text(root: &GestorRoot, slug: &Slug, path: &str) -> Option<String> {
    let bytes = base::read_small(&root.installed(slug).join(path), TEXT_LIMIT).ok()?;
    String::from_utf8(bytes).ok()
}

/// A file of the installed tree, of at most so many bytes; nothing where it cannot be read.
pub fn installed_bytes(root: &GestorRoot, slug: &Slug, (path, limit): (&str, u64)) -> Option<Vec<u8>> {
    base::read_small(&root.installed(slug).join(path), limit).ok()
}

/// The package of which the installed tree is made; nothing where no note of ours says so. What a stranger can have
/// written is none of ours.
pub fn installed_package(root: &GestorRoot, slug: &Slug) -> Option<Sha256Digest> {
    let owner = premises::owner(root).ok()?;
    let file = base::open_trusted(&root.marker(slug), owner, true).ok()??;
    let mut note = String::new();
    file.take(NOTE_LENGTH).read_to_string(&mut note).ok()?;
    note.trim().parse().ok()
}

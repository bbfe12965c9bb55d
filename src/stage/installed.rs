//! What stands in the installed tree before an operation begins. Reads only.

use std::fs;
use std::io::Read;

use super::premises;
use crate::base::fs as base;
use crate::model::{GestorRoot, Sha256Digest, Slug};

/// Bytes of a note, and then some.
const NOTE_LENGTH: u64 = 256;

/// A text file of the installed tree; nothing where it cannot be read.
pub fn installed_text(root: &GestorRoot, slug: &Slug, path: &str) -> Option<String> {
    fs::read_to_string(root.installed(slug).join(path)).ok()
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

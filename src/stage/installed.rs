//! What stands in the installed tree before an operation begins. Reads only.

use std::fs;

use crate::model::{GestorRoot, Sha256Digest, Slug};

/// A text file of the installed tree; nothing where it cannot be read.
pub fn installed_text(root: &GestorRoot, slug: &Slug, path: &str) -> Option<String> {
    fs::read_to_string(root.installed(slug).join(path)).ok()
}

/// The package of which the installed tree is made; nothing where no note of ours says so.
pub fn installed_package(root: &GestorRoot, slug: &Slug) -> Option<Sha256Digest> {
    let note = fs::read_to_string(root.marker(slug)).ok()?;
    note.trim().parse().ok()
}

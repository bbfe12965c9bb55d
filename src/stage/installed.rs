//! What stands in the installed tree before an operation begins. Reads only.

use std::fs;

use crate::model::{GestorRoot, Slug};

/// A text file of the installed tree; nothing where it cannot be read.
pub fn installed_text(root: &GestorRoot, slug: &Slug, path: &str) -> Option<String> {
    fs::read_to_string(root.installed(slug).join(path)).ok()
}

//! What an operation writes down before its migrations run, beside its journal: by it recovery says what of them stays. What
//! it means is for others to say.

use std::path::PathBuf;

use super::journal::read_trusted;
use super::layout::Layout;
use super::{StageError, premises};
use crate::base::fs as base;
use crate::model::{GestorRoot, Slug};

/// Bytes of a schema and of migrations, and then some.
const LIMIT: u64 = 64 << 20;

fn path(root: &GestorRoot, slug: &Slug) -> PathBuf {
    root.staging(slug).join("migrations.json")
}

/// Writes it, whole or not at all, and brings it to the disk.
pub fn write(layout: &Layout, bytes: &[u8]) -> Result<(), StageError> {
    let owner = premises::owner(layout.root())?;
    Ok(base::write_whole(
        &path(layout.root(), layout.slug()),
        Some(owner),
        bytes,
    )?)
}

/// Reads it; nothing where no migrations were begun, or a stranger can have written it.
pub fn read(root: &GestorRoot, slug: &Slug) -> Result<Option<Vec<u8>>, StageError> {
    read_trusted(root, slug, (&path(root, slug), LIMIT))
}

//! What stands at a path, with links followed.

use std::path::{Path, PathBuf};

/// The path by which it is reached without a link; as it was given where nobody can tell.
pub fn followed(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Whether it is a folder.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

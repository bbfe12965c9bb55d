//! What stands at a path, with links followed.

use std::path::Path;

/// Whether it is a file, and nothing that would have to be waited for.
pub fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// Whether it is a folder.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

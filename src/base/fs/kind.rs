//! What stands at a path, with links followed.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The path by which it is reached without a link; as it was given where nobody can tell.
pub fn followed(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Whether something has this name, be it a link that leads nowhere; also where nobody may look.
pub fn may_stand(path: &Path) -> bool {
    let Err(fault) = path.symlink_metadata() else {
        return true;
    };
    !matches!(fault.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Whether it is a folder.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

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

/// Whether something stands there that is neither a file nor a link: what is written in its place would end it.
pub fn is_special(path: &Path) -> bool {
    let found = path.symlink_metadata();
    found.is_ok_and(|found| !found.is_file() && !found.is_symlink())
}

/// Whether it is a folder.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

//! What an operation finds of the plugin's place before it begins: whether what stands there can be replaced at all.

use std::fs;
use std::io::ErrorKind;

use super::{StageError, messages};
use crate::base::fs::{Attempt, FsError, Reach, refuse_mounts};
use crate::model::{GestorRoot, Slug};

/// Refuses a plugin's place that a swap could not replace: a link, a file, a mount point. `plugins/` itself may be a link.
pub fn check_place(root: &GestorRoot, slug: &Slug) -> Result<(), StageError> {
    let path = root.installed(slug);
    let found = match fs::symlink_metadata(&path) {
        Ok(found) => found.file_type(),
        Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(()),
        Err(fault) => return Err(FsError::new(Attempt::Read, path, fault).into()),
    };
    let what = match () {
        () if found.is_dir() => return Ok(()),
        () if found.is_symlink() => messages::A_LINK,
        () if found.is_file() => messages::A_FILE,
        () => messages::A_SPECIAL_FILE,
    };
    Err(StageError::NotAFolder { path, what })
}

/// Refuses an installed tree with a mount in it or on it: it would be packed, moved and emptied with the tree.
pub fn check_mounts(root: &GestorRoot, slug: &Slug) -> Result<(), StageError> {
    Ok(refuse_mounts(&root.installed(slug), Reach::Itself)?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_place_that_cannot_be_replaced_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = GestorRoot::new(folder.path());
        let slug = Slug::normalize("p").unwrap();
        fs::create_dir_all(folder.path().join("shared/p")).unwrap();
        symlink("shared", root.plugins()).unwrap();
        check_place(&root, &slug).unwrap();
        check_place(&root, &Slug::normalize("none").unwrap()).unwrap();
        check_mounts(&root, &slug).unwrap();
        fs::remove_dir(root.installed(&slug)).unwrap();
        symlink("../elsewhere", root.installed(&slug)).unwrap();
        assert!(check_place(&root, &slug).unwrap_err().to_string().contains("is a link"));
        fs::remove_file(root.installed(&slug)).unwrap();
        fs::write(root.installed(&slug), "x").unwrap();
        assert!(check_place(&root, &slug).unwrap_err().to_string().contains("is a file"));
    }
}

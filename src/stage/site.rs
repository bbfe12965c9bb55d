//! What an operation finds of the site before it begins: the folder `plugins/`, and whether what stands at the plugin's
//! place can be replaced at all.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::PathBuf;

use super::StageError;
use crate::base::fs::{self as base, Attempt, FsError, Owner, Reach, refuse_mounts};
use crate::model::{GestorRoot, Slug};

/// Whether the folder is a gestor: it has plugins, or it has its `config.php` and none yet.
pub fn is_gestor(root: &GestorRoot) -> bool {
    root.plugins().is_dir() || root.as_path().join("config.php").is_file()
}

/// To whom all that we make belongs: the owner of `plugins/`, or of the gestor as long as there is no such folder.
pub fn site_owner(root: &GestorRoot) -> Result<Owner, FsError> {
    let plugins = root.plugins();
    Owner::of(if plugins.is_dir() { &plugins } else { root.as_path() })
}

/// Makes `plugins/` where a gestor has none, with the owner of the gestor. Gives what was made, for an operation that
/// then fails.
pub fn prepare_plugins(root: &GestorRoot) -> Result<Option<PathBuf>, StageError> {
    let plugins = root.plugins();
    if plugins.is_dir() || !is_gestor(root) {
        return Ok(None);
    }
    let owner = site_owner(root)?;
    fs::create_dir(&plugins).map_err(|fault| FsError::new(Attempt::Create, &plugins, fault))?;
    let handle = File::open(&plugins).map_err(|fault| FsError::new(Attempt::Read, &plugins, fault))?;
    owner.give(&handle, &plugins)?;
    base::fsync_dir(root.as_path())?;
    Ok(Some(plugins))
}

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
        () if found.is_symlink() => "a link",
        () if found.is_file() => "a file",
        () => "a special file",
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
    use std::path::Path;

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

    #[test]
    fn plugins_are_made_where_a_gestor_stands_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = GestorRoot::new(folder.path());
        assert_eq!(prepare_plugins(&root).unwrap(), None);
        assert!(!is_gestor(&root) && !root.plugins().exists());
        fs::write(folder.path().join("config.php"), "").unwrap();
        assert!(is_gestor(&root));
        assert_eq!(prepare_plugins(&root).unwrap(), Some(root.plugins()));
        assert_eq!(prepare_plugins(&root).unwrap(), None);
        assert_eq!(site_owner(&root).unwrap(), Owner::of(folder.path()).unwrap());
        assert!(Path::new(&root.plugins()).is_dir());
    }
}

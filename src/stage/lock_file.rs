//! `backups/plugins/plugins.lock.json`: reads and writes it, whole, one process after the other. What stands in it is decided
//! by `dependencies`. It is a help for people, not a record: nothing of a site is read from it unless a call names it.

use std::fs;
use std::path::{Path, PathBuf};

use super::{StageError, list_file, premises};
use crate::base::fs::{self as base, Holder};
use crate::model::GestorRoot;

/// What stands there, where nobody else can have written it.
pub fn read(root: &GestorRoot, path: &Path, limit: u64) -> Option<Vec<u8>> {
    let owner = premises::kept_owner(root).ok()?;
    let file = base::open_trusted(path, owner, true).ok()??;
    base::read_all(file, path, limit).ok()
}

/// Writes what is made while nobody else writes; not where it stands there already. One that a stranger wrote is set aside.
pub fn write<E: From<StageError>>(
    root: &GestorRoot,
    holder: &Holder,
    make: impl FnOnce() -> Result<(PathBuf, Vec<u8>), E>,
) -> Result<(), E> {
    let _lock = list_file::lock(root, &root.lock_file_lock(), holder)?;
    let (path, bytes) = make()?;
    Ok(put(root, &path, &bytes)?)
}

fn put(root: &GestorRoot, path: &Path, bytes: &[u8]) -> Result<(), StageError> {
    let limit = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if read(root, path, limit).is_some_and(|found| found == bytes) {
        return Ok(());
    }
    let owner = premises::kept_owner(root)?;
    let is_refused = fs::symlink_metadata(path).is_ok() && base::open_trusted(path, owner, true).is_err();
    list_file::replace(root, path, bytes, is_refused)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    #[test]
    fn it_is_written_whole_once_and_never_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("plugins")).unwrap();
        let root = GestorRoot::new(folder.path());
        let path = root.plugins_lock(None);
        let holder = Holder::this_process(String::new());
        let write = |text: &str| {
            let made = || Ok::<_, StageError>((path.clone(), text.as_bytes().to_vec()));
            super::write(&root, &holder, made).unwrap();
        };
        write("one");
        let first = fs::metadata(&path).unwrap();
        assert_eq!(first.mode() & 0o007, 0);
        write("one");
        assert_eq!(
            fs::metadata(&path).unwrap().ino(),
            first.ino(),
            "not touched without need"
        );
        write("two");
        assert_eq!(read(&root, &path, 9).unwrap(), b"two");
        // A stranger's, and a link.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        assert_eq!(read(&root, &path, 9), None);
        write("two");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o022, 0);
        fs::remove_file(&path).unwrap();
        let target = folder.path().join("target");
        fs::write(&target, "target").unwrap();
        symlink(&target, &path).unwrap();
        write("three");
        assert_eq!(
            (read(&root, &path, 9).unwrap(), fs::read(&target).unwrap()),
            (b"three".to_vec(), b"target".to_vec())
        );
    }
}

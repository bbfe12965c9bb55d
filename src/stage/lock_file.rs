//! `backups/plugins/plugins.lock.json`: reads and writes it, whole, one process after the other. What stands in it is decided
//! by `dependencies`. It is a help for people, not a record: nothing of a site is read from it unless a call names it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{StageError, premises};
use crate::base::fs::{self as base, FileLock, FsError, Holder, LockError};
use crate::model::GestorRoot;

/// Another one needs milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

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
    let _lock = lock(root, holder)?;
    let (path, bytes) = make()?;
    Ok(put(root, &path, &bytes)?)
}

fn put(root: &GestorRoot, path: &Path, bytes: &[u8]) -> Result<(), StageError> {
    let limit = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if read(root, path, limit).is_some_and(|found| found == bytes) {
        return Ok(());
    }
    let owner = premises::kept_owner(root)?;
    let above = path.parent().unwrap_or(path);
    premises::ensure(&root.backups(), above, owner, premises::FOLDER_MODE)?;
    if fs::symlink_metadata(path).is_ok() && base::open_trusted(path, owner, true).is_err() {
        // What cannot be moved is replaced.
        let aside = path.with_file_name(format!(
            "{}.recusado",
            path.file_name().unwrap_or_default().to_string_lossy()
        ));
        let _ = base::rename_over(path, &aside);
    }
    Ok(base::write_whole(path, Some(owner), bytes)?)
}

fn lock(root: &GestorRoot, holder: &Holder) -> Result<FileLock, StageError> {
    premises::prepare_work(root)?;
    let (path, owner) = (root.lock_file_lock(), premises::work_owner(root)?);
    FileLock::take(&path, holder, Some(owner), PATIENCE, || true).map_err(|fault| match fault {
        LockError::Fs(fault) => fault.into(),
        LockError::Held { path, .. } | LockError::Stopped { path } => {
            FsError::new(base::Attempt::Lock, path, nix::errno::Errno::EWOULDBLOCK).into()
        }
    })
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

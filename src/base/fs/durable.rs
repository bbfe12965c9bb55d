//! Writes that survive a power cut. Must not decide when durability is needed.

use std::fs;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use nix::errno::Errno;

use super::make::replace_file;
use super::read::folder_of;
use super::{Attempt, FsError, Owner, open_folder, random_hex, remove_file, rename_no_replace, rename_over};

/// Brings the names in a folder to the disk.
pub fn fsync_dir(folder: &Path) -> Result<(), FsError> {
    unless_unknown(open_folder(folder)?.sync_all()).map_err(|fault| FsError::new(Attempt::Sync, folder, fault))
}

/// File systems of networks and of shared folders have no sync of a folder: they answer that they do not know the call,
/// or that a folder is not written. There is nothing to be done about it, and no other program stops for it.
fn unless_unknown(synced: io::Result<()>) -> io::Result<()> {
    match synced {
        Err(fault) if is_unknown(&fault) || fault.raw_os_error() == Some(Errno::EROFS as i32) => Ok(()),
        other => other,
    }
}

fn is_unknown(fault: &io::Error) -> bool {
    let unknown = [Errno::EINVAL, Errno::ENOTSUP, Errno::ENOSYS].map(|errno| errno as i32);
    fault.raw_os_error().is_some_and(|code| unknown.contains(&code))
}

/// Brings a file to the disk. Where its file system does not know that call, everything on it is brought there; only one
/// that knows neither is believed without. One that has become read-only has lost what was written.
pub fn sync_file(file: &File) -> io::Result<()> {
    or_everything(file.sync_all(), || nix::unistd::syncfs(file).map_err(io::Error::from))
}

fn or_everything(synced: io::Result<()>, sync_all: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    match synced {
        Err(fault) if is_unknown(&fault) => match sync_all() {
            Err(fault) if is_unknown(&fault) => Ok(()),
            other => other,
        },
        other => other,
    }
}

/// Brings everything on the file system of a folder to the disk: one call in place of one per file.
pub fn syncfs(folder: &Path) -> Result<(), FsError> {
    let handle = open_folder(folder)?;
    let synced = nix::unistd::syncfs(&handle).map_err(io::Error::from);
    or_everything(synced, || handle.sync_all()).map_err(|fault| FsError::new(Attempt::Sync, folder, fault))
}

/// Writes a file whole or not at all, readable for its owner only and, where a site has one, the group: temporary name,
/// fsync, rename, fsync of the folder.
pub fn write_whole(path: &Path, owner: Option<Owner>, bytes: &[u8]) -> Result<(), FsError> {
    write_whole_as(path, (owner, 0o600), bytes)
}

/// The same with a mode.
pub fn write_whole_as(path: &Path, (owner, mode): (Option<Owner>, u32), bytes: &[u8]) -> Result<(), FsError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".partial");
    let temporary = PathBuf::from(temporary);
    let write = |fault| FsError::new(Attempt::Write, path, fault);
    let written = replace_file(&temporary, owner, mode).and_then(|mut file| {
        file.write_all(bytes).and_then(|()| sync_file(&file)).map_err(write)?;
        rename_over(&temporary, path)
    });
    if written.is_err() {
        // The first fault is the one to tell; a rest under this name is overwritten next time.
        let _ = remove_file(&temporary);
    }
    written.map_err(|fault| fault.about(path))?;
    fsync_dir(folder_of(path))
}

/// Makes a file that was not there, whole or not at all: a name of its own, what `write` writes, fsync, rename where nothing
/// stands, fsync of the folder.
///
/// # Errors
/// [`FsError::Exists`] where something stands there, and what `write` says.
pub fn write_new<E: From<FsError>>(
    path: &Path,
    (owner, mode): (Option<Owner>, u32),
    write: impl FnOnce(&File) -> Result<(), E>,
) -> Result<(), E> {
    let temporary = path.with_file_name(format!(".new-{}", random_hex()?));
    let written = replace_file(&temporary, owner, mode).map_err(E::from).and_then(|file| {
        write(&file)?;
        sync_file(&file).map_err(|fault| FsError::new(Attempt::Write, path, fault))?;
        Ok(rename_no_replace(&temporary, path)?)
    });
    if written.is_err() {
        // The first fault is the one to tell; a rest under this name is nothing to anybody.
        let _ = remove_file(&temporary);
    }
    written?;
    Ok(fsync_dir(folder_of(path))?)
}

/// Which of a folder and those above it, down from `base`, do not exist. Outermost first.
pub fn missing_folders(base: &Path, path: &Path) -> Vec<PathBuf> {
    let below: Vec<PathBuf> = path
        .ancestors()
        .take_while(|folder| *folder != base)
        .filter(|folder| !folder.as_os_str().is_empty() && fs::symlink_metadata(folder).is_err())
        .map(Path::to_owned)
        .collect();
    below.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    #[test]
    fn a_file_is_written_whole_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.json");
        write_whole(&path, None, b"one").unwrap();
        write_whole(&path, None, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let fault = write_whole(&folder.path().join("none/f.json"), None, b"x").unwrap_err();
        assert!(fault.path().ends_with("none/f.json"), "{fault}");
    }

    #[test]
    fn only_a_sync_of_a_folder_that_is_unknown_is_forgiven() {
        for (errno, is_forgiven) in [
            (Errno::EINVAL, true),
            (Errno::ENOTSUP, true),
            (Errno::ENOSYS, true),
            (Errno::EROFS, true),
            (Errno::EIO, false),
            (Errno::ENOSPC, false),
            (Errno::EDQUOT, false),
        ] {
            assert_eq!(unless_unknown(Err(errno.into())).is_ok(), is_forgiven, "{errno}");
        }
    }

    #[test]
    fn a_file_is_believed_only_where_its_file_system_can_sync_nothing() {
        use Errno::{EINVAL, EIO, ENOSYS, EOPNOTSUPP, EROFS};
        let answer = |errno: Option<Errno>| errno.map_or(Ok(()), |errno| Err(io::Error::from(errno)));
        for (file, everything, is_safe) in [
            (None, Some(EIO), true),
            (Some(EINVAL), None, true),
            (Some(EINVAL), Some(EINVAL), true),
            (Some(EOPNOTSUPP), Some(ENOSYS), true),
            (Some(EINVAL), Some(EIO), false),
            (Some(EINVAL), Some(EROFS), false),
            (Some(EROFS), None, false),
            (Some(EIO), None, false),
        ] {
            let found = or_everything(answer(file), || answer(everything));
            assert_eq!(found.is_ok(), is_safe, "{file:?} {everything:?}");
        }
    }

    #[test]
    fn a_link_under_the_temporary_name_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("victim");
        fs::write(&victim, "safe").unwrap();
        symlink(&victim, folder.path().join("f.partial")).unwrap();
        write_whole(&folder.path().join("f"), None, b"x").unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "safe");
        assert!(fs::symlink_metadata(folder.path().join("f")).unwrap().is_file());
    }

    #[test]
    fn a_full_disk_keeps_the_earlier_content() {
        let disk = super::super::SmallDisk::mount("64k");
        let path = disk.path().join("f");
        write_whole(&path, None, b"earlier").unwrap();
        let fault = write_whole(&path, None, &vec![7; 1 << 20]).unwrap_err();
        assert!(fault.is_no_space(), "{fault}");
        assert_eq!(fs::read(&path).unwrap(), b"earlier");
        assert_eq!(fs::read_dir(disk.path()).unwrap().count(), 1);
    }

    #[test]
    fn missing_folders_are_named_outermost_first() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("a/b/c");
        fs::create_dir(base.path().join("a")).unwrap();
        let missing = missing_folders(base.path(), &path);
        assert_eq!(missing, [base.path().join("a/b"), path.clone()]);
        crate::base::fs::ensure_folders(base.path(), &path, None, 0o750).unwrap();
        assert!(missing_folders(base.path(), &path).is_empty());
        let relative = missing_folders(Path::new("/"), Path::new("no-such-folder/a"));
        assert_eq!(relative, ["no-such-folder", "no-such-folder/a"].map(PathBuf::from));
        fsync_dir(Path::new("")).unwrap();
        let again = crate::base::fs::make_folder(&path, None, 0o700);
        assert!(matches!(again, Err(FsError::Exists { .. })));
    }
}

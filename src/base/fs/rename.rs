//! Renames that never lose anything, and the identity by which a folder is known again after a rename.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{AtFlags, RenameFlags, renameat, renameat2};
use nix::sys::stat::{SFlag, fstat};
use nix::unistd::{UnlinkatFlags, linkat, unlinkat};
use serde::{Deserialize, Serialize};

use super::way::{Way, facts, kind};
use super::{Attempt, FsError, open_folder};

/// Exchanges two names in one step; afterwards each names what the other named.
///
/// # Errors
/// [`FsError::Unsupported`] where the file system (or the kernel) cannot.
pub fn exchange(one: &Path, other: &Path) -> Result<(), FsError> {
    let (from, to) = (Way::to(one, Attempt::Exchange)?, Way::to(other, Attempt::Exchange)?);
    let flags = RenameFlags::RENAME_EXCHANGE;
    renameat2(&from.folder, from.name(), &to.folder, to.name(), flags).map_err(|fault| {
        if is_unsupported(fault) {
            FsError::Unsupported { path: other.to_owned() }
        } else {
            FsError::new(Attempt::Exchange, other, fault)
        }
    })
}

/// Renames where the new name is free. Where the file system cannot promise that, the name is looked up before.
pub fn rename_no_replace(from: &Path, to: &Path) -> Result<(), FsError> {
    let exists = || FsError::Exists { path: to.to_owned() };
    let (old, new) = (Way::to(from, Attempt::Rename)?, Way::to(to, Attempt::Rename)?);
    let flags = RenameFlags::RENAME_NOREPLACE;
    match renameat2(&old.folder, old.name(), &new.folder, new.name(), flags) {
        Ok(()) => Ok(()),
        Err(Errno::EEXIST) => Err(exists()),
        Err(fault) if is_unsupported(fault) => {
            if new.facts().is_ok() {
                return Err(exists());
            }
            // A folder that was made since, and written to, is not replaced either.
            renameat(&old.folder, old.name(), &new.folder, new.name()).map_err(|fault| match fault {
                Errno::EEXIST | Errno::ENOTEMPTY => exists(),
                fault => FsError::new(Attempt::Rename, to, fault),
            })
        }
        Err(fault) => Err(FsError::new(Attempt::Rename, to, fault)),
    }
}

/// Renames; what stood under the new name is replaced.
pub fn rename_over(from: &Path, to: &Path) -> Result<(), FsError> {
    let (old, new) = (Way::to(from, Attempt::Rename)?, Way::to(to, Attempt::Rename)?);
    renameat(&old.folder, old.name(), &new.folder, new.name()).map_err(|fault| FsError::new(Attempt::Rename, to, fault))
}

/// Gives an open file another name, which must be free; `from` is the name that it was opened by.
///
/// # Errors
/// [`FsError::Swapped`] when another file has that name by now.
pub fn link_file(file: &fs::File, from: &Path, to: &Path) -> Result<(), FsError> {
    let create = |fault| FsError::new(Attempt::Create, to, fault);
    let (old, new) = (Way::to(from, Attempt::Read)?, Way::to(to, Attempt::Create)?);
    linkat(&old.folder, old.name(), &new.folder, new.name(), AtFlags::empty()).map_err(create)?;
    let (wanted, made) = (fstat(file).map_err(create)?, new.facts().map_err(create)?);
    if (wanted.st_dev, wanted.st_ino) == (made.st_dev, made.st_ino) {
        return Ok(());
    }
    let _ = unlinkat(&new.folder, new.name(), UnlinkatFlags::NoRemoveDir);
    Err(FsError::Swapped { path: from.to_owned() })
}

fn is_unsupported(fault: Errno) -> bool {
    matches!(fault, Errno::EINVAL | Errno::ENOSYS | Errno::EOPNOTSUPP)
}

/// Whether two folders stand on one file system and one mount, so that one can be renamed into the other.
pub fn same_file_system(one: &Path, other: &Path) -> Result<bool, FsError> {
    Ok(mount(one)? == mount(other)?)
}

/// Device, and the mount where the system tells it: two bind mounts of one device refuse renames between them.
fn mount(folder: &Path) -> Result<(u64, Option<String>), FsError> {
    let read = |fault: Errno| FsError::new(Attempt::Read, folder, fault);
    let handle = open_folder(folder)?;
    let device = fstat(&handle).map_err(read)?.st_dev;
    let mount = mount_of(&handle);
    Ok((device, mount))
}

#[expect(clippy::disallowed_methods, reason = "the kernel's own file about the handle")]
fn mount_of(handle: &fs::File) -> Option<String> {
    let facts = fs::read_to_string(format!("/proc/self/fdinfo/{}", handle.as_raw_fd())).unwrap_or_default();
    let mount = facts.lines().find_map(|line| line.strip_prefix("mnt_id:"));
    mount.map(|id| id.trim().to_owned())
}

/// By what a folder is known again wherever it was renamed to on its file system: its inode number. The number of the
/// device is left out, because it may change when the machine starts again; the time of birth too, because an overlay
/// changes it with the first write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeId {
    inode: u64,
}

impl TreeId {
    /// The folder that stands under a path; `None` when nothing does.
    ///
    /// # Errors
    /// Also when a file or a link stands there.
    pub fn of(path: &Path) -> Result<Option<Self>, FsError> {
        let Some(found) = facts(path)? else {
            return Ok(None);
        };
        if kind(&found) != SFlag::S_IFDIR {
            let fault = io::Error::new(ErrorKind::NotADirectory, super::messages::NO_FOLDER);
            return Err(FsError::new(Attempt::Read, path, fault));
        }
        Ok(Some(Self { inode: found.st_ino }))
    }

    /// Of whatever stands under a path; a link is itself, and is not followed.
    pub fn of_any(path: &Path) -> Result<Option<Self>, FsError> {
        Ok(facts(path)?.map(|found| Self { inode: found.st_ino }))
    }

    /// Of an open folder.
    pub fn of_open(folder: &fs::File, path: &Path) -> Result<Self, FsError> {
        let found = fstat(folder).map_err(|fault| FsError::new(Attempt::Read, path, fault))?;
        Ok(Self { inode: found.st_ino })
    }

    /// The number by which it is known again.
    pub fn number(self) -> u64 {
        self.inode
    }

    /// The folder that has a number.
    pub fn of_number(inode: u64) -> Self {
        Self { inode }
    }

    /// An identity for tests.
    #[cfg(test)]
    pub(crate) fn fake(inode: u64) -> Self {
        Self { inode }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn folders_are_exchanged_and_known_again() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        fs::create_dir(&one).unwrap();
        fs::create_dir(&other).unwrap();
        let (first, second) = (TreeId::of(&one).unwrap().unwrap(), TreeId::of(&other).unwrap().unwrap());
        exchange(&one, &other).unwrap();
        assert_eq!(TreeId::of(&one).unwrap(), Some(second));
        assert_eq!(TreeId::of(&other).unwrap(), Some(first));
        assert_ne!(first, second);
        assert!(exchange(&one, &folder.path().join("none")).is_err());
    }

    #[test]
    fn a_taken_name_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        fs::create_dir(&one).unwrap();
        fs::create_dir(&other).unwrap();
        assert!(matches!(rename_no_replace(&one, &other), Err(FsError::Exists { .. })));
        fs::remove_dir(&other).unwrap();
        rename_no_replace(&one, &other).unwrap();
        assert!(TreeId::of(&one).unwrap().is_none());
        let link = folder.path().join("link");
        symlink(&other, &link).unwrap();
        assert!(TreeId::of(&link).unwrap_err().to_string().contains("not a folder"));
    }

    #[test]
    fn another_file_system_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("below");
        fs::create_dir(&below).unwrap();
        assert!(same_file_system(folder.path(), &below).unwrap());
        assert!(!same_file_system(folder.path(), Path::new("/proc")).unwrap());
        assert!(same_file_system(folder.path(), &folder.path().join("none")).is_err());
    }
}

//! Folders below an open one, reached part by part and never through a link.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::{Mode, fchmod, fstat, mkdirat};
use nix::unistd::{Gid, Uid, UnlinkatFlags, fchown, geteuid, unlinkat};

use super::ArchiveError;

/// A fault at a path below the destination.
pub(super) fn write_failed(path: &str, errno: Errno) -> ArchiveError {
    ArchiveError::WriteFailed {
        path: path.to_owned(),
        source: errno.into(),
    }
}

/// The last part of a path, and the folder above it (empty for the root).
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// Open folders from the root down to the one used last: the next is mostly near it.
pub(super) struct OpenFolders<'root> {
    root: BorrowedFd<'root>,
    path: String,
    /// For each part of `path`, where it ends and its handle.
    open: Vec<(usize, OwnedFd)>,
}

impl<'root> OpenFolders<'root> {
    pub(super) fn new(root: BorrowedFd<'root>) -> Self {
        Self {
            root,
            path: String::new(),
            open: Vec::new(),
        }
    }

    /// The handle of a folder (empty: the root).
    pub(super) fn get(&mut self, folder: &str) -> Result<BorrowedFd<'_>, Errno> {
        while !self.is_above(folder) {
            self.open.pop();
            let end = self.open.last().map_or(0, |(end, _)| *end);
            self.path.truncate(end);
        }
        let rest = folder[self.path.len()..].trim_start_matches('/');
        for part in rest.split('/').filter(|part| !part.is_empty()) {
            let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
            let handle = match openat(self.last(), part, flags, Mode::empty()) {
                Err(Errno::EACCES) => {
                    permit(self.last(), part)?;
                    openat(self.last(), part, flags, Mode::empty())?
                }
                opened => opened?,
            };
            if !self.path.is_empty() {
                self.path.push('/');
            }
            self.path.push_str(part);
            self.open.push((self.path.len(), handle));
        }
        Ok(self.last())
    }

    fn is_above(&self, folder: &str) -> bool {
        self.path.is_empty()
            || folder
                .strip_prefix(&self.path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    fn last(&self) -> BorrowedFd<'_> {
        self.open.last().map_or(self.root, |(_, handle)| handle.as_fd())
    }
}

/// A umask may have taken even the maker's own permissions from a folder that was just made: he gets them back until
/// [`Like::restore`] sets what all get. The name below /proc is the folder itself, for a handle that knows no `fchmod`.
#[expect(clippy::disallowed_methods, reason = "the path is the handle itself")]
fn permit(above: BorrowedFd<'_>, name: &str) -> Result<(), Errno> {
    let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let handle = openat(above, name, flags, Mode::empty())?;
    let found = fstat(&handle)?;
    if Uid::from_raw(found.st_uid) != geteuid() || found.st_mode & 0o700 == 0o700 {
        return Err(Errno::EACCES);
    }
    let itself = format!("/proc/self/fd/{}", handle.as_raw_fd());
    let done = std::fs::set_permissions(itself, std::fs::Permissions::from_mode(0o700));
    done.map_err(|fault| Errno::from_raw(fault.raw_os_error().unwrap_or_default()))
}

/// What is on disk because of us, and is removed again unless the work is finished.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) folders: Vec<String>,
    pub(super) files: Vec<String>,
}

impl Written {
    /// Removes all of it: files, then folders from below. What cannot be removed is left.
    pub(super) fn remove(mut self, root: BorrowedFd<'_>) {
        let mut open = OpenFolders::new(root);
        for path in &self.files {
            let (folder, name) = split(path);
            let _ = open
                .get(folder)
                .and_then(|above| unlinkat(above, name, UnlinkatFlags::NoRemoveDir));
        }
        // A folder sorts before what is in it.
        self.folders.sort_unstable();
        for path in self.folders.iter().rev() {
            let (folder, name) = split(path);
            let _ = open
                .get(folder)
                .and_then(|above| unlinkat(above, name, UnlinkatFlags::RemoveDir));
        }
    }
}

/// What is unpacked is for the one to whom the destination belongs, and for his group where the destination is: so what
/// is left of work that was killed can be removed by whoever may work there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Like {
    uid: Uid,
    gid: Gid,
    group: u32,
    gives: bool,
}

impl Like {
    pub(super) fn of(destination: BorrowedFd<'_>) -> Result<Self, Errno> {
        let found = fstat(destination)?;
        let (me, uid) = (geteuid(), Uid::from_raw(found.st_uid));
        Ok(Self {
            uid,
            gid: Gid::from_raw(found.st_gid),
            group: found.st_mode & 0o2020,
            gives: me.is_root() && me != uid,
        })
    }

    /// 0755 for folders and programs, 0644 for other files, and what the group may.
    pub(super) fn mode(self, kind: FolderEntryType) -> Mode {
        let (plain, group) = match kind {
            FolderEntryType::Folder => (0o755, self.group),
            FolderEntryType::Program => (0o755, self.group & 0o020),
            FolderEntryType::File => (0o644, self.group & 0o020),
        };
        Mode::from_bits_truncate(plain | group)
    }

    /// Gives a folder or file its mode where the process's umask took bits away, and a folder to its owner. Returns
    /// whether there was anything to do.
    pub(super) fn restore(self, handle: BorrowedFd<'_>, kind: FolderEntryType) -> Result<bool, Errno> {
        let gives = self.gives && kind == FolderEntryType::Folder;
        if gives {
            // Root without that right keeps what it made, as everybody does.
            match fchown(handle, Some(self.uid), Some(self.gid)) {
                Ok(()) | Err(Errno::EPERM) => {}
                Err(fault) => return Err(fault),
            }
        }
        let mode = self.mode(kind);
        let is_right = Mode::from_bits_truncate(fstat(handle)?.st_mode) & Mode::from_bits_truncate(0o7777) == mode;
        if !is_right {
            fchmod(handle, mode)?;
        }
        Ok(gives || !is_right)
    }
}

/// What is unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FolderEntryType {
    File,
    Program,
    Folder,
}

/// Makes a folder that must not exist yet.
pub(super) fn make(above: BorrowedFd<'_>, name: &str, mode: Mode) -> Result<(), Errno> {
    mkdirat(above, name, mode)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn folders_are_reached_from_any_other_and_never_through_a_link() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("a/b/c")).unwrap();
        fs::create_dir_all(root.path().join("ab")).unwrap();
        symlink(root.path().join("a"), root.path().join("link")).unwrap();
        let handle = File::open(root.path()).unwrap();
        let mut open = OpenFolders::new(handle.as_fd());
        for folder in ["a/b/c", "a", "ab", "a/b", "", "a/b/c"] {
            let found = fstat(open.get(folder).unwrap()).unwrap();
            let expected = fstat(File::open(root.path().join(folder)).unwrap()).unwrap();
            assert_eq!(found.st_ino, expected.st_ino, "{folder}");
        }
        assert!(open.get("link").is_err() && open.get("link/b").is_err() && open.get("a/none").is_err());
        assert!(open.get("ab").is_ok());
    }

    #[test]
    fn a_mode_is_put_right_once() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("f");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        let handle = File::open(&folder).unwrap();
        let above = File::open(root.path()).unwrap();
        let like = Like::of(above.as_fd()).unwrap();
        assert_eq!(like.restore(handle.as_fd(), FolderEntryType::Folder), Ok(true));
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(like.restore(handle.as_fd(), FolderEntryType::Folder), Ok(false));
    }
}

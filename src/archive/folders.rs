//! Folders below an open one, reached part by part and never through a link.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::{Mode, fchmod, fstat, mkdirat};
use nix::unistd::{UnlinkatFlags, unlinkat};

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
            let handle = openat(self.last(), part, flags, Mode::empty())?;
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

/// Makes a folder that must not exist yet.
pub(super) fn make(above: BorrowedFd<'_>, name: &str) -> Result<(), Errno> {
    mkdirat(above, name, folder_mode())
}

/// 0755.
pub(super) fn folder_mode() -> Mode {
    Mode::from_bits_truncate(0o755)
}

/// Gives a folder or file its mode where the process's umask took bits away. Returns whether it did.
pub(super) fn restore_mode(handle: BorrowedFd<'_>, mode: Mode) -> Result<bool, Errno> {
    let is_right = Mode::from_bits_truncate(fstat(handle)?.st_mode) & Mode::from_bits_truncate(0o777) == mode;
    if !is_right {
        fchmod(handle, mode)?;
    }
    Ok(!is_right)
}

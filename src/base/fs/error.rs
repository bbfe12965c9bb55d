//! The error of file operations: what was tried, where, and why it failed, with a hint at what to do.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use nix::errno::Errno;

use super::Advice;
use crate::model::Phrase;

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// Create a file or a folder.
    Create,
    /// Open or read.
    Read,
    /// Write.
    Write,
    /// Bring to the disk.
    Sync,
    /// Rename, with or without replacing.
    Rename,
    /// Exchange two names at once.
    Exchange,
    /// Remove.
    Remove,
    /// Give to another user.
    ChangeOwner,
    /// Set permissions.
    ChangeMode,
    /// Lock.
    Lock,
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Write => "write",
            Self::Sync => "bring to the disk",
            Self::Rename => "rename",
            Self::Exchange => "exchange",
            Self::Remove => "remove",
            Self::ChangeOwner => "change the owner of",
            Self::ChangeMode => "set the permissions of",
            Self::Lock => "lock",
        })
    }
}

/// A file operation that failed.
#[derive(Debug, thiserror::Error)]
pub enum FsError {
    /// The system refused.
    #[error("could not {attempt} {}: {source}{}", path.display(), hint(*attempt, source))]
    Io {
        /// What was tried.
        attempt: Attempt,
        /// With which path.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file system cannot exchange two names at once.
    #[error("the file system of {} cannot exchange two folders at once", path.display())]
    Unsupported {
        /// One of the two names.
        path: PathBuf,
    },
    /// Something is mounted in a folder that is to be packed, replaced or removed.
    #[error(
        "{} is a mount point, and what is mounted there is not the folder's own: it is neither packed nor moved nor emptied. Unmount it (or mount it elsewhere) and try again", path.display()
    )]
    Mounted {
        /// The mount point.
        path: PathBuf,
    },
    /// A socket, which no archive can hold.
    #[error("{} is a socket, which no backup can hold: stop the program that made it, or delete it, and try again", path.display())]
    Socket {
        /// Its path.
        path: PathBuf,
    },
    /// A name is taken that was to be new.
    #[error("{} already exists: move it away and try again", path.display())]
    Exists {
        /// The name.
        path: PathBuf,
    },
    /// A link stands where a folder or file must stand.
    #[error(
        "{} is a link, and links are not followed there: put the folder or file itself in its place (of a gestor's folders, only temp, logs, backups and plugins may be links)",
        path.display()
    )]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// Somebody else could have written it.
    #[error(
        "{path} is not trusted, because {why}: nothing was done; {advice}",
        path = path.display()
    )]
    Untrusted {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        why: Phrase,
        /// What to do.
        advice: Advice,
    },
    /// It stands and belongs to another user, and this process may not use it.
    #[error(
        "{path} belongs to {found}, and {process} may not use it: {advice}",
        path = path.display()
    )]
    NotOurs {
        /// The file or folder.
        path: PathBuf,
        /// Whose it is.
        found: String,
        /// Who this process runs as.
        process: String,
        /// What to do.
        advice: Advice,
    },
    /// Nobody may change it, not even root, as long as it has that attribute.
    #[error("{} is immutable or append-only, and nobody may change, rename or remove it: {advice}, and try again", path.display())]
    Immutable {
        /// The file or folder.
        path: PathBuf,
        /// What to do.
        advice: Advice,
    },
    /// What should be a file is a pipe, a folder, a device.
    #[error("{} is no ordinary file, and nothing else is read there: put a file in its place, or remove it", path.display())]
    NotAFile {
        /// Its path.
        path: PathBuf,
    },
    /// More than is ever read of such a file.
    #[error("{} is larger than {limit} bytes, which no such file is: put the right one there", path.display())]
    TooLarge {
        /// Its path.
        path: PathBuf,
        /// What is read.
        limit: u64,
    },
    /// A file has a second name somewhere: changing it would change what stands there.
    #[error(
        "{} has {links} hard links: another name of the same file would change with it; replace it by a copy",
        path.display()
    )]
    HardLinked {
        /// The file.
        path: PathBuf,
        /// How many names it has.
        links: u64,
    },
    /// Something else stands where a file stood a moment ago.
    #[error("{} was replaced by something else while it was being worked on: another program writes there; stop it and try again", path.display())]
    Swapped {
        /// Its path.
        path: PathBuf,
    },
}

impl FsError {
    /// An error of the system with a path.
    pub fn new(attempt: Attempt, path: impl Into<PathBuf>, source: impl Into<io::Error>) -> Self {
        Self::Io {
            attempt,
            path: path.into(),
            source: source.into(),
        }
    }

    /// The same about another path: one that the reader knows.
    #[must_use]
    pub(super) fn about(self, path: &Path) -> Self {
        match self {
            Self::Io { attempt, source, .. } => Self::new(attempt, path, source),
            other => other,
        }
    }

    /// Where it happened.
    pub fn path(&self) -> &Path {
        match self {
            Self::Io { path, .. }
            | Self::Unsupported { path }
            | Self::Exists { path }
            | Self::Link { path }
            | Self::Untrusted { path, .. }
            | Self::NotOurs { path, .. }
            | Self::Immutable { path, .. }
            | Self::NotAFile { path }
            | Self::TooLarge { path, .. }
            | Self::Mounted { path }
            | Self::Socket { path }
            | Self::HardLinked { path, .. }
            | Self::Swapped { path } => path,
        }
    }

    /// The disk or the quota is full.
    pub fn is_no_space(&self) -> bool {
        self.is_one_of(&[Errno::ENOSPC, Errno::EDQUOT])
    }

    /// The file system is mounted read-only.
    pub fn is_read_only(&self) -> bool {
        self.is_one_of(&[Errno::EROFS])
    }

    /// The process may not.
    pub fn is_permission(&self) -> bool {
        self.is_one_of(&[Errno::EACCES, Errno::EPERM])
    }

    /// The process may not, and it is not a matter of whose the file is: an attribute of it, or of its folder, or a folder
    /// in which everybody may remove only what is his own.
    pub(super) fn is_forbidden(&self) -> bool {
        matches!(self, Self::Io { attempt, .. } if changes(*attempt)) && self.is_one_of(&[Errno::EPERM])
    }

    /// There is no such file or folder.
    pub fn is_absent(&self) -> bool {
        self.is_one_of(&[Errno::ENOENT])
    }

    /// The folder has something in it.
    pub fn is_not_empty(&self) -> bool {
        self.is_one_of(&[Errno::ENOTEMPTY, Errno::EEXIST])
    }

    /// The two names stand on different file systems.
    pub fn is_cross_device(&self) -> bool {
        self.is_one_of(&[Errno::EXDEV])
    }

    fn is_one_of(&self, wanted: &[Errno]) -> bool {
        matches!(self, Self::Io { source, .. } if errno(source).is_some_and(|found| wanted.contains(&found)))
    }
}

impl From<FsError> for io::Error {
    fn from(fault: FsError) -> Self {
        match fault {
            FsError::Io { source, .. } => source,
            other => Self::other(other),
        }
    }
}

pub(super) fn errno(source: &io::Error) -> Option<Errno> {
    source.raw_os_error().map(Errno::from_raw)
}

/// It takes a name away, or what stands under it.
pub(super) fn changes(attempt: Attempt) -> bool {
    matches!(
        attempt,
        Attempt::Write | Attempt::Rename | Attempt::Exchange | Attempt::Remove
    )
}

fn hint(attempt: Attempt, source: &io::Error) -> &'static str {
    match errno(source) {
        Some(Errno::EPERM) if changes(attempt) => {
            "; it, or the folder, is immutable or append-only (as root: lsattr shows it, chattr -i -a takes it back), or the user that this process runs as may not: check owner and permissions of the folder"
        }
        Some(Errno::ENOSPC) => "; free some space and try again",
        Some(Errno::EDQUOT) => "; the quota of this user is used up: free some space or raise it",
        Some(Errno::EROFS) => "; the file system is mounted read-only: mount it writable and try again",
        Some(Errno::EACCES | Errno::EPERM) => {
            "; the user that this process runs as may not: check owner and permissions of the folder"
        }
        Some(Errno::EXDEV) => {
            "; both must stand on one file system and mount: move temp/ and plugins/ to ordinary folders of one volume"
        }
        Some(Errno::EMFILE | Errno::ENFILE) => "; raise the limit of open files",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_tells_what_where_and_what_to_do() {
        let full = FsError::new(Attempt::Write, "/x/y", Errno::ENOSPC);
        assert!(full.is_no_space() && !full.is_permission() && !full.is_read_only());
        let text = full.to_string();
        assert!(text.starts_with("could not write /x/y: ") && text.ends_with("free some space and try again"));
        assert!(FsError::new(Attempt::Write, "/x", Errno::EDQUOT).is_no_space());
        assert!(FsError::new(Attempt::Create, "/x", Errno::EROFS).is_read_only());
        assert!(FsError::new(Attempt::Remove, "/x", Errno::EPERM).is_permission());
        assert!(!FsError::Exists { path: "/x".into() }.is_no_space());
        assert_eq!(FsError::Exists { path: "/x".into() }.path(), Path::new("/x"));
    }
}

//! Owner, group and permissions of files and trees, set through handles and never through a link.

use std::fs::{self, File, Permissions};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat};
use nix::unistd::{Gid, Group, Uid, User, fchown, fchownat, geteuid};

use super::walk::{Entry, Folder, Visitor, as_path, walk};
use super::{Attempt, FsError};

/// A user and a group, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    uid: u32,
    gid: u32,
}

/// What became of a wish to give a tree to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// All belongs to the owner now; so many files and folders changed hands.
    Set {
        /// How many.
        changed: u64,
    },
    /// The process may not. Permissions are set all the same.
    MayNot,
}

impl Owner {
    /// Of a folder; a link is followed, because that folder is where things are put.
    pub fn of(folder: &Path) -> Result<Self, FsError> {
        let found = fs::metadata(folder).map_err(|fault| FsError::new(Attempt::Read, folder, fault))?;
        Ok(Self {
            uid: found.uid(),
            gid: found.gid(),
        })
    }

    /// Names for the log; numbers where there is no name.
    pub fn names(self) -> (String, String) {
        let user = User::from_uid(Uid::from_raw(self.uid)).ok().flatten();
        let group = Group::from_gid(Gid::from_raw(self.gid)).ok().flatten();
        (
            user.map_or_else(|| self.uid.to_string(), |user| user.name),
            group.map_or_else(|| self.gid.to_string(), |group| group.name),
        )
    }

    /// The user that this process runs as, for the log.
    pub fn process_user() -> String {
        let uid = geteuid();
        let user = User::from_uid(uid).ok().flatten();
        user.map_or_else(|| uid.to_string(), |user| user.name)
    }

    /// Gives an open file or folder to this owner. `false` when the process may not.
    pub fn give(self, file: &File, path: &Path) -> Result<bool, FsError> {
        let found = file
            .metadata()
            .map_err(|fault| FsError::new(Attempt::Read, path, fault))?;
        if found.uid() == self.uid && found.gid() == self.gid {
            return Ok(true);
        }
        match fchown(file, Some(Uid::from_raw(self.uid)), Some(Gid::from_raw(self.gid))) {
            Ok(()) => Ok(true),
            Err(Errno::EPERM) => Ok(false),
            Err(fault) => Err(FsError::new(Attempt::ChangeOwner, path, fault)),
        }
    }

    fn has(self, found: &FileStat) -> bool {
        found.st_uid == self.uid && found.st_gid == self.gid
    }
}

/// Gives a tree to an owner and sets permissions: folders 0755, files 0644, or 0755 where one may be executed.
///
/// Links keep their owner and their target is not looked at. What changes during the walk is not followed.
///
/// # Errors
/// [`FsError::HardLinked`] for a file that has another name, [`FsError::Swapped`] for one that was replaced during the
/// walk.
pub fn chown_tree(root: &Path, owner: Owner) -> Result<Ownership, FsError> {
    let handover = Handover {
        owner,
        may: AtomicBool::new(true),
        changed: AtomicU64::new(0),
    };
    walk(root, &handover)?;
    Ok(if handover.may.into_inner() {
        Ownership::Set {
            changed: handover.changed.into_inner(),
        }
    } else {
        Ownership::MayNot
    })
}

struct Handover {
    owner: Owner,
    may: AtomicBool,
    changed: AtomicU64,
}

impl Visitor for Handover {
    fn enter(&self, folder: &Folder, others: &[Entry]) -> Result<(), FsError> {
        let path = || folder.path();
        let found = fstat(&folder.handle).map_err(|fault| FsError::new(Attempt::Read, path(), fault))?;
        self.set(&folder.handle, &found, &path)?;
        others
            .iter()
            .filter(|entry| entry.is_file)
            .try_for_each(|entry| self.file(folder, entry))
    }
}

impl Handover {
    fn file(&self, folder: &Folder, Entry { name, .. }: &Entry) -> Result<(), FsError> {
        let path = || folder.path().join(as_path(name));
        let read = |fault| folder.fault(Attempt::Read, name, fault);
        // A tree is nearly always right or wrong as a whole: look before opening only while nothing had to change.
        if self.changed.load(Ordering::Relaxed) == 0 {
            let listed = fstatat(&folder.handle, name.as_c_str(), AtFlags::AT_SYMLINK_NOFOLLOW).map_err(read)?;
            if kind(&listed) == SFlag::S_IFREG && self.is_right(&listed) {
                return Ok(());
            }
        }
        let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let handle = openat(&folder.handle, name.as_c_str(), flags, Mode::empty()).map_err(read)?;
        let found = fstat(&handle).map_err(read)?;
        if kind(&found) != SFlag::S_IFREG {
            return Err(FsError::Swapped { path: path() });
        }
        if self.is_right(&found) {
            return Ok(());
        }
        if found.st_nlink > 1 {
            return Err(FsError::HardLinked {
                path: path(),
                links: links(&found),
            });
        }
        self.set(&handle, &found, &path)
    }

    fn is_right(&self, found: &FileStat) -> bool {
        let owned = self.owner.has(found) || !self.may.load(Ordering::Relaxed);
        owned && found.st_mode & 0o7777 == wanted_mode(found)
    }

    fn set(&self, handle: &OwnedFd, found: &FileStat, path: &dyn Fn() -> std::path::PathBuf) -> Result<(), FsError> {
        if !self.owner.has(found) && self.may.load(Ordering::Relaxed) {
            let (uid, gid) = (Uid::from_raw(self.owner.uid), Gid::from_raw(self.owner.gid));
            match fchownat(handle, c"", Some(uid), Some(gid), AtFlags::AT_EMPTY_PATH) {
                Ok(()) => _ = self.changed.fetch_add(1, Ordering::Relaxed),
                Err(Errno::EPERM) => self.may.store(false, Ordering::Relaxed),
                Err(fault) => return Err(FsError::new(Attempt::ChangeOwner, path(), fault)),
            }
        }
        if found.st_mode & 0o7777 == wanted_mode(found) {
            return Ok(());
        }
        // A handle made with O_PATH knows no fchmod; its name below /proc is the file itself, whatever stands at its path.
        let itself = format!("/proc/self/fd/{}", handle.as_raw_fd());
        fs::set_permissions(itself, Permissions::from_mode(wanted_mode(found)))
            .map_err(|fault| FsError::new(Attempt::ChangeMode, path(), fault))
    }
}

fn kind(found: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(found.st_mode & SFlag::S_IFMT.bits())
}

#[expect(
    clippy::useless_conversion,
    reason = "the width of a link count differs between processors"
)]
fn links(found: &FileStat) -> u64 {
    u64::from(found.st_nlink)
}

fn wanted_mode(found: &FileStat) -> u32 {
    if kind(found) == SFlag::S_IFDIR || found.st_mode & 0o111 != 0 {
        0o755
    } else {
        0o644
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().mode() & 0o7777
    }

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let tree = folder.path().join("tree");
        fs::create_dir_all(tree.join("a")).unwrap();
        fs::write(tree.join("a/page"), "x").unwrap();
        fs::write(tree.join("run"), "x").unwrap();
        for (path, mode) in [("a", 0o2777), ("a/page", 0o666), ("run", 0o4777)] {
            fs::set_permissions(tree.join(path), Permissions::from_mode(mode)).unwrap();
        }
        folder
    }

    #[test]
    fn permissions_are_those_of_a_site() {
        let folder = tree();
        let tree = folder.path().join("tree");
        let owner = Owner::of(folder.path()).unwrap();
        assert_eq!(chown_tree(&tree, owner).unwrap(), Ownership::Set { changed: 0 });
        assert_eq!(mode(&tree.join("a")), 0o755);
        assert_eq!(mode(&tree.join("a/page")), 0o644);
        assert_eq!(mode(&tree.join("run")), 0o755);
    }

    #[test]
    fn links_and_hard_links_are_no_way_out() {
        let folder = tree();
        let (tree, outside) = (folder.path().join("tree"), folder.path().join("outside"));
        fs::write(&outside, "x").unwrap();
        fs::set_permissions(&outside, Permissions::from_mode(0o600)).unwrap();
        symlink(&outside, tree.join("link")).unwrap();
        let owner = Owner { uid: 33, gid: 33 };
        let given = chown_tree(&tree, owner).unwrap();
        assert_eq!(mode(&outside), 0o600);
        assert_ne!(Owner::of(&outside).unwrap(), owner);
        if geteuid().is_root() {
            assert_eq!(given, Ownership::Set { changed: 4 });
            assert_eq!(Owner::of(&tree.join("a/page")).unwrap(), owner);
            assert_eq!(fs::symlink_metadata(tree.join("link")).unwrap().uid(), 0);
        } else {
            assert_eq!(given, Ownership::MayNot);
            assert_eq!(mode(&tree.join("a/page")), 0o644);
        }
        fs::hard_link(&outside, tree.join("hard")).unwrap();
        let fault = chown_tree(&tree, owner).unwrap_err();
        assert!(matches!(fault, FsError::HardLinked { links: 2, .. }), "{fault}");
        assert_eq!(mode(&outside), 0o600);
    }

    #[test]
    fn files_swapped_during_the_walk_lead_nowhere() {
        if !geteuid().is_root() {
            println!("skipped: only root gives files away");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let (tree, outside) = (folder.path().join("tree"), folder.path().join("outside"));
        fs::create_dir(&tree).unwrap();
        fs::write(&outside, "x").unwrap();
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let (one, other) = (tree.join("x"), folder.path().join("new"));
                    let _ = fs::write(&other, "x").and_then(|()| fs::rename(&other, &one));
                    let _ = symlink(&outside, &other).and_then(|()| fs::rename(&other, &one));
                }
            });
            for _ in 0..2000 {
                let _ = chown_tree(&tree, Owner { uid: 33, gid: 33 });
            }
            stop.store(true, Ordering::Relaxed);
        });
        assert_eq!(Owner::of(&outside).unwrap(), Owner { uid: 0, gid: 0 });
    }
}

//! Owner, group and permissions of files and trees, set through handles and never through a link.

use std::fs::{self, File, Permissions};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat};
use nix::unistd::{Gid, Group, Uid, User, fchown, fchownat, getegid, geteuid};

use super::inventory::{item, names};
use super::walk::{Entry, Folder, Visitor, as_path, walk_open};
use super::way::{facts, kind};
use super::{Attempt, FsError, Item, ItemKind};

/// To whom the files of a site belong: a user and a group, by number, and what the group may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    uid: u32,
    gid: u32,
    /// Group write and setgid, as the site's folder has them.
    group: u32,
    /// Another user who is believed like the owner: the one of the site's code, about what is the web server's.
    also: u32,
}

const GROUP_WRITE: u32 = 0o020;
const SETGID: u32 = 0o2000;

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
    /// Of a folder.
    pub fn of(folder: &Path) -> Result<Self, FsError> {
        let absent = || FsError::new(Attempt::Read, folder, Errno::ENOENT);
        let found = facts(folder)?.ok_or_else(absent)?;
        if kind(&found) == SFlag::S_IFLNK {
            return Err(FsError::Link {
                path: folder.to_owned(),
            });
        }
        Ok(Self {
            uid: found.st_uid,
            gid: found.st_gid,
            group: found.st_mode & (GROUP_WRITE | SETGID),
            also: found.st_uid,
        })
    }

    /// Of what is made below a folder of the site (`self`) where the site's code belongs to `site`: the folder's owner
    /// counts, because he works there; where that is root, who gives no folder to a site by that, the code's owner. The
    /// site's group counts where it has one, else the folder's.
    #[must_use]
    pub fn below(self, is_open_to_all: bool, site: Self) -> Self {
        let uid = if self.uid == 0 { site.uid } else { self.uid };
        let is_of_site = site.group_may_write() || is_open_to_all || (self.uid == 0 && !self.group_may_write());
        let (gid, group) = if is_of_site {
            (site.gid, site.group)
        } else {
            (self.gid, self.group)
        };
        let also = site.uid;
        Self { uid, gid, group, also }
    }

    /// The same user with the group of another, who is to read what is made; a group of his own that may write stays.
    #[must_use]
    pub fn shown_to(self, other: Self) -> Self {
        let gid = if self.group_may_write() { self.gid } else { other.gid };
        Self { gid, ..self }
    }

    /// Whether this user is believed.
    pub(super) fn believes(self, uid: u32) -> bool {
        uid == 0 || uid == self.uid || uid == self.also || uid == geteuid().as_raw()
    }

    /// The user, by number.
    pub fn uid(self) -> u32 {
        self.uid
    }

    /// The group, by number.
    pub fn gid(self) -> u32 {
        self.gid
    }

    /// Whether the site shares its files with a group.
    pub fn group_may_write(self) -> bool {
        self.group & GROUP_WRITE != 0
    }

    /// The mode of a file that would have `mode` on a site without a group of its own: what its owner may, the group
    /// may as well.
    pub fn file_mode(self, mode: u32) -> u32 {
        if self.group_may_write() {
            mode | (mode & 0o700) >> 3
        } else {
            mode
        }
    }

    /// The same of a folder, which also hands its group down where the site's folder does.
    pub fn folder_mode(self, mode: u32) -> u32 {
        self.file_mode(mode) | self.group & SETGID
    }

    /// The mode of what stands in a tree that was given to this owner.
    fn settled_mode(self, is_folder: bool, is_executable: bool) -> u32 {
        match (is_folder, is_executable) {
            (true, _) => self.folder_mode(0o755),
            (false, true) => self.file_mode(0o755),
            (false, false) => self.file_mode(0o644),
        }
    }

    /// Whether something in a tree is as [`chown_tree`] would leave it.
    pub fn is_settled(self, item: &Item) -> bool {
        let (is_folder, is_executable) = (item.kind == ItemKind::Folder, item.mode & 0o111 != 0);
        (item.uid, item.gid) == (self.uid, self.gid) && item.mode == self.settled_mode(is_folder, is_executable)
    }

    /// The same of an open folder.
    pub fn has_settled(self, folder: &File) -> bool {
        let found = fstat(folder);
        found.is_ok_and(|found| self.has(&found) && found.st_mode & 0o7777 == self.settled_mode(true, true))
    }

    /// The mode of something that stands: nobody may write whom `wanted` does not name, the group may what it should;
    /// what an administrator took away from the owner's group or from all stays away.
    pub(super) fn mended_mode(self, found: u32, wanted: u32) -> u32 {
        let shared = if self.group_may_write() { 0o070 } else { 0 } | self.group & SETGID;
        (found & !(0o027 & !wanted)) | (wanted & shared)
    }

    /// Whether something belongs to root that should be the site's.
    pub(super) fn is_left_to_root(self, found: &FileStat) -> bool {
        found.st_uid == 0 && self.uid != 0
    }

    /// `user:group`, as `chown` takes it.
    pub fn user_and_group(self) -> String {
        let (user, group) = self.names();
        format!("{user}:{group}")
    }

    /// The user and the group that this process runs as, as `chown` takes them.
    pub(super) fn process_user_and_group() -> String {
        let gid = getegid();
        let group = Group::from_gid(gid).ok().flatten();
        let group = group.map_or_else(|| gid.to_string(), |group| group.name);
        format!("{}:{group}", Self::process_user())
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

    /// The user that this process runs as, by number.
    pub fn process_uid() -> u32 {
        geteuid().as_raw()
    }

    /// The user that this process runs as, for the log.
    pub fn process_user() -> String {
        let uid = geteuid();
        let user = User::from_uid(uid).ok().flatten();
        user.map_or_else(|| uid.to_string(), |user| user.name)
    }

    /// Takes from a file that stands what strangers may do with it; what an administrator let its group read stays. Best
    /// effort: who may not do that may read it all the same.
    pub fn close_to_strangers(self, file: &File, mode: u32) {
        let Ok(found) = fstat(file) else { return };
        let found = found.st_mode & 0o7777;
        let wanted = self.mended_mode(found, self.file_mode(mode)) & !0o111;
        if wanted != found {
            let _ = nix::sys::stat::fchmod(file, Mode::from_bits_truncate(wanted));
        }
    }

    /// Gives an open file or folder to this owner. `false` when the process may not.
    pub fn give(self, file: impl AsFd, path: &Path) -> Result<bool, FsError> {
        let found = fstat(&file).map_err(|fault| FsError::new(Attempt::Read, path, fault))?;
        if self.has(&found) {
            return Ok(true);
        }
        let (uid, gid) = (Uid::from_raw(self.uid), Gid::from_raw(self.gid));
        match fchown(&file, Some(uid), Some(gid)) {
            Ok(()) => Ok(true),
            Err(Errno::EPERM) => {
                // A member of the group may at least share it.
                let _ = fchown(&file, None, Some(gid));
                Ok(false)
            }
            Err(fault) => Err(FsError::new(Attempt::ChangeOwner, path, fault)),
        }
    }

    pub(super) fn has(self, found: &FileStat) -> bool {
        found.st_uid == self.uid && found.st_gid == self.gid
    }
}

/// Gives an open tree, whose path is `root`, to an owner and sets permissions: folders 0755, files 0644, or 0755 where one may be executed; and what
/// the site's group may.
///
/// Links keep their owner and their target is not looked at. What changes during the walk is not followed.
///
/// # Errors
/// [`FsError::HardLinked`] for a file that has another name, [`FsError::Swapped`] for one that was replaced during the
/// walk.
pub fn chown_tree(tree: &File, root: &Path, owner: Owner) -> Result<Ownership, FsError> {
    settle_tree(tree, root, owner).map(|(ownership, _)| ownership)
}

/// The same. Gives also what stands in it then besides folders, in no order.
///
/// # Errors
/// As [`chown_tree`].
pub fn settle_tree(tree: &File, root: &Path, owner: Owner) -> Result<(Ownership, Vec<Item>), FsError> {
    let handover = Handover {
        owner,
        may: AtomicBool::new(true),
        changed: AtomicU64::new(0),
        items: Mutex::default(),
    };
    walk_open(tree, root, &handover)?;
    let items = handover.items.into_inner().unwrap_or_else(PoisonError::into_inner);
    let ownership = if handover.may.into_inner() {
        Ownership::Set {
            changed: handover.changed.into_inner(),
        }
    } else {
        Ownership::MayNot
    };
    Ok((ownership, items))
}

struct Handover {
    owner: Owner,
    may: AtomicBool,
    changed: AtomicU64,
    /// What stands in the tree and is no folder, as it is now.
    items: Mutex<Vec<Item>>,
}

impl Visitor for Handover {
    fn enter(&self, folder: &Folder, others: &[Entry]) -> Result<(), FsError> {
        let path = || folder.path();
        let found = fstat(&folder.handle).map_err(|fault| FsError::new(Attempt::Read, path(), fault))?;
        self.set(&folder.handle, &found, &path)?;
        let above = folder.relative_path();
        let settle = |entry: &Entry| {
            let found = self.settle(folder, entry)?;
            Ok(item(above.join(as_path(&entry.name)), &found))
        };
        let settled = others.iter().map(settle).collect::<Result<Vec<_>, FsError>>()?;
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.extend(settled);
        Ok(())
    }
}

impl Handover {
    /// Puts a file right; gives what it is then.
    fn settle(&self, folder: &Folder, Entry { name, is_file }: &Entry) -> Result<FileStat, FsError> {
        let path = || folder.path().join(as_path(name));
        let read = |fault| folder.fault(Attempt::Read, name, fault);
        // A tree is nearly always right or wrong as a whole: look before opening only while nothing had to change.
        if !is_file || self.changed.load(Ordering::Relaxed) == 0 {
            let listed = fstatat(&folder.handle, name.as_c_str(), AtFlags::AT_SYMLINK_NOFOLLOW).map_err(read)?;
            if !is_file || (kind(&listed) == SFlag::S_IFREG && self.is_right(&listed)) {
                return Ok(listed);
            }
        }
        let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let handle = openat(&folder.handle, name.as_c_str(), flags, Mode::empty()).map_err(read)?;
        let found = fstat(&handle).map_err(read)?;
        if kind(&found) != SFlag::S_IFREG {
            return Err(FsError::Swapped { path: path() });
        }
        if self.is_right(&found) {
            return Ok(found);
        }
        if found.st_nlink > 1 {
            return Err(FsError::HardLinked {
                path: path(),
                links: names(&found),
            });
        }
        self.set(&handle, &found, &path)?;
        fstat(&handle).map_err(read)
    }

    fn is_right(&self, found: &FileStat) -> bool {
        let is_shared = !self.owner.group_may_write() || found.st_gid == self.owner.gid;
        let owned = self.owner.has(found) || (is_shared && !self.may.load(Ordering::Relaxed));
        owned && found.st_mode & 0o7777 == self.wanted_mode(found)
    }

    #[expect(clippy::disallowed_methods, reason = "the path is the handle itself")]
    fn set(&self, handle: &OwnedFd, found: &FileStat, path: &dyn Fn() -> std::path::PathBuf) -> Result<(), FsError> {
        if !self.may.load(Ordering::Relaxed) {
            self.share(handle);
        } else if !self.owner.has(found) {
            let (uid, gid) = (Uid::from_raw(self.owner.uid), Gid::from_raw(self.owner.gid));
            match fchownat(handle, c"", Some(uid), Some(gid), AtFlags::AT_EMPTY_PATH) {
                Ok(()) => _ = self.changed.fetch_add(1, Ordering::Relaxed),
                Err(Errno::EPERM) => {
                    self.may.store(false, Ordering::Relaxed);
                    self.share(handle);
                }
                Err(fault) => return Err(FsError::new(Attempt::ChangeOwner, path(), fault)),
            }
        }
        let wanted = self.wanted_mode(found);
        if found.st_mode & 0o7777 == wanted {
            return Ok(());
        }
        // A handle made with O_PATH knows no fchmod; its name below /proc is the file itself, whatever stands at its path.
        let itself = format!("/proc/self/fd/{}", handle.as_raw_fd());
        fs::set_permissions(itself, Permissions::from_mode(wanted))
            .map_err(|fault| FsError::new(Attempt::ChangeMode, path(), fault))
    }

    /// Who may not give something away may still share it, being of the site's group.
    fn share(&self, handle: &OwnedFd) {
        if self.owner.group_may_write() {
            let gid = Some(Gid::from_raw(self.owner.gid));
            let _ = fchownat(handle, c"", None, gid, AtFlags::AT_EMPTY_PATH);
        }
    }

    fn wanted_mode(&self, found: &FileStat) -> u32 {
        self.owner
            .settled_mode(kind(found) == SFlag::S_IFDIR, found.st_mode & 0o111 != 0)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::super::open_folder;
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
        assert_eq!(
            chown_tree(&open_folder(&tree).unwrap(), &tree, owner).unwrap(),
            Ownership::Set { changed: 0 }
        );
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
        let owner = Owner {
            uid: 33,
            gid: 33,
            group: 0,
            also: 33,
        };
        let given = chown_tree(&open_folder(&tree).unwrap(), &tree, owner).unwrap();
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
        let fault = chown_tree(&open_folder(&tree).unwrap(), &tree, owner).unwrap_err();
        assert!(matches!(fault, FsError::HardLinked { links: 2, .. }), "{fault}");
        assert_eq!(mode(&outside), 0o600);
    }

    #[test]
    fn files_swapped_during_the_walk_lead_nowhere() {
        assert!(geteuid().is_root(), "run as root: only root gives files away");
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
                let _ = chown_tree(
                    &open_folder(&tree).unwrap(),
                    &tree,
                    Owner {
                        uid: 33,
                        gid: 33,
                        group: 0,
                        also: 33,
                    },
                );
            }
            stop.store(true, Ordering::Relaxed);
        });
        let found = Owner::of(&outside).unwrap();
        assert_eq!((found.uid, found.gid), (0, 0));
    }
}

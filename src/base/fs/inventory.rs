//! What stands in a folder, by raw names and with everything that a listing tells: links are not followed, mounts are
//! not entered. Owns the listing and the way back to each thing; must not judge what is found.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat, readlinkat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat};

use super::mounts::{Reach, refuse_mounts};
use super::walk::{Entry, Folder, Visitor, as_path, walk};
use super::{Attempt, FsError, open_folder};

/// Longer paths are opened part by part.
const LONGEST_PATH: usize = 4000;

/// What a thing in a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// A folder.
    Folder,
    /// An ordinary file.
    File,
    /// A symbolic link.
    Link,
    /// A pipe.
    Fifo,
    /// A socket.
    Socket,
    /// A device of characters.
    CharDevice,
    /// A device of blocks.
    BlockDevice,
}

/// One thing in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Path below the folder, in the bytes of the file system.
    pub path: PathBuf,
    /// What it is.
    pub kind: ItemKind,
    /// Permissions.
    pub mode: u32,
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bytes of a file.
    pub size: u64,
    /// Number of a device.
    pub device: u64,
    /// Time of the last change of its content: seconds, nanoseconds.
    pub modified: (i64, i64),
    /// Time of the last change of anything about it.
    pub changed: (i64, i64),
    /// Its number in the file system.
    pub inode: u64,
    /// How many names it has.
    pub links: u64,
}

impl Item {
    /// Its name in an archive: a folder's ends with `/`.
    pub fn member_name(&self) -> Cow<'_, [u8]> {
        let path = self.path.as_os_str().as_bytes();
        if self.kind == ItemKind::Folder {
            Cow::Owned([path, b"/"].concat())
        } else {
            Cow::Borrowed(path)
        }
    }

    /// The order of names in an archive.
    pub fn order(&self, other: &Self) -> Ordering {
        let (one, two) = (self.path.as_os_str().as_bytes(), other.path.as_os_str().as_bytes());
        let common = one.len().min(two.len());
        let rest = |item: &Self| (item.kind == ItemKind::Folder).then_some(b'/');
        one[..common].cmp(&two[..common]).then_with(|| {
            let one = one[common..].iter().copied().chain(rest(self));
            one.cmp(two[common..].iter().copied().chain(rest(other)))
        })
    }
}

/// By what a file or folder is the same under any path: device and inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    /// Of what a path leads to, links followed; `None` when it leads nowhere.
    pub fn of(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok()?;
        Some(Self {
            device: found.dev(),
            inode: found.ino(),
        })
    }

    /// Device and inode.
    pub fn numbers(self) -> (u64, u64) {
        (self.device, self.inode)
    }
}

/// Has a say while an inventory is taken. Asked from several threads.
pub trait Choice: Sync {
    /// Whether something is listed; what is not is not entered either.
    fn wants(&self, path: &Path, id: FileId) -> bool;
    /// Sees what is listed. `false` ends the listing at once.
    fn admit(&self, item: &Item) -> bool;
}

/// Everything is listed.
struct All;

impl Choice for All {
    fn wants(&self, _path: &Path, _id: FileId) -> bool {
        true
    }

    fn admit(&self, _item: &Item) -> bool {
        true
    }
}

/// What stands in a folder, in one fixed order, and the folder itself, open.
#[derive(Debug)]
pub struct Inventory {
    folder: PathBuf,
    handle: File,
    items: Vec<Item>,
}

impl Inventory {
    /// Lists everything.
    pub fn of(folder: &Path) -> Result<Self, FsError> {
        Self::with_choice(folder, &All)
    }

    /// Lists what is wanted.
    ///
    /// # Errors
    /// [`FsError::Mounted`] when a mount stands below; `ECANCELED` when the choice ended it.
    pub fn with_choice(folder: &Path, choice: &dyn Choice) -> Result<Self, FsError> {
        refuse_mounts(folder, Reach::Below)?;
        let handle = open_folder(folder)?;
        let listing = Listing {
            choice,
            items: Mutex::default(),
        };
        walk(folder, &listing)?;
        let mut items = listing.items.into_inner().unwrap_or_else(PoisonError::into_inner);
        items.sort_unstable_by(Item::order);
        Ok(Self {
            folder: folder.to_owned(),
            handle,
            items,
        })
    }

    /// The folder, where it stood.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Everything in it, sorted by bytes.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Keeps only some of it.
    pub fn retain(&mut self, keep: impl FnMut(&Item) -> bool) {
        self.items.retain(keep);
    }

    /// Notes what was done to a file since, so that it is not taken for somebody else's doing.
    pub fn note_changed(&mut self, mut changed: impl FnMut(&Path) -> Option<(i64, i64)>) {
        for item in &mut self.items {
            if let Some(changed) = changed(&item.path) {
                item.changed = changed;
            }
        }
    }

    /// The folder itself, open.
    pub fn handle(&self) -> &File {
        &self.handle
    }

    /// The path of one, for people.
    pub fn place(&self, item: &Item) -> PathBuf {
        self.folder.join(&item.path)
    }

    /// Opens a file. A link in its place is not followed, and a pipe is not waited for.
    pub fn open(&self, item: &Item) -> io::Result<File> {
        let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let (above, rest) = self.near(&item.path)?;
        let opened = match &above {
            Some(above) => openat(above, rest, flags, Mode::empty()),
            None => openat(&self.handle, rest, flags, Mode::empty()),
        };
        Ok(File::from(opened?))
    }

    /// Where a link leads, in its own bytes.
    pub fn read_link(&self, item: &Item) -> io::Result<Vec<u8>> {
        let (above, rest) = self.near(&item.path)?;
        let target = match &above {
            Some(above) => readlinkat(above, rest),
            None => readlinkat(&self.handle, rest),
        };
        Ok(target?.as_bytes().to_vec())
    }

    /// A folder on the way from which the rest of a path is short enough for the system.
    fn near<'path>(&self, path: &'path Path) -> nix::Result<(Option<OwnedFd>, &'path Path)> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let (mut above, mut rest) = (None::<OwnedFd>, path);
        while rest.as_os_str().len() > LONGEST_PATH {
            let mut parts = rest.components();
            let Some(first) = parts.next() else { break };
            above = Some(match &above {
                Some(above) => openat(above, first.as_os_str(), flags, Mode::empty())?,
                None => openat(&self.handle, first.as_os_str(), flags, Mode::empty())?,
            });
            rest = parts.as_path();
        }
        Ok((above, rest))
    }
}

struct Listing<'a> {
    choice: &'a dyn Choice,
    items: Mutex<Vec<Item>>,
}

impl Listing<'_> {
    fn put(&self, items: Vec<Item>) -> Result<(), FsError> {
        if let Some(item) = items.iter().find(|item| !self.choice.admit(item)) {
            return Err(FsError::new(Attempt::Read, &item.path, Errno::ECANCELED));
        }
        let mut all = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(items);
        Ok(())
    }
}

impl Visitor for Listing<'_> {
    fn enter(&self, folder: &Folder, others: &[Entry]) -> Result<(), FsError> {
        let above = folder.relative_path();
        let mut items = Vec::with_capacity(others.len() + 1);
        if folder.place().is_some() {
            let found = fstat(&folder.handle).map_err(|fault| FsError::new(Attempt::Read, folder.path(), fault))?;
            items.push(item(above.clone(), &found));
        }
        for Entry { name, .. } in others {
            let found = match fstatat(&folder.handle, name.as_c_str(), AtFlags::AT_SYMLINK_NOFOLLOW) {
                Ok(found) => found,
                // Removed since it was listed.
                Err(Errno::ENOENT) => continue,
                Err(fault) => return Err(folder.fault(Attempt::Read, name, fault)),
            };
            let path = above.join(as_path(name));
            if self.choice.wants(&path, id(&found)) {
                items.push(item(path, &found));
            }
        }
        self.put(items)
    }

    fn wants(&self, folder: &Folder, name: &std::ffi::CString) -> bool {
        let found = fstatat(&folder.handle, name.as_c_str(), AtFlags::AT_SYMLINK_NOFOLLOW);
        let path = folder.relative_path().join(as_path(name));
        found.is_ok_and(|found| self.choice.wants(&path, id(&found)))
    }
}

#[expect(
    clippy::useless_conversion,
    clippy::unnecessary_cast,
    reason = "the widths of these fields differ between processors"
)]
fn id(found: &FileStat) -> FileId {
    FileId {
        device: found.st_dev as u64,
        inode: u64::from(found.st_ino),
    }
}

#[expect(
    clippy::useless_conversion,
    clippy::unnecessary_cast,
    reason = "the widths of these fields differ between processors"
)]
pub(super) fn item(path: PathBuf, found: &FileStat) -> Item {
    let kind = match SFlag::from_bits_truncate(found.st_mode & SFlag::S_IFMT.bits()) {
        SFlag::S_IFDIR => ItemKind::Folder,
        SFlag::S_IFLNK => ItemKind::Link,
        SFlag::S_IFIFO => ItemKind::Fifo,
        SFlag::S_IFSOCK => ItemKind::Socket,
        SFlag::S_IFCHR => ItemKind::CharDevice,
        SFlag::S_IFBLK => ItemKind::BlockDevice,
        _ => ItemKind::File,
    };
    Item {
        path,
        kind,
        mode: found.st_mode & 0o7777,
        uid: found.st_uid,
        gid: found.st_gid,
        size: if kind == ItemKind::File {
            u64::try_from(found.st_size).unwrap_or(0)
        } else {
            0
        },
        device: found.st_rdev as u64,
        modified: (i64::from(found.st_mtime), i64::from(found.st_mtime_nsec)),
        changed: (i64::from(found.st_ctime), i64::from(found.st_ctime_nsec)),
        inode: u64::from(found.st_ino),
        links: names(found),
    }
}

/// How many names a file has.
#[expect(
    clippy::useless_conversion,
    reason = "the width of a link count differs between processors"
)]
pub(super) fn names(found: &FileStat) -> u64 {
    u64::from(found.st_nlink)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::io::Read;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use nix::sys::stat::mknod;

    use super::*;

    #[test]
    fn everything_is_listed_by_its_raw_name() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("a")).unwrap();
        fs::write(root.join(OsStr::from_bytes(b"a/\xff\n\\")), "x").unwrap();
        fs::write(root.join("a.txt"), "abc").unwrap();
        symlink("../nowhere/./x/", root.join("link")).unwrap();
        mknod(&root.join("pipe"), SFlag::S_IFIFO, Mode::S_IRWXU, 0).unwrap();
        let _listener = UnixListener::bind(root.join("socket")).unwrap();
        let taken = Inventory::of(root).unwrap();
        let names: Vec<_> = taken
            .items()
            .iter()
            .map(|item| item.member_name().into_owned())
            .collect();
        let expected: [&[u8]; 6] = [b"a.txt", b"a/", b"a/\xff\n\\", b"link", b"pipe", b"socket"];
        assert_eq!(names, expected);
        let kinds: Vec<_> = taken.items().iter().map(|item| item.kind).collect();
        let expected = [
            ItemKind::File,
            ItemKind::Folder,
            ItemKind::File,
            ItemKind::Link,
            ItemKind::Fifo,
            ItemKind::Socket,
        ];
        assert_eq!(kinds, expected);
        assert_eq!(taken.items()[0].size, 3);
        assert_eq!(taken.read_link(&taken.items()[3]).unwrap(), b"../nowhere/./x/");
        let mut text = String::new();
        taken
            .open(&taken.items()[2])
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "x");
        assert!(taken.open(&taken.items()[3]).is_err());
    }

    #[test]
    fn paths_longer_than_the_system_takes_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let mut handle = OwnedFd::from(File::open(folder.path()).unwrap());
        for _ in 0..40 {
            let name = "d".repeat(200);
            nix::sys::stat::mkdirat(&handle, name.as_str(), Mode::S_IRWXU).unwrap();
            handle = openat(&handle, name.as_str(), OFlag::O_DIRECTORY, Mode::empty()).unwrap();
        }
        drop(openat(&handle, "f", OFlag::O_CREAT | OFlag::O_WRONLY, Mode::S_IRWXU).unwrap());
        let taken = Inventory::of(folder.path()).unwrap();
        let last = taken.items().last().unwrap();
        assert!(last.path.as_os_str().len() > 8000);
        taken.open(last).unwrap();
        super::super::remove_tree(&folder.path().join("d".repeat(200))).unwrap();
    }

    #[test]
    fn a_choice_leaves_out_and_ends() {
        struct Some<'a>(&'a str, usize, Mutex<usize>);
        impl Choice for Some<'_> {
            fn wants(&self, path: &Path, _: FileId) -> bool {
                !path.ends_with(self.0)
            }
            fn admit(&self, _: &Item) -> bool {
                let mut seen = self.2.lock().unwrap();
                *seen += 1;
                *seen <= self.1
            }
        }
        let folder = tempfile::tempdir().unwrap();
        for path in ["keep/x", "left/out", "z"] {
            fs::create_dir_all(folder.path().join(path)).unwrap();
        }
        let take = |most| Inventory::with_choice(folder.path(), &Some("left", most, Mutex::new(0)));
        assert_eq!(take(9).unwrap().items().len(), 3);
        assert!(take(2).is_err());
    }
}

//! By what a file is known to hold what it held, without reading it: its number, its size, when its content and when
//! anything about it was changed last. That last time cannot be set: whoever writes to a file and puts its other times
//! back is seen by it. Owns what may be believed of these; must not decide what follows.

use std::fs::File;
use std::io;
use std::path::Path;

use nix::sys::stat::{FileStat, fstat};
use nix::sys::statfs::{
    BTRFS_SUPER_MAGIC, EXT4_SUPER_MAGIC, F2FS_SUPER_MAGIC, FsType, TMPFS_MAGIC, XFS_SUPER_MAGIC, statfs,
};
use nix::time::{ClockId, clock_gettime};

use super::{Attempt, FsError, Item, ItemKind};

/// File systems of this machine that keep times to the nanosecond, and give a file its number for as long as it lives.
/// Others are on other machines, whose clocks are not ours, or are made of several.
const KEEPING: [FsType; 5] = [
    BTRFS_SUPER_MAGIC,
    EXT4_SUPER_MAGIC,
    F2FS_SUPER_MAGIC,
    TMPFS_MAGIC,
    XFS_SUPER_MAGIC,
];

/// A time: seconds, nanoseconds.
pub type FileTime = (i64, i64);

/// What tells that a file was not touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Its number.
    pub inode: u64,
    /// Its bytes.
    pub size: u64,
    /// The last change of its content.
    pub modified: FileTime,
    /// The last change of anything about it.
    pub changed: FileTime,
}

impl Stamp {
    /// Of a look at a file.
    #[expect(
        clippy::useless_conversion,
        reason = "the widths of these fields differ between processors"
    )]
    pub fn of(found: &FileStat) -> Self {
        Self {
            inode: u64::from(found.st_ino),
            size: u64::try_from(found.st_size).unwrap_or(0),
            modified: (i64::from(found.st_mtime), i64::from(found.st_mtime_nsec)),
            changed: (i64::from(found.st_ctime), i64::from(found.st_ctime_nsec)),
        }
    }

    /// Of an open file or folder.
    pub fn of_open(file: &File) -> io::Result<Self> {
        Ok(Self::of(&fstat(file)?))
    }

    /// Of something that was listed; nothing where it is no file, or has a second name by which it can be written to.
    pub fn of_item(item: &Item) -> Option<Self> {
        (item.kind == ItemKind::File && item.links == 1).then_some(Self::of_any(item))
    }

    /// Of something that was listed, however many names it has.
    pub fn of_any(item: &Item) -> Self {
        Self {
            inode: item.inode,
            size: item.size,
            modified: item.modified,
            changed: item.changed,
        }
    }

    /// The same but for that which getting and losing a name changes.
    pub fn is_but_for_names(self, other: Self) -> bool {
        let changed = other.changed;
        Self { changed, ..self } == other
    }
}

/// Whether the file system of a folder keeps stamps that can be believed.
pub fn keeps_stamps(folder: &Path) -> Result<bool, FsError> {
    let found = statfs(folder).map_err(|fault| FsError::new(Attempt::Read, folder, fault))?;
    Ok(KEEPING.contains(&found.filesystem_type()))
}

/// The clock by which the system stamps files. It goes in ticks of some milliseconds: what was changed before this time
/// gets another stamp by any change from now on.
///
/// # Errors
/// Where the system has no such clock.
#[expect(
    clippy::useless_conversion,
    reason = "the widths of these fields differ between processors"
)]
pub fn stamping_clock() -> Result<FileTime, FsError> {
    let now = clock_gettime(ClockId::CLOCK_REALTIME_COARSE);
    let now = now.map_err(|fault| FsError::new(Attempt::Read, "/", fault))?;
    Ok((i64::from(now.tv_sec()), i64::from(now.tv_nsec())))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, FileTimes};
    use std::thread::sleep;
    use std::time::Duration;

    use nix::sys::stat::stat;

    use super::*;
    use crate::base::fs::Inventory;

    fn stamp(path: &Path) -> Stamp {
        Stamp::of(&stat(path).unwrap())
    }

    #[test]
    fn a_file_that_was_written_to_has_another_stamp_whatever_its_time_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "before").unwrap();
        let (before, time) = (stamp(&path), fs::metadata(&path).unwrap().modified().unwrap());
        assert_eq!(stamp(&path), before);
        sleep(Duration::from_millis(20));
        assert!(before.changed < stamping_clock().unwrap());
        fs::write(&path, "after!").unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_times(FileTimes::new().set_modified(time)).unwrap();
        let after = stamp(&path);
        assert_ne!(after, before);
        assert!(after.is_but_for_names(before));
    }

    #[test]
    fn a_file_with_two_names_has_none() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "x").unwrap();
        let stamps = || -> Vec<Option<Stamp>> {
            let found = Inventory::of(folder.path()).unwrap();
            found.items().iter().map(Stamp::of_item).collect()
        };
        assert_eq!(stamps(), [Some(stamp(&folder.path().join("a")))]);
        fs::hard_link(folder.path().join("a"), folder.path().join("b")).unwrap();
        assert_eq!(stamps(), [None, None]);
    }

    #[test]
    fn a_file_system_that_is_no_disk_keeps_none() {
        assert!(!keeps_stamps(Path::new("/proc")).unwrap());
        assert!(keeps_stamps(Path::new("/dev/shm")).unwrap());
    }
}

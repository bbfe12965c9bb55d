//! How much of a disk is free.

use std::path::Path;

use nix::sys::statvfs::statvfs;

use super::{Attempt, FsError};

/// What is free of a file system, for those who may not use what is reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreeSpace {
    free: u64,
    total: u64,
}

impl FreeSpace {
    /// In percent, rounded down. One without a size, as of some networks, has room.
    pub fn percent(self) -> u64 {
        let share = u128::from(self.free) * 100;
        let percent = share.checked_div(u128::from(self.total)).unwrap_or(100);
        u64::try_from(percent).unwrap_or(100)
    }
}

/// Asks the file system of a path.
pub fn free_space(path: &Path) -> Result<FreeSpace, FsError> {
    let found = statvfs(path).map_err(|fault| FsError::new(Attempt::Read, path, std::io::Error::from(fault)))?;
    Ok(FreeSpace {
        free: found.blocks_available(),
        total: found.blocks(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::fs::SmallDisk;

    #[test]
    fn a_share_is_counted_and_a_disk_without_size_has_room() {
        for (free, total, percent) in [
            (0, 10, 0),
            (1, 11, 9),
            (10, 10, 100),
            (0, 0, 100),
            (u64::MAX, u64::MAX, 100),
        ] {
            assert_eq!(FreeSpace { free, total }.percent(), percent, "{free}/{total}");
        }
    }

    #[test]
    fn a_full_disk_is_seen() {
        let disk = SmallDisk::mount("1m");
        assert_eq!(free_space(disk.path()).unwrap().percent(), 100);
        std::fs::write(disk.path().join("x"), vec![0; 1_000_000]).unwrap();
        assert!(free_space(disk.path()).unwrap().percent() < 10);
    }
}

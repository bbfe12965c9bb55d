//! The user as whom a program runs, with all groups that it is in. Looked up before the program is started: nothing is
//! looked up between fork and exec.

use std::ffi::CString;
use std::io;

use nix::unistd::{Gid, Uid, User, getgrouplist};

/// A user and his groups, by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub(super) user: u32,
    pub(super) group: u32,
    pub(super) groups: Vec<u32>,
}

impl Account {
    /// The account to become for a user of this number and group; nothing where this process may not become another, or
    /// already is that one, or where that one is root.
    ///
    /// # Errors
    /// The system's users cannot be read.
    pub fn to_become(user: u32, group: u32) -> io::Result<Option<Self>> {
        if !Uid::effective().is_root() || user == 0 {
            return Ok(None);
        }
        let known = User::from_uid(Uid::from_raw(user)).map_err(io::Error::from)?;
        let groups = match known.and_then(|user| CString::new(user.name).ok()) {
            Some(name) => {
                let found = getgrouplist(&name, Gid::from_raw(group)).map_err(io::Error::from)?;
                found.into_iter().map(Gid::as_raw).filter(|gid| *gid != 0).collect()
            }
            // Nobody of that number is known here (a container): his group is all he has.
            None => vec![group],
        };
        Ok(Some(Self { user, group, groups }))
    }
}

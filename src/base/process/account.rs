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
        // A folder's group need not be one that its owner is in.
        let own = known.and_then(|user| Some((CString::new(user.name).ok()?, user.gid)));
        let Some((name, own)) = own else {
            // Nobody of that number is known here (a container): his group is all he has, but for root's.
            let group = if group == 0 { user } else { group };
            return Ok(Some(Self {
                user,
                group,
                groups: vec![group],
            }));
        };
        let found = getgrouplist(&name, own).map_err(io::Error::from)?;
        let groups = found.into_iter().map(Gid::as_raw).filter(|gid| *gid != 0).collect();
        let group = if own.as_raw() == 0 { user } else { own.as_raw() };
        Ok(Some(Self { user, group, groups }))
    }
}

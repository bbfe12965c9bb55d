//! Who the process is: started as root it becomes the owner of the site's files before it touches anything, and stays that.

use nix::unistd::{Gid, Uid, setgroups, setresgid, setresuid};

use crate::base::fs::{Owner, is_folder};
use crate::model::GestorRoot;
use crate::native::NativeFault;

/// Becomes the owner of `plugins/`; of the gestor where a core update has taken that away.
pub(super) fn become_owner(root: &GestorRoot) -> Result<(), NativeFault> {
    if Owner::process_uid() != 0 {
        return Ok(());
    }
    let plugins = root.plugins();
    let folder = if is_folder(&plugins) {
        plugins.as_path()
    } else {
        root.as_path()
    };
    let owner = Owner::of(folder).map_err(NativeFault::Settings)?;
    if owner.uid() == 0 {
        return Ok(());
    }
    let (user, group) = (Uid::from_raw(owner.uid()), Gid::from_raw(owner.gid()));
    let become_it = || {
        setgroups(&[group])?;
        setresgid(group, group, group)?;
        setresuid(user, user, user)
    };
    become_it().map_err(|fault| NativeFault::Identity {
        user: owner.user_and_group(),
        source: fault.into(),
    })
}

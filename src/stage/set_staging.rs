//! The private folder into which packages are taken out of a set: it is gone with the end of the operation. What a killed one
//! left is known by nobody holding it.

use std::fs::File;
use std::path::PathBuf;

use super::{StageError, premises};
use crate::base::fs::{self as base, FolderLock, Owner};
use crate::model::GestorRoot;

/// Files of the site alone.
const MODE: u32 = 0o600;
/// How often another name is tried.
const TRIES: u32 = 8;
/// What the names of such folders begin with. No plugin is called like that.
const PREFIX: &str = ".conjunto-";

/// The folder, which this operation alone uses.
#[derive(Debug)]
pub struct SetStaging {
    folder: PathBuf,
    owner: Owner,
    /// Nothing where the file system has no such locks: what is left there stays.
    _held: Option<FolderLock>,
}

impl SetStaging {
    /// Makes it; what killed ones left goes first.
    pub fn open(root: &GestorRoot) -> Result<Self, StageError> {
        premises::prepare_work(root)?;
        sweep_sets(root)?;
        let owner = premises::work_owner(root)?;
        let mut tries = 0;
        loop {
            tries += 1;
            let folder = root.work().join(format!("{PREFIX}{}", base::random_hex()?));
            let made = base::make_folder(&folder, Some(owner), premises::PRIVATE_MODE)?;
            let held = base::lock_folder(made, &folder);
            // Whoever sweeps may have been faster.
            if matches!(held, Ok(None)) && tries < TRIES {
                continue;
            }
            return Ok(Self {
                folder,
                owner,
                _held: held.ok().flatten(),
            });
        }
    }

    /// A new file in it.
    pub fn create(&self, name: &str) -> Result<(PathBuf, File), StageError> {
        let path = self.folder.join(name);
        let file = base::replace_file(&path, Some(self.owner), MODE)?;
        Ok((path, file))
    }

    /// Removes it with all that is in it.
    pub fn close(self) -> Result<(), StageError> {
        Ok(base::remove_tree(&self.folder)?)
    }
}

impl Drop for SetStaging {
    /// Best effort, for whoever gives up: what stays goes with the next one.
    fn drop(&mut self) {
        let _ = base::remove_tree(&self.folder);
    }
}

/// Removes what killed operations left. A stranger's stays.
pub fn sweep_sets(root: &GestorRoot) -> Result<(), StageError> {
    let owner = premises::work_owner(root)?;
    let names = match base::folder_names(&root.work()) {
        Err(fault) if fault.is_absent() => return Ok(()),
        names => names?,
    };
    for name in names.iter().filter(|name| name.starts_with(PREFIX)) {
        let folder = root.work().join(name);
        if !base::trusted_folder(&folder, owner).unwrap_or(false) {
            continue;
        }
        let Ok(open) = base::open_folder(&folder) else { continue };
        if let Ok(Some(_held)) = base::lock_folder(open, &folder) {
            base::remove_tree(&folder)?;
        }
    }
    Ok(())
}

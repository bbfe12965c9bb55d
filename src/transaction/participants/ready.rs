//! What stands ready for the swap of a change, and whether it still does.

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use crate::base::fs::{FileTime, Inventory, Ownership, Stamp, TreeId, check_same};
use crate::outcome::FileCounts;
use crate::stage::{Built, Layout, PreparedBackup, StageError, TreeFacts};

use super::recorded::Recorded;

/// What stands ready for the swap.
pub(in crate::transaction) struct Ready {
    /// The new tree, by the handle through which it was built; none where the plugin goes. While it is open no other folder
    /// gets its number.
    pub(in crate::transaction) tree: Option<File>,
    /// The old tree, when its backup was made.
    pub(in crate::transaction) found: Option<TreeId>,
    /// What stood in it then.
    pub(in crate::transaction) old: Option<Inventory>,
    pub(in crate::transaction) backup: Backup,
    pub(in crate::transaction) ownership: Ownership,
    pub(in crate::transaction) counts: FileCounts,
    /// The files of the new tree, as they are recorded.
    pub(in crate::transaction) listing: Vec<u8>,
    /// PHP files that the swap changes, below the plugin's folder.
    pub(in crate::transaction) php: Vec<String>,
    /// What the new tree held, where nothing is taken out of it any more.
    pub(in crate::transaction) built: Option<Built>,
    /// By what its files will be known to be untouched; nothing where no package was unpacked into it.
    pub(in crate::transaction) facts: Option<TreeFacts>,
    /// Those of them that have a second name in the old tree.
    pub(in crate::transaction) linked: HashMap<PathBuf, Stamp>,
    /// The clock of stamps before the swap: up to then nobody knew the new tree.
    pub(in crate::transaction) brought: Option<FileTime>,
    /// Files of it that are so young that somebody can have written to them since without another stamp.
    pub(in crate::transaction) young: Vec<String>,
    /// Where the old tree stands since the swap.
    pub(in crate::transaction) replaced: Option<PathBuf>,
}

/// Where what stood in the old tree is kept.
#[derive(Clone)]
pub(in crate::transaction) enum Backup {
    /// There was none.
    None,
    /// In an archive of its own.
    Made(PreparedBackup),
    /// In the kept package: the tree held what that brings, and nothing else.
    Kept(KeptBackup),
}

/// A kept package that is a backup: by its name, and by the handle through which it was looked at.
#[derive(Clone)]
pub(in crate::transaction) struct KeptBackup {
    pub(in crate::transaction) package: Recorded,
    pub(super) path: PathBuf,
    pub(super) file: Arc<File>,
}

impl Backup {
    /// Whether it still stands where it was made, or found.
    ///
    /// # Errors
    /// When another file has taken its name.
    pub(super) fn check(&self, layout: &Layout) -> Result<(), StageError> {
        match self {
            Self::None => Ok(()),
            Self::Made(made) => made.check(layout),
            Self::Kept(kept) => Ok(check_same(&kept.path, &kept.file)?),
        }
    }

    /// The archive that was made for it.
    pub(in crate::transaction) fn made(&self) -> Option<&PreparedBackup> {
        match self {
            Self::Made(made) => Some(made),
            _ => None,
        }
    }
}

/// The installed tree is what the new one would be: it stays.
pub(in crate::transaction) struct TreesOnDisk {
    /// Its files, as they are recorded.
    pub(in crate::transaction) listing: Vec<u8>,
    /// The package that holds them.
    pub(in crate::transaction) backup: KeptBackup,
}

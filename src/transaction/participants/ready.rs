//! What stands ready for the swap of a change. Values only.

use std::fs::File;

use crate::base::fs::{Inventory, Ownership, TreeId};
use crate::outcome::FileCounts;
use crate::stage::PreparedBackup;

/// What stands ready for the swap.
pub(in crate::transaction) struct Ready {
    /// The new tree, by the handle through which it was built; none where the plugin goes. While it is open no other folder
    /// gets its number.
    pub(in crate::transaction) tree: Option<File>,
    /// The package, once it was put beside the place where it is kept.
    pub(in crate::transaction) kept: Option<File>,
    /// The old tree, when its backup was made.
    pub(in crate::transaction) found: Option<TreeId>,
    /// What stood in it then.
    pub(in crate::transaction) old: Option<Inventory>,
    pub(in crate::transaction) backup: Option<PreparedBackup>,
    pub(in crate::transaction) ownership: Ownership,
    pub(in crate::transaction) counts: FileCounts,
    /// The files of the new tree, as they are recorded.
    pub(in crate::transaction) listing: Vec<u8>,
    /// PHP files that the swap changes, below the plugin's folder.
    pub(in crate::transaction) php: Vec<String>,
}

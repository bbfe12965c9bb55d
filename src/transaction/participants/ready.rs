//! What stands ready for the swap of a change. Values only.

use crate::base::fs::{Inventory, Ownership, TreeId};
use crate::outcome::FileCounts;
use crate::stage::PreparedBackup;

/// What stands ready for the swap.
pub(in crate::transaction) struct Ready {
    /// The old tree, when its backup was made.
    pub(in crate::transaction) found: Option<TreeId>,
    /// What stood in it then.
    pub(in crate::transaction) old: Option<Inventory>,
    pub(in crate::transaction) backup: Option<PreparedBackup>,
    pub(in crate::transaction) ownership: Ownership,
    pub(in crate::transaction) counts: FileCounts,
    /// PHP files that the swap changes, below the plugin's folder.
    pub(in crate::transaction) php: Vec<String>,
}

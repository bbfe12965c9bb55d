//! What stands ready for the swap of an installation. Values only.

use crate::base::fs::{Inventory, Ownership, TreeId};
use crate::outcome::FileCounts;
use crate::stage::PreparedBackup;

/// What stands ready for the swap.
pub(super) struct Ready {
    /// The old tree, when its backup was made.
    pub(super) found: Option<TreeId>,
    /// What stood in it then.
    pub(super) old: Option<Inventory>,
    pub(super) backup: Option<PreparedBackup>,
    pub(super) ownership: Ownership,
    pub(super) counts: FileCounts,
    /// PHP files that the swap changes, below the plugin's folder.
    pub(super) php: Vec<String>,
}

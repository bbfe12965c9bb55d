//! What a journal says of folders: which trees are swapped, and which paths an operation changes. Values only.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Layout;
use crate::base::fs::TreeId;

/// The two trees of a swap. They are known again by their inodes wherever a rename put them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trees {
    /// The one that is brought; none where the plugin departs.
    pub new: Option<TreeId>,
    /// The one that was found; none for a first installation.
    pub old: Option<TreeId>,
    /// A whole copy of the old one, where the old one itself cannot be renamed: from here on that one counts for nothing.
    pub copy: Option<TreeId>,
}

/// Paths below the gestor that an operation changes. For people who read the journal, and compared when it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paths {
    staging: PathBuf,
    tree: PathBuf,
    aside: PathBuf,
    installed: PathBuf,
    backup_partial: PathBuf,
    kept_partial: PathBuf,
    kept_checksum_partial: PathBuf,
}

impl Trees {
    /// Whether a tree is one of them.
    pub(super) fn knows(self, tree: TreeId) -> bool {
        [self.new, self.old, self.copy].contains(&Some(tree))
    }
}

impl Paths {
    pub(super) fn of(layout: &Layout) -> Self {
        Self {
            staging: layout.relative(&layout.staging()),
            tree: layout.relative(&layout.tree()),
            aside: layout.relative(&layout.old_tree()),
            installed: layout.relative(&layout.installed()),
            backup_partial: layout.relative(&layout.backup_partial()),
            kept_partial: layout.relative(&layout.kept_partial()),
            kept_checksum_partial: layout.relative(&layout.kept_checksum_partial()),
        }
    }
}

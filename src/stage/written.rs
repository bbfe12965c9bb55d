//! Files that old and new tree have in common, and that somebody wrote to while the new one stood in the old one's place: an
//! undone swap must not bring that back with the old tree. Looks; must not change anything.

use std::path::PathBuf;

use super::recover::TreesOnDisk;
use super::{Journal, Layout, StageError};
use crate::base::fs::{Attempt, FsError, Inventory, ItemKind, Stamp};

/// Files of an old tree that stands aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenThrough {
    /// Where it stands.
    pub tree: PathBuf,
    /// Their paths in it; those in the tree's own folder come last.
    pub paths: Vec<PathBuf>,
}

impl WrittenThrough {
    /// Looks for them, before the swap is undone; nothing where there was no swap. When that was says the old tree's folder
    /// itself: its rename was the last that changed it.
    pub fn find(journal: &Journal, layout: &Layout) -> Result<Option<Self>, StageError> {
        let Some(trees) = journal.trees else { return Ok(None) };
        let (Some(new), Some(old)) = (trees.new, trees.old) else {
            return Ok(None);
        };
        let standing = TreesOnDisk::of(layout)?;
        let tree = match (standing.tree, standing.old_tree) {
            (Some(found), _) if found == old => layout.tree(),
            (_, Some(found)) if found == old => layout.old_tree(),
            _ => return Ok(None),
        };
        if standing.installed != Some(new) {
            return Ok(None);
        }
        let found = Inventory::of(&tree)?;
        let swapped = Stamp::of_open(found.handle()).map_err(|fault| FsError::new(Attempt::Read, &tree, fault))?;
        let items = found.items().iter();
        let written =
            items.filter(|item| item.kind == ItemKind::File && item.links > 1 && item.changed > swapped.changed);
        let mut paths: Vec<PathBuf> = written.map(|item| item.path.clone()).collect();
        // Replacing one of those changes the folder.
        paths.sort_by_key(|path| path.components().count() == 1);
        Ok((!paths.is_empty()).then_some(Self { tree, paths }))
    }
}

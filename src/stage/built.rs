//! What a new tree held when its swap was announced. It is in the site's hands from then on: an undone swap discards it
//! only if nobody has written to it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::base::fs::{FsError, Inventory, Item, ItemKind};

/// Facts of a tree's files. What is removed from it, also by an undo that was killed, makes none of them greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Built {
    files: u64,
    bytes: u64,
    /// The last change of any file: seconds, nanoseconds.
    changed: (i64, i64),
}

impl Built {
    /// Of what stands in a folder.
    pub(super) fn of(folder: &Path) -> Result<Self, FsError> {
        Ok(Self::of_items(Inventory::of(folder)?.items()))
    }

    /// Of what was listed of it.
    pub fn of_items(items: &[Item]) -> Self {
        let files = items.iter().filter(|item| item.kind != ItemKind::Folder);
        files.fold(Self::default(), |sum, item| Self {
            files: sum.files + 1,
            bytes: sum.bytes + item.size,
            changed: sum.changed.max(item.changed),
        })
    }

    /// Whether a tree holds what was not there.
    pub(super) fn is_written_to(self, folder: &Path) -> Result<bool, FsError> {
        let found = Self::of(folder)?;
        Ok(found.files > self.files || found.bytes > self.bytes || found.changed > self.changed)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn each_fact_tells_that_somebody_wrote() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("d")).unwrap();
        fs::write(folder.path().join("d/a"), "12").unwrap();
        fs::write(folder.path().join("b"), "345").unwrap();
        let built = Built::of(folder.path()).unwrap();
        assert_eq!((built.files, built.bytes), (2, 5));
        let most = Built {
            files: 2,
            bytes: 5,
            changed: (i64::MAX, 0),
        };
        for (built, expected) in [
            (built, false),
            (most, false),
            (Built { files: 3, ..most }, false),
            (Built { bytes: 6, ..most }, false),
            (Built { files: 1, ..most }, true),
            (Built { bytes: 4, ..most }, true),
            (
                Built {
                    changed: (0, 0),
                    ..most
                },
                true,
            ),
        ] {
            assert_eq!(built.is_written_to(folder.path()).unwrap(), expected, "{built:?}");
        }
    }
}

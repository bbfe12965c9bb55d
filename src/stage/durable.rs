//! Brings what an operation put together to the disk, before its journal says that it stands there.

use super::{Layout, StageError};
use crate::base::fs as base;

/// One call per file system, not one per file.
pub(super) fn sync_all(layout: &Layout, backup: bool, kept: bool) -> Result<(), StageError> {
    let container = layout.container();
    base::syncfs(&container)?;
    let others = [(backup, layout.backups()), (kept, layout.kept())];
    for (_, folder) in others.into_iter().filter(|(wanted, _)| *wanted) {
        if !base::same_file_system(&container, &folder)? {
            base::syncfs(&folder)?;
        }
    }
    Ok(())
}

//! A list below `backups/plugins/` that several processes change: one after the other, and it is replaced whole.

use std::path::Path;
use std::time::Duration;

use super::{StageError, premises};
use crate::base::fs::{self as base, Attempt, FileLock, FsError, Holder, LockError};
use crate::model::GestorRoot;

/// Another one needs milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Its lock, at a path below `temp/plugins/`.
pub(super) fn lock(root: &GestorRoot, path: &Path, holder: &Holder) -> Result<FileLock, StageError> {
    premises::prepare_work(root)?;
    let owner = premises::work_owner(root)?;
    FileLock::take(path, holder, Some(owner), PATIENCE, || true).map_err(|fault| match fault {
        LockError::Fs(fault) => fault.into(),
        LockError::Held { path, .. } | LockError::Stopped { path } => {
            FsError::new(Attempt::Lock, path, nix::errno::Errno::EWOULDBLOCK).into()
        }
    })
}

/// Replaces it. `is_refused`: what stands there does not count, and is set aside as `<name>.recusado`.
pub(super) fn replace(root: &GestorRoot, path: &Path, bytes: &[u8], is_refused: bool) -> Result<(), StageError> {
    let owner = premises::kept_owner(root)?;
    let above = path.parent().unwrap_or(path);
    premises::ensure(&root.backups(), above, owner, premises::FOLDER_MODE)?;
    if is_refused {
        let mut aside = path.as_os_str().to_owned();
        aside.push(".recusado");
        // What cannot be moved is replaced.
        let _ = base::rename_over(path, Path::new(&aside));
    }
    Ok(base::write_whole(path, Some(owner), bytes)?)
}

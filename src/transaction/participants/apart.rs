//! Files that the old and the new tree have in common are one file for as long as both trees stand. Whoever writes to it in
//! place meanwhile writes to both: then the tree that he did not mean gets its own again, out of the package that brought it.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use super::super::TransactionError;
use super::recorded::Recorded;
use crate::archive::Archive;
use crate::base::fs::{self as base, Owner, settle_tree};
use crate::stage::{self, Journal, Layout, WrittenThrough};

/// Only we look into it.
const PRIVATE: u32 = 0o700;

/// Gives files of a tree bytes of their own, as an archive that was checked holds them below `prefix`.
pub(super) fn renew(
    layout: &Layout,
    owner: Owner,
    (archive, prefix): (&Archive, &str),
    (tree, paths): (&Path, &[PathBuf]),
) -> Result<(), TransactionError> {
    let folder = layout.container().join("apart");
    base::remove_tree(&folder)?;
    let handle = base::make_folder(&folder, Some(owner), PRIVATE)?;
    // The folders above them are asked for as well.
    let wanted: BTreeSet<&Path> = paths.iter().flat_map(|path| path.ancestors()).collect();
    let skip = |path: &str| !wanted.contains(Path::new(path));
    let progress = |_: u64, _: u64| ControlFlow::Continue(());
    let made = archive.extract_verified(handle.as_fd(), prefix, &skip, &progress)?;
    settle_tree(&handle, &folder, owner)?;
    // In the order in which they were asked for.
    let made: BTreeSet<&Path> = made.files.iter().map(|file| Path::new(&file.path)).collect();
    for path in paths.iter().filter(|path| made.contains(path.as_path())) {
        base::rename_over(&folder.join(path), &tree.join(path))?;
    }
    Ok(base::remove_tree(&folder)?)
}

/// Before a swap is undone: what somebody wrote to the new tree since is the new tree's alone.
pub(in crate::transaction) fn undo(
    journal: &Journal,
    layout: &Layout,
    version: Option<&str>,
) -> Result<(), TransactionError> {
    let Some(written) = WrittenThrough::find(journal, layout)? else {
        return Ok(());
    };
    // Only of a tree that was made of a package that is kept are files taken over.
    let sha256 = stage::installed_package(layout.root(), layout.slug()).map(|sha256| sha256.to_string());
    let Some(recorded) = Recorded::of(version, sha256.as_deref()) else {
        return Ok(());
    };
    let Some(kept) = recorded.open(layout)? else {
        return Ok(());
    };
    let owner = stage::owner(layout.root())?;
    let archive = (kept.archive(), kept.prefix());
    renew(layout, owner, archive, (&written.tree, &written.paths))
}

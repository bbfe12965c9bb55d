//! The private folder in which the runner leaves what tables say before a migration takes something of them away. It
//! outlives a run that is killed: what is in it may stand nowhere else by then.

use std::path::PathBuf;

use super::leftover::remove_or_rename;
use super::{StageError, premises};
use crate::base::fs::{self as base, file_names, trusted_folder};
use crate::model::{GestorRoot, Slug};

/// What is written to its end has this name; the rest has another until then.
const WHOLE: &str = ".jsonl";

/// Makes the folder anew.
pub fn open(root: &GestorRoot, slug: &Slug) -> Result<PathBuf, StageError> {
    close(root, slug)?;
    let folder = root.late_rows(slug);
    base::make_folder(&folder, Some(premises::kept_owner(root)?), premises::PRIVATE_MODE)?;
    Ok(folder)
}

/// The files that a run left which was killed, by name.
///
/// # Errors
/// [`base::FsError::Untrusted`] when the folder is a stranger's.
pub fn found(root: &GestorRoot, slug: &Slug) -> Result<Vec<PathBuf>, StageError> {
    if !stands(root, slug)? {
        return Ok(Vec::new());
    }
    let folder = root.late_rows(slug);
    let mut names = file_names(&folder)?;
    names.retain(|name| name.ends_with(WHOLE));
    names.sort();
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

/// Removes it with all that is in it.
///
/// # Errors
/// [`base::FsError::Untrusted`] when it is a stranger's.
pub fn close(root: &GestorRoot, slug: &Slug) -> Result<(), StageError> {
    if stands(root, slug)? {
        remove_or_rename(&root.late_rows(slug), slug)?;
    }
    Ok(())
}

fn stands(root: &GestorRoot, slug: &Slug) -> Result<bool, StageError> {
    match trusted_folder(&root.late_rows(slug), premises::kept_owner(root)?) {
        // What it would stand in is another's, and empty or told of by whoever needs it.
        Err(fault) if fault.is_permission() => Ok(false),
        found => Ok(found?),
    }
}

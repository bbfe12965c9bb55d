//! The private staging folder: a fresh one at the beginning, none at the end. Removes what an operation left that died
//! before it wrote a journal or after it closed one.

use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use super::action::apply;
use super::layout::Place;
use super::leftover::remove_or_rename;
use super::recover::remove;
use super::{Journal, Layout, StageError};
use crate::base::fs::{self as base, Attempt, FsError, Owner};
use crate::model::{GestorRoot, Slug};

/// Folders on the way to the staging folders may be seen by all; what is in them is not.
const WAY_MODE: u32 = 0o755;

/// Chooses the place of an operation; creates `temp/plugins/` where it is missing, for the lock file and this question.
pub fn layout(root: &GestorRoot, slug: &Slug, owner: Owner) -> Result<Layout, StageError> {
    prepare_work(root, owner)?;
    let plugins = root.plugins();
    // A dry run makes no `plugins/`: it would stand on the gestor's file system.
    let beside = if plugins.is_dir() { &plugins } else { root.as_path() };
    let same = base::same_file_system(&root.work(), beside)?;
    Ok(Layout::new(root.clone(), slug.clone(), Place::choose(same)))
}

/// Creates `temp/plugins/` where it is missing: the lock file stands there.
pub fn prepare_work(root: &GestorRoot, owner: Owner) -> Result<(), StageError> {
    let missing = base::missing_folders(root.as_path(), &root.work());
    base::ensure_folders(&root.work(), WAY_MODE)?;
    for folder in missing {
        give(&folder, owner)?;
        folder.parent().map_or(Ok(()), base::fsync_dir)?;
    }
    Ok(())
}

/// Opens a fresh staging folder (0700). Only under the plugin's lock.
///
/// # Errors
/// [`StageError::JournalStands`] when an interrupted operation is to be recovered first.
pub fn open(layout: &Layout, owner: Owner) -> Result<(), StageError> {
    clear(layout.root(), layout.slug())?;
    base::create_private_folder(&layout.staging())?;
    give(&layout.staging(), owner)?;
    Ok(base::fsync_dir(&layout.root().work())?)
}

/// Opens the private folder of a dry run. Only under the plugin's lock.
pub fn open_dry_run(layout: &Layout, owner: Owner) -> Result<(), StageError> {
    close_dry_run(layout)?;
    base::create_private_folder(&layout.staging())?;
    give(&layout.staging(), owner)
}

/// Removes it with all that is in it.
pub fn close_dry_run(layout: &Layout) -> Result<(), StageError> {
    Ok(base::remove_tree(&layout.staging())?)
}

/// Creates the empty new tree (0755) and opens it; before it, where the tree is put together beside `plugins/`, its
/// private container. Only after the journal was written.
pub fn create_tree(layout: &Layout, owner: Owner) -> Result<File, StageError> {
    if layout.place() == Place::Plugins {
        create_near_container(layout, owner)?;
    }
    let path = layout.tree();
    DirBuilder::new()
        .mode(0o755)
        .create(&path)
        .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o755)))
        .map_err(|fault| FsError::new(Attempt::Create, &path, fault))?;
    File::open(&path).map_err(|fault| FsError::new(Attempt::Read, &path, fault).into())
}

/// The folder above may vanish at any moment before the container stands: an operation on another plugin removes it when
/// it finds it empty.
fn create_near_container(layout: &Layout, owner: Owner) -> Result<(), StageError> {
    let (above, container) = (layout.near_folder(), layout.near_container());
    let create = || {
        base::ensure_folders(&above, WAY_MODE)?;
        base::create_private_folder(&container)
    };
    let mut created = create();
    for _ in 0..8 {
        match &created {
            Err(fault) if fault.is_absent() => created = create(),
            _ => break,
        }
    }
    created?;
    give(&above, owner)?;
    give(&container, owner)
}

/// Removes all staging of a plugin: after its journal was closed, or when it never had one (a dry run, a download that
/// failed). Can be repeated. What cannot be removed gets a name of its own (see [`super::sweep`]).
///
/// # Errors
/// [`StageError::JournalStands`] while there is a journal.
pub fn clear(root: &GestorRoot, slug: &Slug) -> Result<(), StageError> {
    let layout = Layout::new(root.clone(), slug.clone(), Place::Plugins);
    if let Some(journal) = Journal::read(root, slug)? {
        return Err(StageError::JournalStands {
            path: journal.layout(root, slug).journal(),
        });
    }
    apply(&remove(&layout))?;
    remove_or_rename(&layout.near_container(), slug)?;
    base::remove_empty_folder(&layout.near_folder())?;
    // What a dry run left that was killed.
    close_dry_run(&Layout::of_dry_run(root.clone(), slug.clone()))?;
    Ok(remove_or_rename(&layout.staging(), slug)?)
}

/// The plugins of which staging stands, sorted: those that run, and those that were interrupted.
pub fn pending(root: &GestorRoot) -> Result<Vec<Slug>, StageError> {
    let near = root.plugins().join(".staging");
    let mut found = names(&root.work())?;
    found.extend(names(&near)?);
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn names(folder: &Path) -> Result<Vec<Slug>, FsError> {
    let read = |fault| FsError::new(Attempt::Read, folder, fault);
    let listing = match fs::read_dir(folder) {
        Ok(listing) => listing,
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(fault) => return Err(read(fault)),
    };
    let mut slugs = Vec::new();
    for entry in listing {
        let entry = entry.map_err(read)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if let Some(slug) = Slug::normalize(&name)
            .ok()
            .filter(|slug| is_folder && slug.as_str() == name)
        {
            slugs.push(slug);
        }
    }
    Ok(slugs)
}

/// Best effort where the process may not: the folder is its own then.
fn give(folder: &Path, owner: Owner) -> Result<(), StageError> {
    let handle = File::open(folder).map_err(|fault| FsError::new(Attempt::Read, folder, fault))?;
    owner.give(&handle, folder)?;
    Ok(())
}

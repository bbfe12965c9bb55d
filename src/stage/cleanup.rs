//! The private staging folder: a fresh one at the beginning, none at the end. Removes what an operation left that died
//! before it wrote a journal or after it closed one.

use std::fs::{self, File};
use std::io::{Read, Seek};
use std::path::Path;

use chrono::{DateTime, FixedOffset};
use nix::dir::Dir;

use super::action::{Action, StepsDone, apply};
use super::backup::free_name;
use super::layout::Place;
use super::leftover::{remove_or_close, remove_or_rename};
use super::premises::{self, prepare_work};
use super::recover::remove;
use super::{Journal, Layout, StageError};
use crate::base::fs::{self as base, Attempt, FsError, Inventory, ItemKind, Owner, TreeId};
use crate::model::{GestorRoot, Slug};

/// Folders on the way to the staging folders may be seen by all; what is in them is not.
const WAY_MODE: u32 = 0o755;

/// Chooses the place of an operation; creates `temp/plugins/` where it is missing, for the lock file and this question.
pub fn layout(root: &GestorRoot, slug: &Slug, owner: Owner) -> Result<Layout, StageError> {
    prepare_work(root)?;
    let plugins = root.plugins();
    // A dry run makes no `plugins/`: it would stand on the gestor's file system.
    let beside = if plugins.is_dir() { &plugins } else { root.as_path() };
    let same = base::same_file_system(&root.work(), beside)?;
    let is_ours = premises::work_owner(root)?.uid() == owner.uid();
    Ok(Layout::new(root.clone(), slug.clone(), Place::choose(same, is_ours)))
}

/// Opens a fresh staging folder (0700). Only under the plugin's lock.
///
/// # Errors
/// [`StageError::JournalStands`] when an interrupted operation is to be recovered first.
pub fn open(layout: &Layout, owner: Owner) -> Result<(), StageError> {
    clear(layout.root(), layout.slug())?;
    premises::mend(layout, owner);
    base::make_folder(&layout.staging(), Some(owner), premises::PRIVATE_MODE)?;
    Ok(base::fsync_dir(&layout.root().work())?)
}

/// Opens the private folder of a dry run. Only under the plugin's lock.
pub fn open_dry_run(layout: &Layout, owner: Owner) -> Result<File, StageError> {
    close_dry_run(layout)?;
    Ok(base::make_folder(
        &layout.staging(),
        Some(owner),
        premises::PRIVATE_MODE,
    )?)
}

/// Removes it with all that is in it; where it is another's of the site, it gets a name of its own.
///
/// # Errors
/// [`FsError::Untrusted`] when it is a stranger's.
pub fn close_dry_run(layout: &Layout) -> Result<(), StageError> {
    let (folder, owner) = (layout.staging(), premises::work_owner(layout.root())?);
    match base::trusted_folder(&folder, owner) {
        Ok(false) => return Ok(()),
        // It cannot be looked into; whose the folder above is can still move it.
        Ok(true) | Err(FsError::NotOurs { .. }) => {}
        Err(fault) => return Err(fault.into()),
    }
    remove_or_rename(&folder, layout.slug()).map_err(|fault| premises::explain(fault, &folder, owner))
}

/// Creates the empty new tree (0755) and opens it; before it, where the tree is put together beside `plugins/`, its
/// private container. Only after the journal was written.
pub fn create_tree(layout: &Layout, owner: Owner) -> Result<File, StageError> {
    create_container(layout, owner)?;
    Ok(base::make_folder(&layout.tree(), Some(owner), WAY_MODE)?)
}

/// Creates the private folder that an old tree goes to, where staging itself cannot be that. Only after the journal was
/// written.
pub fn create_container(layout: &Layout, owner: Owner) -> Result<(), StageError> {
    if layout.place() == Place::Plugins {
        create_near_container(layout, owner)?;
    }
    Ok(())
}

/// The folder above may vanish at any moment before the container stands: an operation on another plugin removes it when
/// it finds it empty.
fn create_near_container(layout: &Layout, owner: Owner) -> Result<(), StageError> {
    let create = || {
        base::ensure_folders(&layout.plugins(), &layout.near_folder(), Some(owner), WAY_MODE)?;
        base::make_folder(&layout.near_container(), Some(owner), premises::PRIVATE_MODE)
    };
    let mut created = create();
    for _ in 0..8 {
        match &created {
            Err(fault) if fault.is_absent() => created = create(),
            _ => break,
        }
    }
    Ok(created.map(drop)?)
}

/// Keeps what may be the only copy where nothing says what an operation had done: somebody emptied `temp/`, or moved the
/// journal away. A backup that is whole gets its name, a tree with files is set aside; [`clear`] removes the rest.
pub fn rescue(
    root: &GestorRoot,
    slug: &Slug,
    now: DateTime<FixedOffset>,
    is_whole: impl Fn(&mut File) -> bool,
) -> Result<StepsDone, StageError> {
    let near = Layout::new(root.clone(), slug.clone(), Place::Plugins);
    let temp = Layout::new(root.clone(), slug.clone(), Place::Temp);
    let owner = premises::owner(root)?;
    if Journal::closed(root, slug)?.is_some() {
        return Ok(StepsDone::default());
    }
    // What was put together for `plugins/` is for somebody who may write there.
    if !premises::may_write_plugins(root) {
        return Ok(StepsDone::default());
    }
    base::trusted_folder(&near.near_folder(), owner)?;
    let mut actions = Vec::new();
    for layout in [&temp, &near] {
        if !base::trusted_folder(&layout.container(), owner)? {
            continue;
        }
        for tree in [layout.tree(), layout.old_tree()] {
            // What is mounted in it is told by `clear`, which removes nothing then.
            let found = TreeId::of(&tree)?.map(|_| Inventory::of(&tree));
            if found
                .and_then(Result::ok)
                .is_some_and(|found| found.items().iter().any(|item| item.kind != ItemKind::Folder))
            {
                let to = layout.undone_tree();
                actions.push(Action::Keep { from: tree, to });
            }
        }
    }
    let partial = near.backup_partial();
    if base::trusted_folder(&near.backups(), owner)?
        && let Some(mut file) = base::open_trusted(&partial, owner, false)?
        && is_whole(&mut file)
    {
        let is_tar = file.rewind().and_then(|()| {
            let mut magic = [0; 2];
            file.read_exact(&mut magic).map(|()| magic == [0x1f, 0x8b])
        });
        let ending = if is_tar.unwrap_or(false) { "tar.gz" } else { "zip" };
        let to = near.backups().join(free_name(slug, now, ending, |_| false));
        actions.push(Action::PublishBackup { from: partial, to });
    }
    apply(&actions)
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
    let owner = premises::owner(root)?;
    let staging = layout.staging();
    base::trusted_folder(&staging, owner)?;
    if premises::may_write_plugins(root) {
        clear_near(&layout, owner)?;
    }
    clear_assets(root, slug)?;
    // What a dry run left that was killed.
    close_dry_run(&Layout::of_dry_run(root.clone(), slug.clone()))?;
    remove_or_rename(&staging, slug).map_err(|fault| premises::explain(fault, &staging, owner))
}

/// What was put together beside `assets/`. What a stranger put there stays.
fn clear_assets(root: &GestorRoot, slug: &Slug) -> Result<(), StageError> {
    let staging = root.assets_staging(slug);
    if base::trusted_folder(&staging, premises::assets_owner(root)?).is_ok_and(|stands| stands) {
        remove_or_close(&staging, slug)?;
        if let Some(above) = staging.parent() {
            let _ = base::remove_empty_folder(above);
        }
    }
    Ok(())
}

/// What was put together beside `plugins/`, and the files of no name yet.
fn clear_near(layout: &Layout, owner: Owner) -> Result<(), StageError> {
    let near = layout.near_container();
    for folder in [&layout.near_folder(), &near] {
        base::trusted_folder(folder, owner)?;
    }
    let at_near = |fault: StageError| match fault {
        StageError::Fs(fault) => premises::explain(fault, &near, owner),
        other => other,
    };
    apply(&remove(layout)).map_err(at_near)?;
    remove_or_rename(&near, layout.slug()).map_err(|fault| at_near(fault.into()))?;
    let folder = layout.near_folder();
    base::remove_empty_folder(&folder).map_err(|fault| premises::explain(fault, &folder, owner))
}

/// The plugins of which staging stands, sorted: those that run, and those that were interrupted.
pub fn pending(root: &GestorRoot) -> Result<Vec<Slug>, StageError> {
    let mut found = names_for(&root.work(), premises::work_owner(root)?)?;
    match names_for(&root.plugins().join(".staging"), premises::owner(root)?) {
        Err(_) if !premises::may_write_plugins(root) => {}
        near => found.extend(near?),
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn names_for(folder: &Path, owner: Owner) -> Result<Vec<Slug>, StageError> {
    names(folder).map_err(|fault| premises::explain(fault, folder, owner))
}

fn names(folder: &Path) -> Result<Vec<Slug>, FsError> {
    let read = |fault| FsError::new(Attempt::Read, folder, fault);
    let listing = match base::open_folder(folder) {
        Ok(listing) => listing,
        Err(fault) if fault.is_absent() => return Ok(Vec::new()),
        Err(fault) => return Err(fault),
    };
    let mut slugs = Vec::new();
    for entry in Dir::from_fd(listing.into()).map_err(read)?.iter() {
        let name = entry.map_err(read)?.file_name().to_string_lossy().into_owned();
        let Some(slug) = Slug::normalize(&name).ok().filter(|slug| slug.as_str() == name) else {
            continue;
        };
        let found = fs::symlink_metadata(folder.join(&name));
        if found.is_ok_and(|found| found.is_dir()) {
            slugs.push(slug);
        }
    }
    Ok(slugs)
}

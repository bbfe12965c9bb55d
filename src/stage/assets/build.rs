//! What is to be published, put together beside `assets/` in a private folder; what somebody wrote to, copied to where it
//! is kept; and the new record. Nothing that the gestor serves is touched.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::planned::{AssetPlan, PlannedUnit, Wanted, WantedAssets};
use super::steps::{AssetSteps, AssetUnit};
use crate::base::file_tree::FileTree;
use crate::base::fs::{self as base, Attempt, FsError, Owner, TreeId};
use crate::stage::layout::Place;
use crate::stage::{Layout, StageError, cleanup, premises};

/// Served to everybody.
const FOLDER_MODE: u32 = 0o755;
const FILE_MODE: u32 = 0o644;

/// Builds what a plan brings. Gives what the journal is to keep of it; nothing where nothing changes.
///
/// # Errors
/// Whatever it is, nothing that is served was touched; the staging folders go with [`super::super::clear`].
pub fn build(
    layout: &Layout,
    plan: &AssetPlan,
    wanted: Option<&WantedAssets<'_>>,
) -> Result<Option<AssetSteps>, StageError> {
    if plan.changes_nothing() {
        return Ok(None);
    }
    let owner = premises::assets_owner(layout.root())?;
    let mut steps = AssetSteps {
        created: plan.created.clone(),
        emptied: emptied(plan),
        unpublishes: plan.next.is_empty(),
        ..AssetSteps::default()
    };
    let site = premises::owner(layout.root())?;
    ensure_container(layout, site)?;
    if !plan.units.is_empty() {
        premises::check_assets(layout.root())?;
        steps.apart = is_beside(layout)?;
        open(layout, &steps, (owner, site))
            .map_err(|fault| premises::explain(fault, &layout.root().assets(), owner))?;
    }
    for (number, unit) in plan.units.iter().enumerate() {
        let path = steps.slot(layout, number);
        if let Some(wanted) = wanted.filter(|_| !unit.brings.is_empty()) {
            bring(&path, unit, wanted.tree, owner)?;
        }
        steps.units.push(AssetUnit {
            path: unit.path.clone(),
            new: TreeId::of_any(&path)?,
            old: if unit.replaces {
                TreeId::of_any(&layout.asset(&unit.path))?
            } else {
                None
            },
        });
    }
    steps.keeps = keep_altered(layout, plan, site)?;
    record(layout, plan, site)?;
    if !plan.units.is_empty() {
        base::syncfs(&steps.staging(layout))?;
    }
    Ok(Some(steps))
}

/// Whether what is published can be put together where the new tree is: nothing is served from there. Where `assets/` is a
/// file system of its own, it cannot.
fn is_beside(layout: &Layout) -> Result<bool, FsError> {
    let (root, assets) = (layout.root().as_path(), layout.root().assets());
    let served = if assets.is_dir() { assets.as_path() } else { root };
    base::same_file_system(&layout.container(), served)
}

/// A fresh private folder. Where it stands in `assets/`, the one above it may vanish at any moment: an operation on another
/// plugin removes it when it finds it empty.
fn open(layout: &Layout, steps: &AssetSteps, (owner, site): (Owner, Owner)) -> Result<(), FsError> {
    let staging = steps.staging(layout);
    base::remove_tree(&staging)?;
    if steps.apart {
        return base::make_folder(&staging, Some(site), premises::PRIVATE_MODE).map(drop);
    }
    let above = staging.parent().unwrap_or(&staging);
    let create = || {
        base::ensure_folders(&layout.root().assets(), above, Some(owner), FOLDER_MODE)?;
        base::make_folder(&staging, Some(owner), premises::PRIVATE_MODE)
    };
    let mut created = create();
    for _ in 0..8 {
        match &created {
            Err(fault) if fault.is_absent() => created = create(),
            _ => break,
        }
    }
    created.map(drop)
}

fn bring(path: &Path, unit: &PlannedUnit, tree: &dyn FileTree, owner: Owner) -> Result<(), StageError> {
    let Some(length) = unit.brings.first().and_then(|wanted| wanted.asset.folder) else {
        let first = unit.brings.first();
        return first.map_or(Ok(()), |wanted| copy(path, wanted, tree, owner));
    };
    base::make_folder(path, Some(owner), FOLDER_MODE)?;
    for wanted in &unit.brings {
        let file = path.join(wanted.asset.target[length..].trim_start_matches('/'));
        base::ensure_folders(path, file.parent().unwrap_or(path), Some(owner), FOLDER_MODE)?;
        copy(&file, wanted, tree, owner)?;
    }
    Ok(())
}

fn copy(path: &Path, wanted: &Wanted, tree: &dyn FileTree, owner: Owner) -> Result<(), StageError> {
    let source = &wanted.asset.source;
    let opened = tree
        .open(source)
        .map_err(|fault| FsError::new(Attempt::Read, source, fault))?;
    let mut file = base::replace_file(path, Some(owner), FILE_MODE)?;
    let written = opened.map_or(Ok(0), |mut reader| io::copy(&mut reader, &mut file));
    written.map_err(|fault| FsError::new(Attempt::Write, path, fault))?;
    Ok(())
}

fn ensure_container(layout: &Layout, owner: Owner) -> Result<(), StageError> {
    if layout.place() == Place::Plugins && fs::symlink_metadata(layout.near_container()).is_err() {
        cleanup::create_container(layout, owner)?;
    }
    Ok(())
}

/// Copies what somebody wrote to, or put among what is published. Whether there was any.
///
/// # Errors
/// What cannot be kept (a socket, a file that this process may not read) is not taken away.
fn keep_altered(layout: &Layout, plan: &AssetPlan, owner: Owner) -> Result<bool, StageError> {
    let (folder, assets) = (layout.assets_aside(), layout.root().assets());
    for target in &plan.altered {
        let (from, to) = (assets.join(target), folder.join(target));
        base::ensure_folders(&folder, to.parent().unwrap_or(&folder), Some(owner), FOLDER_MODE)?;
        match keep(&from, &to, owner) {
            Err(fault) if fault.is_absent() => {}
            kept => kept?,
        }
    }
    Ok(fs::symlink_metadata(&folder).is_ok())
}

fn keep(from: &Path, to: &Path, owner: Owner) -> Result<(), FsError> {
    let found = fs::symlink_metadata(from).map_err(|fault| FsError::new(Attempt::Read, from, fault))?;
    if !found.is_file() {
        return base::copy_special(from, to);
    }
    let mut file = base::open_to_read(from, u64::MAX)?;
    let mut made = base::replace_file(to, Some(owner), FILE_MODE)?;
    io::copy(&mut file, &mut made).map_err(|fault| FsError::new(Attempt::Write, to, fault))?;
    Ok(())
}

/// The new record, beside the new tree; none where nothing is to be recorded any more.
fn record(layout: &Layout, plan: &AssetPlan, owner: Owner) -> Result<(), StageError> {
    if plan.next.is_empty() {
        return Ok(());
    }
    let path = layout.assets_record_partial();
    base::replace_file(&path, Some(owner), FILE_MODE)?
        .write_all(&plan.next.bytes(&path)?)
        .map_err(|fault| FsError::new(Attempt::Write, &path, fault))?;
    Ok(())
}

/// Folders that were made for files and have none any more, the innermost first.
fn emptied(plan: &AssetPlan) -> Vec<String> {
    let made = plan.before.pastas.iter();
    let mut emptied: Vec<String> = made
        .filter(|folder| !plan.next.pastas.contains(folder))
        .cloned()
        .collect();
    emptied.sort_by_key(|folder| std::cmp::Reverse(folder.len()));
    emptied
}

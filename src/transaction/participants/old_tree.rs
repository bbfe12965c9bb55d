//! The tree that an update replaces: its backup, and what was written to it after that (SPEC §5.11). A backup is what the
//! tree held when it was replaced, byte for byte, or nothing is replaced.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};

use super::super::run::Run;
use super::super::{Context, TransactionError};
use super::apart;
use super::compare::{Fingerprint, fingerprint};
use super::earlier::EarlierTree;
use super::ready::Backup;
use crate::archive::{BackupForm, PackedEarlier, pack_backup, verify_backup};
use crate::base::fs::{FsError, Inventory, Item, ItemKind, Owner};
use crate::log::{Message, PathNotice};
use crate::stage::swap::Mechanism;
use crate::stage::{Layout, PreparedBackup, StepError, backup, removed};

/// How often the backup is made anew because the old tree was written to in the meantime. It stands aside by then, so
/// only a program that had a file open already can do that.
const ROUNDS: usize = 3;

/// Lists a tree that is to be replaced.
///
/// # Errors
/// A mount or a socket in it.
pub fn list(folder: &Path) -> Result<Inventory, FsError> {
    let inventory = Inventory::of(folder)?;
    let socket = inventory.items().iter().find(|item| item.kind == ItemKind::Socket);
    match socket.map(|item| inventory.place(item)) {
        Some(path) => Err(FsError::Socket { path }),
        None => Ok(inventory),
    }
}

/// Where, when and under which name a backup is made.
pub(super) struct BackupName<'p> {
    pub(super) layout: &'p Layout,
    pub(super) owner: Owner,
    pub(super) now: DateTime<FixedOffset>,
    /// What its name is to have in place of a time.
    pub(super) stamp: Option<&'p str>,
}

/// Packs what was listed, reads it back, and brings it to the disk. Files that stand as a kept package brought them are
/// taken from there as they are packed.
pub(super) fn back_up(
    BackupName {
        layout,
        owner,
        now,
        stamp,
    }: BackupName<'_>,
    inventory: &Inventory,
    known: Option<&EarlierTree>,
) -> Result<(PreparedBackup, Fingerprint), TransactionError> {
    let form = BackupForm::of(inventory);
    let stands = |item: &Item| known.is_some_and(|known| known.stands(item));
    let earlier = known.map(|known| PackedEarlier {
        files: known.files(),
        stands: &stands,
    });
    let pack = |file: &mut File| pack_backup(inventory, form, file, earlier);
    let prepared = backup::prepare(layout, now, owner, form.ending(), pack, |file, packed| {
        verify_backup(file, form, packed)
    });
    match prepared {
        Ok((backup, packed)) => {
            let name = stamp.map(|stamp| removed::backup_name(layout.slug(), stamp, form.ending()));
            let backup = match name {
                Some(name) => backup.named(name),
                None => backup,
            };
            Ok((backup, fingerprint(&packed)))
        }
        Err(StepError::Stage(fault)) => Err(fault.into()),
        Err(StepError::Callback(fault)) => Err(fault.into()),
    }
}

/// What was written to the old tree after it was listed for its backup is in no backup yet. The tree stands aside now,
/// where nobody writes to it by its path any more: the backup is made anew of what it holds.
pub(super) fn keep_late_changes(
    run: &mut Run<'_>,
    owner: Owner,
    mechanism: Mechanism,
    cx: &Context<'_>,
) -> Result<(), TransactionError> {
    let Some(place) = place(&run.layout, mechanism) else {
        return Ok(());
    };
    let Some(ready) = run.ready.as_mut() else { return Ok(()) };
    ready.replaced = Some(place.clone());
    let Some(mut known) = ready.old.take() else {
        return Ok(());
    };
    let mut told: BTreeSet<PathBuf> = BTreeSet::new();
    for round in 0..ROUNDS {
        let found = list(&place)?;
        let is_copy = mechanism == Mechanism::Copy && round == 0;
        let late = late_changes(known.items(), found.items(), is_copy);
        if late.is_empty() {
            break;
        }
        told.extend(late);
        let place = BackupName {
            layout: &run.layout,
            owner,
            now: cx.reporter.clock().now(),
            stamp: run.change.departure().map(|_| run.snapshot.stamp()),
        };
        let (backup, _) = back_up(place, &found, None)?;
        run.journal.replace_backup(&run.layout, &backup)?;
        if let Some(ready) = run.ready.as_mut() {
            ready.backup = Backup::Made(backup);
        }
        known = found;
    }
    if !told.is_empty() {
        renew(run, owner, &told)?;
        let paths = told.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        let what = PathNotice::LateChanges;
        cx.reporter.message(Message::Paths { what, paths });
    }
    Ok(())
}

/// The new tree holds what its package brings, also where the old one had the same file and was written to since.
fn renew(run: &Run<'_>, owner: Owner, late: &BTreeSet<PathBuf>) -> Result<(), TransactionError> {
    let (Some(arrival), Some(ready)) = (run.change.arrival(), run.ready.as_ref()) else {
        return Ok(());
    };
    let shared: Vec<PathBuf> = late
        .iter()
        .filter(|path| ready.linked.contains_key(*path))
        .cloned()
        .collect();
    if shared.is_empty() {
        return Ok(());
    }
    let archive = (arrival.package.located.archive(), arrival.package.located.prefix());
    apart::renew(&run.layout, owner, archive, (&run.layout.installed(), &shared))
}

/// Where the old tree stands after the swap.
fn place(layout: &Layout, mechanism: Mechanism) -> Option<PathBuf> {
    match mechanism {
        Mechanism::Exchange => Some(layout.tree()),
        Mechanism::TwoRenames | Mechanism::Copy => Some(layout.old_tree()),
        Mechanism::FirstRename => None,
    }
}

/// What stands in a tree and was other, or not there, when it was listed. What vanished is in the backup. A copy of the
/// tree has times of its own, except those of files' content.
fn late_changes(known: &[Item], found: &[Item], is_copy: bool) -> Vec<PathBuf> {
    let is_same = |one: &Item, other: &Item| match one.kind {
        _ if one.kind != other.kind => false,
        ItemKind::Folder => true,
        ItemKind::File => {
            one.size == other.size && one.modified == other.modified && (is_copy || one.changed == other.changed)
        }
        _ => is_copy || one.changed == other.changed,
    };
    // Both are listed in the same order.
    let mut known = known.iter().peekable();
    let late = found.iter().filter(|item| {
        while known.next_if(|before| before.order(item).is_lt()).is_some() {}
        let before = known.next_if(|before| before.path == item.path);
        !before.is_some_and(|before| is_same(before, item))
    });
    late.map(|item| item.path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;
    use crate::base::fs::copy_tree;

    #[test]
    fn whatever_is_written_after_the_listing_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let tree = folder.path().join("tree");
        fs::create_dir_all(tree.join("a")).unwrap();
        for name in ["same", "grown", "rewritten", "replaced", "gone"] {
            fs::write(tree.join(name), "before").unwrap();
        }
        let known = list(&tree).unwrap();
        let late = |is_copy| late_changes(known.items(), list(&tree).unwrap().items(), is_copy);
        assert!(late(false).is_empty());
        // Times are as fine as the system's clock ticks.
        std::thread::sleep(std::time::Duration::from_millis(20));
        let time = fs::metadata(tree.join("rewritten")).unwrap().modified().unwrap();
        fs::write(tree.join("grown"), "before, and more").unwrap();
        fs::write(tree.join("rewritten"), "after!").unwrap();
        File::options()
            .write(true)
            .open(tree.join("rewritten"))
            .unwrap()
            .set_modified(time)
            .unwrap();
        fs::remove_file(tree.join("replaced")).unwrap();
        symlink("x", tree.join("replaced")).unwrap();
        fs::remove_file(tree.join("gone")).unwrap();
        fs::write(tree.join("a/new"), "x").unwrap();
        let names = ["a/new", "grown", "replaced", "rewritten"].map(PathBuf::from);
        assert_eq!(late(false), names);
        assert_eq!(fs::metadata(tree.join("same")).unwrap().size(), 6);
    }

    #[test]
    fn a_copy_is_the_same_unless_its_content_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (tree, copy) = (folder.path().join("tree"), folder.path().join("copy"));
        fs::create_dir_all(tree.join("a")).unwrap();
        fs::write(tree.join("a/file"), "x").unwrap();
        symlink("x", tree.join("link")).unwrap();
        let known = list(&tree).unwrap();
        copy_tree(&tree, &copy).unwrap();
        assert!(late_changes(known.items(), list(&copy).unwrap().items(), true).is_empty());
        fs::write(copy.join("a/file"), "xy").unwrap();
        assert_eq!(late_changes(known.items(), list(&copy).unwrap().items(), true).len(), 1);
    }
}

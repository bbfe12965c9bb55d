//! What an operation has left to do with its files once it is known whether it committed: the same for one that is
//! running and for one that was killed. Deciding is pure; `finish` and `undo` look at the disk, decide and apply.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::action::{Action, StepsDone, apply};
use super::layout::Place;
use super::trees::Trees;
use super::{Journal, Layout, StageError, assets, premises};
use crate::base::fs::{Attempt, FsError, TreeId};
use crate::model::Version;

/// What stands on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TreesOnDisk {
    /// At `plugins/<slug>/`.
    pub installed: Option<TreeId>,
    /// Where the new tree was put together.
    pub tree: Option<TreeId>,
    /// Snapshot.
    pub old_tree: Option<TreeId>,
    /// The backup is not published yet.
    pub backup_partial: bool,
    /// The kept package is not published yet.
    pub kept_partial: bool,
    /// Its SHA-256 file is not published yet.
    pub kept_checksum_partial: bool,
}

impl TreesOnDisk {
    /// Looks.
    pub fn of(layout: &Layout) -> Result<Self, StageError> {
        Ok(Self {
            installed: TreeId::of(&layout.installed())?,
            tree: TreeId::of(&layout.tree())?,
            old_tree: TreeId::of(&layout.old_tree())?,
            backup_partial: stands(layout, &layout.backup_partial())?,
            kept_partial: stands(layout, &layout.kept_partial())?,
            kept_checksum_partial: stands(layout, &layout.kept_checksum_partial())?,
        })
    }
}

fn stands(layout: &Layout, path: &Path) -> Result<bool, StageError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(fault) if fault.kind() == ErrorKind::NotFound => Ok(false),
        Err(fault) => {
            let owner = premises::owner(layout.root())?;
            let folder = path.parent().unwrap_or(path);
            Err(premises::explain(
                FsError::new(Attempt::Read, path, fault),
                folder,
                owner,
            ))
        }
    }
}

/// After the commit: publishes backup and package, removes the old tree, closes the journal. Can be repeated.
pub fn finish(journal: &Journal, layout: &Layout) -> Result<StepsDone, StageError> {
    end(journal, layout, true)
}

/// Without a commit: puts the old tree back, removes all that was made, closes the journal. Can be repeated.
pub fn undo(journal: &Journal, layout: &Layout) -> Result<StepsDone, StageError> {
    end(journal, layout, false)
}

/// What is served first: once the journal is closed nobody knows of it.
fn end(journal: &Journal, layout: &Layout, committed: bool) -> Result<StepsDone, StageError> {
    let trees = decide(journal, layout, &TreesOnDisk::of(layout)?, committed)?;
    let mut actions = match journal.assets() {
        Some(steps) => assets::decide(steps, layout, &assets::look_again(steps, layout)?, committed),
        None => Vec::new(),
    };
    actions.extend(trees);
    apply(&actions)
}

/// What is left to do. The last step closes the journal; what then stands in the staging folder is of no account.
///
/// # Errors
/// When the trees are not where any step of ours can have left them: then nothing may be removed.
pub fn decide(
    journal: &Journal,
    layout: &Layout,
    standing: &TreesOnDisk,
    committed: bool,
) -> Result<Vec<Action>, StageError> {
    let mut actions = Vec::new();
    if let Some(trees) = journal.trees {
        actions.extend(put_in_place(layout, standing, trees, committed)?);
    }
    if committed {
        actions.extend(publish(journal, layout, standing));
    } else if journal
        .trees
        .is_some_and(|trees| trees.new.is_some() && standing.tree.is_none_or(|tree| trees.knows(tree)))
    {
        // A tree that is none of ours is not kept beside the backups.
        actions.push(Action::DiscardBuilt {
            tree: layout.tree(),
            built: journal.built,
            to: layout.undone_tree(),
        });
    }
    actions.extend(remove(layout));
    if !committed {
        let folder = |path: &PathBuf| Action::RemoveEmptyFolder(layout.root().absolute(path));
        actions.extend(journal.created.iter().rev().map(folder));
    }
    if let Some(package) = journal.package.clone().filter(|_| committed) {
        let marker = layout.marker();
        actions.push(Action::Mark { marker, package });
    }
    if committed && journal.trees.is_some_and(|trees| trees.new.is_none()) {
        actions.extend([layout.marker(), layout.tree_facts()].map(Action::Discard));
    }
    actions.push(Action::CloseJournal(layout.journal()));
    Ok(actions)
}

/// Brings the tree that belongs there to `plugins/<slug>/`.
fn put_in_place(
    layout: &Layout,
    standing: &TreesOnDisk,
    trees: Trees,
    committed: bool,
) -> Result<Vec<Action>, StageError> {
    let mut actions = Vec::new();
    let mut found = standing.installed;
    // Its removal may have begun.
    if trees.copy.is_some() && found == trees.old {
        actions.push(Action::RemoveTree(layout.installed()));
        found = None;
    }
    let old = trees.copy.or(trees.old);
    let (wanted, unwanted) = if committed { (trees.new, old) } else { (old, trees.new) };
    if trees.new.is_none() {
        actions.extend(depart(layout, standing, (found, old), committed)?);
    } else if found != wanted {
        let untouched = !committed && standing.tree == trees.new;
        actions.extend(bring(layout, standing, (found, wanted, unwanted), untouched)?);
    }
    if !actions.is_empty() {
        let folders = [layout.plugins(), layout.container(), layout.backups()];
        actions.extend(folders.map(Action::SyncFolder));
    }
    Ok(actions)
}

/// The renames by which a departing tree goes, or comes back. A stranger that stands in its place is never ours to move.
fn depart(
    layout: &Layout,
    standing: &TreesOnDisk,
    (found, old): (Option<TreeId>, Option<TreeId>),
    committed: bool,
) -> Result<Vec<Action>, StageError> {
    let (installed, old_tree) = (layout.installed(), layout.old_tree());
    Ok(match found {
        _ if old.is_none() || (found == old && !committed) => Vec::new(),
        Some(_) if found == old => vec![Action::Rename {
            from: installed,
            to: old_tree,
        }],
        _ if committed => Vec::new(),
        None if standing.old_tree == old => vec![Action::Bring {
            from: old_tree,
            to: installed,
            keep: layout.undone_tree(),
        }],
        None => {
            return Err(StageError::TreeLost {
                installed,
                backup: layout.backup_partial(),
                staging: layout.staging(),
            });
        }
        Some(_) => {
            return Err(StageError::Unrecognized {
                installed,
                staging: layout.staging(),
            });
        }
    })
}

/// The renames by which the wanted tree takes the place of what was found. `untouched` says that the new tree was not
/// brought, or taken back.
fn bring(
    layout: &Layout,
    standing: &TreesOnDisk,
    (found, wanted, unwanted): (Option<TreeId>, Option<TreeId>, Option<TreeId>),
    untouched: bool,
) -> Result<Vec<Action>, StageError> {
    let (tree, installed, old_tree) = (layout.tree(), layout.installed(), layout.old_tree());
    let rename = |from: &Path, to: &Path| Action::Rename {
        from: from.to_owned(),
        to: to.to_owned(),
    };
    let bring = |from: &Path| Action::Bring {
        from: from.to_owned(),
        to: installed.clone(),
        keep: layout.undone_tree(),
    };
    Ok(match (found, wanted) {
        // A stranger stands where a first installation found nothing: it is not ours to remove.
        (Some(_), None) if found != unwanted => Vec::new(),
        (Some(_), None) => vec![rename(&installed, &tree)],
        // The site, or somebody, made the folder anew while the wanted tree stood aside: both are kept.
        (Some(_), wanted) if found != unwanted && [standing.tree, standing.old_tree].contains(&wanted) => {
            let from = if standing.tree == wanted { tree } else { old_tree };
            let keep = Action::Keep {
                from: installed.clone(),
                to: layout.undone_tree(),
            };
            vec![keep, bring(&from)]
        }
        // Somebody replaced the old folder before we did.
        (Some(_), _) if found != unwanted && untouched => Vec::new(),
        (Some(_), _) if found != unwanted => {
            return Err(StageError::Unrecognized {
                installed,
                staging: layout.staging(),
            });
        }
        (Some(_), wanted) if standing.tree == wanted => vec![Action::Exchange {
            one: tree,
            other: installed,
            spare: old_tree,
        }],
        (Some(_), wanted) if standing.old_tree == wanted => vec![rename(&installed, &tree), bring(&old_tree)],
        (None, wanted) if standing.tree == wanted => vec![bring(&tree)],
        (None, wanted) if standing.old_tree == wanted => vec![bring(&old_tree)],
        _ => {
            return Err(StageError::TreeLost {
                installed,
                backup: layout.backup_partial(),
                staging: layout.staging(),
            });
        }
    })
}

/// Gives what was kept its final name.
fn publish(journal: &Journal, layout: &Layout, standing: &TreesOnDisk) -> Vec<Action> {
    let mut actions = Vec::new();
    if let Some(version) = journal.kept.as_deref().and_then(|text| text.parse::<Version>().ok()) {
        let package = standing
            .kept_partial
            .then(|| (layout.kept_partial(), layout.kept_package(version)));
        let checksum = standing
            .kept_checksum_partial
            .then(|| (layout.kept_checksum_partial(), layout.kept_checksum(version)));
        actions.extend(package.map(|(from, to)| Action::PublishPackage { from, to }));
        actions.extend(checksum.map(|(from, to)| Action::Publish { from, to }));
        actions.push(Action::SyncFolder(layout.kept()));
    }
    if let Some(name) = &journal.backup {
        if standing.backup_partial {
            actions.push(Action::PublishBackup {
                from: layout.backup_partial(),
                to: layout.backups().join(name),
            });
        }
        actions.push(Action::SyncFolder(layout.backups()));
    }
    actions
}

/// Removes all that was put together, and the tree that does not belong. What was published is under another name now.
pub(super) fn remove(layout: &Layout) -> Vec<Action> {
    let mut actions = vec![
        Action::Discard(layout.backup_partial()),
        Action::Discard(layout.kept_partial()),
        Action::Discard(layout.kept_checksum_partial()),
        Action::Discard(layout.tree()),
        Action::Discard(layout.old_tree()),
    ];
    if layout.place() == Place::Plugins {
        actions.push(Action::Discard(layout.near_container()));
        actions.push(Action::RemoveEmptyFolder(layout.near_folder()));
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{GestorRoot, Slug};

    const NEW: u64 = 1;
    const OLD: u64 = 2;
    const STRANGER: u64 = 3;

    const COPY: u64 = 4;

    /// Installed, tree, aside.
    type Places = (u64, u64, u64);

    fn decided(places: Places, first: bool, copied: bool, committed: bool) -> Result<Vec<Action>, StageError> {
        let layout = Layout::new(GestorRoot::new("/g"), Slug::normalize("p").unwrap(), Place::Temp);
        let id = |number: u64| (number > 0).then(|| TreeId::fake(number));
        let standing = TreesOnDisk {
            installed: id(places.0),
            tree: id(places.1),
            old_tree: id(places.2),
            ..TreesOnDisk::default()
        };
        let trees = Trees {
            new: Some(TreeId::fake(NEW)),
            old: (!first).then(|| TreeId::fake(OLD)),
            copy: copied.then(|| TreeId::fake(COPY)),
        };
        put_in_place(&layout, &standing, trees, committed)
    }

    fn summary(places: Places, first: bool, copied: bool, committed: bool) -> String {
        let short = |path: &Path| match path.file_name().and_then(|name| name.to_str()) {
            Some("p") => "I".to_owned(),
            Some("tree") => "T".to_owned(),
            Some("old") => "A".to_owned(),
            other => format!("{other:?}"),
        };
        match decided(places, first, copied, committed) {
            Err(StageError::Unrecognized { .. }) => "unrecognized".to_owned(),
            Err(StageError::TreeLost { .. }) => "lost".to_owned(),
            Err(other) => other.to_string(),
            Ok(actions) => actions
                .iter()
                .filter_map(|action| match action {
                    Action::Exchange { one, other, spare } => {
                        Some(format!("{}<>{} spare {}", short(one), short(other), short(spare)))
                    }
                    Action::RemoveTree(path) => Some(format!("-{}", short(path))),
                    Action::Keep { from, .. } => Some(format!("{}>kept", short(from))),
                    Action::Bring { from, to, .. } | Action::Rename { from, to } => {
                        Some(format!("{}>{}", short(from), short(to)))
                    }
                    _ => None,
                })
                .collect::<Vec<_>>()
                .join(", "),
        }
    }

    #[test]
    fn every_standing_of_the_trees_has_an_answer() {
        for (places, first, committed, expected) in [
            // An update, before any rename, between two, after an exchange, after two.
            ((OLD, NEW, 0), false, false, ""),
            ((0, NEW, OLD), false, false, "A>I"),
            ((NEW, OLD, 0), false, false, "T<>I spare A"),
            ((NEW, 0, OLD), false, false, "I>T, A>I"),
            ((OLD, 0, 0), false, false, ""),
            ((0, OLD, 0), false, false, "T>I"),
            // The same, committed.
            ((NEW, OLD, 0), false, true, ""),
            ((NEW, 0, OLD), false, true, ""),
            ((NEW, 0, 0), false, true, ""),
            ((OLD, NEW, 0), false, true, "T<>I spare A"),
            ((0, NEW, OLD), false, true, "T>I"),
            // A first installation.
            ((0, NEW, 0), true, false, ""),
            ((NEW, 0, 0), true, false, "I>T"),
            ((0, 0, 0), true, false, ""),
            ((NEW, 0, 0), true, true, ""),
            ((0, NEW, 0), true, true, "T>I"),
            // Somebody's hands.
            ((STRANGER, NEW, 0), true, false, ""),
            ((STRANGER, NEW, 0), true, true, "I>kept, T>I"),
            ((STRANGER, NEW, 0), false, true, "I>kept, T>I"),
            ((STRANGER, NEW, 0), false, false, ""),
            ((STRANGER, NEW, OLD), false, false, "I>kept, A>I"),
            ((STRANGER, NEW, OLD), false, true, "I>kept, T>I"),
            ((STRANGER, 0, OLD), false, false, "I>kept, A>I"),
            ((STRANGER, OLD, 0), false, false, "I>kept, T>I"),
            ((STRANGER, 0, 0), false, false, "unrecognized"),
            ((STRANGER, OLD, 0), false, true, "unrecognized"),
            ((0, 0, 0), false, false, "lost"),
            ((0, 0, 0), false, true, "lost"),
            ((NEW, 0, 0), false, false, "lost"),
            ((OLD, 0, 0), false, true, "lost"),
        ] {
            assert_eq!(
                summary(places, first, false, committed),
                expected,
                "{places:?} first={first} committed={committed}"
            );
        }
    }

    #[test]
    fn a_copy_stands_for_what_cannot_be_renamed() {
        for (places, committed, expected) in [
            ((OLD, NEW, COPY), false, "-I, A>I"),
            ((0, NEW, COPY), false, "A>I"),
            ((NEW, 0, COPY), false, "I>T, A>I"),
            ((COPY, NEW, 0), false, ""),
            ((OLD, NEW, COPY), true, "-I, T>I"),
            ((0, NEW, COPY), true, "T>I"),
            ((NEW, 0, COPY), true, ""),
            ((NEW, 0, 0), true, ""),
            ((NEW, 0, 0), false, "lost"),
            ((OLD, NEW, 0), false, "lost"),
        ] {
            assert_eq!(
                summary(places, false, true, committed),
                expected,
                "{places:?} {committed}"
            );
        }
    }

    #[test]
    fn a_departing_tree_goes_or_comes_back() {
        let layout = Layout::new(GestorRoot::new("/g"), Slug::normalize("p").unwrap(), Place::Temp);
        let id = |number: u64| (number > 0).then(|| TreeId::fake(number));
        let answer = |places: (u64, u64), copied: bool, committed: bool| {
            let standing = TreesOnDisk {
                installed: id(places.0),
                old_tree: id(places.1),
                ..TreesOnDisk::default()
            };
            let trees = Trees {
                new: None,
                old: id(OLD),
                copy: id(if copied { COPY } else { 0 }),
            };
            let decided = put_in_place(&layout, &standing, trees, committed);
            let of = |action: &Action| match action {
                Action::Rename { .. } => Some("old_tree"),
                Action::Bring { .. } => Some("back"),
                Action::RemoveTree(_) => Some("remove"),
                _ => None,
            };
            match decided {
                Err(StageError::Unrecognized { .. }) => "unrecognized".to_owned(),
                Err(StageError::TreeLost { .. }) => "lost".to_owned(),
                Err(other) => other.to_string(),
                Ok(actions) => actions.iter().filter_map(of).collect::<Vec<_>>().join(", "),
            }
        };
        for (places, copied, committed, expected) in [
            ((OLD, 0), false, false, ""),
            ((OLD, 0), false, true, "old_tree"),
            ((0, OLD), false, false, "back"),
            ((0, OLD), false, true, ""),
            ((STRANGER, OLD), false, false, "unrecognized"),
            ((STRANGER, OLD), false, true, ""),
            ((STRANGER, 0), false, false, "unrecognized"),
            ((STRANGER, 0), false, true, ""),
            ((0, 0), false, false, "lost"),
            ((0, 0), false, true, ""),
            // A copy of a tree that cannot be renamed, whose removal may have begun.
            ((OLD, COPY), true, false, "remove, back"),
            ((OLD, COPY), true, true, "remove"),
            ((0, COPY), true, false, "back"),
            ((0, COPY), true, true, ""),
        ] {
            assert_eq!(
                answer(places, copied, committed),
                expected,
                "{places:?} {copied} {committed}"
            );
        }
    }
}

//! The tree that is to be replaced, where it is known of which package it was made and which of its files are untouched
//! (SPEC 7 §3): those that the new package brings again are taken over, and those that the kept package holds are not
//! packed again. Nothing that is not proved is left out: whatever was touched is read.

use std::collections::HashMap;
use std::io;

use super::compare::{Fingerprint, is_data};
use super::listing;
use super::ready::KeptBackup;
use super::recorded::Recorded;
use crate::archive::{ArchiveTree, EarlierFile, Member};
use crate::base::file_tree::FileTree;
use crate::base::fs::{Inventory, Item, ItemKind, Owner, Stamp};
use crate::model::Sha256Digest;
use crate::package::LocatedPackage;
use crate::stage::{Layout, TreeFacts};

/// A tree, the package of which it was made, and its files that stand as they were unpacked.
pub(super) struct EarlierTree {
    recorded: Recorded,
    kept: LocatedPackage,
    /// By path; with each, whether it is as a new one would be besides.
    standing: HashMap<String, (EarlierFile, bool)>,
}

impl EarlierTree {
    /// Looks for it; nothing where the package is not kept, or nothing is known of the tree.
    pub(super) fn find(layout: &Layout, owner: Owner, recorded: &Recorded, tree: &Inventory) -> Option<Self> {
        let mut facts = TreeFacts::read(layout, recorded.sha256())?.files;
        let kept = recorded.open(layout).ok()??;
        let standing = tree.items().iter().filter_map(|item| {
            let path = item.path.to_str()?;
            let (path, known) = facts.remove_entry(path)?;
            let standing = EarlierFile {
                stamp: Stamp::of_item(item).filter(|stamp| *stamp == known.stamp)?,
                sha256: known.sha256,
                is_executable: item.mode & 0o111 != 0,
            };
            Some((path, (standing, owner.is_settled(item))))
        });
        let standing = standing.collect();
        Some(Self {
            recorded: recorded.clone(),
            kept,
            standing,
        })
    }

    /// The files of its package.
    pub(super) fn files(&self) -> &ArchiveTree {
        self.kept.tree()
    }

    /// Its package, as a backup.
    pub(super) fn package(&self) -> KeptBackup {
        KeptBackup {
            package: self.recorded.clone(),
            path: self.kept.path().to_path_buf(),
            file: self.kept.archive().file(),
        }
    }

    /// A file that a new tree may have as well.
    pub(super) fn shareable(&self, path: &str) -> Option<EarlierFile> {
        let (standing, is_settled) = self.standing.get(path)?;
        is_settled.then_some(*standing)
    }

    /// Whether something that was listed stands as it was unpacked.
    pub(super) fn stands(&self, item: &Item) -> bool {
        let found = item.path.to_str().and_then(|path| self.standing.get(path));
        found.is_some_and(|(found, _)| Stamp::of_item(item) == Some(found.stamp))
    }

    /// Whether the tree holds what the package brought, and nothing else.
    pub(super) fn is_whole(&self, tree: &Inventory) -> bool {
        let mut folders = self.kept.archive().folders(self.kept.prefix());
        folders.retain(|path| !is_data(path));
        let mut files = self.members().count();
        let mut is_known = |item: &Item| match (item.kind, item.path.to_str()) {
            (ItemKind::Folder, Some(path)) => folders.remove(path),
            (_, Some(path)) => {
                files = files.saturating_sub(1);
                let member = self.kept.tree().member(path);
                let is_executable = item.mode & 0o111 != 0;
                self.stands(item) && member.is_some_and(|member| member.is_executable() == is_executable)
            }
            _ => false,
        };
        tree.items().iter().all(&mut is_known) && files == 0 && folders.is_empty()
    }

    /// Whether it is what unpacking this package now would make.
    pub(super) fn is_as_new(&self, tree: &Inventory, package: Sha256Digest, owner: Owner) -> bool {
        let is_settled = || tree.items().iter().all(|item| owner.is_settled(item)) && owner.has_settled(tree.handle());
        self.recorded.sha256() == package && self.is_whole(tree) && is_settled()
    }

    /// Its files as they are recorded.
    pub(super) fn listing(&self) -> io::Result<Vec<u8>> {
        let mut files: Vec<(&String, &EarlierFile)> =
            self.standing.iter().map(|(path, (found, _))| (path, found)).collect();
        files.sort_unstable_by_key(|(path, _)| *path);
        listing::deflate(
            files
                .iter()
                .map(|(path, found)| (found.sha256, found.stamp.size, path.as_str())),
        )
    }

    /// Size and CRC of each of its files, where it is whole.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        let print = |(path, member): (&String, &Member)| (path.as_bytes().into(), (member.size(), member.crc32()));
        self.members().map(print).collect()
    }

    /// What the package installs.
    fn members(&self) -> impl Iterator<Item = (&String, &Member)> {
        let installed = self.kept.tree().paths().iter().filter(|path| !is_data(path));
        installed.filter_map(|path| Some((path, self.kept.tree().member(path)?)))
    }
}

//! What is wanted of a plugin's published files, and what becomes of them: values, and what is told by looking at them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::record::AssetRecord;
use super::warning::AssetWarning;
use crate::base::file_tree::FileTree;
use crate::model::{Asset, Sha256Digest};

/// What a plugin is to publish.
pub struct WantedAssets<'t> {
    /// The version of the plugin.
    pub version: String,
    /// Where its files stand.
    pub tree: &'t dyn FileTree,
    /// Which of them, and where to.
    pub assets: Vec<Asset>,
}

/// A file that is to be published, and what it holds.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) asset: Asset,
    pub(super) sha256: Sha256Digest,
}

/// A file, or a folder that is published as a whole.
#[derive(Debug)]
pub(super) struct PlannedUnit {
    /// Below `assets/`.
    pub(super) path: String,
    /// What it will hold; nothing where it goes.
    pub(super) brings: Vec<Wanted>,
    /// Something of ours stands there.
    pub(super) replaces: bool,
}

/// What becomes of the published files of a plugin.
#[derive(Debug, Default)]
pub struct AssetPlan {
    pub(super) units: Vec<PlannedUnit>,
    /// Files of ours that somebody wrote to, and whatever he put among ours: kept elsewhere before it goes. Below `assets/`.
    pub(super) altered: BTreeSet<PathBuf>,
    /// What is recorded from then on.
    pub(super) next: AssetRecord,
    /// What was recorded before.
    pub(super) before: AssetRecord,
    /// Folders that are made for it, the outermost first; `''` is `assets/` itself.
    pub(super) created: Vec<String>,
    /// What is not as it should be of what is published already.
    pub damage: AssetDamage,
    /// What is to be told.
    pub warnings: Vec<AssetWarning>,
    /// Something is to be published, whether it could be or not.
    pub(super) wants: bool,
}

/// Published files that are not as they were published, by path below `assets/`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct AssetDamage {
    /// Nothing stands there.
    pub missing: Vec<String>,
    /// Something else is in them.
    pub altered: Vec<String>,
    /// Somebody put them among the plugin's.
    pub extra: Vec<String>,
}

impl AssetPlan {
    /// `assets/` itself is made.
    pub fn makes_the_folder_itself(&self) -> bool {
        self.created.iter().any(String::is_empty)
    }

    /// Folders that have nothing of ours any more are nobody's; and nothing is recorded where there is nothing to be said. That
    /// none of what is wanted could be published is.
    pub(super) fn forget_folders(&mut self) {
        let next = &mut self.next;
        if next.arquivos.is_empty() && !self.wants {
            *next = AssetRecord::default();
            return;
        }
        let mut folders = std::mem::take(&mut next.pastas);
        folders.retain(|folder| (folder.is_empty() && !next.arquivos.is_empty()) || next.has(folder));
        next.pastas = folders;
    }

    /// Neither files nor the record change.
    pub fn changes_nothing(&self) -> bool {
        self.units.is_empty() && self.next == self.before
    }
}

//! Which files of `assets/` are a plugin's: by path and SHA-256, so that what somebody else put there is never taken for
//! ours. The record stands beside the note of the package that the tree is made of.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::base::fs::{self as base, Attempt, FsError, Owner};
use crate::model::{GestorRoot, Sha256Digest, Slug};

/// Bytes of a record, and then some.
const LIMIT: u64 = 64 << 20;
/// The end of a record's name.
const ENDING: &str = ".assets";

/// A file that was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Published {
    pub(super) sha256: String,
    /// The version of the plugin that brought it last.
    pub(super) versao: String,
    /// By what browsers tell it from an earlier one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) marca: Option<String>,
    /// It belongs to a folder that is published as a whole: letters of that folder's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pasta: Option<usize>,
    /// It is to go, and stands as long as it could not be removed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) sai: bool,
}

/// What a plugin has published.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AssetRecord {
    /// The version that is installed.
    pub(super) atual: String,
    /// The one before it, whose folder stays for pages that browsers keep.
    #[serde(default)]
    pub(super) anterior: Option<String>,
    /// By path below `assets/`.
    pub(super) arquivos: BTreeMap<String, Published>,
    /// Folders that were made for them; `''` is `assets/` itself.
    #[serde(default)]
    pub(super) pastas: Vec<String>,
}

impl AssetRecord {
    /// That of a plugin; an empty one where there is none, or where somebody else can have written it.
    pub fn read(root: &GestorRoot, slug: &Slug, owner: Owner) -> Self {
        read(&root.assets_record(slug), owner).unwrap_or_default()
    }

    /// Whether something stands under each address that is the plugin's. What is there may have been changed.
    pub fn stands(&self, root: &GestorRoot) -> bool {
        let assets = root.assets();
        self.staying().all(|path| base::may_stand(&assets.join(path)))
    }

    /// There is nothing to record.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is to go.
    pub(super) fn going(&self) -> impl Iterator<Item = (&String, &Published)> {
        self.arquivos.iter().filter(|(_, file)| file.sai)
    }

    /// What stays published.
    pub(super) fn staying(&self) -> impl Iterator<Item = &String> {
        let staying = self.arquivos.iter().filter(|(_, file)| !file.sai);
        staying.map(|(path, _)| path)
    }

    /// Whether a file is published, and stays.
    pub(super) fn publishes(&self, path: &str) -> bool {
        self.arquivos.get(path).is_some_and(|file| !file.sai)
    }

    /// Puts it in the place of what was recorded; removes that where nothing is left of a plugin that is gone.
    pub(super) fn write(&self, root: &GestorRoot, slug: &Slug, owner: Owner) -> Result<(), FsError> {
        let path = root.assets_record(slug);
        if self.arquivos.is_empty() && self.atual.is_empty() {
            return base::remove_file(&path);
        }
        base::write_whole(&path, Some(owner), &self.bytes(&path)?)
    }

    /// Its text.
    pub(super) fn bytes(&self, path: &Path) -> Result<Vec<u8>, FsError> {
        serde_json::to_vec(self).map_err(|fault| FsError::new(Attempt::Write, path, io::Error::from(fault)))
    }

    /// Whether something is recorded under a path, or below it.
    pub(super) fn has(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let first = self.arquivos.range(path.to_owned()..).next();
        first.is_some_and(|(found, _)| found == path) || self.below(&below).next().is_some()
    }

    fn below<'r>(&'r self, folder: &'r str) -> impl Iterator<Item = (&'r String, &'r Published)> {
        let from = self.arquivos.range(folder.to_owned()..);
        from.take_while(move |(path, _)| path.starts_with(folder))
    }

    /// What is published in one step, each with its files.
    pub(super) fn units(&self) -> BTreeMap<String, Vec<(&String, &Published)>> {
        let mut units: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for (path, file) in &self.arquivos {
            let unit = file.pasta.and_then(|length| path.get(..length)).unwrap_or(path);
            units.entry(unit.to_owned()).or_default().push((path, file));
        }
        units
    }

    /// Whether a file is recorded as it stands.
    pub(super) fn knows(&self, path: &str, sha256: Sha256Digest) -> bool {
        self.arquivos
            .get(path)
            .is_some_and(|file| file.sha256 == sha256.to_string())
    }
}

fn read(path: &Path, owner: Owner) -> Option<AssetRecord> {
    let file = base::open_trusted(path, owner, true).ok()??;
    serde_json::from_slice(&base::read_all(file, path, LIMIT).ok()?).ok()
}

/// The plugin that has published under a path, where it is another one.
pub(super) fn other_with(root: &GestorRoot, slug: &Slug, owner: Owner, target: &str) -> Option<Slug> {
    let others = plugins(root).into_iter().filter(|other| other != slug);
    { others }.find(|other| AssetRecord::read(root, other, owner).has(target))
}

/// The folders that the others have made, and that stand for their files.
pub(super) fn folders_of_others(root: &GestorRoot, slug: &Slug, owner: Owner) -> Vec<String> {
    let others = plugins(root).into_iter().filter(|other| other != slug);
    others
        .flat_map(|other| AssetRecord::read(root, &other, owner).pastas)
        .collect()
}

/// The plugins that have a record.
pub(super) fn plugins(root: &GestorRoot) -> Vec<Slug> {
    let names = base::file_names(&root.plugins().join(".instalado")).unwrap_or_default();
    let slugs = names.iter().filter_map(|name| name.strip_suffix(ENDING));
    slugs
        .filter_map(|name| Slug::normalize(name).ok().filter(|slug| slug.as_str() == name))
        .collect()
}

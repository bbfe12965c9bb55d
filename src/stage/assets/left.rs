//! Published files that are to go and could not be removed. They stay recorded until they are gone, and whoever comes next
//! tries again: what is still served must not be forgotten.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::record::{AssetRecord, Published, other_with};
use crate::base::fs::{self as base, FsError, Owner};
use crate::base::hash::sha256_reader;
use crate::model::{GestorRoot, Slug};
use crate::stage::{StageError, premises};

/// Paths below `assets/` of a plugin's files that are to go and still stand.
pub fn left(root: &GestorRoot, slug: &Slug) -> Vec<String> {
    let Ok(site) = premises::owner(root) else {
        return Vec::new();
    };
    let record = AssetRecord::read(root, slug, site);
    let standing = record
        .going()
        .filter(|(path, file)| stands(&root.assets().join(path), file));
    standing.map(|(path, _)| path.clone()).collect()
}

/// The same as a report shows what is left to be done.
pub fn pending(root: &GestorRoot, slug: &Slug) -> Vec<Value> {
    let left = left(root, slug).into_iter();
    left.map(|path| json!({"passo": "despublicar", "arquivo": format!("assets/{path}")}))
        .collect()
}

/// Tries once more, before anything else is done. What still stands is told in the end.
pub fn try_again(root: &GestorRoot, slug: &Slug) {
    drop(sweep(root, slug));
}

/// The plugins of which such files are recorded.
pub fn plugins_with_left(root: &GestorRoot) -> Vec<Slug> {
    let slugs = super::record::plugins(root).into_iter();
    slugs.filter(|slug| !left(root, slug).is_empty()).collect()
}

/// Tries once more to remove them; gives what still stands. What somebody put in their place is his, and what another plugin
/// has published since is that one's.
pub(in crate::stage) fn sweep(root: &GestorRoot, slug: &Slug) -> Vec<(PathBuf, StageError)> {
    let (Ok(site), Ok(owner)) = (premises::owner(root), premises::assets_owner(root)) else {
        return Vec::new();
    };
    let mut record = AssetRecord::read(root, slug, site);
    let going: Vec<(String, Published)> = record
        .going()
        .map(|(path, file)| (path.clone(), file.clone()))
        .collect();
    let (mut left, mut emptied) = (Vec::new(), BTreeSet::new());
    for (target, file) in &going {
        let is_theirs = other_with(root, slug, site, target).is_some();
        let removed = if is_theirs {
            Ok(())
        } else {
            remove(root, owner, target, file)
        };
        match removed {
            Ok(()) => {
                record.arquivos.remove(target);
                emptied.extend(folders_of(target, file));
            }
            Err(reason) => left.push((root.assets().join(target), reason)),
        }
    }
    if going.is_empty() {
        return left;
    }
    let (stay, go): (Vec<_>, Vec<_>) = std::mem::take(&mut record.pastas).into_iter().partition(|folder| {
        let is_needed = record.has(folder);
        is_needed || (folder.is_empty() && !record.arquivos.is_empty())
    });
    record.pastas = stay;
    emptied.extend(go);
    remove_folders(root, &record, emptied);
    // Where it cannot be written, it is as it was, and they are looked for again.
    let _ = record.write(root, slug, site);
    left
}

/// Whether it is still the file that is to go.
fn stands(path: &Path, file: &Published) -> bool {
    let read = base::open_to_read(path, u64::MAX).map(sha256_reader);
    match read {
        Ok(Ok((digest, _))) => digest.to_string() == file.sha256,
        Err(FsError::Link { .. } | FsError::NotAFile { .. }) => false,
        Err(fault) => !fault.is_absent(),
        Ok(Err(_)) => true,
    }
}

fn remove(root: &GestorRoot, owner: Owner, target: &str, file: &Published) -> Result<(), StageError> {
    let path = root.assets().join(target);
    if !stands(&path, file) {
        return Ok(());
    }
    for (at, _) in target.match_indices('/') {
        base::trusted_folder(&root.assets().join(&target[..at]), owner)?;
    }
    let folder = path.parent().unwrap_or(&path);
    base::remove_file(&path).map_err(|fault| premises::explain(fault, folder, owner))
}

/// The folders of a folder that was published as a whole.
fn folders_of<'t>(target: &'t str, file: &Published) -> impl Iterator<Item = String> + use<'t> {
    let unit = file.pasta.unwrap_or(usize::MAX);
    let above = target.match_indices('/').map(|(at, _)| at);
    above.filter(move |at| *at >= unit).map(|at| target[..at].to_owned())
}

/// The innermost first; what somebody else put into one keeps it.
fn remove_folders(root: &GestorRoot, record: &AssetRecord, folders: BTreeSet<String>) {
    let mut folders: Vec<PathBuf> = folders
        .into_iter()
        .filter(|folder| folder.is_empty() || !record.has(folder))
        .map(|folder| match folder.as_str() {
            "" => root.assets(),
            below => root.assets().join(below),
        })
        .collect();
    folders.sort_by_key(|folder| std::cmp::Reverse(folder.as_os_str().len()));
    for folder in folders {
        let _ = base::remove_empty_folder(&folder);
    }
}

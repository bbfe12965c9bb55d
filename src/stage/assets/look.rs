//! What stands under an address in `assets/`, and whether it may be ours. Reads only.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::holders::{Holders, folded};
use super::record::AssetRecord;
use super::warning::AssetWarning;
use crate::base::fs::{self as base, Attempt, FsError, Inventory, ItemKind, Owner};
use crate::base::hash::sha256_reader;
use crate::model::{GestorRoot, Phrase, Sha256Digest, Slug};
use crate::stage::StageError;

/// What stands under an address.
#[derive(Debug)]
pub(super) enum Standing {
    /// Nothing, and it may be made.
    Free,
    /// A file, or a folder with what is in it.
    Files(Found),
    /// Something that is not ours to replace.
    Foreign(AssetWarning),
}

/// What is in a folder that is published as a whole, or a file.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// By their path below `assets/`, with what they hold.
    pub(super) files: BTreeMap<String, Sha256Digest>,
    /// What no plugin publishes: links, pipes, sockets, empty folders, names that are no UTF-8. Below `assets/`.
    pub(super) others: Vec<PathBuf>,
}

/// Where is looked, and whose what stands there must be.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    pub(super) root: &'p GestorRoot,
    pub(super) owner: Owner,
    pub(super) record: &'p AssetRecord,
    pub(super) slug: &'p Slug,
    pub(super) holders: &'p Holders,
}

impl Place<'_> {
    pub(super) fn absolute(&self, target: &str) -> PathBuf {
        self.root.assets().join(target)
    }

    /// Looks at a file's address, or a folder's.
    pub(super) fn look(&self, target: &str, is_folder: bool) -> Result<Standing, StageError> {
        if let Some(foreign) = self.way(target) {
            return Ok(Standing::Foreign(foreign));
        }
        let path = self.absolute(target);
        let taken = || {
            let (target, path) = (target.to_owned(), path.clone());
            Ok(Standing::Foreign(AssetWarning::Taken { target, path }))
        };
        match fs::symlink_metadata(&path) {
            Err(fault) if is_absent(&fault) => Ok(Standing::Free),
            Err(fault) => Err(FsError::new(Attempt::Read, &path, fault).into()),
            Ok(found) if found.is_file() && !is_folder => {
                let files = BTreeMap::from([(target.to_owned(), hash(&path)?)]);
                let others = Vec::new();
                Ok(Standing::Files(Found { files, others }))
            }
            Ok(found) if found.is_dir() && is_folder => match self.untrusted(target, &path) {
                Some(foreign) => Ok(Standing::Foreign(foreign)),
                None => Ok(Standing::Files(self.list(&path, target)?)),
            },
            Ok(_) => taken(),
        }
    }

    /// All that is in a folder. A folder in which a file of ours stood is nobody else's.
    fn list(&self, folder: &Path, target: &str) -> Result<Found, FsError> {
        let inventory = Inventory::of(folder)?;
        let mut found = Found::default();
        let mut items = inventory.items().iter().peekable();
        while let Some(item) = items.next() {
            let path = Path::new(target).join(&item.path);
            // What is in a folder follows it.
            let is_empty = items.peek().is_none_or(|next| !next.path.starts_with(&item.path));
            match (item.kind, path.to_str()) {
                (ItemKind::Folder, Some(text)) if !is_empty || self.record.has(text) => {}
                (ItemKind::Folder, None) if !is_empty => {}
                (ItemKind::File, Some(text)) => {
                    let read = inventory.open(item).and_then(sha256_reader);
                    let read = read.map_err(|fault| FsError::new(Attempt::Read, inventory.place(item), fault));
                    found.files.insert(text.to_owned(), read?.0);
                }
                _ => found.others.push(path),
            }
        }
        Ok(found)
    }

    /// What is on the way to a target that cannot be passed: a link, a file, a stranger's folder, a name that differs in
    /// the case of letters, or in how Unicode writes them, alone.
    fn way(&self, target: &str) -> Option<AssetWarning> {
        let (mut walked, parts) = (String::new(), target.split('/'));
        for part in parts {
            let folder = self.absolute(&walked);
            if !walked.is_empty() {
                walked.push('/');
            }
            walked.push_str(part);
            let path = folder.join(part);
            if fs::symlink_metadata(&path).is_err() {
                return self.twin(&folder, part, target);
            }
            if walked.len() < target.len()
                && let Some(foreign) = self.untrusted(target, &path)
            {
                return Some(foreign);
            }
        }
        None
    }

    fn untrusted(&self, target: &str, folder: &Path) -> Option<AssetWarning> {
        let target = target.to_owned();
        match base::trusted_folder(folder, self.owner) {
            Ok(true) => None,
            Ok(false) => Some(AssetWarning::Taken {
                target,
                path: folder.to_owned(),
            }),
            Err(fault) => Some(AssetWarning::NoWay {
                target,
                reason: Phrase::of(&fault),
            }),
        }
    }

    /// On many a file system it would be the same name.
    fn twin(&self, folder: &Path, name: &str, target: &str) -> Option<AssetWarning> {
        let one_form = folded(name);
        let entries = fs::read_dir(folder).ok()?;
        let is_twin = |found: &str| found != name && folded(found) == one_form;
        let twin = entries
            .flatten()
            .find(|entry| is_twin(&entry.file_name().to_string_lossy()))?
            .path();
        let below = twin.strip_prefix(self.root.assets()).ok()?.to_str()?.to_owned();
        let is_left = self.record.has(&below) || self.holders.gives_up(self.slug, &below);
        (!is_left).then(|| AssetWarning::Taken {
            target: target.to_owned(),
            path: twin,
        })
    }

    /// What answers under an address although `assets/` has nothing there: the gestor looks into its own modules first, and
    /// into what users uploaded afterwards.
    pub(super) fn answers_elsewhere(&self, target: &str) -> Option<AssetWarning> {
        let uploaded = self.root.as_path().join("contents").join(target);
        let of_module = module_file(target).map(|path| self.root.as_path().join("modulos").join(path));
        let found = [Some(uploaded), of_module].into_iter().flatten();
        let path = found.into_iter().find(|path| fs::symlink_metadata(path).is_ok())?;
        let target = target.to_owned();
        Some(AssetWarning::Taken { target, path })
    }
}

/// The file of one of the gestor's own modules that has the address of a target: `<m>/css.css` is `<m>/<m>.css`.
fn module_file(target: &str) -> Option<String> {
    let (module, file) = target.split_once('/').filter(|(_, file)| !file.contains('/'))?;
    let (name, ending) = file.rsplit_once('.')?;
    match ending {
        "js" | "css" if name == ending => Some(format!("{module}/{module}.{ending}")),
        "js" | "css" => Some(format!("{module}/{module}.{file}")),
        _ => None,
    }
}

fn is_absent(fault: &std::io::Error) -> bool {
    matches!(
        fault.kind(),
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
    )
}

fn hash(path: &Path) -> Result<Sha256Digest, FsError> {
    let file = base::open_to_read(path, u64::MAX)?;
    let read = sha256_reader(file).map_err(|fault| FsError::new(Attempt::Read, path, fault));
    Ok(read?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gestors_own_modules_answer_first() {
        for (target, file) in [
            ("m/css.css", Some("m/m.css")),
            ("m/js.js", Some("m/m.js")),
            ("m/list.js", Some("m/m.list.js")),
            ("m/js.css", Some("m/m.js.css")),
            ("p/m/js.js", None),
            ("m/a.svg", None),
        ] {
            assert_eq!(module_file(target).as_deref(), file, "{target}");
        }
    }
}

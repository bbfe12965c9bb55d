//! Reads and writes `backups/plugins/bases.json`. One process after the other changes it, and replaces it whole.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Bases;
use crate::base::fs::{self as base, Attempt, FileId, FsError, Holder};
use crate::model::{GestorRoot, Phrase};
use crate::stage::{StageError, list_file, premises};

const FORMAT: u32 = 1;
/// Bytes of a list, and then some.
const LIMIT: u64 = 4 << 20;

/// The file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Form {
    formato: u32,
    /// The folder `plugins/` that it tells of.
    pasta: Option<Folder>,
    #[serde(flatten)]
    list: Bases,
}

/// A folder, by what a copy does not keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Folder {
    dispositivo: u64,
    inode: u64,
}

/// Why a list that stands there does not count.
#[derive(Debug)]
pub enum BasesNotice {
    /// It tells of another folder: this one is a copy, or was moved to another volume.
    OtherFolder {
        /// The list.
        path: PathBuf,
    },
    /// It cannot be read, or no list of ours is like that.
    Damaged {
        /// The list.
        path: PathBuf,
        /// What is wrong with it.
        reason: Phrase,
    },
    /// A stranger can have written it.
    Distrusted(FsError),
}

/// The list of a gestor, and why one that stands there does not count. Makes nothing.
pub fn read(root: &GestorRoot) -> (Bases, Option<BasesNotice>) {
    let path = root.bases();
    let bytes = match open(root, &path) {
        Ok(None) => return (Bases::default(), None),
        Ok(Some(bytes)) => bytes,
        Err(fault) => return (Bases::default(), Some(BasesNotice::Distrusted(fault))),
    };
    let form: Form = match serde_json::from_slice(&bytes) {
        Ok(form) => form,
        Err(fault) => return damaged(path, Phrase::of_others(fault.to_string())),
    };
    if form.formato != FORMAT {
        return damaged(path, Phrase::of_others(format!("formato {}", form.formato)));
    }
    if form.pasta.is_none() || form.pasta != folder(root) {
        return (Bases::default(), Some(BasesNotice::OtherFolder { path }));
    }
    (form.list, None)
}

fn damaged(path: PathBuf, reason: Phrase) -> (Bases, Option<BasesNotice>) {
    (Bases::default(), Some(BasesNotice::Damaged { path, reason }))
}

fn folder(root: &GestorRoot) -> Option<Folder> {
    let (dispositivo, inode) = FileId::of(&root.plugins())?.numbers();
    Some(Folder { dispositivo, inode })
}

/// The list makes us refuse and warn: one that a stranger can have written, or that stands in a folder of his, does not
/// count.
fn open(root: &GestorRoot, path: &Path) -> Result<Option<Vec<u8>>, FsError> {
    let Ok(owner) = premises::kept_owner(root) else {
        return Ok(None);
    };
    if fs::symlink_metadata(path).is_err() {
        return Ok(None);
    }
    let Some(file) = base::open_trusted(path, owner, true)? else {
        return Ok(None);
    };
    base::read_all(file, path, LIMIT).map(Some)
}

/// Changes the list, under its lock: it is read, changed, and replaced whole; not touched where nothing changed. One that
/// does not count is set aside under another name, and begun anew.
pub fn change<T>(root: &GestorRoot, holder: &Holder, change: impl FnOnce(&mut Bases) -> T) -> Result<T, StageError> {
    let _lock = list_file::lock(root, &root.bases_lock(), holder)?;
    let (before, notice) = read(root);
    let mut list = before.clone();
    let done = change(&mut list);
    if list == before && notice.is_none() {
        return Ok(done);
    }
    let is_refused = matches!(notice, Some(BasesNotice::Damaged { .. } | BasesNotice::Distrusted(_)));
    let path = root.bases();
    list_file::replace(root, &path, &bytes_of(root, &path, list)?, is_refused)?;
    Ok(done)
}

fn bytes_of(root: &GestorRoot, path: &Path, list: Bases) -> Result<Vec<u8>, FsError> {
    let form = Form {
        formato: FORMAT,
        pasta: folder(root),
        list,
    };
    serde_json::to_vec_pretty(&form).map_err(|fault| FsError::new(Attempt::Write, path, std::io::Error::from(fault)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::super::Here;
    use super::*;

    fn holder() -> Holder {
        Holder::this_process(String::new())
    }

    fn gestor() -> (tempfile::TempDir, GestorRoot) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("plugins")).unwrap();
        let root = GestorRoot::new(folder.path());
        (folder, root)
    }

    fn here(name: &str) -> Here {
        Here {
            identity: Some((name.to_owned(), name.to_owned())),
            name: name.to_owned(),
            domains: Vec::new(),
        }
    }

    #[test]
    fn what_is_written_is_read_and_not_touched_without_need() {
        let (_folder, root) = gestor();
        assert!(read(&root).1.is_none() && !root.bases().exists());
        change(&root, &holder(), |_| ()).unwrap();
        assert!(!root.bases().exists(), "an empty list needs no file");
        change(&root, &holder(), |list| list.settle(&here("a"))).unwrap();
        let (list, notice) = read(&root);
        assert!(notice.is_none() && list.of(&here("a")).is_some());
        let before = FileId::of(&root.bases());
        change(&root, &holder(), |_| ()).unwrap();
        assert_eq!(FileId::of(&root.bases()), before);
    }

    #[test]
    fn a_copied_tree_begins_anew() {
        let (folder, root) = gestor();
        change(&root, &holder(), |list| list.settle(&here("a"))).unwrap();
        fs::rename(root.plugins(), folder.path().join("old")).unwrap();
        fs::create_dir(root.plugins()).unwrap();
        let (list, notice) = read(&root);
        assert!(list.is_empty() && matches!(notice, Some(BasesNotice::OtherFolder { .. })));
        change(&root, &holder(), |list| list.settle(&here("b"))).unwrap();
        let (list, notice) = read(&root);
        assert!(notice.is_none() && list.of(&here("a")).is_none() && list.of(&here("b")).is_some());
    }

    #[test]
    fn what_is_damaged_or_a_strangers_does_not_count_and_is_kept_aside() {
        let (_folder, root) = gestor();
        for (text, mode) in [("{", 0o600), ("{\"formato\": 9}", 0o600), ("[]", 0o600), ("{}", 0o666)] {
            change(&root, &holder(), |list| list.settle(&here("a"))).unwrap();
            fs::write(root.bases(), text).unwrap();
            fs::set_permissions(root.bases(), fs::Permissions::from_mode(mode)).unwrap();
            let (list, notice) = read(&root);
            assert!(list.is_empty(), "{text}");
            let is_damage = matches!(notice, Some(BasesNotice::Damaged { .. }));
            let is_distrust = matches!(notice, Some(BasesNotice::Distrusted(_)));
            assert_eq!(
                (is_damage, is_distrust),
                (mode == 0o600, mode == 0o666),
                "{text}: {notice:?}"
            );
            change(&root, &holder(), |list| list.settle(&here("b"))).unwrap();
            assert!(read(&root).0.of(&here("b")).is_some(), "{text}");
            let aside = root.bases().with_file_name("bases.json.recusado");
            assert_eq!(fs::read_to_string(aside).unwrap(), text);
        }
        fs::remove_file(root.bases()).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", root.bases()).unwrap();
        assert!(matches!(read(&root).1, Some(BasesNotice::Distrusted(_))));
        change(&root, &holder(), |list| list.settle(&here("b"))).unwrap();
        assert!(read(&root).1.is_none());
    }
}

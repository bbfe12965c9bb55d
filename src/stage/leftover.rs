//! What could not be removed (somebody else's files, an immutable one, a mount): it gets a name of its own, so that it
//! is never in the way of a later operation, and is told for as long as it stands.

use std::path::{Path, PathBuf};

use nix::dir::Dir;

use super::{StageError, assets, premises};
use crate::base::fs::{self as base, FsError};
use crate::model::{GestorRoot, Slug};

/// Names that are tried; who has as many leftovers has other worries.
const MOST: u32 = 10_000;

/// Something that stands and should not.
#[derive(Debug)]
pub struct Leftover {
    /// Where.
    pub path: PathBuf,
    /// Why it could not be removed.
    pub reason: StageError,
}

/// Removes a tree; what cannot be removed is renamed beside it, which needs no right on the tree itself.
pub(super) fn remove_or_rename(path: &Path, slug: &Slug) -> Result<(), FsError> {
    removed_or_renamed(path, slug).map(drop)
}

/// The same in `assets/`, where all that can be read is served: what is renamed there is closed to everybody.
pub(super) fn remove_or_close(path: &Path, slug: &Slug) -> Result<(), FsError> {
    match removed_or_renamed(path, slug)? {
        Some(left) => base::close_folder(&left),
        None => Ok(()),
    }
}

/// The new name of what could not be removed.
fn removed_or_renamed(path: &Path, slug: &Slug) -> Result<Option<PathBuf>, FsError> {
    let Err(fault) = base::remove_tree(path) else {
        return Ok(None);
    };
    for number in 1..MOST {
        let name = path.with_file_name(format!(".leftover-{slug}-{number}"));
        match base::rename_no_replace(path, &name) {
            Ok(()) => return Ok(Some(name)),
            Err(FsError::Exists { .. }) => {}
            Err(_) => break,
        }
    }
    Err(fault)
}

/// Tries once more to remove what earlier operations on a plugin left; gives what still stands. What a stranger put there
/// is told, and stays.
pub fn sweep(root: &GestorRoot, slug: &Slug) -> Vec<Leftover> {
    let (work, near, served) = (root.work(), root.near_staging(slug), root.assets_staging(slug));
    let folders = [near.parent(), served.parent()].into_iter().flatten();
    let found = [work.as_path()].into_iter().chain(folders.clone());
    let found = found.flat_map(|folder| named(folder, slug));
    let standing = found.filter_map(|path| {
        let reason = remove_ours(root, &path).err()?;
        Some(Leftover { path, reason })
    });
    let mut standing: Vec<Leftover> = standing.collect();
    for folder in folders {
        let _ = base::remove_empty_folder(folder);
    }
    let served = assets::sweep(root, slug).into_iter();
    standing.extend(served.map(|(path, reason)| Leftover { path, reason }));
    standing
}

fn remove_ours(root: &GestorRoot, path: &Path) -> Result<(), StageError> {
    if path.starts_with(root.assets()) {
        let owner = premises::assets_owner(root)?;
        let _ = base::open_folder_up(path);
        base::trusted_folder(path, owner)?;
        return base::remove_tree(path).map_err(|fault| {
            let _ = base::close_folder(path);
            fault.into()
        });
    }
    let is_shared = path.parent() == Some(root.work().as_path());
    let owner = if is_shared {
        premises::work_owner(root)?
    } else {
        premises::owner(root)?
    };
    base::trusted_folder(path, owner)?;
    Ok(base::remove_tree(path)?)
}

fn named(folder: &Path, slug: &Slug) -> Vec<PathBuf> {
    let prefix = format!(".leftover-{slug}-");
    let is_ours = |name: &str| {
        name.strip_prefix(&prefix)
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let listing = base::open_folder(folder)
        .ok()
        .and_then(|open| Dir::from_fd(open.into()).ok());
    let entries = listing.into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| {
            entry
                .file_name()
                .to_str()
                .ok()
                .filter(|name| is_ours(name))
                .map(|name| folder.join(name))
        })
        .collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn leftovers_are_those_of_one_plugin() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            ".leftover-a-1",
            ".leftover-a-12",
            ".leftover-a-1-1",
            ".leftover-a-",
            "a",
            ".leftover-a-x",
        ] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let slug = |name: &str| Slug::normalize(name).unwrap();
        let names = |slug_name: &str| -> Vec<String> {
            let found = named(folder.path(), &slug(slug_name));
            found
                .iter()
                .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
                .collect()
        };
        assert_eq!(names("a"), [".leftover-a-1", ".leftover-a-12"]);
        assert_eq!(names("a-1"), [".leftover-a-1-1"]);
        assert!(names("b").is_empty());
    }

    #[test]
    fn what_can_be_removed_is() {
        let folder = tempfile::tempdir().unwrap();
        let root = GestorRoot::new(folder.path());
        let slug = Slug::normalize("p").unwrap();
        fs::create_dir_all(root.work().join(".leftover-p-1/x")).unwrap();
        fs::create_dir_all(folder.path().join("plugins/.staging/.leftover-p-2")).unwrap();
        assert!(sweep(&root, &slug).is_empty());
        assert_eq!(fs::read_dir(root.work()).unwrap().count(), 0);
        assert!(!folder.path().join("plugins/.staging").exists());
        fs::create_dir_all(root.staging(&slug).join("tree")).unwrap();
        remove_or_rename(&root.staging(&slug), &slug).unwrap();
        assert_eq!(fs::read_dir(root.work()).unwrap().count(), 0);
    }
}

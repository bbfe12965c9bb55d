//! A folder as a [`FileTree`]. Links are not followed; what is no ordinary file is listed and left out.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;

use super::walk::{Entry, Folder, Visitor, as_path, walk_open};
use super::{FsError, open_folder};
use crate::base::file_tree::FileTree;

/// The ordinary files of a folder, as they stood when it was opened.
#[derive(Debug)]
pub struct FolderTree {
    root: File,
    paths: Vec<String>,
    skipped: Vec<PathBuf>,
}

impl FolderTree {
    /// Lists a folder by its real path: neither it nor a folder above or below may be a link.
    pub fn open(folder: &Path) -> Result<Self, FsError> {
        let root = open_folder(folder)?;
        let listing = Listing::default();
        walk_open(&root, folder, &listing)?;
        let ListedPaths { mut paths, mut skipped } = listing.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        paths.sort_unstable();
        skipped.sort_unstable();
        Ok(Self { root, paths, skipped })
    }

    /// Links, sockets, devices, and names that are no UTF-8: below the folder, sorted.
    pub fn skipped(&self) -> &[PathBuf] {
        &self.skipped
    }
}

impl FileTree for FolderTree {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn open(&self, path: &str) -> io::Result<Option<Box<dyn Read + Send + '_>>> {
        if !self.contains(path) {
            return Ok(None);
        }
        match open_below(&self.root, path) {
            Ok(file) => Ok(Some(Box::new(file))),
            Err(Errno::ENOENT) => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }
}

/// Opens part by part, so that no part can be a link.
fn open_below(root: &File, path: &str) -> nix::Result<File> {
    let base = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let (folders, name) = path
        .rsplit_once('/')
        .map_or((None, path), |(above, name)| (Some(above), name));
    let mut above: Option<OwnedFd> = None;
    for part in folders.into_iter().flat_map(|folders| folders.split('/')) {
        above = Some(match &above {
            Some(above) => openat(above, part, base | OFlag::O_DIRECTORY, Mode::empty())?,
            None => openat(root, part, base | OFlag::O_DIRECTORY, Mode::empty())?,
        });
    }
    let file = match &above {
        Some(above) => openat(above, name, base | OFlag::O_NONBLOCK, Mode::empty())?,
        None => openat(root, name, base | OFlag::O_NONBLOCK, Mode::empty())?,
    };
    Ok(file.into())
}

#[derive(Debug, Default)]
struct ListedPaths {
    paths: Vec<String>,
    skipped: Vec<PathBuf>,
}

#[derive(Debug, Default)]
struct Listing(Mutex<ListedPaths>);

impl Visitor for Listing {
    fn enter(&self, folder: &Folder, others: &[Entry]) -> Result<(), FsError> {
        let above = folder.relative_path();
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for Entry { name, is_file } in others {
            let path = above.join(as_path(name));
            match path.to_str() {
                Some(text) if *is_file => found.paths.push(text.to_owned()),
                _ => found.skipped.push(path),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn files_are_listed_and_links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let tree = folder.path().canonicalize().unwrap().join("tree");
        fs::create_dir_all(tree.join("db/data")).unwrap();
        fs::write(tree.join("db/data/A.json"), "[]").unwrap();
        fs::write(tree.join("manifest.json"), "{}").unwrap();
        fs::write(folder.path().join("secret"), "s").unwrap();
        symlink("../secret", tree.join("leak")).unwrap();
        symlink("..", tree.join("up")).unwrap();
        let opened = FolderTree::open(&tree).unwrap();
        assert_eq!(opened.paths(), ["db/data/A.json", "manifest.json"]);
        assert_eq!(opened.skipped(), [PathBuf::from("leak"), PathBuf::from("up")]);
        assert_eq!(opened.read("db/data/A.json").unwrap().unwrap(), b"[]");
        for absent in ["leak", "up/secret", "../secret", "db", ""] {
            assert!(opened.read(absent).unwrap().is_none(), "{absent:?}");
        }
        fs::remove_file(tree.join("manifest.json")).unwrap();
        symlink("../secret", tree.join("manifest.json")).unwrap();
        assert!(opened.read("manifest.json").is_err());
        fs::rename(tree.join("db"), folder.path().join("db")).unwrap();
        symlink("../db", tree.join("db")).unwrap();
        assert!(opened.read("db/data/A.json").is_err());
        assert!(FolderTree::open(&folder.path().join("none")).is_err());
    }
}

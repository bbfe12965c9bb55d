//! Removal of files and trees, by folder handles, never through a link. What is gone already is no fault.

use std::ffi::CStr;
use std::path::Path;

use nix::errno::Errno;
use nix::sys::stat::{Mode, SFlag, fchmod};
use nix::unistd::{UnlinkatFlags, unlinkat};

use super::mounts::{Reach, refuse_mounts};
use super::walk::{Entry, Folder, Visitor, walk};
use super::way::{Way, facts, kind};
use super::{Attempt, FsError};

/// Removes whatever stands under a path: a tree on two threads, a file or a link as it is. Nothing is removed of a tree
/// with a mount in it.
pub fn remove_tree(path: &Path) -> Result<(), FsError> {
    match facts(path)? {
        None => Ok(()),
        Some(found) if kind(&found) != SFlag::S_IFDIR => remove_file(path),
        Some(_) => {
            refuse_mounts(path, Reach::Itself)?;
            walk(path, &Removal)?;
            remove(path, UnlinkatFlags::RemoveDir)
        }
    }
}

/// Removes a file or a link.
pub fn remove_file(path: &Path) -> Result<(), FsError> {
    remove(path, UnlinkatFlags::NoRemoveDir)
}

/// Removes a folder if nothing is in it.
pub fn remove_empty_folder(path: &Path) -> Result<(), FsError> {
    match remove(path, UnlinkatFlags::RemoveDir) {
        Err(fault) if fault.is_not_empty() => Ok(()),
        done => done,
    }
}

/// A file system that is read-only refuses even to remove what is not there.
fn remove(path: &Path, what: UnlinkatFlags) -> Result<(), FsError> {
    let way = match Way::to(path, Attempt::Remove) {
        Err(fault) if fault.is_absent() => return Ok(()),
        way => way?,
    };
    match unlinkat(&way.folder, way.name(), what) {
        Ok(()) | Err(Errno::ENOENT) => Ok(()),
        Err(_) if way.facts() == Err(Errno::ENOENT) => Ok(()),
        Err(fault) => Err(FsError::new(Attempt::Remove, path, fault)),
    }
}

pub(super) struct Removal;

impl Removal {
    /// Removes what is no folder from an open one.
    pub(super) fn remove(folder: &Folder, name: &CStr) -> Result<(), FsError> {
        let remove = || unlinkat(&folder.handle, name, UnlinkatFlags::NoRemoveDir);
        let mut removed = remove();
        if removed == Err(Errno::EACCES) && fchmod(&folder.handle, Mode::S_IRWXU).is_ok() {
            removed = remove();
        }
        match removed {
            Ok(()) | Err(Errno::ENOENT) => Ok(()),
            Err(fault) => Err(folder.fault(Attempt::Remove, name, fault)),
        }
    }
}

impl Visitor for Removal {
    fn enter(&self, folder: &Folder, others: &[Entry]) -> Result<(), FsError> {
        others.iter().try_for_each(|entry| Self::remove(folder, &entry.name))
    }

    fn leave(&self, folder: &Folder) -> Result<(), FsError> {
        let Some((parent, name)) = folder.place() else {
            return Ok(());
        };
        match unlinkat(&parent.handle, name.as_c_str(), UnlinkatFlags::RemoveDir) {
            Ok(()) | Err(Errno::ENOENT) => Ok(()),
            Err(fault) => Err(parent.fault(Attempt::Remove, name, fault)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::time::Instant;

    use super::*;

    #[test]
    fn links_are_removed_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (tree, outside) = (folder.path().join("tree"), folder.path().join("outside"));
        fs::create_dir_all(tree.join("a/b")).unwrap();
        fs::create_dir_all(outside.join("kept")).unwrap();
        fs::write(outside.join("kept/file"), "x").unwrap();
        symlink(&outside, tree.join("a/link")).unwrap();
        symlink(outside.join("kept/file"), tree.join("a/b/file")).unwrap();
        symlink("nowhere", tree.join("broken")).unwrap();
        remove_tree(&tree).unwrap();
        assert!(!tree.exists());
        assert!(outside.join("kept/file").exists());
        let root_link = folder.path().join("root");
        symlink(&outside, &root_link).unwrap();
        remove_tree(&root_link).unwrap();
        assert!(fs::symlink_metadata(&root_link).is_err() && outside.join("kept/file").exists());
        remove_tree(&tree).unwrap();
    }

    #[test]
    fn wide_and_deep_trees_go() {
        let folder = tempfile::tempdir().unwrap();
        let tree = folder.path().join("tree");
        for number in 0..1500 {
            fs::create_dir_all(tree.join(format!("wide/{number}/x"))).unwrap();
        }
        let deep = (0..150).fold(tree.join("deep"), |path, _| path.join("d"));
        fs::create_dir_all(&deep).unwrap();
        for number in 0..2000 {
            fs::write(tree.join(format!("wide/{}/{number}", number % 700)), "x").unwrap();
        }
        let started = Instant::now();
        remove_tree(&tree).unwrap();
        println!("removed in {:?}", started.elapsed());
        assert!(!tree.exists());
    }

    #[test]
    fn only_empty_folders_are_removed_as_such() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        remove_empty_folder(&folder.path().join("a")).unwrap();
        assert!(folder.path().join("a/b").exists());
        remove_empty_folder(&folder.path().join("a/b")).unwrap();
        remove_empty_folder(&folder.path().join("a/b")).unwrap();
        assert!(!folder.path().join("a/b").exists());
        assert!(remove_file(&folder.path().join("a")).is_err());
    }
}

//! Removal of a tree whose files have a second name in another: what those are once they have that name alone.

use std::ffi::CString;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use nix::fcntl::{AtFlags, OFlag, OpenHow, ResolveFlag, openat2};
use nix::sys::stat::fstatat;

use super::mounts::{Reach, refuse_mounts};
use super::remove::Removal;
use super::walk::{Entry, Folder, Visitor, as_path, walk};
use super::{FsError, Stamp, open_folder};

/// What a file has to be for its second name to say of it what the first one did; nothing of one that has only one.
pub type SharedFiles<'s> = dyn Fn(&Path) -> Option<Stamp> + Sync + 's;

/// Removes all that stands in a tree. Gives the files of another one that had a second name there, and were untouched to
/// the last, as they are without it.
pub fn remove_shared(tree: &Path, other: &Path, shared: &SharedFiles<'_>) -> Result<Vec<(PathBuf, Stamp)>, FsError> {
    refuse_mounts(tree, Reach::Itself)?;
    let parting = Parting {
        other: open_folder(other)?,
        shared,
        parted: Mutex::default(),
    };
    walk(tree, &parting)?;
    Ok(parting.parted.into_inner().unwrap_or_else(PoisonError::into_inner))
}

struct Parting<'s> {
    other: File,
    shared: &'s SharedFiles<'s>,
    parted: Mutex<Vec<(PathBuf, Stamp)>>,
}

impl Visitor for Parting<'_> {
    fn enter(&self, folder: &Folder, others: &[Entry]) -> Result<(), FsError> {
        let above = folder.relative_path();
        let (mut twin, mut parted) = (None, Vec::new());
        for Entry { name, .. } in others {
            let path = above.join(as_path(name));
            let expected = (self.shared)(&path).filter(|expected| look(&folder.handle, name) == Some((*expected, 2)));
            Removal::remove(folder, name)?;
            let Some(expected) = expected else { continue };
            let twin = twin.get_or_insert_with(|| self.twin(&above)).as_ref();
            let now = twin.and_then(|twin| look(twin, name));
            parted.extend(
                now.filter(|(now, names)| *names == 1 && now.is_but_for_names(expected))
                    .map(|(now, _)| (path, now)),
            );
        }
        let mut all = self.parted.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(parted);
        Ok(())
    }

    fn leave(&self, folder: &Folder) -> Result<(), FsError> {
        Removal.leave(folder)
    }
}

impl Parting<'_> {
    /// The folder of the other tree, reached through no link. A system that cannot promise that has none.
    fn twin(&self, path: &Path) -> Option<OwnedFd> {
        let path = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        };
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let resolve = ResolveFlag::RESOLVE_NO_SYMLINKS | ResolveFlag::RESOLVE_NO_XDEV;
        openat2(&self.other, path, OpenHow::new().flags(flags).resolve(resolve)).ok()
    }
}

/// What a file is, and how many names it has.
fn look(folder: &OwnedFd, name: &CString) -> Option<(Stamp, u64)> {
    let found = fstatat(folder, name.as_c_str(), AtFlags::AT_SYMLINK_NOFOLLOW).ok()?;
    Some((Stamp::of(&found), super::inventory::names(&found)))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    use nix::sys::stat::stat;

    use super::*;

    #[test]
    fn files_are_told_as_they_are_once_they_have_one_name() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("old"), folder.path().join("new"));
        for tree in [&old, &new] {
            fs::create_dir_all(tree.join("a/b")).unwrap();
        }
        for name in ["same", "a/same", "a/b/written", "a/replaced", "own"] {
            fs::write(old.join(name), "x").unwrap();
        }
        let shared = ["same", "a/same", "a/b/written", "a/replaced"];
        for name in shared {
            fs::hard_link(old.join(name), new.join(name)).unwrap();
        }
        let stamps: Vec<(PathBuf, Stamp)> = shared
            .iter()
            .map(|name| (PathBuf::from(name), Stamp::of(&stat(&old.join(name)).unwrap())))
            .collect();
        let known = |path: &Path| {
            let found = stamps.iter().find(|(name, _)| name == path);
            found.map(|(_, stamp)| *stamp)
        };
        std::thread::sleep(std::time::Duration::from_millis(20));
        fs::write(new.join("a/b/written"), "y").unwrap();
        fs::remove_file(new.join("a/replaced")).unwrap();
        fs::write(new.join("a/replaced"), "x").unwrap();
        let mut parted = remove_shared(&old, &new, &known).unwrap();
        parted.sort_by(|one, other| one.0.cmp(&other.0));
        let names: Vec<_> = parted.iter().map(|(path, _)| path.to_str().unwrap()).collect();
        assert_eq!(names, ["a/same", "same"]);
        assert_eq!(parted[1].1, Stamp::of(&stat(&new.join("same")).unwrap()));
        assert_eq!(fs::metadata(new.join("same")).unwrap().nlink(), 1);
        assert_eq!(fs::read_dir(&old).unwrap().count(), 0);
    }
}

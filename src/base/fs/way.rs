//! The way to a file or folder: by folder handles from the top down, never through a link. Whoever may write to a folder
//! on the way can put a link there at any moment; what is made, given away, renamed or removed must not end up elsewhere.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, openat, readlinkat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat};

use super::{Attempt, FsError};

/// For a folder that is only passed through: whoever may search it may open it like this.
const STEP: OFlag = OFlag::O_PATH
    .union(OFlag::O_DIRECTORY)
    .union(OFlag::O_NOFOLLOW)
    .union(OFlag::O_CLOEXEC);

/// The folder that holds something, open, and the name of it there.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) folder: OwnedFd,
    name: CString,
}

impl Way {
    /// Walks to the folder above a path. What stands under the path itself, if anything, is not looked at.
    ///
    /// # Errors
    /// [`FsError::Link`] when a folder on the way is a link.
    pub(super) fn to(path: &Path, attempt: Attempt) -> Result<Self, FsError> {
        let invalid = || FsError::new(attempt, path, io::Error::from(ErrorKind::InvalidInput));
        let mut parts: Vec<_> = path.components().collect();
        let last = match parts.pop() {
            // The folder where the process stands, or the root: it is its own.
            None | Some(Component::RootDir) => c".".to_owned(),
            Some(part) => name(part).ok_or_else(invalid)?,
        };
        let start = if path.is_absolute() { c"/" } else { c"." };
        let refuse = |fault: Errno| FsError::new(attempt, path, fault);
        let mut folder = openat(AT_FDCWD, start, STEP, Mode::empty()).map_err(refuse)?;
        let mut walked = PathBuf::new();
        for part in parts {
            walked.push(part);
            if matches!(part, Component::RootDir | Component::CurDir) {
                continue;
            }
            let step = name(part).ok_or_else(invalid)?;
            folder = match openat(&folder, step.as_c_str(), STEP, Mode::empty()) {
                Ok(below) => below,
                Err(Errno::ENOTDIR | Errno::ELOOP) if is_link(&folder, &step) => {
                    return Err(FsError::Link { path: walked });
                }
                Err(fault) => return Err(refuse(fault)),
            };
        }
        Ok(Self { folder, name: last })
    }

    pub(super) fn name(&self) -> &CStr {
        &self.name
    }

    /// Opens what stands under the name; a link is a fault.
    pub(super) fn open(&self, flags: OFlag, mode: u32, path: &Path, attempt: Attempt) -> Result<File, FsError> {
        let flags = flags | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        match openat(&self.folder, self.name(), flags, Mode::from_bits_truncate(mode)) {
            Ok(handle) => Ok(File::from(handle)),
            Err(Errno::ENOTDIR | Errno::ELOOP) if is_link(&self.folder, &self.name) => {
                Err(FsError::Link { path: path.to_owned() })
            }
            Err(fault) => Err(FsError::new(attempt, path, fault)),
        }
    }

    /// Facts of what stands under the name, a link as such.
    pub(super) fn facts(&self) -> Result<FileStat, Errno> {
        fstatat(&self.folder, self.name(), AtFlags::AT_SYMLINK_NOFOLLOW)
    }
}

fn name(part: Component<'_>) -> Option<CString> {
    CString::new(part.as_os_str().as_bytes()).ok()
}

fn is_link(folder: &OwnedFd, name: &CStr) -> bool {
    fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW).is_ok_and(|found| kind(&found) == SFlag::S_IFLNK)
}

/// What kind of thing it is.
pub(super) fn kind(found: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(found.st_mode & SFlag::S_IFMT.bits())
}

/// Opens a folder for reading its names, or for bringing them to the disk. Neither it nor one above it may be a link.
pub fn open_folder(path: &Path) -> Result<File, FsError> {
    let way = Way::to(path, Attempt::Read)?;
    way.open(OFlag::O_RDONLY | OFlag::O_DIRECTORY, 0, path, Attempt::Read)
}

/// The names of the folders in a folder, links left out; neither it nor one above it may be a link. Names that are no
/// UTF-8 are left out.
pub fn folder_names(path: &Path) -> Result<Vec<String>, FsError> {
    names(path, SFlag::S_IFDIR)
}

/// The same of ordinary files.
pub fn file_names(path: &Path) -> Result<Vec<String>, FsError> {
    names(path, SFlag::S_IFREG)
}

/// The same of links.
pub fn link_names(path: &Path) -> Result<Vec<String>, FsError> {
    names(path, SFlag::S_IFLNK)
}

fn names(path: &Path, wanted: SFlag) -> Result<Vec<String>, FsError> {
    let read = |fault: Errno| FsError::new(Attempt::Read, path, fault);
    let held = open_folder(path)?;
    let copy = held
        .try_clone()
        .map_err(|fault| FsError::new(Attempt::Read, path, fault))?;
    let mut listing = Dir::from_fd(copy.into()).map_err(read)?;
    let mut names = Vec::new();
    for entry in listing.iter() {
        let entry = entry.map_err(read)?;
        let name = entry.file_name();
        let is_wanted = || fstatat(&held, name, AtFlags::AT_SYMLINK_NOFOLLOW).is_ok_and(|found| kind(&found) == wanted);
        if let Some(text) = name
            .to_str()
            .ok()
            .filter(|text| !matches!(*text, "." | "..") && is_wanted())
        {
            names.push(text.to_owned());
        }
    }
    Ok(names)
}

/// Facts of what stands under a path; `None` when nothing does.
pub(super) fn facts(path: &Path) -> Result<Option<FileStat>, FsError> {
    let found = Way::to(path, Attempt::Read)
        .and_then(|way| way.facts().map_err(|fault| FsError::new(Attempt::Read, path, fault)));
    match found {
        Ok(found) => Ok(Some(found)),
        Err(fault) if fault.is_absent() => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// A link, by what it is and not by what it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkFacts {
    /// Who made it.
    pub uid: u32,
    /// What it says.
    pub target: PathBuf,
}

/// Looks at a link; `None` when something else stands there.
pub fn read_link(path: &Path) -> Result<Option<LinkFacts>, FsError> {
    let way = Way::to(path, Attempt::Read)?;
    let read = |fault| FsError::new(Attempt::Read, path, fault);
    let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    // Owner and text of one and the same link, whatever is put in its place.
    let link = openat(&way.folder, way.name(), flags, Mode::empty()).map_err(read)?;
    let found = fstat(&link).map_err(read)?;
    if kind(&found) != SFlag::S_IFLNK {
        return Ok(None);
    }
    let target = PathBuf::from(readlinkat(&link, c"").map_err(read)?);
    Ok(Some(LinkFacts {
        uid: found.st_uid,
        target,
    }))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_on_the_way_is_no_way() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::create_dir_all(real.join("below/deep")).unwrap();
        symlink(&real, &link).unwrap();
        assert!(open_folder(&real.join("below/deep")).is_ok());
        assert!(
            facts(&link)
                .unwrap()
                .is_some_and(|found| kind(&found) == SFlag::S_IFLNK)
        );
        for path in [link.clone(), link.join("below"), link.join("below/deep")] {
            let fault = open_folder(&path).unwrap_err();
            assert!(matches!(&fault, FsError::Link { path } if *path == link), "{fault}");
        }
        assert!(facts(&link.join("below")).is_err());
    }

    #[test]
    fn what_is_not_there_is_absent() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["none", "none/below"] {
            assert!(facts(&folder.path().join(path)).unwrap().is_none());
            assert!(open_folder(&folder.path().join(path)).unwrap_err().is_absent());
        }
        for path in ["", ".", "/", "..", "src"] {
            assert!(open_folder(Path::new(path)).is_ok(), "{path:?}");
        }
    }
}

//! A copy of a tree, for file systems that cannot rename one. The copy must stand in a folder that is private.

use std::ffi::{CStr, CString};
use std::fs::{File, FileTimes};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat, readlinkat};
use nix::sys::stat::{FchmodatFlags, Mode, SFlag, fchmodat, fstatat, mknodat};
use nix::sys::statfs::{OVERLAYFS_SUPER_MAGIC, statfs};

use nix::unistd::{Gid, Uid, fchownat, symlinkat};

use super::mounts::{Reach, refuse_mounts};
use super::walk::{Entry, Folder, Visitor, as_path, walk};
use super::way::{Way, kind};
use super::{Attempt, FsError, make_folder, open_folder, replace_file};

/// Copies a tree to a new folder: files, folders, links, pipes and devices with owner, permissions and times.
///
/// # Errors
/// [`FsError::Socket`], [`FsError::Mounted`]: what cannot be copied is not left out.
pub fn copy_tree(from: &Path, to: &Path) -> Result<(), FsError> {
    refuse_mounts(from, Reach::Below)?;
    walk(from, &Copying { to: to.to_owned() })
}

/// Whether a folder stands on an overlay (the root of a container): what came with the image cannot be renamed there.
pub fn is_overlay(folder: &Path) -> Result<bool, FsError> {
    statfs(folder)
        .map(|found| found.filesystem_type() == OVERLAYFS_SUPER_MAGIC)
        .map_err(|fault| FsError::new(Attempt::Read, folder, fault))
}

struct Copying {
    to: PathBuf,
}

impl Visitor for Copying {
    fn enter(&self, folder: &Folder, others: &[Entry]) -> Result<(), FsError> {
        let to = self.to.join(folder.relative_path());
        let create = |fault| FsError::new(Attempt::Create, &to, fault);
        let made = make_folder(&to, None, 0o700)?;
        for entry in others {
            let target = to.join(as_path(&entry.name));
            if entry.is_file {
                copy_file(folder, &entry.name, &target)?;
            } else {
                let path = || folder.path().join(as_path(&entry.name));
                special_like((&folder.handle, &entry.name), &path, &target)?;
            }
        }
        let like = folder.handle.try_clone().map(File::from).map_err(create)?;
        make_alike(&made, &like).map_err(create)
    }
}

fn copy_file(folder: &Folder, name: &CString, target: &Path) -> Result<(), FsError> {
    let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    let opened = openat(&folder.handle, name.as_c_str(), flags, Mode::empty());
    let mut like = File::from(opened.map_err(|fault| folder.fault(Attempt::Read, name, fault))?);
    let mut made = replace_file(target, None, 0o600)?;
    let mut write = || -> io::Result<()> {
        io::copy(&mut like, &mut made)?;
        make_alike(&made, &like)
    };
    write().map_err(|fault| FsError::new(Attempt::Write, target, fault))
}

/// Copies what is no ordinary file: a link, a pipe, a device, a folder without what is in it.
///
/// # Errors
/// [`FsError::Socket`], and whatever this process may not make.
pub fn copy_special(from: &Path, to: &Path) -> Result<(), FsError> {
    let way = Way::to(from, Attempt::Read)?;
    let found = way.facts().map_err(|fault| FsError::new(Attempt::Read, from, fault))?;
    if kind(&found) != SFlag::S_IFDIR {
        return special_like((&way.folder, way.name()), &|| from.to_owned(), to);
    }
    let like = open_folder(from)?;
    let made = make_folder(to, None, 0o700)?;
    make_alike(&made, &like).map_err(|fault| FsError::new(Attempt::Create, to, fault))
}

/// A link, a pipe or a device.
fn special_like((folder, name): (&OwnedFd, &CStr), path: &dyn Fn() -> PathBuf, target: &Path) -> Result<(), FsError> {
    let read = |fault: Errno| FsError::new(Attempt::Read, path(), fault);
    let create = |fault: Errno| FsError::new(Attempt::Create, target, fault);
    let found = fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW).map_err(read)?;
    let way = Way::to(target, Attempt::Create)?;
    let (kind, mode) = (kind(&found), Mode::from_bits_truncate(found.st_mode & 0o7777));
    match kind {
        SFlag::S_IFLNK => {
            let link = readlinkat(folder, name).map_err(read)?;
            symlinkat(link.as_os_str(), &way.folder, way.name()).map_err(create)?;
        }
        SFlag::S_IFSOCK => return Err(FsError::Socket { path: path() }),
        _ => {
            mknodat(&way.folder, way.name(), kind, mode, found.st_rdev).map_err(create)?;
        }
    }
    // Where the process may not, it keeps what it made.
    let (uid, gid) = (Uid::from_raw(found.st_uid), Gid::from_raw(found.st_gid));
    let _ = fchownat(
        &way.folder,
        way.name(),
        Some(uid),
        Some(gid),
        AtFlags::AT_SYMLINK_NOFOLLOW,
    );
    if kind != SFlag::S_IFLNK {
        let _ = fchmodat(&way.folder, way.name(), mode, FchmodatFlags::NoFollowSymlink);
    }
    Ok(())
}

/// Owner where the process may, permissions, time of change.
pub(super) fn make_alike(made: &File, like: &File) -> io::Result<()> {
    let found = like.metadata()?;
    let itself = made.metadata()?;
    if (found.uid(), found.gid()) != (itself.uid(), itself.gid()) {
        let _ = std::os::unix::fs::fchown(made, Some(found.uid()), Some(found.gid()));
    }
    made.set_permissions(found.permissions())?;
    made.set_times(FileTimes::new().set_modified(found.modified()?))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_copy_is_alike() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("a/empty")).unwrap();
        fs::write(from.join("a/run"), "x").unwrap();
        fs::set_permissions(from.join("a/run"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(from.join("a/empty"), fs::Permissions::from_mode(0o700)).unwrap();
        symlink("nowhere", from.join("link")).unwrap();
        copy_tree(&from, &to).unwrap();
        assert_eq!(fs::read(to.join("a/run")).unwrap(), b"x");
        for path in ["a/run", "a/empty", "a"] {
            let (one, other) = (
                fs::metadata(from.join(path)).unwrap(),
                fs::metadata(to.join(path)).unwrap(),
            );
            assert_eq!(
                (one.mode(), one.uid(), one.gid()),
                (other.mode(), other.uid(), other.gid()),
                "{path}"
            );
        }
        let time = |path: &Path| fs::metadata(path.join("a/run")).unwrap().modified().unwrap();
        assert_eq!(time(&from), time(&to));
        assert_eq!(fs::read_link(to.join("link")).unwrap(), Path::new("nowhere"));
        assert!(copy_tree(&from, &to).is_err());
        assert!(!is_overlay(Path::new("/proc")).unwrap());
    }
}

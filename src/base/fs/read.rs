//! Files and folders that are read: opened once, never waited for, and looked at through the handle. What stood under the
//! path a moment before, or stands there a moment later, has no say.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{OFlag, open};
use nix::sys::stat::{Mode, SFlag, fstat};

use super::way::{Way, kind};
use super::{Attempt, FsError};

/// Whoever opens a pipe would wait for its other end.
const HOW: OFlag = OFlag::O_RDONLY.union(OFlag::O_NONBLOCK).union(OFlag::O_CLOEXEC);

/// Opens an ordinary file of at most so many bytes. Neither it nor a folder above it may be a link.
///
/// # Errors
/// [`FsError::Link`], [`FsError::NotAFile`], [`FsError::TooLarge`].
pub fn open_to_read(path: &Path, limit: u64) -> Result<File, FsError> {
    let way = Way::to(path, Attempt::Read)?;
    let file = way.open(HOW, 0, path, Attempt::Read)?;
    ordinary(file, path, limit)
}

/// The same of a path that a person wrote: links are followed, as he expects. Where he may not reach everything, ask
/// [`real_path`] before anything of it is read.
pub fn open_named(path: &Path, limit: u64) -> Result<File, FsError> {
    let opened = open(path, HOW, Mode::empty()).map_err(|fault| FsError::new(Attempt::Read, path, fault))?;
    ordinary(File::from(opened), path, limit)
}

fn ordinary(file: File, path: &Path, limit: u64) -> Result<File, FsError> {
    let found = fstat(&file).map_err(|fault| FsError::new(Attempt::Read, path, fault))?;
    if kind(&found) != SFlag::S_IFREG {
        return Err(FsError::NotAFile { path: path.to_owned() });
    }
    if u64::try_from(found.st_size).unwrap_or(0) > limit {
        return Err(FsError::TooLarge {
            path: path.to_owned(),
            limit,
        });
    }
    Ok(file)
}

/// All of a small file, opened by [`open_to_read`].
pub fn read_small(path: &Path, limit: u64) -> Result<Vec<u8>, FsError> {
    read_all(open_to_read(path, limit)?, path, limit)
}

/// All of an open file. One that grows meanwhile is cut at the limit's end and refused.
pub fn read_all(file: File, path: &Path, limit: u64) -> Result<Vec<u8>, FsError> {
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|fault| FsError::new(Attempt::Read, path, fault))?;
    if bytes.len() as u64 > limit {
        return Err(FsError::TooLarge {
            path: path.to_owned(),
            limit,
        });
    }
    Ok(bytes)
}

/// Where an open file or folder really stands; nothing where that cannot be told. `path` is what it was opened by.
pub fn real_path(file: &File, path: &Path) -> Option<PathBuf> {
    let told = fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()));
    if let Some(told) = told.ok().filter(|told| told.is_absolute()) {
        return Some(told);
    }
    // Without /proc: what stands under the real path now must be what was opened.
    let (real, opened) = (path.canonicalize().ok()?, file.metadata().ok()?);
    let found = fs::symlink_metadata(&real).ok()?;
    ((found.dev(), found.ino()) == (opened.dev(), opened.ino())).then_some(real)
}

/// Whether what was made by a handle still has its name.
///
/// # Errors
/// [`FsError::Swapped`] when something else has it, or nothing.
pub fn check_same(path: &Path, made: &File) -> Result<(), FsError> {
    let made = fstat(made).map_err(|fault| FsError::new(Attempt::Read, path, fault))?;
    // While it is open no other file gets its number.
    match super::way::facts(path)? {
        Some(found) if (found.st_dev, found.st_ino) == (made.st_dev, made.st_ino) => Ok(()),
        _ => Err(FsError::Swapped { path: path.to_owned() }),
    }
}

/// An open file from its first byte, whoever else reads it by the same handle.
#[derive(Debug)]
pub struct FromStart<'file> {
    file: &'file File,
    at: u64,
}

/// Reads an open file from its first byte.
pub fn from_start(file: &File) -> FromStart<'_> {
    FromStart { file, at: 0 }
}

impl Read for FromStart<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// The folder of a path: the working one for a bare name.
pub fn folder_of(path: &Path) -> &Path {
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    above.unwrap_or(Path::new("."))
}

/// The real path of a folder, wherever links lead.
pub fn real_folder(folder: &Path) -> Result<PathBuf, FsError> {
    folder
        .canonicalize()
        .map_err(|fault| FsError::new(Attempt::Read, folder, fault))
}

/// The path of something that may not be there yet, by its folder's real one.
pub fn settled_path(path: &Path) -> Result<PathBuf, FsError> {
    let folder = real_folder(folder_of(path))?;
    Ok(folder.join(path.file_name().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_ordinary_files_are_opened_and_none_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "12345").unwrap();
        fs::create_dir(path("folder")).unwrap();
        fs::write(path("folder/file"), "x").unwrap();
        symlink("file", path("link")).unwrap();
        symlink("folder", path("way")).unwrap();
        nix::unistd::mkfifo(&path("pipe"), Mode::S_IRWXU).unwrap();
        symlink("/dev/zero", path("zero")).unwrap();
        assert_eq!(read_small(&path("file"), 5).unwrap(), b"12345");
        for (name, follows) in [("link", true), ("way/file", true), ("zero", false)] {
            assert!(
                matches!(open_to_read(&path(name), 9), Err(FsError::Link { .. })),
                "{name}"
            );
            assert_eq!(open_named(&path(name), 9).is_ok(), follows, "{name}");
        }
        for name in ["pipe", "folder"] {
            for opened in [open_to_read(&path(name), 9), open_named(&path(name), 9)] {
                assert!(matches!(opened, Err(FsError::NotAFile { .. })), "{name}");
            }
        }
        assert!(matches!(
            read_small(&path("file"), 4),
            Err(FsError::TooLarge { limit: 4, .. })
        ));
        let file = open_named(&path("link"), 9).unwrap();
        assert_eq!(real_path(&file, &path("link")), path("file").canonicalize().ok());
        assert!(read_all(file.try_clone().unwrap(), &path("file"), 4).is_err());
        let mut text = String::new();
        from_start(&file).read_to_string(&mut text).unwrap();
        assert_eq!(text, "12345");
    }
}

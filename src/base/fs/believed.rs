//! A folder of somebody's files that are read in numbers: whether it is believed is asked once, then each file is opened by
//! its name in it. Links are never followed in it; the way to it may have some.

use std::fs::File;
use std::path::{Path, PathBuf};

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat};

use super::messages::why;
use super::trust::{PathStat, check_top};
use super::way::{Way, kind};
use super::{Attempt, FsError, Owner, Stamp, read_all};

/// A folder that only those can have filled whom we believe.
#[derive(Debug)]
pub struct BelievedFolder {
    folder: File,
    facts: FileStat,
    path: PathBuf,
    owner: Owner,
}

impl BelievedFolder {
    /// Opens it.
    ///
    /// # Errors
    /// [`FsError::Untrusted`] where a stranger may write in it, or rename it or a folder above it.
    pub fn open(path: &Path, owner: Owner) -> Result<Self, FsError> {
        let read = |fault| FsError::new(Attempt::Read, path, fault);
        let settled = path.canonicalize().map_err(read)?;
        for above in settled.ancestors().skip(1) {
            check_top(above, &[], owner)?;
        }
        Self::open_here(settled, owner)
    }

    /// The same of a folder whose way is known to be a site's own.
    ///
    /// # Errors
    /// As [`Self::open`]; [`FsError::Link`] for a link on the way.
    pub fn open_here(path: PathBuf, owner: Owner) -> Result<Self, FsError> {
        let way = Way::to(&path, Attempt::Read)?;
        let folder = way.open(OFlag::O_RDONLY | OFlag::O_DIRECTORY, 0, &path, Attempt::Read)?;
        let read = |fault| FsError::new(Attempt::Read, &path, fault);
        let found = PathStat {
            itself: fstat(&folder).map_err(read)?,
            above: fstat(&way.folder).map_err(read)?,
        };
        if let Some(why) = owner.distrust(&found) {
            return Err(owner.untrusted(&path, why, &found));
        }
        Ok(Self {
            facts: found.itself,
            folder,
            path,
            owner,
        })
    }

    /// Its real path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names in it that end so, sorted; at most so many and one more, so that too many are noticed. What they are is not
    /// looked at.
    pub fn names(&self, ending: &str, most: usize) -> Result<Vec<String>, FsError> {
        let read = |fault: Errno| FsError::new(Attempt::Read, &self.path, fault);
        let copy = self.folder.try_clone();
        let copy = copy.map_err(|fault| FsError::new(Attempt::Read, &self.path, fault))?;
        let mut listing = Dir::from_fd(copy.into()).map_err(read)?;
        let mut names = Vec::new();
        for entry in listing.iter() {
            let entry = entry.map_err(read)?;
            let name = entry.file_name().to_str().ok();
            names.extend(name.filter(|name| name.ends_with(ending)).map(str::to_owned));
            if names.len() > most {
                break;
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Opens an ordinary file in it, of at most so many bytes, that only those can have written whom we believe. Never waits.
    ///
    /// # Errors
    /// [`FsError::Link`], [`FsError::Untrusted`], [`FsError::TooLarge`].
    pub fn file(&self, name: &str, limit: u64) -> Result<(File, Stamp), FsError> {
        let path = || self.path.join(name);
        let how = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let file = match openat(&self.folder, name, how, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::ELOOP) => return Err(FsError::Link { path: path() }),
            // A socket.
            Err(Errno::ENXIO) => return Err(Owner::strange(&path(), why::NO_ORDINARY_FILE)),
            Err(fault) => return Err(FsError::new(Attempt::Read, path(), fault)),
        };
        let itself = fstat(&file).map_err(|fault| FsError::new(Attempt::Read, path(), fault))?;
        if kind(&itself) != SFlag::S_IFREG {
            return Err(Owner::strange(&path(), why::NO_ORDINARY_FILE));
        }
        let (stamp, above) = (Stamp::of(&itself), self.facts);
        let found = PathStat { itself, above };
        if let Some(why) = self.owner.distrust(&found) {
            return Err(self.owner.untrusted(&path(), why, &found));
        }
        if stamp.size > limit {
            let path = path();
            return Err(FsError::TooLarge { path, limit });
        }
        Ok((file, stamp))
    }

    /// The bytes of such a file.
    ///
    /// # Errors
    /// As [`Self::file`].
    pub fn bytes(&self, name: &str, limit: u64) -> Result<Vec<u8>, FsError> {
        let (file, _) = self.file(name, limit)?;
        read_all(file, &self.path.join(name), limit)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_a_stranger_could_have_written_is_not_read() {
        let top = tempfile::tempdir().unwrap();
        let folder = top.path().join("index");
        fs::create_dir(&folder).unwrap();
        mode(&folder, 0o755);
        let owner = Owner::of(&folder).unwrap();
        let named = |name: &str| folder.join(name);
        fs::write(named("a.zip"), "a").unwrap();
        fs::write(named("open.zip"), "o").unwrap();
        mode(&named("open.zip"), 0o666);
        fs::write(named("large.zip"), "large").unwrap();
        fs::write(named("other.txt"), "x").unwrap();
        symlink("link.zip", named("link.zip")).unwrap();
        fs::create_dir(named("folder.zip")).unwrap();
        nix::unistd::mkfifo(&named("pipe.zip"), Mode::from_bits_truncate(0o600)).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(named("socket.zip")).unwrap();
        let believed = BelievedFolder::open(&folder, owner).unwrap();
        let found = believed.names(".zip", 100).unwrap();
        let opened = found.iter().filter(|name| believed.file(name, 3).is_ok());
        let opened: Vec<&str> = opened.map(String::as_str).collect();
        assert_eq!((found.len(), opened), (7, vec!["a.zip"]));
        assert_eq!(believed.names(".zip", 2).unwrap().len(), 3);
        let is_link = believed.file("link.zip", 3).unwrap_err();
        assert!(matches!(is_link, FsError::Link { .. }), "{is_link}");
        // By a link to it.
        let link = top.path().join("link");
        symlink(&folder, &link).unwrap();
        assert_eq!(
            BelievedFolder::open(&link, owner).unwrap().path(),
            folder.canonicalize().unwrap()
        );
        for (path, wrong, right) in [
            (&folder, 0o777, 0o755),
            (&folder, 0o775, 0o755),
            (&top.path().to_owned(), 0o777, 0o700),
        ] {
            mode(path, wrong);
            let refused = BelievedFolder::open(&folder, owner).unwrap_err();
            assert!(matches!(refused, FsError::Untrusted { .. }), "{wrong:o}: {refused}");
            mode(path, right);
        }
        if nix::unistd::geteuid().is_root() {
            for path in [&folder, &named("a.zip")] {
                std::os::unix::fs::chown(path, Some(65_534), None).unwrap();
            }
            let refused = BelievedFolder::open(&folder, Owner::of(top.path()).unwrap());
            assert!(matches!(refused, Err(FsError::Untrusted { .. })), "{refused:?}");
            std::os::unix::fs::chown(&folder, Some(0), None).unwrap();
            let owner = Owner::of(top.path()).unwrap();
            assert!(BelievedFolder::open(&folder, owner).unwrap().file("a.zip", 9).is_err());
        }
    }
}

//! A lock between processes: `flock` on a file, with a note in it of who holds it since when. Whoever holds the lock may
//! delete the file: who waited for it finds out, and takes the one that stands in its place.

use std::fmt;
use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};
use serde::{Deserialize, Serialize};

use super::make::open_shared;
use super::read::open_to_read;
use super::way::facts;
use super::{Attempt, FsError, Owner};

/// Between two looks at a lock that is held.
const PAUSE: Duration = Duration::from_millis(25);

/// How long a look at a lock takes at most, and how often one is waited for by who has no patience.
const LOOK: Duration = Duration::from_millis(5);
const LOOKS: u32 = 4;

/// Of a lock file: not for other users even to read.
const MODE: u32 = 0o660;

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process.
    pub pid: u32,
    /// Machine.
    pub host: String,
    /// RFC 3339.
    pub since: String,
}

impl Holder {
    /// This process, since a time.
    pub fn this_process(since: String) -> Self {
        let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
        Self {
            pid: std::process::id(),
            host: host.unwrap_or_default(),
            since,
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} on {} since {}", self.pid, self.host, self.since)
    }
}

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another holds it.
    #[error(
        "{} is locked by {}: wait until that operation has ended and try again",
        path.display(),
        holder.as_ref().map_or_else(|| "another process".to_owned(), Holder::to_string)
    )]
    Held {
        /// The file.
        path: PathBuf,
        /// Who, where that is known.
        holder: Option<Holder>,
    },
    /// The caller no longer wants to wait.
    #[error("stopped waiting for the lock on {}", path.display())]
    Stopped {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be opened or locked.
    #[error(transparent)]
    Fs(#[from] FsError),
}

/// A held lock; dropping it releases it. The system releases it when the process dies.
#[derive(Debug)]
pub struct FileLock {
    held: Option<Flock<File>>,
}

impl FileLock {
    /// Takes the lock, waiting for it up to `patience`; `go_on` is asked now and then whether to keep waiting. The
    /// folder of the file must exist; the file is given to `owner`, so that both root and the web server can use it, and
    /// nobody else: whoever may read it could hold it for ever.
    pub fn take(
        path: &Path,
        holder: &Holder,
        owner: Option<Owner>,
        patience: Duration,
        mut go_on: impl FnMut() -> bool,
    ) -> Result<Self, LockError> {
        let mut file = open_shared(path, owner, MODE, OFlag::O_RDWR)?;
        let started = Instant::now();
        let mut looks = LOOKS;
        loop {
            match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(held) if is_named(&held, path)? => {
                    note(&held, Some(holder));
                    return Ok(Self { held: Some(held) });
                }
                // Its holder deleted it while we waited: others lock the file that has its name now.
                Ok(_) => {
                    file = open_shared(path, owner, MODE, OFlag::O_RDWR)?;
                    continue;
                }
                Err((same, Errno::EWOULDBLOCK)) => file = same,
                Err((same, Errno::EINTR)) => {
                    file = same;
                    continue;
                }
                Err((_, fault)) => return Err(FsError::new(Attempt::Lock, path, fault).into()),
            }
            let left = patience.saturating_sub(started.elapsed());
            if left.is_zero() && looks > 0 {
                // Perhaps somebody only looks whether it is held.
                looks -= 1;
                std::thread::sleep(LOOK);
                continue;
            }
            if left.is_zero() {
                return Err(LockError::Held {
                    path: path.to_owned(),
                    holder: read(&file),
                });
            }
            if !go_on() {
                return Err(LockError::Stopped { path: path.to_owned() });
            }
            std::thread::sleep(left.min(PAUSE));
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        if let Some(held) = self.held.take() {
            note(&held, None);
            // Closing the file releases the lock as well, should this fail.
            if let Err((held, _)) = held.unlock() {
                std::mem::forget(held);
            }
        }
    }
}

/// Whether a lock is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockState {
    /// By nobody.
    Free,
    /// By somebody, who said so where that can be read.
    Held(Option<Holder>),
}

/// Looks whether a lock is held; makes nothing. Who let it go has taken his note away: then there is nothing to try.
pub fn lock_state(path: &Path) -> Result<LockState, FsError> {
    let mut file = match open_to_read(path, u64::MAX) {
        Err(fault) if fault.is_absent() => return Ok(LockState::Free),
        opened => opened?,
    };
    loop {
        let holder = read(&file);
        if holder.is_none() {
            return Ok(LockState::Free);
        }
        match Flock::lock(file, FlockArg::LockSharedNonblock) {
            // Closing it lets it go.
            Ok(_) => return Ok(LockState::Free),
            Err((_, Errno::EWOULDBLOCK)) => return Ok(LockState::Held(holder)),
            Err((same, Errno::EINTR)) => file = same,
            Err((_, fault)) => return Err(FsError::new(Attempt::Lock, path, fault)),
        }
    }
}

/// Whether a file is the one that its path names.
/// A folder that is in use for as long as this lives.
#[derive(Debug)]
pub struct FolderLock {
    _held: Flock<File>,
}

/// Holds an open folder; nothing where another process does, or the path names another one by now.
pub fn lock_folder(folder: File, path: &Path) -> Result<Option<FolderLock>, FsError> {
    match Flock::lock(folder, FlockArg::LockExclusiveNonblock) {
        Ok(held) if is_named(&held, path)? => Ok(Some(FolderLock { _held: held })),
        Ok(_) | Err((_, Errno::EWOULDBLOCK)) => Ok(None),
        Err((_, fault)) => Err(FsError::new(Attempt::Lock, path, fault)),
    }
}

fn is_named(file: &File, path: &Path) -> Result<bool, FsError> {
    let held = file
        .metadata()
        .map_err(|fault| FsError::new(Attempt::Lock, path, fault))?;
    Ok(facts(path)?.is_some_and(|named| (held.dev(), held.ino()) == (named.st_dev, named.st_ino)))
}

/// Best effort: the note only informs, the lock does not depend on it.
fn note(file: &File, holder: Option<&Holder>) {
    let text = holder
        .and_then(|holder| serde_json::to_vec(holder).ok())
        .unwrap_or_default();
    let _ = file.set_len(0);
    let _ = file.write_all_at(&text, 0);
}

fn read(file: &File) -> Option<Holder> {
    let mut bytes = [0; 1024];
    let length = file.read_at(&mut bytes, 0).ok()?;
    serde_json::from_slice(&bytes[..length]).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::*;

    fn take(path: &Path, patience: u64) -> Result<FileLock, LockError> {
        let holder = Holder::this_process("2026-01-02T03:04:05Z".to_owned());
        FileLock::take(path, &holder, None, Duration::from_millis(patience), || true)
    }

    #[test]
    fn the_second_is_told_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.lock");
        let first = take(&path, 0).unwrap();
        let Err(LockError::Held {
            holder: Some(holder), ..
        }) = take(&path, 60)
        else {
            panic!()
        };
        assert_eq!(holder.pid, std::process::id());
        assert_eq!(holder.since, "2026-01-02T03:04:05Z");
        drop(first);
        assert_eq!(fs::read(&path).unwrap(), b"");
        drop(take(&path, 0).unwrap());
        assert!(path.exists());
    }

    #[test]
    fn a_look_takes_nothing_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.lock");
        assert_eq!(lock_state(&path).unwrap(), LockState::Free);
        assert!(!path.exists());
        let held = take(&path, 0).unwrap();
        let LockState::Held(Some(holder)) = lock_state(&path).unwrap() else {
            panic!()
        };
        assert_eq!(holder.pid, std::process::id());
        drop(held);
        assert_eq!(lock_state(&path).unwrap(), LockState::Free);
        // The note of one that was killed; it is looked at while another one without patience takes it.
        fs::write(&path, r#"{"pid":1,"host":"h","since":"2026"}"#).unwrap();
        assert_eq!(lock_state(&path).unwrap(), LockState::Free);
    }

    #[test]
    fn who_only_looks_keeps_nobody_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.lock");
        fs::write(&path, "").unwrap();
        let looking = Flock::lock(File::open(&path).unwrap(), FlockArg::LockSharedNonblock).unwrap();
        let waiting = std::thread::spawn({
            let path = path.clone();
            move || take(&path, 0).is_ok()
        });
        std::thread::sleep(LOOK);
        drop(looking);
        assert!(waiting.join().unwrap());
    }

    #[test]
    fn waiting_ends_when_the_lock_is_free_or_the_caller_stops() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.lock");
        let first = take(&path, 0).unwrap();
        let holder = Holder::this_process(String::new());
        let stopped = FileLock::take(&path, &holder, None, Duration::from_secs(9), || false);
        assert!(matches!(stopped, Err(LockError::Stopped { .. })));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| take(&path, 9_000));
            std::thread::sleep(Duration::from_millis(60));
            drop(first);
            assert!(waiting.join().unwrap().is_ok());
        });
    }

    #[test]
    fn a_dead_process_does_not_block() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.lock");
        fs::write(&path, r#"{"pid":1,"host":"h","since":"x"}"#).unwrap();
        drop(take(&path, 0).unwrap());
        let other = Command::new("flock").arg(&path).args(["sleep", "60"]).spawn();
        let mut other = other.expect("install util-linux: this test needs flock");
        let started = Instant::now();
        while take(&path, 0).is_ok() && started.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(matches!(take(&path, 0), Err(LockError::Held { holder: None, .. })));
        // Its child holds the lock as well, as long as it lives.
        let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", other.id())).unwrap();
        other.kill().unwrap();
        other.wait().unwrap();
        for child in children.split_whitespace() {
            let _ = Command::new("kill").args(["-9", child]).status();
        }
        assert!(take(&path, 2_000).is_ok());
    }

    #[test]
    fn a_lock_on_a_deleted_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.lock");
        let first = take(&path, 0).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| take(&path, 9_000).unwrap());
            std::thread::sleep(Duration::from_millis(60));
            fs::remove_file(&path).unwrap();
            drop(first);
            let second = waiting.join().unwrap();
            assert!(matches!(take(&path, 0), Err(LockError::Held { .. })), "two hold it");
            drop(second);
        });
    }

    #[test]
    fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, victim) = (folder.path().join("p.lock"), folder.path().join("victim"));
        fs::write(&victim, "safe").unwrap();
        symlink(&victim, &path).unwrap();
        assert!(matches!(take(&path, 0), Err(LockError::Fs(_))));
        assert_eq!(fs::read_to_string(&victim).unwrap(), "safe");
    }
}

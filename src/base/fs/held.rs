//! Files that several processes write in turn: opened to be read and written in place, and held by a lock on the file itself for
//! as long as one of them is at work. The file is never replaced, so whoever waits for the lock gets the file that counts.

use std::fs::File;
use std::ops::Deref;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};

use super::make::open_shared;
use super::{Attempt, FsError, Owner};

/// Looks at a lock that others hold for a moment, before time is given away.
const LOOKS: u32 = 32;
/// Between two later ones.
const PAUSES: [Duration; 3] = [
    Duration::from_micros(50),
    Duration::from_micros(500),
    Duration::from_millis(5),
];

/// Opens a file of the site to be read and written in place; makes it where it is missing.
///
/// # Errors
/// As [`super::open_to_append`].
pub fn open_to_update(path: &Path, owner: Option<Owner>, mode: u32) -> Result<File, FsError> {
    open_shared(path, owner, mode, OFlag::O_RDWR)
}

/// A file that nobody else holds; dropping it lets it go. The system lets it go when the process dies.
#[derive(Debug)]
pub struct HeldFile(Flock<File>);

impl HeldFile {
    /// Waits for an open file, at most so long.
    ///
    /// # Errors
    /// [`FsError::Io`] with `ETIMEDOUT` where another holds it for longer.
    pub fn take(file: File, path: &Path, patience: Duration) -> Result<Self, FsError> {
        let started = Instant::now();
        let (mut file, mut looks) = (file, 0);
        loop {
            match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(held) => return Ok(Self(held)),
                Err((same, Errno::EWOULDBLOCK | Errno::EINTR)) => file = same,
                Err((_, fault)) => return Err(FsError::new(Attempt::Lock, path, fault)),
            }
            if started.elapsed() > patience {
                return Err(FsError::new(Attempt::Lock, path, Errno::ETIMEDOUT));
            }
            looks += 1;
            pause(looks);
        }
    }

    /// Lets it go, still open.
    pub fn release(self) -> Option<File> {
        self.0.unlock().ok()
    }

    /// Whether no name leads to it any more.
    pub fn is_nameless(&self) -> bool {
        self.0.metadata().is_ok_and(|found| found.nlink() == 0)
    }
}

fn pause(looks: u32) {
    if looks < LOOKS {
        std::thread::yield_now();
        return;
    }
    let place = usize::try_from((looks - LOOKS) / LOOKS).unwrap_or(usize::MAX);
    std::thread::sleep(PAUSES[place.min(PAUSES.len() - 1)]);
}

impl Deref for HeldFile {
    type Target = File;

    fn deref(&self) -> &File {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_and_the_other_waits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("head");
        let open = || open_to_update(&path, None, 0o600).unwrap();
        let first = HeldFile::take(open(), &path, Duration::ZERO).unwrap();
        let fault = HeldFile::take(open(), &path, Duration::from_millis(20)).unwrap_err();
        assert!(fault.to_string().contains("could not lock"), "{fault}");
        let second = open();
        let waiting = std::thread::spawn({
            let path = path.clone();
            move || HeldFile::take(second, &path, Duration::from_secs(30)).is_ok()
        });
        assert!(!first.is_nameless());
        drop(first);
        assert!(waiting.join().unwrap());
        let held = HeldFile::take(open(), &path, Duration::from_secs(1)).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(held.is_nameless());
        assert!(held.release().is_some());
    }
}

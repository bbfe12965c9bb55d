//! When the server of an index was last asked with success: a mark beside the files that were fetched from it. It stands in
//! the site's tree and not in the table: whoever can write the table could put an older state back, say that it was seen a
//! moment ago, and nobody would ask.

use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};

use crate::base::fs::{FsError, Owner, ensure_folders, open_trusted, read_all, write_whole};
use crate::base::hash::sha256;

/// Its file. No file of an index is called so: those are called by their SHA-256.
const FILE: &str = "consultado";
/// Its bytes.
const MOST: u64 = 200;
/// Seconds for which the server is not asked again: one call may be about many plugins.
pub(super) const RECENT: i64 = 60;
const FOLDER_MODE: u32 = 0o755;

/// The mark of an index.
pub(super) struct Mark {
    folder: PathBuf,
    owner: Owner,
}

impl Mark {
    /// In the folder of the files of an index.
    pub(super) fn new(folder: &Path, owner: Owner) -> Self {
        Self {
            folder: folder.to_owned(),
            owner,
        }
    }

    /// Whether this timestamp is what the server showed a moment ago. Whatever is wrong with the mark, it is asked again.
    pub(super) fn is_recent(&self, timestamp: &[u8], now: DateTime<FixedOffset>) -> bool {
        let path = self.folder.join(FILE);
        let Ok(Some(file)) = open_trusted(&path, self.owner, true) else {
            return false;
        };
        let text = read_all(file, &path, MOST)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let asked = text.and_then(|text| {
            let (digest, seconds) = text.split_once(' ')?;
            let is_it = digest == sha256(timestamp).to_string();
            seconds.trim().parse::<i64>().ok().filter(|_| is_it)
        });
        // Where the clock went back since, nobody knows how long ago that was.
        asked.is_some_and(|asked| (0..RECENT).contains(&now.timestamp().saturating_sub(asked)))
    }

    /// The server was asked now, and showed this timestamp.
    pub(super) fn set(&self, timestamp: &[u8], now: DateTime<FixedOffset>) -> Result<(), FsError> {
        ensure(&self.folder, self.owner)?;
        let text = format!("{} {}\n", sha256(timestamp), now.timestamp());
        write_whole(&self.folder.join(FILE), Some(self.owner), text.as_bytes())
    }
}

/// Makes the folder of the files of an index, and the one of all of them.
pub(super) fn ensure(folder: &Path, owner: Owner) -> Result<(), FsError> {
    let top = folder.parent().unwrap_or(folder);
    let work = top.parent().unwrap_or(top);
    ensure_folders(work, folder, Some(owner), FOLDER_MODE)
}

/// Whether a file of the folder is the mark.
pub(super) fn is_mark(name: &str) -> bool {
    name == FILE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_of_one_timestamp_and_of_one_minute() {
        let top = tempfile::tempdir().unwrap();
        let folder = top.path().canonicalize().unwrap().join("work/_indices/acme");
        std::fs::create_dir(folder.parent().unwrap().parent().unwrap()).unwrap();
        let owner = Owner::of(top.path()).unwrap();
        let mark = Mark::new(&folder, owner);
        let at = |seconds: i64| {
            DateTime::from_timestamp(1_800_000_000 + seconds, 0)
                .unwrap()
                .fixed_offset()
        };
        assert!(!mark.is_recent(b"one", at(0)), "there is none yet");
        mark.set(b"one", at(0)).unwrap();
        for (timestamp, seconds, is_recent) in [
            (&b"one"[..], 0, true),
            (b"one", 59, true),
            (b"one", 60, false),
            (b"one", -1, false),
            (b"two", 0, false),
        ] {
            assert_eq!(mark.is_recent(timestamp, at(seconds)), is_recent, "{seconds}");
        }
        for text in ["", "x", "x 1", &format!("{} x", sha256(b"one")), &"x".repeat(300)] {
            std::fs::write(folder.join(FILE), text).unwrap();
            assert!(!mark.is_recent(b"one", at(0)), "{text}");
        }
    }
}

//! Files of an index that were fetched, by their SHA-256: each is verified when it is read, and goes a week after the index has
//! named it last.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};

use super::asked;
use crate::base::fs::{FsError, Owner, Stamp, file_names, open_trusted, read_all, remove_file, write_whole};
use crate::base::tuf::{FileFacts, Targets};

/// Seconds after which a file that the index does not name any more goes.
const KEPT: i64 = 7 * 24 * 3600;

/// The folder of an index's files.
pub(super) struct FileCache {
    folder: PathBuf,
    owner: Owner,
}

impl FileCache {
    pub(super) fn new(folder: PathBuf, owner: Owner) -> Self {
        Self { folder, owner }
    }

    fn path(&self, facts: &FileFacts) -> Option<PathBuf> {
        let digits = facts.hashes.get("sha256").filter(|digits| is_digest(digits))?;
        Some(self.folder.join(digits.to_ascii_lowercase()))
    }

    /// A file as it was fetched before; whatever is wrong with it, it is fetched again.
    pub(super) fn read(&self, name: &str, facts: &FileFacts) -> Option<Vec<u8>> {
        let path = self.path(facts)?;
        let file = open_trusted(&path, self.owner, true).ok()??;
        let bytes = read_all(file, &path, facts.length).ok()?;
        facts.check(name, &bytes).is_ok().then_some(bytes)
    }

    /// Keeps a file that was verified.
    pub(super) fn write(&self, facts: &FileFacts, bytes: &[u8]) -> Result<(), FsError> {
        let Some(path) = self.path(facts) else { return Ok(()) };
        asked::ensure(&self.folder, self.owner)?;
        write_whole(&path, Some(self.owner), bytes)
    }

    /// Removes what the index does not name any more. Files of delegated roles are fetched again.
    pub(super) fn sweep(&self, targets: Option<&Targets>, now: DateTime<FixedOffset>) -> Result<(), FsError> {
        let names = file_names(&self.folder)?;
        let paths = names.iter().filter(|name| !asked::is_mark(name));
        let paths = paths.map(|name| self.folder.join(name));
        let old: Vec<PathBuf> = paths.filter(|path| self.is_old(path, now)).collect();
        if old.is_empty() {
            // The list of an index is long.
            return Ok(());
        }
        let listed = targets.into_iter().flat_map(|targets| targets.targets.values());
        let wanted: BTreeSet<PathBuf> = listed.filter_map(|facts| self.path(facts)).collect();
        old.iter()
            .filter(|path| !wanted.contains(*path))
            .try_for_each(|path| remove_file(path))
    }

    fn is_old(&self, path: &Path, now: DateTime<FixedOffset>) -> bool {
        let file = open_trusted(path, self.owner, false).ok().flatten();
        let stamp = file.and_then(|file| Stamp::of_open(&file).ok());
        stamp.is_some_and(|stamp| now.timestamp().saturating_sub(stamp.modified.0) > KEPT)
    }
}

fn is_digest(digits: &str) -> bool {
    digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

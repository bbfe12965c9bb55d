//! The operator's log file: append only, one write a line, rotated. Must not be taken for a reason to fail: whoever writes
//! tells that it could not.

use std::cell::Cell;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, SecondsFormat};

use super::{Level, Tag, escape, redact};
use crate::base::fs::{Attempt, FsError, Owner, ensure_folders, open_to_append, rename_over};

/// `installer.log` of one gestor, for the lines of one plugin.
#[derive(Debug, Clone)]
pub struct LogFile {
    path: PathBuf,
    slug: String,
    owner: Option<Owner>,
    /// Its folder was looked at.
    is_prepared: Cell<bool>,
    /// It was rotated: one call takes no more than one file's worth of the history away.
    is_rotated: Cell<bool>,
}

const ROTATE_AT: u64 = 5 * 1024 * 1024;
const FOLDER_MODE: u32 = 0o755;
const FILE_MODE: u32 = 0o644;

impl LogFile {
    /// A log for one plugin, in a folder of `logs/`: file and folder are made for the owner. Nothing is opened yet.
    pub fn new(path: impl Into<PathBuf>, slug: &str, owner: Option<Owner>) -> Self {
        Self {
            path: path.into(),
            slug: slug.chars().map(|c| if in_slug(c) { c } else { '-' }).collect(),
            owner,
            is_prepared: Cell::new(false),
            is_rotated: Cell::new(false),
        }
    }

    /// Appends one line, and says how many bytes it has; what is no visible letter of the text is shown by its number.
    pub fn write(&self, now: DateTime<FixedOffset>, level: Level, tag: Tag, text: &str) -> Result<usize, FsError> {
        let line = line(now, level, &self.slug, tag, text);
        self.prepare()?;
        self.open()?
            .write_all(line.as_bytes())
            .map_err(|fault| FsError::new(Attempt::Write, &self.path, fault))?;
        Ok(line.len())
    }

    fn prepare(&self) -> Result<(), FsError> {
        let folder = self.path.parent();
        if let (Some(folder), false) = (folder, self.is_prepared.get()) {
            let top = folder.parent().unwrap_or(folder);
            ensure_folders(top, top, self.owner, FOLDER_MODE)?;
            ensure_folders(top, folder, self.owner, FOLDER_MODE)?;
        }
        self.is_prepared.set(true);
        Ok(())
    }

    fn open(&self) -> Result<File, FsError> {
        let open = || open_to_append(&self.path, self.owner, FILE_MODE);
        let file = open()?;
        let is_full = || file.metadata().is_ok_and(|found| found.len() >= ROTATE_AT);
        if !self.is_rotated.get() && is_full() && self.rotate(&file) {
            self.is_rotated.set(true);
            return open();
        }
        Ok(file)
    }

    /// A log that cannot be rotated grows. One that another process has rotated since is not rotated again.
    fn rotate(&self, full: &File) -> bool {
        let is_same = |file: &File| {
            let both = (file.metadata(), full.metadata());
            matches!(both, (Ok(one), Ok(other)) if (one.dev(), one.ino()) == (other.dev(), other.ino()))
        };
        let again = open_to_append(&self.path, self.owner, FILE_MODE);
        again.is_ok_and(|file| !is_same(&file)) || rename_over(&self.path, &older(&self.path)).is_ok()
    }
}

/// What a call names is no slug before it is read as one.
fn in_slug(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')
}

fn older(path: &Path) -> PathBuf {
    let mut older = path.as_os_str().to_owned();
    older.push(".1");
    PathBuf::from(older)
}

fn line(now: DateTime<FixedOffset>, level: Level, slug: &str, tag: Tag, text: &str) -> String {
    let redacted = redact(text);
    let text = escape(&redacted);
    let time = now.to_rfc3339_opts(SecondsFormat::Secs, false);
    format!("[{time}] {} [PLUGIN:{slug}] {} {text}\n", level.word(), tag.word())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_line_is_one_line() {
        let now = DateTime::parse_from_rfc3339("2026-01-02T03:04:05-03:00").unwrap();
        assert_eq!(
            line(now, Level::Warning, "p", Tag::Warn, "a\nb ghp_x"),
            "[2026-01-02T03:04:05-03:00] [WARNING] [PLUGIN:p] [warn] a\\nb ***\n"
        );
    }

    #[test]
    fn a_line_is_no_other_plugins() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("installer.log");
        let now = DateTime::parse_from_rfc3339("2026-01-02T03:04:05-03:00").unwrap();
        let log = LogFile::new(&path, "p] [PLUGIN:q", None);
        log.write(now, Level::Info, Tag::Ok, "x\n[t] [INFO] [PLUGIN:q] [ok] y\u{2028}z")
            .unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches('\n').count(), 1);
        assert!(
            !text.contains("[PLUGIN:q]") && text.contains("[PLUGIN:p---PLUGIN-q]"),
            "{text}"
        );
        assert!(text.contains("\\u{5b}PLUGIN:q] [ok] y\\u{2028}z"), "{text}");
    }

    #[test]
    fn a_full_file_is_rotated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs/installer.log");
        let log = LogFile::new(&path, "p", None);
        let now = DateTime::parse_from_rfc3339("2026-01-02T03:04:05-03:00").unwrap();
        log.write(now, Level::Info, Tag::Ok, "first").unwrap();
        fs::write(&path, vec![b'x'; usize::try_from(ROTATE_AT).unwrap()]).unwrap();
        log.write(now, Level::Info, Tag::Ok, "second").unwrap();
        assert!(fs::read_to_string(&path).unwrap().contains("second"));
        let older = folder.path().join("logs/installer.log.1");
        assert_eq!(fs::metadata(&older).unwrap().len(), ROTATE_AT);
        fs::write(&path, vec![b'y'; usize::try_from(ROTATE_AT).unwrap()]).unwrap();
        log.write(now, Level::Info, Tag::Ok, "third").unwrap();
        assert_eq!(fs::read(&older).unwrap()[0], b'x', "one call, one rotation");
    }
}

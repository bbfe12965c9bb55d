//! The operator's log file: append only, one write a line, rotated. Best effort: a log that cannot be written never
//! fails an operation.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, SecondsFormat};

use super::{Level, Tag, escape, redact};

/// `installer.log` of one gestor, for the lines of one plugin.
#[derive(Debug, Clone)]
pub struct LogFile {
    path: PathBuf,
    slug: String,
}

const ROTATE_AT: u64 = 5 * 1024 * 1024;

impl LogFile {
    /// A log for one plugin. Nothing is opened yet.
    pub fn new(path: impl Into<PathBuf>, slug: &str) -> Self {
        Self {
            path: path.into(),
            slug: slug.chars().map(|c| if in_slug(c) { c } else { '-' }).collect(),
        }
    }

    /// Appends one line; what is no visible letter of the text is shown by its number.
    pub fn write(&self, now: DateTime<FixedOffset>, level: Level, tag: Tag, text: &str) {
        let line = line(now, level, &self.slug, tag, text);
        if let Some(parent) = self.path.parent() {
            let _ = fs::create_dir_all(parent);
        }
        rotate(&self.path);
        if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(&self.path) {
            let _ = file.write_all(line.as_bytes());
        }
    }
}

/// What a call names is no slug before it is read as one.
fn in_slug(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')
}

fn rotate(path: &Path) {
    if fs::metadata(path).is_ok_and(|found| found.len() >= ROTATE_AT) {
        let mut older = path.as_os_str().to_owned();
        older.push(".1");
        let _ = fs::rename(path, older);
    }
}

fn line(now: DateTime<FixedOffset>, level: Level, slug: &str, tag: Tag, text: &str) -> String {
    let redacted = redact(text);
    let text = escape(&redacted);
    let time = now.to_rfc3339_opts(SecondsFormat::Secs, false);
    format!("[{time}] {} [PLUGIN:{slug}] {} {text}\n", level.word(), tag.word())
}

#[cfg(test)]
mod tests {
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
        let log = LogFile::new(&path, "p] [PLUGIN:q");
        log.write(now, Level::Info, Tag::Ok, "x\n[t] [INFO] [PLUGIN:q] [ok] y\u{2028}z");
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
        let log = LogFile::new(&path, "p");
        let now = DateTime::parse_from_rfc3339("2026-01-02T03:04:05-03:00").unwrap();
        log.write(now, Level::Info, Tag::Ok, "first");
        fs::write(&path, vec![b'x'; usize::try_from(ROTATE_AT).unwrap()]).unwrap();
        log.write(now, Level::Info, Tag::Ok, "second");
        assert!(fs::read_to_string(&path).unwrap().contains("second"));
        assert_eq!(
            fs::metadata(folder.path().join("logs/installer.log.1")).unwrap().len(),
            ROTATE_AT
        );
    }
}

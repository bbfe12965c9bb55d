//! Files that an operation sets aside: `backups/plugins/<slug>/<kind>-<stamp>.json` and `.zip`. What stands in them is for
//! the caller to say.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};

use super::backup::{create, prepare_folder};
use super::removed::is_taken;
use super::{Layout, StageError};
use crate::base::fs::{self as base, Attempt, FsError, Owner};

/// The end of a file's name until all of it is written.
const PARTIAL: &str = ".parte";

/// Where an operation sets its files aside.
#[derive(Debug, Clone)]
pub struct Snapshot {
    folder: PathBuf,
    stamp: String,
    owner: Owner,
}

impl Snapshot {
    /// For an operation that begins now, in the plugin's folder of kept things: with a time that none of its files has
    /// yet.
    pub fn begin(folder: PathBuf, now: DateTime<FixedOffset>, owner: Owner) -> Self {
        let stamp = first_stamp(now, |stamp| !is_borne(&folder, stamp));
        Self::of(folder, stamp, owner)
    }

    /// The same for an operation whose backup of the tree has the stamp, too.
    pub fn begin_with_backup(folder: PathBuf, now: DateTime<FixedOffset>, owner: Owner, layout: &Layout) -> Self {
        let is_taken = |stamp: &str| is_taken(&layout.backups(), layout.slug(), stamp);
        let stamp = first_stamp(now, |stamp| !is_borne(&folder, stamp) && !is_taken(stamp));
        Self::of(folder, stamp, owner)
    }

    /// That of an earlier operation, by its stamp.
    pub fn of(folder: PathBuf, stamp: String, owner: Owner) -> Self {
        Self { folder, stamp, owner }
    }

    /// What tells the operation's files from those of others.
    pub fn stamp(&self) -> &str {
        &self.stamp
    }

    /// Writes a file and syncs it; gives its path.
    pub fn write<E: From<StageError>>(
        &self,
        kind: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<PathBuf, E> {
        self.write_as(kind, "json", write)
    }

    /// The same with another ending: such a file stays also where the operation does not commit.
    pub fn write_as<E: From<StageError>>(
        &self,
        kind: &str,
        ending: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<PathBuf, E> {
        // `backups/plugins/<slug>`
        let top = self.folder.ancestors().nth(2).unwrap_or(&self.folder);
        prepare_folder(top, &self.folder, self.owner)?;
        // What was cut short bears no name that tells of a whole file, and goes.
        for name in names(&self.folder) {
            if name.starts_with(&format!("{kind}-")) && name.ends_with(PARTIAL) {
                base::remove_file(&self.folder.join(name)).map_err(StageError::from)?;
            }
        }
        let path = self.folder.join(format!("{kind}-{}.{ending}", self.stamp));
        let partial = self.folder.join(format!("{kind}-{}.{ending}{PARTIAL}", self.stamp));
        let mut out = BufWriter::new(create(&partial, self.owner)?);
        let written = write(&mut out).and_then(|()| Ok(self.finish(out, (&partial, &path))?));
        if written.is_err() {
            // The first fault is what is told.
            let _ = base::remove_file(&partial);
        }
        written.map(|()| path)
    }

    /// Writes an archive, syncs it, and gives it to `verify`; gives its path.
    pub fn write_archive<T, E: From<StageError>>(
        &self,
        kind: &str,
        write: impl FnOnce(&File) -> Result<T, E>,
        verify: impl FnOnce(&Path, &File, &T) -> Result<(), E>,
    ) -> Result<PathBuf, E> {
        let top = self.folder.ancestors().nth(2).unwrap_or(&self.folder);
        prepare_folder(top, &self.folder, self.owner)?;
        let path = self.folder.join(format!("{kind}{}", archive_ending(&self.stamp)));
        let file = create(&path, self.owner)?;
        let written = write(&file)?;
        let synced = base::sync_file(&file).map_err(|fault| FsError::new(Attempt::Sync, &path, fault));
        synced.map_err(StageError::from)?;
        verify(&path, &file, &written)?;
        base::fsync_dir(&self.folder).map_err(StageError::from)?;
        Ok(path)
    }

    fn finish(&self, out: BufWriter<fs::File>, (partial, path): (&Path, &Path)) -> Result<(), StageError> {
        let file = out
            .into_inner()
            .map_err(|broken| FsError::new(Attempt::Write, partial, broken.into_error()))?;
        base::sync_file(&file).map_err(|fault| FsError::new(Attempt::Sync, partial, fault))?;
        base::rename_no_replace(partial, path)?;
        Ok(base::fsync_dir(&self.folder)?)
    }

    /// Takes away what was set aside, for an operation that did not commit. Can be repeated.
    pub fn remove(&self) -> Result<(), StageError> {
        for name in names(&self.folder) {
            if bears(&name, &self.stamp) {
                base::remove_file(&self.folder.join(name))?;
            }
        }
        Ok(base::remove_empty_folder(&self.folder)?)
    }
}

fn archive_ending(stamp: &str) -> String {
    format!("-{stamp}.zip")
}

fn bears(name: &str, stamp: &str) -> bool {
    name.contains(&format!("-{stamp}."))
}

fn first_stamp(now: DateTime<FixedOffset>, is_free: impl Fn(&str) -> bool) -> String {
    let base = now.format("%Y%m%d-%H%M%S").to_string();
    let mut stamps = std::iter::once(base.clone()).chain((2..).map(|number| format!("{base}-{number}")));
    stamps.find(|stamp| is_free(stamp)).unwrap_or(base)
}

fn is_borne(folder: &Path, stamp: &str) -> bool {
    names(folder).iter().any(|name| bears(name, stamp))
}

/// Names in a folder; none where there is no such folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{GestorRoot, Slug};

    fn write(snapshot: &Snapshot, kind: &str, text: &[u8]) -> Result<PathBuf, StageError> {
        snapshot.write(kind, |out| {
            out.write_all(text)
                .map_err(|fault| FsError::new(Attempt::Write, "here", fault).into())
        })
    }

    #[test]
    fn what_is_cut_short_does_not_stay() {
        let site = tempfile::tempdir().unwrap();
        let folder = site.path().join("backups/plugins/p");
        let now = DateTime::parse_from_rfc3339("2026-01-02T03:04:05-03:00").unwrap();
        let snapshot = Snapshot::begin(folder.clone(), now, Owner::of(site.path()).unwrap());
        let cut = snapshot.write_as("esquema", "jsonl.gz", |out| {
            out.write_all(&vec![7; 1 << 16]).unwrap();
            Err(StageError::from(FsError::new(
                Attempt::Write,
                "here",
                std::io::Error::from_raw_os_error(28),
            )))
        });
        assert!(cut.is_err());
        assert_eq!(names(&folder), [""; 0]);
        fs::write(
            folder.join("esquema-20250101-000000.jsonl.gz.parte"),
            b"of a killed run",
        )
        .unwrap();
        let root = GestorRoot::new(site.path());
        let slug = Slug::normalize("p").unwrap();
        let whole = |text: &'static [u8]| {
            let snapshot = Snapshot::begin(folder.clone(), now, Owner::of(site.path()).unwrap());
            let path = snapshot.write_as("esquema", "jsonl.gz", |out| {
                out.write_all(text)
                    .map_err(|fault| StageError::from(FsError::new(Attempt::Write, "here", fault)))
            });
            crate::stage::without_twin(&root, &slug, path.unwrap()).unwrap()
        };
        let first = whole(b"the same");
        assert_eq!(names(&folder), ["esquema-20260102-030405.jsonl.gz"]);
        assert_eq!(whole(b"the same"), first);
        assert_eq!(names(&folder).len(), 1);
        assert_ne!(whole(b"another "), first);
        assert_eq!(names(&folder).len(), 2);
    }

    #[test]
    fn files_of_one_operation_are_told_from_those_of_another() {
        let site = tempfile::tempdir().unwrap();
        let folder = site.path().join("backups/plugins/p");
        let now = DateTime::parse_from_rfc3339("2026-01-02T03:04:05-03:00").unwrap();
        let owner = Owner::of(site.path()).unwrap();
        let first = Snapshot::begin(folder.clone(), now, owner);
        first.remove().unwrap();
        let path = write(&first, "adotados", b"[1]").unwrap();
        assert_eq!(path, folder.join("adotados-20260102-030405.json"));
        assert_eq!(fs::read(&path).unwrap(), b"[1]");
        let second = Snapshot::begin(folder.clone(), now, owner);
        assert_eq!(second.stamp(), "20260102-030405-2");
        write(&second, "orfaos-paginas", b"").unwrap();
        Snapshot::of(folder.clone(), second.stamp().to_owned(), owner)
            .remove()
            .unwrap();
        assert_eq!(names(&folder), ["adotados-20260102-030405.json"]);
        first.remove().unwrap();
        assert!(!folder.exists());
    }
}

//! The backup of the installed folder: an archive that is whole or not there. Owns its names and its file; packing and
//! checking are the caller's.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};

use super::premises::{FILE_MODE, FOLDER_MODE};
use super::{Layout, StageError, StepError};
use crate::base::fs::{self as base, Attempt, FsError, Owner};
use crate::model::Slug;

/// A backup that is written and checked, and gets its name when the operation commits.
#[derive(Debug, Clone)]
pub struct PreparedBackup {
    name: String,
    made: Arc<File>,
}

impl PreparedBackup {
    /// The file name that it will have in `plugins/_backups/`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same under another name.
    #[must_use]
    pub fn named(self, name: String) -> Self {
        Self { name, ..self }
    }

    /// Whether what was written and checked still stands under its temporary name.
    ///
    /// # Errors
    /// [`FsError::Swapped`].
    pub fn check(&self, layout: &Layout) -> Result<(), StageError> {
        Ok(base::check_same(&layout.backup_partial(), &self.made)?)
    }

    /// The path that it will have.
    pub fn path(&self, layout: &Layout) -> PathBuf {
        layout.backups().join(&self.name)
    }
}

/// `<slug>-YYYYMMDD-HHMMSS.<ending>`, with `-2`, `-3`, … before the ending while the name is taken.
pub fn free_name(slug: &Slug, now: DateTime<FixedOffset>, ending: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut name = PathBuf::from(format!("{slug}-{}.{ending}", now.format("%Y%m%d-%H%M%S")));
    while is_taken(&name.to_string_lossy()) {
        name = next_name(&name);
    }
    name.to_string_lossy().into_owned()
}

/// The name after a taken one.
pub(super) fn next_name(taken: &Path) -> PathBuf {
    let name = taken.file_name().unwrap_or_default().to_string_lossy();
    // A slug has no dot.
    let (stem, ending) = name.split_once('.').unwrap_or((&name, "zip"));
    // Date and time are the last two parts; a third one is our number. The slug may have hyphens of its own.
    let number = stem.rsplit_once('-').filter(|(_, last)| last.len() < 6);
    let (base, number) = number
        .and_then(|(base, last)| last.parse::<u32>().ok().map(|number| (base, number)))
        .unwrap_or((stem, 1));
    taken.with_file_name(format!("{base}-{}.{ending}", number + 1))
}

/// Writes the backup under its temporary name, in place of one that stands there: `pack` fills the file, which is then brought to the disk and given to
/// `verify`. If either fails nothing is left.
pub fn prepare<T, E>(
    layout: &Layout,
    now: DateTime<FixedOffset>,
    owner: Owner,
    ending: &str,
    pack: impl FnOnce(&mut File) -> Result<T, E>,
    verify: impl FnOnce(&mut File, &T) -> Result<(), E>,
) -> Result<(PreparedBackup, T), StepError<E>> {
    prepare_folder(&layout.plugins(), &layout.backups(), owner)?;
    let path = layout.backup_partial();
    let mut file = create(&path, owner)?;
    let made = file.try_clone();
    let made = Arc::new(made.map_err(|fault| FsError::new(Attempt::Read, &path, fault))?);
    let written = pack(&mut file).map_err(StepError::Callback).and_then(|packed| {
        base::sync_file(&file).map_err(|fault| FsError::new(Attempt::Sync, &path, fault))?;
        verify(&mut file, &packed).map_err(StepError::Callback)?;
        Ok(packed)
    });
    if written.is_err() {
        // The first fault is the one to tell; undoing removes the file as well.
        let _ = base::remove_file(&path);
    }
    let folder = layout.backups();
    let name = free_name(layout.slug(), now, ending, |name| {
        fs::symlink_metadata(folder.join(name)).is_ok()
    });
    Ok((PreparedBackup { name, made }, written?))
}

/// A folder for files that are set aside.
pub(super) fn prepare_folder(top: &Path, folder: &Path, owner: Owner) -> Result<(), StageError> {
    super::premises::ensure(top, folder, owner, FOLDER_MODE)
}

/// A new file of the site's owner. A leftover of that name is replaced.
pub(super) fn create(path: &Path, owner: Owner) -> Result<File, StageError> {
    Ok(base::replace_file(path, Some(owner), FILE_MODE)?)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek, SeekFrom, Write};
    use std::os::unix::fs::MetadataExt;

    use super::*;
    use crate::model::GestorRoot;
    use crate::stage::Place;

    fn now() -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339("2026-01-02T03:04:05-03:00").unwrap()
    }

    #[test]
    fn names_never_collide() {
        let slug = Slug::normalize("my-plugin-2").unwrap();
        let name = |taken: &[&str]| free_name(&slug, now(), "zip", |name| taken.contains(&name));
        let first = "my-plugin-2-20260102-030405.zip";
        let second = "my-plugin-2-20260102-030405-2.zip";
        assert_eq!(name(&[]), first);
        assert_eq!(name(&[first]), second);
        assert_eq!(name(&[first, second]), "my-plugin-2-20260102-030405-3.zip");
        let other = free_name(&slug, now(), "tar.gz", |name| name.len() < 36);
        assert_eq!(other, "my-plugin-2-20260102-030405-2.tar.gz");
    }

    #[test]
    fn a_backup_is_whole_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(
            GestorRoot::new(folder.path()),
            Slug::normalize("p").unwrap(),
            Place::Temp,
        );
        fs::create_dir_all(layout.plugins()).unwrap();
        let owner = Owner::of(&layout.plugins()).unwrap();
        fs::create_dir_all(layout.backups()).unwrap();
        fs::write(layout.backup_partial(), "a longer leftover").unwrap();
        let pack = |file: &mut File| file.write_all(b"zip").map(|()| 3);
        let verify = |file: &mut File, packed: &i32| {
            assert_eq!(*packed, 3);
            let mut text = String::new();
            file.seek(SeekFrom::Start(0))?;
            file.read_to_string(&mut text)?;
            assert_eq!(text, "zip");
            Ok(())
        };
        let (prepared, _) = prepare(&layout, now(), owner, "zip", pack, verify).unwrap();
        assert_eq!(prepared.name(), "p-20260102-030405.zip");
        assert_eq!(fs::metadata(layout.backup_partial()).unwrap().mode() & 0o777, FILE_MODE);
        let broken = |_: &mut File| Err::<i32, _>(std::io::Error::other("full"));
        let fault = prepare(&layout, now(), owner, "zip", broken, verify).unwrap_err();
        assert!(matches!(fault, StepError::Callback(_)));
        assert!(!layout.backup_partial().exists());
        let refused = |_: &mut File, _: &i32| Err(std::io::Error::other("unreadable"));
        assert!(prepare(&layout, now(), owner, "zip", pack, refused).is_err());
        assert!(!layout.backup_partial().exists());
    }
}

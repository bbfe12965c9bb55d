//! The files that are kept of a plugin, as somebody who prunes looks at them: backups of its tree, archives of what went;
//! and their removal, each so that what is left is whole.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::kept::{self, KeptPackage};
use super::removed::{BACKUP_ENDINGS, SCHEMA_COPY, backup_name, is_backup_of, names, stamp_of};
use super::{StageError, premises};
use crate::base::fs as base;
use crate::model::{GestorRoot, Slug};

/// A file that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retained {
    /// Its path.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// When it was written: seconds since 1970.
    pub written: i64,
}

impl Retained {
    fn of(path: PathBuf) -> Option<Self> {
        let found = fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_file)?;
        Some(Self {
            name: path.file_name()?.to_str()?.to_owned(),
            bytes: found.len(),
            written: found.mtime(),
            path,
        })
    }
}

/// The kept packages of a plugin.
pub fn packages(root: &GestorRoot, slug: &Slug) -> Result<Vec<(KeptPackage, Retained)>, StageError> {
    if !is_trusted(root, slug)? {
        return Ok(Vec::new());
    }
    let found = kept::list(root, slug)?.into_iter();
    Ok(found
        .filter_map(|kept| Retained::of(kept.path.clone()).map(|file| (kept, file)))
        .collect())
}

/// The archives of what uninstalling took away.
pub fn archives(root: &GestorRoot, slug: &Slug) -> Result<Vec<Retained>, StageError> {
    if !is_trusted(root, slug)? {
        return Ok(Vec::new());
    }
    let found = names(root, slug)?.into_iter().map(|name| root.kept(slug).join(name));
    Ok(found.filter_map(Retained::of).collect())
}

/// The copies of tables and columns that were taken away.
pub fn copies(root: &GestorRoot, slug: &Slug) -> Result<Vec<Retained>, StageError> {
    named(root, slug, &|name| {
        name.starts_with(SCHEMA_COPY.0) && name.ends_with(SCHEMA_COPY.1)
    })
}

/// Checksums beside which no package stands any more: somebody was killed between the two.
pub fn lone_checksums(root: &GestorRoot, slug: &Slug) -> Result<Vec<Retained>, StageError> {
    named(root, slug, &|name| {
        let package = name
            .strip_suffix(kept::CHECKSUM)
            .filter(|package| kept::is_package(package));
        let stands = |package: &str| fs::symlink_metadata(root.kept(slug).join(package)).is_ok();
        package.is_some_and(|package| !stands(package))
    })
}

fn named(root: &GestorRoot, slug: &Slug, is_it: &dyn Fn(&str) -> bool) -> Result<Vec<Retained>, StageError> {
    if !is_trusted(root, slug)? {
        return Ok(Vec::new());
    }
    let folder = root.kept(slug);
    let found = base::file_names(&folder)?.into_iter().filter(|name| is_it(name));
    Ok(found.filter_map(|name| Retained::of(folder.join(name))).collect())
}

/// The backups of its tree, but for those that belong to an archive.
pub fn backups(root: &GestorRoot, slug: &Slug) -> Result<Vec<Retained>, StageError> {
    let folder = root.tree_backups();
    if !base::trusted_folder(&folder, premises::owner(root)?)? {
        return Ok(Vec::new());
    }
    let archives = names(root, slug)?;
    let stamps: Vec<&str> = archives.iter().filter_map(|name| stamp_of(name)).collect();
    let of_archive = |name: &str| {
        let is_of = |stamp: &&&str| {
            BACKUP_ENDINGS
                .iter()
                .any(|ending| name == backup_name(slug, stamp, ending))
        };
        stamps.iter().any(|stamp| is_of(&stamp))
    };
    let found = base::file_names(&folder)?.into_iter();
    let own = found.filter(|name| is_backup_of(name, slug) && !of_archive(name));
    Ok(own.filter_map(|name| Retained::of(folder.join(name))).collect())
}

fn is_trusted(root: &GestorRoot, slug: &Slug) -> Result<bool, StageError> {
    Ok(base::trusted_folder(&root.kept(slug), premises::kept_owner(root)?)?)
}

/// Removes a package, then what stands beside it: a checksum without its package is nothing, a package without its checksum
/// is nobody's.
pub fn remove_package(path: &Path) -> Result<(), StageError> {
    base::remove_file(path)?;
    Ok(base::remove_file(&kept::checksum_of(path))?)
}

/// Removes an archive, then the backup of the tree that went with it.
pub fn remove_archive(root: &GestorRoot, slug: &Slug, path: &Path) -> Result<(), StageError> {
    base::remove_file(path)?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    for ending in BACKUP_ENDINGS.iter().filter(|_| stamp_of(name).is_some()) {
        let backup = backup_name(slug, stamp_of(name).unwrap_or_default(), ending);
        base::remove_file(&root.tree_backups().join(backup))?;
    }
    Ok(())
}

/// Removes a backup, a copy of tables, a checksum.
pub fn remove(path: &Path) -> Result<(), StageError> {
    Ok(base::remove_file(path)?)
}

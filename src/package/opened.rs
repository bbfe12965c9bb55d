//! What is known of a package once every header, its manifest and its data have been looked at.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use super::PackageError;
use crate::archive::{Archive, ArchiveTree, Blacklist};
use crate::base::fs::{Attempt, FsError};
use crate::config::Limits;
use crate::data::TableRows;
use crate::manifest::Manifest;
use crate::model::Sha256Digest;
use crate::resources::PackageContents;

/// A package of which every header, the manifest and the version have been looked at.
pub struct Inspected {
    /// The package itself: it is never looked for by its path again.
    pub file: Arc<File>,
    /// Of the whole file.
    pub sha256: Sha256Digest,
    /// The archive.
    pub archive: Archive,
    /// The folder of the archive that is the plugin's root.
    pub prefix: String,
    /// What is below it.
    pub tree: ArchiveTree,
    /// Its manifest.
    pub manifest: Manifest,
    /// Data files, descriptors, migrations.
    pub contents: PackageContents,
    /// The release that it came from.
    pub tag: Option<String>,
    /// What is recorded as `origem_referencia`.
    pub reference: String,
    /// What is recorded as `origem_credencial_ref`.
    pub credential: Option<String>,
}

/// What a package, or a folder of data files, brings to the database.
#[derive(Debug, Default)]
pub struct PackageRows {
    /// Its rows.
    pub tables: Vec<TableRows>,
    /// Those of the package that is installed now, where they are known.
    pub previous: Option<Vec<TableRows>>,
    /// They come from a legacy `Data.json`.
    pub legacy: bool,
    /// They are wanted at all.
    pub wanted: bool,
}

/// Opens an archive by its handle and looks at every header. `path` is for people.
pub fn open(file: &File, path: &Path, limits: &Limits, blacklist: &Blacklist) -> Result<Archive, PackageError> {
    let cloned = file.try_clone();
    let file = cloned.map_err(|fault| FsError::new(Attempt::Read, path, fault))?;
    Ok(Archive::open(file, limits, blacklist)?)
}

//! The packages that are kept of a plugin: found by their SHA-256, opened, their rows. Reads only.

use std::fs::File;
use std::path::PathBuf;

use super::{PackageError, RowReading, open};
use crate::archive::{Archive, ArchiveTree, Blacklist};
use crate::base::file_tree::FileTree;
use crate::config::Limits;
use crate::data::{TableRows, may_lack_owner, table_of_file};
use crate::manifest;
use crate::model::{GestorRoot, Sha256Digest, Slug, Version};
use crate::resources::PackageContents;
use crate::stage;

/// Where the packages of a plugin are kept, and how they are opened.
pub struct KeptPackages<'k> {
    /// The gestor.
    pub root: &'k GestorRoot,
    /// The plugin.
    pub slug: &'k Slug,
    /// Limits of archives.
    pub limits: &'k Limits,
    /// What no package may hold.
    pub blacklist: &'k Blacklist,
}

/// A kept package that is open.
pub struct KeptPackage {
    /// Where it stands.
    pub path: PathBuf,
    /// Its archive.
    pub archive: Archive,
    /// The folder of the archive that is the plugin's root.
    pub prefix: String,
    /// What is below it.
    pub tree: ArchiveTree,
    /// Data files, descriptors, migrations.
    pub contents: PackageContents,
}

impl KeptPackages<'_> {
    /// The kept package of a version with a SHA-256; nothing where it is not kept, or is another one. Where no SHA-256 is
    /// known, as of plugins of which only a part was installed, that of the version.
    pub fn open(&self, version: Option<&str>, sha256: Option<&str>) -> Result<Option<KeptPackage>, PackageError> {
        let Some(version) = version.and_then(|text| text.parse::<Version>().ok()) else {
            return Ok(None);
        };
        let found = match sha256.map(str::parse::<Sha256Digest>) {
            None => stage::kept::find(self.root, self.slug, version)?,
            Some(Ok(sha256)) => stage::kept::find_package(self.root, self.slug, version, sha256)?,
            Some(Err(_)) => None,
        };
        found.map(|(path, file)| self.opened(path, &file)).transpose()
    }

    /// The same, else what stands with that SHA-256 among the uploads, where another installer took it from.
    pub fn open_or_upload(
        &self,
        version: Option<&str>,
        sha256: Option<&str>,
    ) -> Result<Option<KeptPackage>, PackageError> {
        if let Some(kept) = self.open(version, sha256)? {
            return Ok(Some(kept));
        }
        let wanted = sha256.and_then(|text| text.parse::<Sha256Digest>().ok());
        let found = wanted.and_then(|wanted| stage::find_upload(self.root, wanted, self.limits.package_bytes));
        found.map(|(path, file)| self.opened(path, &file)).transpose()
    }

    /// The rows of that package.
    pub fn rows_of(
        &self,
        version: Option<&str>,
        sha256: Option<&str>,
        reading: &RowReading<'_>,
    ) -> Result<Option<Vec<TableRows>>, PackageError> {
        let package = sha256.map_or(Ok(None), |sha256| self.open_or_upload(version, Some(sha256)))?;
        package.map(|package| package.rows(reading)).transpose()
    }

    fn opened(&self, path: PathBuf, file: &File) -> Result<KeptPackage, PackageError> {
        let archive = open(file, &path, self.limits, self.blacklist)?;
        let prefix = manifest::locate(&archive.tree(""), self.slug)?.prefix;
        let tree = archive.tree(&prefix);
        let contents = PackageContents::of(tree.paths());
        Ok(KeptPackage {
            path,
            archive,
            prefix,
            tree,
            contents,
        })
    }
}

impl KeptPackage {
    /// Its rows, as an installation reads them; what it would warn of was told then.
    pub fn rows(&self, reading: &RowReading<'_>) -> Result<Vec<TableRows>, PackageError> {
        Ok(reading.package(&self.tree, &self.contents)?.tables)
    }

    /// The rows of its data files for tables whose rows may have no owner.
    pub fn rows_without_owner(&self, reading: &RowReading<'_>) -> Result<Vec<TableRows>, PackageError> {
        let mut paths = self.contents.data_files.clone();
        paths.retain(|path| table_of_file(path).is_ok_and(|table| may_lack_owner(&table)));
        reading.data_files(&self.tree, &paths)
    }
}

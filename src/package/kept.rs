//! The packages that are kept of a plugin: found by their SHA-256, opened, their rows. Reads only.

use super::{LocatedPackage, PackageError, RowReading, VerifiedPackage, open};
use crate::archive::Blacklist;
use crate::config::{Limits, Site};
use crate::data::TableRows;
use crate::model::{GestorRoot, Sha256Digest, Slug, Version};
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

impl<'k> KeptPackages<'k> {
    /// Those of a plugin of a site.
    pub fn of(site: &'k Site, slug: &'k Slug, blacklist: &'k Blacklist) -> Self {
        Self {
            root: &site.root,
            slug,
            limits: &site.limits,
            blacklist,
        }
    }
}

impl KeptPackages<'_> {
    /// The kept package of a version with a SHA-256; nothing where it is not kept, or is another one. Where no SHA-256 is
    /// known, as of plugins of which only a part was installed, that of the version.
    pub fn find(&self, version: Option<&str>, sha256: Option<&str>) -> Result<Option<VerifiedPackage>, PackageError> {
        let Some(version) = version.and_then(|text| text.parse::<Version>().ok()) else {
            return Ok(None);
        };
        match sha256.map(str::parse::<Sha256Digest>) {
            None => self.find_version(version),
            Some(Ok(sha256)) => self.find_package(version, sha256),
            Some(Err(_)) => Ok(None),
        }
    }

    /// The kept package of a version with a SHA-256.
    pub fn find_package(
        &self,
        version: Version,
        sha256: Sha256Digest,
    ) -> Result<Option<VerifiedPackage>, PackageError> {
        let found = stage::kept::find_package(self.root, self.slug, version, sha256)?;
        found
            .map(|(path, file)| VerifiedPackage::known(path, file, Some(sha256)))
            .transpose()
    }

    /// The same, else what stands with that SHA-256 among the uploads.
    pub fn find_package_or_upload(
        &self,
        version: Version,
        sha256: Sha256Digest,
    ) -> Result<Option<VerifiedPackage>, PackageError> {
        match self.find_package(version, sha256)? {
            None => self.find_upload(sha256),
            kept => Ok(kept),
        }
    }

    fn find_upload(&self, sha256: Sha256Digest) -> Result<Option<VerifiedPackage>, PackageError> {
        let found = stage::find_upload(self.root, sha256, self.limits.package_bytes);
        found
            .map(|(path, file)| VerifiedPackage::known(path, file, Some(sha256)))
            .transpose()
    }

    /// The kept package of a version, whichever it is.
    fn find_version(&self, version: Version) -> Result<Option<VerifiedPackage>, PackageError> {
        let found = stage::kept::find(self.root, self.slug, version)?;
        found
            .map(|(path, file)| VerifiedPackage::known(path, file, None))
            .transpose()
    }

    /// Where another package of a version is kept.
    pub fn find_other(&self, version: Version) -> Result<Option<std::path::PathBuf>, PackageError> {
        let found = stage::kept::find(self.root, self.slug, version)?;
        Ok(found.map(|(path, _)| path))
    }

    /// The kept package of a version, if it is the one whose SHA-256 was noted beside it.
    pub fn find_noted(&self, version: Version) -> Result<Option<VerifiedPackage>, PackageError> {
        let Some(found) = self.find_version(version)? else {
            return Ok(None);
        };
        let listed = stage::kept::list(self.root, self.slug)?;
        let noted = listed.into_iter().find(|kept| kept.path == found.path());
        let noted = noted.and_then(|kept| kept.sha256);
        Ok(Some(found).filter(|found| noted == Some(found.sha256().to_string())))
    }

    /// What [`Self::find`] finds, open.
    pub fn open(&self, version: Option<&str>, sha256: Option<&str>) -> Result<Option<LocatedPackage>, PackageError> {
        let found = self.find(version, sha256)?;
        found.map(|package| self.opened(&package)).transpose()
    }

    /// The same, else what stands with that SHA-256 among the uploads, where another installer took it from.
    pub fn open_or_upload(
        &self,
        version: Option<&str>,
        sha256: Option<&str>,
    ) -> Result<Option<LocatedPackage>, PackageError> {
        if let Some(kept) = self.open(version, sha256)? {
            return Ok(Some(kept));
        }
        let Some(wanted) = sha256.and_then(|text| text.parse::<Sha256Digest>().ok()) else {
            return Ok(None);
        };
        let found = self.find_upload(wanted)?;
        found.map(|package| self.opened(&package)).transpose()
    }

    /// The rows of that package.
    pub fn rows_of(
        &self,
        version: Option<&str>,
        sha256: Option<&str>,
        reading: &RowReading<'_>,
    ) -> Result<Option<Vec<TableRows>>, PackageError> {
        let package = sha256.map_or(Ok(None), |sha256| self.open_or_upload(version, Some(sha256)))?;
        package
            .map(|package| Ok(package.read_rows(reading)?.tables))
            .transpose()
    }

    fn opened(&self, package: &VerifiedPackage) -> Result<LocatedPackage, PackageError> {
        open(package, self.limits, self.blacklist)?.locate(self.slug)
    }
}

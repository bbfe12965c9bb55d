//! The rows of a kept package, for operations that have to know what a package brought.

use super::reporter::Narrator;
use super::rows::read_data_files;
use crate::archive::Blacklist;
use crate::base::file_tree::FileTree;
use crate::config::{Limits, Settings};
use crate::data::{TableRows, Tables};
use crate::manifest;
use crate::model::{GestorRoot, Phrase, Slug, TableName, Version};
use crate::ops::Error;
use crate::package;
use crate::resources::{KnownDigests, PackageContents, ResourceError, fill_checksums, read_legacy, read_modules};
use crate::stage;

/// Where the packages of a plugin are kept, and how they are read.
pub(super) struct KeptPackages<'k> {
    pub(super) root: &'k GestorRoot,
    pub(super) slug: &'k Slug,
    pub(super) limits: &'k Limits,
    pub(super) settings: &'k Settings,
    pub(super) narrator: &'k Narrator<'k>,
}

impl KeptPackages<'_> {
    /// The rows of a version's package; nothing where it is not kept.
    pub(super) fn rows(&self, version: &str) -> Result<Option<Vec<TableRows>>, Error> {
        let Ok(version) = version.parse::<Version>() else {
            return Ok(None);
        };
        let Some((path, file)) = stage::kept::find(self.root, self.slug, version)? else {
            return Ok(None);
        };
        let blacklist = Blacklist::from_settings(self.settings.blacklist.as_deref());
        let archive = package::open(&file, &path, self.limits, &blacklist)?;
        let root = manifest::locate(&archive.tree(""), self.slug)?;
        let tree = archive.tree(&root.prefix);
        self.read(&tree, &PackageContents::of(tree.paths())).map(Some)
    }

    /// As an installation reads them; what it would warn of was told then.
    fn read(&self, tree: &dyn FileTree, contents: &PackageContents) -> Result<Vec<TableRows>, Error> {
        let mut tables = Tables::new(None);
        let mut known = KnownDigests::default();
        let faults = read_data_files(
            tree,
            &contents.data_files,
            &mut tables,
            self.limits,
            self.narrator,
            &mut |table, rows| {
                let filled = fill_checksums(tree, &contents.modules, table.as_str(), rows, &mut known);
                filled.map(drop).map_err(of_resources)
            },
        )?;
        if !faults.is_empty() {
            return Err(Error::Contents {
                data: faults,
                resources: Vec::new(),
            });
        }
        let legacy = contents.legacy.as_deref().filter(|_| contents.data_files.is_empty());
        let legacy = legacy.map(|path| read_legacy(tree, &contents.modules, path, self.limits));
        let modules = read_modules(tree, &contents.modules, self.limits, &mut || self.narrator.looks_on());
        for resources in legacy.into_iter().chain([modules]) {
            for (kind, rows) in resources.map_err(of_resources)?.rows {
                let table = TableName::new(kind.table()).map_err(|fault| Error::Internal(Phrase::of(&fault)))?;
                tables.add(&table, &rows)?;
            }
        }
        Ok(tables.finish())
    }
}

fn of_resources(fault: ResourceError) -> Error {
    match fault {
        ResourceError::Unreadable { path, source } => Error::unreadable(&path, source),
        ResourceError::Stopped => crate::log::Cancelled.into(),
        fault @ ResourceError::Faults { .. } => Error::Contents {
            data: Vec::new(),
            resources: vec![fault],
        },
    }
}

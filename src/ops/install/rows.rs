//! The rows of an installation (SPEC §5.9): read from the package, and what is recorded with them.

use super::Installation;
use crate::archive::ArchiveTree;
use crate::base::file_tree::FileTree;
use crate::config::Limits;
use crate::data::{DataError, MergeRules, TableRows, Tables, may_lack_owner, table_of_file};
use crate::log::{Message, PathNotice, Reporter};
use crate::manifest;
use crate::model::{PackageRow, Phrase, TableName, Version};
use crate::ops::{Error, rows};
use crate::package::{Inspected, PackageRows};
use crate::registry::Metadata;
use crate::resources::{
    KnownDigests, PackageContents, ResourceError, Resources, fill_checksums, read_legacy, read_modules,
};
use crate::stage;
use crate::transaction::{Observer, RowRules};

impl Installation<'_> {
    pub(super) fn rules(&self) -> Result<RowRules<'_>, DataError> {
        let call = self.call;
        let rules = RowRules::read(self.slug, &call.root, call.gestor_version.as_deref(), call.policy)?;
        Ok(rules.merging(MergeRules {
            fusion: call.fusion,
            repair: call.reprocess,
        }))
    }

    /// Step 9. Nothing is read when no rows are wanted.
    pub(super) fn read_rows(&self, package: &Inspected, previous: Option<&str>) -> Result<PackageRows, Error> {
        if !self.parts.rows {
            return Ok(PackageRows::default());
        }
        let (tables, legacy) = self.read_tables(&package.contents, &package.tree, true)?;
        if tables.is_empty() {
            self.narrator.message(Message::NoData);
        }
        let previous = previous.map_or(Ok(None), |version| self.previous_rows(version))?;
        Ok(PackageRows {
            tables,
            previous,
            legacy,
            wanted: true,
        })
    }

    /// `tells`: what an operator should know of the files is told.
    pub(super) fn read_tables(
        &self,
        contents: &PackageContents,
        tree: &ArchiveTree,
        tells: bool,
    ) -> Result<(Vec<TableRows>, bool), Error> {
        if tells && !contents.ignored.is_empty() {
            let (what, paths) = (PathNotice::DataIgnored, contents.ignored.clone());
            self.narrator.message(Message::Paths { what, paths });
        }
        let mut tables = Tables::new(Some(&self.call.root.work()));
        let limits = &self.call.limits;
        let mut known = KnownDigests::default();
        let mut fill = |table: &TableName, found: &mut [PackageRow]| {
            let filled = fill_checksums(tree, &contents.modules, table.as_str(), found, &mut known);
            filled.map(drop).map_err(of_resources)
        };
        let faults = rows::read_data_files(
            tree,
            &contents.data_files,
            &mut tables,
            limits,
            self.narrator,
            &mut fill,
        )?;
        let mut wrong = Vec::new();
        let names: Vec<String> = tables.names().map(ToString::to_string).collect();
        let mut take = |read: Result<Resources, _>| match read {
            Ok(resources) => Ok(Some(resources)),
            Err(fault @ ResourceError::Faults { .. }) => {
                wrong.push(fault);
                Ok(None)
            }
            Err(fault) => Err(of_resources(fault)),
        };
        let left = Limits {
            rows: limits.rows.saturating_sub(tables.count()),
            ..*limits
        };
        let legacy = contents.legacy.as_deref().filter(|_| contents.data_files.is_empty());
        let of_legacy = legacy.map(|path| take(read_legacy(tree, &contents.modules, path, &left)));
        let of_legacy = of_legacy.transpose()?.flatten();
        let of_modules = take(read_modules(tree, &contents.modules, &left, &mut || {
            self.narrator.looks_on()
        }))?;
        if !faults.is_empty() || !wrong.is_empty() {
            return Err(Error::Contents {
                data: faults,
                resources: wrong,
            });
        }
        if tells && !names.is_empty() {
            self.narrator.message(Message::DataFilesDetected { tables: names });
        }
        for resources in [of_legacy, of_modules].into_iter().flatten() {
            if tells {
                self.tell_warnings(&resources);
            }
            for (kind, found) in resources.rows {
                let table = TableName::new(kind.table()).map_err(|fault| Error::Internal(Phrase::of(&fault)))?;
                tables.add(&table, &found)?;
            }
        }
        Ok((tables.finish(), legacy.is_some()))
    }

    fn tell_warnings(&self, resources: &Resources) {
        for warning in resources.warnings.iter() {
            self.narrator.message(Message::warning(warning));
        }
        self.narrator.count_warnings(resources.warnings.more());
    }

    /// Rows of the package that is installed now, from the kept one, for tables where nothing else tells whose a row
    /// is. One that cannot be read any more is as good as none: rows without owner are then treated as nobody's.
    fn previous_rows(&self, version: &str) -> Result<Option<Vec<TableRows>>, Error> {
        let Ok(version) = version.parse::<Version>() else {
            return Ok(None);
        };
        let Some((path, file)) = stage::kept::find(&self.call.root, self.slug, version)? else {
            return Ok(None);
        };
        let read = || -> Result<_, Error> {
            let archive = self.open(&file, &path)?;
            let root = manifest::locate(&archive.tree(""), self.slug)?;
            let tree = archive.tree(&root.prefix);
            let contents = PackageContents::of(tree.paths());
            let mut paths = contents.data_files;
            paths.retain(|path| table_of_file(path).is_ok_and(|table| may_lack_owner(&table)));
            let mut tables = Tables::new(Some(&self.call.root.work()));
            rows::read_data_files(
                &tree,
                &paths,
                &mut tables,
                &self.call.limits,
                self.narrator,
                &mut |_, _| Ok(()),
            )?;
            Ok(tables.finish())
        };
        Ok(read().ok())
    }

    pub(super) fn metadata<'p>(&'p self, package: &'p Inspected) -> Metadata<'p> {
        Metadata {
            name: &package.manifest.name,
            origin: self.call.origin.word(),
            reference: Some(&package.reference),
            tag: package.tag.as_deref(),
            credential: package.credential.as_deref(),
            version: package.manifest.version,
            checksum: self.parts.are_complete().then_some(package.sha256),
            manifest: &package.manifest.raw,
        }
    }
}

/// A file that cannot be read is the archive's or the disk's fault, not its author's.
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

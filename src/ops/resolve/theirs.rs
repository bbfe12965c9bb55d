//! The package's state of a row, from the kept package that the base was made from. Reads only.

use std::collections::BTreeMap;

use crate::base::db::Database;
use crate::data::{CurrentTable, TableRows};
use crate::history;
use crate::ops::look;
use crate::ops::reporter::OperationReporter;
use crate::ops::{Error, PluginRefusal};
use crate::package::KeptPackages;
use crate::registry::{self, KnownConflict};

/// The rows of packages, as far as they were asked for.
pub(super) struct Theirs<'t> {
    kept: &'t KeptPackages<'t>,
    reporter: &'t OperationReporter<'t>,
    packages: BTreeMap<String, Option<Vec<TableRows>>>,
    /// Versions that were installed, with the SHA-256 of their packages, the present one first.
    versions: Option<Vec<(String, Option<String>)>>,
}

/// A row of a kept package.
#[derive(Debug, Clone)]
pub(super) struct PackageRow {
    pub(super) version: String,
    table: usize,
    row: usize,
}

impl<'t> Theirs<'t> {
    pub(super) fn new(kept: &'t KeptPackages<'t>, reporter: &'t OperationReporter<'t>) -> Self {
        Self {
            kept,
            reporter,
            packages: BTreeMap::new(),
            versions: None,
        }
    }

    /// A conflict's row as the last package brought it: that of the newest kept package which gives what the base
    /// remembers; where none does, that of the installed version.
    ///
    /// # Errors
    /// No kept package has it.
    pub(super) fn row(
        &mut self,
        table: &CurrentTable,
        conflict: &KnownConflict,
        database: &mut Database,
    ) -> Result<PackageRow, Error> {
        let versions = self.versions(conflict, database)?;
        let (mut installed, mut missing) = (None, None);
        for (version, sha256) in &versions {
            let Some(found) = self.find((version, sha256.as_deref()), table, conflict)? else {
                let is_kept = self.packages.get(version).is_some_and(Option::is_some);
                missing.get_or_insert((version.clone(), is_kept));
                continue;
            };
            let place = (&self.rows(&found)?.rows, found.row);
            match table.is_remembered(&conflict.key, place)? {
                Some(true) | None => return Ok(found),
                Some(false) if versions.first().is_some_and(|(first, _)| first == version) => installed = Some(found),
                Some(false) => {}
            }
        }
        if let Some(found) = installed {
            return Ok(found);
        }
        let id = conflict.id;
        Err(match missing {
            Some((version, true)) => PluginRefusal::NotInPackage { id, version }.into(),
            Some((version, false)) => self.not_kept(version),
            None => self.not_kept(conflict.version.clone().unwrap_or_default()),
        })
    }

    pub(super) fn not_kept(&self, version: String) -> Error {
        let slug = self.kept.slug.to_string();
        PluginRefusal::NotKept { slug, version }.into()
    }

    /// Versions whose package may be the last that brought rows, the likeliest first.
    fn versions(
        &mut self,
        conflict: &KnownConflict,
        database: &mut Database,
    ) -> Result<Vec<(String, Option<String>)>, Error> {
        if self.versions.is_none() {
            let row = registry::read(database, self.kept.slug)?.unwrap_or_default();
            let installed = row.version.map(|version| (version, row.checksum));
            let entries = history::entries(database, self.kept.slug, usize::MAX)?;
            let earlier = entries
                .into_iter()
                .filter_map(|entry| Some((entry.versao_para?, entry.checksum)));
            self.versions = Some(installed.into_iter().chain(earlier).collect());
        }
        let named = conflict.version.iter().map(|version| (version.clone(), None));
        let mut versions: Vec<(String, Option<String>)> = Vec::new();
        for version in self.versions.iter().flatten().cloned().chain(named) {
            if !versions.iter().any(|(known, _)| *known == version.0) {
                versions.push(version);
            }
        }
        Ok(versions)
    }

    fn find(
        &mut self,
        (version, sha256): (&str, Option<&str>),
        table: &CurrentTable,
        conflict: &KnownConflict,
    ) -> Result<Option<PackageRow>, Error> {
        if !self.packages.contains_key(version) {
            let rows = look::kept_rows(self.kept, (version, sha256), self.reporter)?;
            self.packages.insert(version.to_owned(), rows);
        }
        let tables = self.packages.get(version).into_iter().flatten().flatten().enumerate();
        for (place, rows) in tables.filter(|(_, rows)| rows.table.as_str() == conflict.table) {
            if let Some(row) = table.find_row(&rows.rows, &conflict.key)? {
                let (version, table) = (version.to_owned(), place);
                return Ok(Some(PackageRow { version, table, row }));
            }
        }
        Ok(None)
    }

    fn rows(&self, found: &PackageRow) -> Result<&TableRows, Error> {
        let tables = self.packages.get(&found.version).and_then(Option::as_ref);
        let rows = tables.and_then(|tables| tables.get(found.table));
        rows.ok_or_else(|| self.not_kept(found.version.clone()))
    }

    /// What it gives for a column.
    pub(super) fn value(
        &self,
        table: &CurrentTable,
        found: &PackageRow,
        column: usize,
    ) -> Result<Option<Vec<u8>>, Error> {
        Ok(table.package_value(&self.rows(found)?.rows, found.row, column)?)
    }

    /// The row on its own.
    pub(super) fn only(&self, table: &CurrentTable, found: &PackageRow) -> Result<TableRows, Error> {
        Ok(table.only(&self.rows(found)?.rows, found.row)?)
    }
}

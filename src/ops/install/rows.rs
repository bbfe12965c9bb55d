//! The rows of an installation (SPEC §5.9): read from the package, and what is recorded with them.

use super::Installation;
use super::back::WayBack;
use crate::data::{DataError, MergeRules, TableRows};
use crate::log::{Message, PathNotice, Reporter};
use crate::ops::Error;
use crate::package::{Inspected, PackageError, PackageRows, RowReading};
use crate::registry::{Installed, Metadata};
use crate::transaction::{RowRules, TransactionReporter};

impl Installation<'_> {
    pub(super) fn rules(&self) -> Result<RowRules<'_>, DataError> {
        let call = self.call;
        let rules = RowRules::read(
            self.slug,
            &call.site.root,
            call.site.gestor_version.as_deref(),
            call.policy,
        )?;
        Ok(rules.merging(MergeRules {
            fusion: call.fusion,
            repair: call.reprocess,
            back: self.back.map(WayBack::since),
        }))
    }

    /// Step 9. Nothing is read when no rows are wanted.
    pub(super) fn read_rows(&self, package: &Inspected, installed: &Installed) -> Result<PackageRows, Error> {
        if !self.parts.rows {
            return Ok(PackageRows::default());
        }
        let (tables, legacy) = self.read_tables(package)?;
        if tables.is_empty() {
            self.reporter.message(Message::NoData);
        }
        let previous = self.previous_rows(installed)?;
        Ok(PackageRows {
            tables,
            previous,
            legacy,
            wanted: true,
        })
    }

    /// How rows of packages are read.
    pub(super) fn reading<T>(&self, read: impl FnOnce(&RowReading<'_>) -> Result<T, PackageError>) -> Result<T, Error> {
        let work = self.call.site.root.work();
        let reading = RowReading {
            limits: &self.call.site.limits,
            spill: Some(&work),
            watch: &|rows| self.reporter.reading(rows),
        };
        Ok(read(&reading)?)
    }

    fn read_tables(&self, package: &Inspected) -> Result<(Vec<TableRows>, bool), Error> {
        let contents = package.located.contents();
        if !contents.ignored.is_empty() {
            let (what, paths) = (PathNotice::DataIgnored, contents.ignored.clone());
            self.reporter.message(Message::Paths { what, paths });
        }
        let read = self.reading(|reading| package.located.read_rows(reading))?;
        if !read.data_tables.is_empty() {
            let tables = read.data_tables;
            self.reporter.message(Message::DataFilesDetected { tables });
        }
        for warnings in &read.warnings {
            for warning in warnings.iter() {
                self.reporter.message(Message::warning(warning));
            }
            self.reporter.count_warnings(warnings.more());
        }
        Ok((read.tables, read.legacy))
    }

    /// Rows of the package that is installed now, from the kept one, for tables where nothing else tells whose a row
    /// is. One that cannot be read any more is as good as none: rows without owner are then treated as nobody's.
    fn previous_rows(&self, installed: &Installed) -> Result<Option<Vec<TableRows>>, Error> {
        let (version, sha256) = (installed.version.as_deref(), installed.checksum.as_deref());
        let blacklist = self.blacklist();
        let Some(package) = self.kept(&blacklist).open(version, sha256)? else {
            return Ok(None);
        };
        Ok(self.reading(|reading| package.rows_without_owner(reading)).ok())
    }

    fn origin(&self) -> &str {
        let of_point = self.back.and_then(|back| back.source().origin.as_deref());
        let recorded = of_point.or_else(|| self.repair.and_then(|repair| repair.origin.as_deref()));
        recorded.unwrap_or_else(|| self.call.origin.word())
    }

    /// All parts of the package are installed then.
    fn is_whole(&self) -> bool {
        self.repair.map_or(self.parts.are_complete(), |repair| repair.is_whole)
    }

    /// What is put back came from elsewhere.
    fn reference<'p>(&'p self, package: &'p Inspected) -> Option<&'p str> {
        match (self.back, self.repair) {
            (Some(back), _) => back.source().reference.as_deref(),
            (None, Some(_)) => None,
            (None, None) => Some(package.reference.as_str()),
        }
    }

    pub(super) fn metadata<'p>(&'p self, package: &'p Inspected) -> Metadata<'p> {
        Metadata {
            name: &package.manifest.name,
            origin: self.origin(),
            reference: self.reference(package),
            tag: package.tag.as_deref(),
            credential: package.credential.as_deref(),
            version: package.manifest.version,
            checksum: self.is_whole().then_some(package.located.sha256()),
            manifest: &package.manifest.raw,
            is_of_point: self.back.is_some_and(|back| back.source().origin.is_some()),
        }
    }
}

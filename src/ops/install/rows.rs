//! The rows of an installation (SPEC §5.9, §5.10, §5.13): read from the package, planned, written, and recorded with
//! the plugin's row in one transaction.

use super::package::Inspected;
use super::{Begun, Installation};
use crate::Error;
use crate::base::failpoint;
use crate::base::file_tree::FileTree;
use crate::config::Limits;
use crate::data::{DataError, Plan, TableRows, Tables, may_lack_owner, table_of_file};
use crate::log::{Message, PathNotice, Reporter, Step};
use crate::manifest;
use crate::model::{DatabaseIdentity, PackageRow, RowOrigin, TableName, Version};
use crate::ops::rows::{self, RowRules};
use crate::ops::session::Session;
use crate::outcome::{Report, TableCounts};
use crate::registry::{self, Installed, IsNew, Metadata};
use crate::resources::{
    KnownDigests, PackageContents, ResourceError, Resources, fill_checksums, read_legacy, read_modules,
};
use crate::stage;

/// What a package brings to the database.
pub(super) struct PackageRows {
    tables: Vec<TableRows>,
    previous: Option<Vec<TableRows>>,
    legacy: bool,
}

impl Installation<'_> {
    fn rules(&self) -> Result<RowRules<'_>, DataError> {
        let call = self.call;
        RowRules::read(self.slug, &call.root, call.gestor_version.as_deref(), call.policy)
    }

    /// Step 9. Nothing is read when no rows are wanted.
    pub(super) fn read_rows(&self, package: &Inspected, previous: Option<&str>) -> Result<PackageRows, Error> {
        if !self.parts.rows {
            return Ok(PackageRows {
                tables: Vec::new(),
                previous: None,
                legacy: false,
            });
        }
        let (tables, legacy) = self.read_tables(package)?;
        if tables.is_empty() {
            self.narrator.message(Message::NoData);
        }
        let previous = previous.map_or(Ok(None), |version| self.previous_rows(version))?;
        Ok(PackageRows {
            tables,
            previous,
            legacy,
        })
    }

    fn read_tables(&self, package: &Inspected) -> Result<(Vec<TableRows>, bool), Error> {
        let (contents, tree) = (&package.contents, &package.tree);
        if !contents.ignored.is_empty() {
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
        if !names.is_empty() {
            self.narrator.message(Message::DataFilesDetected { tables: names });
        }
        for resources in [of_legacy, of_modules].into_iter().flatten() {
            self.tell_warnings(&resources);
            for (kind, found) in resources.rows {
                let table = TableName::new(kind.table()).map_err(|fault| Error::Internal(fault.to_string()))?;
                tables.add(&table, &found)?;
            }
        }
        Ok((tables.finish(), legacy.is_some()))
    }

    fn tell_warnings(&self, resources: &Resources) {
        for warning in resources.warnings.iter() {
            self.narrator.message(Message::Warning(warning.to_string()));
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

    /// Step 10 of a dry run.
    pub(super) fn show_rows(
        &self,
        session: &mut Session,
        rows: &PackageRows,
        report: &mut Report,
    ) -> Result<(), Error> {
        let rules = self.rules()?;
        let request = rules.request(&rows.tables, rows.previous.as_deref());
        session.database.begin()?;
        let plan = rows::plan(&mut session.database, &request, self.narrator);
        session.database.rollback()?;
        let plan = plan?;
        rows::tell_notices(&plan, self.narrator);
        report.tabelas = plan.counts();
        Ok(plan.check(self.call.policy.conflicts)?)
    }

    /// Step 10 before migrations: conflicts stop here. What the schema does not fit yet may fit after them.
    pub(super) fn plan_before_migrations(&self, session: &mut Session, rows: &PackageRows) -> Result<(), Error> {
        self.narrator.begin(Step::Plan)?;
        let rules = self.rules()?;
        let request = rules.request(&rows.tables, rows.previous.as_deref());
        session.database.begin()?;
        let plan = rows::plan(&mut session.database, &request, self.narrator);
        session.database.rollback()?;
        match plan {
            Ok(plan) => Ok(plan.check(self.call.policy.conflicts)?),
            Err(fault) if rows::may_migrate_away(&fault) => Ok(()),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Our own tables, made where they are missing, before the journal names the database that they tell of. A server that
    /// may forget what it committed is told of where it begins to matter: at first, and with each new plugin.
    pub(super) fn prepare_tables(
        &self,
        session: &mut Session,
        installed: &Installed,
    ) -> Result<DatabaseIdentity, Error> {
        let (database, IsNew(is_new)) = registry::prepare(&mut session.database, &|| self.narrator.is_wanted())?;
        if is_new || installed.version.is_none() {
            // A server that does not say what it does is none that can be warned of.
            if let Ok(Some(settings)) = registry::weak_commits(&mut session.database) {
                self.narrator.message(Message::WeakCommits { settings });
            }
        }
        Ok(database)
    }

    /// Steps 10 and 13: everything but the commit. Run again, a bounded number of times, when the server broke the
    /// transaction off (deadlock, lock wait).
    pub(super) fn write_rows(
        &self,
        session: &mut Session,
        begun: &Begun,
        package: &Inspected,
        rows: &PackageRows,
        report: &mut Report,
    ) -> Result<(), Error> {
        let rules = self.rules()?;
        let plan = rows::retry(session, &begun.aside, self.narrator, |session| {
            self.write_once(session, begun, package, rows, &rules)
        })?;
        if self.parts.rows {
            self.tell_rows(&plan, rows, package, report);
        }
        Ok(())
    }

    fn write_once(
        &self,
        session: &mut Session,
        begun: &Begun,
        package: &Inspected,
        rows: &PackageRows,
        rules: &RowRules<'_>,
    ) -> Result<Plan, Error> {
        self.narrator.begin(Step::Plan)?;
        let request = rules.request(&rows.tables, rows.previous.as_deref());
        let database = &mut session.database;
        database.begin()?;
        let plan = if self.parts.rows {
            rows::plan(database, &request, self.narrator)?
        } else {
            Plan::default()
        };
        plan.check(self.call.policy.conflicts)?;
        self.narrator.begin(Step::Sync)?;
        rows::set_aside(&begun.aside, database, &plan, &request, self.narrator)?;
        crate::data::apply(database, &plan, &request, self.narrator)?;
        if failpoint::reach("applied") {
            return Err(Error::Internal("fail point applied".to_owned()));
        }
        registry::write(database, self.slug, &self.metadata(package))?;
        registry::record_operation(database, begun.journal.operation(), self.slug)?;
        Ok(plan)
    }

    fn metadata<'p>(&'p self, package: &'p Inspected) -> Metadata<'p> {
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

    fn tell_rows(&self, plan: &Plan, rows: &PackageRows, package: &Inspected, report: &mut Report) {
        rows::tell(plan, rows.legacy, self.narrator, report);
        let modules = package.contents.modules.len();
        if modules > 0 {
            self.narrator.message(Message::ModulesSynchronized {
                modules,
                counts: of_modules(plan, &rows.tables),
            });
        }
    }
}

/// Counts of the rows that came from descriptors. What is equal there is not told apart from what a data file brought.
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

fn of_modules(plan: &Plan, tables: &[TableRows]) -> TableCounts {
    let mut counts = TableCounts::default();
    for table in &plan.tables {
        let rows = &tables[table.source].rows;
        let is_of_module = |row: usize| matches!(rows.origin(row), RowOrigin::Module { .. });
        let brought = (0..rows.len()).filter(|row| is_of_module(*row)).count() as u64;
        let inserted = table.inserts.iter().filter(|row| is_of_module(**row)).count() as u64;
        let updated = table.updates.iter().filter(|update| is_of_module(update.row)).count() as u64;
        counts.inseridos += inserted;
        counts.alterados += updated;
        counts.iguais += brought - inserted - updated;
    }
    counts
}

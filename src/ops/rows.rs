//! Reading the rows of a package and writing them: what installing and synchronizing have in common.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::reporter::Narrator;
use crate::Error;
use crate::base::db::Database;
use crate::base::file_tree::FileTree;
use crate::base::fs::{Attempt, FsError, Owner, ensure_folders, fsync_dir};
use crate::config::{Adoption, Conflicts, Orphans};
use crate::data::{
    self, Contracts, CoreKeys, DataError, Fault, FaultKind, Plan, Request, TableRows, Tables, parse_data_rows,
    read_contracts, table_of_file,
};
use crate::log::{Message, Reporter};
use crate::model::{GestorRoot, PackageRow, Slug, TableName};

/// Times that a transaction is run again when the server broke it off for another one's sake.
pub(super) const ATTEMPTS: u32 = 4;
/// Rows that are read before they are set aside.
const BATCH: usize = 128;
/// Set-aside rows may hold what others must not see.
const FOLDER_MODE: u32 = 0o750;

/// What a call says of rows, and what the gestor says of its tables.
pub(super) struct RowRules<'a> {
    pub(super) slug: &'a Slug,
    pub(super) adoption: Adoption,
    pub(super) conflicts: Conflicts,
    pub(super) orphans: Orphans,
    contracts: Contracts,
    core: CoreKeys,
}

impl<'a> RowRules<'a> {
    /// Reads contracts and core keys of a gestor.
    pub(super) fn read(
        slug: &'a Slug,
        root: &GestorRoot,
        gestor_version: Option<&str>,
        (adoption, conflicts, orphans): (Adoption, Conflicts, Orphans),
    ) -> Result<Self, DataError> {
        let contracts = read_contracts(&root.core_data())?;
        let core = CoreKeys::read(gestor_version, &root.core_data())?;
        Ok(Self {
            slug,
            adoption,
            conflicts,
            orphans,
            contracts,
            core,
        })
    }

    /// The request for the rows of a package.
    pub(super) fn request<'b>(&'b self, tables: &'b [TableRows], previous: Option<&'b [TableRows]>) -> Request<'b> {
        Request {
            slug: self.slug,
            tables,
            adoption: self.adoption,
            conflicts: self.conflicts,
            orphans: self.orphans,
            contracts: &self.contracts,
            core: &self.core,
            previous,
        }
    }
}

/// Reads data files into `tables`, a few rows at a time; `fill` adds to them what stands elsewhere in the package. The
/// faults of all files come together.
pub(super) fn read_data_files(
    tree: &dyn FileTree,
    paths: &[String],
    tables: &mut Tables,
    fill: &mut dyn FnMut(&TableName, &mut [PackageRow]),
) -> Result<Vec<Fault>, Error> {
    let mut faults = Vec::new();
    for path in paths {
        let table = table_of_file(path).map_err(|fault| faults.push(fault)).ok();
        if let Some(table) = &table {
            tables.open(table);
        }
        let reader = tree
            .open(path)
            .map_err(|fault| FsError::new(Attempt::Read, path.as_str(), fault))?;
        let Some(reader) = reader else { continue };
        let mut kept = Ok(());
        let mut batch = Vec::with_capacity(BATCH);
        let mut keep = |batch: &mut Vec<PackageRow>| {
            if let (Some(table), Ok(())) = (&table, &kept) {
                fill(table, batch);
                kept = tables.add(table, batch);
            }
            batch.clear();
        };
        let parsed = parse_data_rows(reader, path, &mut |row| {
            batch.push(row);
            if batch.len() == BATCH {
                keep(&mut batch);
            }
        });
        match parsed {
            Ok(()) => keep(&mut batch),
            Err(fault) => faults.push(fault),
        }
        kept?;
    }
    Ok(faults)
}

/// Plans the rows; notices become warnings, single rows lines for `--debug`.
pub(super) fn plan(database: &mut Database, request: &Request<'_>, narrator: &Narrator<'_>) -> Result<Plan, DataError> {
    let plan = data::plan(database, request, narrator)?;
    let told = if narrator.tells_rows() {
        plan.tables.as_slice()
    } else {
        &[]
    };
    for table in told {
        for row in table.rows(&request.tables[table.source].rows) {
            let columns = row.colunas.join(", ");
            narrator.message(Message::Debug(format!(
                "{} {}: {} {columns}",
                row.acao, row.table, row.linha
            )));
        }
    }
    Ok(plan)
}

/// Tells what a plan has to say beside its counts.
pub(super) fn tell_notices(plan: &Plan, narrator: &Narrator<'_>) {
    plan.notices
        .iter()
        .for_each(|notice| narrator.message(Message::Warning(notice.to_string())));
}

/// Whether a fault may be gone once the package's migrations have run: they may add tables and columns, or widen them.
pub(super) fn may_migrate_away(fault: &DataError) -> bool {
    match fault {
        DataError::Faults(faults) => faults
            .iter()
            .all(|fault| !matches!(fault.kind, FaultKind::ForbiddenTable { .. })),
        DataError::NoPrimaryKey { .. } => true,
        _ => false,
    }
}

/// Where an operation sets rows aside: `<kind>-<stamp>.json` in the plugin's folder of kept things.
#[derive(Debug, Clone)]
pub(super) struct Aside {
    pub(super) folder: PathBuf,
    pub(super) stamp: String,
    pub(super) owner: Owner,
}

impl Aside {
    /// Writes the content that adoption replaces, and exported orphans. Nothing to write makes no file.
    pub(super) fn write(
        &self,
        database: &mut Database,
        plan: &Plan,
        request: &Request<'_>,
        narrator: &Narrator<'_>,
    ) -> Result<(), Error> {
        if plan.adopts_content() {
            let path = self.path("adotados");
            self.write_file(&path, |out| data::write_adopted(database, plan, out).map(drop))?;
            narrator.message(Message::AdoptedKept {
                path: path.display().to_string(),
            });
        }
        if request.orphans == Orphans::Export {
            for table in data::orphan_tables(plan) {
                let path = self.path(&format!("orfaos-{table}"));
                self.write_file(&path, |out| {
                    data::write_orphans(database, plan, table, request.slug, out).map(drop)
                })?;
                narrator.message(Message::OrphansExported {
                    path: path.display().to_string(),
                });
            }
        }
        Ok(())
    }

    fn path(&self, kind: &str) -> PathBuf {
        self.folder.join(format!("{kind}-{}.json", self.stamp))
    }

    fn write_file(
        &self,
        path: &Path,
        write: impl FnOnce(&mut dyn Write) -> Result<(), DataError>,
    ) -> Result<(), Error> {
        ensure_folders(&self.folder, FOLDER_MODE)?;
        let fault = |attempt: Attempt| move |fault: std::io::Error| FsError::new(attempt, path, fault);
        let file = File::create(path).map_err(fault(Attempt::Create))?;
        self.owner.give(&file, path)?;
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        let file = out
            .into_inner()
            .map_err(|broken| fault(Attempt::Write)(broken.into_error()))?;
        file.sync_all().map_err(fault(Attempt::Sync))?;
        Ok(fsync_dir(&self.folder)?)
    }

    /// Takes away what was set aside, for an operation that did not commit. Can be repeated.
    pub(super) fn remove(&self) -> Result<(), FsError> {
        let ending = format!("-{}.json", self.stamp);
        let Ok(entries) = std::fs::read_dir(&self.folder) else {
            return Ok(());
        };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().ends_with(&ending) {
                crate::base::fs::remove_file(&entry.path())?;
            }
        }
        crate::base::fs::remove_empty_folder(&self.folder)
    }
}

/// A time for the names of set-aside files that none of the plugin's files has yet.
pub(super) fn free_stamp(folder: &Path, now: chrono::DateTime<chrono::FixedOffset>) -> String {
    let names: Vec<String> = std::fs::read_dir(folder)
        .map(|entries| {
            entries
                .flatten()
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect()
        })
        .unwrap_or_default();
    let base = now.format("%Y%m%d-%H%M%S").to_string();
    let stamps = std::iter::once(base.clone()).chain((2..).map(|number| format!("{base}-{number}")));
    let is_free = |stamp: &String| !names.iter().any(|name| name.ends_with(&format!("-{stamp}.json")));
    stamps.into_iter().find(is_free).unwrap_or(base)
}

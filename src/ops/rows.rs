//! Reading the rows of a package and writing them: what installing and synchronizing have in common.

use std::ops::ControlFlow;

use super::messages;
use super::reporter::Narrator;
use super::session::Session;
use crate::Error;
use crate::base::db::Database;
use crate::base::file_tree::FileTree;
use crate::config::{Limits, Orphans, RowPolicy};
use crate::data::{
    self, Contracts, CoreKeys, DataError, DataFileError, Fault, FaultKind, Plan, Request, TableRows, Tables,
    parse_data_rows, read_contracts, table_of_file,
};
use crate::log::{Message, Reporter};
use crate::model::{GestorRoot, PackageRow, Phrase, Slug, TableName};
use crate::outcome::Report;
use crate::registry::RegistryError;
use crate::stage::Aside;

/// Times that a transaction is run.
const ATTEMPTS: u32 = 4;
/// Rows that are read before they are set aside.
const BATCH: usize = 128;
/// ... or have this many bytes of text.
const BATCH_BYTES: usize = 1 << 20;

/// What a call says of rows, and what the gestor says of its tables.
pub(super) struct RowRules<'a> {
    slug: &'a Slug,
    policy: RowPolicy,
    contracts: Contracts,
    core: CoreKeys,
}

impl<'a> RowRules<'a> {
    /// Reads contracts and core keys of a gestor.
    pub(super) fn read(
        slug: &'a Slug,
        root: &GestorRoot,
        gestor_version: Option<&str>,
        policy: RowPolicy,
    ) -> Result<Self, DataError> {
        let contracts = read_contracts(&root.core_data())?;
        let core = CoreKeys::read(gestor_version, &root.core_data())?;
        Ok(Self {
            slug,
            policy,
            contracts,
            core,
        })
    }

    /// The request for the rows of a package.
    pub(super) fn request<'b>(&'b self, tables: &'b [TableRows], previous: Option<&'b [TableRows]>) -> Request<'b> {
        Request {
            slug: self.slug,
            tables,
            policy: self.policy,
            contracts: &self.contracts,
            core: &self.core,
            previous,
        }
    }
}

/// Adds to the rows of a table what stands elsewhere in the package.
pub(super) type Fill<'f> = dyn FnMut(&TableName, &mut [PackageRow]) -> Result<(), Error> + 'f;

/// Reads data files into tables. `fill` adds to the rows of a table what their files say; `narrator` hears of every
/// batch and may stop the work.
///
/// # Errors
/// What is wrong with the files themselves is the answer; an error is what stops reading: a damaged archive, the disk,
/// the caller.
pub(super) fn read_data_files(
    tree: &dyn FileTree,
    paths: &[String],
    tables: &mut Tables,
    limits: &Limits,
    narrator: &Narrator<'_>,
    fill: &mut Fill<'_>,
) -> Result<Vec<Fault>, Error> {
    let mut faults = Vec::new();
    if let Some(first) = paths.first().filter(|_| paths.len() as u64 > limits.tables) {
        let (found, limit) = (paths.len() as u64, limits.tables);
        let kind = FaultKind::TooManyFiles { found, limit };
        return Ok(vec![Fault::of_file(&first.as_str().into(), kind)]);
    }
    let mut read = 0;
    for path in paths {
        let table = table_of_file(path).map_err(|fault| faults.push(fault)).ok();
        if let Some(table) = &table {
            tables.open(table);
        }
        let reader = tree.open(path).map_err(|fault| Error::unreadable(path, fault))?;
        let Some(reader) = reader else { continue };
        let left = Limits {
            rows: limits.rows.saturating_sub(tables.count()),
            ..*limits
        };
        let mut batch = Batch::default();
        let mut kept = Ok(());
        let mut keep = |batch: &mut Batch| -> Result<(), Error> {
            if let Some(table) = &table {
                fill(table, &mut batch.rows)?;
                tables.add(table, &batch.rows)?;
            }
            read += batch.rows.len() as u64;
            batch.clear();
            Ok(narrator.reading(read)?)
        };
        let parsed = parse_data_rows(reader, path, &left, &mut |row| {
            batch.push(row);
            if batch.is_full() {
                kept = keep(&mut batch);
            }
            if kept.is_ok() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        kept?;
        match parsed {
            Ok(()) => keep(&mut batch)?,
            Err(DataFileError::Fault(fault)) => faults.push(fault),
            Err(DataFileError::Unreadable(fault)) => return Err(Error::unreadable(path, fault)),
            Err(DataFileError::Stopped) => return Err(crate::log::Cancelled.into()),
        }
    }
    Ok(faults)
}

/// Rows that are kept together.
#[derive(Default)]
struct Batch {
    rows: Vec<PackageRow>,
    bytes: usize,
}

impl Batch {
    fn push(&mut self, row: PackageRow) {
        let bytes = row.fields.iter().map(|(_, field)| field.as_text().map_or(0, str::len));
        self.bytes += bytes.sum::<usize>();
        self.rows.push(row);
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= BATCH || self.bytes >= BATCH_BYTES
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.bytes = 0;
    }
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
            narrator.message(Message::Debug(messages::row(&row)));
        }
    }
    Ok(plan)
}

/// Tells what a plan has to say beside its counts.
pub(super) fn tell_notices(plan: &Plan, narrator: &Narrator<'_>) {
    plan.notices
        .iter()
        .for_each(|notice| narrator.message(Message::warning(notice)));
    narrator.count_warnings(plan.notices.more());
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

/// Sets rows aside before they are written over: the content that adoption replaces, and exported orphans.
pub(super) fn set_aside(
    aside: &Aside,
    database: &mut Database,
    plan: &Plan,
    request: &Request<'_>,
    narrator: &Narrator<'_>,
) -> Result<(), Error> {
    if plan.adopts_content() {
        let path = aside.write("adotados", |out| {
            data::write_adopted(database, plan, out).map_err(Error::from).map(drop)
        })?;
        narrator.message(Message::AdoptedKept {
            path: path.display().to_string(),
        });
    }
    if request.policy.orphans == Orphans::Export {
        for table in data::orphan_tables(plan) {
            let path = aside.write(&format!("orfaos-{table}"), |out| {
                let written = data::write_orphans(database, plan, table, request.slug, out);
                written.map_err(Error::from).map(drop)
            })?;
            narrator.message(Message::OrphansExported {
                path: path.display().to_string(),
            });
        }
    }
    Ok(())
}

/// Runs a transaction of rows up to its commit; again, a bounded number of times, when the server broke it off for
/// another one's sake (deadlock, lock wait).
pub(super) fn retry<T>(
    session: &mut Session,
    aside: &Aside,
    narrator: &Narrator<'_>,
    mut attempt: impl FnMut(&mut Session) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut left = ATTEMPTS;
    loop {
        left -= 1;
        let fault = match attempt(session) {
            Ok(done) => return Ok(done),
            Err(fault) => fault,
        };
        if left == 0 || !is_retryable(&fault) || session.database.rollback().is_err() {
            return Err(fault);
        }
        aside.remove()?;
        narrator.message(Message::TransactionRetried {
            reason: Phrase::of(&fault),
        });
    }
}

fn is_retryable(fault: &Error) -> bool {
    match fault {
        Error::Data(fault) => fault.is_retryable(),
        Error::Database(fault) | Error::Registry(RegistryError::Database(fault)) => fault.is_retryable(),
        _ => false,
    }
}

/// Puts what a plan did into the report, and tells it: notices, each table's counts, their sum.
pub(super) fn tell(plan: &Plan, legacy: bool, narrator: &Narrator<'_>, report: &mut Report) {
    tell_notices(plan, narrator);
    report.tabelas = plan.counts();
    for (table, counts) in &report.tabelas {
        narrator.message(Message::TableSynchronized {
            table: table.clone(),
            counts: *counts,
        });
    }
    narrator.message(Message::DataSynchronized {
        counts: plan.total(),
        legacy,
    });
}

//! The rows of a change: planned against what the tables hold, and written (SPEC §5.10, §5.13). In the transaction; a
//! rollback undoes it.

use super::super::{Context, Observer, TransactionError, messages};
use super::kept;
use crate::base::db::Database;
use crate::config::RowPolicy;
use crate::data::{self, Contracts, CoreKeys, DataError, FaultKind, Plan, Request, TableRows};
use crate::log::{Message, Step};
use crate::model::{GestorRoot, Slug};
use crate::package::PackageRows;
use crate::stage::Aside;

/// What a call says of rows, and what the gestor says of its tables.
pub struct RowRules<'a> {
    slug: &'a Slug,
    policy: RowPolicy,
    contracts: Contracts,
    core: CoreKeys,
}

impl<'a> RowRules<'a> {
    /// Reads contracts and core keys of a gestor.
    pub fn read(
        slug: &'a Slug,
        root: &GestorRoot,
        gestor_version: Option<&str>,
        policy: RowPolicy,
    ) -> Result<Self, DataError> {
        let contracts = data::read_contracts(&root.core_data())?;
        let core = CoreKeys::read(gestor_version, &root.core_data())?;
        Ok(Self {
            slug,
            policy,
            contracts,
            core,
        })
    }

    /// The request for the rows of a package.
    pub fn request<'b>(&'b self, tables: &'b [TableRows], previous: Option<&'b [TableRows]>) -> Request<'b> {
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

/// Plans the rows; notices become warnings, single rows lines for `--debug`.
fn plan(database: &mut Database, request: &Request<'_>, observer: &dyn Observer) -> Result<Plan, DataError> {
    let plan = data::plan(database, request, observer)?;
    let told = if observer.tells_rows() {
        plan.tables.as_slice()
    } else {
        &[]
    };
    for table in told {
        for row in table.rows(&request.tables[table.source].rows) {
            observer.message(Message::Debug(messages::row(&row)));
        }
    }
    Ok(plan)
}

/// Tells what a plan has to say beside its counts.
pub fn tell_notices(plan: &Plan, observer: &dyn Observer) {
    plan.notices
        .iter()
        .for_each(|notice| observer.message(Message::warning(notice)));
    observer.count_warnings(plan.notices.more());
}

/// Whether a fault may be gone once the package's migrations have run: they may add tables and columns, or widen them.
fn may_migrate_away(fault: &DataError) -> bool {
    match fault {
        DataError::Faults(faults) => faults
            .iter()
            .all(|fault| !matches!(fault.kind, FaultKind::ForbiddenTable { .. })),
        DataError::NoPrimaryKey { .. } => true,
        _ => false,
    }
}

/// Plans alone, for a dry run, and to see conflicts before anything is done that cannot be undone.
///
/// # Errors
/// What planning says. Conflicts are in the plan.
pub fn rehearse(rules: &RowRules<'_>, rows: &PackageRows, cx: &mut Context<'_>) -> Result<Plan, TransactionError> {
    let request = rules.request(&rows.tables, rows.previous.as_deref());
    let database = &mut cx.session.database;
    database.begin()?;
    let plan = plan(database, &request, cx.observer);
    database.rollback()?;
    Ok(plan?)
}

/// Before migrations: conflicts stop here. What the schema does not fit yet may fit after them.
pub(in crate::transaction) fn check_before_migrations(
    rules: &RowRules<'_>,
    rows: &PackageRows,
    cx: &mut Context<'_>,
) -> Result<(), TransactionError> {
    cx.observer.begin(Step::Plan)?;
    match rehearse(rules, rows, cx) {
        Ok(plan) => Ok(plan.check(rules.policy.conflicts)?),
        Err(TransactionError::Data(fault)) if may_migrate_away(&fault) => Ok(()),
        Err(fault) => Err(fault),
    }
}

/// Plans and writes, inside the transaction.
pub(in crate::transaction) fn apply(
    rules: &RowRules<'_>,
    rows: &PackageRows,
    aside: &Aside,
    cx: &mut Context<'_>,
) -> Result<Plan, TransactionError> {
    cx.observer.begin(Step::Plan)?;
    let request = rules.request(&rows.tables, rows.previous.as_deref());
    let database = &mut cx.session.database;
    let plan = if rows.wanted {
        plan(database, &request, cx.observer)?
    } else {
        Plan::default()
    };
    plan.check(rules.policy.conflicts)?;
    cx.observer.begin(Step::Sync)?;
    kept::apply(aside, database, &plan, &request, cx.observer)?;
    data::apply(database, &plan, &request, cx.observer)?;
    Ok(plan)
}

//! The rows of a change: planned against what the tables hold, and written (SPEC §5.10, §5.13). In the transaction; a
//! rollback undoes it.

use super::super::change_record::BaseSource;
use super::super::run::Run;
use super::super::{Change, Context, TransactionError, TransactionReporter, messages};
use super::giving::Giving;
use super::kept;
use super::merge::{self, Basis};
use crate::base::db::Database;
use crate::config::RowPolicy;
use crate::data::{self, Contracts, CoreKeys, DataError, FaultKind, MergeRules, Merging, Plan, Request, TableRows};
use crate::log::{Message, Step};
use crate::model::{GestorRoot, Slug};
use crate::package::PackageRows;

/// What a call says of rows, and what the gestor says of its tables.
pub struct RowRules<'a> {
    slug: &'a Slug,
    policy: RowPolicy,
    merge: MergeRules,
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
            merge: MergeRules::default(),
            contracts,
            core,
        })
    }

    /// The same, with a choice of how values are merged.
    #[must_use]
    pub fn merging(self, merge: MergeRules) -> Self {
        Self { merge, ..self }
    }

    pub(super) fn slug(&self) -> &Slug {
        self.slug
    }

    pub(super) fn contracts(&self) -> &Contracts {
        &self.contracts
    }

    /// The operation to which the way back leads, where one is gone.
    pub(super) fn back(&self) -> Option<u64> {
        self.merge.back
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
fn plan(
    database: &mut Database,
    request: &Request<'_>,
    merging: Merging<'_>,
    reporter: &dyn TransactionReporter,
) -> Result<Plan, TransactionError> {
    let mut plan = data::plan_merged(database, request, Some(merging), reporter)?;
    merge::spare(database, &mut plan, request.slug)?;
    let told = if reporter.tells_rows() {
        plan.tables.as_slice()
    } else {
        &[]
    };
    for table in told {
        for row in table.rows(&request.tables[table.source].rows) {
            reporter.message(Message::Debug(messages::row(&row)));
        }
    }
    Ok(plan)
}

/// Tells what a plan has to say beside its counts.
pub fn tell_notices(plan: &Plan, reporter: &dyn TransactionReporter) {
    plan.notices
        .iter()
        .for_each(|notice| reporter.message(Message::warning(notice)));
    reporter.count_warnings(plan.notices.more());
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
pub fn rehearse(
    rules: &RowRules<'_>,
    rows: &PackageRows,
    base: &BaseSource,
    cx: &mut Context<'_>,
) -> Result<Plan, TransactionError> {
    let request = rules.request(&rows.tables, rows.previous.as_deref());
    let database = &mut cx.session.database;
    database.begin()?;
    let planned = Basis::read(database, rules, base, cx.reporter).and_then(|basis| {
        let giving = Giving::read(database, rules, basis.recorded())?;
        let merging = basis.merging(rules.merge, 0, giving.fields());
        plan(database, &request, merging, cx.reporter)
    });
    database.rollback()?;
    planned
}

/// Before migrations: conflicts stop here. What the schema does not fit yet may fit after them.
pub(in crate::transaction) fn check_before_migrations(
    change: &Change<'_>,
    cx: &mut Context<'_>,
) -> Result<(), TransactionError> {
    cx.reporter.begin(Step::Plan)?;
    let Some(rows) = change.rows() else { return Ok(()) };
    match rehearse(change.rules, rows, &change.account.base, cx) {
        Ok(plan) => Ok(plan.check(change.rules.policy.conflicts)?),
        Err(TransactionError::Data(fault)) if may_migrate_away(&fault) => Ok(()),
        Err(fault) => Err(fault),
    }
}

/// Plans and writes, inside the transaction.
pub(in crate::transaction) fn apply(run: &Run<'_>, cx: &mut Context<'_>) -> Result<Plan, TransactionError> {
    cx.reporter.begin(Step::Plan)?;
    let rules = run.change.rules;
    let Some(rows) = run.change.rows().filter(|rows| rows.wanted) else {
        cx.reporter.begin(Step::Sync)?;
        return Ok(Plan::default());
    };
    let request = rules.request(&rows.tables, rows.previous.as_deref());
    let database = &mut cx.session.database;
    let basis = Basis::read(database, rules, &run.change.account.base, cx.reporter)?;
    let giving = Giving::read(database, rules, basis.recorded())?;
    let merging = basis.merging(rules.merge, run.history, giving.fields());
    let mut plan = plan(database, &request, merging, cx.reporter)?;
    plan.check(rules.policy.conflicts)?;
    cx.reporter.begin(Step::Sync)?;
    kept::apply(&run.snapshot, database, &plan, &request, cx.reporter)?;
    merge::set_aside(database, &plan, rules.slug, run.history)?;
    data::apply_left(database, &plan)?;
    data::apply_merged(database, &plan, &request, Some(merging), cx.reporter)?;
    giving.apply(database, (&plan, basis.recorded()), rules)?;
    let version = run
        .change
        .arrival()
        .map(|arrival| arrival.package.manifest.version.to_string());
    let version = version
        .or_else(|| run.change.account.version.clone())
        .unwrap_or_default();
    basis.record(database, (&mut plan, &request), (&version, run.history))?;
    Ok(plan)
}

//! Makes the plan: asks the database through `fetch`, lets the pure files decide, and goes through rows and contents a
//! window at a time, so that no more than a window of either is ever in memory. Never writes.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::compare::{Comparison, Watch};
use super::conflict::{Conflict, ConflictReason, Notice};
use super::contract::Contract;
use super::core_keys::CoreTable;
use super::error::DataError;
use super::fault::{Fault, FaultKind, RowPlace};
use super::fetch;
use super::find::{Finding, Identity, Owner, Present, WantedKey, find};
use super::inspect;
use super::layout::{self, Table};
use super::plan::{Plan, TablePlan, shown_row};
use super::row_store::RowStore;
use super::schema::TableSchema;
use super::search::{self, Search};
use super::settle::{Remark, Settled, TableFacts, settle};
use super::survey::{Survey, wanted_key};
use super::unique::{self, Claim, Clash};
use super::value::Value;
use super::{Request, TableRows, paths, table_name};
use crate::base::db::Database;
use crate::config::{Conflicts, Orphans};
use crate::log::Reporter;
use crate::model::{PackageRow, TableName};

/// Makes the plan of a request. Call it inside a transaction: the rows that the plan stands on are locked, so that
/// nothing changes before `apply`.
///
/// # Errors
/// All faults of the package that can be known before writing, at once; conflicts are part of the plan.
pub fn plan(database: &mut Database, request: &Request<'_>, reporter: &dyn Reporter) -> Result<Plan, DataError> {
    let names: Vec<&TableName> = request.tables.iter().map(|rows| &rows.table).collect();
    let inspect::Inspected { schemas, owned } = inspect::inspect(database, &names, request.orphans != Orphans::Ignore)?;
    let limit = database.server().max_allowed_packet;
    let mut plan = Plan::default();
    let problem = request.contracts.problem.iter();
    plan.notices
        .extend(problem.map(|reason| Notice::Contracts { reason: reason.clone() }));
    let kept = resolve(request, &schemas, &mut plan)?;
    let mut surveys = Vec::with_capacity(kept.len());
    let mut faults = Vec::new();
    for table in &kept {
        let mut survey = table.survey(limit)?;
        faults.append(&mut survey.faults);
        plan.notices.append(&mut survey.notices());
        surveys.push(survey);
    }
    fail_on(faults)?;
    let mut progress = Watch::new(request, reporter);
    let mut faults = Vec::new();
    let found = find_at_once(database, request, &kept, &surveys)?;
    for ((table, survey), found) in kept.iter().zip(surveys).zip(found) {
        let present = table.present(database, request, &survey, found.as_deref())?;
        study_table(
            database,
            request,
            table,
            (survey, present),
            &mut plan,
            &mut faults,
            &mut progress,
        )?;
    }
    fail_on(faults)?;
    find_abandoned(database, request, owned, &mut plan)?;
    if request.conflicts == Conflicts::Skip {
        let skipped = plan.conflicts.iter().cloned().map(Notice::Skipped);
        plan.notices.extend(skipped);
    }
    Ok(plan)
}

/// Which rows the package could mean in tables of which it brings few rows: one question for all of them. Nothing for
/// the other tables.
fn find_at_once(
    database: &mut Database,
    request: &Request<'_>,
    kept: &[Kept<'_>],
    surveys: &[Survey<'_>],
) -> Result<Vec<Option<Vec<Identity>>>, DataError> {
    let mut found = vec![None; kept.len()];
    let (mut asked, mut questions) = (Vec::new(), Vec::new());
    for (at, (table, survey)) in kept.iter().zip(surveys).enumerate() {
        if survey.wanted.len() <= fetch::CHUNK {
            let searches = table.searches(survey, &[])?;
            let question = fetch::question(table.schema, request.slug, &searches);
            asked.extend(question.is_some().then_some(at));
            questions.extend(question);
        }
    }
    if !questions.is_empty() {
        for (at, answer) in asked.into_iter().zip(fetch::ask(database, &questions)?) {
            found[at] = Some(answer);
        }
    }
    Ok(found)
}

fn fail_on(faults: Vec<Fault>) -> Result<(), DataError> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(DataError::Faults(faults))
    }
}

/// A table of the request that the database has.
pub(super) struct Kept<'a> {
    source: usize,
    pub(super) rows: &'a RowStore,
    pub(super) schema: &'a TableSchema,
    pub(super) contract: Contract,
}

/// Leaves out tables that do not exist, and refuses those that are not a package's.
fn resolve<'a>(
    request: &'a Request<'_>,
    schemas: &'a BTreeMap<TableName, TableSchema>,
    plan: &mut Plan,
) -> Result<Vec<Kept<'a>>, DataError> {
    let mut kept = Vec::new();
    let mut faults = Vec::new();
    for (source, TableRows { table, rows }) in request.tables.iter().enumerate() {
        if table_name::is_forbidden(table) && !rows.is_empty() {
            let first = rows.get(0).map_err(DataError::Rows)?;
            let table = table.clone();
            faults.push(Fault::of_file(&first.source, FaultKind::ForbiddenTable { table }));
        } else if let Some(schema) = schemas.get(table) {
            kept.push(Kept {
                source,
                rows,
                schema,
                contract: request.contracts.resolve(schema),
            });
        } else {
            plan.notices.push(Notice::UnknownTable {
                table: table.clone(),
                rows: rows.len(),
            });
        }
    }
    fail_on(faults)?;
    Ok(kept)
}

impl Kept<'_> {
    /// Reads rows back.
    pub(super) fn load(&self, rows: impl IntoIterator<Item = usize>) -> Result<Vec<PackageRow>, DataError> {
        self.rows.load(rows).map_err(DataError::Rows)
    }

    /// Reads rows back without long texts: of columns that hold such only these are read, the others are NULL.
    pub(super) fn load_brief(
        &self,
        rows: impl IntoIterator<Item = usize>,
        columns: &[usize],
    ) -> Result<Vec<PackageRow>, DataError> {
        let is_wanted = |name: &str| layout::is_asked_or_short(self.schema, name, columns);
        self.rows.load_brief(rows, &is_wanted).map_err(DataError::Rows)
    }

    fn survey(&self, limit: usize) -> Result<Survey<'_>, DataError> {
        let mut survey = Survey::new(self.schema, &self.contract, limit);
        for window in self.rows.windows() {
            survey.add(&self.load(window)?);
        }
        Ok(survey)
    }

    /// Values to look for in the table: of rows that are not this plugin's own already.
    fn searches(&self, survey: &Survey<'_>, own: &[Present]) -> Result<Vec<Search>, DataError> {
        const TOGETHER: usize = 128;
        let mut searches = Search::all(self.schema, &self.contract);
        let unknown = search::unknown_rows(&survey.wanted, own);
        let columns: Vec<usize> = searches.iter().flat_map(|search| search.columns.clone()).collect();
        for chunk in unknown.chunks(TOGETHER) {
            let loaded = self.load_brief(chunk.iter().copied(), &columns)?;
            let table = Table::new(self.schema, &self.contract, &loaded);
            for (at, row) in chunk.iter().enumerate() {
                for search in &mut searches {
                    search.add(&table, at, &survey.wanted[*row]);
                }
            }
        }
        Ok(searches)
    }

    /// The rows of the table that the package could mean. They may have been found already.
    fn present(
        &self,
        database: &mut Database,
        request: &Request<'_>,
        survey: &Survey<'_>,
        found: Option<&[Identity]>,
    ) -> Result<Vec<Present>, DataError> {
        let (schema, key, slug) = (self.schema, self.contract.key.columns(), request.slug);
        if let Some(found) = found {
            return fetch::read_found(database, schema, key, slug, found);
        }
        let own = fetch::read_own(database, schema, key, slug)?;
        let searches = self.searches(survey, &own)?;
        fetch::read_searched(database, schema, key, slug, own, &searches)
    }

    /// Keys of the rows that the previously installed package brought, for tables where nothing else tells whose a row
    /// is.
    fn previous_keys(&self, request: &Request<'_>) -> Result<HashSet<WantedKey>, DataError> {
        let mut keys = HashSet::new();
        if self.schema.owner().is_some() || !self.contract.core_table {
            return Ok(keys);
        }
        let same = |rows: &&TableRows| rows.table == self.schema.name;
        if let Some(previous) = request.previous.and_then(|tables| tables.iter().find(same)) {
            for window in previous.rows.windows() {
                let loaded = previous.rows.load(window).map_err(DataError::Rows)?;
                let table = Table::new(self.schema, &self.contract, &loaded);
                keys.extend((0..loaded.len()).map(|row| wanted_key(&table, row)));
            }
        }
        Ok(keys)
    }

    /// The gestor's own rows, where any row without owner was found.
    fn core(&self, request: &Request<'_>, findings: &[Finding], present: &[Present]) -> Result<CoreTable, DataError> {
        let unowned = |finding: &Finding| match finding {
            Finding::Found { present: place, .. } => present[*place].owner == Owner::Nobody,
            _ => false,
        };
        if findings.iter().any(unowned) {
            request.core.of_table(self.schema, request.contracts)
        } else {
            Ok(CoreTable::default())
        }
    }
}

fn study_table(
    database: &mut Database,
    request: &Request<'_>,
    kept: &Kept<'_>,
    (mut survey, present): (Survey<'_>, Vec<Present>),
    plan: &mut Plan,
    faults: &mut Vec<Fault>,
    progress: &mut Watch<'_>,
) -> Result<(), DataError> {
    let (schema, contract) = (kept.schema, &kept.contract);
    if schema.identity.is_empty() && !present.is_empty() {
        return Err(DataError::NoPrimaryKey {
            table: schema.name.clone(),
        });
    }
    let findings = find(
        &survey.wanted,
        &present,
        &search::gaps(schema, contract),
        contract.insert_only,
    );
    let claims = std::mem::take(&mut survey.claims);
    let mut comparison = Comparison::new(&survey.guards, claims, &findings);
    if !contract.insert_only {
        comparison.run(database, kept, &findings, &present, progress)?;
    }
    let Comparison {
        claims, differences, ..
    } = comparison;
    let clashes = find_clashes(database, request, kept, &survey, (&findings, &present), claims)?;
    let mut settled = settle(TableFacts {
        schema,
        contract,
        rows: kept.rows,
        wanted: &survey.wanted,
        present: &present,
        findings: &findings,
        differences,
        core: &kept.core(request, &findings, &present)?,
        previous: &kept.previous_keys(request)?,
        clashes,
        managers: &survey.managers,
        adoption: request.adoption,
        orphans: request.orphans != Orphans::Ignore,
    });
    let lacking = settled.inserts.iter().filter_map(|row| survey.lacking.remove(row));
    faults.extend(lacking.flatten());
    tell(kept, &mut settled, plan)?;
    let mut told = paths::notices(database, kept, &settled)?;
    plan.notices.append(&mut told);
    plan.tables.push(TablePlan {
        source: kept.source,
        schema: schema.clone(),
        contract: contract.clone(),
        inserts: settled.inserts,
        updates: settled.updates,
        orphans: settled.orphans,
        counts: settled.counts,
    });
    progress.done(kept.rows.len())
}

/// Puts names to rows that were refused or remarked upon.
fn tell(kept: &Kept<'_>, settled: &mut Settled, plan: &mut Plan) -> Result<(), DataError> {
    let table = &kept.schema.name;
    let get = |row: usize| kept.rows.get(row).map_err(DataError::Rows);
    for refusal in settled.refusals.drain(..) {
        let mut reason = refusal.clash.reason;
        if let (ConflictReason::Duplicate { first }, Some(twin)) = (&mut reason, refusal.clash.twin) {
            let index = if first.is_empty() {
                String::new()
            } else {
                format!(" ({first})")
            };
            *first = format!("{}{index}", shown_row(&get(twin)?));
        }
        plan.conflicts.push(Conflict::of(&get(refusal.row)?, table, reason));
    }
    for (row, remark) in settled.remarks.drain(..) {
        let row = get(row)?;
        let (table, place) = (table.clone(), RowPlace::of(&row));
        plan.notices.push(match remark {
            Remark::SeveralOwnRows(candidates) => Notice::SeveralOwnRows {
                table,
                place,
                candidates,
            },
            Remark::Blank => Notice::Blank {
                table,
                source: row.source,
                place,
            },
            Remark::Manager => Notice::ManagerUser { place },
            Remark::Project => Notice::ProjectRow { table, place },
        });
    }
    Ok(())
}

/// What stands behind UNIQUE indexes already.
fn find_clashes(
    database: &mut Database,
    request: &Request<'_>,
    kept: &Kept<'_>,
    survey: &Survey<'_>,
    (findings, present): (&[Finding], &[Present]),
    claims: Vec<Vec<Claim>>,
) -> Result<HashMap<usize, Clash>, DataError> {
    let unique = unique::key_index(kept.schema, &kept.contract);
    let mut found = unique::key_clashes(unique, (&survey.wanted, &survey.filled), findings, present);
    for (guard, mut claims) in survey.guards.iter().zip(claims) {
        claims.sort_by_key(|claim| claim.row);
        if claims.is_empty() {
            continue;
        }
        let tuples: Vec<Vec<Value<'_>>> = claims.iter().map(|claim| claim.values.clone()).collect();
        let occupied = fetch::read_occupied(database, kept.schema, &guard.columns, request.slug, &tuples)?;
        for (row, clash) in unique::clashes(guard, &claims, &occupied) {
            found.entry(row).or_insert(clash);
        }
    }
    Ok(found)
}

/// Rows of this plugin in those tables with an owner of which the package brings nothing.
fn find_abandoned(
    database: &mut Database,
    request: &Request<'_>,
    mut tables: Vec<TableName>,
    plan: &mut Plan,
) -> Result<(), DataError> {
    let brought: HashSet<&TableName> = request.tables.iter().map(|rows| &rows.table).collect();
    tables.retain(|table| !brought.contains(table));
    plan.abandoned = inspect::count_owned(database, &tables, request.slug)?;
    plan.abandoned.retain(|_, rows| *rows > 0);
    Ok(())
}

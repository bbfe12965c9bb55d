//! Makes the plan: asks the database through `fetch`, lets the pure files decide, and goes through rows and contents a
//! window at a time, so that no more than a window of either is ever in memory. Never writes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;

use super::conflict::{Conflict, ConflictReason, Notice};
use super::contract::Contract;
use super::core_keys::CoreTable;
use super::error::DataError;
use super::fault::{Fault, FaultKind, RowPlace};
use super::fetch;
use super::find::{Finding, Identity, Owner, Present, WantedKey, find};
use super::layout::Table;
use super::plan::{Plan, Remark, Settled, TableFacts, TablePlan, settle, shown_row};
use super::row_store::RowStore;
use super::schema::TableSchema;
use super::search::{self, Search};
use super::survey::{Survey, wanted_key};
use super::unique::{self, Claim, Clash, Guard};
use super::user_modified::{Difference, Marks, companion, difference};
use super::value::Value;
use super::{Request, TableRows, paths, table_name};
use crate::base::db::Database;
use crate::config::{Conflicts, Orphans};
use crate::log::{Progress, Reporter, Step};
use crate::model::{PackageRow, TableName};

/// Makes the plan of a request. Call it inside a transaction: the rows that the plan stands on are locked, so that
/// nothing changes before `apply`.
///
/// # Errors
/// All faults of the package that can be known before writing, at once; conflicts are part of the plan.
pub fn plan(database: &mut Database, request: &Request<'_>, reporter: &dyn Reporter) -> Result<Plan, DataError> {
    let names: Vec<&TableName> = request.tables.iter().map(|rows| &rows.table).collect();
    let schemas = fetch::read_schemas(database, &names)?;
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
    for (table, survey) in kept.iter().zip(surveys) {
        study_table(database, request, table, survey, &mut plan, &mut faults, &mut progress)?;
    }
    fail_on(faults)?;
    if request.orphans != Orphans::Ignore {
        find_abandoned(database, request, &mut plan)?;
    }
    if request.conflicts == Conflicts::Skip {
        let skipped = plan.conflicts.iter().cloned().map(Notice::Skipped);
        plan.notices.extend(skipped);
    }
    Ok(plan)
}

fn fail_on(faults: Vec<Fault>) -> Result<(), DataError> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(DataError::Faults(faults))
    }
}

/// A table of the request that the database has.
struct Kept<'a> {
    source: usize,
    rows: &'a RowStore,
    schema: &'a TableSchema,
    contract: Contract,
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
    fn load(&self, rows: impl IntoIterator<Item = usize>) -> Result<Vec<PackageRow>, DataError> {
        self.rows.load(rows).map_err(DataError::Rows)
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
        for chunk in unknown.chunks(TOGETHER) {
            let loaded = self.load(chunk.iter().copied())?;
            let table = Table::new(self.schema, &self.contract, &loaded);
            for (at, row) in chunk.iter().enumerate() {
                for search in &mut searches {
                    search.add(&table, at, &survey.wanted[*row]);
                }
            }
        }
        Ok(searches)
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
    mut survey: Survey<'_>,
    plan: &mut Plan,
    faults: &mut Vec<Fault>,
    progress: &mut Watch<'_>,
) -> Result<(), DataError> {
    let (schema, contract) = (kept.schema, &kept.contract);
    let own = fetch::read_own(database, schema, contract.key.columns(), request.slug)?;
    let searches = kept.searches(&survey, &own)?;
    let present = fetch::read_searched(database, schema, contract.key.columns(), request.slug, own, &searches)?;
    drop(searches);
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
    let mut told = paths::notices(database, (schema, contract), kept.rows, &settled)?;
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

/// Comparing found rows with their contents in the table.
struct Comparison<'g> {
    guards: &'g [Guard],
    claims: Vec<Vec<Claim>>,
    differences: Vec<Difference>,
}

impl<'g> Comparison<'g> {
    /// Nothing compared yet. Of the claims those of new rows count.
    fn new(guards: &'g [Guard], mut claims: Vec<Vec<Claim>>, findings: &[Finding]) -> Self {
        for claims in &mut claims {
            claims.retain(|claim| findings[claim.row] == Finding::New);
        }
        Self {
            guards,
            claims,
            differences: vec![Difference::default(); findings.len()],
        }
    }

    /// Goes through all found rows in the order of the table, a window at a time.
    fn run(
        &mut self,
        database: &mut Database,
        kept: &Kept<'_>,
        findings: &[Finding],
        present: &[Present],
        progress: &mut Watch<'_>,
    ) -> Result<(), DataError> {
        let mut found: Vec<(bool, usize, usize)> = Vec::new();
        for (row, finding) in findings.iter().enumerate() {
            if let Finding::Found { present: place, .. } = finding {
                found.push((present[*place].user_modified, *place, row));
            }
        }
        found.sort_unstable();
        let mut rest = found.as_slice();
        while let Some((user_modified, ..)) = rest.first() {
            let count = window_of(kept.rows, rest, *user_modified);
            let (window, later) = rest.split_at(count);
            self.window(database, kept, window, present, progress)?;
            rest = later;
        }
        Ok(())
    }

    fn window(
        &mut self,
        database: &mut Database,
        kept: &Kept<'_>,
        window: &[(bool, usize, usize)],
        present: &[Present],
        progress: &mut Watch<'_>,
    ) -> Result<(), DataError> {
        let loaded = kept.load(window.iter().map(|(.., row)| *row))?;
        let table = Table::new(kept.schema, &kept.contract, &loaded);
        let reading = Reading::new(&table, self.guards, window.iter().any(|(user, ..)| *user));
        let identities: Vec<&Identity> = window.iter().map(|(_, place, _)| &present[*place].identity).collect();
        let mut cancelled = Ok(());
        let mut compare = |at: usize, stored: &[Option<Vec<u8>>]| {
            let (_, place, row) = window[at];
            let (difference, claims) = reading.compare(at, &present[place], stored);
            self.differences[row] = difference;
            for (guard, claim) in claims {
                self.claims[guard].push(claim.of_row(row));
            }
            cancelled = progress.step();
            if cancelled.is_ok() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        };
        let seen = fetch::visit_contents(database, kept.schema, &reading.columns, &identities, &mut compare)?;
        cancelled?;
        if seen == window.len() {
            Ok(())
        } else {
            Err(DataError::ChangedMeanwhile {
                table: kept.schema.name.clone(),
            })
        }
    }
}

/// How many of the next rows are compared together.
fn window_of(rows: &RowStore, found: &[(bool, usize, usize)], user_modified: bool) -> usize {
    const BYTES: usize = 512 << 10;
    const ROWS: usize = 500;
    let mut bytes = 0;
    let fits = |(user, _, row): &&(bool, usize, usize)| {
        bytes += rows.size(*row);
        *user == user_modified && bytes <= BYTES
    };
    found.iter().take(ROWS).take_while(fits).count().max(1)
}

/// Which columns a comparison reads, and the comparison itself.
struct Reading<'t> {
    table: &'t Table<'t>,
    guards: &'t [Guard],
    user_modified: bool,
    marks: Marks,
    columns: Vec<usize>,
    /// Place in a row that was read, by column.
    places: Vec<Option<usize>>,
}

impl<'t> Reading<'t> {
    fn new(table: &'t Table<'t>, guards: &'t [Guard], user_modified: bool) -> Self {
        let marks = Marks::of(table);
        let mut columns = table.columns();
        columns.extend(marks.columns());
        columns.extend(guards.iter().flat_map(|guard| guard.columns.iter().copied()));
        if user_modified {
            let preserved = table.contract.preserve.iter();
            columns.extend(preserved.filter_map(|column| companion(table, *column)));
        }
        columns.sort_unstable();
        columns.dedup();
        let mut places = vec![None; table.schema.columns.len()];
        for (place, column) in columns.iter().enumerate() {
            places[*column] = Some(place);
        }
        Self {
            table,
            guards,
            user_modified,
            marks,
            columns,
            places,
        }
    }

    /// What a row would change, and which values of guarded indexes (by place) it would then take.
    fn compare(&self, at: usize, present: &Present, stored: &[Option<Vec<u8>>]) -> (Difference, Vec<(usize, Claim)>) {
        let text = |column: usize| stored.get(self.places[column]?)?.as_deref();
        let found = difference(self.table, at, self.user_modified, self.marks, &text);
        let touches = |guard: &Guard| {
            let mut changes = found.changes.iter();
            changes.any(|change| guard.columns.contains(&change.column))
        };
        let kept = |column: usize| text(column).map(<[u8]>::to_vec);
        let identity = || Some(present.identity.clone());
        let claims = self.guards.iter().enumerate().filter(|(_, guard)| touches(guard));
        let claims = claims.filter_map(|(place, guard)| {
            let claim = unique::claim(self.table, at, guard, Some(&kept), identity());
            claim.map(|claim| (place, claim))
        });
        let claims = claims.collect();
        (found, claims)
    }
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

/// Rows of this plugin in tables of which the package brings nothing.
fn find_abandoned(database: &mut Database, request: &Request<'_>, plan: &mut Plan) -> Result<(), DataError> {
    let brought: HashSet<&TableName> = request.tables.iter().map(|rows| &rows.table).collect();
    let mut tables = fetch::read_owned_tables(database)?;
    tables.retain(|table| !brought.contains(table));
    plan.abandoned = fetch::count_owned(database, &tables, request.slug)?;
    plan.abandoned.retain(|_, rows| *rows > 0);
    Ok(())
}

/// Tells how far the plan is.
struct Watch<'r> {
    reporter: &'r dyn Reporter,
    compared: u64,
    finished: u64,
    of: u64,
}

impl<'r> Watch<'r> {
    fn new(request: &Request<'_>, reporter: &'r dyn Reporter) -> Self {
        Self {
            reporter,
            compared: 0,
            finished: 0,
            of: request.tables.iter().map(|rows| rows.rows.len() as u64).sum(),
        }
    }

    fn step(&mut self) -> Result<(), DataError> {
        self.compared += 1;
        if self.compared.is_multiple_of(64) {
            self.tell()
        } else {
            Ok(())
        }
    }

    fn done(&mut self, rows: usize) -> Result<(), DataError> {
        self.finished += rows as u64;
        self.compared = 0;
        self.tell()
    }

    fn tell(&self) -> Result<(), DataError> {
        self.reporter.progress(Progress {
            step: Step::Plan,
            done: (self.finished + self.compared).min(self.of),
            of: self.of,
            unit: "linhas",
        })?;
        Ok(())
    }
}

//! Makes the plan: asks the database through `fetch`, lets the pure files decide, compares contents chunk by chunk so
//! that no more than a chunk of the table is ever in memory. Never writes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;

use super::conflict::{ConflictReason, Notice};
use super::contract::{Contract, KeyRule};
use super::core_keys::{CoreTable, has_primary, key_of};
use super::error::DataError;
use super::fault::{Fault, FaultKind, RowPlace, shorten};
use super::fetch::{self, Search};
use super::find::{Finding, Gaps, Identity, Owner, Present, Wanted, WantedKey, find};
use super::layout::Table;
use super::natural_key::Key;
use super::plan::{Plan, Settled, TableFacts, TablePlan, settle};
use super::schema::{DefaultValue, TableSchema};
use super::unique::{self, Claim, Guard};
use super::user_modified::{Difference, Marks, companion, difference};
use super::value::Value;
use super::{Request, TableRows, table_name};
use crate::base::db::Database;
use crate::config::{Conflicts, Orphans};
use crate::log::{Progress, Reporter, Step};
use crate::model::{Field, PackageRow, RowOrigin, TableName};

/// Makes the plan of a request. Call it inside a transaction: the rows that the plan stands on are locked, so that
/// nothing changes before `apply`.
///
/// # Errors
/// All faults of the package that can be known before writing, at once; conflicts are part of the plan.
pub fn plan(database: &mut Database, request: &Request<'_>, reporter: &dyn Reporter) -> Result<Plan, DataError> {
    let names: Vec<&TableName> = request.tables.iter().map(|rows| &rows.table).collect();
    let schemas = fetch::read_schemas(database, &names)?;
    let mut plan = Plan::default();
    plan.notices.extend(
        request
            .contracts
            .problem
            .iter()
            .map(|reason| Notice::Contracts { reason: reason.clone() }),
    );
    let prepared = prepare(request, &schemas, &mut plan)?;
    let mut progress = Watch::new(request, reporter);
    let mut faults = Vec::new();
    for table in prepared {
        study_table(database, request, &table, &mut plan, &mut faults, &mut progress)?;
    }
    if !faults.is_empty() {
        return Err(DataError::Faults(faults));
    }
    if request.orphans != Orphans::Ignore {
        find_abandoned(database, request, &mut plan)?;
    }
    if request.conflicts == Conflicts::Skip {
        let skipped = plan.conflicts.iter().cloned().map(Notice::Skipped);
        plan.notices.extend(skipped);
    }
    Ok(plan)
}

/// A table of the request with its keys.
struct Prepared<'a> {
    source: usize,
    rows: &'a TableRows,
    schema: &'a TableSchema,
    contract: Contract,
}

/// Checks every value of every row before the database is asked about any.
fn prepare<'a>(
    request: &'a Request<'_>,
    schemas: &'a BTreeMap<TableName, TableSchema>,
    plan: &mut Plan,
) -> Result<Vec<Prepared<'a>>, DataError> {
    let mut prepared = Vec::new();
    let mut faults = Vec::new();
    for (source, rows) in request.tables.iter().enumerate() {
        if let Some(first) = rows.rows.first().filter(|_| table_name::is_forbidden(&rows.table)) {
            let table = rows.table.clone();
            faults.push(Fault::of_file(&first.source, FaultKind::ForbiddenTable { table }));
            continue;
        }
        let Some(schema) = schemas.get(&rows.table) else {
            plan.notices.push(Notice::UnknownTable {
                table: rows.table.clone(),
                rows: rows.rows.len(),
            });
            continue;
        };
        let contract = request.contracts.resolve(schema);
        let table = Table::new(schema, &contract, &rows.rows);
        check(&table, &mut faults);
        note(&table, plan);
        prepared.push(Prepared {
            source,
            rows,
            schema,
            contract,
        });
    }
    if faults.is_empty() {
        Ok(prepared)
    } else {
        Err(DataError::Faults(faults))
    }
}

fn note(table: &Table<'_>, plan: &mut Plan) {
    for (column, rows) in &table.unknown {
        plan.notices.push(Notice::UnknownColumn {
            table: table.schema.name.clone(),
            column: column.clone(),
            rows: *rows,
        });
    }
    if !table.schema.transactional && !table.rows.is_empty() {
        plan.notices.push(Notice::NotTransactional {
            table: table.schema.name.clone(),
        });
    }
}

fn check(table: &Table<'_>, faults: &mut Vec<Fault>) {
    let versao = table.schema.position("versao");
    for (at, row) in table.rows.iter().enumerate() {
        for column in missing_key(table, at) {
            faults.push(Fault::of_row(
                row,
                FaultKind::MissingKey {
                    table: table.schema.name.clone(),
                    column: table.schema.columns[column].name.to_string(),
                },
            ));
        }
        for cell in &table.layout(at).cells {
            let field = &row.fields[cell.field].1;
            let Err(misfit) = table.value(at, *cell) else { continue };
            if Some(cell.column) == versao && *field == Field::Null {
                continue;
            }
            faults.push(Fault::of_row(
                row,
                FaultKind::Misfit {
                    table: table.schema.name.clone(),
                    column: table.schema.columns[cell.column].name.to_string(),
                    value: shorten(field),
                    expected: misfit.expected,
                },
            ));
        }
    }
}

/// Columns without which a row cannot be found: `id`, or `perfil` with its partner; in other keys at least one column.
fn missing_key(table: &Table<'_>, row: usize) -> Vec<usize> {
    if has_primary(table, row) {
        return Vec::new();
    }
    let columns = table.contract.key.columns();
    let absent = |column: &usize| {
        let field = table.field_of(row, *column);
        field.is_none_or(|field| match field {
            Field::Null => true,
            Field::Text(text) => text.trim().is_empty(),
            _ => false,
        })
    };
    if columns.is_empty() {
        return table.schema.primary.first().copied().into_iter().collect();
    }
    if let Some(id) = table.schema.position("id").filter(|id| columns.contains(id)) {
        return Some(id).filter(absent).into_iter().collect();
    }
    let perfil = table.schema.position("perfil");
    if perfil.is_some_and(|perfil| columns.contains(&perfil)) {
        return columns.iter().copied().filter(absent).collect();
    }
    if columns.iter().all(absent) {
        columns[..1].to_vec()
    } else {
        Vec::new()
    }
}

fn wanted(table: &Table<'_>) -> Vec<Wanted> {
    (0..table.rows.len())
        .map(|row| Wanted {
            key: wanted_key(table, row),
            descriptor: matches!(table.rows[row].origin, RowOrigin::Module { .. }),
        })
        .collect()
}

fn wanted_key(table: &Table<'_>, row: usize) -> WantedKey {
    let primary = has_primary(table, row);
    let columns = if primary {
        &table.schema.primary
    } else {
        table.contract.key.columns()
    };
    WantedKey {
        primary,
        key: key_of(table, row, columns),
    }
}

fn gaps(table: &Table<'_>) -> Gaps {
    let owned = table.schema.owner().is_some();
    if !table.contract.resource || !owned {
        return Gaps::default();
    }
    let columns = table.contract.key.columns();
    let name = |at: &usize| table.schema.columns[columns[*at]].name.as_str();
    let places = || 0..columns.len();
    Gaps {
        module: places()
            .filter(|at| matches!(name(at), "modulo" | "module" | "grupo"))
            .collect(),
        language: places().find(|at| matches!(name(at), "language" | "linguagem_codigo")),
    }
}

/// What to ask for, so that every row that could be meant is seen, and few others. What is this plugin's own already
/// need not be looked for among the rows of nobody.
fn searches<'a>(table: &Table<'a>, wanted: &[Wanted], own: &[Present]) -> Vec<Search<'a>> {
    let owned: HashSet<(bool, &Key)> = own
        .iter()
        .flat_map(|row| [(false, &row.key), (true, &row.identity_key)])
        .collect();
    let with = |columns: Vec<usize>, primary: bool, any_owner: bool| {
        let mut seen = HashSet::new();
        let mut tuples = Vec::new();
        for (row, _) in wanted
            .iter()
            .enumerate()
            .filter(|(_, wanted)| wanted.key.primary == primary)
        {
            if owned.contains(&(primary, &wanted[row].key.key)) {
                continue;
            }
            if seen.insert(key_of(table, row, &columns)) {
                tuples.push(tuple(table, row, &columns));
            }
        }
        Search {
            columns,
            tuples,
            any_owner,
        }
    };
    let natural = anchor(table);
    let mut searches = Vec::new();
    if !natural.is_empty() {
        searches.push(with(natural, false, unique::key_index(table).is_some()));
    }
    if matches!(table.contract.key, KeyRule::Primary { .. }) {
        searches.push(with(table.schema.primary.clone(), true, true));
    }
    searches
}

fn tuple<'a>(table: &Table<'a>, row: usize, columns: &[usize]) -> Vec<Value<'a>> {
    let value = |column: &usize| match table.layout(row).cell(*column) {
        Some(cell) => table.value(row, cell).unwrap_or(Value::Null),
        None => match &table.schema.columns[*column].default {
            DefaultValue::Text(text) => Value::Text(text.clone().into()),
            _ => Value::Null,
        },
    };
    columns.iter().map(value).collect()
}

/// The columns of the key that rows are looked up by: `id` leads an index wherever there is one; a UNIQUE index is
/// asked as a whole; else the one that tells most.
fn anchor(table: &Table<'_>) -> Vec<usize> {
    let columns = table.contract.key.columns();
    let named = |name: &str| table.schema.position(name).filter(|column| columns.contains(column));
    if let Some(id) = named("id") {
        return vec![id];
    }
    if unique::key_index(table).is_some() {
        return columns.to_vec();
    }
    let telling = named("operacao")
        .or_else(|| named("modulo"))
        .or(columns.last().copied());
    telling.into_iter().collect()
}

fn study_table(
    database: &mut Database,
    request: &Request<'_>,
    prepared: &Prepared<'_>,
    plan: &mut Plan,
    faults: &mut Vec<Fault>,
    progress: &mut Watch<'_>,
) -> Result<(), DataError> {
    let table = Table::new(prepared.schema, &prepared.contract, &prepared.rows.rows);
    let wanted = wanted(&table);
    let key = table.contract.key.columns();
    let own = fetch::read_own(database, table.schema, key, request.slug)?;
    let searches = searches(&table, &wanted, &own);
    let present = fetch::read_searched(database, table.schema, key, request.slug, own, &searches)?;
    drop(searches);
    if table.schema.identity.is_empty() && !present.is_empty() {
        return Err(DataError::NoPrimaryKey {
            table: table.schema.name.clone(),
        });
    }
    let findings = find(&wanted, &present, &gaps(&table), table.contract.insert_only);
    let guards = unique::guards(&table);
    let mut claims = vec![Vec::new(); guards.len()];
    let differences = compare(database, &table, &findings, &present, (&guards, &mut claims), progress)?;
    let clashes = find_clashes(
        database,
        request,
        &table,
        (&wanted, &findings, &present),
        (&guards, claims),
    )?;
    let facts = TableFacts {
        table: &table,
        wanted: &wanted,
        present: &present,
        findings: &findings,
        differences,
        core: &core_of(request, &table, &findings, &present)?,
        previous: &previous_keys(request, &table),
        clashes,
        adoption: request.adoption,
        orphans: request.orphans != Orphans::Ignore,
    };
    let mut settled = settle(facts);
    check_inserts(database, &table, &settled, faults);
    note_paths(database, &table, &mut settled)?;
    plan.conflicts.append(&mut settled.conflicts);
    plan.notices.append(&mut settled.notices);
    plan.tables.push(TablePlan {
        source: prepared.source,
        schema: prepared.schema.clone(),
        contract: prepared.contract.clone(),
        inserts: settled.inserts,
        updates: settled.updates,
        orphans: settled.orphans,
        counts: settled.counts,
    });
    progress.done(settled_rows(&table))
}

fn settled_rows(table: &Table<'_>) -> usize {
    table.rows.len()
}

fn core_of(
    request: &Request<'_>,
    table: &Table<'_>,
    findings: &[Finding],
    present: &[Present],
) -> Result<CoreTable, DataError> {
    let unowned = |finding: &Finding| match finding {
        Finding::Found { present: place, .. } => present[*place].owner == Owner::Nobody,
        _ => false,
    };
    if findings.iter().any(unowned) {
        request.core.of_table(table.schema, request.contracts)
    } else {
        Ok(CoreTable::default())
    }
}

/// Keys of the rows that the previously installed package brought, for tables where nothing else tells whose a row is.
fn previous_keys(request: &Request<'_>, table: &Table<'_>) -> HashSet<WantedKey> {
    if table.schema.owner().is_some() || !table.contract.core_table {
        return HashSet::new();
    }
    let same = |rows: &&TableRows| rows.table == table.schema.name;
    let rows: &[PackageRow] = request
        .previous
        .and_then(|tables| tables.iter().find(same))
        .map_or(&[], |rows| rows.rows.as_slice());
    let earlier = Table::new(table.schema, table.contract, rows);
    (0..rows.len()).map(|row| wanted_key(&earlier, row)).collect()
}

/// Compares found rows with their contents in the table, a chunk at a time.
fn compare(
    database: &mut Database,
    table: &Table<'_>,
    findings: &[Finding],
    present: &[Present],
    (guards, claims): (&[Guard], &mut [Vec<Claim>]),
    progress: &mut Watch<'_>,
) -> Result<Vec<Difference>, DataError> {
    let mut differences = vec![Difference::default(); table.rows.len()];
    if table.contract.insert_only {
        return Ok(differences);
    }
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (row, finding) in findings.iter().enumerate() {
        if let Finding::Found { present, .. } = finding {
            found.push((*present, row));
        }
    }
    found.sort_unstable();
    for user_modified in [false, true] {
        let chosen: Vec<(usize, usize)> = found
            .iter()
            .copied()
            .filter(|(place, _)| present[*place].user_modified == user_modified)
            .collect();
        if chosen.is_empty() {
            continue;
        }
        let reading = Reading::new(table, guards, user_modified);
        let identities: Vec<&Identity> = chosen.iter().map(|(place, _)| &present[*place].identity).collect();
        let mut cancelled = Ok(());
        let seen = fetch::visit_contents(
            database,
            table.schema,
            &reading.columns,
            &identities,
            &mut |at, stored| {
                let (place, row) = chosen[at];
                differences[row] = reading.compare(row, &present[place], stored, claims);
                cancelled = progress.step();
                if cancelled.is_ok() {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            },
        )?;
        cancelled?;
        if seen != chosen.len() {
            return Err(DataError::ChangedMeanwhile {
                table: table.schema.name.clone(),
            });
        }
    }
    Ok(differences)
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

    fn compare(
        &self,
        row: usize,
        present: &Present,
        stored: &[Option<Vec<u8>>],
        claims: &mut [Vec<Claim>],
    ) -> Difference {
        let at = |column: usize| stored.get(self.places[column]?)?.as_deref();
        let found = difference(self.table, row, self.user_modified, self.marks, &at);
        for (guard, claims) in self.guards.iter().zip(claims) {
            let touched = found
                .changes
                .iter()
                .any(|change| guard.columns.contains(&change.column));
            if touched {
                let kept = |column: usize| at(column).map(<[u8]>::to_vec);
                claims.extend(unique::claim(
                    self.table,
                    row,
                    guard,
                    Some(&kept),
                    Some(present.identity.clone()),
                ));
            }
        }
        found
    }
}

/// What stands behind UNIQUE indexes already.
fn find_clashes(
    database: &mut Database,
    request: &Request<'_>,
    table: &Table<'_>,
    (wanted, findings, present): (&[Wanted], &[Finding], &[Present]),
    (guards, mut claims): (&[Guard], Vec<Vec<Claim>>),
) -> Result<HashMap<usize, ConflictReason>, DataError> {
    let mut found = unique::key_clashes(table, wanted, findings, present);
    for (guard, claims) in guards.iter().zip(&mut claims) {
        let new = (0..findings.len()).filter(|row| findings[*row] == Finding::New);
        claims.extend(new.filter_map(|row| unique::claim(table, row, guard, None, None)));
        claims.sort_by_key(|claim| claim.row);
        if claims.is_empty() {
            continue;
        }
        let tuples: Vec<Vec<Value<'_>>> = claims.iter().map(|claim| claim.values.clone()).collect();
        let occupied = fetch::read_occupied(database, table.schema, &guard.columns, request.slug, &tuples)?;
        for (row, reason) in unique::clashes(table, guard, claims, &occupied) {
            found.entry(row).or_insert(reason);
        }
    }
    Ok(found)
}

/// What a row lacks that is to be inserted, and rows that no statement can hold.
fn check_inserts(database: &Database, table: &Table<'_>, settled: &Settled, faults: &mut Vec<Fault>) {
    let limit = database.server().max_allowed_packet;
    let versao = table.schema.position("versao");
    let needed: Vec<usize> = (0..table.schema.columns.len())
        .filter(|at| {
            let column = &table.schema.columns[*at];
            let filled = column.generated || Some(*at) == table.schema.owner() || Some(*at) == versao;
            !column.nullable && column.default == DefaultValue::None && !filled
        })
        .collect();
    for row in &settled.inserts {
        let package = &table.rows[*row];
        for column in needed
            .iter()
            .filter(|column| table.layout(*row).cell(**column).is_none())
        {
            faults.push(Fault::of_row(
                package,
                FaultKind::MissingColumn {
                    table: table.schema.name.clone(),
                    column: table.schema.columns[*column].name.to_string(),
                },
            ));
        }
    }
    let changed = settled.updates.iter().map(|update| update.row);
    for row in settled.inserts.iter().copied().chain(changed) {
        let bytes = longest(table, row);
        if bytes > limit {
            faults.push(Fault::of_row(
                &table.rows[row],
                FaultKind::TooLong {
                    table: table.schema.name.clone(),
                    bytes,
                    limit,
                },
            ));
        }
    }
}

/// About how many bytes a row takes in a statement.
fn longest(table: &Table<'_>, row: usize) -> usize {
    const AROUND: usize = 4096;
    let texts = table.rows[row].fields.iter().map(|(_, field)| match field {
        Field::Text(text) | Field::Json(text) => {
            text.len() + text.bytes().filter(|byte| matches!(byte, b'\'' | b'\\' | 0)).count()
        }
        _ => 24,
    });
    AROUND + texts.sum::<usize>()
}

/// Says when a page takes a path that another active page has.
fn note_paths(database: &mut Database, table: &Table<'_>, settled: &mut Settled) -> Result<(), DataError> {
    let column = |name| table.schema.position(name);
    let columns = (column("caminho"), column("language"), column("id"), column("status"));
    let (Some(path), Some(language), Some(id), Some(status)) = columns else {
        return Ok(());
    };
    if table.schema.name.as_str() != "paginas" {
        return Ok(());
    }
    let moved = settled.updates.iter().filter(|update| {
        update
            .changes
            .iter()
            .any(|change| change.column == path || change.column == language)
    });
    let taking: Vec<(usize, Option<&Identity>)> = (settled.inserts.iter().map(|row| (*row, None)))
        .chain(moved.map(|update| (update.row, Some(&update.identity))))
        .filter(|(row, _)| table.value_of(*row, status).is_none_or(|value| value.shown() == "A"))
        .collect();
    let place = [path, language];
    let mut takers: HashMap<_, Vec<(usize, Option<&Identity>)>> = HashMap::new();
    let mut paths = Vec::new();
    for (row, identity) in taking {
        let Some(value) = table.value_of(row, path).filter(|value| !value.is_empty()) else {
            continue;
        };
        let takers = takers.entry(key_of(table, row, &place)).or_default();
        if takers.is_empty() {
            paths.push(vec![value]);
        }
        takers.push((row, identity));
    }
    if paths.is_empty() {
        return Ok(());
    }
    let Some(found) = fetch::read_paths(database, table.schema, [path, language, id], status, &paths)? else {
        settled.notices.push(Notice::PathsNotChecked);
        return Ok(());
    };
    let width = table.schema.identity.len();
    let shown = |row: usize| {
        table
            .value_of(row, path)
            .map_or_else(String::new, |value| value.shown())
    };
    for holder in found {
        let identity: Identity = holder[..width]
            .iter()
            .map(|part| part.as_deref().unwrap_or_default().into())
            .collect();
        let fold = |at: usize, column: usize| {
            super::natural_key::fold_stored(&table.schema.columns[column], holder[width + at].as_deref())
        };
        let key: super::natural_key::Key = Box::new([fold(0, path), fold(1, language)]);
        for (row, own) in takers
            .get(&key)
            .into_iter()
            .flatten()
            .filter(|(_, own)| *own != Some(&identity))
        {
            let _ = own;
            settled.notices.push(Notice::PathTaken {
                path: shown(*row),
                place: RowPlace::of(&table.rows[*row]),
                other: String::from_utf8_lossy(holder[width + 2].as_deref().unwrap_or_default()).into_owned(),
            });
        }
    }
    for rows in takers.values().filter(|rows| rows.len() > 1) {
        for (row, _) in &rows[1..] {
            settled.notices.push(Notice::PathTaken {
                path: shown(*row),
                place: RowPlace::of(&table.rows[*row]),
                other: table
                    .value_of(rows[0].0, id)
                    .map_or_else(String::new, |value| value.shown()),
            });
        }
    }
    Ok(())
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

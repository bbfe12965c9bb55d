//! What merging a table asks the database: rows under other keys, rows that the package no longer brings, modules of
//! permissions. Reads through `fetch`; never writes.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;

use super::contents;
use super::fetch;
use super::known_table::KnownTable;
use super::leave::{Later, Left, LeftFacts, TakenAway, decide_left, holds_grants, is_renamed};
use super::merge_row::is_derived;
use super::merging::TableMerging;
use super::request::Request;
use crate::base::db::{Database, push_text};
use crate::config::Orphans;
use crate::data::fit::canonical::row_key;
use crate::data::fit::column_map::Table;
use crate::data::fit::core_keys::CoreTable;
use crate::data::fit::find::{Finding, Present, PrimaryKey, RowOwner};
use crate::data::fit::value::Value;
use crate::data::package::error::DataError;
use crate::data::table::texts::texts;
use crate::ledger::{EntryOrigin, RowKey};
use crate::model::TableName;

/// What is known of a table before its rows are compared.
pub(in crate::data) struct Seen<'m> {
    /// The table's rows that could be meant.
    pub(in crate::data) present: Vec<Present>,
    /// What was found for each row of the package.
    pub(in crate::data) findings: Vec<Finding>,
    /// What rows are merged by; nothing where they are not.
    pub(in crate::data) merging: Option<TableMerging<'m>>,
    /// The gestor's own rows.
    pub(in crate::data) core: CoreTable,
    /// Rows of the base that the package no longer brings.
    pub(in crate::data) left: Vec<LeftRow>,
}

/// A row of the base that the package no longer brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) struct LeftRow {
    /// Its entry.
    pub(in crate::data) entry: usize,
    /// What becomes of it.
    pub(in crate::data) left: Left,
}

/// Adds the rows that entries name in a table without owners: nothing else leads to those that the package does not bring.
pub(super) fn add_named(
    database: &mut Database,
    known: &KnownTable<'_>,
    request: &Request<'_>,
    merging: &TableMerging<'_>,
    present: &mut Vec<Present>,
) -> Result<(), DataError> {
    if known.schema.owner().is_some() {
        return Ok(());
    }
    let seen: HashSet<&PrimaryKey> = present.iter().map(|row| &row.identity).collect();
    let named = merging.base.entries.iter().map(|entry| &entry.identity);
    let width = known.schema.identity.len();
    let lacking = named.filter(|identity| identity.len() == width && !seen.contains(identity));
    let lacking: Vec<PrimaryKey> = lacking.cloned().collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let (schema, key) = (known.schema, known.contract.key.columns());
    let found = fetch::read_found(database, schema, key, request.slug, &lacking)?;
    present.extend(found);
    fetch::sort(present);
    Ok(())
}

/// On a way back: permissions that the gestor wrote anew, when a profile was saved, are still their entries' rows (R13).
pub(super) fn rebind_grants(
    database: &mut Database,
    known: &KnownTable<'_>,
    request: &Request<'_>,
    (merging, present): (&mut TableMerging<'_>, &mut Vec<Present>),
) -> Result<(), DataError> {
    if !binds_grants(known, merging) {
        return Ok(());
    }
    let rows = fetch::read_all(database, known.schema, known.contract.key.columns(), request.slug)?;
    let standing: HashSet<&PrimaryKey> = rows.iter().map(|row| &row.identity).collect();
    let is_nobodys = |row: &&Present| matches!(row.owner, RowOwner::Nobody | RowOwner::Shared);
    let free = rows.iter().filter(is_nobodys);
    let by_key: HashMap<RowKey, &Present> = free.map(|row| (row_key(&row.key, false), row)).collect();
    let seen: HashSet<PrimaryKey> = present.iter().map(|row| row.identity.clone()).collect();
    for entry in &mut merging.base.entries {
        let is_stale = entry.is_alive() && !standing.contains(&entry.identity);
        if let Some(row) = by_key.get(&entry.key).filter(|_| is_stale) {
            entry.identity.clone_from(&row.identity);
            if !seen.contains(&row.identity) {
                present.push((*row).clone());
            }
        }
    }
    fetch::sort(present);
    Ok(())
}

fn binds_grants(known: &KnownTable<'_>, merging: &TableMerging<'_>) -> bool {
    merging.call.rules.back.is_some() && holds_grants(known.schema.name.as_str())
}

/// ①b: which rows stand there under another key.
pub(super) fn find_renamed(
    database: &mut Database,
    known: &KnownTable<'_>,
    merging: &TableMerging<'_>,
    candidates: &[(usize, usize, usize)],
    present: &[Present],
) -> Result<HashMap<usize, usize>, DataError> {
    let mut renamed = HashMap::new();
    let key = known.contract.key.columns();
    let rows: Vec<(usize, usize)> = candidates.iter().map(|(_, entry, place)| (*entry, *place)).collect();
    compare_entries(database, known, merging, key, (&rows, present), &mut |at, equal, of| {
        if is_renamed(equal, of) {
            let (row, _, place) = candidates[at];
            renamed.insert(row, place);
        }
    })?;
    Ok(renamed)
}

/// Compares rows with their entries, without some columns: how many of how many known ones are as they were.
fn compare_entries(
    database: &mut Database,
    known: &KnownTable<'_>,
    merging: &TableMerging<'_>,
    without: &[usize],
    (rows, present): (&[(usize, usize)], &[Present]),
    tell: &mut dyn FnMut(usize, usize, usize),
) -> Result<(), DataError> {
    let by_entry: Vec<Vec<usize>> = rows
        .iter()
        .map(|(entry, _)| merging.base.known(*entry, without))
        .collect();
    let columns: BTreeSet<usize> = by_entry.iter().flatten().copied().collect();
    let columns: Vec<usize> = columns.into_iter().collect();
    if columns.is_empty() {
        (0..rows.len()).for_each(|at| tell(at, 0, 0));
        return Ok(());
    }
    let identities: Vec<&PrimaryKey> = rows.iter().map(|(_, place)| &present[*place].identity).collect();
    let schema = known.schema;
    contents::visit_contents(database, schema, &columns, &identities, &mut |at, stored| {
        let text = |column: usize| stored.get(columns.binary_search(&column).ok()?)?.as_deref();
        let equal = merging.base.equal(schema, rows[at].0, &by_entry[at], &text);
        tell(at, equal, by_entry[at].len());
        ControlFlow::Continue(())
    })?;
    Ok(())
}

/// R5–R7: what becomes of the rows that the package no longer brings.
pub(super) fn find_left(
    database: &mut Database,
    known: &KnownTable<'_>,
    merging: &TableMerging<'_>,
    (findings, present): (&[Finding], &[Present]),
    orphans: Orphans,
) -> Result<Vec<LeftRow>, DataError> {
    let brought: HashSet<usize> = merging.entries.iter().flatten().copied().collect();
    let meant = meant(findings);
    let places: HashMap<&PrimaryKey, usize> = present
        .iter()
        .enumerate()
        .map(|(at, row)| (&row.identity, at))
        .collect();
    let entries = (0..merging.base.entries.len()).filter(|entry| !brought.contains(entry));
    let place_of = |entry: usize| {
        let entry = &merging.base.entries[entry];
        let place = *places.get(&entry.identity)?;
        let row = &present[place];
        let is_ours = match row.owner {
            RowOwner::Own | RowOwner::Shared => true,
            RowOwner::Nobody => binds_grants(known, merging),
            RowOwner::Other(_) => false,
        };
        (is_ours && !entry.deleted && !meant.contains(&place)).then_some(place)
    };
    let mut left: Vec<(usize, Option<usize>)> = entries.map(|entry| (entry, place_of(entry))).collect();
    let mut edited = HashMap::new();
    if matches!(orphans, Orphans::Remove | Orphans::Inactivate) {
        let rows: Vec<(usize, usize)> = left
            .iter()
            .filter_map(|(entry, place)| Some((*entry, (*place)?)))
            .collect();
        let schema = known.schema;
        let columns = schema.columns.iter().enumerate();
        let derived = columns
            .filter(|(_, column)| is_derived(column.name.as_str()))
            .map(|(at, _)| at);
        let derived: Vec<usize> = derived.collect();
        compare_entries(
            database,
            known,
            merging,
            &derived,
            (&rows, present),
            &mut |at, equal, of| {
                edited.insert(rows[at].0, equal != of);
            },
        )?;
    }
    let inactive = inactive_rows(database, known, &left, present, orphans)?;
    let decide = |(entry, place): (usize, Option<usize>)| LeftRow {
        entry,
        left: decide_left(
            LeftFacts {
                present: place.is_some(),
                edited: edited.get(&entry).copied(),
                inactive: inactive.get(&entry).copied(),
                shared: merging.base.entries[entry].origin == EntryOrigin::Shared,
                later: later(known, merging, entry, place.map(|place| &present[place])),
            },
            orphans,
        ),
    };
    Ok(left.drain(..).map(decide).collect())
}

/// Of a row that came after the point of a way back.
fn later(known: &KnownTable<'_>, merging: &TableMerging<'_>, entry: usize, row: Option<&Present>) -> Option<Later> {
    let entry = &merging.base.entries[entry];
    let point = merging.call.rules.back?;
    (entry.since > point).then(|| Later {
        adopted: entry.origin == EntryOrigin::Adopted,
        stays: known.contract.insert_only || row.is_some_and(|row| row.project),
    })
}

/// Places of rows that a row of the package means.
fn meant(findings: &[Finding]) -> HashSet<usize> {
    let found = findings.iter().filter_map(|finding| match finding {
        Finding::Found { present, .. } => Some(*present),
        _ => None,
    });
    found.collect()
}

/// Whether rows are inactive already, where they are to become so and their table has a `status`.
fn inactive_rows(
    database: &mut Database,
    known: &KnownTable<'_>,
    left: &[(usize, Option<usize>)],
    present: &[Present],
    orphans: Orphans,
) -> Result<HashMap<usize, bool>, DataError> {
    let mut inactive = HashMap::new();
    let Some(status) = known
        .schema
        .position("status")
        .filter(|_| orphans == Orphans::Inactivate)
    else {
        return Ok(inactive);
    };
    let rows: Vec<(usize, usize)> = left
        .iter()
        .filter_map(|(entry, place)| Some((*entry, (*place)?)))
        .collect();
    let identities: Vec<&PrimaryKey> = rows.iter().map(|(_, place)| &present[*place].identity).collect();
    contents::visit_contents(database, known.schema, &[status], &identities, &mut |at, stored| {
        inactive.insert(
            rows[at].0,
            stored.first().is_some_and(|text| text.as_deref() == Some(b"I")),
        );
        ControlFlow::Continue(())
    })?;
    Ok(inactive)
}

/// Of permissions that are not there: whether they were taken away, or dropped with an inactive module.
pub(super) fn find_grants(
    database: &mut Database,
    known: &KnownTable<'_>,
    request: &Request<'_>,
    missing: &[usize],
) -> Result<HashMap<usize, TakenAway>, DataError> {
    if !holds_grants(known.schema.name.as_str()) || missing.is_empty() {
        return Ok(HashMap::new());
    }
    let (by_module, by_operation) = (known.schema.position("modulo"), known.schema.position("operacao"));
    let loaded = known.load(missing.iter().copied())?;
    let table = Table::new(known.schema, &known.contract, &loaded);
    let text = |row: usize, column: Option<usize>| match column.and_then(|column| table.value_of(row, column)) {
        Some(Value::Text(text) | Value::Number(text)) => text.into_owned(),
        _ => String::new(),
    };
    let operations: BTreeSet<String> = (0..loaded.len()).map(|row| text(row, by_operation)).collect();
    let modules_of = pairs(database, "modulos_operacoes", ("id", "modulo_id"), &operations)?;
    let modules = |row: usize| -> Vec<String> {
        let operation = text(row, by_operation);
        let of_operation = modules_of
            .iter()
            .filter(|(id, _)| *id == operation)
            .map(|(_, module)| module.clone());
        let named = Some(text(row, by_module)).filter(|name| !name.is_empty() && by_operation.is_none());
        named.into_iter().chain(of_operation).collect()
    };
    let all: BTreeSet<String> = (0..loaded.len()).flat_map(modules).collect();
    let brought = languages(request)?;
    let mut inactive = HashSet::new();
    for (module, language, status) in module_rows(database, &all)? {
        let counts = brought
            .get(&module)
            .is_none_or(|languages| languages.contains(&language));
        if counts && status != "A" {
            inactive.insert(module);
        }
    }
    let taken = |row: usize| TakenAway(modules(row).iter().all(|module| !inactive.contains(module)));
    Ok(missing.iter().enumerate().map(|(at, row)| (*row, taken(at))).collect())
}

/// The languages in which the package brings each module.
fn languages(request: &Request<'_>) -> Result<HashMap<String, HashSet<String>>, DataError> {
    let mut languages: HashMap<String, HashSet<String>> = HashMap::new();
    let modules = request.tables.iter().filter(|rows| rows.table.as_str() == "modulos");
    for rows in modules {
        for window in rows.rows.windows() {
            for row in rows.rows.load(window).map_err(DataError::Rows)? {
                let text = |name: &str| {
                    row.get(name)
                        .and_then(|field| field.as_text())
                        .unwrap_or_default()
                        .to_owned()
                };
                let language = Some(text("language")).filter(|text| !text.is_empty());
                let language = language.unwrap_or_else(|| text("linguagem_codigo"));
                languages.entry(text("id")).or_default().insert(language);
            }
        }
    }
    Ok(languages)
}

fn module_rows(database: &mut Database, ids: &BTreeSet<String>) -> Result<Vec<(String, String, String)>, DataError> {
    let rows = select(database, "SELECT id, language, status FROM modulos WHERE id IN (", ids)?;
    let row = |mut row: Vec<String>| {
        let (status, language, id) = (row.pop()?, row.pop()?, row.pop()?);
        Some((id, language, status))
    };
    Ok(rows.into_iter().filter_map(row).collect())
}

fn pairs(
    database: &mut Database,
    table: &str,
    (key, value): (&str, &str),
    ids: &BTreeSet<String>,
) -> Result<Vec<(String, String)>, DataError> {
    let table = TableName::new(table).map_err(|_| DataError::Rows(std::io::ErrorKind::InvalidInput.into()))?;
    let head = format!("SELECT {key}, {value} FROM {} WHERE {key} IN (", table.quoted());
    let rows = select(database, &head, ids)?;
    Ok(rows
        .into_iter()
        .filter_map(|mut row| Some((row.remove(0), row.pop()?)))
        .collect())
}

/// Rows as texts; none where there is no such table, or nothing is asked for.
fn select(database: &mut Database, head: &str, ids: &BTreeSet<String>) -> Result<Vec<Vec<String>>, DataError> {
    let mut rows = Vec::new();
    let ids: Vec<&String> = ids.iter().filter(|id| !id.is_empty()).collect();
    for chunk in ids.chunks(fetch::CHUNK) {
        let mut statement = head.as_bytes().to_vec();
        for (at, id) in chunk.iter().enumerate() {
            statement.extend_from_slice(if at > 0 { b"," } else { b"" });
            push_text(&mut statement, id.as_bytes());
        }
        statement.push(b')');
        match database.query(statement) {
            Err(fault) if fault.is_no_table() => {}
            found => rows.extend(found?.into_iter().map(|row| {
                let text = |text: Option<Vec<u8>>| String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
                texts(row).into_iter().map(text).collect::<Vec<String>>()
            })),
        }
    }
    Ok(rows)
}

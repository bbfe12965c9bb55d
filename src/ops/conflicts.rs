//! `plugin_conflicts`: what waits for a decision, with the values of all three sides (SPEC 2 §2).

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Value, json};

use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Gives};
use super::look::{self, Look};
use super::reporter::OperationReporter;
use super::sharing;
use crate::archive::Blacklist;
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::base::json::text_or_hex;
use crate::config::parameter::{ROOT, SLUG};
use crate::config::{LookParameters, Settings};
use crate::data::{self, ConflictedRow, CurrentRow, CurrentTable, NamedRow, TableRows};
use crate::history::{self, StoredEntry};
use crate::ledger::{self, Base, Waiting};
use crate::log::{Message, Reporter};
use crate::model::{Phrase, Slug, TableName};
use crate::ops::Error;
use crate::package::KeptPackages;
use crate::registry::{self, KnownConflict};
use crate::transaction::{sharing::tell_of, tell_waiting};

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "conflicts",
    function: "plugin_conflicts",
    options: &[CommandOption {
        name: "conflicts",
        implies: &[],
        help: Phrase::new(
            "o que espera uma decisão, com os valores dos dois lados",
            "what waits for a decision, with the values of both sides",
        ),
    }],
    takes: LookParameters::TAKES,
    requires: &[SLUG, ROOT],
    gives: Gives::Report,
    reports: &["PluginConflictsReport", "PluginInstallReport"],
    summary: Phrase::new(
        "O que espera uma decisão, com os valores dos três lados.",
        "What waits for a decision, with the values of all three sides.",
    ),
    read: |given, settings| {
        let call = LookParameters::read(given, settings)?;
        Ok(Box::new(Look {
            call,
            answer: conflicts,
        }))
    },
};

/// Lists those that are open.
pub(super) fn conflicts(call: &LookParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let reporter = OperationReporter::new(caller, clock, call.slug.as_deref().unwrap_or_default(), call.site.lang);
    let mut found = Vec::new();
    let ended = read(call, settings, &reporter).map(|conflicts| found = conflicts);
    look::answer(look::one("conflitos", found), ended, &reporter, started)
}

fn read(call: &LookParameters, settings: &Settings, reporter: &OperationReporter<'_>) -> Result<Vec<Value>, Error> {
    let slug = Slug::normalize(call.slug.as_deref().unwrap_or_default())?;
    let mut database = look::connect(&call.site.root, call.site.database.as_ref())?;
    let slug = sharing::meant(&mut database, &slug, reporter)?.unwrap_or(slug);
    tell_waiting(&call.site.root, &slug, reporter)?;
    tell_of(&mut database, &call.site.root, &slug, reporter)?;
    let mut open = registry::read_conflicts(&mut database, &slug)?;
    open.retain(|conflict| conflict.is_open);
    let blacklist = Blacklist::from_settings(settings.blacklist.as_deref());
    let kept = KeptPackages::of(&call.site, &slug, &blacklist);
    let base = ledger::read(&mut database, &slug)?.base;
    let tables = tables_of(&mut database, &call.site.root, &open, &base)?;
    let mut before = Before::read(&mut database, (&kept, reporter), &open)?;
    let mut shown = Vec::with_capacity(open.len());
    for conflict in &open {
        let table = TableName::new(&conflict.table).ok();
        let table = table.and_then(|table| tables.get(&table));
        let row = match table {
            Some(table) => row_of(&mut database, table, &slug, conflict)?,
            None => None,
        };
        let brought = before.value(table, conflict)?;
        shown.push(show(conflict, table, row.as_ref(), &brought));
    }
    Ok(shown)
}

/// The tables that conflicts are about.
pub(super) fn tables_of(
    database: &mut Database,
    root: &crate::model::GestorRoot,
    conflicts: &[KnownConflict],
    base: &Base,
) -> Result<BTreeMap<TableName, CurrentTable>, Error> {
    let contracts = data::read_contracts(&root.core_data())?;
    let mut names: Vec<TableName> = conflicts
        .iter()
        .filter_map(|conflict| TableName::new(&conflict.table).ok())
        .collect();
    names.sort();
    names.dedup();
    let names: Vec<&TableName> = names.iter().collect();
    Ok(data::standing_tables(database, &contracts, &names, base)?)
}

/// The row that a conflict is about, as it stands; nothing where it is gone, or not the plugin's any more.
fn row_of(
    database: &mut Database,
    table: &CurrentTable,
    slug: &Slug,
    conflict: &KnownConflict,
) -> Result<Option<CurrentRow>, Error> {
    let named = NamedRow {
        key: &conflict.key,
        identity: &conflict.identity,
    };
    Ok(match table.find(database, slug, named, false)? {
        ConflictedRow::Row(_, row) => Some(row),
        ConflictedRow::Foreign | ConflictedRow::Gone => None,
    })
}

/// What the packages before brought, by the version whose value waits.
struct Before {
    packages: BTreeMap<String, Vec<TableRows>>,
}

impl Before {
    /// Reads those that are kept. One that cannot be read is as good as none: it is told.
    fn read(
        database: &mut Database,
        (kept, reporter): (&KeptPackages<'_>, &OperationReporter<'_>),
        open: &[KnownConflict],
    ) -> Result<Self, Error> {
        let mut packages = BTreeMap::new();
        if open.is_empty() {
            return Ok(Self { packages });
        }
        let entries = history::entries(database, kept.slug, usize::MAX)?;
        for conflict in open.iter().filter(|conflict| conflict.version.is_some()) {
            // The newest first: the last operation that brought what waits.
            let brought = |entry: &StoredEntry| entry.confirmado && entry.versao_para == conflict.version;
            let Some(at) = entries.iter().position(brought) else {
                continue;
            };
            let Some(version) = entries[at].versao_de.as_deref() else {
                continue;
            };
            let name = conflict.version.clone().unwrap_or_default();
            if packages.contains_key(&name) {
                continue;
            }
            match look::kept_rows(kept, (version, sha256_before(&entries[at..])), reporter) {
                Ok(Some(rows)) => drop(packages.insert(name, rows)),
                Ok(None) => {}
                Err(fault) => reporter.message(Message::warning(&fault)),
            }
        }
        Ok(Self { packages })
    }

    fn value(&mut self, table: Option<&CurrentTable>, conflict: &KnownConflict) -> Result<Value, Error> {
        let rows = conflict.version.as_ref().and_then(|version| self.packages.get(version));
        let rows = rows.and_then(|tables| tables.iter().find(|rows| rows.table.as_str() == conflict.table));
        let (Some(table), Some(rows)) = (table, rows) else {
            return Ok(Value::Null);
        };
        let Some(column) = table.column(&conflict.column) else {
            return Ok(Value::Null);
        };
        let row = table.find_row(&rows.rows, &conflict.key)?;
        let value = row
            .map(|row| table.package_value(&rows.rows, row, column))
            .transpose()?;
        Ok(told(table.told(column, value.flatten())))
    }
}

/// SHA-256 of the package that the first of these operations, the newest, found installed.
fn sha256_before(entries: &[StoredEntry]) -> Option<&str> {
    let version = entries.first()?.versao_de.as_deref();
    let earlier = entries[1..].iter().filter(|entry| entry.confirmado);
    let mut installed = earlier.filter(|entry| entry.checksum.is_some() && entry.versao_para.as_deref() == version);
    installed.next()?.checksum.as_deref()
}

fn told(value: Option<Vec<u8>>) -> Value {
    value.map_or(Value::Null, text_or_hex)
}

fn show(conflict: &KnownConflict, table: Option<&CurrentTable>, row: Option<&CurrentRow>, base: &Value) -> Value {
    let stored = |name: &str| {
        let column = table.and_then(|table| table.column(name));
        let value = column.zip(row).zip(table);
        told(value.and_then(|((column, row), table)| table.told(column, row[column].clone())))
    };
    let theirs = match (&conflict.theirs, &conflict.companion) {
        (Waiting::Text(text), _) => Value::from(text.as_str()),
        (_, Some(companion)) => stored(companion),
        _ => Value::Null,
    };
    json!({
        "id": conflict.id,
        "tabela": conflict.table,
        "linha": conflict.shown,
        "coluna": conflict.column,
        "motivo": conflict.reason.word(),
        "base": base,
        "meu": stored(&conflict.column),
        "pacote": theirs,
        "companheira": conflict.companion,
        "versao": conflict.version,
    })
}

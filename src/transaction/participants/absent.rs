//! The rows of a plugin that goes (SPEC 2 §6): planned against what the tables hold, copied into an archive that is read
//! back, deleted or given back. In the transaction; a rollback undoes it, and undoing removes the archive.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::json;

use super::super::account::BaseSource;
use super::super::run::Run;
use super::super::{Context, Departure, Observer, TransactionError};
use super::RowRules;
use super::merge::Basis;
use crate::archive::{ArchiveError, RecordWriter, WrittenRecords, verify_records};
use crate::base::db::Database;
use crate::data::{self, Absence, Departing, MergeRules, Trust};
use crate::ledger::{self, Base, EntryOrigin, SavedRow};
use crate::log::{Message, Step};
use crate::model::{Slug, TableName};
use crate::registry;

/// The form of the archive.
const FORMAT: u32 = 1;
/// What its name begins with.
const KIND: &str = "removido";

/// Plans alone, for a dry run.
pub fn rehearse(
    rules: &RowRules<'_>,
    departure: Departure<'_>,
    base: &BaseSource,
    cx: &mut Context<'_>,
) -> Result<Absence, TransactionError> {
    let database = &mut cx.session.database;
    database.begin()?;
    let planned = plan(database, rules, departure, base, cx.observer);
    database.rollback()?;
    planned
}

/// Plans, copies out, writes, inside the transaction.
pub(in crate::transaction) fn apply(
    run: &mut Run<'_>,
    departure: Departure<'_>,
    cx: &mut Context<'_>,
) -> Result<Absence, TransactionError> {
    cx.observer.begin(Step::Plan)?;
    let rules = run.change.rules;
    let absence = plan(
        &mut cx.session.database,
        rules,
        departure,
        &run.change.account.base,
        cx.observer,
    )?;
    absence.check(departure.force)?;
    cx.observer.begin(Step::Sync)?;
    let path = run.aside.write_archive(
        KIND,
        |file| {
            let mut out = RecordWriter::new(file);
            write(run, departure, &absence, &mut cx.session.database, &mut out)?;
            Ok::<WrittenRecords, TransactionError>(out.finish()?)
        },
        |path, file, written| Ok(verify_records(path, file, written)?),
    )?;
    let path = path.display().to_string();
    cx.observer.message(Message::RemovedKept { path: path.clone() });
    run.report.removido = Some(path);
    let database = &mut cx.session.database;
    data::apply_absence(database, &absence)?;
    for (heir, rows) in &absence.inherited {
        inherit(database, heir, rows)?;
    }
    ledger::forget(database, run.change.slug)?;
    Ok(absence)
}

fn plan(
    database: &mut Database,
    rules: &RowRules<'_>,
    departure: Departure<'_>,
    source: &BaseSource,
    observer: &dyn Observer,
) -> Result<Absence, TransactionError> {
    let basis = Basis::read(database, rules, source, observer)?;
    let merging = basis.merging(MergeRules::default(), 0);
    let nothing = Base::new();
    let saved = saved(database, rules.slug())?;
    let mut others = BTreeMap::new();
    for heir in departure.heirs {
        others.insert(heir.clone(), ledger::read(database, heir)?.base);
    }
    let departing = Departing {
        slug: rules.slug(),
        removal: departure.removal,
        base: merging.base.unwrap_or(&nothing),
        since: match merging.trust {
            Trust::Outdated(brought) => brought,
            Trust::Recorded | Trust::Rebuilt => None,
        },
        saved: &saved,
        others: &others,
        contracts: rules.contracts(),
    };
    Ok(data::plan_absence(database, departing)?)
}

/// What was set aside for a plugin, the oldest first.
fn saved(database: &mut Database, slug: &Slug) -> Result<Vec<SavedRow>, TransactionError> {
    let stored = registry::read_saved(database, slug, 0)?.into_iter();
    let row = |stored: registry::StoredRow| {
        Some(SavedRow {
            table: TableName::new(&stored.table).ok()?,
            key: stored.key,
            identity: stored.identity,
            reason: stored.reason,
            values: stored.values,
            placed: stored.placed,
        })
    };
    Ok(stored.filter_map(row).collect())
}

/// What goes, each table in a file of its own; what is known of the plugin; and what its packages brought, as it is stored.
fn write(
    run: &Run<'_>,
    departure: Departure<'_>,
    absence: &Absence,
    database: &mut Database,
    out: &mut RecordWriter<'_>,
) -> Result<(), TransactionError> {
    let slug = run.change.slug;
    let account = &run.change.account;
    out.begin("removido.json")?;
    let about = json!({
        "formato": FORMAT, "slug": slug.as_str(), "versao": account.version, "checksum": account.checksum,
        "modo": departure.removal.word(), "historico": run.history, "inicio": run.began,
    });
    put(out, &about.to_string())?;
    for (name, text) in registry::records_of(database, slug)? {
        out.begin(&format!("{name}.jsonl"))?;
        put(out, &text)?;
    }
    for table in &absence.tables {
        if table.going.is_empty() && table.returning.is_empty() {
            continue;
        }
        out.begin(&format!("linhas/{}.jsonl", table.table.name()))?;
        data::write_going(database, table, out)?;
    }
    Ok(())
}

fn put(out: &mut RecordWriter<'_>, text: &str) -> Result<(), ArchiveError> {
    let written = out.write_all(text.as_bytes());
    written.map_err(|source| ArchiveError::PackWrite { at: 0, source })
}

/// Rows that the plugin inserted and that stay for another one are that one's from now on.
fn inherit(database: &mut Database, heir: &Slug, rows: &[(TableName, ledger::RowKey)]) -> Result<(), TransactionError> {
    let before = ledger::read(database, heir)?;
    let mut base = Base::new();
    for (table, key) in rows {
        let Some(known) = before.base.get(table) else { continue };
        let changed = base.entry(table.clone()).or_insert_with(|| known.clone());
        if let Some(at) = changed.find(key) {
            changed.entries[at].origin = EntryOrigin::Inserted;
        }
    }
    ledger::write(database, heir, &before, &base)?;
    Ok(())
}

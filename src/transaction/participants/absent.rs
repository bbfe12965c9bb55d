//! The rows of a plugin that goes (SPEC 2 §6): planned against what the tables hold, copied into an archive that is read
//! back, deleted or given back. In the transaction; a rollback undoes it, and undoing removes the archive.

use std::collections::BTreeMap;
use std::io::Write;

use super::super::change_record::BaseSource;
use super::super::needed::Needed;
use super::super::removed::{ABOUT, About, FORMAT, PLAIN_FORMAT};
use super::super::run::Run;
use super::super::{Context, Departure, TransactionError, TransactionReporter};
use super::RowRules;
use super::merge::Basis;
use crate::archive::{ArchiveError, RecordWriter, WrittenRecords, verify_records};
use crate::base::db::Database;
use crate::base::{failpoint, panic};
use crate::data::{self, Absence, Departing, MergeRules, Trust};
use crate::ledger::{self, Base, EntryOrigin, SavedRow};
use crate::log::{Message, Step};
use crate::model::{Slug, TableName};
use crate::registry;
use crate::stage::removed::KIND;

/// Plans alone, for a dry run.
pub fn rehearse(
    rules: &RowRules<'_>,
    departure: Departure<'_>,
    base: &BaseSource,
    cx: &mut Context<'_>,
) -> Result<Absence, TransactionError> {
    let database = &mut cx.session.database;
    database.begin()?;
    let planned = plan(database, rules, departure, base, cx.reporter);
    database.rollback()?;
    planned
}

/// Plans, copies out, writes, inside the transaction.
pub(in crate::transaction) fn apply(
    run: &mut Run<'_>,
    departure: Departure<'_>,
    cx: &mut Context<'_>,
) -> Result<Absence, TransactionError> {
    cx.reporter.begin(Step::Plan)?;
    let rules = run.change.rules;
    let absence = plan(
        &mut cx.session.database,
        rules,
        departure,
        &run.change.account.base,
        cx.reporter,
    )?;
    absence.check(departure.force)?;
    cx.reporter.begin(Step::Sync)?;
    let path = run.snapshot.write_archive(
        KIND,
        |file| {
            let mut out = RecordWriter::new(file);
            write(run, departure, &absence, &mut cx.session.database, &mut out)?;
            Ok::<WrittenRecords, TransactionError>(out.finish()?)
        },
        |path, file, written| Ok(verify_records(path, file, written)?),
    )?;
    if failpoint::reach("archived") {
        return Err(TransactionError::Internal(panic::internal("fail point archived")));
    }
    let path = path.display().to_string();
    cx.reporter.message(Message::RemovedKept { path: path.clone() });
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
    reporter: &dyn TransactionReporter,
) -> Result<Absence, TransactionError> {
    if let Some(paused) = departure.paused {
        registry::put_records(database, "base", &paused.base)?;
    }
    let basis = Basis::read(database, rules, source, reporter)?;
    let merging = basis.merging(MergeRules::default(), 0, &[]);
    let nothing = Base::new();
    let saved = saved(database, rules.slug(), 0)?;
    let mut others = BTreeMap::new();
    for heir in departure.heirs {
        others.insert(heir.clone(), ledger::read(database, heir)?.base);
    }
    let departing = Departing {
        slug: rules.slug(),
        removal: departure.removal,
        is_paused: departure.paused.is_some(),
        base: merging.base.unwrap_or(&nothing),
        since: match merging.trust {
            Trust::Outdated(brought) => brought,
            Trust::Recorded | Trust::Rebuilt => None,
        },
        saved: &saved,
        adopted: departure.adopted,
        others: &others,
        dropped: departure.dropped,
        contracts: rules.contracts(),
    };
    Ok(data::plan_absence(database, departing)?)
}

/// What was set aside for a plugin by an operation and those after it, the oldest first.
pub(super) fn saved(database: &mut Database, slug: &Slug, from: u64) -> Result<Vec<SavedRow>, TransactionError> {
    let stored = registry::read_saved(database, slug, from)?.into_iter();
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
    out.begin(ABOUT)?;
    let mut packages = Needed::read(database, slug)?.packages;
    packages.extend(account.checksum.clone());
    let about = About {
        formato: if absence.holds_others() { FORMAT } else { PLAIN_FORMAT },
        slug: slug.to_string(),
        versao: account.version.clone(),
        checksum: account.checksum.clone(),
        modo: departure.removal.word().to_owned(),
        historico: run.history,
        inicio: run.began.clone(),
        base: registry::origin(database)?.map(|origin| origin.to_string()),
        esquema: run.change.contract.is_of_schema(),
        anterior: departure.paused.map(|paused| paused.archive.clone()),
        pacotes: Some(packages),
    };
    put(out, &serde_json::to_string(&about).unwrap_or_default())?;
    for (name, text) in registry::records_of(database, slug)? {
        out.begin(&format!("{name}.jsonl"))?;
        put(out, &text)?;
    }
    for table in &absence.tables {
        if table.going.is_empty() && table.returning.is_empty() && table.emptied.is_empty() {
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

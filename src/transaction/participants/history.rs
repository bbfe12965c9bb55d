//! The history of a change: its row comes first in the transaction, because its number is what base and values set aside
//! name, and is completed after the commit, by the run or by recovery (SPEC 2 §1).

use chrono::{DateTime, FixedOffset};

use super::super::change_record::Outside;
use super::super::run::Run;
use super::super::{Context, TransactionError, TransactionReporter, messages};
use crate::base::db::Database;
use crate::base::fs::random_hex;
use crate::history::{self, Action, HistoryEntry, RecordedOutcome};
use crate::log::Message;
use crate::migrate::{MigrateError, Migration, MigrationRecord, Pending};
use crate::model::Slug;
use crate::outcome::{ExitCode, Report};
use crate::registry;
use crate::scripts;

/// A time as the history holds it.
pub fn moment(time: DateTime<FixedOffset>) -> String {
    time.to_utc().format("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

/// The name of this machine.
pub fn server() -> Option<String> {
    nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok())
}

/// Begins the row of a change; before it, that of another installer that was here.
pub(in crate::transaction) fn begin(run: &mut Run<'_>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    let now = moment(cx.reporter.clock().now());
    let database = &mut cx.session.database;
    let account = &run.change.account;
    if let Some(outside) = &account.external {
        record_outside(run, outside, database, &now)?;
    }
    let (arrival, server) = (run.change.arrival(), server());
    let (to, checksum) = match arrival {
        Some(arrival) => {
            let package = arrival.package;
            (
                Some(package.manifest.version.to_string()),
                Some(package.located.sha256().to_string()),
            )
        }
        None if run.change.departure().is_some() => (None, None),
        None if run.change.returning().is_some() => {
            let about = run.change.returning().and_then(|back| back.archives.first());
            about.map_or((None, None), |archive| {
                (archive.about.versao.clone(), archive.about.checksum.clone())
            })
        }
        None => (account.version.clone(), None),
    };
    let source = arrival.map(|arrival| {
        let metadata = &arrival.metadata;
        serde_json::json!({"tipo": metadata.origin, "referencia": metadata.reference, "tag": metadata.tag}).to_string()
    });
    let migrations = migrations_of(run);
    run.history = history::begin(
        database,
        &HistoryEntry {
            operation: run.journal.operation(),
            batch: account.batch,
            slug: run.change.slug.as_str(),
            action: account.action,
            from: account.version.as_deref(),
            to: to.as_deref(),
            checksum: checksum.as_deref(),
            source: source.as_deref(),
            manifest: arrival.map(|arrival| arrival.metadata.manifest),
            migrations: Some(&migrations.text()),
            parameters: account.parameters.as_deref(),
            server: server.as_deref(),
            actor: account.actor,
            began: &run.began,
        },
    )?;
    Ok(())
}

/// What ran now; of a plugin whose schema comes back also what a run did that was broken off, and then had not to be done.
fn migrations_of(run: &Run<'_>) -> MigrationRecord {
    let mut record = MigrationRecord {
        applied: run.migrated.iter().map(Migration::shown).collect(),
        facts: run.facts.clone(),
        tables: run.tables.clone(),
        log: run.noted.clone(),
        ..MigrationRecord::default()
    };
    if let Some(schema) = run.change.returning().and_then(|back| back.schema.as_ref()) {
        record.include(&schema.record);
    }
    record
}

fn record_outside(
    run: &Run<'_>,
    outside: &Outside,
    database: &mut Database,
    now: &str,
) -> Result<(), TransactionError> {
    let operation = random_hex()?;
    let entry = HistoryEntry {
        operation: &operation,
        batch: None,
        slug: run.change.slug.as_str(),
        action: Action::External,
        from: run.change.account.version.as_deref(),
        to: outside.version.as_deref(),
        checksum: outside.checksum.as_deref(),
        source: None,
        manifest: None,
        migrations: None,
        parameters: None,
        server: None,
        actor: None,
        began: now,
    };
    let outcome = RecordedOutcome {
        committed: true,
        ..RecordedOutcome::default()
    };
    history::record_failure(database, &entry, &outcome, now)?;
    Ok(())
}

/// Completes the row of a change that has committed. Recovery does so where this cannot.
pub(in crate::transaction) fn finish(run: &Run<'_>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    let tables = tables(run.report);
    let errors = run.failed.as_ref().map(ToString::to_string);
    let code = match &run.failed {
        None => ExitCode::Ok,
        Some(TransactionError::Scripts(_)) => ExitCode::Script,
        Some(_) => ExitCode::Migrate,
    };
    let outcome = RecordedOutcome {
        code: u16::try_from(code.number()).unwrap_or(u16::MAX),
        committed: true,
        tables: Some(&tables),
        errors: errors.as_deref(),
        ..RecordedOutcome::default()
    };
    let now = moment(cx.reporter.clock().now());
    let database = &mut cx.session.database;
    registry::write_log(database, run.change.slug, &cx.reporter.lines())?;
    Ok(history::complete(database, run.history, &outcome, &now)?)
}

/// Counts by table, as JSON.
pub fn tables(report: &Report) -> String {
    serde_json::to_string(&report.tabelas).unwrap_or_default()
}

/// Completes the row of an operation that had committed when it was killed.
/// What it left of the schema is not done: it has not ended well.
pub(in crate::transaction) fn recover(
    cx: &mut Context<'_>,
    slug: &Slug,
    operation: &str,
) -> Result<(), TransactionError> {
    let now = moment(cx.reporter.clock().now());
    let database = &mut cx.session.database;
    if let Some(found) = history::unfinished(database, operation)? {
        let state = registry::read_state(database, slug)?;
        let text = state.and_then(|state| state.pending);
        let pending = Pending::read(text.as_deref());
        let left = pending.steps.iter().filter(|step| step.of == found.id);
        let left: Vec<String> = left.flat_map(|step| step.what.shown()).collect();
        let fault = (!left.is_empty()).then(|| MigrateError::NotUndone {
            reason: messages::WAS_INTERRUPTED,
            left: left.join(", "),
        });
        let (mut code, mut errors) = (ExitCode::Ok, Vec::new());
        if let Some(fault) = fault {
            (code, errors) = (ExitCode::Migrate, vec![fault.to_string()]);
        }
        if let Some(scripts) = scripts::read(text.as_deref()).filter(|scripts| scripts.of == found.id) {
            let fault = scripts.interrupted();
            cx.reporter.message(Message::warning(&fault));
            code = ExitCode::Script;
            errors.push(fault.to_string());
        }
        let errors = (!errors.is_empty()).then(|| errors.join("; "));
        let outcome = RecordedOutcome {
            code: u16::try_from(code.number()).unwrap_or(u16::MAX),
            committed: true,
            tables: found.tabelas.as_deref(),
            errors: errors.as_deref(),
            ..RecordedOutcome::default()
        };
        history::complete(database, found.id, &outcome, &now)?;
    }
    Ok(())
}

/// Tells that a row could not be completed: the operation has committed all the same.
pub(in crate::transaction) fn tell(done: Result<(), TransactionError>, reporter: &dyn TransactionReporter) {
    if let Err(fault) = done {
        reporter.message(Message::warning(&fault));
    }
}

//! The migrations of a package (SPEC §5.12): asked of the caller, kept at hand, and rolled back when a later step fails.

use std::fs::File;
use std::path::PathBuf;

use super::super::life::runner_log;
use super::super::run::Run;
use super::super::{Context, TransactionError};
use crate::base::fs::{make_folder, rename_no_replace};
use crate::base::{failpoint, panic};
use crate::log::{Message, Step};
use crate::migrate::{self, BegunMigrations, MigrateError, Migration, MigrationAction, MigrationCall, Schema};
use crate::model::Slug;
use crate::package::Inspected;
use crate::registry;
use crate::stage::{self, Layout, work_owner};

/// A folder that nobody else looks into.
const PRIVATE: u32 = 0o700;

/// Asks the caller which of a package's migrations have not run, for a dry run: where an installation would have them.
pub fn pending(
    layout: &Layout,
    folder: &File,
    slug: &Slug,
    package: &Inspected,
    cx: &mut Context<'_>,
) -> Result<Vec<String>, TransactionError> {
    let folder = extract(layout, folder, package)?;
    let log = runner_log(&mut cx.session.database, slug)?;
    let call = MigrationCall::new(MigrationAction::Pending, slug, folder, log);
    Ok(cx.reporter.run(call)?.iter().map(Migration::shown).collect())
}

/// In the folder that was made for this and is open since. The dry run has verified the package.
fn extract(layout: &Layout, folder: &File, package: &Inspected) -> Result<PathBuf, TransactionError> {
    package.located.unpack_migrations(folder)?;
    Ok(layout.staging().join("db").join("migrations"))
}

/// The files of migrations leave the tree, which has no `db/`. They run and are rolled back from one and the same
/// place: PHP would not load a class a second time from another path.
pub(in crate::transaction) fn prepare(run: &mut Run<'_>) -> Result<(), TransactionError> {
    if let Some(package) = run.change.returning().and_then(|back| back.migrations.as_ref()) {
        let folder = run.layout.staging().join("back");
        let open = make_folder(&folder, Some(work_owner(run.layout.root())?), PRIVATE)?;
        package.unpack_migrations(&open)?;
        run.migrations = folder.join("db").join("migrations");
        return Ok(());
    }
    let (from, to) = (run.layout.tree().join("db"), run.layout.container().join("db"));
    Ok(rename_no_replace(&from, &to)?)
}

/// Whether any of the package's migrations has not run yet.
pub(in crate::transaction) fn is_pending(run: &mut Run<'_>, cx: &mut Context<'_>) -> Result<bool, TransactionError> {
    cx.reporter.begin(Step::Migrate)?;
    run.log = runner_log(&mut cx.session.database, run.change.slug)?;
    let call = call(run, MigrationAction::Pending);
    run.waiting = cx.reporter.run(call)?;
    Ok(!run.waiting.is_empty())
}

fn call(run: &Run<'_>, action: MigrationAction) -> MigrationCall {
    MigrationCall::new(action, run.change.slug, run.migrations.clone(), run.log.clone())
}

/// Step 12. Under the lock of schemas, so that what changes meanwhile is the migrations' doing.
pub(in crate::transaction) fn apply(run: &mut Run<'_>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    let reporter = cx.reporter;
    reporter.begin(Step::Migrate)?;
    if failpoint::reach("migrate") {
        return Err(TransactionError::Internal(panic::internal("fail point migrate")));
    }
    registry::take_schema(&mut cx.session.database, &|| reporter.is_wanted())?;
    let applied = observe(run, cx);
    let released = registry::release_schema(&mut cx.session.database);
    applied?;
    released?;
    let names: Vec<String> = run.migrated.iter().map(Migration::shown).collect();
    run.report.migracoes.clone_from(&names);
    if !names.is_empty() {
        reporter.message(Message::Migrated { names });
    }
    Ok(())
}

/// Runs them, and tells what they made of the schema.
fn observe(run: &mut Run<'_>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    let before = migrate::read_schema(&mut cx.session.database)?;
    note_begun(run, &before, cx)?;
    migrate_up(run, cx)?;
    if run.migrated.is_empty() {
        return Ok(());
    }
    let after = migrate::read_schema(&mut cx.session.database)?;
    run.facts = migrate::compare(&before, &after, &texts(run, &run.migrated)?);
    let made = run.facts.created_tables.iter();
    let shape = |table: &String| {
        let columns = after.tables.get(table)?.iter().map(|column| column.name.clone());
        Some((table.clone(), columns.collect()))
    };
    run.tables = made.filter_map(shape).collect();
    let log = &run.log.tabela;
    run.noted = registry::logged(&mut cx.session.database, log)?.map(|_| log.clone());
    Ok(())
}

/// Written before they run: by it recovery says what of them stays.
fn note_begun(run: &Run<'_>, before: &Schema, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    let begun = BegunMigrations {
        log: run.log.tabela.clone(),
        applied: registry::logged(&mut cx.session.database, &run.log.tabela)?.unwrap_or_default(),
        waiting: run.waiting.clone(),
        texts: texts(run, &run.waiting)?,
        schema: before.clone(),
    };
    let bytes = serde_json::to_vec(&begun).unwrap_or_default();
    Ok(stage::begun::write(&run.layout, &bytes)?)
}

/// The texts of some of them.
fn texts(run: &Run<'_>, wanted: &[Migration]) -> Result<Vec<String>, TransactionError> {
    let wanted = Some(wanted);
    let back = run.change.returning().and_then(|back| back.migrations.as_ref());
    let package = run.change.arrival().map(|arrival| &arrival.package.located);
    match package.or(back.map(|package| &**package)) {
        Some(package) => Ok(package.migration_texts(wanted)?),
        None => Ok(Vec::new()),
    }
}

fn migrate_up(run: &mut Run<'_>, cx: &Context<'_>) -> Result<(), TransactionError> {
    let call = call(run, MigrationAction::Migrate);
    match cx.reporter.run(call) {
        Ok(done) => run.migrated = done,
        Err(MigrateError::Failed { reason, applied }) => {
            run.migrated.clone_from(&applied);
            return Err(MigrateError::Failed { reason, applied }.into());
        }
        Err(fault) => return Err(fault.into()),
    }
    Ok(())
}

/// Without a commit: asks the caller to roll back what this run applied.
pub(in crate::transaction) fn undo(run: &Run<'_>, cx: &Context<'_>) {
    if run.migrated.is_empty() {
        return;
    }
    let call = call(run, MigrationAction::Rollback).of(&run.migrated);
    match cx.reporter.run(call) {
        Ok(undone) => {
            let names = undone.iter().map(Migration::shown).collect();
            cx.reporter.message(Message::MigrationsRolledBack { names });
        }
        Err(fault) => cx.reporter.message(Message::error(&fault)),
    }
}

//! The migrations of a package (SPEC §5.12): asked of the caller, kept at hand, and rolled back when a later step fails.

use std::fs::File;
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::path::PathBuf;

use super::super::run::Run;
use super::super::{Context, Observer, TransactionError};
use crate::base::fs::rename_no_replace;
use crate::base::{failpoint, panic};
use crate::log::{Message, Step};
use crate::migrate::{MigrateError, Migration, MigrationAction, MigrationCall};
use crate::model::Slug;
use crate::package::Inspected;
use crate::stage::Layout;

/// Asks the caller which of a package's migrations have not run, for a dry run: where an installation would have them.
pub fn pending(
    layout: &Layout,
    folder: &File,
    slug: &Slug,
    package: &Inspected,
    observer: &dyn Observer,
) -> Result<Vec<String>, TransactionError> {
    let folder = extract(layout, folder, package)?;
    let call = MigrationCall::new(MigrationAction::Pending, slug, folder);
    Ok(observer.run(call)?.iter().map(name).collect())
}

/// Unpacks the migrations alone, in the folder that was made for this and is open since. The dry
/// run has verified the package.
fn extract(layout: &Layout, folder: &File, package: &Inspected) -> Result<PathBuf, TransactionError> {
    let skip = |path: &str| !path.starts_with("db/migrations") && path != "db";
    let go_on = |_, _| ControlFlow::Continue(());
    package
        .archive
        .extract_verified(folder.as_fd(), &package.prefix, &skip, &go_on)?;
    Ok(layout.staging().join("db").join("migrations"))
}

/// The files of migrations leave the tree, which has no `db/`. They run and are rolled back from one and the same
/// place: PHP would not load a class a second time from another path.
pub(in crate::transaction) fn prepare(run: &Run<'_>) -> Result<(), TransactionError> {
    let (from, to) = (run.layout.tree().join("db"), run.layout.container().join("db"));
    Ok(rename_no_replace(&from, &to)?)
}

/// Whether any of the package's migrations has not run yet.
pub(in crate::transaction) fn is_pending(run: &Run<'_>, cx: &Context<'_>) -> Result<bool, TransactionError> {
    cx.observer.begin(Step::Migrate)?;
    let call = MigrationCall::new(MigrationAction::Pending, run.change.slug, run.migrations.clone());
    Ok(!cx.observer.run(call)?.is_empty())
}

/// Step 12.
pub(in crate::transaction) fn apply(run: &mut Run<'_>, cx: &Context<'_>) -> Result<(), TransactionError> {
    cx.observer.begin(Step::Migrate)?;
    if failpoint::reach("migrate") {
        return Err(TransactionError::Internal(panic::internal("fail point migrate")));
    }
    let call = MigrationCall::new(MigrationAction::Migrate, run.change.slug, run.migrations.clone());
    match cx.observer.run(call) {
        Ok(done) => run.migrated = done,
        Err(MigrateError::Failed { reason, applied }) => {
            run.migrated.clone_from(&applied);
            return Err(MigrateError::Failed { reason, applied }.into());
        }
        Err(fault) => return Err(fault.into()),
    }
    let names: Vec<String> = run.migrated.iter().map(name).collect();
    run.report.migracoes.clone_from(&names);
    if !names.is_empty() {
        cx.observer.message(Message::Migrated { names });
    }
    Ok(())
}

/// Without a commit: asks the caller to roll back what this run applied.
pub(in crate::transaction) fn undo(run: &Run<'_>, cx: &Context<'_>) {
    if run.migrated.is_empty() {
        return;
    }
    let mut call = MigrationCall::new(MigrationAction::Rollback, run.change.slug, run.migrations.clone());
    call.migracoes.clone_from(&run.migrated);
    match cx.observer.run(call) {
        Ok(undone) => {
            let names = undone.iter().map(name).collect();
            cx.observer.message(Message::MigrationsRolledBack { names });
        }
        Err(fault) => cx.observer.message(Message::error(&fault)),
    }
}

/// How a migration is shown.
fn name(migration: &Migration) -> String {
    if migration.nome.is_empty() {
        migration.versao.clone()
    } else {
        format!("{} {}", migration.versao, migration.nome)
    }
}

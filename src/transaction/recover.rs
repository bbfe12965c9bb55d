//! What a killed run left, and the first step of every operation: finishes or undoes it (SPEC §9), by the same steps as a
//! run that is alive.

use serde::Serialize;

use super::forget::forget;
use super::participants::{apart, history, kept};
use super::tell::tell_kept;
use super::{
    Context, TransactionError, TransactionReporter, interrupted, late_rows, left_migrations, lock_file, sharing,
};
use crate::archive::is_whole_backup;
use crate::base::db::Database;
use crate::base::fs::{Holder, LockState};
use crate::log::Message;
use crate::model::{GestorRoot, Slug};
use crate::outcome::ExecutionStatus;
use crate::registry;
use crate::stage::{self, Journal};

/// What was found of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recovery {
    /// Nothing to do.
    #[serde(rename = "nada")]
    Nothing,
    /// A run that had committed: it was finished.
    #[serde(rename = "concluida")]
    Finished,
    /// A run that had not committed: it was undone.
    #[serde(rename = "desfeita")]
    Undone,
    /// A status without a run: it was cleared.
    #[serde(rename = "status")]
    StuckStatus,
}

/// Brings files and rows of one plugin to exactly the old or the new state, and says what every operation on it says. Only
/// under its locks.
pub fn settle(cx: &mut Context<'_>, slug: &Slug) -> Result<Recovery, TransactionError> {
    let found = settle_run(cx, slug)?;
    stage::assets::try_again(cx.site.root, slug);
    late_rows::rescue(cx, slug)?;
    forget(cx, slug)?;
    sharing::tell(cx, slug)?;
    Ok(found)
}

fn settle_run(cx: &mut Context<'_>, slug: &Slug) -> Result<Recovery, TransactionError> {
    let (root, reporter) = (cx.site.root, cx.reporter);
    let Some(journal) = Journal::read(root, slug)? else {
        // A run that died after it closed its journal left its row, and perhaps its staging.
        if let Some(closed) = Journal::closed(root, slug)? {
            history::tell(history::recover(cx, slug, closed.operation()), reporter);
            sharing::recover(cx, slug, &closed);
            lock_file::write(cx);
            registry::close_operation(&mut cx.session.database, closed.operation())?;
        }
        let rescued = stage::rescue(root, slug, reporter.clock().now(), is_whole_backup)?;
        tell_kept(reporter, &rescued);
        if let Some(backup) = rescued.backup {
            let path = backup.display().to_string();
            reporter.message(Message::BackupCreated { path });
        }
        stage::clear(root, slug)?;
        return Ok(Recovery::Nothing);
    };
    let layout = journal.layout(root, slug);
    let committed = interrupted::was_committed(cx, slug, &journal)?;
    if committed {
        tell_kept(reporter, &stage::finish(&journal, &layout)?);
        history::tell(history::recover(cx, slug, journal.operation()), reporter);
        sharing::recover(cx, slug, &journal);
        lock_file::write(cx);
    } else {
        left_migrations::tell(cx, slug);
        kept::undo(&journal, &layout)?;
        let row = registry::read(&mut cx.session.database, slug)?;
        if let Err(fault) = apart::undo(&journal, &layout, row.and_then(|row| row.version).as_deref()) {
            reporter.message(Message::warning(&fault));
        }
        tell_kept(reporter, &stage::undo(&journal, &layout)?);
        mark_failed(&mut cx.session.database, slug, &journal)?;
    }
    registry::close_operation(&mut cx.session.database, journal.operation())?;
    stage::clear(root, slug)?;
    reporter.message(Message::Recovered { committed });
    Ok(if committed {
        Recovery::Finished
    } else {
        Recovery::Undone
    })
}

/// Says only that an interrupted run waits, or that one goes on: for a dry run and whoever looks, which recover nothing.
pub fn tell_waiting(
    root: &GestorRoot,
    slug: &Slug,
    reporter: &dyn TransactionReporter,
) -> Result<(), TransactionError> {
    if let Some(journal) = Journal::read(root, slug)? {
        let begun = journal.begun().to_owned();
        reporter.message(match others_lock(root, slug)? {
            LockState::Held(holder) => Message::RunGoesOn {
                begun,
                holder: holder.map(|holder| (holder.pid, holder.host)),
            },
            LockState::Free => Message::RunWaits {
                begun,
                database: journal.database().map(|database| database.name.clone()),
            },
        });
    }
    Ok(())
}

/// The plugin's lock, as far as others than this process hold it: a dry run holds it as well.
fn others_lock(root: &GestorRoot, slug: &Slug) -> Result<LockState, TransactionError> {
    let this = Holder::this_process(String::new());
    let lock = stage::running::running(root, slug)?.map(|running| running.lock);
    Ok(match lock {
        Some(LockState::Held(Some(holder))) if (holder.pid, &holder.host) == (this.pid, &this.host) => LockState::Free,
        lock => lock.unwrap_or(LockState::Free),
    })
}

/// A run of an earlier release that had changed nothing may have been another database's: its status stays there. One that
/// synchronized rows alone never had a status.
fn mark_failed(database: &mut Database, slug: &Slug, journal: &Journal) -> Result<(), TransactionError> {
    if journal.is_of_rows() {
        return Ok(());
    }
    if journal.database().is_some() {
        return Ok(registry::mark_failed(database, slug)?);
    }
    clear_status(database, slug).map(drop)
}

/// A status that says "running" while its lock was free belongs to a run that died before it began to change anything.
pub fn clear_status(database: &mut Database, slug: &Slug) -> Result<bool, TransactionError> {
    let found = registry::read(database, slug)?;
    let status = found.and_then(|row| ExecutionStatus::from_word(&row.status));
    if !status.is_some_and(ExecutionStatus::is_running) {
        return Ok(false);
    }
    registry::mark_failed(database, slug)?;
    Ok(true)
}

//! The plugin's row, its state, and the row that tells of the commit. In the transaction; a rollback undoes it.

use super::super::run::Run;
use super::super::{Arrival, Change, Context, TransactionError};
use crate::base::db::Database;
use crate::log::Message;
use crate::migrate::{Pending, PendingStep};
use crate::model::Slug;
use crate::package::{migration_texts, migration_versions};
use crate::registry::{self, State};

/// Writes them.
pub(in crate::transaction) fn apply(run: &mut Run<'_>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    let database = &mut cx.session.database;
    let slug = run.change.slug;
    let known = run.change.account.state.clone();
    match run.change.arrival() {
        Some(arrival) => {
            let mut state = known.map_or_else(|| first_state(database, slug), Ok)?;
            state.pending = left(&run.change, run.history, state.pending.as_deref())?;
            run.is_pending = state.pending.is_some();
            registry::write(database, slug, &arrival.metadata)?;
            let number = registry::number(database, slug)?;
            registry::write_state(database, &next_state(run, arrival, state, number))?;
        }
        None => {
            if let Some(state) = known {
                let counter = state.counter + 1;
                registry::write_state(database, &State { counter, ..state })?;
            }
        }
    }
    Ok(registry::record_operation(
        database,
        run.journal.operation(),
        run.change.slug,
    )?)
}

/// What is left to be done: of before, without what the package has itself, and of this change.
fn left(change: &Change<'_>, history: u64, known: Option<&str>) -> Result<Option<String>, TransactionError> {
    let mut pending = Pending::read(known);
    if let Some(arrival) = change.arrival().filter(|_| !pending.steps.is_empty()) {
        let package = arrival.package;
        let texts = migration_texts(&package.tree, &package.contents, None)?;
        pending.strike(&migration_versions(&package.contents), &texts);
    }
    let steps = change.contract.steps.iter().cloned();
    pending.add(steps.map(|what| PendingStep { of: history, what }));
    Ok(pending.text())
}

/// Of a plugin of which nothing is recorded yet: its row as it was before our first write.
fn first_state(database: &mut Database, slug: &Slug) -> Result<State, TransactionError> {
    let row_before = registry::row_before(database, slug)?;
    Ok(State {
        slug: slug.to_string(),
        made_row: row_before.is_none(),
        row_before,
        ..State::default()
    })
}

/// A new point comes about where the package is another one, or rows were written.
fn next_state(run: &Run<'_>, arrival: &Arrival<'_>, state: State, number: Option<u64>) -> State {
    let is_same = run.change.account.checksum == Some(arrival.package.sha256.to_string());
    let stays = is_same && run.change.account.external.is_none() && run.plan.is_idle();
    let point = state.point.filter(|_| stays).unwrap_or(run.history);
    let previous_point = if state.point == Some(point) {
        state.previous_point
    } else {
        state.point.or(state.previous_point)
    };
    State {
        id_plugins: number,
        point: Some(point),
        previous_point,
        counter: state.counter + 1,
        epoch: arrival.package.manifest.epoch,
        removed_at: None,
        removed_archive: None,
        ..state
    }
}

/// Once the new tree stands: its files.
pub(in crate::transaction) fn list_files(run: &Run<'_>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    match &run.ready {
        Some(ready) => Ok(registry::write_files(
            &mut cx.session.database,
            run.change.slug,
            &ready.listing,
        )?),
        None => Ok(()),
    }
}

/// Committed, and the files are told: nobody will ask for the operation any more.
pub(in crate::transaction) fn finish(run: &Run<'_>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    Ok(registry::close_operation(
        &mut cx.session.database,
        run.journal.operation(),
    )?)
}

/// Not committed: the rows of the whole set are rolled back. Without its connection the transaction is gone as well; the
/// locks are needed again for what follows.
pub(in crate::transaction) fn undo(cx: &mut Context<'_>) {
    if cx.session.database.rollback().is_err()
        && let Err(fault) = cx.session.reconnect(cx.site, cx.observer)
    {
        cx.observer.message(Message::warning(&fault));
    }
}

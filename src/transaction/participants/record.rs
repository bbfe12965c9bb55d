//! The plugin's row, its state, and the row that tells of the commit. In the transaction; a rollback undoes it.

use super::super::run::Run;
use super::super::{Arrival, Context, TransactionError};
use crate::base::db::Database;
use crate::log::Message;
use crate::model::Slug;
use crate::registry::{self, State};

/// Writes them.
pub(in crate::transaction) fn apply(run: &Run<'_>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    let database = &mut cx.session.database;
    let slug = run.change.slug;
    let known = run.change.account.state.clone();
    match run.change.arrival() {
        Some(arrival) => {
            let state = known.map_or_else(|| first_state(database, slug), Ok)?;
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
        removed_at: None,
        removed_archive: None,
        ..state
    }
}

/// Once the new tree stands: its files.
pub(in crate::transaction) fn list_files(run: &Run<'_>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    let (ready, standing) = (run.ready.as_ref(), run.standing.as_ref());
    let listing = ready.map(|ready| &ready.listing).or(standing.map(|tree| &tree.listing));
    let Some(listing) = listing else { return Ok(()) };
    Ok(registry::write_files(
        &mut cx.session.database,
        run.change.slug,
        listing,
    )?)
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

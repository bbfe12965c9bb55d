//! The plugin's row, and the row that tells of the commit. In the transaction; a rollback undoes it.

use super::super::run::Run;
use super::super::{Context, TransactionError};
use crate::log::Message;
use crate::registry;

/// Writes both.
pub(in crate::transaction) fn apply(run: &Run<'_>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    let database = &mut cx.session.database;
    if let Some(arrival) = run.change.arrival() {
        registry::write(database, run.change.slug, &arrival.metadata)?;
    }
    Ok(registry::record_operation(
        database,
        run.journal.operation(),
        run.change.slug,
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

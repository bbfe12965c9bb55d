//! What a change counts: in its own transaction, so that it is counted where it was done and nowhere else.

use super::super::counted::success_of;
use super::super::run::Run;
use super::super::{Context, TransactionError};
use super::history::{moment, server};
use crate::history::Action;
use crate::observe::{self, Event, Happened};
use crate::trust;

/// Counts a change, as long as it took until now: what is left is the swap, and the commit.
pub(in crate::transaction) fn count(run: &Run<'_>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    let Some(event) = success_of(run.change.account.action) else {
        return Ok(());
    };
    let spent = cx.reporter.elapsed();
    observe::count_within(&mut cx.session.database, run.change.slug, event, Some(spent))?;
    if run.change.account.action == Action::Update {
        note_signer(run, cx)?;
    }
    Ok(())
}

/// Somebody else signed what comes than signed what it replaces.
fn note_signer(run: &Run<'_>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    let (Some(arrival), Some(replaced)) = (run.change.arrival(), run.change.account.checksum.as_deref()) else {
        return Ok(());
    };
    let (database, slug) = (&mut cx.session.database, run.change.slug);
    let Some(before) = trust::signer_of(database, slug, replaced)? else {
        return Ok(());
    };
    let now = arrival.package.signature.believed_developer();
    if now == Some(before.as_str()) {
        return Ok(());
    }
    let (at, server) = (moment(cx.reporter.clock().now()), server());
    let detail = observe::detail(&[("de", before.into()), ("para", now.into())]);
    let version = arrival.package.manifest.version.to_string();
    let happened = Happened {
        at: &at,
        version: Some(&version),
        server: server.as_deref(),
        detail: Some(&detail),
    };
    observe::count_within(database, slug, Event::SignerChanged, None)?;
    observe::record_within(database, slug, Event::SignerChanged, &happened)?;
    Ok(())
}

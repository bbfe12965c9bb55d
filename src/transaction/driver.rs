//! The steps of a transaction, for a set of plugins (SPEC §5, 11 to 18). Risky work comes before the first step that cannot
//! be undone; what fails before the commit is undone: rows first, then migrations, then files.

use super::commit::commit;
use super::contract::contract;
use super::participants::{
    absent, apart, assets, events, files, history, kept, migrations, record, returned, rows, scripts,
};
use super::run::Run;
use super::scripts::scripts_end;
use super::{Change, Context, TransactionError, lock_file, sharing, tell};
use crate::base::{failpoint, panic};
use crate::log::{Message, Step};
use crate::model::{DatabaseIdentity, Phrase};
use crate::outcome::Report;
use crate::stage::{self, Layout};

/// Times that the transaction of the rows is run.
const ATTEMPTS: u32 = 4;

/// Promises one more change of a set. Where it cannot be, those before it are withdrawn.
///
/// # Errors
/// What went wrong; nothing is promised then.
pub fn promise<'p>(
    runs: &mut Vec<Run<'p>>,
    change: Change<'p>,
    (layout, database, report): (Layout, DatabaseIdentity, &'p mut Report),
    cx: &mut Context<'_>,
) -> Result<(), TransactionError> {
    cx.reporter.turn_to(Some(change.slug));
    let promised = panic::caught(|| {
        runs.push(Run::promise(change, layout, database, report, cx)?);
        point("promised")
    });
    let promised = promised.unwrap_or_else(|text| Err(TransactionError::Internal(text)));
    if promised.is_err() {
        let failed = cx.reporter.turn_to(None);
        undo(runs, cx);
        cx.reporter.turn_to(failed.as_ref());
    }
    promised
}

/// Carries out changes that are promised. All of them come about, or none.
///
/// # Errors
/// What went wrong; then everything is as before, unless [`TransactionError::is_unknown`]: then nothing is decided, and
/// recovery finds out; or [`TransactionError::is_committed`]: then only what was to be taken away afterwards is left.
pub fn carry_out(runs: &mut [Run<'_>], cx: &mut Context<'_>) -> Result<(), TransactionError> {
    match panic::caught(|| steps(runs, cx)).unwrap_or_else(|text| Err(TransactionError::Internal(text))) {
        Ok(()) => {
            finish(runs, cx);
            let mut failed = runs.iter_mut();
            failed
                .find_map(|run| run.failed.take().map(|fault| (run.change.slug, fault)))
                .map_or(Ok(()), |(slug, fault)| {
                    cx.reporter.turn_to(Some(slug));
                    Err(fault)
                })
        }
        Err(fault) if fault.is_unknown() => Err(fault),
        Err(fault) => {
            let failed = cx.reporter.turn_to(None);
            undo(runs, cx);
            cx.reporter.turn_to(failed.as_ref());
            Err(fault)
        }
    }
}

/// What is told from here on is of this one of the set.
fn turn_to(run: &Run<'_>, cx: &Context<'_>) {
    cx.reporter.turn_to(Some(run.change.slug));
}

fn steps(runs: &mut [Run<'_>], cx: &mut Context<'_>) -> Result<(), TransactionError> {
    point("journal")?;
    if runs
        .iter()
        .any(|run| run.change.moves_tree() && run.change.departure().is_none())
    {
        cx.reporter.begin(Step::Extract)?;
    }
    if runs
        .iter()
        .any(|run| run.change.departure().is_some() && run.change.moves_tree())
    {
        cx.reporter.begin(Step::Backup)?;
    }
    // Trees and rows are made side by side, but rows that wait for a migration of their schema.
    if runs.iter().any(|run| run.change.migrates()) {
        files::prepare(runs, cx, |_, _| Ok(()))?;
        migrate(runs, cx)?;
        write_rows(runs, cx)?;
    } else {
        files::prepare(runs, cx, write_rows)?;
    }
    each(runs, cx, |run, cx| record::list_files(run, cx))?;
    assets::prepare(runs, cx)?;
    point("assets")?;
    point("rows")?;
    each(runs, cx, |run, _| files::keep_package(run))?;
    each(runs, cx, |run, cx| events::count(run, cx))?;
    cx.reporter.turn_to(None);
    cx.reporter.begin(Step::Commit)?;
    each(runs, cx, |run, _| {
        files::announce(run)?;
        point("one_announced")
    })?;
    point("announced")?;
    each(runs, cx, |run, cx| {
        files::apply(run, cx)?;
        point("one_swapped")
    })?;
    each(runs, cx, |run, _| assets::apply(run))?;
    point("swapped")?;
    for run in runs.iter_mut() {
        turn_to(run, cx);
        tell::run_files(run, cx.reporter);
    }
    cx.reporter.turn_to(None);
    cx.reporter.pass_commit_point();
    let Some(first) = runs.first() else { return Ok(()) };
    Ok(commit(cx, first.journal.operation())?)
}

/// A step of each, in their order.
fn each(
    runs: &mut [Run<'_>],
    cx: &mut Context<'_>,
    step: impl Fn(&mut Run<'_>, &mut Context<'_>) -> Result<(), TransactionError>,
) -> Result<(), TransactionError> {
    runs.iter_mut().try_for_each(|run| {
        turn_to(run, cx);
        step(run, cx)
    })
}

/// Runs the migrations of each, after a look at the conflicts of its rows: those would be found too late.
fn migrate(runs: &mut [Run<'_>], cx: &mut Context<'_>) -> Result<(), TransactionError> {
    for run in runs.iter_mut().filter(|run| run.change.migrates()) {
        turn_to(run, cx);
        migrations::prepare(run)?;
        if migrations::is_pending(run, cx)? {
            rows::check_before_migrations(&run.change, cx)?;
            migrations::apply(run, cx)?;
        }
    }
    Ok(())
}

/// The one transaction: rows and record of each, up to the commit. Run again, a bounded number of times, when the server
/// broke it off for another one's sake (deadlock, lock wait).
fn write_rows(runs: &mut [Run<'_>], cx: &mut Context<'_>) -> Result<(), TransactionError> {
    let mut left = ATTEMPTS;
    loop {
        left -= 1;
        let fault = match write_once(runs, cx) {
            Ok(()) => break,
            Err(fault) => fault,
        };
        if left == 0 || !fault.is_retryable() || cx.session.database.rollback().is_err() {
            return Err(fault);
        }
        runs.iter().try_for_each(|run| run.snapshot.remove())?;
        let reason = Phrase::of(&fault);
        cx.reporter.message(Message::TransactionRetried { reason });
    }
    for run in runs.iter_mut() {
        turn_to(run, cx);
        tell::run_rows(run, cx.reporter);
    }
    Ok(())
}

fn write_once(runs: &mut [Run<'_>], cx: &mut Context<'_>) -> Result<(), TransactionError> {
    cx.session.database.begin()?;
    for run in runs {
        turn_to(run, cx);
        history::begin(run, cx)?;
        match (run.change.departure(), run.change.returning()) {
            (Some(departure), _) => run.absence = absent::apply(run, departure, cx)?,
            (None, Some(_)) => run.revival = returned::apply(run, cx)?,
            (None, None) => {
                returned::take_back(run, cx)?;
                run.plan = rows::apply(run, cx)?;
            }
        }
        point("applied")?;
        record::apply(run, cx)?;
    }
    Ok(())
}

/// Committed: nothing can fail the changes any more. What cannot be tidied up now is tidied up by the next operation on
/// the plugin.
fn finish(runs: &mut [Run<'_>], cx: &mut Context<'_>) {
    let _ = cx.reporter.begin(Step::Finish);
    failpoint::reach("committed");
    let mut published = Vec::new();
    for run in runs.iter_mut() {
        turn_to(run, cx);
        published.push(told(&publish(run, cx), cx));
    }
    for run in runs.iter_mut() {
        turn_to(run, cx);
        take_away(run, cx);
    }
    let until = scripts_end();
    for run in runs.iter_mut() {
        turn_to(run, cx);
        scripts::finish(run, cx, until);
    }
    cx.reporter.turn_to(None);
    failpoint::reach("unlocked");
    lock_file::write(cx);
    for (run, is_published) in runs.iter_mut().zip(published) {
        turn_to(run, cx);
        if is_published {
            told(&close(run, cx), cx);
        }
        run.report
            .pendencias
            .extend(stage::assets::pending(cx.site.root, run.change.slug));
    }
}

/// What went wrong after the commit is told; whether nothing did.
fn told(done: &Result<(), TransactionError>, cx: &Context<'_>) -> bool {
    if let Err(fault) = done {
        cx.reporter.message(Message::warning(fault));
    }
    done.is_ok()
}

fn publish(run: &mut Run<'_>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    files::part(run);
    let applied = stage::finish(&run.journal, &run.layout)?;
    tell::published(run, applied, cx.reporter);
    failpoint::reach("closed");
    Ok(())
}

/// What is taken away of the schema. What the change itself wanted fails it, although it stays; what earlier ones left is
/// told.
fn take_away(run: &mut Run<'_>, cx: &mut Context<'_>) {
    let Some(kept) = run.change.contract.kept.filter(|_| run.is_pending) else {
        return;
    };
    let done = match contract(cx, kept, false) {
        Ok(done) => done,
        Err(fault) if !run.change.contract.is_of_schema() => {
            cx.reporter.message(Message::warning(&fault));
            return;
        }
        Err(fault) => {
            run.failed = Some(tell::not_taken_away(run, &fault));
            return;
        }
    };
    run.is_grown = done.brought_back;
    run.report.migracoes_desfeitas = done.undone;
    run.report.pendencias = done.left;
    for (of, fault) in done.failures {
        if of == run.history {
            run.failed = Some(fault.into());
        } else {
            cx.reporter.message(Message::warning(&fault));
        }
    }
}

fn close(run: &mut Run<'_>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    history::tell(history::finish(run, cx), cx.reporter);
    sharing::note(cx, run.change.slug, sharing::Committed::of(&run.journal));
    failpoint::reach("noted");
    record::finish(run, cx)?;
    stage::clear(run.layout.root(), run.change.slug)?;
    files::note(run);
    Ok(())
}

/// Not committed. Each is undone as far as it can be, the last first.
fn undo(runs: &mut [Run<'_>], cx: &mut Context<'_>) {
    record::undo(cx);
    for run in runs.iter_mut().rev() {
        turn_to(run, cx);
        migrations::undo(run, cx);
    }
    for run in runs.iter_mut().rev() {
        turn_to(run, cx);
        if let Err(fault) = kept::undo(&run.journal, &run.layout) {
            cx.reporter.message(Message::warning(&fault));
        }
        if let Err(fault) = apart::undo(&run.journal, &run.layout, run.change.account.version.as_deref()) {
            cx.reporter.message(Message::warning(&fault));
        }
        match stage::undo(&run.journal, &run.layout) {
            Ok(applied) => tell::tell_kept(cx.reporter, &applied),
            Err(fault) => cx.reporter.message(Message::error(&fault)),
        }
        tell::undone(run.report);
    }
}

/// A point at which tests let a transaction fail.
fn point(name: &str) -> Result<(), TransactionError> {
    if failpoint::reach(name) {
        Err(TransactionError::Internal(panic::internal(&format!(
            "fail point {name}"
        ))))
    } else {
        Ok(())
    }
}

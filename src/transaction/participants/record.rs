//! The plugin's row, its state, and the row that tells of the commit. In the transaction; a rollback undoes it.

use std::path::Path;

use super::super::run::Run;
use super::super::{Arrival, Change, Context, Departure, Return, TransactionError};
use super::scripts;
use crate::base::db::Database;
use crate::base::fs::{Attempt, FsError};
use crate::config::Removal;
use crate::log::Message;
use crate::migrate::{Pending, PendingStep};
use crate::model::Slug;
use crate::registry::{self, State};
use crate::scripts::replace as replace_scripts;
use crate::trust::{self, SeenVersion};

/// Writes them.
pub(in crate::transaction) fn apply(run: &mut Run<'_>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    let database = &mut cx.session.database;
    let slug = run.change.slug;
    let known = run.change.account.state.clone();
    match (run.change.arrival(), run.change.departure()) {
        _ if run.change.returning().is_some() => come_back(run, known, cx)?,
        (_, Some(departure)) => {
            let state = known.map_or_else(|| first_state(database, slug), Ok)?;
            depart(run, departure, state, cx)?;
        }
        (Some(arrival), None) => {
            let mut state = known_or_first(database, slug, known)?;
            state.pending = left(&run.change, run.history, state.pending.as_deref())?;
            state.pending = scripts::left(run, arrival, state.pending);
            run.is_pending = state.pending.is_some();
            registry::write(database, slug, &arrival.metadata)?;
            trust::note(database, slug, &seen(arrival)?)?;
            let number = registry::number(database, slug)?;
            registry::write_state(database, &next_state(run, arrival, state, number))?;
        }
        (None, None) => {
            if let Some(state) = known {
                let counter = state.counter + 1;
                registry::write_state(database, &State { counter, ..state })?;
            }
        }
    }
    let (database, waiting) = (&mut cx.session.database, &run.change.account.waiting);
    for (slugs, waits) in [(&waiting.begin, true), (&waiting.end, false)] {
        for slug in slugs {
            registry::set_waiting(database, slug, waits)?;
        }
    }
    Ok(registry::record_operation(
        &mut cx.session.database,
        run.journal.operation(),
        run.change.slug,
    )?)
}

/// What is noted of a package that is installed.
fn seen(arrival: &Arrival<'_>) -> Result<SeenVersion, TransactionError> {
    let (package, signature) = (arrival.package, &arrival.package.signature);
    let verified = package.located.verified();
    let read = |fault| FsError::new(Attempt::Read, verified.path(), fault);
    let is_believed = signature.believed_developer().is_some();
    Ok(SeenVersion {
        version: package.manifest.version.to_string(),
        sha256: verified.sha256(),
        bytes: verified.file().metadata().map_err(read)?.len(),
        origin: package.reference.clone(),
        developer: signature.believed_developer().map(str::to_owned),
        key: signature.key().filter(|_| is_believed),
        verdict: signature.verdict().word(),
    })
}

/// What a plugin leaves that goes: its history, and with `remover` what is needed to bring it back.
fn depart(
    run: &mut Run<'_>,
    departure: Departure<'_>,
    state: State,
    cx: &mut Context<'_>,
) -> Result<(), TransactionError> {
    let now = cx
        .reporter
        .clock()
        .now()
        .to_utc()
        .format("%Y-%m-%d %H:%M:%S")
        .to_string();
    let (database, slug) = (&mut cx.session.database, run.change.slug);
    if departure.removal == Removal::Purge {
        registry::restore_row(database, slug, &state)?;
        registry::forget_all(database, slug)?;
        let pending = left(&run.change, run.history, None)?;
        run.is_pending = pending.is_some();
        if pending.is_none() {
            return Ok(());
        }
        // What is to be taken away of the schema stands there until it is done.
        let state = State {
            slug: slug.to_string(),
            counter: state.counter + 1,
            removed_at: Some(now),
            pending,
            ..State::default()
        };
        return Ok(registry::write_state(database, &state)?);
    }
    let is_pause = departure.removal == Removal::Pause;
    let before = state.pending.clone();
    let state = without_scripts(state, is_pause);
    scripts::tell_struck_out(before.as_deref(), state.pending.as_deref(), cx.reporter);
    // Of earlier operations.
    run.is_pending = state.pending.is_some();
    run.report.pendencias = Pending::read(state.pending.as_deref()).values();
    if is_pause {
        registry::pause_row(database, slug)?;
    } else {
        registry::clear_row(database, slug)?;
    }
    if let Some(row) = departure.paused.and_then(|paused| paused.row.as_ref()) {
        registry::revive_status(database, slug, row)?;
    }
    registry::forget_conflicts(database, slug)?;
    let pending = left(&run.change, run.history, state.pending.as_deref())?;
    let archive = run.report.removido.as_deref().map(Path::new);
    let archive = archive
        .and_then(Path::file_name)
        .map(|name| name.to_string_lossy().into_owned());
    registry::write_state(
        database,
        &State {
            point: None,
            previous_point: state.point.or(state.previous_point),
            counter: state.counter + 1,
            paused_at: Some(now.clone()).filter(|_| is_pause),
            removed_at: Some(now).filter(|_| !is_pause),
            removed_archive: archive,
            files: None,
            pending,
            ..state
        },
    )?;
    Ok(())
}

/// Scripts of a tree that is not there any more cannot run; that of a plugin that pauses comes back.
fn without_scripts(state: State, is_pause: bool) -> State {
    let pending = if is_pause {
        state.pending
    } else {
        replace_scripts(state.pending.as_deref(), None)
    };
    State { pending, ..state }
}

/// What a plugin is again that comes back: its row, its state, the point that was installed.
fn come_back(run: &Run<'_>, known: Option<State>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    let (database, slug) = (&mut cx.session.database, run.change.slug);
    let Some(back) = run.change.returning() else {
        return Ok(());
    };
    let purged = back
        .archives
        .last()
        .is_some_and(|last| last.about.modo == Removal::Purge.word());
    if let Some(row) = &run.revival.row {
        registry::revive_row(database, slug, row, (purged, back.enables))?;
    }
    let before = run.revival.state.as_ref().map(registry::recorded_state);
    let before = before.or_else(|| known.clone()).unwrap_or_default();
    let known = known.unwrap_or_default();
    let state = State {
        slug: slug.to_string(),
        id_plugins: registry::number(database, slug)?,
        point: before.point.or(Some(run.history)),
        counter: known.counter.max(before.counter) + 1,
        paused_at: None,
        removed_at: None,
        removed_archive: None,
        pending: left_of_return(back, known.pending.as_deref()),
        ..before
    };
    Ok(registry::write_state(database, &state)?)
}

/// What is left to be done of before, without what the operation wanted that is undone.
fn left_of_return(back: &Return<'_>, known: Option<&str>) -> Option<String> {
    let mut pending = Pending::read(known);
    let undone: Vec<u64> = back.archives.iter().map(|archive| archive.about.historico).collect();
    pending.revoke(&undone);
    pending.text()
}

/// What is left to be done: of before, without what the package has itself, and of this change.
fn left(change: &Change<'_>, history: u64, known: Option<&str>) -> Result<Option<String>, TransactionError> {
    let mut pending = Pending::read(known);
    if let Some(arrival) = change.arrival().filter(|_| !pending.steps.is_empty()) {
        pending.wanted_again();
        let package = &arrival.package.located;
        let texts = package.migration_texts(None)?;
        pending.strike(&package.migration_versions(), &texts);
    }
    let steps = change.contract.steps.iter().cloned();
    pending.add(steps.map(|what| PendingStep { of: history, what }));
    Ok(pending.text())
}

/// A plugin that was purged is a new one again; only what is left to be done is known of it.
fn known_or_first(database: &mut Database, slug: &Slug, known: Option<State>) -> Result<State, TransactionError> {
    match known {
        Some(known) if !known.is_purged() => Ok(known),
        None => first_state(database, slug),
        Some(purged) => Ok(State {
            counter: purged.counter,
            pending: purged.pending,
            ..first_state(database, slug)?
        }),
    }
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
    let is_same = run.change.account.checksum == Some(arrival.package.located.sha256().to_string());
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
        paused_at: None,
        epoch: arrival.package.manifest.epoch,
        token: arrival.package.credential_reference.clone().or(state.token),
        removed_at: None,
        removed_archive: None,
        // Those of the new tree are written once it stands.
        files: state.files.filter(|_| !run.change.moves_tree()),
        ..state
    }
}

/// Once the new tree stands: its files.
pub(in crate::transaction) fn list_files(run: &Run<'_>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    // What comes back is recorded as its package brought it.
    if run.change.arrival().is_none() {
        return Ok(());
    }
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
        && let Err(fault) = cx.session.reconnect(cx.site, cx.reporter)
    {
        cx.reporter.message(Message::warning(&fault));
    }
}

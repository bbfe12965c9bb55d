//! A plugin of which nothing is kept (SPEC 2 §6, `sem_retorno`): its archives, kept packages, backups and copies go once
//! nothing else is left to be done that may need them. Whoever comes next does it where a run was killed before it did. And a
//! plugin that is purged: nothing of it stands in our own tables but the history, once all is done.

use std::path::PathBuf;

use super::life::Life;
use super::removed::Removed;
use super::sharing::{self, Sharing};
use super::{Context, TransactionError, messages};
use crate::history;
use crate::log::Message;
use crate::migrate::{self, Contraction, MigrationRecord, Pending};
use crate::model::Slug;
use crate::outcome::ExitCode;
use crate::registry::{self, State};
use crate::stage::removed::{self, Forgotten};

/// Does what only had to wait for all else: forgets a plugin where that is all that is left to be done, and what is known of
/// one that is purged where nothing is. Gives what is left then, as a report shows it.
pub fn forget(cx: &mut Context<'_>, slug: &Slug) -> Result<Vec<serde_json::Value>, TransactionError> {
    let Some(state) = registry::read_state(&mut cx.session.database, slug)? else {
        return Ok(Vec::new());
    };
    let pending = Pending::read(state.pending.as_deref());
    if pending.is_to_forget() {
        let left = forget_now(cx, slug)?;
        return Ok(if left.is_empty() { Vec::new() } else { pending.values() });
    }
    if state.is_purged() && pending.values().is_empty() {
        finish_purge(cx, slug)?;
    }
    Ok(Vec::new())
}

/// Takes away all by which a plugin that is gone could come back, but packages that other databases of the tree have
/// installed, and what steps that are left need. Gives what could not be taken away.
pub fn forget_now(cx: &mut Context<'_>, slug: &Slug) -> Result<Vec<PathBuf>, TransactionError> {
    let state = registry::read_state(&mut cx.session.database, slug)?;
    let is_purged = state.as_ref().is_some_and(State::is_purged);
    let mut pending = Pending::read(state.and_then(|state| state.pending).as_deref());
    let forgotten = what_goes(cx, slug, &pending)?;
    let root = cx.site.root;
    let faults = removed::forget(root, slug, &forgotten);
    for (_, fault) in &faults {
        cx.reporter.message(Message::warning(fault));
    }
    if forgotten.is_shared && forgotten.copies.is_some() && removed::has_copies(root, slug) {
        let told = messages::copies_stay(&root.kept(slug));
        cx.reporter.message(Message::Warning(told));
    }
    if !faults.is_empty() {
        return Ok(faults.into_iter().map(|(path, _)| path).collect());
    }
    let database = &mut cx.session.database;
    database.begin()?;
    registry::forget_archive(database, slug)?;
    if !pending.is_of_schema() {
        let code = u16::try_from(ExitCode::Migrate.number()).unwrap_or(u16::MAX);
        let steps = pending.steps.iter();
        for step in steps.filter(|step| step.what == Contraction::Forget) {
            history::settle(database, step.of, code)?;
        }
        pending.forgotten();
        registry::write_pending(database, slug, pending.text().as_deref())?;
    }
    database.commit()?;
    if is_purged && pending.values().is_empty() {
        finish_purge(cx, slug)?;
    }
    Ok(Vec::new())
}

/// Nothing is left to be taken away of a plugin that is purged: nothing of it stands in our own tables but the history,
/// which says of all its migrations that they are undone, also of those that were only dropped.
pub(super) fn finish_purge(cx: &mut Context<'_>, slug: &Slug) -> Result<(), TransactionError> {
    let database = &mut cx.session.database;
    let records = Life::read(database, slug)?.into_records();
    let left = migrate::standing(records.iter().map(|(id, record)| (*id, record)));
    database.begin()?;
    if let Some((id, record)) = records.last().filter(|_| !left.is_empty()) {
        let mut record = record.clone();
        record.undone.extend(left.iter().map(|known| known.migration.shown()));
        history::write_migrations(database, *id, &record.text())?;
    }
    // Of a run that was killed before it could say so.
    let code = u16::try_from(ExitCode::Migrate.number()).unwrap_or(u16::MAX);
    let told = history::told_migrations(database, slug)?;
    if let Some(last) = told.last().filter(|last| last.purges) {
        history::settle(database, last.id, code)?;
    }
    registry::forget_all(database, slug)?;
    database.commit()?;
    // Its counter begins anew: nobody may take that for a database of another day.
    sharing::note_purged(cx, slug);
    Ok(())
}

/// What may be taken away of what is kept of a plugin, and what other databases of the tree need of it.
fn what_goes(cx: &mut Context<'_>, slug: &Slug, pending: &Pending) -> Result<Forgotten, TransactionError> {
    let root = cx.site.root;
    let sharing = Sharing::read(&mut cx.session.database, root)?;
    let origin = registry::origin(&mut cx.session.database)?;
    let told = history::told_migrations(&mut cx.session.database, slug)?;
    let copies = told.iter().flat_map(|told| MigrationRecord::read(&told.text).copies);
    let mut forgotten = Forgotten {
        archives: Vec::new(),
        copies: (!pending.is_of_schema()).then(|| copies.collect()),
        needed: sharing.packages(slug),
        is_shared: !sharing.others(slug).is_empty(),
    };
    // What is to be undone still needs the files of its package.
    forgotten.needed.extend(pending.packages());
    for name in removed::names(root, slug)? {
        let opened = removed::open(root, slug, &name)?;
        let archive = opened.and_then(|(path, file)| Removed::read(path, file).ok());
        match archive {
            Some(archive) if archive.is_of(origin) => forgotten.archives.push(name),
            // Another database may come back out of it.
            other => {
                forgotten.is_shared = true;
                forgotten
                    .needed
                    .extend(other.and_then(|archive| archive.about.checksum));
            }
        }
    }
    Ok(forgotten)
}

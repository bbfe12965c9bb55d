//! A plugin of which nothing is kept (SPEC 2 §6, `sem_retorno`): its archives, kept packages and backups go once nothing
//! else is left to be done that may need them. Whoever comes next does it where a run was killed before it did.

use serde_json::Value;

use super::contract::write_left;
use super::removed::Removed;
use super::sharing::Sharing;
use super::{Context, TransactionError};
use crate::history;
use crate::log::Message;
use crate::migrate::{MigrationRecord, Pending};
use crate::model::Slug;
use crate::registry::{self, State};
use crate::stage::removed::{self, Forgotten};

/// Forgets a plugin where that is all that is left to be done, but packages that other databases of the tree have
/// installed. What is left then, as a report shows it.
pub fn forget(cx: &mut Context<'_>, slug: &Slug) -> Result<Vec<Value>, TransactionError> {
    let state = registry::read_state(&mut cx.session.database, slug)?;
    let is_purged = state.as_ref().is_some_and(State::is_purged);
    let mut pending = Pending::read(state.and_then(|state| state.pending).as_deref());
    if !pending.is_to_forget() {
        return Ok(Vec::new());
    }
    let forgotten = own_archives(cx, slug)?;
    let faults = removed::forget(cx.site.root, slug, &forgotten);
    for fault in &faults {
        cx.observer.message(Message::warning(fault));
    }
    if !faults.is_empty() {
        return Ok(pending.values());
    }
    pending.forgotten();
    let database = &mut cx.session.database;
    database.begin()?;
    registry::forget_archive(database, slug)?;
    write_left(database, (slug, is_purged), &pending)?;
    database.commit()?;
    Ok(Vec::new())
}

/// What may be taken away of what is kept of a plugin, and what other databases of the tree need of it.
fn own_archives(cx: &mut Context<'_>, slug: &Slug) -> Result<Forgotten, TransactionError> {
    let root = cx.site.root;
    let sharing = Sharing::read(&mut cx.session.database, root)?;
    let origin = registry::origin(&mut cx.session.database)?;
    let told = history::told_migrations(&mut cx.session.database, slug)?;
    let copies = told.iter().flat_map(|told| MigrationRecord::read(&told.text).copies);
    let mut forgotten = Forgotten {
        archives: Vec::new(),
        copies: copies.collect(),
        needed: sharing.packages(slug),
        is_shared: !sharing.others(slug).is_empty(),
    };
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

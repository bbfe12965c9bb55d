//! The history of operations that failed: their row is written after the rollback (SPEC 2 §1). What was wrong with the
//! call, or waited in vain for a lock, has none; nor has a plugin that no table knows.

use serde_json::{Map, Value};

use super::failed::Failed;
use super::{events, messages};
use crate::base::db::Database;
use crate::base::fs::random_hex;
use crate::config::{Fusion, RowPolicy};
use crate::history::{self, HistoryEntry, RecordedOutcome};
use crate::log::Message;
use crate::model::{Phrase, Slug};
use crate::ops::{Error, PluginRefusal, RemovalRefusal};
use crate::outcome::ExitCode;
use crate::registry::{self, Feature};
use crate::transaction::{Context, TransactionError, moment, server};

/// Counts a failure, and tells it in the history of a plugin that is known. That it cannot be written there is a warning: the
/// failure is told all the same.
pub(super) fn tell(cx: &mut Context<'_>, failed: &Failed<'_>, fault: &Error) {
    events::failed(cx, failed, fault);
    if !is_told(fault) {
        return;
    }
    if let Err(unwritten) = record(cx, failed, fault) {
        let told = messages::history_unwritten(&Phrase::of(&unwritten));
        cx.reporter.message(Message::Warning(told));
    }
}

/// Tells in the history of an operation that has committed what was found of it afterwards.
pub(super) fn amend(cx: &mut Context<'_>, slug: &Slug, fault: &Error) {
    let code = u16::try_from(fault.exit_code().number()).unwrap_or(u16::MAX);
    let database = &mut cx.session.database;
    let amended = history::last(database, slug).and_then(|last| match last {
        Some(last) => history::amend(database, last.id, code, &shown(fault)),
        None => Ok(()),
    });
    if let Err(unwritten) = amended {
        let told = messages::history_unwritten(&Phrase::of(&unwritten));
        cx.reporter.message(Message::Warning(told));
    }
}

/// Some table knows the plugin.
pub(super) fn is_known(database: &mut Database, slug: &Slug) -> Result<bool, Error> {
    Ok(registry::read(database, slug)?.is_some() || registry::read_state(database, slug)?.is_some())
}

/// Whether a failure is told in the history.
fn is_told(fault: &Error) -> bool {
    // The code is that of a wrong call, and the call was right.
    let is_state = matches!(
        fault,
        Error::Plugin(PluginRefusal::Removal(
            RemovalRefusal::Paused { .. } | RemovalRefusal::StillInstalled { .. }
        ))
    );
    let is_wrong = matches!(fault.exit_code(), ExitCode::ParamsOrFile | ExitCode::Locked);
    !fault.is_unknown() && (is_state || !is_wrong)
}

/// Writes the row of an operation that failed. Where our tables cannot be made, there is no history.
fn record(cx: &mut Context<'_>, failed: &Failed<'_>, fault: &Error) -> Result<(), Error> {
    let now = moment(cx.reporter.clock().now());
    let database = &mut cx.session.database;
    if !is_known(database, failed.slug)? {
        return Ok(());
    }
    // What a killed run left may wait because our tables are gone: they are not made anew then.
    if !matches!(fault, Error::Transaction(TransactionError::Interrupted(_))) {
        registry::prepare(database, &|| true)?;
        registry::prepare_for(database, Feature::Records, &|| true)?;
    }
    let (operation, server) = (random_hex()?, server());
    let entry = HistoryEntry {
        operation: &operation,
        batch: failed.batch,
        slug: failed.slug.as_str(),
        action: failed.action,
        from: failed.from,
        to: failed.to,
        checksum: failed.checksum,
        source: None,
        manifest: None,
        migrations: None,
        parameters: Some(failed.parameters),
        server: server.as_deref(),
        actor: failed.actor,
        began: failed.began,
    };
    let errors = shown(fault);
    let outcome = RecordedOutcome {
        code: u16::try_from(fault.exit_code().number()).unwrap_or(u16::MAX),
        errors: Some(&errors),
        ..RecordedOutcome::default()
    };
    history::record_failure(database, &entry, &outcome, &now)?;
    registry::write_log(database, failed.slug, &cx.reporter.lines())?;
    Ok(())
}

fn shown(fault: &Error) -> String {
    crate::log::escape(&fault.to_string()).chars().take(ERRORS).collect()
}

/// Characters of errors that a row holds.
const ERRORS: usize = 8_000;

/// The parameters of a call that say what is done, as JSON.
pub(super) fn parameters(policy: RowPolicy, fusion: Fusion, flags: &[(&str, bool)]) -> String {
    let mut said = Map::new();
    for (key, word) in [
        ("adocao", policy.adoption.word()),
        ("conflitos", policy.conflicts.word()),
        ("orfaos", policy.orphans.word()),
        ("fusao", fusion.word()),
    ] {
        said.insert(key.to_owned(), word.into());
    }
    let flags = flags.iter().filter(|(_, is_set)| *is_set);
    said.extend(flags.map(|(key, _)| ((*key).to_owned(), Value::Bool(true))));
    Value::Object(said).to_string()
}

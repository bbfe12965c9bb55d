//! The history of operations that failed: their row is written after the rollback (SPEC 2 §1). What was wrong with the
//! call, or waited in vain for a lock, has none; nor has a plugin that no table knows.

use serde_json::{Map, Value};

use crate::base::fs::random_hex;
use crate::config::{Fusion, RowPolicy};
use crate::history::{self, Action, HistoryEntry, Outcome};
use crate::model::Slug;
use crate::ops::Error;
use crate::outcome::{ExitCode, Report};
use crate::registry::{self, Feature};
use crate::transaction::{Context, moment, server};

/// What a failed operation was.
pub(super) struct Failed<'a> {
    pub(super) slug: &'a Slug,
    pub(super) action: Action,
    pub(super) parameters: &'a str,
    pub(super) actor: Option<&'a str>,
    pub(super) began: &'a str,
    pub(super) report: &'a Report,
}

/// Whether a failure is told in the history.
pub(super) fn is_told(fault: &Error) -> bool {
    !fault.is_unknown() && !matches!(fault.exit_code(), ExitCode::ParamsOrFile | ExitCode::Locked)
}

/// Writes the row of an operation that failed. Where our tables cannot be made, there is no history.
pub(super) fn record(cx: &mut Context<'_>, failed: &Failed<'_>, fault: &Error) -> Result<(), Error> {
    let now = moment(cx.observer.clock().now());
    let database = &mut cx.session.database;
    registry::prepare(database, &|| true)?;
    registry::prepare_for(database, Feature::Records, &|| true)?;
    let (operation, server) = (random_hex()?, server());
    let report = failed.report;
    let entry = HistoryEntry {
        operation: &operation,
        batch: None,
        slug: failed.slug.as_str(),
        action: failed.action,
        from: report.versao_anterior.as_deref(),
        to: report.versao.as_deref(),
        checksum: report.checksum.as_deref(),
        source: None,
        manifest: None,
        parameters: Some(failed.parameters),
        server: server.as_deref(),
        actor: failed.actor,
        began: failed.began,
    };
    let errors = crate::log::escape(&fault.to_string())
        .chars()
        .take(ERRORS)
        .collect::<String>();
    let outcome = Outcome {
        code: u16::try_from(fault.exit_code().number()).unwrap_or(u16::MAX),
        errors: Some(&errors),
        ..Outcome::default()
    };
    history::record_failure(database, &entry, &outcome, &now)?;
    registry::write_log(database, failed.slug, &cx.observer.lines())?;
    Ok(())
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

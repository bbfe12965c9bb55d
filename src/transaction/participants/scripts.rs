//! The scripts of a package: what is left of them from the transaction on, and their run after the commit. Nothing of them
//! is undone; what fails leaves the change as it is.

use std::time::Instant;

use super::super::run::Run;
use super::super::scripts::run_scripts;
use super::super::{Arrival, Context, TransactionError, TransactionReporter};
use crate::log::Message;
use crate::model::Phrase;
use crate::scripts::{self, PendingScripts, ScriptError};

/// What is left to be done once the package is there: the scripts of another one are not. Those of the same one stay left,
/// unless all of them run again.
pub(super) fn left(run: &Run<'_>, arrival: &Arrival<'_>, known: Option<String>) -> Option<String> {
    let package = arrival.package;
    let account = &run.change.account;
    let Some(wanted) = &arrival.scripts else {
        let is_same = account.checksum == Some(package.located.sha256().to_string());
        return if is_same {
            known
        } else {
            scripts::replace(known.as_deref(), None)
        };
    };
    let all = PendingScripts {
        of: run.history,
        version: package.manifest.version.to_string(),
        from: account.version.clone().unwrap_or_default(),
        action: account.action.word().to_owned(),
        scripts: wanted.scripts.clone(),
    };
    scripts::replace(known.as_deref(), Some(&all))
}

/// Says which scripts were left, where they are not any more.
pub(super) fn tell_struck_out(known: Option<&str>, left: Option<&str>, reporter: &dyn TransactionReporter) {
    if let (Some(known), None) = (scripts::read(known), scripts::read(left)) {
        reporter.message(Message::Warning(scripts::struck_out(&known.shown())));
    }
}

/// Runs them.
pub(in crate::transaction) fn finish(run: &mut Run<'_>, cx: &mut Context<'_>, until: Instant) {
    let Some(wanted) = run.change.arrival().and_then(|arrival| arrival.scripts.as_ref()) else {
        return;
    };
    let fault = match run_scripts(cx, run.change.slug, wanted.php, until) {
        Ok(ran) => {
            run.report.scripts = ran.told;
            run.report.pendencias = ran.left;
            ran.fault
        }
        Err(fault) => Some(ScriptError::NotNoted {
            reason: Phrase::of(&fault),
        }),
    };
    let Some(fault) = fault else { return };
    if let Some(earlier) = run.failed.replace(TransactionError::Scripts(fault)) {
        cx.reporter.message(Message::error(&earlier));
    }
}

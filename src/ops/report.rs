//! What every operation tells in the same way: what does not count, what was kept, how it ended.

use std::collections::BTreeMap;

use super::reporter::OperationReporter;
use super::{Error, PluginRefusal};
use crate::config::{HeldLimit, SettingFault};
use crate::log::{Message, Reporter};
use crate::model::{GestorRoot, Phrase, Slug};
use crate::outcome::{ExitCode, Report};
use crate::stage::{self, Leftover};
use crate::transaction::TransactionReporter as _;

/// First errors that stand in the last lines of the log; the admin page shows fifteen lines.
const ERRORS_SHOWN: usize = 8;

/// What a call and the machine say that does not count.
pub(super) fn not_counted(held: &[HeldLimit], faults: &[SettingFault], reporter: &OperationReporter<'_>) {
    for HeldLimit { key, asked, allowed } in held.iter().cloned() {
        reporter.message(Message::LimitHeld { key, asked, allowed });
    }
    for fault in faults.iter().cloned() {
        reporter.message(Message::SettingIgnored {
            name: fault.name,
            found: fault.found,
            allowed: fault.allowed,
            default: fault.default,
        });
    }
}

/// What earlier operations could not remove is tried once more, and told while it stands.
pub(super) fn tell_leftovers(reporter: &OperationReporter<'_>, root: &GestorRoot, slug: &Slug) {
    for Leftover { path, reason } in stage::sweep(root, slug) {
        reporter.message(Message::Leftover {
            path: path.display().to_string(),
            reason: Phrase::of(&reason),
        });
    }
}

/// The same of each plugin of a set, and told of each. Whom the reporter was turned to stays.
pub(super) fn tell_leftovers_of_set(reporter: &OperationReporter<'_>, root: &GestorRoot, slugs: &[Slug]) {
    let current = reporter.turn_to(None);
    for slug in slugs {
        reporter.turn_to(Some(slug));
        tell_leftovers(reporter, root, slug);
    }
    reporter.turn_to(current.as_ref());
}

/// Why a plugin of a set stays as it is: another one's fault.
pub(super) fn of_another(other: Option<&Slug>, fault: &Error) -> Error {
    PluginRefusal::OfBatch {
        slug: other.map(ToString::to_string).unwrap_or_default(),
        code: fault.exit_code(),
        reason: Phrase::of(fault),
    }
    .into()
}

/// The end: code, errors, times; in the log the first errors once more, below everything else.
pub(super) fn conclude(
    report: &mut Report,
    reporter: &OperationReporter<'_>,
    ended: Result<(), Error>,
    milliseconds: u64,
) {
    let code = match ended {
        Ok(()) => ExitCode::Ok,
        Err(fault) => {
            tell_errors(report, reporter, fault.messages(reporter.lang()));
            fault.exit_code()
        }
    };
    report.duracao_ms = durations(reporter);
    finish(report, reporter, (code, milliseconds));
}

/// Why it failed, in the report, and the first of it in the log.
pub(super) fn tell_errors(report: &mut Report, reporter: &OperationReporter<'_>, mut messages: Vec<String>) {
    let more = messages.len().saturating_sub(ERRORS_SHOWN);
    for message in messages.iter().take(ERRORS_SHOWN) {
        reporter.message(Message::Error(Phrase::of_others(message)));
    }
    if more > 0 {
        reporter.message(Message::MoreErrors { count: more });
    }
    report.erros.append(&mut messages);
}

/// The last words of what is told of a plugin, and what was told of it for its report.
pub(super) fn finish(report: &mut Report, reporter: &OperationReporter<'_>, (code, milliseconds): (ExitCode, u64)) {
    let account = reporter.account();
    if report.dry_run && code == ExitCode::Ok {
        reporter.message(Message::DryRun);
    }
    let unlisted = account.unlisted_warnings();
    if unlisted > 0 {
        reporter.message(Message::MoreWarnings { count: unlisted });
    }
    report.avisos = account.warnings();
    report.finish(code);
    reporter.message(Message::Finished { code, milliseconds });
    report.log_falhou = account.log_fault();
    report.avisos.extend(report.log_falhou.clone());
}

/// Milliseconds by step; one that was begun for each of several plugins counts all of them.
pub(super) fn durations(reporter: &OperationReporter<'_>) -> BTreeMap<&'static str, u64> {
    let mut times = BTreeMap::new();
    for (step, time) in reporter.durations() {
        *times.entry(step.name()).or_default() += time;
    }
    times
}

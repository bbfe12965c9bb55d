//! What is counted and told of an operation after its end: that it failed, that nothing was to be done, what a look at what
//! is installed found. What was done is counted in its own transaction. An operation never fails because of this: what
//! could not be written is a warning.

use std::time::Duration;

use serde_json::{Value, json};

use super::failed::Failed;
use super::{Error, PluginRefusal, event_messages};
use crate::base::db::Database;
use crate::base::fs::Holder;
use crate::config::{Site, Statistics};
use crate::history::Action;
use crate::log::{Message, escape, redact};
use crate::model::{Phrase, Slug};
use crate::observe::{self, Event, Happened, Month, Noted, ObserveError};
use crate::outcome::ExitCode;
use crate::registry::Installed;
use crate::stage;
use crate::transaction::{Context, Run, TransactionReporter, moment, server};

/// An operation failed, and everything is as it was before. What waited in vain or was cancelled is no event.
pub(super) fn failed(cx: &mut Context<'_>, failed: &Failed<'_>, fault: &Error) {
    let code = fault.exit_code();
    if fault.is_unknown() || matches!(code, ExitCode::Locked | ExitCode::Cancelled) {
        return;
    }
    let (slug, reporter) = (failed.slug, cx.reporter);
    let database = &mut cx.session.database;
    let spent = reporter.elapsed();
    let mut written = Ok(());
    if is_installation(failed.action) {
        written = observe::count(database, slug, Event::InstallFail, Some(spent)).map(drop);
        let noted = Happening {
            slug,
            event: Event::InstallFail,
            version: failed.from,
            code: Some(code),
        };
        note(failed.site, &noted, reporter);
    }
    // Of a batch only the one whose fault it is.
    let is_others = matches!(fault, Error::Plugin(PluginRefusal::OfBatch { .. }));
    if let Some(event) = told_of(code).filter(|_| !is_others) {
        let told = fault.to_string();
        let detail = [("codigo", json!(code.number())), ("motivo", shown(&told))];
        let row = Row {
            slug,
            event,
            version: failed.to,
            spent: None,
        };
        written = written.and(row.write(database, &detail, reporter));
    }
    tell(written, reporter);
}

/// Whether a package was to be installed.
fn is_installation(action: Action) -> bool {
    matches!(
        action,
        Action::Install | Action::Update | Action::Reprocess | Action::Rollback
    )
}

/// What is told of a failure besides that it was one.
fn told_of(code: ExitCode) -> Option<Event> {
    match code {
        ExitCode::Signature => Some(Event::SignatureRefused),
        ExitCode::Stale => Some(Event::IndexStale),
        ExitCode::Credential => Some(Event::CredentialFailed),
        _ => None,
    }
}

fn shown(text: &str) -> Value {
    escape(&redact(text)).into_owned().into()
}

/// Changes stand: the month takes them in, and events that are too old go.
pub(super) fn committed(cx: &mut Context<'_>, site: &Site, runs: &[Run<'_>]) {
    for run in runs {
        let Some((event, version)) = run.counted() else {
            continue;
        };
        let noted = Happening {
            slug: run.slug(),
            event,
            version: version.as_deref(),
            code: None,
        };
        note(site, &noted, cx.reporter);
    }
    // What cannot go now goes the next time.
    let _ = observe::purge(&mut cx.session.database, cx.reporter.clock().now().to_utc());
}

/// The package is the installed one: that is counted, and told nowhere.
pub(super) fn unchanged(
    database: &mut Database,
    (site, slug): (&Site, &Slug),
    installed: &Installed,
    reporter: &dyn TransactionReporter,
) {
    let spent = reporter.elapsed();
    let counted = observe::count(database, slug, Event::UpdateNochange, Some(spent));
    tell(counted.map(drop), reporter);
    let noted = Happening {
        slug,
        event: Event::UpdateNochange,
        version: installed.version.as_deref(),
        code: None,
    };
    note(site, &noted, reporter);
}

/// What is installed was looked at.
pub(super) fn verified(
    database: &mut Database,
    (slug, version): (&Slug, Option<&str>),
    code: ExitCode,
    reporter: &dyn TransactionReporter,
) {
    let event = match code {
        ExitCode::Ok => Event::VerifyOk,
        ExitCode::Drift | ExitCode::Signature => Event::VerifyFail,
        _ => return,
    };
    let row = Row {
        slug,
        event,
        version,
        spent: Some(reporter.elapsed()),
    };
    let detail = [("codigo", json!(code.number()))];
    tell(row.write(database, &detail, reporter), reporter);
}

/// What is installed was withdrawn: told once of each version, whoever sees it. Somebody who only looks may not be allowed
/// to write, and loses nothing by it.
pub(super) fn revoked(
    database: &mut Database,
    (slug, version): (&Slug, Option<&str>),
    why: &Phrase,
    reporter: &dyn TransactionReporter,
) {
    let row = Row {
        slug,
        event: Event::RevokedInstalled,
        version,
        spent: None,
    };
    if let Ok(false) = observe::is_told(database, slug, row.event, version) {
        let _ = row.write(database, &[("motivo", shown(&why.to_string()))], reporter);
    }
}

/// Something of an update that comes by itself, with its sentence.
pub(super) fn of_update(
    database: &mut Database,
    (slug, version): (&Slug, Option<&str>),
    (event, why): (Event, &Phrase),
    reporter: &dyn TransactionReporter,
) {
    let row = Row {
        slug,
        event,
        version: version.filter(|version| !version.is_empty()),
        spent: None,
    };
    tell(
        row.write(database, &[("motivo", shown(&why.to_string()))], reporter),
        reporter,
    );
}

/// An event that has a row.
struct Row<'a> {
    slug: &'a Slug,
    event: Event,
    version: Option<&'a str>,
    spent: Option<Duration>,
}

impl Row<'_> {
    /// Counts it and writes it. Rows that are too old or too many go.
    fn write(
        &self,
        database: &mut Database,
        detail: &[(&str, Value)],
        reporter: &dyn TransactionReporter,
    ) -> Result<(), ObserveError> {
        let now = reporter.clock().now();
        let (at, server, detail) = (moment(now), server(), observe::detail(detail));
        let happened = Happened {
            at: &at,
            version: self.version,
            server: server.as_deref(),
            detail: Some(&detail),
        };
        observe::count(database, self.slug, self.event, self.spent)?;
        observe::record(database, self.slug, self.event, &happened)?;
        let _ = observe::purge(database, now.to_utc());
        Ok(())
    }
}

fn tell(written: Result<(), ObserveError>, reporter: &dyn TransactionReporter) {
    if let Err(unwritten) = written {
        let told = event_messages::events_unwritten(&Phrase::of(&unwritten));
        reporter.message(Message::Warning(told));
    }
}

/// Something that a month takes in.
struct Happening<'a> {
    slug: &'a Slug,
    event: Event,
    version: Option<&'a str>,
    code: Option<ExitCode>,
}

/// The month takes something in, where the site counts that.
fn note(site: &Site, happening: &Happening<'_>, reporter: &dyn TransactionReporter) {
    if site.statistics != Statistics::Local {
        return;
    }
    let now = reporter.clock().now();
    let month = observe::month(now.to_utc());
    let code = happening
        .code
        .map(|code| u16::try_from(code.number()).unwrap_or(u16::MAX));
    let noted = Noted {
        plugin: happening.slug,
        event: happening.event,
        version: happening.version,
        code,
        gestor: site.gestor_version.as_deref(),
        php: site.php_version.as_deref(),
    };
    let holder = Holder::this_process(now.to_rfc3339());
    let written = stage::statistics::update(&site.root, &month, &holder, |found| {
        let read = found.and_then(|bytes| Month::read(bytes, &month));
        let is_refused = found.is_some() && read.is_none();
        let mut taken = read.unwrap_or_else(|| Month::new(&month));
        taken.note(&noted).then(|| (taken.to_bytes(), is_refused))
    });
    if let Err(unwritten) = written {
        let told = event_messages::statistics_unwritten(&site.root.statistics(&month), &Phrase::of(&unwritten));
        reporter.message(Message::Warning(told));
    }
}

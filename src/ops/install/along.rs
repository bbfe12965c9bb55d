//! What is named and what comes along with it, admitted and brought about as one (SPEC 2 §7).

use std::time::Instant;

use super::before::Before;
use super::required::{self, Required};
use super::set::{self, Part};
use super::{Installation, report};
use crate::base::fs::random_hex;
use crate::model::Slug;
use crate::ops::account::Account;
use crate::ops::policy::Parts;
use crate::ops::report::{finish, of_another, tell_errors, tell_leftovers_of_set};
use crate::ops::reporter::{OperationReporter, milliseconds};
use crate::ops::{DependencyRefusal, Error};
use crate::outcome::{ExitCode, Report};
use crate::registry::Installed;
use crate::stage;
use crate::transaction::{Context, TransactionReporter, moment};

/// Admits the parts, with what they need where the call wants that, and brings all of it about. Gives the reports of what
/// came along.
pub(super) fn bring_about(mut parts: Vec<Part<'_>>, cx: &mut Context<'_>) -> (Result<(), Error>, Vec<Report>) {
    let comes = parts
        .first()
        .is_some_and(|part| part.installation.call.dependency_rules.come);
    let found = if comes {
        required::find(&mut parts, cx)
    } else {
        Ok(Vec::new())
    };
    match found {
        Ok(found) if found.is_empty() => {
            let mut ended = set::admit(&mut parts, cx);
            if is_of_needs(&ended) {
                // The refusal stands whether or not it can be explained.
                ended = required::explain(&mut parts, cx).and(ended);
            }
            (ended.and_then(|()| set::bring_about(&mut parts, cx)), Vec::new())
        }
        Ok(found) => with(parts, &found, cx),
        Err(fault) => (Err(fault), Vec::new()),
    }
}

fn is_of_needs(ended: &Result<(), Error>) -> bool {
    use DependencyRefusal::{Dependants, Lacks};
    matches!(ended, Err(Error::Dependencies(Lacks { .. } | Dependants { .. })))
}

/// What came along, as it was found and as it is told.
struct Along<'c> {
    installations: Vec<Installation<'c>>,
    befores: Vec<Before>,
    reports: Vec<Report>,
}

fn with(parts: Vec<Part<'_>>, found: &[Required], cx: &mut Context<'_>) -> (Result<(), Error>, Vec<Report>) {
    let (started, began) = (Instant::now(), moment(cx.reporter.clock().now()));
    let Some(first) = parts.first().map(|part| part.installation) else {
        return (Ok(()), Vec::new());
    };
    let id = first
        .batch
        .map_or_else(|| random_hex().unwrap_or_default(), str::to_owned);
    let accounts = found.iter().map(|one| {
        Account::of(
            &first.call.site,
            one.slug.as_str(),
            (!first.call.dry_run, first.call.debug),
        )
    });
    first.reporter.extend(accounts.collect());
    let mut along = Along {
        installations: Vec::new(),
        befores: Vec::new(),
        reports: found.iter().map(|one| first_report(&first, one)).collect(),
    };
    let current = cx.reporter.turn_to(None);
    let ended = begin(&mut along, (&first, found, &id), cx).and_then(|()| carry_out(parts, &mut along, &id, cx));
    let failed = cx.reporter.turn_to(None);
    end(&mut along, (&ended, &began), cx);
    tell(&mut along, &ended, (first.reporter, milliseconds(started.elapsed())));
    cx.reporter.turn_to(failed.as_ref().or(current.as_ref()));
    (ended, along.reports)
}

fn first_report(first: &Installation<'_>, one: &Required) -> Report {
    Report {
        dry_run: first.call.dry_run,
        confirmado: Some(false),
        ..Report::new(one.slug.as_str())
    }
}

/// Their locks, and what is there of them.
fn begin<'c>(
    along: &mut Along<'c>,
    (first, found, id): (&Installation<'c>, &'c [Required], &'c str),
    cx: &mut Context<'_>,
) -> Result<(), Error> {
    let slugs: Vec<_> = found.iter().map(|one| one.slug.clone()).collect();
    cx.session.extend(cx.site, &slugs, cx.reporter)?;
    for (one, told) in found.iter().zip(&mut along.reports) {
        cx.reporter.turn_to(Some(&one.slug));
        let installation = Installation {
            call: &one.call,
            slug: &one.slug,
            parts: Parts::of(&one.call)?,
            batch: Some(id),
            ..*first
        };
        report::started(&one.call, first.reporter);
        let before = installation.settle_first(cx)?;
        told.versao_anterior.clone_from(&before.installed.version);
        along.installations.push(installation);
        along.befores.push(before);
    }
    Ok(())
}

/// Gathers them, and brings all about.
fn carry_out<'p>(
    parts: Vec<Part<'p>>,
    along: &'p mut Along<'_>,
    id: &'p str,
    cx: &mut Context<'_>,
) -> Result<(), Error> {
    let mut parts: Vec<Part<'p>> = parts;
    for part in &mut parts {
        part.installation.batch = Some(id);
    }
    let each = along.installations.iter().zip(&along.befores);
    for ((installation, before), report) in each.zip(&mut along.reports) {
        cx.reporter.turn_to(Some(installation.slug));
        if let Some(gathered) = installation.gather(cx, before, report)? {
            parts.push(Part::new(*installation, before, gathered, report));
        }
    }
    cx.reporter.turn_to(None);
    set::admit(&mut parts, cx)?;
    set::bring_about(&mut parts, cx)
}

/// Whatever happened, nothing is left of a dry run, nor a status that says that they are being installed.
fn end(along: &mut Along<'_>, (ended, began): (&Result<(), Error>, &str), cx: &mut Context<'_>) {
    let Some(first) = along.installations.first().copied() else {
        return;
    };
    if first.call.dry_run {
        for installation in &along.installations {
            let _ = stage::close_dry_run(&installation.dry_layout());
        }
        return;
    }
    if let Err(fault) = ended
        && !fault.is_committed()
    {
        for (at, installation) in along.installations.iter().enumerate() {
            cx.reporter.turn_to(Some(installation.slug));
            let installed = along.befores.get(at).map(|before| &before.installed);
            installation.mark_failed(cx, fault, installed);
            let nothing = Installed::default();
            let told = (installed.unwrap_or(&nothing), began);
            installation.tell_failed(cx, told, &of_another(None, fault), &along.reports[at]);
        }
    }
    let slugs: Vec<_> = along.installations.iter().map(|one| one.slug.clone()).collect();
    tell_leftovers_of_set(first.reporter, &first.call.site.root, &slugs);
}

/// The last words of each.
fn tell(along: &mut Along<'_>, ended: &Result<(), Error>, (reporter, spent): (&OperationReporter<'_>, u64)) {
    for report in &mut along.reports {
        reporter.turn_to(Slug::normalize(&report.slug).ok().as_ref());
        let mut code = ExitCode::Ok;
        if let (Err(fault), false) = (ended, report.inalterado) {
            code = fault.exit_code();
            tell_errors(report, reporter, of_another(None, fault).messages(reporter.lang()));
        }
        finish(report, reporter, (code, spent));
    }
}

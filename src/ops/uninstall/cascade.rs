//! `cascata` (SPEC 2 §6): the plugins that need the one that goes, and those that need them, go in the same transaction, each
//! before what it needs.

use std::time::Instant;

use super::super::account::Account;
use super::super::caller::{Caller, Outcome};
use super::super::passage::{Before, Passage, account, first_report};
use super::super::report::{durations, finish, not_counted, of_another, tell_errors, tell_leftovers_of_set};
use super::super::reporter::{OperationReporter, milliseconds};
use super::super::{look, needs};
use super::leaving::Uninstallation;
use super::set::{self, Leaving};
use super::{action, admit_known, awaits_forgetting, parameters};
use crate::base::clock::Clock;
use crate::base::fs::random_hex;
use crate::base::panic;
use crate::config::{Settings, UninstallParameters};
use crate::ledger;
use crate::log::Step;
use crate::model::Slug;
use crate::ops::Error;
use crate::outcome::{ExitCode, Report};
use crate::registry;
use crate::transaction::{Context, Session, TransactionReporter, moment};

/// The plugins that go, the one that is named last; nothing where it goes alone. What cannot be found out now is told where
/// it goes alone.
pub(super) fn going(call: &UninstallParameters) -> Option<Vec<Slug>> {
    if !call.cascades {
        return None;
    }
    let site = &call.passage.site;
    let named = Slug::normalize(&call.passage.slug).ok()?;
    let mut database = look::connect(&site.root, site.database.as_ref()).ok()?;
    let recorded = registry::recorded_slug(&mut database, &named).ok()?;
    let slug = recorded.map_or(Ok(named), |name| Slug::normalize(&name)).ok()?;
    admit_known(&mut database, call, &slug).ok()?;
    let slugs = needs::cascade(&mut database, site, &slug).ok()?;
    (slugs.len() > 1).then_some(slugs)
}

/// What is known of each before the locks.
struct Facts {
    heirs: Vec<Slug>,
    awaits_forgetting: bool,
}

/// A cascade from its first step to its last.
struct Cascade<'a> {
    call: &'a UninstallParameters,
    settings: &'a Settings,
    reporter: &'a OperationReporter<'a>,
    slugs: &'a [Slug],
    parameters: &'a str,
    id: &'a str,
}

/// From its first word to its report: that of the plugin that is named, with those of the others in it.
pub(super) fn uninstall(
    call: &UninstallParameters,
    settings: &Settings,
    (caller, clock): (&Caller, &dyn Clock),
    slugs: &[Slug],
) -> Outcome {
    let started = Instant::now();
    let (passage, lang) = (&call.passage, call.passage.site.lang);
    let accounts: Vec<Account> = slugs.iter().map(|slug| account(passage, slug.as_str())).collect();
    let reporter = OperationReporter::new(caller, clock, "", lang)
        .with_migrations(passage.can_migrate)
        .with_accounts(accounts);
    reporter.turn_to(slugs.last());
    not_counted(&[], &settings.faults, &reporter);
    reporter.turn_to(None);
    let first = |slug: &Slug| first_report(passage, action(call), slug.as_str());
    let mut reports: Vec<Report> = slugs.iter().map(first).collect();
    let id = random_hex().unwrap_or_default();
    let cascade = Cascade {
        call,
        settings,
        reporter: &reporter,
        slugs,
        parameters: &parameters(call),
        id: &id,
    };
    let ended = cascade.run(&mut reports);
    let failed = reporter.turn_to(None);
    let spent = milliseconds(started.elapsed());
    for (report, slug) in reports.iter_mut().zip(slugs) {
        reporter.turn_to(Some(slug));
        let mut code = ExitCode::Ok;
        if let Err(fault) = &ended {
            code = fault.exit_code();
            let others = of_others(fault, failed.as_ref(), slug);
            tell_errors(report, &reporter, others.as_ref().unwrap_or(fault).messages(lang));
        }
        finish(report, &reporter, (code, spent));
    }
    let Some(mut report) = reports.pop() else {
        return Outcome::of(&first_report(passage, action(call), &passage.slug), lang);
    };
    reporter.turn_to(None);
    report.avisos.extend(reporter.warnings());
    report.duracao_ms = durations(&reporter);
    report.plugins = reports;
    Outcome::of(&report, lang)
}

/// Why a plugin stays: another one's fault. A fault of none of them, or after the commit, is everybody's.
fn of_others(fault: &Error, failed: Option<&Slug>, slug: &Slug) -> Option<Error> {
    let other = failed.filter(|failed| *failed != slug && !fault.is_committed())?;
    Some(of_another(Some(other), fault))
}

impl Cascade<'_> {
    fn run(&self, reports: &mut [Report]) -> Result<(), Error> {
        self.reporter.begin(Step::Prepare)?;
        let facts = self.facts()?;
        let uninstallations: Vec<Uninstallation<'_>> = self
            .slugs
            .iter()
            .zip(&facts)
            .map(|(slug, facts)| self.uninstallation(slug, facts))
            .collect();
        let Some(first) = uninstallations.first() else {
            return Ok(());
        };
        let site = first.passage.site();
        let heirs = facts.iter().flat_map(|facts| &facts.heirs);
        let locked: Vec<&Slug> = self.slugs.iter().chain(heirs).collect();
        let mut session = Session::open(site, &locked, self.reporter)?;
        let mut cx = Context {
            site,
            session: &mut session,
            reporter: self.reporter,
        };
        let ended = self.run_locked(&mut cx, &uninstallations, reports);
        if self.call.passage.dry_run {
            session.close_without_trace();
        } else {
            tell_leftovers_of_set(self.reporter, &self.call.passage.site.root, self.slugs);
        }
        ended
    }

    fn facts(&self) -> Result<Vec<Facts>, Error> {
        let site = &self.call.passage.site;
        let mut database = look::connect(&site.root, site.database.as_ref())?;
        let mut facts = Vec::with_capacity(self.slugs.len());
        for slug in self.slugs {
            facts.push(Facts {
                heirs: ledger::sharing(&mut database, slug)?,
                awaits_forgetting: awaits_forgetting(&mut database, slug)?,
            });
        }
        Ok(facts)
    }

    fn uninstallation<'u>(&'u self, slug: &'u Slug, facts: &'u Facts) -> Uninstallation<'u> {
        Uninstallation {
            call: self.call,
            settings: self.settings,
            passage: Passage {
                call: &self.call.passage,
                action: action(self.call),
                parameters: self.parameters,
                reporter: self.reporter,
                slug,
                batch: Some(self.id),
            },
            heirs: &facts.heirs,
            awaits_forgetting: facts.awaits_forgetting,
        }
    }

    fn run_locked(
        &self,
        cx: &mut Context<'_>,
        uninstallations: &[Uninstallation<'_>],
        reports: &mut [Report],
    ) -> Result<(), Error> {
        let began = moment(cx.reporter.clock().now());
        let attempted = panic::caught(|| attempt(uninstallations, reports, cx));
        let ended = attempted.unwrap_or_else(|text| Err(Error::internal(text)));
        if let Err(fault) = &ended
            && !self.call.passage.dry_run
        {
            let failed = cx.reporter.turn_to(None);
            for (one, report) in uninstallations.iter().zip(reports) {
                let slug = one.passage.slug;
                cx.reporter.turn_to(Some(slug));
                let others = of_others(fault, failed.as_ref(), slug);
                one.passage
                    .tell_failed(cx, &began, others.as_ref().unwrap_or(fault), report);
            }
            cx.reporter.turn_to(failed.as_ref());
        }
        ended
    }
}

/// Settles and gathers all of them, admits them together, brings them about together.
fn attempt(uninstallations: &[Uninstallation<'_>], reports: &mut [Report], cx: &mut Context<'_>) -> Result<(), Error> {
    let mut befores: Vec<Before> = Vec::with_capacity(uninstallations.len());
    for (one, report) in uninstallations.iter().zip(reports.iter_mut()) {
        cx.reporter.turn_to(Some(one.passage.slug));
        befores.push(one.passage.settle_first(cx, report)?);
    }
    let mut leaving = Vec::with_capacity(uninstallations.len());
    for ((one, before), report) in uninstallations.iter().zip(befores).zip(reports) {
        cx.reporter.turn_to(Some(one.passage.slug));
        if let Some(gathered) = one.gather(cx, before, report)? {
            leaving.push(Leaving::new(*one, gathered, report));
        }
    }
    cx.reporter.turn_to(None);
    set::admit(&mut leaving, cx)?;
    set::bring_about(&mut leaving, cx)
}

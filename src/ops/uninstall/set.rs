//! What one uninstallation has gathered, or several, admitted and brought about as a whole; then the proof of each that it is
//! gone (SPEC 2 §3, §6).

use super::super::{committed, departing, failure_history, needs};
use super::leaving::{Gathered, Uninstallation};
use crate::config::Removal;
use crate::log::{Message, Reporter as _, Step};
use crate::model::Slug;
use crate::ops::{Error, purge_messages};
use crate::outcome::{ExecutionStatus, Report};
use crate::transaction::{
    BaseSource, Change, Context, Contract, Target, TransactionReporter, Waiting, promise, rehearse_absence,
    tell_absence,
};

/// A plugin of the set.
pub(super) struct Leaving<'p> {
    pub(super) uninstallation: Uninstallation<'p>,
    gathered: Gathered,
    waiting: Waiting,
    report: &'p mut Report,
}

impl<'p> Leaving<'p> {
    pub(super) fn new(uninstallation: Uninstallation<'p>, gathered: Gathered, report: &'p mut Report) -> Self {
        Self {
            uninstallation,
            gathered,
            waiting: Waiting::default(),
            report,
        }
    }

    fn slug(&self) -> &'p Slug {
        self.uninstallation.passage.slug
    }
}

/// Every refusal that is left: whether others need what goes, and what is taken away of the schemas.
pub(super) fn admit(set: &mut [Leaving<'_>], cx: &mut Context<'_>) -> Result<(), Error> {
    admit_needs(set, cx)?;
    let mut gone: Vec<Slug> = Vec::with_capacity(set.len());
    for one in set {
        cx.reporter.turn_to(Some(one.slug()));
        one.uninstallation.plan_purge(cx, &mut one.gathered, &gone)?;
        gone.push(one.slug().clone());
    }
    Ok(())
}

fn admit_needs(set: &mut [Leaving<'_>], cx: &mut Context<'_>) -> Result<(), Error> {
    let Some(first) = set.first() else { return Ok(()) };
    let (call, reporter) = (first.uninstallation.call, first.uninstallation.passage.reporter);
    let wanted: Vec<needs::Wanted<'_>> = set
        .iter()
        .map(|one| needs::Wanted {
            slug: one.slug(),
            after: None,
            ignores: call.passage.ignores_dependencies,
            force: call.force,
        })
        .collect();
    let waiting = needs::admit(&mut cx.session.database, &call.passage.site, &wanted, reporter)?;
    for (one, waiting) in set.iter_mut().zip(waiting) {
        one.waiting = waiting;
    }
    Ok(())
}

/// Brings it about, all or nothing, and proves of each that it is gone. A dry run shows what would go.
pub(super) fn bring_about(set: &mut [Leaving<'_>], cx: &mut Context<'_>) -> Result<(), Error> {
    if set.iter().any(|one| one.uninstallation.call.passage.dry_run) {
        return show(set, cx);
    }
    for one in set.iter() {
        cx.reporter.turn_to(Some(one.slug()));
        one.uninstallation.passage.check_premises()?;
    }
    carry_out_all(set, cx)?;
    prove_all(set, cx)
}

fn show(set: &mut [Leaving<'_>], cx: &mut Context<'_>) -> Result<(), Error> {
    for one in set {
        cx.reporter.turn_to(Some(one.slug()));
        let uninstallation = one.uninstallation;
        uninstallation.passage.reporter.begin(Step::Plan)?;
        let departure = uninstallation.departure(&one.gathered);
        let absence = rehearse_absence(&uninstallation.rules()?, departure, &one.gathered.base, cx)?;
        absence.check(uninstallation.call.force)?;
        tell_absence(&absence, uninstallation.passage.reporter, one.report);
        let (undone, dropped) = one.gathered.purge.shown();
        one.report.migracoes_desfeitas = undone;
        if !dropped.is_empty() {
            uninstallation
                .passage
                .reporter
                .message(Message::Warning(purge_messages::would_drop(&dropped)));
        }
    }
    Ok(())
}

fn carry_out_all(set: &mut [Leaving<'_>], cx: &mut Context<'_>) -> Result<(), Error> {
    let uninstallations: Vec<Uninstallation<'_>> = set.iter().map(|one| one.uninstallation).collect();
    let blacklists: Vec<_> = uninstallations.iter().map(Uninstallation::blacklist).collect();
    let kept: Vec<_> = uninstallations
        .iter()
        .zip(&blacklists)
        .map(|(one, blacklist)| one.passage.kept(blacklist))
        .collect();
    let mut rules = Vec::with_capacity(set.len());
    for one in &uninstallations {
        rules.push(one.rules()?);
    }
    let mut opened = Vec::with_capacity(set.len());
    for one in set.iter() {
        cx.reporter.turn_to(Some(one.slug()));
        let status = (&one.gathered.installed, ExecutionStatus::Uninstalling);
        opened.push(one.uninstallation.passage.open(cx, status)?);
    }
    let mut runs = Vec::with_capacity(set.len());
    let lent = uninstallations.iter().zip(&kept).zip(&rules).zip(opened);
    for (one, (((uninstallation, kept), rules), (layout, database))) in set.iter_mut().zip(lent) {
        let base = std::mem::replace(&mut one.gathered.base, BaseSource::Recorded);
        let account = uninstallation.account(&one.gathered, (base, std::mem::take(&mut one.waiting)));
        // What earlier operations left is done after the commit, where the caller can.
        let can = uninstallation.call.removal == Removal::Purge || uninstallation.call.passage.can_migrate;
        let change = Change {
            slug: uninstallation.passage.slug,
            after: Target::Absent(uninstallation.departure(&one.gathered)),
            rules,
            account,
            contract: Contract {
                kept: Some(kept).filter(|_| can),
                steps: one.gathered.purge.steps.clone(),
            },
        };
        promise(&mut runs, change, (layout, database, &mut *one.report), cx)?;
    }
    let Some(first) = uninstallations.first() else {
        return Ok(());
    };
    let ended = committed::carry_out(&mut runs, cx, &first.call.passage.site);
    drop(runs);
    for one in set {
        one.report.confirmado = Some(committed::is_committed(&ended));
    }
    Ok(ended?)
}

/// What is left of each is counted and named; the first that has not gone as a whole ends it, and all are told of.
fn prove_all(set: &mut [Leaving<'_>], cx: &mut Context<'_>) -> Result<(), Error> {
    let mut first = Ok(());
    for one in set {
        let slug = one.slug();
        cx.reporter.turn_to(Some(slug));
        let departure = one.uninstallation.departure(&one.gathered);
        let mut ended = departing::prove(cx, (slug, departure), &one.gathered.purge, one.report);
        if one.uninstallation.call.forgets {
            ended = ended.and(departing::forget(cx, slug, one.report));
        }
        if let Err(fault) = ended {
            failure_history::amend(cx, slug, &fault);
            if first.is_ok() {
                first = Err((slug, fault));
            }
        }
    }
    cx.reporter.turn_to(None);
    first.map_err(|(slug, fault)| {
        cx.reporter.turn_to(Some(slug));
        fault
    })
}

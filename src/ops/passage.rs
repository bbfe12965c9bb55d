//! What uninstalling and restoring have in common: a session under the locks of all plugins that take part, what a killed
//! run left, and what is told of a failure.

use std::time::Instant;

use super::account::Account;
use super::caller::{Caller, Outcome};
use super::failed::Failed;
use super::known::RecordedPlugin;
use super::report::{conclude, not_counted, tell_leftovers};
use super::reporter::{OperationReporter, milliseconds};
use super::{committed, failure_history, sharing};
use crate::archive::Blacklist;
use crate::base::clock::Clock;
use crate::base::panic;
use crate::config::{PassageParameters, Settings, Site};
use crate::history::Action;
use crate::log::{Message, Reporter};
use crate::model::{DatabaseIdentity, GestorRoot, Slug};
use crate::ops::Error;
use crate::outcome::{ExecutionStatus, Report};
use crate::package::KeptPackages;
use crate::registry::{self, Feature, Installed};
use crate::stage::{self, Layout};
use crate::transaction::{
    Change, Context, Run, Session, SiteAccess, TransactionReporter, moment, settle, sharing::tell_of, tell_waiting,
};

/// From its first word to its report.
pub(super) fn conduct(
    (call, action): (&PassageParameters, Action),
    settings: &Settings,
    (caller, clock): (&Caller, &dyn Clock),
    run: impl FnOnce(&Slug, &OperationReporter<'_>, &mut Report) -> Result<(), Error>,
) -> Outcome {
    let started = Instant::now();
    let (slug, site) = (Slug::normalize(&call.slug), &call.site);
    let name = slug.as_ref().map_or_else(|_| call.slug.clone(), ToString::to_string);
    let reporter = OperationReporter::new(caller, clock, &name, site.lang).with_migrations(call.can_migrate);
    let reporter = reporter.with_account(account(call, &name));
    let mut report = first_report(call, action, &name);
    not_counted(&[], &settings.faults, &reporter);
    let ended = slug
        .map_err(Error::from)
        .and_then(|slug| run(&slug, &reporter, &mut report));
    conclude(&mut report, &reporter, ended, milliseconds(started.elapsed()));
    Outcome::of(&report, site.lang)
}

/// What is told of a plugin.
pub(super) fn account(call: &PassageParameters, name: &str) -> Account {
    Account::of(&call.site, name, (!call.dry_run, call.debug))
}

/// The report of what has not begun yet.
pub(super) fn first_report(call: &PassageParameters, action: Action, name: &str) -> Report {
    Report {
        dry_run: call.dry_run,
        acao: Some(action.word()),
        confirmado: Some(false),
        ..Report::new(name)
    }
}

/// A plugin on its way out, or back.
#[derive(Clone, Copy)]
pub(super) struct Passage<'a> {
    pub(super) call: &'a PassageParameters,
    pub(super) action: Action,
    /// The parameters of the call, as JSON, without secrets.
    pub(super) parameters: &'a str,
    pub(super) reporter: &'a OperationReporter<'a>,
    pub(super) slug: &'a Slug,
    /// Number of the batch that it is a part of.
    pub(super) batch: Option<&'a str>,
}

/// What there is of a plugin before it goes or comes.
pub(super) struct Before {
    pub(super) installed: Installed,
    pub(super) known: RecordedPlugin,
}

impl Passage<'_> {
    /// The gestor's folder.
    pub(super) fn root(&self) -> &GestorRoot {
        &self.call.site.root
    }

    pub(super) fn site(&self) -> SiteAccess<'_> {
        SiteAccess::of(&self.call.site)
    }

    /// The packages of the plugin that are kept.
    pub(super) fn kept<'k>(&'k self, blacklist: &'k Blacklist) -> KeptPackages<'k> {
        KeptPackages::of(&self.call.site, self.slug, blacklist)
    }

    /// Under the locks of the plugin and of `others`: settles what a killed run left, then `attempt`. A failure is told.
    pub(super) fn run(
        &self,
        others: &[Slug],
        report: &mut Report,
        attempt: impl FnOnce(&mut Context<'_>, Before, &mut Report) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let slugs: Vec<&Slug> = std::iter::once(self.slug).chain(others).collect();
        let mut session = Session::open(self.site(), &slugs, self.reporter)?;
        let mut cx = Context {
            site: self.site(),
            session: &mut session,
            reporter: self.reporter,
        };
        let ended = self.run_locked(&mut cx, report, attempt);
        if self.call.dry_run {
            session.close_without_trace();
        } else {
            tell_leftovers(self.reporter, self.root(), self.slug);
        }
        ended
    }

    fn run_locked(
        &self,
        cx: &mut Context<'_>,
        report: &mut Report,
        attempt: impl FnOnce(&mut Context<'_>, Before, &mut Report) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let began = moment(cx.reporter.clock().now());
        let ended = self.settle_first(cx, report).and_then(|before| {
            let ended = panic::caught(|| attempt(cx, before, report));
            ended.unwrap_or_else(|text| Err(Error::internal(text)))
        });
        if let Err(fault) = &ended
            && !self.call.dry_run
        {
            self.tell_failed(cx, &began, fault, report);
        }
        ended
    }

    /// What a killed run left, and what there is; a dry run only says that it waits.
    pub(super) fn settle_first(&self, cx: &mut Context<'_>, report: &mut Report) -> Result<Before, Error> {
        self.settle_run(cx)?;
        let installed = registry::read(&mut cx.session.database, self.slug)?.unwrap_or_default();
        let known = RecordedPlugin::read(&mut cx.session.database, self.slug, &installed)?;
        report.versao_anterior = known.version(&installed);
        Ok(Before { installed, known })
    }

    fn settle_run(&self, cx: &mut Context<'_>) -> Result<(), Error> {
        let database = &mut cx.session.database;
        if self.call.dry_run {
            tell_waiting(self.root(), self.slug, self.reporter)?;
            return Ok(tell_of(database, self.root(), self.slug, self.reporter)?);
        }
        sharing::forget(database, self.root(), &self.call.bases, self.reporter)?;
        settle(cx, self.slug)?;
        Ok(())
    }

    /// What must be before anything is touched.
    pub(super) fn check_premises(&self) -> Result<(), Error> {
        stage::check_place(self.root(), self.slug)?;
        stage::check_writable(self.root())?;
        Ok(stage::check_mounts(self.root(), self.slug)?)
    }

    /// The first that is written: the status, our own tables, the staging folder.
    pub(super) fn open(
        &self,
        cx: &mut Context<'_>,
        (installed, status): (&Installed, ExecutionStatus),
    ) -> Result<(Layout, DatabaseIdentity), Error> {
        let owner = stage::owner(self.root())?;
        let layout = stage::layout(self.root(), self.slug, owner)?;
        stage::open(&layout, owner)?;
        let database = &mut cx.session.database;
        registry::set_status(database, installed, status)?;
        let (identity, _) = registry::prepare(database, &|| self.reporter.is_wanted())?;
        registry::prepare_for(database, Feature::Events, &|| self.reporter.is_wanted())?;
        Ok((layout, identity))
    }

    /// A commit of unknown outcome leaves everything as it stands. What is only refused changes nothing, not even the
    /// status.
    pub(super) fn tell_failed(&self, cx: &mut Context<'_>, began: &str, fault: &Error, report: &Report) {
        if fault.is_unknown() || report.confirmado == Some(true) {
            return;
        }
        if let Err(fault) = stage::clear(self.root(), self.slug) {
            self.reporter.message(Message::warning(&fault));
        }
        if cx.session.database.ping().is_err() && cx.session.reconnect(cx.site, cx.reporter).is_err() {
            return;
        }
        if let Err(fault) = registry::end_failed(&mut cx.session.database, self.slug) {
            self.reporter.message(Message::warning(&fault));
        }
        let failed = Failed {
            site: &self.call.site,
            slug: self.slug,
            action: self.action,
            parameters: self.parameters,
            batch: self.batch,
            actor: self.call.actor.as_deref(),
            began,
            from: None,
            to: None,
            checksum: None,
        };
        failure_history::tell(cx, &failed.of_report(report), fault);
    }
}

/// Brings a change about, all or nothing. The report says whether it was committed.
pub(super) fn bring_about(
    (cx, site): (&mut Context<'_>, &Site),
    (layout, database): (Layout, DatabaseIdentity),
    change: Change<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    let run = Run::promise(change, layout, database, report, cx)?;
    let ended = committed::carry_out(&mut [run], cx, site);
    report.confirmado = Some(committed::is_committed(&ended));
    Ok(ended?)
}

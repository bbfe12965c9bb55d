//! `plugin_install`: the numbered steps of SPEC §5.
//!
//! This file gathers what should be. In its folder `offer` says what it is to the boundaries; `before` what there is;
//! `folder` packs a folder as a package; `back` finds the package of an earlier point (`plugin_rollback`); `batch` installs several, `from_lock` says which a lock file means, `batch_report` tells of them; `pinned` asks a signed index which package is meant, `package` brings
//! and inspects it, `inspection` all of it; `rows` reads its rows; `change_record` says what is remembered of it;
//! `standing` compares what is there with it; `schema` what earlier operations left of the schema; `scripts` which scripts run, `signature` what a signature is worth; `gather` does all of that
//! for one plugin, `required` finds what comes along because it is needed, `along` brings that about as well; `classes` asks whether their migrations can run in one process, `set` admits what one or several have gathered and hands it over; `dry_run` is a dry run, `differences`
//! what a diff says besides; `report` tells the report and the log.

mod along;
mod back;
mod batch;
mod batch_report;
mod before;
mod change_record;
mod classes;
mod differences;
mod dry_run;
mod folder;
mod from_lock;
mod gather;
mod inspection;
mod offer;
mod package;
mod pinned;
mod report;
mod required;
mod rows;
mod schema;
mod scripts;
mod set;
mod signature;
mod standing;

use std::time::Instant;

pub(super) use self::back::DEFINITION as ROLLBACK;
use self::back::WayBack;
pub(super) use self::batch::DEFINITION as BATCH;
use self::before::Before;
pub(super) use self::offer::DEFINITION;
pub(super) use self::scripts::php;
use self::set::Part;
use super::account::Account;
use super::caller::{Caller, Outcome};
use super::index_words::{IndexWords, followed};
use super::policy::Parts;
use super::report::{conclude, not_counted, tell_leftovers};
use super::reporter::{OperationReporter, milliseconds};
use crate::base::clock::Clock;
use crate::base::fs::remove_empty_folder;
use crate::base::{failpoint, panic};
use crate::config::{InstallParameters, RollbackParameters, Settings};
use crate::history::Action;
use crate::ledger;
use crate::log::{Message, Reporter, Step};
use crate::model::Slug;
use crate::ops::Error;
use crate::ops::failed::Failed;
use crate::ops::failure_history;
use crate::ops::sharing;
use crate::outcome::{ExecutionStatus, Report};
use crate::package::PackageRows;
use crate::registry::{self, Installed};
use crate::source;
use crate::stage;
use crate::transaction::{
    BaseSource, Context, Session, SiteAccess, TransactionReporter, moment, settle, sharing::tell_of, tell_waiting,
};

/// What an installation works with from its first step to its last.
#[derive(Clone, Copy)]
pub(super) struct Installation<'a> {
    call: &'a InstallParameters,
    settings: &'a Settings,
    reporter: &'a OperationReporter<'a>,
    slug: &'a Slug,
    parts: Parts,
    /// What is installed is put back as it was.
    repair: Option<&'a Repair>,
    /// A dry run tells single differences.
    differs: bool,
    /// Number of the batch that it is a part of.
    batch: Option<&'a str>,
    /// A way back is wanted.
    wanted: Option<&'a RollbackParameters>,
    /// Where it leads, once that is found.
    back: Option<&'a WayBack>,
    /// What indices say of packages; nothing where they were not asked yet.
    words: Option<&'a IndexWords<'a>>,
}

/// How what is installed is put back.
pub(super) struct Repair {
    /// Its rows, too.
    pub(super) rows: bool,
    /// Migrations that are not applied, too.
    pub(super) migrations: bool,
    /// Where it came from, as its row says.
    pub(super) origin: Option<String>,
    /// All parts of it are installed.
    pub(super) is_whole: bool,
}

/// Puts back what is installed, from its kept package, which the call names.
pub(super) fn repair(
    call: &InstallParameters,
    settings: &Settings,
    (slug, repair, words): (&Slug, &Repair, &IndexWords<'_>),
    reporter: &OperationReporter<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    let installation = Installation {
        call,
        settings,
        reporter,
        slug,
        parts: Parts {
            migrations: repair.migrations,
            rows: repair.rows,
        },
        repair: Some(repair),
        differs: false,
        batch: None,
        wanted: None,
        back: None,
        words: Some(words),
    };
    installation.run(report)
}

/// Installs or updates a plugin.
pub(super) fn install(call: &InstallParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    start(call, settings, (caller, clock), (false, None))
}

/// A dry run that tells single differences.
pub(super) fn diff(call: &InstallParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    start(call, settings, (caller, clock), (true, None))
}

fn start(
    call: &InstallParameters,
    settings: &Settings,
    (caller, clock): (&Caller, &dyn Clock),
    (differs, wanted): (bool, Option<&RollbackParameters>),
) -> Outcome {
    let started = Instant::now();
    let shown = Slug::normalize(&call.slug);
    let name = shown.as_ref().map_or_else(|_| call.slug.clone(), ToString::to_string);
    let account = Account::of(&call.site, &name, (!call.dry_run, call.debug));
    let reporter = OperationReporter::new(caller, clock, &name, call.site.lang)
        .with_migrations(call.can_migrate)
        .with_account(account);
    let mut report = Report::new(&name);
    report.dry_run = call.dry_run;
    if wanted.is_some() {
        (report.acao, report.confirmado) = (Some(Action::Rollback.word()), Some(false));
    }
    let ended = shown.map_err(Error::from).and_then(|slug| {
        let parts = Parts::of(call)?;
        let installation = Installation {
            call,
            settings,
            reporter: &reporter,
            slug: &slug,
            parts,
            repair: None,
            differs,
            batch: None,
            wanted,
            back: None,
            words: None,
        };
        installation.run(&mut report)
    });
    conclude(&mut report, &reporter, ended, milliseconds(started.elapsed()));
    Outcome::of(&report, call.site.lang)
}

impl Installation<'_> {
    fn access(&self) -> SiteAccess<'_> {
        SiteAccess::of(&self.call.site)
    }

    /// Steps 2 and 3: locks, and what a killed run left.
    fn run(&self, report: &mut Report) -> Result<(), Error> {
        self.reporter.begin(Step::Prepare)?;
        source::refuse_staging(self.call)?;
        let wants = !self.call.dry_run;
        let made = wants
            .then(|| stage::prepare_plugins(&self.call.site.root))
            .transpose()?;
        let ended = self.run_asking(report);
        if let (Err(_), Some(folder)) = (&ended, made.flatten()) {
            let _ = remove_empty_folder(&folder);
        }
        ended
    }

    /// Indices are asked while no lock is held.
    fn run_asking(&self, report: &mut Report) -> Result<(), Error> {
        if self.words.is_some() {
            return self.run_session(report);
        }
        let site = (&self.call.site, self.settings);
        let followed = followed(site, self.reporter, |policy| self.looks(policy))?;
        let words = IndexWords::of(followed.as_ref(), &self.call.site, self.reporter, !self.call.dry_run)?;
        words.read_ahead(self.slug)?;
        let words = Some(&words);
        Installation { words, ..*self }.run_session(report)
    }

    fn run_session(&self, report: &mut Report) -> Result<(), Error> {
        let mut session = Session::open(self.access(), &[self.slug], self.reporter)?;
        if let Some(slug) = sharing::meant(&mut session.database, self.slug, self.reporter)? {
            session.close_without_trace();
            report.slug = slug.to_string();
            return Installation { slug: &slug, ..*self }.run_session(report);
        }
        report::started(self.call, self.reporter);
        not_counted(&self.call.held_limits, &self.settings.faults, self.reporter);
        let mut cx = Context {
            site: self.access(),
            session: &mut session,
            reporter: self.reporter,
        };
        let ended = self.run_locked(&mut cx, report);
        if self.call.dry_run {
            session.close_without_trace();
        } else {
            tell_leftovers(self.reporter, &self.call.site.root, self.slug);
        }
        ended
    }

    fn run_locked(&self, cx: &mut Context<'_>, report: &mut Report) -> Result<(), Error> {
        let began = moment(cx.reporter.clock().now());
        let before = match self.settle_first(cx) {
            Ok(before) => before,
            Err(fault) => {
                self.tell_refused(cx, &began, &fault, report);
                return Err(fault);
            }
        };
        report.versao_anterior.clone_from(&before.installed.version);
        // Whatever happens, neither the status nor the folder of a dry run stays.
        let ended = panic::caught(|| self.attempt(cx, &before, report));
        let mut ended = ended.unwrap_or_else(|text| Err(Error::internal(text)));
        if self.call.dry_run {
            let closed = stage::close_dry_run(&self.dry_layout());
            ended = closed.map_err(Error::from).and(ended);
        } else if let Some(fault) = ended.as_ref().err().filter(|fault| !fault.is_committed()) {
            self.mark_failed(cx, fault, Some(&before.installed));
            self.tell_failed(cx, (&before.installed, &began), fault, report);
        }
        ended
    }

    /// What a killed run left, and what is installed.
    fn settle_first(&self, cx: &mut Context<'_>) -> Result<Before, Error> {
        if self.call.dry_run {
            tell_waiting(&self.call.site.root, self.slug, self.reporter)?;
            // What a newer library has written is refused here as well.
            registry::identify(&mut cx.session.database)?;
            tell_of(&mut cx.session.database, &self.call.site.root, self.slug, self.reporter)?;
        } else {
            sharing::forget(
                &mut cx.session.database,
                &self.call.site.root,
                &self.call.bases,
                self.reporter,
            )?;
            settle(cx, self.slug)?;
        }
        let before = Before::read(&mut cx.session.database, self.slug)?;
        before.known.refuse_paused(self.slug)?;
        Ok(before)
    }

    /// Refused because of what a killed run left: nothing was begun.
    fn tell_refused(&self, cx: &mut Context<'_>, began: &str, fault: &Error, report: &Report) {
        if !self.call.dry_run {
            let installed = registry::read(&mut cx.session.database, self.slug).ok().flatten();
            self.tell_failed(cx, (&installed.unwrap_or_default(), began), fault, report);
        }
    }

    /// A commit of unknown outcome leaves everything as it stands: the next operation finds out. A plugin that waited for
    /// another goes on waiting.
    fn mark_failed(&self, cx: &mut Context<'_>, fault: &Error, before: Option<&Installed>) {
        if fault.is_unknown() {
            return;
        }
        if let Err(fault) = stage::clear(&self.call.site.root, self.slug) {
            self.reporter.message(Message::warning(&fault));
        }
        if cx.session.database.ping().is_err() && cx.session.reconnect(cx.site, cx.reporter).is_err() {
            return;
        }
        let database = &mut cx.session.database;
        let is_waiting = |before: &&Installed| before.status == ExecutionStatus::AwaitingDependency.word();
        let marked = match before.filter(is_waiting) {
            Some(before) => registry::set_status(database, before, ExecutionStatus::AwaitingDependency),
            None => registry::mark_failed(database, self.slug),
        };
        if let Err(fault) = marked {
            self.reporter.message(Message::warning(&fault));
        }
    }

    /// Steps 4 to 18.
    fn attempt(&self, cx: &mut Context<'_>, before: &Before, report: &mut Report) -> Result<(), Error> {
        if let Some(wanted) = self.wanted {
            self.attempt_back(cx, before, (wanted, report))?;
            return self.tell_points(cx, report);
        }
        let Some(gathered) = self.gather(cx, before, report)? else {
            return Ok(());
        };
        let part = Part::new(*self, before, gathered, &mut *report);
        let (ended, along) = along::bring_about(vec![part], cx);
        report.plugins = along;
        ended
    }

    /// Where what the last package brought is known from.
    fn remember(&self, cx: &mut Context<'_>, before: &Before, rows: &mut PackageRows) -> Result<BaseSource, Error> {
        let recorded = ledger::tables(&mut cx.session.database, self.slug)?;
        let base = self.base_source(before, !recorded.is_empty());
        change_record::name_tables(rows, &base, recorded);
        Ok(base)
    }

    /// A failure is told in the history of a plugin that was known before.
    fn tell_failed(
        &self,
        cx: &mut Context<'_>,
        (installed, began): (&Installed, &str),
        fault: &Error,
        report: &Report,
    ) {
        let failed = Failed {
            site: &self.call.site,
            slug: self.slug,
            action: self.action(installed, report.checksum.as_deref()),
            parameters: &self.parameters(installed.version.as_deref()),
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

/// A point at which tests let an installation stop or fail.
fn point(name: &str) -> Result<(), Error> {
    if failpoint::reach(name) {
        Err(Error::internal(panic::internal(&format!("fail point {name}"))))
    } else {
        Ok(())
    }
}

/// A download may take long and is shown; a local package is known to be unchanged before anything is written.
fn mark_running(session: &mut Session, installed: &Installed) -> Result<(), Error> {
    let status = match installed.version {
        Some(_) => ExecutionStatus::Updating,
        None => ExecutionStatus::Installing,
    };
    if installed.status != status.word() {
        registry::set_status(&mut session.database, installed, status)?;
    }
    Ok(())
}

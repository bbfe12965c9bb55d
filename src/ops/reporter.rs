//! The reporter of an operation: progress to the caller; what is told of each plugin goes to its account.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::account::Account;
use super::caller::{Answer, Caller, Event};
use super::phrases::OTHER_ANSWER;
use crate::base::clock::Clock;
use crate::log::{Audited, Cancelled, Level, LogFile, Message, Progress, Reporter, Step};
use crate::migrate::{MigrateError, Migration, MigrationCall, MigrationRunner};
use crate::model::{Lang, Slug};
use crate::observe::audit::Record;
use crate::stage::running::{About, RunningFiles};
use crate::transaction::TransactionReporter;

/// At most about twenty progress events a second, and at least one a step.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);

/// Who listens to an operation.
pub(super) struct OperationReporter<'a> {
    caller: &'a Caller,
    clock: &'a dyn Clock,
    lang: Lang,
    /// The first is of the operation as a whole: of its plugin, where it is about one. Then one of each plugin of a set.
    accounts: Vec<Account>,
    /// Of plugins that came along.
    more: OnceCell<Vec<Account>>,
    /// Whose account is written.
    current: Cell<usize>,
    can_migrate: bool,
    cancelled: Cell<bool>,
    committed: Cell<bool>,
    started: Instant,
    step: Cell<Option<Step>>,
    sent: Cell<Option<Instant>>,
    times: RefCell<Vec<(Step, Instant)>>,
    /// Where others see how far it is.
    shown: RefCell<Option<Rc<RunningFiles>>>,
}

impl<'a> OperationReporter<'a> {
    /// A reporter that writes no log yet.
    pub(super) fn new(caller: &'a Caller, clock: &'a dyn Clock, slug: &str, lang: Lang) -> Self {
        Self {
            caller,
            clock,
            lang,
            accounts: vec![Account::new(slug, lang)],
            more: OnceCell::new(),
            current: Cell::new(0),
            can_migrate: false,
            cancelled: Cell::new(false),
            committed: Cell::new(false),
            started: Instant::now(),
            step: Cell::new(None),
            sent: Cell::new(None),
            times: RefCell::new(Vec::new()),
            shown: RefCell::new(None),
        }
    }

    /// Writes lines to a log from now on; single rows too with `debug`.
    pub(super) fn with_log(self, log: LogFile, debug: bool) -> Self {
        let account = Account::new(&self.account().slug, self.lang);
        self.with_account(account.with_log(log, debug))
    }

    /// Tells of the operation as a whole there.
    pub(super) fn with_account(mut self, account: Account) -> Self {
        self.accounts[0] = account;
        self
    }

    /// Tells of each plugin of a set by itself, from when it is turned to it.
    pub(super) fn with_accounts(mut self, accounts: Vec<Account>) -> Self {
        self.accounts.extend(accounts);
        self
    }

    /// The same of plugins that come along. Only the first time counts.
    pub(super) fn extend(&self, accounts: Vec<Account>) {
        let _ = self.more.set(accounts);
    }

    fn all_accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter().chain(self.more.get().into_iter().flatten())
    }

    /// What is told now is told there.
    pub(super) fn account(&self) -> &Account {
        let current = self.all_accounts().nth(self.current.get());
        current.unwrap_or(&self.accounts[0])
    }

    /// The caller can run migrations.
    pub(super) fn with_migrations(mut self, can_migrate: bool) -> Self {
        self.can_migrate = can_migrate;
        self
    }

    /// What was warned of.
    pub(super) fn warnings(&self) -> Vec<String> {
        self.account().warnings()
    }

    /// Why a line could not be written to the log, if one could not.
    pub(super) fn log_fault(&self) -> Option<String> {
        self.account().log_fault()
    }

    /// The language that is spoken.
    pub(super) fn lang(&self) -> Lang {
        self.lang
    }

    /// So many rows of the package are read; the step is the one that runs.
    pub(super) fn reading(&self, rows: u64) -> Result<(), Cancelled> {
        self.progress(Progress {
            step: self.step.get().unwrap_or(Step::Inspect),
            done: rows,
            of: 0,
            unit: "linhas",
        })
    }

    /// Milliseconds of each step that was begun, until now.
    pub(super) fn durations(&self) -> Vec<(Step, u64)> {
        let times = self.times.borrow();
        let ends = times.iter().skip(1).map(|(_, start)| *start).chain([Instant::now()]);
        times
            .iter()
            .zip(ends)
            .map(|((step, start), end)| (*step, milliseconds(end - *start)))
            .collect()
    }

    fn send(&self, progress: Progress) -> Result<(), Cancelled> {
        if !self.caller.wants_progress {
            return self.check();
        }
        self.sent.set(Some(Instant::now()));
        match self.caller.ask(Event::Progress(progress)) {
            Ok(Answer::Cancel) | Err(_) => self.cancelled.set(true),
            Ok(_) => {}
        }
        self.check()
    }

    fn check(&self) -> Result<(), Cancelled> {
        if self.committed.get() {
            Ok(())
        } else {
            self.stop_if(self.cancelled.get() || self.caller.is_gone() || self.is_stop_wanted())
        }
    }

    /// Others want it to stop.
    fn is_stop_wanted(&self) -> bool {
        self.shown.borrow().as_ref().is_some_and(|files| files.is_stop_wanted())
    }

    fn stop_if(&self, stop: bool) -> Result<(), Cancelled> {
        self.cancelled.set(stop);
        if stop { Err(Cancelled) } else { Ok(()) }
    }
}

/// Whole milliseconds of a span.
pub(super) fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

impl Reporter for OperationReporter<'_> {
    fn progress(&self, progress: Progress) -> Result<(), Cancelled> {
        let is_new = self.step.get() != Some(progress.step);
        if is_new {
            self.step.set(Some(progress.step));
            self.times.borrow_mut().push((progress.step, Instant::now()));
        }
        if let Some(files) = &*self.shown.borrow() {
            files.tell(progress.to_value(self.lang), is_new);
        }
        let is_due = self.sent.get().is_none_or(|sent| sent.elapsed() >= PROGRESS_EVERY);
        if is_new || is_due {
            self.send(progress)
        } else {
            self.check()
        }
    }

    fn message(&self, message: Message) {
        let account = self.account();
        if message.level() != Level::Debug || account.is_debug() {
            account.tell(&message, self.clock.now());
        }
    }

    fn audit(&self, audited: Audited) {
        let mut record = Record::new(audited.action, "");
        record.plugin = Slug::normalize(&self.account().slug).ok().map(|slug| slug.to_string());
        record.resource = Some(audited.resource);
        let about = audited.about.into_iter();
        record.context = about.map(|(key, text)| (key.to_owned(), text.into())).collect();
        self.caller.gather(record);
    }
}

impl TransactionReporter for OperationReporter<'_> {
    fn clock(&self) -> &dyn Clock {
        self.clock
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn lines(&self) -> String {
        self.account().lines()
    }

    fn turn_to(&self, plugin: Option<&Slug>) -> Option<Slug> {
        let slug = Slug::normalize(&self.account().slug).ok();
        let before = slug.filter(|_| self.current.get() > 0);
        let place = plugin.and_then(|slug| self.all_accounts().skip(1).position(|one| one.slug == slug.as_str()));
        self.current.set(place.map_or(0, |place| place + 1));
        before
    }

    /// Only what keeps a log is shown: a dry run leaves no trace, and a short one needs none.
    fn about(&self) -> Option<About> {
        let about = self.caller.about();
        self.accounts.iter().any(Account::is_logged).then(|| About {
            acao: about.word.to_owned(),
            desde: self.clock.now().to_rfc3339(),
            ator: about.actor.clone(),
            ..About::default()
        })
    }

    fn show_in(&self, files: &Rc<RunningFiles>) {
        self.shown.replace(Some(Rc::clone(files)));
    }

    fn is_wanted(&self) -> bool {
        self.check().is_ok()
    }

    fn is_stop_asked(&self) -> bool {
        self.cancelled.get() || self.caller.is_gone() || self.is_stop_wanted()
    }

    fn pass_commit_point(&self) {
        self.committed.set(true);
        if let Some(files) = &*self.shown.borrow() {
            files.commit();
        }
    }

    fn tells_rows(&self) -> bool {
        self.account().is_debug() && self.account().is_logged()
    }

    fn count_warnings(&self, more: usize) {
        self.account().count_warnings(more);
    }
}

impl MigrationRunner for OperationReporter<'_> {
    fn run(&self, call: MigrationCall) -> Result<Vec<Migration>, MigrateError> {
        if !self.can_migrate {
            return Err(MigrateError::NoRunner { folder: call.pasta });
        }
        match self.caller.ask(Event::Migrate(call)) {
            Ok(Answer::Migrated(migrations)) => Ok(migrations),
            Ok(Answer::MigrationFailed(reason, applied)) => Err(MigrateError::Failed { reason, applied }),
            Ok(Answer::Cancel) => {
                self.cancelled.set(true);
                Err(MigrateError::Ended)
            }
            Ok(Answer::Continue) => Err(MigrateError::Failed {
                reason: OTHER_ANSWER,
                applied: Vec::new(),
            }),
            Err(_) => {
                self.cancelled.set(true);
                Err(MigrateError::CallerGone)
            }
        }
    }
}

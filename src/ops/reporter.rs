//! The reporter of an operation: progress to the caller, lines to the log, warnings and errors to the report.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::caller::{Answer, Caller, Event};
use super::phrases::OTHER_ANSWER;
use crate::base::clock::Clock;
use crate::base::listed::Listed;
use crate::log::{Cancelled, Level, LogFile, Message, Progress, Reporter, Step, TOLD_BYTES, escape, text, within_line};
use crate::migrate::{MigrateError, Migration, MigrationCall, MigrationRunner};
use crate::model::{Bilingual, Lang};
use crate::stage::running::{About, RunningFiles};
use crate::transaction::TransactionReporter;

/// At most about twenty progress events a second, and at least one a step.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);

/// Bytes of lines that are kept.
const LINES: usize = 64 << 10;
/// Bytes that one call writes to the log, so that it does not push out what other plugins left there.
const LOG_BYTES: usize = 256 << 10;
/// The same with single rows.
const DEBUG_BYTES: usize = 4 << 20;

/// Who listens to an operation.
pub(super) struct OperationReporter<'a> {
    caller: &'a Caller,
    clock: &'a dyn Clock,
    log: Option<LogFile>,
    slug: String,
    lang: Lang,
    debug: bool,
    can_migrate: bool,
    cancelled: Cell<bool>,
    committed: Cell<bool>,
    step: Cell<Option<Step>>,
    sent: Cell<Option<Instant>>,
    times: RefCell<Vec<(Step, Instant)>>,
    warnings: RefCell<Listed<String>>,
    /// Bytes of them.
    warned: Cell<usize>,
    /// Bytes in the log.
    logged: Cell<usize>,
    is_log_full: Cell<bool>,
    log_fault: RefCell<Option<String>>,
    lines: RefCell<String>,
    /// Where others see how far it is.
    shown: RefCell<Option<Rc<RunningFiles>>>,
}

impl<'a> OperationReporter<'a> {
    /// A reporter that writes no log yet.
    pub(super) fn new(caller: &'a Caller, clock: &'a dyn Clock, slug: &str, lang: Lang) -> Self {
        Self {
            caller,
            clock,
            log: None,
            slug: slug.to_owned(),
            lang,
            debug: false,
            can_migrate: false,
            cancelled: Cell::new(false),
            committed: Cell::new(false),
            step: Cell::new(None),
            sent: Cell::new(None),
            times: RefCell::new(Vec::new()),
            warnings: RefCell::new(Listed::default()),
            warned: Cell::new(0),
            logged: Cell::new(0),
            is_log_full: Cell::new(false),
            log_fault: RefCell::new(None),
            lines: RefCell::new(String::new()),
            shown: RefCell::new(None),
        }
    }

    /// Writes lines to a log from now on; single rows too with `debug`.
    pub(super) fn with_log(mut self, log: LogFile, debug: bool) -> Self {
        self.log = Some(log);
        self.debug = debug;
        self
    }

    /// The caller can run migrations.
    pub(super) fn with_migrations(mut self, can_migrate: bool) -> Self {
        self.can_migrate = can_migrate;
        self
    }

    /// What was warned of.
    pub(super) fn warnings(&self) -> Vec<String> {
        self.warnings.borrow().to_vec()
    }

    /// The language that is spoken.
    pub(super) fn lang(&self) -> Lang {
        self.lang
    }

    /// How many warnings are in no list.
    pub(super) fn unlisted_warnings(&self) -> usize {
        self.warnings.borrow().more()
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

    /// Why a line could not be written to the log, if one could not.
    pub(super) fn log_fault(&self) -> Option<String> {
        self.log_fault.borrow().clone()
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

    /// Keeps a line; the oldest ones go where there is no room.
    fn keep_line(&self, line: &str) {
        let mut lines = self.lines.borrow_mut();
        lines.push_str(line);
        if lines.len() > LINES {
            let cut = lines.len() - LINES / 2;
            let end = lines.bytes().skip(cut).position(|byte| byte == b'\n');
            let end = end.map_or(lines.len(), |at| cut + at + 1);
            lines.drain(..end);
        }
    }

    /// One call writes so much of what it looks at, and then only how it ends.
    fn log(&self, message: &Message, words: &str) {
        let Some(log) = &self.log else { return };
        let room = if self.debug { DEBUG_BYTES } else { LOG_BYTES };
        if self.logged.get() < room || message.tells_end() {
            self.log_line(log, message, words);
        } else if !self.is_log_full.replace(true) {
            let full = Message::LogFull { bytes: room };
            self.log_line(log, &full, &text(&full, &self.slug, self.lang));
        }
    }

    fn log_line(&self, log: &LogFile, message: &Message, words: &str) {
        match log.write(self.clock.now(), message.level(), message.tag(), words) {
            Ok(bytes) => self.logged.set(self.logged.get() + bytes),
            Err(fault) => drop(self.log_fault.borrow_mut().get_or_insert_with(|| fault.text(self.lang))),
        }
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
        if message.level() == Level::Debug && !self.debug {
            return;
        }
        let is_warning = message.is_warning();
        if is_warning && !(self.warnings.borrow().has_room() && self.warned.get() < TOLD_BYTES) {
            return self.count_warnings(1);
        }
        let words = within_line(text(&message, &self.slug, self.lang));
        self.keep_line(&format!("{} {}\n", message.tag().word(), escape(&words)));
        self.log(&message, &words);
        if is_warning {
            self.warned.set(self.warned.get() + words.len());
            self.warnings.borrow_mut().push(words);
        }
    }
}

impl TransactionReporter for OperationReporter<'_> {
    fn clock(&self) -> &dyn Clock {
        self.clock
    }

    fn lines(&self) -> String {
        self.lines.borrow().clone()
    }

    /// Only what keeps a log is shown: a dry run leaves no trace, and a short one needs none.
    fn about(&self) -> Option<About> {
        let (log, about) = (self.log.as_ref(), self.caller.about());
        log.map(|_| About {
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

    fn pass_commit_point(&self) {
        self.committed.set(true);
        if let Some(files) = &*self.shown.borrow() {
            files.commit();
        }
    }

    fn tells_rows(&self) -> bool {
        self.debug && self.log.is_some()
    }

    fn count_warnings(&self, more: usize) {
        self.warnings.borrow_mut().count_more(more);
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
            Ok(Answer::Continue | Answer::Cancel) => Err(MigrateError::Failed {
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

//! What passes between an operation's own thread and the thread that called it (SPEC §3, "Threads").
//!
//! The operation runs on a thread of its own with signals blocked. The calling thread takes its events one by one and
//! answers each before it takes the next, so nothing of the caller's ever runs below a frame or lock of ours. When the
//! caller goes away (the [`Operation`] is dropped), the next thing that it asks fails, and it undoes what it did.
//!
//! A callback may fork. The child gets a copy of this end, but not the thread: it must neither wait for it nor touch what
//! it was using, so there the operation is forgotten, and its memory leaked.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use nix::sys::signal::{SigSet, SigmaskHow, pthread_sigmask};
use serde_json::Value;

use super::phrases;
use crate::base::panic;
use crate::log::{Progress, escape, escape_lines, tell_list};
use crate::migrate::{Migration, MigrationCall};
use crate::model::{Bilingual, Lang, Phrase};
use crate::observe::audit::{Gathered, Record};
use crate::outcome::{ExitCode, Report};

/// What an operation has to say. Each is answered with [`Operation::answer`] before the next is taken.
#[derive(Debug)]
pub enum Event {
    /// How far it is. Sent only when the caller wants progress. Answer: [`Answer::Continue`] or [`Answer::Cancel`].
    Progress(Progress),
    /// Migrations are wanted. Answer: [`Answer::Migrated`], [`Answer::MigrationFailed`], or [`Answer::Cancel`] where one was
    /// ended while it ran, because an end of the operation is wanted.
    Migrate(MigrationCall),
    /// It is over. No answer.
    Done(Box<Outcome>),
}

/// What the caller says to an event.
#[derive(Debug)]
pub enum Answer {
    /// Go on.
    Continue,
    /// Stop, if that is still possible.
    Cancel,
    /// The migrations that ran, were undone, or wait.
    Migrated(Vec<Migration>),
    /// Migrations failed: why, and what had been applied before.
    MigrationFailed(Phrase, Vec<Migration>),
}

/// How an operation ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Exit code.
    pub code: ExitCode,
    /// The report: SPEC §10 for installations; see `sync` and `recover` for theirs.
    pub report: Value,
}

impl Outcome {
    /// The outcome of an operation with a full report.
    pub fn of(report: &Report, lang: Lang) -> Self {
        Self::new(report.codigo, serde_json::to_value(report).unwrap_or(Value::Null), lang)
    }

    /// An outcome with any report. What it quotes from others cannot pretend to be more, and its lists are as long as a
    /// person reads.
    pub fn new(code: ExitCode, mut report: Value, lang: Lang) -> Self {
        for (key, value) in report.as_object_mut().into_iter().flatten() {
            match value {
                // Others look for the files.
                _ if PATHS.contains(&key.as_str()) => {}
                // Programs read it, and its own escapes stand in it.
                _ if key == METRICS => {}
                // A value comes back as it was saved.
                _ if key == SETTINGS => {}
                Value::Array(lines) if lines.iter().all(Value::is_string) => {
                    let lines = lines.drain(..).filter_map(|line| match line {
                        Value::String(line) => Some(line),
                        _ => None,
                    });
                    *value = tell_list(lines, lang).into();
                }
                other => escape_texts(other),
            }
        }
        Self { code, report }
    }

    /// The outcome of an operation that ended without a report of its own.
    pub fn failed(code: ExitCode, reason: &str) -> Self {
        Self::of_failure("", code, reason)
    }

    /// The outcome of a call that was wrong in itself: no operation began. The plugin is told as the call named it.
    pub fn of_wrong_call(slug: &str, reason: &str) -> Self {
        Self::of_failure(slug, ExitCode::ParamsOrFile, reason)
    }

    fn of_failure(slug: &str, code: ExitCode, reason: &str) -> Self {
        let mut report = Report::new(slug);
        report.finish(code);
        report.erros.push(reason.to_owned());
        // One line needs none that counts others.
        Self::of(&report, Lang::default())
    }

    /// Why the operator's log could not be written, where it could not: the host has other places to say so.
    pub fn log_fault(&self) -> Option<&str> {
        self.report.get("log_falhou").and_then(Value::as_str)
    }

    pub(super) fn internal(reason: &Phrase, lang: Lang) -> Self {
        Self::failed(ExitCode::Internal, &reason.text(lang))
    }
}

/// What stands in a report as it stands on the disk; JSON has its own escapes for it.
const PATHS: [&str; 3] = ["php_alterados", "backup", "removido"];

/// Metrics as a text of many lines.
const METRICS: &str = "openmetrics";

/// Settings of a plugin, as a form.
const SETTINGS: &str = "configuracao";

/// What a script wrote: several lines.
const OUTPUT: &str = "saida";

fn escape_texts(value: &mut Value) {
    match value {
        Value::String(text) => *text = escape(text).into_owned(),
        Value::Array(items) => items.iter_mut().for_each(escape_texts),
        Value::Object(entries) => {
            for (key, value) in entries {
                match value {
                    Value::String(text) if key == OUTPUT => *text = escape_lines(text),
                    other => escape_texts(other),
                }
            }
        }
        _ => {}
    }
}

/// Why an operation did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A callback of a running operation called again.
    #[error("an operation is already running in this thread: a callback must not start another one")]
    Nested,
    /// The system gave no thread.
    #[error(
        "the operation's thread could not be started ({0}): the account or the machine has too many processes; end some or raise the limit (ulimit -u, pids.max)"
    )]
    Thread(#[source] std::io::Error),
}

impl StartError {
    /// The code that the call ends with.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Nested => ExitCode::ParamsOrFile,
            Self::Thread(_) => ExitCode::Move,
        }
    }
}

thread_local! {
    /// The process whose operation runs on this thread; 0 for none. A child copies it, and has none.
    static BUSY: Cell<u32> = const { Cell::new(0) };
}

/// A running operation, held by the calling thread.
#[derive(Debug)]
pub struct Operation {
    events: Option<Receiver<Event>>,
    answers: Option<SyncSender<Answer>>,
    gone: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// What waits for an answer.
    asked: Asked,
    /// The process that has the thread.
    process: u32,
    /// What the call speaks.
    lang: Lang,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Nothing,
    Progress,
    Migrations,
}

/// The thread that called, as the operation sees it.
#[derive(Debug)]
pub(super) struct Caller {
    events: SyncSender<Event>,
    answers: Receiver<Answer>,
    /// The caller wants progress events.
    pub(super) wants_progress: bool,
    /// Which operation it called, and in whose name.
    about: Called,
    /// Set when the caller's end is dropped.
    gone: Arc<AtomicBool>,
    /// What of it is recorded beside its end.
    gathered: RefCell<Gathered>,
}

/// What was called, and in whose name.
#[derive(Debug, Clone, Default)]
pub(super) struct Called {
    /// The catalogue's word.
    pub(super) word: &'static str,
    /// Who asks.
    pub(super) actor: Option<String>,
}

/// The caller is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gone;

impl Caller {
    /// Sends an event and waits for its answer.
    pub(super) fn ask(&self, event: Event) -> Result<Answer, Gone> {
        self.events.send(event).map_err(|_| Gone)?;
        self.answers.recv().map_err(|_| Gone)
    }

    /// What it called.
    pub(super) fn about(&self) -> &Called {
        &self.about
    }

    /// Something of it is recorded when it ends.
    pub(super) fn gather(&self, record: Record) {
        // One call does few things: they are written with its end, however many they are.
        let _ = self.gathered.borrow_mut().add(record);
    }

    /// All that was gathered.
    pub(super) fn take_gathered(&self) -> Vec<Record> {
        self.gathered.borrow_mut().take()
    }

    /// Whether the caller has gone away. Work that asks nothing looks here from time to time.
    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }
}

impl Operation {
    /// Starts work on a thread of its own.
    pub(super) fn run(
        wants_progress: bool,
        lang: Lang,
        about: Called,
        work: impl FnOnce(&Caller) -> Outcome + Send + 'static,
    ) -> Result<Self, StartError> {
        let process = std::process::id();
        if BUSY.get() == process {
            return Err(StartError::Nested);
        }
        let (events_in, events_out) = sync_channel(0);
        let (answers_in, answers_out) = sync_channel(1);
        let gone = Arc::new(AtomicBool::new(false));
        let caller = Caller {
            events: events_in,
            answers: answers_out,
            wants_progress,
            about,
            gone: Arc::clone(&gone),
            gathered: RefCell::default(),
        };
        let thread = with_signals_blocked(|| {
            std::thread::Builder::new()
                .name("gestor-plugins".to_owned())
                .spawn(move || {
                    let outcome = panic::caught(|| work(&caller)).unwrap_or_else(|text| Outcome::internal(&text, lang));
                    // The caller may be gone; then nobody wants to know.
                    let _ = caller.events.send(Event::Done(Box::new(outcome)));
                })
        })
        .map_err(StartError::Thread)?;
        BUSY.set(process);
        Ok(Self {
            events: Some(events_out),
            answers: Some(answers_in),
            gone,
            thread: Some(thread),
            asked: Asked::Nothing,
            process,
            lang,
        })
    }

    /// Whether this is the copy that a forked child has.
    fn is_copy(&self) -> bool {
        self.process != std::process::id()
    }

    /// The next event; waits for it.
    pub fn next_event(&mut self) -> Event {
        if self.is_copy() {
            let told = phrases::FORKED.text(self.lang);
            return Event::Done(Box::new(Outcome::failed(ExitCode::Cancelled, &told)));
        }
        let lost = || Event::Done(Box::new(Outcome::internal(&phrases::NO_WORD, self.lang)));
        let event = self.events.as_ref().and_then(|events| events.recv().ok());
        let event = event.unwrap_or_else(lost);
        self.asked = match event {
            Event::Progress(_) => Asked::Progress,
            Event::Migrate(_) => Asked::Migrations,
            Event::Done(_) => Asked::Nothing,
        };
        event
    }

    /// Answers the last event.
    pub fn answer(&mut self, answer: Answer) {
        self.asked = Asked::Nothing;
        if let Some(answers) = self.answers.as_ref().filter(|_| !self.is_copy()) {
            let _ = answers.try_send(answer);
        }
    }

    /// Ends it for a caller that cannot go on, and says how it ended: cancelled, failed because of migrations that were
    /// running, or done where it had committed.
    pub fn abandon(&mut self) -> Outcome {
        self.gone.store(true, Ordering::Relaxed);
        loop {
            match self.asked {
                Asked::Nothing => {}
                Asked::Progress => self.answer(Answer::Cancel),
                Asked::Migrations => self.answer(Answer::MigrationFailed(phrases::SCRIPT_ENDED, Vec::new())),
            }
            if let Event::Done(outcome) = self.next_event() {
                return *outcome;
            }
        }
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if self.is_copy() {
            // What the thread held when it was copied, a mutex perhaps, is held for ever.
            std::mem::forget((self.events.take(), self.answers.take(), self.thread.take()));
            std::mem::forget(Arc::clone(&self.gone));
            return;
        }
        self.gone.store(true, Ordering::Relaxed);
        self.events = None;
        self.answers = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        BUSY.set(0);
    }
}

/// Threads inherit the mask of their maker: signals stay with the threads of the host program.
fn with_signals_blocked<T>(make: impl FnOnce() -> T) -> T {
    let mut earlier = SigSet::empty();
    let blocked = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::all()), Some(&mut earlier)).is_ok();
    let result = make();
    if blocked {
        let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&earlier), None);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Step;

    fn progress(done: u64) -> Event {
        Event::Progress(Progress {
            step: Step::Plan,
            done,
            of: 2,
            unit: "",
        })
    }

    fn ok() -> Outcome {
        Outcome {
            code: ExitCode::Ok,
            report: Value::Null,
        }
    }

    #[test]
    fn events_are_answered_one_by_one() {
        let mut operation = Operation::run(true, Lang::En, Called::default(), |caller| {
            assert!(matches!(caller.ask(progress(1)), Ok(Answer::Continue)));
            assert!(matches!(caller.ask(progress(2)), Ok(Answer::Cancel)));
            ok()
        })
        .unwrap();
        assert!(matches!(
            operation.next_event(),
            Event::Progress(Progress { done: 1, .. })
        ));
        operation.answer(Answer::Continue);
        assert!(matches!(
            operation.next_event(),
            Event::Progress(Progress { done: 2, .. })
        ));
        operation.answer(Answer::Cancel);
        assert!(matches!(operation.next_event(), Event::Done(outcome) if outcome.code == ExitCode::Ok));
    }

    #[test]
    fn a_caller_that_leaves_is_noticed_and_waited_for() {
        let undone = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&undone);
        let mut operation = Operation::run(true, Lang::En, Called::default(), move |caller| {
            let _ = caller.ask(progress(1));
            undone.store(true, Ordering::SeqCst);
            ok()
        })
        .unwrap();
        assert!(matches!(operation.next_event(), Event::Progress(_)));
        drop(operation);
        assert!(seen.load(Ordering::SeqCst));
    }

    #[test]
    fn a_nested_call_is_refused_and_a_later_one_is_not() {
        let first = Operation::run(false, Lang::En, Called::default(), |_| ok()).unwrap();
        assert!(matches!(
            Operation::run(false, Lang::En, Called::default(), |_| ok()),
            Err(StartError::Nested)
        ));
        drop(first);
        assert!(Operation::run(false, Lang::En, Called::default(), |_| ok()).is_ok());
    }

    #[test]
    fn a_panic_becomes_the_internal_code() {
        let mut operation = Operation::run(false, Lang::En, Called::default(), |_| panic!("broken")).unwrap();
        let Event::Done(outcome) = operation.next_event() else {
            panic!("no end")
        };
        assert_eq!(outcome.code, ExitCode::Internal);
        assert!(outcome.report.to_string().contains("broken"));
    }
}

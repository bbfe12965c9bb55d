//! The talk with a running operation: takes its events on PHP's thread and answers each with what the callbacks say
//! (SPEC §3, "Threads"). No lock of ours is held while PHP runs.

use ext_php_rs::boxed::ZBox;
use ext_php_rs::types::{ZendObject, Zval};
use ext_php_rs::zend::{BailoutGuard, ExecutorGlobals, ce};

use super::engine::TimeLimitLifted;
use super::{convert, messages};
use gestor_plugins::log::Progress;
use gestor_plugins::migrate::{MigrateError, MigrationCall, read_result};
use gestor_plugins::model::{Lang, Phrase};
use gestor_plugins::ops::{Answer, Event, NO_CALLABLE, Operation, Outcome};

/// What a call brings to the talk.
#[derive(Default)]
pub(super) struct Callbacks<'call> {
    /// `$progress`.
    pub(super) progress: Option<&'call Zval>,
    /// `migracoes`.
    pub(super) migrations: Option<&'call Zval>,
    /// Language of progress messages.
    pub(super) lang: Lang,
}

/// How a talk ended: the operation's outcome, and what a callback threw on the way.
pub(super) struct Ended {
    /// The operation's.
    pub(super) outcome: Outcome,
    /// To be thrown again.
    pub(super) thrown: Option<ZBox<ZendObject>>,
}

/// An operation that is being served. One that is not served to its end (a callback that never returned) is ended here,
/// and its report kept: PHP's shutdown functions may want it.
struct Served {
    operation: Operation,
    is_over: bool,
}

impl Drop for Served {
    fn drop(&mut self) {
        if !self.is_over {
            super::last_report::keep(self.operation.abandon());
        }
    }
}

/// Serves an operation to its end. Should a callback never return (fatal error, time limit), the guard drops the
/// operation, which undoes its work before PHP goes on dying.
pub(super) fn serve(operation: Operation, callbacks: &Callbacks<'_>) -> Ended {
    let mut served = BailoutGuard::new(Served {
        operation,
        is_over: false,
    });
    let mut thrown = None;
    loop {
        let event = {
            let _lifted = TimeLimitLifted::new();
            served.operation.next_event()
        };
        let answer = match event {
            Event::Progress(_) if thrown.is_some() => Answer::Cancel,
            Event::Progress(progress) => tell(&progress, callbacks, &mut thrown),
            Event::Migrate(call) => migrate(&call, callbacks.migrations, &mut thrown),
            Event::Done(outcome) => {
                served.is_over = true;
                let outcome = *outcome;
                return Ended { outcome, thrown };
            }
        };
        served.operation.answer(answer);
    }
}

fn tell(progress: &Progress, callbacks: &Callbacks<'_>, thrown: &mut Option<ZBox<ZendObject>>) -> Answer {
    let Some(callback) = callbacks.progress else {
        return Answer::Continue;
    };
    match call(callback, &convert::value(&progress.to_value(callbacks.lang))) {
        Ok(said) if said.is_false() => Answer::Cancel,
        Ok(_) => Answer::Continue,
        Err(exception) => {
            *thrown = exception;
            Answer::Cancel
        }
    }
}

fn migrate(wanted: &MigrationCall, callback: Option<&Zval>, thrown: &mut Option<ZBox<ZendObject>>) -> Answer {
    let Some(callback) = callback else {
        return Answer::MigrationFailed(NO_CALLABLE, Vec::new());
    };
    let said = match call(callback, &request(wanted)) {
        Ok(said) => convert::argument(&said, "migracoes", 8).map_err(|fault| Phrase::of(&fault)),
        Err(Some(exception)) => {
            let why = describe(&exception);
            if !is_throwable(&exception) {
                *thrown = Some(exception);
            }
            Err(why)
        }
        Err(None) => Err(messages::NOT_CALLED),
    };
    match said.map(|said| read_result(&said)) {
        Ok(Ok(done)) => Answer::Migrated(done),
        Ok(Err(MigrateError::Failed { reason, applied })) => Answer::MigrationFailed(reason, applied),
        Ok(Err(other)) => Answer::MigrationFailed(Phrase::of(&other), Vec::new()),
        Err(reason) => Answer::MigrationFailed(reason, Vec::new()),
    }
}

/// The array that the callable gets; the folder's path keeps its bytes.
fn request(wanted: &MigrationCall) -> Zval {
    use std::os::unix::ffi::OsStrExt;

    let mut array = convert::value(&wanted.to_value());
    if let Some(table) = array.array_mut() {
        // Fails only for values that cannot become a zval; ours is one.
        let _ = table.insert("pasta", convert::text(wanted.pasta.as_os_str().as_bytes()));
    }
    array
}

/// Calls back. What was thrown is taken out of the engine, so that it can be called again before the end.
fn call(callback: &Zval, argument: &Zval) -> Result<Zval, Option<ZBox<ZendObject>>> {
    let said = callback.try_call(vec![argument]);
    match ExecutorGlobals::take_exception() {
        Some(exception) => Err(Some(exception)),
        None => said.map_err(|_| None),
    }
}

/// `exit()` travels as an object that is no `Throwable`.
fn is_throwable(object: &ZendObject) -> bool {
    object.instance_of(ce::throwable())
}

fn describe(exception: &ZendObject) -> Phrase {
    if !is_throwable(exception) {
        return messages::SCRIPT_ENDED;
    }
    let class = exception.get_class_name().unwrap_or_default();
    let message = exception.try_call_method("getMessage", Vec::new()).ok();
    let message = message.and_then(|text| text.string()).unwrap_or_default();
    Phrase::of_others(format!("{class}: {message}"))
}

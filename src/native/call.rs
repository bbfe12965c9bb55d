//! One operation of the catalogue, from its parameters to its end.

use crate::config::{Argument, Settings};
use crate::log::Progress;
use crate::migrate::MigrationCall;
use crate::model::{Bilingual, Lang};
use crate::ops::{Answer, Call, Definition, Event, NOT_BEGUN, Outcome};

/// Answers what an operation asks while it goes on.
pub(super) trait Partner {
    /// Whether it hears how far the operation is.
    const HEARS_PROGRESS: bool;

    /// How far it is: go on, or stop.
    fn progress(&mut self, _so_far: &Progress) -> Answer {
        Answer::Continue
    }

    /// Migrations are to be run.
    fn migrate(&mut self, _wanted: &MigrationCall) -> Answer {
        Answer::MigrationFailed(NOT_BEGUN, Vec::new())
    }
}

/// Nobody watches, and nobody runs migrations.
pub(super) struct Nobody;

impl Partner for Nobody {
    const HEARS_PROGRESS: bool = false;
}

/// Calls an operation. A call that is wrong in itself is told as one, of `plugin`.
pub(super) fn call<P: Partner>(
    (definition, parameters): (&Definition, Argument),
    (lang, plugin): (Lang, &str),
    settings: Settings,
    partner: &mut P,
) -> Outcome {
    let call = match Call::read(definition, parameters, &settings) {
        Ok(call) => call,
        Err(fault) => return Outcome::of_wrong_call(plugin, &fault.text(lang)),
    };
    let mut operation = match call.start(settings, P::HEARS_PROGRESS) {
        Ok(operation) => operation,
        Err(fault) => return Outcome::failed(fault.exit_code(), &fault.text(lang)),
    };
    loop {
        let answer = match operation.next_event() {
            Event::Done(outcome) => return *outcome,
            Event::Progress(so_far) => partner.progress(&so_far),
            Event::Migrate(wanted) => partner.migrate(&wanted),
        };
        operation.answer(answer);
    }
}

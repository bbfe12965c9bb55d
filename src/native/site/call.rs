//! One operation, from its parameters to its end: shows how far it is, ends it where that is asked for, and has PHP run
//! migrations.

use super::migrations::Migrations;
use super::progress::Bar;
use crate::config::{Argument, Settings};
use crate::model::{Bilingual, Lang};
use crate::native::signals::Signals;
use crate::ops::{Answer, Call, Definition, Event, Outcome};

/// What takes part in an operation besides the library.
pub(super) struct Parts<'a> {
    /// Shows how far it is.
    pub(super) bar: Bar,
    /// Whether somebody wants it to end.
    pub(super) signals: &'a Signals,
    /// Runs migrations.
    pub(super) migrations: Migrations,
}

/// Calls an operation. A call that is wrong in itself is told as one.
pub(super) fn call(
    definition: &Definition,
    parameters: Argument,
    (settings, lang): (Settings, Lang),
    parts: &mut Parts<'_>,
) -> Outcome {
    let plugin = parameters.told("slug").unwrap_or_default();
    let call = match Call::read(definition, parameters, &settings) {
        Ok(call) => call,
        Err(fault) => return Outcome::of_wrong_call(&plugin, &fault.text(lang)),
    };
    let mut operation = match call.start(settings, true) {
        Ok(operation) => operation,
        Err(fault) => return Outcome::failed(fault.exit_code(), &fault.text(lang)),
    };
    let outcome = loop {
        match operation.next_event() {
            Event::Done(outcome) => break *outcome,
            Event::Progress(progress) => {
                parts.bar.show(&progress.to_value(lang));
                let is_ended = parts.signals.count() > 0;
                operation.answer(if is_ended { Answer::Cancel } else { Answer::Continue });
            }
            Event::Migrate(wanted) => operation.answer(parts.migrations.run(&wanted, parts.signals)),
        }
    };
    parts.bar.clear();
    outcome
}

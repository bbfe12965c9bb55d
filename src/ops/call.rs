//! A call of an operation of the catalogue, from its parameters to its end.

use serde_json::Value;

use super::caller::{Called, Caller, Operation, Outcome, StartError};
use super::definition::{Definition, Request};
use super::{audited, confine};
use crate::base::clock::{Clock, SystemClock};
use crate::base::failpoint;
use crate::config::parameter::ACTOR;
use crate::config::{Argument, CallError, Settings};
use crate::model::{Bilingual as _, Lang};
use crate::stage;

/// An operation that is wanted, with its parameters.
#[derive(Debug)]
pub struct Call {
    about: Called,
    request: Box<dyn Request>,
}

impl Call {
    /// Reads the parameters.
    pub fn read(definition: &Definition, parameters: Argument, settings: &Settings) -> Result<Self, CallError> {
        let about = Called {
            word: definition.word,
            actor: parameters.told(ACTOR.name).filter(|_| definition.does_take(&ACTOR)),
        };
        let request = (definition.read)(parameters, settings)?;
        Ok(Self { about, request })
    }

    /// The language of everything that it tells.
    pub fn lang(&self) -> Lang {
        self.request.site().lang
    }

    /// Starts the operation on a thread of its own.
    pub fn start(self, settings: Settings, wants_progress: bool) -> Result<Operation, StartError> {
        self.start_by(SystemClock, settings, wants_progress)
    }

    /// The same with a clock of the caller's.
    pub fn start_by(
        self,
        clock: impl Clock + 'static,
        settings: Settings,
        wants_progress: bool,
    ) -> Result<Operation, StartError> {
        let lang = self.lang();
        Operation::run(wants_progress, lang, self.about, move |caller| {
            carry_out(self.request, &settings, (caller, &clock))
        })
    }
}

/// Carries a call out, to its end.
fn carry_out(mut request: Box<dyn Request>, settings: &Settings, (caller, clock): (&Caller, &dyn Clock)) -> Outcome {
    failpoint::arm(settings.failpoint.as_deref());
    if let Err(fault) = confine::check(&*request, settings) {
        return confine::refused(&*request, &fault);
    }
    let root = stage::settle(&request.site().root);
    request.settle_root(root.clone());
    if let Err(fault) = confine::check_settled(&root, &settings.reach) {
        return confine::refused(&*request, &fault);
    }
    let mut outcome = audited::carry_out(&*request, settings, caller, clock);
    tell_faults(&mut outcome.report, settings, request.site().lang);
    outcome
}

/// What of the settings does not count is told by every operation, once.
fn tell_faults(report: &mut Value, settings: &Settings, lang: Lang) {
    let Some(Value::Array(warnings)) = report.get_mut("avisos") else {
        return;
    };
    let is_told = |name: &str| {
        let mut told = warnings.iter().filter_map(Value::as_str);
        told.any(|text| text.contains(name))
    };
    let untold = settings.faults.iter().filter(|fault| !is_told(&fault.name));
    let untold: Vec<Value> = untold.map(|fault| fault.text(lang).into()).collect();
    warnings.extend(untold);
}

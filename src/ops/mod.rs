//! Operations: what comes next, what to undo, which status. Each file reads like the steps of SPEC §5; the rooms do
//! the work.

mod chronicle;
mod confine;
mod conversation;
mod error;
mod exit_code;
mod inquiry;
mod install;
mod known;
mod mark;
mod messages;
mod phrases;
mod policy;
mod recover;
mod report;
mod reporter;
mod rows;
mod sync;

pub use conversation::{Answer, Call, Event, Operation, Outcome, StartError};
pub use error::Error;
pub use inquiry::{NotADataFile, data_table, file_checksum, resource_checksum};
#[cfg(test)]
pub(crate) use mark::Refusal as MarkRefusal;
pub use phrases::{NO_CALLABLE, NOT_BEGUN, RAN_NONE, SERVING_FAILED};
pub use policy::{Contradiction, VersionRefusal};

use crate::base::clock::SystemClock;
use crate::base::failpoint;
use crate::config::Settings;
use crate::stage;

/// Runs a call to its end on the operation's own thread.
fn dispatch(call: &Call, settings: &Settings, caller: &conversation::Caller) -> Outcome {
    failpoint::arm(settings.failpoint.as_deref());
    if let Err(fault) = confine::check(call, &settings.reach) {
        return confine::refused(call, &fault);
    }
    let mut call = call.clone();
    let root = call.root_mut();
    *root = stage::settle(root);
    if let Err(fault) = confine::check_settled(root, &settings.reach) {
        return confine::refused(&call, &fault);
    }
    match &call {
        Call::Install(call) => install::install(call, settings, caller, &SystemClock),
        Call::Sync(call) => sync::sync(call, settings, caller, &SystemClock),
        Call::Recover(call) => recover::recover(call, caller, &SystemClock),
        Call::Mark(call) => mark::mark(call, caller, &SystemClock),
    }
}

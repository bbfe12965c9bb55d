//! Operations: what comes next, what to undo, which status. Each file reads like the steps of SPEC §5; the rooms do
//! the work.

mod chronicle;
mod confine;
mod conflicts;
mod conversation;
mod departing;
mod diff;
mod error;
mod exit_code;
mod history;
mod inquiry;
mod install;
mod known;
mod list;
mod look;
mod mark;
mod messages;
mod passage;
mod phrases;
mod policy;
mod purge;
mod recover;
mod refusal;
mod report;
mod reporter;
mod resolve;
mod restore;
mod returning;
mod sharing;
mod sync;
mod uninstall;
mod update_all;
mod verify;

pub use conversation::{Answer, Call, Event, Operation, Outcome, StartError};
pub use error::Error;
pub use inquiry::{NotADataFile, data_table, file_checksum, resource_checksum};
#[cfg(test)]
pub(crate) use mark::Refusal as MarkRefusal;
pub use phrases::{NO_CALLABLE, NOT_BEGUN, RAN_NONE, SERVING_FAILED};
pub use policy::{Contradiction, VersionRefusal};
pub use refusal::{PluginRefusal, RemovalRefusal};

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
    let root = root.clone();
    if let Call::UpdateAll(call) = &mut call {
        call.settle_root(root.clone());
    }
    let root = &root;
    if let Err(fault) = confine::check_settled(root, &settings.reach) {
        return confine::refused(&call, &fault);
    }
    match &call {
        Call::Install(call) => install::install(call, settings, caller, &SystemClock),
        Call::Rollback(call) => install::rollback(call, settings, caller, &SystemClock),
        Call::Sync(call) => sync::sync(call, settings, caller, &SystemClock),
        Call::Recover(call) => recover::recover(call, settings, caller, &SystemClock),
        Call::Mark(call) => mark::mark(call, caller, &SystemClock),
        Call::List(call) => list::list(call, caller, &SystemClock),
        Call::History(call) => history::history(call, caller, &SystemClock),
        Call::Conflicts(call) => conflicts::conflicts(call, settings, caller, &SystemClock),
        Call::Resolve(call) => resolve::resolve(call, settings, caller, &SystemClock),
        Call::Uninstall(call) => uninstall::uninstall(call, settings, caller, &SystemClock),
        Call::Restore(call) => restore::restore(call, settings, caller, &SystemClock),
        Call::Verify(call) => verify::verify(call, settings, caller, &SystemClock),
        Call::UpdateAll(call) => update_all::update_all(call, settings, caller, &SystemClock),
        Call::Diff(call) => diff::diff(call, settings, caller, &SystemClock),
    }
}

//! Operations: what comes next, what to undo, which status. Each file reads like the steps of SPEC §5; the rooms do
//! the work.

mod conversation;
mod inquiry;
mod policy;
mod reporter;

pub use conversation::{Answer, Call, Event, Operation, Outcome, StartError};
pub use inquiry::{NotADataFile, data_table, file_checksum, resource_checksum};

use crate::config::Settings;
use crate::outcome::{ExitCode, Report};

/// Runs a call to its end on the operation's own thread.
fn dispatch(call: &Call, _settings: &Settings, _caller: &conversation::Caller) -> Outcome {
    let slug = match call {
        Call::Install(parameters) => parameters.slug.as_str(),
        Call::Sync(parameters) => parameters.slug.as_str(),
        Call::Mark(parameters) => parameters.slug.as_str(),
        Call::Recover(parameters) => parameters.slug.as_deref().unwrap_or_default(),
    };
    let mut report = Report::new(slug);
    report.finish(ExitCode::Internal);
    Outcome::of(&report)
}

//! Operations: what comes next, what to undo, which status. Each file reads like the steps of SPEC §5; the rooms do
//! the work. `catalogue` lists them, `definition` says what an operation is, `call` carries one out.

mod account;
mod call;
mod caller;
mod cancel;
pub mod catalogue;
mod confine;
mod conflicts;
mod definition;
mod departing;
mod dependency_refusal;
mod diff;
mod error;
mod exit_code;
mod failure_history;
mod history;
mod install;
mod known;
mod list;
mod look;
mod made;
mod mark;
mod messages;
mod needs;
mod passage;
mod phrases;
mod policy;
mod prune;
mod purge;
mod queries;
mod recover;
mod refusal;
mod refusal_messages;
mod report;
mod reporter;
mod resolve;
mod restore;
mod returning;
mod running;
mod sharing;
mod sync;
mod uninstall;
mod update_all;
mod verify;

pub use call::Call;
pub use caller::{Answer, Event, Operation, Outcome, StartError};
pub use catalogue::CATALOGUE;
pub use definition::{CommandOption, Definition, Gives};
pub use dependency_refusal::DependencyRefusal;
pub use error::Error;
#[cfg(test)]
pub(crate) use mark::Refusal as MarkRefusal;
pub use phrases::{NO_CALLABLE, NOT_BEGUN, RAN_NONE, SERVING_FAILED};
pub use policy::{Contradiction, VersionRefusal};
pub use queries::{NotADataFile, data_table, file_checksum, resource_checksum};
pub use refusal::{PluginRefusal, RemovalRefusal};

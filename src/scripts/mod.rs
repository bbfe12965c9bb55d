//! Scripts that a plugin wants run once it is installed (SPEC 2 §8): what is left of them, in which words PHP is called, what
//! became of one. Each runs in a process of its own with nothing of ours; whether and when stands with the operation.
//! `pending` and `script` decide, `php` finds the program and `run` runs one: they alone start processes.

mod error;
mod messages;
mod pending;
mod php;
mod run;
mod script;

pub use error::{PhpFault, ScriptError, ScriptFault};
pub use messages::{again, ended, left_over, not_run, still_left, struck_out, wait};
pub use pending::{PendingScript, PendingScripts, Situation, read, replace};
pub use php::Php;
pub use run::{Ran, run};
pub use script::{OUTPUT, Told, budgeted};

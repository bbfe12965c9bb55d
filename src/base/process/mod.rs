//! A program that runs beside ours: with nothing of ours but what it is given, for so long and no longer, and with nobody of
//! its own left behind. Knows nothing of plugins.
//!
//! Between the program and us stands a process without a program of its own, the *supervisor* (`supervisor`): it becomes
//! the parent of everything that the program leaves (Linux's sub-reaper), and ends all of that when the program ends, when
//! we say so, or when we are gone. `running` starts both and speaks with it, `timed` waits and watches the time, `captured`
//! keeps what was written, `account` is the user that it runs as.

mod account;
mod captured;
mod running;
mod supervisor;
#[cfg(test)]
mod tests;
mod timed;

pub use account::Account;
pub use captured::Captured;
pub use running::Program;
pub use timed::{Ended, Ending, Stop, converse, run};

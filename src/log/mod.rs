//! What is told to people while an operation runs: progress for the caller, lines for the operator's log.

mod escape;
mod event;
mod fetching;
mod file;
mod format;
mod redact;
mod reporter;
mod told;

pub use escape::escape;
pub use event::{Level, Message, PathNotice, Progress, Step, Tag};
pub use fetching::Fetching;
pub use file::LogFile;
pub use format::{step_text, text};
pub use redact::redact;
pub use reporter::{Cancelled, Reporter, Silent};
pub use told::{TOLD_BYTES, tell_list, within_line};

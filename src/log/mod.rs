//! What is told to people while an operation runs: progress for the caller, lines for the operator's log.

mod escape;
mod event;
mod fetching;
mod file;
mod format;
mod path_notice;
mod reporter;
mod step;
mod told;

pub use escape::{escape, escape_lines};
pub use event::{Level, Message, Tag};
pub use fetching::Fetching;
pub use file::LogFile;
pub use format::{step_text, text};
pub use path_notice::PathNotice;
pub use reporter::{Audited, Reporter, Silent};
pub use step::{Progress, Step};
pub use told::{TOLD_BYTES, tell_list, within_line};

pub use crate::base::progress::Cancelled;
pub use crate::base::redact::redact;

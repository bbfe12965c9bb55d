//! The way out for progress and messages. Rooms know this trait only; who listens is decided above.

use super::{Message, Progress};

/// The caller wants the operation to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled by the caller")]
pub struct Cancelled;

/// Takes what an operation has to say. Called from the operation's own thread.
pub trait Reporter {
    /// Tells how far a step is; `Err` when the caller wants to stop. Throttling is the reporter's business.
    fn progress(&self, progress: Progress) -> Result<(), Cancelled>;

    /// Writes a line to the operator's log.
    fn message(&self, message: Message);
}

/// Says nothing to anybody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Reporter for Silent {
    fn progress(&self, _progress: Progress) -> Result<(), Cancelled> {
        Ok(())
    }

    fn message(&self, _message: Message) {}
}

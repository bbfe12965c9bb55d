//! The way out for progress and messages. Rooms know this trait only; who listens is decided above.

use super::{Fetching, Message, Progress, Step};
use crate::base::progress::{Cancelled, Retry, Watcher};

/// Something of an operation that is recorded by itself: the use of a credential, a root that was believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// What was done, as the audit log names it.
    pub action: &'static str,
    /// With what.
    pub resource: String,
    /// What else there is to say.
    pub about: Vec<(&'static str, String)>,
}

/// Takes what an operation has to say. Called from the operation's own thread.
pub trait Reporter: Watcher {
    /// Tells how far a step is; `Err` when the caller wants to stop. Throttling is the reporter's business.
    fn progress(&self, progress: Progress) -> Result<(), Cancelled>;

    /// Writes a line to the operator's log.
    fn message(&self, message: Message);

    /// Takes what is recorded beside the operation itself; only who keeps records does.
    fn audit(&self, _audited: Audited) {}
}

/// Whoever takes progress watches downloads.
impl<R: Reporter + ?Sized> Watcher for R {
    fn received(&self, bytes: u64, of: u64) -> Result<(), Cancelled> {
        self.progress(Progress {
            step: Step::Fetch,
            done: bytes,
            of,
            unit: "bytes",
        })
    }

    fn retried(&self, retry: Retry) {
        let told = Fetching::DownloadRetried {
            reason: retry.reason,
            attempt: retry.attempt,
            attempts: retry.attempts,
            milliseconds: u64::try_from(retry.wait.as_millis()).unwrap_or(u64::MAX),
        };
        self.message(told.into());
    }
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

//! Who watches work that takes long, and may stop it. Values only; what is told to people of it is decided above.

use std::time::Duration;

use crate::model::Phrase;

/// The caller wants the operation to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled by the caller")]
pub struct Cancelled;

/// An attempt of a download failed; there will be another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// Why, already worded.
    pub reason: Phrase,
    /// Number of the next attempt, from 1.
    pub attempt: u32,
    /// How many there are at most.
    pub attempts: u32,
    /// How long until then.
    pub wait: Duration,
}

/// Watches a download. Called from the thread that waits for it.
pub trait Watcher {
    /// So many bytes came, of so many; 0 when that is not known. `Err` when the caller wants to stop.
    fn received(&self, bytes: u64, of: u64) -> Result<(), Cancelled>;

    /// An attempt failed.
    fn retried(&self, retry: Retry);
}

//! Waiting and chance as arguments, so that tests of retries take no time and have no luck.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// How retries wait.
pub trait Pacing: Send + Sync {
    /// Waits. Called with short slices, between which the caller of the operation may cancel.
    fn pause(&self, length: Duration);

    /// A number from 0 to 1, by which waiting times are spread.
    fn chance(&self) -> f64;
}

/// Really waits, really random.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemPacing;

impl Pacing for SystemPacing {
    fn pause(&self, length: Duration) {
        std::thread::sleep(length);
    }

    fn chance(&self) -> f64 {
        // The standard library seeds each of these differently; enough to keep clients from retrying in step.
        let bits = u32::try_from(RandomState::new().hash_one(0u8) >> 32).unwrap_or_default();
        f64::from(bits) / f64::from(u32::MAX)
    }
}

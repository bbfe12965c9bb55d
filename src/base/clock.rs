//! The time of day as an argument. The only place that reads the system's clock.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};

/// Something that knows what time it is.
pub trait Clock: Send + Sync {
    /// Now, with the offset of the machine's time zone.
    fn now(&self) -> DateTime<FixedOffset>;

    /// Lets so much of it go by.
    fn pause(&self, length: Duration) {
        std::thread::sleep(length);
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one implementation that everything else takes"
    )]
    fn now(&self) -> DateTime<FixedOffset> {
        chrono::Local::now().fixed_offset()
    }
}

//! Signals that ask for an end: they are counted, and whoever works looks at the count when it can stop. Nothing runs in a
//! handler.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::sys::signal::{SigSet, Signal};

use crate::base::fs::{open_named, read_all};

/// Those that ask for an end.
const ENDS: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];
/// Bytes of what the system says of a process.
const MOST: u64 = 64 << 10;

/// How often an end was asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Signals(Arc<AtomicU32>);

impl Signals {
    /// Begins to count. Must come before any other thread is made: they inherit what is blocked.
    pub(super) fn watch() -> Self {
        let watched = Self::default();
        let ignored = ignored();
        let mut ends = SigSet::empty();
        // Who started us with `nohup`, or in the background of a script, wants them ignored.
        ENDS.into_iter()
            .filter(|signal| ignored & (1 << (*signal as i32 - 1)) == 0)
            .for_each(|signal| ends.add(signal));
        if ends.iter().next().is_none() || ends.thread_block().is_err() {
            return watched;
        }
        let count = Arc::clone(&watched.0);
        let started = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            while ends.wait().is_ok() {
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        if started.is_err() {
            // Then they end the process at once, and the next call recovers.
            let _ = ends.thread_unblock();
        }
        watched
    }

    /// How often an end was asked for.
    pub(super) fn count(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The signals that are ignored, a bit each.
fn ignored() -> u64 {
    let path = Path::new("/proc/self/status");
    let read = open_named(path, MOST).and_then(|file| read_all(file, path, MOST));
    read.map_or(0, |bytes| ignored_in(&String::from_utf8_lossy(&bytes)))
}

fn ignored_in(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_is_read() {
        assert_eq!(ignored_in("SigBlk:\t0\nSigIgn:\t0000000000001001\n"), 0x1001);
        assert_eq!(ignored_in(""), 0);
    }
}

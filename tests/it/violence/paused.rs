//! Processes that stand still in the middle of an operation until they are told to go on.

use std::process::Child;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::support::child;

/// A process that stands still; killed with its owner, so that a test that fails leaves none.
pub(super) struct Paused(Child);

/// Starts a child and returns when its fail point has stopped it.
pub(super) fn start_paused(call: &Value, point: &str) -> Paused {
    let paused = Paused(child::start(call, Some(&format!("{point}:pause"))));
    let stat = format!("/proc/{}/stat", paused.id());
    let started = Instant::now();
    while !std::fs::read_to_string(&stat).unwrap_or_default().contains(") T ") {
        assert!(started.elapsed() < Duration::from_secs(30), "it never came to {point}");
        std::thread::sleep(Duration::from_millis(2));
    }
    paused
}

impl Paused {
    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Lets it go on; its exit code.
pub(super) fn go_on(mut paused: Paused) -> Option<i32> {
    kill(Pid::from_raw(paused.id().try_into().unwrap()), Signal::SIGCONT).unwrap();
    paused.0.wait().unwrap().code()
}

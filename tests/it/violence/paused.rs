//! Processes that stand still in the middle of an operation until they are told to go on.

use std::process::Child;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::support::child;

/// Starts a child and returns when its fail point has stopped it.
pub(super) fn start_paused(call: &Value, point: &str) -> Child {
    let child = child::start(call, Some(&format!("{point}:pause")));
    let stat = format!("/proc/{}/stat", child.id());
    let started = Instant::now();
    while !std::fs::read_to_string(&stat).unwrap_or_default().contains(") T ") {
        assert!(started.elapsed() < Duration::from_secs(30), "it never came to {point}");
        std::thread::sleep(Duration::from_millis(2));
    }
    child
}

/// Lets it go on; its exit code.
pub(super) fn go_on(mut child: Child) -> Option<i32> {
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGCONT).unwrap();
    child.wait().unwrap().code()
}

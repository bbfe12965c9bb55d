//! Runs a program to its end, or to the end of its time.

use std::io::{self, Read as _, Seek as _};
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use super::running::{Running, Streams, Verdict, Waited};
use super::{Captured, Program};

/// What is asked to end has so long to do it.
const GRACE: Duration = Duration::from_secs(5);
/// What is killed has so long to be gone.
const KILLED: Duration = Duration::from_secs(10);
/// Between two looks at who waits for it.
const LOOK: Duration = Duration::from_millis(100);

/// How a program ended by itself, or by us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// With a code.
    Code(i32),
    /// By a signal.
    Signal(i32),
    /// Nobody knows: somebody else took its end.
    Unknown,
}

/// Why a program was asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Its time was over.
    Time,
    /// Nobody wanted it any more.
    Unwanted,
}

/// What became of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// How it ended.
    pub ended: Ended,
    /// Why it had to.
    pub stopped: Option<Stop>,
    /// What it wrote.
    pub output: Captured,
    /// Something that it started could not be ended.
    pub left_over: bool,
}

/// Runs it for so long at most. `is_wanted` is asked about ten times a second.
///
/// # Errors
/// It could not be started.
pub fn run(program: &Program, time: Duration, is_wanted: &mut dyn FnMut() -> bool) -> io::Result<Ending> {
    Ok(watch(Running::start(program, Streams::default())?, time, is_wanted))
}

/// The same of a program that is told something on its standard input, and answers on its standard output: so many bytes of
/// that at most. What it writes to standard error is its output. `is_wanted` is told how many bytes it has answered so far.
///
/// # Errors
/// It could not be started.
pub fn converse(
    program: &Program,
    (told, most): (&[u8], u64),
    time: Duration,
    is_wanted: &mut dyn FnMut(u64) -> bool,
) -> io::Result<(Ending, Vec<u8>)> {
    let (streams, mut answer) = Streams::conversation(told)?;
    let answered = || answer.metadata().map_or(0, |answer| answer.len());
    let ending = watch(Running::start(program, streams)?, time, &mut || is_wanted(answered()));
    let mut said = Vec::new();
    answer.rewind()?;
    answer.take(most).read_to_end(&mut said)?;
    Ok((ending, said))
}

fn watch(mut running: Running, time: Duration, is_wanted: &mut dyn FnMut() -> bool) -> Ending {
    let mut output = Captured::default();
    let (mut stopped, mut until) = (None, Instant::now() + time);
    let mut is_killed = false;
    let verdict = loop {
        let left = until.saturating_duration_since(Instant::now());
        if let Waited::Over(verdict) = running.wait(left.min(LOOK), &mut output) {
            break verdict;
        }
        let is_over = Instant::now() >= until;
        if stopped.is_none() {
            stopped = match (is_over, is_wanted()) {
                (true, _) => Some(Stop::Time),
                (false, false) => Some(Stop::Unwanted),
                (false, true) => continue,
            };
            running.terminate();
            until = Instant::now() + GRACE;
        } else if is_over && !is_killed {
            running.kill();
            (is_killed, until) = (true, Instant::now() + KILLED);
        } else if is_over {
            running.give_up();
            break None;
        }
    };
    Ending {
        ended: verdict.map_or(Ended::Unknown, ended),
        stopped,
        output,
        left_over: verdict.is_none_or(|verdict| verdict.left_over),
    }
}

fn ended(verdict: Verdict) -> Ended {
    match (verdict.status.code(), verdict.status.signal()) {
        (Some(code), _) => Ended::Code(code),
        (None, Some(signal)) => Ended::Signal(signal),
        (None, None) => Ended::Unknown,
    }
}

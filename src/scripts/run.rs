//! Runs one script: the file that was installed, and no other.

use std::time::{Duration, Instant};

use super::script::{program, shown};
use super::{PendingScript, PendingScripts, Php, ScriptFault, Told};
use crate::base::fs::open_to_read;
use crate::base::hash::sha256_reader;
use crate::base::process::{self, Ended, Ending, Stop};
use crate::model::{GestorRoot, Slug};

/// What became of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// For those who read of it.
    pub told: Told,
    /// Why it did not end well.
    pub fault: Option<ScriptFault>,
    /// Something that it started could not be ended.
    pub left_over: bool,
}

impl Ran {
    fn not_begun(script: &PendingScript, fault: ScriptFault) -> Self {
        Self {
            told: Told {
                script: script.script.clone(),
                code: None,
                milliseconds: 0,
                output: String::new(),
            },
            fault: Some(fault),
            left_over: false,
        }
    }
}

/// Runs a script for as long as it may, and no longer than `most`. `is_wanted` is asked about ten times a second.
pub fn run(
    php: &Php,
    (root, slug): (&GestorRoot, &Slug),
    (all, script): (&PendingScripts, &PendingScript),
    most: Duration,
    is_wanted: &mut dyn FnMut() -> bool,
) -> Ran {
    if let Err(fault) = check(root, slug, script) {
        return Ran::not_begun(script, fault);
    }
    let begun = Instant::now();
    let time = Duration::from_secs(script.seconds).min(most);
    let call = program(php, (root, slug), (all, script));
    let ending = match process::run(&call, time, is_wanted) {
        Ok(ending) => ending,
        Err(fault) => {
            let reason = fault.to_string();
            return Ran::not_begun(script, ScriptFault::NotStarted { reason });
        }
    };
    Ran {
        fault: fault_of(&ending, time.as_secs()),
        told: Told {
            script: script.script.clone(),
            code: code_of(ending.ended),
            milliseconds: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            output: shown(&ending.output, &php.secrets),
        },
        left_over: ending.left_over,
    }
}

/// Whether its file is the one that was installed. Neither it nor a folder above it may be a link.
fn check(root: &GestorRoot, slug: &Slug, script: &PendingScript) -> Result<(), ScriptFault> {
    let path = root.installed(slug).join(&script.script);
    let file = open_to_read(&path, u64::MAX).map_err(|fault| {
        if fault.is_absent() {
            ScriptFault::Absent
        } else {
            ScriptFault::Changed
        }
    })?;
    let (found, _) = sha256_reader(file).map_err(|_| ScriptFault::Changed)?;
    if found.to_string() == script.sha256 {
        Ok(())
    } else {
        Err(ScriptFault::Changed)
    }
}

fn fault_of(ending: &Ending, seconds: u64) -> Option<ScriptFault> {
    match (ending.stopped, ending.ended) {
        (Some(Stop::Time), _) => Some(ScriptFault::TimedOut { seconds }),
        (Some(Stop::Unwanted), _) => Some(ScriptFault::Stopped),
        (None, Ended::Code(0)) => None,
        (None, Ended::Code(code)) => Some(ScriptFault::Code { code }),
        (None, Ended::Signal(signal)) => Some(ScriptFault::Signal { signal }),
        (None, Ended::Unknown) => Some(ScriptFault::Lost),
    }
}

/// A signal is told as shells tell it.
fn code_of(ended: Ended) -> Option<i32> {
    match ended {
        Ended::Code(code) => Some(code),
        Ended::Signal(signal) => Some(128 + signal),
        Ended::Unknown => None,
    }
}

//! How an author's command ends: what is printed, and the code.

use std::io::{self, Write as _};

use clap::ArgMatches;
use serde_json::Value;

use super::{called, judged, new};
use crate::config::Settings;
use crate::model::Lang;
use crate::ops::Error;
use crate::outcome::ExitCode;

/// How a command ended.
pub(in crate::native) struct Ending {
    pub(super) code: ExitCode,
    pub(super) output: Vec<String>,
    pub(super) errors: Vec<String>,
}

impl Ending {
    /// One that prints a report alone.
    pub(super) fn of_report(code: ExitCode, report: &Value) -> Self {
        Self {
            code,
            output: vec![report.to_string()],
            errors: Vec::new(),
        }
    }

    /// One that could not begin.
    pub(super) fn refused(fault: &Error, lang: Lang) -> Self {
        Self {
            code: fault.exit_code(),
            output: Vec::new(),
            errors: fault.messages(lang),
        }
    }

    /// Prints it. Nobody is left to hear that nobody can be told.
    pub(in crate::native) fn print(self) -> ExitCode {
        let mut output = io::stdout().lock();
        for line in &self.output {
            let _ = writeln!(output, "{line}");
        }
        let _ = output.flush();
        let mut errors = io::stderr().lock();
        for line in &self.errors {
            let _ = writeln!(errors, "{line}");
        }
        self.code
    }
}

/// Carries out a command of an author; nothing where it is none.
pub(in crate::native) fn carry_out(found: &ArgMatches, settings: &Settings) -> Option<Ending> {
    let (name, found) = found.subcommand()?;
    match name {
        "new" => Some(new::new(found, settings)),
        "validate" => Some(judged::validate(found, settings)),
        "pack" => Some(judged::pack(found, settings)),
        "sign" => Some(called::sign(found, settings)),
        "keys" => called::keys(found, settings),
        "check" => Some(called::check(found, settings)),
        "index" => called::index(found, settings),
        _ => None,
    }
}

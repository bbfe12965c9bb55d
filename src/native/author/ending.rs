//! How an author's command ends: what is printed, and the code.

use std::io::{self, Write as _};

use serde_json::Value;

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

//! How a command ended, and how that is shown: what is asked for on standard output, troubles on standard error, and with
//! `--json` the report alone.

use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode as ProcessCode;

use serde_json::Value;

use crate::log::escape;
use crate::ops::Outcome;
use crate::outcome::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ending {
    /// The status of the process.
    pub(super) code: ExitCode,
    /// With `--json`.
    pub(super) report: Value,
    /// For people, line by line.
    pub(super) lines: Vec<Line>,
    /// What went wrong, on standard error.
    pub(super) troubles: Vec<String>,
    /// What programs read, in place of all that.
    pub(super) bytes: Option<Vec<u8>>,
}

/// A line for people, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Its text.
    pub(super) text: String,
    /// How it looks where there are colours.
    pub(super) look: Look,
}

/// How a line looks where there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// As it is.
    Plain,
    /// Done.
    Good,
    /// To be known.
    Warning,
    /// Failed.
    Bad,
}

/// What is wanted on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Lines for people.
    Lines,
    /// The report as JSON.
    Json,
    /// Nothing.
    Nothing,
}

impl Line {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::of(text, Look::Plain)
    }

    pub(super) fn of(text: impl Into<String>, look: Look) -> Self {
        let text = text.into();
        Self { text, look }
    }

    fn shown(&self, has_colours: bool) -> String {
        // Nothing that a text quotes pretends to be another line.
        let text = escape(&self.text);
        let colour = match self.look {
            Look::Plain => "",
            Look::Good => "32",
            Look::Warning => "33",
            Look::Bad => "31",
        };
        if colour.is_empty() || !has_colours {
            return text.into_owned();
        }
        format!("\x1b[{colour}m{text}\x1b[0m")
    }
}

impl Ending {
    /// A call that was wrong in itself.
    pub(super) fn of_wrong_call(plugin: &str, reason: &str) -> Self {
        let outcome = Outcome::of_wrong_call(plugin, reason);
        Self {
            code: outcome.code,
            report: outcome.report,
            lines: Vec::new(),
            troubles: vec![reason.to_owned()],
            bytes: None,
        }
    }

    /// What a program reads, and nothing else.
    pub(super) fn of_bytes(bytes: Vec<u8>) -> Self {
        Self {
            code: ExitCode::Ok,
            report: Value::Null,
            lines: Vec::new(),
            troubles: Vec::new(),
            bytes: Some(bytes),
        }
    }

    /// Shows it, and gives the status: also of one that is done, where that could not be told.
    pub(super) fn tell(&self, wanted: Wanted, colours: bool) -> ProcessCode {
        let output = match (wanted, &self.bytes) {
            (Wanted::Json, _) if !self.report.is_null() => format!("{}\n", self.report).into_bytes(),
            (_, Some(bytes)) => bytes.clone(),
            (Wanted::Lines, None) => {
                let has_colours = colours && io::stdout().is_terminal();
                let lines = self.lines.iter().map(|line| line.shown(has_colours) + "\n");
                lines.collect::<String>().into_bytes()
            }
            _ => Vec::new(),
        };
        let told = print(&output);
        if wanted != Wanted::Json {
            complain(&self.troubles, colours);
        }
        match told {
            Ok(()) => status(self.code),
            Err(fault) => untold(&fault, self.code),
        }
    }
}

/// Writes to standard output. A reader that went away has what it wanted.
fn print(bytes: &[u8]) -> io::Result<()> {
    let mut standard = io::stdout().lock();
    match standard.write_all(bytes).and_then(|()| standard.flush()) {
        Err(fault) if fault.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        told => told,
    }
}

/// What is asked for by itself: help, a version. Gives the status.
pub(super) fn tell_text(text: &str) -> ProcessCode {
    match print(text.as_bytes()) {
        Ok(()) => status(ExitCode::Ok),
        Err(fault) => untold(&fault, ExitCode::Ok),
    }
}

/// That it could not be told how something ended: whoever reads the answer has none, or half of one.
fn untold(fault: &io::Error, code: ExitCode) -> ProcessCode {
    complain(&[format!("stdout: {fault}")], false);
    status(if code == ExitCode::Ok { ExitCode::Move } else { code })
}

/// Troubles on standard error. Nobody is left to hear that nobody can be told.
fn complain(troubles: &[String], colours: bool) {
    let mut errors = io::stderr().lock();
    let has_colours = colours && errors.is_terminal();
    for text in troubles {
        let _ = writeln!(errors, "{}", Line::of(text, Look::Bad).shown(has_colours));
    }
}

/// The status of a process.
pub(super) fn status(code: ExitCode) -> ProcessCode {
    ProcessCode::from(u8::try_from(code.number()).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_a_line_and_has_colours_where_they_are_wanted() {
        let line = Line::of("a\nb\x1b[2J", Look::Bad);
        assert_eq!(line.shown(false), "a\\nb\\u{1b}[2J");
        assert_eq!(line.shown(true), "\x1b[31ma\\nb\\u{1b}[2J\x1b[0m");
        assert_eq!(Line::plain("x").shown(true), "x");
    }
}

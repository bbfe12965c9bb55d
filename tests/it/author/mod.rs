//! What authors do without a gestor, through the real program.

mod commands;
mod document;
mod law;
mod schemas;
mod templates;

use std::path::Path;
use std::process::{Command, Output};

use gestor_plugins::outcome::ExitCode;
use serde_json::Value;

/// How a command ended.
pub(crate) struct Told {
    pub(crate) code: i32,
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl Told {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            output: String::from_utf8(output.stdout).unwrap(),
            errors: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Fails the test unless it ended with a code.
    #[track_caller]
    pub(crate) fn expect(self, code: ExitCode) -> Self {
        assert_eq!(self.code, code.number(), "{}\n{}", self.output, self.errors);
        self
    }

    /// The report of `--json`.
    #[track_caller]
    pub(crate) fn report(&self) -> Value {
        serde_json::from_str(&self.output).unwrap_or_else(|fault| panic!("{fault}: {}\n{}", self.output, self.errors))
    }

    /// The names of what was found, in the order of the report.
    pub(crate) fn found(&self) -> Vec<String> {
        let report = self.report();
        let found = report["achados"].as_array().unwrap();
        found
            .iter()
            .map(|one| one["aviso"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// Runs the program in a folder, in English.
pub(crate) fn program(folder: &Path, words: &[&str]) -> Told {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gestor-plugins"));
    command.current_dir(folder).args(words).env("GESTOR_PLUGINS_LANG", "en");
    Told::of(command.output().unwrap())
}

//! Runs an operation as a boundary does: takes its events, answers each, returns how it ended.

use gestor_plugins::base::clock::{Clock, SystemClock};
use gestor_plugins::config::{Argument, Settings};
use gestor_plugins::log::Progress;
use gestor_plugins::migrate::{Migration, MigrationCall};
use gestor_plugins::model::Phrase;
use gestor_plugins::ops::{Answer, Call, Event, catalogue};
use gestor_plugins::outcome::ExitCode;
use serde_json::Value;

/// How an operation ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Exit code.
    pub(crate) code: ExitCode,
    /// The report.
    pub(crate) report: Value,
}

impl Ended {
    /// One counter of one table; 0 when the report does not name it.
    pub(crate) fn counter(&self, table: &str, counter: &str) -> u64 {
        self.report["tabelas"][table][counter].as_u64().unwrap_or(0)
    }

    /// One counter over all tables.
    pub(crate) fn total(&self, counter: &str) -> u64 {
        let tables = self.report["tabelas"].as_object();
        tables.map_or(0, |tables| {
            tables.keys().map(|table| self.counter(table, counter)).sum()
        })
    }

    /// Fails the test unless it ended with a code.
    #[track_caller]
    pub(crate) fn expect(self, code: ExitCode) -> Self {
        assert_eq!(self.code, code, "errors: {}", self.report["erros"]);
        self
    }
}

/// What a test's caller does when it is asked.
pub(crate) trait Host {
    /// Runs migrations. This one has none to run.
    fn migrate(&mut self, _call: &MigrationCall) -> Result<Vec<Migration>, String> {
        Ok(Vec::new())
    }

    /// Sees how far it is; `false` cancels.
    fn progress(&mut self, _progress: &Progress) -> bool {
        true
    }
}

/// A host that does nothing of its own.
pub(crate) struct Quiet;

impl Host for Quiet {}

/// A call of the operation with a word of C.
pub(crate) fn called(word: &str, parameters: Argument, settings: &Settings) -> Call {
    Call::read(catalogue::by_word(word).unwrap(), parameters, settings).unwrap()
}

/// Installs with parameters as a caller hands them in.
pub(crate) fn install(parameters: Argument) -> Ended {
    install_with(parameters, &mut Quiet)
}

/// Installs, with a host that has a say.
pub(crate) fn install_with(parameters: Argument, host: &mut dyn Host) -> Ended {
    let settings = crate::support::english();
    let parameters = called("install", parameters, &settings);
    run(parameters, settings, host)
}

/// Runs any operation with a host. Its report must be as `schemas/report.schema.json` describes it.
pub(crate) fn run(call: Call, settings: Settings, host: &mut dyn Host) -> Ended {
    run_by(SystemClock, call, settings, host)
}

/// The same by another clock.
pub(crate) fn run_by(clock: impl Clock + 'static, call: Call, settings: Settings, host: &mut dyn Host) -> Ended {
    let mut operation = call.start_by(clock, settings, true).unwrap();
    loop {
        let answer = match operation.next_event() {
            Event::Done(outcome) => {
                super::schema::assert_described(&outcome.report);
                return Ended {
                    code: outcome.code,
                    report: outcome.report,
                };
            }
            Event::Progress(progress) if host.progress(&progress) => Answer::Continue,
            Event::Progress(_) => Answer::Cancel,
            Event::Migrate(call) => host.migrate(&call).map_or_else(
                |reason| Answer::MigrationFailed(Phrase::of_others(reason), Vec::new()),
                Answer::Migrated,
            ),
        };
        operation.answer(answer);
    }
}

//! `plugin_statistics`: what the site counted in a month, as its file has it (`estatisticas=local`). Reads only.

use std::time::Instant;

use serde_json::{Value, json};

use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, Request};
use super::look;
use super::reporter::OperationReporter;
use crate::base::clock::Clock;
use crate::config::parameter::ROOT;
use crate::config::{Settings, Site, Statistics, StatisticsParameters};
use crate::log::{Message, Reporter as _};
use crate::model::Phrase;
use crate::observe::{self, Month};
use crate::ops::{Error, event_messages};
use crate::stage;
use crate::transaction::check_root;

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "statistics",
    function: "plugin_statistics",
    options: &[CommandOption {
        name: "estatisticas",
        implies: &[],
        help: Phrase::new(
            "o que este servidor contou neste mês, quando a configuração `estatisticas` é `local`: instalações, atualizações e falhas por plugin; --mes=<aaaa-mm> é outro mês",
            "what this server counted this month, where the setting `estatisticas` is `local`: installations, updates and failures by plugin; --mes=<yyyy-mm> is another month",
        ),
    }],
    takes: StatisticsParameters::TAKES,
    requires: &[ROOT],
    gives: Gives::Report,
    reports: &["PluginStatisticsReport"],
    summary: Phrase::new(
        "O que este servidor contou num mês (`mes`, como `2026-11`; sem ele, o atual), quando a configuração `estatisticas` é `local`.",
        "What this server counted in a month (`mes`, as `2026-11`; without it the current one), where the setting `estatisticas` is `local`.",
    ),
    read: |given, settings| Ok(Box::new(StatisticsParameters::read(given, settings)?)),
};

impl Request for StatisticsParameters {
    fn site(&self) -> &Site {
        &self.site
    }

    fn site_mut(&mut self) -> &mut Site {
        &mut self.site
    }

    fn effect(&self) -> Effect {
        Effect::Looks
    }

    fn carry_out(&self, _settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
        statistics(self, caller, clock)
    }
}

fn statistics(call: &StatisticsParameters, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let reporter = OperationReporter::new(caller, clock, "", call.site.lang);
    let month = call.month.clone();
    let month = month.unwrap_or_else(|| observe::month(clock.now().to_utc()));
    let path = call.site.root.statistics(&month);
    let mut found = None;
    let ended = check_root(&call.site.root).map_err(Error::from).map(|()| {
        found = stage::statistics::read(&call.site.root, &month);
    });
    let read = found.as_deref().and_then(|bytes| Month::read(bytes, &month));
    if found.is_some() && read.is_none() {
        reporter.message(Message::Warning(event_messages::statistics_unreadable(&path)));
    }
    if call.site.statistics == Statistics::Off {
        reporter.message(Message::Warning(event_messages::STATISTICS_ARE_OFF));
    }
    let mut report = look::one("modo", call.site.statistics.word());
    report.insert("mes".to_owned(), month.into());
    report.insert(
        "arquivo".to_owned(),
        found.map_or(Value::Null, |_| path.display().to_string().into()),
    );
    report.insert("estatisticas".to_owned(), json!(read));
    look::answer(report, ended, &reporter, started)
}

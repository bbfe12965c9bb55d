//! `plugin_metrics`: how often what happened to each plugin, as JSON or as a text of `OpenMetrics`, in the report or in a file that
//! a collector of metrics reads. Reads only; makes no table.

use std::path::Path;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, Request};
use super::look;
use super::reporter::OperationReporter;
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::base::fs::{settled_path, write_whole_as};
use crate::base::panic;
use crate::config::parameter::{FILE, ROOT};
use crate::config::{MetricsFormat, MetricsParameters, Settings, Site};
use crate::model::Phrase;
use crate::observe::{self, Metrics, PluginFacts};
use crate::ops::Error;
use crate::registry;
use crate::trust::{self, Verdict};

/// Whoever collects metrics is another user.
const MODE: u32 = 0o644;

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "metrics",
    function: "plugin_metrics",
    options: &[CommandOption {
        name: "metricas",
        implies: &[],
        help: Phrase::new(
            "quantas vezes o quê aconteceu com cada plugin, e quanto demorou: --metricas=json ou --metricas=openmetrics; --arquivo=<arquivo.prom> grava num arquivo, trocado por inteiro, para o node_exporter",
            "how often what happened to each plugin, and how long it took: --metricas=json or --metricas=openmetrics; --arquivo=<file.prom> writes it to a file, replaced as a whole, for node_exporter",
        ),
    }],
    takes: MetricsParameters::TAKES,
    requires: &[ROOT],
    gives: Gives::Report,
    reports: &["PluginMetricsReport"],
    summary: Phrase::new(
        "Quantas vezes o quê aconteceu com cada plugin, e quanto demorou. `formato` é `json` (o padrão) ou `openmetrics`; com `arquivo` vai para esse arquivo, trocado por inteiro, em vez do relatório.",
        "How often what happened to each plugin, and how long it took. `formato` is `json` (the default) or `openmetrics`; with `arquivo` it goes to that file, replaced as a whole, in place of the report.",
    ),
    read: |given, settings| Ok(Box::new(MetricsParameters::read(given, settings)?)),
};

impl Request for MetricsParameters {
    fn site(&self) -> &Site {
        &self.site
    }

    fn site_mut(&mut self) -> &mut Site {
        &mut self.site
    }

    fn paths(&self) -> Vec<(&'static str, &Path)> {
        self.file.iter().map(|file| (FILE.name, file.as_path())).collect()
    }

    fn effect(&self) -> Effect {
        Effect::Looks
    }

    fn carry_out(&self, _settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
        let started = Instant::now();
        let reporter = OperationReporter::new(caller, clock, "", self.site.lang);
        let mut report = look::one("formato", self.format.word());
        let ended = tell(self, &mut report);
        look::answer(report, ended, &reporter, started)
    }
}

fn tell(call: &MetricsParameters, report: &mut Map<String, Value>) -> Result<(), Error> {
    let mut database = look::connect(&call.site.root, call.site.database.as_ref())?;
    let metrics = gather(&mut database)?;
    let (key, told) = match call.format {
        MetricsFormat::Json => ("metricas", Value::Array(metrics.json())),
        MetricsFormat::OpenMetrics => {
            let text = metrics.open_metrics();
            let text = text.map_err(|fault| Error::internal(panic::internal(&fault.to_string())))?;
            ("openmetrics", text.into())
        }
    };
    let Some(file) = &call.file else {
        report.insert(key.to_owned(), told);
        return Ok(());
    };
    let bytes = match told {
        Value::String(text) => text.into_bytes(),
        list => format!("{}\n", json!({"plugins": list})).into_bytes(),
    };
    let path = settled_path(file)?;
    write_whole_as(&path, (None, MODE), &bytes)?;
    report.insert("arquivo".to_owned(), path.display().to_string().into());
    report.insert("bytes".to_owned(), bytes.len().into());
    Ok(())
}

/// What is counted, and what is installed. What was thought of a package is what was noted when it was installed.
fn gather(database: &mut Database) -> Result<Metrics, Error> {
    let verdicts = trust::verdicts(database)?;
    let facts = registry::briefs(database)?.into_iter().map(|(slug, brief)| {
        let key = (slug.to_string(), brief.checksum.unwrap_or_default());
        let verdict = verdicts.get(&key).map_or(Verdict::Unchecked.word(), String::as_str);
        PluginFacts {
            slug: key.0,
            version: brief.version,
            verdict: verdict.to_owned(),
            verified: brief.verified,
        }
    });
    Ok(Metrics {
        plugins: facts.collect(),
        counters: observe::counters(database)?,
    })
}

//! `plugin_metrics`: how often what happened to each plugin, as JSON or as a text of `OpenMetrics`, in the report or in a file that
//! a collector of metrics reads. Reads only; makes no table.

use std::path::Path;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::audit_site;
use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, Request};
use super::look;
use super::reporter::OperationReporter;
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::base::fs::{may_stand, read_small, settled_path, write_whole_as};
use crate::base::panic;
use crate::config::parameter::{FILE, ROOT};
use crate::config::{CallError, MetricsFormat, MetricsParameters, Settings, Site};
use crate::log::{Message, Reporter as _};
use crate::model::{GestorRoot, Phrase};
use crate::observe::audit::{self, Counted};
use crate::observe::{self, Metrics, ObserveError, PluginFacts};
use crate::ops::Error;
use crate::registry;
use crate::trust::{self, Verdict};

/// Whoever collects metrics is another user.
const MODE: u32 = 0o644;
/// Bytes of a file that may be one of metrics.
const MOST: u64 = 64 << 20;
/// What may be named.
const REPLACEABLE: Phrase = Phrase::new(
    "um arquivo que não existe, fora do registro de auditoria, ou um de métricas que já foi gravado aqui: o que está ali é outra coisa, ou um link, e fica como está",
    "a file that is not there, outside the audit log, or one of metrics that was written here before: what stands there is something else, or a link, and stays as it is",
);

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
        let ended = tell(self, &reporter, &mut report);
        look::answer(report, ended, &reporter, started)
    }
}

fn tell(
    call: &MetricsParameters,
    reporter: &OperationReporter<'_>,
    report: &mut Map<String, Value>,
) -> Result<(), Error> {
    let mut database = look::connect(&call.site.root, call.site.database.as_ref())?;
    let metrics = Metrics {
        records: records(&call.site)?,
        ..gather(&mut database, reporter)?
    };
    let records = metrics.json_of_records();
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
        if call.format == MetricsFormat::Json {
            report.insert("auditoria".to_owned(), records);
        }
        return Ok(());
    };
    let bytes = match told {
        Value::String(text) => text.into_bytes(),
        list => format!("{}\n", json!({"plugins": list, "auditoria": records})).into_bytes(),
    };
    let path = settled_path(file)?;
    check_replaced(&path, &call.site.root)?;
    write_whole_as(&path, (None, MODE), &bytes)?;
    report.insert("arquivo".to_owned(), path.display().to_string().into());
    report.insert("bytes".to_owned(), bytes.len().into());
    Ok(())
}

/// What stands there is replaced where it is such a file: a slip of the keyboard ends no other.
fn check_replaced(path: &Path, root: &GestorRoot) -> Result<(), Error> {
    let is_free = match read_small(path, MOST) {
        Ok(bytes) => observe::is_metrics(&bytes),
        Err(fault) => fault.is_absent() && !may_stand(path),
    };
    if is_free && !audit_site::holds(root, path) {
        return Ok(());
    }
    Err(Error::Call(CallError::WrongValue {
        key: FILE.name.to_owned(),
        found: path.to_string_lossy().into_owned(),
        allowed: REPLACEABLE,
    }))
}

/// What is counted, and what is installed. What was thought of a package is what was noted when it was installed.
fn gather(database: &mut Database, reporter: &OperationReporter<'_>) -> Result<Metrics, Error> {
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
    let plugins = facts.collect();
    let told = |fault: &ObserveError| reporter.message(Message::warning(fault));
    let counters = observe::counters(database)?.into_iter();
    Ok(Metrics {
        plugins,
        counters: counters.filter_map(|counter| counter.inspect_err(told).ok()).collect(),
        records: None,
    })
}

/// Records of this server's audit log, where it has one.
fn records(site: &Site) -> Result<Option<Counted>, Error> {
    let place = audit_site::place(&site.root)?;
    let Some(server) = place.server()? else {
        return Ok(None);
    };
    Ok(audit::count(&place, &server)?)
}

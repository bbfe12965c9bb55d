//! `plugin_running`: what runs, or was interrupted, and how far it is (SPEC 5 §2). Takes no lock, and asks the database
//! nothing.

use std::time::Instant;

use serde_json::{Value, json};

use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, request};
use super::look;
use super::phrases;
use super::reporter::OperationReporter;
use crate::base::clock::Clock;
use crate::config::parameter::{DATABASE, LANG, ROOT, SLUG};
use crate::config::{Given, Parameter, Settings, Site};
use crate::log::{Message, Reporter};
use crate::model::{Phrase, Slug};
use crate::ops::Error;
use crate::stage::running::{self, Running};
use crate::transaction::check_root;

const TAKES: &[Parameter] = &[SLUG, ROOT, DATABASE, LANG];

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "running",
    function: "plugin_running",
    options: &[
        CommandOption {
            name: "running",
            implies: &[],
            help: Phrase::new(
                "o que está em execução, ou foi interrompido, e até onde chegou",
                "what is running, or was interrupted, and how far it is",
            ),
        },
        CommandOption {
            name: "watch",
            implies: &[],
            help: Phrase::new(
                "o mesmo, acompanhando até que termine",
                "the same, watching until it has ended",
            ),
        },
    ],
    takes: TAKES,
    requires: &[ROOT],
    gives: Gives::Report,
    reports: &["PluginRunningReport", "PluginInstallReport"],
    summary: Phrase::new(
        "As operações que estão em execução, e as que foram interrompidas, com até onde cada uma chegou. Não espera por nenhuma delas.",
        "The operations that are running, and those that were interrupted, and how far each is. Waits for none of them.",
    ),
    read: |given, settings| {
        let given = Given::new(given, TAKES)?;
        Ok(Box::new(RunningParameters {
            slug: given.text(&SLUG)?,
            site: Site::read(&given, settings, 0)?,
        }))
    },
};

/// Parameters of `plugin_running`.
#[derive(Debug)]
struct RunningParameters {
    slug: Option<String>,
    site: Site,
}

request!(RunningParameters, running, |_| Effect::Looks);

fn running(call: &RunningParameters, _settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let reporter = OperationReporter::new(caller, clock, call.slug.as_deref().unwrap_or_default(), call.site.lang);
    let mut found = Vec::new();
    let ended = read(call, &reporter).map(|running| found = running);
    look::answer(look::one("execucoes", found), ended, &reporter, started)
}

fn read(call: &RunningParameters, reporter: &OperationReporter<'_>) -> Result<Vec<Value>, Error> {
    check_root(&call.site.root)?;
    let wanted = call.slug.as_deref().map(Slug::normalize).transpose()?;
    let mut found = Vec::new();
    for slug in running::shown(&call.site.root)? {
        if wanted.as_ref().is_some_and(|wanted| *wanted != slug) {
            continue;
        }
        if let Some(running) = running::running(&call.site.root, &slug)? {
            if running.is_interrupted() {
                reporter.message(Message::Warning(phrases::was_interrupted(&slug)));
            }
            found.push(shown(&slug, &running));
        }
    }
    Ok(found)
}

fn shown(slug: &Slug, running: &Running) -> Value {
    let about = running.about.clone().unwrap_or_default();
    let holder = running.holder();
    let step = |key: &str| about.progresso.get(key).cloned().unwrap_or(Value::Null);
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    json!({
        "slug": slug.as_str(),
        "situacao": if running.is_interrupted() { "interrompida" } else { "executando" },
        "operacao": text(&about.operacao),
        "acao": text(&about.acao),
        "desde": text(&about.desde).or_else(|| holder.map(|holder| holder.since.clone())),
        "ator": about.ator,
        "processo": holder.map(|holder| holder.pid),
        "servidor": holder.map(|holder| holder.host.clone()),
        "confirmada": about.confirmada,
        "cancelamento": running.is_stop_wanted,
        "etapa": step("etapa"),
        "indice": step("indice"),
        "total": step("total"),
        "feito": step("feito"),
        "de": step("de"),
        "unidade": step("unidade"),
        "mensagem": step("mensagem"),
    })
}

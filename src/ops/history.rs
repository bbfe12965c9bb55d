//! `plugin_history`: what was done to a plugin, the newest first, failed operations too (SPEC 2 §10).

use std::time::Instant;

use serde_json::Value;

use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Gives};
use super::look::{self, Look};
use super::reporter::OperationReporter;
use super::sharing;
use crate::base::clock::Clock;
use crate::config::parameter::{ROOT, SLUG};
use crate::config::{LookParameters, Settings};
use crate::history;
use crate::model::{Phrase, Slug};
use crate::ops::Error;
use crate::transaction::{sharing::tell_of, tell_waiting};

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "history",
    function: "plugin_history",
    options: &[CommandOption {
        name: "history",
        implies: &[],
        help: Phrase::new(
            "o que foi feito com o plugin; --limite=<n> operações",
            "what was done to the plugin; --limite=<n> operations",
        ),
    }],
    takes: LookParameters::HISTORY_TAKES,
    requires: &[SLUG, ROOT],
    gives: Gives::Report,
    reports: &["PluginHistoryReport", "PluginInstallReport"],
    summary: Phrase::new(
        "O que foi feito com um plugin, do mais novo ao mais antigo (`limite` é 50 quando não é informado).",
        "What was done to a plugin, the newest first (`limite` is 50 unless it is given).",
    ),
    read: |given, settings| {
        let call = LookParameters::read_history(given, settings)?;
        Ok(Box::new(Look { call, answer: history }))
    },
};

/// Tells it.
fn history(call: &LookParameters, _settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let name = call.slug.as_deref().unwrap_or_default();
    let reporter = OperationReporter::new(caller, clock, name, call.site.lang);
    let mut found = Vec::new();
    let ended = read(call, &reporter).map(|entries| found = entries);
    look::answer(look::one("historico", found), ended, &reporter, started)
}

fn read(call: &LookParameters, reporter: &OperationReporter<'_>) -> Result<Vec<Value>, Error> {
    let slug = Slug::normalize(call.slug.as_deref().unwrap_or_default())?;
    let mut database = look::connect(&call.site.root, call.site.database.as_ref())?;
    let slug = sharing::meant(&mut database, &slug, reporter)?.unwrap_or(slug);
    tell_waiting(&call.site.root, &slug, reporter)?;
    tell_of(&mut database, &call.site.root, &slug, reporter)?;
    let most = usize::try_from(call.most).unwrap_or(usize::MAX);
    let entries = history::entries(&mut database, &slug, most)?;
    Ok(entries.iter().map(shown).collect())
}

/// Counts are stored as a text, and told as what they are.
fn shown(entry: &history::StoredEntry) -> Value {
    let tables = entry
        .tabelas
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok());
    let mut value = serde_json::to_value(entry).unwrap_or_default();
    value["tabelas"] = tables.unwrap_or(Value::Null);
    value
}

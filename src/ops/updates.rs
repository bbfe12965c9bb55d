//! `plugin_updates`: what is known of the updates of each plugin, and what counts for it. Asks nobody, and decides nothing.

use std::time::Instant;

use serde_json::Value;

use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Gives};
use super::look::{self, Look, PluginOverview};
use super::reporter::OperationReporter;
use super::update_state::{policy_of, shown};
use super::{Error, trust_folder};
use crate::base::clock::Clock;
use crate::config::parameter::ROOT;
use crate::config::{LookParameters, Settings};
use crate::log::{Message, Reporter as _};
use crate::model::{Phrase, Slug};
use crate::updates::{self, UpdateError};

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "updates",
    function: "plugin_updates",
    options: &[CommandOption {
        name: "atualizacoes",
        implies: &[],
        help: Phrase::new(
            "as atualizações de cada plugin: o que há de novo, o que vem sozinho e quando, e por que o resto não vem",
            "the updates of each plugin: what is new, what comes by itself and when, and why the rest does not",
        ),
    }],
    takes: LookParameters::TAKES,
    requires: &[ROOT],
    gives: Gives::Report,
    reports: &["PluginUpdatesReport"],
    summary: Phrase::new(
        "O que se sabe das atualizações de cada plugin instalado: estado, motivo, versão que viria, e a política que vale. Não consulta ninguém.",
        "What is known of the updates of each installed plugin: state, reason, the version that would come, and the policy that counts. Asks nobody.",
    ),
    read: |given, settings| {
        let call = LookParameters::read(given, settings)?;
        Ok(Box::new(Look { call, answer: tell }))
    },
};

fn tell(call: &LookParameters, _settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let name = call.slug.as_deref().unwrap_or_default();
    let reporter = OperationReporter::new(caller, clock, name, call.site.lang);
    let mut found = Vec::new();
    let ended = read(call, &reporter).map(|plugins| found = plugins);
    look::answer(look::one("atualizacoes", found), ended, &reporter, started)
}

fn read(call: &LookParameters, reporter: &OperationReporter<'_>) -> Result<Vec<Value>, Error> {
    let wanted = call.slug.as_deref().map(Slug::normalize).transpose()?;
    let mut database = look::connect(&call.site.root, call.site.database.as_ref())?;
    let rules = trust_folder::read(&call.site)?.policy;
    let mut rows = updates::read_all(&mut database)?;
    let mut found = Vec::new();
    for (slug, _) in look::plugins(&mut database)? {
        let known = PluginOverview::read(&mut database, &call.site.root, &slug, reporter)?;
        if !known.is_installed() || wanted.as_ref().is_some_and(|wanted| *wanted != slug) {
            continue;
        }
        let row = rows.remove(slug.as_str()).transpose().map_err(Error::from);
        let read = row.and_then(|row| {
            let (said, standing) = row.unwrap_or_default();
            Ok((policy_of(&rules, &slug, said)?, standing))
        });
        match read {
            Ok((policy, standing)) => found.push(shown(
                (slug.as_str(), known.version()),
                &policy,
                &standing,
                call.site.lang,
            )),
            // Where one is asked for that is the answer; else the others are told.
            Err(fault @ Error::Update(UpdateError::Unreadable { .. })) if wanted.is_none() => {
                reporter.message(Message::warning(&fault));
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(found)
}

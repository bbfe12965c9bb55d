//! `plugin_update_policy`: what an operator wants of the updates of one plugin. What is not said here is said by
//! `politica.json` for plugins of a pattern, and by the defaults in the end.

use std::time::Instant;

use serde_json::{Map, Value};

use super::account::Account;
use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, request};
use super::look::{self, PluginOverview};
use super::reporter::OperationReporter;
use super::update_run::Pages;
use super::update_state::{policy_of, shown};
use super::{Error, PluginRefusal, sharing, trust_folder};
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::config::parameter::{ROOT, SLUG};
use crate::config::{Settings, UpdatePolicyParameters};
use crate::log::{Message, Reporter};
use crate::model::{Phrase, Slug};
use crate::ops::update_messages as messages;
use crate::registry::{self, Feature};
use crate::transaction::TransactionReporter;
use crate::updates::{self, Mode, Said, UpdateError};

/// What says that nothing is said.
const DEFAULT: &str = "padrao";

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "update_policy",
    function: "plugin_update_policy",
    options: &[CommandOption {
        name: "politica",
        implies: &[],
        help: Phrase::new(
            "o que se quer das atualizações de um plugin: --politica=automatica|avisar|manual (`mesma` deixa como está, `padrao` volta ao padrão), com --nivel=patch|minor|major, --canal=estavel|previa, --janela=<dias e horas>, --carencia=<horas>, --pular=<versões>, --pular-ate=<dia>",
            "what is wanted of the updates of a plugin: --politica=automatica|avisar|manual (`mesma` leaves it as it is, `padrao` goes back to the default), with --nivel=patch|minor|major, --canal=estavel|previa, --janela=<days and hours>, --carencia=<hours>, --pular=<versions>, --pular-ate=<day>",
        ),
    }],
    takes: UpdatePolicyParameters::TAKES,
    requires: &[SLUG, ROOT],
    gives: Gives::Code,
    reports: &["PluginUpdatesReport", "PluginInstallReport"],
    summary: Phrase::new(
        "O que se quer das atualizações de um plugin: `politica`, `nivel`, `canal`, `janela`, `carencia_h`, `pular`, `pular_ate`; `padrao` em qualquer um deles volta ao padrão. `automatica` é recusada onde nenhuma página do site responde com 2xx. O que falhou pode ser tentado de novo.",
        "What is wanted of the updates of a plugin: `politica`, `nivel`, `canal`, `janela`, `carencia_h`, `pular`, `pular_ate`; `padrao` in any of them goes back to the default. `automatica` is refused where no page of the site answers with 2xx. What failed may be tried again.",
    ),
    read: |given, settings| Ok(Box::new(UpdatePolicyParameters::read(given, settings)?)),
};

request!(UpdatePolicyParameters, update_policy, |_| Effect::Changes);

fn update_policy(call: &UpdatePolicyParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let account = Account::of(&call.site, &call.slug, (true, false));
    let reporter = OperationReporter::new(caller, clock, &call.slug, call.site.lang).with_account(account);
    let mut found = Map::new();
    let ended = say(call, settings, &reporter).map(|shown| {
        found = look::one("atualizacoes", vec![shown]);
    });
    look::answer(found, ended, &reporter, started)
}

fn say(call: &UpdatePolicyParameters, settings: &Settings, reporter: &OperationReporter<'_>) -> Result<Value, Error> {
    let slug = Slug::normalize(&call.slug)?;
    let mut database: Database = look::connect(&call.site.root, call.site.database.as_ref())?;
    let slug = sharing::meant(&mut database, &slug, reporter)?.unwrap_or(slug);
    let known = PluginOverview::read(&mut database, &call.site.root, &slug, reporter)?;
    if !known.is_installed() {
        return Err(PluginRefusal::NotInstalled { slug: slug.to_string() }.into());
    }
    let go_on = || reporter.is_wanted();
    registry::prepare(&mut database, &go_on)?;
    registry::prepare_for(&mut database, Feature::Updates, &go_on)?;
    let rules = trust_folder::read(&call.site)?.policy;
    let (said, mut standing) = updates::read_one(&mut database, &slug)?;
    let said = taken_in(said, &call.said)?;
    let policy = policy_of(&rules, &slug, said.clone())?;
    if policy.mode == Mode::Automatic {
        let pages = Pages::new((&rules, call.address.as_deref()), settings, reporter)?;
        if !pages.are_proven()? {
            return Err(UpdateError::NoProbe.into());
        }
    }
    let was = standing.state;
    standing.forgive();
    updates::save_said(&mut database, &slug, &said)?;
    updates::save(&mut database, &slug, was, &standing)?;
    reporter.message(Message::Told(messages::policy_set(&slug, policy.mode.word())));
    Ok(shown(
        (slug.as_str(), known.version()),
        &policy,
        &standing,
        call.site.lang,
    ))
}

/// What is said now, with what was said before.
fn taken_in(mut said: Said, words: &[(&'static str, String)]) -> Result<Said, Error> {
    for (key, text) in words {
        if text == DEFAULT {
            said.forget(key);
        } else {
            said.set(key, text)?;
        }
    }
    Ok(said)
}

//! `plugin_config`: the settings of a plugin, as a form (SPEC 6 §5). It makes nothing, and shows no secret.
//!
//! In its folder: `ground` finds the schema and whose variables the values are, `saved` reads them, `shown` makes them a report,
//! `set` saves them (`plugin_config_set`), with `asked`, what a call wants, and `secrets`; `messages` is what is told.

mod asked;
mod ground;
mod messages;
mod saved;
mod secrets;
mod set;
mod shown;

use std::time::Instant;

use serde_json::{Map, Value};

use self::ground::{Ground, of_installed};
pub(super) use self::set::DEFINITION as SET;
use super::account::Account;
use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, request};
use super::look;
use super::reporter::OperationReporter;
use crate::base::clock::Clock;
use crate::config::parameter::{ROOT, SLUG};
use crate::config::{ConfigParameters, Settings};
use crate::model::Phrase;
use crate::ops::Error;
use crate::package::LocatedPackage;
use crate::settings::{MOST_BYTES, SCHEMA_FILE, SettingsSchema, store};

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "config",
    function: "plugin_config",
    options: &[CommandOption {
        name: "config",
        implies: &[],
        help: Phrase::new(
            "as configurações do plugin, com os seus valores; --idioma=<língua> escolhe de qual",
            "the settings of the plugin, with their values; --idioma=<language> chooses of which",
        ),
    }],
    takes: ConfigParameters::TAKES,
    requires: &[SLUG, ROOT],
    gives: Gives::Report,
    reports: &["PluginConfigReport", "PluginInstallReport"],
    summary: Phrase::new(
        "As configurações de um plugin como formulário: os campos do esquema dele (`config/schema.json`), em ordem, com tipo, widget, valor e limites; `valores` é o que `plugin_config_set` aceita de volta. Segredos nunca são devolvidos.",
        "The settings of a plugin as a form: the fields of its schema (`config/schema.json`), in order, with type, widget, value and limits; `valores` is what `plugin_config_set` takes back. Secrets are never given back.",
    ),
    read: |given, settings| Ok(Box::new(ConfigParameters::read(given, settings)?)),
};

request!(ConfigParameters, config, |_| Effect::Looks);

fn config(call: &ConfigParameters, _settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let account = Account::of(&call.site, &call.slug, (false, false));
    let reporter = OperationReporter::new(caller, clock, &call.slug, call.site.lang).with_account(account);
    let mut found = Map::new();
    let ended = read(call, &reporter).map(|read| found = read);
    look::answer(found, ended, &reporter, started)
}

fn read(call: &ConfigParameters, reporter: &OperationReporter<'_>) -> Result<Map<String, Value>, Error> {
    let mut database = look::connect(&call.site.root, call.site.database.as_ref())?;
    let slug = ground::slug(&mut database, &call.slug, reporter)?;
    let mut found = look::one("slug", slug.as_str());
    of_installed(&mut database, &call.site.root, &slug, reporter)?;
    let ground = Ground::find(&mut database, &call.site, (&slug, call.language.as_deref()))?;
    let shown = match ground {
        None => Value::Null,
        Some(ground) => {
            let rows = store::read(&mut database, &ground.module, false)?;
            let kept = secrets::kept(&mut database, &ground, &rows)?;
            let brought = saved::brought(&mut database, &slug)?;
            shown::shown(&ground, (&rows, &kept, &brought), reporter)
        }
    };
    found.insert("configuracao".to_owned(), shown);
    Ok(found)
}

/// Refuses a package whose schema of settings is none.
pub(super) fn check_package(located: &LocatedPackage) -> Result<(), Error> {
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    match located.read_file(SCHEMA_FILE, most)? {
        None => Ok(()),
        Some(bytes) => Ok(SettingsSchema::read(&bytes).map(drop)?),
    }
}

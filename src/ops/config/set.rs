//! `plugin_config_set`: saves settings of a plugin, all of them or none (SPEC 6 §5). Everything is judged by the plugin's schema
//! first, each value by itself and all of them together with those that stand there; then one transaction writes the variables,
//! and the credentials of secrets.

mod written;

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::asked::{Asked, Wanted, asked};
use super::ground::{self, Ground, of_installed};
use super::saved::saved;
use super::{messages, secrets};
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::config::parameter::{ROOT, SLUG, VALUES};
use crate::config::{ConfigSetParameters, GivenValues, Settings};
use crate::log::{Message, Reporter};
use crate::model::{Bilingual, Phrase, Secret, Slug};
use crate::ops::Error;
use crate::ops::account::Account;
use crate::ops::caller::{Caller, Outcome};
use crate::ops::credentials::Keys;
use crate::ops::definition::{CommandOption, Definition, Effect, Gives, request};
use crate::ops::look;
use crate::ops::reporter::OperationReporter;
use crate::registry::{self, Feature};
use crate::settings::store::{self, StoredVariable};
use crate::settings::{SettingsError, ValueFault, first};
use crate::transaction::{Context, Session, SiteAccess, TransactionReporter, settle};
use crate::vault::{Contents, KeyRing};

/// What it is to those who offer it.
pub(in crate::ops) static DEFINITION: Definition = Definition {
    word: "config_set",
    function: "plugin_config_set",
    options: &[CommandOption {
        name: "config-gravar",
        implies: &[],
        help: Phrase::new(
            "gravar configurações do plugin, todas ou nenhuma: um objeto JSON da entrada padrão, ou em --valores=; --idioma=<língua> grava só nela",
            "save settings of the plugin, all of them or none: a JSON object from standard input, or in --valores=; --idioma=<language> saves in that one alone",
        ),
    }],
    takes: ConfigSetParameters::TAKES,
    requires: &[SLUG, VALUES, ROOT],
    gives: Gives::Code,
    reports: &["PluginConfigSetReport", "PluginInstallReport"],
    summary: Phrase::new(
        "Grava configurações de um plugin, todas ou nenhuma, nas variáveis do módulo dele: `valores` é um objeto, ou o texto JSON dele; `null` volta ao padrão. `formulario` lê textos como um formulário os envia. Cada valor que não serve está em `falhas`, com o seu ponteiro.",
        "Saves settings of a plugin, all of them or none, in the variables of its module: `valores` is an object, or its JSON text; `null` goes back to the default. `formulario` reads texts as a form sends them. Each value that is not taken is in `falhas`, with its pointer.",
    ),
    read: |given, settings| Ok(Box::new(ConfigSetParameters::read(given, settings)?)),
};

request!(ConfigSetParameters, config_set, |_| Effect::Changes);

fn config_set(call: &ConfigSetParameters, _settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let account = Account::of(&call.site, &call.slug, (true, false));
    let reporter = OperationReporter::new(caller, clock, &call.slug, call.site.lang).with_account(account);
    let mut found = Map::new();
    let ended = run(call, &reporter, &mut found);
    if let Err(fault) = &ended {
        reporter.message(Message::error(fault));
    }
    look::answer(found, ended, &reporter, started)
}

fn run(
    call: &ConfigSetParameters,
    reporter: &OperationReporter<'_>,
    found: &mut Map<String, Value>,
) -> Result<(), Error> {
    // What a name that nobody knows makes: nothing. It is asked for before the lock, which makes a file.
    let mut database = look::connect(&call.site.root, call.site.database.as_ref())?;
    let slug = ground::slug(&mut database, &call.slug, reporter)?;
    of_installed(&mut database, &call.site.root, &slug, reporter)?;
    found.insert("slug".to_owned(), slug.as_str().into());
    drop(database);
    let site = SiteAccess::of(&call.site);
    let mut session = Session::open(site, &[&slug], reporter)?;
    let mut cx = Context {
        site,
        session: &mut session,
        reporter,
    };
    settle(&mut cx, &slug)?;
    let database = &mut cx.session.database;
    of_installed(database, &call.site.root, &slug, reporter)?;
    save(call, &slug, database, reporter, found)
}

/// Saves, below the plugin's locks.
fn save(
    call: &ConfigSetParameters,
    slug: &Slug,
    database: &mut Database,
    reporter: &OperationReporter<'_>,
    found: &mut Map<String, Value>,
) -> Result<(), Error> {
    let ground = Ground::find(database, &call.site, (slug, call.language.as_deref()))?;
    let ground = ground.ok_or_else(|| SettingsError::None { slug: slug.to_string() })?;
    let wanted = asked(&ground, call.values.as_ref().map(GivenValues::expose), call.is_form);
    let wanted = wanted.inspect_err(|fault| tell(found, &ground, fault, reporter))?;
    let saving = Saving {
        call,
        ground: &ground,
        reporter,
        asked: &wanted,
    };
    let judged = saving.judge(database);
    judged.inspect_err(|fault| {
        if let Error::Settings(fault) = fault {
            tell(found, &ground, fault, reporter);
        }
    })?;
    let ids = saving.write(database)?;
    let languages = ground.written(call.language.as_deref());
    let told = match ids.as_slice() {
        [] => messages::UNCHANGED,
        ids => messages::saved(&ids.join(", "), &languages.join(", ")),
    };
    reporter.message(Message::Told(told));
    found.insert("modulo".to_owned(), ground.module.as_str().into());
    found.insert("idiomas".to_owned(), json!(languages));
    found.insert("gravadas".to_owned(), json!(ids));
    Ok(())
}

/// What is wrong with each value, for a form: which field, and why.
fn tell(found: &mut Map<String, Value>, ground: &Ground, fault: &SettingsError, reporter: &OperationReporter<'_>) {
    let SettingsError::Values { faults } = fault else {
        return;
    };
    let told = first(faults);
    let each = told.iter().map(|fault| {
        let field = ground.schema.field_at(&fault.pointer);
        json!({"ponteiro": fault.pointer, "id": field.map(|field| &field.id), "erro": fault.reason.text(reporter.lang())})
    });
    found.insert("falhas".to_owned(), each.collect());
}

/// What is saved, and where.
struct Saving<'s, 'g> {
    call: &'s ConfigSetParameters,
    ground: &'g Ground,
    reporter: &'s OperationReporter<'s>,
    asked: &'s [Asked<'g>],
}

impl Saving<'_, '_> {
    /// Judges the values all together, with those that stand there.
    fn judge(&self, database: &mut Database) -> Result<(), Error> {
        let rows = store::read(database, &self.ground.module, false)?;
        self.judge_with(database, &rows)
    }

    fn judge_with(&self, database: &mut Database, rows: &[StoredVariable]) -> Result<(), Error> {
        let mut values: BTreeMap<String, Value> = BTreeMap::new();
        for one in saved(self.ground, rows) {
            let field = one.field;
            let asked = self.asked.iter().find(|asked| asked.field.id == field.id);
            let value = match asked.map(|asked| &asked.wanted) {
                Some(Wanted::Value(value)) => Some(value.clone()),
                Some(Wanted::Reset) => field.default.clone(),
                None if field.is_secret => {
                    let ring = self.keys().ring()?;
                    let opened = secrets::opened(database, self.ground, (field, rows), ring.as_ref())?;
                    opened.map(|secret| secret.expose().into())
                }
                None => one.counting().cloned(),
            };
            values.extend(value.map(|value| (field.id.clone(), value)));
        }
        let faults: Vec<ValueFault> = self.ground.schema.faults(&self.ground.schema.together(&values));
        if faults.is_empty() {
            return Ok(());
        }
        Err(SettingsError::Values { faults }.into())
    }

    fn keys(&self) -> Keys<'_> {
        Keys { site: &self.call.site }
    }

    /// The secrets that are given, each as it is kept; refused before anything is written.
    fn secrets(&self) -> Result<Vec<(&str, Contents)>, Error> {
        let now = self.reporter.clock().now().to_rfc3339();
        let given = self.asked.iter().filter(|asked| asked.field.is_secret);
        let given = given.filter_map(|asked| match &asked.wanted {
            Wanted::Value(value) => Some((asked.field.id.as_str(), Secret::new(value.as_str().unwrap_or_default()))),
            Wanted::Reset => None,
        });
        let kept = given.map(|(id, secret)| Ok((id, secrets::contents(&secret, now.clone())?)));
        kept.collect()
    }

    /// Writes, in one transaction; the names of the variables that are different now.
    fn write(&self, database: &mut Database) -> Result<Vec<String>, Error> {
        let secrets = self.secrets()?;
        let ring = if secrets.is_empty() {
            None
        } else {
            Some(self.prepare(database)?)
        };
        database.begin()?;
        match self.transact(database, &secrets, ring.as_ref()) {
            Ok(ids) => {
                database.commit()?;
                Ok(ids)
            }
            Err(fault) => {
                // The first fault is the one to tell.
                let _ = database.rollback();
                Err(fault)
            }
        }
    }

    /// The table of credentials and the key ring, each made where it is missing.
    fn prepare(&self, database: &mut Database) -> Result<KeyRing, Error> {
        let go_on = || self.reporter.is_wanted();
        registry::prepare(database, &go_on)?;
        registry::prepare_for(database, Feature::Credentials, &go_on)?;
        let (ring, made) = self.keys().ring_or_make()?;
        if let Some(path) = made {
            self.reporter
                .message(Message::Told(crate::ops::credentials::ring_made(&path)));
        }
        Ok(ring)
    }

    fn transact(
        &self,
        database: &mut Database,
        secrets: &[(&str, Contents)],
        ring: Option<&KeyRing>,
    ) -> Result<Vec<String>, Error> {
        let rows = store::read(database, &self.ground.module, true)?;
        // Another one may have written in the gestor's own editor meanwhile.
        self.judge_with(database, &rows)?;
        let languages = self.ground.written(self.call.language.as_deref());
        let mut ids = written::variables(database, self.ground, (self.asked, languages), &rows)?;
        for (id, contents) in secrets {
            let alias = secrets::alias(self.ground, id)?;
            let ring = ring.ok_or_else(|| Error::from(crate::vault::VaultError::NotSealed))?;
            secrets::keep(database, &alias, contents, ring)?;
            if !ids.iter().any(|known| known == id) {
                ids.push((*id).to_owned());
            }
        }
        let forgotten = self
            .asked
            .iter()
            .filter(|asked| asked.field.is_secret && asked.wanted == Wanted::Reset);
        for asked in forgotten {
            secrets::forget(database, self.ground, asked.field)?;
        }
        Ok(ids)
    }
}

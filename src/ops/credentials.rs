//! `plugin_credentials`: the site's credentials are named, stored, removed, checked, sealed anew (SPEC 3 §2). A secret is taken
//! and never given back.
//!
//! In its folder: `keys` finds the keys that count, `found` gives a plugin its credential while a package is fetched, `import`
//! takes literal tokens out of the table `plugins`, `rotate` seals all under the first key, `listing` says what there is,
//! `messages` what is told.

mod found;
mod import;
mod keys;
mod listing;
mod messages;
mod rotate;

use std::time::Instant;

use serde_json::{Map, Value, json};

pub(super) use self::found::PluginCredentials;
pub(super) use self::keys::Keys;
pub(super) use self::messages::ring_made;
use super::account::Account;
use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, request};
use super::look;
use super::reporter::OperationReporter;
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::base::fs::random_bytes;
use crate::base::net::Address;
use crate::config::parameter::{ACTION, ALIAS, ROOT, SECRET};
use crate::config::{CallError, CredentialAction, CredentialType, CredentialsParameters, DEFAULT_GITHUB_API, Settings};
use crate::log::{Message, Reporter};
use crate::model::Phrase;
use crate::ops::Error;
use crate::registry::{self, Feature};
use crate::source::SourceError;
use crate::transaction::TransactionReporter;
use crate::vault::{Alias, Contents, KeyRing, VaultError, fresh_line, seal, store};

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "credentials",
    function: "plugin_credentials",
    options: &[CommandOption {
        name: "credenciais",
        implies: &[],
        help: Phrase::new(
            "as credenciais deste site: --credenciais=listar|gravar|remover|rotacionar|conferir|importar|chave; gravar lê o segredo da entrada padrão: --alias=<nome> [--tipo=github_token|http_bearer|http_basic|site_key] [--origem=https://<servidor>]; importar copia os tokens da tabela de plugins, e --apagar-literal os apaga dela; chave imprime uma chave nova para o chaveiro",
            "the credentials of this site: --credenciais=listar|gravar|remover|rotacionar|conferir|importar|chave; gravar reads the secret from standard input: --alias=<name> [--tipo=github_token|http_bearer|http_basic|site_key] [--origem=https://<server>]; importar copies the tokens of the table of plugins, and --apagar-literal erases them there; chave prints a fresh key for the key ring",
        ),
    }],
    takes: CredentialsParameters::TAKES,
    requires: &[ACTION, ROOT],
    gives: Gives::Report,
    reports: &["PluginCredentialsReport", "PluginInstallReport"],
    summary: Phrase::new(
        "As credenciais do site: `listar`, `gravar`, `remover`, `rotacionar`, `conferir`, `importar`, `chave`. O segredo entra e nunca é devolvido.",
        "The credentials of the site: `listar`, `gravar`, `remover`, `rotacionar`, `conferir`, `importar`, `chave`. A secret goes in and is never given back.",
    ),
    read: |given, settings| Ok(Box::new(CredentialsParameters::read(given, settings)?)),
};

request!(CredentialsParameters, credentials, |call| Effect::changes_if(writes(
    call.action
)));

/// Whether an action changes something.
fn writes(action: CredentialAction) -> bool {
    !matches!(
        action,
        CredentialAction::List | CredentialAction::Check | CredentialAction::Key
    )
}

/// What an action works with.
struct Work<'a> {
    call: &'a CredentialsParameters,
    settings: &'a Settings,
    keys: Keys<'a>,
    reporter: &'a OperationReporter<'a>,
}

fn credentials(call: &CredentialsParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let name = call.slug.as_deref().unwrap_or("-");
    let account = Account::of(&call.site, name, (writes(call.action), false));
    let reporter = OperationReporter::new(caller, clock, name, call.site.lang).with_account(account);
    let work = Work {
        call,
        settings,
        keys: Keys { site: &call.site },
        reporter: &reporter,
    };
    let mut found = look::one("acao", call.action.word());
    let ended = work.carry_out(&mut found);
    look::answer(found, ended, &reporter, started)
}

impl Work<'_> {
    fn carry_out(&self, found: &mut Map<String, Value>) -> Result<(), Error> {
        if self.call.action == CredentialAction::Key {
            let line = fresh_line(&mut || random_bytes().map_err(VaultError::Random))?;
            found.insert("chave".to_owned(), line.expose().into());
            return Ok(());
        }
        let mut database = look::connect(&self.call.site.root, self.call.site.database.as_ref())?;
        match self.call.action {
            CredentialAction::List | CredentialAction::Check | CredentialAction::Key => self.list(&mut database, found),
            CredentialAction::Store => self.store(&mut database, found),
            CredentialAction::Remove => self.remove(&mut database),
            CredentialAction::Rotate => self.rotate(&mut database, found),
            CredentialAction::Import => self.import(&mut database, found),
        }
    }

    fn alias(&self) -> Result<Alias, Error> {
        let given = self.call.alias.as_deref().ok_or(CallError::Missing {
            key: ALIAS.name,
            hint: messages::AN_ALIAS,
        })?;
        Ok(Alias::new(given)?)
    }

    fn store(&self, database: &mut Database, found: &mut Map<String, Value>) -> Result<(), Error> {
        let (alias, kind) = (self.alias()?, self.call.kind);
        let secret = self.call.secret.as_ref().ok_or(CallError::Missing {
            key: SECRET.name,
            hint: messages::A_SECRET,
        })?;
        let contents = Contents::new(secret, kind, self.server(kind)?, self.now())?;
        self.prepare(database)?;
        let (is_new, ring) = self.put(database, (&alias, kind), &contents)?;
        let told = messages::stored(&alias, contents.origin.as_deref(), is_new);
        self.reporter.message(Message::Told(told));
        found.insert("alias".to_owned(), alias.as_str().into());
        found.insert("nova".to_owned(), is_new.into());
        found.insert("origem".to_owned(), json!(contents.origin));
        found.insert("chave_id".to_owned(), ring.first().0.as_str().into());
        Ok(())
    }

    /// Our table, made where it is missing.
    fn prepare(&self, database: &mut Database) -> Result<(), Error> {
        registry::prepare(database, &|| self.reporter.is_wanted())?;
        Ok(registry::prepare_for(database, Feature::Credentials, &|| {
            self.reporter.is_wanted()
        })?)
    }

    /// Stores a credential under the first key, which is made where the site has none; whether it is new.
    fn put(
        &self,
        database: &mut Database,
        (alias, kind): (&Alias, CredentialType),
        contents: &Contents,
    ) -> Result<(bool, KeyRing), Error> {
        let (ring, made) = self.keys.ring_or_make()?;
        if let Some(path) = made {
            self.reporter.message(Message::Told(messages::ring_made(&path)));
        }
        let is_new = store::put(database, (alias, kind.word()), &mut |about| {
            let nonce = random_bytes().map_err(VaultError::Random)?;
            seal(&ring, nonce, about, contents).ok_or(VaultError::NotSealed)
        })?;
        Ok((is_new, ring))
    }

    /// The server that a secret is bound to.
    fn server(&self, kind: CredentialType) -> Result<Option<String>, Error> {
        let given = self.call.origin.as_deref();
        let server = |text: &str| Ok(Address::parse(text).map_err(SourceError::Net)?.server());
        match (kind, given) {
            (CredentialType::SiteKey | CredentialType::PluginSetting, _) => Ok(None),
            (_, Some(given)) => server(given).map(Some),
            (CredentialType::GithubToken, None) => self.github().map(Some),
            (_, None) => Err(VaultError::NoServer { kind }.into()),
        }
    }

    /// GitHub's API, as the machine knows it.
    fn github(&self) -> Result<String, Error> {
        let api = self.settings.github_api.as_deref().unwrap_or(DEFAULT_GITHUB_API);
        Ok(Address::parse(api).map_err(SourceError::Net)?.server())
    }

    fn now(&self) -> String {
        self.reporter.clock().now().to_rfc3339()
    }

    fn remove(&self, database: &mut Database) -> Result<(), Error> {
        let alias = self.alias()?;
        if !store::remove(database, &alias)? {
            return Err(VaultError::Unknown { alias }.into());
        }
        let users = listing::users(database, &alias)?;
        self.reporter.message(Message::Told(messages::removed(&alias)));
        if !users.is_empty() {
            let told = messages::still_used(&alias, &users.join(", "));
            self.reporter.message(Message::Warning(told));
        }
        Ok(())
    }
}

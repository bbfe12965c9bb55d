//! `plugin_verify`: what differs from what was installed, and putting it back (SPEC 2 §10).
//!
//! `findings` is what is found; `files`, `rows`, `schema`, `kept`, `paused`, `signature` find it; `repair` puts it back.

mod files;
mod findings;
mod kept;
mod paused;
mod repair;
mod rows;
mod schema;
mod signature;

use std::cell::OnceCell;
use std::time::Instant;

use serde_json::{Value, json};

use super::account::Account;
use super::believe::level_of;
use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, request};
use super::events;
use super::index_words::{IndexWords, followed};
use super::indices::Reached;
use super::look::{self, PluginOverview, contradictions};
use super::needs;
use super::reporter::OperationReporter;
use super::sharing;
use crate::archive::Blacklist;
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::base::fs::{free_space, is_folder};
use crate::config::parameter::{ALL, REPAIR, ROOT};
use crate::config::{Settings, SignatureLevel, VerifyParameters};
use crate::dependencies::Set;
use crate::log::{Message, Reporter};
use crate::manifest;
use crate::model::{Bilingual, GestorRoot, Phrase, Slug};
use crate::ops::{Error, PluginRefusal, messages};
use crate::outcome::ExitCode;
use crate::package::KeptPackages;
use crate::registry;
use crate::transaction::{Sharing, sharing::tell_of};
use crate::trust::Policy;
use findings::Findings;
use signature::Judged;

/// Percent of a disk below which it is told to be nearly full.
const FREE: u64 = 10;

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "verify",
    function: "plugin_verify",
    options: &[
        CommandOption {
            name: "verify",
            implies: &[],
            help: Phrase::new(
                "o que difere do que foi instalado; --estrito conta também o que usuários mudaram; --todos verifica todos os plugins; --reparar põe os arquivos de volta, do pacote guardado, e com --estrito também as linhas",
                "what differs from what was installed; --estrito counts what users changed as well; --todos verifies all plugins; --reparar puts files back, from the kept package, and with --estrito rows as well",
            ),
        },
        CommandOption {
            name: "repair",
            implies: &[ALL, REPAIR],
            help: Phrase::new(
                "o mesmo que --verify --todos --reparar",
                "the same as --verify --todos --reparar",
            ),
        },
    ],
    takes: VerifyParameters::TAKES,
    requires: &[ROOT],
    gives: Gives::Code,
    reports: &["PluginVerifyReport", "PluginVerifyAllReport"],
    summary: Phrase::new(
        "O que difere do que foi instalado: código 33 quando há dano, com `estrito` também para o que usuários mudaram. `todos` são todos os plugins. `reparar` põe de volta o que foi achado: arquivos, hooks e migrações do pacote guardado, com `estrito` também linhas, como faz `reprocessar`; depois 0 quando não resta nada.",
        "What differs from what was installed: code 33 for damage, with `estrito` for what users changed as well. `todos` is all plugins. `reparar` puts back what was found: files, hooks and migrations from the kept package, with `estrito` rows as `reprocessar` does; then 0 where nothing is left.",
    ),
    read: |given, settings| Ok(Box::new(VerifyParameters::read(given, settings)?)),
};

request!(VerifyParameters, verify, |call| Effect::changes_if(call.repair));

/// Verifies one plugin, or all.
pub(super) fn verify(call: &VerifyParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    if call.all {
        return verify_all(call, settings, caller, clock);
    }
    let started = Instant::now();
    let slug = Slug::normalize(&call.slug);
    let named = slug.as_ref().map_or_else(|_| call.slug.clone(), ToString::to_string);
    let reporter = reporter(call, &named, caller, clock);
    let mut findings = Findings::default();
    let ended = slug.map_err(Error::from).and_then(|slug| {
        let followed = followed_now((call, settings), Some(&slug), &reporter)?;
        let words = IndexWords::of(followed.as_ref(), &call.site, &reporter, true)?;
        words.tell_unheard();
        Verification::of(call, settings, &words).one(&slug, &reporter, &mut findings)
    });
    tell_disk(&call.site.root, &reporter);
    let mut report = look::one("slug", named);
    report.extend(findings.shown());
    look::answer(report, ended, &reporter, started)
}

/// The indices as they are now. Verifying does not fail where they cannot be asked: what is remembered has to do.
fn followed_now(
    (call, settings): (&VerifyParameters, &Settings),
    slug: Option<&Slug>,
    reporter: &OperationReporter<'_>,
) -> Result<Option<Reached>, Error> {
    let looks = |policy: &Policy| slug.is_none_or(|slug| level_of(policy, &call.site, slug) != SignatureLevel::Off);
    match followed((&call.site, settings), reporter, looks) {
        Err(fault) => {
            reporter.message(Message::warning(&fault));
            Reached::known(&call.site)
        }
        followed => followed,
    }
}

/// A repair is told in the log as well.
fn reporter<'a>(
    call: &VerifyParameters,
    name: &str,
    caller: &'a Caller,
    clock: &'a dyn Clock,
) -> OperationReporter<'a> {
    OperationReporter::new(caller, clock, name, call.site.lang)
        .with_migrations(call.can_migrate)
        .with_account(Account::of(&call.site, name, (call.repair, false)))
}

fn tell_disk(root: &GestorRoot, reporter: &OperationReporter<'_>) {
    // A disk that does not say how full it is cannot be warned of.
    if let Ok(free) = free_space(root.as_path())
        && free.percent() < FREE
    {
        reporter.message(Message::Warning(messages::nearly_full(root.as_path(), free.percent())));
    }
}

/// All installed plugins, one after the other, each on its own. The code is the worst of them.
fn verify_all(call: &VerifyParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let outer = OperationReporter::new(caller, clock, "", call.site.lang);
    let (mut plugins, mut errors, mut code) = (Vec::new(), Vec::new(), ExitCode::Ok);
    let mut strangers = Vec::new();
    let ended = followed_now((call, settings), None, &outer).and_then(|followed| {
        let words = IndexWords::of(followed.as_ref(), &call.site, &outer, true)?;
        words.tell_unheard();
        let verification = Verification::of(call, settings, &words);
        let (slugs, hooks) = installed(call, &outer)?;
        strangers = hooks;
        for slug in slugs {
            let reporter = reporter(call, slug.as_str(), caller, clock);
            let mut findings = Findings::default();
            let ended = verification.one(&slug, &reporter, &mut findings);
            let (of_this, told) = match &ended {
                Ok(()) => (ExitCode::Ok, Vec::new()),
                Err(fault) => (fault.exit_code(), fault.messages(call.site.lang)),
            };
            for warning in reporter.warnings() {
                outer.message(Message::Warning(Phrase::of_others(warning)));
            }
            let mut plugin = look::one("slug", slug.as_str());
            plugin.insert("codigo".to_owned(), of_this.number().into());
            plugin.insert("rotulo".to_owned(), of_this.label().into());
            plugin.extend(findings.shown());
            plugins.push(Value::Object(plugin));
            code = code.worse(of_this);
            errors.extend(told);
        }
        Ok(())
    });
    if !strangers.is_empty() {
        let told = messages::strange_hooks(&strangers);
        errors.push(told.text(call.site.lang));
        code = code.worse(ExitCode::Drift);
    }
    tell_disk(&call.site.root, &outer);
    let mut report = look::one("verificados", plugins);
    report.insert("ganchos".to_owned(), json!(strangers));
    let mut outcome = look::answer(report, ended, &outer, started);
    if code != ExitCode::Ok {
        outcome.code = code;
        outcome.report["codigo"] = code.number().into();
        outcome.report["rotulo"] = code.label().into();
        outcome.report["erros"] = json!(errors);
    }
    outcome
}

/// What is installed, and plugins that have hooks although this database does not know them.
fn installed(call: &VerifyParameters, reporter: &OperationReporter<'_>) -> Result<(Vec<Slug>, Vec<String>), Error> {
    let mut database = look::connect(&call.site.root, call.site.database.as_ref())?;
    let (mut found, mut known) = (Vec::new(), Vec::new());
    for (slug, _) in look::plugins(&mut database)? {
        known.push(slug.to_string());
        let plugin = PluginOverview::read(&mut database, &call.site.root, &slug, reporter)?;
        if plugin.is_installed() || plugin.is_paused() {
            found.push(slug);
        }
    }
    let mut strangers = registry::hooked_plugins(&mut database)?;
    strangers.retain(|plugin| !known.contains(plugin));
    if call.repair {
        for plugin in strangers.drain(..) {
            registry::remove_hooks_of(&mut database, &plugin)?;
        }
    }
    Ok((found, strangers))
}

/// What verifying is about, one plugin or all.
struct Verification<'a> {
    call: &'a VerifyParameters,
    settings: &'a Settings,
    /// What indices say of packages.
    words: &'a IndexWords<'a>,
    /// What the plugins of the database need, read once.
    set: OnceCell<Set>,
}

impl<'a> Verification<'a> {
    fn of(call: &'a VerifyParameters, settings: &'a Settings, words: &'a IndexWords<'a>) -> Self {
        Self {
            call,
            settings,
            words,
            set: OnceCell::new(),
        }
    }

    fn one(&self, slug: &Slug, reporter: &OperationReporter<'_>, findings: &mut Findings) -> Result<(), Error> {
        let (call, settings) = (self.call, self.settings);
        let mut database = look::connect(&call.site.root, call.site.database.as_ref())?;
        let meant = sharing::meant(&mut database, slug, reporter)?;
        let slug = meant.as_ref().unwrap_or(slug);
        let mut known = PluginOverview::read(&mut database, &call.site.root, slug, reporter)?;
        tell_of(&mut database, &call.site.root, slug, reporter)?;
        if !known.is_installed() && !known.is_paused() {
            return Err(PluginRefusal::NotInstalled { slug: slug.to_string() }.into());
        }
        let blacklist = Blacklist::from_settings(settings.blacklist.as_deref());
        let kept = KeptPackages::of(&call.site, slug, &blacklist);
        *findings = self.look_at(&known, &kept, (&mut database, reporter))?;
        look::offer(&findings.contradicoes, slug, reporter);
        findings::tell_schema(findings, reporter);
        if call.repair && !known.is_paused() && findings.count(call.strict) > 0 {
            let found = (slug, &known, &*findings);
            repair::repair((call, settings, self.words), found, &kept, (&mut database, reporter))?;
            known = PluginOverview::read(&mut database, &call.site.root, slug, reporter)?;
            *findings = self.look_at(&known, &kept, (&mut database, reporter))?;
        }
        registry::note_verification(&mut database, slug, &findings.summary())?;
        let ended = self.judged(slug, findings);
        let code = ended.as_ref().map_or_else(Error::exit_code, |()| ExitCode::Ok);
        events::verified(&mut database, (slug, known.version()), code, reporter);
        ended
    }

    /// Whether it is as it should be.
    fn judged(&self, slug: &Slug, findings: &mut Findings) -> Result<(), Error> {
        match findings.count(self.call.strict) {
            0 => findings.refusal.take().map_or(Ok(()), |refused| Err(refused.into())),
            count => {
                let slug = slug.to_string();
                Err(PluginRefusal::Drift { slug, findings: count }.into())
            }
        }
    }

    fn look_at(
        &self,
        known: &PluginOverview,
        kept: &KeptPackages<'_>,
        (database, reporter): (&mut Database, &OperationReporter<'_>),
    ) -> Result<Findings, Error> {
        let call = self.call;
        let slug = kept.slug;
        if known.is_paused() {
            let sharing = Sharing::read(database, &call.site.root)?;
            return Ok(Findings {
                contradicoes: contradictions(&sharing, &call.site.root, slug, known),
                guardados: paused::look(&call.site.root, slug, known)?,
                ..Findings::default()
            });
        }
        // A kept package that cannot be opened is told as one that is not as it was.
        let package = kept.open(known.version(), known.sha256()).unwrap_or_else(|fault| {
            reporter.message(Message::warning(&fault));
            None
        });
        let sharing = Sharing::read(database, &call.site.root)?;
        let mut found = Findings {
            contradicoes: contradictions(&sharing, &call.site.root, slug, known),
            guardados: kept::look(&call.site.root, slug, known, package.is_some())?,
            dependencias: self.lacking(slug, (known, database))?,
            ..Findings::default()
        };
        let judged = Judged::of((call, self.words), slug, known, (database, reporter))?;
        found.arquivos = files::look(&call.site.root, slug, known, (judged.files(), package.as_ref()))?;
        found.assinatura = Some(judged.look(package.as_ref(), &mut found.arquivos, reporter)?);
        (found.is_revoked, found.refusal) = (judged.is_revoked(), judged.refusal());
        if found.is_revoked {
            events::revoked(database, (slug, known.version()), &judged.told(), reporter);
        }
        found.ganchos = hooks(call, slug, database)?;
        if let Some(package) = &package {
            files::look_at_published(&call.site.root, slug, known, (package, &mut found.arquivos))?;
            found.esquema = schema::look(database, slug, (known, package))?;
        }
        found.linhas = rows::look(&call.site.root, slug, (database, reporter))?;
        Ok(found)
    }

    /// What the plugin needs and does not have: of the gestor as it is now, and of other plugins.
    fn lacking(&self, slug: &Slug, (known, database): (&PluginOverview, &mut Database)) -> Result<Vec<Value>, Error> {
        let told = self.set(database)?.lacks_of(slug).into_iter().map(|lack| {
            let found = lack.found.map(|found| found.to_string());
            json!({"id": lack.need.on.to_string(), "exige": lack.need.range.to_string(), "encontrado": found})
        });
        Ok(incompatible(self.call, slug, known).into_iter().chain(told).collect())
    }

    fn set(&self, database: &mut Database) -> Result<&Set, Error> {
        if let Some(set) = self.set.get() {
            return Ok(set);
        }
        let set = needs::Installed::read(database, &self.call.site)?.set;
        Ok(self.set.get_or_init(|| set))
    }
}

/// The gestor as it is now, where the installed manifest excludes it.
fn incompatible(call: &VerifyParameters, slug: &Slug, known: &PluginOverview) -> Vec<Value> {
    let gestor = call.site.gestor_version.as_deref();
    let text = known.installed.as_ref().and_then(|row| row.manifest.as_deref());
    let Some((gestor, text)) = gestor.zip(text) else {
        return Vec::new();
    };
    let manifest = manifest::parse(text.as_bytes(), manifest::FILE_NAME, slug, None);
    let wanted = manifest.ok().and_then(|manifest| manifest.compatibility);
    let wanted = wanted.filter(|wanted| !wanted.admits(gestor));
    let told = wanted.map(|wanted| json!({"id": "gestor", "exige": wanted.to_string(), "encontrado": gestor}));
    told.into_iter().collect()
}

/// Hooks of the plugin whose module is not in its tree. Not every gestor has the table.
fn hooks(call: &VerifyParameters, slug: &Slug, database: &mut Database) -> Result<Vec<Value>, Error> {
    let modules = call.site.root.installed(slug).join("modules");
    let hooks = registry::hooks(database, slug)?;
    let lost = hooks.into_iter().filter(|hook| !is_folder(&modules.join(&hook.module)));
    Ok(lost
        .map(|hook| json!({"modulo": hook.module, "evento": hook.event, "callback": hook.callback}))
        .collect())
}

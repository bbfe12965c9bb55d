//! `plugin_uninstall` and `plugin_disable`: a plugin goes (SPEC 2 §6). Every refusal comes before anything is touched; what
//! goes stands in an archive before it does.
//!
//! In its folder `leaving` gathers what goes of one plugin, `set` admits what one or several have gathered and brings it
//! about, and `cascade` takes those along that need it.

mod cascade;
mod leaving;
mod set;

use self::leaving::Uninstallation;
use self::set::Leaving;
use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, request};
use super::passage::{Passage, conduct};
use super::reporter::OperationReporter;
use super::{failure_history, look, returning, sharing};
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::config::parameter::{ROOT, SLUG};
use crate::config::{Removal, Settings, UninstallParameters};
use crate::history::Action;
use crate::ledger;
use crate::log::Step;
use crate::migrate::Pending;
use crate::model::{Phrase, Slug};
use crate::ops::{Error, PluginRefusal};
use crate::outcome::Report;
use crate::registry;
use crate::transaction::TransactionReporter;

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "uninstall",
    function: "plugin_uninstall",
    options: &[CommandOption {
        name: "uninstall",
        implies: &[],
        help: Phrase::new(
            "tirar a pasta do plugin e o que os pacotes dele trouxeram, tudo guardado antes; --modo=remover (padrão) deixa as linhas criadas em uso, as tabelas do plugin e os usuários, --modo=expurgar tira tudo o que leva o nome dele; --sem-retorno tira no fim também o arquivo, os pacotes guardados e os backups; --dry-run mostra o que sairia; --cascata leva junto os plugins que precisam dele; --forcar deixa usuários sem os perfis que saem, deixa ir junto, para o arquivo, linhas de outros que dependem delas por chaves estrangeiras, e tira um plugin pausado mesmo sem o arquivo da pausa",
            "take away the plugin's folder and what its packages brought, all of it kept before; --modo=remover (default) leaves rows made in use, the plugin's tables and users, --modo=expurgar takes all that bears its name; --sem-retorno takes the archive, kept packages and backups as well in the end; --dry-run shows what would go; --cascata takes along the plugins that need it; --forcar leaves users without the profiles that go, lets rows of others go along that hang on them by foreign keys, into the archive, and takes a paused plugin away without the archive of its pause as well",
        ),
    }],
    takes: UninstallParameters::TAKES,
    requires: &[SLUG, ROOT],
    gives: Gives::Code,
    reports: &["PluginInstallReport"],
    summary: Phrase::new(
        "Desinstala um plugin, tudo ou nada: com `remover` (o padrão) a pasta e o que os pacotes trouxeram, com `expurgar` tudo o que leva o nome dele. O que sai fica antes num arquivo.",
        "Uninstalls a plugin, all or nothing: with `remover` (the default) its tree and what its packages brought, with `expurgar` everything that bears its name. What goes stands in an archive before it does.",
    ),
    read: |given, settings| Ok(Box::new(UninstallParameters::read(given, settings)?)),
};

/// What `plugin_disable` is to those who offer it.
pub(super) static DISABLE: Definition = Definition {
    word: "disable",
    function: "plugin_disable",
    options: &[CommandOption {
        name: "disable",
        implies: &[],
        help: Phrase::new(
            "pausar o plugin: sai tudo o que --uninstall tira, e também as permissões sem dono dos módulos dele; pausado, nada mais é feito com ele; --cascata pausa junto os que precisam dele",
            "pause the plugin: all that --uninstall takes goes, and also the permissions of its modules that nobody owns; nothing else is done with it while it is paused; --cascata pauses those along that need it",
        ),
    }],
    takes: UninstallParameters::DISABLE_TAKES,
    requires: &[SLUG, ROOT],
    gives: Gives::Code,
    reports: &["PluginInstallReport"],
    summary: Phrase::new(
        "Pausa um plugin: tudo dele sai, também as permissões, até `plugin_enable`.",
        "Pauses a plugin: all of it goes, permissions too, until `plugin_enable`.",
    ),
    read: |given, settings| Ok(Box::new(UninstallParameters::read_disable(given, settings)?)),
};

request!(UninstallParameters.passage, uninstall, |call| Effect::unless_dry(
    call.passage.dry_run
));

/// Uninstalls a plugin, or pauses it.
pub(super) fn uninstall(
    call: &UninstallParameters,
    settings: &Settings,
    caller: &Caller,
    clock: &dyn Clock,
) -> Outcome {
    if let Some(slugs) = cascade::going(call) {
        return cascade::uninstall(call, settings, (caller, clock), &slugs);
    }
    let passing = (&call.passage, action(call));
    conduct(passing, settings, (caller, clock), |slug, reporter, report| {
        run(call, settings, (slug, reporter), report)
    })
}

fn action(call: &UninstallParameters) -> Action {
    match call.removal {
        Removal::Remove | Removal::Purge => Action::Uninstall,
        Removal::Pause => Action::Disable,
    }
}

fn run(
    call: &UninstallParameters,
    settings: &Settings,
    (slug, reporter): (&Slug, &OperationReporter<'_>),
    report: &mut Report,
) -> Result<(), Error> {
    reporter.begin(Step::Prepare)?;
    // What a name that nobody knows makes: nothing. It is asked for before the locks, which make files.
    let mut database = look::connect(&call.passage.site.root, call.passage.site.database.as_ref())?;
    admit_known(&mut database, call, slug)?;
    let meant = sharing::meant(&mut database, slug, reporter)?;
    let slug = meant.as_ref().unwrap_or(slug);
    report.slug = slug.to_string();
    let heirs = ledger::sharing(&mut database, slug)?;
    let awaits_forgetting = awaits_forgetting(&mut database, slug)?;
    drop(database);
    let parameters = parameters(call);
    let uninstallation = Uninstallation {
        call,
        settings,
        passage: Passage {
            call: &call.passage,
            action: action(call),
            parameters: &parameters,
            reporter,
            slug,
            batch: None,
        },
        heirs: &heirs,
        awaits_forgetting,
    };
    let passage = uninstallation.passage;
    passage.run(&heirs, report, |cx, before, report| {
        let Some(gathered) = uninstallation.gather(cx, before, report)? else {
            return Ok(());
        };
        let mut set = [Leaving::new(uninstallation, gathered, report)];
        set::admit(&mut set, cx)?;
        set::bring_about(&mut set, cx)
    })
}

/// Some table knows it; to forget it, its history is enough.
fn admit_known(database: &mut Database, call: &UninstallParameters, slug: &Slug) -> Result<(), Error> {
    let is_known = if call.forgets {
        returning::has_been_here(database, slug)?
    } else {
        failure_history::is_known(database, slug)?
    };
    if !is_known {
        return Err(PluginRefusal::NotInstalled { slug: slug.to_string() }.into());
    }
    Ok(())
}

/// What is kept of it was to go, and is there still.
fn awaits_forgetting(database: &mut Database, slug: &Slug) -> Result<bool, Error> {
    let state = registry::read_state(database, slug)?;
    Ok(Pending::read(state.and_then(|state| state.pending).as_deref()).is_to_forget())
}

fn parameters(call: &UninstallParameters) -> String {
    let mut said = serde_json::json!({"modo": call.removal.word()});
    for (key, _) in [
        ("forcar", call.force),
        ("sem_retorno", call.forgets),
        ("cascata", call.cascades),
    ]
    .iter()
    .filter(|(_, is)| *is)
    {
        said[*key] = true.into();
    }
    said.to_string()
}

//! `plugin_prune`: what is kept and may go by now (SPEC 2 §10).

use std::time::Instant;

use serde_json::json;

use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, request};
use super::look;
use super::reporter::OperationReporter;
use super::sharing;
use crate::archive::Blacklist;
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::base::fs::folder_names;
use crate::config::parameter::ROOT;
use crate::config::{PruneParameters, Settings};
use crate::history;
use crate::model::{Phrase, Slug};
use crate::ops::{Error, PluginRefusal};
use crate::package::KeptPackages;
use crate::stage;
use crate::transaction::{
    Context, Pruned, Pruning, Session, SiteAccess, log_of, prune as prune_plugin, settle, tell_waiting,
};

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "prune",
    function: "plugin_prune",
    options: &[CommandOption {
        name: "prune",
        implies: &[],
        help: Phrase::new(
            "remover pacotes guardados, backups, arquivos de desinstalações e histórico além do que as configurações guardam, de um plugin ou de todos; --dry-run mostra nomes e bytes; --alheios remove também o que nenhuma operação do histórico fez",
            "remove kept packages, backups, archives of what was uninstalled and history beyond what the settings keep, of one plugin or of all; --dry-run shows names and bytes; --alheios also removes what no operation of the history made",
        ),
    }],
    takes: PruneParameters::TAKES,
    requires: &[ROOT],
    gives: Gives::Code,
    reports: &["PluginPruneReport"],
    summary: Phrase::new(
        "Remove o que está guardado além do que as configurações guardam; com `dry_run` só mostra. Nunca sai o que a versão instalada, a anterior, um pacote fixado, outro banco da mesma pasta ou o que falta fazer ainda precisam, nem o que tem menos de uma hora.",
        "Removes what is kept beyond what the settings keep; with `dry_run` only shows it. Never goes what the installed version, the one before, a pinned package, another database of the same folder or what is left to do still need, nor anything younger than an hour.",
    ),
    read: |given, settings| Ok(Box::new(PruneParameters::read(given, settings)?)),
};

request!(PruneParameters, prune, |call| Effect::unless_dry(call.dry_run));

fn prune(call: &PruneParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let named = call.slug.as_deref().map(|name| (name, Slug::normalize(name)));
    let name = match &named {
        Some((_, Ok(slug))) => slug.to_string(),
        Some((given, Err(_))) => (*given).to_owned(),
        None => String::new(),
    };
    let mut reporter = OperationReporter::new(caller, clock, &name, call.site.lang);
    if !call.dry_run && stage::is_gestor(&call.site.root) {
        reporter = reporter.with_log(
            log_of(&call.site.root, if name.is_empty() { "-" } else { &name }),
            false,
        );
    }
    let mut pruned = Vec::new();
    let ended = slugs(call, &reporter).and_then(|slugs| {
        slugs.iter().try_for_each(|slug| {
            pruned.extend(one((call, settings), slug, &reporter)?);
            Ok(())
        })
    });
    let bytes: u64 = pruned.iter().map(|one: &Pruned| one.bytes).sum();
    let mut report = look::one("slug", named.is_some().then_some(name));
    report.insert("dry_run".to_owned(), call.dry_run.into());
    report.insert("podados".to_owned(), json!(pruned));
    report.insert("bytes".to_owned(), bytes.into());
    look::answer(report, ended, &reporter, started)
}

/// The plugin, or all that the database knows or of which something is kept.
fn slugs(call: &PruneParameters, reporter: &OperationReporter<'_>) -> Result<Vec<Slug>, Error> {
    let named = call.slug.as_deref().map(Slug::normalize).transpose()?;
    let mut database = look::connect(&call.site.root, call.site.database.as_ref())?;
    let slugs = known(call, &mut database)?;
    let Some(slug) = named else { return Ok(slugs) };
    let slug = sharing::meant(&mut database, &slug, reporter)?.unwrap_or(slug);
    // Of what left the site the history may be all that is kept.
    if slugs.contains(&slug) || !history::entries(&mut database, &slug, 1)?.is_empty() {
        return Ok(vec![slug]);
    }
    let slug = slug.to_string();
    Err(PluginRefusal::NotInstalled { slug }.into())
}

/// All plugins that the database knows or of which something is kept.
fn known(call: &PruneParameters, database: &mut Database) -> Result<Vec<Slug>, Error> {
    let mut slugs: Vec<Slug> = look::plugins(database)?.into_iter().map(|(slug, _)| slug).collect();
    let kept = call.site.root.backups().join("plugins");
    let named = folder_names(&kept).unwrap_or_default();
    let is_own = |(slug, name): &(Slug, String)| slug.as_str() == name;
    let found = named
        .into_iter()
        .filter_map(|name| Some((Slug::normalize(&name).ok()?, name)));
    slugs.extend(found.filter(is_own).map(|(slug, _)| slug));
    slugs.sort();
    slugs.dedup();
    Ok(slugs)
}

fn one(
    (call, settings): (&PruneParameters, &Settings),
    slug: &Slug,
    reporter: &OperationReporter<'_>,
) -> Result<Vec<Pruned>, Error> {
    let site = SiteAccess::of(&call.site);
    let mut session = Session::open(site, &[slug], reporter)?;
    let mut cx = Context {
        site,
        session: &mut session,
        reporter,
    };
    if call.dry_run {
        tell_waiting(&call.site.root, slug, reporter)?;
    } else {
        settle(&mut cx, slug)?;
    }
    let blacklist = Blacklist::from_settings(settings.blacklist.as_deref());
    let kept = KeptPackages::of(&call.site, slug, &blacklist);
    let pruning = Pruning {
        policy: &call.retention,
        aliens: call.aliens,
        dry_run: call.dry_run,
        is_asked_for: true,
    };
    let pruned = prune_plugin(&mut cx, &kept, pruning);
    if call.dry_run {
        session.close_without_trace();
    }
    Ok(pruned?)
}

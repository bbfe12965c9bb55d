//! `plugin_list`: the plugins of a database, and what there is to know of each (SPEC 2 §10).

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::{Value, json};

use super::believe::{Belief, shown as shown_signature};
use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Gives};
use super::events;
use super::index_words::IndexWords;
use super::indices::Reached;
use super::look::{self, Look, PluginOverview, contradictions};
use super::needs;
use super::reporter::OperationReporter;
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::config::parameter::ROOT;
use crate::config::{LookParameters, Settings};
use crate::dependencies::Set;
use crate::log::{Message, Reporter};
use crate::model::{Dependency, GestorRoot, Phrase, Slug};
use crate::ops::Error;
use crate::registry::{self, Listed, State};
use crate::stage::assets;
use crate::stage::bases::Neighbour;
use crate::stage::kept::{self, KeptPackage};
use crate::transaction::{Sharing, TransactionReporter as _, sharing};
use crate::trust::{self, Verdict};

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "list",
    function: "plugin_list",
    options: &[CommandOption {
        name: "list",
        implies: &[],
        help: Phrase::new(
            "plugins deste banco de dados, e o que há a saber de cada um",
            "plugins of this database, and what there is to know of each",
        ),
    }],
    takes: LookParameters::TAKES,
    requires: &[ROOT],
    gives: Gives::Report,
    reports: &["PluginListReport", "PluginInstallReport"],
    summary: Phrase::new(
        "Os plugins de um gestor, e o que há a saber de cada um.",
        "The plugins of a gestor, and what there is to know of each.",
    ),
    read: |given, settings| {
        let call = LookParameters::read(given, settings)?;
        Ok(Box::new(Look { call, answer: list }))
    },
};

/// Lists.
fn list(call: &LookParameters, _settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let reporter = OperationReporter::new(caller, clock, call.slug.as_deref().unwrap_or_default(), call.site.lang);
    let mut found = Vec::new();
    let ended = read(call, &reporter).map(|plugins| found = plugins);
    look::answer(look::one("plugins", found), ended, &reporter, started)
}

fn read(call: &LookParameters, reporter: &OperationReporter<'_>) -> Result<Vec<Value>, Error> {
    let wanted = call.slug.as_deref().map(Slug::normalize).transpose()?;
    let mut database = look::connect(&call.site.root, call.site.database.as_ref())?;
    let sharing = Sharing::read(&mut database, &call.site.root)?;
    sharing.tell_notice(reporter);
    let needs = needs::Installed::read(&mut database, &call.site)?;
    // Whoever only wants to see what there is asks no server.
    let known = Reached::known(&call.site);
    let belief = known.as_ref().map_err(Message::warning).and_then(|known| {
        let words = IndexWords::of(known.as_ref(), &call.site, reporter, false);
        let read = words.and_then(|words| Ok((Belief::of(&call.site, reporter.clock(), &words)?, words)));
        read.map_err(|fault| Message::warning(&fault))
    });
    let belief = belief.map_err(|told| reporter.message(told)).ok();
    if let Some((_, words)) = &belief {
        words.tell_unheard();
    }
    let around = Around {
        sharing: &sharing,
        set: &needs.set,
        belief: belief.as_ref().map(|(belief, words)| (belief, words)),
    };
    let mut plugins = Vec::new();
    for (slug, row) in look::plugins(&mut database)? {
        if wanted.as_ref().is_none_or(|wanted| *wanted == slug) {
            plugins.push(one(call, &mut database, (&slug, &around), &row, reporter)?);
        }
    }
    Ok(plugins)
}

/// What is known besides a plugin itself.
struct Around<'a> {
    sharing: &'a Sharing,
    set: &'a Set,
    /// Nothing where the trust folder cannot be read.
    belief: Option<(&'a Belief, &'a IndexWords<'a>)>,
}

/// What is thought today of its signature; one that was withdrawn is told.
fn signature(
    call: &LookParameters,
    database: &mut Database,
    (slug, known, belief): (&Slug, &PluginOverview, Option<(&Belief, &IndexWords<'_>)>),
    reporter: &OperationReporter<'_>,
) -> Result<Value, Error> {
    let Some((belief, words)) = belief.filter(|_| known.is_installed()) else {
        return Ok(Value::Null);
    };
    let installed = (known.version(), known.sha256());
    let judgement = belief.of_installed(&call.site.root, slug, installed, (database, words))?;
    if judgement.verdict() == Verdict::Revoked {
        let told = trust::told(&judgement);
        events::revoked(database, (slug, known.version()), &told, reporter);
        reporter.message(Message::Warning(told));
    }
    Ok(json!(shown_signature(&judgement, reporter.lang())))
}

fn one(
    call: &LookParameters,
    database: &mut Database,
    (slug, around): (&Slug, &Around<'_>),
    row: &Listed,
    reporter: &OperationReporter<'_>,
) -> Result<Value, Error> {
    let (sharing, set) = (around.sharing, around.set);
    let known = PluginOverview::read(database, &call.site.root, slug, reporter)?;
    let signature = signature(call, database, (slug, &known, around.belief), reporter)?;
    if let Some(told) = sharing.warning(slug, known.counter()) {
        reporter.message(Message::Warning(told));
    }
    let contradictions = contradictions(sharing, &call.site.root, slug, &known);
    look::offer(&contradictions, slug, reporter);
    let open = registry::read_conflicts(database, slug)?;
    let open = open.iter().filter(|conflict| conflict.is_open).count();
    let kept = kept::list(&call.site.root, slug)?;
    let bytes: u64 = kept.iter().map(|package| package.bytes).sum();
    let state = known.state.clone().unwrap_or_default();
    let pinned = state.pinned_versions();
    let kept: Vec<Value> = kept.iter().map(|package| shown(package, &pinned)).collect();
    Ok(json!({
        "slug": slug.as_str(),
        "nome": row.name,
        "versao": known.version().filter(|_| known.is_installed()),
        "assinatura": signature,
        "status": row.status,
        "origem": row.origin,
        "instalado_em": row.installed_at,
        "atualizado_em": row.updated_at,
        "descricao": description(&state, row.manifest.as_deref()),
        "dependencias": dependencies(set, slug),
        "dependentes": dependants(set, slug),
        "guardadas": kept,
        "conflitos": open,
        "pendencias": pending(&call.site.root, slug, state.pending.as_deref()),
        "contradicoes": contradictions,
        "bases": bases(sharing, &call.site.root, slug),
        "bytes": bytes,
    }))
}

/// What the plugin needs, and whether that is there.
fn dependencies(set: &Set, slug: &Slug) -> Vec<Value> {
    let (lacks, unknown) = (set.lacks_of(slug), set.unknown_to(slug));
    let has = |need: &Dependency| !lacks.iter().any(|lack| lack.need == *need);
    let shown = |need: &Dependency| {
        json!({
            "id": need.on.to_string(),
            "exige": need.range.to_string(),
            "opcional": need.optional,
            "satisfeita": (!unknown.contains(need)).then(|| has(need)),
        })
    };
    set.needs_of(slug).iter().map(shown).collect()
}

/// The plugins that need it.
fn dependants(set: &Set, slug: &Slug) -> Vec<Value> {
    let shown = |(by, need): (&Slug, &Dependency)| json!({"id": by.as_str(), "exige": need.range.to_string(), "opcional": need.optional});
    set.needs_on(slug).map(shown).collect()
}

/// The other databases that use the plugin's tree, and whether they are where it is.
fn bases(sharing: &Sharing, root: &GestorRoot, slug: &Slug) -> Vec<Value> {
    let shown = |other: &Neighbour| {
        let package = other.sha256.as_deref().unwrap_or_default();
        let is_behind = sharing::tree_is_of(root, slug, package) == Some(false);
        json!({
            "identidade": other.identity,
            "nome": other.name,
            "dominios": other.domains,
            "versao": other.version,
            "situacao": if is_behind { "atrasada" } else { "atual" },
        })
    };
    sharing.others(slug).iter().map(shown).collect()
}

fn json_of(text: Option<&str>) -> Vec<Value> {
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

/// What is left to be done of the schema, and files that are still served.
fn pending(root: &GestorRoot, slug: &Slug, text: Option<&str>) -> Vec<Value> {
    let mut pending = json_of(text);
    pending.extend(assets::pending(root, slug));
    pending
}

fn description(state: &State, manifest: Option<&str>) -> Option<String> {
    state.description.clone().or_else(|| {
        let manifest: Value = serde_json::from_str(manifest?).ok()?;
        manifest.get("description")?.as_str().map(str::to_owned)
    })
}

fn shown(package: &KeptPackage, pinned: &BTreeSet<String>) -> Value {
    let version = package.version.as_str();
    json!({
        "versao": version,
        "sha256": package.sha256,
        "bytes": package.bytes,
        "fixada": pinned.contains(version),
    })
}

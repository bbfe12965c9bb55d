//! `plugin_resolve`: decides conflicts, in one transaction (SPEC 2 §2, "Conflicts").

mod decision;
mod theirs;

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Value, json};

use super::account::Account;
use super::caller::{Caller, Outcome};
use super::conflicts::tables_of;
use super::definition::{CommandOption, Definition, Effect, Gives, request};
use super::failed::Failed;
use super::failure_history;
use super::look::{self, PluginOverview};
use super::reporter::OperationReporter;
use super::sharing;
use crate::archive::Blacklist;
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::base::fs::random_hex;
use crate::base::panic;
use crate::config::parameter::{CHOICE, CONFLICT, ROOT, SLUG};
use crate::config::{Choice, Chosen, ResolveParameters, Settings};
use crate::data::{self, CurrentTable};
use crate::history::{self, Action, HistoryEntry};
use crate::ledger;
use crate::log::{Message, Reporter};
use crate::model::{Phrase, Slug, TableName};
use crate::ops::{Error, PluginRefusal, RemovalRefusal};
use crate::package::KeptPackages;
use crate::registry::{self, Closing, Feature, KnownConflict};
use crate::transaction::{
    Context, Session, SiteAccess, TransactionReporter, moment, settle, sharing::Committed, sharing::note,
};
use decision::Decision;

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "resolve",
    function: "plugin_resolve",
    options: &[CommandOption {
        name: "resolve",
        implies: &[],
        help: Phrase::new(
            "decidir: --conflito=<números|todos> --escolha=minha|pacote|valor [--valor=<texto>]",
            "decide: --conflito=<numbers|todos> --escolha=minha|pacote|valor [--valor=<text>]",
        ),
    }],
    takes: ResolveParameters::TAKES,
    requires: &[SLUG, CONFLICT, CHOICE, ROOT],
    gives: Gives::Code,
    reports: &["PluginResolveReport"],
    summary: Phrase::new(
        "Decide conflitos: `conflito` é um número, vários, ou `todos`; `escolha` é `minha`, `pacote`, ou `valor` com `valor`.",
        "Decides conflicts: `conflito` is a number, several, or `todos`; `escolha` is `minha`, `pacote`, or `valor` with `valor`.",
    ),
    read: |given, settings| Ok(Box::new(ResolveParameters::read(given, settings)?)),
};

request!(ResolveParameters, resolve, |_| Effect::Changes);

/// Decides. The report names each conflict that was decided.
pub(super) fn resolve(call: &ResolveParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let slug = Slug::normalize(&call.slug);
    let name = slug.as_ref().map_or_else(|_| call.slug.clone(), ToString::to_string);
    let account = Account::of(&call.site, &name, (true, false));
    let reporter = OperationReporter::new(caller, clock, &name, call.site.lang).with_account(account);
    let mut decided = Vec::new();
    let ended = slug
        .map_err(Error::from)
        .and_then(|slug| run(call, settings, &slug, &reporter))
        .map(|done| decided = done);
    if let Err(fault) = &ended {
        reporter.message(Message::error(fault));
    }
    look::answer(look::one("resolvidos", decided), ended, &reporter, started)
}

fn run(
    call: &ResolveParameters,
    settings: &Settings,
    slug: &Slug,
    reporter: &OperationReporter<'_>,
) -> Result<Vec<Value>, Error> {
    // What a name that nobody knows makes: nothing. It is asked for before the lock, which makes a file.
    let mut database = look::connect(&call.site.root, call.site.database.as_ref())?;
    let meant = sharing::meant(&mut database, slug, reporter)?;
    let slug = meant.as_ref().unwrap_or(slug);
    if !PluginOverview::read(&mut database, &call.site.root, slug, reporter)?.is_known() {
        return Err(PluginRefusal::NotInstalled { slug: slug.to_string() }.into());
    }
    drop(database);
    let site = SiteAccess::of(&call.site);
    let mut session = Session::open(site, &[slug], reporter)?;
    let mut cx = Context {
        site,
        session: &mut session,
        reporter,
    };
    let began = moment(reporter.clock().now());
    let ended = decide(call, settings, slug, &mut cx, reporter);
    if let Err(fault) = &ended {
        tell_failed(call, slug, &began, fault, &mut cx);
    }
    ended
}

fn decide(
    call: &ResolveParameters,
    settings: &Settings,
    slug: &Slug,
    cx: &mut Context<'_>,
    reporter: &OperationReporter<'_>,
) -> Result<Vec<Value>, Error> {
    settle(cx, slug)?;
    let known = PluginOverview::read(&mut cx.session.database, &call.site.root, slug, reporter)?;
    if known.is_paused() {
        return Err(RemovalRefusal::Paused { slug: slug.to_string() }.into());
    }
    if !known.is_installed() {
        return Err(PluginRefusal::NotInstalled { slug: slug.to_string() }.into());
    }
    let chosen = choose(call, slug, &mut cx.session.database)?;
    if chosen.is_empty() {
        return Ok(Vec::new());
    }
    registry::prepare_for(&mut cx.session.database, Feature::Records, &|| reporter.is_wanted())?;
    let blacklist = Blacklist::from_settings(settings.blacklist.as_deref());
    let kept = KeptPackages::of(&call.site, slug, &blacklist);
    let operation = random_hex()?;
    cx.session.database.begin()?;
    let ended = panic::caught(|| {
        let database = &mut cx.session.database;
        transact(call, (&kept, reporter), (&chosen, &operation), database)
    });
    let closings = match ended.unwrap_or_else(|text| Err(Error::internal(text))) {
        Ok(closings) => closings,
        Err(fault) => {
            cx.session.database.rollback()?;
            return Err(fault);
        }
    };
    cx.session.database.commit()?;
    let done = Committed {
        operation: &operation,
        is_whole: false,
        backup: None,
    };
    note(cx, slug, done);
    let each = chosen.iter().zip(closings);
    Ok(each.map(|(conflict, closing)| told(conflict, closing)).collect())
}

/// A refusal is told in the history as well.
fn tell_failed(call: &ResolveParameters, slug: &Slug, began: &str, fault: &Error, cx: &mut Context<'_>) {
    let version = registry::read(&mut cx.session.database, slug).ok().flatten();
    let version = version.and_then(|row| row.version);
    let failed = Failed {
        site: &call.site,
        slug,
        action: Action::Resolve,
        parameters: &parameters(&[], &call.choice),
        batch: None,
        actor: call.actor.as_deref(),
        began,
        from: version.as_deref(),
        to: version.as_deref(),
        checksum: None,
    };
    failure_history::tell(cx, &failed, fault);
}

/// The open conflicts that a call names. All is none where none is open; a number must be one.
fn choose(call: &ResolveParameters, slug: &Slug, database: &mut Database) -> Result<Vec<KnownConflict>, Error> {
    let mut open = registry::read_conflicts(database, slug)?;
    open.retain(|conflict| conflict.is_open);
    let Chosen::Numbers(numbers) = &call.conflicts else {
        return Ok(open);
    };
    for id in numbers {
        if !open.iter().any(|conflict| conflict.id == *id) {
            let (slug, id) = (slug.to_string(), *id);
            return Err(PluginRefusal::UnknownConflict { slug, id }.into());
        }
    }
    open.retain(|conflict| numbers.contains(&conflict.id));
    Ok(open)
}

fn told(conflict: &KnownConflict, closing: Closing) -> Value {
    json!({
        "id": conflict.id, "tabela": conflict.table, "linha": conflict.shown, "coluna": conflict.column,
        "motivo": conflict.reason.word(), "escolha": closing.word(),
    })
}

/// Decides inside the transaction, and tells how each conflict ended.
fn transact(
    call: &ResolveParameters,
    (kept, reporter): (&KeptPackages<'_>, &OperationReporter<'_>),
    (chosen, operation): (&[KnownConflict], &str),
    database: &mut Database,
) -> Result<Vec<Closing>, Error> {
    let now = || moment(reporter.clock().now());
    let began = now();
    let version = registry::read(database, kept.slug)?.and_then(|row| row.version);
    let parameters = parameters(chosen, &call.choice);
    let entry = HistoryEntry {
        operation,
        batch: None,
        slug: kept.slug.as_str(),
        action: Action::Resolve,
        from: version.as_deref(),
        to: version.as_deref(),
        checksum: None,
        source: None,
        manifest: None,
        migrations: None,
        parameters: Some(&parameters),
        server: None,
        actor: call.actor.as_deref(),
        began: &began,
    };
    let history = history::begin(database, &entry)?;
    let before = ledger::read(database, kept.slug)?;
    let tables = tables_of(database, kept.root, chosen, &before.base)?;
    let mut decision = Decision::new(call, (kept, reporter), history, (&tables, &before));
    let mut closings = vec![Closing::Gone; chosen.len()];
    for place in order(&tables, chosen) {
        closings[place] = decision.decide(&chosen[place], database)?;
    }
    let base = decision.base;
    ledger::write(database, kept.slug, &before, &base)?;
    if let Some(mut state) = registry::read_state(database, kept.slug)? {
        state.counter += 1;
        registry::write_state(database, &state)?;
    }
    let outcome = history::RecordedOutcome {
        code: 0,
        committed: true,
        ..history::RecordedOutcome::default()
    };
    history::complete(database, history, &outcome, &now())?;
    Ok(closings)
}

/// Places of conflicts such that values that foreign keys refer to are written before what refers to them.
fn order(tables: &BTreeMap<TableName, CurrentTable>, chosen: &[KnownConflict]) -> Vec<usize> {
    let ranks = data::standing_order(tables);
    let mut places: Vec<usize> = (0..chosen.len()).collect();
    places.sort_by_key(|place| {
        let conflict = &chosen[*place];
        let name = TableName::new(&conflict.table).ok();
        let column = name.as_ref().and_then(|name| {
            let table = tables.get(name)?;
            Some((table, table.column(&conflict.column)?))
        });
        let refers = column.is_some_and(|(table, column)| table.refers_to_itself(column));
        (name.and_then(|name| ranks.get(&name).copied()), refers, conflict.id)
    });
    places
}

/// What the history keeps of the call: no values, which may be long, and may be secrets.
fn parameters(chosen: &[KnownConflict], choice: &Choice) -> String {
    let numbers: Vec<u64> = chosen.iter().map(|conflict| conflict.id).collect();
    json!({"conflito": numbers, "escolha": choice.word()}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_keeps_no_values() {
        let text = parameters(&[], &Choice::Value("secret".to_owned()));
        assert_eq!(text, r#"{"conflito":[],"escolha":"valor"}"#);
    }
}

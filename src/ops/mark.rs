//! `plugin_status_mark`: moves the status of a plugin, as the admin page asks (SPEC §4).

use serde_json::json;

use super::caller::{Caller, Outcome};
use super::definition::{Definition, Effect, Gives, request};
use super::reporter::OperationReporter;
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::config::parameter::{ROOT, SLUG, STATUS};
use crate::config::{CallError, MarkParameters, Settings};
use crate::model::{Bilingual, Lang, Phrase, Slug};
use crate::ops::Error;
use crate::outcome::{ExecutionStatus, ExitCode};
use crate::registry;
use crate::transaction::{Session, SessionError, SiteAccess, check_root};

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "mark",
    function: "plugin_status_mark",
    options: &[],
    takes: MarkParameters::TAKES,
    requires: &[SLUG, STATUS, ROOT],
    gives: Gives::Truth,
    reports: &["PluginMarkReport"],
    summary: Phrase::new(
        "Muda o status de um plugin; false quando isso não é permitido agora, e plugin_report() diz por quê.",
        "Moves a plugin's status; false when that is not allowed now, and plugin_report() says why.",
    ),
    read: |given, settings| Ok(Box::new(MarkParameters::read(given, settings)?)),
};

request!(MarkParameters, mark, |_| Effect::Changes);

/// Marks. The report is `{"ok": bool, "erros": […]}`; `ok` is false when the transition is not allowed, the plugin has
/// no row, or another operation holds its lock; `erros` says which.
fn mark(call: &MarkParameters, _settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let (code, errors) = match try_mark(call, caller, clock) {
        Ok(None) => (ExitCode::Ok, Vec::new()),
        Ok(Some(refusal)) => (refusal.exit_code(), vec![refusal.text(call.site.lang)]),
        Err(fault) => (fault.exit_code(), fault.messages(call.site.lang)),
    };
    let ok = code == ExitCode::Ok;
    let report = json!({"codigo": code.number(), "rotulo": code.label(), "ok": ok, "erros": errors});
    Outcome::new(code, report, call.site.lang)
}

/// Why a status was not moved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("plugin {slug} is not known here: table `plugins` has no row of it; install it, or check the name")]
    Unknown { slug: String },
    #[error("plugin {slug} has the status {from}, from which it cannot be moved to {to}")]
    Transition {
        slug: String,
        from: &'static str,
        to: &'static str,
    },
}

impl Refusal {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Unknown { .. } => ExitCode::ParamsOrFile,
            Self::Transition { .. } => ExitCode::Validate,
        }
    }
}

/// The plugin that is meant, by the name that it has for us: the admin page may have renamed its record. What a name that
/// nobody knows makes: nothing. It is asked for before the lock, which makes a file.
fn known(call: &MarkParameters, slug: &Slug) -> Result<Option<Slug>, Error> {
    check_root(&call.site.root)?;
    let settings = call.site.database.as_ref().ok_or(SessionError::NoDatabase)?;
    let mut database = Database::connect(settings)?;
    let recorded = registry::recorded_slug(&mut database, slug)?;
    let slug = recorded.map_or_else(|| Ok(slug.clone()), |slug| Slug::normalize(&slug))?;
    Ok(registry::read(&mut database, &slug)?.map(|_| slug))
}

fn try_mark(call: &MarkParameters, caller: &Caller, clock: &dyn Clock) -> Result<Option<Refusal>, Error> {
    let slug = Slug::normalize(&call.slug)?;
    let wanted = ExecutionStatus::from_word(&call.status).ok_or_else(|| CallError::WrongValue {
        key: "status".to_owned(),
        found: call.status.chars().take(80).collect(),
        allowed: Phrase::of_others(ExecutionStatus::ALL.map(|(_, word, _)| word).join(", ")),
    })?;
    let unknown = || Some(Refusal::Unknown { slug: slug.to_string() });
    let Some(slug) = known(call, &slug)? else {
        return Ok(unknown());
    };
    let reporter = OperationReporter::new(caller, clock, slug.as_str(), Lang::default());
    let site = SiteAccess {
        root: &call.site.root,
        database: call.site.database.as_ref(),
        lock_wait: 0,
        gestor_version: None,
        waits_for_the_dead: false,
    };
    let mut session = Session::open(site, &[&slug], &reporter)?;
    let Some(row) = registry::read(&mut session.database, &slug)? else {
        return Ok(Some(Refusal::Unknown { slug: slug.to_string() }));
    };
    let found = ExecutionStatus::from_word(&row.status).unwrap_or(ExecutionStatus::Idle);
    let Some(path) = found.path_to(wanted) else {
        return Ok(Some(Refusal::Transition {
            slug: slug.to_string(),
            from: found.word(),
            to: wanted.word(),
        }));
    };
    if let Some(last) = path.last() {
        registry::set_status(&mut session.database, &row, *last)?;
    }
    Ok(None)
}

//! `plugin_recover`, and the first step of every operation: finishes or undoes what a killed run left (SPEC §9).

use std::time::Instant;

use serde::Serialize;

use super::conversation::{Caller, Outcome};
use super::install::{SET_ASIDE, tell_kept};
use super::interrupted;
use super::reporter::{Narrator, milliseconds};
use super::session::{Place, Session, SessionError, check_root, log_of};
use crate::Error;
use crate::archive::is_whole_backup;
use crate::base::clock::Clock;
use crate::config::RecoverParameters;
use crate::log::{Message, Reporter};
use crate::model::Slug;
use crate::outcome::{ExecutionStatus, ExitCode};
use crate::registry;
use crate::stage::{self, Aside, Journal, Layout};

/// What was found of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Found {
    /// Nothing to do.
    #[serde(rename = "nada")]
    Nothing,
    /// A run that had committed: it was finished.
    #[serde(rename = "concluida")]
    Finished,
    /// A run that had not committed: it was undone.
    #[serde(rename = "desfeita")]
    Undone,
    /// A status without a run: it was cleared.
    #[serde(rename = "status")]
    StuckStatus,
}

/// Report of `plugin_recover`.
#[derive(Debug, Default, Serialize)]
struct RecoverReport {
    codigo: i32,
    rotulo: &'static str,
    plugins: Vec<Recovered>,
    erros: Vec<String>,
    /// Why the log could not be written, where it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    log_falhou: Option<String>,
    duracao_ms: u64,
}

#[derive(Debug, Serialize)]
struct Recovered {
    slug: String,
    resultado: Option<Found>,
    erro: Option<String>,
}

/// Brings files and rows of one plugin to exactly the old or the new state. Only under its locks.
pub(super) fn settle(session: &mut Session, place: Place<'_>, narrator: &Narrator<'_>) -> Result<Found, Error> {
    let Some(journal) = Journal::read(place.root, place.slug)? else {
        // A run that died after it closed its journal left its row, and perhaps its staging.
        if let Some(operation) = Journal::closed(place.root, place.slug)? {
            registry::close_operation(&mut session.database, &operation)?;
        }
        let rescued = stage::rescue(place.root, place.slug, narrator.clock().now(), is_whole_backup)?;
        tell_kept(narrator, &rescued);
        if let Some(backup) = rescued.backup {
            let path = backup.display().to_string();
            narrator.message(Message::BackupCreated { path });
        }
        stage::clear(place.root, place.slug)?;
        return Ok(Found::Nothing);
    };
    let layout = journal.layout(place.root, place.slug);
    let committed = interrupted::was_committed(session, place, &journal)?;
    if committed {
        tell_kept(narrator, &stage::finish(&journal, &layout)?);
    } else {
        remove_set_aside(&journal, &layout)?;
        tell_kept(narrator, &stage::undo(&journal, &layout)?);
        mark_failed(session, place, &journal)?;
    }
    registry::close_operation(&mut session.database, journal.operation())?;
    stage::clear(place.root, place.slug)?;
    narrator.message(Message::Recovered { committed });
    Ok(if committed { Found::Finished } else { Found::Undone })
}

/// Says only that an interrupted run waits: for a dry run, which recovers nothing.
pub(super) fn tell_waiting(place: Place<'_>, narrator: &Narrator<'_>) -> Result<(), Error> {
    if let Some(journal) = Journal::read(place.root, place.slug)? {
        narrator.message(Message::RunWaits {
            begun: journal.begun().to_owned(),
            database: journal.database().map(|database| database.name.clone()),
        });
    }
    Ok(())
}

/// A run of an earlier release that had changed nothing may have been another database's: its status stays there.
fn mark_failed(session: &mut Session, place: Place<'_>, journal: &Journal) -> Result<(), Error> {
    if journal.database().is_some() {
        return Ok(registry::mark_failed(&mut session.database, place.slug)?);
    }
    clear_status(session, place.slug).map(drop)
}

/// Rows that a run set aside which did not commit are still in the database.
fn remove_set_aside(journal: &Journal, layout: &Layout) -> Result<(), Error> {
    if let Some(stamp) = journal.facts.get(SET_ASIDE).and_then(serde_json::Value::as_str) {
        let owner = stage::kept_owner(layout.root())?;
        Aside::of(layout.kept(), stamp.to_owned(), owner).remove()?;
    }
    Ok(())
}

/// `plugin_recover`: one plugin, or all of which something stands.
pub(super) fn recover(call: &RecoverParameters, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let mut report = RecoverReport::default();
    let mut code = ExitCode::Ok;
    match candidates(call) {
        Ok(slugs) => {
            for slug in slugs {
                let (found, log_fault) = recover_one(call, &slug, caller, clock);
                report.log_falhou = report.log_falhou.or(log_fault);
                if let Err(fault) = &found {
                    code = fault.exit_code();
                }
                let erro = found.as_ref().err().map(ToString::to_string);
                report.erros.extend(erro.iter().map(|text| format!("{slug}: {text}")));
                report.plugins.push(Recovered {
                    slug: slug.to_string(),
                    resultado: found.ok(),
                    erro,
                });
            }
        }
        Err(fault) => {
            code = fault.exit_code();
            report.erros = fault.messages();
        }
    }
    (report.codigo, report.rotulo) = (code.number(), code.label());
    report.duracao_ms = milliseconds(started.elapsed());
    Outcome::new(code, serde_json::to_value(&report).unwrap_or_default())
}

/// Plugins with something in staging, those with an open operation, and those whose status says that one runs.
fn candidates(call: &RecoverParameters) -> Result<Vec<Slug>, Error> {
    check_root(&call.root)?;
    if let Some(slug) = &call.slug {
        return Ok(vec![Slug::normalize(slug)?]);
    }
    let settings = call.database.as_ref().ok_or(SessionError::NoDatabase)?;
    let mut database = crate::base::db::Database::connect(settings)?;
    let mut slugs = stage::pending(&call.root)?;
    let mut named = registry::running(&mut database)?;
    named.extend(registry::open_operations(&mut database)?);
    slugs.extend(named.iter().filter_map(|slug| Slug::normalize(slug).ok()));
    slugs.sort();
    slugs.dedup();
    Ok(slugs)
}

fn recover_one(
    call: &RecoverParameters,
    slug: &Slug,
    caller: &Caller,
    clock: &dyn Clock,
) -> (Result<Found, Error>, Option<String>) {
    let log = log_of(&call.root, slug.as_str());
    let narrator = Narrator::new(caller, clock, slug.as_str(), call.lang).with_log(log, false);
    let place = Place {
        slug,
        root: &call.root,
        database: call.database.as_ref(),
        lock_wait: call.lock_wait,
        waits_for_the_dead: true,
    };
    let ended = Session::open(place, &narrator)
        .map_err(Error::from)
        .and_then(|mut session| {
            let found = settle(&mut session, place, &narrator)?;
            super::install::tell_leftovers(&narrator, &call.root, slug);
            let cleared = clear_status(&mut session, slug)?;
            if found == Found::Nothing && registry::read(&mut session.database, slug)?.is_none() {
                // Nobody knows the plugin: asking for it makes nothing.
                session.close_without_trace();
            }
            Ok(if found == Found::Nothing && cleared {
                Found::StuckStatus
            } else {
                found
            })
        });
    if let Err(fault) = &ended {
        narrator.message(Message::Error(fault.to_string()));
    }
    (ended, narrator.log_fault())
}

/// A status that says "running" while its lock was free belongs to a run that died before it began to change anything.
fn clear_status(session: &mut Session, slug: &Slug) -> Result<bool, Error> {
    let found = registry::read(&mut session.database, slug)?;
    let status = found.and_then(|row| ExecutionStatus::from_word(&row.status));
    if !status.is_some_and(ExecutionStatus::is_running) {
        return Ok(false);
    }
    registry::mark_failed(&mut session.database, slug)?;
    Ok(true)
}

//! `plugin_status_mark`: moves the status of a plugin, as the admin page asks (SPEC §4).

use serde_json::json;

use super::conversation::{Caller, Outcome};
use super::reporter::Narrator;
use super::session::{Place, Session, SessionError};
use crate::Error;
use crate::base::clock::Clock;
use crate::config::{CallError, MarkParameters};
use crate::model::{Lang, Slug};
use crate::outcome::{ExecutionStatus, ExitCode};
use crate::registry;

/// Marks. The report is `{"ok": bool, "erros": […]}`; `ok` is false when the transition is not allowed, the plugin has
/// no row, or another operation holds its lock.
pub(super) fn mark(call: &MarkParameters, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let (code, ok, errors) = match try_mark(call, caller, clock) {
        Ok(ok) => (ExitCode::Ok, ok, Vec::new()),
        Err(Error::Session(SessionError::Busy { .. })) => (ExitCode::Ok, false, Vec::new()),
        Err(fault) => (fault.exit_code(), false, fault.messages()),
    };
    let report = json!({"codigo": code.number(), "rotulo": code.label(), "ok": ok, "erros": errors});
    Outcome::new(code, report)
}

fn try_mark(call: &MarkParameters, caller: &Caller, clock: &dyn Clock) -> Result<bool, Error> {
    let slug = Slug::normalize(&call.slug)?;
    let wanted = ExecutionStatus::from_word(&call.status).ok_or_else(|| CallError::WrongValue {
        key: "status".to_owned(),
        found: call.status.chars().take(80).collect(),
        allowed: ExecutionStatus::ALL.map(|(_, word, _)| word).join(", "),
    })?;
    let narrator = Narrator::new(caller, clock, slug.as_str(), Lang::default());
    let place = Place {
        slug: &slug,
        root: &call.root,
        database: call.database.as_ref(),
        lock_wait: 0,
        waits_for_the_dead: false,
    };
    let mut session = Session::open(place, &narrator)?;
    let Some(row) = registry::read(&mut session.database, &slug)? else {
        return Ok(false);
    };
    let found = ExecutionStatus::from_word(&row.status).unwrap_or(ExecutionStatus::Idle);
    let Some(path) = found.path_to(wanted) else {
        return Ok(false);
    };
    if let Some(last) = path.last() {
        registry::set_status(&mut session.database, &row, *last)?;
    }
    Ok(true)
}

//! `plugin_audit_append`: what others let through or refused, recorded in the audit log (SPEC 3 §7). A refusal is on the disk before
//! whoever called hears of it.

use std::time::Instant;

use serde_json::{Map, Value};

use super::audit_site::{self, Unwritten};
use super::caller::{Caller, Outcome};
use super::definition::{Definition, Effect, Gives, Request};
use super::reporter::OperationReporter;
use super::{Error, look};
use crate::base::clock::Clock;
use crate::base::fs::random_hex;
use crate::config::parameter::{RECORDS, ROOT};
use crate::config::{AppendParameters, AppendedRecord, AuditLevel, CallError, Settings, Site};
use crate::log::{Message, Reporter};
use crate::model::{Bilingual as _, Phrase};
use crate::observe::audit::{Gathered, OWN, Purpose, Record};
use crate::transaction::check_root;

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "audit_append",
    function: "plugin_audit_append",
    options: &[],
    takes: AppendParameters::TAKES,
    requires: &[RECORDS, ROOT],
    gives: Gives::Code,
    reports: &["PluginAuditAppendReport"],
    summary: Phrase::new(
        "Grava registros no registro de auditoria, de uma vez: o que foi permitido ou negado a plugins. O que se repete é contado (`vezes`). Negados estão no disco quando a função volta. Ações que começam com `operacao.`, `credencial.`, `indice.`, `auditoria.` ou `confianca.` são só desta biblioteca.",
        "Writes records to the audit log, at once: what plugins were allowed or refused. What repeats is counted (`vezes`). Refusals are on the disk when the function returns. Actions that begin with `operacao.`, `credencial.`, `indice.`, `auditoria.` or `confianca.` are this library's alone.",
    ),
    read: |given, settings| Ok(Box::new(AppendParameters::read(given, settings)?)),
};

impl Request for AppendParameters {
    fn site(&self) -> &Site {
        &self.site
    }

    fn site_mut(&mut self) -> &mut Site {
        &mut self.site
    }

    fn effect(&self) -> Effect {
        // What it says is recorded, and not that it says so.
        Effect::Looks
    }

    fn carry_out(&self, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
        let started = Instant::now();
        let reporter = OperationReporter::new(caller, clock, "", self.site.lang);
        let mut found = look::one("gravados", Value::Null);
        let ended = append((self, settings), clock, &reporter, &mut found);
        if let Err(fault) = &ended {
            audit_site::tell_machine(&fault.text(self.site.lang));
        }
        look::answer(found, ended, &reporter, started)
    }
}

fn append(
    (call, settings): (&AppendParameters, &Settings),
    clock: &dyn Clock,
    reporter: &OperationReporter<'_>,
    found: &mut Map<String, Value>,
) -> Result<(), Error> {
    check_root(&call.site.root)?;
    let request = call.request.clone().map_or_else(random_hex, Ok)?;
    let mut gathered = Gathered::default();
    for record in &call.records {
        if settings.audit.level != AuditLevel::Refused || !record.is_allowed {
            // All are of one call, which has a limit.
            let _ = gathered.add(read(record, &request, call.actor.as_deref())?);
        }
    }
    let records = gathered.take();
    let count = records.len();
    if records.is_empty() {
        found.insert("gravados".to_owned(), 0.into());
        return Ok(());
    }
    let is_refused = records.iter().any(|record| !record.is_allowed);
    let purpose = if is_refused { Purpose::Refused } else { Purpose::Allowed };
    let mut log = audit_site::open(&call.site.root, settings.audit).map_err(|unwritten| match unwritten {
        Unwritten::Place(fault) => *fault,
        Unwritten::Log(fault) => fault.into(),
    })?;
    let now = clock.now();
    let appended = log.append(&records, purpose, now)?;
    found.insert("gravados".to_owned(), count.into());
    found.insert("ultimo".to_owned(), appended.last.into());
    if let Some(told) = audit_site::spread(Some(&call.site), (&mut log, &appended), now) {
        reporter.message(Message::Warning(told));
    }
    Ok(())
}

fn read(record: &AppendedRecord, request: &str, actor: Option<&str>) -> Result<Record, Error> {
    if OWN.iter().any(|own| record.action.starts_with(own)) {
        return Err(Error::Call(CallError::WrongValue {
            key: "acao".to_owned(),
            found: record.action.chars().take(80).collect(),
            allowed: others_alone(),
        }));
    }
    Ok(Record {
        plugin: record.plugin.clone(),
        action: record.action.clone(),
        resource: record.resource.clone(),
        is_allowed: record.is_allowed,
        reason: record.reason.clone(),
        times: record.times,
        request: request.to_owned(),
        actor: actor.map(str::to_owned),
        context: record.context.clone(),
    })
}

/// What actions of others are called.
fn others_alone() -> Phrase {
    let own = OWN.join(", ");
    Phrase::made(
        format!("um nome que não comece com {own}"),
        format!("a name that does not begin with {own}"),
    )
}

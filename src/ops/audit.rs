//! `plugin_audit`: whether the audit log is what was written, and what stands in it (SPEC 3 §7). Changes nothing of it.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::audit_site;
use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, Request};
use super::reporter::OperationReporter;
use super::{Error, look};
use crate::base::clock::Clock;
use crate::base::fs::{Attempt, FsError, settled_path, write_new};
use crate::config::parameter::{ACTION, OUTPUT, ROOT};
use crate::config::{AuditAction, AuditParameters, CallError, Settings, Site, WantedRecords};
use crate::model::Phrase;
use crate::observe::audit::{self, AuditError, Checked, Difference, Filter, Format, Place};
use crate::transaction::check_root;

/// Of a file of records: they tell who did what.
const MODE: u32 = 0o600;
/// How often a log is read again that changed while it was read.
const ATTEMPTS: u32 = 4;
/// Where they are written to.
const OUTSIDE: Phrase = Phrase::new(
    "um arquivo fora da pasta do registro de auditoria",
    "a file outside the audit log's folder",
);

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "audit",
    function: "plugin_audit",
    options: &[CommandOption {
        name: "auditoria",
        implies: &[],
        help: Phrase::new(
            "o registro de auditoria deste servidor: --auditoria=conferir diz se ele é o que foi escrito (código 33 e a primeira diferença, se não for); =listar mostra os últimos registros (--limite=, --id=, --desde=, --ate=, --negados); =exportar --saida=<arquivo> [--formato=jsonl|csv] grava todos, ou os últimos --limite=, num arquivo novo",
            "the audit log of this server: --auditoria=conferir tells whether it is what was written (code 33 and the first difference where it is not); =listar shows the last records (--limite=, --id=, --desde=, --ate=, --negados); =exportar --saida=<file> [--formato=jsonl|csv] writes all, or the last --limite=, to a new file",
        ),
    }],
    takes: AuditParameters::TAKES,
    requires: &[ACTION, ROOT],
    gives: Gives::Report,
    reports: &["PluginAuditReport", "PluginInstallReport"],
    summary: Phrase::new(
        "O registro de auditoria: `conferir` diz se ele é o que foi escrito, também pelos pontos de controle do banco quando `db` é informado; `listar` dá os últimos registros, `exportar` os grava em `saida`.",
        "The audit log: `conferir` tells whether it is what was written, by the checkpoints of the database as well where `db` is given; `listar` gives the last records, `exportar` writes them to `saida`.",
    ),
    read: |given, settings| Ok(Box::new(AuditParameters::read(given, settings)?)),
};

impl Request for AuditParameters {
    fn site(&self) -> &Site {
        &self.site
    }

    fn site_mut(&mut self) -> &mut Site {
        &mut self.site
    }

    fn slug(&self) -> Option<&str> {
        self.wanted.plugin.as_deref()
    }

    fn paths(&self) -> Vec<(&'static str, &Path)> {
        match &self.action {
            AuditAction::Export { output, .. } => vec![(OUTPUT.name, output.as_path())],
            _ => Vec::new(),
        }
    }

    fn effect(&self) -> Effect {
        Effect::Looks
    }

    fn carry_out(&self, _settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
        let started = Instant::now();
        let reporter = OperationReporter::new(caller, clock, "", self.site.lang);
        let mut found = look::one("acao", self.action.word());
        let ended = act(self, &mut found);
        look::answer(found, ended, &reporter, started)
    }
}

fn act(call: &AuditParameters, found: &mut Map<String, Value>) -> Result<(), Error> {
    check_root(&call.site.root)?;
    let place = audit_site::place(&call.site.root)?;
    let server = place.server()?;
    found.insert("servidor".to_owned(), json!(server));
    let filter = filter(&call.wanted);
    match (&call.action, &server) {
        (AuditAction::Check, Some(server)) => check(call, (&place, server), found),
        (AuditAction::Check, None) => Ok(audit::check_nobodys(&place)?),
        (AuditAction::List(most), server) => {
            let most = usize::try_from(*most).unwrap_or(usize::MAX);
            let records = server
                .as_ref()
                .map(|server| audit::list(&place, server, &filter, most))
                .transpose()?;
            found.insert("registros".to_owned(), records.unwrap_or_default().into());
            Ok(())
        }
        (AuditAction::Export { output, most, is_table }, server) => {
            let format = if *is_table { Format::Table } else { Format::Lines };
            let path = settled_path(output)?;
            if audit_site::holds(&call.site.root, &path) {
                return Err(Error::Call(CallError::WrongValue {
                    key: OUTPUT.name.to_owned(),
                    found: path.to_string_lossy().into_owned(),
                    allowed: OUTSIDE,
                }));
            }
            let count = export((&place, server.as_deref()), (&filter, *most, format), &path)?;
            found.insert("arquivo".to_owned(), path.to_string_lossy().into());
            found.insert("exportados".to_owned(), count.into());
            Ok(())
        }
    }
}

fn filter(wanted: &WantedRecords) -> Filter {
    Filter {
        plugin: wanted.plugin.clone(),
        since: wanted.since,
        until: wanted.until,
        only_refused: wanted.only_refused,
    }
}

fn check(call: &AuditParameters, (place, server): (&Place, &str), found: &mut Map<String, Value>) -> Result<(), Error> {
    let checked = checked(call, place, server)?;
    let facts = [
        ("primeiro", json!(checked.first)),
        ("tamanho", json!(checked.size)),
        ("raiz", json!(checked.root.to_string())),
        ("segmentos", json!(checked.segments)),
        ("pontos", json!(checked.points)),
        ("lidos", json!(checked.records)),
    ];
    found.extend(facts.map(|(key, value)| (key.to_owned(), value)));
    Ok(())
}

/// The table is read before the files: where old records go in between, both are read again.
fn checked(call: &AuditParameters, place: &Place, server: &str) -> Result<Checked, Error> {
    let mut left = ATTEMPTS;
    loop {
        let noted = audit_site::noted(&call.site.root, call.site.database.as_ref(), server)?;
        match audit::check(place, server, &noted) {
            Err(AuditError::Differs(Difference::Unforgotten { .. })) if left > 0 => left -= 1,
            checked => return Ok(checked?),
        }
    }
}

/// A new file, whole or not at all.
fn export(
    (place, server): (&Place, Option<&str>),
    (filter, most, format): (&Filter, Option<u64>, Format),
    path: &Path,
) -> Result<u64, Error> {
    let mut count = 0;
    write_new(path, (None, MODE), |file: &File| -> Result<(), Error> {
        let mut output = BufWriter::new(file);
        let unwritten = |fault| FsError::new(Attempt::Write, path, fault);
        if let Some(server) = server {
            count = audit::export((place, server), (filter, most), format, &mut output)?.map_err(unwritten)?;
        }
        Ok(output.flush().map_err(unwritten)?)
    })?;
    Ok(count)
}

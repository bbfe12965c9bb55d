//! What of an operation is recorded (SPEC 3 §7): its end where it changes something, what is refused for the sake of trust in any
//! case, and what was gathered meanwhile. A dry run leaves no trace.

use serde_json::{Map, Value, json};

use super::audit_site::{self, Unwritten};
use super::caller::{Caller, Outcome};
use super::definition::{Effect, Request};
use super::trust_folder::{self, standing_trust_folder};
use super::{Error, confine};
use crate::base::clock::Clock;
use crate::base::fs::{Owner, random_hex};
use crate::base::panic;
use crate::config::{AuditLevel, Settings, Site};
use crate::model::{Bilingual, Phrase};
use crate::observe::audit::{Log, Purpose, Record};
use crate::outcome::ExitCode;
use crate::{stage, trust};

/// What of a report stands in the record of an operation.
const TOLD: [&str; 20] = [
    "versao_anterior",
    "versao",
    "checksum",
    "origem",
    "inalterado",
    "arquivos",
    "migracoes",
    "acao",
    "alias",
    "nova",
    "chave_id",
    "rotacionadas",
    "indices",
    "resolvidos",
    "backup",
    "removido",
    "historico",
    "confirmado",
    "bytes",
    "assinatura",
];

/// Carries a call out, and records what has to be.
pub(super) fn carry_out(request: &dyn Request, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let effect = request.effect();
    if effect == Effect::Trial || !stage::is_gestor(&request.site().root) {
        return request.carry_out(settings, caller, clock);
    }
    let mut auditing = match Auditing::begin(request, settings, caller, clock) {
        Ok(auditing) => auditing,
        Err(fault) => return confine::refused(request, &fault),
    };
    let lang = request.site().lang;
    // A bug of ours does not go unrecorded.
    let ended = panic::caught(|| request.carry_out(settings, caller, clock));
    let mut outcome = ended.unwrap_or_else(|text| Outcome::internal(&text, lang));
    auditing.end(&mut outcome);
    outcome
}

struct Auditing<'a> {
    request: &'a dyn Request,
    settings: &'a Settings,
    caller: &'a Caller,
    clock: &'a dyn Clock,
    /// The number of this call.
    number: String,
    /// Where it was needed before there was anything to write.
    log: Option<Log>,
    /// Whether checkpoints go to the database.
    is_spread: bool,
}

impl<'a> Auditing<'a> {
    /// Where nothing is done that cannot be recorded, that it begins is recorded first.
    fn begin(
        request: &'a dyn Request,
        settings: &'a Settings,
        caller: &'a Caller,
        clock: &'a dyn Clock,
    ) -> Result<Self, Error> {
        let mut auditing = Self {
            request,
            settings,
            caller,
            clock,
            number: random_hex()?,
            log: None,
            is_spread: true,
        };
        if settings.audit.level == AuditLevel::Insist && request.effect() == Effect::Changes {
            let mut record = auditing.record(request.slug());
            record.context.insert("fase".to_owned(), "inicio".into());
            let begun = auditing.append(vec![record], Purpose::Refused);
            begun.map_err(Unwritten::refusal)?;
        }
        Ok(auditing)
    }

    fn record(&self, plugin: Option<&str>) -> Record {
        let about = self.caller.about();
        Record {
            plugin: plugin.filter(|name| !name.is_empty()).map(str::to_owned),
            ..Record::new(&format!("operacao.{}", about.word), &self.number)
        }
    }

    /// Records the end. That it cannot be is told: in the report, and on standard error.
    fn end(&mut self, outcome: &mut Outcome) {
        let mut records = self.caller.take_gathered();
        let is_recorded = match self.request.effect() {
            Effect::Changes => true,
            Effect::Looks => is_of_trust(outcome.code),
            Effect::Trial => false,
        };
        if is_recorded {
            records.extend(self.records(outcome));
        }
        if self.settings.audit.level == AuditLevel::Refused {
            records.retain(|record| !record.is_allowed);
        }
        if records.is_empty() {
            return;
        }
        let purpose = if is_recorded { Purpose::End } else { Purpose::Allowed };
        // Where the database could not be reached, it is not waited for once more.
        self.is_spread = outcome.code != ExitCode::Sync;
        let told = match self.append(records, purpose) {
            Ok(None) => return,
            Ok(Some(told)) => told,
            Err(fault) => audit_site::unrecorded(&fault.phrase()),
        };
        audit_site::tell_machine(&told.text(self.request.site().lang));
        if let Some(Value::Array(warnings)) = outcome.report.get_mut("avisos") {
            warnings.push(told.text(self.request.site().lang).into());
        }
    }

    /// What there is to tell of it, where there is something.
    fn append(&mut self, mut records: Vec<Record>, purpose: Purpose) -> Result<Option<Phrase>, Unwritten> {
        let actor = self.caller.about().actor.clone();
        for record in &mut records {
            record.request.clone_from(&self.number);
            record.actor.clone_from(&actor);
        }
        let site = self.request.site();
        let mut log = match self.log.take() {
            Some(log) => log,
            None => audit_site::open(&site.root, self.settings.audit)?,
        };
        let now = self.clock.now();
        let appended = log.append(&records, purpose, now)?;
        let told = audit_site::spread(self.is_spread.then_some(site), (&mut log, &appended), now);
        self.log = Some(log);
        Ok(told)
    }

    /// One of the operation, and one of each plugin where it was about several.
    fn records(&self, outcome: &Outcome) -> Vec<Record> {
        let site = self.request.site();
        let trust = (self.request.effect() == Effect::Changes).then(|| trust_digest(site));
        let mut records = vec![self.record_of(&outcome.report, outcome.code.number(), trust.as_ref())];
        let parts = outcome.report.get("plugins").and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            if let Some(code) = part.get("codigo").and_then(Value::as_i64) {
                let code = i32::try_from(code).unwrap_or(ExitCode::Internal.number());
                records.push(self.record_of(part, code, trust.as_ref()));
            }
        }
        records
    }

    fn record_of(&self, report: &Value, code: i32, trust: Option<&Value>) -> Record {
        let text = |key: &str| report.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let mut record = self.record(text("slug").or(self.request.slug()));
        record.is_allowed = code == ExitCode::Ok.number() || code == ExitCode::Script.number();
        record.resource = text("versao")
            .or_else(|| text("alias"))
            .or_else(|| text("acao"))
            .map(str::to_owned);
        let errors = report.get("erros").and_then(Value::as_array);
        record.reason = errors.and_then(|errors| errors.first()?.as_str().map(str::to_owned));
        let context = &mut record.context;
        context.insert("codigo".to_owned(), code.into());
        context.insert("rotulo".to_owned(), ExitCode::label_of(code.into()).into());
        for key in TOLD {
            if let Some(value) = report.get(key).filter(|value| !value.is_null()) {
                context.insert(key.to_owned(), value.clone());
            }
        }
        if let Some(rows) = rows(report) {
            context.insert("linhas".to_owned(), rows);
        }
        if let Some(trust) = trust {
            context.insert("confianca".to_owned(), trust.clone());
        }
        context.insert("uid".to_owned(), Owner::process_uid().into());
        record
    }
}

/// Whether a call that only looks ended so for the sake of trust.
fn is_of_trust(code: ExitCode) -> bool {
    matches!(
        code,
        ExitCode::Credential | ExitCode::Checksum | ExitCode::Signature | ExitCode::Stale
    )
}

/// Rows of all tables, by what became of them.
fn rows(report: &Value) -> Option<Value> {
    let mut sums: Map<String, Value> = Map::new();
    for counts in report.get("tabelas")?.as_object()?.values() {
        for (what, count) in counts.as_object().into_iter().flatten() {
            let Some(count) = count.as_u64().filter(|count| *count > 0) else {
                continue;
            };
            let before = sums.get(what).and_then(Value::as_u64).unwrap_or(0);
            sums.insert(what.clone(), (before + count).into());
        }
    }
    Some(Value::Object(sums))
}

/// What the site believed: the digest of its trust folder; where that cannot be read, why.
fn trust_digest(site: &Site) -> Value {
    let read = || -> Result<Option<String>, Error> {
        let Some(path) = standing_trust_folder(site)? else {
            return Ok(None);
        };
        let owner = trust_folder::owner(site, &path)?;
        Ok(Some(trust::digest(&path, owner)?.to_string()))
    };
    match read() {
        Ok(digest) => json!(digest),
        Err(fault) => json!({"erro": fault.exit_code().number()}),
    }
}

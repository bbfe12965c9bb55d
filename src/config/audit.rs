//! Settings of the audit log, and parameters of `plugin_audit` and `plugin_audit_append` (SPEC 3 §7). Checks shapes; what is
//! recorded is decided in `ops`, how in `observe`.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::choices::{said, word};
use super::parameter::{
    ACTION, ACTOR, DATABASE, FORMAT, LANG, MOST, ONLY_REFUSED, OUTPUT, RECORDS, REQUEST, ROOT, SINCE, SLUG, UNTIL,
};
use super::{Argument, CallError, Given, Parameter, Settings, Site, messages};

/// Records that are listed where nobody says how many.
const LISTED: u64 = 50;
/// Records of one call.
const MOST_APPENDED: usize = 10_000;
/// How deep what is said of one may be nested.
const DEEPEST: usize = 16;

/// What is recorded (`auditoria`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuditLevel {
    /// Everything (`tudo`).
    #[default]
    All,
    /// What was refused (`negados`).
    Refused,
    /// Everything, and nothing is done that cannot be recorded (`exigir`).
    Insist,
}

impl AuditLevel {
    const WORDS: [(&'static str, Self); 3] = [
        ("tudo", Self::All),
        ("negados", Self::Refused),
        ("exigir", Self::Insist),
    ];

    /// Reads `auditoria`.
    pub fn from_word(key: &str, value: &str) -> Result<Self, CallError> {
        word(key, value, &Self::WORDS)
    }

    /// The word that is said for it.
    pub fn word(self) -> &'static str {
        said(&self, &Self::WORDS)
    }
}

/// What is recorded, and how much of it stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditRules {
    /// What is recorded.
    pub level: AuditLevel,
    /// Days; 0 is no limit.
    pub days: u64,
    /// MiB; 0 is no limit.
    pub mebibytes: u64,
}

impl Default for AuditRules {
    fn default() -> Self {
        Self {
            level: AuditLevel::All,
            days: 400,
            mebibytes: 512,
        }
    }
}

/// What is done with the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditAction {
    /// Show whether it is what was written (`conferir`).
    Check,
    /// The newest records, at most so many (`listar`).
    List(u64),
    /// Records, in a new file (`exportar`).
    Export {
        /// The file.
        output: PathBuf,
        /// The newest ones, so many; all where nobody says.
        most: Option<u64>,
        /// With commas between, in place of a record a line.
        is_table: bool,
    },
}

impl AuditAction {
    /// The word that is said for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Check => "conferir",
            Self::List(_) => "listar",
            Self::Export { .. } => "exportar",
        }
    }
}

/// Which records are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WantedRecords {
    /// Of one plugin.
    pub plugin: Option<String>,
    /// From then on.
    pub since: Option<DateTime<Utc>>,
    /// Until then.
    pub until: Option<DateTime<Utc>>,
    /// Only what was refused.
    pub only_refused: bool,
}

/// Parameters of `plugin_audit`.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditParameters {
    /// What is done.
    pub action: AuditAction,
    /// With which records.
    pub wanted: WantedRecords,
    /// The gestor.
    pub site: Site,
}

#[derive(Clone, Copy)]
enum Word {
    Check,
    List,
    Export,
}

const WORDS: [(&str, Word); 3] = [
    ("conferir", Word::Check),
    ("listar", Word::List),
    ("exportar", Word::Export),
];

const FORMATS: [(&str, bool); 2] = [("jsonl", false), ("csv", true)];

impl AuditParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
        ACTION,
        SLUG,
        SINCE,
        UNTIL,
        ONLY_REFUSED,
        MOST,
        FORMAT,
        OUTPUT,
        ROOT,
        DATABASE,
        LANG,
    ];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        let action = given.wanted_text(&ACTION, messages::AUDIT_ACTION)?;
        let is_table = given.choice(&FORMAT, |key, value| word(key, value, &FORMATS), false)?;
        let action = match word(ACTION.name, &action, &WORDS)? {
            Word::Check => AuditAction::Check,
            Word::List => AuditAction::List(given.count(&MOST)?.unwrap_or(LISTED)),
            Word::Export => AuditAction::Export {
                output: given.wanted_path(&OUTPUT, messages::AUDIT_OUTPUT)?,
                most: given.count(&MOST)?,
                is_table,
            },
        };
        Ok(Self {
            action,
            wanted: WantedRecords {
                plugin: given.text(&SLUG)?,
                since: moment(&given, &SINCE, TimeDelta::zero())?,
                // A day is meant with all of it.
                until: moment(&given, &UNTIL, TimeDelta::days(1) - TimeDelta::milliseconds(1))?,
                only_refused: given.flag(&ONLY_REFUSED)?,
            },
            site: Site::read(&given, settings, 0)?,
        })
    }
}

/// A time with its zone, or so far into a day of UTC.
fn moment(given: &Given, parameter: &Parameter, into_day: TimeDelta) -> Result<Option<DateTime<Utc>>, CallError> {
    let Some(text) = given.text(parameter)? else {
        return Ok(None);
    };
    let exact = DateTime::parse_from_rfc3339(&text).ok().map(|moment| moment.to_utc());
    let day = || {
        let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok()?;
        Some(day.and_time(NaiveTime::MIN).and_utc() + into_day)
    };
    exact.or_else(day).map(Some).ok_or_else(|| CallError::WrongValue {
        key: parameter.name.to_owned(),
        found: text.chars().take(80).collect(),
        allowed: messages::A_MOMENT,
    })
}

/// A record as somebody else tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct AppendedRecord {
    /// The plugin.
    pub plugin: Option<String>,
    /// What was done.
    pub action: String,
    /// With what.
    pub resource: Option<String>,
    /// It was let through.
    pub is_allowed: bool,
    /// Why not.
    pub reason: Option<String>,
    /// How often.
    pub times: u64,
    /// What else there is to say.
    pub context: Map<String, Value>,
}

/// Parameters of `plugin_audit_append`.
#[derive(Debug, Clone, PartialEq)]
pub struct AppendParameters {
    /// What is recorded.
    pub records: Vec<AppendedRecord>,
    /// The request that all of it is of.
    pub request: Option<String>,
    /// Who asked.
    pub actor: Option<String>,
    /// The gestor.
    pub site: Site,
}

impl AppendParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[RECORDS, REQUEST, ACTOR, ROOT, DATABASE, LANG];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        let (key, hint) = (RECORDS.name, messages::AUDIT_RECORDS);
        let records = match given.value(&RECORDS) {
            Argument::List(items) if (1..=MOST_APPENDED).contains(&items.len()) => items,
            Argument::Null | Argument::List(_) => return Err(CallError::Missing { key, hint }),
            Argument::Map(entries) if entries.is_empty() => return Err(CallError::Missing { key, hint }),
            other => return Err(other.wrong(key, "list")),
        };
        let read = |(at, record)| read_record(record).map_err(|fault| fault.within(&format!("{key}.{at}")));
        Ok(Self {
            records: records.iter().enumerate().map(read).collect::<Result<_, _>>()?,
            request: given.text(&REQUEST)?,
            actor: given.text(&ACTOR)?,
            site: Site::read(&given, settings, 0)?,
        })
    }
}

/// Keys of a record.
const KEYS: [&str; 7] = ["plugin", "acao", "recurso", "permitido", "motivo", "vezes", "ctx"];

fn read_record(record: &Argument) -> Result<AppendedRecord, CallError> {
    let Argument::Map(entries) = record else {
        return Err(record.wrong("", "array"));
    };
    if let Some((key, _)) = entries.iter().find(|(key, _)| !KEYS.contains(&key.as_str())) {
        return Err(CallError::UnknownKey {
            key: key.chars().take(80).collect(),
            known: KEYS.join(", "),
        });
    }
    let value = |key: &str| {
        let found = entries.iter().find(|(found, _)| found == key);
        found.map_or(&Argument::Null, |(_, value)| value)
    };
    let text = |key: &str| value(key).text(key);
    let action = text("acao")?.filter(|action| !action.is_empty());
    Ok(AppendedRecord {
        plugin: text("plugin")?,
        action: action.ok_or_else(|| value("acao").wrong("acao", "string"))?,
        resource: text("recurso")?,
        // What nobody called allowed was not.
        is_allowed: value("permitido").flag("permitido")?,
        reason: text("motivo")?,
        times: value("vezes").count("vezes")?.unwrap_or(1).max(1),
        context: match json(value("ctx"), DEEPEST) {
            Value::Object(entries) => entries,
            Value::Null => Map::new(),
            _ => return Err(value("ctx").wrong("ctx", "array")),
        },
    })
}

/// An argument as JSON has it; what is too deep in it is left out.
pub(super) fn json(argument: &Argument, depth: usize) -> Value {
    let Some(below) = depth.checked_sub(1) else {
        return Value::Null;
    };
    match argument {
        Argument::Null | Argument::Callable => Value::Null,
        Argument::Bool(value) => (*value).into(),
        Argument::Int(value) => (*value).into(),
        Argument::Float(value) => (*value).into(),
        Argument::Bytes(text) => String::from_utf8_lossy(text).into(),
        // What PHP calls an empty array is either.
        Argument::List(items) if items.is_empty() => Value::Null,
        Argument::List(items) => items.iter().map(|item| json(item, below)).collect(),
        Argument::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.clone(), json(value, below)));
            Value::Object(entries.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Argument {
        Argument::Bytes(text.as_bytes().to_vec())
    }

    fn call(more: &[(&str, Argument)]) -> Argument {
        let more = more.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
        Argument::Map(more.chain([("raiz".to_owned(), text("/g"))]).collect())
    }

    fn audit(more: &[(&str, Argument)]) -> Result<AuditParameters, CallError> {
        AuditParameters::read(call(more), &Settings::default())
    }

    #[test]
    fn times_are_moments_or_days() {
        let listing = |since: &str, until: &str| {
            let read = audit(&[("acao", text("listar")), ("desde", text(since)), ("ate", text(until))]);
            read.map(|read| {
                (
                    read.wanted.since.unwrap().to_rfc3339(),
                    read.wanted.until.unwrap().to_rfc3339(),
                )
            })
        };
        assert_eq!(
            listing("2026-01-02", "2026-01-02").unwrap(),
            (
                "2026-01-02T00:00:00+00:00".to_owned(),
                "2026-01-02T23:59:59.999+00:00".to_owned()
            )
        );
        let exact = listing("2026-01-02T03:04:05-03:00", "2026-01-02T03:04:05Z").unwrap();
        assert_eq!(exact.0, "2026-01-02T06:04:05+00:00");
        assert!(listing("yesterday", "2026-01-02").is_err());
    }

    #[test]
    fn an_export_wants_a_file() {
        assert!(matches!(
            audit(&[("acao", text("exportar"))]),
            Err(CallError::Missing { key: "saida", .. })
        ));
        let read = audit(&[
            ("acao", text("exportar")),
            ("saida", text("/x")),
            ("formato", text("csv")),
        ])
        .unwrap();
        let output = PathBuf::from("/x");
        assert_eq!(
            read.action,
            AuditAction::Export {
                output,
                most: None,
                is_table: true
            }
        );
        assert!(audit(&[("acao", text("apagar"))]).is_err());
        assert!(audit(&[]).is_err());
    }

    #[test]
    fn a_record_is_refused_where_nobody_says_that_it_was_allowed() {
        let record = |entries: &[(&str, Argument)]| {
            let entries = entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
            let records = Argument::List(vec![Argument::Map(entries.collect())]);
            AppendParameters::read(call(&[("registros", records)]), &Settings::default())
        };
        let read = record(&[
            ("acao", text("fs.read")),
            (
                "ctx",
                Argument::Map(vec![("a".to_owned(), Argument::List(vec![Argument::Int(1)]))]),
            ),
        ])
        .unwrap();
        let read = &read.records[0];
        assert_eq!((read.is_allowed, read.times), (false, 1));
        assert_eq!(read.context["a"][0], 1);
        for wrong in [
            record(&[("acao", text(""))]),
            record(&[]),
            record(&[("acao", text("x")), ("n", Argument::Int(1))]),
            record(&[("acao", text("x")), ("ctx", text("x"))]),
            AppendParameters::read(call(&[]), &Settings::default()),
        ] {
            assert!(wrong.is_err(), "{wrong:?}");
        }
    }
}

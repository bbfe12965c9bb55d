//! A record and its line: redacted, and never longer than a page. What is too long is cut, and says so.

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::base::redact::redact;

/// Bytes of a line, with its end.
pub(super) const LINE: usize = 4096;

/// What the actions of our own records begin with. Nobody else records any of these.
pub const OWN: [&str; 5] = ["operacao.", "credencial.", "indice.", "auditoria.", "confianca."];

/// The first line of each segment but the first: what stood before.
pub(super) const SEGMENT: &str = "auditoria.segmento";
/// Whole segments go.
pub(super) const PURGE: &str = "auditoria.expurgo";
/// A line was not written to its end.
pub(super) const BROKEN: &str = "auditoria.linha_partida";
/// Lines that were there are not there any more.
pub(super) const LOST: &str = "auditoria.linhas_perdidas";
/// The head was made anew.
pub(super) const HEAD: &str = "auditoria.cabeca_refeita";

/// What was done, or refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The plugin.
    pub plugin: Option<String>,
    /// What was done.
    pub action: String,
    /// With what.
    pub resource: Option<String>,
    /// It was let through.
    pub is_allowed: bool,
    /// Why not, where it was not.
    pub reason: Option<String>,
    /// How often, in one request.
    pub times: u64,
    /// The request: the same for all that one call did.
    pub request: String,
    /// Who asked.
    pub actor: Option<String>,
    /// What else there is to say.
    pub context: Map<String, Value>,
}

impl Record {
    /// One that says only what was done.
    pub fn new(action: &str, request: &str) -> Self {
        Self {
            plugin: None,
            action: action.to_owned(),
            resource: None,
            is_allowed: true,
            reason: None,
            times: 1,
            request: request.to_owned(),
            actor: None,
            context: Map::new(),
        }
    }

    /// One of our own, about the log itself.
    pub(super) fn of_log(action: &str, context: &Value) -> Self {
        Self {
            context: context.as_object().cloned().unwrap_or_default(),
            ..Self::new(action, "")
        }
    }
}

/// A line, as it is written.
#[derive(Debug, Serialize)]
struct Line<'a> {
    n: u64,
    em: &'a str,
    plugin: Option<String>,
    acao: String,
    recurso: Option<String>,
    permitido: bool,
    motivo: Option<String>,
    vezes: u64,
    pedido: String,
    ator: Option<String>,
    ctx: Value,
}

/// A time, as records have it.
pub(super) fn moment(now: DateTime<FixedOffset>) -> String {
    now.with_timezone(&Utc).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Appends the line of a record.
pub(super) fn write_line(record: &Record, (number, moment): (u64, &str), lines: &mut Vec<u8>) {
    let text = |text: &Option<String>, bytes| text.as_ref().map(|text| cut(text, bytes));
    let mut line = Line {
        n: number,
        em: moment,
        plugin: text(&record.plugin, 180),
        acao: cut(&record.action, 128),
        recurso: text(&record.resource, 1000),
        permitido: record.is_allowed,
        motivo: text(&record.reason, 1400),
        vezes: record.times,
        pedido: cut(&record.request, 64),
        ator: text(&record.actor, 510),
        ctx: Value::Object(record.context.clone()),
    };
    redact_texts(&mut line.ctx);
    let start = lines.len();
    // A line of texts and numbers has always an end: nothing in it can fail.
    let _ = serde_json::to_writer(&mut *lines, &line);
    if lines.len() - start >= LINE {
        lines.truncate(start);
        line.ctx = json!({"cortado": true});
        let _ = serde_json::to_writer(&mut *lines, &line);
    }
    lines.push(b'\n');
}

/// The text without secrets, and so much of it as takes so many bytes of JSON.
fn cut(text: &str, bytes: usize) -> String {
    let text = redact(text);
    let mut left = bytes;
    let end = text.char_indices().find(|(_, letter)| {
        let cost = match letter {
            '"' | '\\' => 2,
            letter if letter.is_ascii_control() => 6,
            letter => letter.len_utf8(),
        };
        match left.checked_sub(cost) {
            Some(rest) => {
                left = rest;
                false
            }
            None => true,
        }
    });
    match end {
        Some((end, _)) => text[..end].to_owned(),
        None => text,
    }
}

fn redact_texts(value: &mut Value) {
    match value {
        Value::String(text) => *text = redact(text),
        Value::Array(items) => items.iter_mut().for_each(redact_texts),
        Value::Object(entries) => entries.values_mut().for_each(redact_texts),
        _ => {}
    }
}

/// What is read of a line without looking at the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct Numbered {
    /// Its number.
    #[serde(rename = "n")]
    pub(super) number: u64,
    /// It was let through.
    #[serde(rename = "permitido")]
    pub(super) is_allowed: bool,
}

/// The number of the record of a line; nothing where it is no line of a record.
pub(super) fn numbered(line: &[u8]) -> Option<Numbered> {
    serde_json::from_slice(line).ok()
}

/// A line that was read.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(super) struct ReadRecord {
    /// Its number.
    pub(super) n: u64,
    /// When.
    pub(super) em: String,
    /// The plugin.
    pub(super) plugin: Option<String>,
    /// What was done.
    pub(super) acao: String,
    /// With what.
    pub(super) recurso: Option<String>,
    /// It was let through.
    pub(super) permitido: bool,
    /// Why not.
    pub(super) motivo: Option<String>,
    /// How often.
    pub(super) vezes: u64,
    /// The request.
    pub(super) pedido: String,
    /// Who asked.
    pub(super) ator: Option<String>,
    /// What else there is to say.
    pub(super) ctx: Value,
}

impl ReadRecord {
    /// Reads a line.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(record: &Record) -> String {
        let mut lines = Vec::new();
        write_line(record, (7, "2026-01-02T03:04:05.000Z"), &mut lines);
        String::from_utf8(lines).unwrap()
    }

    #[test]
    fn a_line_has_its_keys_in_order_and_no_secrets() {
        let mut record = Record::new("operacao.install", "r1");
        record.reason = Some("token ghp_0aZ9\nrefused".to_owned());
        record.context.insert("url".to_owned(), json!(["https://u:p@host/x?y"]));
        assert_eq!(
            line(&record),
            "{\"n\":7,\"em\":\"2026-01-02T03:04:05.000Z\",\"plugin\":null,\"acao\":\"operacao.install\",\"recurso\":null,\
             \"permitido\":true,\"motivo\":\"token ***\\nrefused\",\"vezes\":1,\"pedido\":\"r1\",\"ator\":null,\
             \"ctx\":{\"url\":[\"https://***@host/x?***\"]}}\n"
        );
    }

    proptest! {
        #[test]
        fn a_line_is_one_line_and_never_longer_than_a_page(
            text in "(.|\u{1}|\\\\|\"|\n|\u{1f600}){0,3000}",
            context in "(.|\u{1}){0,3000}",
        ) {
            let mut record = Record::new(&text, &text);
            record.plugin = Some(text.clone());
            record.resource = Some(text.clone());
            record.reason = Some(text.clone());
            record.actor = Some(text.clone());
            record.times = u64::MAX;
            record.context.insert("x".to_owned(), context.into());
            let line = line(&record);
            prop_assert!(line.len() <= LINE, "{}", line.len());
            prop_assert_eq!(line.matches('\n').count(), 1);
            let read = ReadRecord::read(line.trim_end().as_bytes()).unwrap();
            prop_assert_eq!((read.n, numbered(line.as_bytes()).map(|read| read.number)), (7, Some(7)));
            prop_assert!(text.starts_with(&read.acao) || text.contains('g'));
        }
    }
}

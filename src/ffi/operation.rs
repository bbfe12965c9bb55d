//! One operation of the C library: a request in, events and answers as JSON, code and report out.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::Refusal;
use crate::config::parameter::MIGRATIONS;
use crate::config::{Argument, Reach, Settings};
use crate::migrate::{MigrateError, read_result};
use crate::model::{Bilingual, Lang, Phrase};
use crate::ops::{Answer, Call, Event, NOT_BEGUN, Operation, Outcome, RAN_NONE, catalogue};
use crate::outcome::ExitCode;

/// A running operation. Used on the thread that started it.
#[derive(Debug)]
pub struct GestorPluginsOperation {
    running: Option<Operation>,
    outcome: Option<Outcome>,
    asked: Asked,
    lang: Lang,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Nothing,
    Continue,
    Migrations,
}

impl GestorPluginsOperation {
    /// What its caller is spoken to in.
    pub(super) fn lang(&self) -> Lang {
        self.lang
    }

    pub(super) fn start(request: &Value) -> Result<Self, Refusal> {
        let settings = settings(request);
        let mut parameters = request.get("params").map_or(Argument::Map(Vec::new()), argument);
        let flag = |key: &str| request.get(key).and_then(Value::as_bool).unwrap_or(false);
        super::speak(parameters.lang().unwrap_or(settings.lang));
        let wanted = request.get("operacao").and_then(Value::as_str);
        let definition = wanted.and_then(catalogue::by_word).ok_or(Refusal::Operation)?;
        if definition.migrates() {
            offer_migrations(&mut parameters, flag("migracoes"));
        }
        let call = Call::read(definition, parameters, &settings)?;
        let lang = call.lang();
        let running = call.start(settings, flag("progresso"))?;
        let (outcome, asked) = (None, Asked::Nothing);
        Ok(Self {
            running: Some(running),
            outcome,
            asked,
            lang,
        })
    }

    /// An event that was not answered is answered with "go on", or for migrations "failed".
    pub(super) fn next(&mut self) -> Value {
        match self.asked {
            Asked::Nothing => {}
            Asked::Continue => self.tell(Answer::Continue),
            Asked::Migrations => self.tell(Answer::MigrationFailed(RAN_NONE, vec![])),
        }
        let event = match (&self.outcome, &mut self.running) {
            (None, Some(running)) => running.next_event(),
            _ => return self.end(),
        };
        match event {
            Event::Progress(progress) => {
                self.asked = Asked::Continue;
                json!({"evento": "progresso", "progresso": progress.to_value(self.lang)})
            }
            Event::Migrate(call) => {
                self.asked = Asked::Migrations;
                json!({"evento": "migracoes", "chamada": call.to_value()})
            }
            Event::Done(outcome) => {
                self.outcome = Some(*outcome);
                self.end()
            }
        }
    }

    fn end(&self) -> Value {
        let code = self.outcome.as_ref().map_or(ExitCode::Internal, |outcome| outcome.code);
        json!({"evento": "fim", "codigo": code})
    }

    pub(super) fn answer(&mut self, said: &Value) -> Result<(), Refusal> {
        let answer = match (self.asked, said.get("resposta").and_then(Value::as_str)) {
            (Asked::Nothing, _) => return Err(Refusal::NoQuestion),
            (Asked::Continue, Some("continuar")) => Answer::Continue,
            (Asked::Continue, Some("cancelar")) => Answer::Cancel,
            (Asked::Migrations, None) if said.is_object() => migrated(said),
            _ => return Err(Refusal::Answer),
        };
        self.tell(answer);
        Ok(())
    }

    fn tell(&mut self, answer: Answer) {
        self.asked = Asked::Nothing;
        if let Some(running) = &mut self.running {
            running.answer(answer);
        }
    }

    /// Waits for the operation's thread; an operation that has not ended is undone.
    pub(super) fn finish(mut self) -> Outcome {
        let outcome = self.outcome.take();
        let running = self.running.take();
        outcome
            .or_else(|| running.map(|mut running| running.abandon()))
            .unwrap_or_else(|| Outcome::failed(ExitCode::Cancelled, &NOT_BEGUN.text(self.lang)))
    }
}

fn migrated(said: &Value) -> Answer {
    match read_result(&argument(said)) {
        Ok(done) => Answer::Migrated(done),
        Err(MigrateError::Failed { reason, applied }) => Answer::MigrationFailed(reason, applied),
        Err(other) => Answer::MigrationFailed(Phrase::of(&other), Vec::new()),
    }
}

/// As [`Argument::from`], with what JSON cannot say: `{"$hex": "…"}` for texts that are no UTF-8, such as paths,
/// `{"$float": "…"}` for the eight bytes of a number, and `{"$map": {…}}` for a map that only looks like one of these.
fn argument(value: &Value) -> Argument {
    match value {
        Value::Array(items) if items.is_empty() => Argument::Map(Vec::new()),
        Value::Array(items) => Argument::List(items.iter().map(argument).collect()),
        Value::Object(entries) => sign(entries).unwrap_or_else(|| map(entries)),
        plain => Argument::from(plain),
    }
}

fn map(entries: &Map<String, Value>) -> Argument {
    let read = entries.iter().map(|(key, value)| (key.clone(), argument(value)));
    Argument::Map(read.collect())
}

fn sign(entries: &Map<String, Value>) -> Option<Argument> {
    let (key, value) = entries.iter().next().filter(|_| entries.len() == 1)?;
    match key.as_str() {
        "$hex" => hex(value).map(Argument::Bytes),
        "$float" => hex(value).and_then(|bytes| Some(Argument::Float(f64::from_be_bytes(bytes.try_into().ok()?)))),
        "$map" => value.as_object().map(map),
        _ => None,
    }
}

fn hex(value: &Value) -> Option<Vec<u8>> {
    let digits = value.as_str()?.as_bytes();
    let pairs = digits.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    });
    pairs.collect()
}

fn offer_migrations(parameters: &mut Argument, offered: bool) {
    if let Argument::Map(entries) = parameters
        && offered
        && !entries.iter().any(|(key, _)| key == MIGRATIONS.name)
    {
        entries.push((MIGRATIONS.name.to_owned(), Argument::Callable));
    }
}

/// Settings from the request's `ini` (what a host program has in place of PHP's INI) and the environment.
fn settings(request: &Value) -> Settings {
    let ini = |key: &str| {
        let value = request.get("ini")?.get(key)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some(text).filter(|text| !text.is_empty())
    };
    let mut settings = Settings::resolve(&ini, &environment());
    settings.reach = reach(request);
    let program = request
        .get("php_cli")
        .and_then(|value| argument(value).bytes("php_cli").ok().flatten());
    settings.own_php = program
        .filter(|path| !path.is_empty())
        .map(|path| PathBuf::from(OsString::from_vec(path)));
    settings
}

/// What the environment says of the language, for a call that says nothing.
pub(super) fn environment_lang() -> Lang {
    Settings::resolve(&|_| None, &environment()).lang
}

fn environment() -> Vec<(String, String)> {
    let variables = std::env::vars_os();
    let text = |part: OsString| part.to_string_lossy().into_owned();
    variables.map(|(name, value)| (text(name), text(value))).collect()
}

/// What a host program lets its script reach: `open_basedir` and `sockets` of the request.
fn reach(request: &Value) -> Reach {
    let bytes = |value: &Value| argument(value).bytes("open_basedir").ok().flatten();
    let folders = request.get("open_basedir").and_then(bytes);
    let sockets = request.get("sockets").and_then(Value::as_array);
    let sockets = sockets.into_iter().flatten().filter_map(bytes);
    Reach {
        folders: folders.and_then(|value| Reach::of_open_basedir(&value)),
        sockets: sockets.map(|path| PathBuf::from(OsString::from_vec(path))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_paths_cross_as_hexadecimal() {
        assert_eq!(argument(&json!({"$hex": "2fff"})), Argument::Bytes(vec![0x2f, 0xff]));
        assert!(matches!(argument(&json!({"$hex": "2f0"})), Argument::Map(_)));
        assert!(matches!(argument(&json!({"$hex": "zz"})), Argument::Map(_)));
        assert!(matches!(argument(&json!({"$hex": "é"})), Argument::Map(_)));
    }

    #[test]
    fn numbers_that_json_lacks_cross_by_their_bytes() {
        assert_eq!(
            argument(&json!({"$float": "7ff0000000000000"})),
            Argument::Float(f64::INFINITY)
        );
        assert_eq!(argument(&json!({"$float": "bfb999999999999a"})), Argument::Float(-0.1));
        assert!(matches!(argument(&json!({"$float": "7ff0"})), Argument::Map(_)));
    }

    #[test]
    fn a_map_that_looks_like_a_sign_crosses_as_a_map() {
        let text = |text: &str| Argument::Bytes(text.as_bytes().to_vec());
        let of = |key: &str, value| Argument::Map(vec![(key.to_owned(), value)]);
        assert_eq!(argument(&json!({"$map": {"$hex": "41"}})), of("$hex", text("41")));
        assert_eq!(argument(&json!({"$map": {"$map": "x"}})), of("$map", text("x")));
        assert_eq!(argument(&json!({"$map": {"a": {"$hex": "41"}}})), of("a", text("A")));
    }
}

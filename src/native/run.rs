//! From arguments to the end of the one operation that they ask for.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode as ProcessCode;

use super::arguments::{self, Schedule};
use super::domain::{Domain, text};
use super::error::NativeFault;
use super::{author, identity, shown};
use crate::base::fs::{followed, read_small};
use crate::config::{Argument, Settings};
use crate::model::{Bilingual, GestorRoot, Lang};
use crate::ops::{Answer, Call, Event, NOT_BEGUN, Outcome, catalogue};
use crate::outcome::ExitCode;
use crate::stage;

/// Bytes of a file of the gestor that says its version.
const MOST: u64 = 4 << 20;
/// Files in which it may stand.
const OF_VERSION: [&str; 2] = ["config.php", "gestor.php"];

/// The program. Its status is the exit code of the operation.
pub fn main(words: impl IntoIterator<Item = OsString>) -> ProcessCode {
    let settings = Settings::resolve(&|_| None, &environment());
    let lang = settings.lang;
    let found = match arguments::command(lang).try_get_matches_from(words) {
        Ok(found) => found,
        Err(told) => {
            let is_answer = !told.use_stderr();
            // Nobody is left to hear that nobody can be told.
            let _ = told.print();
            return code(if is_answer {
                ExitCode::Ok
            } else {
                ExitCode::ParamsOrFile
            });
        }
    };
    if let Some(ending) = author::carry_out(&found, &settings) {
        return code(ending.print());
    }
    let Some(schedule) = arguments::schedule(&found) else {
        return code(ExitCode::ParamsOrFile);
    };
    let outcome = run(&schedule, settings).unwrap_or_else(|fault| {
        let fault: NativeFault = fault;
        Outcome::of_wrong_call(schedule.plugin.as_deref().unwrap_or_default(), &fault.text(lang))
    });
    tell(&outcome, schedule.json, lang);
    code(outcome.code)
}

fn code(code: ExitCode) -> ProcessCode {
    ProcessCode::from(u8::try_from(code.number()).unwrap_or(u8::MAX))
}

fn environment() -> Vec<(String, String)> {
    let text = |part: OsString| part.to_string_lossy().into_owned();
    std::env::vars_os()
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}

fn run(schedule: &Schedule, settings: Settings) -> Result<Outcome, NativeFault> {
    let root = GestorRoot::new(followed(&schedule.gestor));
    if !stage::is_gestor(&root) {
        return Err(NativeFault::NoGestor {
            folder: schedule.gestor.clone(),
        });
    }
    identity::become_owner(&root)?;
    let domain = Domain::find(&root, schedule.domain.as_deref())?;
    let parameters = parameters(schedule, &root, &domain, &settings)?;
    Ok(call(parameters, settings))
}

fn parameters(
    schedule: &Schedule,
    root: &GestorRoot,
    domain: &Domain,
    settings: &Settings,
) -> Result<Argument, NativeFault> {
    let path = |path: &std::path::Path| Argument::Bytes(path.as_os_str().as_encoded_bytes().to_vec());
    let address = schedule.address.clone().unwrap_or_else(|| domain.address());
    let mut given = vec![
        ("raiz", path(root.as_path())),
        ("db", domain.database()?),
        ("endereco", text(&address)),
        ("agora", Argument::Bool(schedule.now)),
        ("so_verificar", Argument::Bool(schedule.checks_only)),
    ];
    given.extend(schedule.plugin.as_deref().map(|plugin| ("slug", text(plugin))));
    given.extend(gestor_version(root).map(|version| ("gestor_versao", text(&version))));
    if settings.trust.is_none() {
        given.push(("confianca", path(&root.trust(&domain.name))));
    }
    if settings.keys.is_none() {
        given.extend(domain.value("GESTOR_PLUGINS_CHAVES").map(|keys| ("chaves", text(keys))));
    }
    let entries = given.into_iter().map(|(key, value)| (key.to_owned(), value));
    Ok(Argument::Map(entries.collect()))
}

/// What the gestor's own files say that it is.
fn gestor_version(root: &GestorRoot) -> Option<String> {
    OF_VERSION.iter().find_map(|name| {
        let bytes = read_small(&root.as_path().join(name), MOST).ok()?;
        version_in(&String::from_utf8_lossy(&bytes))
    })
}

/// `$_GESTOR['versao'] = '2.9.43';`
fn version_in(text: &str) -> Option<String> {
    text.split("['versao']").skip(1).find_map(|rest| {
        let value = rest.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
        let version = value[1..].split(quote).next()?;
        let is_version = version.starts_with(|letter: char| letter.is_ascii_digit()) && version.len() < 40;
        is_version.then(|| version.to_owned())
    })
}

fn call(parameters: Argument, settings: Settings) -> Outcome {
    let lang = settings.lang;
    let Some(definition) = catalogue::by_word("update_run") else {
        return Outcome::failed(ExitCode::Internal, &NOT_BEGUN.text(lang));
    };
    let call = match Call::read(definition, parameters, &settings) {
        Ok(call) => call,
        Err(fault) => return Outcome::of_wrong_call("", &fault.text(lang)),
    };
    let mut operation = match call.start(settings, false) {
        Ok(operation) => operation,
        Err(fault) => return Outcome::failed(fault.exit_code(), &fault.text(lang)),
    };
    loop {
        match operation.next_event() {
            Event::Done(outcome) => return *outcome,
            Event::Progress(_) => operation.answer(Answer::Continue),
            // Nobody offered any.
            Event::Migrate(_) => operation.answer(Answer::MigrationFailed(NOT_BEGUN, Vec::new())),
        }
    }
}

/// The report on standard output, troubles on standard error. Nobody is left to hear that nobody can be told.
fn tell(outcome: &Outcome, as_json: bool, lang: Lang) {
    let mut output = io::stdout().lock();
    if as_json {
        let _ = writeln!(output, "{}", outcome.report);
    } else {
        for line in shown::lines(&outcome.report, lang) {
            let _ = writeln!(output, "{line}");
        }
    }
    let _ = output.flush();
    if !as_json {
        let mut errors = io::stderr().lock();
        for line in shown::troubles(&outcome.report) {
            let _ = writeln!(errors, "{line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_gestor_is_found_in_its_files() {
        for (text, expected) in [
            ("<?php $_GESTOR['versao'] = '2.9.43';", Some("2.9.43")),
            ("$a = $_GESTOR['versao']; $_GESTOR['versao']=\"3.0.1\";", Some("3.0.1")),
            ("$_GESTOR['versao'] = $x;", None),
            ("", None),
        ] {
            assert_eq!(version_in(text).as_deref(), expected, "{text}");
        }
    }
}

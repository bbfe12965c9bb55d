//! `sign`, `keys`, `check`, `index`: operations of the catalogue, called without a gestor.

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use serde_json::{Value, json};

use super::ending;
use crate::base::fs::followed;
use crate::config::{Argument, Settings};
use crate::log::escape;
use crate::model::Bilingual as _;
use crate::native::call::{Nobody, call};
use crate::native::ending::Ending;
use crate::native::site::{bytes as path, list, text};
use crate::ops::author::{Packed, PublicKey, public_key};
use crate::ops::{NOT_BEGUN, Outcome, catalogue};
use crate::outcome::ExitCode;

type Given = Vec<(&'static str, Argument)>;

/// What of a report is said for people, in this order.
const TOLD: [&str; 9] = [
    "slug",
    "versao",
    "arquivo",
    "checksum",
    "preparado",
    "chave",
    "publica",
    "desenvolvedor",
    "assinados",
];

fn given(found: &ArgMatches, names: &[(&str, &'static str)]) -> Given {
    let one = |(argument, parameter): &(&str, &'static str)| {
        let place = found.try_get_one::<PathBuf>(argument).ok().flatten();
        // A folder that is believed has to be named wholly.
        let place = place.map(|place| {
            if *parameter == "confianca" {
                path(&followed(place))
            } else {
                path(place)
            }
        });
        let said = || found.try_get_one::<String>(argument).ok().flatten();
        Some((*parameter, place.or_else(|| said().map(|said| text(said)))?))
    };
    names.iter().filter_map(one).collect()
}

/// The package or the folder.
fn unsigned(place: &Path) -> (&'static str, Argument) {
    let key = if crate::base::fs::is_folder(place) {
        "pasta"
    } else {
        "arquivo"
    };
    (key, path(place))
}

/// `sign`
pub(super) fn sign(found: &ArgMatches, settings: &Settings) -> Ending {
    let mut all = given(
        found,
        &[
            ("key", "chave"),
            ("certificates", "certificados"),
            ("out", "saida"),
            ("attach", "anexar"),
        ],
    );
    all.extend(found.get_one::<PathBuf>("caminho").map(|place| unsigned(place)));
    if found.get_flag("prepare") {
        all.push(("preparar", Argument::Bool(true)));
    }
    ended("sign", all, (found.get_flag("json"), settings))
}

/// Signs a package that was just made.
pub(super) fn sign_package(
    (packed, key, certificates): (&Packed, &Path, &Path),
    (is_json, settings): (bool, &Settings),
) -> Ending {
    let all = vec![
        ("arquivo", path(&packed.path)),
        ("chave", path(key)),
        ("certificados", path(certificates)),
        ("saida", path(&packed.signed_path())),
    ];
    ended("sign", all, (is_json, settings))
}

/// `keys`
pub(super) fn keys(found: &ArgMatches, settings: &Settings) -> Option<Ending> {
    let (name, found) = found.subcommand()?;
    let file = found.get_one::<PathBuf>("arquivo")?;
    if name == "new" {
        let all = vec![("chave", path(file)), ("gerar_chave", Argument::Bool(true))];
        return Some(ended("sign", all, (found.get_flag("json"), settings)));
    }
    let key = match public_key(file) {
        Ok(key) => key,
        Err(fault) => return Some(ending::refused(&fault, settings.lang)),
    };
    Some(shown_key(&key, (name, name == "show" && found.get_flag("json"))))
}

fn shown_key(key: &PublicKey, (name, is_json): (&str, bool)) -> Ending {
    let shown = json!({"ok": true, "chave": key.sha256.to_string(), "tipo": key.kind});
    if is_json {
        return ending::of_report(ExitCode::Ok, &shown);
    }
    let line = if name == "export" {
        key.pem.trim_end().to_owned()
    } else {
        format!("{}  {}", key.sha256, key.kind)
    };
    ending::of_lines(ExitCode::Ok, [line], Vec::new())
}

/// `check`
pub(super) fn check(found: &ArgMatches, settings: &Settings) -> Ending {
    let names = [
        ("caminho", "arquivo"),
        ("confianca", "confianca"),
        ("assinatura", "assinatura"),
    ];
    ended("signature", given(found, &names), (found.get_flag("json"), settings))
}

/// `index`
pub(super) fn index(found: &ArgMatches, settings: &Settings) -> Option<Ending> {
    const NAMES: [(&str, &str); 13] = [
        ("pasta-publicada", "pasta_publicada"),
        ("pasta-chaves", "pasta_chaves"),
        ("arquivo", "arquivo"),
        ("url", "url"),
        ("sha256", "sha256"),
        ("canal", "canal"),
        ("seguranca", "seguranca"),
        ("resumo", "resumo"),
        ("slug", "slug"),
        ("versao", "versao"),
        ("retirada", "retirada"),
        ("revogados", "revogados"),
        ("confianca", "confianca"),
    ];
    let (name, found) = found.subcommand()?;
    let mut all = given(found, &NAMES);
    all.push(("acao", text(name)));
    Some(ended("index_publish", all, (found.get_flag("json"), settings)))
}

/// Calls an operation; no gestor is meant.
fn ended(word: &str, mut all: Given, (is_json, settings): (bool, &Settings)) -> Ending {
    all.push(("raiz", path(&followed(Path::new(".")))));
    let entries = all.into_iter().map(|(key, value)| (key.to_owned(), value));
    let outcome = called(word, Argument::Map(entries.collect()), settings);
    if is_json {
        return ending::of_report(outcome.code, &outcome.report);
    }
    let texts = |key: &str| {
        let texts = list(&outcome.report, key).iter().filter_map(Value::as_str);
        texts.map(|text| escape(text).into_owned()).collect::<Vec<_>>()
    };
    ending::of_lines(
        outcome.code,
        lines(&outcome.report),
        [texts("avisos"), texts("erros")].concat(),
    )
}

fn called(word: &str, parameters: Argument, settings: &Settings) -> Outcome {
    let lang = settings.lang;
    match catalogue::by_word(word) {
        Some(definition) => call((definition, parameters), (lang, ""), settings.clone(), &mut Nobody),
        None => Outcome::failed(ExitCode::Internal, &NOT_BEGUN.text(lang)),
    }
}

fn lines(report: &Value) -> Vec<String> {
    let shown = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let line = |key: &&str| Some(format!("{key}: {}", shown(report.get(*key)?)?));
    let mut lines: Vec<String> = TOLD.iter().filter_map(line).collect();
    for (part, keys) in [
        ("assinatura", ["veredito", "texto"]),
        ("publicado", ["raiz_sha256", "vence_em"]),
    ] {
        let found = report.get(part).into_iter();
        lines.extend(found.flat_map(|part| {
            keys.iter()
                .filter_map(|key| Some(format!("{key}: {}", shown(part.get(*key)?)?)))
        }));
    }
    lines.iter().map(|line| escape(line).into_owned()).collect()
}

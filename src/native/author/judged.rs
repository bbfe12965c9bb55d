//! `validate` and `pack`: what was said, the one function that is called, what is printed.

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use serde_json::json;

use super::ending;
use super::{called, shown};
use crate::author::Lint;
use crate::base::clock::{Clock as _, SystemClock};
use crate::base::fs::is_folder;
use crate::config::Settings;
use crate::model::{Bilingual as _, Lang};
use crate::native::ending::Ending;
use crate::native::site::find_php;
use crate::ops::Error;
use crate::ops::author::{Packed, Packing, Validated, Validation, pack as pack_folder, validate as validate_package};
use crate::outcome::ExitCode;
use crate::scripts::Php;

/// What both commands are told.
struct Asked {
    path: PathBuf,
    against: Option<PathBuf>,
    rules: Option<PathBuf>,
    release: Option<String>,
    denied: Vec<String>,
    allowed: Vec<String>,
    work: PathBuf,
}

impl Asked {
    fn read(found: &ArgMatches) -> Self {
        let path = |name: &str| found.get_one::<PathBuf>(name).cloned();
        let names = |name: &str| found.get_many::<String>(name).into_iter().flatten().cloned().collect();
        Self {
            path: path("caminho").unwrap_or_default(),
            against: path("against"),
            rules: path("config"),
            release: found.get_one::<String>("gestor-versao").cloned(),
            denied: names("deny"),
            allowed: names("allow"),
            work: std::env::temp_dir(),
        }
    }

    fn validation<'a>(&'a self, settings: &'a Settings, php: Option<&'a Php>) -> Validation<'a> {
        Validation {
            path: &self.path,
            against: self.against.as_deref(),
            release: self.release.as_deref(),
            denied: &self.denied,
            allowed: &self.allowed,
            rules: self.rules.as_deref(),
            php,
            limits: &settings.limits,
            work: &self.work,
            now: SystemClock.now().to_utc(),
        }
    }
}

/// `validate`
pub(super) fn validate(found: &ArgMatches, settings: &Settings) -> Ending {
    let lang = settings.lang;
    if found.get_flag("list") {
        return listed(found.get_flag("json"), lang);
    }
    let asked = Asked::read(found);
    let php = find_php(settings).ok();
    let validated = match validate_package(&asked.validation(settings, php.as_ref())) {
        Ok(validated) => validated,
        Err(fault) => return unbegun(fault, lang),
    };
    if found.get_flag("json") {
        return ending::of_report(validated.code(), &validated.report(lang));
    }
    let output = if found.get_flag("github") {
        let folder = is_folder(&asked.path).then_some(asked.path.as_path());
        shown::annotations(&validated, folder, lang)
    } else {
        shown::lines(&validated, lang)
    };
    ending::of_lines(validated.code(), output, Vec::new())
}

/// A call that was wrong in itself, with the report that these commands give.
fn unbegun(fault: Error, lang: Lang) -> Ending {
    let refused = ending::refused(&fault, lang);
    Ending {
        report: Validated::unbegun(fault).report(lang),
        ..refused
    }
}

/// The lints that there are.
fn listed(is_json: bool, lang: Lang) -> Ending {
    if !is_json {
        return ending::of_lines(ExitCode::Ok, Lint::ALL.iter().map(|lint| lint.shown(lang)), Vec::new());
    }
    let lints = Lint::ALL
        .iter()
        .map(|lint| json!({"nome": lint.name(), "nivel": lint.level().word(), "sobre": lint.about().text(lang)}));
    ending::of_report(
        ExitCode::Ok,
        &json!({"ok": true, "codigo": 0, "rotulo": "OK", "avisos": lints.collect::<Vec<_>>()}),
    )
}

/// `pack`
pub(super) fn pack(found: &ArgMatches, settings: &Settings) -> Ending {
    let asked = Asked::read(found);
    let path = |name: &str| found.get_one::<PathBuf>(name).map(PathBuf::as_path);
    let key = path("key").zip(path("certificates"));
    let packing = Packing {
        anyway: found.get_flag("sem-validar"),
        unsigned: key.is_some(),
    };
    let php = find_php(settings).ok();
    let asked = asked.validation(settings, php.as_ref());
    let packed = pack_folder(&asked, (path("out"), Path::new(".")), packing);
    let (validated, packed) = match packed {
        Ok(packed) => packed,
        Err(fault) => return unbegun(fault, settings.lang),
    };
    let is_json = found.get_flag("json");
    match (packed, key) {
        (Some(packed), Some(key)) => signed((&validated, &packed), key, (is_json, settings)),
        (packed, _) => told(&validated, packed.as_ref(), (is_json, settings)),
    }
}

/// A package that was just made, signed. The unsigned one does not stay, however that ends.
fn signed(
    (validated, packed): (&Validated, &Packed),
    (key, certificates): (&Path, &Path),
    (is_json, settings): (bool, &Settings),
) -> Ending {
    let signed = called::sign_package((packed, key, certificates), (is_json, settings));
    if let Err(fault) = packed.discard() {
        return ending::refused(&fault, settings.lang);
    }
    if signed.code != ExitCode::Ok || is_json {
        return signed;
    }
    ending::then(told(validated, None, (false, settings)), signed)
}

fn told(validated: &Validated, packed: Option<&Packed>, (is_json, settings): (bool, &Settings)) -> Ending {
    let code = if packed.is_some() {
        ExitCode::Ok
    } else {
        validated.code()
    };
    if is_json {
        let mut report = validated.report(settings.lang);
        if let Some(packed) = packed {
            report["ok"] = json!(true);
            report["codigo"] = json!(code.number());
            report["rotulo"] = json!(code.label());
            report["arquivo"] = json!(packed.path.to_string_lossy());
            report["checksum"] = json!(packed.sha256.to_string());
            report["bytes"] = json!(packed.bytes);
        }
        return ending::of_report(code, &report);
    }
    let mut output = shown::lines(validated, settings.lang);
    output.extend(packed.map(Packed::line));
    ending::of_lines(code, output, Vec::new())
}

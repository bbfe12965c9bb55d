//! `plugin_verify`: what differs from what was installed (SPEC 2 §10). What users did to rows is information, the rest is
//! damage.

mod files;
mod rows;

use std::time::Instant;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::conversation::{Caller, Outcome};
use super::look::{self, Known, contradictions};
use super::reporter::Narrator;
use super::sharing;
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::base::fs::{is_folder, open_to_read};
use crate::base::hash::sha256_reader;
use crate::config::{Settings, VerifyParameters};
use crate::model::Slug;
use crate::ops::{Error, PluginRefusal};
use crate::outcome::ExitCode;
use crate::registry;
use crate::stage::kept;
use crate::transaction::Sharing;
use files::FileFindings;
use rows::RowFindings;

/// What was found of one plugin.
#[derive(Debug, Default, Serialize)]
struct Findings {
    arquivos: FileFindings,
    linhas: RowFindings,
    esquema: Vec<Value>,
    guardados: Vec<Value>,
    ganchos: Vec<Value>,
    dependencias: Vec<Value>,
    contradicoes: Vec<String>,
}

impl Findings {
    /// What counts: damage, and with `estrito` what users did as well.
    fn count(&self, strict: bool) -> usize {
        let lists = [&self.esquema, &self.guardados, &self.ganchos, &self.dependencias];
        let damage = self.arquivos.count() + lists.map(Vec::len).iter().sum::<usize>() + self.contradicoes.len();
        damage + if strict { self.linhas.count() } else { 0 }
    }
}

/// Verifies one plugin, or all.
pub(super) fn verify(call: &VerifyParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    if call.all {
        return verify_all(call, settings, caller, clock);
    }
    let started = Instant::now();
    let narrator = Narrator::new(caller, clock, &call.slug, call.lang);
    let mut findings = Findings::default();
    let slug = Slug::normalize(&call.slug);
    let named = slug.as_ref().map_or_else(|_| call.slug.clone(), ToString::to_string);
    let ended = slug
        .map_err(Error::from)
        .and_then(|slug| one(call, settings, &slug, &narrator, &mut findings));
    let mut report = look::one("slug", named);
    report.extend(shown(&findings));
    look::answer(report, ended, &narrator, started)
}

fn shown(findings: &Findings) -> Map<String, Value> {
    match serde_json::to_value(findings) {
        Ok(Value::Object(shown)) => shown,
        _ => Map::new(),
    }
}

/// All installed plugins, one after the other. The code is that of the first that is not as it should be.
fn verify_all(call: &VerifyParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let narrator = Narrator::new(caller, clock, "", call.lang);
    let mut plugins = Vec::new();
    let mut errors = Vec::new();
    let mut code = ExitCode::Ok;
    let ended = installed(call, &narrator).map(|slugs| {
        for slug in slugs {
            let mut findings = Findings::default();
            let ended = one(call, settings, &slug, &narrator, &mut findings);
            let (of_this, told) = match &ended {
                Ok(()) => (ExitCode::Ok, Vec::new()),
                Err(fault) => (fault.exit_code(), fault.messages(call.lang)),
            };
            let mut plugin = look::one("slug", slug.as_str());
            plugin.insert("codigo".to_owned(), of_this.number().into());
            plugin.insert("rotulo".to_owned(), of_this.label().into());
            plugin.extend(shown(&findings));
            plugins.push(Value::Object(plugin));
            if code == ExitCode::Ok {
                code = of_this;
            }
            errors.extend(told);
        }
    });
    let mut outcome = look::answer(look::one("verificados", plugins), ended, &narrator, started);
    if code != ExitCode::Ok {
        outcome.code = code;
        outcome.report["codigo"] = code.number().into();
        outcome.report["rotulo"] = code.label().into();
        outcome.report["erros"] = json!(errors);
    }
    outcome
}

fn installed(call: &VerifyParameters, narrator: &Narrator<'_>) -> Result<Vec<Slug>, Error> {
    let mut database = look::connect(&call.root, call.database.as_ref())?;
    let mut found = Vec::new();
    for row in registry::list(&mut database)? {
        let Ok(slug) = Slug::normalize(&row.slug) else { continue };
        if Known::read(&mut database, &call.root, &slug, narrator)?.is_installed() {
            found.push(slug);
        }
    }
    Ok(found)
}

fn one(
    call: &VerifyParameters,
    settings: &Settings,
    slug: &Slug,
    narrator: &Narrator<'_>,
    findings: &mut Findings,
) -> Result<(), Error> {
    let mut database = look::connect(&call.root, call.database.as_ref())?;
    let meant = sharing::meant(&mut database, slug, narrator)?;
    let slug = meant.as_ref().unwrap_or(slug);
    let known = Known::read(&mut database, &call.root, slug, narrator)?;
    let sharing = Sharing::read(&mut database, &call.root)?;
    sharing.tell(slug, known.counter(), narrator);
    if !known.is_installed() {
        return Err(PluginRefusal::NotInstalled { slug: slug.to_string() }.into());
    }
    *findings = look_at(call, settings, (slug, &sharing), &known, (&mut database, narrator))?;
    registry::note_verification(&mut database, slug, &summary(findings))?;
    match findings.count(call.strict) {
        0 => Ok(()),
        count => {
            let slug = slug.to_string();
            Err(PluginRefusal::Drift { slug, findings: count }.into())
        }
    }
}

/// What our own table keeps: numbers, no names.
fn summary(findings: &Findings) -> String {
    json!({"danos": findings.count(false), "edicoes": findings.linhas.count()}).to_string()
}

fn look_at(
    call: &VerifyParameters,
    settings: &Settings,
    (slug, sharing): (&Slug, &Sharing),
    known: &Known,
    (database, narrator): (&mut Database, &Narrator<'_>),
) -> Result<Findings, Error> {
    let mut found = Findings {
        contradicoes: contradictions(sharing, &call.root, slug, known),
        guardados: kept_packages(call, slug, known)?,
        ..Findings::default()
    };
    found.arquivos = files::look(call, settings, slug, known)?;
    found.ganchos = hooks(call, slug, database)?;
    found.linhas = rows::look(&call.root, slug, (database, narrator))?;
    Ok(found)
}

/// The package of what is installed must be kept, and every kept one be what its checksum says.
fn kept_packages(call: &VerifyParameters, slug: &Slug, known: &Known) -> Result<Vec<Value>, Error> {
    let kept = kept::list(&call.root, slug)?;
    let mut faults = Vec::new();
    if let Some(version) = known
        .version()
        .filter(|version| !kept.iter().any(|package| package.version == **version))
    {
        faults.push(json!({"versao": version, "motivo": "ausente"}));
    }
    for package in kept {
        let name = package
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let opened = open_to_read(&package.path, u64::MAX);
        let hashed = opened.ok().and_then(|file| sha256_reader(file).ok());
        let fault = match (hashed, &package.sha256) {
            (None, _) => "ilegivel",
            (Some(_), None) => "sem_checksum",
            (Some((found, _)), Some(wanted)) if found.to_string() != *wanted => "alterado",
            _ => continue,
        };
        faults.push(json!({"versao": package.version, "arquivo": name, "motivo": fault}));
    }
    Ok(faults)
}

/// Hooks of the plugin whose module is not in its tree. Not every gestor has the table.
fn hooks(call: &VerifyParameters, slug: &Slug, database: &mut Database) -> Result<Vec<Value>, Error> {
    let modules = call.root.installed(slug).join("modules");
    let hooks = registry::hooks(database, slug)?;
    let lost = hooks.into_iter().filter(|hook| !is_folder(&modules.join(&hook.module)));
    Ok(lost
        .map(|hook| json!({"modulo": hook.module, "evento": hook.event, "callback": hook.callback}))
        .collect())
}

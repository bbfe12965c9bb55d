//! `plugin_update_all`: every installed plugin from where it came from, one after the other (SPEC 2 §10). Each is an
//! operation of its own: one that fails changes nothing of itself, and undoes none of the others.

use std::time::Instant;

use serde_json::{Value, json};

use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, Request};
use super::look::{self, PluginOverview};
use super::reporter::OperationReporter;
use super::{install, messages};
use crate::base::clock::Clock;
use crate::base::db::Database;
use crate::config::parameter::{ORIGIN, ROOT};
use crate::config::{Argument, InstallParameters, OriginKind, Settings, Site, UpdateAllParameters};
use crate::model::{Bilingual, GestorRoot, Phrase, Slug};
use crate::ops::Error;
use crate::outcome::{ExitCode, Report};
use crate::registry::{self, RecordedOrigin};

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "update_all",
    function: "plugin_update_all",
    options: &[CommandOption {
        name: "update-all",
        implies: &[],
        help: Phrase::new(
            "atualizar cada plugin instalado de onde ele veio; cada um por si: um que falha não desfaz os outros (com --dry-run, só mostrar)",
            "update each installed plugin from where it came from; each on its own: one that fails undoes none of the others (with --dry-run, only show)",
        ),
    }],
    takes: UpdateAllParameters::TAKES,
    requires: &[ROOT],
    gives: Gives::Code,
    reports: &["PluginUpdateAllReport"],
    summary: Phrase::new(
        "Atualiza cada plugin instalado de onde ele veio, um depois do outro, cada um como operação própria: um que falha não desfaz nenhum dos outros. Recebe o que plugin_install() recebe, menos o plugin e de onde ele vem. Devolve o pior código.",
        "Updates every installed plugin from where it came from, one after the other, each as an operation of its own: one that fails undoes none of the others. Takes what plugin_install() takes, but for the plugin and where it comes from. Gives the worst code.",
    ),
    read: |given, settings| Ok(Box::new(UpdateAllParameters::read(given, settings)?)),
};

impl Request for UpdateAllParameters {
    fn site(&self) -> &Site {
        &self.site
    }

    fn site_mut(&mut self) -> &mut Site {
        &mut self.site
    }

    fn settle_root(&mut self, root: GestorRoot) {
        UpdateAllParameters::settle_root(self, root);
    }

    fn effect(&self) -> Effect {
        Effect::unless_dry(self.dry_run)
    }

    fn carry_out(&self, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
        update_all(self, settings, caller, clock)
    }
}

/// Updates all. The report has one of each plugin; the code is the worst of theirs.
pub(super) fn update_all(
    call: &UpdateAllParameters,
    settings: &Settings,
    caller: &Caller,
    clock: &dyn Clock,
) -> Outcome {
    let started = Instant::now();
    let reporter = OperationReporter::new(caller, clock, "", call.site.lang);
    let (mut reports, mut errors, mut code) = (Vec::new(), Vec::new(), ExitCode::Ok);
    let ended = installed(call, &reporter).map(|plugins| {
        for (slug, origin) in plugins {
            let outcome = match parameters(call, settings, &slug, &origin) {
                Ok(parameters) => install::install(&parameters, settings, caller, clock),
                Err(why) => without_origin(call, &slug, &why),
            };
            errors.extend(errors_of(&slug, &outcome.report));
            reports.push(outcome.report);
            code = code.worse(outcome.code);
            if outcome.code == ExitCode::Cancelled {
                break;
            }
        }
    });
    let mut report = look::one("plugins", reports);
    report.insert("dry_run".to_owned(), call.dry_run.into());
    let mut outcome = look::answer(report, ended, &reporter, started);
    if code != ExitCode::Ok {
        outcome.code = code;
        outcome.report["codigo"] = code.number().into();
        outcome.report["rotulo"] = code.label().into();
        outcome.report["erros"] = json!(errors);
    }
    outcome
}

fn errors_of(slug: &Slug, report: &Value) -> Vec<String> {
    let errors = report.get("erros").and_then(Value::as_array).into_iter().flatten();
    errors
        .filter_map(Value::as_str)
        .map(|text| format!("{slug}: {text}"))
        .collect()
}

/// What is installed, and where it came from.
fn installed(
    call: &UpdateAllParameters,
    reporter: &OperationReporter<'_>,
) -> Result<Vec<(Slug, RecordedOrigin)>, Error> {
    let mut database: Database = look::connect(&call.site.root, call.site.database.as_ref())?;
    let mut found = Vec::new();
    for (slug, _) in look::plugins(&mut database)? {
        let known = PluginOverview::read(&mut database, &call.site.root, &slug, reporter)?;
        if known.is_installed() {
            let mut origin = registry::recorded_origin(&mut database, &slug)?;
            if known.state.is_some_and(|state| state.token.is_some()) {
                // That is found without being said, and counts before what stands in `plugins`.
                origin.credential = None;
            }
            found.push((slug, origin));
        }
    }
    Ok(found)
}

fn without_origin(call: &UpdateAllParameters, slug: &Slug, why: &str) -> Outcome {
    let mut report = Report::new(slug.as_str());
    report.dry_run = call.dry_run;
    report.finish(ExitCode::ParamsOrFile);
    report.erros.push(why.to_owned());
    Outcome::of(&report, call.site.lang)
}

/// The call that updates one plugin, as the admin page makes it.
fn parameters(
    call: &UpdateAllParameters,
    settings: &Settings,
    slug: &Slug,
    origin: &RecordedOrigin,
) -> Result<InstallParameters, String> {
    let no_origin = || messages::no_origin(slug).text(call.site.lang);
    let kind = origin.kind.as_deref().ok_or_else(no_origin)?;
    let kind = OriginKind::from_word(ORIGIN.name, kind).map_err(|fault| fault.text(call.site.lang))?;
    let reference = origin.reference.as_deref().ok_or_else(no_origin)?;
    let mut given = vec![("slug", slug.as_str()), ("origem_tipo", kind.word())];
    let repository = repository(reference);
    match kind {
        OriginKind::Upload | OriginKind::File => given.push(("arquivo", reference)),
        OriginKind::LocalPath => given.push(("local_path", reference)),
        OriginKind::Url => given.push(("url", reference)),
        OriginKind::Index => {
            // It stays with the index that it came from.
            let (index, _) = reference.split_once(':').ok_or_else(no_origin)?;
            given.push(("indice", index));
        }
        OriginKind::GithubPublic | OriginKind::GithubPrivate => {
            let (owner, name) = repository.ok_or_else(no_origin)?;
            given.extend([("owner", owner), ("repo", name)]);
        }
    }
    given.push(("referencia", reference));
    let token = origin.credential.as_ref().filter(|_| kind == OriginKind::GithubPrivate);
    given.extend(token.map(|token| ("cred_ref", token.expose())));
    let mut entries = call.shared.clone();
    let bytes = |text: &str| Argument::Bytes(text.as_bytes().to_vec());
    entries.extend(given.into_iter().map(|(key, text)| (key.to_owned(), bytes(text))));
    InstallParameters::read(Argument::Map(entries), settings).map_err(|fault| fault.text(call.site.lang))
}

/// Owner and name: `owner/repo`, or the address of its page.
pub(super) fn repository(reference: &str) -> Option<(&str, &str)> {
    let path = match reference.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => reference,
    };
    let mut parts = path.trim_matches('/').splitn(3, '/');
    let (owner, name) = (parts.next()?, parts.next()?);
    let name = name.strip_suffix(".git").unwrap_or(name);
    (!owner.is_empty() && !name.is_empty()).then_some((owner, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_found_by_its_name_or_its_page() {
        for (reference, expected) in [
            ("o/r", Some(("o", "r"))),
            ("https://github.com/o/r", Some(("o", "r"))),
            ("https://github.com/o/r.git", Some(("o", "r"))),
            ("https://github.com/o/r/releases/tag/x", Some(("o", "r"))),
            ("r", None),
            ("https://github.com", None),
            ("/", None),
        ] {
            assert_eq!(repository(reference), expected, "{reference}");
        }
    }
}

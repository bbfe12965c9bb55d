//! From a command that is about a gestor to its end: finds the gestor, calls the operation, shows the report.

use clap::ArgMatches;
use serde_json::Value;

use super::commands::SiteCommand;
use super::given::{self, Given, text};
use super::migrations::Migrations;
use super::parts::Parts;
use super::place::Place;
use super::progress::Bar;
use super::secret::Wanted;
use super::value::{flag, list, number, said, word};
use super::{digest, drop_in, installer, look_text, place, report_text, run_text, secret, spelling};
use crate::config::Argument;
use crate::config::parameter::{ACTION, CHECK_ONLY, DRY_RUN, MIGRATIONS, REPAIR_AFTER, SECRET, SLUG, VALUES};
use crate::model::{Bilingual, Lang};
use crate::native::NativeFault;
use crate::native::call::call;
use crate::native::ending::Ending;
use crate::native::signals::Signals;
use crate::native::surroundings::Surroundings;
use crate::ops::{Definition, Outcome};
use crate::outcome::ExitCode;

/// The run of updates, whose report has lines of its own.
const RUN: &str = "update_run";
/// Operations after which the gestor may have hooks to find.
const WITH_HOOKS: [&str; 5] = ["install", "batch", "update_all", "rollback", RUN];
/// The command that puts the installer's own files back as well.
const REPAIR: &str = "repair";
/// What leaves things as they are.
const NO: &str = "nao";
/// What stores a credential.
const STORE: &str = "gravar";

/// Runs a command of a gestor.
pub(in crate::native) fn run(
    command: &SiteCommand,
    found: &ArgMatches,
    around: &Surroundings,
) -> Result<Ending, NativeFault> {
    let signals = Signals::watch();
    let mut given = given::given(command, found, &around.folder)?;
    // As whoever calls: what it puts back may lie in folders of several owners.
    let root = place::root(found, around)?;
    let is_asked = command.name == REPAIR;
    let is_put_back = is_asked || (repairs(command, &given, around) && drop_in::is_reverted(&root));
    let put = is_put_back.then(|| installer::told(installer::put_files(&root, around), is_asked));
    let place = Place::of(root, found, around)?;
    let lang = place.lang(around);
    let Some(definition) = command.definition() else {
        return Ok(Ending::of_wrong_call("", command.name));
    };
    let mut around = around.clone();
    around.settings.php = given::php(found, &around.folder).or(around.settings.php);
    if !add_secret(&mut given, definition, (lang, &signals))? {
        let told = said(lang, "cancelado", "cancelled");
        return Ok(shown(definition, Outcome::failed(ExitCode::Cancelled, told), lang));
    }
    let migrations = complete(&mut given, &place, definition, &around);
    let is_wanted = !found.get_flag("json") && !found.get_flag("quiet");
    let mut parts = Parts {
        bar: Bar::new(is_wanted, &around),
        lang,
        signals: &signals,
        migrations,
    };
    let given = Argument::Map(given);
    let plugin = given.told(SLUG.name).unwrap_or_default();
    let mut outcome = call(
        (definition, given.clone()),
        (lang, &plugin),
        around.settings.clone(),
        &mut parts,
    );
    parts.bar.clear();
    find_hooks(definition, &mut outcome, &mut parts);
    if definition.word == RUN {
        digest::deliver((definition, given), &mut outcome, &around.settings, &mut parts);
    }
    if let Some(put) = put {
        add_installer(&mut outcome, put, lang);
    }
    Ok(shown(definition, outcome, lang))
}

/// Whether it is a run that puts back what a core update took away.
fn repairs(command: &SiteCommand, given: &Given, around: &Surroundings) -> bool {
    let value = |name: &str| given.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let is_run = command.definition().is_some_and(|definition| definition.word == RUN);
    let is_wanted = match value(REPAIR_AFTER.name) {
        Some(said) => *said != text(NO),
        None => !around.settings.leaves_updated,
    };
    is_run && is_wanted && value(CHECK_ONLY.name) != Some(&Argument::Bool(true))
}

/// Adds what the gestor itself says, and that migrations are run, by what is given back.
fn complete(given: &mut Given, place: &Place, definition: &Definition, around: &Surroundings) -> Migrations {
    let is_dry = given.iter().any(|(key, _)| key == DRY_RUN.name);
    let domain = place.domain.as_ref().map(|domain| domain.name.as_str());
    let spoken = (place.lang(around), !is_dry);
    let mut migrations = Migrations::new(&place.root, (&place.database, domain), spoken, around.settings.clone());
    // A run that nobody watches waits for a PHP, and says so.
    if definition.migrates() && (definition.word != RUN || migrations.are_possible()) {
        given.push((MIGRATIONS.name.to_owned(), Argument::Bool(true)));
    }
    for (key, value) in place.parameters(definition, around) {
        if !given.iter().any(|(known, _)| *known == key) {
            given.push((key, value));
        }
    }
    migrations
}

/// What was put back of the installer's own files. Where they could not be, the command failed.
fn add_installer(outcome: &mut Outcome, (written, warning, fault): installer::Put, lang: Lang) {
    let mut tell = |key: &str, text: String| {
        if let Some(texts) = outcome.report.get_mut(key).and_then(Value::as_array_mut) {
            texts.push(text.into());
        }
    };
    if let Some(warning) = warning {
        tell("avisos", warning.text(lang));
    }
    if let Some(fault) = fault {
        tell("erros", fault.text(lang));
        outcome.code = outcome.code.worse(ExitCode::Move);
        outcome.report["codigo"] = outcome.code.number().into();
        outcome.report["rotulo"] = outcome.code.label().into();
    }
    outcome.report["instalador"] = written.into();
}

/// The secret of a credential that is stored comes from standard input, and so do settings that were not given otherwise. Says
/// whether the command goes on.
fn add_secret(
    given: &mut Given,
    definition: &Definition,
    (lang, signals): (Lang, &Signals),
) -> Result<bool, NativeFault> {
    let stores = given.contains(&(ACTION.name.to_owned(), text(STORE)));
    let has_values = given.iter().any(|(key, _)| key == VALUES.name);
    let (wanted, what) = match () {
        () if stores && definition.does_take(&SECRET) => (SECRET, Wanted::Secret),
        () if definition.does_require(&VALUES) && !has_values => (VALUES, Wanted::Settings),
        () => return Ok(true),
    };
    let secret = secret::read(what, lang, signals).map_err(NativeFault::Secret)?;
    let is_read = secret.is_some();
    given.extend(secret.map(|secret| (wanted.name.to_owned(), text(secret.expose()))));
    Ok(is_read)
}

/// What is done afterwards by the gestor itself: it finds the hooks of what is new.
fn find_hooks(definition: &Definition, outcome: &mut Outcome, parts: &mut Parts<'_>) {
    let report = &outcome.report;
    let is_done =
        |part: &Value| number(part, "codigo") == Some(i64::from(ExitCode::Ok.number())) || flag(part, "confirmado");
    let is_new = |part: &&Value| is_done(part) && !flag(part, "inalterado") && !flag(part, "dry_run");
    let of_run = ["aplicadas", "revertidas", "repostos"].map(|key| list(report, key));
    let parts_of_it = [list(report, "plugins"), &of_run.concat()].concat();
    let is_whole = parts_of_it.is_empty() && definition.word != RUN;
    let mut all = parts_of_it.iter().chain(Some(report).filter(|_| is_whole));
    let new = all.find(is_new);
    let Some(new) = new.filter(|_| WITH_HOOKS.contains(&definition.word)) else {
        return;
    };
    let warnings = parts.migrations.find_hooks(word(new, "slug"), parts.signals);
    if let Some(told) = outcome.report.get_mut("avisos").and_then(Value::as_array_mut) {
        told.extend(warnings.into_iter().map(Value::from));
    }
}

/// A report as it is shown.
fn shown(definition: &Definition, mut outcome: Outcome, lang: Lang) -> Ending {
    spelling::spell(&mut outcome.report);
    let report = &outcome.report;
    let metrics = report
        .get("openmetrics")
        .and_then(Value::as_str)
        .map(|text| text.as_bytes().to_vec());
    let lines = if definition.word == RUN {
        run_text::lines(report, lang)
    } else if look_text::is_of_operation(report) {
        let mut lines = report_text::lines(report, lang);
        lines.extend(look_text::differences(report));
        lines
    } else {
        look_text::lines(report, lang)
    };
    let troubles = list(report, "erros")
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    Ending {
        code: outcome.code,
        lines,
        troubles,
        bytes: metrics,
        report: outcome.report,
    }
}

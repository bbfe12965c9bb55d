//! Asks everything that looks, and shows what was found.

use clap::{ArgMatches, Command};
use serde_json::json;

use super::finding::{Finding, Level};
use super::{database, files, operations, php};
use crate::model::{Bilingual, Lang, Phrase};
use crate::native::NativeFault;
use crate::native::ending::{Ending, Line, Look};
use crate::native::site::{self, Place, said};
use crate::native::surroundings::Surroundings;
use crate::outcome::ExitCode;

/// The command.
pub(in crate::native) fn command(lang: Lang) -> Command {
    Command::new("doctor")
        .about(said(
            lang,
            "diz o que está errado nesta máquina ou neste gestor, e o que fazer",
            "says what is wrong with this machine or gestor, and what to do",
        ))
        .args(site::of_gestor(lang))
        .arg(site::php_option(lang))
}

/// Looks at everything.
pub(in crate::native) fn run(found: &ArgMatches, around: &Surroundings) -> Result<Ending, NativeFault> {
    let root = site::root(found, around)?;
    let mut around = around.clone();
    around.settings.php = site::php(found, &around.folder).or(around.settings.php);
    // Whose the files are is settled before anything is read.
    let place = Place::of(root.clone(), found, &around);
    let lang = place
        .as_ref()
        .map_or_else(|_| around.lang(), |place| place.lang(&around));
    let mut findings = php::look(&root, &around);
    let is_broken = |finding: &Finding| finding.level == Level::Error;
    if let (Ok(place), false) = (&place, findings.iter().any(is_broken)) {
        findings.extend(php::look_at_settings(place, lang, &around));
    }
    let trust = place.as_ref().ok().and_then(|place| place.trust(&around));
    findings.extend(files::look(&root, trust.as_deref()));
    match &place {
        Ok(place) => findings.extend(database::look(&place.database)),
        Err(fault) => findings.push(database::unknown(fault)),
    }
    findings.extend(operations::look(&root));
    findings.extend(settings(&around));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    Ok(shown(&findings, lang))
}

/// Settings of the environment that do not count.
fn settings(around: &Surroundings) -> Vec<Finding> {
    let faults = around.settings.faults.iter();
    let found = faults.map(|fault| {
        Finding::warning(
            "configuracao_errada",
            fault.name.clone(),
            Phrase::of(fault),
            Phrase::new(
                "corrija o valor, ou tire a variável",
                "mend the value, or take the variable away",
            ),
        )
    });
    found.collect()
}

fn shown(findings: &[Finding], lang: Lang) -> Ending {
    let errors: Vec<_> = findings
        .iter()
        .filter(|finding| finding.level == Level::Error)
        .collect();
    let code = if errors.is_empty() {
        ExitCode::Ok
    } else {
        ExitCode::Drift
    };
    let told: Vec<String> = errors.iter().map(|finding| finding.what.text(lang)).collect();
    let mut lines: Vec<Line> = findings.iter().flat_map(|finding| finding.lines(lang)).collect();
    let (count, rest) = (errors.len(), findings.len() - errors.len());
    let (end, look) = match (count, rest) {
        (0, 0) => (
            said(lang, "nada está errado".to_owned(), "nothing is wrong".to_owned()),
            Look::Good,
        ),
        _ => (
            said(
                lang,
                format!("{count} erros, {rest} avisos"),
                format!("{count} errors, {rest} warnings"),
            ),
            if count == 0 { Look::Warning } else { Look::Bad },
        ),
    };
    lines.push(Line::of(end, look));
    Ending {
        code,
        report: json!({"codigo": code.number(), "rotulo": code.label(), "erros": told,
            "achados": findings.iter().map(|finding| finding.to_value(lang)).collect::<Vec<_>>()}),
        lines,
        troubles: Vec::new(),
        bytes: None,
    }
}

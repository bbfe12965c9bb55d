//! What was found, as lines: for people, and for GitHub Actions. Pure.

use std::path::Path;

use crate::author::Level;
use crate::log::escape;
use crate::model::{Bilingual as _, Lang};
use crate::ops::author::{Judged, Validated};

/// For people: a line a finding, then how many there are.
pub(super) fn lines(validated: &Validated, lang: Lang) -> Vec<String> {
    let mut lines: Vec<String> = validated.findings.iter().map(|judged| line(judged, lang)).collect();
    lines.extend(refusals(validated, lang));
    let name = match (&validated.slug, &validated.version) {
        (Some(slug), Some(version)) => format!("{slug} {version}: "),
        (Some(slug), None) => format!("{slug}: "),
        _ => String::new(),
    };
    let [errors, warnings, hints] = [Level::Error, Level::Warning, Level::Hint].map(|level| validated.count(level));
    let code = validated.code().label();
    let release = validated.release;
    lines.push(match lang {
        Lang::PtBr => format!("{name}{code} (erros: {errors}, avisos: {warnings}, dicas: {hints}; gestor {release})"),
        Lang::En => format!("{name}{code} (errors: {errors}, warnings: {warnings}, hints: {hints}; gestor {release})"),
    });
    lines.iter().map(|line| escape(line).into_owned()).collect()
}

fn refusals(validated: &Validated, lang: Lang) -> Vec<String> {
    let faults = validated.fault.iter().flat_map(|fault| fault.messages(lang));
    let word = if lang == Lang::PtBr { "recusado" } else { "refused" };
    faults.map(|fault| format!("{word}: {fault}")).collect()
}

fn line(judged: &Judged, lang: Lang) -> String {
    let finding = &judged.finding;
    let place = match (&finding.file, finding.line) {
        (Some(file), Some(line)) => format!(" {file}:{line}"),
        (Some(file), None) => format!(" {file}"),
        _ => String::new(),
    };
    let (level, name) = (level_word(judged.level, lang), finding.what.lint().name());
    format!("{level}[{name}]{place}: {}", finding.what.text(lang))
}

fn level_word(level: Level, lang: Lang) -> &'static str {
    match (lang, level) {
        (Lang::PtBr, level) => level.word(),
        (Lang::En, Level::Error) => "error",
        (Lang::En, Level::Warning) => "warning",
        (Lang::En, Level::Hint) => "hint",
    }
}

/// For GitHub Actions. `folder`: the plugin's, below which the files stand; nothing where it is a ZIP.
pub(super) fn annotations(validated: &Validated, folder: Option<&Path>, lang: Lang) -> Vec<String> {
    let refused = validated.fault.iter().flat_map(|fault| fault.messages(lang));
    let mut lines: Vec<String> = refused.map(|fault| format!("::error::{}", data(&fault))).collect();
    lines.extend(validated.findings.iter().map(|judged| annotation(judged, folder, lang)));
    lines
}

fn annotation(judged: &Judged, folder: Option<&Path>, lang: Lang) -> String {
    let finding = &judged.finding;
    let command = match judged.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Hint => "notice",
    };
    let mut properties = vec![format!("title={}", property(finding.what.lint().name()))];
    if let Some((folder, file)) = folder.zip(finding.file.as_ref()) {
        let path = folder.join(file);
        let path = path.strip_prefix(".").unwrap_or(&path);
        properties.push(format!("file={}", property(&path.to_string_lossy())));
        properties.extend(finding.line.map(|line| format!("line={line}")));
    }
    format!(
        "::{command} {}::{}",
        properties.join(","),
        data(&finding.what.text(lang))
    )
}

/// A text of an annotation.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value in the head of one.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::author::{Finding, Observation};

    #[test]
    fn findings_are_shown_to_people_and_to_github() {
        let finding = Finding::of_line("a,b\n.php", 3, Observation::Leftover { word: "dd".to_owned() });
        let judged = Judged {
            level: Level::Warning,
            finding,
        };
        let validated = Validated {
            slug: Some("loja".to_owned()),
            version: Some("1.0.0".to_owned()),
            release: "2.9.43",
            fault: None,
            findings: vec![judged],
        };
        let shown = lines(&validated, Lang::En);
        assert!(
            shown[0].starts_with("warning[sobra-de-depuracao] a,b\\n.php:3: `dd` is called"),
            "{shown:?}"
        );
        assert_eq!(
            shown[1],
            "loja 1.0.0: OK (errors: 0, warnings: 1, hints: 0; gestor 2.9.43)"
        );
        let told = annotations(&validated, Some(Path::new("./x")), Lang::En);
        assert!(
            told[0].starts_with("::warning title=sobra-de-depuracao,file=x/a%2Cb%0A.php,line=3::`dd` is called"),
            "{told:?}"
        );
        assert!(annotations(&validated, None, Lang::PtBr)[0].starts_with("::warning title=sobra-de-depuracao::`dd` é"));
    }
}

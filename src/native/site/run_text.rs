//! A report for people: one line a plugin, then what was done. Pure.

use serde_json::Value;

use super::report_text::warnings;
use super::value::{list, word};
use crate::model::Lang;
use crate::native::ending::Line;

/// The lines of a run.
pub(super) fn lines(report: &Value, lang: Lang) -> Vec<Line> {
    let say = |pt: &str, en: &str| (if lang == Lang::PtBr { pt } else { en }).to_owned();
    let mut lines = Vec::new();
    for plugin in list(report, "atualizacoes") {
        let text = word(plugin, "texto");
        let told = if text.is_empty() {
            String::new()
        } else {
            format!(": {text}")
        };
        lines.push(format!(
            "{} {} {}{told}",
            word(plugin, "slug"),
            word(plugin, "instalada"),
            word(plugin, "estado")
        ));
    }
    let put = list(report, "instalador").iter().filter_map(Value::as_str);
    lines.extend(put.map(str::to_owned));
    for (key, done) in [
        ("repostos", say("arquivos repostos", "files put back")),
        ("aplicadas", say("instalada", "installed")),
        ("revertidas", say("desfeita", "taken back")),
    ] {
        for entry in list(report, key) {
            let version = word(entry, "versao");
            let ended = word(entry, "rotulo");
            lines.push(format!("{} {version} {done}: {ended}", word(entry, "slug")).replace("  ", " "));
        }
    }
    lines
        .into_iter()
        .map(Line::plain)
        .chain(warnings(report, lang))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_run_is_told_in_lines() {
        let report = json!({
            "atualizacoes": [{"slug": "loja", "instalada": "1.0.0", "estado": "carencia", "texto": "why\nso"},
                {"slug": "blog", "instalada": "2.0.0", "estado": "em_dia", "texto": null}],
            "aplicadas": [{"slug": "blog", "versao": "2.0.0", "rotulo": "OK"}],
            "repostos": [{"slug": "blog", "rotulo": "OK"}],
            "avisos": ["a"], "erros": ["b"],
        });
        let told: Vec<_> = lines(&report, Lang::En).into_iter().map(|line| line.text).collect();
        assert_eq!(
            told,
            [
                "loja 1.0.0 carencia: why\nso",
                "blog 2.0.0 em_dia",
                "blog files put back: OK",
                "blog 2.0.0 installed: OK",
                "  warning: a"
            ]
        );
    }
}

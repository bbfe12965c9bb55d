//! A report for people: one line a plugin, then what was done. Pure.

use serde_json::Value;

use crate::log::escape;
use crate::model::Lang;

/// The lines of a run.
pub(super) fn lines(report: &Value, lang: Lang) -> Vec<String> {
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
    lines.iter().map(|line| escape(line).into_owned()).collect()
}

/// What went wrong or should be known, for standard error.
pub(super) fn troubles(report: &Value) -> Vec<String> {
    let texts = ["avisos", "erros"].into_iter().flat_map(|key| list(report, key));
    texts
        .filter_map(Value::as_str)
        .map(|text| escape(text).into_owned())
        .collect()
}

fn list<'r>(report: &'r Value, key: &str) -> &'r [Value] {
    report.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn word<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
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
        assert_eq!(
            lines(&report, Lang::En),
            [
                "loja 1.0.0 carencia: why\\nso",
                "blog 2.0.0 em_dia",
                "blog files put back: OK",
                "blog 2.0.0 installed: OK"
            ]
        );
        assert_eq!(troubles(&report), ["a", "b"]);
    }
}

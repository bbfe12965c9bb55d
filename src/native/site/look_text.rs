//! A report of what there is, as a person reads it: one line an entry. As the gestor's own command line shows it. Pure.

use serde_json::{Map, Value};

use super::report_text;
use super::report_text::{look_of, warnings};
use super::value::{flag, list, number, word};
use crate::model::Lang;
use crate::native::ending::Line;

/// Lists of entries, in the order in which they are told.
const LISTS: [&str; 17] = [
    "plugins",
    "execucoes",
    "historico",
    "conflitos",
    "resolvidos",
    "verificados",
    "indices",
    "encontrados",
    "credenciais",
    "importadas",
    "metricas",
    "registros",
    "atualizacoes",
    "repostos",
    "aplicadas",
    "revertidas",
    "falhas",
];
/// What is told of what was done with credentials, or with the audit log.
const FACTS: [&str; 14] = [
    "alias",
    "origem",
    "chave_id",
    "rotacionadas",
    "ja_atuais",
    "chave",
    "servidor",
    "primeiro",
    "tamanho",
    "raiz",
    "segmentos",
    "pontos",
    "lidos",
    "exportados",
];
/// Of a signature that was judged.
const OF_SIGNATURE: [&str; 6] = ["versao", "desenvolvedor", "assinado_em", "nivel", "arquivo", "checksum"];
/// What verifying found besides files and rows.
const FOUND: [&str; 5] = ["esquema", "guardados", "ganchos", "dependencias", "contradicoes"];

/// The lines.
pub(super) fn lines(report: &Value, lang: Lang) -> Vec<Line> {
    let code = number(report, "codigo").unwrap_or_default();
    let mut lines = vec![Line::of(format!("{code} {}", word(report, "rotulo")), look_of(report))];
    for name in LISTS {
        for part in list(report, name) {
            if part.get("versao_anterior").is_some() {
                // The report of an operation of its own.
                lines.extend(report_text::lines(part, lang));
            } else {
                lines.push(Line::plain(format!("  {}", entry(part))));
                lines.extend(found(part).into_iter().map(|line| Line::plain(format!("  {line}"))));
            }
        }
    }
    let put = list(report, "instalador")
        .iter()
        .map(|line| format!("  {}", scalar(line)))
        .collect();
    let told = [
        put,
        settings(report),
        facts(report),
        statistics(report),
        signature(report),
        found(report),
    ];
    lines.extend(told.into_iter().flatten().map(Line::plain));
    lines.extend(warnings(report, lang));
    lines
}

/// What a diff shows besides a dry run.
pub(super) fn differences(report: &Value) -> Vec<Line> {
    let Some(differences) = report.get("diferencas") else {
        return Vec::new();
    };
    let files = differences.get("arquivos").and_then(Value::as_object);
    let files = files.into_iter().flatten().flat_map(|(what, names)| {
        let names = names.as_array().map_or(&[][..], Vec::as_slice).iter();
        names.map(move |name| format!("  arquivos.{what}: {}", scalar(name)))
    });
    let entries = ["manifest", "campos"].into_iter().flat_map(|name| {
        let all = list(differences, name).iter();
        all.map(move |found| format!("  {name}: {}", entry(found)))
    });
    files.chain(entries).map(Line::plain).collect()
}

fn facts(report: &Value) -> Vec<String> {
    let told = |key: &&str| {
        Some(format!(
            "  {key}={}",
            scalar(report.get(*key).filter(|value| is_scalar(value))?)
        ))
    };
    let mut lines: Vec<_> = match report.get("acao") {
        Some(_) => FACTS.iter().filter_map(told).collect(),
        None => Vec::new(),
    };
    if report.get("formato").is_some() && !word(report, "arquivo").is_empty() {
        let bytes = number(report, "bytes").unwrap_or_default();
        lines.push(format!("  {} ({bytes} bytes)", word(report, "arquivo")));
    }
    let missing = report.get("chaves_ausentes").and_then(Value::as_object);
    lines.extend(
        missing
            .into_iter()
            .flatten()
            .map(|(key, count)| format!("  chaves_ausentes: {key}={count}")),
    );
    lines
}

/// Settings: each with its value, and what is wrong with what is kept.
fn settings(report: &Value) -> Vec<String> {
    let saved = list(report, "gravadas").iter().map(|id| format!("  {}", scalar(id)));
    let fields = report
        .get("configuracao")
        .map_or(&[][..], |form| list(form, "campos"))
        .iter();
    let shown = fields.map(|field| {
        let value = match field.get("valor") {
            Some(value) if !value.is_null() => value.to_string(),
            _ if flag(field, "segredo") && flag(field, "guardado") => "***".to_owned(),
            _ => "-".to_owned(),
        };
        let fault = Some(word(field, "erro")).filter(|fault| !fault.is_empty());
        let fault = fault.map(|fault| format!(" ({fault})")).unwrap_or_default();
        format!("  {} = {value}{fault}", word(field, "id"))
    });
    saved.chain(shown).collect()
}

fn statistics(report: &Value) -> Vec<String> {
    let plugins = report.pointer("/estatisticas/plugins").and_then(Value::as_object);
    plugins
        .into_iter()
        .flatten()
        .map(|(plugin, counts)| format!("  {plugin}: {}", entry(counts)))
        .collect()
}

fn signature(report: &Value) -> Vec<String> {
    let Some(judged) = report.get("assinatura").filter(|judged| judged.is_object()) else {
        return Vec::new();
    };
    let told = |key: &&str| {
        Some(format!(
            "  {key}: {}",
            scalar(report.get(*key).filter(|value| is_scalar(value))?)
        ))
    };
    let mut lines: Vec<_> = OF_SIGNATURE.iter().filter_map(told).collect();
    lines.push(format!("  assinatura: {}", entry(judged)));
    lines
}

/// What verifying found.
fn found(report: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for group in ["arquivos", "linhas"] {
        for (what, all) in report.get(group).and_then(Value::as_object).into_iter().flatten() {
            let all = all.as_array().map_or(&[][..], Vec::as_slice).iter();
            lines.extend(all.map(|one| format!("  {group}.{what}: {}", told(one))));
        }
    }
    for name in FOUND {
        lines.extend(list(report, name).iter().map(|one| format!("  {name}: {}", told(one))));
    }
    lines
}

fn told(found: &Value) -> String {
    if found.is_object() { entry(found) } else { scalar(found) }
}

/// Names and values that there are. What verifying found has lines of its own.
fn entry(entry: &Value) -> String {
    let is_said = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
        _ => true,
    };
    let nothing = Map::new();
    let entries = entry.as_object().unwrap_or(&nothing);
    let is_verified = entries.contains_key("linhas") && entries.contains_key("guardados");
    let own = |key: &str| !is_verified || !(key == "arquivos" || key == "linhas" || FOUND.contains(&key));
    let parts = entries.iter().filter(|(key, value)| is_said(value) && own(key));
    parts
        .map(|(key, value)| format!("{key}={}", scalar(value)))
        .collect::<Vec<_>>()
        .join(" ")
}

fn is_scalar(value: &Value) -> bool {
    value.is_string() || value.is_number()
}

fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether a report is one of an operation that changes a plugin.
pub(super) fn is_of_operation(report: &Value) -> bool {
    let has_before = report.get("versao_anterior").is_some_and(|version| !version.is_null());
    (has_before || report.get("dry_run").is_some()) && report.get("plugins").is_none()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(report: &Value) -> Vec<String> {
        lines(report, Lang::En).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn what_there_is_is_told_line_by_line() {
        let report = json!({"codigo": 0, "rotulo": "OK", "plugins": [{"slug": "loja", "versao": "1.0.0", "dependencias": [], "bytes": 3}], "avisos": ["w"]});
        assert_eq!(
            text(&report),
            ["0 OK", "  slug=loja versao=1.0.0 bytes=3", "  warning: w"]
        );
        let verified = json!({"codigo": 33, "rotulo": "DRIFT", "slug": "loja", "arquivos": {"faltando": ["a.php"], "alterados": []},
            "linhas": {"editadas": [{"tabela": "paginas", "linha": "x"}]}, "esquema": [], "guardados": ["v"]});
        assert_eq!(
            text(&verified),
            [
                "33 DRIFT",
                "  arquivos.faltando: a.php",
                "  linhas.editadas: tabela=paginas linha=x",
                "  guardados: v"
            ]
        );
        let all = json!({"codigo": 33, "rotulo": "DRIFT", "verificados": [verified]});
        assert_eq!(
            text(&all)[1..3],
            ["  codigo=33 rotulo=DRIFT slug=loja", "    arquivos.faltando: a.php"]
        );
        let audit = json!({"codigo": 0, "rotulo": "OK", "acao": "conferir", "servidor": "ab", "tamanho": 3});
        assert_eq!(text(&audit), ["0 OK", "  servidor=ab", "  tamanho=3"]);
    }
}

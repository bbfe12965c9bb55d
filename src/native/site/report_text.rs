//! The report of an operation that changed a plugin, as a person reads it: a headline, what was done, warnings. As the gestor's
//! own command line shows it. Pure.

use serde_json::Value;

use super::value::{flag, list, number, said, word};
use crate::model::Lang;
use crate::native::ending::{Line, Look};
use crate::outcome::ExitCode;

/// The counts of a table, in the order in which they are told: key, in Portuguese, in English.
const COUNTERS: [(&str, &str, &str); 12] = [
    ("inseridos", "inseridos", "new"),
    ("adotados", "adotados", "adopted"),
    ("alterados", "alterados", "changed"),
    ("iguais", "iguais", "same"),
    ("preservados", "preservados", "kept from users"),
    ("orfaos", "órfãos", "orphans"),
    ("ignorados", "ignorados", "left alone"),
    ("mantidos", "mantidos como editados", "kept as edited"),
    ("conflitos", "em conflito", "in conflict"),
    ("apagados", "deixados apagados", "left deleted"),
    ("removidos", "removidos", "removed"),
    ("devolvidos", "devolvidos", "given back"),
];

/// The lines.
pub(super) fn lines(report: &Value, lang: Lang) -> Vec<Line> {
    let mut lines = vec![headline(report, lang)];
    let plain = [
        files(report, lang),
        tables(report, lang),
        migrations(report, lang),
        rest(report, lang),
    ];
    lines.extend(plain.into_iter().flatten().map(Line::plain));
    for part in list(report, "plugins") {
        lines.extend(
            self::lines(part, lang)
                .into_iter()
                .map(|line| Line::of(format!("  {}", line.text), line.look)),
        );
    }
    lines.extend(warnings(report, lang));
    if !list(report, "php_alterados").is_empty() {
        lines.push(Line::plain(said(
            lang,
            "  dica: com opcache.validate_timestamps=0, recarregue o php-fpm",
            "  hint: with opcache.validate_timestamps=0, reload php-fpm",
        )));
    }
    lines
}

/// What should be known.
pub(super) fn warnings(report: &Value, lang: Lang) -> Vec<Line> {
    let texts = list(report, "avisos").iter().filter_map(Value::as_str);
    let mark = said(lang, "  aviso: ", "  warning: ");
    texts
        .map(|text| Line::of(format!("{mark}{text}"), Look::Warning))
        .collect()
}

/// How an ended well or badly is shown.
pub(super) fn look_of(report: &Value) -> Look {
    match number(report, "codigo") {
        Some(code) if code == i64::from(ExitCode::Ok.number()) => Look::Good,
        _ => Look::Bad,
    }
}

fn headline(report: &Value, lang: Lang) -> Line {
    let note = if flag(report, "dry_run") {
        said(
            lang,
            " (simulação: nada foi alterado)",
            " (dry run: nothing was changed)",
        )
    } else if flag(report, "inalterado") {
        said(lang, " (inalterado)", " (unchanged)")
    } else {
        ""
    };
    let subject = format!("{} {}", word(report, "slug"), versions(report, lang));
    let subject = match subject.trim() {
        "" => String::new(),
        subject => format!("{subject}: "),
    };
    let code = number(report, "codigo").unwrap_or_default();
    Line::of(
        format!("{subject}{code} {}{note}", word(report, "rotulo")),
        look_of(report),
    )
}

/// From which version to which; a failure went nowhere.
fn versions(report: &Value, lang: Lang) -> String {
    let (before, version) = (word(report, "versao_anterior"), word(report, "versao"));
    if before.is_empty() || version.is_empty() || before == version {
        return if version.is_empty() { before } else { version }.to_owned();
    }
    if look_of(report) == Look::Good || flag(report, "confirmado") {
        format!("{before} → {version}")
    } else {
        format!("{before} ({}: {version})", said(lang, "pacote", "package"))
    }
}

fn files(report: &Value, lang: Lang) -> Vec<String> {
    let count = |key: &str| {
        report
            .get("arquivos")
            .and_then(|files| number(files, key))
            .unwrap_or_default()
    };
    let (new, changed, removed) = (count("novos"), count("alterados"), count("removidos"));
    if new + changed + removed == 0 {
        return Vec::new();
    }
    vec![match lang {
        Lang::PtBr => format!("  arquivos: {new} novos, {changed} alterados, {removed} removidos"),
        Lang::En => format!("  files: {new} new, {changed} changed, {removed} removed"),
    }]
}

fn tables(report: &Value, lang: Lang) -> Vec<String> {
    let tables = report.get("tabelas").and_then(Value::as_object);
    let line = |(table, counts): (&String, &Value)| {
        let parts: Vec<_> = COUNTERS
            .iter()
            .filter_map(|(key, pt, en)| {
                let count = number(counts, key).filter(|count| *count > 0)?;
                Some(format!("{count} {}", said(lang, pt, en)))
            })
            .collect();
        let parts = if parts.is_empty() {
            "0".to_owned()
        } else {
            parts.join(", ")
        };
        format!("  {table}: {parts}")
    };
    tables.into_iter().flatten().map(line).collect()
}

/// Migrations, and scripts with the code that each ended with, where it ran.
fn migrations(report: &Value, lang: Lang) -> Vec<String> {
    let names = |key: &str| {
        let names = list(report, key).iter().filter_map(Value::as_str);
        names.collect::<Vec<_>>().join(", ")
    };
    let scripts = list(report, "scripts").iter().map(|script| {
        let code = number(script, "codigo").map_or_else(String::new, |code| format!(" ({code})"));
        format!("{}{code}", word(script, "nome"))
    });
    let scripts: Vec<_> = scripts.collect();
    let told = [
        (said(lang, "  migrações: ", "  migrations: "), names("migracoes")),
        (
            said(lang, "  migrações desfeitas: ", "  migrations undone: "),
            names("migracoes_desfeitas"),
        ),
        ("  scripts: ", scripts.join(", ")),
    ];
    let told = told.into_iter().filter(|(_, names)| !names.is_empty());
    told.map(|(mark, names)| format!("{mark}{names}")).collect()
}

fn rest(report: &Value, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    for (key, mark) in [
        ("backup", "  backup: "),
        ("removido", said(lang, "  o que saiu: ", "  what went: ")),
    ] {
        if !word(report, key).is_empty() {
            lines.push(format!("{mark}{}", word(report, key)));
        }
    }
    lines.extend(list(report, "restantes").iter().map(|row| {
        let mark = said(lang, "  fica: ", "  stays: ");
        format!(
            "{mark}{} {} ({})",
            word(row, "tabela"),
            word(row, "linha"),
            word(row, "motivo")
        )
    }));
    lines.extend(list(report, "referencias").iter().map(|named| {
        let mark = said(lang, "  ainda nomeia: ", "  still names: ");
        let count = number(named, "linhas").unwrap_or_default();
        format!(
            "{mark}{}.{} → {} ({count})",
            word(named, "tabela"),
            word(named, "coluna"),
            word(named, "nomeia")
        )
    }));
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_is_told_as_the_gestors_command_line_tells_it() {
        let report = json!({
            "slug": "loja", "versao": "1.1.0", "versao_anterior": "1.0.0", "codigo": 0, "rotulo": "OK", "dry_run": false,
            "arquivos": {"novos": 1, "alterados": 2, "removidos": 0},
            "tabelas": {"paginas": {"inseridos": 3, "iguais": 1, "alterados": 0}, "menus": {"iguais": 0}},
            "migracoes": ["1 A"], "migracoes_desfeitas": ["2 B", "3 C"], "scripts": [{"nome": "s.php", "codigo": 0}, {"nome": "t.php", "codigo": null}],
            "backup": "/b.zip", "avisos": ["w"], "php_alterados": ["a.php"],
        });
        let text: Vec<_> = lines(&report, Lang::En).into_iter().map(|line| line.text).collect();
        assert_eq!(
            text,
            [
                "loja 1.0.0 → 1.1.0: 0 OK",
                "  files: 1 new, 2 changed, 0 removed",
                "  paginas: 3 new, 1 same",
                "  menus: 0",
                "  migrations: 1 A",
                "  migrations undone: 2 B, 3 C",
                "  scripts: s.php (0), t.php",
                "  backup: /b.zip",
                "  warning: w",
                "  hint: with opcache.validate_timestamps=0, reload php-fpm"
            ]
        );
        let failed =
            json!({"slug": "loja", "versao": "2.0.0", "versao_anterior": "1.0.0", "codigo": 14, "rotulo": "SYNC"});
        assert_eq!(
            lines(&failed, Lang::PtBr)[0],
            Line::of("loja 1.0.0 (pacote: 2.0.0): 14 SYNC", Look::Bad)
        );
        let batch = json!({"codigo": 0, "rotulo": "OK", "plugins": [report]});
        assert_eq!(lines(&batch, Lang::En)[1].text, "  loja 1.0.0 → 1.1.0: 0 OK");
    }
}

//! What may not be written: every fault is told at once and by name, and nothing is written.

use gestor_plugins::config::Conflicts;
use gestor_plugins::data::DataError;
use serde_json::{Value, json};

use super::site::{Site, rows, short};
use crate::data::rules::page;

pub(crate) fn failure(site: &mut Site, package: &Value) -> DataError {
    site.sync(&rows(package)).map(|(plan, _)| plan.counts()).unwrap_err()
}

#[test]
fn all_faults_are_told_at_once() {
    let mut site = Site::new();
    let mut long = page("x-1", "a");
    long["nome"] = json!("L".repeat(300));
    long["raiz"] = json!("abc");
    let package = json!({
        "Layouts": [{"id": "x-l", "nome": "ok"}],
        "Paginas": [page("x-0", "a"), long, {"nome": "no id"}],
        "Forms": [{"id": "x-f", "name": "F", "fields_schema": "{broken"}],
    });
    let fault = failure(&mut site, &package);
    assert!(fault.is_shape(), "a missing key is");
    let text = fault.to_string();
    for part in [
        "x-1",
        "`nome`",
        "255",
        "`raiz`",
        "row 3",
        "`id` is missing",
        "valid JSON",
        "PaginasData.json",
    ] {
        assert!(text.contains(part), "{text} lacks {part}");
    }
    assert_eq!(fault.lines(gestor_plugins::model::Lang::En).len(), 4);
    let fault = failure(
        &mut site,
        &json!({"Paginas": [{"id": "x-1"}], "Widgets": [{"id": "w"}]}),
    );
    assert!(!fault.is_shape());
    assert!(
        fault.to_string().contains("`nome` of `paginas` has no default"),
        "{fault}"
    );
    assert_eq!(fault.lines(gestor_plugins::model::Lang::En).len(), 4, "{fault}");
    assert_eq!(site.database.count("layouts", "1"), 0);
}

#[test]
fn what_the_server_refuses_is_named() {
    let mut site = Site::new();
    site.database.run(
        "ALTER TABLE paginas ADD CONSTRAINT c CHECK (html <> 'BAD'); ALTER TABLE variaveis ADD CHECK (valor <> 'BAD')",
    );
    let mut pages: Vec<Value> = (0..50).map(|number| page(&format!("x-{number}"), "a")).collect();
    site.sync(&rows(&json!({"Paginas": pages}))).unwrap();
    pages[37]["html"] = json!("BAD");
    pages[38]["html"] = json!("changed");
    pages[2]["html"] = json!("changed");
    let package = json!({"Variaveis": [{"id": "x-v", "valor": "v"}], "Paginas": pages});
    let before = site.database.dump(&[]);
    let fault = failure(&mut site, &package).to_string();
    assert!(fault.contains("row 38 (id=x-37"), "{fault}");
    assert_eq!(site.database.dump(&[]), before);
    pages[37]["html"] = json!("good");
    let later = json!({"Paginas": pages, "Variaveis": [{"id": "x-v", "valor": "v"}, {"id": "x-w", "valor": "BAD"}]});
    let fault = failure(&mut site, &later).to_string();
    assert!(fault.contains("row 2 (id=x-w"), "{fault}");
    assert_eq!(site.database.dump(&[]), before);
    // So long that they take several statements.
    let long = "ok".repeat(400);
    let many: Vec<Value> = (0..900)
        .map(|n| json!({"id": format!("v{n}"), "valor": if n == 777 { "BAD" } else { &long }}))
        .collect();
    let fault = failure(&mut site, &json!({"Variaveis": many})).to_string();
    assert!(fault.contains("row 778 (id=v777)"), "{fault}");
    assert_eq!(site.database.dump(&[]), before);
}

#[test]
fn unique_values_of_others_are_conflicts() {
    let mut site = Site::new();
    site.database.run("ALTER TABLE layouts ADD UNIQUE KEY same_name (nome)");
    site.given(
        "modulos",
        &json!([{"id": "X-M", "nome": "theirs", "language": "pt-br", "plugin": "other"}]),
    );
    site.given("layouts", &json!([{"id": "x-o", "nome": "Taken", "plugin": "other"}]));
    let package = json!({
        "Modulos": [{"id": "x-m", "nome": "M"}, {"id": "x-n", "nome": "N"}],
        "Layouts": [{"id": "x-1", "nome": "taken "}, {"id": "x-2", "nome": "free"}, {"id": "x-3", "nome": "FREE"}],
    });
    let DataError::Conflicts(found) = failure(&mut site, &package) else {
        panic!()
    };
    let text = found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert_eq!(found.len(), 3, "{text}");
    assert!(text.contains("plugin other") && text.contains("same_name"), "{text}");
    site.conflicts = Conflicts::Skip;
    let (plan, _) = site.sync(&rows(&package)).unwrap();
    assert_eq!(short(plan.counts()["modulos"]), [1, 0, 0, 0, 0, 0, 1]);
    assert_eq!(short(plan.counts()["layouts"]), [1, 0, 0, 0, 0, 0, 2]);
    assert_eq!(site.database.count("modulos", "nome='theirs' AND plugin='other'"), 1);
}

#[test]
fn a_row_that_keeps_its_key_is_in_nobodys_way() {
    let mut site = Site::new();
    site.database
        .run("ALTER TABLE modulos MODIFY language varchar(10) NULL DEFAULT NULL");
    site.given(
        "modulos",
        &json!([
            {"id": "x-m", "nome": "old", "language": null, "plugin": "p1"},
            {"id": "x-m", "nome": "theirs", "language": "", "plugin": "other"},
        ]),
    );
    let package = json!({"Modulos": [{"id": "x-m", "nome": "new", "language": ""}]});
    assert_eq!(short(site.counts(&package, "modulos")), [0, 0, 1, 0, 0, 0, 0]);
    assert_eq!(site.database.count("modulos", "nome IN ('new', 'theirs')"), 2);
}

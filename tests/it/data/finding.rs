//! By what a row of the site is found: keys of short tables and long ones, letter case, primary keys, tables without owner.

use gestor_plugins::config::{Adoption, Conflicts};
use gestor_plugins::data::{DataError, Notice};
use serde_json::{Value, json};

use super::site::{Site, rows, short};
use crate::data::refused::failure;
use crate::data::rules::page;

/// A question for the numbers from 1 to `count`.
fn numbers(count: usize) -> String {
    let digits = "(SELECT 0 d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 \
         UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)";
    format!(
        "SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 1 AS seq FROM {digits} a, {digits} b, {digits} c, {digits} e \
         HAVING seq <= {count} ORDER BY seq"
    )
}

#[test]
fn many_rows_are_found_in_short_tables_and_in_long_ones() {
    let package = |text: &str| -> Value {
        let id = |n: usize| {
            if n.is_multiple_of(2) {
                format!("x-{n}")
            } else {
                format!("X-{n} ")
            }
        };
        let rows: Vec<Value> = (1..=300).map(|n| page(&id(n), text)).collect();
        json!({ "Paginas": rows })
    };
    for (given, foreign) in [(40, 0), (40, 2_000)] {
        let mut site = Site::new();
        site.database.run(&format!(
            "INSERT INTO paginas (id, language, nome, html, plugin) SELECT CONCAT('x-', seq + 260), 'pt-br', 'N', 'theirs', \
             IF(seq > 35, 'other', NULL) FROM ({}) numbers", numbers(given)
        ));
        if foreign > 0 {
            site.database.run(&format!(
                "INSERT INTO paginas (id, language, nome) SELECT CONCAT('f-', seq), 'pt-br', 'N' FROM ({}) numbers; \
                 ANALYZE TABLE paginas",
                numbers(foreign)
            ));
        }
        site.adoption = Adoption::Always;
        let what = format!("{foreign} foreign rows");
        let counts = site.counts(&package("mine"), "paginas");
        assert_eq!((counts.inseridos, counts.adotados), (265, 35), "{what}");
        assert_eq!(
            site.database.count("paginas", "html='theirs' AND plugin='other'"),
            5,
            "{what}"
        );
        let again = site.counts(&package("mine"), "paginas");
        assert_eq!(again.iguais, 300, "{what}");
    }
}

#[test]
fn letter_case_is_the_tables_to_tell_apart() {
    let mut site = Site::new();
    let twice = json!({"Paginas": [page("x-1", "A"), page("X-1", "B")]});
    let DataError::Conflicts(found) = failure(&mut site, &twice) else {
        panic!()
    };
    assert_eq!(found.len(), 2);
    site.conflicts = Conflicts::Skip;
    assert_eq!(short(site.counts(&twice, "paginas")), [0, 0, 0, 0, 0, 0, 2]);
    site.database
        .run("ALTER TABLE paginas MODIFY id varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL");
    assert_eq!(short(site.counts(&twice, "paginas")), [2, 0, 0, 0, 0, 0, 0]);
    assert_eq!(short(site.counts(&twice, "paginas")), [0, 0, 0, 2, 0, 0, 0]);
    // The key is found in any case; its text is then the package's.
    site.sync(&rows(&json!({"Layouts": [{"id": "x-l", "nome": "n"}]})))
        .unwrap();
    assert_eq!(
        short(site.counts(&json!({"Layouts": [{"id": "X-L", "nome": "n"}]}), "layouts")),
        [0, 0, 1, 0, 0, 0, 0]
    );
    assert_eq!(site.database.value("SELECT id FROM layouts").as_deref(), Some("X-L"));
}

#[test]
fn tables_without_owner_are_shared_with_care() {
    let mut site = Site::new();
    site.given(
        "widgets",
        &json!([{"id": "w", "name": "old", "icon": "i", "tabela": "t", "language": "pt-br"}]),
    );
    let widget = |name: &str| json!({"Widgets": [{"id": "w", "name": name, "icon": "i", "tabela": "t"}, {"id": "x-w", "name": "n", "icon": "i", "tabela": "t"}]});
    assert!(matches!(failure(&mut site, &widget("new")), DataError::Conflicts(found) if found.len() == 1));
    assert_eq!(short(site.counts(&widget("old"), "widgets")), [1, 0, 0, 1, 0, 0, 0]);
    site.previous = Some(rows(&widget("old")));
    assert_eq!(short(site.counts(&widget("new"), "widgets")), [0, 0, 1, 1, 0, 0, 0]);
    // A table of the package's own.
    site.database
        .run("CREATE TABLE own (n int AUTO_INCREMENT PRIMARY KEY, code varchar(9) UNIQUE, v int)");
    let own = |v: i64| json!({"Own": [{"code": "a", "v": v}, {"code": "b", "v": 1}]});
    site.previous = None;
    assert_eq!(short(site.counts(&own(1), "own")), [2, 0, 0, 0, 0, 0, 0]);
    assert_eq!(short(site.counts(&own(2), "own")), [0, 0, 1, 1, 0, 0, 0]);
}

#[test]
fn explicit_primary_keys_find_own_rows_only() {
    let mut site = Site::new();
    site.given(
        "usuarios",
        &json!([{"id_usuarios": 1, "id": "admin", "usuario": "admin", "nome": "Admin", "status": "A"}]),
    );
    site.given(
        "categorias",
        &json!([{"id_categorias": 5, "id": "c", "nome": "theirs"}]),
    );
    let users = json!({"Usuarios": [
        {"id_usuarios": 1, "id": "admin", "nome": "CHANGED"},
        {"id_usuarios": "77", "id": "x-u", "nome": "new", "gestor": 1},
    ]});
    let twice = json!({"Usuarios": [{"id_usuarios": 1, "id": "admin"}, {"id": "admin", "nome": "again"}]});
    assert!(matches!(failure(&mut site, &twice), DataError::Conflicts(found) if found.len() == 1));
    let (plan, _) = site.sync(&rows(&users)).unwrap();
    assert_eq!(short(plan.counts()["usuarios"])[0], 1);
    assert!(
        plan.notices
            .iter()
            .any(|notice| matches!(notice, Notice::ManagerUser { .. }))
    );
    assert_eq!(
        site.database.count(
            "usuarios",
            "(id_usuarios=1 AND nome='Admin') OR (id_usuarios=77 AND nome='new')"
        ),
        2
    );
    let taken = json!({"Categorias": [{"id_categorias": 5, "id": "mine", "nome": "mine"}]});
    assert!(matches!(failure(&mut site, &taken), DataError::Conflicts(_)));
    let own = |name: &str| json!({"Categorias": [{"id_categorias": "9", "id": "mine", "nome": name}]});
    assert_eq!(short(site.counts(&own("a"), "categorias")), [1, 0, 0, 0, 0, 0, 0]);
    assert_eq!(short(site.counts(&own("b"), "categorias")), [0, 0, 1, 0, 0, 0, 0]);
    assert_eq!(
        site.database
            .count("categorias", "id_categorias=9 AND nome='b' AND plugin='p1'"),
        1
    );
    // A primary key in a table with a natural key is nobody's business.
    let page = |number: u64| json!({"Paginas": [{"id_paginas": number, "id": "x", "nome": "n"}]});
    site.sync(&rows(&page(900))).unwrap();
    assert_eq!(site.database.count("paginas", "id_paginas=900"), 0);
    assert_eq!(short(site.counts(&page(901), "paginas")), [0, 0, 0, 1, 0, 0, 0]);
}

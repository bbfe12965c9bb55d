//! The rules of SPEC §6, one by one, as a site would meet them.

use gestor_plugins::config::{Adoption, Conflicts, Orphans};
use gestor_plugins::data::{DataError, Notice, count_rows, orphan_tables, write_adopted, write_orphans};
use serde_json::{Value, json};

use super::site::{Site, rows, short};
use crate::data::refused::failure;

pub(crate) fn page(id: &str, html: &str) -> Value {
    json!({"id": id, "nome": format!("N {id}"), "language": "pt-br", "caminho": format!("{id}/"), "tipo": "page",
        "modulo": null, "html": html, "css": "a{}", "status": "A", "versao": 1, "checksum": {"html": "h"}})
}

#[test]
fn a_second_run_writes_nothing() {
    let mut site = Site::new();
    let package = json!({
        "Paginas": [page("x-1", "it's \\ 'ação' \u{1F600}\0"), page("x-2", "")],
        "Variaveis": [{"id": "x-v", "linguagem_codigo": "en", "modulo": "m", "valor": "v", "grupo": null}],
        "Modulos": [{"id": "x-m", "nome": "M", "status": "A", "versao": " 7 ", "plugin": "other"}],
        "Forms": [{"id": "x-f", "name": "F", "fields_schema": {"b": 1, "a": ["/ç", 1.50, null]}}],
        "Templates": [{"id": "x-t", "nome": "pt", "target": "t"}, {"id": "x-t", "language": "en", "nome": "en", "target": "t"}],
        "UsuariosPerfisModulos": [{"perfil": "administradores", "modulo": "x-m"}],
    });
    let (plan, applied) = site.sync(&rows(&package)).unwrap();
    assert_eq!((plan.total().inseridos, applied.inserted), (8, 8), "{:?}", plan.notices);
    let before = site.database.dump(&[]);
    let (plan, applied) = site.sync(&rows(&package)).unwrap();
    assert_eq!((plan.total().iguais, plan.writes(), applied.changed), (8, 0, 0));
    assert_eq!(site.database.dump(&[]), before);
    assert_eq!(
        site.database
            .value("SELECT checksum FROM paginas WHERE id='x-1'")
            .as_deref(),
        Some("{\"html\":\"h\"}")
    );
    assert_eq!(
        site.database
            .count("modulos", "plugin='p1' AND versao=7 AND language='pt-br'"),
        1
    );
    let counts = count_rows(&mut site.connection, &site.slug).unwrap();
    assert_eq!(counts.values().sum::<u64>(), 8);
}

#[test]
fn damage_is_repaired_and_only_that_is_written() {
    let mut site = Site::new();
    let package = json!({"Paginas": [page("x-1", "a"), page("x-2", "b"), page("x-3", "c")]});
    site.sync(&rows(&package)).unwrap();
    site.database.run(
        "DELETE FROM paginas WHERE id='x-1'; UPDATE paginas SET html='BROKEN', data_modificacao='2020-01-01' WHERE id='x-2'; \
         UPDATE paginas SET data_modificacao='2020-01-01' WHERE id='x-3'",
    );
    let (plan, applied) = site.sync(&rows(&package)).unwrap();
    assert_eq!(short(plan.total()), [1, 0, 1, 1, 0, 0, 0]);
    assert_eq!((applied.inserted, applied.changed), (1, 1));
    assert_eq!(site.database.count("paginas", "html IN ('a','b','c')"), 3);
    assert_eq!(
        site.database
            .count("paginas", "data_modificacao='2020-01-01' AND id='x-3'"),
        1
    );
    assert_eq!(
        site.database
            .count("paginas", "data_modificacao>'2021-01-01' AND id='x-2'"),
        1
    );
}

#[test]
fn unowned_rows_follow_the_policy() {
    for (adoption, expected) in [
        (Adoption::Orphans, Some([1, 2, 0, 0, 0, 0, 0])),
        (Adoption::Always, Some([1, 2, 0, 0, 0, 0, 0])),
        (Adoption::Never, None),
    ] {
        let mut site = Site::new();
        site.adoption = adoption;
        site.given(
            "paginas",
            &json!([
                {"id": "x-1", "nome": "old", "language": "pt-br", "html": "old", "caminho": "z"},
                {"id": "x-2", "nome": "old", "language": "pt-br", "plugin": "", "html": "old", "caminho": "z"},
                {"id": "x-3", "nome": "theirs", "language": "pt-br", "plugin": "other", "html": "theirs", "caminho": "z"},
            ]),
        );
        let package = rows(&json!({"Paginas": [page("x-1", "N"), page("x-2", "N"), page("x-3", "N")]}));
        if let Some(expected) = expected {
            let (plan, _) = site.sync(&package).unwrap();
            assert_eq!(short(plan.total()), expected);
            assert_eq!(site.database.count("paginas", "plugin='p1' AND html='N'"), 3);
        } else {
            let fault = site.sync(&package).map(|(plan, _)| plan.counts()).unwrap_err();
            assert!(matches!(fault, DataError::Conflicts(found) if found.len() == 2));
            assert_eq!(site.database.count("paginas", "plugin='p1'"), 0);
        }
        assert_eq!(site.database.count("paginas", "plugin='other' AND html='theirs'"), 1);
    }
}

#[test]
fn adopted_content_and_orphans_can_be_kept() {
    let mut site = Site::new();
    site.given(
        "paginas",
        &json!([
            {"id": "x-1", "nome": "old", "language": "pt-br", "html": "old \"ç\"", "caminho": "z"},
            {"id": "x-9", "nome": "gone", "language": "pt-br", "html": "gone", "plugin": "p1"},
        ]),
    );
    site.given("categorias", &json!([{"id": "c", "nome": "left", "plugin": "p1"}]));
    let plan = site.plan(&rows(&json!({"Paginas": [page("x-1", "N")]}))).unwrap();
    assert!(plan.adopts_content() && plan.has_orphans());
    assert_eq!(plan.counts()["categorias"].orfaos, 1);
    let mut kept = Vec::new();
    assert_eq!(write_adopted(&mut site.connection, &plan, &mut kept).unwrap(), 1);
    let kept: Value = serde_json::from_slice(&kept).unwrap();
    assert_eq!(kept["paginas"][0]["html"], "old \"ç\"");
    let tables: Vec<_> = orphan_tables(&plan).into_iter().cloned().collect();
    assert_eq!(tables.len(), 2);
    for (table, name) in tables.iter().zip(["gone", "left"]) {
        let mut kept = Vec::new();
        assert_eq!(
            write_orphans(&mut site.connection, &plan, table, &site.slug, &mut kept).unwrap(),
            1
        );
        let kept: Value = serde_json::from_slice(&kept).unwrap();
        assert_eq!(kept[0]["nome"], name);
    }
    site.orphans = Orphans::Ignore;
    assert!(
        !site
            .plan(&rows(&json!({"Paginas": [page("x-1", "N")]})))
            .unwrap()
            .has_orphans()
    );
}

#[test]
fn what_is_kept_is_all_that_a_row_holds() {
    let mut site = Site::new();
    let column = |table: &str| {
        format!(
            "ALTER TABLE {table} ADD COLUMN f FLOAT DEFAULT 16777217.5, ADD COLUMN b VARBINARY(4) DEFAULT 0xFF00, \
             ADD COLUMN hidden VARCHAR(9) INVISIBLE DEFAULT 'h'"
        )
    };
    site.database.run(&column("paginas"));
    site.database.run(&column("categorias"));
    site.given(
        "paginas",
        &json!([{"id": "x-1", "nome": "old", "language": "pt-br", "caminho": "z"}]),
    );
    site.given("categorias", &json!([{"id": "c", "nome": "left", "plugin": "p1"}]));
    let plan = site.plan(&rows(&json!({"Paginas": [page("x-1", "N")]}))).unwrap();
    let (mut adopted, mut orphans) = (Vec::new(), Vec::new());
    write_adopted(&mut site.connection, &plan, &mut adopted).unwrap();
    let table = orphan_tables(&plan)[0];
    write_orphans(&mut site.connection, &plan, table, &site.slug, &mut orphans).unwrap();
    let (adopted, orphans): (Value, Value) = (
        serde_json::from_slice(&adopted).unwrap(),
        serde_json::from_slice(&orphans).unwrap(),
    );
    for row in [&adopted["paginas"][0], &orphans[0]] {
        assert_eq!(
            row["f"].as_str().unwrap().parse::<f64>().unwrap().to_string(),
            "16777218",
            "{row}"
        );
        assert_eq!((&row["b"], &row["hidden"]), (&json!({"$hex": "ff00"}), &json!("h")));
    }
}

#[test]
fn core_rows_stay_the_gestors() {
    let mut site = Site::new();
    site.given(
        "modulos",
        &json!([{"id": "admin-plugins", "nome": "Plugins", "language": "pt-br", "status": "A", "versao": 1}]),
    );
    let same = json!({"Modulos": [{"id": "admin-plugins", "nome": "Plugins", "language": "pt-br", "status": "A", "versao": 1}]});
    let other =
        json!({"Modulos": [{"id": "admin-plugins", "nome": "OWNED", "language": "pt-br"}, {"id": "x-m", "nome": "M"}]});
    assert_eq!(short(site.counts(&same, "modulos")), [0, 0, 0, 1, 0, 0, 0]);
    let fault = failure(&mut site, &other);
    assert!(fault.to_string().contains("admin-plugins"), "{fault}");
    assert_eq!(site.database.count("modulos", "id='x-m' OR plugin IS NOT NULL"), 0);
    site.conflicts = Conflicts::Skip;
    assert_eq!(short(site.counts(&other, "modulos")), [1, 0, 0, 0, 0, 0, 1]);
    site.adoption = Adoption::Always;
    assert_eq!(short(site.counts(&other, "modulos")), [0, 1, 0, 1, 0, 0, 0]);
    assert_eq!(
        site.database
            .count("modulos", "id='admin-plugins' AND nome='OWNED' AND plugin='p1'"),
        1
    );
}

#[test]
fn rows_of_an_unknown_release_count_as_core() {
    let mut site = Site::new();
    site.core = gestor_plugins::data::CoreKeys::read(Some("9.9.9"), std::path::Path::new("/nowhere")).unwrap();
    site.given("paginas", &json!([{"id": "x-1", "nome": "old", "language": "pt-br"}]));
    assert!(matches!(
        failure(&mut site, &json!({"Paginas": [page("x-1", "N")]})),
        DataError::Conflicts(_)
    ));
}

#[test]
fn a_users_values_stay() {
    let mut site = Site::new();
    let first =
        json!({"Paginas": [page("x-1", "v1")], "Variaveis": [{"id": "x-v", "language": "pt-br", "valor": "v1"}]});
    site.sync(&rows(&first)).unwrap();
    site.database.run(
        "UPDATE paginas SET user_modified=1, html='USER', nome='USER'; UPDATE variaveis SET user_modified=1, valor='USER'",
    );
    let mut second = page("x-1", "v2");
    second["caminho"] = json!("new/");
    second["tipo"] = json!("system");
    second["user_modified"] = json!(0);
    let second = json!({"Paginas": [second], "Variaveis": [{"id": "x-v", "language": "pt-br", "valor": "v2"}]});
    assert_eq!(
        short(site.sync(&rows(&second)).unwrap().0.total()),
        [0, 0, 2, 0, 2, 0, 0]
    );
    assert_eq!(
        site.database.count(
            "paginas",
            "html='USER' AND nome='USER' AND caminho='x-1/' AND tipo='sistema' AND html_updated='v2' AND css_updated IS NULL AND system_updated=1 AND user_modified=1"
        ),
        1
    );
    assert_eq!(
        site.database
            .count("variaveis", "valor='USER' AND value_updated='v2' AND system_updated=1"),
        1
    );
    assert_eq!(
        short(site.sync(&rows(&second)).unwrap().0.total()),
        [0, 0, 0, 2, 0, 0, 0]
    );
}

#[test]
fn rows_with_gaps_are_filled() {
    let mut site = Site::new();
    site.given(
        "variaveis",
        &json!([
            {"id": "a", "language": "pt-br", "modulo": null, "valor": "v", "plugin": "p1"},
            {"id": "b", "language": null, "modulo": "m", "grupo": "g", "valor": "v", "plugin": "p1"},
            {"id": "c", "language": "", "modulo": "", "valor": "v", "plugin": "other"},
        ]),
    );
    let package = json!({"Variaveis": [
        {"id": "a", "language": "pt-br", "modulo": "m", "grupo": null, "valor": "v"},
        {"id": "b", "language": "pt-br", "modulo": "m", "grupo": "g", "valor": "v"},
        {"id": "c", "language": "pt-br", "modulo": "m", "grupo": "g", "valor": "v"},
    ]});
    assert_eq!(short(site.counts(&package, "variaveis")), [1, 0, 2, 0, 0, 0, 0]);
    assert_eq!(
        site.database
            .count("variaveis", "plugin='p1' AND language='pt-br' AND modulo='m'"),
        3
    );
    assert_eq!(short(site.counts(&package, "variaveis")), [0, 0, 0, 3, 0, 0, 0]);
}

#[test]
fn rows_of_the_project_are_left_alone() {
    let mut site = Site::new();
    site.given(
        "paginas",
        &json!([
            {"id": "x-1", "nome": "site", "language": "pt-br", "html": "site", "plugin": "p1", "project": "proj"},
            {"id": "x-2", "nome": "site", "language": "pt-br", "html": "site", "project": "proj"},
        ]),
    );
    let (plan, _) = site.sync(&rows(&json!({"Paginas": [page("x-1", "N")]}))).unwrap();
    assert_eq!(short(plan.total()), [0, 0, 0, 0, 0, 0, 1]);
    assert!(
        plan.notices
            .iter()
            .any(|notice| matches!(notice, Notice::ProjectRow { .. }))
    );
    site.adoption = Adoption::Always;
    assert!(matches!(
        failure(&mut site, &json!({"Paginas": [page("x-2", "N")]})),
        DataError::Conflicts(_)
    ));
    assert_eq!(site.database.count("paginas", "html='site'"), 2);
}

#[test]
fn paths_of_other_pages_are_told() {
    let mut site = Site::new();
    site.given(
        "paginas",
        &json!([{"id": "home", "nome": "h", "language": "pt-br", "caminho": "X-1/", "status": "A"}]),
    );
    let (plan, _) = site
        .sync(&rows(&json!({"Paginas": [page("x-1", "N"), page("x-2", "N")]})))
        .unwrap();
    let told: Vec<_> = plan
        .notices
        .iter()
        .filter(|notice| matches!(notice, Notice::PathTaken { .. }))
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].to_string().contains("\"home\""), "{}", told[0]);
    let (plan, _) = site.sync(&rows(&json!({"Paginas": [page("x-1", "M")]}))).unwrap();
    assert!(plan.notices.is_empty(), "the path did not change: {:?}", plan.notices);
}

#[test]
fn every_type_comes_back_equal() {
    let mut site = Site::new();
    site.database.run(
        "CREATE TABLE tipos (n int AUTO_INCREMENT PRIMARY KEY, id varchar(20) UNIQUE, plugin varchar(90), i tinyint, u bigint unsigned, \
         d decimal(8,3), f float, g double, h float(7,2), b bit(9), y year, da date, dt datetime(3), ts timestamp NULL, ti time(2), c char(5), \
         v varchar(10) CHARACTER SET latin1, t tinytext, j json, bi binary(4), vb varbinary(9), bl blob, e enum('Um','dois'), s set('r','w','x'), \
         gen int AS (i + 1) STORED)",
    );
    let row = |id: &str| {
        json!({"id": id, "i": "-128", "u": 18_446_744_073_709_551_615_u64, "d": 1.0005, "f": 0.1, "g": 1e-7, "h": 1.005, "b": 257,
        "y": "2026", "da": "2026-01-02", "dt": "2026-01-02T03:04:05.98765", "ts": "2026-01-02", "ti": "-1:02:03.456", "c": "ab  ", "v": "ação", "t": "x",
        "j": "{\"a\": 1.0, \"b\": [true]}", "bi": "a", "vb": "é", "bl": "\u{0}'", "e": "um", "s": "x,r", "gen": 5})
    };
    let empty = json!({"id": "empty", "i": "", "u": "", "d": "", "f": "", "g": "", "h": "", "b": "", "y": "", "da": "", "dt": "", "ts": "", "ti": "",
        "c": "", "v": "", "t": "", "j": null, "bi": null, "vb": "", "bl": "", "e": null, "s": ""});
    let package = json!({"Tipos": [row("x"), empty]});
    assert_eq!(short(site.counts(&package, "tipos")), [2, 0, 0, 0, 0, 0, 0]);
    assert_eq!(short(site.counts(&package, "tipos")), [0, 0, 0, 2, 0, 0, 0]);
    // Everything differs: an update writes the same values that an insert does.
    let swapped = json!({"Tipos": [{"id": "x"}, row("empty")]});
    assert_eq!(short(site.counts(&swapped, "tipos")), [0, 0, 1, 1, 0, 0, 0]);
    assert_eq!(short(site.counts(&swapped, "tipos")), [0, 0, 0, 2, 0, 0, 0]);
    let differing = "SELECT COUNT(*) FROM tipos a JOIN tipos b ON a.id='x' AND b.id='empty' AND a.i=b.i AND a.u=b.u AND a.d=b.d AND a.f=b.f AND a.g=b.g \
        AND a.h=b.h AND a.b=b.b AND a.y=b.y AND a.da=b.da AND a.dt=b.dt AND a.ts=b.ts AND a.ti=b.ti AND a.c=b.c AND a.v=b.v AND a.t=b.t AND a.j=b.j \
        AND a.bi=b.bi AND a.vb=b.vb AND a.bl=b.bl AND a.e=b.e AND a.s=b.s";
    assert_eq!(site.database.value(differing).as_deref(), Some("1"));
}

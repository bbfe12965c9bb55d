//! The rules of SPEC §6, one by one, as a site would meet them.

use gestor_plugins::base::db::{Database as Connection, DbError};
use gestor_plugins::config::{Adoption, Conflicts, DatabaseSettings, Orphans};
use gestor_plugins::data::{DataError, Notice, count_rows, orphan_tables, write_adopted, write_orphans};
use serde_json::{Value, json};

use super::site::{Site, rows, settings, short};
use crate::support::mariadb::Database;

fn page(id: &str, html: &str) -> Value {
    json!({"id": id, "nome": format!("N {id}"), "language": "pt-br", "caminho": format!("{id}/"), "tipo": "page",
        "modulo": null, "html": html, "css": "a{}", "status": "A", "versao": 1, "checksum": {"html": "h"}})
}

fn failure(site: &mut Site, package: &Value) -> DataError {
    site.sync(&rows(package)).map(|(plan, _)| plan.counts()).unwrap_err()
}

#[test]
fn the_connection_tells_failures_apart() {
    let database = Database::new();
    let mut first = Connection::connect(&settings(&database)).unwrap();
    let mut second = Connection::connect(&settings(&database)).unwrap();
    assert!(first.server().max_allowed_packet > 1 << 20);
    assert!(first.get_lock("l", 0).unwrap() && !second.get_lock("l", 0).unwrap());
    assert_eq!(second.is_used_lock("l").unwrap(), Some(u64::from(first.id())));
    let wrong = DatabaseSettings {
        user: "nobody".to_owned(),
        ..settings(&database)
    };
    // A server may ask a user whom it does not know for any way of logging in: then both things that it may be are said.
    match Connection::connect(&wrong).unwrap_err() {
        DbError::AccessDenied { .. } => {}
        told @ DbError::UnknownLogin { .. } => assert!(told.to_string().contains("unknown user"), "{told}"),
        other => panic!("{other}"),
    }
    let nowhere = DatabaseSettings {
        socket: Some("/nowhere/s".into()),
        ..settings(&database)
    };
    assert!(matches!(
        Connection::connect(&nowhere).unwrap_err(),
        DbError::Unreachable { .. }
    ));
    let affected = first
        .exec("INSERT INTO variaveis (id, valor) VALUES (?, ?)", ("a", "it's \\"))
        .unwrap();
    assert_eq!((affected.rows, affected.last_insert_id), (1, 1));
    assert!(matches!(
        first.execute("SELECT broken").unwrap_err(),
        DbError::Refused { code: 1054, .. }
    ));
    second.execute(format!("KILL {}", first.id())).unwrap();
    assert!(first.execute("SELECT 1").unwrap_err().is_lost());
    assert!(first.ping().is_err());
}

#[test]
fn a_lock_is_free_and_a_transaction_gone_as_soon_as_their_holder_is() {
    let database = Database::new();
    for _ in 0..300 {
        let mut holder = Connection::connect(&settings(&database)).unwrap();
        let mut next = Connection::connect(&settings(&database)).unwrap();
        assert!(holder.get_lock("l", 0).unwrap() && !next.get_lock("l", 0).unwrap());
        holder.begin().unwrap();
        holder.execute("INSERT INTO variaveis (id) VALUES ('left')").unwrap();
        drop(holder);
        assert!(next.get_lock("l", 0).unwrap());
        next.execute("SET SESSION innodb_lock_wait_timeout = 1").unwrap();
        next.execute("UPDATE variaveis SET id = 'taken'").unwrap();
        assert_eq!(database.count("variaveis", "TRUE"), 0);
    }
}

#[test]
fn statements_that_share_a_round_trip_are_told_apart() {
    let database = Database::new();
    let mut connection = Connection::connect(&settings(&database)).unwrap();
    let insert =
        |id: &str| format!("INSERT INTO variaveis (id, valor) VALUES ('{id}', 'x'), ('{id}', 'y')").into_bytes();
    let done = connection.execute_each(&[insert("b"), insert("c")]).unwrap();
    assert_eq!(done, [2, 2]);
    for at in 0..3 {
        let mut statements = [insert("d"), insert("e"), insert("f")];
        statements[at] = b"INSERT INTO variaveis (nothing) VALUES (1)".to_vec();
        let (found, fault) = connection.execute_each(&statements).unwrap_err();
        assert!(found == at && fault.is_refusal(), "{found}: {fault}");
        let ran = database.value("SELECT COUNT(*) FROM variaveis WHERE id IN ('d', 'e', 'f')");
        assert_eq!(
            ran,
            Some((at * 2).to_string()),
            "those before it ran, those after it did not"
        );
        database.run("DELETE FROM variaveis WHERE id IN ('d', 'e', 'f')");
    }
    let questions = [
        "SELECT 1 UNION SELECT 2",
        "SELECT 1 FROM variaveis WHERE 0",
        "SELECT NULL",
    ];
    let questions = questions.map(|question| question.as_bytes().to_vec());
    let answers = connection.query_each(&questions).unwrap();
    assert_eq!(answers.iter().map(Vec::len).collect::<Vec<_>>(), [2, 0, 1]);
    let broken = [questions[0].clone(), b"SELECT broken".to_vec()];
    assert!(connection.query_each(&broken).unwrap_err().is_refusal());
    assert_eq!(connection.query("SELECT 1").unwrap().len(), 1);
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

//! What a plugin's rows held when it went is what they hold when it is back, whatever that is; what cannot come back is
//! told, and what could not be undone is not begun.

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::operation::Ended;
use crate::support::package::Package;
use crate::support::scene::SLUG;

fn install(gestor: &Gestor, slug: &str, tables: &[(&str, Value)]) {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("p.zip");
    let package = Package::new(slug, "1.0.0");
    let package = tables
        .iter()
        .fold(package, |package, (name, rows)| package.data(name, rows));
    package.write(&archive);
    child::install(&child::call(gestor, &archive, slug, false), None).expect(ExitCode::Ok);
}

fn run(gestor: &Gestor, operation: &str, slug: &str, more: &Value) -> Ended {
    child::other(operation, &child::about(gestor, slug, more), None)
}

fn site(gestor: &Gestor) -> Vec<String> {
    let tables = gestor.database.tables();
    let ours = tables.iter().filter(|table| table.starts_with("gestor_plugins_"));
    let mut without: Vec<&str> = ours.map(String::as_str).collect();
    without.push("plugins");
    gestor.database.dump(&without)
}

/// Types, and values of them that a strict session would not take, or that are shown otherwise than they are held.
const VALUES: [(&str, &[&str]); 17] = [
    ("ENUM('a','b')", &["'zzz'", "'b'", "NULL"]),
    ("ENUM('a','') NOT NULL", &["''", "'a'"]),
    ("SET('x','y')", &["'x,y'", "''"]),
    (
        "DATE",
        &["'0000-00-00'", "'2026-02-31'", "'2026-00-00'", "'2026-03-01'"],
    ),
    ("DATETIME(3)", &["'0000-00-00'", "'2026-02-30 01:02:03.004'"]),
    ("TIME(2)", &["'-838:59:59'", "'00:00:00.01'"]),
    ("YEAR", &["0", "1999"]),
    ("FLOAT", &["16777217", "1.2345678", "-0e0", "1e-38"]),
    ("DOUBLE", &["0.1+2e-1", "1.7976931348623157e308"]),
    ("DECIMAL(30,10)", &["12345678901234567890.0123456789"]),
    ("BIGINT UNSIGNED", &["18446744073709551615", "0"]),
    ("BIT(12)", &["b'100000000001'", "b'0'"]),
    ("VARBINARY(20)", &["X'00FF5C27'", "X''"]),
    ("BINARY(4)", &["X'01'"]),
    ("GEOMETRY", &["ST_GeomFromText('POINT(1.5 2.25)')", "NULL"]),
    ("TEXT", &["CONCAT('''', CHAR(0), '\\\\', '\"%s?')", "''", "NULL"]),
    ("VARCHAR(9) CHARACTER SET latin1", &["_latin1 X'E9E880'"]),
];

#[test]
fn rows_come_back_as_they_were_whatever_they_hold() {
    for draw in 0..6_usize {
        let gestor = Gestor::new();
        let columns = VALUES.iter().enumerate().map(|(at, (kind, _))| format!("c{at} {kind}"));
        let columns = columns.collect::<Vec<_>>().join(", ");
        gestor.database.run(&format!(
            "CREATE TABLE xis_t (id_x INT AUTO_INCREMENT PRIMARY KEY, id VARCHAR(50), plugin VARCHAR(90), {columns}, \
             made INT AS (LENGTH(id)) STORED)"
        ));
        let rows: Vec<Value> = (0..3).map(|row| json!({"id": format!("k-{row}"), "c1": "a"})).collect();
        install(&gestor, SLUG, &[("XisT", json!(rows))]);
        for row in 0..3_usize {
            let values = VALUES.iter().enumerate().map(|(at, (_, values))| {
                let value = values[(draw + row * 7 + at * draw) % values.len()];
                format!("c{at} = {value}")
            });
            let values = values.collect::<Vec<_>>().join(", ");
            gestor.database.run(&format!(
                "SET SESSION sql_mode = 'ALLOW_INVALID_DATES'; UPDATE xis_t SET {values} WHERE id = 'k-{row}'; \
                 SET SESSION sql_mode = DEFAULT"
            ));
        }
        let held = |gestor: &Gestor| {
            gestor
                .database
                .rows("SELECT c0 + 0, c1 + 0, c7 + 0e0, c8 + 0e0, HEX(c11), HEX(c12), HEX(c13), HEX(c15), HEX(c16) FROM xis_t ORDER BY 1")
        };
        let before = (site(&gestor), held(&gestor));
        for (there, back) in [("disable", "enable"), ("uninstall", "restore")] {
            run(&gestor, there, SLUG, &json!({})).expect(ExitCode::Ok);
            assert_eq!(gestor.database.count("xis_t", "1"), 0);
            run(&gestor, back, SLUG, &json!({})).expect(ExitCode::Ok);
            assert_eq!((site(&gestor), held(&gestor)), before, "{draw} {there}");
        }
    }
}

#[test]
fn a_value_that_does_not_fit_any_more_is_not_cut() {
    let gestor = Gestor::new();
    gestor.database.run(
        "CREATE TABLE xis_t (id_x INT AUTO_INCREMENT PRIMARY KEY, id VARCHAR(50), plugin VARCHAR(90), t VARCHAR(50))",
    );
    install(&gestor, SLUG, &[("XisT", json!([{"id": "k-1", "t": "long enough"}]))]);
    run(&gestor, "uninstall", SLUG, &json!({})).expect(ExitCode::Ok);
    gestor.database.run("ALTER TABLE xis_t MODIFY t VARCHAR(4)");
    assert_eq!(run(&gestor, "restore", SLUG, &json!({})).code, ExitCode::Sync);
    assert_eq!(gestor.database.count("xis_t", "1"), 0);
    gestor.database.run("ALTER TABLE xis_t MODIFY t VARCHAR(40)");
    run(&gestor, "restore", SLUG, &json!({})).expect(ExitCode::Ok);
    assert_eq!(gestor.database.count("xis_t", "t = 'long enough'"), 1);
}

/// What a table does not take any more is named by its row, and the others come back without it.
#[test]
fn a_row_that_does_not_fit_any_more_is_named_and_can_be_left() {
    for (kind, changed, named) in [
        ("VARCHAR(50)", "MODIFY t VARCHAR(4)", "'t'"),
        ("VARCHAR(50)", "MODIFY t INT", "`t`"),
        ("VARCHAR(50)", "MODIFY t ENUM('5')", "'t'"),
        ("VARCHAR(50)", "MODIFY t VARCHAR(50) CHARACTER SET latin1", "`t`"),
        (
            "VARCHAR(50)",
            "ADD CONSTRAINT xis_short CHECK (LENGTH(t) < 9)",
            "xis_short",
        ),
        ("INT", "MODIFY n INT NOT NULL", "'n'"),
    ] {
        for engine in ["InnoDB", "MyISAM"] {
            let gestor = Gestor::new();
            gestor.database.run(&format!(
                "CREATE TABLE xis_t (id_x INT AUTO_INCREMENT PRIMARY KEY, id VARCHAR(50), plugin VARCHAR(90), t VARCHAR(50), \
                 n {kind})"
            ));
            let rows = ["k-1", "k-2", "k-3"].map(|id| json!({"id": id, "t": "5", "n": "1"}));
            install(&gestor, SLUG, &[("XisT", json!(rows))]);
            gestor
                .database
                .run("UPDATE xis_t SET t = 'long \u{8868} enough', n = NULL WHERE id = 'k-2'");
            run(&gestor, "uninstall", SLUG, &json!({})).expect(ExitCode::Ok);
            gestor.database.run(&format!(
                "ALTER TABLE xis_t ENGINE={engine}; ALTER TABLE xis_t {changed}"
            ));
            let refused = run(&gestor, "restore", SLUG, &json!({}));
            assert_eq!(refused.code, ExitCode::Sync, "{changed}");
            let told = refused.report["erros"].to_string();
            let row = told.contains("`xis_t`") && told.contains("k-2") && !told.contains("k-1");
            assert!(row && told.contains(named), "{changed} {engine}: {told}");
            if engine == "MyISAM" {
                // What was written before that row stays there: such a table knows no way back.
                gestor.database.run("DELETE FROM xis_t");
            }
            assert_eq!(gestor.database.count("xis_t", "1"), 0, "{changed}");
            let ended = run(&gestor, "restore", SLUG, &json!({"conflitos": "pular"})).expect(ExitCode::Ok);
            let told = ended.report["avisos"].to_string();
            assert!(told.contains("k-2") && told.contains("does not take"), "{told}");
            assert_eq!(
                gestor.database.count("xis_t", "t = '5' AND n = 1"),
                2,
                "{changed} {engine}"
            );
            assert_eq!(gestor.database.count("xis_t", "1"), 2, "{changed} {engine}");
            assert_eq!(ended.report["tabelas"]["xis_t"]["ignorados"], 1);
            run(&gestor, "verify", SLUG, &json!({})).expect(ExitCode::Ok);
        }
    }
}

#[test]
fn a_column_that_is_computed_now_is_told() {
    let gestor = Gestor::new();
    gestor.database.run(
        "CREATE TABLE xis_t (id_x INT AUTO_INCREMENT PRIMARY KEY, id VARCHAR(50), plugin VARCHAR(90), t VARCHAR(50))",
    );
    install(
        &gestor,
        SLUG,
        &[("XisT", json!([{"id": "k-1", "t": "value"}, {"id": "k-2", "t": "K-2"}]))],
    );
    run(&gestor, "uninstall", SLUG, &json!({})).expect(ExitCode::Ok);
    gestor
        .database
        .run("ALTER TABLE xis_t DROP COLUMN t, ADD COLUMN t VARCHAR(50) AS (UPPER(id)) STORED");
    let ended = run(&gestor, "restore", SLUG, &json!({})).expect(ExitCode::Ok);
    let told = ended.report["avisos"].to_string();
    assert!(
        told.contains("column `t` of table `xis_t` is computed now: the values that 1 rows"),
        "{told}"
    );
}

#[test]
fn what_cannot_come_back_is_told() {
    let gestor = Gestor::new();
    gestor.database.run(
        "CREATE TABLE xis_t (id_x INT AUTO_INCREMENT PRIMARY KEY, id VARCHAR(50), plugin VARCHAR(90), t VARCHAR(50)); \
         CREATE TABLE xis_u LIKE xis_t",
    );
    let rows = json!([{"id": "k-1", "t": "value"}]);
    install(&gestor, SLUG, &[("XisT", rows.clone()), ("XisU", rows)]);
    run(&gestor, "uninstall", SLUG, &json!({})).expect(ExitCode::Ok);
    gestor.database.run("ALTER TABLE xis_t DROP COLUMN t; DROP TABLE xis_u");
    let refused = run(&gestor, "restore", SLUG, &json!({}));
    assert_eq!(refused.code, ExitCode::Sync);
    let told = refused.report["erros"].to_string();
    assert!(told.contains("their tables are not there any more: `xis_u`"), "{told}");
    let ended = run(&gestor, "restore", SLUG, &json!({"conflitos": "pular"})).expect(ExitCode::Ok);
    let told = ended.report["avisos"].to_string();
    assert!(
        told.contains("`xis_t` has no column `t` any more: its values of 1 rows"),
        "{told}"
    );
    assert!(told.contains("`xis_u` is not there any more"), "{told}");
}

#[test]
fn rows_of_another_plugin_with_the_same_key_are_no_obstacle() {
    let gestor = Gestor::new();
    let grant = json!([{"perfil": "administradores", "modulo": "shared"}]);
    for (there, back) in [("disable", "enable"), ("uninstall", "restore")] {
        install(&gestor, SLUG, &[("UsuariosPerfisModulos", grant.clone())]);
        run(&gestor, there, SLUG, &json!({})).expect(ExitCode::Ok);
        install(&gestor, "other", &[("UsuariosPerfisModulos", grant.clone())]);
        run(&gestor, back, SLUG, &json!({})).expect(ExitCode::Ok);
        for slug in [SLUG, "other"] {
            assert_eq!(
                gestor
                    .database
                    .count("usuarios_perfis_modulos", &format!("plugin = '{slug}'")),
                1,
                "{there} {slug}"
            );
        }
        run(&gestor, "uninstall", "other", &json!({"modo": "expurgar"})).expect(ExitCode::Ok);
        assert_eq!(gestor.database.count("usuarios_perfis_modulos", "modulo = 'shared'"), 1);
    }
}

#[test]
fn many_rows_that_no_index_tells_apart_come_back() {
    let gestor = Gestor::new();
    gestor
        .database
        .run("INSERT INTO variaveis (id, language, modulo, valor) VALUES ('k-7', 'pt-br', 'other', 'SITE')");
    let row =
        |n: usize| json!({"id": format!("k-{n}"), "language": "pt-br", "modulo": "m", "valor": "1", "tipo": "string"});
    let rows: Vec<Value> = (0..650).map(row).collect();
    install(&gestor, SLUG, &[("Variaveis", json!(rows))]);
    let before = site(&gestor);
    run(&gestor, "disable", SLUG, &json!({})).expect(ExitCode::Ok);
    // A row of the site's that has the key of one in a later reading.
    gestor
        .database
        .run("INSERT INTO variaveis (id, language, modulo, valor) VALUES ('k-600', 'pt-br', 'm', 'SITE')");
    assert_eq!(run(&gestor, "enable", SLUG, &json!({})).code, ExitCode::Sync);
    gestor.database.run("DELETE FROM variaveis WHERE id = 'k-600'");
    run(&gestor, "enable", SLUG, &json!({})).expect(ExitCode::Ok);
    assert_eq!(site(&gestor), before);
}

#[test]
fn a_table_without_transactions_stands_against_it() {
    for (operation, more) in [
        ("uninstall", json!({"modo": "expurgar"})),
        (
            "uninstall",
            json!({"modo": "expurgar", "dry_run": true, "forcar": true}),
        ),
        ("disable", json!({})),
    ] {
        let gestor = Gestor::new();
        gestor.database.run(
            "CREATE TABLE xis_t (id_x INT AUTO_INCREMENT PRIMARY KEY, id VARCHAR(50), plugin VARCHAR(90)) ENGINE=MyISAM",
        );
        install(&gestor, SLUG, &[("XisT", json!([{"id": "k-1"}]))]);
        let ended = run(&gestor, operation, SLUG, &more);
        assert_eq!(ended.code, ExitCode::Sync, "{operation}");
        assert!(
            ended.report["erros"].to_string().contains("`xis_t`"),
            "{}",
            ended.report
        );
        assert_eq!(gestor.database.count("xis_t", "1"), 1, "{operation}");
        gestor.database.run("ALTER TABLE xis_t ENGINE=InnoDB");
        run(&gestor, operation, SLUG, &more).expect(ExitCode::Ok);
    }
}

#[test]
fn a_number_is_no_owner() {
    let gestor = Gestor::new();
    gestor
        .database
        .run("CREATE TABLE x_n (id INT PRIMARY KEY, plugin INT); INSERT INTO x_n VALUES (1, 0)");
    install(
        &gestor,
        SLUG,
        &[(
            "Variaveis",
            json!([{"id": "k", "language": "en", "modulo": "m", "valor": "1"}]),
        )],
    );
    let ended = run(&gestor, "uninstall", SLUG, &json!({"modo": "expurgar"})).expect(ExitCode::Ok);
    assert_eq!(ended.report["sobras"]["linhas"], 0);
    assert_eq!(gestor.database.count("x_n", "1"), 1);
}

//! The way back: to a point of the history, with the migrations that were applied since; killed at every point, it happened
//! or it did not.

mod broken_off;
mod left;
mod rows;

use std::collections::BTreeMap;
use std::io::Read as _;

use gestor_plugins::config::Settings;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::data::settings;
use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, called, run};
use crate::support::package::Package;
use crate::support::sql_migrations::{SqlMigrations, migration};
use crate::support::{english, text_argument};

const SLUG: &str = "goes-back";

fn package(version: &str, variables: &[(&str, &str)]) -> Package {
    let rows: Vec<Value> = variables
        .iter()
        .map(|(id, value)| json!({"id": id, "language": "en", "modulo": "m", "valor": value}))
        .collect();
    Package::new(SLUG, version)
        .data("Variaveis", &json!(rows))
        .file("modules/m/m.php", format!("<?php // {version}"))
}

/// Two versions: the second one changes a row, brings one, drops one, and makes a table and a column.
fn versions() -> [Package; 2] {
    let make =
        "CREATE TABLE x_agenda (id INT PRIMARY KEY, title VARCHAR(20)); ALTER TABLE variaveis ADD COLUMN x_extra INT";
    let undo = "DROP TABLE x_agenda; ALTER TABLE variaveis DROP COLUMN x_extra";
    [
        package("1.0.0", &[("x-a", "1"), ("x-b", "1"), ("x-d", "1")]),
        package("2.0.0", &[("x-a", "2"), ("x-b", "1"), ("x-c", "2")]).file(
            "db/migrations/20260101000000_make_agenda.php",
            migration(make, Some(undo)),
        ),
    ]
}

struct Site {
    gestor: Gestor,
    packages: [Package; 2],
}

/// All that a way back brings back.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    tree: BTreeMap<String, String>,
    rows: Vec<Vec<Option<String>>>,
    plugin: Option<String>,
    schema: Vec<Vec<Option<String>>>,
    applied: u64,
}

impl Site {
    /// Of both versions, the second one installed.
    fn new() -> Self {
        Self::of(versions())
    }

    fn of(packages: [Package; 2]) -> Self {
        let site = Self {
            gestor: Gestor::new(),
            packages,
        };
        site.install(0).expect(ExitCode::Ok);
        site
    }

    fn host(&self) -> SqlMigrations {
        SqlMigrations::new(settings(&self.gestor.database))
    }

    fn install(&self, package: usize) -> Ended {
        let outside = tempfile::tempdir().unwrap();
        let archive = outside.path().join("package.zip");
        self.packages[package].write(&archive);
        let call = self.gestor.call(&archive, SLUG, &[]);
        let call = called("install", call, &english());
        run(call, english(), &mut self.host())
    }

    fn call(&self, more: &Value) -> Value {
        let mut call = child::about(&self.gestor, SLUG, &json!({"migracoes": true}));
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call
    }

    fn rollback(&self, more: &Value) -> Ended {
        self.rollback_at(more, None)
    }

    fn rollback_at(&self, more: &Value, fail_point: Option<String>) -> Ended {
        let settings = Settings {
            failpoint: fail_point,
            ..english()
        };
        let call = called("rollback", (&self.call(more)).into(), &settings);
        run(call, settings, &mut self.host())
    }

    fn recover(&self, migrates: bool) -> Ended {
        let mut call = self.call(&json!({}));
        call["migracoes"] = migrates.into();
        let call = called("recover", (&call).into(), &english());
        run(call, english(), &mut self.host())
    }

    fn state(&self) -> State {
        let database = &self.gestor.database;
        let applied = database.tables().contains(&"phinxlog_goes_back".to_owned());
        State {
            tree: self.gestor.tree(SLUG),
            rows: database.rows("SELECT id, plugin, language, modulo, valor FROM variaveis ORDER BY id"),
            plugin: database.value(
                "SELECT CONCAT_WS(' ', versao_instalada, versao, checksum_pacote, manifest_json, origem_tipo) FROM plugins",
            ),
            schema: database.rows(
                "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=DATABASE() \
                 AND TABLE_NAME NOT LIKE 'phinxlog%' AND TABLE_NAME NOT LIKE 'gestor\\_plugins%' ORDER BY 1, ORDINAL_POSITION",
            ),
            applied: if applied { database.count("phinxlog_goes_back", "1") } else { 0 },
        }
    }

    fn value(&self, id: &str) -> Option<String> {
        let sql = format!("SELECT valor FROM variaveis WHERE id='{id}'");
        self.gestor.database.value(&sql)
    }

    fn pending(&self) -> Option<String> {
        self.gestor
            .database
            .value("SELECT pendencias FROM gestor_plugins_estado WHERE pendencias IS NOT NULL")
    }

    /// What was copied out before the schema was taken back.
    fn copies(&self) -> Vec<String> {
        let folder = self.gestor.root().join("backups/plugins").join(SLUG);
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("esquema-") && name.ends_with(".jsonl.gz") {
                let mut text = String::new();
                let file = std::fs::File::open(entry.path()).unwrap();
                flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
                found.push(text);
            }
        }
        found
    }
}

#[test]
fn there_and_back_is_as_it_was() {
    let site = Site::new();
    let one = site.state();
    site.install(1).expect(ExitCode::Ok);
    let two = site.state();
    assert_ne!(one, two);
    let database = &site.gestor.database;
    database.run("INSERT INTO x_agenda VALUES (1, 'USER')");
    database.run("UPDATE variaveis SET x_extra=7 WHERE id='x-a'");
    let ended = site.rollback(&json!({})).expect(ExitCode::Ok);
    assert_eq!(site.state(), one);
    let report = &ended.report;
    assert_eq!(
        (
            &report["acao"],
            &report["confirmado"],
            &report["versao_anterior"],
            &report["versao"]
        ),
        (&json!("reverter"), &json!(true), &json!("2.0.0"), &json!("1.0.0"))
    );
    assert_eq!(report["migracoes_desfeitas"], json!(["20260101000000 make_agenda"]));
    assert_eq!((site.pending(), report.get("pendencias")), (None, None));
    assert_eq!((&report["ponto"], &report["ponto_anterior"]), (&json!(3), &json!(2)));
    let [copy] = &site.copies()[..] else { panic!("one file") };
    let columns = serde_lines(copy)
        .into_iter()
        .find(|line| line["colunas"] == json!(["x_extra"]));
    let made = columns.unwrap()["criar"].as_str().unwrap().to_owned();
    assert!(made.starts_with("CREATE TABLE `variaveis`"), "{made}");
    for line in [
        r#"{"tabela":"x_agenda","linha":{"id":"1","title":"USER"}}"#,
        r#""x_extra":"7""#,
    ] {
        let as_sorted = |text: &str| text.contains(line) || serde_lines(text).contains(&serde_line(line));
        assert!(as_sorted(copy), "{line} in {copy}");
    }
    let told = |id: u64| {
        let sql = format!("SELECT migracoes FROM gestor_plugins_historico WHERE id={id}");
        serde_json::from_str::<Value>(&database.value(&sql).unwrap()).unwrap()
    };
    let (record, facts) = (told(3), told(2));
    assert_eq!(record["desfeitas"], json!(["20260101000000 make_agenda"]));
    assert_eq!(facts["esquema"]["tabelas_criadas"], json!(["x_agenda"]));
    assert_eq!(
        facts["esquema"]["colunas_criadas"],
        json!([{"tabela": "variaveis", "coluna": "x_extra"}])
    );
    // A second plain one goes forward again, its migrations too.
    site.rollback(&json!({})).expect(ExitCode::Ok);
    let forward = site.state();
    assert_eq!(
        (&forward.tree, &forward.plugin, &forward.schema),
        (&two.tree, &two.plugin, &two.schema)
    );
    assert_eq!(site.value("x-c").as_deref(), Some("2"));
    site.rollback(&json!({"version": "1.0.0"})).expect(ExitCode::Ok);
    assert_eq!(site.state(), one);
}

fn serde_line(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_default()
}

fn serde_lines(text: &str) -> Vec<Value> {
    text.lines().map(serde_line).collect()
}

#[test]
fn a_dry_run_tells_what_would_be_undone() {
    let site = Site::new();
    site.install(1).expect(ExitCode::Ok);
    let before = (site.state(), site.gestor.database.dump(&[]));
    let ended = site.rollback(&json!({"dry_run": true})).expect(ExitCode::Ok);
    assert_eq!(
        ended.report["migracoes_desfeitas"],
        json!(["20260101000000 make_agenda"])
    );
    assert_eq!(ended.report["confirmado"], json!(false));
    assert_eq!((site.state(), site.gestor.database.dump(&[])), before);
    assert_eq!(site.gestor.leftovers(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn what_takes_something_away_has_no_way_back() {
    let take = "ALTER TABLE variaveis DROP COLUMN descricao";
    let undo = "ALTER TABLE variaveis ADD COLUMN descricao TEXT";
    let [one, two] = versions();
    let two = two.file("db/migrations/20260102000000_take.php", migration(take, Some(undo)));
    let site = Site::of([one, two]);
    site.install(1).expect(ExitCode::Ok);
    let before = site.state();
    let ended = site.rollback(&json!({})).expect(ExitCode::Irreversible);
    assert!(
        ended.report["erros"][0]
            .as_str()
            .unwrap()
            .contains("variaveis.descricao"),
        "{}",
        ended.report
    );
    assert_eq!(site.state(), before);
    let ended = site.rollback(&json!({"manter_esquema": true})).expect(ExitCode::Ok);
    assert!(
        ended.report["avisos"].to_string().contains("make_agenda"),
        "{}",
        ended.report
    );
    assert_eq!(
        (site.state().schema, site.value("x-a").as_deref()),
        (before.schema, Some("1"))
    );
}

#[test]
fn without_a_runner_nothing_is_undone() {
    let site = Site::new();
    site.install(1).expect(ExitCode::Ok);
    let before = site.state();
    site.rollback(&json!({"migracoes": false}))
        .expect(ExitCode::Irreversible);
    assert_eq!(site.state(), before);
}

#[test]
fn a_companion_that_was_empty_is_empty_again() {
    let page = |version: &str, html: &str| {
        let rows = json!([{"id": "x-1", "language": "en", "nome": "N", "caminho": "x-1/", "html": html}]);
        Package::new(SLUG, version).data("Paginas", &rows)
    };
    let site = Site::of([page("1.0.0", "one"), page("2.0.0", "two")]);
    let database = &site.gestor.database;
    database.run("UPDATE paginas SET html='USER', user_modified=1 WHERE id='x-1'");
    site.install(1).expect(ExitCode::Ok);
    let row = || database.rows("SELECT html, html_updated, user_modified, system_updated FROM paginas")[0].clone();
    let shown = |values: [Option<&str>; 4]| values.map(|value| value.map(str::to_owned)).to_vec();
    assert_eq!(row(), shown([Some("USER"), Some("two"), Some("1"), Some("1")]));
    let third = Site {
        packages: [site.packages[0].clone(), page("3.0.0", "three")],
        gestor: site.gestor,
    };
    third.install(1).expect(ExitCode::Ok);
    let database = &third.gestor.database;
    let row = || database.rows("SELECT html, html_updated, user_modified, system_updated FROM paginas")[0].clone();
    assert_eq!(row(), shown([Some("USER"), Some("three"), Some("1"), Some("1")]));
    third.rollback(&json!({"version": "1.0.0"})).expect(ExitCode::Ok);
    assert_eq!(row(), shown([Some("USER"), None, Some("1"), Some("0")]));
    assert_eq!(database.count("gestor_plugins_conflitos", "resolvido_em IS NULL"), 0);
}

#[test]
fn a_value_that_was_replaced_comes_back_after_a_later_update_too() {
    let three = package("3.0.0", &[("x-a", "3"), ("x-b", "1")]);
    let site = Site::new();
    let database = &site.gestor.database;
    database.run("UPDATE variaveis SET valor='USER' WHERE id='x-a'");
    let outside = tempfile::tempdir().unwrap();
    let archive = outside.path().join("package.zip");
    site.packages[1].write(&archive);
    let call = site.gestor.call(&archive, SLUG, &[("fusao", text_argument("pacote"))]);
    let call = called("install", call, &english());
    run(call, english(), &mut site.host()).expect(ExitCode::Ok);
    assert_eq!(site.value("x-a").as_deref(), Some("2"));
    let site = Site {
        packages: [site.packages[0].clone(), three],
        ..site
    };
    site.install(1).expect(ExitCode::Ok);
    assert_eq!(site.value("x-a").as_deref(), Some("3"));
    site.rollback(&json!({"ponto": 1})).expect(ExitCode::Ok);
    assert_eq!(site.value("x-a").as_deref(), Some("USER"));
    assert_eq!(
        site.gestor
            .database
            .count("gestor_plugins_conflitos", "resolvido_em IS NULL"),
        0
    );
}

#[test]
fn a_point_must_be_the_plugins_own() {
    let site = Site::new();
    site.rollback(&json!({})).expect(ExitCode::Irreversible);
    site.rollback(&json!({"ponto": 99})).expect(ExitCode::Irreversible);
    site.rollback(&json!({"ponto": 1})).expect(ExitCode::Ok);
    site.rollback(&json!({"slug": "nobody"})).expect(ExitCode::NotInstalled);
    let package = site.gestor.root().join("backups/plugins").join(SLUG).join("1.0.0.zip");
    site.install(1).expect(ExitCode::Ok);
    std::fs::write(&package, "another").unwrap();
    let before = site.state();
    site.rollback(&json!({})).expect(ExitCode::Irreversible);
    assert_eq!(site.state(), before);
}

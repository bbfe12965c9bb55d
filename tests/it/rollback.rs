//! The way back: to a point of the history, with the migrations that were applied since; killed at every point, it happened
//! or it did not.

use std::collections::BTreeMap;
use std::io::Read as _;

use gestor_plugins::config::Settings;
use gestor_plugins::migrate::MigrationAction;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::data::settings;
use crate::support::child;
use crate::support::draw::Draw;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, called, run};
use crate::support::package::Package;
use crate::support::sql_migrations::{SqlMigrations, migration};
use crate::support::{english, text_argument, told};

const SLUG: &str = "goes-back";

/// Points of a way back at which it is killed, in order, and whether it is committed there.
const POINTS: [(&str, bool); 10] = [
    ("inspected", false),
    ("journal", false),
    ("applied", false),
    ("rows", false),
    ("announced", false),
    ("swapped", false),
    ("committed", true),
    ("closed", true),
    ("contracted", true),
    ("noted", true),
];

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

/// A way back whose migration cannot be undone while a view hangs on its table's name.
fn failing() -> Site {
    let [one, two] = versions();
    let make = "CREATE TABLE x_agenda (id INT PRIMARY KEY)";
    let undo = "DROP TABLE x_other; DROP TABLE x_agenda";
    let two = two.file(
        "db/migrations/20260101000000_make_agenda.php",
        migration(make, Some(undo)),
    );
    let site = Site::of([one, two]);
    site.install(1).expect(ExitCode::Ok);
    let ended = site.rollback(&json!({})).expect(ExitCode::Migrate);
    assert_eq!(ended.report["confirmado"], json!(true));
    assert_eq!(ended.report["pendencias"][0]["passo"], json!("desfazer_migracoes"));
    let database = &site.gestor.database;
    assert_eq!(
        database.rows("SELECT codigo, confirmado FROM gestor_plugins_historico WHERE id=3"),
        [[Some("13".to_owned()), Some("1".to_owned())]]
    );
    assert_eq!(
        database.value("SELECT versao_instalada FROM plugins").as_deref(),
        Some("1.0.0")
    );
    assert_eq!(
        database.value("SELECT status_execucao FROM plugins").as_deref(),
        Some("ok")
    );
    assert!(database.tables().contains(&"x_agenda".to_owned()));
    site
}

#[test]
fn what_could_not_be_undone_is_undone_by_recovery() {
    let site = failing();
    let ended = site.recover(true).expect(ExitCode::Migrate);
    assert_eq!(ended.report["plugins"][0]["pendencias"][0]["operacao"], json!(3));
    site.recover(false).expect(ExitCode::Ok);
    assert!(site.pending().is_some());
    site.gestor.database.run("CREATE TABLE x_other (a INT)");
    let ended = site.recover(true).expect(ExitCode::Ok);
    assert_eq!(
        ended.report["plugins"][0]["migracoes_desfeitas"],
        json!(["20260101000000 make_agenda"])
    );
    assert_eq!(site.pending(), None);
    assert!(!site.gestor.database.tables().contains(&"x_agenda".to_owned()));
    let told = site
        .gestor
        .database
        .value("SELECT migracoes FROM gestor_plugins_historico WHERE id=3");
    assert!(told.unwrap().contains("make_agenda"));
}

#[test]
fn the_next_operation_strikes_out_what_its_package_has_and_does_the_rest() {
    let site = failing();
    site.install(1).expect(ExitCode::Ok);
    assert_eq!(site.pending(), None, "version 2 has the migration itself");
    assert!(site.gestor.database.tables().contains(&"x_agenda".to_owned()));
    let site = failing();
    let later = package("1.1.0", &[("x-a", "1")]);
    let site = Site {
        packages: [site.packages[0].clone(), later],
        ..site
    };
    let ended = site.install(1).expect(ExitCode::Ok);
    assert!(
        ended.report["avisos"].to_string().contains("make_agenda"),
        "{}",
        ended.report
    );
    assert!(site.pending().is_some(), "it is told, and blocks nothing");
    site.gestor.database.run("CREATE TABLE x_other (a INT)");
    let site = Site {
        packages: [site.packages[0].clone(), package("1.2.0", &[("x-a", "1")])],
        ..site
    };
    site.install(1).expect(ExitCode::Ok);
    assert_eq!(site.pending(), None);
    assert!(!site.gestor.database.tables().contains(&"x_agenda".to_owned()));
}

#[test]
fn a_runner_is_asked_before_anything_is_touched() {
    let site = Site::new();
    site.install(1).expect(ExitCode::Ok);
    let mut host = site.host();
    let call = called("rollback", (&site.call(&json!({}))).into(), &english());
    run(call, english(), &mut host).expect(ExitCode::Ok);
    assert_eq!(host.asked, [MigrationAction::Reversible, MigrationAction::Rollback]);
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

#[test]
fn killed_at_every_point() {
    for (point, committed) in POINTS {
        let site = Site::new();
        let old_schema = site.state();
        site.install(1).expect(ExitCode::Ok);
        let old = site.state();
        let mut call = site.call(&json!({}));
        call["operacao"] = "rollback".into();
        let status = child::start(&call, Some(&format!("{point}:kill"))).wait().unwrap();
        assert!(status.code().is_none(), "not killed at {point}: {status}");
        site.recover(false).expect(ExitCode::Ok);
        let found = site.state();
        if committed {
            assert_eq!(
                (&found.tree, &found.plugin, found.rows.len()),
                (&old_schema.tree, &old_schema.plugin, old_schema.rows.len()),
                "{point}"
            );
            let is_left = !matches!(point, "contracted" | "noted");
            assert_eq!(site.pending().is_some(), is_left, "{point}: {:?}", site.pending());
            site.recover(true).expect(ExitCode::Ok);
            assert_eq!((site.state(), site.pending()), (old_schema, None), "{point}");
        } else {
            assert_eq!((found, site.pending()), (old, None), "{point}");
        }
        assert_eq!(
            site.gestor.database.count("gestor_plugins_operacoes", "1"),
            0,
            "{point}"
        );
        assert_eq!(site.gestor.leftovers(), Vec::<std::path::PathBuf>::new(), "{point}");
    }
}

/// The server cannot take back a change of the schema: a runner that was killed after it had made it, and before it had noted
/// that, leaves a migration that cannot be undone a second time.
#[test]
fn what_a_killed_run_had_undone_but_not_noted_is_noted() {
    let site = Site::new();
    let one = site.state();
    site.install(1).expect(ExitCode::Ok);
    let mut call = site.call(&json!({}));
    call["operacao"] = "rollback".into();
    child::start(&call, Some("committed:kill")).wait().unwrap();
    let database = &site.gestor.database;
    database.run("DROP TABLE x_agenda");
    site.recover(true).expect(ExitCode::Migrate);
    assert!(site.pending().is_some(), "half of it stands: somebody has to look");
    database.run("ALTER TABLE variaveis DROP COLUMN x_extra");
    site.recover(true).expect(ExitCode::Ok);
    assert_eq!((site.state(), site.pending()), (one, None));
}

#[test]
fn every_step_that_fails_leaves_everything_as_it_was() {
    let site = Site::new();
    site.install(1).expect(ExitCode::Ok);
    let old = site.state();
    for (point, _) in POINTS.into_iter().filter(|(_, committed)| !committed) {
        for action in ["error", "panic"] {
            let ended = site.rollback_at(&json!({}), Some(format!("{point}:{action}")));
            assert_eq!(ended.code, ExitCode::Internal, "{point} {action}");
            assert_eq!((site.state(), site.pending()), (old.clone(), None), "{point} {action}");
            assert_eq!(ended.report["confirmado"], json!(false), "{point} {action}");
        }
    }
    site.rollback(&json!({})).expect(ExitCode::Ok);
}

/// Rows of two versions and a user's edits, drawn: what nobody touched is as it was, and no edit is lost.
#[test]
fn drawn_edits_survive_or_are_saved() {
    let rounds: u32 = told("GESTOR_PLUGINS_ROUNDS")
        .and_then(|text| text.parse().ok())
        .unwrap_or(4);
    let mut draw = Draw::of_process(0x9e37_79b9_7f4a_7c15);
    for round in 0..rounds {
        let names: Vec<String> = (0..16).map(|at| format!("x-{at}")).collect();
        // Absent, or one of two values.
        let mut drawn = || -> Vec<u64> { names.iter().map(|_| draw.below(3)).collect() };
        let (one, two, edits) = (drawn(), drawn(), drawn());
        let of = |version: &str, values: &[u64]| {
            let texts: Vec<String> = values.iter().map(u64::to_string).collect();
            let rows = names
                .iter()
                .zip(values)
                .zip(&texts)
                .filter(|((_, value), _)| **value > 0);
            let rows: Vec<(&str, &str)> = rows.map(|((name, _), text)| (name.as_str(), text.as_str())).collect();
            package(version, &rows)
        };
        let site = Site::of([of("1.0.0", &one), of("2.0.0", &two)]);
        let edit = |phase: u64| {
            for (name, _) in names.iter().zip(&edits).filter(|(_, edited)| **edited == phase) {
                let sql = format!("UPDATE variaveis SET valor='USER {name}' WHERE id='{name}'");
                site.gestor.database.run(&sql);
            }
        };
        edit(1);
        site.install(1).expect(ExitCode::Ok);
        edit(2);
        site.rollback(&json!({})).expect(ExitCode::Ok);
        for (at, name) in names.iter().enumerate() {
            let drawn = (one[at], two[at], edits[at]);
            let was_there = one[at] > 0 || (two[at] > 0 && edits[at] == 2);
            let is_edited = was_there && (edits[at] == 2 || (edits[at] == 1 && one[at] > 0));
            let expected = match drawn {
                (0, ..) => None,
                _ if is_edited => Some(format!("USER {name}")),
                (value, ..) => Some(value.to_string()),
            };
            assert_eq!(site.value(name), expected, "round {round}: {name} {drawn:?}");
            if is_edited && one[at] == 0 {
                let condition = format!("motivo='removida' AND valores LIKE '%USER {name}\"%'");
                let saved = site.gestor.database.count("gestor_plugins_guardados", &condition);
                assert_eq!(saved, 1, "round {round}: {name} {drawn:?}");
            }
        }
    }
}

#[test]
fn permissions_that_the_gestor_wrote_anew_go_with_their_module() {
    let of = |version: &str, modules: &[&str]| {
        let rows: Vec<Value> = modules
            .iter()
            .map(|id| json!({"id": id, "nome": id, "language": "en", "modulo_grupo_id": "g"}))
            .collect();
        let grants: Vec<Value> = modules
            .iter()
            .map(|id| json!({"perfil": "administradores", "modulo": id}))
            .collect();
        Package::new(SLUG, version)
            .data("Modulos", &json!(rows))
            .data("UsuariosPerfisModulos", &json!(grants))
    };
    let site = Site::of([of("1.0.0", &["x-one"]), of("2.0.0", &["x-one", "x-two"])]);
    site.install(1).expect(ExitCode::Ok);
    let database = &site.gestor.database;
    database.run(
        "DELETE FROM usuarios_perfis_modulos; INSERT INTO usuarios_perfis_modulos (perfil, modulo) VALUES \
         ('administradores', 'x-one'), ('administradores', 'x-two'), ('administradores', 'other')",
    );
    site.rollback(&json!({})).expect(ExitCode::Ok);
    let left = database.rows("SELECT modulo FROM usuarios_perfis_modulos ORDER BY modulo");
    assert_eq!(left, [[Some("other".to_owned())], [Some("x-one".to_owned())]]);
}

/// What a way back makes anew is empty when the rows go back: they are brought to it once more.
#[test]
fn rows_come_into_what_a_way_back_brings_back() {
    let make = "CREATE TABLE xis_t (id_x INT AUTO_INCREMENT PRIMARY KEY, id VARCHAR(50), plugin VARCHAR(90), \
                kept VARCHAR(20))";
    let undo = "DROP TABLE x_other; ALTER TABLE xis_t ADD COLUMN old VARCHAR(20)";
    let first = (
        "db/migrations/20260101000000_make_t.php",
        migration(make, Some("DROP TABLE xis_t")),
    );
    let second = (
        "db/migrations/20260102000000_make_other.php",
        migration("CREATE TABLE x_other (id INT)", Some(undo)),
    );
    let of = |version: &str| {
        let rows = ["k-1", "k-2"].map(|id| json!({"id": id, "old": version, "kept": version}));
        Package::new(SLUG, version)
            .data("XisT", &json!(rows))
            .file(first.0, first.1.clone())
    };
    let site = Site::of([of("1.0.0"), of("2.0.0").file(second.0, second.1.clone())]);
    let database = &site.gestor.database;
    site.install(1).expect(ExitCode::Ok);
    assert_eq!(database.count("xis_t", "kept = '2.0.0'"), 2);
    database.run("UPDATE xis_t SET kept = 'user' WHERE id = 'k-2'");
    let ended = site.rollback(&json!({})).expect(ExitCode::Ok);
    assert_eq!(
        ended.report["migracoes_desfeitas"],
        json!(["20260102000000 make_other"])
    );
    assert_eq!(database.count("xis_t", "old = '1.0.0'"), 2, "{}", ended.report);
    let kept = database.rows("SELECT kept FROM xis_t ORDER BY id");
    assert_eq!(kept, [[Some("1.0.0".to_owned())], [Some("user".to_owned())]]);
    let verified = child::other("verify", &child::about(&site.gestor, SLUG, &json!({})), None);
    let edited = &verified.expect(ExitCode::Ok).report["linhas"]["editadas"];
    assert_eq!(edited.as_array().map(Vec::len), Some(1), "{edited}");
}

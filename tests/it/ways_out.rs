//! What stops half way, or is damaged from outside: it is told as it is, and there is a way out of it.

mod earlier;

use std::fs;
use std::path::PathBuf;

use gestor_plugins::ops::{Call, catalogue};
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::data::settings;
use crate::support::child;
use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::mount::Mount;
use crate::support::operation::{Ended, called, run};
use crate::support::package::Package;
use crate::support::sql_migrations::{SqlMigrations, migration};

const SLUG: &str = "stuck";
const FIRST: &str = "db/migrations/20260101000000_first.php";
const SECOND: &str = "db/migrations/20260102000000_second.php";

fn package(version: &str) -> Package {
    let rows = json!([{"id": "s-a", "language": "en", "modulo": "m", "valor": version}]);
    Package::new(SLUG, version)
        .data("Variaveis", &rows)
        .file("modules/m/m.php", format!("<?php // {version}"))
}

/// With a migration whose undoing takes away one of its two tables, and then fails.
fn stuck(version: &str) -> Package {
    let make = "CREATE TABLE s_one (id INT PRIMARY KEY, title VARCHAR(20)); CREATE TABLE s_two (id INT PRIMARY KEY)";
    let undo = "DROP TABLE s_two; DROP TABLE s_nothing; DROP TABLE s_one";
    package(version).file(FIRST, migration(make, Some(undo)))
}

struct Site(Gestor);

impl Site {
    /// Without the migration, then with it.
    fn new() -> Self {
        let site = Self(Gestor::new());
        site.install(&package("1.0.0")).expect(ExitCode::Ok);
        site.install(&stuck("2.0.0")).expect(ExitCode::Ok);
        site.0.database.run("INSERT INTO s_one VALUES (1, 'kept')");
        site
    }

    fn call(&self, more: &Value) -> Value {
        let mut call = child::about(&self.0, SLUG, &json!({"migracoes": true}));
        let said = call.as_object_mut().unwrap();
        said.extend(more.as_object().unwrap().clone());
        said.retain(|_, value| !value.is_null());
        call
    }

    fn run(&self, operation: &str, more: &Value) -> Ended {
        let call = called(operation, (&self.call(more)).into(), &english());
        let mut host = SqlMigrations::new(settings(&self.0.database));
        run(call, english(), &mut host)
    }

    fn install(&self, package: &Package) -> Ended {
        self.install_with(package, &json!({}))
    }

    fn install_with(&self, package: &Package, more: &Value) -> Ended {
        let outside = tempfile::tempdir().unwrap();
        let archive = outside.path().join("package.zip");
        package.write(&archive);
        let mut call = json!({"origem_tipo": "upload", "arquivo": archive, "gestor_versao": "2.9.43"});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.run("install", &call)
    }

    fn tables(&self) -> Vec<String> {
        let mut tables = self.0.database.tables();
        tables.retain(|name| name.starts_with("s_") || name.starts_with("phinxlog_"));
        tables.sort();
        tables
    }

    fn value(&self, sql: &str) -> Option<String> {
        self.0.database.value(sql)
    }

    /// The code that the history gives the newest committed operation of a kind.
    fn code(&self, action: &str) -> Option<String> {
        self.value(&format!(
            "SELECT codigo FROM gestor_plugins_historico WHERE acao = '{action}' AND confirmado = 1 ORDER BY id DESC LIMIT 1"
        ))
    }

    fn pending(&self) -> Option<String> {
        self.value("SELECT pendencias FROM gestor_plugins_estado WHERE pendencias IS NOT NULL")
    }

    fn kept(&self, start: &str) -> Vec<PathBuf> {
        let folder = self.0.root().join("backups/plugins").join(SLUG);
        let entries = fs::read_dir(folder).into_iter().flatten().map(Result::unwrap);
        let is_of = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with(start);
        entries.map(|entry| entry.path()).filter(is_of).collect()
    }
}

fn text(ended: &Ended, key: &str) -> String {
    ended.report[key].to_string()
}

#[test]
fn nothing_is_begun_over_a_way_back_that_stopped_half_way() {
    let site = Site::new();
    site.run("rollback", &json!({})).expect(ExitCode::Migrate);
    assert_eq!(site.tables(), ["phinxlog_stuck", "s_one"]);
    assert_eq!(site.code("reverter").as_deref(), Some("13"));
    let left = site.pending();
    for ended in [
        site.run("rollback", &json!({})),
        site.run("rollback", &json!({"dry_run": true})),
        site.install(&stuck("2.0.0")),
        site.install(&stuck("2.1.0")),
        site.install_with(&stuck("2.1.0"), &json!({"dry_run": true})),
    ] {
        let ended = ended.expect(ExitCode::Migrate);
        let told = text(&ended, "erros");
        assert!(told.contains("s_two") && told.contains("--recover --forcar"), "{told}");
        assert_eq!(
            ended.report["confirmado"].as_bool(),
            ended.report["confirmado"].as_bool().map(|_| false),
            "{}",
            ended.report
        );
        assert_eq!((site.pending(), site.tables().len()), (left.clone(), 2));
    }
    let verified = site.run("verify", &json!({})).expect(ExitCode::Drift);
    assert!(text(&verified, "esquema").contains("pendencia"), "{}", verified.report);
    // What does not bring it goes on, and the step stays.
    site.install(&package("1.1.0")).expect(ExitCode::Ok);
    assert!(site.pending().is_some());
    site.run("recover", &json!({"forcar": true})).expect(ExitCode::Ok);
    assert_eq!(
        (site.pending(), site.tables()),
        (None, vec!["phinxlog_stuck".to_owned()])
    );
    assert_eq!(site.code("reverter").as_deref(), Some("0"));
    site.install(&stuck("2.2.0")).expect(ExitCode::Ok);
    assert_eq!(site.tables(), ["phinxlog_stuck", "s_one", "s_two"]);
    site.run("verify", &json!({})).expect(ExitCode::Ok);
}

#[test]
fn of_migrations_that_were_applied_together_each_counts_by_itself() {
    let site = Site(Gestor::new());
    site.install(&package("1.0.0")).expect(ExitCode::Ok);
    let both = |version: &str| {
        stuck(version).file(
            SECOND,
            migration("CREATE TABLE s_three (id INT)", Some("DROP TABLE s_three")),
        )
    };
    site.install(&both("2.0.0")).expect(ExitCode::Ok);
    site.run("rollback", &json!({})).expect(ExitCode::Migrate);
    // The runner of this test tells of a failure alone; what it has undone stands in its log.
    assert_eq!(site.tables(), ["phinxlog_stuck", "s_one"]);
    let ended = site.install(&both("2.1.0")).expect(ExitCode::Migrate);
    assert!(text(&ended, "erros").contains("s_two"), "{}", ended.report);
    assert!(!text(&ended, "erros").contains("s_three"), "{}", ended.report);
    site.run("recover", &json!({"forcar": true})).expect(ExitCode::Ok);
    site.install(&both("2.1.0")).expect(ExitCode::Ok);
    assert_eq!(site.tables(), ["phinxlog_stuck", "s_one", "s_three", "s_two"]);
}

#[test]
fn what_could_not_be_undone_and_is_whole_counts_as_applied() {
    let site = Site(Gestor::new());
    site.install(&package("1.0.0")).expect(ExitCode::Ok);
    let undo = "DROP TABLE s_nothing; DROP TABLE s_one";
    let make = migration("CREATE TABLE s_one (id INT)", Some(undo));
    let whole = |version: &str| package(version).file(FIRST, make.clone());
    site.install(&whole("2.0.0")).expect(ExitCode::Ok);
    site.run("rollback", &json!({})).expect(ExitCode::Migrate);
    let ended = site.install(&whole("2.1.0")).expect(ExitCode::Ok);
    assert!(text(&ended, "avisos").contains("count as applied"), "{}", ended.report);
    assert_eq!(site.pending(), None);
    site.run("verify", &json!({})).expect(ExitCode::Ok);
}

#[test]
fn a_retry_that_fails_again_writes_no_second_copy() {
    let site = Site::new();
    site.run("rollback", &json!({})).expect(ExitCode::Migrate);
    site.run("recover", &json!({})).expect(ExitCode::Migrate);
    let copies = site.kept("esquema-").len();
    for _ in 0..3 {
        site.run("recover", &json!({})).expect(ExitCode::Migrate);
    }
    assert_eq!(site.kept("esquema-").len(), copies);
    site.0.database.run("INSERT INTO s_one VALUES (2, 'new')");
    site.run("recover", &json!({})).expect(ExitCode::Migrate);
    assert_eq!(site.kept("esquema-").len(), copies + 1, "what is new is copied");
}

#[test]
fn a_purge_that_cannot_undo_has_a_way_out() {
    let site = Site::new();
    let purge = json!({"modo": "expurgar"});
    let ended = site.run("uninstall", &purge).expect(ExitCode::Migrate);
    assert!(text(&ended, "erros").contains("--recover --forcar"), "{}", ended.report);
    site.run("recover", &json!({})).expect(ExitCode::Migrate);
    let again = site.run("uninstall", &purge).expect(ExitCode::NotInstalled);
    assert!(text(&again, "erros").contains("--recover --forcar"), "{}", again.report);
    let ended = site
        .run("recover", &json!({"slug": null, "forcar": true}))
        .expect(ExitCode::Ok);
    assert!(text(&ended, "avisos").contains("first"), "{}", ended.report);
    assert_eq!(site.tables(), Vec::<String>::new());
    assert_eq!(site.code("desinstalar").as_deref(), Some("0"));
    for table in ["gestor_plugins_estado", "gestor_plugins_base", "plugins"] {
        assert_eq!(site.0.database.count(table, "1"), 0, "{table}");
    }
    // New again: a table of the site by that name is not what the plugin made once.
    site.0.database.run("CREATE TABLE s_two (id INT)");
    site.install(&package("1.0.0")).expect(ExitCode::Ok);
    site.run("verify", &json!({})).expect(ExitCode::Ok);
}

/// What is dropped in place of a way back is not what another plugin brings rows to since.
#[test]
fn what_a_neighbour_uses_stays_where_a_way_back_is_given_up() {
    let site = Site::new();
    site.run("rollback", &json!({})).expect(ExitCode::Migrate);
    let rows = json!([{"id": 2, "title": "neighbour"}]);
    let neighbour = Package::new("next-door", "1.0.0").data("SOne", &rows);
    site.install_with(&neighbour, &json!({"slug": "next-door"}))
        .expect(ExitCode::Ok);
    site.run("recover", &json!({"forcar": true})).expect(ExitCode::Ok);
    assert_eq!(site.0.database.count("s_one", "title = 'neighbour'"), 1);
    assert_eq!(site.pending(), None);
}

#[test]
fn a_plugin_that_comes_again_before_its_purge_is_done_keeps_its_log() {
    let site = Site(Gestor::new());
    let undo = "DROP TABLE s_nothing; DROP TABLE s_one";
    let make = migration("CREATE TABLE s_one (id INT)", Some(undo));
    let whole = |version: &str| package(version).file(FIRST, make.clone());
    site.install(&whole("1.0.0")).expect(ExitCode::Ok);
    site.run("uninstall", &json!({"modo": "expurgar"}))
        .expect(ExitCode::Migrate);
    site.install(&whole("1.1.0")).expect(ExitCode::Ok);
    assert_eq!((site.pending(), site.tables().len()), (None, 2));
    site.install(&whole("1.2.0")).expect(ExitCode::Ok);
    site.run("verify", &json!({})).expect(ExitCode::Ok);
    site.0.database.run("CREATE TABLE s_nothing (id INT)");
    site.run("uninstall", &json!({"modo": "expurgar"})).expect(ExitCode::Ok);
    assert_eq!(site.tables(), ["s_nothing"], "what the plugin did not make stays");
    assert_eq!(site.0.database.count("plugins", "1"), 0, "we made its row");
}

#[test]
fn what_was_killed_before_its_end_is_not_told_as_done() {
    for point in ["committed", "closed"] {
        let site = Site(Gestor::new());
        site.install(&package("1.0.0")).expect(ExitCode::Ok);
        let make = migration("CREATE TABLE s_one (id INT)", Some("DROP TABLE s_one"));
        site.install(&package("2.0.0").file(FIRST, make)).expect(ExitCode::Ok);
        let mut call = site.call(&json!({}));
        call["operacao"] = "rollback".into();
        let status = child::start(&call, Some(&format!("{point}:kill"))).wait().unwrap();
        assert!(status.code().is_none(), "not killed at {point}: {status}");
        let mut without = site.call(&json!({}));
        without["migracoes"] = false.into();
        let without = called("recover", (&without).into(), &english());
        let mut host = SqlMigrations::new(settings(&site.0.database));
        run(without, english(), &mut host).expect(ExitCode::Ok);
        assert!(site.pending().is_some(), "{point}");
        assert_eq!(site.code("reverter").as_deref(), Some("13"), "{point}");
        site.run("recover", &json!({})).expect(ExitCode::Ok);
        assert_eq!(
            (site.pending(), site.code("reverter").as_deref()),
            (None, Some("0")),
            "{point}"
        );
    }
}
#[test]
fn a_paused_plugin_whose_archive_is_lost_can_go() {
    type Damage = fn(&PathBuf);
    let lose: Damage = |path| fs::remove_file(path).unwrap();
    let cut: Damage = |path| {
        let length = fs::metadata(path).unwrap().len();
        fs::OpenOptions::new()
            .write(true)
            .open(path)
            .unwrap()
            .set_len(length / 2)
            .unwrap();
    };
    for (damage, code, then) in [
        (lose, ExitCode::Irreversible, ExitCode::Irreversible),
        (cut, ExitCode::Move, ExitCode::Move),
    ] {
        for mode in ["remover", "expurgar"] {
            let site = Site(Gestor::new());
            site.install(&package("1.0.0")).expect(ExitCode::Ok);
            site.run("disable", &json!({"migracoes": null})).expect(ExitCode::Ok);
            damage(&site.kept("removido-")[0]);
            for (operation, more) in [
                ("enable", json!({"migracoes": null})),
                ("uninstall", json!({"modo": mode})),
            ] {
                let ended = site.run(operation, &more).expect(code);
                assert!(
                    text(&ended, "erros").contains("--uninstall --forcar"),
                    "{}",
                    ended.report
                );
            }
            let ended = site
                .run("uninstall", &json!({"modo": mode, "forcar": true}))
                .expect(ExitCode::Ok);
            assert!(
                text(&ended, "avisos").contains("does not come back"),
                "{}",
                ended.report
            );
            // What stood only there does not come back untold.
            site.run("restore", &json!({"migracoes": null})).expect(then);
            site.install(&package("1.0.0")).expect(ExitCode::Ok);
            site.run("verify", &json!({"estrito": true})).expect(ExitCode::Ok);
            assert_eq!(site.value("SELECT status FROM plugins").as_deref(), Some("A"));
        }
    }
}

#[test]
fn what_cannot_be_removed_is_no_end_without_return() {
    let site = Site(Gestor::new());
    let undo = "DROP TABLE s_one";
    let make = migration("CREATE TABLE s_one (id INT)", Some(undo));
    site.install(&package("1.0.0").file(FIRST, make)).expect(ExitCode::Ok);
    let folder = site.0.root().join("backups/plugins").join(SLUG);
    for name in [
        "adotados-20260101-000000.json",
        "orfaos-20260101-000000.json",
        "note.txt",
    ] {
        fs::write(folder.join(name), "{}").unwrap();
    }
    let package = folder.join("1.0.0.zip");
    let mounted = Mount::bind(&package, &package);
    let call = json!({"modo": "expurgar", "sem_retorno": true});
    let ended = site.run("uninstall", &call).expect(ExitCode::Migrate);
    assert!(text(&ended, "erros").contains("1.0.0.zip"), "{}", ended.report);
    assert_eq!(ended.report["confirmado"], json!(true));
    assert_eq!(ended.report["removido"], Value::Null);
    assert_eq!(site.code("desinstalar").as_deref(), Some("13"));
    site.run("uninstall", &call).expect(ExitCode::Migrate);
    drop(mounted);
    site.run("uninstall", &call).expect(ExitCode::Ok);
    assert_eq!(site.kept(""), [folder.join("note.txt")], "only what is not ours stays");
    site.run("uninstall", &call).expect(ExitCode::NotInstalled);
}
#[test]
fn what_a_script_leaves_empty_is_no_default() {
    let site = Site::new();
    let rows = || {
        site.0
            .database
            .rows("SELECT versao_instalada, status_execucao FROM plugins")
    };
    let before = rows();
    for (operation, more) in [
        ("rollback", json!({"version": ""})),
        ("rollback", json!({"version": " "})),
        ("rollback", json!({"ponto": ""})),
        ("uninstall", json!({"modo": ""})),
    ] {
        let read = Call::read(
            catalogue::by_word(operation).unwrap(),
            (&site.call(&more)).into(),
            &english(),
        );
        assert!(read.is_err(), "{operation} {more}");
    }
    for operation in ["uninstall", "rollback", "verify", "recover"] {
        let ended = site.run(operation, &json!({"slug": "stuck\u{0}"}));
        assert_eq!(ended.code, ExitCode::Validate, "{operation}: {}", ended.report);
    }
    assert_eq!(rows(), before);
}

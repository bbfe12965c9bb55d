//! What pruning may take where something else still needs it: another database of the same folder, or a plugin that can come
//! back. Whatever it cannot know stays, and is told.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::mariadb::Database;
use crate::support::operation::Ended;
use crate::support::package::Package;
use crate::support::scene::SLUG;
use crate::support::sql_migrations::migration;

const DAY: u64 = 86_400;

/// A gestor with two databases; whatever is done, is done days ago.
struct Folder {
    gestor: Gestor,
    other: Database,
    packages: tempfile::TempDir,
}

fn package(version: &str) -> Package {
    let variable = json!([{"language": "en", "modulo": "m", "id": "k-v", "valor": version, "tipo": "string"}]);
    Package::new(SLUG, version)
        .data("Variaveis", &variable)
        .file("modules/m/m.php", format!("<?php // {version}"))
}

/// The same with a table of its own.
fn tabled(version: &str) -> Package {
    let make = "CREATE TABLE s_own (id INT PRIMARY KEY, title VARCHAR(20))";
    package(version).file(
        "db/migrations/20260101000000_first.php",
        migration(make, Some("DROP TABLE s_own")),
    )
}

impl Folder {
    fn new() -> Self {
        let gestor = Gestor::new();
        let other = Database::on(gestor.database.socket());
        let packages = tempfile::tempdir().unwrap();
        Self {
            gestor,
            other,
            packages,
        }
    }

    fn one(&self) -> &Database {
        &self.gestor.database
    }

    /// An operation with a database; a day passes.
    fn run(&self, database: &Database, operation: &str, more: &Value) -> Ended {
        let ended = self.run_now(database, operation, more);
        self.age(1);
        ended
    }

    fn run_now(&self, database: &Database, operation: &str, more: &Value) -> Ended {
        let mut call = child::about(&self.gestor, SLUG, more);
        call["db"]["nome"] = json!(database.name());
        if !matches!(operation, "prune" | "disable" | "enable") {
            call["migracoes"] = json!(true);
        }
        child::with_sql(operation, &call, None)
    }

    fn install(&self, database: &Database, package: &Package, more: &Value) -> Ended {
        let archive = self.packages.path().join("package.zip");
        package.write(&archive);
        let mut call = json!({"origem_tipo": "upload", "arquivo": archive, "gestor_versao": "2.9.43"});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.run(database, "install", &call).expect(ExitCode::Ok)
    }

    /// Everything was so many days earlier.
    fn age(&self, days: u64) {
        for database in [self.one(), &self.other] {
            if !database
                .tables()
                .iter()
                .any(|table| table == "gestor_plugins_historico")
            {
                continue;
            }
            database.run(&format!(
                "UPDATE gestor_plugins_historico SET inicio = inicio - INTERVAL {days} DAY, fim = fim - INTERVAL {days} DAY"
            ));
        }
        for folder in ["backups/plugins", "plugins/_backups"] {
            for entry in walkdir::WalkDir::new(self.gestor.root().join(folder))
                .into_iter()
                .flatten()
            {
                if entry.file_type().is_file() && entry.file_name() != "bases.json" {
                    let written = entry.metadata().unwrap().modified().unwrap();
                    set_time(entry.path(), written - Duration::from_secs(days * DAY));
                }
            }
        }
    }

    fn folder(&self) -> PathBuf {
        self.gestor.root().join("backups/plugins").join(SLUG)
    }

    fn kept(&self, start: &str, end: &str) -> Vec<String> {
        let mut names: Vec<String> = names(&self.folder()).into_iter().collect();
        names.retain(|name| name.starts_with(start) && name.ends_with(end));
        names
    }

    fn backups(&self) -> BTreeSet<String> {
        names(&self.gestor.root().join("plugins/_backups"))
    }

    /// Everything that the policy and `alheios` let go.
    fn prune_hard(&self, database: &Database) -> Ended {
        let all = json!({
            "guardar_versoes": 2, "guardar_backups": 0, "guardar_dias": 1, "guardar_bytes": 1, "guardar_removidos": 1,
            "historico_linhas": 1, "historico_dias": 1, "alheios": true,
        });
        self.run_now(database, "prune", &all).expect(ExitCode::Ok)
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

fn set_time(path: &Path, time: SystemTime) {
    let file = File::options().append(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

fn warned(ended: &Ended) -> String {
    ended.report["avisos"].to_string()
}

fn pruned(ended: &Ended, kind: &str) -> usize {
    let all = ended.report["podados"].as_array().unwrap();
    all.iter().filter(|one| one["tipo"] == kind).count()
}

const THIS: &str = r#"{"bases": "esta"}"#;

fn this() -> Value {
    serde_json::from_str(THIS).unwrap()
}

#[test]
fn what_another_database_paused_comes_back() {
    for operation in ["disable", "uninstall"] {
        let folder = Folder::new();
        folder.install(folder.one(), &package("0.9.0"), &json!({}));
        folder.install(folder.one(), &package("1.0.0"), &json!({}));
        folder.install(&folder.other, &package("1.0.0"), &json!({}));
        // Within the seconds of an operation of the other database.
        folder.run_now(folder.one(), operation, &this()).expect(ExitCode::Ok);
        let archive = folder.kept("removido-", ".zip");
        for version in ["1.1.0", "1.2.0", "1.3.0", "1.4.0"] {
            folder.install(&folder.other, &package(version), &this());
        }
        folder.age(50);
        let told = folder.prune_hard(&folder.other);
        assert_eq!(folder.kept("removido-", ".zip"), archive, "{}", told.report);
        assert_eq!(pruned(&told, "arquivo"), 0);
        // What nobody needs goes.
        assert_eq!(folder.kept("", ".zip").len(), 5, "{:?}", folder.kept("", ".zip"));
        assert!(!folder.kept("1.1", ".zip").contains(&"1.1.0.zip".to_owned()));
        assert!(warned(&told).contains(&archive[0]), "{}", told.report);
        let back = if operation == "disable" { "enable" } else { "restore" };
        folder.run(folder.one(), back, &this()).expect(ExitCode::Ok);
        let ended = folder.run(folder.one(), "rollback", &this()).expect(ExitCode::Ok);
        assert_eq!(ended.report["versao"], "0.9.0");
    }
}

#[test]
fn what_another_database_stands_on_stays() {
    let folder = Folder::new();
    for version in ["0.8.0", "0.9.0", "1.0.0"] {
        folder.install(folder.one(), &package(version), &json!({}));
    }
    folder
        .one()
        .run("UPDATE gestor_plugins_estado SET fixadas = '[\"0.8.0\"]'");
    fs::write(folder.gestor.root().join("plugins").join(SLUG).join("own.txt"), "x").unwrap();
    folder.install(folder.one(), &package("1.0.1"), &json!({}));
    let of_one = folder.backups();
    assert_eq!(of_one.len(), 1, "{of_one:?}");
    for version in ["1.0.1", "1.1.0", "1.2.0", "1.3.0"] {
        fs::write(folder.gestor.root().join("plugins").join(SLUG).join("own.txt"), version).unwrap();
        folder.install(&folder.other, &package(version), &this());
    }
    folder.age(50);
    let told = folder.prune_hard(&folder.other);
    // Pinned, the point before and the installed one of the first; those of the second.
    assert_eq!(
        folder.kept("", ".zip"),
        ["0.8.0.zip", "1.0.0.zip", "1.0.1.zip", "1.2.0.zip", "1.3.0.zip"],
        "{}",
        told.report
    );
    assert_eq!(folder.backups(), of_one, "{}", told.report);
    assert!(pruned(&told, "backup") > 0);
    assert!(warned(&told).contains(of_one.first().unwrap()), "{}", told.report);
    // Each takes its own.
    folder.prune_hard(folder.one());
    assert!(folder.backups().is_empty());
}

#[test]
fn where_the_list_does_not_count_everything_stays() {
    let folder = Folder::new();
    for version in ["1.0.0", "1.1.0", "1.2.0", "1.3.0"] {
        folder.install(folder.one(), &package(version), &json!({}));
    }
    folder.age(50);
    fs::write(folder.gestor.root().join("backups/plugins/bases.json"), "{").unwrap();
    let before = folder.kept("", "");
    let told = folder.prune_hard(folder.one());
    assert_eq!(folder.kept("", ""), before);
    assert!(warned(&told).contains("1.0.0.zip"), "{}", told.report);
}

#[test]
fn what_can_be_restored_keeps_its_packages_as_long_as_its_archive() {
    for (operation, mode, back) in [
        ("uninstall", "expurgar", "restore"),
        ("uninstall", "remover", "restore"),
        ("disable", "", "enable"),
    ] {
        let folder = Folder::new();
        for version in ["1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0"] {
            folder.install(folder.one(), &tabled(version), &json!({}));
        }
        folder
            .run(folder.one(), "rollback", &json!({"version": "1.2.0"}))
            .expect(ExitCode::Ok);
        folder.one().run("INSERT INTO s_own VALUES (1, 'kept')");
        let mode = if mode.is_empty() {
            json!({})
        } else {
            json!({"modo": mode})
        };
        folder.run(folder.one(), operation, &mode).expect(ExitCode::Ok);
        folder.age(2);
        let strict = json!({
            "guardar_versoes": 2, "guardar_backups": 0, "guardar_dias": 1, "guardar_bytes": 1, "historico_linhas": 1,
            "historico_dias": 1, "alheios": true,
        });
        let told = folder.run_now(folder.one(), "prune", &strict).expect(ExitCode::Ok);
        let packages = folder.kept("1.", ".zip");
        assert_eq!(packages, ["1.2.0.zip", "1.5.0.zip"], "{mode} {}", told.report);
        folder.run(folder.one(), back, &json!({})).expect(ExitCode::Ok);
        assert_eq!(folder.one().value("SELECT title FROM s_own").as_deref(), Some("kept"));
        folder.run(folder.one(), "rollback", &json!({})).expect(ExitCode::Ok);
    }
}

#[test]
fn copies_of_tables_go_with_the_days_of_archives() {
    let folder = Folder::new();
    folder.install(folder.one(), &tabled("1.0.0"), &json!({}));
    folder
        .run(folder.one(), "uninstall", &json!({"modo": "expurgar"}))
        .expect(ExitCode::Ok);
    let copies = || folder.kept("esquema-", ".jsonl.gz").len();
    assert_eq!(copies(), 1);
    folder.age(20);
    let mild = json!({});
    assert_eq!(pruned(&folder.run_now(folder.one(), "prune", &mild), "copia"), 0);
    // The copy is older than the archive that still needs it.
    let path = folder.folder().join(&folder.kept("esquema-", ".jsonl.gz")[0]);
    set_time(&path, SystemTime::now() - Duration::from_secs(40 * DAY));
    assert_eq!(pruned(&folder.run_now(folder.one(), "prune", &mild), "copia"), 0);
    folder.age(20);
    let told = folder.run_now(folder.one(), "prune", &mild).expect(ExitCode::Ok);
    assert_eq!(
        (pruned(&told, "arquivo"), pruned(&told, "copia")),
        (1, 1),
        "{}",
        told.report
    );
    assert_eq!(copies(), 0);
}

#[test]
fn a_copy_that_this_database_does_not_know_may_be_anothers() {
    let folder = Folder::new();
    folder.install(folder.one(), &tabled("1.0.0"), &json!({}));
    folder.install(&folder.other, &package("1.0.0"), &json!({"bases": "esta"}));
    folder
        .run(folder.one(), "uninstall", &json!({"modo": "expurgar", "bases": "esta"}))
        .expect(ExitCode::Ok);
    folder.age(50);
    let copies = folder.kept("esquema-", ".jsonl.gz");
    let told = folder.prune_hard(&folder.other);
    assert_eq!(
        (copies.len(), folder.kept("esquema-", ".jsonl.gz")),
        (1, copies.clone())
    );
    assert!(warned(&told).contains(&copies[0]), "{}", told.report);
}

#[test]
fn a_checksum_without_its_package_goes() {
    let folder = Folder::new();
    folder.install(folder.one(), &package("1.0.0"), &json!({}));
    folder.age(1);
    let (lone, strange) = ("0.1.0+0a1b2c3d.zip.sha256", "notes.zip.sha256");
    for name in [lone, strange, "0.2.0.zip.sha256"] {
        fs::write(folder.folder().join(name), "x").unwrap();
    }
    for name in [lone, strange] {
        set_time(
            &folder.folder().join(name),
            SystemTime::now() - Duration::from_secs(DAY),
        );
    }
    let told = folder.run_now(folder.one(), "prune", &json!({})).expect(ExitCode::Ok);
    assert_eq!(pruned(&told, "pacote"), 1, "{}", told.report);
    let left = ["0.2.0.zip.sha256", "1.0.0.zip.sha256", strange];
    assert_eq!(folder.kept("", ".sha256"), left);
}

#[test]
fn an_archive_that_a_later_one_needs_stays_with_it() {
    let folder = Folder::new();
    folder.install(folder.one(), &package("1.0.0"), &json!({}));
    folder.run(folder.one(), "disable", &json!({})).expect(ExitCode::Ok);
    folder.age(20);
    folder.run(folder.one(), "uninstall", &json!({})).expect(ExitCode::Ok);
    folder.age(15);
    let told = folder.run_now(folder.one(), "prune", &json!({})).expect(ExitCode::Ok);
    assert_eq!((pruned(&told, "arquivo"), folder.kept("removido-", "").len()), (0, 2));
    folder.run(folder.one(), "restore", &json!({})).expect(ExitCode::Ok);
}

#[test]
fn a_purge_that_was_given_up_is_no_database_of_another_day() {
    let folder = Folder::new();
    let make = "CREATE TABLE s_own (id INT PRIMARY KEY)";
    let stuck = package("1.0.0").file(
        "db/migrations/20260101000000_first.php",
        migration(make, Some("DROP TABLE s_nothing")),
    );
    folder.install(folder.one(), &stuck, &json!({}));
    let purge = json!({"modo": "expurgar"});
    folder.run(folder.one(), "uninstall", &purge).expect(ExitCode::Migrate);
    folder
        .run(folder.one(), "recover", &json!({"forcar": true}))
        .expect(ExitCode::Ok);
    let list = fs::read_to_string(folder.gestor.root().join("backups/plugins/bases.json")).unwrap();
    assert!(!list.contains(SLUG), "{list}");
    for operation in ["restore", "verify"] {
        let ended = folder.run(folder.one(), operation, &json!({}));
        assert!(!warned(&ended).contains("another day"), "{operation} {}", ended.report);
    }
}

//! One tree and several databases: a gestor has one `plugins/` and a database for each of its domains. And databases of
//! another day: a dump that was restored, a server that lost its last commits.

use std::collections::BTreeMap;
use std::os::unix::fs::DirBuilderExt as _;

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::child;
use crate::support::gestor::{Gestor, tree};
use crate::support::mariadb::{Database, OwnServer};
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;
use crate::support::scene::{Kind, POINTS, SLUG, Scene, package, recover, recover_in, recover_with, state};

/// A call with another domain's settings.
pub(crate) fn of(mut call: Value, database: &Database) -> Value {
    call["db"]["nome"] = json!(database.name());
    call["espera_lock"] = json!(0);
    call
}

/// A call that changes files which another domain uses.
fn alone(mut call: Value) -> Value {
    call["bases"] = json!("esta");
    call
}

pub(crate) fn dry(mut call: Value) -> Value {
    call["dry_run"] = json!(true);
    call
}

/// The database of a second domain, which uses plugins too.
fn second_domain(gestor: &Gestor) -> Database {
    let other = Database::on(gestor.database.socket());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.zip");
    Package::new("elsewhere", "1.0.0").write(&path);
    let call = of(child::call(gestor, &path, "elsewhere", false), &other);
    child::install(&call, None).expect(ExitCode::Ok);
    other
}

/// Everything on the disk of a gestor, but for its log and the files of locks.
fn disk(gestor: &Gestor) -> BTreeMap<String, String> {
    let mut found = tree(gestor.root());
    found.retain(|path, _| !path.starts_with("logs") && path.strip_suffix(".lock").is_none());
    found
}

fn said(ended: &Ended) -> String {
    format!("{} {}", ended.report["erros"], ended.report["avisos"])
}

fn sync(gestor: &Gestor, database: &Database, dry_run: bool) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("PaginasData.json"), "[]").unwrap();
    let call = json!({"slug": SLUG, "pasta": folder.path(), "raiz": gestor.root(), "dry_run": dry_run, "lang": "en",
        "db": {"socket": database.socket(), "nome": database.name(), "usuario": "root"}});
    let parameters = called("sync", Argument::from(&call), &crate::support::english());
    run(parameters, crate::support::english(), &mut Quiet)
}

fn journal_stands(gestor: &Gestor) -> bool {
    gestor
        .root()
        .join("temp/plugins")
        .join(SLUG)
        .join("journal.json")
        .exists()
}

#[test]
fn an_interrupted_run_of_another_database_is_left_alone() {
    for kind in [Kind::First, Kind::Update] {
        let scene = Scene::new(kind);
        let domain = scene.gestor.root().join("autenticacoes/first.example");
        std::fs::create_dir_all(&domain).unwrap();
        std::fs::write(
            domain.join(".env"),
            format!("DB_DATABASE=\"{}\"\n", scene.gestor.database.name()),
        )
        .unwrap();
        let others = [
            second_domain(&scene.gestor),
            Database::on(scene.gestor.database.socket()),
        ];
        let mut refused = 0;
        for (point, committed) in POINTS {
            scene.reset();
            child::start(&scene.call(), Some(&format!("{point}:kill")))
                .wait()
                .unwrap();
            let what = format!("{kind:?} killed at {point}");
            // Above the audit log, in which refusals are recorded.
            let above = scene.gestor.root().join("backups/plugins");
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o750)
                .create(above)
                .unwrap();
            let before = (disk(&scene.gestor), others.each_ref().map(|other| other.dump(&[])));
            for other in others.iter().filter(|_| journal_stands(&scene.gestor)) {
                let recovered = recover_with(&scene.gestor, other);
                assert_eq!(recovered.code, ExitCode::Sync, "{what}: {}", recovered.report);
                let told = said(&recovered);
                assert!(
                    told.contains(&format!("{:?}", scene.gestor.database.name()).replace('"', "\\\"")),
                    "{what}: {told}"
                );
                assert!(told.contains("domain first.example"), "{what}: {told}");
                let spoken = recover_in(&scene.gestor, other, "pt-br");
                for text in [&spoken.report["erros"][0], &spoken.report["plugins"][0]["erro"]] {
                    assert!(text.to_string().contains("domínio first.example"), "{what}: {text}");
                }
                let installed = child::install(&of(scene.call(), other), None);
                assert_eq!(installed.code, ExitCode::Sync, "{what}: {}", installed.report);
                assert_eq!(sync(&scene.gestor, other, false).code, ExitCode::Sync, "{what}");
                let rehearsed = child::install(&dry(alone(of(scene.call(), other))), None).expect(ExitCode::Ok);
                assert!(
                    said(&rehearsed).contains("interrupted run"),
                    "{what}: {}",
                    said(&rehearsed)
                );
                refused += 1;
            }
            let after = (disk(&scene.gestor), others.each_ref().map(|other| other.dump(&[])));
            assert_eq!(after, before, "{what}: something was touched");
            assert_eq!(scene.settle(&what), committed, "{what}");
        }
        assert_eq!(refused, 12, "{kind:?}: a journal stands at six points");
    }
}

#[test]
fn a_dry_run_touches_nothing_of_an_interrupted_run() {
    for kind in [Kind::First, Kind::Update] {
        let scene = Scene::new(kind);
        for (point, committed) in POINTS {
            scene.reset();
            child::start(&scene.call(), Some(&format!("{point}:kill")))
                .wait()
                .unwrap();
            let what = format!("{kind:?} killed at {point}");
            let (disk_before, rows_before, log) =
                (disk(&scene.gestor), scene.gestor.database.dump(&[]), scene.gestor.log());
            let rehearsed = child::install(&dry(scene.call()), None);
            assert_eq!(rehearsed.code, ExitCode::Ok, "{what}: {}", rehearsed.report);
            let told = said(&rehearsed).contains("interrupted run");
            assert_eq!(told, journal_stands(&scene.gestor), "{what}: {}", said(&rehearsed));
            sync(&scene.gestor, &scene.gestor.database, true).expect(ExitCode::Ok);
            assert_eq!(disk(&scene.gestor), disk_before, "{what}");
            assert_eq!(scene.gestor.database.dump(&[]), rows_before, "{what}");
            assert_eq!(scene.gestor.log(), log, "{what}");
            assert_eq!(scene.settle(&what), committed, "{what}");
        }
    }
}

#[test]
fn a_dry_run_makes_no_tables() {
    let gestor = Gestor::new();
    let tables = gestor.database.tables();
    let rehearsed = gestor.install(&package("1.0.0", "x"), &[("dry_run", Argument::Bool(true))]);
    rehearsed.expect(ExitCode::Ok);
    assert_eq!(gestor.database.tables(), tables);
}

#[test]
fn a_journal_of_an_earlier_release_is_believed_where_something_tells_whose_it_is() {
    let scene = Scene::new(Kind::Update);
    let other = second_domain(&scene.gestor);
    for (point, committed) in [("announced", false), ("swapped", false), ("committed", true)] {
        scene.reset();
        child::start(&scene.call(), Some(&format!("{point}:kill")))
            .wait()
            .unwrap();
        let path = scene.gestor.root().join("temp/plugins").join(SLUG).join("journal.json");
        let mut journal: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let fields = journal.as_object_mut().unwrap();
        fields.insert("format".to_owned(), json!(1));
        fields.remove("database").unwrap();
        fields.remove("package").unwrap();
        std::fs::write(&path, journal.to_string()).unwrap();
        let before = disk(&scene.gestor);
        let recovered = recover_with(&scene.gestor, &other);
        assert_eq!(recovered.code, ExitCode::Sync, "{point}: {}", recovered.report);
        assert!(said(&recovered).contains("earlier release"), "{}", said(&recovered));
        assert_eq!(disk(&scene.gestor), before, "{point}");
        assert_eq!(scene.settle(point), committed, "{point}");
    }
}

#[test]
fn a_run_whose_database_lost_our_tables_is_left_alone() {
    let scene = Scene::new(Kind::Update);
    for gone in ["gestor_plugins_operacoes", "gestor_plugins_esquema"] {
        scene.reset();
        child::start(&scene.call(), Some("committed:kill")).wait().unwrap();
        let database = &scene.gestor.database;
        database.run(&format!("RENAME TABLE {gone} TO elsewhere"));
        let before = disk(&scene.gestor);
        let recovered = recover(&scene.gestor);
        assert_eq!(recovered.code, ExitCode::Sync, "{gone}: {}", recovered.report);
        assert!(said(&recovered).contains("are gone"), "{}", said(&recovered));
        scene.install().expect(ExitCode::Sync);
        assert_eq!(disk(&scene.gestor), before, "{gone}");
        database.run(&format!("RENAME TABLE elsewhere TO {gone}"));
        assert!(scene.settle(gone));
    }
}

/// Rows of a package as they are in a database.
fn pages(database: &Database) -> Vec<Vec<Option<String>>> {
    database.rows("SELECT id, html, plugin FROM paginas ORDER BY id")
}

#[test]
fn a_second_domain_brings_its_rows_although_the_tree_is_there() {
    let scene = Scene::new(Kind::Update);
    scene.reset();
    let other = Database::on(scene.gestor.database.socket());
    let plain = |version: usize| child::call(&scene.gestor, &scene.archives[version], SLUG, false);
    let first = child::install(&of(plain(0), &other), None).expect(ExitCode::Ok);
    assert_eq!(
        (first.report["inalterado"].clone(), pages(&other).len()),
        (json!(false), 40)
    );
    assert_eq!(first.report["avisos"].to_string(), "[]", "the tree is of this package");
    // The first domain goes on; the second is told, and brought there by a plain call.
    child::install(&alone(plain(1)), None).expect(ExitCode::Ok);
    for (version, page) in [(0, "1.0.0 1"), (1, "2.0.0 1")] {
        let call = of(plain(version), &other);
        let call = if version == 0 { alone(call) } else { call };
        for call in [dry(call.clone()), call] {
            let ended = child::install(&call, None).expect(ExitCode::Ok);
            assert_eq!(ended.report["inalterado"], false, "{version}");
            if version == 0 {
                assert!(said(&ended).contains("of another package"), "{}", said(&ended));
            }
        }
        assert_eq!(other.count("paginas", &format!("html = '{page}'")), 1);
        let again = child::install(&of(plain(version), &other), None).expect(ExitCode::Ok);
        assert_eq!(again.report["inalterado"], true, "{version}");
    }
    let back = child::install(&plain(1), None).expect(ExitCode::Ok);
    assert_eq!(back.report["inalterado"], true, "both are of the second version");
}

#[test]
fn a_package_of_the_same_manifest_is_another_package() {
    let gestor = Gestor::new();
    let other = Database::on(gestor.database.socket());
    let folder = tempfile::tempdir().unwrap();
    let mut calls = ["old", "new"].map(|text| {
        let path = folder.path().join(text);
        package("1.0.0", text).write(&path);
        child::call(&gestor, &path, SLUG, false)
    });
    child::install(&calls[0], None).expect(ExitCode::Ok);
    child::install(&of(calls[0].clone(), &other), None).expect(ExitCode::Ok);
    for call in &mut calls {
        call["bases"] = json!("esta");
    }
    child::install(&calls[1], None).expect(ExitCode::Ok);
    let ended = child::install(&of(calls[0].clone(), &other), None).expect(ExitCode::Ok);
    assert_eq!(ended.report["inalterado"], false);
    assert!(said(&ended).contains("of another package"), "{}", said(&ended));
    let file = std::fs::read_to_string(gestor.root().join("plugins").join(SLUG).join("modules/m/f0.php")).unwrap();
    assert_eq!(file, "<?php // old 0");
}

#[test]
fn a_restored_dump_is_told_and_brought_up_to_date() {
    let scene = Scene::new(Kind::Update);
    scene.reset();
    let database = &scene.gestor.database;
    let tables = ["plugins", "paginas"];
    for table in tables {
        database.run(&format!(
            "CREATE TABLE dump_{table} LIKE {table}; INSERT INTO dump_{table} SELECT * FROM {table}"
        ));
    }
    scene.install().expect(ExitCode::Ok);
    for table in tables {
        database.run(&format!(
            "DELETE FROM {table}; INSERT INTO {table} SELECT * FROM dump_{table}; DROP TABLE dump_{table}"
        ));
    }
    let plain = child::call(&scene.gestor, &scene.archives[1], SLUG, false);
    let ended = child::install(&plain, None).expect(ExitCode::Ok);
    assert!(said(&ended).contains("a dump was restored"), "{}", said(&ended));
    assert!(scene.gestor.log().contains("a dump was restored"));
    assert_eq!(state(&scene.gestor), scene.new);
    let again = child::install(&plain, None).expect(ExitCode::Ok);
    assert_eq!(
        (again.report["inalterado"].clone(), again.report["avisos"].to_string()),
        (json!(true), "[]".to_owned())
    );
}

#[test]
fn a_server_that_loses_its_last_commits_is_found_out() {
    let mut server = OwnServer::start(&["--innodb-flush-log-at-trx-commit=0"]);
    let scene = Scene::on(Kind::Update, Gestor::with(Database::on(&server.socket)));
    assert!(
        scene.gestor.log().contains("innodb_flush_log_at_trx_commit=0"),
        "{}",
        scene.gestor.log()
    );
    let data = server.socket.with_file_name("data");
    let on_disk = server.socket.with_file_name("on-disk");
    let copy = |from: &std::path::Path, to: &std::path::Path| {
        let _ = std::fs::remove_dir_all(to);
        let done = std::process::Command::new("cp")
            .arg("-a")
            .args([from, to])
            .status()
            .unwrap();
        assert!(done.success());
    };
    for is_lost in [true, false, true] {
        scene.reset();
        // What had come to the disk before the last second.
        server.tell("kill");
        copy(&data, &on_disk);
        server.tell("start");
        scene.gestor.database.connect();
        scene.install().expect(ExitCode::Ok);
        server.tell("kill");
        if is_lost {
            copy(&on_disk, &data);
        }
        server.tell("start");
        scene.gestor.database.connect();
        let version = scene.gestor.database.value("SELECT versao_instalada FROM plugins");
        assert_eq!(version.as_deref(), Some(if is_lost { "1.0.0" } else { "2.0.0" }));
        let plain = child::call(&scene.gestor, &scene.archives[1], SLUG, false);
        let ended = child::install(&plain, None).expect(ExitCode::Ok);
        assert_eq!(ended.report["inalterado"], !is_lost);
        assert_eq!(said(&ended).contains("the server lost"), is_lost, "{}", said(&ended));
        assert_eq!(state(&scene.gestor), scene.new);
    }
    let warned = scene.gestor.log().matches("innodb_flush_log_at_trx_commit=0").count();
    assert_eq!(warned, 1, "once, not at each update");
}

#[test]
fn tables_that_are_there_need_no_right_to_create_them() {
    let gestor = Gestor::new();
    let database = &gestor.database;
    let user = format!("few_{}", database.name());
    database.run(&format!(
        "CREATE USER {user}@localhost IDENTIFIED BY 'pw'; GRANT SELECT, INSERT, UPDATE, DELETE ON {}.* TO {user}@localhost",
        database.name()
    ));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.zip");
    package("1.0.0", "x").write(&path);
    let mut call = child::call(&gestor, &path, SLUG, false);
    call["db"]["usuario"] = json!(user);
    call["db"]["senha"] = json!("pw");
    let refused = child::install(&call, None).expect(ExitCode::Sync);
    let told = refused.report["erros"][0].as_str().unwrap().to_owned();
    let sql = told.split_once("try again: ").unwrap().1;
    assert!(
        ["esquema", "contadores", "auditoria"]
            .iter()
            .all(|name| sql.contains(&format!("gestor_plugins_{name}"))),
        "{told}"
    );
    assert!(gestor.tree(SLUG).is_empty() && gestor.leftovers().is_empty());
    database.run(sql);
    child::install(&call, None).expect(ExitCode::Ok);
    assert_eq!(
        database.count("gestor_plugins_esquema", "LENGTH(identidade) = 32 AND versao = 13"),
        1
    );
    database.run(&format!("DROP USER {user}@localhost"));
}

#[test]
fn a_newer_schema_is_not_written() {
    let scene = Scene::new(Kind::Update);
    scene.reset();
    let database = &scene.gestor.database;
    database.run("UPDATE gestor_plugins_esquema SET versao = 16, minima = 16");
    let refused = scene.install().expect(ExitCode::Sync);
    assert!(said(&refused).contains("schema 16"), "{}", said(&refused));
    assert_eq!(state(&scene.gestor), scene.old);
    database.run("UPDATE gestor_plugins_esquema SET versao = 7, minima = 1");
    scene.install().expect(ExitCode::Ok);
}

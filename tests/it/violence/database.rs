//! The database: gone before, during and at the commit; a server that finishes the commit of a dead client; rows that
//! another transaction holds; short packets.

use std::path::Path;
use std::time::{Duration, Instant};

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::paused::{go_on, start_paused};
use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::mariadb::{Database, OwnServer};
use crate::support::operation::{Quiet, called, run};
use crate::support::package::Package;
use crate::support::proxy::{Fate, Proxy, Rule};
use crate::support::scene::{Kind, Scene, state};

/// The statement itself, as it is sent behind the proof that the transaction stands.
const COMMIT: &str = "; COMMIT";

const NO_DATABASE: Option<i32> = Some(14);

fn through(scene: &Scene, proxy: &Proxy) -> Value {
    let mut call = scene.call();
    call["db"]["socket"] = json!(proxy.socket);
    call
}

fn rule(statement: &'static str, fate: Fate, then_closed: bool) -> Rule {
    Rule {
        statement,
        fate,
        then_closed,
    }
}

fn journal_stands(scene: &Scene) -> bool {
    scene.gestor.root().join("temp/plugins/killed/journal.json").exists()
}

/// Statements at which a connection is lost, and whether the operation was through by then. The commit is found out at
/// once when the server can be asked again.
const LOST: [(&str, Fate, bool); 7] = [
    ("GET_LOCK", Fate::Lost, false),
    ("FROM plugins WHERE id", Fate::Lost, false),
    ("INSERT INTO `paginas`", Fate::Lost, false),
    ("INSERT INTO `paginas`", Fate::Unanswered, false),
    ("INTO gestor_plugins_operacoes", Fate::Unanswered, false),
    (COMMIT, Fate::Lost, false),
    (COMMIT, Fate::Unanswered, true),
];

#[test]
fn a_lost_connection_changes_nothing_or_is_found_to_have_committed() {
    for kind in [Kind::First, Kind::Update] {
        let scene = Scene::new(kind);
        for (statement, fate, committed) in LOST {
            let statement = if kind == Kind::Update {
                statement.replace("INSERT INTO `paginas`", "UPDATE `paginas`")
            } else {
                statement.to_owned()
            };
            scene.reset();
            let what = format!("{kind:?}, {fate:?} at {statement}");
            let proxy = Proxy::to(scene.gestor.database.socket(), rule(statement.leak(), fate, false));
            let ended = child::install(&through(&scene, &proxy), None);
            assert!(proxy.is_met(), "{what}: the statement never came");
            let expected = if committed { ExitCode::Ok } else { ExitCode::Sync };
            assert_eq!(ended.code, expected, "{what}: {}", ended.report["erros"]);
            let expected = if committed { &scene.new } else { &scene.old };
            assert_eq!(&state(&scene.gestor), expected, "{what}");
            assert!(!journal_stands(&scene), "{what}");
            assert_eq!(scene.settle(&what), committed, "{what}");
        }
    }
}

#[test]
fn a_commit_of_unknown_outcome_is_left_and_found_out_later() {
    let (mut old, mut new) = (0, 0);
    for kind in [Kind::First, Kind::Update] {
        let scene = Scene::new(kind);
        for (fate, committed) in [(Fate::Lost, false), (Fate::Unanswered, true)] {
            scene.reset();
            let what = format!("{kind:?}, commit {fate:?}");
            let proxy = Proxy::to(scene.gestor.database.socket(), rule(COMMIT, fate, true));
            let ended = child::install(&through(&scene, &proxy), None).expect(ExitCode::Sync);
            let told = ended.report["erros"].to_string();
            assert!(
                told.contains("nothing was decided") && told.contains("plugin_recover"),
                "{told}"
            );
            assert!(journal_stands(&scene), "{what}: the journal is gone");
            // Without the database nothing is decided, however often it is asked.
            let again = child::install(&through(&scene, &proxy), None);
            assert_eq!(again.code, ExitCode::Sync, "{what}");
            assert!(journal_stands(&scene), "{what}: the journal is gone");
            assert_eq!(scene.settle(&what), committed, "{what}");
            if committed { new += 1 } else { old += 1 }
        }
    }
    assert_eq!((old, new), (2, 2));
}

#[test]
fn recovery_waits_for_a_server_that_finishes_the_commit_of_a_dead_client() {
    for kind in [Kind::First, Kind::Update] {
        let scene = Scene::new(kind);
        scene.reset();
        let late = Duration::from_millis(1500);
        let proxy = Proxy::to(scene.gestor.database.socket(), rule(COMMIT, Fate::Late(late), false));
        let mut child = child::start(&through(&scene, &proxy), None);
        proxy.wait_until_met();
        let started = Instant::now();
        child.kill().unwrap();
        child.wait().unwrap();
        // The server knows nothing yet of the death, and of the commit; recovery, begun now, must not call it undone.
        assert!(scene.settle(&format!("{kind:?}, a late commit")));
        assert!(started.elapsed() >= late, "recovery did not wait");
    }
}

#[test]
fn a_server_that_stops_before_during_and_at_the_commit() {
    let mut server = OwnServer::start(&[]);
    let scene = Scene::on(Kind::Update, Gestor::with(Database::on(&server.socket)));
    for order in ["stop", "kill"] {
        scene.reset();
        server.tell(order);
        let ended = scene.install().expect(ExitCode::Sync);
        assert!(ended.report["erros"].to_string().contains("check that it runs"));
        server.tell("start");
        scene.gestor.database.connect();
        assert_eq!(state(&scene.gestor), scene.old, "{order} before");
        assert!(!scene.settle(&format!("{order} before")));
    }
    for (point, order) in [
        ("applied", "kill"),
        ("rows", "stop"),
        ("announced", "kill"),
        ("swapped", "kill"),
        ("swapped", "stop"),
    ] {
        let what = format!("{order} at {point}");
        scene.reset();
        let child = start_paused(&scene.call(), point);
        server.tell(order);
        assert_eq!(go_on(child), NO_DATABASE, "{what}");
        // Rows are followed by what is counted; then the database is asked for nothing but the commit.
        assert_eq!(journal_stands(&scene), !matches!(point, "applied" | "rows"), "{what}");
        server.tell("start");
        scene.gestor.database.connect();
        assert!(!scene.settle(&what), "{what}");
    }
    // The server commits and dies before its answer arrives.
    scene.reset();
    let proxy = Proxy::to(&server.socket, rule(COMMIT, Fate::Unanswered, true));
    child::install(&through(&scene, &proxy), None).expect(ExitCode::Sync);
    server.tell("kill");
    scene.install().expect(ExitCode::Sync);
    assert!(journal_stands(&scene));
    server.tell("start");
    scene.gestor.database.connect();
    assert!(scene.settle("killed after the commit"));
}

#[test]
fn a_killed_connection_changes_nothing() {
    let scene = Scene::new(Kind::Update);
    for point in ["inspected", "applied", "rows", "announced", "swapped"] {
        scene.reset();
        let child = start_paused(&scene.call(), point);
        let name = scene.gestor.database.name();
        let others =
            format!("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '{name}' AND ID <> CONNECTION_ID()");
        let ids = scene.gestor.database.rows(&others);
        assert_eq!(ids.len(), 1, "{point}: {ids:?}");
        scene
            .gestor
            .database
            .run(&format!("KILL CONNECTION {}", ids[0][0].as_ref().unwrap()));
        assert_eq!(go_on(child), NO_DATABASE, "{point}");
        assert_eq!(state(&scene.gestor), scene.old, "{point}");
        assert!(!scene.settle(&format!("connection killed at {point}")));
    }
}

#[test]
fn a_row_that_another_transaction_holds_is_waited_for_and_then_named() {
    let scene = Scene::new(Kind::Update);
    scene.reset();
    let other = scene.gestor.database.another();
    other.run("START TRANSACTION; UPDATE paginas SET nome = 'x' WHERE id = 'k-3'");
    let child = child::start(&scene.call(), None);
    std::thread::sleep(Duration::from_secs(2));
    other.run("ROLLBACK");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    assert_eq!(state(&scene.gestor), scene.new);

    scene.reset();
    other.run("START TRANSACTION; UPDATE paginas SET nome = 'x' WHERE id = 'k-3'");
    let started = Instant::now();
    let ended = scene.install().expect(ExitCode::Sync);
    let waited = started.elapsed();
    assert!(waited < Duration::from_mins(1), "an operator waited {waited:?}");
    let told = ended.report["erros"].to_string();
    assert!(told.contains("a row of paginas stayed locked"), "{told}");
    other.run("ROLLBACK");
    assert_eq!(state(&scene.gestor), scene.old);
    assert!(!scene.settle("a locked row"));
}

#[test]
fn a_deadlock_is_run_again() {
    let scene = Scene::new(Kind::Update);
    scene.reset();
    let other = scene.gestor.database.another();
    // The other has done more, so the server chooses ours for its victim.
    other.run("CREATE TABLE IF NOT EXISTS ballast (n INT) ENGINE=InnoDB; START TRANSACTION");
    other.run(&format!("INSERT INTO ballast VALUES {}", vec!["(1)"; 5000].join(",")));
    other.run("UPDATE plugins SET nome = 'y'");
    // Our status would wait for that row: it is marked already.
    other.run("ROLLBACK; UPDATE plugins SET status_execucao = 'atualizando'; START TRANSACTION");
    other.run(&format!("INSERT INTO ballast VALUES {}", vec!["(1)"; 5000].join(",")));
    other.run("SELECT 1 FROM plugins FOR UPDATE");
    let proxy = Proxy::to(
        scene.gestor.database.socket(),
        rule("UPDATE plugins SET nome", Fate::Late(Duration::from_millis(100)), false),
    );
    let child = child::start(&through(&scene, &proxy), None);
    proxy.wait_until_met();
    std::thread::sleep(Duration::from_millis(300));
    other.run("UPDATE paginas SET nome = 'x' WHERE id = 'k-3'; ROLLBACK");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    assert_eq!(state(&scene.gestor), scene.new);
    assert!(scene.gestor.log().contains("deadlock"), "{}", scene.gestor.log());
    other.run("DROP TABLE ballast");
}

#[test]
fn short_packets_carry_long_pages() {
    let server = OwnServer::start(&["--max-allowed-packet=1048576"]);
    let gestor = Gestor::with(Database::on(&server.socket));
    let page = |n: usize, bytes: usize| json!({"id": format!("l-{n}"), "nome": "N", "language": "en", "html": "á'\n".repeat(bytes / 4), "caminho": format!("l-{n}/")});
    let long: Vec<Value> = (0..6).map(|n| page(n, 800 << 10)).collect();
    let package = |version: &str, rows: &[Value]| Package::new("long", version).data("Paginas", &json!(rows));
    gestor.install(&package("1.0.0", &long), &[]).expect(ExitCode::Ok);
    assert_eq!(gestor.database.count("paginas", "LENGTH(html) = 819200"), 6);
    let longer: Vec<Value> = (0..6).map(|n| page(n, 804 << 10)).collect();
    gestor.install(&package("2.0.0", &longer), &[]).expect(ExitCode::Ok);
    assert_eq!(gestor.database.count("paginas", "LENGTH(html) = 823296"), 6);
    let before = gestor
        .database
        .dump(&["plugins", "gestor_plugins_historico", "gestor_plugins_estado"]);
    let too_long = [page(0, 1 << 21)];
    let ended = gestor.install(&package("3.0.0", &too_long), &[]).expect(ExitCode::Sync);
    let told = ended.report["erros"].to_string();
    assert!(told.contains("max_allowed_packet"), "{told}");
    assert_eq!(
        gestor
            .database
            .dump(&["plugins", "gestor_plugins_historico", "gestor_plugins_estado"]),
        before
    );
    gestor.install(&package("3.0.0", &longer), &[]).expect(ExitCode::Ok);
}

/// What `plugin_recover` made of plugin `a`.
fn recovered(gestor: &Gestor) -> Value {
    let call = json!({"slug": "a", "raiz": gestor.root(),
        "db": {"socket": gestor.database.socket(), "nome": gestor.database.name(), "usuario": "root"}});
    let parameters = called("recover", Argument::from(&call), &crate::support::english());
    let ended = run(parameters, crate::support::english(), &mut Quiet);
    ended.expect(ExitCode::Ok).report["plugins"][0]["resultado"].clone()
}

#[test]
fn rows_set_aside_stay_where_nobody_knows_whether_the_commit_happened() {
    let gestor = Gestor::new();
    let folder = tempfile::tempdir().unwrap();
    let page = json!([{"id": "a-1", "nome": "N", "language": "en", "html": "new", "caminho": "a-1/"}]);
    std::fs::write(folder.path().join("PaginasData.json"), page.to_string()).unwrap();
    let kept = gestor.root().join("backups/plugins/a");
    // The last column: the server cannot be asked at once, and plugin_recover finds out.
    for (statement, fate, is_new, is_closed) in [
        ("UPDATE `paginas`", Fate::Lost, false, false),
        (COMMIT, Fate::Lost, false, false),
        (COMMIT, Fate::Unanswered, true, false),
        (COMMIT, Fate::Lost, false, true),
        (COMMIT, Fate::Unanswered, true, true),
    ] {
        gestor.database.run(
            "DELETE FROM paginas WHERE id='a-1'; INSERT INTO paginas (id, nome, language, html, caminho) VALUES \
             ('a-1', 'N', 'en', 'the only copy', 'a-1/')",
        );
        let proxy = Proxy::to(gestor.database.socket(), rule(statement, fate, is_closed));
        let call = |socket: &Path| {
            json!({"slug": "a", "pasta": folder.path(), "raiz": gestor.root(), "adocao": "sempre",
                "db": {"socket": socket, "nome": gestor.database.name(), "usuario": "root"}})
        };
        let parameters = called("sync", Argument::from(&call(&proxy.socket)), &crate::support::english());
        let ended = run(parameters, crate::support::english(), &mut Quiet);
        let what = format!("{fate:?} at {statement}, closed: {is_closed}");
        assert!(proxy.is_met(), "{what}: the statement never came");
        let expected = if is_new && !is_closed {
            ExitCode::Ok
        } else {
            ExitCode::Sync
        };
        assert_eq!(ended.code, expected, "{what}: {}", ended.report["erros"]);
        let journal = gestor.root().join("temp/plugins/a/journal.json");
        assert_eq!(journal.exists(), is_closed, "{what}");
        let copies = || {
            let files = std::fs::read_dir(&kept).into_iter().flatten().flatten();
            files
                .filter(|file| std::fs::read_to_string(file.path()).unwrap().contains("the only copy"))
                .count()
        };
        if is_closed {
            assert_eq!(copies(), 1, "{what}: nothing is decided yet");
            let found = recovered(&gestor);
            assert_eq!(found, if is_new { "concluida" } else { "desfeita" }, "{what}");
        }
        assert_eq!(
            gestor.database.count("paginas", "html='new'"),
            u64::from(is_new),
            "{what}"
        );
        assert_eq!(copies(), usize::from(is_new), "{what}");
        assert_eq!(gestor.database.count("gestor_plugins_operacoes", "1"), 0, "{what}");
        assert_eq!(gestor.database.count("plugins", "id='a'"), 0, "{what}: no record");
        assert!(!journal.exists(), "{what}");
        let _ = std::fs::remove_dir_all(&kept);
        // A row made anew after what was installed would be the site's.
        gestor.database.run("DELETE FROM gestor_plugins_base");
    }
}

#[test]
fn questions_longer_than_a_packet_are_asked_one_by_one() {
    let server = OwnServer::start(&[]);
    let gestor = Gestor::with(Database::on(&server.socket));
    gestor.database.run("SET GLOBAL max_allowed_packet = 16384");
    let rows = |kind: &str| -> Vec<Value> {
        let id = |n: usize| format!("{kind}-{n}-{}", "x".repeat(60));
        (0..120)
            .map(|n| json!({"id": id(n), "nome": "N", "language": "en"}))
            .collect()
    };
    let package = |version: &str| {
        Package::new("many", version)
            .data("Layouts", &json!(rows("l")))
            .data("Componentes", &json!(rows("c")))
            .data("Modulos", &json!(rows("m")))
    };
    for version in ["1.0.0", "1.1.0"] {
        let ended = gestor.install(&package(version), &[]).expect(ExitCode::Ok);
        assert_eq!(
            ended.total(if version == "1.0.0" { "inseridos" } else { "iguais" }),
            360
        );
    }
}

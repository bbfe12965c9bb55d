//! Transactions that the server ends by itself: nothing of them stays, and what was not committed is not called so.

use std::time::Duration;

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::mariadb::{Database, OwnServer};
use crate::support::package::Package;
use crate::support::proxy::{Fate, Proxy, Rule};
use crate::support::scene::{Kind, Scene, state};

const INSERT: &str = "INSERT INTO `paginas`";
const SEARCH: &str = "RELEASE SAVEPOINT gestor_plugins; SAVEPOINT gestor_plugins";
const RECORD: &str = "INSERT INTO gestor_plugins_operacoes";

fn meet(scene: &Scene, statement: &'static str, fate: Fate) -> Proxy {
    let then_closed = false;
    let rule = Rule {
        statement,
        fate,
        then_closed,
    };
    Proxy::to(scene.gestor.database.socket(), rule)
}

fn call_through(scene: &Scene, proxy: &Proxy) -> Value {
    let mut call = scene.call();
    call["db"]["socket"] = json!(proxy.socket);
    call
}

#[test]
fn nothing_is_written_after_the_server_has_ended_the_transaction() {
    let scene = Scene::new(Kind::First);
    for error in [1105, 1180, 1181, 1206] {
        scene.reset();
        let proxy = meet(&scene, INSERT, Fate::RolledBack(error));
        let ended = child::install(&call_through(&scene, &proxy), None).expect(ExitCode::Sync);
        assert!(proxy.is_met());
        let told = ended.report["erros"].to_string();
        assert!(told.contains("a made-up refusal") && told.contains("paginas"), "{told}");
        assert_eq!(state(&scene.gestor), scene.old, "error {error}");
    }
    scene.install().expect(ExitCode::Ok);
    assert_eq!(state(&scene.gestor), scene.new);
}

#[test]
fn a_search_ends_where_the_transaction_does() {
    let scene = Scene::new(Kind::First);
    scene.reset();
    let gestor = &scene.gestor;
    gestor
        .database
        .run("ALTER TABLE paginas ADD CONSTRAINT no_k_33 CHECK (id <> 'k-33')");
    for error in [1105, 1180, 1213, 1020] {
        let proxy = meet(&scene, SEARCH, Fate::RolledBack(error));
        let ended = child::install(&call_through(&scene, &proxy), None).expect(ExitCode::Sync);
        assert!(proxy.is_met());
        let told = ended.report["erros"].to_string();
        assert!(told.contains("no_k_33"), "{told}");
        assert_eq!(state(gestor), scene.old, "error {error}");
    }
    // Without the server's help the search finds the row.
    let told = scene.install().expect(ExitCode::Sync).report["erros"].to_string();
    assert!(told.contains("k-33") && told.contains("no_k_33"), "{told}");
    assert_eq!(state(gestor), scene.old);
}

#[test]
fn a_changed_record_is_run_again_as_a_deadlock_is() {
    for error in [1020, 1213] {
        let scene = Scene::new(Kind::First);
        scene.reset();
        let proxy = meet(&scene, INSERT, Fate::RolledBack(error));
        child::install(&call_through(&scene, &proxy), None).expect(ExitCode::Ok);
        assert!(proxy.is_met());
        assert_eq!(state(&scene.gestor), scene.new);
    }
}

/// A program between us and the server, or the server, gives an answer and has forgotten the transaction.
#[test]
fn a_commit_of_nothing_is_no_success() {
    for kind in [Kind::First, Kind::Update] {
        let scene = Scene::new(kind);
        let mut met = 0;
        for statement in [RECORD, "UPDATE plugins SET nome", "INTO plugins"] {
            scene.reset();
            let proxy = meet(&scene, statement, Fate::Forgotten);
            let ended = child::install(&call_through(&scene, &proxy), None);
            if !proxy.is_met() {
                continue;
            }
            met += 1;
            ended.expect(ExitCode::Sync);
            assert_eq!(state(&scene.gestor), scene.old, "{kind:?} {statement}");
        }
        assert!(met > 0, "{kind:?}");
        scene.install().expect(ExitCode::Ok);
        assert_eq!(state(&scene.gestor), scene.new);
    }
}

#[test]
fn a_wait_that_takes_the_whole_transaction_leaves_nothing() {
    let server = OwnServer::start(&["--innodb-rollback-on-timeout=ON"]);
    let gestor = Gestor::with(Database::on(&server.socket));
    let page = |id: &str, text: &str| json!({"id": id, "nome": "N", "language": "en", "html": text, "caminho": format!("{id}/")});
    let package = |version: &str, text: &str| {
        let pages: Vec<Value> = (0..60).map(|n| page(&format!("w-{n}"), text)).collect();
        let layouts = json!([{"id": "l", "nome": "N", "language": "en", "html": text}]);
        Package::new("waits", version)
            .data("Layouts", &layouts)
            .data("Paginas", &json!(pages))
    };
    gestor.install(&package("1.0.0", "one"), &[]).expect(ExitCode::Ok);
    let before = gestor
        .database
        .dump(&["plugins", "gestor_plugins_historico", "gestor_plugins_estado"]);
    let other = gestor.database.another();
    other.run("START TRANSACTION; UPDATE paginas SET nome = 'x' WHERE id = 'w-9'");
    gestor.install(&package("2.0.0", "two"), &[]).expect(ExitCode::Sync);
    other.run("ROLLBACK");
    assert_eq!(
        gestor
            .database
            .dump(&["plugins", "gestor_plugins_historico", "gestor_plugins_estado"]),
        before
    );
    gestor.install(&package("2.0.0", "two"), &[]).expect(ExitCode::Ok);
    assert_eq!(gestor.database.count("paginas", "html = 'two'"), 60);
}

#[test]
fn a_killed_statement_changes_nothing() {
    let scene = Scene::new(Kind::Update);
    scene.reset();
    let other = scene.gestor.database.another();
    other.run("START TRANSACTION; UPDATE paginas SET nome = 'x' WHERE id = 'k-3'");
    let child = child::start(&scene.call(), None);
    let waiting =
        "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%paginas%FOR UPDATE' AND ID <> CONNECTION_ID()";
    let id = (0..600).find_map(|_| {
        std::thread::sleep(Duration::from_millis(10));
        scene.gestor.database.value(waiting)
    });
    // Galera commits the transaction of the session that says KILL.
    scene.gestor.database.run(&format!("KILL QUERY {}", id.unwrap()));
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(14));
    other.run("ROLLBACK");
    assert_eq!(state(&scene.gestor), scene.old);
    scene.install().expect(ExitCode::Ok);
}

//! Two servers with a tree each and one database, and plugins side by side.

use std::time::{Duration, Instant};

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::paused::{go_on, start_paused};
use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::package::Package;
use crate::support::scene::{Kind, SLUG, Scene, recover, state};

/// The call of a second server: the same plugin, another version, another tree.
fn on_another(scene: &Scene, other: &Gestor, version: usize) -> Value {
    child::call(other, &scene.archives[version], SLUG, true)
}

#[test]
fn each_server_brings_its_own_tree_up_to_date() {
    let scene = Scene::new(Kind::Update);
    scene.reset();
    let other = Gestor::with(scene.gestor.database.another());
    child::install(&on_another(&scene, &other, 0), None).expect(ExitCode::Ok);
    let plain = |gestor: &Gestor| child::call(gestor, &scene.archives[1], SLUG, false);
    child::install(&plain(&scene.gestor), None).expect(ExitCode::Ok);
    let there = child::install(&plain(&other), None).expect(ExitCode::Ok);
    assert_eq!(there.report["inalterado"], false, "its tree is still the old one");
    assert_eq!(other.tree(SLUG), scene.gestor.tree(SLUG));
    let again = child::install(&plain(&other), None).expect(ExitCode::Ok);
    assert_eq!(again.report["inalterado"], true);
}

#[test]
fn two_servers_at_once_are_one_after_the_other() {
    let rounds: u32 = crate::support::told("GESTOR_PLUGINS_ROUNDS")
        .and_then(|text| text.parse().ok())
        .unwrap_or(4);
    let scene = Scene::new(Kind::Update);
    let other = Gestor::with(scene.gestor.database.another());
    let mut refused = 0;
    for round in 0..rounds {
        scene.reset();
        let before = other.tree(SLUG);
        let mut second = on_another(&scene, &other, 0);
        second["espera_lock"] = json!(if round % 2 == 0 { 0 } else { 20 });
        let mut children = [child::start(&scene.call(), None), child::start(&second, None)];
        let codes = children.each_mut().map(|child| child.wait().unwrap().code().unwrap());
        assert_eq!(codes[0], 0, "round {round}: the first waits");
        assert!([0, 15].contains(&codes[1]), "round {round}: {codes:?}");
        refused += u32::from(codes[1] == 15);
        let found = state(&scene.gestor);
        assert_eq!(found.tree, scene.new.tree, "round {round}");
        let expected = if codes[1] == 0 { &scene.old.tree } else { &before };
        assert_eq!(&other.tree(SLUG), expected, "round {round}");
        let version = scene
            .gestor
            .database
            .value("SELECT versao_instalada FROM plugins")
            .unwrap();
        assert!(["1.0.0", "2.0.0"].contains(&version.as_str()), "round {round}");
        let mixed = scene
            .gestor
            .database
            .count("paginas", &format!("html NOT LIKE '{version} %'"));
        assert_eq!(mixed, 0, "round {round}: rows of another version than {version}");
        assert_eq!(
            scene.gestor.database.count("gestor_plugins_operacoes", "1"),
            0,
            "round {round}"
        );
    }
    println!("two servers: {rounds} rounds, {refused} refused");
}

#[test]
fn the_second_server_is_told_who_holds_the_plugin() {
    let scene = Scene::new(Kind::Update);
    scene.reset();
    let other = Gestor::with(scene.gestor.database.another());
    let first = start_paused(&scene.call(), "rows");
    let mut call = on_another(&scene, &other, 0);
    call["espera_lock"] = json!(1);
    let ended = child::install(&call, None).expect(ExitCode::Locked);
    let told = ended.report["erros"].to_string();
    assert!(
        told.contains("database connection") && told.contains("last active 20"),
        "{told}"
    );
    let here = child::install(
        &{
            let mut call = scene.call();
            call["espera_lock"] = json!(0);
            call
        },
        None,
    )
    .expect(ExitCode::Locked);
    let told = here.report["erros"].to_string();
    assert!(
        told.contains(&format!("process {}", first.id())) && told.contains("since 20"),
        "{told}"
    );
    assert_eq!(go_on(first), Some(0));
    assert_eq!(state(&scene.gestor), scene.new);
    assert!(other.tree(SLUG).is_empty());
}

#[test]
fn a_dead_server_blocks_nobody_and_is_recovered_by_itself() {
    for (point, committed) in [
        ("rows", false),
        ("swapped", false),
        ("committed", true),
        ("closed", true),
    ] {
        let scene = Scene::new(Kind::Update);
        scene.reset();
        let other = Gestor::with(scene.gestor.database.another());
        let plan = format!("{point}:kill");
        child::start(&scene.call(), Some(&plan)).wait().unwrap();
        // The other goes on at once, and knows nothing of the first one's journal.
        child::install(&on_another(&scene, &other, 0), None).expect(ExitCode::Ok);
        assert_eq!(recover(&other).code, ExitCode::Ok);
        assert_eq!(recover(&scene.gestor).code, ExitCode::Ok);
        let expected = if committed { &scene.new } else { &scene.old };
        let found = state(&scene.gestor);
        assert_eq!(
            (&found.tree, &found.kept),
            (&expected.tree, &expected.kept),
            "killed at {point}"
        );
        assert_eq!(
            scene.gestor.database.count("gestor_plugins_operacoes", "1"),
            0,
            "{point}"
        );
        scene.install().expect(ExitCode::Ok);
        assert_eq!(state(&scene.gestor).tree, scene.new.tree);
    }
}

#[test]
fn two_plugins_are_installed_side_by_side() {
    let gestor = Gestor::new();
    let folder = tempfile::tempdir().unwrap();
    let calls = ["one", "two"].map(|slug| {
        let page = |n: u32| json!({"id": format!("{slug}-{n}"), "nome": "N", "language": "en", "html": "x", "caminho": format!("{slug}-{n}/")});
        let rows: Vec<Value> = (0..30).map(page).collect();
        let path = folder.path().join(slug);
        Package::new(slug, "1.0.0").data("Paginas", &json!(rows)).write(&path);
        child::call(&gestor, &path, slug, true)
    });
    // The first installation of each, then a second one, with the rows of the other held in an open transaction.
    for round in 0..2 {
        let first = start_paused(&calls[0], "rows");
        let mut second = child::start(&calls[1], None);
        let started = Instant::now();
        let mut ended = None;
        while ended.is_none() && started.elapsed() < Duration::from_secs(9) {
            ended = second.try_wait().unwrap();
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(
            ended.is_some(),
            "round {round}: the second waits for the first: {:?}",
            gestor.database.rows("SHOW FULL PROCESSLIST")
        );
        assert_eq!(go_on(first), Some(0));
        assert_eq!(second.wait().unwrap().code(), Some(0));
        assert_eq!(gestor.database.count("paginas", "plugin IN ('one', 'two')"), 60);
        assert_eq!(gestor.database.count("plugins", "status_execucao = 'ok'"), 2);
    }
}

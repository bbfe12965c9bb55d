//! It happened or it did not: operations are killed for real, and what is left is exactly the old or the new state.
//!
//! `GESTOR_PLUGINS_KILLS=1000` runs as many drawn kills for each kind of operation; without it a short run is done.

use std::time::Instant;

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use crate::support::child;
use crate::support::draw::Draw;
use crate::support::scene::{Kind, POINTS, SLUG, Scene, State, state};
use crate::support::told;

/// Not a test of its own: what a killed process runs.
#[test]
fn child_process() {
    child::obey();
}

#[test]
fn killed_at_every_point() {
    for kind in [Kind::First, Kind::Update, Kind::Reprocess] {
        let scene = Scene::new(kind);
        for (point, committed) in POINTS {
            scene.reset();
            let status = child::start(&scene.call(), Some(&format!("{point}:kill")))
                .wait()
                .unwrap();
            assert!(status.code().is_none(), "{kind:?} was not killed at {point}: {status}");
            let is_new = scene.settle(&format!("{kind:?} killed at {point}"));
            if kind != Kind::Reprocess {
                assert_eq!(is_new, committed, "{kind:?} killed at {point}");
            }
        }
    }
}

#[test]
fn killed_at_drawn_times() {
    let kills: u32 = told("GESTOR_PLUGINS_KILLS")
        .and_then(|text| text.parse().ok())
        .unwrap_or(12);
    let mut draw = Draw::of_process(0x2545_f491_4f6c_dd1d);
    for kind in [Kind::First, Kind::Update, Kind::Reprocess] {
        let scene = Scene::new(kind);
        scene.reset();
        let started = Instant::now();
        child::start(&scene.call(), None).wait().unwrap();
        let length = started.elapsed();
        let (mut old, mut new, mut ended) = (0, 0, 0);
        for round in 0..kills {
            scene.reset();
            let delay = length.mul_f64(draw.share() * 1.1);
            let mut child = child::start(&scene.call(), None);
            std::thread::sleep(delay);
            child.kill().unwrap();
            if child.wait().unwrap().success() {
                ended += 1;
            }
            if scene.settle(&format!("{kind:?} killed after {delay:?} (round {round})")) {
                new += 1;
            } else {
                old += 1;
            }
        }
        println!("{kind:?}: {kills} kills over 1.1 × {length:?}: old {old}, new {new} ({ended} had ended)");
    }
}

#[test]
fn every_step_that_fails_leaves_everything_as_it_was() {
    for kind in [Kind::First, Kind::Update] {
        let scene = Scene::new(kind);
        for (point, committed) in POINTS.into_iter().filter(|(_, committed)| !committed) {
            for action in ["error", "panic"] {
                scene.reset();
                let what = format!("{kind:?} {action} at {point}");
                let ended = child::install(&scene.call(), Some(format!("{point}:{action}")));
                assert_eq!(ended.code, ExitCode::Internal, "{what}");
                assert_eq!(state(&scene.gestor), scene.old, "{what}");
                assert!(!committed);
                let status = scene.gestor.database.value("SELECT status_execucao FROM plugins");
                let expected = (kind == Kind::Update).then_some("erro");
                assert_eq!(status.as_deref(), expected, "{what}");
                assert!(
                    scene.gestor.log().contains(&format!("fail point {point}")),
                    "{what}: the log tells why"
                );
                assert!(!scene.settle(&what), "{what}");
            }
        }
    }
}

#[test]
fn two_processes_at_once_are_one_after_the_other() {
    let rounds: u32 = told("GESTOR_PLUGINS_ROUNDS")
        .and_then(|text| text.parse().ok())
        .unwrap_or(6);
    let scene = Scene::new(Kind::Update);
    for round in 0..rounds {
        scene.reset();
        let mut hasty = child::call(&scene.gestor, &scene.archives[0], SLUG, true);
        hasty["espera_lock"] = json!(if round % 2 == 0 { 0 } else { 20 });
        let mut children = [child::start(&scene.call(), None), child::start(&hasty, None)];
        let codes = children.each_mut().map(|child| child.wait().unwrap().code().unwrap());
        assert!(
            codes.iter().all(|code| [0, 15].contains(code)) && codes.contains(&0),
            "round {round}: {codes:?}"
        );
        let found = state(&scene.gestor);
        let of_versions = |state: &State| (state.tree.clone(), state.rows.clone(), state.version.clone());
        // The rows' own version counter tells which of two equal contents came last.
        let mixed = of_versions(&found).0 != scene.old.tree && of_versions(&found).0 != scene.new.tree;
        assert!(!mixed, "round {round}: a mixture");
        let is_new = found.tree == scene.new.tree;
        let html = scene
            .gestor
            .database
            .value("SELECT html FROM paginas WHERE id = 'k-1'")
            .unwrap();
        assert_eq!(
            html,
            if is_new { "2.0.0 1" } else { "1.0.0 1" },
            "round {round}: tree and rows differ"
        );
        let version = scene
            .gestor
            .database
            .value("SELECT versao_instalada FROM plugins")
            .unwrap();
        assert_eq!(version, if is_new { "2.0.0" } else { "1.0.0" }, "round {round}");
    }
}

//! Killed at drawn moments, as often as the environment says.

use std::time::{Duration, Instant};

use super::site::{SLUG, Way};
use crate::kills::Scene;
use crate::support::child;
use crate::support::draw::Draw;
use crate::support::gestor::Gestor;
use crate::support::told;

/// What drawn kills met.
#[derive(Debug, Default)]
struct Met {
    old: u32,
    new: u32,
    /// ... with something of the schema left to be done.
    half: u32,
    ended: u32,
    /// While the operation held its locks.
    running: u32,
}

#[test]
fn killed_at_drawn_moments() {
    let kills: usize = told("GESTOR_PLUGINS_PASSAGE_KILLS")
        .and_then(|text| text.parse().ok())
        .unwrap_or(18);
    let seed = told("GESTOR_PLUGINS_PASSAGE_SEED").and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or(0x2545_f491_4f6c_dd1d_u64 ^ u64::from(std::process::id()));
    println!("GESTOR_PLUGINS_PASSAGE_SEED={seed}");
    let mut draw = Draw(seed);
    for (at, way) in Way::ALL.into_iter().enumerate() {
        let rounds = kills / Way::ALL.len() + usize::from(at < kills % Way::ALL.len());
        let scene = Scene::new(way);
        let started = Instant::now();
        let done = child::start(&super::site::told(&scene.gestor, way), None)
            .wait()
            .unwrap();
        assert!(done.success(), "{way:?}: {done}");
        let length = started.elapsed();
        let mut met = Met::default();
        for round in 0..rounds {
            scene.reset();
            let delay = length.mul_f64(draw.share() * 1.1);
            let what = format!("{way:?} killed after {delay:?} of {length:?} (seed {seed}, round {round})");
            kill_after(&scene, delay, &mut met);
            let half = scene
                .gestor
                .database
                .count("gestor_plugins_estado", "pendencias IS NOT NULL");
            met.half += u32::try_from(half).unwrap();
            if scene.settle(&what, round % 2 == 0) {
                met.new += 1;
            } else {
                met.old += 1;
                if round % 4 == 0 {
                    scene.try_again(&what);
                }
            }
        }
        println!("{way:?}: {rounds} kills over 1.1 × {length:?}: {met:?}");
    }
}

/// What a killed process had sent, the server still does.
fn wait_for_server(gestor: &Gestor) {
    let others = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()";
    for _ in 0..400 {
        if gestor.database.value(others).as_deref() == Some("0") {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("a connection of a killed process did not end");
}

fn kill_after(scene: &Scene, delay: Duration, met: &mut Met) {
    let mut child = child::start(&super::site::told(&scene.gestor, scene.way), None);
    std::thread::sleep(delay);
    child.kill().unwrap();
    if child.wait().unwrap().success() {
        met.ended += 1;
    }
    wait_for_server(&scene.gestor);
    let staging = scene.gestor.root().join("temp/plugins").join(SLUG);
    met.running += u32::from(staging.join("journal.json").exists());
}

//! An operation that is killed is counted exactly where it was done, and once, whoever finishes it.

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{ask, counts};
use crate::support::child;
use crate::support::scene::{Kind, POINTS, SLUG, Scene};

#[test]
fn what_is_killed_counts_where_it_was_done() {
    let scene = Scene::new(Kind::Update);
    let gestor = &scene.gestor;
    let done = || counts(gestor, SLUG).get("update_changed").copied().unwrap_or_default();
    for (point, committed) in POINTS {
        scene.reset();
        let before = done();
        let ended = child::start(&scene.call(), Some(&format!("{point}:kill")))
            .wait()
            .unwrap();
        assert!(ended.code().is_none(), "{point}: {ended}");
        // Its connection may still be there.
        ask(gestor, "recover", &json!({"slug": SLUG, "espera_lock": 20})).expect(ExitCode::Ok);
        assert_eq!(done() - before, u64::from(committed), "{point}");
        scene.install().expect(ExitCode::Ok);
        assert_eq!(done() - before, 1, "{point}: the second try");
    }
}

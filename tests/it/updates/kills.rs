//! Runs that are killed for real, at each point of an update and of what takes it back: the next run finds what is there, ends what
//! was begun, installs nothing twice, and brings nothing back that was taken back.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gestor_plugins::config::{Argument, Settings};
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::{Answer, OwnClock, World, stands, version_of};
use crate::program::shop;
use crate::support::gestor::Gestor;
use crate::support::operation::{Quiet, called, run_by};
use crate::support::package::Package;
use crate::support::{english, told};

const RUN: &str = "GESTOR_PLUGINS_TEST_RUN";

/// Where an update is killed, and whether it has committed there.
const POINTS: [(&str, bool); 9] = [
    ("update_claimed", false),
    ("journal", false),
    ("applied", false),
    ("rows", false),
    ("swapped", false),
    ("committed", true),
    ("closed", true),
    ("noted", true),
    ("update_applied", true),
];

/// Not a test of its own: the run that is killed.
#[test]
#[expect(clippy::exit, reason = "the process was made for this one run")]
fn child_process() {
    let Some(told) = told(RUN) else { return };
    let told: Value = serde_json::from_str(&told).unwrap();
    let text = |key: &str| told[key].as_str().map(str::to_owned);
    let settings = Settings {
        github_api: text("api"),
        github_web: text("web"),
        failpoint: text("point"),
        ..english()
    };
    let call = called("update_run", Argument::from(&told["call"]), &settings);
    let ended = run_by(OwnClock::at(&text("now").unwrap()), call, settings, &mut Quiet);
    std::process::exit(ended.code.number());
}

fn package(version: &str) -> Package {
    shop(version).file("v.txt", version)
}

/// A run in a process of its own, which dies at a point.
fn killed(world: &World, point: &str) {
    let plan = if point.contains(':') {
        point.to_owned()
    } else {
        format!("{point}:kill")
    };
    let gestor = &world.gestor;
    let told = json!({
        "api": world.github.url(""), "web": world.github.url("/web"), "point": plan,
        "now": gestor_plugins::base::clock::Clock::now(&world.clock).to_rfc3339(),
        "call": {"raiz": gestor.root(), "lang": "en", "endereco": world.pages.url, "gestor_versao": "2.9.43",
            "db": {"socket": gestor.database.socket(), "nome": gestor.database.name(), "usuario": "root"}},
    });
    let status = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "updates::kills::child_process",
            "--quiet",
            "--test-threads=1",
        ])
        .env(RUN, told.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.signal(), Some(9), "{point} was not reached: {status}");
}

/// An update that is due, of a site that dies with it where that is wanted.
fn due(dies: bool) -> (World, Arc<AtomicBool>) {
    let (gestor, is_dead) = (Gestor::new(), Arc::new(AtomicBool::new(dies)));
    let (root, dead) = (gestor.root().to_owned(), Arc::clone(&is_dead));
    let world = World::with(gestor, move |_| {
        let is_new = version_of(&root, "loja") == "1.1.0";
        Answer::Page(
            if is_new && dead.load(Ordering::Relaxed) {
                500
            } else {
                200
            },
            5_000,
        )
    });
    world.install_package(&package("1.0.0"), "loja", "1.0.0");
    world
        .policy("loja", &json!({"politica": "automatica"}))
        .expect(ExitCode::Ok);
    world.release(&package("1.1.0"), "loja", "1.1.0");
    world.run(&json!({"agora": true})).expect(ExitCode::Ok);
    stands(&world, "loja", "carencia", "carencia");
    world.clock.goes(73 * 60);
    (world, is_dead)
}

/// Files and rows are of the same version.
fn whole(world: &World, point: &str) -> String {
    let version = world.version("loja");
    let rows = world
        .gestor
        .database
        .value("SELECT nome FROM paginas WHERE plugin = 'loja'");
    assert_eq!(rows.as_deref(), Some(&*version), "{point}");
    world.call("verify", &json!({"slug": "loja"})).expect(ExitCode::Ok);
    version
}

fn updates(world: &World) -> String {
    let sql = "SELECT COUNT(*) FROM gestor_plugins_historico WHERE acao = 'atualizar' AND codigo = 0";
    world.gestor.database.value(sql).unwrap()
}

#[test]
fn an_update_that_was_killed_is_ended_by_the_next_runs_and_comes_once() {
    for (point, is_committed) in POINTS {
        let (world, _) = due(false);
        killed(&world, point);
        // Somebody may still be at it; a while later nobody is.
        world.run(&json!({})).expect(ExitCode::Ok);
        world.clock.goes(65);
        world.run(&json!({})).expect(ExitCode::Ok);
        let version = whole(&world, point);
        if is_committed {
            assert_eq!(version, "1.1.0", "{point}");
        }
        let state = world.state("loja").0;
        let expected = if version == "1.1.0" {
            ["observando", "em_dia"]
        } else {
            ["falhou", "agendada"]
        };
        assert!(expected.contains(&&*state), "{point}: {version} {state}");
        for _ in 0..6 {
            world.clock.goes(60);
            world.run(&json!({})).expect(ExitCode::Ok);
        }
        assert_eq!(whole(&world, point), "1.1.0", "{point}");
        stands(&world, "loja", "em_dia", "");
        assert_eq!(updates(&world), "1", "{point}");
    }
}

#[test]
fn what_takes_an_update_back_is_killed_and_it_stays_taken_back() {
    for point in [
        "update_unhealthy",
        "journal:kill:2",
        "swapped:kill:2",
        "committed:kill:2",
        "update_reverted",
    ] {
        let (world, _) = due(true);
        killed(&world, point);
        world.clock.goes(65);
        world.run(&json!({}));
        for _ in 0..6 {
            world.clock.goes(60);
            world.run(&json!({"agora": true}));
        }
        assert_eq!(whole(&world, point), "1.0.0", "{point}");
        assert_eq!(world.state("loja").0, "revertida", "{point}");
        assert_eq!(updates(&world), "1", "{point}: it did not come again");
    }
}

//! Killed for real while scripts run: nothing of them runs on, what is left stands there, and what ended is not repeated.

use std::process::Child;
use std::time::{Duration, Instant};

use gestor_plugins::outcome::ExitCode;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use super::{Quiet, Site, alive, package, php, says};
use crate::support::child;

const THREE: usize = 3;

fn three(text: &str) -> super::Package {
    package(
        "1.0.0",
        &[("s/a.php", &says("a")), ("s/b.php", text), ("s/c.php", &says("c"))],
    )
}

fn call(site: &Site, package: &super::Package) -> Value {
    site.call(&json!({"arquivo": site.written(package), "scripts": "executar", "php": php()}))
}

fn start(site: &Site, package: &super::Package, plan: Option<&str>) -> Child {
    child::start(&call(site, package), plan)
}

#[test]
fn killed_while_a_script_runs() {
    let site = Site::new();
    let text = "if (pcntl_fork() === 0) { posix_setsid(); if (pcntl_fork() === 0) pcntl_exec('/bin/sleep', ['711.5']); sleep(600); } pcntl_signal(SIGTERM, SIG_IGN); file_put_contents(getenv('GESTOR_ROOT') . '/logs/runs.txt', ''); sleep(600);";
    let mut child = start(&site, &three(text), None);
    let begun = Instant::now();
    while !site.gestor.root().join("logs/runs.txt").exists() {
        assert!(begun.elapsed() < Duration::from_mins(1));
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(200));
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGKILL).unwrap();
    child.wait().unwrap();
    let mark = site.installed().to_str().unwrap().to_owned();
    assert_eq!((alive("711.5"), alive(&mark)), (0, 0));
    assert_eq!(site.pending(), "s/b.php iniciado, s/c.php espera");
    // Whoever comes next finishes the operation, and says what is left.
    let ended = site
        .go("recover", &json!({}), Site::settings(), &mut Quiet)
        .expect(ExitCode::Ok);
    assert!(
        ended.report["avisos"].to_string().contains("s/b.php had been begun"),
        "{}",
        ended.report
    );
    assert_eq!((site.history().0.as_str(), site.said().as_str()), ("36", "a\n"));
    // It was begun, and did not end: it is run again, and that is said.
    let text = std::fs::read_to_string(site.installed().join("s/b.php")).unwrap();
    assert!(text.contains("711.5"));
    let slow = json!({"scripts_pendentes": true});
    let mut stops = super::ends_host();
    let ended = site
        .go("recover", &slow, Site::settings(), &mut stops)
        .expect(ExitCode::Script);
    assert!(
        ended.report["avisos"]
            .to_string()
            .contains("is run again, from its beginning"),
        "{}",
        ended.report
    );
    assert_eq!((alive("711.5"), alive(&mark)), (0, 0));
    assert_eq!(site.said(), "a\n");
}

/// At each point, at each of its passes.
#[test]
fn killed_at_each_point_of_the_scripts() {
    for (point, passes) in [
        ("script_begun", THREE),
        ("scripted", THREE),
        ("closed", 1),
        ("noted", 1),
    ] {
        for pass in 1..=passes {
            let site = Site::new();
            let what = format!("{point} {pass}");
            let ended = start(&site, &three(&says("b")), Some(&format!("{point}:kill:{pass}")))
                .wait()
                .unwrap();
            assert!(ended.code().is_none(), "{what}");
            let run = match point {
                "closed" => 0,
                "script_begun" => pass - 1,
                "scripted" => pass,
                _ => THREE,
            };
            assert_eq!(site.said().lines().count(), run, "{what}");
            site.go("recover", &json!({}), Site::settings(), &mut Quiet)
                .expect(ExitCode::Ok);
            assert_eq!(site.history().0, if run == THREE { "0" } else { "36" }, "{what}");
            assert_eq!(site.said().lines().count(), run, "{what}: recovery alone runs none");
            site.run_left().expect(ExitCode::Ok);
            assert_eq!(
                (site.said().as_str(), site.pending().as_str()),
                ("a\nb\nc\n", ""),
                "{what}"
            );
            assert_eq!(site.history().0, "0", "{what}");
            assert_eq!(site.gestor.leftovers(), Vec::<std::path::PathBuf>::new(), "{what}");
        }
    }
}

/// Of a set each plugin has what is left of its own.
#[test]
fn killed_between_the_scripts_of_a_batch() {
    for pass in 1..=4 {
        let site = Site::new();
        let one = |slug: &str| {
            let manifest =
                json!({"id": slug, "name": slug, "version": "1.0.0", "post_install_scripts": ["a.php", "b.php"]});
            let file = |word: &str| format!("<?php {}", says(&format!("{slug}{word}")));
            let package = super::Package::with_manifest(&manifest);
            let package = package.file("a.php", file("a")).file("b.php", file("b"));
            json!({"arquivo": site.written(&package)})
        };
        let packages = json!([one("q1"), one("q2")]);
        let mut call =
            site.call(&json!({"operacao": "batch", "pacotes": packages, "scripts": "executar", "php": php()}));
        call.as_object_mut().unwrap().remove("slug");
        let ended = child::start(&call, Some(&format!("scripted:kill:{pass}")))
            .wait()
            .unwrap();
        assert!(ended.code().is_none(), "{pass}");
        assert_eq!(site.said().lines().count(), pass, "{pass}");
        let mut call = site.call(&json!({"scripts_pendentes": true}));
        call.as_object_mut().unwrap().remove("slug");
        let settings = Site::settings();
        let called = super::called("recover", super::Argument::from(&call), &settings);
        super::run(called, settings, &mut Quiet).expect(ExitCode::Ok);
        assert_eq!(site.said(), "q1a\nq1b\nq2a\nq2b\n", "{pass}");
        let left = site
            .gestor
            .database
            .count("gestor_plugins_estado", "pendencias IS NOT NULL");
        let wrong = site
            .gestor
            .database
            .count("gestor_plugins_historico", "codigo IS NULL OR codigo <> 0");
        assert_eq!((left, wrong), (0, 0), "{pass}");
    }
}

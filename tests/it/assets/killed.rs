//! Killed at every point, and failed: what is served is exactly the old or exactly the new.

use std::collections::BTreeMap;
use std::fs;

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::{gestor, package, run};
use crate::support::child;
use crate::support::gestor::{Gestor, tree};
use crate::support::scene::{SLUG, recover};

/// Points, and whether the operation has committed there. `asset` is reached once for each file or folder.
const POINTS: [(&str, bool); 12] = [
    ("rows", false),
    ("assets", false),
    ("announced", false),
    ("asset:1", false),
    ("asset:2", false),
    ("asset:3", false),
    ("asset:4", false),
    ("swapped", false),
    ("committed", true),
    ("closed", true),
    ("noted", true),
    ("journal", false),
];

/// The operations, and what stands before them.
const WAYS: [(&str, &[&str]); 6] = [
    ("install", &[]),
    ("update", &["1.0.0"]),
    ("rollback", &["1.0.0", "2.0.0"]),
    ("uninstall", &["1.0.0", "2.0.0"]),
    ("disable", &["1.0.0"]),
    ("enable", &["1.0.0", "paused"]),
];

fn site(before: &[&str], has_assets: bool) -> Gestor {
    let gestor = gestor();
    if !has_assets {
        fs::remove_dir_all(gestor.root().join("assets")).unwrap();
    }
    for step in before {
        if *step == "paused" {
            run(&gestor, "disable", &json!({})).expect(ExitCode::Ok);
        } else {
            gestor.install(&package(SLUG, "m", step), &[]).expect(ExitCode::Ok);
        }
    }
    gestor
}

/// What is served, and what is recorded of it.
fn served(gestor: &Gestor) -> (bool, BTreeMap<String, String>, Option<String>) {
    let record = gestor.root().join("plugins/.instalado").join(format!("{SLUG}.assets"));
    let assets = gestor.root().join("assets");
    (assets.exists(), tree(&assets), fs::read_to_string(record).ok())
}

fn call(gestor: &Gestor, way: &str, archive: &std::path::Path) -> Value {
    match way {
        "install" | "update" => child::call(gestor, archive, SLUG, false),
        other => child::about(gestor, SLUG, &json!({"operacao": other})),
    }
}

fn point(name: &str, action: &str) -> String {
    match name.split_once(':') {
        Some((name, count)) => format!("{name}:{action}:{count}"),
        None => format!("{name}:{action}"),
    }
}

#[test]
fn every_kill_leaves_the_old_or_the_new() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("p.zip");
    package(SLUG, "m", "2.0.0").write(&archive);
    for (way, before) in WAYS {
        for has_assets in [true, false].into_iter().take(if before.is_empty() { 2 } else { 1 }) {
            let done = site(before, has_assets);
            assert!(
                child::start(&call(&done, way, &archive), None)
                    .wait()
                    .unwrap()
                    .success()
            );
            let new = served(&done);
            for (name, committed) in POINTS {
                let gestor = site(before, has_assets);
                let old = served(&gestor);
                let killed = child::start(&call(&gestor, way, &archive), Some(&point(name, "kill")));
                let status = { killed }.wait().unwrap();
                let is_killed = !status.success();
                assert!(is_killed || name.starts_with("asset"), "{way}: {name} was not reached");
                recover(&gestor).expect(ExitCode::Ok);
                let wanted = if committed || !is_killed { &new } else { &old };
                assert_eq!(&served(&gestor), wanted, "{way}, killed at {name}");
                assert!(gestor.leftovers().is_empty(), "{way}: {name}");
            }
        }
    }
}

#[test]
fn what_fails_after_the_renames_takes_them_back() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("p.zip");
    package(SLUG, "m", "2.0.0").write(&archive);
    for (way, before) in WAYS {
        for name in ["assets", "announced", "swapped"] {
            let gestor = site(before, !before.is_empty());
            let old = served(&gestor);
            let status = child::start(&call(&gestor, way, &archive), Some(&point(name, "error"))).wait();
            assert!(!status.unwrap().success());
            assert_eq!(served(&gestor), old, "{way}, failed at {name}");
        }
    }
}

#[test]
fn what_takes_a_name_while_an_operation_is_interrupted_stays() {
    for (name, version) in [("swapped", None), ("committed", Some("2.0.0"))] {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("p.zip");
        package(SLUG, "m", "2.0.0").write(&archive);
        let gestor = site(&["1.0.0"], true);
        let killed = child::start(&call(&gestor, "update", &archive), Some(&point(name, "kill")));
        assert!(!{ killed }.wait().unwrap().success());
        let path = gestor.root().join("assets/m/css.css");
        // Under a name of its own first: it would get the number of the file that it replaces.
        let beside = path.with_file_name("stranger");
        fs::write(&beside, "STRANGER").unwrap();
        fs::rename(&beside, &path).unwrap();
        recover(&gestor).expect(ExitCode::Ok);
        assert_eq!(fs::read_to_string(&path).unwrap(), "STRANGER");
        let list = fs::read_to_string(gestor.root().join("assets/m/list.js")).unwrap();
        assert!(list.contains(version.unwrap_or("1.0.0")), "{name}: {list}");
    }
}

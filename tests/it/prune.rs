//! What is kept, and goes: nothing that anything needs, nothing young, nothing of others; the oldest first.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use gestor_plugins::config::{Argument, Settings};
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;
use crate::support::scene::SLUG;

const VERSIONS: [&str; 5] = ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"];
const DAY: u64 = 86_400;

fn package(version: &str) -> Package {
    let variable = json!([{"language": "en", "modulo": "m", "id": "k-v", "valor": version, "tipo": "string"}]);
    Package::new(SLUG, version)
        .data("Variaveis", &variable)
        .file("modules/m/m.php", format!("<?php // {version}"))
}

/// A plugin that was updated four times, each time after somebody wrote to its folder; an hour and a day ago.
fn gestor() -> Gestor {
    let gestor = Gestor::new();
    for (number, version) in VERSIONS.iter().enumerate() {
        if number > 0 {
            fs::write(gestor.root().join("plugins").join(SLUG).join("own.txt"), version).unwrap();
        }
        gestor.install(&package(version), &[]).expect(ExitCode::Ok);
        // A day lies between them.
        age(&gestor, DAY);
    }
    gestor
}

/// Everything was so many seconds earlier.
fn age(gestor: &Gestor, seconds: u64) {
    gestor.database.run(&format!(
        "UPDATE gestor_plugins_historico SET inicio = inicio - INTERVAL {seconds} SECOND, fim = fim - INTERVAL {seconds} SECOND"
    ));
    for folder in ["backups/plugins", "plugins/_backups"] {
        for entry in walkdir::WalkDir::new(gestor.root().join(folder)).into_iter().flatten() {
            if entry.file_type().is_file() {
                let written = entry.metadata().unwrap().modified().unwrap() - Duration::from_secs(seconds);
                set_time(entry.path(), written);
            }
        }
    }
}

fn set_time(path: &Path, time: SystemTime) {
    File::options()
        .append(true)
        .open(path)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

fn prune(gestor: &Gestor, more: &Value) -> Ended {
    child::other("prune", &child::about(gestor, SLUG, more), None)
}

fn kept(gestor: &Gestor) -> BTreeSet<String> {
    let folder = gestor.root().join("backups/plugins").join(SLUG);
    names(&folder)
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder)
        .map(|found| found.flatten().collect::<Vec<_>>())
        .unwrap_or_default();
    entries
        .iter()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

fn zips(gestor: &Gestor) -> Vec<String> {
    kept(gestor)
        .into_iter()
        .filter(|name| name.strip_suffix(".zip").is_some())
        .collect()
}

fn pruned(ended: &Ended, kind: &str) -> Vec<String> {
    let all = ended.report["podados"].as_array().unwrap();
    let of_kind = all.iter().filter(|one| one["tipo"] == kind);
    of_kind.map(|one| one["nome"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_dry_run_says_what_goes_and_then_it_goes() {
    let gestor = gestor();
    let before = kept(&gestor);
    assert_eq!(zips(&gestor).len(), 5);
    let wish = json!({"guardar_versoes": 2, "guardar_backups": 1});
    let mut dry = wish.clone();
    dry["dry_run"] = json!(true);
    let told = prune(&gestor, &dry).expect(ExitCode::Ok);
    assert_eq!(kept(&gestor), before);
    assert_eq!(pruned(&told, "pacote"), ["1.0.0.zip", "1.1.0.zip", "1.2.0.zip"]);
    assert_eq!(pruned(&told, "backup").len(), 3, "{}", told.report);
    let bytes: u64 = told.report["podados"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["bytes"].as_u64().unwrap())
        .sum();
    assert!(bytes > 1000 && told.report["bytes"] == bytes, "{}", told.report);
    let done = prune(&gestor, &wish).expect(ExitCode::Ok);
    assert_eq!(done.report["podados"], told.report["podados"]);
    assert_eq!(zips(&gestor), ["1.3.0.zip", "1.4.0.zip"]);
    assert_eq!(kept(&gestor).len(), 4, "{:?}", kept(&gestor));
    assert_eq!(names(&gestor.root().join("plugins/_backups")).len(), 1);
    assert_eq!(prune(&gestor, &wish).expect(ExitCode::Ok).report["podados"], json!([]));
    child::other("verify", &child::about(&gestor, SLUG, &json!({})), None).expect(ExitCode::Ok);
    let back = |version: &str| {
        child::other(
            "rollback",
            &child::about(&gestor, SLUG, &json!({"version": version})),
            None,
        )
    };
    back("1.0.0").expect(ExitCode::Irreversible);
    back("1.3.0").expect(ExitCode::Ok);
}

#[test]
fn what_is_young_pinned_or_a_strangers_stays() {
    let gestor = gestor();
    let folder = gestor.root().join("backups/plugins").join(SLUG);
    fs::copy(folder.join("1.0.0.zip"), folder.join("9.9.9.zip")).unwrap();
    set_time(
        &folder.join("9.9.9.zip"),
        SystemTime::now() - Duration::from_secs(90 * DAY),
    );
    set_time(&folder.join("1.1.0.zip"), SystemTime::now() - Duration::from_mins(1));
    gestor
        .database
        .run("UPDATE gestor_plugins_estado SET fixadas = '[\"1.0.0\"]'");
    let wish = json!({"guardar_versoes": 2});
    prune(&gestor, &wish).expect(ExitCode::Ok);
    assert_eq!(
        zips(&gestor),
        ["1.0.0.zip", "1.1.0.zip", "1.3.0.zip", "1.4.0.zip", "9.9.9.zip"]
    );
    let mut all = wish.clone();
    all["alheios"] = json!(true);
    prune(&gestor, &all).expect(ExitCode::Ok);
    assert_eq!(zips(&gestor), ["1.0.0.zip", "1.1.0.zip", "1.3.0.zip", "1.4.0.zip"]);
    let fewer = Argument::from(&child::about(&gestor, SLUG, &json!({"guardar_versoes": 1})));
    let refused = gestor_plugins::config::PruneParameters::read(fewer, &crate::support::english()).unwrap_err();
    assert!(refused.to_string().contains("2 to 50"));
}

#[test]
fn what_is_left_to_do_keeps_everything() {
    let gestor = gestor();
    gestor
        .database
        .run("UPDATE gestor_plugins_estado SET pendencias = '[{\"x\": 1}]'");
    let told = prune(&gestor, &json!({"guardar_versoes": 2, "guardar_dias": 1})).expect(ExitCode::Ok);
    assert_eq!(told.report["podados"], json!([]));
}

#[test]
fn age_and_size_count_as_well() {
    let gestor = gestor();
    // More than four days, by a minute.
    age(&gestor, 60);
    prune(&gestor, &json!({"guardar_dias": 4})).expect(ExitCode::Ok);
    assert_eq!(zips(&gestor), ["1.2.0.zip", "1.3.0.zip", "1.4.0.zip"]);
    let least = prune(&gestor, &json!({"guardar_bytes": 1})).expect(ExitCode::Ok);
    assert_eq!(pruned(&least, "pacote"), ["1.2.0.zip"]);
    assert_eq!(zips(&gestor), ["1.3.0.zip", "1.4.0.zip"]);
}

#[test]
fn what_uninstalling_took_away_goes_after_its_days() {
    let gestor = gestor();
    let run = |operation: &str| child::other(operation, &child::about(&gestor, SLUG, &json!({})), None);
    run("uninstall").expect(ExitCode::Ok);
    let archive = |gestor: &Gestor| {
        kept(gestor)
            .into_iter()
            .filter(|name| name.starts_with("removido-"))
            .count()
    };
    age(&gestor, 29 * DAY);
    prune(&gestor, &json!({})).expect(ExitCode::Ok);
    assert_eq!(archive(&gestor), 1);
    age(&gestor, 2 * DAY);
    let told = prune(&gestor, &json!({})).expect(ExitCode::Ok);
    assert_eq!((pruned(&told, "arquivo").len(), archive(&gestor)), (1, 0));
    run("restore").expect(ExitCode::Irreversible);
}

#[test]
fn a_paused_plugin_comes_back_after_a_year() {
    let gestor = gestor();
    let run = |operation: &str| child::other(operation, &child::about(&gestor, SLUG, &json!({})), None);
    run("disable").expect(ExitCode::Ok);
    age(&gestor, 365 * DAY);
    let told = prune(&gestor, &json!({"guardar_versoes": 2})).expect(ExitCode::Ok);
    assert!(pruned(&told, "arquivo").is_empty(), "{}", told.report);
    run("enable").expect(ExitCode::Ok);
}

#[test]
fn the_history_keeps_points_and_what_was_here() {
    let gestor = gestor();
    let count = |gestor: &Gestor| gestor.database.count("gestor_plugins_historico", "1 = 1");
    let before = count(&gestor);
    for _ in 0..3 {
        let faulty = Package::new(SLUG, "0.1.0");
        gestor.install(&faulty, &[]);
    }
    assert_eq!(count(&gestor), before + 3);
    age(&gestor, 800 * DAY);
    let told = prune(&gestor, &json!({"guardar_versoes": 50})).expect(ExitCode::Ok);
    assert_eq!(pruned(&told, "historico"), ["3"]);
    assert_eq!(count(&gestor), before);
}

/// Prunes by itself, two packages stay; no package may hold keys, but passwords it may.
fn automatic() -> Settings {
    Settings::resolve(
        &|key| match key {
            "poda" => Some("auto".to_owned()),
            "guardar_versoes" => Some("2".to_owned()),
            "blacklist" => Some("*.key".to_owned()),
            "lang" => Some("en".to_owned()),
            _ => None,
        },
        &[],
    )
}

fn run_with(settings: Settings, operation: &str, call: Argument) -> Ended {
    let call = called(operation, call, &settings);
    run(call, settings, &mut Quiet)
}

#[test]
fn where_the_site_says_so_it_goes_by_itself() {
    let gestor = Gestor::new();
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("p.zip");
    for version in VERSIONS {
        package(version).file("modules/m/.htpasswd", "x").write(&archive);
        run_with(automatic(), "install", gestor.call(&archive, SLUG, &[])).expect(ExitCode::Ok);
        age(&gestor, DAY);
    }
    assert_eq!(zips(&gestor), ["1.3.0.zip", "1.4.0.zip"]);
}

#[test]
fn it_goes_by_itself_after_each_operation_of_each_plugin() {
    let needing = json!({"id": "needing", "name": "needing", "version": "1.0.0", "dependencies": {SLUG: "*"}});
    for (operation, more) in [
        ("disable", json!({})),
        ("uninstall", json!({})),
        ("disable", json!({"cascata": true})),
        ("uninstall", json!({"cascata": true})),
        ("uninstall", json!({"cascata": true, "modo": "expurgar"})),
    ] {
        let gestor = gestor();
        if more["cascata"] == true {
            let other = Package::with_manifest(&needing);
            gestor.install_as(&other, "needing", &[]).expect(ExitCode::Ok);
        }
        assert_eq!(zips(&gestor).len(), 5);
        let call = Argument::from(&child::about(&gestor, SLUG, &more));
        run_with(automatic(), operation, call).expect(ExitCode::Ok);
        let left: Vec<String> = zips(&gestor)
            .into_iter()
            .filter(|name| name.starts_with("1."))
            .collect();
        assert_eq!(left, ["1.3.0.zip", "1.4.0.zip"], "{operation} {more}");
    }
}

#[test]
fn a_plugin_that_nobody_knows_is_told() {
    let gestor = gestor();
    let files = || names(&gestor.root().join("temp/plugins"));
    let before = files();
    let ended = prune(&gestor, &json!({"slug": "nobody"})).expect(ExitCode::NotInstalled);
    assert!(ended.report["erros"].to_string().contains("nobody"), "{}", ended.report);
    assert_eq!(files(), before);
}

#[test]
fn a_kill_leaves_less_to_do() {
    let gestor = gestor();
    let mut call = child::about(&gestor, SLUG, &json!({"guardar_versoes": 2, "guardar_backups": 0}));
    call["operacao"] = json!("prune");
    let status = child::start(&call, Some("pruned:kill:2")).wait().unwrap();
    assert!(!status.success());
    prune(&gestor, &json!({"guardar_versoes": 2, "guardar_backups": 0})).expect(ExitCode::Ok);
    assert_eq!(zips(&gestor), ["1.3.0.zip", "1.4.0.zip"]);
}

#[test]
fn a_name_is_read_as_other_operations_read_it() {
    let gestor = gestor();
    let wish = |name: &str| json!({"slug": name, "guardar_versoes": 2, "dry_run": true});
    let plain = prune(&gestor, &wish(SLUG)).expect(ExitCode::Ok);
    let shouted = SLUG.to_uppercase();
    for name in [format!("{SLUG} "), format!(" {SLUG}"), shouted] {
        let ended = prune(&gestor, &wish(&name)).expect(ExitCode::Ok);
        assert_eq!(ended.report["podados"], plain.report["podados"], "{name}");
        assert_eq!(ended.report["slug"], SLUG);
    }
    let before = names(&gestor.root().join("temp/plugins"));
    for name in ["bases.json", &format!("{SLUG}/"), "*", ".."] {
        let ended = prune(&gestor, &wish(name));
        assert_ne!(ended.code, ExitCode::Ok, "{name}");
        let other = child::about(&gestor, SLUG, &json!({"slug": name}));
        assert_eq!(ended.code, child::other("uninstall", &other, None).code, "{name}");
    }
    assert!(names(&gestor.root().join("temp/plugins")).is_superset(&before));
    // The name that the admin page gave it.
    gestor.database.run("UPDATE plugins SET id = 'renamed'");
    let ended = prune(&gestor, &wish("renamed")).expect(ExitCode::Ok);
    assert_eq!(ended.report["podados"], plain.report["podados"]);
    assert!(
        ended.report["avisos"].to_string().contains("renamed"),
        "{}",
        ended.report
    );
}

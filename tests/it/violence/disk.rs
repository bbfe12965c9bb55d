//! Disks: full at every step, read-only, and `temp/` on another file system.

use std::collections::BTreeSet;

use gestor_plugins::outcome::ExitCode;

use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::mount::Mount;
use crate::support::scene::{Kind, POINTS, Scene, state};

/// Installs with less and less space in a folder of the gestor, until it fails with the first byte.
fn fill(folder: &str, kind: Kind) {
    let gestor = Gestor::new();
    let path = gestor.root().join(folder);
    std::fs::create_dir_all(&path).unwrap();
    let mount = Mount::memory(&path, "4m");
    if folder.is_empty() {
        gestor.put_folders();
    }
    let scene = Scene::on(kind, gestor);
    let (mut failed, mut places, mut worked) = (0, BTreeSet::new(), 0);
    for pages in [
        0, 1, 2, 3, 4, 6, 8, 10, 14, 20, 26, 32, 36, 38, 40, 42, 44, 46, 48, 52, 56, 64, 80,
    ] {
        scene.reset();
        mount.fill_but(pages * 4096);
        let ended = scene.install();
        mount.empty();
        let what = format!("{kind:?}, {pages} pages left in {folder:?}");
        if ended.code == ExitCode::Ok {
            worked += 1;
            assert_eq!(state(&scene.gestor), scene.new, "{what}");
            continue;
        }
        failed += 1;
        assert_eq!(ended.code, ExitCode::Move, "{what}: {}", ended.report["erros"]);
        let told = ended.report["erros"][0].as_str().unwrap_or_default().to_owned();
        assert!(told.contains("space"), "{what}: {told}");
        places.insert(place_of(&told));
        assert_eq!(state(&scene.gestor), scene.old, "{what}");
        assert_eq!(scene.gestor.leftovers(), Vec::<std::path::PathBuf>::new(), "{what}");
        let status = scene.gestor.database.value("SELECT status_execucao FROM plugins");
        assert!(matches!(status.as_deref(), None | Some("erro")), "{what}: {status:?}");
        assert!(!scene.settle(&what), "{what}");
    }
    drop(mount);
    println!("{kind:?}, {folder:?}: full {failed} times, at {places:?}; enough {worked} times");
    assert!(failed >= 1 && worked >= 1, "{failed} failed, {worked} worked");
}

/// The name that the message tells, without what differs from run to run.
fn place_of(told: &str) -> String {
    let words: Vec<&str> = told.split_whitespace().filter(|word| word.contains('/')).collect();
    let path = words.first().copied().unwrap_or(told).trim_end_matches(':');
    let names: Vec<&str> = path.rsplit('/').take(2).collect();
    names.into_iter().rev().collect::<Vec<_>>().join("/")
}

#[test]
fn a_full_disk_changes_nothing() {
    fill("", Kind::First);
    fill("", Kind::Update);
}

#[test]
fn a_full_temp_changes_nothing() {
    fill("temp", Kind::First);
    fill("temp", Kind::Update);
}

#[test]
fn a_full_folder_of_kept_packages_changes_nothing() {
    fill("backups", Kind::First);
    fill("backups", Kind::Update);
}

#[test]
fn a_full_folder_of_plugins_changes_nothing() {
    fill("plugins", Kind::First);
    fill("plugins", Kind::Update);
}

#[test]
fn a_read_only_folder_changes_nothing() {
    for kind in [Kind::First, Kind::Update] {
        for folder in ["plugins", "temp", "backups"] {
            let scene = Scene::new(kind);
            scene.reset();
            let mount = Mount::read_only(&scene.gestor.root().join(folder));
            let ended = scene.install();
            let told = ended.report["erros"].to_string();
            let what = format!("{kind:?}, {folder} read-only");
            assert_eq!(ended.code, ExitCode::Move, "{what}: {told}");
            assert!(told.contains("mount it writable"), "{what}: {told}");
            drop(mount);
            assert_eq!(state(&scene.gestor), scene.old, "{what}");
            assert!(!scene.settle(&what), "{what}");
        }
    }
}

#[test]
fn killed_with_temp_on_another_file_system() {
    for kind in [Kind::First, Kind::Update] {
        let gestor = Gestor::new();
        let mount = Mount::memory(&gestor.root().join("temp"), "4m");
        let scene = Scene::on(kind, gestor);
        for (point, committed) in POINTS {
            scene.reset();
            let plan = format!("{point}:kill");
            let status = child::start(&scene.call(), Some(&plan)).wait().unwrap();
            assert!(status.code().is_none(), "{kind:?} was not killed at {point}: {status}");
            let what = format!("{kind:?} far from its plugins, killed at {point}");
            assert_eq!(scene.settle(&what), committed, "{what}");
        }
        drop(mount);
    }
}

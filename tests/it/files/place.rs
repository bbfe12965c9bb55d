//! The place of an installed folder: mounts, links, a missing `plugins/`, and what cannot be removed.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown, symlink};
use std::path::Path;

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;

use super::{dry_run, installed, package};
use crate::support::gestor::{Gestor, tree};
use crate::support::mount::Mount;
use crate::support::operation::Ended;

fn refused(gestor: &Gestor, naming: &str) {
    let before = tree(&gestor.root().join("plugins"));
    for more in [&[dry_run()][..], &[]] {
        let ended = gestor.install(&package("9.0.0"), more).expect(ExitCode::Move);
        let text = ended.report["erros"][0].as_str().unwrap().to_owned();
        assert!(text.contains(naming), "{text}");
        assert_eq!(tree(&gestor.root().join("plugins")), before);
    }
}

fn version(gestor: &Gestor) -> String {
    fs::read_to_string(gestor.root().join("plugins/p/modules/m/m.php")).unwrap()
}

#[test]
fn no_mount_is_emptied_wherever_it_stands() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("photo.jpg"), "precious").unwrap();
    let gestor = installed();
    let folder = gestor.root().join("plugins/p");
    fs::create_dir(folder.join("uploads")).unwrap();
    fs::write(folder.join("settings.php"), "mine").unwrap();
    let points = [
        ("uploads", outside.path().to_owned()),
        ("settings.php", outside.path().join("photo.jpg")),
        ("", folder.clone()),
    ];
    for (point, from) in points {
        let mounted = Mount::bind(&from, &folder.join(point));
        refused(&gestor, format!("plugins/p/{point}").trim_end_matches('/'));
        drop(mounted);
    }
    assert_eq!(fs::read(outside.path().join("photo.jpg")).unwrap(), b"precious");
    gestor.install(&package("1.1.0"), &[]).expect(ExitCode::Ok);
    assert_eq!(version(&gestor), "<?php // 1.1.0");
}

#[test]
fn a_leftover_with_a_mount_is_moved_away_told_and_removed_later() {
    let gestor = installed();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("photo.jpg"), "precious").unwrap();
    for staging in ["temp/plugins/p", "plugins/.staging/p"] {
        let point = gestor.root().join(staging).join("tree/uploads");
        fs::create_dir_all(&point).unwrap();
        let mounted = Mount::bind(outside.path(), &point);
        let told = |ended: &Ended| ended.report["avisos"].to_string().contains(".leftover-p-1");
        let next = |version: &str| {
            gestor
                .install(&package(version), &[("forcar", Argument::Bool(true))])
                .expect(ExitCode::Ok)
        };
        assert!(told(&next("1.1.0")));
        assert!(told(&next("1.2.0")));
        assert_eq!(version(&gestor), "<?php // 1.2.0");
        assert_eq!(fs::read(outside.path().join("photo.jpg")).unwrap(), b"precious");
        drop(mounted);
        let moved = gestor.root().join(staging).with_file_name(".leftover-p-1");
        let _ = std::process::Command::new("umount")
            .arg(moved.join("tree/uploads"))
            .status();
        assert!(!told(&next("1.3.0")) && !moved.exists());
    }
    assert_eq!(fs::read(outside.path().join("photo.jpg")).unwrap(), b"precious");
}

#[test]
fn what_stands_in_the_plugins_place_and_is_no_folder_is_refused() {
    let gestor = installed();
    let folder = gestor.root().join("plugins/p");
    let elsewhere = gestor.root().join("elsewhere");
    fs::rename(&folder, &elsewhere).unwrap();
    symlink(&elsewhere, &folder).unwrap();
    refused(&gestor, "plugins/p is a link");
    fs::remove_file(&folder).unwrap();
    fs::write(&folder, "x").unwrap();
    refused(&gestor, "plugins/p is a file");
    assert!(elsewhere.join("manifest.json").exists());
}

#[test]
fn the_folder_of_plugins_may_be_a_link() {
    let gestor = Gestor::new();
    let shared = tempfile::tempdir().unwrap();
    fs::remove_dir(gestor.root().join("plugins")).unwrap();
    symlink(shared.path(), gestor.root().join("plugins")).unwrap();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    fs::write(shared.path().join("p/own.txt"), "x").unwrap();
    gestor.install(&package("1.1.0"), &[]).expect(ExitCode::Ok);
    assert_eq!(version(&gestor), "<?php // 1.1.0");
    assert!(shared.path().join("_backups").is_dir());
    let point = gestor.root().join("plugins/p/modules");
    let _mounted = Mount::memory(&point, "1m");
    refused(&gestor, shared.path().join("p/modules").to_str().unwrap());
}

#[test]
fn a_missing_folder_of_plugins_is_made_for_the_owner_of_the_gestor() {
    let gestor = Gestor::new();
    chown(gestor.root(), Some(33), Some(33)).expect("run as root: this test gives folders away");
    let plugins = gestor.root().join("plugins");
    fs::remove_dir(&plugins).unwrap();
    let ended = gestor.install(&package("1.0.0"), &[dry_run()]).expect(ExitCode::Ok);
    assert_eq!(ended.report["arquivos"]["novos"], 3);
    assert!(!plugins.exists());
    let broken = package("1.0.0").file("db/data/PaginasData.json", "no JSON");
    gestor.install(&broken, &[]).expect(ExitCode::Validate);
    assert!(!plugins.exists());
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    for path in [plugins.clone(), plugins.join("p")] {
        assert_eq!(fs::metadata(path).unwrap().uid(), 33);
    }
    assert!(gestor.log().contains("[PLUGIN:p]"));
    fs::remove_dir_all(&plugins).unwrap();
    fs::remove_file(gestor.root().join("config.php")).unwrap();
    let ended = gestor.install(&package("1.0.0"), &[]).expect(ExitCode::ParamsOrFile);
    assert!(ended.report["erros"][0].as_str().unwrap().contains("is no gestor"));
    assert!(!plugins.exists() && Path::new(gestor.root()).exists());
}

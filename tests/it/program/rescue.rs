//! The gestor itself does not start: its config.php is broken, PHP is gone, a plugin ends every page. The program alone brings
//! it back.

use std::fs;
use std::path::Path;
use std::process::Command;

use gestor_plugins::outcome::ExitCode;
use serde_json::json;
use tempfile::TempDir;

use super::{Said, Site, shop};

/// A gestor that cannot start, with version 1.1.0 of a plugin.
fn dead() -> Site {
    let site = Site::new();
    site.install(&shop("1.0.0"), "1.zip").expect(ExitCode::Ok);
    site.install(&shop("1.1.0"), "2.zip").expect(ExitCode::Ok);
    site.put("config.php", "<?php $_GESTOR['versao'] = '2.9.43'; this is broken");
    site.put("bibliotecas/plugins-installer.php", "<?php broken too");
    site
}

/// No PHP is found at all.
fn run(site: &Site, words: &[&str]) -> Said {
    Said::of(&site.command(words).env("PATH", "/nowhere").output().unwrap())
}

#[test]
fn a_broken_tree_is_named_and_put_back() {
    let site = dead();
    let file = "plugins/loja/modules/loja/loja.php";
    let before = site.gestor.tree("loja");
    site.put(file, "<?php fatal");
    fs::remove_file(site.gestor.root().join("plugins/loja/README.txt")).unwrap();
    let told = run(&site, &["verify"]).expect(ExitCode::Drift);
    assert!(
        told.out.contains("arquivos.alterados: modules/loja/loja.php"),
        "{}",
        told.out
    );
    assert!(told.out.contains("arquivos.faltando: README.txt"), "{}", told.out);
    run(&site, &["verify", "loja", "--reparar"]).expect(ExitCode::Ok);
    assert_eq!(site.gestor.tree("loja"), before);
    fs::remove_dir_all(site.gestor.root().join("plugins/loja")).unwrap();
    run(&site, &["verify", "--json"]).expect(ExitCode::Drift);
    let (package, remembered) = (packed(), tempfile::tempdir().unwrap());
    by_package(&package, remembered.path(), &site, &["repair"]).expect(ExitCode::Ok);
    assert_eq!(site.gestor.tree("loja"), before);
}

#[test]
fn a_plugin_that_ends_every_page_is_taken_back_or_paused() {
    let site = dead();
    let told = run(&site, &["rollback", "loja", "--json"]).expect(ExitCode::Ok);
    assert_eq!(told.json()["versao"], json!("1.0.0"));
    assert!(
        fs::read_to_string(site.gestor.root().join("plugins/loja/modules/loja/loja.php"))
            .unwrap()
            .contains("1.0.0")
    );
    run(&site, &["disable", "loja"]).expect(ExitCode::Ok);
    assert!(site.gestor.tree("loja").is_empty());
    run(&site, &["enable", "loja"]).expect(ExitCode::Ok);
    run(&site, &["uninstall", "loja"]).expect(ExitCode::Ok);
}

/// A package's folder with the program in it, as bin/package lays it out.
fn packed() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    super::copy(&project.join("php/gestor"), &folder.path().join("php/gestor"));
    super::copy(&project.join("bin/lib"), &folder.path().join("bin/lib"));
    fs::copy(project.join("bin/install"), folder.path().join("bin/install")).unwrap();
    fs::copy(super::PROGRAM, folder.path().join("bin/gestor-plugins")).unwrap();
    fs::create_dir(folder.path().join("lib")).unwrap();
    fs::write(folder.path().join("VERSION"), env!("CARGO_PKG_VERSION")).unwrap();
    for name in ["libgestor_plugins.so", "gestor_plugins.so"] {
        fs::write(folder.path().join("lib").join(name), "a library").unwrap();
    }
    folder
}

/// Calls the program of a package, without PHP.
fn by_package(package: &TempDir, remembered: &Path, site: &Site, words: &[&str]) -> Said {
    by_package_where("sim", (package, remembered), site, words)
}

/// The same, with a setting of whether a run puts back what a core update took away.
fn by_package_where(repairs: &str, (package, remembered): (&TempDir, &Path), site: &Site, words: &[&str]) -> Said {
    let mut command = Command::new(package.path().join("bin/gestor-plugins"));
    command
        .env_clear()
        .env("GESTOR_PLUGINS_LANG", "en")
        .env("PATH", "/nowhere");
    command.env("GESTOR_PLUGINS_RECORDS", remembered);
    command.env("GESTOR_PLUGINS_REPARAR_APOS_ATUALIZACAO", repairs);
    command.args(words).arg("--gestor").arg(site.gestor.root());
    Said::of(&command.output().unwrap())
}

/// A run of updates does that too, where a core update put old files in the place of ours: nowhere else, and only if it may.
#[test]
fn a_run_of_updates_puts_the_installers_files_back() {
    let site = dead();
    let (package, remembered) = (packed(), tempfile::tempdir().unwrap());
    let run = |more: &[&str]| {
        let words = [&["agendar", "--json"], more].concat();
        by_package(&package, remembered.path(), &site, &words)
            .expect(ExitCode::Ok)
            .json()
    };
    // Whoever never had them is not given them.
    assert!(run(&[]).get("instalador").is_none());
    by_package(&package, remembered.path(), &site, &["repair"]).expect(ExitCode::Ok);
    assert!(run(&[]).get("instalador").is_none());
    let name = "controladores/plugins/atualizacao-plugin.php";
    let ours = fs::read(site.gestor.root().join(name)).unwrap();
    site.put(name, "<?php // the gestor's own\n");
    assert!(run(&["--so-verificar"]).get("instalador").is_none());
    let left = by_package_where("nao", (&package, remembered.path()), &site, &["agendar", "--json"]);
    assert!(left.expect(ExitCode::Ok).json().get("instalador").is_none());
    assert_ne!(fs::read(site.gestor.root().join(name)).unwrap(), ours);
    let told = run(&[]);
    let written = told["instalador"].as_array().unwrap();
    assert!(written.contains(&json!(format!("written {name}"))), "{told:#}");
    assert_eq!(fs::read(site.gestor.root().join(name)).unwrap(), ours);
}

/// After a core update, without PHP: the installer's own files come back, the gestor's stay beside them.
#[test]
fn what_a_core_update_took_away_is_put_back() {
    let site = dead();
    let package = packed();
    let remembered = tempfile::tempdir().unwrap();
    site.put(
        "controladores/plugins/atualizacao-plugin.php",
        "<?php // the gestor's own\n",
    );
    fs::remove_dir_all(site.gestor.root().join("plugins/loja")).unwrap();
    let repair = |more: &[&str]| by_package(&package, remembered.path(), &site, &[&["repair"], more].concat());
    let told = repair(&[]).expect(ExitCode::Ok);
    assert!(
        told.out.contains("written bibliotecas/plugins-installer.php"),
        "{}",
        told.out
    );
    assert!(
        told.out.contains("kept bibliotecas/plugins-installer.php.orig"),
        "{}",
        told.out
    );
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("php/gestor");
    for name in [
        "bibliotecas/plugins-installer.php",
        "controladores/plugins/atualizacao-plugin.php",
        "bibliotecas/plugins-native/program.php",
    ] {
        assert_eq!(
            fs::read(site.gestor.root().join(name)).unwrap(),
            fs::read(project.join(name)).unwrap(),
            "{name}"
        );
    }
    assert!(!site.gestor.tree("loja").is_empty());
    let again = repair(&["--json"]).expect(ExitCode::Ok).json();
    assert_eq!(again["instalador"], json!([]), "{again:#}");
    // Without the files beside it the trees are put back all the same, and that is told.
    fs::remove_dir_all(package.path().join("php")).unwrap();
    let told = repair(&[]).expect(ExitCode::Ok);
    assert!(
        told.out
            .contains("warning: the installer's PHP files were not looked at"),
        "{}",
        told.out
    );
}

/// It is no success where they are missed in the gestor, and not beside the program.
#[test]
fn what_cannot_be_put_back_is_no_success() {
    let site = dead();
    let package = packed();
    let remembered = tempfile::tempdir().unwrap();
    let repair = |more: &[&str]| by_package(&package, remembered.path(), &site, &[&["repair"], more].concat());
    repair(&[]).expect(ExitCode::Ok);
    fs::remove_dir_all(package.path().join("php")).unwrap();
    for name in [
        "bibliotecas/plugins-installer.php",
        "bibliotecas/plugins-native/program.php",
    ] {
        let ours = fs::read_to_string(site.gestor.root().join(name)).unwrap();
        if name.ends_with("program.php") {
            fs::remove_file(site.gestor.root().join(name)).unwrap();
        } else {
            site.put(name, "<?php // the gestor's own\n");
        }
        fs::remove_dir_all(site.gestor.root().join("plugins/loja")).unwrap();
        let told = repair(&["--json"]).expect(ExitCode::Move).json();
        assert!(
            told["erros"][0].as_str().unwrap().contains("could not be put back"),
            "{told:#}"
        );
        assert_eq!(told["codigo"], json!(ExitCode::Move.number()));
        assert!(!site.gestor.tree("loja").is_empty(), "the trees are, all the same");
        site.put(name, &ours);
    }
    repair(&[]).expect(ExitCode::Ok);
}

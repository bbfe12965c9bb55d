//! When scripts run, and when they do not.

use serde_json::json;

use super::{Quiet, SLUG, Site, package, package_of, says, told};
use gestor_plugins::config::{Scripts, Settings};
use gestor_plugins::outcome::ExitCode;

#[test]
fn they_run_in_their_order_on_installing_and_updating() {
    let site = Site::new();
    let scripts = [("s/b.php", says("b")), ("s/a.php", says("a"))];
    let scripts: Vec<_> = scripts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let ended = site.install(&package("1.0.0", &scripts)).expect(ExitCode::Ok);
    assert_eq!(
        (told(&ended.report).as_str(), site.said().as_str()),
        ("s/b.php 0, s/a.php 0", "b\na\n")
    );
    assert!(ended.report["duracao_ms"]["scripts"].is_u64());
    assert_eq!(site.pending(), "");
    site.install(&package("1.1.0", &scripts)).expect(ExitCode::Ok);
    assert_eq!(site.said(), "b\na\nb\na\n");
    // Twice the same name is twice the same script.
    let twice = package_of("1.2.0", &json!(["s/a.php", "./s/a.php"]), &[("s/a.php", &says("x"))]);
    site.install(&twice).expect(ExitCode::Ok);
    assert_eq!(site.said(), "b\na\nb\na\nx\nx\n");
}

/// Nobody said that they may: they are named, and the code is 0.
#[test]
fn they_are_named_where_nobody_allows_them() {
    let site = Site::new();
    let package = package("1.0.0", &[("s/b.php", &says("b")), ("s/a.php", &says("a"))]);
    let file = site.written(&package);
    let ended = site.go("install", &json!({"arquivo": file}), Site::settings(), &mut Quiet);
    let ended = ended.expect(ExitCode::Ok);
    let warnings = ended.report["avisos"].to_string();
    assert!(warnings.contains("were not run: s/b.php, s/a.php."), "{warnings}");
    assert_eq!((site.said(), site.pending(), told(&ended.report)), Default::default());
    // Also where the machine allows them, and the call does not.
    let machine = Settings {
        scripts: Scripts::Run,
        ..Site::settings()
    };
    let call = json!({"arquivo": file, "scripts": "avisar", "reprocessar": true});
    site.go("install", &call, machine.clone(), &mut Quiet)
        .expect(ExitCode::Ok);
    // The installed package again: only where the call itself says so.
    let call = json!({"arquivo": file, "reprocessar": true});
    let ended = site
        .go("install", &call, machine.clone(), &mut Quiet)
        .expect(ExitCode::Ok);
    assert!(ended.report["avisos"].to_string().contains("were not run"));
    assert_eq!(site.said(), "");
    let call = json!({"arquivo": file, "reprocessar": true, "scripts": "executar"});
    site.go("install", &call, Site::settings(), &mut Quiet)
        .expect(ExitCode::Ok);
    assert_eq!(site.said(), "b\na\n");
    // Unchanged: nothing is done at all.
    let call = json!({"arquivo": file, "scripts": "executar"});
    let ended = site
        .go("install", &call, Site::settings(), &mut Quiet)
        .expect(ExitCode::Ok);
    assert_eq!(
        (ended.report["inalterado"].as_bool(), site.said().as_str()),
        (Some(true), "b\na\n")
    );
    // An update, allowed by the machine alone.
    let file = site.written(&super::package("1.1.0", &[("s/c.php", &says("c"))]));
    site.go("install", &json!({"arquivo": file}), machine, &mut Quiet)
        .expect(ExitCode::Ok);
    assert_eq!(site.said(), "b\na\nc\n");
}

#[test]
fn what_goes_back_or_comes_back_runs_none() {
    let site = Site::new();
    for version in ["1.0.0", "1.1.0"] {
        site.install(&package(version, &[("s/a.php", &says(version))]))
            .expect(ExitCode::Ok);
    }
    let machine = || Settings {
        scripts: Scripts::Run,
        ..Site::settings()
    };
    let said = site.said();
    for (word, more) in [
        ("rollback", json!({})),
        ("disable", json!({})),
        ("enable", json!({})),
        ("verify", json!({"reparar": true, "estrito": true})),
        ("uninstall", json!({})),
        ("restore", json!({})),
    ] {
        let ended = site.go(word, &more, machine(), &mut Quiet);
        assert_eq!(ended.code, ExitCode::Ok, "{word}: {}", ended.report);
        assert_eq!((site.said(), site.pending()), (said.clone(), String::new()), "{word}");
    }
}

#[test]
fn a_part_of_a_package_runs_none() {
    for part in ["only_migrations", "only_resources"] {
        let site = Site::new();
        let ended = site.install_with(
            &package("1.0.0", &[("s/a.php", &says("a"))]),
            &json!({part: true}),
            &mut Quiet,
        );
        let ended = ended.expect(ExitCode::Ok);
        assert!(ended.report["avisos"].to_string().contains("were not run"), "{part}");
        assert_eq!(site.said(), "", "{part}");
    }
}

#[test]
fn a_dry_run_names_those_that_would_run_and_a_diff_all() {
    let site = Site::new();
    let file = site.written(&package("1.0.0", &[("s/a.php", &says("a"))]));
    let call = json!({"arquivo": file, "dry_run": true, "scripts": "executar"});
    let ended = site
        .go("install", &call, Site::settings(), &mut Quiet)
        .expect(ExitCode::Ok);
    assert_eq!(told(&ended.report), "s/a.php null");
    let ended = site
        .go("diff", &json!({"arquivo": file}), Site::settings(), &mut Quiet)
        .expect(ExitCode::Ok);
    assert_eq!(told(&ended.report), "");
    assert_eq!(ended.report["diferencas"]["scripts"], json!(["s/a.php"]));
    assert_eq!(site.said(), "");
}

#[test]
fn a_script_that_is_no_file_of_the_plugin_is_refused() {
    let site = Site::new();
    for path in [
        "../a.php",
        "s/../../a.php",
        "/etc/a.php",
        "s/none.php",
        "s",
        "s/",
        "db/x.php",
        "S/a.php",
        "manifest.json",
    ] {
        let package = package_of(
            "1.0.0",
            &json!([path]),
            &[("s/a.php", &says("a")), ("db/x.php", &says("x"))],
        );
        let ended = site.install(&package);
        assert_eq!(ended.code, ExitCode::Validate, "{path}: {}", ended.report);
        let fault = ended.report["erros"][0].as_str().unwrap();
        assert!(
            fault.contains("manifest.json: line ") && fault.contains("post_installation_scripts"),
            "{fault}"
        );
        assert!(!site.installed().exists() && site.said().is_empty(), "{path}");
    }
}

/// Names that mean something to a shell, to PHP's options or to people.
#[test]
fn odd_names_are_names() {
    let site = Site::new();
    let names = [
        "-r.php",
        "a b'c\"d$e;f.php",
        "--.php",
        "s/é ü.PHP",
        "%s&x=1.php",
        "s/$(touch x).php",
    ];
    let scripts: Vec<(&str, String)> = names.iter().map(|name| (*name, says("x"))).collect();
    let scripts: Vec<(&str, &str)> = scripts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let ended = site.install(&package("1.0.0", &scripts)).expect(ExitCode::Ok);
    assert_eq!(site.said().lines().count(), names.len(), "{}", ended.report);
    assert!(!site.installed().join("x").exists());
}

#[test]
fn without_a_php_that_can_run_them_nothing_is_begun() {
    let site = Site::new();
    let package = package("1.0.0", &[("s/a.php", &says("a"))]);
    let folder = site.folder.path().to_str().unwrap().to_owned();
    let fpm = format!("{folder}/fpm");
    std::fs::write(&fpm, "#!/bin/sh\necho fpm-fcgi").unwrap();
    std::process::Command::new("chmod")
        .args(["755", &fpm])
        .status()
        .unwrap();
    for php in [folder.as_str(), "/nowhere/php", "php", "/etc/passwd", &fpm] {
        for dry_run in [false, true] {
            let ended = site.install_with(&package, &json!({"php": php, "dry_run": dry_run}), &mut Quiet);
            assert_eq!(ended.code, ExitCode::ParamsOrFile, "{php}: {}", ended.report);
            assert!(
                ended.report["erros"][0].as_str().unwrap().contains(php),
                "{}",
                ended.report
            );
            assert!(!site.installed().exists(), "{php}");
        }
    }
    assert_eq!(site.gestor.database.count("plugins", "versao_instalada IS NOT NULL"), 0);
    // Who runs none needs none.
    let call = json!({"arquivo": site.written(&package), "php": "/nowhere/php"});
    site.go("install", &call, Site::settings(), &mut Quiet)
        .expect(ExitCode::Ok);
}

/// Another operation finds the plugin busy while its scripts run, and waits for nobody for ever.
#[test]
fn a_script_that_asks_for_its_own_plugin_is_told_that_it_is_busy() {
    let site = Site::new();
    let library = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/scripts/nested.php");
    let nested = std::fs::read_to_string(library).unwrap();
    let nested = nested.strip_prefix("<?php").unwrap();
    let ended = site
        .install(&package("1.0.0", &[("s/a.php", nested)]))
        .expect(ExitCode::Ok);
    let text = super::output(&ended.report, 0);
    assert!(text.contains("held"), "{text}");
}

#[test]
fn all_of_them_are_updated_with_their_scripts() {
    let site = Site::new();
    let file = site.folder.path().join("updated.zip");
    package("1.0.0", &[("s/a.php", &says("1"))]).write(&file);
    let call = json!({"origem_tipo": "arquivo", "arquivo": file, "referencia": file});
    site.go("install", &call, Site::settings(), &mut Quiet)
        .expect(ExitCode::Ok);
    package("1.1.0", &[("s/a.php", &says("2"))]).write(&file);
    let mut call = site.call(&json!({"scripts": "executar"}));
    call.as_object_mut().unwrap().remove("slug");
    let settings = Site::settings();
    let call = super::called("update_all", super::Argument::from(&call), &settings);
    let ended = super::run(call, settings, &mut Quiet).expect(ExitCode::Ok);
    assert_eq!(ended.report["plugins"][0]["slug"], SLUG);
    assert_eq!(site.said(), "2\n");
}

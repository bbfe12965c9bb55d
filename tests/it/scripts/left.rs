//! What is left of scripts: run later, or struck out.

use std::fs;

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{Quiet, Site, package, says, told};

/// A script that fails as long as a file is not there.
fn fails_without(name: &str) -> String {
    format!(
        "if (!file_exists(getenv('GESTOR_ROOT') . '/{name}')) exit(9); {}",
        says("mended")
    )
}

fn failing(version: &str) -> super::Package {
    package(
        version,
        &[
            ("s/a.php", &says("a")),
            ("s/b.php", &fails_without("mend.txt")),
            ("s/c.php", &says("c")),
        ],
    )
}

#[test]
fn what_is_left_is_run_once_the_cause_is_mended() {
    let site = Site::new();
    site.install(&failing("1.0.0")).expect(ExitCode::Script);
    // Looked at, it is not whole; installed once more it is unchanged, and what is left is named.
    site.go("verify", &json!({}), Site::settings(), &mut Quiet)
        .expect(ExitCode::Drift);
    let unchanged = site.install(&failing("1.0.0")).expect(ExitCode::Ok);
    let warnings = unchanged.report["avisos"].to_string();
    assert!(warnings.contains("are left to be run: s/b.php, s/c.php"), "{warnings}");
    // Recovery by itself runs none, and says nothing against them.
    site.go("recover", &json!({}), Site::settings(), &mut Quiet)
        .expect(ExitCode::Ok);
    assert_eq!(site.said(), "a\n");
    let again = site.run_left().expect(ExitCode::Script);
    assert_eq!(told(&again.report["plugins"][0]), "s/b.php 9");
    assert_eq!(again.report["plugins"][0]["pendencias"][0]["passo"], "executar_scripts");
    assert_eq!(
        (site.pending().as_str(), site.history().0.as_str()),
        ("s/b.php falhou, s/c.php espera", "36")
    );
    fs::write(site.gestor.root().join("mend.txt"), "").unwrap();
    let done = site.run_left().expect(ExitCode::Ok);
    assert_eq!(told(&done.report["plugins"][0]), "s/b.php 0, s/c.php 0");
    assert_eq!((site.said().as_str(), site.pending().as_str()), ("a\nmended\nc\n", ""));
    assert_eq!(site.history().0, "0");
    site.go("verify", &json!({}), Site::settings(), &mut Quiet)
        .expect(ExitCode::Ok);
    // Nothing is left: nothing is run, and no PHP is asked for.
    let none = json!({"scripts_pendentes": true, "php": "/nowhere"});
    site.go("recover", &none, Site::settings(), &mut Quiet)
        .expect(ExitCode::Ok);
    assert_eq!(site.said(), "a\nmended\nc\n");
}

#[test]
fn all_plugins_are_looked_at_where_none_is_named() {
    let site = Site::new();
    site.install(&failing("1.0.0")).expect(ExitCode::Script);
    fs::write(site.gestor.root().join("mend.txt"), "").unwrap();
    let mut call = site.call(&json!({"scripts_pendentes": true}));
    call.as_object_mut().unwrap().remove("slug");
    let settings = Site::settings();
    let call = super::called("recover", super::Argument::from(&call), &settings);
    let ended = super::run(call, settings, &mut Quiet).expect(ExitCode::Ok);
    assert_eq!(ended.report["plugins"][0]["slug"], "p1", "{}", ended.report);
    assert_eq!(site.pending(), "");
}

#[test]
fn what_is_left_is_not_run_from_another_tree() {
    let site = Site::new();
    site.install(&failing("1.0.0")).expect(ExitCode::Script);
    fs::write(site.installed().join("s/b.php"), "<?php echo 'other';").unwrap();
    let ended = site.run_left().expect(ExitCode::Script);
    assert!(
        ended.report["erros"].to_string().contains("somebody has changed it"),
        "{}",
        ended.report
    );
    assert_eq!(site.said(), "a\n");
}

/// Without a PHP nothing is begun, and all stays left.
#[test]
fn what_is_left_needs_a_php() {
    let site = Site::new();
    site.install(&failing("1.0.0")).expect(ExitCode::Script);
    let call = json!({"scripts_pendentes": true, "php": "/nowhere"});
    site.go("recover", &call, Site::settings(), &mut Quiet)
        .expect(ExitCode::ParamsOrFile);
    assert_eq!(site.pending(), "s/b.php falhou, s/c.php espera");
}

#[test]
fn another_package_strikes_out_what_was_left() {
    for (more, pending) in [
        (json!({"scripts": "executar"}), "s/b.php falhou, s/c.php espera"),
        (json!({"scripts": "avisar"}), ""),
    ] {
        let site = Site::new();
        site.install(&failing("1.0.0")).expect(ExitCode::Script);
        let before = site
            .gestor
            .database
            .value("SELECT JSON_VALUE(pendencias, '$[0].operacao') FROM gestor_plugins_estado");
        let ended = site.install_with(&failing("1.1.0"), &more, &mut Quiet);
        assert_eq!(ended.code == ExitCode::Ok, pending.is_empty(), "{}", ended.report);
        assert!(
            ended.report["avisos"]
                .to_string()
                .contains("are not run any more: s/b.php, s/c.php"),
            "{}",
            ended.report
        );
        assert_eq!(site.pending(), pending, "{more}");
        let after = site
            .gestor
            .database
            .value("SELECT JSON_VALUE(pendencias, '$[0].operacao') FROM gestor_plugins_estado");
        assert_ne!(before, after);
        let back = site
            .go("rollback", &json!({}), Site::settings(), &mut Quiet)
            .expect(ExitCode::Ok);
        let told = back.report["avisos"].to_string();
        assert_eq!(
            told.matches("are not run any more").count(),
            usize::from(!pending.is_empty()),
            "{told}"
        );
        assert_eq!(site.pending(), "", "{more}");
    }
}

#[test]
fn the_same_package_again_begins_anew_or_leaves_them() {
    let site = Site::new();
    let file = site.written(&failing("1.0.0"));
    let call = json!({"arquivo": file, "scripts": "executar"});
    site.go("install", &call, Site::settings(), &mut Quiet)
        .expect(ExitCode::Script);
    let call = json!({"arquivo": file, "reprocessar": true});
    site.go("install", &call, Site::settings(), &mut Quiet)
        .expect(ExitCode::Ok);
    assert_eq!(site.pending(), "s/b.php falhou, s/c.php espera");
    let call = json!({"arquivo": file, "reprocessar": true, "scripts": "executar"});
    site.go("install", &call, Site::settings(), &mut Quiet)
        .expect(ExitCode::Script);
    assert_eq!(
        (site.said().as_str(), site.pending().as_str()),
        ("a\na\n", "s/b.php falhou, s/c.php espera")
    );
}

#[test]
fn pausing_keeps_what_is_left_and_uninstalling_does_not() {
    let site = Site::new();
    site.install(&failing("1.0.0")).expect(ExitCode::Script);
    site.go("disable", &json!({}), Site::settings(), &mut Quiet)
        .expect(ExitCode::Ok);
    // Its tree is away: nothing of it can be run.
    let ended = site.run_left().expect(ExitCode::Ok);
    assert!(
        ended.report["avisos"].to_string().contains("the plugin is paused"),
        "{}",
        ended.report
    );
    site.go("enable", &json!({}), Site::settings(), &mut Quiet)
        .expect(ExitCode::Ok);
    assert_eq!(site.pending(), "s/b.php falhou, s/c.php espera");
    let list = site
        .go("list", &json!({}), Site::settings(), &mut Quiet)
        .expect(ExitCode::Ok);
    assert_eq!(
        list.report["plugins"][0]["pendencias"][0]["scripts"][0]["script"], "s/b.php",
        "{}",
        list.report
    );
    site.go("uninstall", &json!({}), Site::settings(), &mut Quiet)
        .expect(ExitCode::Ok);
    assert_eq!(site.pending(), "");
    site.go("restore", &json!({}), Site::settings(), &mut Quiet)
        .expect(ExitCode::Ok);
    assert_eq!((site.pending().as_str(), site.said().as_str()), ("", "a\n"));
}

#[test]
fn what_looks_and_recovers_says_that_scripts_are_left() {
    let site = Site::new();
    site.install(&failing("1.0.0")).expect(ExitCode::Script);
    for (word, code) in [("verify", ExitCode::Drift), ("recover", ExitCode::Ok)] {
        let ended = site.go(word, &json!({}), Site::settings(), &mut Quiet);
        let told = ended.expect(code).report["avisos"].to_string();
        assert!(
            told.contains("left to be run: s/b.php, s/c.php") && !told.contains("schema"),
            "{word}: {told}"
        );
    }
    let gone = site
        .go("uninstall", &json!({}), Site::settings(), &mut Quiet)
        .expect(ExitCode::Ok);
    let told = gone.report["avisos"].to_string();
    assert!(told.contains("are not run any more: s/b.php, s/c.php"), "{told}");
}

#[test]
fn a_script_that_removes_what_is_recorded_is_found_out() {
    let site = Site::new();
    let database = &site.gestor.database;
    let removes = format!(
        "$db = new mysqli(null, 'root', '', '{}', 0, '{}'); $db->query('DELETE FROM gestor_plugins_estado');",
        database.name(),
        database.socket().display()
    );
    let ended = site.install(&super::package(
        "1.0.0",
        &[("s/a.php", &removes), ("s/b.php", &super::says("b"))],
    ));
    let told = ended.expect(ExitCode::Script).report["erros"].to_string();
    assert!(
        told.contains("has no row in `gestor_plugins_estado` any more"),
        "{told}"
    );
}

//! Neighbours who only share: root keeps the code, the web server has `temp`, `logs` and `backups`.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use serde_json::{Value, json};

use super::users::{mode, snapshot};
use crate::support::person::{ROOT, SITE, Site};
use crate::violence::neighbours::{installed, version};

/// Root keeps the code, the web server has what it must write to.
fn hardened(has_plugins: bool) -> Site {
    let site = Site::new(false);
    ROOT.own(site.root());
    for name in ["temp", "logs", "backups"] {
        site.plant(name, None, SITE, 0o755);
    }
    if has_plugins {
        site.plant("plugins", None, ROOT, 0o755);
    }
    site
}

fn without_slug(site: &Site) -> Value {
    let mut call = site.other("recover", &json!({}));
    call.as_object_mut().unwrap().remove("slug");
    call
}

fn the_web_server_is_told_before_root_installs(site: &Site, what: &str) {
    // Nobody knows the plugin yet; it must not be in root's way.
    assert_eq!(
        SITE.run(0o022, &site.other("mark", &json!({"status": "ok"})), None),
        Some(10),
        "{what}"
    );
    assert_eq!(
        SITE.run(0o022, &site.other("recover", &json!({})), None),
        Some(0),
        "{what}: {}",
        site.gestor.log()
    );
    let expected = Some(12);
    assert_eq!(
        SITE.run(0o022, &site.call(0), None),
        expected,
        "{what}: {}",
        site.gestor.log()
    );
    let log = site.gestor.log();
    assert!(log.contains("/plugins") && log.contains("as root: "), "{what}: {log}");
}

fn both_do_what_they_can(site: &Site, what: &str) {
    let data = site.plant("data", None, ROOT, 0o755);
    site.plant("data/PaginasData.json", Some("[]"), ROOT, 0o644);
    for (operation, more) in [
        ("mark", json!({"status": "ok"})),
        ("recover", json!({})),
        ("sync", json!({"pasta": data})),
    ] {
        for person in [SITE, ROOT, SITE] {
            let code = person.run(0o022, &site.other(operation, &more), None);
            assert_eq!(code, Some(0), "{what} {operation} {person:?}: {}", site.gestor.log());
        }
    }
    assert_eq!(
        SITE.run(0o022, &without_slug(site), None),
        Some(0),
        "{what}: {}",
        site.gestor.log()
    );
    let mut dry = site.call(1);
    dry["dry_run"] = json!(true);
    assert_eq!(SITE.run(0o022, &dry, None), Some(0), "{what}: {}", site.gestor.log());
    assert_eq!(ROOT.run(0o022, &dry, None), Some(0), "{what}: {}", site.gestor.log());
}

#[test]
fn root_and_the_web_server_share_a_site_whose_code_is_roots() {
    for has_plugins in [true, false] {
        for first in [ROOT, SITE] {
            let site = hardened(has_plugins);
            let what = format!("plugins/ stands: {has_plugins}, {first:?} first");
            if first == SITE {
                the_web_server_is_told_before_root_installs(&site, &what);
            }
            assert_eq!(
                ROOT.run(0o077, &site.call(0), None),
                Some(0),
                "{what}: {}",
                site.gestor.log()
            );
            both_do_what_they_can(&site, &what);
            let plugins = fs::metadata(site.root().join("plugins")).unwrap();
            assert_eq!(plugins.uid() == 0, has_plugins, "{what}");
            let code = SITE.run(0o022, &site.call(1), None);
            if has_plugins {
                assert_eq!(code, Some(12), "{what}");
                let log = site.gestor.log();
                assert!(
                    log.contains("do this as root") && log.contains("chown -hR www-data:www-data"),
                    "{log}"
                );
                assert_eq!(version(site.root()), "1.0.0", "{what}");
                // What becomes code never was the web server's.
                for entry in walkdir::WalkDir::new(site.root().join("plugins")) {
                    assert_eq!(entry.unwrap().metadata().unwrap().uid(), 0, "{what}");
                }
            } else {
                assert_eq!(code, Some(0), "{what}: {}", site.gestor.log());
            }
            assert_eq!(
                ROOT.run(0o022, &site.call(1), None),
                Some(0),
                "{what}: {}",
                site.gestor.log()
            );
            assert_eq!(version(site.root()), "2.0.0", "{what}");
            for shared in [
                "temp/plugins",
                "temp/plugins/killed.lock",
                "logs/plugins/installer.log",
                "backups/plugins/killed",
            ] {
                assert_eq!(
                    fs::metadata(site.root().join(shared)).unwrap().uid(),
                    SITE.uid,
                    "{what} {shared}"
                );
            }
        }
    }
}

#[test]
fn a_journal_of_the_web_server_moves_nothing_of_roots() {
    let site = hardened(true);
    assert_eq!(ROOT.run(0o022, &site.call(0), None), Some(0));
    site.plant("temp/plugins/killed", None, SITE, 0o700);
    site.plant("temp/plugins/killed/journal.json", Some("{}"), SITE, 0o600);
    assert_eq!(ROOT.run(0o022, &site.call(1), None), Some(12));
    assert_eq!(version(site.root()), "1.0.0");
}

#[test]
fn an_empty_folder_of_a_killed_root_is_in_nobodys_way() {
    for (name, content) in [
        ("temp/plugins/killed", None),
        ("temp/plugins/killed.lock", Some("")),
        ("temp/plugins", None),
        ("logs/plugins", None),
        ("backups/plugins", None),
        ("backups/plugins/killed", None),
        ("plugins/_backups", None),
        ("plugins/.staging", None),
    ] {
        let site = installed();
        let path = site.root().join(name);
        let _ = fs::remove_dir_all(&path);
        let _ = fs::remove_file(&path);
        site.plant(name, content, ROOT, if content.is_some() { 0o600 } else { 0o700 });
        let code = SITE.run(0o022, &site.call(1), None);
        assert_eq!(code, Some(0), "{name}: {}", site.gestor.log());
    }
}

#[test]
fn no_umask_is_in_the_way() {
    for umask in [0o777, 0o277, 0o177] {
        let site = Site::new(false);
        for version in [0, 1] {
            let code = SITE.run(umask, &site.call(version), None);
            assert_eq!(code, Some(0), "{umask:o}: {}", site.gestor.log());
        }
        for (name, expected) in [
            ("temp/plugins", 0o750),
            ("plugins/killed", 0o755),
            ("plugins/killed/modules/m", 0o755),
            ("logs/plugins", 0o755),
        ] {
            assert_eq!(mode(&site.root().join(name)), expected, "{umask:o} {name}");
        }
    }
}

#[test]
fn asking_for_a_plugin_that_nobody_knows_makes_nothing() {
    let site = installed();
    let mut call = site.other("recover", &json!({}));
    call["slug"] = json!("unknown");
    let before = snapshot(&site.root().join("temp"));
    assert_eq!(SITE.run(0o022, &call, None), Some(0));
    call["slug"] = json!("");
    assert_eq!(SITE.run(0o022, &call, None), Some(10), "no plugin is not all of them");
    let names = |found: &std::collections::BTreeMap<String, String>| found.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&snapshot(&site.root().join("temp"))), names(&before));
}

#[test]
fn backups_that_are_roots_are_told_with_what_to_do() {
    let site = installed();
    site.plant("plugins/_backups", None, ROOT, 0o750);
    site.plant("plugins/_backups/killed-1.zip", Some("x"), ROOT, 0o640);
    assert_eq!(SITE.run(0o022, &site.other("recover", &json!({})), None), Some(12));
    let log = site.gestor.log();
    assert!(
        log.contains("chown -hR www-data:www-data") && log.contains("_backups"),
        "{log}"
    );
}

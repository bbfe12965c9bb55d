//! Neighbours who are quick: they put something else in the place of what an operation has just made, looked at or
//! verified. What was verified is what is installed, or nothing is. And neighbours who only share: root keeps the code,
//! the web server has `temp`, `logs` and `backups`.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, lchown, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gestor_plugins::config::{Argument, Reach, Settings};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::{Value, json};

use super::paused::{go_on, start_paused};
use super::users::{flip, mode, snapshot};
use crate::support::child;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;
use crate::support::person::{Person, ROOT, SITE, STRANGER, Site};

/// A site of the web server with version 1.0.0.
fn installed() -> Site {
    let site = Site::new(false);
    assert_eq!(SITE.run(0o022, &site.call(0), None), Some(0), "{}", site.gestor.log());
    site
}

/// The installed version, by the manifest.
fn version(root: &Path) -> String {
    let manifest = fs::read_to_string(root.join("plugins/killed/manifest.json")).unwrap_or_default();
    let manifest: Value = serde_json::from_str(&manifest).unwrap_or_default();
    manifest["version"]
        .as_str()
        .or(manifest["versao"].as_str())
        .unwrap_or_default()
        .to_owned()
}

/// The same file in a place where everybody may write.
fn evil(site: &Site) -> PathBuf {
    let path = site.root().join("evil.zip");
    Package::new("killed", "6.6.6")
        .file("modules/m/evil.php", "<?php // EVIL")
        .write(&path);
    path
}

fn holds(folder: &Path, word: &str) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    files
        .filter(|entry| entry.file_type().is_file())
        .filter(|entry| String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).contains(word))
        .map(walkdir::DirEntry::into_path)
        .collect()
}

#[test]
fn what_was_verified_is_what_is_installed_and_kept() {
    for is_link in [false, true] {
        let site = installed();
        let (evil, staged) = (evil(&site), site.root().join("temp/plugins/killed/package.zip"));
        let paused = start_paused(&site.call(1), "obtained");
        fs::remove_file(&staged).unwrap();
        if is_link {
            symlink(&evil, &staged).unwrap();
        } else {
            fs::copy(&evil, &staged).unwrap();
        }
        lchown(&staged, Some(SITE.uid), Some(SITE.gid)).unwrap();
        assert_eq!(go_on(paused), Some(0), "{}", site.gestor.log());
        assert_eq!(version(site.root()), "2.0.0");
        let kept = site.root().join("backups/plugins/killed/2.0.0.zip");
        assert!(fs::symlink_metadata(&kept).unwrap().is_file());
        assert_eq!(fs::read(&kept).unwrap(), fs::read(&site.archives[1]).unwrap());
        assert_eq!(holds(&site.root().join("plugins"), "EVIL"), Vec::<PathBuf>::new());
    }
}

/// Somebody who may rename in `temp/`: all that he puts there is his own.
#[test]
fn a_tree_that_is_not_the_one_that_was_built_is_not_brought() {
    for point in ["rows", "announced"] {
        for first in [false, true] {
            let site = if first { Site::new(false) } else { installed() };
            let paused = start_paused(&site.call(1), point);
            let temp = site.root().join("temp");
            fs::rename(temp.join("plugins"), temp.join("genuine")).unwrap();
            site.plant(
                "temp/plugins/killed/tree/modules/m/evil.php",
                Some("<?php // EVIL"),
                STRANGER,
                0o644,
            );
            site.plant(
                "temp/plugins/killed/tree/manifest.json",
                Some("{\"id\": \"killed\", \"version\": \"6.6.6\"}"),
                STRANGER,
                0o644,
            );
            assert_eq!(go_on(paused), Some(12), "{point} {first}: {}", site.gestor.log());
            assert_eq!(
                version(site.root()),
                if first { "" } else { "1.0.0" },
                "{point} {first}"
            );
            assert_eq!(
                holds(&site.root().join("plugins"), "EVIL"),
                Vec::<PathBuf>::new(),
                "{point} {first}"
            );
            let _ = fs::remove_dir_all(temp.join("plugins"));
            fs::rename(temp.join("genuine"), temp.join("plugins")).unwrap();
            assert_eq!(ROOT.run(0o022, &site.call(1), None), Some(0), "{}", site.gestor.log());
            assert_eq!(version(site.root()), "2.0.0");
        }
    }
}

#[test]
fn a_backup_that_another_took_the_name_of_is_none() {
    for (name, told, is_edited) in [
        ("plugins/_backups/.killed.partial.zip", "partial.zip", true),
        ("backups/plugins/killed/.partial.zip", "partial.zip", false),
        // The kept package is the backup of a tree that holds nothing else.
        ("backups/plugins/killed/1.0.0.zip", "1.0.0.zip", false),
    ] {
        let site = installed();
        if is_edited {
            fs::write(site.root().join("plugins/killed/own.txt"), "x").unwrap();
        }
        let paused = start_paused(&site.call(1), "announced");
        let path = site.root().join(name);
        fs::remove_file(&path).unwrap();
        fs::write(&path, "no archive").unwrap();
        assert_eq!(go_on(paused), Some(12), "{name}: {}", site.gestor.log());
        assert!(site.gestor.log().contains(told), "{name}");
        assert_eq!(version(site.root()), "1.0.0");
    }
}

#[test]
fn a_folder_in_which_everybody_may_rename_is_refused() {
    for folder in ["", "temp", "logs", "backups", "plugins"] {
        for person in [ROOT, SITE] {
            let site = installed();
            let path: PathBuf = site.root().join(folder).components().collect();
            let set = |mode: u32| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            set(0o777);
            let before = mode(&path);
            assert_eq!(person.run(0o022, &site.call(1), None), Some(12), "{folder} {person:?}");
            let told = errors(&child::install(&site.call(1), None));
            assert!(told.contains(&format!("chmod o-w '{}'", path.display())), "{told}");
            assert!(!told.contains("chown"), "{told}");
            assert_eq!((version(site.root()), mode(&path)), ("1.0.0".to_owned(), before));
            // Where everybody may rename only what is his own, nobody renames ours.
            set(0o1777);
            assert_eq!(
                person.run(0o022, &site.call(1), None),
                Some(0),
                "{folder} {person:?}: {}",
                site.gestor.log()
            );
        }
        let site = installed();
        let path = site.root().join(folder);
        if ["temp", "logs", "backups"].contains(&folder) {
            chown(&path, Some(STRANGER.uid), Some(STRANGER.gid)).unwrap();
            let told = errors(&child::install(&site.call(1), None));
            assert!(told.contains("chown -h www-data:www-data"), "{folder}: {told}");
            assert_eq!(version(site.root()), "1.0.0");
        }
    }
}

fn errors(ended: &Ended) -> String {
    format!("{} {}", ended.code.number(), ended.report["erros"])
}

/// An advice is followed by root: it must not reach anything else, and must help.
#[test]
fn no_advice_gives_away_what_a_link_leads_to() {
    let site = installed();
    let (work, outside) = (site.root().join("temp/plugins"), tempfile::tempdir().unwrap());
    fs::remove_dir_all(&work).unwrap();
    symlink(outside.path(), &work).unwrap();
    lchown(&work, Some(SITE.uid), Some(SITE.gid)).unwrap();
    let told = errors(&child::install(&site.call(1), None));
    assert!(
        told.starts_with("12 ") && told.contains("is a link") && !told.contains("chown"),
        "{told}"
    );
    fs::remove_file(&work).unwrap();
    for (plant, advice) in [
        (
            site.plant("temp/plugins", None, STRANGER, 0o755),
            "chown -h www-data:www-data '",
        ),
        (site.plant("temp/plugins", None, SITE, 0o750), ""),
    ] {
        chown(
            &plant,
            Some(if advice.is_empty() { SITE.uid } else { STRANGER.uid }),
            None,
        )
        .unwrap();
        let told = errors(&child::install(&site.call(1), None));
        assert!(told.contains(advice), "{told}");
        assert!(
            !told.contains("chown www-data") && !told.contains("chmod g-w,o-w"),
            "{told}"
        );
    }
}

#[test]
fn a_dry_run_of_root_unpacks_into_the_folder_that_it_made() {
    let outside = tempfile::tempdir().unwrap();
    let before = snapshot(outside.path());
    let site = installed();
    let dry = site.root().join("temp/plugins/.killed.dry");
    let mut call = site.call(1);
    call["dry_run"] = json!(true);
    // A link from the moment at which the package is there.
    let paused = start_paused(&call, "dry_inspected");
    fs::rename(&dry, dry.with_file_name("moved")).unwrap();
    symlink(outside.path(), &dry).unwrap();
    let code = go_on(paused);
    assert_eq!(snapshot(outside.path()), before, "{code:?}");
    assert!(dry.with_file_name("moved").join("db/migrations").exists(), "{code:?}");
    fs::remove_file(&dry).unwrap();
    // And all the time.
    let link = dry.with_file_name(".killed.dry.link");
    symlink(outside.path(), &link).unwrap();
    lchown(&link, Some(SITE.uid), Some(SITE.gid)).unwrap();
    let mut helper = flip(&dry);
    let codes: Vec<_> = (0..8).map(|_| ROOT.run(0o022, &call, None)).collect();
    helper.kill().unwrap();
    helper.wait().unwrap();
    assert_eq!(snapshot(outside.path()), before, "{codes:?}");
}

/// A process that waits is ended, so that the test fails and does not wait as well.
fn run_within(person: Person, call: &Value) -> Option<i32> {
    let command = person.command("umask 022", crate::support::person::program());
    let mut process = child::told(command, call, None).spawn().unwrap();
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(60) {
        if let Some(status) = process.try_wait().unwrap() {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    process.kill().unwrap();
    process.wait().unwrap();
    None
}

#[test]
fn files_of_the_site_are_never_waited_for_or_followed() {
    let secret = tempfile::NamedTempFile::new().unwrap();
    fs::write(secret.path(), "pin=4711").unwrap();
    let digest = gestor_plugins::base::hash::sha256(b"pin=4711").to_string();
    for (name, is_kept_name) in [
        ("plugins/killed/manifest.json", false),
        ("backups/plugins/killed/2.0.0.zip", true),
        ("db/data/schema-metadata.json", false),
        ("db/data/PaginasData.json", false),
    ] {
        for kind in ["pipe", "secret", "endless"] {
            for person in [ROOT, SITE] {
                let site = installed();
                let path = site.root().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                let _ = fs::remove_file(&path);
                match kind {
                    "pipe" => mkfifo(&path, Mode::from_bits_truncate(0o666)).unwrap(),
                    "secret" => symlink(secret.path(), &path).unwrap(),
                    _ => symlink("/dev/zero", &path).unwrap(),
                }
                lchown(&path, Some(SITE.uid), Some(SITE.gid)).unwrap();
                let code = run_within(person, &site.call(1));
                assert!(code.is_some(), "{name} {kind} {person:?}: it waits");
                assert_ne!(code, Some(99), "{name} {kind} {person:?}: {}", site.gestor.log());
                if is_kept_name {
                    assert_eq!(code, Some(0), "{name} {kind} {person:?}: {}", site.gestor.log());
                }
                assert_eq!(
                    holds(&site.root().join("backups"), &digest),
                    Vec::<PathBuf>::new(),
                    "{name} {kind}"
                );
                let is_kept = holds(&site.root().join("backups"), "PK").len() >= 2;
                assert!(code != Some(0) || is_kept, "{name} {kind}: the package is kept");
            }
        }
    }
    // Beside the package.
    let site = Site::new(false);
    let package = site.root().join("own.zip");
    fs::copy(&site.archives[0], &package).unwrap();
    mkfifo(&site.root().join("own.zip.sha256"), Mode::from_bits_truncate(0o666)).unwrap();
    SITE.own(site.root());
    let mut call = site.call(0);
    call["arquivo"] = json!(package);
    assert_eq!(run_within(SITE, &call), Some(0));
}

fn confined(site: &Site) -> Settings {
    Settings {
        reach: Reach {
            folders: Some(vec![site.root().canonicalize().unwrap()]),
            sockets: vec![site.call(0)["db"]["socket"].as_str().unwrap().into()],
        },
        ..Settings::default()
    }
}

fn install_confined(site: &Site, pairs: &[(&str, Value)]) -> Ended {
    let mut call = site.call(0);
    call.as_object_mut().unwrap().remove("arquivo");
    for (key, value) in pairs {
        call[*key] = value.clone();
    }
    let settings = confined(site);
    let parameters = called("install", Argument::from(&call), &settings);
    run(parameters, settings, &mut Quiet)
}

/// Two links take turns under one name while `work` runs.
fn while_flipping(link: &Path, targets: [&Path; 2], work: impl FnOnce()) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let next = link.with_extension("next");
            while !stop.load(Ordering::Relaxed) {
                for target in targets {
                    let _ = symlink(target, &next).and_then(|()| fs::rename(&next, link));
                }
            }
        });
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        stop.store(true, Ordering::Relaxed);
        done.unwrap();
    });
}

#[test]
fn nothing_outside_of_open_basedir_is_read_however_links_change() {
    let site = installed();
    let outside = tempfile::tempdir().unwrap();
    let up = site.root().join("up");
    for (folder, version, word) in [(up.as_path(), "1.1.0", "inside"), (outside.path(), "6.6.6", "SECRET")] {
        let made = folder.join("folder");
        fs::create_dir_all(&made).unwrap();
        let manifest = json!({"id": "killed", "name": "killed", "version": version});
        fs::write(made.join("manifest.json"), manifest.to_string()).unwrap();
        fs::write(
            made.join("PaginasData.json"),
            json!([{"id": word, "nome": "N", "language": "en", "html": word, "caminho": "x/"}]).to_string(),
        )
        .unwrap();
        Package::new("killed", version).write(&folder.join("p.zip"));
    }
    let link = up.join("link");
    while_flipping(&link, [&up.join("p.zip"), &outside.path().join("p.zip")], || {
        for _ in 0..40 {
            let ended = install_confined(&site, &[("arquivo", json!(link)), ("dry_run", json!(true))]);
            assert_ne!(ended.report["versao"], "6.6.6", "{}", ended.report);
        }
    });
    while_flipping(&link, [&up.join("folder"), &outside.path().join("folder")], || {
        for _ in 0..40 {
            let pairs = [
                ("origem_tipo", json!("local_path")),
                ("local_path", json!(link)),
                ("dry_run", json!(true)),
            ];
            let ended = install_confined(&site, &pairs);
            assert_ne!(ended.report["versao"], "6.6.6", "{}", ended.report);
        }
        for _ in 0..40 {
            let mut call = site.other("sync", &json!({"pasta": link}));
            call.as_object_mut().unwrap().remove("operacao");
            let settings = confined(&site);
            let parameters = called("sync", Argument::from(&call), &settings);
            let ended = run(parameters, settings, &mut Quiet);
            assert!(!ended.report.to_string().contains("SECRET"), "{}", ended.report);
        }
    });
    assert_eq!(site.gestor.database.count("paginas", "id = 'SECRET'"), 0);
}

#[test]
fn a_folder_of_the_gestor_that_leads_out_of_open_basedir_is_refused() {
    for name in ["plugins", "temp", "logs", "backups"] {
        let site = installed();
        let outside = tempfile::tempdir().unwrap();
        let (folder, moved) = (site.root().join(name), outside.path().join(name));
        let copied = std::process::Command::new("cp")
            .arg("-a")
            .arg(&folder)
            .arg(&moved)
            .status();
        assert!(copied.unwrap().success());
        fs::remove_dir_all(&folder).unwrap();
        symlink(&moved, &folder).unwrap();
        let before = snapshot(outside.path());
        let package = site.root().join("own.zip");
        fs::copy(&site.archives[1], &package).unwrap();
        let ended = install_confined(&site, &[("arquivo", json!(package))]);
        assert_eq!(ended.code.number(), 10, "{name}: {}", ended.report);
        assert_eq!(snapshot(outside.path()), before, "{name}");
    }
}

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

//! Neighbours who are quick: they put something else in the place of what an operation has just made, looked at or
//! verified. What was verified is what is installed, or nothing is. See also `shared_site`, `confined` and `links`.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, lchown, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gestor_plugins::outcome::ExitCode;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::{Value, json};

use super::links::flip;
use super::paused::{go_on, start_paused};
use super::users::{mode, snapshot};
use crate::assets::package as with_assets;
use crate::support::child;
use crate::support::gestor::{Gestor, tree};
use crate::support::operation::Ended;
use crate::support::package::Package;
use crate::support::person::{Person, ROOT, SITE, STRANGER, Site};
use crate::support::scene::SLUG;

/// A site of the web server with version 1.0.0.
pub(crate) fn installed() -> Site {
    let site = Site::new(false);
    assert_eq!(SITE.run(0o022, &site.call(0), None), Some(0), "{}", site.gestor.log());
    site
}

/// The installed version, by the manifest.
pub(crate) fn version(root: &Path) -> String {
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
fn a_published_file_that_was_exchanged_meanwhile_is_not_replaced() {
    let (gestor, folder) = (Gestor::new(), tempfile::tempdir().unwrap());
    fs::create_dir(gestor.root().join("assets")).unwrap();
    gestor
        .install(&with_assets(SLUG, "m", "1.0.0"), &[])
        .expect(ExitCode::Ok);
    let archive = folder.path().join("next.zip");
    with_assets(SLUG, "m", "1.1.0").write(&archive);
    let call = child::call(&gestor, &archive, SLUG, false);
    let paused = start_paused(&call, "assets");
    let served = gestor.root().join("assets/m/css.css");
    fs::write(served.with_extension("new"), "QUICK").unwrap();
    fs::rename(served.with_extension("new"), &served).unwrap();
    let found = || (tree(&gestor.root().join("assets")), gestor.tree(SLUG));
    let (_, installed) = found();
    assert_eq!(go_on(paused), Some(12), "{}", gestor.log());
    assert_eq!(fs::read_to_string(&served).unwrap(), "QUICK");
    let (published, now) = found();
    assert_eq!(now, installed);
    let script = fs::read_to_string(gestor.root().join("assets").join(SLUG).join("m/js.js")).unwrap();
    assert!(
        script.contains("1.0.0") && !published.keys().any(|path| path.starts_with(".plugins")),
        "{published:?}"
    );
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
    while started.elapsed() < Duration::from_mins(1) {
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

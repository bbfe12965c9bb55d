//! Links that change while an operation is confined by `open_basedir`: nothing outside is read.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use gestor_plugins::config::{Argument, Reach, Settings};
use serde_json::{Value, json};

use super::users::snapshot;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;
use crate::support::person::Site;
use crate::violence::neighbours::installed;

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

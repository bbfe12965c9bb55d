//! Whose the files are: run as root they are the site's, run as somebody else they are his, and he is told.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;
use std::process::Command;

use gestor_plugins::outcome::ExitCode;

use crate::support::child;
use crate::support::proxy::{Fate, Proxy, Rule};
use crate::support::scene::{Kind, Scene, recover, state};

/// `www-data` on the systems that gestores run on.
const SITE: u32 = 33;
const NOBODY: u32 = 65534;

fn assert_root() {
    assert!(
        nix::unistd::geteuid().is_root(),
        "run as root: only root can give files away"
    );
}

fn give(folder: &Path, user: u32, group: u32) {
    for entry in walkdir::WalkDir::new(folder) {
        chown(entry.unwrap().path(), Some(user), Some(group)).unwrap();
    }
}

/// What does not belong to the site.
fn strangers(root: &Path) -> Vec<String> {
    walkdir::WalkDir::new(root)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| {
            let found = entry.metadata().unwrap();
            (found.uid(), found.gid()) != (SITE, SITE)
        })
        .map(|entry| entry.path().display().to_string())
        .collect()
}

#[track_caller]
fn assert_modes(installed: &Path) {
    for entry in walkdir::WalkDir::new(installed).into_iter().map(Result::unwrap) {
        let mode = entry.metadata().unwrap().permissions().mode() & 0o7777;
        let expected = if entry.file_type().is_dir() { 0o755 } else { 0o644 };
        assert_eq!(mode, expected, "{}", entry.path().display());
    }
}

/// The group may write to `plugins/`, so it may to what is installed there; else the trees are alike.
#[track_caller]
fn assert_shared(tree: &BTreeMap<String, String>, like: &BTreeMap<String, String>) {
    let shared = |found: &String| found.replacen("755 ", "775 ", 1).replacen("644 ", "664 ", 1);
    let wanted: BTreeMap<_, _> = like.iter().map(|(path, found)| (path.clone(), shared(found))).collect();
    assert_eq!(*tree, wanted);
}

#[test]
fn what_root_installs_belongs_to_the_site() {
    assert_root();
    for kind in [Kind::First, Kind::Update] {
        let scene = Scene::new(kind);
        let root = scene.gestor.root();
        give(root, SITE, SITE);
        scene.reset();
        scene.install().expect(ExitCode::Ok);
        assert_eq!(strangers(root), Vec::<String>::new(), "{kind:?}");
        assert_modes(&root.join("plugins/killed"));
        assert!(scene.gestor.log().contains("33") || scene.gestor.log().contains("www-data"));
        // Whatever a dead run leaves is the site's as well: the web server recovers it.
        for point in ["journal", "announced", "swapped", "committed", "closed"] {
            scene.reset();
            child::start(&scene.call(), Some(&format!("{point}:kill")))
                .wait()
                .unwrap();
            let found = strangers(&root.join("plugins"));
            let hidden: Vec<_> = found.iter().filter(|path| !path.contains("/.staging/")).collect();
            assert_eq!(hidden, Vec::<&String>::new(), "{kind:?} killed at {point}");
            assert_eq!(recover(&scene.gestor).code, ExitCode::Ok);
            assert_eq!(strangers(root), Vec::<String>::new(), "{kind:?} recovered from {point}");
        }
    }
}

#[test]
fn an_ordinary_user_is_told_and_installs() {
    assert_root();
    let scene = Scene::new(Kind::First);
    scene.reset();
    let root = scene.gestor.root();
    std::fs::remove_dir_all(root.join("logs")).unwrap();
    std::fs::remove_dir_all(root.join("temp")).unwrap();
    scene.gestor.put_folders();
    give(root, NOBODY, NOBODY);
    // The site's folder, in which this user may write by its group.
    chown(root.join("plugins"), Some(SITE), Some(NOBODY)).unwrap();
    std::fs::set_permissions(root.join("plugins"), std::fs::Permissions::from_mode(0o775)).unwrap();
    let rule = Rule {
        statement: "never sent",
        fate: Fate::Lost,
        then_closed: false,
    };
    let proxy = Proxy::to(scene.gestor.database.socket(), rule);
    let open = tempfile::tempdir().unwrap();
    let program = open.path().join("it");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let archive = open.path().join("package.zip");
    std::fs::copy(&scene.archives[0], &archive).unwrap();
    for path in [
        open.path(),
        &program,
        &archive,
        proxy.socket.parent().unwrap(),
        &proxy.socket,
    ] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
    }
    let mut call = child::call(&scene.gestor, &archive, "killed", false);
    call["db"]["socket"] = serde_json::json!(proxy.socket);
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&program);
    let status = child::told(command, &call, None).status();
    let status = status.expect("install util-linux: this test needs setpriv");
    let log = scene.gestor.log();
    assert_eq!(status.code(), Some(0), "{log}");
    assert_shared(&state(&scene.gestor).tree, &scene.new.tree);
    let lines = log
        .lines()
        .filter(|line| line.contains("nobody") || line.contains("65534"));
    assert_eq!(lines.count(), 1, "{log}");
}

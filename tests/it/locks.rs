//! Processes at once on one tree: each lock is held by one, whoever deletes its file, and a killed one's session is waited for.

use std::time::{Duration, Instant};

use gestor_plugins::base::hash::sha256;
use gestor_plugins::config::{Argument, RecoverParameters, Settings};
use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use crate::domains::{dry, of};
use crate::support::child;
use crate::support::scene::{Kind, SLUG, Scene, state};

#[test]
fn recovery_waits_for_the_session_of_a_killed_process() {
    let call = Argument::from(&json!({"raiz": "/g"}));
    let read = |settings| RecoverParameters::read(call.clone(), &settings).unwrap().site.lock_wait;
    assert_eq!(read(crate::support::english()), 10);
    let told = Settings {
        lock_wait: Some(0),
        ..crate::support::english()
    };
    assert_eq!(read(told), 0);
    // An installation that was told not to wait at all waits for the dead, too.
    let scene = Scene::new(Kind::Update);
    scene.reset();
    child::start(&scene.call(), Some("swapped:kill")).wait().unwrap();
    let holder = scene.gestor.database.another();
    let digest = sha256(format!("{}\0{SLUG}", holder.name()).as_bytes()).to_string();
    let lock = format!("gestor_plugins:{}", &digest[..40]);
    let until = Instant::now() + Duration::from_secs(10);
    while holder.value(&format!("SELECT GET_LOCK('{lock}', 1)")).as_deref() != Some("1") {
        assert!(Instant::now() < until);
    }
    let releasing = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(2));
        drop(holder);
    });
    let call = of(scene.call(), &scene.gestor.database);
    child::install(&call, None).expect(ExitCode::Ok);
    releasing.join().unwrap();
    assert_eq!(state(&scene.gestor), scene.new);
}

const LOCK: &str = "GESTOR_PLUGINS_TEST_LOCK";

/// Not a test of its own: takes a lock many times, and deletes its file each other time, as a dry run does.
#[test]
fn lock_process() {
    use gestor_plugins::base::fs::{FileLock, Holder};
    let Some(path) = crate::support::told(LOCK).map(std::path::PathBuf::from) else {
        return;
    };
    let inside = path.with_file_name("inside");
    let holder = Holder::this_process(String::new());
    for round in 0..400 {
        let lock = FileLock::take(&path, &holder, None, Duration::from_mins(1), || true).unwrap();
        std::fs::File::create_new(&inside).expect("two are inside");
        std::thread::yield_now();
        std::fs::remove_file(&inside).unwrap();
        if round % 2 == 0 {
            std::fs::remove_file(&path).unwrap();
        }
        drop(lock);
    }
}

#[test]
fn processes_that_delete_the_file_of_their_lock_are_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "locks::lock_process", "--quiet", "--test-threads=1"])
            .env(LOCK, folder.path().join("p.lock"))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut children: Vec<_> = (0..5).map(|_| start()).collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success(), "two were inside");
    }
}

#[test]
fn dry_runs_and_installations_at_once_are_one_after_the_other() {
    let scene = Scene::new(Kind::Update);
    scene.reset();
    let mut call = scene.call();
    call["espera_lock"] = json!(60);
    let mut children: Vec<_> = (0..8)
        .map(|at| child::start(&if at % 2 == 0 { dry(call.clone()) } else { call.clone() }, None))
        .collect();
    for child in &mut children {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    assert_eq!(state(&scene.gestor), scene.new);
    assert!(scene.gestor.leftovers().is_empty());
}

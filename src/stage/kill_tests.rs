//! Real kills: another process runs one operation after the other and is killed with SIGKILL at times that spread over
//! an operation; after each kill recovery must give exactly the generation that the "database" (a file) last committed.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chrono::DateTime;

use super::tests::{package_of, tree_of};
use super::*;
use crate::base::fs::{FileLock, Holder, Owner, chown_tree};
use crate::base::hash::sha256;
use crate::model::{GestorRoot, Slug};

const FOLDER: &str = "GESTOR_PLUGINS_KILL_TEST";
const FILES: usize = 40;
const ROUNDS: u64 = 120;

fn slug() -> Slug {
    Slug::normalize("p").unwrap()
}

/// What the "database" committed last: operation and generation.
fn database(folder: &Path) -> (String, usize) {
    let text = fs::read_to_string(folder.join("database")).unwrap_or_default();
    let (operation, generation) = text.split_once(' ').unwrap_or(("", "0"));
    (operation.to_owned(), generation.parse().unwrap())
}

fn commit(folder: &Path, operation: &str, generation: usize) {
    fs::write(folder.join("database.next"), format!("{operation} {generation}")).unwrap();
    fs::rename(folder.join("database.next"), folder.join("database")).unwrap();
}

fn operate(folder: &Path, generation: usize) {
    let root = GestorRoot::new(folder.join("gestor"));
    let owner = Owner::of(&root.plugins()).unwrap();
    prepare_work(&root).unwrap();
    let holder = Holder::this_process(String::new());
    let _lock = FileLock::take(&root.lock_file(&slug()), &holder, Some(owner), Duration::ZERO, || true).unwrap();
    let layout = layout(&root, &slug(), owner).unwrap();
    open(&layout, owner).unwrap();
    fs::write(layout.package(), generation.to_string()).unwrap();
    let now = DateTime::parse_from_rfc3339("2026-01-02T03:04:05-03:00").unwrap();
    let mut journal = Journal::new(&layout, now.to_rfc3339(), Promises::default()).unwrap();
    journal.write(&layout).unwrap();
    let built = create_tree(&layout, owner).unwrap();
    for number in 0..FILES {
        fs::write(layout.tree().join(number.to_string()), generation.to_string()).unwrap();
    }
    chown_tree(&built, &layout.tree(), owner).unwrap();
    let pack = |file: &mut fs::File| file.write_all(b"zip");
    let (backup, ()) = backup::prepare(&layout, now, owner, "zip", pack, |_, ()| Ok(())).unwrap();
    let version = format!("1.0.{}", generation % 3).parse().unwrap();
    kept::prepare(
        &layout,
        &package_of(&layout),
        version,
        sha256(generation.to_string().as_bytes()),
        owner,
    )
    .unwrap();
    journal
        .announce_swap(&layout, tree_of(&layout), Some(&backup), Some(version))
        .unwrap();
    swap::perform(&layout, &mut journal).unwrap();
    commit(folder, journal.operation(), generation);
    finish(&journal, &layout).unwrap();
    clear(&root, &slug()).unwrap();
}

/// Not a test of its own: what the killed process does, for ever. Started by the test below.
#[test]
#[expect(clippy::disallowed_methods, reason = "the one way to tell a test process what to do")]
fn work_until_killed() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let folder = Path::new(&folder);
    for generation in database(folder).1 + 1.. {
        operate(folder, generation);
    }
}

/// Gives whether a journal was found, and whether its operation had committed.
fn recover(folder: &Path) -> Option<bool> {
    let root = GestorRoot::new(folder.join("gestor"));
    let found = Journal::read(&root, &slug()).unwrap().map(|journal| {
        let committed = journal.operation() == database(folder).0;
        let layout = journal.layout(&root, &slug());
        let end = if committed { finish } else { undo };
        end(&journal, &layout).unwrap();
        committed
    });
    clear(&root, &slug()).unwrap();
    found
}

fn generations(folder: &Path) -> BTreeSet<String> {
    let Ok(listing) = fs::read_dir(folder.join("gestor/plugins/p")) else {
        return BTreeSet::new();
    };
    let files: Vec<_> = listing.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), FILES);
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn sigkill_at_any_moment_leaves_the_last_commit() {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    let top = tempfile::tempdir_in(parent).unwrap();
    let folder = top.path();
    fs::create_dir_all(folder.join("gestor/plugins/p")).unwrap();
    fs::write(folder.join("gestor/plugins/p/0"), "0").unwrap();
    let (mut nothing, mut undone, mut finished) = (0, 0, 0);
    let mut whole = Duration::ZERO;
    for round in 0..=ROUNDS {
        let before = database(folder).1;
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "stage::kill_tests::work_until_killed", "--test-threads=1"])
            .env(FOLDER, folder)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let started = Instant::now();
        while database(folder).1 == before && started.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_micros(100));
        }
        if round == 0 {
            let (first, began) = (database(folder).1, Instant::now());
            while database(folder).1 < first + 20 && began.elapsed() < Duration::from_secs(20) {
                std::thread::sleep(Duration::from_micros(100));
            }
            whole = began.elapsed() / 20;
        }
        std::thread::sleep(whole * u32::try_from(round).unwrap() * 2 / u32::try_from(ROUNDS).unwrap());
        child.kill().unwrap();
        child.wait().unwrap();
        match recover(folder) {
            None => nothing += 1,
            Some(false) => undone += 1,
            Some(true) => finished += 1,
        }
        let committed = database(folder).1.to_string();
        assert_eq!(
            generations(folder),
            BTreeSet::from([committed.clone()]),
            "round {round}"
        );
        let kept = format!("1.0.{}.zip", database(folder).1 % 3);
        let kept = folder.join("gestor/backups/plugins/p").join(kept);
        assert_eq!(fs::read_to_string(kept).unwrap(), committed, "round {round}");
        for hidden in [
            "plugins/_backups/.p.partial.zip",
            "backups/plugins/p/.partial.zip",
            "temp/plugins/p",
        ] {
            assert!(!folder.join("gestor").join(hidden).exists(), "round {round}: {hidden}");
        }
        let backups = fs::read_dir(folder.join("gestor/plugins/_backups")).unwrap().count();
        assert_eq!(backups, database(folder).1, "round {round}: one backup a commit");
    }
    println!("an operation takes {whole:?}; {nothing} kills between operations, {undone} undone, {finished} finished");
    assert!(undone > 0 && finished > 0);
}

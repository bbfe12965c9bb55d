//! Real kills: several processes write at once and are killed with SIGKILL at times that spread over their work. What they were told
//! is written is there, once, under the number that they were told; and the log is what was written.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chrono::Utc;

use super::place::tests::place;
use super::*;

const FOLDER: &str = "GESTOR_PLUGINS_AUDIT_KILL_TEST";
const WRITERS: usize = 4;
const ROUNDS: u64 = 60;

/// Small segments: they end, and go, all the time.
const LIMITS: Limits = Limits {
    days: 0,
    bytes: 1 << 20,
};

/// Writes for ever; what it was told is written it notes in a file of its own.
fn write(folder: &Path) {
    let name = std::process::id().to_string();
    let mut told = fs::File::create(folder.join(format!("told-{name}"))).unwrap();
    let mut log = Log::open(place(&folder.join("backups")), LIMITS).unwrap();
    for batch in 0u64.. {
        let count = 1 + batch % 7;
        let purpose = match batch % 50 {
            0 => Purpose::End,
            25 => Purpose::Refused,
            _ => Purpose::Allowed,
        };
        let records: Vec<_> = (0..count)
            .map(|place| Record {
                resource: Some(format!("{name} {batch} {place}")),
                reason: Some("x".repeat(300)),
                ..Record::new("write", &name)
            })
            .collect();
        let now = Utc::now().into();
        let last = log.append(&records, purpose, now).unwrap().last;
        writeln!(told, "{last} {batch} {count}").unwrap();
        if purpose == Purpose::End
            && let Some(purge) = log.record_purge(now).unwrap()
        {
            log.remove(&purge).unwrap();
        }
    }
}

/// Not a test of its own: what the killed processes do. Started by the test below.
#[test]
#[expect(clippy::disallowed_methods, reason = "the one way to tell a test process what to do")]
fn write_until_killed() {
    if let Ok(folder) = std::env::var(FOLDER) {
        write(Path::new(&folder));
    }
}

fn start(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "observe::audit::kill_tests::write_until_killed", "--quiet"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What each number has to be, by what the writers were told.
fn told(folder: &Path) -> BTreeMap<u64, String> {
    let mut told = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let Some(name) = name.strip_prefix("told-") else {
            continue;
        };
        let text = fs::read_to_string(entry.path()).unwrap();
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let numbers: Vec<u64> = line.split_whitespace().map(|word| word.parse().unwrap()).collect();
            let [last, batch, count] = numbers[..] else {
                panic!("{line}")
            };
            for place in 0..count {
                let number = last + 1 + place - count;
                let before = told.insert(number, format!("{name} {batch} {place}"));
                assert_eq!(before, None, "record {number} was told twice");
            }
        }
    }
    told
}

#[test]
fn nothing_that_was_told_as_written_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path().join("backups");
    fs::create_dir(&top).unwrap();
    let place = place(&top);
    let (mut torn, mut adopted) = (0, 0);
    for round in 0..ROUNDS {
        let mut writers: Vec<_> = (0..WRITERS).map(|_| start(folder.path())).collect();
        for (number, writer) in (0u64..).zip(&mut writers) {
            std::thread::sleep(Duration::from_millis(15 + (round * 7 + number * 3) % 20));
            writer.kill().unwrap();
            writer.wait().unwrap();
        }
        let Some(server) = place.server().unwrap() else {
            continue;
        };
        let checked = check(&place, &server, &[]).unwrap_or_else(|fault| panic!("round {round}: {fault}"));
        let found = list(&place, &server, &Filter::default(), usize::MAX).unwrap();
        let found: BTreeMap<u64, &serde_json::Value> = found
            .iter()
            .map(|record| (record["n"].as_u64().unwrap(), record))
            .collect();
        assert_eq!(found.len() as u64, checked.records);
        for (number, resource) in told(folder.path()).range(checked.first..) {
            let record = found
                .get(number)
                .unwrap_or_else(|| panic!("round {round}: record {number} is lost"));
            assert_eq!(record["recurso"], resource.as_str(), "round {round}: record {number}");
        }
        let words = |word: &str| found.values().filter(|record| record["acao"] == word).count();
        torn = torn.max(words(record::BROKEN));
        adopted = adopted.max(words(record::HEAD));
        assert_eq!(words(record::LOST), 0);
    }
    let told = told(folder.path());
    println!(
        "{} records told, {torn} lines torn, {adopted} heads made anew",
        told.len()
    );
    assert!(told.len() > 1000, "{}", told.len());
}

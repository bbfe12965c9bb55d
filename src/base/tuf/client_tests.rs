//! What a client believes, one file after the other: what has ended, goes back, is withheld, or was not signed is refused,
//! and what was seen first stays. A repository in memory, of which a test changes one thing.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;

use chrono::{DateTime, FixedOffset, TimeDelta};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::client::Client;
use super::store::{Answer, Kept, Remote, Store};
use super::{Trouble, TufError, canonical};
use crate::base::hash::sha256;
use crate::base::json::hex;

/// Files by name.
#[derive(Default, Clone)]
struct Files(RefCell<BTreeMap<String, Vec<u8>>>);

impl Files {
    fn put(&self, name: &str, bytes: Vec<u8>) {
        self.0.borrow_mut().insert(name.to_owned(), bytes);
    }

    fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.0.borrow().get(name).cloned()
    }
}

impl Remote for Files {
    type Fault = Infallible;

    fn file(&self, name: &str, _: u64) -> Result<Answer, Infallible> {
        Ok(self.get(name).map_or(Answer::Absent, Answer::File))
    }
}

impl Store for Files {
    type Fault = Infallible;

    fn root(&self, version: u64) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.get(&format!("root.{version}")))
    }

    fn role(&self, role: &str) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.get(role))
    }

    fn keep(&self, kept: &Kept<'_>) -> Result<(), Infallible> {
        let root = format!("root.{}", kept.version);
        self.put(if kept.role == "root" { &root } else { kept.role }, kept.bytes.to_vec());
        Ok(())
    }

    fn forget(&self, role: &str) -> Result<(), Infallible> {
        self.0.borrow_mut().remove(role);
        Ok(())
    }
}

fn key(seed: u8) -> (Ed25519KeyPair, String, Value) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
    let public =
        json!({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": hex(pair.public_key().as_ref())}});
    let id = sha256(&canonical(&public).unwrap()).to_string();
    (pair, id, public)
}

fn signed(said: &Value, seed: u8) -> Vec<u8> {
    let (pair, id, _) = key(seed);
    let signature = hex(pair.sign(&canonical(said).unwrap()).as_ref());
    json!({"signatures": [{"keyid": id, "sig": signature}], "signed": said})
        .to_string()
        .into_bytes()
}

fn now() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-27T12:00:00Z").unwrap()
}

const ROLES: [&str; 4] = ["root", "timestamp", "snapshot", "targets"];

/// What a repository says: versions and days until its files end, by role; the keys of those who say what is new; more of the snapshot.
#[derive(Clone)]
struct Said {
    versions: BTreeMap<&'static str, u64>,
    days: BTreeMap<&'static str, i64>,
    keys: BTreeMap<&'static str, u8>,
    also: Vec<&'static str>,
}

impl Said {
    fn new() -> Self {
        Self {
            versions: ROLES.map(|role| (role, 1)).into(),
            days: ROLES.map(|role| (role, 30)).into(),
            keys: [("timestamp", 2), ("snapshot", 3)].into(),
            also: Vec::new(),
        }
    }

    fn version(mut self, role: &'static str, version: u64) -> Self {
        self.versions.insert(role, version);
        self
    }

    fn days(mut self, role: &'static str, days: i64) -> Self {
        self.days.insert(role, days);
        self
    }

    fn head(&self, role: &str) -> Value {
        let ends = now() + TimeDelta::days(self.days[role]);
        json!({"_type": role, "spec_version": "1.0.31", "version": self.versions[role], "expires": ends.to_rfc3339()})
    }

    fn root(&self) -> Vec<u8> {
        let mut said = self.head("root");
        let holder = |seed: u8| json!({"keyids": [key(seed).1], "threshold": 1});
        let seeds = self.keys.values().chain([&1]);
        said["keys"] = seeds.map(|seed| (key(*seed).1, key(*seed).2)).collect();
        said["consistent_snapshot"] = json!(false);
        said["roles"] = json!({"root": holder(1), "targets": holder(1)});
        for (role, seed) in &self.keys {
            said["roles"][role] = holder(*seed);
        }
        signed(&said, 1)
    }

    /// All of it on a server.
    fn files(&self) -> Files {
        let files = Files::default();
        if self.versions["root"] > 1 {
            files.put(&format!("{}.root.json", self.versions["root"]), self.root());
        }
        let mut targets = self.head("targets");
        targets["targets"] = json!({});
        files.put("targets.json", signed(&targets, 1));
        let mut snapshot = self.head("snapshot");
        snapshot["meta"] = json!({"targets.json": {"version": self.versions["targets"]}});
        for role in &self.also {
            snapshot["meta"][format!("{role}.json")] = json!({"version": 1});
        }
        files.put("snapshot.json", signed(&snapshot, self.keys["snapshot"]));
        let mut timestamp = self.head("timestamp");
        timestamp["meta"] = json!({"snapshot.json": {"version": self.versions["snapshot"]}});
        files.put("timestamp.json", signed(&timestamp, self.keys["timestamp"]));
        files
    }
}

type Tried = Result<(), Trouble<Infallible, Infallible>>;

/// Refreshes from what a repository says, with what is remembered.
fn refresh(said: &Said, store: &Files, at: DateTime<FixedOffset>) -> Tried {
    served(&said.files(), store, at)
}

fn served(server: &Files, store: &Files, at: DateTime<FixedOffset>) -> Tried {
    Client::open(&Said::new().days("root", 3000).root(), server, store, at)?.refresh()
}

/// Goes on with what is remembered; the server has nothing.
fn recall(root: &Said, store: &Files, at: DateTime<FixedOffset>) -> Tried {
    Client::open(&root.root(), Files::default(), store, at)?.recall()
}

#[track_caller]
fn refused(tried: Tried, is_it: impl Fn(&TufError) -> bool) {
    match tried {
        Err(Trouble::Refused(fault)) => assert!(is_it(&fault), "{fault}"),
        Ok(()) => panic!("it was believed"),
    }
}

fn ended(file: &str) -> impl Fn(&TufError) -> bool {
    move |fault| matches!(fault, TufError::Expired { file: found, .. } if found == file)
}

#[test]
fn what_has_ended_is_not_believed_and_neither_is_it_remembered() {
    for (role, file) in ROLES
        .iter()
        .zip(["root.json", "timestamp.json", "snapshot.json", "targets.json"])
    {
        let said = Said::new().version("root", 2).days(role, 3);
        let store = Files::default();
        let (before, after) = (now() + TimeDelta::days(2), now() + TimeDelta::days(4));
        refused(refresh(&said, &store, after), ended(file));
        assert_eq!(store.get(role), None, "{role} is remembered");
        refresh(&said, &store, before).unwrap();
        recall(&said, &store, before).unwrap();
        refused(recall(&said, &store, after), ended(file));
    }
    // At its last moment it has ended.
    let store = Files::default();
    refused(
        refresh(&Said::new(), &store, now() + TimeDelta::days(30)),
        ended("timestamp.json"),
    );
}

#[test]
fn no_file_goes_back() {
    let newer = ["timestamp", "snapshot", "targets"]
        .iter()
        .fold(Said::new(), |said, role| said.version(role, 5));
    for (role, above) in [("timestamp", 0), ("snapshot", 1), ("targets", 2)] {
        let store = Files::default();
        refresh(&newer, &store, now()).unwrap();
        let known = store.get(role);
        // Only what stands above it is newer.
        let mut older = newer.clone().version(role, 4);
        for above in ["timestamp", "snapshot"].iter().take(above) {
            older = older.version(above, 9);
        }
        let file = format!("{role}.json");
        refused(
            refresh(&older, &store, now()),
            |fault| matches!(fault, TufError::Rollback { file: found, known: 5, found: 4 } if *found == file),
        );
        assert_eq!(store.get(role), known);
    }
}

#[test]
fn what_the_snapshot_had_it_keeps() {
    let (mut more, store) = (Said::new(), Files::default());
    more.also.push("team");
    refresh(&more, &store, now()).unwrap();
    let less = Said::new().version("snapshot", 2).version("timestamp", 2);
    refused(
        refresh(&less, &store, now()),
        |fault| matches!(fault, TufError::Withheld { file } if file == "team.json"),
    );
}

#[test]
fn of_two_timestamps_of_one_version_the_first_counts() {
    let store = Files::default();
    refresh(&Said::new(), &store, now()).unwrap();
    let first = store.get("timestamp");
    let mut other = Said::new().version("snapshot", 2);
    other.days.insert("timestamp", 29);
    refresh(&other, &store, now()).unwrap();
    assert_eq!((store.get("timestamp"), first.is_some()), (first, true));
}

#[test]
fn a_file_is_the_version_that_was_announced() {
    let server = Said::new().files();
    for (said, file) in [
        (Said::new().version("snapshot", 2), "snapshot.json"),
        (Said::new().version("targets", 2), "targets.json"),
    ] {
        let mixed = said.files();
        mixed.put(file, server.get(file).unwrap());
        refused(
            served(&mixed, &Files::default(), now()),
            |fault| matches!(fault, TufError::Version { file: found, expected: 2, found: 1 } if found == file),
        );
    }
    // A root is the next one, and no other.
    let server = Said::new().files();
    server.put("2.root.json", Said::new().version("root", 3).root());
    refused(served(&server, &Files::default(), now()), |fault| {
        matches!(
            fault,
            TufError::Version {
                expected: 2,
                found: 3,
                ..
            }
        )
    });
}

#[test]
fn a_root_is_signed_by_the_keys_of_both() {
    let mut other: Value = serde_json::from_slice(&Said::new().version("root", 2).root()).unwrap();
    let (_, id, public) = key(9);
    other["signed"]["keys"][&id] = public;
    other["signed"]["roles"]["root"]["keyids"] = json!([id]);
    for signer in [1, 9] {
        let server = Said::new().files();
        server.put("2.root.json", signed(&other["signed"], signer));
        refused(served(&server, &Files::default(), now()), |fault| {
            matches!(
                fault,
                TufError::Threshold {
                    needed: 1,
                    found: 0,
                    ..
                }
            )
        });
    }
}

/// A thief's versions could be so high that nothing comes after them.
#[test]
fn what_a_key_signed_that_was_taken_away_is_forgotten_and_nothing_else() {
    let store = Files::default();
    let high = Said::new().version("timestamp", 1 << 40).version("snapshot", 1 << 40);
    refresh(&high, &store, now()).unwrap();
    let next = Said::new()
        .version("root", 2)
        .version("timestamp", 2)
        .version("snapshot", 2);
    // A root that takes no key away makes nobody forget.
    refused(refresh(&next, &store, now()), |fault| {
        matches!(fault, TufError::Rollback { .. })
    });
    for role in ["timestamp", "snapshot"] {
        let store = Files::default();
        refresh(&high, &store, now()).unwrap();
        let mut next = next.clone();
        next.keys.insert(role, 4);
        refresh(&next, &store, now()).unwrap();
    }
}

#[test]
fn a_signature_of_something_else_counts_for_nothing() {
    let server = Said::new().files();
    let mut timestamp: Value = serde_json::from_slice(&server.get("timestamp.json").unwrap()).unwrap();
    timestamp["signed"]["version"] = json!(2);
    server.put("timestamp.json", timestamp.to_string().into_bytes());
    refused(
        served(&server, &Files::default(), now()),
        |fault| matches!(fault, TufError::Threshold { file, needed: 1, found: 0 } if file == "timestamp.json"),
    );
}

#[test]
fn what_a_server_sends_beyond_the_limit_is_not_read() {
    let server = Said::new().files();
    let long = [server.get("timestamp.json").unwrap(), vec![b' '; 16 << 10]].concat();
    server.put("timestamp.json", long);
    refused(
        served(&server, &Files::default(), now()),
        |fault| matches!(fault, TufError::TooLong { file, limit: 16_384 } if file == "timestamp.json"),
    );
}

/// Two files of one version, both signed: the announced one counts.
#[test]
fn what_is_remembered_is_the_file_that_was_announced() {
    let store = Files::default();
    refresh(&Said::new(), &store, now()).unwrap();
    let said = Said::new()
        .days("targets", 20)
        .version("timestamp", 2)
        .version("snapshot", 2);
    let server = said.files();
    let (targets, mut snapshot) = (server.get("targets.json").unwrap(), said.head("snapshot"));
    snapshot["meta"] = json!({"targets.json": {"version": 1, "hashes": {"sha256": sha256(&targets).to_string()}}});
    server.put("snapshot.json", signed(&snapshot, 3));
    served(&server, &store, now()).unwrap();
    assert_eq!(store.get("targets"), Some(targets));
}

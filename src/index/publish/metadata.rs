//! What each file of an index says, and when it ends. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::keys::ROLES;
use crate::base::hash::sha256;
use crate::base::tuf::FileFacts;

/// Days for which each file is good.
fn days(role: &str) -> i64 {
    match role {
        "root" => 365,
        "targets" => 90,
        _ => 7,
    }
}

/// The head of a file.
fn head(role: &str, version: u64, now: DateTime<FixedOffset>) -> Map<String, Value> {
    let ends = now.with_timezone(&Utc) + TimeDelta::days(days(role));
    let mut head = Map::new();
    head.insert("_type".to_owned(), role.into());
    head.insert("spec_version".to_owned(), "1.0.31".into());
    head.insert("version".to_owned(), version.into());
    head.insert(
        "expires".to_owned(),
        ends.format("%Y-%m-%dT%H:%M:%SZ").to_string().into(),
    );
    head
}

/// The root: keys by name, and which of them each role has.
pub(super) fn root(
    version: u64,
    now: DateTime<FixedOffset>,
    holders: &BTreeMap<&'static str, Vec<(String, Value)>>,
) -> Value {
    let mut said = head("root", version, now);
    let keys: BTreeMap<&String, &Value> = holders.values().flatten().map(|(id, key)| (id, key)).collect();
    let ids = |role: &str| {
        let of = holders.get(role).into_iter().flatten();
        of.map(|(id, _)| id.clone()).collect::<Vec<_>>()
    };
    let roles: BTreeMap<&str, Value> = ROLES
        .iter()
        .map(|role| (*role, json!({"keyids": ids(role), "threshold": 1})))
        .collect();
    said.insert("consistent_snapshot".to_owned(), true.into());
    said.insert("keys".to_owned(), json!(keys));
    said.insert("roles".to_owned(), json!(roles));
    Value::Object(said)
}

/// The targets: all files.
pub(super) fn targets(version: u64, now: DateTime<FixedOffset>, files: &BTreeMap<String, FileFacts>) -> Value {
    let mut said = head("targets", version, now);
    let shown = |facts: &FileFacts| json!({"length": facts.length, "hashes": facts.hashes});
    let files: BTreeMap<&String, Value> = files.iter().map(|(path, facts)| (path, shown(facts))).collect();
    said.insert("targets".to_owned(), json!(files));
    Value::Object(said)
}

/// The snapshot: which targets are meant.
pub(super) fn snapshot(version: u64, now: DateTime<FixedOffset>, targets: u64, bytes: &[u8]) -> Value {
    let mut said = head("snapshot", version, now);
    said.insert("meta".to_owned(), json!({"targets.json": meta(targets, bytes)}));
    Value::Object(said)
}

/// The timestamp: which snapshot is the newest.
pub(super) fn timestamp(version: u64, now: DateTime<FixedOffset>, snapshot: u64, bytes: &[u8]) -> Value {
    let mut said = head("timestamp", version, now);
    said.insert("meta".to_owned(), json!({"snapshot.json": meta(snapshot, bytes)}));
    Value::Object(said)
}

fn meta(version: u64, bytes: &[u8]) -> Value {
    let facts = facts_of(bytes);
    json!({"version": version, "length": facts.length, "hashes": facts.hashes})
}

/// Length and SHA-256 of a file.
pub(super) fn facts_of(bytes: &[u8]) -> FileFacts {
    FileFacts {
        length: bytes.len() as u64,
        hashes: [("sha256".to_owned(), sha256(bytes).to_string())].into(),
    }
}

//! What stands in each kind of signed file. Shapes and the rules of one file alone; what it may do to the one before it
//! stands in `rules`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::digests::FileFacts;
use super::key::PublicKey;
use super::messages;
use super::name::TOP_LEVEL;
use crate::model::Phrase;

/// The largest version: what a database counts to.
const HIGHEST: u64 = i64::MAX.unsigned_abs();

/// Whether a file may have that version.
pub(super) fn is_version(version: u64) -> bool {
    (1..=HIGHEST).contains(&version)
}

/// A kind of signed file.
pub trait Role: DeserializeOwned {
    /// The word in `_type`.
    const TYPE: &'static str;

    /// What is wrong with it that its shape does not show.
    fn fault(&self) -> Option<Phrase> {
        None
    }
}

/// Whose signatures a role needs: names of keys, and how many.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct KeyNames {
    /// Names of keys.
    pub keyids: Vec<String>,
    /// How many of them.
    pub threshold: u32,
}

/// The keys of a role, found, and how many have to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySet {
    pub(super) keys: BTreeMap<String, PublicKey>,
    pub(super) threshold: u32,
}

impl KeySet {
    pub(super) fn new(keys: &BTreeMap<String, Value>, names: &KeyNames) -> Self {
        let found = names.keyids.iter().filter_map(|name| {
            let key = PublicKey::read(keys.get(name)?)?;
            Some((name.clone(), key))
        });
        Self {
            keys: found.collect(),
            threshold: names.threshold,
        }
    }

    /// The keys, whatever they are called.
    pub fn keys(&self) -> BTreeSet<&PublicKey> {
        self.keys.values().collect()
    }
}

/// The root: all keys, and which of them sign what.
#[derive(Debug, Clone, Deserialize)]
pub struct Root {
    keys: BTreeMap<String, Value>,
    roles: BTreeMap<String, KeyNames>,
    /// Whether the repository keeps every version of its files.
    #[serde(default)]
    pub consistent_snapshot: bool,
}

impl Role for Root {
    const TYPE: &'static str = "root";

    fn fault(&self) -> Option<Phrase> {
        let missing = TOP_LEVEL.iter().find(|role| !self.roles.contains_key(**role));
        let missing = missing.map(|role| messages::no_role(role));
        missing.or_else(|| self.roles.values().find_map(no_threshold))
    }
}

impl Root {
    /// The keys of a top-level role as they stand in the root, each with its name.
    pub fn named_keys_of(&self, role: &str) -> Vec<(String, Value)> {
        let names = self.roles.get(role).into_iter().flat_map(|names| &names.keyids);
        names
            .filter_map(|name| Some((name.clone(), self.keys.get(name)?.clone())))
            .collect()
    }

    /// How many keys a top-level role wants.
    pub fn threshold_of(&self, role: &str) -> u32 {
        self.roles.get(role).map_or(u32::MAX, |names| names.threshold)
    }

    /// The keys of a top-level role.
    pub fn keys_of(&self, role: &str) -> KeySet {
        let nobody = KeyNames {
            keyids: Vec::new(),
            threshold: u32::MAX,
        };
        KeySet::new(&self.keys, self.roles.get(role).unwrap_or(&nobody))
    }
}

fn no_threshold(names: &KeyNames) -> Option<Phrase> {
    (names.threshold == 0).then_some(messages::NO_THRESHOLD)
}

/// What a file says of another signed file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MetaFile {
    /// Its version.
    pub version: u64,
    /// Its bytes, where that is said.
    pub length: Option<u64>,
    /// Its hashes, where they are said.
    pub hashes: Option<BTreeMap<String, String>>,
}

/// A file that is announced in a version that none can have: whoever believed it could never see a newer one.
fn no_version(meta: &BTreeMap<String, MetaFile>) -> Option<Phrase> {
    let found = meta.values().find(|file| !is_version(file.version));
    found.map(|file| messages::no_version(file.version))
}

/// The timestamp: which snapshot is the newest.
#[derive(Debug, Clone, Deserialize)]
pub struct Timestamp {
    meta: BTreeMap<String, MetaFile>,
}

impl Role for Timestamp {
    const TYPE: &'static str = "timestamp";

    fn fault(&self) -> Option<Phrase> {
        let is_alone = self.meta.len() == 1 && self.meta.contains_key("snapshot.json");
        let fault = (!is_alone).then_some(messages::NO_SNAPSHOT);
        fault.or_else(|| no_version(&self.meta))
    }
}

impl Timestamp {
    /// What it says of the snapshot; a timestamp without it was refused.
    pub fn snapshot(&self) -> Option<&MetaFile> {
        self.meta.get("snapshot.json")
    }
}

/// The snapshot: which version of each targets role belongs together.
#[derive(Debug, Clone, Deserialize)]
pub struct Snapshot {
    /// By file: `<role>.json`.
    pub meta: BTreeMap<String, MetaFile>,
}

impl Role for Snapshot {
    const TYPE: &'static str = "snapshot";

    fn fault(&self) -> Option<Phrase> {
        let fault = (!self.meta.contains_key("targets.json")).then_some(messages::NO_TARGETS);
        fault.or_else(|| no_version(&self.meta))
    }
}

/// Targets: files, and who speaks for others.
#[derive(Debug, Clone, Deserialize)]
pub struct Targets {
    /// Files by path.
    pub targets: BTreeMap<String, FileFacts>,
    pub(super) delegations: Option<Delegations>,
}

impl Role for Targets {
    const TYPE: &'static str = "targets";

    fn fault(&self) -> Option<Phrase> {
        let roles = self.delegations.iter().flat_map(|delegations| &delegations.roles);
        let fault = |role: &DelegatedRole| {
            let is_taken = TOP_LEVEL.contains(&role.name.as_str());
            let names = is_taken.then(|| messages::taken_name(&role.name));
            names
                .or_else(|| no_threshold(&role.holders))
                .or_else(|| role.paths_fault())
        };
        roles.into_iter().find_map(fault)
    }
}

impl Targets {
    /// Whether others are asked for files of it.
    pub fn delegates(&self) -> bool {
        self.delegations
            .as_ref()
            .is_some_and(|delegations| !delegations.roles.is_empty())
    }
}

/// Whom a role asks for other files.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Delegations {
    keys: BTreeMap<String, Value>,
    pub(super) roles: Vec<DelegatedRole>,
}

impl Delegations {
    pub(super) fn keys_of(&self, role: &DelegatedRole) -> KeySet {
        KeySet::new(&self.keys, &role.holders)
    }
}

/// A role that another one asks.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct DelegatedRole {
    pub(super) name: String,
    #[serde(flatten)]
    holders: KeyNames,
    /// Whether nobody is asked after it.
    pub(super) terminating: bool,
    pub(super) paths: Option<Vec<String>>,
    pub(super) path_hash_prefixes: Option<Vec<String>>,
}

impl DelegatedRole {
    fn paths_fault(&self) -> Option<Phrase> {
        let is_one = self.paths.is_some() != self.path_hash_prefixes.is_some();
        (!is_one).then(|| messages::no_paths(&self.name))
    }
}

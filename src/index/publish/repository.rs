//! The folder that a web server shows. Files of versions that nobody announces yet are written first and the timestamp
//! last: whoever is killed in between leaves the index as it was, and the next one goes on.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

use super::keys::{KeyFolder, ROLES, SigningKey};
use super::plugin::{NewVersion, PluginFile, empty_catalogue};
use super::shown::{Announced, FILE_BYTES, Folder, Nothing, fault_of, read};
use super::{PublishFault, messages, metadata, signing};
use crate::base::failpoint;
use crate::base::fs::{Attempt, FsError, ensure_folders, fsync_dir, remove_file, rename_over, replace_file, sync_file};
use crate::base::hash::sha256;
use crate::base::tuf::{
    Client, Document, FileFacts, PublicKey, Role as _, Root, Targets, Trouble, TufError, Verified, place_of, root_of,
};
use crate::index::entry::{Catalogue, PluginEntry};
use crate::model::Slug;

const FILE_MODE: u32 = 0o644;
const FOLDER_MODE: u32 = 0o755;
const REVOCATIONS: &str = "revogados.json";

/// What an index is after something was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Version of the root.
    pub root: u64,
    /// SHA-256 of `root.json`: what operators are told by another way.
    pub root_sha256: String,
    /// Version of the targets.
    pub targets: u64,
    /// Version of the timestamp, where that was signed too; else `renovar` has to, where its keys are.
    pub timestamp: Option<u64>,
    /// When the first of what was signed ends.
    pub ends: String,
}

/// The folder of an index, with what is in it.
pub struct Repository<'k> {
    folder: PathBuf,
    keys: &'k KeyFolder,
    now: DateTime<FixedOffset>,
    root: Verified<Root>,
    timestamp: u64,
    snapshot: u64,
    targets: u64,
    files: BTreeMap<String, FileFacts>,
}

impl<'k> Repository<'k> {
    /// Makes keys, and an index without plugins.
    pub fn begin(folder: &Path, keys: &'k KeyFolder, now: DateTime<FixedOffset>) -> Result<Published, PublishFault> {
        let path = folder.join("1.root.json");
        match read(&path, FILE_BYTES) {
            Err(fault) if fault.is_absent() => {}
            Err(fault) => return Err(fault.into()),
            Ok(_) => {
                let folder = folder.to_owned();
                return Err(PublishFault::Begun { folder });
            }
        }
        keys.make()?;
        ensure_folders(folder.parent().unwrap_or(folder), folder, None, FOLDER_MODE)?;
        let mut holders = BTreeMap::new();
        for role in ROLES {
            let key = keys.need(role)?;
            holders.insert(role, vec![(key.id(), key.public())]);
        }
        let bytes = signing::signed(&metadata::root(1, now, &holders), &[&keys.need("root")?]);
        let root = root_of(&bytes)?;
        let mut made = Self {
            folder: folder.to_owned(),
            keys,
            now,
            root,
            timestamp: 0,
            snapshot: 0,
            targets: 0,
            files: BTreeMap::new(),
        };
        let catalogue = serde_json::to_vec(&empty_catalogue()).unwrap_or_default();
        made.put(Catalogue::TARGET, &catalogue)?;
        let published = made.publish(&|_| Ok(()))?;
        made.write("root.json", &bytes)?;
        // The last one: without it the folder holds no index.
        made.write("1.root.json", &bytes)?;
        Ok(Published {
            root_sha256: sha256(&bytes).to_string(),
            ..published
        })
    }

    /// Reads an index, whatever of it has ended, and checks it as a site does.
    pub fn open(folder: &Path, keys: &'k KeyFolder, now: DateTime<FixedOffset>) -> Result<Self, PublishFault> {
        let first = match read(&folder.join("1.root.json"), FILE_BYTES) {
            Err(fault) if fault.is_absent() => {
                let folder = folder.to_owned();
                return Err(PublishFault::NotBegun { folder });
            }
            first => first?,
        };
        let long_ago = DateTime::UNIX_EPOCH.fixed_offset();
        let mut client = Client::open(&first, Folder(folder), Nothing, long_ago).map_err(fault_of)?;
        let refreshed = client.refresh();
        let announced = Announced::read(folder)?;
        let mut found = Self {
            folder: folder.to_owned(),
            keys,
            now,
            root: client.root().clone(),
            timestamp: announced.timestamp,
            snapshot: announced.snapshot,
            targets: announced.targets,
            files: BTreeMap::new(),
        };
        match (refreshed, client.targets()) {
            (Ok(()), Some(targets)) => found.take(targets.clone()),
            // A root was signed and whoever did it was killed before the rest was: the rest is signed anew.
            (Err(Trouble::Refused(TufError::Threshold { .. })), _) => {}
            (refreshed, _) => refreshed.map_err(fault_of)?,
        }
        found.take_newer()?;
        Ok(found)
    }

    fn take(&mut self, targets: Verified<Targets>) {
        self.targets = targets.version;
        self.files = targets.role.targets;
    }

    /// Targets that were signed where the keys of the snapshot are not, and that no snapshot names yet.
    fn take_newer(&mut self) -> Result<(), PublishFault> {
        let set = self.root.role.keys_of(Targets::TYPE);
        loop {
            let file = format!("{}.targets.json", self.targets + 1);
            let bytes = match read(&self.folder.join(&file), FILE_BYTES) {
                Err(fault) if fault.is_absent() => return Ok(()),
                bytes => bytes?,
            };
            let newer: Verified<Targets> = Document::read(&file, &bytes)?.verified(&set)?;
            if newer.version != self.targets + 1 {
                return Ok(());
            }
            self.take(newer);
        }
    }

    /// A version comes.
    pub fn add(&mut self, new: NewVersion) -> Result<Published, PublishFault> {
        let slug = new.slug.clone();
        self.change(&slug, |file| file.add(new))
    }

    /// A version should not be installed any more.
    pub fn withdraw(&mut self, slug: &Slug, version: &str, reason: &str) -> Result<Published, PublishFault> {
        self.change(slug, |file| file.withdraw(version, reason))
    }

    fn change(
        &mut self,
        slug: &Slug,
        change: impl FnOnce(&mut PluginFile) -> Result<(), PublishFault>,
    ) -> Result<Published, PublishFault> {
        let target = PluginEntry::target(slug);
        let mut file = PluginFile::read(slug, self.file(&target)?.as_deref())?;
        change(&mut file)?;
        let listed = file.listed(self.file(Catalogue::TARGET)?.as_deref())?;
        self.put(&target, &file.bytes()?)?;
        self.put(Catalogue::TARGET, &listed)?;
        self.publish(&|_| Ok(()))
    }

    /// Another list of what is revoked. `path` is for the fault.
    pub fn revoke(&mut self, path: &Path, bytes: &[u8]) -> Result<Published, PublishFault> {
        let fault = |reason| PublishFault::Revocations {
            path: path.to_owned(),
            reason,
        };
        let list: Value = serde_json::from_slice(bytes).map_err(|source| fault(messages::quoted(&source)))?;
        if list["formato"] != 1 || !list["itens"].is_array() {
            return Err(fault(messages::NO_LIST));
        }
        self.put(REVOCATIONS, bytes)?;
        self.publish(&|_| Ok(()))
    }

    /// Snapshot and timestamp again; targets that were signed elsewhere are taken in.
    pub fn renew(&mut self) -> Result<Published, PublishFault> {
        let file = format!("{}.targets.json", self.targets);
        let bytes = read(&self.folder.join(&file), FILE_BYTES)?;
        let targets = Document::read(&file, &bytes)?.verified::<Targets>(&self.root.role.keys_of(Targets::TYPE))?;
        let (snapshot, timestamp) = (self.signer("snapshot")?, self.signer("timestamp")?);
        let ends = self.announce(&bytes, (&snapshot, &timestamp))?;
        Ok(self.published(Some(self.timestamp), ends.min(targets.expires)))
    }

    /// The new key of the root, once a root names it, is the root's key.
    fn finish_rotation(&self) -> Result<(), PublishFault> {
        match self.keys.successor("root")? {
            Some(new) if self.check_key("root", &new).is_ok() => self.keys.promote("root"),
            _ => Ok(()),
        }
    }

    /// The root again, with the keys that stand in the folder: those of roles whose key is not there stay, and
    /// `root.nova.pem` takes the place of `root.pem`. What others signed is signed anew, as far as their keys are there.
    pub fn sign_root(&mut self) -> Result<Published, PublishFault> {
        self.finish_rotation()?;
        let own = self.signer("root")?;
        let successor = self.keys.successor("root")?;
        let mut holders: BTreeMap<&'static str, Vec<(String, Value)>> = BTreeMap::new();
        for role in ROLES {
            let key = match (role, &successor) {
                ("root", Some(_)) => None,
                _ => self.keys.get(role)?,
            };
            let of_role = match (role, &successor, key) {
                ("root", Some(new), _) => vec![(new.id(), new.public())],
                (_, _, Some(key)) => vec![(key.id(), key.public())],
                (_, _, None) => self.root.role.named_keys_of(role),
            };
            holders.insert(role, of_role);
        }
        let version = self.root.version + 1;
        let said = metadata::root(version, self.now, &holders);
        let signers: Vec<&SigningKey> = [Some(&own), successor.as_ref()].into_iter().flatten().collect();
        let bytes = signing::signed(&said, &signers);
        let before = self.root.clone();
        self.root = root_of(&bytes)?;
        Document::read("root.json", &bytes)?.check(&before.role.keys_of(Root::TYPE))?;
        let put_root = |made: &Self| {
            made.write(&format!("{version}.root.json"), &bytes)?;
            made.write("root.json", &bytes)
        };
        let mut published = if self.keys.get("targets")?.is_some() {
            self.publish(&put_root)?
        } else {
            put_root(self)?;
            self.renew()?
        };
        self.keys.promote("root")?;
        published.root = version;
        Ok(published)
    }

    /// The key of a role, which the root has to name.
    fn signer(&self, role: &'static str) -> Result<SigningKey, PublishFault> {
        let key = self.keys.need(role)?;
        self.check_key(role, &key)?;
        Ok(key)
    }

    fn check_key(&self, role: &'static str, key: &SigningKey) -> Result<(), PublishFault> {
        let set = self.root.role.keys_of(role);
        let public = PublicKey::read(&key.public());
        if public.is_some_and(|public| set.keys().contains(&public)) {
            return Ok(());
        }
        Err(PublishFault::NotTheKey {
            role,
            path: self.keys.path(role),
        })
    }

    /// Signs the targets, and snapshot and timestamp where this machine has their keys. `before`: what has to stand there
    /// before the timestamp does.
    fn publish(&mut self, before: &dyn Fn(&Self) -> Result<(), PublishFault>) -> Result<Published, PublishFault> {
        let targets = self.signer("targets")?;
        let (snapshot, timestamp) = (self.keys.get("snapshot")?, self.keys.get("timestamp")?);
        if let (Some(snapshot), Some(timestamp)) = (&snapshot, &timestamp) {
            self.check_key("snapshot", snapshot)?;
            self.check_key("timestamp", timestamp)?;
        }
        self.targets += 1;
        let said = metadata::targets(self.targets, self.now, &self.files);
        let bytes = signing::signed(&said, &[&targets]);
        let file = format!("{}.targets.json", self.targets);
        let read: Verified<Targets> =
            Document::read(&file, &bytes)?.verified(&self.root.role.keys_of(Targets::TYPE))?;
        self.write(&file, &bytes)?;
        before(self)?;
        let (Some(snapshot), Some(timestamp)) = (snapshot, timestamp) else {
            return Ok(self.published(None, read.expires));
        };
        let ends = self.announce(&bytes, (&snapshot, &timestamp))?;
        Ok(self.published(Some(self.timestamp), ends.min(read.expires)))
    }

    /// Snapshot and timestamp of these targets; gives when the first of both ends.
    fn announce(
        &mut self,
        targets: &[u8],
        (snapshot, timestamp): (&SigningKey, &SigningKey),
    ) -> Result<DateTime<FixedOffset>, PublishFault> {
        self.snapshot += 1;
        let bytes = signing::signed(
            &metadata::snapshot(self.snapshot, self.now, self.targets, targets),
            &[snapshot],
        );
        self.write(&format!("{}.snapshot.json", self.snapshot), &bytes)?;
        self.timestamp += 1;
        let said = metadata::timestamp(self.timestamp, self.now, self.snapshot, &bytes);
        self.write("timestamp.json", &signing::signed(&said, &[timestamp]))?;
        let ends = said["expires"]
            .as_str()
            .and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        Ok(ends.unwrap_or(self.now))
    }

    fn published(&self, timestamp: Option<u64>, ends: DateTime<FixedOffset>) -> Published {
        let root = read(&self.folder.join("root.json"), FILE_BYTES).unwrap_or_default();
        Published {
            root: self.root.version,
            root_sha256: sha256(&root).to_string(),
            targets: self.targets,
            timestamp,
            ends: ends
                .with_timezone(self.now.offset())
                .format("%Y-%m-%d %H:%M:%S %:z")
                .to_string(),
        }
    }

    /// A file of the index as it is announced, or will be.
    fn file(&self, name: &str) -> Result<Option<Vec<u8>>, PublishFault> {
        let Some(facts) = self.files.get(name) else {
            return Ok(None);
        };
        let path = self.folder.join(place_of(name, facts, true).join("/"));
        let bytes = read(&path, FILE_BYTES)?;
        facts.check(name, &bytes)?;
        Ok(Some(bytes))
    }

    /// Another content of a file, under its hash.
    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), PublishFault> {
        let facts = metadata::facts_of(bytes);
        self.write(&place_of(name, &facts, true).join("/"), bytes)?;
        self.files.insert(name.to_owned(), facts);
        Ok(())
    }

    /// Writes a file that anybody may read, whole or not at all.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), PublishFault> {
        let path = self.folder.join(name);
        let partial = self.folder.join(format!("{name}.partial"));
        let write = |fault| FsError::new(Attempt::Write, &path, fault);
        let written = replace_file(&partial, None, FILE_MODE).and_then(|mut file| {
            file.write_all(bytes).and_then(|()| sync_file(&file)).map_err(write)?;
            failpoint::reach("index_written");
            rename_over(&partial, &path)?;
            failpoint::reach("index_written");
            Ok(())
        });
        if written.is_err() {
            // The first fault is the one to tell.
            let _ = remove_file(&partial);
        }
        written?;
        Ok(fsync_dir(&self.folder)?)
    }
}

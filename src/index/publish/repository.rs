//! The folder that a web server shows. Files of versions that nobody announces yet are written first and the timestamp
//! last: whoever is killed in between leaves the index as it was, and the next one goes on. One run at a time; what is
//! announced is read as a site reads it before it stands there.

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
use crate::base::fs::{
    Attempt, FolderLock, FsError, ensure_folders, fsync_dir, lock_folder, open_folder, real_folder, remove_file,
    rename_over, replace_file, sync_file,
};
use crate::base::hash::sha256;
use crate::base::tuf::{
    Client, Document, FileFacts, KeySet, Limits, PublicKey, Role, Root, Snapshot, Targets, Timestamp, Trouble,
    TufError, Verified, place_of, root_of,
};
use crate::index::entry::{Catalogue, PluginEntry};
use crate::index::fetch::TARGET_BYTES;
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
    /// When the first of its files ends.
    pub ends: String,
    /// Why the version that was published stays withdrawn.
    pub withdrawn: Option<String>,
}

/// The folder of an index, with what is in it.
pub struct Repository<'k> {
    folder: PathBuf,
    pub(super) keys: &'k KeyFolder,
    pub(super) now: DateTime<FixedOffset>,
    pub(super) root: Verified<Root>,
    timestamp: u64,
    snapshot: u64,
    targets: u64,
    files: BTreeMap<String, FileFacts>,
    _alone: FolderLock,
}

/// No other run works in the folder meanwhile.
fn lock(folder: &Path) -> Result<FolderLock, PublishFault> {
    let real = real_folder(folder)?;
    lock_folder(open_folder(&real)?, &real)?.ok_or_else(|| PublishFault::Busy {
        folder: folder.to_owned(),
    })
}

/// Whether the folder holds an index.
fn first_root(folder: &Path) -> Result<Option<Vec<u8>>, FsError> {
    match read(&folder.join("1.root.json"), FILE_BYTES) {
        Err(fault) if fault.is_absent() => Ok(None),
        first => first.map(Some),
    }
}

impl<'k> Repository<'k> {
    /// Makes keys, and an index without plugins.
    pub fn begin(folder: &Path, keys: &'k KeyFolder, now: DateTime<FixedOffset>) -> Result<Published, PublishFault> {
        keys.refuse_below(folder)?;
        ensure_folders(folder.parent().unwrap_or(folder), folder, None, FOLDER_MODE)?;
        let alone = lock(folder)?;
        if first_root(folder)?.is_some() {
            let folder = folder.to_owned();
            return Err(PublishFault::Begun { folder });
        }
        keys.make()?;
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
            _alone: alone,
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
        let not_begun = || PublishFault::NotBegun {
            folder: folder.to_owned(),
        };
        first_root(folder)?.ok_or_else(not_begun)?;
        keys.refuse_below(folder)?;
        let alone = lock(folder)?;
        let first = first_root(folder)?.ok_or_else(not_begun)?;
        let long_ago = DateTime::UNIX_EPOCH.fixed_offset();
        let mut client = Client::open(&first, Folder(folder), Nothing, long_ago).map_err(fault_of)?;
        let is_whole = match client.refresh() {
            Ok(()) => true,
            // A root was signed and whoever did it was killed before the rest was: the rest is signed anew.
            Err(Trouble::Refused(TufError::Threshold { .. })) => false,
            Err(trouble) => return Err(fault_of(trouble)),
        };
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
            _alone: alone,
        };
        if let Some(targets) = client.targets().filter(|_| is_whole) {
            found.take(targets.clone())?;
        }
        found.take_newer()?;
        Ok(found)
    }

    fn take(&mut self, targets: Verified<Targets>) -> Result<(), PublishFault> {
        if targets.role.delegates() {
            return Err(PublishFault::Delegates);
        }
        self.targets = targets.version;
        self.files = targets.role.targets;
        Ok(())
    }

    /// Targets that were signed where the keys of the snapshot are not, and that no snapshot names yet. What the root's keys
    /// did not sign is a rest: of a root that was never finished, or of somebody who may write here.
    fn take_newer(&mut self) -> Result<(), PublishFault> {
        let set = self.root.role.keys_of(Targets::TYPE);
        loop {
            let file = format!("{}.targets.json", self.targets + 1);
            let bytes = match read(&self.folder.join(&file), FILE_BYTES) {
                Err(fault) if fault.is_absent() => return Ok(()),
                bytes => bytes?,
            };
            let newer = Document::read(&file, &bytes).and_then(|document| document.verified::<Targets>(&set));
            match newer {
                Ok(newer) if newer.version == self.targets + 1 => self.take(newer)?,
                _ => return Ok(()),
            }
        }
    }

    /// A version comes.
    pub fn add(&mut self, new: NewVersion) -> Result<Published, PublishFault> {
        let (slug, mut withdrawn) = (new.slug.clone(), None);
        let published = self.change(&slug, |file| {
            withdrawn = file.add(new)?;
            Ok(())
        })?;
        Ok(Published { withdrawn, ..published })
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

    /// The key of a role, which the root has to name.
    pub(super) fn signer(&self, role: &'static str) -> Result<SigningKey, PublishFault> {
        let key = self.keys.need(role)?;
        self.check_key(role, &key)?;
        Ok(key)
    }

    pub(super) fn check_key(&self, role: &'static str, key: &SigningKey) -> Result<(), PublishFault> {
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
    pub(super) fn publish(
        &mut self,
        before: &dyn Fn(&Self) -> Result<(), PublishFault>,
    ) -> Result<Published, PublishFault> {
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
        let read = self.as_site::<Targets>(&file, &bytes, Limits::default().targets)?;
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
        let limits = Limits::default();
        self.snapshot += 1;
        let said = metadata::snapshot(self.snapshot, self.now, self.targets, targets);
        let bytes = signing::signed(&said, &[snapshot]);
        let file = format!("{}.snapshot.json", self.snapshot);
        let one = self.as_site::<Snapshot>(&file, &bytes, limits.snapshot)?;
        self.timestamp += 1;
        let said = metadata::timestamp(self.timestamp, self.now, self.snapshot, &bytes);
        let last = signing::signed(&said, &[timestamp]);
        let other = self.as_site::<Timestamp>("timestamp.json", &last, limits.timestamp)?;
        self.write(&file, &bytes)?;
        self.write("timestamp.json", &last)?;
        Ok(one.expires.min(other.expires))
    }

    /// A file as a site reads it: what that would refuse is not written.
    fn as_site<T: Role>(&self, file: &str, bytes: &[u8], limit: u64) -> Result<Verified<T>, PublishFault> {
        if bytes.len() as u64 > limit {
            let file = file.to_owned();
            return Err(TufError::TooLong { file, limit }.into());
        }
        let set: KeySet = self.root.role.keys_of(T::TYPE);
        Ok(Document::read(file, bytes)?.verified(&set)?)
    }

    fn published(&self, timestamp: Option<u64>, ends: DateTime<FixedOffset>) -> Published {
        let root = read(&self.folder.join("root.json"), FILE_BYTES).unwrap_or_default();
        Published {
            root: self.root.version,
            root_sha256: sha256(&root).to_string(),
            targets: self.targets,
            timestamp,
            ends: ends
                .min(self.root.expires)
                .with_timezone(self.now.offset())
                .format("%Y-%m-%d %H:%M:%S %:z")
                .to_string(),
            withdrawn: None,
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
        if facts.length > TARGET_BYTES {
            let (file, limit) = (name.to_owned(), TARGET_BYTES);
            return Err(TufError::TooLong { file, limit }.into());
        }
        self.write(&place_of(name, &facts, true).join("/"), bytes)?;
        self.files.insert(name.to_owned(), facts);
        Ok(())
    }

    /// Writes a file that anybody may read, whole or not at all.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), PublishFault> {
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

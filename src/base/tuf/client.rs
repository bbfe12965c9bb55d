//! The order of things. Each file is stored as soon as it is believed and before the next one is asked for; the time is
//! the same from the first to the last.

use chrono::{DateTime, FixedOffset};

use super::document::{Document, Verified};
use super::name::{encoded, file_of};
use super::roles::{KeySet, MetaFile, Role, Root, Snapshot, Targets, Timestamp};
use super::store::{Answer, Kept, Limits, Remote, Store};
use super::{Trouble, TufError, digests, rules};

/// What may come of asking.
pub(super) type Tried<T, R, S> = Result<T, Trouble<<R as Remote>::Fault, <S as Store>::Fault>>;

/// A file that is remembered, with its bytes.
type Remembered<T> = Option<(Verified<T>, Vec<u8>)>;

/// A file that was announced, with its bytes where it is new.
type Taken<T> = (Verified<T>, Option<Vec<u8>>);

/// A repository as far as it is believed.
pub struct Client<R, S> {
    remote: R,
    store: S,
    now: DateTime<FixedOffset>,
    pub(super) limits: Limits,
    root: Verified<Root>,
    timestamp: Option<Verified<Timestamp>>,
    snapshot: Option<Verified<Snapshot>>,
    pub(super) targets: Option<Verified<Targets>>,
}

impl<R: Remote, S: Store> Client<R, S> {
    /// Begins with a root that somebody brought, and goes on through those that are remembered.
    pub fn open(trusted: &[u8], remote: R, store: S, now: DateTime<FixedOffset>) -> Tried<Self, R, S> {
        let mut root = root_of(trusted)?;
        while let Some(bytes) = store.root(root.version + 1).map_err(Trouble::Store)? {
            let Ok(next) = rules::next_root(&root, "root.json", &bytes) else {
                break;
            };
            root = next;
        }
        Ok(Self {
            remote,
            store,
            now,
            limits: Limits::default(),
            root,
            timestamp: None,
            snapshot: None,
            targets: None,
        })
    }

    /// Asks the server for what is new, and believes it or says why not.
    pub fn refresh(&mut self) -> Tried<(), R, S> {
        self.take_roots()?;
        rules::not_ended("root.json", &self.root, self.now)?;
        self.take_timestamp()?;
        self.take_snapshot()?;
        self.take_targets()
    }

    /// Stays with what is remembered, as long as its time is not over.
    pub fn recall(&mut self) -> Tried<(), R, S> {
        rules::not_ended("root.json", &self.root, self.now)?;
        let (timestamp, _) = self
            .remembered(Timestamp::TYPE)?
            .ok_or_else(|| missing("timestamp.json"))?;
        rules::not_ended("timestamp.json", &timestamp, self.now)?;
        self.timestamp = Some(timestamp);
        self.take_snapshot()?;
        self.take_targets()
    }

    /// Takes the targets that are remembered, whatever timestamp and snapshot say of them and however old they are; whether
    /// there are any. For what counts for good once it was signed.
    pub fn recall_targets(&mut self) -> Tried<bool, R, S> {
        self.targets = self.remembered(Targets::TYPE)?.map(|(targets, _)| targets);
        Ok(self.targets.is_some())
    }

    /// Where its files come from.
    pub fn remote(&self) -> &R {
        &self.remote
    }

    /// Where they are remembered.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The root that is believed.
    pub fn root(&self) -> &Verified<Root> {
        &self.root
    }

    /// The timestamp, once it was refreshed or recalled.
    pub fn timestamp(&self) -> Option<&Verified<Timestamp>> {
        self.timestamp.as_ref()
    }

    /// The targets, once they were refreshed or recalled.
    pub fn targets(&self) -> Option<&Verified<Targets>> {
        self.targets.as_ref()
    }

    /// When the first of its files ends.
    pub fn ends(&self) -> DateTime<FixedOffset> {
        let others = [
            self.timestamp.as_ref().map(|found| found.expires),
            self.snapshot.as_ref().map(|found| found.expires),
            self.targets.as_ref().map(|found| found.expires),
        ];
        others.into_iter().flatten().fold(self.root.expires, Ord::min)
    }

    fn take_roots(&mut self) -> Tried<(), R, S> {
        let mut left = self.limits.roots;
        loop {
            let file = file_of(Root::TYPE, Some(self.root.version + 1));
            let Some(bytes) = self.ask(&file, self.limits.root)? else {
                return Ok(());
            };
            let limit = self.limits.roots;
            left = left.checked_sub(1).ok_or(TufError::TooManyRoots { limit })?;
            let next = rules::next_root(&self.root, &file, &bytes)?;
            if rules::took_keys(&self.root.role, &next.role) {
                for role in [Timestamp::TYPE, Snapshot::TYPE] {
                    self.store.forget(role).map_err(Trouble::Store)?;
                }
            }
            self.keep(Root::TYPE, &next, &bytes)?;
            self.root = next;
        }
    }

    fn take_timestamp(&mut self) -> Tried<(), R, S> {
        const FILE: &str = "timestamp.json";
        let bytes = self.ask(FILE, self.limits.timestamp)?.ok_or_else(|| missing(FILE))?;
        let new: Verified<Timestamp> =
            Document::read(FILE, &bytes)?.verified(&self.root.role.keys_of(Timestamp::TYPE))?;
        let known = self.remembered::<Timestamp>(Timestamp::TYPE)?;
        let known = known.map(|(known, _)| known);
        if let Some(known) = &known {
            rules::newer_timestamp(known, &new)?;
        }
        // Two timestamps of one version: the one that was seen first counts.
        let (found, bytes) = match known.filter(|known| known.version == new.version) {
            Some(known) => (known, None),
            None => (new, Some(bytes)),
        };
        self.accept(Timestamp::TYPE, &found, bytes)?;
        self.timestamp = Some(found);
        Ok(())
    }

    fn take_snapshot(&mut self) -> Tried<(), R, S> {
        let said = self.timestamp.as_ref().and_then(|timestamp| timestamp.role.snapshot());
        let meta = said.cloned().ok_or_else(|| missing("snapshot.json"))?;
        let set = self.root.role.keys_of(Snapshot::TYPE);
        let known = self.remembered_by::<Snapshot>(Snapshot::TYPE, &set)?;
        let before = known.as_ref().map(|(known, _)| known.role.clone());
        let (new, bytes) = self.take(Snapshot::TYPE, &meta, known, &set)?;
        if let Some(before) = before {
            rules::newer_snapshot(&before, &new.role)?;
        }
        self.accept(Snapshot::TYPE, &new, bytes)?;
        self.snapshot = Some(new);
        Ok(())
    }

    fn take_targets(&mut self) -> Tried<(), R, S> {
        let set = self.root.role.keys_of(Targets::TYPE);
        self.targets = Some(self.targets_of(Targets::TYPE, &set)?);
        Ok(())
    }

    /// The targets of a role, in the version of the snapshot, signed by enough of these keys.
    pub(super) fn targets_of(&self, role: &str, set: &KeySet) -> Tried<Verified<Targets>, R, S> {
        let file = format!("{role}.json");
        let said = self
            .snapshot
            .as_ref()
            .and_then(|snapshot| snapshot.role.meta.get(&file));
        let meta = said.cloned().ok_or(TufError::Withheld { file: encoded(&file) })?;
        let known = self.remembered_by::<Targets>(role, set)?;
        let (found, bytes) = self.take(role, &meta, known, set)?;
        self.accept(role, &found, bytes)?;
        Ok(found)
    }

    /// The file that another one announced: the remembered one where it is that, else the server's, with its bytes.
    fn take<T: Role>(&self, role: &str, meta: &MetaFile, known: Remembered<T>, set: &KeySet) -> Tried<Taken<T>, R, S> {
        let check = |file: &str, bytes: &[u8]| digests::check(file, bytes, meta.length, meta.hashes.as_ref());
        if let Some((known, bytes)) = known
            && known.version == meta.version
            && check(role, &bytes).is_ok()
        {
            return Ok((known, None));
        }
        let file = file_of(role, self.root.role.consistent_snapshot.then_some(meta.version));
        let most = if role == Snapshot::TYPE {
            self.limits.snapshot
        } else {
            self.limits.targets
        };
        let asked = self.ask(&file, meta.length.unwrap_or(most).min(most))?;
        let file = encoded(&file);
        let bytes = asked.ok_or_else(|| missing(&file))?;
        check(&file, &bytes)?;
        let new: Verified<T> = Document::read(&file, &bytes)?.verified(set)?;
        rules::same_version(&file, meta.version, new.version)?;
        Ok((new, Some(bytes)))
    }

    /// Believes a file whose time is not over, and remembers one that is new.
    fn accept<T>(&self, role: &str, found: &Verified<T>, bytes: Option<Vec<u8>>) -> Tried<(), R, S> {
        rules::not_ended(&encoded(&file_of(role, None)), found, self.now)?;
        bytes.map_or(Ok(()), |bytes| self.keep(role, found, &bytes))
    }

    fn ask(&self, file: &str, limit: u64) -> Tried<Option<Vec<u8>>, R, S> {
        match self.remote.file(file, limit).map_err(Trouble::Remote)? {
            Answer::File(bytes) if bytes.len() as u64 <= limit => Ok(Some(bytes)),
            Answer::Absent => Ok(None),
            Answer::File(_) | Answer::TooLong => {
                let file = encoded(file);
                Err(TufError::TooLong { file, limit }.into())
            }
        }
    }

    fn remembered<T: Role>(&self, role: &str) -> Tried<Remembered<T>, R, S> {
        self.remembered_by(role, &self.root.role.keys_of(role))
    }

    /// What is remembered of a role; what these keys did not sign is as good as forgotten.
    fn remembered_by<T: Role>(&self, role: &str, set: &KeySet) -> Tried<Remembered<T>, R, S> {
        let bytes = self.store.role(role).map_err(Trouble::Store)?;
        let read = |bytes: &[u8]| Document::read(role, bytes)?.verified(set);
        Ok(bytes.and_then(|bytes| Some((read(&bytes).ok()?, bytes))))
    }

    fn keep<T>(&self, role: &str, found: &Verified<T>, bytes: &[u8]) -> Tried<(), R, S> {
        let kept = Kept {
            role,
            version: found.version,
            expires: found.expires,
            bytes,
        };
        self.store.keep(&kept).map_err(Trouble::Store)
    }
}

/// A root that somebody brought: signed by enough of the keys that it names itself.
pub fn root_of(bytes: &[u8]) -> Result<Verified<Root>, TufError> {
    let document = Document::read("root.json", bytes)?;
    let root: Verified<Root> = document.as_role()?;
    document.check(&root.role.keys_of(Root::TYPE))?;
    Ok(root)
}

fn missing(file: &str) -> TufError {
    TufError::Missing { file: file.to_owned() }
}

//! An index that is used: refreshed from its server, or gone on with for a while where there is nothing newer; its files
//! fetched once, and verified at each read.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, TimeDelta};

use super::entry::{Catalogue, PluginEntry};
use super::folder::KnownIndex;
use super::no_news::{NoNews, fault_of, without_news};
use super::state::{NewRoots, Rows, lock_name};
use super::{IndexFault, IndexName};
use crate::base::db::{Database, DbError};
use crate::base::fs::{Owner, ensure_folders, open_trusted, read_all, write_whole};
use crate::base::net::{Client as Web, ClientSettings, Credential, NetError};
use crate::base::progress::Watcher;
use crate::base::tuf::{Answer, Client, FileFacts, Trouble, TufError, WebFolder, place_of};
use crate::config::Settings;
use crate::model::{Phrase, Slug};

/// Seconds for which the server is not asked again: one call may be about many plugins.
const RECENT: u64 = 60;
/// Seconds for which another process that refreshes the index is waited for.
const PATIENCE: u64 = 60;
/// How long a refresh may take with all that it reads.
const REFRESH: Duration = Duration::from_mins(5);
/// How long a file of an index may take.
pub const FILE: Duration = Duration::from_mins(1);
/// Bytes of a file of an index.
const TARGET_BYTES: u64 = 32 << 20;
const FOLDER_MODE: u32 = 0o755;

/// The HTTP client of indices. `most`: how long one file may take. Those of an index are small: what trickles is given up
/// sooner than a package.
pub fn client(settings: &Settings, most: Option<Duration>) -> Result<Web, NetError> {
    let mut made = ClientSettings::new("Conn2Flow-Plugin-Manager/1.0");
    if settings.http_idle > 0 {
        made.idle = Duration::from_secs(settings.http_idle);
    }
    if settings.http_total > 0 {
        made.total = Duration::from_secs(settings.http_total);
    }
    made.total = most.map_or(made.total, |most| made.total.min(most));
    made.ca_file.clone_from(&settings.ca_file);
    made.proxies.clone_from(&settings.proxies);
    Web::new(made)
}

/// By what an index is reached.
pub struct Access<'a> {
    /// The HTTP client.
    pub web: &'a Web,
    /// Who watches.
    pub watcher: &'a dyn Watcher,
    /// A connection of its own: what is believed is stored whatever becomes of the operation.
    pub database: Rc<RefCell<Database>>,
    /// `temp/plugins/_indices/`.
    pub folder: PathBuf,
    /// To whom that belongs.
    pub owner: Owner,
    /// The time.
    pub now: DateTime<FixedOffset>,
    /// Days for which what has ended is gone on with.
    pub grace: u32,
    /// Whether anything may be written; a dry run writes nothing.
    pub keeps: bool,
    /// Roots that were believed for the first time.
    pub roots: NewRoots,
}

/// How fresh an index is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Age {
    /// Its server was asked just now, or a moment ago.
    Fresh,
    /// There is nothing newer, and what is remembered is used.
    GoneOn {
        /// Why.
        reason: Phrase,
        /// When what is remembered ends, or ended.
        ends: String,
    },
}

type Files<'a> = Client<WebFolder<'a>, Rows>;

/// An index of which is known what is in it.
pub struct SignedIndex<'a> {
    name: IndexName,
    files: Files<'a>,
    age: Age,
    folder: PathBuf,
    owner: Owner,
    keeps: bool,
}

impl<'a> SignedIndex<'a> {
    /// Refreshes an index. `asks`: the server is asked even if it was a moment ago.
    ///
    /// # Errors
    /// [`IndexFault::Refused`] where it is not believed: then nothing older is used either. [`IndexFault::Stale`] where it
    /// ended longer ago than the grace; [`IndexFault::Unreachable`] where it was never reached.
    pub fn open(
        access: &Access<'a>,
        known: &KnownIndex,
        credential: Option<&'a Credential>,
        asks: bool,
    ) -> Result<Self, IndexFault> {
        let lock = {
            let database = access.database.borrow();
            lock_name(database.name(), &known.name)
        };
        let busy = || IndexFault::Busy {
            index: known.name.to_string(),
            seconds: PATIENCE,
        };
        if access.keeps && !wait_for(access, known, &lock)? {
            return Err(busy());
        }
        let opened = Self::open_locked(access, known, credential, asks);
        let released = if access.keeps {
            access.database.borrow_mut().release_lock(&lock)
        } else {
            Ok(())
        };
        let index = opened?;
        released?;
        Ok(index)
    }

    fn open_locked(
        access: &Access<'a>,
        known: &KnownIndex,
        credential: Option<&'a Credential>,
        asks: bool,
    ) -> Result<Self, IndexFault> {
        let rows = Rows::new(&access.database, &known.name, access.now, access.keeps).noting(&access.roots);
        let server = || -> Result<WebFolder<'a>, IndexFault> {
            let folder = WebFolder::new(access.web, known.settings.address()?, access.watcher);
            Ok(folder.with_credential(credential).within(REFRESH))
        };
        let is_recent = !asks && rows.age()?.is_some_and(|seconds| seconds < RECENT);
        let mut files = open_root(known, server()?, rows.clone(), access.now)?;
        if is_recent && files.recall().is_ok() {
            return Ok(Self::of(access, known, files, Age::Fresh));
        }
        match files.refresh() {
            Ok(()) => {
                rows.touch()?;
                Ok(Self::of(access, known, files, Age::Fresh))
            }
            Err(trouble) => {
                let reason = without_news(known, trouble)?;
                Self::go_on(access, known, (server()?, rows), reason)
            }
        }
    }

    /// With what is remembered, as long as it has not ended for longer than the grace.
    fn go_on(
        access: &Access<'a>,
        known: &KnownIndex,
        (server, rows): (WebFolder<'a>, Rows),
        reason: NoNews,
    ) -> Result<Self, IndexFault> {
        let back = TimeDelta::days(i64::from(access.grace));
        let then = access.now.checked_sub_signed(back).unwrap_or(access.now);
        let mut files = open_root(known, server, rows, then)?;
        match files.recall() {
            Ok(()) => {
                let ends = files.ends().with_timezone(access.now.offset());
                let age = Age::GoneOn {
                    reason: reason.phrase(),
                    ends: ends.format("%Y-%m-%d %H:%M:%S %:z").to_string(),
                };
                Ok(Self::of(access, known, files, age))
            }
            Err(Trouble::Store(fault)) => Err(fault.into()),
            Err(Trouble::Refused(TufError::Expired { .. })) => Err(reason.stale(known, access.grace)),
            // Nothing is remembered, or not all of it.
            Err(_) => Err(reason.fault(known, access.grace)),
        }
    }

    fn of(access: &Access<'a>, known: &KnownIndex, files: Files<'a>, age: Age) -> Self {
        Self {
            name: known.name.clone(),
            files,
            age,
            folder: access.folder.join(known.name.as_str()),
            owner: access.owner,
            keeps: access.keeps,
        }
    }

    /// What it is called here.
    pub fn name(&self) -> &IndexName {
        &self.name
    }

    /// How fresh it is.
    pub fn age(&self) -> &Age {
        &self.age
    }

    /// When the first of its files ends.
    pub fn ends(&self) -> DateTime<FixedOffset> {
        self.files.ends()
    }

    /// The version of its timestamp, which counts up with everything that is new.
    pub fn version(&self) -> u64 {
        self.files.timestamp().map_or(0, |timestamp| timestamp.version)
    }

    /// How many files it has, those of delegated roles aside.
    pub fn file_count(&self) -> usize {
        self.files.targets().map_or(0, |targets| targets.role.targets.len())
    }

    /// What it says of a plugin; nothing where it does not have it.
    pub fn plugin(&self, slug: &Slug) -> Result<Option<PluginEntry>, IndexFault> {
        let bytes = self.file(&PluginEntry::target(slug))?;
        let entry = bytes.map(|bytes| PluginEntry::parse(self.name.as_str(), slug, &bytes));
        entry.transpose()
    }

    /// All that it has, for whoever searches; nothing where it has no such list.
    pub fn catalogue(&self) -> Result<Option<Catalogue>, IndexFault> {
        let bytes = self.file(Catalogue::TARGET)?;
        bytes
            .map(|bytes| Catalogue::parse(self.name.as_str(), &bytes))
            .transpose()
    }

    /// `revogados.json` as its publisher signed it; nothing where it has none. Whether it is fresh says [`Self::age`].
    pub fn revocations(&self) -> Result<Option<Vec<u8>>, IndexFault> {
        self.file("revogados.json")
    }

    /// A file of the index, verified.
    pub fn file(&self, name: &str) -> Result<Option<Vec<u8>>, IndexFault> {
        let facts = self.files.target(name).map_err(|trouble| self.fault(trouble))?;
        let Some(facts) = facts else { return Ok(None) };
        if facts.length > TARGET_BYTES {
            let (file, limit) = (name.to_owned(), TARGET_BYTES);
            return Err(self.refused(TufError::TooLong { file, limit }));
        }
        let path = facts.hashes.get("sha256").filter(|digits| is_digest(digits));
        let path = path.map(|digits| self.folder.join(digits.to_ascii_lowercase()));
        if let Some(bytes) = path.as_ref().and_then(|path| self.stored(path, name, &facts)) {
            return Ok(Some(bytes));
        }
        let bytes = self.fetched(name, &facts)?;
        if let Some(path) = path.filter(|_| self.keeps) {
            // It is fetched again where it cannot be stored.
            let _ = self.store(&path, &bytes);
        }
        Ok(Some(bytes))
    }

    /// The file as it was fetched before; whatever is wrong with it, it is fetched again.
    fn stored(&self, path: &Path, name: &str, facts: &FileFacts) -> Option<Vec<u8>> {
        let file = open_trusted(path, self.owner, true).ok()??;
        let bytes = read_all(file, path, facts.length).ok()?;
        facts.check(name, &bytes).is_ok().then_some(bytes)
    }

    fn store(&self, path: &Path, bytes: &[u8]) -> Result<(), crate::base::fs::FsError> {
        let top = self.folder.parent().unwrap_or(&self.folder);
        let work = top.parent().unwrap_or(top);
        ensure_folders(work, &self.folder, Some(self.owner), FOLDER_MODE)?;
        write_whole(path, Some(self.owner), bytes)
    }

    fn fetched(&self, name: &str, facts: &FileFacts) -> Result<Vec<u8>, IndexFault> {
        let place = place_of(name, facts, self.files.root().role.consistent_snapshot);
        let parts: Vec<&str> = place.iter().map(String::as_str).collect();
        let asked = self.files.remote().below(&parts, facts.length);
        let answer = asked.map_err(|fault| self.fault(Trouble::Remote(fault)))?;
        let file = name.to_owned();
        let bytes = match answer {
            Answer::File(bytes) => bytes,
            Answer::Absent => return Err(self.refused(TufError::Missing { file })),
            Answer::TooLong => {
                let limit = facts.length;
                return Err(self.refused(TufError::TooLong { file, limit }));
            }
        };
        facts.check(name, &bytes).map_err(|fault| self.refused(fault))?;
        Ok(bytes)
    }

    fn fault(&self, trouble: Trouble<NetError, DbError>) -> IndexFault {
        fault_of(&self.name, trouble)
    }

    fn refused(&self, fault: TufError) -> IndexFault {
        IndexFault::Refused {
            index: self.name.to_string(),
            fault,
        }
    }
}

fn is_digest(digits: &str) -> bool {
    digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn open_root<'a>(
    known: &KnownIndex,
    server: WebFolder<'a>,
    rows: Rows,
    now: DateTime<FixedOffset>,
) -> Result<Files<'a>, IndexFault> {
    Client::open(&known.root, server, rows, now).map_err(|trouble| match trouble {
        Trouble::Refused(fault) => IndexFault::Root {
            path: known.path.clone(),
            fault,
        },
        other => fault_of(&known.name, other),
    })
}

/// Waits for the lock of an index; whoever called may go meanwhile.
fn wait_for(access: &Access<'_>, known: &KnownIndex, lock: &str) -> Result<bool, IndexFault> {
    for _ in 0..PATIENCE {
        if access.database.borrow_mut().get_lock(lock, 1)? {
            return Ok(true);
        }
        let wanted = access.watcher.received(0, 0);
        wanted.map_err(|stop| fault_of(&known.name, Trouble::Remote(NetError::Cancelled(stop))))?;
    }
    Ok(false)
}

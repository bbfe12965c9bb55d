//! An index that is used: refreshed from its server, gone on with for a while where there is nothing newer, or as it is
//! remembered where nobody is to be asked; its files fetched once, and verified at each read. What is not of it any more goes
//! after a week.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use super::asked::{Mark, RECENT};
use super::cache::FileCache;
use super::entry::{Catalogue, PluginEntry};
use super::folder::KnownIndex;
use super::no_news::{NoNews, fault_of, without_news};
use super::server::Server;
use super::state::{NewRoots, Rows, lock_name};
use super::time::{CountedTime, shown};
use super::{IndexFault, IndexName};
use crate::base::db::{Database, DbError};
use crate::base::fs::Owner;
use crate::base::net::{Client as Web, ClientSettings, Credential, NetError};
use crate::base::progress::Watcher;
use crate::base::tuf::{
    Answer, Client, FileFacts, Role as _, Store as _, Timestamp, Trouble, TufError, WebFolder, place_of,
};
use crate::config::Settings;
use crate::model::{Phrase, Slug};

/// Seconds for which another process that refreshes the index is waited for.
const PATIENCE: u64 = 60;
/// How long a refresh may take with all that it reads.
const REFRESH: Duration = Duration::from_mins(5);
/// What takes as long as this to fail is not tried again for a while.
const LONG: Duration = Duration::from_secs(2);
/// How long a file of an index may take.
pub const FILE: Duration = Duration::from_mins(1);
/// Bytes of a file of an index.
pub(super) const TARGET_BYTES: u64 = 32 << 20;

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
    /// The HTTP client; nothing where nobody is to be asked.
    pub web: Option<&'a Web>,
    /// Who watches.
    pub watcher: &'a dyn Watcher,
    /// A connection of its own: what is believed is stored whatever becomes of the operation. Nothing where the call names no
    /// database.
    pub database: Option<Rc<RefCell<Database>>>,
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
    /// Nobody was asked: what is remembered, however old it is.
    Remembered,
}

type Files<'a> = Client<Server<'a>, Rows>;

/// An index of which is known what is in it.
pub struct SignedIndex<'a> {
    name: IndexName,
    files: Files<'a>,
    age: Age,
    cache: FileCache,
    keeps: bool,
}

impl Age {
    fn gone_on(reason: Phrase, files: &Files<'_>, now: DateTime<FixedOffset>) -> Self {
        let ends = shown(files.ends().with_timezone(now.offset()));
        Self::GoneOn { reason, ends }
    }
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
        let Some(database) = access.database.as_ref().filter(|_| access.keeps) else {
            return Self::open_locked(access, known, credential, asks);
        };
        let lock = lock_name(database.borrow().name(), &known.name);
        if !wait_for((access, database), known, &lock)? {
            return Err(IndexFault::Busy {
                index: known.name.to_string(),
                seconds: PATIENCE,
            });
        }
        let opened = Self::open_locked(access, known, credential, asks);
        let released = database.borrow_mut().release_lock(&lock);
        let index = opened?;
        released?;
        Ok(index)
    }

    /// What is remembered of an index, however old it is and whatever became of a later refresh: nobody is asked, and nothing is
    /// written. Nothing where nothing is remembered.
    ///
    /// # Errors
    /// [`IndexFault::Root`], [`IndexFault::Database`].
    pub fn remembered(access: &Access<'a>, known: &KnownIndex) -> Result<Option<Self>, IndexFault> {
        let rows = Rows::new(access.database.as_ref(), &known.name, access.now, false);
        let always = DateTime::<Utc>::UNIX_EPOCH.with_timezone(access.now.offset());
        let mut files = open_root(known, Server::Nobody, rows, always)?;
        let found = files
            .recall_targets()
            .map_err(|trouble| fault_of(&known.name, trouble))?;
        Ok(found.then(|| Self::of(access, known, files, Age::Remembered)))
    }

    fn open_locked(
        access: &Access<'a>,
        known: &KnownIndex,
        credential: Option<&'a Credential>,
        asks: bool,
    ) -> Result<Self, IndexFault> {
        let rows = Rows::new(access.database.as_ref(), &known.name, access.now, access.keeps);
        let time = CountedTime::of(access.now, rows.newest()?);
        let rows = rows.at(time.now).noting(&access.roots);
        let server = || -> Result<Server<'a>, IndexFault> {
            let Some(web) = access.web else {
                return Ok(Server::Nobody);
            };
            let folder = WebFolder::new(web, known.settings.address()?, access.watcher);
            Ok(Server::Web(folder.with_credential(credential).within(REFRESH)))
        };
        let mark = Mark::new(&access.folder.join(known.name.as_str()), access.owner);
        let seen = rows
            .role(Timestamp::TYPE)?
            .filter(|_| !asks && time.went_back.is_none());
        let is_recent = seen.is_some_and(|seen| mark.is_recent(&seen, time.now));
        let mut files = open_root(known, server()?, rows.clone(), time.now)?;
        if is_recent && files.recall().is_ok() {
            return Ok(Self::of(access, known, files, Age::Fresh));
        }
        if let Some(said) = rows.failed(RECENT)?.filter(|_| !asks) {
            return Self::go_on(access, known, (server, rows), (time, NoNews::Failed(said)));
        }
        let started = Instant::now();
        match files.refresh() {
            Ok(()) => {
                rows.settle()?;
                rows.note_failure(None)?;
                let age = time
                    .went_back
                    .map_or(Age::Fresh, |reason| Age::gone_on(reason, &files, access.now));
                let index = Self::of(access, known, files, age);
                if let Some(seen) = rows.role(Timestamp::TYPE)?.filter(|_| access.keeps) {
                    // Where it cannot stand, the server is asked again; what cannot go now goes another time.
                    let _ = mark.set(&seen, time.now);
                    let _ = index
                        .cache
                        .sweep(index.files.targets().map(|targets| &targets.role), time.now);
                }
                Ok(index)
            }
            Err(trouble) => {
                let reason = without_news(known, trouble)?;
                if started.elapsed() >= LONG && matches!(reason, NoNews::Unreachable(_)) {
                    rows.note_failure(Some(&reason.phrase()))?;
                }
                Self::go_on(access, known, (server, rows), (time, reason))
            }
        }
    }

    /// With what is remembered, as long as it has not ended for longer than the grace.
    fn go_on(
        access: &Access<'a>,
        known: &KnownIndex,
        (server, rows): (impl Fn() -> Result<Server<'a>, IndexFault>, Rows),
        (time, reason): (CountedTime, NoNews),
    ) -> Result<Self, IndexFault> {
        let back = TimeDelta::days(i64::from(access.grace));
        let then = time.now.checked_sub_signed(back).unwrap_or(time.now);
        let said = || time.went_back.clone().unwrap_or_else(|| reason.phrase());
        // The newest; where what that announces is nowhere, what was whole before.
        for rows in [rows.clone(), rows.whole()] {
            let mut files = open_root(known, server()?, rows, then)?;
            match files.recall() {
                Ok(()) => {
                    let age = Age::gone_on(said(), &files, access.now);
                    return Ok(Self::of(access, known, files, age));
                }
                Err(Trouble::Store(fault)) => return Err(fault.into()),
                Err(Trouble::Refused(TufError::Expired { .. })) => {
                    return Err(IndexFault::stale(known.name.as_str(), said(), access.grace));
                }
                // Nothing is remembered, or not all of it.
                Err(_) => {}
            }
        }
        Err(reason.fault(known, access.grace))
    }

    fn of(access: &Access<'a>, known: &KnownIndex, files: Files<'a>, age: Age) -> Self {
        Self {
            name: known.name.clone(),
            files,
            age,
            cache: FileCache::new(access.folder.join(known.name.as_str()), access.owner),
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
        if let Some(bytes) = self.cache.read(name, &facts) {
            return Ok(Some(bytes));
        }
        let bytes = self.fetched(name, &facts)?;
        if self.keeps {
            // It is fetched again where it cannot be stored.
            let _ = self.cache.write(&facts, &bytes);
        }
        Ok(Some(bytes))
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

fn open_root<'a>(
    known: &KnownIndex,
    server: Server<'a>,
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
fn wait_for(
    (access, database): (&Access<'_>, &RefCell<Database>),
    known: &KnownIndex,
    lock: &str,
) -> Result<bool, IndexFault> {
    for _ in 0..PATIENCE {
        if database.borrow_mut().get_lock(lock, 1)? {
            return Ok(true);
        }
        let wanted = access.watcher.received(0, 0);
        wanted.map_err(|stop| fault_of(&known.name, Trouble::Remote(NetError::Cancelled(stop))))?;
    }
    Ok(false)
}

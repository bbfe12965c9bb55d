//! What the signed indices of a site say of packages, wherever these come from: what they withdraw, and since when they have
//! them (SPEC 3 §3, SPEC 3 §4). Each is refreshed before a plugin's locks are taken; nothing is asked where the site knows none.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::{DateTime, Utc};

use super::Error;
use super::indices::{Indices, Reached};
use super::reporter::OperationReporter;
use crate::config::{Settings, SignatureLevel, Site};
use crate::index::{Age, IndexFault, IndexName, PluginEntry, SignedIndex, Unheard, in_index, not_remembered};
use crate::log::{Message, Reporter};
use crate::model::{Phrase, Sha256Digest, Slug};
use crate::stage;
use crate::trust::{Policy, Revocations};

/// The list of an index.
const REVOKED: &str = "revogados.json";

/// The indices that a site knows; nothing where it knows none. Their servers are to be asked where `looks` says so, by what the
/// operator asks for.
pub(super) fn followed(
    (site, settings): (&Site, &Settings),
    reporter: &dyn Reporter,
    looks: impl FnOnce(&Policy) -> bool,
) -> Result<Option<Reached>, Error> {
    match Reached::known(site)? {
        Some(known) if looks(&known.policy) => known.connected((site, settings), reporter).map(Some),
        known => Ok(known),
    }
}

/// What an index has of a plugin.
#[derive(Debug, Clone)]
enum Entry {
    /// Nobody knows.
    Unknown,
    /// Nothing.
    Absent,
    There(PluginEntry),
}

/// What the indices of a site say.
#[derive(Default)]
pub(super) struct IndexWords<'a> {
    indices: Vec<Rc<SignedIndex<'a>>>,
    revocations: Revocations,
    /// Those whose word is not known.
    unheard: Vec<Unheard>,
    /// Of which nothing is remembered.
    forgotten: Vec<IndexName>,
    entries: RefCell<BTreeMap<(IndexName, Slug), Entry>>,
    has_asked: bool,
    reporter: Option<&'a OperationReporter<'a>>,
}

impl<'a> IndexWords<'a> {
    /// Nothing.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// Asks them, where their servers can be; else what is remembered has to do. `keeps`: what is seen is remembered.
    ///
    /// # Errors
    /// What is no fault of an index: its files in the trust folder, the database, a caller who says stop.
    pub(super) fn of(
        reached: Option<&'a Reached>,
        site: &Site,
        reporter: &'a OperationReporter<'a>,
        keeps: bool,
    ) -> Result<Self, Error> {
        let mut words = Self {
            reporter: Some(reporter),
            has_asked: reached.is_none_or(Reached::asks),
            ..Self::default()
        };
        let Some(reached) = reached else {
            return Ok(words);
        };
        let keeps = keeps && reached.asks();
        let indices = Indices::new(reached, site, reporter, keeps)?;
        if keeps {
            stage::prepare_work(&site.root)?;
        }
        for known in indices.all() {
            words.hear(&indices, &known.name, reached)?;
        }
        Ok(words)
    }

    fn hear(&mut self, indices: &Indices<'a>, name: &IndexName, reached: &Reached) -> Result<(), Error> {
        if reached.asks() {
            let heard = indices.open(name).and_then(|index| self.take(index));
            match heard {
                Err(Error::SignedIndex(fault)) => {
                    let unheard = Unheard::of(fault, name.as_str(), reached.policy.grace())?;
                    self.unheard.push(unheard);
                }
                heard => return heard,
            }
        }
        // What was withdrawn stays so, however old the word is.
        let remembered = indices.remembered(name)?;
        match remembered.map(|index| self.take(Rc::new(index))) {
            Some(Ok(())) => return Ok(()),
            Some(Err(Error::SignedIndex(fault))) => drop(Unheard::of(fault, name.as_str(), 0)?),
            Some(other) => return other,
            None => {}
        }
        self.forgotten.push(name.clone());
        Ok(())
    }

    /// Takes its list.
    fn take(&mut self, index: Rc<SignedIndex<'a>>) -> Result<(), Error> {
        if let Some(bytes) = index.revocations()? {
            let name = index.name().as_str();
            let list = Revocations::of_index(name, &bytes).map_err(|fault| IndexFault::Entry {
                index: name.to_owned(),
                file: REVOKED.to_owned(),
                reason: Phrase::of_others(fault),
            })?;
            self.revocations.join(&list);
        }
        self.indices.push(index);
        Ok(())
    }

    /// What they withdraw.
    pub(super) fn revocations(&self) -> &Revocations {
        &self.revocations
    }

    /// Whether their servers were asked, or there are none.
    pub(super) fn has_asked(&self) -> bool {
        self.has_asked
    }

    /// Whether a package may be judged without the word of those that are not heard. What shows what is not the index's is
    /// refused, and so is any silence where signatures are required.
    pub(super) fn admit(&self, level: SignatureLevel) -> Result<(), Error> {
        for unheard in &self.unheard {
            match level {
                SignatureLevel::Off => {}
                SignatureLevel::Warn if !unheard.is_refused() => self.tell(&unheard.clone().fault()),
                SignatureLevel::Warn | SignatureLevel::Require => return Err(unheard.clone().fault().into()),
            }
        }
        Ok(())
    }

    /// Tells whose word is not known, for whoever only looks.
    pub(super) fn tell_unheard(&self) {
        for unheard in &self.unheard {
            self.tell(&unheard.clone().fault());
        }
        for name in &self.forgotten {
            self.warn(not_remembered(name));
        }
    }

    /// Reads what fresh indices say of a plugin, so that nobody has to be asked for it later.
    pub(super) fn read_ahead(&self, slug: &Slug) -> Result<(), Error> {
        self.published(slug, Sha256Digest::new([0; 32])).map(|_| ())
    }

    /// Since when fresh indices have a package.
    pub(super) fn published(&self, slug: &Slug, sha256: Sha256Digest) -> Result<Vec<DateTime<Utc>>, Error> {
        let mut found = Vec::new();
        for index in self.indices.iter().filter(|index| *index.age() == Age::Fresh) {
            let Entry::There(entry) = self.entry(index, slug)? else {
                continue;
            };
            let said = entry.published_at(sha256);
            let read = said.and_then(|text| DateTime::parse_from_rfc3339(text).ok());
            found.extend(read.map(|time| time.to_utc()));
        }
        Ok(found)
    }

    /// What an index says today of a version that came from it, where that is not what it said then.
    pub(super) fn changed(
        &self,
        reference: &str,
        slug: &Slug,
        version: &str,
        sha256: &str,
    ) -> Result<Option<Phrase>, Error> {
        let name = reference.split(':').next();
        let mut indices = self.indices.iter();
        let Some(index) = indices.find(|index| Some(index.name().as_str()) == name) else {
            return Ok(None);
        };
        Ok(match self.entry(index, slug)? {
            Entry::Unknown => None,
            Entry::Absent => in_index(index.name(), None, version, sha256),
            Entry::There(entry) => in_index(index.name(), Some(&entry), version, sha256),
        })
    }

    /// An entry that cannot be had or understood is told: it would only have excused something.
    fn entry(&self, index: &SignedIndex<'_>, slug: &Slug) -> Result<Entry, Error> {
        let key = (index.name().clone(), slug.clone());
        if let Some(entry) = self.entries.borrow().get(&key) {
            return Ok(entry.clone());
        }
        let entry = match index.plugin(slug) {
            Ok(entry) => entry.map_or(Entry::Absent, Entry::There),
            Err(fault) => {
                let unheard = Unheard::of(fault, index.name().as_str(), 0)?;
                self.tell(&unheard.fault());
                Entry::Unknown
            }
        };
        self.entries.borrow_mut().insert(key, entry.clone());
        Ok(entry)
    }

    fn tell(&self, fault: &IndexFault) {
        self.warn(Phrase::of(fault));
    }

    fn warn(&self, told: Phrase) {
        if let Some(reporter) = self.reporter {
            reporter.message(Message::Warning(told));
        }
    }
}

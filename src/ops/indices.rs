//! Signed indices as operations use them: those that an operator put into the trust folder, each refreshed at most once a
//! call; which of them has a plugin. What they say is decided in the room `index`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::credentials::PluginCredentials;
use super::reporter::OperationReporter;
use super::trust_folder::{self, standing_trust_folder, trust_folder};
use super::{Error, confine, look};
use crate::base::net::{Client, Credential};
use crate::base::tuf::TufError;
use crate::config::parameter::TRUST;
use crate::config::{Settings, Site};
use crate::index::{
    self, Access, Age, IndexFault, IndexFolder, IndexName, KnownIndex, NewRoots, PluginEntry, SignedIndex,
    VersionEntry, Wanted,
};
use crate::log::{Audited, Message, Reporter};
use crate::model::{Phrase, Release, Sha256Digest, Slug, VersionRange};
use crate::registry::{self, Feature};
use crate::source::PinnedPackage;
use crate::stage;
use crate::transaction::TransactionReporter;
use crate::trust::Policy;

/// By what indices are reached: what lives longer than an index that is open.
pub(super) struct Reached {
    /// Nothing where nobody is to be asked.
    web: Option<Client>,
    known: Vec<(KnownIndex, Option<Credential>)>,
    /// What the operator asks for.
    pub(super) policy: Policy,
}

impl Reached {
    /// Those that the operator knows; `named`: that one alone.
    ///
    /// # Errors
    /// [`IndexFault::NoTrust`] where there is no folder in which one could stand, [`IndexFault::Unknown`].
    pub(super) fn read(
        site: &Site,
        settings: &Settings,
        named: Option<&str>,
        reporter: &dyn Reporter,
    ) -> Result<Self, Error> {
        let folder = reading_folder(site)?;
        let known = match named {
            Some(name) => vec![folder.read(&name.parse()?)?],
            None => folder.list()?,
        };
        Self::of(known, site)?.connected((site, settings), reporter)
    }

    /// Those that the operator knows, where there are any; their servers are not to be asked yet.
    pub(super) fn known(site: &Site) -> Result<Option<Self>, Error> {
        let folder = standing_folder(site)?;
        let known = folder.map(|folder| folder.list()).transpose()?.unwrap_or_default();
        if known.is_empty() {
            return Ok(None);
        }
        Self::of(known, site).map(Some)
    }

    fn of(known: Vec<KnownIndex>, site: &Site) -> Result<Self, Error> {
        Ok(Self {
            web: None,
            known: known.into_iter().map(|known| (known, None)).collect(),
            policy: trust_folder::read(site)?.policy,
        })
    }

    /// The same, with what their servers are asked by.
    pub(super) fn connected(
        self,
        (site, settings): (&Site, &Settings),
        reporter: &dyn Reporter,
    ) -> Result<Self, Error> {
        if let Some(file) = &settings.ca_file {
            confine::allow(&site.reach, "gestor_plugins.ca_file", file)?;
        }
        let with_credential = |known: KnownIndex| {
            let credential = credential(&known, (site, settings), reporter)?;
            Ok((known, credential))
        };
        let known = self.known.into_iter().map(|(known, _)| known);
        Ok(Self {
            web: Some(index::client(settings, Some(index::FILE)).map_err(IndexFault::Address)?),
            known: known.map(with_credential).collect::<Result<_, Error>>()?,
            policy: self.policy,
        })
    }

    /// Whether their servers are to be asked.
    pub(super) fn asks(&self) -> bool {
        self.web.is_some()
    }

    /// Those that the operator knows, where there are any.
    pub(super) fn any(site: &Site, settings: &Settings, reporter: &dyn Reporter) -> Result<Option<Self>, Error> {
        let known = Self::known(site)?;
        known
            .map(|known| known.connected((site, settings), reporter))
            .transpose()
    }

    fn names(&self) -> Phrase {
        let names: Vec<_> = self.known.iter().map(|(known, _)| known.name.as_str()).collect();
        if names.is_empty() {
            return index::no_index();
        }
        Phrase::of_others(names.join(", "))
    }
}

/// Where the operator's indices stand.
pub(super) fn folder(site: &Site) -> Result<IndexFolder, Error> {
    let trust = trust_folder(site)?.ok_or(IndexFault::NoTrust)?;
    confine::allow(&site.reach, TRUST.name, &trust)?;
    let owner = trust_folder::owner(site, &trust)?;
    Ok(IndexFolder::new(&trust, owner))
}

/// The same for whoever only reads there: one that somebody said has to stand.
pub(super) fn reading_folder(site: &Site) -> Result<IndexFolder, Error> {
    standing_folder(site)?.map_or_else(|| folder(site), Ok)
}

/// The one that stands; nothing where no folder stands.
fn standing_folder(site: &Site) -> Result<Option<IndexFolder>, Error> {
    let Some(trust) = standing_trust_folder(site)? else {
        return Ok(None);
    };
    let owner = trust_folder::owner(site, &trust)?;
    Ok(Some(IndexFolder::new(&trust, owner)))
}

/// What its settings name, as a call's `cred_ref` is read: sent to its server alone.
fn credential(
    known: &KnownIndex,
    (site, settings): (&Site, &Settings),
    reporter: &dyn Reporter,
) -> Result<Option<Credential>, Error> {
    let Some(name) = &known.settings.credencial else {
        return Ok(None);
    };
    let mut database = look::connect(&site.root, site.database.as_ref())?;
    let mut credentials = PluginCredentials {
        site,
        settings,
        database: &mut database,
        slug: None,
        reporter,
    };
    credentials.of_name(name, &known.settings.address()?)
}

/// The indices of a call.
pub(super) struct Indices<'a> {
    reached: &'a Reached,
    access: Access<'a>,
    reporter: &'a OperationReporter<'a>,
    /// The server is asked even if it was a moment ago.
    asks: bool,
    opened: RefCell<BTreeMap<IndexName, Rc<SignedIndex<'a>>>>,
}

/// A plugin of an index.
pub(super) struct Entry {
    pub(super) index: IndexName,
    pub(super) plugin: PluginEntry,
}

impl<'a> Indices<'a> {
    /// Connects, where the call names a database or something is to be remembered. `keeps`: what is seen is; a dry run leaves no
    /// trace.
    pub(super) fn new(
        reached: &'a Reached,
        site: &Site,
        reporter: &'a OperationReporter<'a>,
        keeps: bool,
    ) -> Result<Self, Error> {
        let is_needed = keeps || site.database.is_some();
        let database = is_needed.then(|| look::connect(&site.root, site.database.as_ref()));
        let mut database = database.transpose()?;
        if let Some(database) = database.as_mut().filter(|_| keeps) {
            let go_on = || reporter.is_wanted();
            registry::prepare(database, &go_on)?;
            registry::prepare_for(database, Feature::Indices, &go_on)?;
        } else if let Some(database) = database.as_mut().filter(|_| reached.asks()) {
            // What a newer library has written is refused here as well.
            registry::identify(database)?;
        }
        let access = Access {
            web: reached.web.as_ref(),
            watcher: reporter,
            database: database.map(|database| Rc::new(RefCell::new(database))),
            folder: site.root.indices(),
            owner: stage::work_owner(&site.root)?,
            now: reporter.clock().now(),
            grace: reached.policy.grace(),
            keeps,
            roots: NewRoots::default(),
        };
        Ok(Self {
            reached,
            access,
            reporter,
            asks: false,
            opened: RefCell::default(),
        })
    }

    /// Asks each server, however lately it was asked.
    pub(super) fn asking(mut self) -> Self {
        self.asks = true;
        self
    }

    /// All of them, by priority.
    pub(super) fn all(&self) -> impl Iterator<Item = &KnownIndex> {
        self.reached.known.iter().map(|(known, _)| known)
    }

    /// One of them, refreshed; what is gone on with is told.
    pub(super) fn open(&self, name: &IndexName) -> Result<Rc<SignedIndex<'a>>, Error> {
        if let Some(index) = self.opened.borrow().get(name) {
            return Ok(Rc::clone(index));
        }
        let mut known = self.reached.known.iter();
        let (known, credential) = known.find(|(known, _)| known.name == *name).ok_or_else(|| {
            let name = name.to_string();
            IndexFault::Unknown { name }
        })?;
        let opened = SignedIndex::open(&self.access, known, credential.as_ref(), self.asks);
        // A root counts as soon as it was believed, whatever becomes of the rest.
        for (name, version, sha256) in self.access.roots.take() {
            self.reporter.audit(root_audited(&name, version, &sha256));
        }
        let index = opened?;
        if let Age::GoneOn { reason, ends } = index.age() {
            let told = index::gone_on(name, reason, ends, self.access.grace);
            self.reporter.message(Message::Warning(told));
        }
        let index = Rc::new(index);
        self.opened.borrow_mut().insert(name.clone(), Rc::clone(&index));
        Ok(index)
    }

    /// What is remembered of one of them: nobody is asked.
    pub(super) fn remembered(&self, name: &IndexName) -> Result<Option<SignedIndex<'a>>, Error> {
        let known = self.all().find(|known| known.name == *name);
        let found = known.map(|known| SignedIndex::remembered(&self.access, known));
        Ok(found.transpose()?.flatten())
    }

    /// The plugin in the first index that has it. One that cannot be asked is passed over by none: what it would have said
    /// would count.
    pub(super) fn plugin(&self, slug: &Slug) -> Result<Option<Entry>, Error> {
        for known in self.all() {
            let index = self.open(&known.name)?;
            if let Some(plugin) = index.plugin(slug)? {
                let index = known.name.clone();
                return Ok(Some(Entry { index, plugin }));
            }
        }
        Ok(None)
    }

    /// The version of a plugin that a call means.
    ///
    /// # Errors
    /// [`IndexFault::NoPlugin`], [`IndexFault::NoVersion`].
    pub(super) fn choose(&self, slug: &Slug, wanted: &Wanted) -> Result<(IndexName, VersionEntry), Error> {
        let found = self.plugin(slug)?.ok_or_else(|| IndexFault::NoPlugin {
            slug: slug.to_string(),
            indices: self.reached.names(),
        })?;
        let chosen = index::choose(&found.plugin, wanted).map_err(|fault| IndexFault::NoVersion {
            index: found.index.to_string(),
            slug: slug.to_string(),
            reason: fault.phrase(
                &wanted
                    .range
                    .as_ref()
                    .map_or_else(|| "*".to_owned(), VersionRange::to_string),
            ),
        })?;
        Ok((found.index, chosen.clone()))
    }

    /// A version as it is fetched.
    pub(super) fn pinned(&self, index: &IndexName, slug: &Slug, version: &VersionEntry) -> PinnedPackage {
        let mut known = self.reached.known.iter();
        let credential = known.find(|(known, _)| known.name == *index);
        PinnedPackage {
            urls: version.urls.clone(),
            sha256: version.sha256,
            size: version.size,
            reference: format!("{index}:{slug}"),
            credential: credential.and_then(|(_, credential)| credential.clone()),
        }
    }
}

/// A root that is believed from now on, for the audit log.
pub(super) fn root_audited(name: &IndexName, version: u64, sha256: &Sha256Digest) -> Audited {
    Audited {
        action: "indice.raiz",
        resource: name.to_string(),
        about: vec![("versao", version.to_string()), ("sha256", sha256.to_string())],
    }
}

/// What is wanted of a plugin, by a call and what is there.
pub(super) fn wanted(range: Option<&VersionRange>, installed: Option<&str>, gestor: Option<&str>) -> Wanted {
    Wanted {
        range: range.cloned(),
        installed: installed.and_then(Release::leading),
        gestor: gestor.and_then(Release::leading),
    }
}

/// Whether a fault means only that an index cannot be reached, or is not whole.
pub(super) fn is_unreachable(fault: &Error) -> Option<Phrase> {
    match fault {
        Error::SignedIndex(
            fault @ (IndexFault::Unreachable { .. }
            | IndexFault::Silent { .. }
            | IndexFault::Refused {
                fault: TufError::Missing { .. },
                ..
            }),
        ) => Some(Phrase::of(fault)),
        _ => None,
    }
}

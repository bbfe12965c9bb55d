//! What a plugin needs, and who needs it: asked before anything is touched (SPEC 2 §7).

use std::collections::BTreeMap;

use super::known::is_installed;
use super::look;
use super::reporter::OperationReporter;
use crate::base::db::Database;
use crate::config::Site;
use crate::dependencies::{Lack, Member, Set};
use crate::log::{Message, Reporter};
use crate::manifest;
use crate::model::{Component, Phrase, Release, Slug};
use crate::ops::{DependencyRefusal, Error, messages};
use crate::outcome::ExecutionStatus;
use crate::registry::{self, State};
use crate::transaction::Waiting;

/// The plugins of a database that are installed and active, and which of them wait for what they need.
pub(super) struct Installed {
    pub(super) set: Set,
    waiting: Vec<Slug>,
}

impl Installed {
    /// Reads them. A plugin whose record was made anew has no version there: it fits every range.
    pub(super) fn read(database: &mut Database, site: &Site) -> Result<Self, Error> {
        let release = |text: &Option<String>| text.as_deref().and_then(Release::leading);
        let mut found = Self {
            set: Set {
                gestor: release(&site.gestor_version),
                php: release(&site.php_version),
                members: BTreeMap::new(),
            },
            waiting: Vec::new(),
        };
        let states = registry::read_states(database)?;
        let states: BTreeMap<&str, &State> = states.iter().map(|state| (state.slug.as_str(), state)).collect();
        for (slug, row) in look::plugins(database)? {
            let state = states.get(slug.as_str()).copied();
            if !is_installed(state, row.version.as_deref()) || state.is_some_and(State::is_paused) {
                continue;
            }
            if row.status.as_deref() == Some(ExecutionStatus::AwaitingDependency.word()) {
                found.waiting.push(slug.clone());
            }
            let member = member(&slug, row.version.as_deref(), row.manifest.as_deref());
            found.set.members.insert(slug, member);
        }
        Ok(found)
    }

    /// What the database would lack once this plugin is as `after` says; nothing: gone.
    fn after(&self, slug: &Slug, after: Option<Member>) -> Set {
        let mut set = self.set.clone();
        match after {
            Some(member) => set.members.insert(slug.clone(), member),
            None => set.members.remove(slug),
        };
        set
    }
}

/// A plugin as its row in `plugins` tells it: version and manifest.
pub(super) fn member(slug: &Slug, version: Option<&str>, manifest: Option<&str>) -> Member {
    Member {
        release: version.and_then(Release::leading),
        dependencies: manifest
            .map(|text| manifest::dependencies_of(text, slug))
            .unwrap_or_default(),
    }
}

/// A plugin as a change leaves it, and what the call lets pass.
pub(super) struct Wanted<'a> {
    pub(super) slug: &'a Slug,
    /// Nothing: gone.
    pub(super) after: Option<Member>,
    /// Whatever is lacking passes.
    pub(super) ignores: bool,
    /// A gestor out of range passes.
    pub(super) force: bool,
}

/// Asks whether everything has what it needs once the change stands. What passes is told; whose status changes by it is
/// given back.
///
/// # Errors
/// [`DependencyRefusal`].
pub(super) fn admit(
    database: &mut Database,
    site: &Site,
    wanted: Wanted<'_>,
    reporter: &OperationReporter<'_>,
) -> Result<Waiting, Error> {
    let slug = wanted.slug;
    let installed = Installed::read(database, site)?;
    let set = installed.after(slug, wanted.after);
    for need in set.unknown_to(slug) {
        reporter.message(Message::Warning(messages::not_judged(&need)));
    }
    let known = installed.set.lacks_of_dependants(slug);
    let dependants = set.lacks_of_dependants(slug);
    // Who lacked it before is not kept from it by this change.
    let was_there = |lack: &&Lack| known.iter().any(|known| known.by == lack.by && known.need == lack.need);
    let newly: Vec<Lack> = dependants.iter().filter(|lack| !was_there(lack)).cloned().collect();
    let (gestor, own): (Vec<Lack>, Vec<Lack>) = set
        .lacks_of(slug)
        .into_iter()
        .partition(|lack| lack.need.on == Component::Gestor);
    let refusals = [
        (
            DependencyRefusal::Gestor {
                slug: slug.clone(),
                lacks: gestor,
            },
            wanted.force,
        ),
        (
            DependencyRefusal::Lacks {
                slug: slug.clone(),
                lacks: own.clone(),
            },
            false,
        ),
        (
            DependencyRefusal::Dependants {
                slug: slug.clone(),
                lacks: newly,
            },
            false,
        ),
    ];
    for (refusal, passes) in refusals.into_iter().filter(|(refusal, _)| !refusal.lacks().is_empty()) {
        if !passes && !wanted.ignores {
            return Err(refusal.into());
        }
        reporter.message(Message::Warning(Phrase::of(&refusal)));
    }
    Ok(waiting(&set, slug, &installed, (&own, &dependants)))
}

/// Whose status changes: who lacks something now, and who waited and lacks nothing any more.
fn waiting(set: &Set, slug: &Slug, installed: &Installed, (own, dependants): (&[Lack], &[Lack])) -> Waiting {
    let mut begin: Vec<Slug> = dependants.iter().map(|lack| lack.by.clone()).collect();
    begin.dedup();
    if !own.is_empty() {
        begin.push(slug.clone());
    }
    let served = installed
        .waiting
        .iter()
        .filter(|waits| *waits != slug && set.lacks_of(waits).is_empty());
    Waiting {
        begin,
        end: served.cloned().collect(),
    }
}

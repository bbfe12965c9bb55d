//! What a plugin needs, and who needs it: asked before anything is touched (SPEC 2 §7).

use std::collections::BTreeMap;

use super::known::is_installed;
use super::look;
use super::needs_stored::{self, Stored};
use super::reporter::OperationReporter;
use crate::base::db::Database;
use crate::config::Site;
use crate::dependencies::{Lack, Member, Set};
use crate::history;
use crate::log::{Message, Reporter};
use crate::model::{Component, Phrase, Release, Slug};
use crate::ops::{DependencyRefusal, Error, messages};
use crate::outcome::ExecutionStatus;
use crate::registry::{self, State};
use crate::transaction::{TransactionReporter, Waiting};

/// The plugins of a database that are installed and active, and which of them wait for what they need.
pub(super) struct Installed {
    pub(super) set: Set,
    waiting: Vec<Slug>,
    /// Those that are paused, and in which version.
    pub(super) paused: BTreeMap<Slug, Option<Release>>,
    /// Nobody can say all that these need.
    unread: Vec<Slug>,
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
            paused: BTreeMap::new(),
            unread: Vec::new(),
        };
        let states = registry::read_states(database)?;
        let states: BTreeMap<&str, &State> = states.iter().map(|state| (state.slug.as_str(), state)).collect();
        for (slug, row) in look::plugins(database)? {
            let state = states.get(slug.as_str()).copied();
            if state.is_some_and(State::is_paused) {
                let paused = state.and_then(|state| state.point.or(state.previous_point));
                let entry = paused.map_or(Ok(None), |id| history::entry(database, id))?;
                let version = entry
                    .and_then(|entry| entry.versao_para)
                    .or_else(|| row.version.clone());
                found.paused.insert(slug.clone(), release(&version));
            }
            if !is_installed(state, row.version.as_deref()) || state.is_some_and(State::is_paused) {
                continue;
            }
            if row.status.as_deref() == Some(ExecutionStatus::AwaitingDependency.word()) {
                found.waiting.push(slug.clone());
            }
            let stored = Stored {
                slug: &slug,
                version: row.version.as_deref(),
                checksum: row.checksum.as_deref(),
                manifest: row.manifest.as_deref(),
            };
            let (member, is_unread) = needs_stored::member(site, &stored);
            found.unread.extend(is_unread.then(|| slug.clone()));
            found.set.members.insert(slug, member);
        }
        Ok(found)
    }

    /// What there is once all of these are as they are wanted.
    pub(super) fn after(&self, wanted: &[Wanted<'_>]) -> Set {
        let mut set = self.set.clone();
        for one in wanted {
            match &one.after {
                Some(member) => set.members.insert(one.slug.clone(), member.clone()),
                None => set.members.remove(one.slug),
            };
        }
        set
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

/// Asks whether everything has what it needs once all of the changes stand. What passes is told; whose status changes by
/// each of them is given back, in their order.
///
/// # Errors
/// [`DependencyRefusal`].
pub(super) fn admit(
    database: &mut Database,
    site: &Site,
    wanted: &[Wanted<'_>],
    reporter: &OperationReporter<'_>,
) -> Result<Vec<Waiting>, Error> {
    let installed = Installed::read(database, site)?;
    let set = installed.after(wanted);
    let stays = |slug: &&Slug| wanted.iter().all(|one| one.slug != *slug);
    for slug in installed.unread.iter().filter(stays) {
        reporter.message(Message::Warning(messages::needs_unread(slug.as_str())));
    }
    let mut waiting = Vec::with_capacity(wanted.len());
    for one in wanted {
        reporter.turn_to(Some(one.slug));
        waiting.push(admit_one(&installed, &set, (one, wanted), reporter)?);
    }
    if let Some(first) = waiting.first_mut() {
        first.end = served(&set, &installed, wanted);
    }
    Ok(waiting)
}

/// The same of one change by itself.
pub(super) fn admit_alone(
    database: &mut Database,
    site: &Site,
    wanted: Wanted<'_>,
    reporter: &OperationReporter<'_>,
) -> Result<Waiting, Error> {
    Ok(admit(database, site, &[wanted], reporter)?.pop().unwrap_or_default())
}

fn admit_one(
    installed: &Installed,
    set: &Set,
    (one, all): (&Wanted<'_>, &[Wanted<'_>]),
    reporter: &OperationReporter<'_>,
) -> Result<Waiting, Error> {
    let slug = one.slug;
    for need in set.unknown_to(slug) {
        reporter.message(Message::Warning(messages::not_judged(&need)));
    }
    let known = installed.set.lacks_of_dependants(slug);
    // Those that change as well are asked for themselves.
    let mut dependants = set.lacks_of_dependants(slug);
    dependants.retain(|lack| all.iter().all(|other| *other.slug != lack.by));
    // Who lacked it before is not kept from it by this change.
    let was_there = |lack: &&Lack| known.iter().any(|known| known.by == lack.by && known.need == lack.need);
    let newly: Vec<Lack> = dependants.iter().filter(|lack| !was_there(lack)).cloned().collect();
    let (gestor, own): (Vec<Lack>, Vec<Lack>) = set
        .lacks_of(slug)
        .into_iter()
        .partition(|lack| lack.need.on == Component::Gestor);
    let slug = || one.slug.clone();
    let (own_lacks, lacks) = (own.clone(), newly);
    for (refusal, passes) in [
        (
            DependencyRefusal::Gestor {
                slug: slug(),
                lacks: gestor,
            },
            one.force,
        ),
        (
            DependencyRefusal::Lacks {
                slug: slug(),
                lacks: own_lacks,
            },
            false,
        ),
        (DependencyRefusal::Dependants { slug: slug(), lacks }, false),
    ] {
        if refusal.lacks().is_empty() {
            continue;
        }
        if !passes && !one.ignores {
            return Err(refusal.into());
        }
        reporter.message(Message::Warning(Phrase::of(&refusal)));
    }
    let mut begin: Vec<Slug> = dependants.iter().map(|lack| lack.by.clone()).collect();
    begin.dedup();
    begin.extend((!own.is_empty()).then(slug));
    Ok(Waiting { begin, end: Vec::new() })
}

/// Who waited, and lacks nothing any more; those that change have another status anyway.
fn served(set: &Set, installed: &Installed, wanted: &[Wanted<'_>]) -> Vec<Slug> {
    let stays = |waits: &&Slug| wanted.iter().all(|one| one.slug != *waits);
    let served = installed.waiting.iter().filter(stays);
    served.filter(|waits| set.lacks_of(waits).is_empty()).cloned().collect()
}

/// Who would lack something once a plugin is gone, and who would lack those, and so on: each before what it needs.
pub(super) fn cascade(database: &mut Database, site: &Site, slug: &Slug) -> Result<Vec<Slug>, Error> {
    let Installed { set, .. } = Installed::read(database, site)?;
    Ok(set.cascade(slug))
}

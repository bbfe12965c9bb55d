//! What could come along with what a call names (SPEC 2 §7): kept packages, those of a folder that the site names, and
//! those of signed indices. Reads only; which of them do is decided in `dependencies`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::indices::Indices;
use super::needs::Installed;
use super::reporter::OperationReporter;
use super::{Error, confine, offer_messages};
use crate::archive::Blacklist;
use crate::base::fs::{BelievedFolder, folder_names};
use crate::config::parameter::INDEX;
use crate::config::{DependencyRules, Site};
use crate::dependencies::{Candidate, Problem, Reason, Standing, Wish};
use crate::index::{Channel, IndexName, VersionEntry};
use crate::log::{Message, Reporter};
use crate::model::{Component, Dependency, Phrase, Release, Slug};
use crate::package::{LeftOut, OfferedPackage, Opening, PackageIndex};
use crate::stage;
use version_ranges::Ranges;

/// Files of a folder that are told of one by one where they are no packages.
const TOLD: usize = 20;

/// Plugins of indices that are asked for one call.
const MOST_INDEXED: usize = 5_000;

/// Where a package stands that could come along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shelf {
    /// Among the kept ones.
    Kept,
    /// In the folder that the site names.
    Folder,
}

/// A package that could come along.
#[derive(Debug)]
pub(super) enum Offer {
    /// A file of this machine.
    File(Shelf, OfferedPackage),
    /// A version of a signed index.
    Indexed(IndexName, Box<VersionEntry>),
}

impl Offer {
    /// What it needs.
    fn dependencies(&self) -> &[Dependency] {
        match self {
            Self::File(_, package) => &package.dependencies,
            Self::Indexed(_, version) => &version.dependencies,
        }
    }
}

impl Shelf {
    /// As reports say it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Kept => "guardado",
            Self::Folder => "indice",
        }
    }
}

/// Everything that could come along.
#[derive(Debug, Default)]
pub(super) struct Offers(BTreeMap<Slug, BTreeMap<Release, Offer>>);

impl Offers {
    /// Reads them. A kept package comes before one of the folder.
    pub(super) fn read(
        site: &Site,
        wishes: &DependencyRules,
        blacklist: &Blacklist,
        reporter: &OperationReporter<'_>,
    ) -> Result<Self, Error> {
        let opening = Opening {
            limits: &site.limits,
            blacklist,
        };
        let mut offers = Self::default();
        for (slug, folder) in kept(site, reporter)? {
            // Of several packages of a version that are kept, the one that came last has the plain name.
            match PackageIndex::read(folder, &|name| !name.contains('+'), opening) {
                Ok(mut index) => {
                    index.offered.retain(|found, _| *found == slug);
                    offers.add(Shelf::Kept, index);
                }
                Err(fault) => reporter.message(Message::warning(&fault)),
            }
        }
        if let Some(path) = &wishes.index {
            let mut index = PackageIndex::read(folder(site, path)?, &|_| true, opening)?;
            tell(std::mem::take(&mut index.left_out), reporter);
            offers.add(Shelf::Folder, index);
        }
        Ok(offers)
    }

    fn add(&mut self, from: Shelf, found: PackageIndex) {
        for (slug, versions) in found.offered {
            let known = self.0.entry(slug).or_default();
            for (release, package) in versions {
                known.entry(release).or_insert(Offer::File(from, package));
            }
        }
    }

    /// Adds what signed indices say of the plugins that are needed, and of what those need in turn: no other entry of them
    /// is read. A file of this machine comes before a version of an index.
    pub(super) fn add_indexed(
        &mut self,
        indices: &Indices<'_>,
        needed: Vec<Slug>,
        is_out: &dyn Fn(&Slug) -> bool,
    ) -> Result<(), Error> {
        let (mut waiting, mut asked) = (needed, BTreeSet::new());
        while let Some(slug) = waiting.pop() {
            if is_out(&slug) || !asked.insert(slug.clone()) {
                continue;
            }
            if asked.len() > MOST_INDEXED {
                break;
            }
            if let Some(found) = indices.plugin(&slug)? {
                let known = self.0.entry(slug.clone()).or_default();
                let open = found.plugin.versions.into_iter();
                let open = open.filter(|version| version.withdrawn.is_none() && version.channel == Channel::Estavel);
                for version in open {
                    let offer = Offer::Indexed(found.index.clone(), Box::new(version.clone()));
                    known.entry(version.release()).or_insert(offer);
                }
            }
            let offers = self.0.get(&slug).into_iter().flat_map(BTreeMap::values);
            waiting.extend(offers.flat_map(Offer::dependencies).filter_map(plugin_of));
        }
        Ok(())
    }

    /// The package of a version.
    pub(super) fn get(&self, slug: &Slug, release: Release) -> Option<&Offer> {
        self.0.get(slug)?.get(&release)
    }
}

/// The plugin that is needed, where it is one.
pub(super) fn plugin_of(need: &Dependency) -> Option<Slug> {
    match &need.on {
        Component::Plugin(slug) => Some(slug.clone()),
        Component::Gestor | Component::Php => None,
    }
}

/// The folders of kept packages. One that a stranger could have filled is told and left out.
fn kept(site: &Site, reporter: &OperationReporter<'_>) -> Result<Vec<(Slug, BelievedFolder)>, Error> {
    let above = site.root.backups().join("plugins");
    let names = match folder_names(&above) {
        Err(fault) if fault.is_absent() => return Ok(Vec::new()),
        names => names?,
    };
    let owner = stage::kept_owner(&site.root)?;
    let mut found = Vec::new();
    for name in names {
        let Some(slug) = Slug::normalize(&name).ok().filter(|slug| slug.as_str() == name) else {
            continue;
        };
        match BelievedFolder::open_here(site.root.kept(&slug), owner) {
            Ok(folder) => found.push((slug, folder)),
            Err(fault) => reporter.message(Message::warning(&fault)),
        }
    }
    Ok(found)
}

/// The folder that the site names, where PHP lets the script read it.
pub(super) fn folder(site: &Site, path: &Path) -> Result<BelievedFolder, Error> {
    confine::allow(&site.reach, INDEX.name, path)?;
    let owner = stage::owner(&site.root)?;
    Ok(BelievedFolder::open(path, owner)?)
}

fn tell(left_out: Vec<LeftOut>, reporter: &OperationReporter<'_>) {
    let more = left_out.len().saturating_sub(TOLD);
    for LeftOut { path, reason } in left_out.into_iter().take(TOLD) {
        reporter.message(Message::Warning(offer_messages::not_offered(
            &path,
            &Phrase::of(&reason),
        )));
    }
    if more > 0 {
        reporter.message(Message::Warning(offer_messages::more_not_offered(more)));
    }
}

/// A plugin that the call itself brings.
pub(super) struct Named<'n> {
    pub(super) slug: &'n Slug,
    pub(super) release: Release,
    /// What it needs, but for what the call lets pass.
    pub(super) dependencies: Vec<Dependency>,
}

/// The question which set has all that is installed and all that is named.
pub(super) fn problem(installed: &Installed, named: &[Named<'_>], offers: &Offers, rise: bool) -> Problem {
    let mut problem = Problem {
        gestor: installed.set.gestor,
        php: installed.set.php,
        ..Problem::default()
    };
    for one in named {
        let candidate = Candidate {
            dependencies: one.dependencies.clone(),
            standing: Standing::Offered,
        };
        want(&mut problem, one.slug, exactly(one.release), Reason::Named);
        problem
            .candidates
            .insert(one.slug.clone(), [(one.release, candidate)].into());
    }
    let is_named = |slug: &Slug| named.iter().any(|one| one.slug == slug);
    for (slug, member) in installed.set.members.iter().filter(|(slug, _)| !is_named(slug)) {
        let Some(release) = member.release else {
            problem.unread.insert(slug.clone());
            continue;
        };
        let lacks = installed.set.lacks_of(slug);
        let mut dependencies = member.dependencies.clone();
        // What it lacks already is no reason to refuse something else.
        dependencies.retain(|need| lacks.iter().all(|lack| lack.need != *need));
        let range = if rise {
            Ranges::higher_than(release)
        } else {
            exactly(release)
        };
        want(&mut problem, slug, range, Reason::Installed);
        let standing = Standing::Installed;
        let candidate = Candidate { dependencies, standing };
        problem.candidates.insert(slug.clone(), [(release, candidate)].into());
    }
    for (slug, release) in installed.paused.iter().filter(|(slug, _)| !is_named(slug)) {
        let candidate = Candidate {
            dependencies: Vec::new(),
            standing: Standing::Paused,
        };
        problem
            .candidates
            .insert(slug.clone(), [(release.unwrap_or(Release::LOWEST), candidate)].into());
    }
    offer(&mut problem, (installed, rise), &is_named, offers);
    problem
}

fn want(problem: &mut Problem, slug: &Slug, range: Ranges<Release>, reason: Reason) {
    problem.wanted.insert(slug.clone(), Wish { range, reason });
}

fn exactly(release: Release) -> Ranges<Release> {
    Ranges::between(release, release.next())
}

/// Adds what could come along: versions of what is not there, and, where they may rise, newer ones of what is.
fn offer(
    problem: &mut Problem,
    (installed, rise): (&Installed, bool),
    is_named: &dyn Fn(&Slug) -> bool,
    offers: &Offers,
) {
    for (slug, versions) in offers.0.iter().filter(|(slug, _)| !is_named(slug)) {
        let member = installed.set.members.get(slug);
        let is_out = installed.paused.contains_key(slug) || (member.is_some() && !rise);
        if is_out || problem.unread.contains(slug) {
            continue;
        }
        let lowest = member.and_then(|member| member.release);
        let candidates = problem.candidates.entry(slug.clone()).or_default();
        for (release, offer) in versions {
            if lowest.is_none_or(|lowest| *release > lowest) {
                candidates.insert(
                    *release,
                    Candidate {
                        dependencies: offer.dependencies().to_vec(),
                        standing: Standing::Offered,
                    },
                );
            }
        }
    }
}

/// What a plugin needs of its manifest, but for the gestor where the call lets that pass, or all of it.
pub(super) fn firm(dependencies: &[Dependency], (force, ignores): (bool, bool)) -> Vec<Dependency> {
    let passes = |need: &&Dependency| !(ignores || (force && need.on == Component::Gestor));
    dependencies.iter().filter(passes).cloned().collect()
}

//! A problem as `PubGrub` asks for it. Plugins are numbers here, in the order of their names: they are compared and copied
//! often.
//!
//! That something is optional is said by a second node for each plugin that is so needed: the version that it is there in,
//! or that it is absent. Each version of the plugin needs that node to say so, and whoever may do without it bounds that node
//! alone.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::ops::Bound;

use pubgrub::{Dependencies, DependencyProvider, PackageResolutionStatistics};
use version_ranges::Ranges;

use super::answer::{Excluded, Unusable};
use super::problem::{Problem, Standing};
use crate::model::{Component, Dependency, Release, Slug};

/// How often plugins are chosen once more before a question is given up, and how often for each that was chosen: some cannot
/// be answered in any time, and each such step takes longer than the one before.
const AGAIN: usize = 3_000;
const AGAIN_OF_EACH: usize = 8;

/// The version that says that a plugin is absent: no plugin has it.
pub(super) const ABSENT: Release = Release {
    major: u64::MAX,
    minor: u64::MAX,
    patch: u64::MAX - 1,
};

/// What needs, or is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Node {
    /// The set that is asked for: it needs what the call names and what is installed.
    Set,
    /// The gestor.
    Gestor,
    /// PHP.
    Php,
    /// A plugin, by the place of its name.
    Plugin(u32),
    /// Whether that plugin is there, and in which version.
    Presence(u32),
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The names of plugins by number.
pub(super) struct Names<'p>(Vec<&'p Slug>);

impl<'p> Names<'p> {
    fn of(problem: &'p Problem) -> Self {
        let dependencies = problem.candidates.values().flat_map(BTreeMap::values);
        let needed = dependencies
            .flat_map(|candidate| &candidate.dependencies)
            .filter_map(plugin);
        let all = problem.candidates.keys().chain(problem.wanted.keys()).chain(needed);
        let mut all: Vec<&Slug> = all.collect();
        all.sort_unstable();
        all.dedup();
        Self(all)
    }

    fn number(&self, slug: &Slug) -> Option<u32> {
        self.0.binary_search(&slug).ok().and_then(|at| u32::try_from(at).ok())
    }

    /// The plugin that a node is about.
    pub(super) fn slug(&self, node: Node) -> Option<&'p Slug> {
        match node {
            Node::Plugin(number) | Node::Presence(number) => self.0.get(number as usize).copied(),
            Node::Set | Node::Gestor | Node::Php => None,
        }
    }
}

fn plugin(dependency: &Dependency) -> Option<&Slug> {
    match &dependency.on {
        Component::Plugin(slug) => Some(slug),
        Component::Gestor | Component::Php => None,
    }
}

/// That a question was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("given up")]
pub(super) struct GivenUp;

/// The problem, and what of it was excluded since.
pub(super) struct Provider<'p> {
    pub(super) problem: &'p Problem,
    pub(super) names: Names<'p>,
    /// Plugins that somebody can do without.
    optional: BTreeSet<&'p Slug>,
    pub(super) excluded: Excluded,
    chosen: RefCell<HashSet<Node>>,
    again: Cell<usize>,
}

impl<'p> Provider<'p> {
    pub(super) fn new(problem: &'p Problem) -> Self {
        let all = problem.candidates.values().flat_map(BTreeMap::values);
        let dependencies = all.flat_map(|candidate| &candidate.dependencies);
        Self {
            problem,
            names: Names::of(problem),
            optional: dependencies.filter(|one| one.optional).filter_map(plugin).collect(),
            excluded: BTreeMap::new(),
            chosen: RefCell::new(HashSet::new()),
            again: Cell::new(0),
        }
    }

    /// The candidates of a plugin in a range, the lowest first.
    fn candidates(&self, node: Node, range: &Ranges<Release>) -> impl DoubleEndedIterator<Item = Release> {
        let slug = self.names.slug(node);
        let all = slug.and_then(|slug| self.problem.candidates.get(slug));
        let releases = all.into_iter().flat_map(BTreeMap::keys).copied();
        releases.filter(|release| range.contains(release))
    }

    fn needs_of_set(&self) -> impl Iterator<Item = (Node, Ranges<Release>)> {
        let wanted = self.problem.wanted.iter();
        wanted.filter_map(|(slug, wish)| Some((Node::Plugin(self.names.number(slug)?), wish.range.clone())))
    }

    fn needs(&self, slug: &Slug, release: Release) -> Dependencies<Node, Ranges<Release>, Unusable> {
        if let Some(cycle) = self.excluded.get(&(slug.clone(), release)) {
            return Dependencies::Unavailable(Unusable::Cycle(cycle.clone()));
        }
        let candidate = self.problem.candidate(slug, release);
        let Some(candidate) = candidate.filter(|candidate| candidate.standing != Standing::Paused) else {
            return Dependencies::Unavailable(Unusable::Paused);
        };
        let mut needs: BTreeMap<Node, Ranges<Release>> = BTreeMap::new();
        for dependency in &candidate.dependencies {
            let Some((node, range)) = self.need(dependency) else {
                continue;
            };
            let both = needs.entry(node).or_insert_with(Ranges::full);
            *both = both.intersection(&range);
        }
        if let Some(number) = self.names.number(slug).filter(|_| self.optional.contains(slug)) {
            needs.insert(Node::Presence(number), Ranges::singleton(release));
        }
        Dependencies::Available(needs.into_iter().collect())
    }

    /// What a dependency asks for. An unknown gestor or PHP, or a plugin that nobody can read, is asked for nothing.
    fn need(&self, dependency: &Dependency) -> Option<(Node, Ranges<Release>)> {
        let releases = dependency.range.releases();
        match &dependency.on {
            Component::Gestor => self.problem.gestor.map(|_| (Node::Gestor, releases.clone())),
            Component::Php => self.problem.php.map(|_| (Node::Php, releases.clone())),
            Component::Plugin(slug) if self.problem.unread.contains(slug) => None,
            Component::Plugin(slug) if dependency.optional => {
                let or_absent = releases.union(&Ranges::singleton(ABSENT));
                Some((Node::Presence(self.names.number(slug)?), or_absent))
            }
            Component::Plugin(slug) => Some((Node::Plugin(self.names.number(slug)?), releases.clone())),
        }
    }

    /// Counts what is chosen once more.
    fn count(&self, node: Node) -> Result<(), GivenUp> {
        let mut chosen = self.chosen.borrow_mut();
        if chosen.insert(node) {
            return Ok(());
        }
        self.again.set(self.again.get() + 1);
        let most = AGAIN + AGAIN_OF_EACH * chosen.len();
        if self.again.get() > most { Err(GivenUp) } else { Ok(()) }
    }

    /// Another attempt begins.
    pub(super) fn begin(&self) {
        self.chosen.borrow_mut().clear();
        self.again.set(0);
    }

    /// Absent unless something wants otherwise.
    fn presence(range: &Ranges<Release>) -> Option<Release> {
        // A range may lie between two releases.
        let mut lowest = range.iter().map(|(from, _)| bound(from));
        if range.contains(&ABSENT) {
            Some(ABSENT)
        } else {
            lowest.find(|release| range.contains(release))
        }
    }
}

fn bound(from: &Bound<Release>) -> Release {
    match from {
        Bound::Included(release) => *release,
        Bound::Excluded(release) => release.next(),
        Bound::Unbounded => Release::LOWEST,
    }
}

impl DependencyProvider for Provider<'_> {
    type P = Node;
    type V = Release;
    type VS = Ranges<Release>;
    type Priority = (u32, Reverse<usize>, Reverse<Node>);
    type M = Unusable;
    type Err = GivenUp;

    fn prioritize(&self, node: &Node, range: &Self::VS, statistics: &PackageResolutionStatistics) -> Self::Priority {
        let candidates = match node {
            Node::Plugin(_) => self.candidates(*node, range).count(),
            // Whether it is there shows by itself.
            Node::Presence(_) => return (0, Reverse(usize::MAX), Reverse(*node)),
            Node::Set | Node::Gestor | Node::Php => 1,
        };
        let conflicts = if candidates == 0 {
            u32::MAX
        } else {
            statistics.conflict_count()
        };
        (conflicts, Reverse(candidates), Reverse(*node))
    }

    fn choose_version(&self, node: &Node, range: &Self::VS) -> Result<Option<Release>, GivenUp> {
        self.count(*node)?;
        let only = |release: Option<Release>| release.filter(|release| range.contains(release));
        Ok(match node {
            Node::Set => Some(Release::LOWEST),
            Node::Gestor => only(self.problem.gestor),
            Node::Php => only(self.problem.php),
            Node::Presence(_) => Self::presence(range),
            Node::Plugin(_) => {
                let slug = self.names.slug(*node);
                let is_installed =
                    |release: &Release| slug.is_some_and(|slug| self.problem.is_installed(slug, *release));
                self.candidates(*node, range)
                    .find(is_installed)
                    .or_else(|| self.candidates(*node, range).next_back())
            }
        })
    }

    fn get_dependencies(
        &self,
        node: &Node,
        release: &Release,
    ) -> Result<Dependencies<Node, Self::VS, Unusable>, GivenUp> {
        Ok(match (node, self.names.slug(*node)) {
            (Node::Set, _) => Dependencies::Available(self.needs_of_set().collect()),
            (Node::Plugin(_), Some(slug)) => self.needs(slug, *release),
            _ => Dependencies::Available([].into_iter().collect()),
        })
    }
}

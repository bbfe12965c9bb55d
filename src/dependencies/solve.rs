//! Which versions make a set (SPEC 2 §7): PubGrub, then what is optional, then no cycles, then the order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use pubgrub::{Dependencies, DependencyProvider, PackageResolutionStatistics, PubGrubError, Ranges};

use super::answer::{Cycle, Proof, Unusable, Versions};
use super::explain::Explanation;
use super::order;
use super::problem::{Node, Problem};
use crate::model::{Component, Release, Slug};

/// Sets with a cycle that are given up before the question is.
const CYCLES: usize = 64;

/// The stack of a proof: of ten thousand plugins in a row with room to spare.
const STACK: usize = 64 << 20;

/// That no set answers the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoSet {
    /// Two wishes exclude each other, or something is missing: the sentences that prove it.
    Conflict(Explanation),
    /// The plugins would need each other.
    Cycle(Cycle),
}

/// A set in which everything has what it needs, in the order in which it can be brought about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// Dependencies before what needs them; ties by name.
    pub order: Vec<(Slug, Release)>,
}

/// Answers the question, always in the same way.
///
/// A proof is as deep as the plugins are that need each other, and is walked by calls of itself: on a stack of its own.
pub fn solve(problem: &Problem) -> Result<Solution, NoSet> {
    std::thread::scope(|scope| {
        let solver = std::thread::Builder::new()
            .name("dependencies".to_owned())
            .stack_size(STACK);
        match solver.spawn_scoped(scope, || on_this_stack(problem)) {
            Ok(solver) => solver.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            // No thread to be had: a stack as it is serves all but an index of thousands.
            Err(_) => on_this_stack(problem),
        }
    })
}

fn on_this_stack(problem: &Problem) -> Result<Solution, NoSet> {
    let mut unusable = BTreeMap::new();
    loop {
        let versions = with_optional(problem, &unusable).map_err(|proof| no_set(problem, proof, &unusable))?;
        let cycle = match order::of(problem, &versions) {
            Ok(order) => return Ok(Solution { order }),
            Err(cycle) => cycle,
        };
        let given_up = newest_that_may_go(problem, &cycle).filter(|_| unusable.len() < CYCLES);
        match given_up {
            Some(member) => unusable.insert(member, cycle),
            None => return Err(NoSet::Cycle(cycle)),
        };
    }
}

/// A set without a cycle does not exist: the last cycle says more than a proof that starts from it.
fn no_set(problem: &Problem, proof: Proof, unusable: &BTreeMap<(Slug, Release), Cycle>) -> NoSet {
    match unusable.values().next_back() {
        Some(cycle) => NoSet::Cycle(cycle.clone()),
        None => NoSet::Conflict(Explanation::of(problem, proof)),
    }
}

/// The newest member of a cycle that is neither installed nor the only one that is asked for.
fn newest_that_may_go(problem: &Problem, cycle: &Cycle) -> Option<(Slug, Release)> {
    let pinned = |slug: &Slug, release: Release| {
        let wanted = problem.wanted.get(slug);
        wanted.is_some_and(|wanted| *wanted == Ranges::between(release, release.next()))
    };
    let may_go = cycle.members.iter().filter(|(slug, release)| !pinned(slug, *release));
    may_go
        .max_by_key(|(slug, release)| (*release, Reverse(slug.clone())))
        .cloned()
}

/// Solves, and again with what is optional and turned out to be there, until nothing is added.
fn with_optional(problem: &Problem, unusable: &BTreeMap<(Slug, Release), Cycle>) -> Result<Versions, Proof> {
    let mut present = BTreeSet::new();
    loop {
        let versions = resolve(&Provider {
            problem,
            unusable,
            present: &present,
        })?;
        let before = present.len();
        present.extend(order::optional(problem, &versions));
        if present.len() == before {
            return Ok(versions);
        }
    }
}

fn resolve(provider: &Provider<'_>) -> Result<Versions, Proof> {
    let start = Release::LOWEST;
    match pubgrub::resolve(provider, Node::Set, start) {
        Ok(selected) => Ok(selected
            .iter()
            .filter_map(|(package, release)| match package {
                Node::Component(Component::Plugin(slug)) => Some((slug.clone(), *release)),
                _ => None,
            })
            .collect()),
        Err(PubGrubError::NoSolution(proof)) => Err(Box::new(proof)),
        Err(
            PubGrubError::ErrorRetrievingDependencies { source, .. }
            | PubGrubError::ErrorChoosingVersion { source, .. }
            | PubGrubError::ErrorInShouldCancel(source),
        ) => match source {},
    }
}

/// The problem as PubGrub asks for it.
struct Provider<'a> {
    problem: &'a Problem,
    unusable: &'a BTreeMap<(Slug, Release), Cycle>,
    /// Plugins of the set that something needs only where they are there.
    present: &'a BTreeSet<Slug>,
}

impl Provider<'_> {
    /// The candidates of a plugin in a range, the lowest first.
    fn candidates(&self, slug: &Slug, range: &Ranges<Release>) -> impl DoubleEndedIterator<Item = Release> {
        let all = self.problem.candidates.get(slug).into_iter().flatten();
        all.map(|(release, _)| *release)
            .filter(|release| range.contains(release))
    }

    fn needs_of_set(&self) -> impl Iterator<Item = (Node, Ranges<Release>)> {
        let wanted = self.problem.wanted.iter();
        wanted.map(|(slug, range)| (Node::Component(Component::Plugin(slug.clone())), range.clone()))
    }

    fn needs(&self, slug: &Slug, release: Release) -> Dependencies<Node, Ranges<Release>, Unusable> {
        if let Some(cycle) = self.unusable.get(&(slug.clone(), release)) {
            return Dependencies::Unavailable(Unusable::Cycle(cycle.clone()));
        }
        let Some(candidate) = self.problem.candidate(slug, release) else {
            return Dependencies::Unavailable(Unusable::Withdrawn);
        };
        if candidate.withdrawn && !candidate.installed {
            return Dependencies::Unavailable(Unusable::Withdrawn);
        }
        let binding = candidate
            .dependencies
            .iter()
            .filter(|dependency| self.binds(&dependency.on, dependency.optional));
        let mut needs: BTreeMap<Node, Ranges<Release>> = BTreeMap::new();
        for dependency in binding {
            let range = needs
                .entry(Node::Component(dependency.on.clone()))
                .or_insert_with(Ranges::full);
            *range = range.intersection(dependency.range.releases());
        }
        Dependencies::Available(needs.into_iter().collect())
    }

    /// Whether a dependency is asked for: an unknown gestor or PHP is asked for nothing.
    fn binds(&self, on: &Component, optional: bool) -> bool {
        match on {
            Component::Gestor => self.problem.gestor.is_some(),
            Component::Php => self.problem.php.is_some(),
            Component::Plugin(slug) => !optional || self.present.contains(slug),
        }
    }
}

impl DependencyProvider for Provider<'_> {
    type P = Node;
    type V = Release;
    type VS = Ranges<Release>;
    type Priority = (u32, Reverse<usize>, Reverse<Node>);
    type M = Unusable;
    type Err = Infallible;

    fn prioritize(&self, package: &Node, range: &Self::VS, statistics: &PackageResolutionStatistics) -> Self::Priority {
        let candidates = match package {
            Node::Component(Component::Plugin(slug)) => self.candidates(slug, range).count(),
            _ => 1,
        };
        let conflicts = if candidates == 0 {
            u32::MAX
        } else {
            statistics.conflict_count()
        };
        (conflicts, Reverse(candidates), Reverse(package.clone()))
    }

    fn choose_version(&self, package: &Node, range: &Self::VS) -> Result<Option<Release>, Infallible> {
        let of_pseudo = |release: Option<Release>| release.filter(|release| range.contains(release));
        Ok(match package {
            Node::Set => Some(Release::LOWEST),
            Node::Component(Component::Gestor) => of_pseudo(self.problem.gestor),
            Node::Component(Component::Php) => of_pseudo(self.problem.php),
            Node::Component(Component::Plugin(slug)) => {
                let installed =
                    |release: &Release| self.problem.candidate(slug, *release).is_some_and(|one| one.installed);
                self.candidates(slug, range)
                    .find(installed)
                    .or_else(|| self.candidates(slug, range).next_back())
            }
        })
    }

    fn get_dependencies(
        &self,
        package: &Node,
        release: &Release,
    ) -> Result<Dependencies<Node, Self::VS, Unusable>, Infallible> {
        Ok(match package {
            Node::Set => Dependencies::Available(self.needs_of_set().collect()),
            Node::Component(Component::Gestor) | Node::Component(Component::Php) => {
                Dependencies::Available([].into_iter().collect())
            }
            Node::Component(Component::Plugin(slug)) => self.needs(slug, *release),
        })
    }
}

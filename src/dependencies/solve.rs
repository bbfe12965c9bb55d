//! Which versions make a set (SPEC 2 §7): `PubGrub`, then no cycles, then the order. Always the same answer to a question.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use pubgrub::PubGrubError;
use version_ranges::Ranges;

use super::explain::Explanation;
use super::order::{self, Cycle};
use super::problem::Problem;
use super::provider::{GivenUp, Node, Provider};
use super::{Member, proof};
use crate::model::{Component, Release, Slug};

/// Sets with a cycle that are given up before the question is.
const CYCLES: usize = 64;

/// The stack of a proof, which is walked by calls of itself: of fifty thousand plugins in a row with room to spare.
const STACK: usize = 256 << 20;

/// A set in which everything has what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// Everything that is in it.
    pub versions: BTreeMap<Slug, Release>,
    /// What comes about of it, in the order in which it can: dependencies before what needs them, ties by name.
    pub order: Vec<(Slug, Release)>,
}

/// That no set answers the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoSet {
    /// Two wishes exclude each other, or something is missing: the sentences that prove it.
    Conflict(Explanation),
    /// The plugins would need each other.
    Cycle(Cycle),
    /// There are too many possibilities to try.
    GivenUp,
}

/// The versions of a set, by plugin.
type Versions = BTreeMap<Slug, Release>;

/// Why it is not to be had.
enum Failed {
    Proof(Box<proof::Proof>),
    GivenUp,
}

/// Answers the question.
///
/// # Errors
/// Why there is no set.
pub fn solve(problem: &Problem) -> Result<Solution, NoSet> {
    std::thread::scope(|scope| {
        let solver = std::thread::Builder::new()
            .name("dependencies".to_owned())
            .stack_size(STACK);
        match solver.spawn_scoped(scope, || on_this_stack(problem)) {
            Ok(solver) => solver.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            // No thread to be had: a stack as it is serves all but thousands in a row.
            Err(_) => on_this_stack(problem),
        }
    })
}

fn on_this_stack(problem: &Problem) -> Result<Solution, NoSet> {
    let mut provider = Provider::new(problem);
    loop {
        let versions = resolve(&provider).map_err(|failed| no_set(&provider, failed))?;
        let cycle = match in_order(problem, &versions) {
            Ok(order) => return Ok(Solution { versions, order }),
            Err(cycle) => cycle,
        };
        match newest_that_may_go(problem, &cycle).filter(|_| provider.excluded.len() < CYCLES) {
            Some(member) => provider.excluded.insert(member, cycle),
            None => return Err(NoSet::Cycle(cycle)),
        };
    }
}

/// That a set without a cycle does not exist: the last cycle says more than a proof that starts from it.
fn no_set(provider: &Provider<'_>, failed: Failed) -> NoSet {
    let cycle = provider.excluded.values().next_back();
    match (cycle, failed) {
        (Some(cycle), _) => NoSet::Cycle(cycle.clone()),
        (None, Failed::Proof(proof)) => NoSet::Conflict(Explanation::of(provider, *proof)),
        (None, Failed::GivenUp) => NoSet::GivenUp,
    }
}

/// The newest member of a cycle that the call does not name in this version alone; of several the first by name.
fn newest_that_may_go(problem: &Problem, cycle: &Cycle) -> Option<(Slug, Release)> {
    let pinned = |slug: &Slug, release: Release| {
        let wish = problem.wanted.get(slug);
        wish.is_some_and(|wish| wish.range == Ranges::between(release, release.next()))
    };
    let members = cycle.members.iter();
    let members = members.filter_map(|(slug, release)| Some((slug, (*release)?)));
    members
        .filter(|(slug, release)| !pinned(slug, *release))
        .max_by_key(|(slug, release)| (*release, Reverse(*slug)))
        .map(|(slug, release)| (slug.clone(), release))
}

fn resolve(provider: &Provider<'_>) -> Result<Versions, Failed> {
    provider.begin();
    match pubgrub::resolve(provider, Node::Set, Release::LOWEST) {
        Ok(selected) => {
            let plugins = selected.iter().filter(|(node, _)| matches!(node, Node::Plugin(_)));
            let named = plugins.filter_map(|(node, release)| Some((provider.names.slug(*node)?.clone(), *release)));
            Ok(needed(provider.problem, named.collect()))
        }
        Err(PubGrubError::NoSolution(proof)) => Err(Failed::Proof(Box::new(proof))),
        Err(
            PubGrubError::ErrorRetrievingDependencies { source: GivenUp, .. }
            | PubGrubError::ErrorChoosingVersion { source: GivenUp, .. }
            | PubGrubError::ErrorInShouldCancel(GivenUp),
        ) => Err(Failed::GivenUp),
    }
}

/// What of the versions is asked for, or needed by what is.
fn needed(problem: &Problem, mut versions: Versions) -> Versions {
    let mut waiting: Vec<&Slug> = problem.wanted.keys().collect();
    let mut seen: BTreeSet<&Slug> = waiting.iter().copied().collect();
    while let Some(slug) = waiting.pop() {
        let candidate = versions.get(slug).and_then(|release| problem.candidate(slug, *release));
        let needs = candidate.into_iter().flat_map(|candidate| &candidate.dependencies);
        let plugins = needs.filter(|need| !need.optional).filter_map(|need| match &need.on {
            Component::Plugin(slug) => Some(slug),
            Component::Gestor | Component::Php => None,
        });
        waiting.extend(plugins.filter(|slug| seen.insert(slug)));
    }
    versions.retain(|slug, _| seen.contains(slug));
    versions
}

/// What comes about, in its order. What stays as it is comes before all of it, whatever it needs.
fn in_order(problem: &Problem, versions: &Versions) -> Result<Vec<(Slug, Release)>, Cycle> {
    let coming = versions
        .iter()
        .filter(|(slug, release)| !problem.is_installed(slug, **release));
    let members = coming.filter_map(|(slug, release)| {
        let candidate = problem.candidate(slug, *release)?;
        let member = Member {
            release: Some(*release),
            dependencies: candidate.dependencies.clone(),
        };
        Some((slug, member))
    });
    let order = order::order(members)?;
    let with_release = |slug: Slug| {
        let release = versions.get(&slug).copied()?;
        Some((slug, release))
    };
    Ok(order.into_iter().filter_map(with_release).collect())
}

//! The order of a set: what is needed before what needs it (Kahn), ties by name; or the cycle that has none.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{Cycle, Versions};
use super::problem::Problem;
use crate::model::{Component, Release, Slug};

/// Which plugins each plugin of the set needs in it.
type Needs<'a> = BTreeMap<&'a Slug, BTreeSet<&'a Slug>>;

/// The order of a set. What is optional stands first where it can; it makes no cycle.
pub(super) fn of(problem: &Problem, versions: &Versions) -> Result<Vec<(Slug, Release)>, Cycle> {
    let sorted = sort(needs(problem, versions, true)).or_else(|_| sort(needs(problem, versions, false)));
    let with_release = |slug: &&Slug| ((*slug).clone(), versions[*slug]);
    match sorted {
        Ok(order) => Ok(order.iter().map(with_release).collect()),
        Err(left) => Err(Cycle {
            members: cycle(&left).iter().map(with_release).collect(),
        }),
    }
}

/// Plugins of the set that another one needs only where they are there.
pub(super) fn optional<'a>(problem: &'a Problem, versions: &'a Versions) -> impl Iterator<Item = Slug> + 'a {
    let dependencies = versions
        .iter()
        .filter_map(|(slug, release)| problem.candidate(slug, *release));
    let optional = dependencies
        .flat_map(|candidate| &candidate.dependencies)
        .filter(|dependency| dependency.optional);
    optional.filter_map(|dependency| match &dependency.on {
        Component::Plugin(slug) if versions.contains_key(slug) => Some(slug.clone()),
        _ => None,
    })
}

fn needs<'a>(problem: &'a Problem, versions: &'a Versions, optional: bool) -> Needs<'a> {
    let of_one = |slug: &Slug, release: Release| {
        let candidate = problem.candidate(slug, release).into_iter();
        let dependencies = candidate.flat_map(|candidate| &candidate.dependencies);
        let binding = dependencies.filter(move |dependency| optional || !dependency.optional);
        binding.filter_map(|dependency| match &dependency.on {
            Component::Plugin(slug) => versions.get_key_value(slug).map(|(slug, _)| slug),
            _ => None,
        })
    };
    versions
        .iter()
        .map(|(slug, release)| (slug, of_one(slug, *release).collect()))
        .collect()
}

/// The plugins in order, or what is left of the needs when nothing is free of them.
fn sort(mut needs: Needs<'_>) -> Result<Vec<&Slug>, Needs<'_>> {
    let mut needed_by: BTreeMap<&Slug, Vec<&Slug>> = BTreeMap::new();
    for (slug, needed) in &needs {
        for on in needed {
            needed_by.entry(on).or_default().push(slug);
        }
    }
    let mut free: BTreeSet<&Slug> = needs
        .iter()
        .filter(|(_, needed)| needed.is_empty())
        .map(|(slug, _)| *slug)
        .collect();
    let mut order = Vec::with_capacity(needs.len());
    while let Some(next) = free.pop_first() {
        needs.remove(next);
        order.push(next);
        for dependant in needed_by.get(next).into_iter().flatten() {
            if let Some(left) = needs.get_mut(dependant) {
                left.remove(next);
                if left.is_empty() {
                    free.insert(dependant);
                }
            }
        }
    }
    if needs.is_empty() { Ok(order) } else { Err(needs) }
}

/// A cycle of needs in which every plugin has one left: whoever walks on comes back.
fn cycle<'a>(needs: &Needs<'a>) -> Vec<&'a Slug> {
    let mut walked: Vec<&Slug> = Vec::new();
    let mut next = needs.keys().next().copied();
    while let Some(slug) = next {
        if let Some(start) = walked.iter().position(|earlier| *earlier == slug) {
            let mut members = walked.split_off(start);
            let first = members
                .iter()
                .enumerate()
                .min_by_key(|(_, slug)| **slug)
                .map_or(0, |(at, _)| at);
            members.rotate_left(first);
            return members;
        }
        walked.push(slug);
        next = needs
            .get(slug)
            .and_then(|needed| needed.iter().find(|on| needs.contains_key(**on)).copied());
    }
    walked
}

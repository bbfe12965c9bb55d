//! Sets of drawn problems against trying everything out.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::tests::{named, wish};
use super::*;
use crate::model::{Component, Dependency, Release, Slug, VersionRange};

/// Up to four plugins in up to three versions, each with up to three needs.
fn drawn() -> impl Strategy<Value = Problem> {
    let range = prop::sample::select(vec!["*", "^1", "^2", "^3", "<2", ">=2", "1 || 3"]);
    let need = (0..4_usize, range, prop::bool::weighted(0.2));
    let candidate = prop::collection::vec(need, 0..3);
    let plugin = prop::collection::vec(candidate, 0..4);
    let wanted = prop::collection::vec(
        prop::option::weighted(0.6, prop::sample::select(vec!["*", "<3", ">=2"])),
        4,
    );
    (prop::collection::vec(plugin, 4), wanted, 0..5_usize).prop_map(|(plugins, wanted, installed)| {
        let mut problem = Problem::default();
        for (at, versions) in plugins.into_iter().enumerate() {
            for (version, needs) in versions.into_iter().enumerate() {
                let dependencies = needs.into_iter().filter(|(on, ..)| *on != at);
                let candidate = Candidate {
                    dependencies: dependencies
                        .map(|(on, range, optional)| Dependency {
                            on: Component::Plugin(named(&format!("p{on}"))),
                            range: range.parse().unwrap(),
                            optional,
                        })
                        .collect(),
                    standing: if at == installed && version == 0 {
                        Standing::Installed
                    } else {
                        Standing::Offered
                    },
                };
                let release = Release::leading(&format!("{}", version + 1)).unwrap();
                problem
                    .candidates
                    .entry(named(&format!("p{at}")))
                    .or_default()
                    .insert(release, candidate);
            }
        }
        for (at, range) in wanted.into_iter().enumerate() {
            if let Some(range) = range {
                let range: VersionRange = range.parse().unwrap();
                wish(&mut problem, &format!("p{at}"), &range);
            }
        }
        problem
    })
}

/// Whether a choice of versions is a set: everything wanted, everything needed, nothing needs itself by others.
fn is_set(problem: &Problem, versions: &BTreeMap<Slug, Release>) -> bool {
    let wanted = problem
        .wanted
        .iter()
        .all(|(slug, range)| versions.get(slug).is_some_and(|one| range.range.contains(one)));
    let has = |need: &Dependency| match &need.on {
        Component::Plugin(slug) => match versions.get(slug) {
            Some(release) => need.range.admits(*release),
            None => need.optional,
        },
        _ => true,
    };
    let needs = |slug: &Slug| &problem.candidate(slug, versions[slug]).unwrap().dependencies;
    let coming = versions
        .iter()
        .filter(|(slug, release)| !problem.is_installed(slug, **release));
    let mut left: Vec<&Slug> = coming.map(|(slug, _)| slug).collect();
    loop {
        let before = left.len();
        let held = left.clone();
        left.retain(|slug| {
            let firm = needs(slug).iter().filter(|need| !need.optional);
            firm.into_iter()
                .any(|need| matches!(&need.on, Component::Plugin(on) if held.contains(&on)))
        });
        if left.len() == before {
            break;
        }
    }
    wanted && left.is_empty() && versions.keys().all(|slug| needs(slug).iter().all(has))
}

/// Every choice of versions.
fn choices(problem: &Problem) -> Vec<BTreeMap<Slug, Release>> {
    let mut all = vec![BTreeMap::new()];
    for (slug, versions) in &problem.candidates {
        let with = all.iter().flat_map(|choice| {
            versions.keys().map(|release| {
                let mut choice = choice.clone();
                choice.insert(slug.clone(), *release);
                choice
            })
        });
        let with: Vec<_> = with.collect();
        all.extend(with);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// A set that is found is one; where trying everything finds none, none is found. Where what is optional or a cycle
    /// decides, the solver may give up on a set that it could have had, and never the reverse.
    #[test]
    fn solving_agrees_with_trying_everything(problem in drawn()) {
        let tried = choices(&problem).into_iter().any(|choice| is_set(&problem, &choice));
        match solve(&problem) {
            Ok(solution) => {
                prop_assert!(is_set(&problem, &solution.versions), "{problem:?} {solution:?}");
            }
            Err(NoSet::Conflict(_)) => {
                prop_assert!(!tried, "{problem:?}");
            }
            Err(NoSet::Cycle(_)) => {}
            Err(NoSet::GivenUp) => prop_assert!(false, "{problem:?}"),
        }
        prop_assert_eq!(format!("{:?}", solve(&problem).ok()), format!("{:?}", solve(&problem).ok()));
    }
}

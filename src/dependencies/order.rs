//! In which order plugins of a set come about (SPEC 2 §7): what is needed before what needs it, ties by name; or the cycle
//! in which nothing could be first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::Member;
use crate::model::{Component, Release, Slug};

/// Plugins that need each other: each needs the next, the last the first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cycle {
    /// At least one; the first by name stands first.
    pub members: Vec<(Slug, Option<Release>)>,
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (slug, release) in &self.members {
            match release {
                Some(release) => write!(f, "{slug} {release} → ")?,
                None => write!(f, "{slug} → ")?,
            }
        }
        self.members
            .first()
            .map_or(Ok(()), |(slug, _)| f.write_str(slug.as_str()))
    }
}

/// What each plugin waits for.
type Needs<'a> = BTreeMap<&'a Slug, BTreeSet<&'a Slug>>;

/// Orders plugins by what they need of each other. What is optional comes first as well, unless that makes a cycle.
///
/// # Errors
/// The cycle in what they cannot do without.
pub fn order<'a>(members: impl Iterator<Item = (&'a Slug, Member)>) -> Result<Vec<Slug>, Cycle> {
    let members: BTreeMap<&Slug, Member> = members.collect();
    let sorted = sort(needs(&members, true)).or_else(|_| sort(needs(&members, false)));
    match sorted {
        Ok(order) => Ok(order.into_iter().cloned().collect()),
        Err(left) => Err(Cycle {
            members: cycle(&left)
                .into_iter()
                .map(|slug| (slug.clone(), members.get(slug).and_then(|member| member.release)))
                .collect(),
        }),
    }
}

fn needs<'a>(members: &BTreeMap<&'a Slug, Member>, optional: bool) -> Needs<'a> {
    let of_one = |member: &Member| {
        let binding = member.dependencies.iter().filter(|need| optional || !need.optional);
        let plugins = binding.filter_map(|need| match &need.on {
            Component::Plugin(slug) => members.get_key_value(slug).map(|(slug, _)| *slug),
            Component::Gestor | Component::Php => None,
        });
        plugins.collect()
    };
    members.iter().map(|(slug, member)| (*slug, of_one(member))).collect()
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
    let mut places: BTreeMap<&Slug, usize> = BTreeMap::new();
    let mut next = needs.keys().next().copied();
    while let Some(slug) = next {
        if let Some(start) = places.get(slug) {
            let mut members = walked.split_off(*start);
            let names = members.iter().enumerate();
            let first = names.min_by_key(|(_, slug)| **slug).map_or(0, |(at, _)| at);
            members.rotate_left(first);
            return members;
        }
        places.insert(slug, walked.len());
        walked.push(slug);
        next = needs
            .get(slug)
            .and_then(|needed| needed.iter().find(|on| needs.contains_key(**on)).copied());
    }
    walked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Dependency;

    fn ordered(plugins: &[(&str, &[&str])]) -> Result<String, String> {
        let named = |name: &str| Slug::normalize(name).unwrap();
        let need = |name: &&str| Dependency {
            on: Component::Plugin(named(name.trim_end_matches('?'))),
            range: "*".parse().unwrap(),
            optional: name.ends_with('?'),
        };
        let members: Vec<(Slug, Member)> = plugins
            .iter()
            .map(|(name, needs)| {
                let dependencies = needs.iter().map(need).collect();
                let release = Release::leading("1.2.0");
                (named(name), Member { release, dependencies })
            })
            .collect();
        let found = order(members.iter().map(|(slug, member)| (slug, member.clone())));
        let shown = |order: Vec<Slug>| order.iter().map(Slug::as_str).collect::<Vec<_>>().join(" ");
        found.map(shown).map_err(|cycle| cycle.to_string())
    }

    #[test]
    fn what_is_needed_comes_first() {
        for (plugins, expected) in [
            (&[][..], Ok("")),
            (&[("b", &[][..]), ("a", &[])], Ok("a b")),
            (&[("a", &["b"][..]), ("b", &["c"]), ("c", &[])], Ok("c b a")),
            (&[("a", &["elsewhere"][..]), ("b", &[])], Ok("a b")),
            (&[("a", &["b?"][..]), ("b", &[])], Ok("b a")),
            (&[("a", &["b?"][..]), ("b", &["a"])], Ok("a b")),
            (&[("a", &["b"][..]), ("b", &["a"])], Err("a 1.2.0 → b 1.2.0 → a")),
            (
                &[
                    ("a", &["c"][..]),
                    ("b", &["d"]),
                    ("c", &["b"]),
                    ("d", &["c"]),
                    ("e", &[]),
                ],
                Err("b 1.2.0 → d 1.2.0 → c 1.2.0 → b"),
            ),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(ordered(plugins), expected, "{plugins:?}");
        }
    }
}

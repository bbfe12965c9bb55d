//! Whether plugins that are installed have what they need (SPEC 2 §7).

use std::collections::{BTreeMap, BTreeSet};

use super::order;
use crate::model::{Component, Dependency, Release, Slug};

/// A plugin of the set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its version; none where nobody can read it: then it fits every range.
    pub release: Option<Release>,
    /// What it needs.
    pub dependencies: Vec<Dependency>,
}

/// Plugins that are installed and active, and what they run on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Set {
    /// The gestor's version, where it is known.
    pub gestor: Option<Release>,
    /// PHP's, likewise.
    pub php: Option<Release>,
    /// The plugins.
    pub members: BTreeMap<Slug, Member>,
}

/// Something that a plugin needs and does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// Who needs it.
    pub by: Slug,
    /// What.
    pub need: Dependency,
    /// The version that is there instead; none where nothing is.
    pub found: Option<Release>,
}

impl Set {
    /// What a member needs.
    pub fn needs_of(&self, slug: &Slug) -> &[Dependency] {
        self.members.get(slug).map_or(&[], |member| &member.dependencies)
    }

    /// Who needs a plugin, and in which versions.
    pub fn needs_on(&self, slug: &Slug) -> impl Iterator<Item = (&Slug, &Dependency)> {
        let on = Component::Plugin(slug.clone());
        let members = self.members.iter();
        let needs = members.flat_map(|(by, member)| member.dependencies.iter().map(move |need| (by, need)));
        needs.filter(move |(_, need)| need.on == on)
    }

    /// What a member lacks.
    pub fn lacks_of(&self, slug: &Slug) -> Vec<Lack> {
        let needs = self.needs_of(slug).iter();
        needs.filter_map(|need| self.lack(slug, need)).collect()
    }

    /// What the others lack of this plugin.
    pub fn lacks_of_dependants(&self, on: &Slug) -> Vec<Lack> {
        let needs = self.needs_on(on);
        needs.filter_map(|(by, need)| self.lack(by, need)).collect()
    }

    /// Who would lack something that it has now once a plugin is gone, and who would lack those, and so on; each before what
    /// it needs, the plugin itself last. Plugins that need each other stand in the order of their names.
    pub fn cascade(&self, slug: &Slug) -> Vec<Slug> {
        let mut needing: BTreeMap<&Slug, Vec<&Slug>> = BTreeMap::new();
        for (by, member) in &self.members {
            let firm = member.dependencies.iter().filter(|need| !need.optional);
            for need in firm.filter(|need| self.lack(by, need).is_none()) {
                if let Component::Plugin(on) = &need.on {
                    needing.entry(on).or_default().push(by);
                }
            }
        }
        let mut going = BTreeSet::from([slug.clone()]);
        let mut waiting = vec![slug];
        while let Some(gone) = waiting.pop() {
            let needing = needing.get(gone).into_iter().flatten();
            waiting.extend(needing.copied().filter(|by| going.insert((*by).clone())));
        }
        let members = || going.iter().filter_map(|one| self.members.get_key_value(one));
        let all = members().map(|(slug, member)| (slug, member.clone()));
        let mut order = order(all).unwrap_or_else(|_| members().map(|(slug, _)| slug.clone()).collect());
        order.retain(|one| one != slug);
        order.reverse();
        order.push(slug.clone());
        order
    }

    /// Needs of a member that nobody can judge: the version of the gestor, or of PHP, is not known.
    pub fn unknown_to(&self, slug: &Slug) -> Vec<Dependency> {
        let is_unknown = |need: &&Dependency| match need.on {
            Component::Gestor => self.gestor.is_none(),
            Component::Php => self.php.is_none(),
            Component::Plugin(_) => false,
        };
        self.needs_of(slug).iter().filter(is_unknown).cloned().collect()
    }

    fn lack(&self, by: &Slug, need: &Dependency) -> Option<Lack> {
        let lack = |found| {
            Some(Lack {
                by: by.clone(),
                need: need.clone(),
                found,
            })
        };
        let there = match &need.on {
            Component::Gestor => self.gestor,
            Component::Php => self.php,
            Component::Plugin(slug) => match self.members.get(slug) {
                Some(member) => member.release,
                None if need.optional => return None,
                None => return lack(None),
            },
        };
        match there {
            Some(release) if !need.range.admits(release) => lack(Some(release)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(slug: &str) -> Slug {
        Slug::normalize(slug).unwrap()
    }

    fn member(version: &str, needs: &[(&str, &str, bool)]) -> Member {
        let dependency = |(on, range, optional): &(&str, &str, bool)| Dependency {
            on: Component::reserved(on).unwrap_or_else(|| Component::Plugin(named(on))),
            range: range.parse().unwrap(),
            optional: *optional,
        };
        Member {
            release: Release::leading(version),
            dependencies: needs.iter().map(dependency).collect(),
        }
    }

    fn set(members: &[(&str, Member)]) -> Set {
        Set {
            gestor: Release::leading("2.9.43"),
            php: None,
            members: members
                .iter()
                .map(|(slug, member)| (named(slug), member.clone()))
                .collect(),
        }
    }

    fn shown(lacks: &[Lack]) -> Vec<String> {
        let shown = |lack: &Lack| {
            let found = lack.found.map_or_else(|| "-".to_owned(), |found| found.to_string());
            format!("{} {} {} {found}", lack.by, lack.need.on, lack.need.range)
        };
        lacks.iter().map(shown).collect()
    }

    #[test]
    fn what_is_absent_or_out_of_range_is_lacking() {
        let set = set(&[
            ("p1", member("1.2.0", &[])),
            ("old", member("", &[])),
            (
                "p2",
                member(
                    "1.0.0",
                    &[
                        ("p1", "^1.0", false),
                        ("p3", "*", false),
                        ("p4", "^1", true),
                        ("p1", "^2", true),
                        ("old", "^9", false),
                        ("gestor", ">=3", false),
                        ("php", ">=8", false),
                    ],
                ),
            ),
        ]);
        assert_eq!(
            shown(&set.lacks_of(&named("p2"))),
            ["p2 p3 * -", "p2 p1 ^2 1.2.0", "p2 gestor >=3 2.9.43"]
        );
        assert_eq!(shown(&set.lacks_of_dependants(&named("p1"))), ["p2 p1 ^2 1.2.0"]);
        assert_eq!(set.unknown_to(&named("p2")).len(), 1);
        assert!(set.lacks_of(&named("p1")).is_empty() && set.lacks_of(&named("none")).is_empty());
    }
}

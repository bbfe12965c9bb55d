//! The list of databases that use one tree, and what follows from it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::Slug;

/// The databases that are known to use a tree.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Bases {
    /// By identity.
    bases: BTreeMap<String, KnownBase>,
}

/// A database that uses the tree.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KnownBase {
    /// Its name.
    pub nome: String,
    /// SHA-256 of its random id: it keeps that where it gets another name.
    pub origem: String,
    /// The domains whose settings name it.
    pub dominios: Vec<String>,
    /// What it says of each plugin.
    pub plugins: BTreeMap<String, KnownPoint>,
}

/// What a database said of a plugin after its last operation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KnownPoint {
    /// The installed version; nothing where none is.
    pub versao: Option<String>,
    /// SHA-256 of its package.
    pub sha256: Option<String>,
    /// Raised by each committed operation.
    pub contador: u64,
    /// The last operation that was noted.
    pub operacao: Option<String>,
    /// SHA-256 of the packages that it needs: of what is installed, of the point before, of what is left to do; nothing
    /// where an earlier release noted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pacotes: Option<BTreeSet<String>>,
    /// Versions whose packages it keeps whatever comes.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub fixadas: BTreeSet<String>,
    /// The backups of the tree that its operations made.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub backups: BTreeSet<String>,
}

/// What the other databases of a tree need of what is kept of a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims {
    /// SHA-256 of packages.
    pub packages: BTreeSet<String>,
    /// Versions.
    pub pinned: BTreeSet<String>,
    /// One of them needs more than is known.
    pub is_unknown: bool,
}

/// The database of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Here {
    /// Identity and digest of the random id; nothing where it has none yet.
    pub identity: Option<(String, String)>,
    /// Its name.
    pub name: String,
    /// The domains whose settings name it.
    pub domains: Vec<String>,
}

/// What is noted of a plugin after an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted<'a> {
    /// What the database says.
    pub point: KnownPoint,
    /// The operation made tree and rows one; else it wrote rows alone.
    pub is_whole: bool,
    /// The plugin.
    pub slug: &'a Slug,
}

/// Another database that uses the tree of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// How it is known.
    pub identity: String,
    /// Its name.
    pub name: String,
    /// Its domains.
    pub domains: Vec<String>,
    /// The version that it has.
    pub version: Option<String>,
    /// SHA-256 of that one's package.
    pub sha256: Option<String>,
}

impl Bases {
    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.bases.is_empty()
    }

    /// The place of a database in the list: by its identity; by its random id and a domain, where it was renamed; by its
    /// name and its one domain, where it was made anew or comes from a dump that is older than our tables.
    fn place(&self, here: &Here) -> Option<&str> {
        let known = |fits: &dyn Fn(&str, &KnownBase) -> bool| {
            let found = self.bases.iter().find(|(identity, base)| fits(identity, base));
            found.map(|(identity, _)| identity.as_str())
        };
        let shares_domain = |base: &KnownBase| base.dominios.iter().any(|domain| here.domains.contains(domain));
        let by_identity = here.identity.as_ref().and_then(|(identity, origin)| {
            let is_it = |found: &str, _: &KnownBase| found == identity;
            let is_renamed = |_: &str, base: &KnownBase| base.origem == *origin && shares_domain(base);
            known(&is_it).or_else(|| known(&is_renamed))
        });
        by_identity.or_else(|| {
            let is_successor = |_: &str, base: &KnownBase| {
                base.nome.eq_ignore_ascii_case(&here.name) && here.domains.len() == 1 && base.dominios == here.domains
            };
            known(&is_successor)
        })
    }

    /// Whether a database is in it, by its identity.
    pub fn knows(&self, identity: &str) -> bool {
        self.bases.contains_key(identity)
    }

    /// What the list knows of a database.
    pub fn of(&self, here: &Here) -> Option<&KnownBase> {
        self.bases.get(self.place(here)?)
    }

    /// The domains of a database that is known by its identity.
    pub fn domains_of(&self, identity: &str) -> &[String] {
        self.bases.get(identity).map_or(&[], |base| &base.dominios)
    }

    /// The other databases in which a plugin is installed.
    pub fn others(&self, here: &Here, slug: &Slug) -> Vec<Neighbour> {
        let own = self.place(here);
        let others = self.bases.iter().filter(|(identity, _)| Some(identity.as_str()) != own);
        let using = others.filter_map(|(identity, base)| {
            let point = base.plugins.get(slug.as_str())?;
            point.is_installed().then(|| Neighbour {
                identity: identity.clone(),
                name: base.nome.clone(),
                domains: base.dominios.clone(),
                version: point.versao.clone(),
                sha256: point.sha256.clone(),
            })
        });
        using.collect()
    }

    /// What the list knows of a plugin, where that is newer than what the database says: then this one is of another day.
    pub fn newer(&self, here: &Here, slug: &str, counter: u64) -> Option<&KnownPoint> {
        self.of(here)?
            .plugins
            .get(slug)
            .filter(|point| point.contador > counter)
    }

    /// SHA-256 of every package of a plugin that some database has installed: none of them may be pruned.
    pub fn packages(&self, slug: &Slug) -> Vec<String> {
        let points = self.bases.values().filter_map(|base| base.plugins.get(slug.as_str()));
        points.filter_map(|point| point.sha256.clone()).collect()
    }

    /// What the other databases need of what is kept of a plugin.
    pub fn claims(&self, here: &Here, slug: &Slug) -> Claims {
        let mut claims = Claims::default();
        for point in self.rest(here).filter_map(|base| base.plugins.get(slug.as_str())) {
            claims.packages.extend(point.sha256.clone());
            claims.packages.extend(point.pacotes.iter().flatten().cloned());
            claims.pinned.extend(point.fixadas.iter().cloned());
            claims.is_unknown |= point.is_installed() && point.pacotes.is_none();
        }
        claims
    }

    /// Whether others are known than a database.
    pub fn has_others(&self, here: &Here) -> bool {
        self.rest(here).next().is_some()
    }

    /// Whether another one is known with the same random id: one of the two is a copy.
    pub fn has_twin(&self, here: &Here) -> bool {
        let origin = here.identity.as_ref().map(|(_, origin)| origin);
        self.rest(here).any(|base| Some(&base.origem) == origin)
    }

    fn rest(&self, here: &Here) -> impl Iterator<Item = &KnownBase> {
        let own = self.place(here);
        let others = self
            .bases
            .iter()
            .filter(move |(identity, _)| Some(identity.as_str()) != own);
        others.map(|(_, base)| base)
    }

    /// Gives a database its place, under its identity and its name of now. One without an identity has none.
    pub fn settle(&mut self, here: &Here) {
        let Some((identity, origin)) = here.identity.clone() else {
            return;
        };
        let old = self.place(here).map(str::to_owned);
        let mut base = old.and_then(|old| self.bases.remove(&old)).unwrap_or_default();
        (base.nome, base.origem) = (here.name.clone(), origin);
        if !here.domains.is_empty() {
            base.dominios.clone_from(&here.domains);
        }
        self.bases.insert(identity, base);
    }

    /// Strikes a plugin out of which a database keeps nothing but its history.
    pub fn strike(&mut self, here: &Here, slug: &Slug) {
        let Some(own) = self.place(here).map(str::to_owned) else {
            return;
        };
        if let Some(base) = self.bases.get_mut(&own) {
            base.plugins.remove(slug.as_str());
        }
    }

    /// Notes what an operation left. Noted once more it is the same: recovery notes again.
    ///
    /// An operation on rows alone does not make a restored database and its tree one: what the list knows of the tree
    /// stays, and above the database.
    pub fn note(&mut self, here: &Here, noted: Noted<'_>) {
        let Some(base) = here
            .identity
            .as_ref()
            .and_then(|(identity, _)| self.bases.get_mut(identity))
        else {
            return;
        };
        let Noted {
            mut point,
            is_whole,
            slug,
        } = noted;
        let known = base.plugins.entry(slug.to_string()).or_default();
        point.backups.extend(known.backups.iter().cloned());
        if known.operacao.is_some() && known.operacao == point.operacao {
            return;
        }
        if !is_whole && known.contador >= point.contador && known.contador > 0 {
            known.contador = known.contador.max(point.contador + 1);
            known.operacao = point.operacao;
        } else if point.contador == 0 && !point.is_installed() {
            base.plugins.remove(slug.as_str());
        } else {
            *known = point;
        }
    }

    /// Of the backups that a database's operations on a plugin made those stay in the list that are still there.
    pub fn keep_backups(&mut self, here: &Here, slug: &Slug, is_there: impl Fn(&str) -> bool) {
        let own = self.place(here).map(str::to_owned);
        let base = own.and_then(|own| self.bases.get_mut(&own));
        if let Some(point) = base.and_then(|base| base.plugins.get_mut(slug.as_str())) {
            point.backups.retain(|name| is_there(name));
        }
    }

    /// Strikes out the one other database whose identity begins with these digits.
    ///
    /// # Errors
    /// The databases that are known, where these digits name none of them, or several.
    pub fn forget(&mut self, here: &Here, digits: &str) -> Result<KnownBase, Vec<(String, KnownBase)>> {
        let own = self.place(here);
        let others = self.bases.iter().filter(|(identity, _)| Some(identity.as_str()) != own);
        let others: Vec<(String, KnownBase)> = others.map(|(key, base)| (key.clone(), base.clone())).collect();
        let named: Vec<&(String, KnownBase)> = others.iter().filter(|(key, _)| key.starts_with(digits)).collect();
        match named.as_slice() {
            [(identity, base)] if !digits.is_empty() => {
                self.bases.remove(identity);
                Ok(base.clone())
            }
            _ => Err(others),
        }
    }
}

impl KnownPoint {
    fn is_installed(&self) -> bool {
        self.versao.is_some() || self.sha256.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slug() -> Slug {
        Slug::normalize("p").unwrap()
    }

    fn here(identity: &str, origin: &str, name: &str, domains: &[&str]) -> Here {
        Here {
            identity: Some((identity.to_owned(), origin.to_owned())),
            name: name.to_owned(),
            domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
        }
    }

    fn point(version: &str, counter: u64, operation: &str) -> KnownPoint {
        KnownPoint {
            versao: Some(version.to_owned()),
            sha256: Some(format!("of {version}")),
            contador: counter,
            operacao: Some(operation.to_owned()),
            ..KnownPoint::default()
        }
    }

    #[test]
    fn what_others_need_is_known_or_unknown() {
        let set = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<BTreeSet<String>>();
        let mut list = Bases::default();
        let (one, two) = (here("1", "r1", "a", &[]), here("2", "r2", "b", &[]));
        let known = KnownPoint {
            pacotes: Some(set(&["of 1.0.0", "of 0.9.0"])),
            fixadas: set(&["0.5.0"]),
            backups: set(&["p-1.zip"]),
            ..point("1.0.0", 1, "x")
        };
        note(&mut list, &one, known, true);
        assert!(list.has_others(&two) && !list.has_others(&one));
        let claims = Claims {
            packages: set(&["of 0.9.0", "of 1.0.0"]),
            pinned: set(&["0.5.0"]),
            is_unknown: false,
        };
        assert_eq!(list.claims(&two, &slug()), claims);
        assert_eq!(list.claims(&one, &slug()), Claims::default());
        // Backups are remembered, what an earlier release noted says nothing of the rest.
        note(&mut list, &one, point("2.0.0", 2, "y"), true);
        assert_eq!(list.of(&one).unwrap().plugins["p"].backups, set(&["p-1.zip"]));
        assert!(list.claims(&two, &slug()).is_unknown);
        assert!(list.has_twin(&here("3", "r1", "c", &[])) && !list.has_twin(&two) && !list.has_twin(&one));
        list.strike(&one, &slug());
        assert_eq!(list.claims(&two, &slug()), Claims::default());
    }

    fn note(list: &mut Bases, here: &Here, point: KnownPoint, is_whole: bool) {
        list.settle(here);
        let slug = slug();
        list.note(
            here,
            Noted {
                point,
                is_whole,
                slug: &slug,
            },
        );
    }

    #[test]
    fn others_are_those_that_have_the_plugin() {
        let mut list = Bases::default();
        let (one, two) = (here("1", "r1", "a", &["a.example"]), here("2", "r2", "b", &[]));
        assert!(list.is_empty() && list.others(&one, &slug()).is_empty());
        note(&mut list, &one, point("1.0.0", 1, "x"), true);
        note(&mut list, &two, point("1.0.0", 1, "y"), true);
        let others = list.others(&one, &slug());
        assert_eq!((others.len(), others[0].name.as_str()), (1, "b"));
        assert_eq!(list.packages(&slug()).len(), 2);
        // Uninstalled: it uses the tree no more, and its counter stays.
        note(
            &mut list,
            &two,
            KnownPoint {
                contador: 2,
                ..KnownPoint::default()
            },
            true,
        );
        assert!(list.others(&one, &slug()).is_empty());
        assert_eq!(list.newer(&two, "p", 1).unwrap().contador, 2);
        // Nothing is left of it in the database either.
        note(&mut list, &two, KnownPoint::default(), true);
        assert_eq!(list.newer(&two, "p", 0), None);
        // One without identity is nobody's neighbour, and all are his.
        assert_eq!(list.others(&Here::default(), &slug()).len(), 1);
    }

    #[test]
    fn a_database_is_known_again() {
        let a = &["a.example"];
        let mut list = Bases::default();
        note(&mut list, &here("1", "r1", "site", a), point("1.0.0", 3, "x"), true);
        for (other, is_it) in [
            (here("1", "r1", "site", &[]), true),
            (here("2", "r1", "moved", a), true),
            // A copy that serves another domain.
            (here("2", "r1", "copy", &["b.example"]), false),
            (here("2", "r1", "copy", &[]), false),
            // Made anew, or from a dump that is older than our tables.
            (here("2", "r2", "Site", a), true),
            (here("2", "r2", "site", &["a.example", "b.example"]), false),
            (here("2", "r2", "site", &[]), false),
            (here("2", "r2", "other", a), false),
        ] {
            assert_eq!(list.of(&other).is_some(), is_it, "{other:?}");
        }
        let moved = here("2", "r1", "moved", a);
        list.settle(&moved);
        assert_eq!(list.of(&moved).unwrap().plugins["p"].contador, 3);
        assert_eq!(list.bases.len(), 1);
        let nameless = Here {
            identity: None,
            ..here("", "", "moved", a)
        };
        assert_eq!(list.newer(&nameless, "p", 0).unwrap().contador, 3);
    }

    #[test]
    fn a_restored_dump_stays_known_until_tree_and_rows_are_one() {
        let mut list = Bases::default();
        let one = here("1", "r1", "a", &[]);
        note(&mut list, &one, point("2.0.0", 5, "a"), true);
        assert_eq!(list.newer(&one, "p", 5), None);
        assert!(list.newer(&one, "p", 3).is_some());
        // Rows alone, twice, and noted twice.
        for (counter, operation) in [(4, "b"), (4, "b"), (5, "c"), (5, "c"), (6, "d")] {
            note(&mut list, &one, point("1.0.0", counter, operation), false);
            let newer = list.newer(&one, "p", counter).unwrap();
            assert_eq!(newer.versao.as_deref(), Some("2.0.0"), "{operation}");
        }
        note(&mut list, &one, point("1.0.0", 7, "e"), true);
        assert_eq!(list.newer(&one, "p", 7), None);
        // Without a restored dump rows alone are as the rest, noted once or twice.
        for _ in 0..2 {
            note(&mut list, &one, point("1.0.0", 8, "f"), false);
            assert_eq!(list.newer(&one, "p", 8), None);
        }
    }

    #[test]
    fn one_database_is_struck_out() {
        let mut list = Bases::default();
        let one = here("1a", "r1", "a", &[]);
        for base in [&one, &here("2b", "r2", "b", &[]), &here("2c", "r3", "c", &[])] {
            note(&mut list, base, point("1.0.0", 1, "x"), true);
        }
        for digits in ["", "2", "3", "1a"] {
            assert_eq!(list.forget(&one, digits).unwrap_err().len(), 2, "{digits}");
        }
        assert_eq!(list.forget(&one, "2b").unwrap().nome, "b");
        assert_eq!(list.others(&one, &slug()).len(), 1);
    }
}

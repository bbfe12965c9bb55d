//! The sentences of a proof that there is no set, in both languages (SPEC 2 §7). Owns the words; must not decide.

use std::collections::BTreeMap;
use std::ops::Bound;

use pubgrub::{External, Map, ReportFormatter, Term};
use version_ranges::Ranges;

use super::answer::Unusable;
use super::problem::Reason;
use super::proof::{Inner, Outer, Proof, grounds};
use super::provider::{ABSENT, Node, Provider};
use crate::model::Lang::{En, PtBr};
use crate::model::{Lang, Release};

/// Facts of a proof that is not told step by step.
const FEW_FACTS: usize = 10;
/// Versions that a sentence lists of what there is.
const LISTED: usize = 5;
/// Versions that a sentence names one by one instead of by their range.
const FEW: usize = 3;

type Terms = Map<Node, Term<Ranges<Release>>>;

pub(super) fn reason(provider: &Provider<'_>, node: Node) -> Reason {
    let wish = provider
        .names
        .slug(node)
        .and_then(|slug| provider.problem.wanted.get(slug));
    wish.map_or(Reason::Named, |wish| wish.reason)
}

pub(super) fn name(provider: &Provider<'_>, node: Node) -> String {
    match node {
        Node::Set => String::new(),
        Node::Gestor => "gestor".to_owned(),
        Node::Php => "php".to_owned(),
        Node::Plugin(_) | Node::Presence(_) => provider.names.slug(node).map(ToString::to_string).unwrap_or_default(),
    }
}

/// A set of versions as people write it: `1.2.0`, `>=1.2.0 <2.0.0`, `<1.0.0 || >=2.0.0`; none for every version.
pub(super) fn versions(range: &Ranges<Release>) -> Option<String> {
    let without_absent = range.intersection(&Ranges::strictly_lower_than(ABSENT));
    let all = Ranges::strictly_lower_than(ABSENT);
    let shown = if *range == Ranges::full() || without_absent == all {
        return None;
    } else if without_absent.is_empty() {
        range
    } else if *range == without_absent.union(&Ranges::singleton(ABSENT)) {
        &without_absent
    } else {
        range
    };
    let parts: Vec<String> = shown.iter().map(|(from, to)| interval(from, to)).collect();
    Some(parts.join(" || "))
}

fn interval(from: &Bound<Release>, to: &Bound<Release>) -> String {
    match (from, to) {
        (Bound::Included(only), Bound::Excluded(end)) if only.next() == *end => return only.to_string(),
        (Bound::Included(only), Bound::Included(end)) if only == end => return only.to_string(),
        _ => {}
    }
    let from = match from {
        Bound::Included(release) => format!(">={release}"),
        Bound::Excluded(release) => format!(">{release}"),
        Bound::Unbounded => String::new(),
    };
    let to = match to {
        Bound::Included(release) => format!("<={release}"),
        Bound::Excluded(release) => format!("<{release}"),
        Bound::Unbounded => String::new(),
    };
    format!("{from} {to}").trim().to_owned()
}

/// Builds the sentences of a proof.
pub(super) struct Sentences<'a> {
    pub(super) provider: &'a Provider<'a>,
    pub(super) lang: Lang,
}

impl Sentences<'_> {
    /// What a proof stands on that is too large to be told: what is missing or paused; where nothing is, what is needed in
    /// versions that exclude each other.
    pub(super) fn grounds(&self, proof: &Proof) -> String {
        let grounds = grounds(proof);
        let is_lack = |ground: &&&Outer| matches!(ground, External::NoVersions(..) | External::Custom(..));
        let mut told: Vec<&Outer> = grounds.iter().filter(is_lack).copied().collect();
        if told.is_empty() {
            told = contrary(&grounds);
        }
        let mut told: Vec<String> = told
            .into_iter()
            .map(|ground| format!("{}.", self.format_external(ground)))
            .collect();
        told.sort();
        told.dedup();
        told.truncate(FEW_FACTS);
        told.join("\n")
    }

    fn name(&self, node: Node) -> String {
        name(self.provider, node)
    }

    fn named(&self, node: Node, range: &Ranges<Release>) -> String {
        match self.few(node, range).or_else(|| versions(range)) {
            Some(versions) if !versions.is_empty() => format!("{} {versions}", self.name(node)),
            _ => self.name(node),
        }
    }

    /// The versions that there are in a range, where they are few or all: `1.2.0, 1.3.0`; all is an empty text.
    fn few(&self, node: Node, range: &Ranges<Release>) -> Option<String> {
        let known = self.known(node);
        let inside: Vec<String> = known
            .iter()
            .rev()
            .filter(|release| range.contains(release))
            .map(Release::to_string)
            .collect();
        match inside.len() {
            0 => None,
            count if count == known.len() && count > 1 => Some(String::new()),
            count => (count <= FEW).then(|| inside.join(", ")),
        }
    }

    fn wanted(&self, node: Node, range: &Ranges<Release>) -> String {
        if !self.known(node).iter().any(|release| range.contains(release)) {
            return self.wanted_in_vain(node, range);
        }
        let what = self.named(node, range);
        match (self.lang, reason(self.provider, node)) {
            (En, Reason::Installed) => format!("{what} is installed and stays"),
            (En, Reason::Named) => format!("{what} is asked for"),
            (PtBr, Reason::Installed) => format!("{what} está instalado e fica"),
            (PtBr, Reason::Named) => format!("{what} foi pedido"),
        }
    }

    /// The same of what there is not.
    fn wanted_in_vain(&self, node: Node, range: &Ranges<Release>) -> String {
        let what = self.bounded(node, range);
        match (self.lang, self.there_is(node)) {
            (En, None) => format!("{what} is asked for, which is not there"),
            (PtBr, None) => format!("{what} foi pedido, que não há"),
            (En, Some(there)) => format!("{what} is asked for ({there})"),
            (PtBr, Some(there)) => format!("{what} foi pedido ({there})"),
        }
    }

    /// That there is nothing in the versions that were looked for, and what there is instead.
    fn absent(&self, node: Node, range: &Ranges<Release>) -> String {
        let there = self.there_is(node);
        match (self.lang, there) {
            (En, None) => format!("there is no {}", self.name(node)),
            (PtBr, None) => format!("não há {}", self.name(node)),
            (En, Some(there)) => format!("there is no {} ({there})", self.named(node, range)),
            (PtBr, Some(there)) => format!("não há {} ({there})", self.named(node, range)),
        }
    }

    /// Which versions there are.
    fn there_is(&self, node: Node) -> Option<String> {
        let known = self.known(node);
        let listed: Vec<String> = known.iter().take(LISTED).map(Release::to_string).collect();
        let more = if known.len() > LISTED { ", …" } else { "" };
        let is = match self.lang {
            En => "there is",
            PtBr => "há",
        };
        (!known.is_empty()).then(|| format!("{is} {}{more}", listed.join(", ")))
    }

    /// The versions that there are, the highest first.
    fn known(&self, node: Node) -> Vec<Release> {
        let problem = self.provider.problem;
        match node {
            Node::Set => Vec::new(),
            Node::Gestor => problem.gestor.into_iter().collect(),
            Node::Php => problem.php.into_iter().collect(),
            Node::Plugin(_) | Node::Presence(_) => {
                let slug = self.provider.names.slug(node);
                let candidates = slug.and_then(|slug| problem.candidates.get(slug)).into_iter();
                candidates.flat_map(|all| all.keys().rev()).copied().collect()
            }
        }
    }

    fn unusable(&self, node: Node, range: &Ranges<Release>, why: &Unusable) -> String {
        let what = self.named(node, range);
        match (self.lang, why) {
            (En, Unusable::Paused) => format!("{what} is paused: enable it first"),
            (PtBr, Unusable::Paused) => format!("{what} está pausado: ative-o antes"),
            (En, Unusable::Cycle(cycle)) => format!("{what} would need itself ({cycle})"),
            (PtBr, Unusable::Cycle(cycle)) => format!("{what} precisaria de si mesmo ({cycle})"),
        }
    }

    fn needs(&self, (node, range): (Node, &Ranges<Release>), (on, needed): (Node, &Ranges<Release>)) -> String {
        let what = self.named(node, range);
        if let (Node::Plugin(one), Node::Presence(other)) = (node, on)
            && one == other
        {
            return match self.lang {
                En => format!("{what} is no other version"),
                PtBr => format!("{what} não é outra versão"),
            };
        }
        let needed = if self.known(on).iter().any(|release| needed.contains(release)) {
            self.bounded(on, needed)
        } else {
            self.and_lacks(on, needed)
        };
        match (self.lang, on) {
            (En, Node::Presence(_)) => format!("{what} goes only with {needed}"),
            (PtBr, Node::Presence(_)) => format!("{what} só anda com {needed}"),
            (En, _) => format!("{what} needs {needed}"),
            (PtBr, _) => format!("{what} precisa de {needed}"),
        }
    }

    /// What is needed, as its author bounded it.
    fn bounded(&self, on: Node, needed: &Ranges<Release>) -> String {
        let name = self.name(on);
        versions(needed).map_or_else(|| name.clone(), |versions| format!("{name} {versions}"))
    }

    /// What is needed and is not there.
    fn and_lacks(&self, on: Node, needed: &Ranges<Release>) -> String {
        let bounded = self.bounded(on, needed);
        match (self.lang, self.there_is(on)) {
            (En, None) => format!("{bounded}, which is not there"),
            (PtBr, None) => format!("{bounded}, que não há"),
            (_, Some(there)) => format!("{bounded} ({there})"),
        }
    }

    fn excluded(&self, terms: &[(&Node, &Term<Ranges<Release>>)]) -> String {
        let term = |(node, term): &(&Node, &Term<Ranges<Release>>)| match (term, self.lang) {
            (Term::Positive(range), _) => self.named(**node, range),
            (Term::Negative(range), En) => format!("no {}", self.named(**node, range)),
            (Term::Negative(range), PtBr) => format!("nenhum {}", self.named(**node, range)),
        };
        let terms: Vec<String> = terms.iter().map(term).collect();
        match (self.lang, terms.as_slice()) {
            (En, []) => "no set is possible".to_owned(),
            (PtBr, []) => "nenhum conjunto é possível".to_owned(),
            (En, [one]) => format!("{one} is not possible"),
            (PtBr, [one]) => format!("{one} não é possível"),
            (En, several) => format!("{} do not go together", several.join(" and ")),
            (PtBr, several) => format!("{} não andam juntos", several.join(" e ")),
        }
    }

    fn because(&self, first: &str, second: &str, terms: &Terms) -> String {
        let so = self.format_terms(terms);
        match self.lang {
            En => format!("Because {first} and {second}, {so}."),
            PtBr => format!("Como {first} e {second}, {so}."),
        }
    }

    fn and_because(&self, what: &str, terms: &Terms) -> String {
        let so = self.format_terms(terms);
        match self.lang {
            En => format!("And because {what}, {so}."),
            PtBr => format!("E como {what}, {so}."),
        }
    }

    fn referred(&self, at: usize, derived: &Inner) -> String {
        format!("{} ({at})", self.format_terms(&derived.terms))
    }
}

/// Needs of one thing that have no version in common.
fn contrary<'a>(grounds: &[&'a Outer]) -> Vec<&'a Outer> {
    let mut by_need: BTreeMap<Node, Vec<&'a Outer>> = BTreeMap::new();
    let mut common: BTreeMap<Node, Ranges<Release>> = BTreeMap::new();
    for ground in grounds {
        if let External::FromDependencyOf(_, _, on, needed) = ground {
            by_need.entry(*on).or_default().push(ground);
            let both = common.entry(*on).or_insert_with(Ranges::full);
            *both = both.intersection(needed);
        }
    }
    let none = common.into_iter().filter(|(_, range)| range.is_empty());
    none.filter_map(|(on, _)| by_need.remove(&on)).flatten().collect()
}

impl ReportFormatter<Node, Ranges<Release>, Unusable> for Sentences<'_> {
    type Output = String;

    fn format_external(&self, external: &Outer) -> String {
        match external {
            External::NotRoot(..) => self.excluded(&[]),
            External::NoVersions(node, range) => self.absent(*node, range),
            External::FromDependencyOf(Node::Set, _, on, needed) => self.wanted(*on, needed),
            External::FromDependencyOf(node, range, on, needed) => self.needs((*node, range), (*on, needed)),
            External::Custom(node, range, why) => self.unusable(*node, range, why),
        }
    }

    fn format_terms(&self, terms: &Terms) -> String {
        let mut terms: Vec<_> = terms.iter().filter(|(node, _)| **node != Node::Set).collect();
        terms.sort_by_key(|(node, _)| **node);
        match terms.as_slice() {
            [(one, Term::Positive(range)), (other, Term::Negative(needed))]
            | [(other, Term::Negative(needed)), (one, Term::Positive(range))] => {
                self.needs((**one, range), (**other, needed))
            }
            [(one, Term::Negative(range))] => self.wanted(**one, range),
            several => self.excluded(several),
        }
    }

    fn explain_both_external(&self, first: &Outer, second: &Outer, terms: &Terms) -> String {
        self.because(&self.format_external(first), &self.format_external(second), terms)
    }

    fn explain_both_ref(&self, at: usize, first: &Inner, and_at: usize, second: &Inner, terms: &Terms) -> String {
        self.because(&self.referred(at, first), &self.referred(and_at, second), terms)
    }

    fn explain_ref_and_external(&self, at: usize, derived: &Inner, external: &Outer, terms: &Terms) -> String {
        self.because(&self.referred(at, derived), &self.format_external(external), terms)
    }

    fn and_explain_external(&self, external: &Outer, terms: &Terms) -> String {
        self.and_because(&self.format_external(external), terms)
    }

    fn and_explain_ref(&self, at: usize, derived: &Inner, terms: &Terms) -> String {
        self.and_because(&self.referred(at, derived), terms)
    }

    fn and_explain_prior_and_external(&self, prior: &Outer, external: &Outer, terms: &Terms) -> String {
        let (prior, external) = (self.format_external(prior), self.format_external(external));
        let both = match self.lang {
            En => format!("{prior} and {external}"),
            PtBr => format!("{prior} e {external}"),
        };
        self.and_because(&both, terms)
    }
}

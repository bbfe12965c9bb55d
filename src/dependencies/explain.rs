//! Why there is no set, in sentences (SPEC 2 §7). Owns the words; must not decide.

use std::collections::HashSet;
use std::ops::Bound;

use pubgrub::{DefaultStringReporter, DerivationTree, Derived, External, Map, Ranges, ReportFormatter, Reporter, Term};

use super::answer::{Proof, Unusable};
use super::problem::{Node, Problem};
use crate::model::Lang::{En, PtBr};
use crate::model::{Component, Lang, Release};

/// Steps of a proof that people read; of a deeper one they are told where it ends.
const DEEPEST: usize = 1_000;
/// Ends of a proof that is not told.
const ENDS: usize = 10;
/// Versions that a sentence lists of what there is.
const LISTED: usize = 5;
/// Versions that a sentence names one by one instead of by their range.
const FEW: usize = 3;

type Terms = Map<Node, Term<Ranges<Release>>>;
type Outer = External<Node, Ranges<Release>, Unusable>;
type Inner = Derived<Node, Ranges<Release>, Unusable>;
type Tree = DerivationTree<Node, Ranges<Release>, Unusable>;

/// Why there is no set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// A sentence a line, in Portuguese.
    pub portuguese: Vec<String>,
    /// The same in English.
    pub english: Vec<String>,
}

impl Explanation {
    pub(super) fn of(problem: &Problem, mut proof: Proof) -> Self {
        if depth(&proof) > DEEPEST {
            let told = |lang| Sentences { problem, lang }.ends(&proof);
            return Self {
                portuguese: told(PtBr),
                english: told(En),
            };
        }
        proof.collapse_no_versions();
        let told = |lang| DefaultStringReporter::report_with_formatter(&proof, &Sentences { problem, lang });
        let lines = |text: String| {
            text.lines()
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect()
        };
        Self {
            portuguese: lines(told(PtBr)),
            english: lines(told(En)),
        }
    }

    /// The sentences, in the operator's language.
    pub fn lines(&self, lang: Lang) -> &[String] {
        match lang {
            PtBr => &self.portuguese,
            En => &self.english,
        }
    }
}

/// How many steps the longest line of a proof has; steps that several lines share are walked once.
fn depth(proof: &Tree) -> usize {
    let mut seen = HashSet::new();
    let mut level: Vec<&Tree> = vec![proof];
    let mut depth = 0;
    while !level.is_empty() && depth <= DEEPEST {
        let derived = level.iter().filter_map(|tree| match tree {
            DerivationTree::Derived(derived) => Some(derived),
            DerivationTree::External(_) => None,
        });
        let causes = derived.flat_map(|derived| [derived.cause1.as_ref(), derived.cause2.as_ref()]);
        level = causes
            .filter(|cause| seen.insert(std::ptr::from_ref(*cause).addr()))
            .collect();
        depth += 1;
    }
    depth
}

/// A set of versions as people write it: `1.2.0`, `>=1.2.0 <2.0.0`, `<1.0.0 || >=2.0.0`; none for every version.
pub(super) fn versions(range: &Ranges<Release>) -> Option<String> {
    let parts: Vec<String> = range.iter().map(|(from, to)| interval(from, to)).collect();
    (*range != Ranges::full()).then(|| parts.join(" || "))
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
struct Sentences<'a> {
    problem: &'a Problem,
    lang: Lang,
}

impl Sentences<'_> {
    /// What is missing or withdrawn, of a proof that is too deep to be told.
    fn ends(&self, proof: &Tree) -> Vec<String> {
        let mut seen = HashSet::new();
        let mut waiting = vec![proof];
        let mut told = Vec::new();
        while let Some(tree) = waiting.pop() {
            match tree {
                DerivationTree::Derived(derived) => {
                    let causes = [derived.cause1.as_ref(), derived.cause2.as_ref()];
                    waiting.extend(
                        causes
                            .into_iter()
                            .filter(|cause| seen.insert(std::ptr::from_ref(*cause).addr())),
                    );
                }
                DerivationTree::External(end @ (External::NoVersions(..) | External::Custom(..))) => {
                    told.push(format!("{}.", self.format_external(end)));
                }
                DerivationTree::External(_) => {}
            }
        }
        told.sort();
        told.dedup();
        told.truncate(ENDS);
        told
    }

    fn named(&self, package: &Node, range: &Ranges<Release>) -> String {
        match self.few(package, range).or_else(|| versions(range)) {
            Some(versions) if !versions.is_empty() => format!("{package} {versions}"),
            _ => package.to_string(),
        }
    }

    /// The versions that there are in a range, where they are few or all: `1.2.0, 1.3.0`; all is an empty text.
    fn few(&self, package: &Node, range: &Ranges<Release>) -> Option<String> {
        let Node::Component(Component::Plugin(slug)) = package else {
            return None;
        };
        let all = self.problem.candidates.get(slug)?;
        let inside: Vec<String> = all
            .keys()
            .filter(|release| range.contains(release))
            .map(Release::to_string)
            .collect();
        match inside.len() {
            0 => None,
            count if count == all.len() && count > 1 => Some(String::new()),
            count => (count <= FEW).then(|| inside.join(", ")),
        }
    }

    fn wanted(&self, package: &Node, range: &Ranges<Release>) -> String {
        let installed = self.is_installed(package, range);
        let what = self.named(package, range);
        match (self.lang, installed) {
            (En, true) => format!("{what} is installed and stays"),
            (En, false) => format!("{what} is asked for"),
            (PtBr, true) => format!("{what} está instalado e fica"),
            (PtBr, false) => format!("{what} foi pedido"),
        }
    }

    fn is_installed(&self, package: &Node, range: &Ranges<Release>) -> bool {
        let Node::Component(Component::Plugin(slug)) = package else {
            return false;
        };
        let candidates = self.problem.candidates.get(slug).into_iter().flatten();
        candidates
            .into_iter()
            .any(|(release, candidate)| candidate.installed && range.contains(release))
    }

    /// That there is nothing in the versions that were looked for, and what there is instead.
    fn absent(&self, package: &Node, range: &Ranges<Release>) -> String {
        let there = self.there_is(package);
        match (self.lang, there) {
            (En, None) => format!("there is no {package}"),
            (PtBr, None) => format!("não há {package}"),
            (En, Some(there)) => format!("there is no {} ({there})", self.named(package, range)),
            (PtBr, Some(there)) => format!("não há {} ({there})", self.named(package, range)),
        }
    }

    /// Which versions there are.
    fn there_is(&self, package: &Node) -> Option<String> {
        let known = self.known(package);
        let listed: Vec<String> = known.iter().take(LISTED).map(Release::to_string).collect();
        let more = if known.len() > LISTED { ", …" } else { "" };
        let is = match self.lang {
            En => "there is",
            PtBr => "há",
        };
        (!known.is_empty()).then(|| format!("{is} {}{more}", listed.join(", ")))
    }

    /// The versions that there are, the highest first.
    fn known(&self, package: &Node) -> Vec<Release> {
        match package {
            Node::Set => Vec::new(),
            Node::Component(Component::Gestor) => self.problem.gestor.into_iter().collect(),
            Node::Component(Component::Php) => self.problem.php.into_iter().collect(),
            Node::Component(Component::Plugin(slug)) => {
                let candidates = self.problem.candidates.get(slug).into_iter();
                candidates.flat_map(|all| all.keys().rev()).copied().collect()
            }
        }
    }

    fn unusable(&self, package: &Node, range: &Ranges<Release>, why: &Unusable) -> String {
        let what = self.named(package, range);
        match (self.lang, why) {
            (En, Unusable::Withdrawn) => format!("{what} was withdrawn by its author"),
            (PtBr, Unusable::Withdrawn) => format!("{what} foi retirado pelo autor"),
            (En, Unusable::Cycle(cycle)) => format!("{what} would need itself ({cycle})"),
            (PtBr, Unusable::Cycle(cycle)) => format!("{what} precisaria de si mesmo ({cycle})"),
        }
    }

    fn needs(&self, package: &Node, range: &Ranges<Release>, on: &Node, needed: &Ranges<Release>) -> String {
        let what = self.named(package, range);
        let needed = if self.known(on).iter().any(|release| needed.contains(release)) {
            self.bounded(on, needed)
        } else {
            self.and_lacks(on, needed)
        };
        match self.lang {
            En => format!("{what} needs {needed}"),
            PtBr => format!("{what} precisa de {needed}"),
        }
    }

    /// What is needed, as its author bounded it.
    fn bounded(&self, on: &Node, needed: &Ranges<Release>) -> String {
        versions(needed).map_or_else(|| on.to_string(), |versions| format!("{on} {versions}"))
    }

    /// What is needed and is not there.
    fn and_lacks(&self, on: &Node, needed: &Ranges<Release>) -> String {
        let bounded = self.bounded(on, needed);
        match (self.lang, self.there_is(on)) {
            (En, None) => format!("{bounded}, which is not there"),
            (PtBr, None) => format!("{bounded}, que não há"),
            (_, Some(there)) => format!("{bounded} ({there})"),
        }
    }

    fn excluded(&self, terms: &[(&Node, &Term<Ranges<Release>>)]) -> String {
        let term = |(package, term): &(&Node, &Term<Ranges<Release>>)| match (term, self.lang) {
            (Term::Positive(range), _) => self.named(package, range),
            (Term::Negative(range), En) => format!("no {}", self.named(package, range)),
            (Term::Negative(range), PtBr) => format!("nenhum {}", self.named(package, range)),
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

impl ReportFormatter<Node, Ranges<Release>, Unusable> for Sentences<'_> {
    type Output = String;

    fn format_external(&self, external: &Outer) -> String {
        match external {
            External::NotRoot(..) => self.excluded(&[]),
            External::NoVersions(package, range) => self.absent(package, range),
            External::FromDependencyOf(Node::Set, _, on, needed) => self.wanted(on, needed),
            External::FromDependencyOf(package, range, on, needed) => self.needs(package, range, on, needed),
            External::Custom(package, range, why) => self.unusable(package, range, why),
        }
    }

    fn format_terms(&self, terms: &Terms) -> String {
        let mut terms: Vec<_> = terms.iter().filter(|(package, _)| **package != Node::Set).collect();
        terms.sort_by_key(|(package, _)| (*package).clone());
        match terms.as_slice() {
            [(one, Term::Positive(range)), (other, Term::Negative(needed))] => self.needs(one, range, other, needed),
            [(other, Term::Negative(needed)), (one, Term::Positive(range))] => self.needs(one, range, other, needed),
            [(one, Term::Negative(range))] => self.wanted(one, range),
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

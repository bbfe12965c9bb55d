//! What a set of plugins could be made of. Owns the words of the question; must not know where a package lies.

use std::collections::BTreeMap;
use std::fmt;

use pubgrub::Ranges;

use crate::model::{Component, Dependency, Release, Slug};

/// What needs, or is needed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Node {
    /// The set that is asked for: it needs what the call names and what is installed.
    Set,
    /// A part of it.
    Component(Component),
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set => f.write_str("set"),
            Self::Component(component) => component.fmt(f),
        }
    }
}

/// A version of a plugin that could be in the set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Candidate {
    /// What it needs.
    pub dependencies: Vec<Dependency>,
    /// Whether this is the version that is installed: preferred before a higher one.
    pub installed: bool,
    /// Whether its author took it back: only one that is installed stays.
    pub withdrawn: bool,
}

/// The question: which version of which plugin makes a set in which everything has what it needs.
#[derive(Debug, Clone, Default)]
pub struct Problem {
    /// The gestor's version; none where it is not known: then nothing is asked of it.
    pub gestor: Option<Release>,
    /// PHP's version, likewise.
    pub php: Option<Release>,
    /// What must be in the set, in which versions: what the call names and what is installed.
    pub wanted: BTreeMap<Slug, Ranges<Release>>,
    /// Everything that could be in it.
    pub candidates: BTreeMap<Slug, BTreeMap<Release, Candidate>>,
}

impl Problem {
    /// A candidate of the set.
    pub fn candidate(&self, slug: &Slug, release: Release) -> Option<&Candidate> {
        self.candidates.get(slug)?.get(&release)
    }
}

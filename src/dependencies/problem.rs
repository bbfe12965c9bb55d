//! What a set of plugins could be made of. Owns the words of the question; must not know where a package lies.

use std::collections::{BTreeMap, BTreeSet};

use version_ranges::Ranges;

use crate::model::{Dependency, Release, Slug};

/// How a version of a plugin stands before anything is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// There is a package of it.
    #[default]
    Offered,
    /// It is the one that is installed: preferred before a higher one.
    Installed,
    /// It is installed and paused: nothing can use it before it is enabled.
    Paused,
}

/// A version of a plugin that could be in the set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Candidate {
    /// What it needs.
    pub dependencies: Vec<Dependency>,
    /// How it stands.
    pub standing: Standing,
}

/// Why a plugin must be in the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The call names it.
    Named,
    /// It is installed, and no call takes it away.
    Installed,
}

/// A plugin that must be in the set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// In which versions.
    pub range: Ranges<Release>,
    /// Why.
    pub reason: Reason,
}

/// The question: which version of which plugin makes a set in which everything has what it needs.
#[derive(Debug, Clone, Default)]
pub struct Problem {
    /// The gestor's version; none where it is not known: then nothing is asked of it.
    pub gestor: Option<Release>,
    /// PHP's version, likewise.
    pub php: Option<Release>,
    /// What must be in the set.
    pub wanted: BTreeMap<Slug, Wish>,
    /// Everything that could be in it.
    pub candidates: BTreeMap<Slug, BTreeMap<Release, Candidate>>,
    /// Plugins that are there in a version that nobody can read: they fit every range.
    pub unread: BTreeSet<Slug>,
}

impl Problem {
    /// A candidate of the set.
    pub fn candidate(&self, slug: &Slug, release: Release) -> Option<&Candidate> {
        self.candidates.get(slug)?.get(&release)
    }

    /// Whether a version is the one that is there already.
    pub fn is_installed(&self, slug: &Slug, release: Release) -> bool {
        let candidate = self.candidate(slug, release);
        candidate.is_some_and(|candidate| candidate.standing == Standing::Installed)
    }

    /// Whether the call itself names a plugin.
    pub fn is_named(&self, slug: &Slug) -> bool {
        let wish = self.wanted.get(slug);
        wish.is_some_and(|wish| wish.reason == Reason::Named)
    }
}

//! What is said of versions that could make a set, or cannot. Owns the words of the answer.

use std::collections::BTreeMap;
use std::fmt;

use pubgrub::{DerivationTree, Ranges};

use super::problem::Node;
use crate::model::{Release, Slug};

/// The versions of the set, by plugin.
pub(super) type Versions = BTreeMap<Slug, Release>;

/// Why there is no set, as a tree of what excludes what.
pub(super) type Proof = Box<DerivationTree<Node, Ranges<Release>, Unusable>>;

/// Why a version can be in no set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// Its author took it back.
    Withdrawn,
    /// It would need itself.
    Cycle(Cycle),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Withdrawn => f.write_str("withdrawn"),
            Self::Cycle(cycle) => cycle.fmt(f),
        }
    }
}

/// Plugins that need each other: each needs the next, the last the first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cycle {
    /// At least one; the first by name stands first.
    pub members: Vec<(Slug, Release)>,
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (slug, release) in &self.members {
            write!(f, "{slug} {release} → ")?;
        }
        self.members
            .first()
            .map_or(Ok(()), |(slug, _)| f.write_str(slug.as_str()))
    }
}

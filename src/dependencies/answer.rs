//! What is said of versions that could make a set, or cannot. Owns the words of the answer.

use std::collections::BTreeMap;
use std::fmt;

use super::explain::Explanation;
use super::order::Cycle;
use crate::model::{Release, Slug};

/// Versions that were given up because of a cycle.
pub(super) type Excluded = BTreeMap<(Slug, Release), Cycle>;

/// A set in which everything has what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// Everything that is in it.
    pub versions: BTreeMap<Slug, Release>,
    /// What comes about of it, in the order in which it can: dependencies before what needs them, ties by name.
    pub order: Vec<(Slug, Release)>,
}

/// That no set answers the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoSet {
    /// Two wishes exclude each other, or something is missing: the sentences that prove it.
    Conflict(Explanation),
    /// The plugins would need each other.
    Cycle(Cycle),
    /// There are too many possibilities to try.
    GivenUp,
}

/// Why a version can be in no set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// It is paused.
    Paused,
    /// It would need itself.
    Cycle(Cycle),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Paused => f.write_str("paused"),
            Self::Cycle(cycle) => cycle.fmt(f),
        }
    }
}

//! What is said of versions that could make a set, or cannot. Owns the words of the answer.

use std::collections::BTreeMap;
use std::fmt;

use super::order::Cycle;
use crate::model::{Release, Slug};

/// Versions that were given up because of a cycle.
pub(super) type Excluded = BTreeMap<(Slug, Release), Cycle>;

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

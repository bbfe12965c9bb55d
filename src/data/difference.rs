//! In what a row of the package and a row of the table differ, and what merging them leaves behind. Pure.

use super::change::Change;
use crate::ledger::{FieldDigest, MergeReason, RowDigest, Waiting};

/// What one row would change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Difference {
    /// Columns to write; none when the rows are equal.
    pub changes: Vec<Change>,
    /// A package's value goes beside a user's one.
    pub aside: bool,
    /// Columns that are equal and must be assigned if the row is written: the server would change them.
    pub kept: Vec<Change>,
    /// What merging the row leaves behind besides.
    pub merged: Merged,
}

impl Difference {
    /// Adds what another row differs in that nothing tells apart from the first one.
    pub(super) fn join(&mut self, other: Self) {
        self.aside |= other.aside;
        self.merged.join(other.merged);
        self.kept.extend(other.kept);
        for change in other.changes {
            if self.changes.iter().all(|known| known.column != change.column) {
                self.changes.push(change);
            }
        }
    }
}

/// A value of the package that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldWaits {
    /// The column.
    pub(super) column: usize,
    /// Why.
    pub(super) reason: MergeReason,
    /// What the table has.
    pub(super) mine: RowDigest,
    /// What the package brings, where no column holds it.
    pub(super) theirs: Waiting,
    /// The column that holds it.
    pub(super) companion: Option<usize>,
}

/// A value that gives way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GivesWay {
    /// The column.
    pub(super) column: usize,
    /// What it holds.
    pub(super) value: Option<Vec<u8>>,
    /// What is written there.
    pub(super) placed: FieldDigest,
}

/// What merging a row leaves behind besides columns to write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Merged {
    /// A user's value stays that the package did not touch.
    pub(super) keeps: bool,
    /// Values of the package that wait.
    pub(super) waits: Vec<FieldWaits>,
    /// Values of users that give way.
    pub(super) replaced: Vec<GivesWay>,
    /// Values of companions that give way.
    pub(super) companions: Vec<GivesWay>,
    /// Columns that both changed, and so nothing may be written.
    pub(super) refused: Vec<usize>,
    /// Columns in which table and package are one now.
    pub(super) settled: Vec<usize>,
    /// Columns in which the table's value stays.
    pub(super) stays: Vec<usize>,
}

impl Merged {
    /// Adds what another row leaves behind that nothing tells apart from the first one.
    pub(super) fn join(&mut self, other: Self) {
        self.keeps |= other.keeps;
        self.replaced.extend(other.replaced);
        self.companions.extend(other.companions);
        for waits in other.waits {
            if self.waits.iter().all(|known| known.column != waits.column) {
                self.waits.push(waits);
            }
        }
        self.refused.extend(other.refused);
        self.settled.extend(other.settled);
        self.stays.extend(other.stays);
    }
}

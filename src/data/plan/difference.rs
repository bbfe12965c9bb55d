//! In what a row of the package and a row of the table differ, and what merging them leaves behind. Pure.

use std::ops::Index;

use crate::data::fit::change::ColumnChange;
use crate::ledger::{FieldDigest, MergeReason, RowDigest, Waiting};

/// What one row would change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::data) struct Difference {
    /// Columns to write; none when the rows are equal.
    pub changes: Vec<ColumnChange>,
    /// A package's value goes beside a user's one.
    pub has_companion: bool,
    /// Columns that are equal and must be assigned if the row is written: the server would change them.
    pub kept: Vec<ColumnChange>,
    /// What merging the row leaves behind besides.
    pub merged: Merged,
}

impl Difference {
    /// Adds what another row differs in that nothing tells apart from the first one.
    pub(in crate::data) fn join(&mut self, other: Self) {
        self.has_companion |= other.has_companion;
        self.merged.join(other.merged);
        self.kept.extend(other.kept);
        for change in other.changes {
            if self.changes.iter().all(|known| known.column != change.column) {
                self.changes.push(change);
            }
        }
    }
}

/// What each row of a package would change. Thousands of rows change in the same way, and share that.
#[derive(Debug, Default)]
pub(in crate::data) struct Differences {
    /// By row: the place of what it changes.
    places: Vec<u32>,
    /// The first is that of rows that change nothing.
    distinct: Vec<Difference>,
}

impl Differences {
    /// So many rows that change nothing.
    pub(super) fn none(rows: usize) -> Self {
        Self {
            places: vec![0; rows],
            distinct: vec![Difference::default()],
        }
    }

    /// Adds what a row differs in, also from another row of the table that nothing tells apart from the first one.
    pub(super) fn join(&mut self, row: usize, found: Difference) {
        let mut joined = self[row].clone();
        joined.join(found);
        if self.distinct.first() == Some(&joined) {
            self.places[row] = 0;
            return;
        }
        if self.distinct.last() != Some(&joined) {
            self.distinct.push(joined);
        }
        self.places[row] = u32::try_from(self.distinct.len() - 1).unwrap_or(u32::MAX);
    }

    /// Of each row.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Difference> {
        (0..self.places.len()).map(|row| &self[row])
    }
}

impl Index<usize> for Differences {
    type Output = Difference;

    fn index(&self, row: usize) -> &Difference {
        &self.distinct[self.places[row] as usize]
    }
}

/// A value of the package that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldWaits {
    /// The column.
    pub(in crate::data) column: usize,
    /// Why.
    pub(in crate::data) reason: MergeReason,
    /// What the table has.
    pub(in crate::data) mine: RowDigest,
    /// What the package brings, where no column holds it.
    pub(in crate::data) theirs: Waiting,
    /// The column that holds it.
    pub(in crate::data) companion: Option<usize>,
}

/// A value that gives way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) struct GivesWay {
    /// The column.
    pub(in crate::data) column: usize,
    /// What it holds.
    pub(in crate::data) value: Option<Vec<u8>>,
    /// What is written there.
    pub(in crate::data) placed: FieldDigest,
}

/// What merging a row leaves behind besides columns to write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::data) struct Merged {
    /// A user's value stays that the package did not touch.
    pub(in crate::data) keeps: bool,
    /// Values of the package that wait.
    pub(super) waits: Vec<FieldWaits>,
    /// Values of users that give way.
    pub(super) replaced: Vec<GivesWay>,
    /// Values of companions that give way.
    pub(in crate::data) companions: Vec<GivesWay>,
    /// Columns that both changed, and so nothing may be written.
    pub(in crate::data) refused: Vec<usize>,
    /// Columns in which table and package are one now; of rows of which a conflict is known alone.
    pub(in crate::data) settled: Vec<usize>,
    /// Columns in which the table's value stays.
    pub(in crate::data) stays: Vec<usize>,
}

impl Merged {
    /// Adds what another row leaves behind that nothing tells apart from the first one.
    pub(in crate::data) fn join(&mut self, other: Self) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fit::change::NewValue;

    fn change(column: usize) -> Difference {
        let value = NewValue::Number(1);
        Difference {
            changes: vec![ColumnChange { column, value }],
            ..Difference::default()
        }
    }

    #[test]
    fn rows_share_what_they_change_and_each_has_its_own() {
        let mut differences = Differences::none(6);
        for (row, column) in [(0, 7), (1, 7), (2, 8), (4, 7)] {
            differences.join(row, change(column));
        }
        differences.join(3, Difference::default());
        // A second row of the table that nothing tells apart from the first one changes the first row's alone.
        differences.join(1, change(9));
        differences.join(2, Difference::default());
        let columns =
            |row: usize| -> Vec<usize> { differences[row].changes.iter().map(|found| found.column).collect() };
        let found: Vec<Vec<usize>> = (0..6).map(columns).collect();
        assert_eq!(found, [vec![7], vec![7, 9], vec![8], vec![], vec![7], vec![]]);
        assert_eq!(differences.iter().count(), 6);
    }
}

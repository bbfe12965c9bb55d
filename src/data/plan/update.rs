//! A row that is to be changed. Values only.

use std::sync::Arc;

use crate::data::fit::change::ColumnChange;
use crate::data::fit::find::PrimaryKey;

/// A row to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Place of the package's row.
    pub row: usize,
    /// The table's row.
    pub identity: PrimaryKey,
    /// Columns to write. Many rows share them.
    pub changes: Arc<[ColumnChange]>,
    /// The row becomes the plugin's.
    pub adopts: bool,
    /// More than the owner changes.
    pub differs: bool,
    /// A package's value goes beside a user's one.
    pub has_companion: bool,
}

impl Update {
    /// The columns that are written, in the table's order.
    pub(in crate::data) fn columns(&self) -> Vec<usize> {
        let mut columns: Vec<usize> = self.changes.iter().map(|change| change.column).collect();
        columns.sort_unstable();
        columns
    }
}

/// A primary key in words.
pub(super) fn shown_identity(identity: &PrimaryKey) -> String {
    let parts: Vec<_> = identity.iter().map(|part| String::from_utf8_lossy(part)).collect();
    parts.join("/")
}

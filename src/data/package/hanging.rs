//! Rows that hang by a foreign key on rows which go, as they are told. Values and words only.

use std::fmt;

/// What the database would do to rows when those go on which they hang.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HangingFate {
    /// Delete them as well.
    Deleted,
    /// Empty what they refer to.
    Emptied,
    /// Refuse: they forbid it.
    Forbid,
    /// Delete or empty them, where no archive can hold them: they are in another database, or nothing tells them apart.
    Unkept,
}

impl HangingFate {
    /// An archive can hold them, and they come back out of it.
    pub fn is_kept(self) -> bool {
        matches!(self, Self::Deleted | Self::Emptied)
    }
}

/// The rows that hang by one foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HangingRows {
    /// Their table, with its database where that is another one.
    pub table: String,
    /// The foreign key.
    pub key: String,
    /// How many.
    pub rows: u64,
    /// What would become of them.
    pub fate: HangingFate,
}

impl fmt::Display for HangingRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, key, rows, fate } = self;
        let what = match fate {
            HangingFate::Deleted => "the database deletes them as well",
            HangingFate::Emptied => "the database empties what they refer to",
            HangingFate::Forbid => "they forbid it",
            HangingFate::Unkept => {
                "the database would delete or empty them, and they cannot be kept: their table is another database's, or nothing tells its rows apart"
            }
        };
        write!(f, "`{table}`, foreign key `{key}`, {rows} rows: {what}")
    }
}

/// What an operator can do about all of them.
pub(super) fn advice(hanging: &[HangingRows]) -> &'static str {
    if hanging.iter().all(|rows| rows.fate.is_kept()) {
        "Move or delete those rows, or pass `forcar` (`--forcar`): then they stand in the archive as well, and come back with the plugin"
    } else {
        "Move or delete those rows, or change those foreign keys"
    }
}

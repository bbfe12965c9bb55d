//! What a merge leaves behind besides rows: conflicts, and values that are set aside. Values only; `registry` keeps them.

use super::entry::{FieldDigest, PrimaryKey, RowDigest, RowKey};
use crate::model::{TableName, of_word, word_of};

/// Why a user's and a package's state of something wait for a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MergeReason {
    /// User and package changed the same field.
    Both,
    /// The gestor's contract keeps the user's value.
    Contract,
    /// A user changed the row's key.
    Moved,
    /// A user deleted the row.
    Deleted,
    /// The gestor has taken the row over.
    Core,
}

impl MergeReason {
    /// All of them, with the words by which they are stored.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Both, "ambos"),
        (Self::Contract, "contrato"),
        (Self::Moved, "movida"),
        (Self::Deleted, "apagada"),
        (Self::Core, "nucleo"),
    ];

    /// The word.
    pub fn word(self) -> &'static str {
        word_of(&Self::ALL, &self)
    }

    /// Reads a word.
    pub fn from_word(word: &str) -> Option<Self> {
        of_word(&Self::ALL, word)
    }
}

/// A conflict that a merge found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeConflict {
    /// The table.
    pub table: TableName,
    /// The row's key.
    pub key: RowKey,
    /// Its primary key; empty where there is no row.
    pub identity: PrimaryKey,
    /// Its key in words.
    pub shown: String,
    /// The column; empty for the whole row.
    pub column: String,
    /// Why.
    pub reason: MergeReason,
    /// The digest of what the table has.
    pub mine: RowDigest,
    /// What the package brings, where it waits here.
    pub theirs: Waiting,
    /// The column in which the package's value waits.
    pub companion: Option<String>,
}

/// What a package brings, while it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// Not here: it stands in the companion column, or it is a whole row.
    Elsewhere,
    /// NULL.
    Null,
    /// This, as the server would take it; bytes in hexadecimal digits.
    Text(String),
}

/// Why values were set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SavedReason {
    /// The row was nobody's and became the plugin's.
    Adopted,
    /// A user's values gave way to the package's.
    Replaced,
    /// The row was deleted, or made inactive.
    Removed,
    /// A companion column held something else.
    Companion,
}

impl SavedReason {
    /// All of them, with the words by which they are stored.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Adopted, "adotada"),
        (Self::Replaced, "substituida"),
        (Self::Removed, "removida"),
        (Self::Companion, "companheira"),
    ];

    /// The word.
    pub fn word(self) -> &'static str {
        word_of(&Self::ALL, &self)
    }

    /// Reads a word.
    pub fn from_word(word: &str) -> Option<Self> {
        of_word(&Self::ALL, word)
    }
}

/// Values of one row that are set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedRow {
    /// The table.
    pub table: TableName,
    /// The row's key; nothing where its plugin's base has none.
    pub key: Option<RowKey>,
    /// Its primary key.
    pub identity: PrimaryKey,
    /// Why.
    pub reason: SavedReason,
    /// By column: what the server showed; `None` is NULL.
    pub values: Vec<(String, Option<Vec<u8>>)>,
    /// By column: the digest of what was written in its place.
    pub placed: Vec<(String, FieldDigest)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for (reason, word) in MergeReason::ALL {
            assert_eq!((MergeReason::from_word(word), reason.word()), (Some(reason), word));
        }
        for (reason, word) in SavedReason::ALL {
            assert_eq!((SavedReason::from_word(word), reason.word()), (Some(reason), word));
        }
        assert_eq!(MergeReason::from_word("removida"), None);
    }
}

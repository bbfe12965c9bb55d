//! What is remembered of one row, and of a table. Values only.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::model::{Sha256Digest, TableName};

/// The base of a plugin, by table.
pub type Base = BTreeMap<TableName, TableBase>;

/// The primary key of a row, in the table's own texts. Many hold the same one.
pub type PrimaryKey = Arc<[Box<[u8]>]>;

macro_rules! cut_digest {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; $bytes]);

        impl $name {
            /// The first bytes of a SHA-256.
            pub fn cut(digest: &Sha256Digest) -> Self {
                let mut bytes = [0; $bytes];
                bytes.copy_from_slice(&digest.as_bytes()[..$bytes]);
                Self(bytes)
            }
        }
    };
}

cut_digest!(
    /// The digest of a value's canonical text.
    FieldDigest,
    6
);
cut_digest!(
    /// The digest of all values that a package gave for a row.
    RowDigest,
    8
);
cut_digest!(
    /// The digest of a row's folded key.
    RowKey,
    16
);

/// By column: what a package last gave. An entry that stays as it was shares them with the one before it.
pub type FieldDigests = Arc<[Option<FieldDigest>]>;

/// The class of a column's type: values are compared by one rule within it, and not at all across two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KindClass(pub u8);

/// How a row came to be the plugin's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryOrigin {
    /// The plugin inserted it.
    Inserted,
    /// It was nobody's, and became the plugin's.
    Adopted,
    /// It stood in a table without owners already.
    Shared,
    /// The base was built from a package later: nobody saw it come.
    Unknown,
}

/// What is remembered of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key.
    pub key: RowKey,
    /// How it came.
    pub origin: EntryOrigin,
    /// A user deleted it, and it stays deleted.
    pub deleted: bool,
    /// The package no longer brings it.
    pub orphan: bool,
    /// The history's number of the operation that inserted it; 0 when that is not known.
    pub since: u64,
    /// ... of the one that orphaned it; 0 while it is current.
    pub until: u64,
    /// Its primary key in the table; empty while that is not known.
    pub identity: PrimaryKey,
    /// What the last package gave for it, all together.
    pub row: RowDigest,
    /// By column of the table's base: what a package last gave.
    pub fields: FieldDigests,
}

impl Entry {
    /// The row stood in the table after the last operation, as one of the package's.
    pub fn is_alive(&self) -> bool {
        !self.deleted && !self.orphan
    }
}

/// A column that entries have digests of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BaseColumn {
    /// Its name.
    pub name: String,
    /// The class by which the digests were made.
    pub class: KindClass,
}

/// What is remembered of one table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableBase {
    /// The columns that entries have digests of.
    pub columns: Vec<BaseColumn>,
    /// By key.
    pub entries: Vec<Entry>,
}

impl TableBase {
    /// The place of an entry.
    pub fn find(&self, key: &RowKey) -> Option<usize> {
        self.entries.binary_search_by(|entry| entry.key.cmp(key)).ok()
    }

    /// Puts entries in order. Of two with one key the later counts.
    pub fn sort(&mut self) {
        let last: HashMap<RowKey, usize> = self
            .entries
            .iter()
            .enumerate()
            .map(|(at, entry)| (entry.key, at))
            .collect();
        if last.len() < self.entries.len() {
            let mut at = 0;
            self.entries.retain(|entry| {
                at += 1;
                last.get(&entry.key) == Some(&(at - 1))
            });
        }
        self.entries.sort_unstable_by_key(|entry| entry.key);
    }
}

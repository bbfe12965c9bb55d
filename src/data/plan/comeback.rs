//! What becomes of rows that an archive holds when their plugin comes back (SPEC 2 §6). Values, and a decision from facts
//! alone; `comeback_study` reads.

use std::collections::BTreeMap;

use super::absence::Going;
use super::give_back::is_writable;
use super::standing::{CurrentRow, CurrentTable};
use super::standing_write::FieldWrite;
use crate::data::fit::find::PrimaryKey;
use crate::ledger::RowKey;
use crate::model::Phrase;

/// How a row stands in an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It was deleted.
    Gone(Going),
    /// It was given back to nobody.
    Returned,
    /// It stayed, and lost what it referred to.
    Emptied,
}

impl Kept {
    /// The word for a row that was given back.
    pub const RETURNED: &'static str = "adotada";
    /// The word for a row of others that was emptied. The archive holds its primary key, and what it lost.
    pub const EMPTIED: &'static str = "esvaziada";

    /// Reads a word of an archive.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            Self::RETURNED => return Some(Self::Returned),
            Self::EMPTIED => return Some(Self::Emptied),
            _ => {}
        }
        let found = Going::ALL.into_iter().find(|going| going.word() == word);
        found.map(Self::Gone)
    }
}

/// A row of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRow {
    /// How it stands there.
    pub kept: Kept,
    /// By column: what the server showed; `None` is NULL.
    pub values: BTreeMap<String, Option<Vec<u8>>>,
}

/// Whose the row is that has the key of a row that comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// Nobody's, or its table has no owners.
    Nobody,
    /// The plugin's own.
    Own,
    /// Somebody else's.
    Other,
}

/// What is known of a row that comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct ComebackFacts {
    /// How it stands in the archive.
    pub kept: Kept,
    /// The row that has its key now.
    pub holder: Option<Holder>,
    /// Another row has its primary key now.
    pub number_taken: bool,
    /// The server can give it another primary key.
    pub counts: bool,
    /// Its table says who may do what: such a row that was made meanwhile says the same.
    pub grants: bool,
    /// Its table has no owners, and another plugin's packages bring it, too.
    pub shared: bool,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is inserted as it was.
    Inserted,
    /// It is inserted, with another primary key.
    Renumbered,
    /// The row that nobody has is the plugin's again, and what it was.
    Taken,
    /// The row that was made meanwhile is the plugin's.
    Bound,
    /// A row that says the same stands there.
    Stands,
    /// Its key is another row's.
    Refused,
}

/// Decides.
pub(super) fn decide(facts: ComebackFacts) -> Verdict {
    let is_plain = matches!(facts.kept, Kept::Gone(Going::Grant | Going::Hook));
    match (facts.holder, facts.kept) {
        (None, _) if facts.number_taken && !facts.counts => Verdict::Refused,
        (None, _) if facts.number_taken => Verdict::Renumbered,
        (None, _) => Verdict::Inserted,
        (Some(_), _) if is_plain => Verdict::Stands,
        (Some(_), Kept::Gone(Going::Hanging)) if facts.grants => Verdict::Stands,
        (Some(Holder::Nobody), Kept::Returned) => Verdict::Taken,
        (Some(Holder::Own), Kept::Returned) => Verdict::Stands,
        (Some(Holder::Nobody | Holder::Own), Kept::Gone(_)) if facts.grants || facts.shared => Verdict::Bound,
        (Some(_), _) => Verdict::Refused,
    }
}

/// What is written for a row that comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comeback {
    /// It is inserted, with its own primary key or another one.
    Insert {
        /// What it held, by the table's columns.
        row: CurrentRow,
        /// Columns of which the archive knows a value.
        known: Vec<usize>,
        /// Another row has its primary key.
        renumbered: bool,
        /// Its keys.
        keys: [RowKey; 2],
    },
    /// A row that stands is written into.
    Write {
        /// Which.
        identity: PrimaryKey,
        /// What.
        write: FieldWrite,
        /// The keys of the row that comes back.
        keys: [RowKey; 2],
    },
    /// A row of others that stands, and gets back what it referred to.
    Refill {
        /// Which.
        identity: PrimaryKey,
        /// What.
        write: FieldWrite,
    },
    /// A row that says the same stands there.
    Stands,
    /// Its key is another row's.
    Refused {
        /// Its keys.
        keys: [RowKey; 2],
        /// Its key in words.
        shown: String,
    },
    /// Its table does not take what it holds.
    Unfit {
        /// Its key in words.
        shown: String,
        /// What the server says.
        why: Phrase,
    },
}

/// A row that has another primary key than the archive says, or is not the plugin's any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Its keys.
    pub keys: [RowKey; 2],
    /// Its primary key now; nothing where its key is another row's.
    pub identity: Option<PrimaryKey>,
}

/// What each column of a row that nobody had meanwhile gets: what the archive holds where the row stands as it was given
/// back, else what somebody wrote since. `given`: what it was given back as.
pub(super) fn taken_back(
    table: &CurrentTable,
    (now, given, before): (&CurrentRow, &CurrentRow, &CurrentRow),
    known: &[usize],
) -> FieldWrite {
    let schema = table.schema();
    let owner = schema.owner();
    let writable = known.iter().copied().filter(|column| is_writable(schema, *column));
    let is_edited = |column: &usize| Some(*column) != owner && now[*column] != given[*column];
    let edited: Vec<usize> = writable.clone().filter(is_edited).collect();
    let marks = ["user_modified", "data_modificacao"];
    let stays =
        |column: usize| edited.contains(&column) || (!edited.is_empty() && marks.contains(&table.column_name(column)));
    let values = writable.filter(|column| !stays(*column));
    // A time that the server sets with each change is told what it was, whatever it is.
    let values = values.filter(|column| now[*column] != before[*column] || schema.columns[*column].on_update);
    FieldWrite {
        values: values.map(|column| (column, before[column].clone())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: ComebackFacts = ComebackFacts {
        kept: Kept::Gone(Going::Brought),
        holder: None,
        number_taken: false,
        counts: true,
        grants: false,
        shared: false,
    };

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn each_row_comes_back_as_its_facts_say() {
        let held = |holder| ComebackFacts {
            holder: Some(holder),
            ..PLAIN
        };
        let returned = |holder| ComebackFacts {
            kept: Kept::Returned,
            holder,
            ..PLAIN
        };
        let of = |going, holder| ComebackFacts {
            kept: Kept::Gone(going),
            holder,
            ..PLAIN
        };
        let grant = |holder| ComebackFacts {
            grants: true,
            ..held(holder)
        };
        for (facts, expected) in [
            (PLAIN, Verdict::Inserted),
            (
                ComebackFacts {
                    number_taken: true,
                    ..PLAIN
                },
                Verdict::Renumbered,
            ),
            (
                ComebackFacts {
                    number_taken: true,
                    counts: false,
                    ..PLAIN
                },
                Verdict::Refused,
            ),
            (held(Holder::Nobody), Verdict::Refused),
            (held(Holder::Own), Verdict::Refused),
            (held(Holder::Other), Verdict::Refused),
            (grant(Holder::Nobody), Verdict::Bound),
            (grant(Holder::Own), Verdict::Bound),
            (grant(Holder::Other), Verdict::Refused),
            (
                ComebackFacts {
                    kept: Kept::Gone(Going::Hanging),
                    ..grant(Holder::Nobody)
                },
                Verdict::Stands,
            ),
            (
                ComebackFacts {
                    shared: true,
                    ..held(Holder::Nobody)
                },
                Verdict::Bound,
            ),
            (of(Going::Hanging, Some(Holder::Nobody)), Verdict::Refused),
            (of(Going::Hanging, None), Verdict::Inserted),
            (of(Going::RunTime, Some(Holder::Nobody)), Verdict::Refused),
            (of(Going::Grant, Some(Holder::Other)), Verdict::Stands),
            (of(Going::Hook, Some(Holder::Own)), Verdict::Stands),
            (of(Going::Grant, None), Verdict::Inserted),
            (returned(None), Verdict::Inserted),
            (returned(Some(Holder::Nobody)), Verdict::Taken),
            (returned(Some(Holder::Own)), Verdict::Stands),
            (returned(Some(Holder::Other)), Verdict::Refused),
        ] {
            assert_eq!(decide(facts), expected, "{facts:?}");
        }
    }

    #[test]
    fn each_word_of_an_archive_is_read_back() {
        for going in Going::ALL {
            assert_eq!(Kept::from_word(going.word()), Some(Kept::Gone(going)));
        }
        assert_eq!(Kept::from_word("adotada"), Some(Kept::Returned));
        assert_eq!(Kept::from_word("esvaziada"), Some(Kept::Emptied));
        assert_eq!(Kept::from_word("outra"), None);
    }
}

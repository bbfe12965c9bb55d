//! Rows of our own tables as values, and statements of several rows: what the typed files share. Values become text by
//! the functions of `base::db`.

use super::{RegistryError, messages};
use crate::base::db::{Affected, Database, DbError, FromValue, Row, push_binary, push_text};
use crate::ledger::PrimaryKey;

/// Bytes of a statement after which the next one begins.
const STATEMENT: usize = 256 << 10;

/// A value of a statement.
pub(super) enum Literal<'a> {
    Null,
    Text(&'a str),
    Bytes(&'a [u8]),
    Number(u64),
    /// `UTC_TIMESTAMP()`
    Now,
}

impl<'a> From<Option<&'a str>> for Literal<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

impl From<Option<u64>> for Literal<'_> {
    fn from(number: Option<u64>) -> Self {
        number.map_or(Self::Null, Self::Number)
    }
}

impl Literal<'_> {
    pub(super) fn push(&self, statement: &mut Vec<u8>) {
        match self {
            Self::Null => statement.extend_from_slice(b"NULL"),
            Self::Text(text) => push_text(statement, text.as_bytes()),
            Self::Bytes(bytes) => push_binary(statement, bytes),
            Self::Number(number) => statement.extend_from_slice(number.to_string().as_bytes()),
            Self::Now => statement.extend_from_slice(b"UTC_TIMESTAMP()"),
        }
    }
}

/// Rows that are inserted by statements of several rows each.
pub(super) struct Inserts {
    head: &'static str,
    tail: &'static str,
    statement: Vec<u8>,
}

impl Inserts {
    /// `head` ends with `VALUES `.
    pub(super) fn new(head: &'static str, tail: &'static str) -> Self {
        Self {
            head,
            tail,
            statement: Vec::new(),
        }
    }

    pub(super) fn put(&mut self, database: &mut Database, row: &[Literal<'_>]) -> Result<(), DbError> {
        let mut tuple = vec![b'('];
        for (at, value) in row.iter().enumerate() {
            if at > 0 {
                tuple.push(b',');
            }
            value.push(&mut tuple);
        }
        tuple.push(b')');
        let limit = database.server().statement_limit(STATEMENT);
        if !self.statement.is_empty() && self.statement.len() + tuple.len() > limit {
            self.send(database)?;
        }
        let between = if self.statement.is_empty() { self.head } else { "," };
        self.statement.extend_from_slice(between.as_bytes());
        self.statement.append(&mut tuple);
        Ok(())
    }

    pub(super) fn send(&mut self, database: &mut Database) -> Result<(), DbError> {
        if !self.statement.is_empty() {
            self.statement.extend_from_slice(self.tail.as_bytes());
            database.execute(&self.statement)?;
            self.statement.clear();
        }
        Ok(())
    }
}

/// The rows of a SELECT; none where our table is not there.
pub(super) fn rows(database: &mut Database, sql: &[u8]) -> Result<Vec<Row>, RegistryError> {
    match database.query(sql) {
        Err(fault) if fault.is_no_table() => Ok(Vec::new()),
        rows => Ok(rows?),
    }
}

/// What became of a change where our table may be absent: then there was nothing to change.
pub(super) fn unless_absent(done: Result<Affected, DbError>) -> Result<(), DbError> {
    match done {
        Err(fault) if fault.is_no_table() => Ok(()),
        done => done.map(drop),
    }
}

/// A column of a row.
pub(super) fn value<T: FromValue>(
    row: &mut Row,
    at: usize,
    (table, column): (&'static str, &'static str),
) -> Result<T, RegistryError> {
    let taken = row.take_opt::<T, _>(at);
    taken.and_then(Result::ok).ok_or(RegistryError::Unreadable {
        table,
        column,
        reason: messages::NOT_OURS,
    })
}

/// A primary key as bytes: each part with its length before it.
pub(super) fn identity_bytes(identity: &PrimaryKey) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in identity.iter() {
        bytes.extend_from_slice(&u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

/// The primary key of such bytes; `None` where they are none.
pub(super) fn identity_of(mut bytes: &[u8]) -> Option<PrimaryKey> {
    let mut parts = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (part, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        parts.push(part.into());
        bytes = rest;
    }
    Some(parts.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn primary_keys_are_read_as_they_are_written(
            parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..4),
        ) {
            let identity: PrimaryKey = parts.into_iter().map(Into::into).collect();
            let bytes = identity_bytes(&identity);
            prop_assert_eq!(identity_of(&bytes), Some(identity));
            if let Some((_, cut)) = bytes.split_last() {
                prop_assert!(identity_of(cut).is_none_or(|found| identity_bytes(&found) == cut));
            }
        }
    }
}

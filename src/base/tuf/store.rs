//! What a client stands on: where files come from, and where believed ones are remembered.

use chrono::{DateTime, FixedOffset};

/// Where a repository's signed files come from.
pub trait Remote {
    /// Why a file could not be had.
    type Fault;

    /// Asks for a file, and reads no more of it than `limit`.
    fn file(&self, name: &str, limit: u64) -> Result<Answer, Self::Fault>;
}

impl<R: Remote + ?Sized> Remote for &R {
    type Fault = R::Fault;

    fn file(&self, name: &str, limit: u64) -> Result<Answer, Self::Fault> {
        (**self).file(name, limit)
    }
}

/// What a server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The file.
    File(Vec<u8>),
    /// There is none of that name.
    Absent,
    /// It is longer than the limit.
    TooLong,
}

/// A file that is believed, to be remembered.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'a> {
    /// Its role.
    pub role: &'a str,
    /// Its version.
    pub version: u64,
    /// When it ends.
    pub expires: DateTime<FixedOffset>,
    /// The bytes as they came.
    pub bytes: &'a [u8],
}

/// Where files that were believed are remembered. What it gives back is checked again: it cannot make anything
/// believed, only forget that something newer was seen.
pub trait Store {
    /// Why it could not.
    type Fault;

    /// The root of that version, where it is remembered.
    fn root(&self, version: u64) -> Result<Option<Vec<u8>>, Self::Fault>;

    /// The file of another role, where it is remembered.
    fn role(&self, role: &str) -> Result<Option<Vec<u8>>, Self::Fault>;

    /// Remembers a file for good, before anything is done because of it.
    fn keep(&self, kept: &Kept<'_>) -> Result<(), Self::Fault>;

    /// Forgets a role's file.
    fn forget(&self, role: &str) -> Result<(), Self::Fault>;
}

impl<S: Store + ?Sized> Store for &S {
    type Fault = S::Fault;

    fn root(&self, version: u64) -> Result<Option<Vec<u8>>, Self::Fault> {
        (**self).root(version)
    }

    fn role(&self, role: &str) -> Result<Option<Vec<u8>>, Self::Fault> {
        (**self).role(role)
    }

    fn keep(&self, kept: &Kept<'_>) -> Result<(), Self::Fault> {
        (**self).keep(kept)
    }

    fn forget(&self, role: &str) -> Result<(), Self::Fault> {
        (**self).forget(role)
    }
}

/// How much of a repository is read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Steps from one root to the next.
    pub roots: u32,
    /// Delegated roles looked into for one target.
    pub delegations: usize,
    /// Bytes of a root.
    pub root: u64,
    /// Bytes of the timestamp.
    pub timestamp: u64,
    /// Bytes of the snapshot.
    pub snapshot: u64,
    /// Bytes of the targets, and of each delegated role.
    pub targets: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            roots: 256,
            delegations: 32,
            root: 512 << 10,
            timestamp: 16 << 10,
            snapshot: 2 << 20,
            targets: 8 << 20,
        }
    }
}

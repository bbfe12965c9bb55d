//! Why a repository is not believed.

use crate::model::Phrase;

/// What a file did that it must not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TufError {
    /// Not a signed file, or not of its kind.
    #[error("{file} is no signed file as it should be ({reason}): ask whoever publishes the index")]
    Malformed {
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: Phrase,
    },
    /// Too few of the keys that have to signed it.
    #[error(
        "{file} is signed by {found} of the {needed} keys that it needs: it is not what the publisher of the index signed, or keys were changed without the old ones; nothing of it is used"
    )]
    Threshold {
        /// The file.
        file: String,
        /// How many keys have to sign.
        needed: u32,
        /// How many did.
        found: usize,
    },
    /// Another version than was announced.
    #[error(
        "{file} says that it is version {found}, where {expected} was announced: files of different states are mixed"
    )]
    Version {
        /// The file.
        file: String,
        /// The version that was announced.
        expected: u64,
        /// The version that it says.
        found: u64,
    },
    /// Older than what was seen before.
    #[error(
        "{file} goes back to version {found}, and {known} was seen before: somebody shows an old state of the index, in which known faults are still open"
    )]
    Rollback {
        /// The file.
        file: String,
        /// The version that was seen.
        known: u64,
        /// The version that came.
        found: u64,
    },
    /// A role that was there, or that is asked, is not.
    #[error(
        "{file} is missing from the snapshot of the index, though it was in the one before or is asked for a file: part of the index is withheld"
    )]
    Withheld {
        /// The file.
        file: String,
    },
    /// Its time is over.
    #[error(
        "{file} ended on {since}: the index was not renewed, an old state of it is shown, or this machine's clock is wrong"
    )]
    Expired {
        /// The file.
        file: String,
        /// When.
        since: String,
    },
    /// Another length than was announced.
    #[error(
        "{file} has {found} bytes where {expected} were announced: it was changed on the way, or not uploaded as a whole"
    )]
    Length {
        /// The file.
        file: String,
        /// Bytes that were announced.
        expected: u64,
        /// Bytes that came.
        found: u64,
    },
    /// Longer than it may be.
    #[error("{file} has more than {limit} bytes: it is not read on")]
    TooLong {
        /// The file.
        file: String,
        /// Bytes that it may have.
        limit: u64,
    },
    /// Other bytes than were announced.
    #[error("{file} has the hash {found} where {expected} was announced: it was changed")]
    Hash {
        /// The file.
        file: String,
        /// What was announced.
        expected: String,
        /// What came.
        found: String,
    },
    /// No hash of a kind that we know.
    #[error("{file} is announced with no hash that is known here (sha256, sha512): ask whoever publishes the index")]
    NoHash {
        /// The file.
        file: String,
    },
    /// The server does not have what it announces.
    #[error("{file} is announced and not there: the index is not uploaded as a whole; try again later")]
    Missing {
        /// The file.
        file: String,
    },
    /// More roots in a row than anybody makes.
    #[error("the index has more than {limit} roots to go through: ask whoever publishes it for a newer root.json")]
    TooManyRoots {
        /// How many are gone through.
        limit: u32,
    },
    /// More delegated roles than anybody asks.
    #[error(
        "more than {limit} delegated roles of the index would have to be asked for {path:?}: ask whoever publishes it"
    )]
    TooManyDelegations {
        /// How many are asked.
        limit: usize,
        /// What for.
        path: String,
    },
}

/// Why files were not had, believed or remembered.
#[derive(Debug)]
pub enum Trouble<R, S> {
    /// They could not be had.
    Remote(R),
    /// They could not be remembered.
    Store(S),
    /// They are not believed.
    Refused(TufError),
}

impl<R, S> From<TufError> for Trouble<R, S> {
    fn from(refused: TufError) -> Self {
        Self::Refused(refused)
    }
}

//! The commit point: the transaction is committed, and when nobody knows whether it was, the server is asked.

use super::messages::OPERATIONS_GONE;
use super::{Context, SessionError};
use crate::base::db::DbError;
use crate::model::{Bilingual, Phrase};
use crate::registry::{self, RegistryError};

/// Why a commit did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The server did not commit.
    #[error("the database did not commit, nothing was changed: {source}")]
    Refused {
        /// In its words.
        source: DbError,
    },
    /// Nobody knows. The journal and both trees stay; the next operation on this plugin finds out.
    #[error(
        "the connection was lost while the database was committing, and it cannot be asked ({reason}): nothing was decided; start the database and install again, or call plugin_recover"
    )]
    Unknown {
        /// Why it could not be asked.
        reason: Phrase,
    },
}

impl CommitError {
    /// Whether the operation must be left as it stands.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown { .. })
    }
}

/// Commits the transaction of an operation, by whose number the server is asked. `Ok` means that it did. The rows of all
/// operations of a set are of one transaction, so any of their numbers will do.
pub(super) fn commit(cx: &mut Context<'_>, operation: &str) -> Result<(), CommitError> {
    let Err(source) = cx.session.database.commit() else {
        return Ok(());
    };
    // The lock is ours again only when the server has ended the lost connection, so its commit is done or dropped.
    let unknown = |reason: &dyn Bilingual| CommitError::Unknown {
        reason: Phrase::of(reason),
    };
    let again: Result<(), SessionError> = cx.session.reconnect(cx.site, cx.reporter);
    again.map_err(|fault| unknown(&fault))?;
    let found: Result<Option<bool>, RegistryError> = registry::was_committed(&mut cx.session.database, operation);
    match found {
        Ok(Some(true)) => Ok(()),
        Ok(Some(false)) => Err(CommitError::Refused { source }),
        Ok(None) => Err(unknown(&OPERATIONS_GONE)),
        Err(fault) => Err(unknown(&fault)),
    }
}

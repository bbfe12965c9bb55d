//! Everything that can end a transaction: one variant a room.

use super::{CommitError, InterruptedError, SessionError};
use crate::archive::ArchiveError;
use crate::base::db::DbError;
use crate::base::fs::FsError;
use crate::data::DataError;
use crate::history::HistoryError;
use crate::ledger::LedgerError;
use crate::log::Cancelled;
use crate::migrate::MigrateError;
use crate::model::Phrase;
use crate::observe::ObserveError;
use crate::package::PackageError;
use crate::registry::RegistryError;
use crate::scripts::ScriptError;
use crate::stage::StageError;
use crate::trust::TrustError;

/// Why a transaction, or its recovery, did not reach its end.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    /// Locks and connection.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Unpacking the new tree, packing the old one.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// Rows.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Migrations.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// Post-installation scripts.
    #[error(transparent)]
    Scripts(#[from] ScriptError),
    /// Staging, backup, swap, journal.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// Other files.
    #[error(transparent)]
    Files(#[from] FsError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The plugin's row and our own tables.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// What packages last brought.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The history.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// What is counted.
    #[error(transparent)]
    Observe(#[from] ObserveError),
    /// The package's signature, or what it is judged by.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The commit.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// A run that was interrupted and is not this database's to finish or undo.
    #[error(transparent)]
    Interrupted(#[from] InterruptedError),
    /// The caller said stop, or went away.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A bug in us.
    #[error("{0}")]
    Internal(Phrase),
}

/// A kept package that cannot be read.
impl From<PackageError> for TransactionError {
    fn from(fault: PackageError) -> Self {
        match fault {
            PackageError::Files(fault) => fault.into(),
            PackageError::Archive(fault) => fault.into(),
            PackageError::Stage(fault) => fault.into(),
            PackageError::Data(fault) => fault.into(),
            PackageError::Cancelled(stop) => stop.into(),
            fault @ (PackageError::Manifest(_) | PackageError::Contents { .. } | PackageError::Internal(_)) => {
                Self::Internal(Phrase::of(&fault))
            }
        }
    }
}

impl TransactionError {
    /// Whether the transaction is committed all the same: what came after it failed.
    pub fn is_committed(&self) -> bool {
        match self {
            Self::Migrate(MigrateError::NotUndone { .. }) => true,
            Self::Scripts(fault) => !matches!(fault, ScriptError::Php { .. }),
            _ => false,
        }
    }

    /// Whether nobody knows how it ended: then everything stays as it stands.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Commit(fault) if fault.is_unknown())
    }

    /// Whether running the transaction again may help: the server broke it off for another one's sake.
    pub(super) fn is_retryable(&self) -> bool {
        match self {
            Self::Data(fault) => fault.is_retryable(),
            Self::Database(fault)
            | Self::Registry(RegistryError::Database(fault))
            | Self::Ledger(LedgerError::Database(fault))
            | Self::Observe(ObserveError::Database(fault))
            | Self::Trust(TrustError::Database(fault))
            | Self::History(HistoryError::Database(fault)) => fault.is_retryable(),
            _ => false,
        }
    }
}

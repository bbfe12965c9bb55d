//! Everything that can end an operation: one variant a room. Which exit code each means is decided in
//! `exit_code`, and nowhere else.

use super::{Contradiction, DependencyRefusal, PluginRefusal, RemovalRefusal, VersionRefusal};
use crate::archive::ArchiveError;
use crate::base::db::DbError;
use crate::base::fs::FsError;
use crate::config::CallError;
use crate::data::{DataError, Fault};
use crate::history::HistoryError;
use crate::ledger::LedgerError;
use crate::log::Cancelled;
use crate::manifest::ManifestError;
use crate::migrate::MigrateError;
use crate::model::{Phrase, SlugError};
use crate::package::{PackageError, join_faults};
use crate::registry::RegistryError;
use crate::resources::ResourceError;
use crate::source::SourceError;
use crate::stage::StageError;
use crate::transaction::{CommitError, InterruptedError, SessionError, TransactionError};

/// Why an operation ended without doing its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The call itself.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The plugin's id.
    #[error(transparent)]
    Slug(#[from] SlugError),
    /// Switches that exclude each other.
    #[error(transparent)]
    Switches(#[from] Contradiction),
    /// Locks and connection.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Getting the package.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The version may not replace the installed one, or not on this gestor.
    #[error(transparent)]
    Version(#[from] VersionRefusal),
    /// Something that is needed would be lacking.
    #[error(transparent)]
    Dependencies(#[from] DependencyRefusal),
    /// Data files and descriptors: all faults of both.
    #[error("{}", join_faults(data, resources))]
    Contents {
        /// Of data files.
        data: Vec<Fault>,
        /// Of descriptors and resource files.
        resources: Vec<ResourceError>,
    },
    /// Rows.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Migrations.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// Staging, backup, swap, journal.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// A file or folder.
    #[error(transparent)]
    Files(#[from] FsError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The plugin's row.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// What packages last brought.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The history.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// A plugin, or a conflict of it, is not as the call supposes.
    #[error(transparent)]
    Plugin(#[from] PluginRefusal),
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

/// What ends a transaction ends its operation, as what it is.
impl From<TransactionError> for Error {
    fn from(fault: TransactionError) -> Self {
        match fault {
            TransactionError::Session(fault) => fault.into(),
            TransactionError::Archive(fault) => fault.into(),
            TransactionError::Data(fault) => fault.into(),
            TransactionError::Migrate(fault) => fault.into(),
            TransactionError::Stage(fault) => fault.into(),
            TransactionError::Files(fault) => fault.into(),
            TransactionError::Database(fault) => fault.into(),
            TransactionError::Registry(fault) => fault.into(),
            TransactionError::Ledger(fault) => fault.into(),
            TransactionError::History(fault) => fault.into(),
            TransactionError::Commit(fault) => fault.into(),
            TransactionError::Interrupted(fault) => fault.into(),
            TransactionError::Cancelled(fault) => fault.into(),
            TransactionError::Internal(text) => Self::Internal(text),
        }
    }
}

impl From<RemovalRefusal> for Error {
    fn from(refusal: RemovalRefusal) -> Self {
        Self::Plugin(refusal.into())
    }
}

impl From<PackageError> for Error {
    fn from(fault: PackageError) -> Self {
        match fault {
            PackageError::Files(fault) => fault.into(),
            PackageError::Archive(fault) => fault.into(),
            PackageError::Manifest(fault) => fault.into(),
            PackageError::Stage(fault) => fault.into(),
            PackageError::Contents { data, resources } => Self::Contents { data, resources },
            PackageError::Data(fault) => fault.into(),
            PackageError::Cancelled(stop) => stop.into(),
            PackageError::Internal(said) => Self::Internal(said),
        }
    }
}

impl Error {
    /// Whether the operation stands all the same: what came after its commit failed.
    pub(super) fn is_committed(&self) -> bool {
        matches!(self, Self::Migrate(MigrateError::NotUndone { .. }))
    }

    /// Whether nobody knows how it ended: then everything stays as it stands.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Commit(fault) if fault.is_unknown())
    }
}

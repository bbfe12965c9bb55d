//! Everything that can end an operation: what operations themselves refuse, where a package came from, what is wrong with its
//! contents, and what the rooms below could not do, which is said once, in `transaction`. Which exit code each means is
//! decided in `exit_code`, and nowhere else.

use super::{Contradiction, DependencyRefusal, PluginRefusal, RemovalRefusal, TrustFolderRefusal, VersionRefusal};
use crate::archive::ArchiveError;
use crate::author::AuthorError;
use crate::base::db::DbError;
use crate::base::fs::FsError;
use crate::config::CallError;
use crate::data::{DataError, Fault};
use crate::history::HistoryError;
use crate::index::IndexFault;
use crate::index::publish::PublishFault;
use crate::ledger::LedgerError;
use crate::log::Cancelled;
use crate::manifest::ManifestError;
use crate::migrate::MigrateError;
use crate::model::{Phrase, SlugError};
use crate::observe::ObserveError;
use crate::observe::audit::AuditError;
use crate::package::{IndexError, PackageError, SetError, join_faults};
use crate::registry::RegistryError;
use crate::resources::ResourceError;
use crate::scripts::ScriptError;
use crate::settings::SettingsError;
use crate::source::SourceError;
use crate::stage::StageError;
use crate::transaction::{SessionError, TransactionError};
use crate::trust::TrustError;
use crate::updates::UpdateError;
use crate::vault::VaultError;

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
    /// The version may not replace the installed one, or not on this gestor.
    #[error(transparent)]
    Version(#[from] VersionRefusal),
    /// A plugin, or a conflict of it, is not as the call supposes.
    #[error(transparent)]
    Plugin(#[from] PluginRefusal),
    /// Getting the package.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A folder of packages.
    #[error(transparent)]
    Index(IndexError),
    /// A set of plugins.
    #[error(transparent)]
    Set(SetError),
    /// A signed index.
    #[error(transparent)]
    SignedIndex(#[from] IndexFault),
    /// Publishing one.
    #[error(transparent)]
    Publish(#[from] PublishFault),
    /// A credential.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Settings of a plugin.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The audit log.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// What cannot be recorded is not done.
    #[error("auditoria=exigir: nothing was done, because it cannot be recorded: {0}")]
    Unrecorded(#[source] AuditError),
    /// Updates that come by themselves.
    #[error(transparent)]
    Update(#[from] UpdateError),
    /// Which folder of trust is the site's.
    #[error(transparent)]
    TrustFolder(#[from] TrustFolderRefusal),
    /// What an author asked for.
    #[error(transparent)]
    Author(#[from] AuthorError),
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
    /// What a room below could not do: in the transaction, or while what it needs is gathered.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
}

/// What ends a transaction ends an operation outside of one as well, as the same.
macro_rules! also_outside_of_transactions {
    ($($fault:ty),+ $(,)?) => {
        $(impl From<$fault> for Error {
            fn from(fault: $fault) -> Self {
                Self::Transaction(fault.into())
            }
        })+
    };
}

also_outside_of_transactions!(
    SessionError,
    ArchiveError,
    DataError,
    MigrateError,
    StageError,
    FsError,
    DbError,
    RegistryError,
    LedgerError,
    HistoryError,
    ObserveError,
    ScriptError,
    TrustError,
    Cancelled,
);

impl From<RemovalRefusal> for Error {
    fn from(refusal: RemovalRefusal) -> Self {
        Self::Plugin(refusal.into())
    }
}

impl From<PackageError> for Error {
    fn from(fault: PackageError) -> Self {
        match fault {
            PackageError::Manifest(fault) => fault.into(),
            PackageError::Contents { data, resources } => Self::Contents { data, resources },
            other => Self::Transaction(other.into()),
        }
    }
}

impl From<IndexError> for Error {
    fn from(fault: IndexError) -> Self {
        match fault {
            IndexError::Package(fault) => fault.into(),
            IndexError::Slug(fault) => fault.into(),
            other => Self::Index(other),
        }
    }
}

impl From<SetError> for Error {
    fn from(fault: SetError) -> Self {
        match fault {
            SetError::Archive(fault) => fault.into(),
            SetError::Stage(fault) => fault.into(),
            SetError::Fs(fault) => fault.into(),
            other => Self::Set(other),
        }
    }
}

impl Error {
    /// A bug in us.
    pub(super) fn internal(said: Phrase) -> Self {
        Self::Transaction(TransactionError::Internal(said))
    }

    /// Whether the operation stands all the same: what came after its commit failed.
    pub(super) fn is_committed(&self) -> bool {
        matches!(self, Self::Transaction(fault) if fault.is_committed())
    }

    /// Whether nobody knows how it ended: then everything stays as it stands.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Transaction(fault) if fault.is_unknown())
    }
}

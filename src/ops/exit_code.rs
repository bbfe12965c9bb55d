//! The one match from error to exit code (SPEC §4). The numbers stand in `outcome`.

use super::error::Error;
use super::{DependencyRefusal, PluginRefusal, RemovalRefusal, VersionRefusal};
use crate::archive::ArchiveError;
use crate::base::net::NetError;
use crate::base::tuf::TufError;
use crate::data::DataError;
use crate::index::IndexFault;
use crate::index::publish::PublishFault;
use crate::manifest::ManifestError;
use crate::migrate::MigrateError;
use crate::model::SlugError;
use crate::observe::audit::AuditError;
use crate::outcome::ExitCode;
use crate::package::{IndexError, SetError};
use crate::registry::RegistryError;
use crate::scripts::ScriptError;
use crate::settings::SettingsError;
use crate::source::FaultClass;
use crate::transaction::{SessionError, TransactionError};
use crate::trust::TrustError;
use crate::updates::UpdateError;
use crate::vault::VaultError;

impl Error {
    /// The code that an operation ends with.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Call(_)
            | Self::Switches(_)
            | Self::TrustFolder(_)
            | Self::Author(_)
            | Self::Slug(SlugError::Missing)
            | Self::Index(IndexError::TooMany { .. } | IndexError::Lock { .. })
            | Self::Set(SetError::NotOne { .. } | SetError::Lock { .. }) => ExitCode::ParamsOrFile,
            Self::Set(SetError::NotKept { .. }) => ExitCode::Irreversible,
            Self::Index(_) | Self::Set(_) => ExitCode::Checksum,
            Self::SignedIndex(fault) => of_index(fault),
            Self::Publish(fault) => of_publishing(fault),
            Self::Vault(fault) => of_vault(fault),
            Self::Settings(fault) => of_settings(fault),
            Self::Update(fault) => of_update(fault),
            Self::Audit(fault) => of_audit(fault),
            Self::Unrecorded(_) => ExitCode::Move,
            Self::Version(fault) => of_version(fault),
            Self::Plugin(fault) => of_plugin(fault),
            Self::Source(fault) => of_source(fault.class()),
            Self::Manifest(ManifestError::Unreadable { source, .. }) => {
                let fault = source.get_ref().and_then(|fault| fault.downcast_ref());
                fault.map_or(ExitCode::Move, of_archive)
            }
            Self::Dependencies(DependencyRefusal::Gestor { .. }) => ExitCode::Incompatible,
            Self::Dependencies(_) => ExitCode::Dependency,
            Self::Slug(_) | Self::Manifest(_) | Self::Contents { .. } => ExitCode::Validate,
            Self::Transaction(fault) => of_room(fault),
        }
    }
}

fn of_update(fault: &UpdateError) -> ExitCode {
    match fault {
        UpdateError::Word { .. }
        | UpdateError::Unknown { .. }
        | UpdateError::Window(_)
        | UpdateError::Policy { .. }
        | UpdateError::NoProbe => ExitCode::ParamsOrFile,
        UpdateError::RolledBack { .. } => ExitCode::RolledBack,
        UpdateError::AnotherRuns => ExitCode::Locked,
        UpdateError::Database(_) | UpdateError::Unreadable { .. } => ExitCode::Sync,
    }
}

fn of_room(fault: &TransactionError) -> ExitCode {
    use TransactionError as Fault;
    match fault {
        Fault::Session(fault) => of_session(fault),
        Fault::Archive(fault) => of_archive(fault),
        Fault::Data(fault) => of_data(fault),
        Fault::Cancelled(_)
        | Fault::Migrate(MigrateError::CallerGone | MigrateError::Ended)
        | Fault::Registry(RegistryError::Stopped) => ExitCode::Cancelled,
        Fault::Database(_)
        | Fault::Registry(_)
        | Fault::Ledger(_)
        | Fault::History(_)
        | Fault::Observe(_)
        | Fault::Commit(_)
        | Fault::Interrupted(_) => ExitCode::Sync,
        Fault::Trust(fault) => of_trust(fault),
        Fault::Migrate(_) => ExitCode::Migrate,
        Fault::Scripts(ScriptError::Php { .. }) => ExitCode::ParamsOrFile,
        Fault::Scripts(_) => ExitCode::Script,
        Fault::Stage(_) | Fault::Files(_) => ExitCode::Move,
        Fault::Internal(_) => ExitCode::Internal,
    }
}

fn of_audit(fault: &AuditError) -> ExitCode {
    match fault {
        AuditError::Files(_) | AuditError::NoBeginning { .. } | AuditError::ServerId { .. } => ExitCode::Move,
        AuditError::Database(_) => ExitCode::Sync,
        AuditError::Differs(_) => ExitCode::Drift,
    }
}

/// A schema is its author's, values are the call's.
fn of_settings(fault: &SettingsError) -> ExitCode {
    match fault {
        SettingsError::TooLarge { .. }
        | SettingsError::NotJson { .. }
        | SettingsError::Schema { .. }
        | SettingsError::Modules { .. }
        | SettingsError::OtherModule { .. } => ExitCode::Validate,
        SettingsError::None { .. }
        | SettingsError::Language { .. }
        | SettingsError::NoValues
        | SettingsError::Values { .. } => ExitCode::ParamsOrFile,
        SettingsError::OtherOwner { .. } | SettingsError::Database(_) | SettingsError::Unreadable { .. } => {
            ExitCode::Sync
        }
    }
}

fn of_vault(fault: &VaultError) -> ExitCode {
    match fault {
        VaultError::KeyMissing { .. } | VaultError::Altered { .. } | VaultError::NotAllOpen { .. } => {
            ExitCode::Credential
        }
        VaultError::Alias { .. }
        | VaultError::Secret { .. }
        | VaultError::Unknown { .. }
        | VaultError::NoVariable { .. }
        | VaultError::OtherServer { .. }
        | VaultError::NotSent { .. }
        | VaultError::NoServer { .. }
        | VaultError::Key { .. }
        | VaultError::NoKeys { .. }
        | VaultError::TooManyKeys { .. }
        | VaultError::KeyFile(_) => ExitCode::ParamsOrFile,
        VaultError::NotMade { .. } | VaultError::Random(_) => ExitCode::Move,
        VaultError::Busy { .. } | VaultError::Database(_) | VaultError::Unreadable { .. } => ExitCode::Sync,
        VaultError::NotSealed => ExitCode::Internal,
    }
}

/// What is judged by is an operator's, the package its author's.
fn of_trust(fault: &TrustError) -> ExitCode {
    match fault {
        TrustError::Refused { .. } | TrustError::OtherSigner { .. } => ExitCode::Signature,
        TrustError::OtherBytes { .. } => ExitCode::Checksum,
        TrustError::Database(_) => ExitCode::Sync,
        TrustError::NoRandom => ExitCode::Move,
        TrustError::Folder(_)
        | TrustError::Settings { .. }
        | TrustError::Key { .. }
        | TrustError::Certificates { .. }
        | TrustError::Attached { .. } => ExitCode::ParamsOrFile,
    }
}

fn of_version(refusal: &VersionRefusal) -> ExitCode {
    match refusal {
        VersionRefusal::Older { .. } => ExitCode::AlreadyInstalled,
        VersionRefusal::Incompatible { .. } => ExitCode::Incompatible,
    }
}

fn of_plugin(refusal: &PluginRefusal) -> ExitCode {
    match refusal {
        PluginRefusal::NotInstalled { .. } => ExitCode::NotInstalled,
        PluginRefusal::UnknownConflict { .. }
        | PluginRefusal::NothingRuns { .. }
        | PluginRefusal::AnotherRuns { .. }
        | PluginRefusal::WholeRow { .. }
        | PluginRefusal::UnknownBase { .. } => ExitCode::ParamsOrFile,
        PluginRefusal::CoreRow { .. }
        | PluginRefusal::ForeignRow { .. }
        | PluginRefusal::Misfit { .. }
        | PluginRefusal::TreeShared { .. } => ExitCode::Sync,
        PluginRefusal::NotKept { .. }
        | PluginRefusal::NotInPackage { .. }
        | PluginRefusal::NoPoint { .. }
        | PluginRefusal::UnknownPoint { .. }
        | PluginRefusal::Epoch { .. }
        | PluginRefusal::NoWayBack { .. } => ExitCode::Irreversible,
        PluginRefusal::OfBatch { code, .. } => *code,
        PluginRefusal::HalfUndone { .. } | PluginRefusal::SameClass { .. } => ExitCode::Migrate,
        PluginRefusal::HasCommitted { .. } | PluginRefusal::WasInterrupted { .. } => ExitCode::Validate,
        PluginRefusal::Drift { .. } => ExitCode::Drift,
        PluginRefusal::Removal(refusal) => of_removal(refusal),
    }
}

fn of_removal(refusal: &RemovalRefusal) -> ExitCode {
    match refusal {
        RemovalRefusal::NotPaused { .. } | RemovalRefusal::Unfinished { .. } | RemovalRefusal::NotRemoved { .. } => {
            ExitCode::NotInstalled
        }
        RemovalRefusal::Paused { .. } | RemovalRefusal::StillInstalled { .. } => ExitCode::ParamsOrFile,
        RemovalRefusal::Unrecorded { .. }
        | RemovalRefusal::OwnTables { .. }
        | RemovalRefusal::NoArchive { .. }
        | RemovalRefusal::SchemaGone { .. }
        | RemovalRefusal::SchemaLost { .. }
        | RemovalRefusal::NoTree { .. } => ExitCode::Irreversible,
        RemovalRefusal::ArchiveDamaged { .. } => ExitCode::Move,
        RemovalRefusal::LeftBehind { .. }
        | RemovalRefusal::NotForgotten { .. }
        | RemovalRefusal::StillServed { .. } => ExitCode::Migrate,
    }
}

/// A package of the wrong shape is one thing, rows that do not fit this database another.
fn of_data(fault: &DataError) -> ExitCode {
    match fault {
        DataError::Cancelled(_) => ExitCode::Cancelled,
        fault if fault.is_shape() => ExitCode::Validate,
        _ => ExitCode::Sync,
    }
}

fn of_session(fault: &SessionError) -> ExitCode {
    match fault {
        SessionError::NoDatabase | SessionError::NoGestor { .. } => ExitCode::ParamsOrFile,
        SessionError::Busy { .. } => ExitCode::Locked,
        SessionError::Stopped => ExitCode::Cancelled,
        SessionError::Files(_) | SessionError::Premises(_) => ExitCode::Move,
        SessionError::Database(_) => ExitCode::Sync,
    }
}

/// What is not believed is one thing, what cannot be had another, and what is too old a third.
fn of_index(fault: &IndexFault) -> ExitCode {
    match fault {
        IndexFault::Name { .. }
        | IndexFault::NoTrust
        | IndexFault::Unknown { .. }
        | IndexFault::Exists { .. }
        | IndexFault::Folder(_)
        | IndexFault::Settings { .. }
        | IndexFault::Address(_)
        | IndexFault::NoPlugin { .. }
        | IndexFault::NoVersion { .. } => ExitCode::ParamsOrFile,
        IndexFault::Entry { .. } | IndexFault::OtherVersion { .. } => ExitCode::Validate,
        IndexFault::Database(_) => ExitCode::Sync,
        IndexFault::Busy { .. } | IndexFault::Changing { .. } => ExitCode::Locked,
        IndexFault::Unreachable {
            source: NetError::Cancelled(_),
            ..
        } => ExitCode::Cancelled,
        IndexFault::Unreachable { .. }
        | IndexFault::Silent { .. }
        | IndexFault::Refused {
            fault: TufError::Missing { .. },
            ..
        } => ExitCode::Download,
        IndexFault::RootHash { .. } => ExitCode::Checksum,
        // A delegated role that has ended.
        IndexFault::Stale { .. }
        | IndexFault::Refused {
            fault: TufError::Expired { .. },
            ..
        } => ExitCode::Stale,
        IndexFault::Root { .. } | IndexFault::Refused { .. } | IndexFault::OtherSigner { .. } => ExitCode::Signature,
    }
}

fn of_publishing(fault: &PublishFault) -> ExitCode {
    match fault {
        PublishFault::Entry(fault) => of_index(fault),
        PublishFault::Signed(_) => ExitCode::Signature,
        PublishFault::Files(_) => ExitCode::Move,
        PublishFault::Revocations { .. } => ExitCode::Validate,
        PublishFault::Busy { .. } => ExitCode::Locked,
        PublishFault::Begun { .. }
        | PublishFault::NotBegun { .. }
        | PublishFault::Key { .. }
        | PublishFault::NotTheKey { .. }
        | PublishFault::Keys(_)
        | PublishFault::KeysShown { .. }
        | PublishFault::Threshold { .. }
        | PublishFault::Delegates
        | PublishFault::UnknownVersion { .. }
        | PublishFault::OtherBytes { .. } => ExitCode::ParamsOrFile,
    }
}

fn of_source(class: FaultClass) -> ExitCode {
    match class {
        FaultClass::Params => ExitCode::ParamsOrFile,
        FaultClass::Credential => ExitCode::Credential,
        FaultClass::Database => ExitCode::Sync,
        FaultClass::Move => ExitCode::Move,
        FaultClass::Download => ExitCode::Download,
        FaultClass::ZipInvalid => ExitCode::ZipInvalid,
        FaultClass::Checksum => ExitCode::Checksum,
        FaultClass::Cancelled => ExitCode::Cancelled,
    }
}

/// An archive is refused, or the disk fails while it is read or written.
fn of_archive(fault: &ArchiveError) -> ExitCode {
    match fault {
        ArchiveError::Cancelled => ExitCode::Cancelled,
        ArchiveError::NotAsSigned(_) => ExitCode::Signature,
        ArchiveError::ReadFailed { .. }
        | ArchiveError::WriteFailed { .. }
        | ArchiveError::NoThread(..)
        | ArchiveError::PackRead { .. }
        | ArchiveError::KeptUnreadable(..)
        | ArchiveError::PackWrite { .. } => ExitCode::Move,
        _ => ExitCode::ZipInvalid,
    }
}

//! Why a package could not be opened, or its rows not be read.

use crate::archive::ArchiveError;
use crate::base::fs::{Attempt, FsError};
use crate::data::{DataError, Fault};
use crate::log::Cancelled;
use crate::manifest::ManifestError;
use crate::model::Phrase;
use crate::resources::ResourceError;
use crate::stage::StageError;

/// What is wrong with a package as a whole.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The disk.
    #[error(transparent)]
    Files(#[from] FsError),
    /// Where packages are kept.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Data files and descriptors: all faults of both.
    #[error("{}", join_faults(data, resources))]
    Contents {
        /// Of data files.
        data: Vec<Fault>,
        /// Of descriptors and resource files.
        resources: Vec<ResourceError>,
    },
    /// Its rows cannot be kept.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The caller said stop, or went away.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A bug in us.
    #[error("{0}")]
    Internal(Phrase),
}

impl PackageError {
    /// A file of a package that could not be read: a damaged archive's fault where the archive says so, else the disk's.
    pub fn unreadable(path: &str, fault: std::io::Error) -> Self {
        match fault.downcast::<ArchiveError>() {
            Ok(fault) => Self::Archive(fault),
            Err(fault) => FsError::new(Attempt::Read, path, fault).into(),
        }
    }
}

/// All faults in one line.
pub fn join_faults(data: &[Fault], resources: &[ResourceError]) -> String {
    let data = data.iter().map(ToString::to_string);
    data.chain(resources.iter().map(ToString::to_string))
        .collect::<Vec<_>>()
        .join("; ")
}

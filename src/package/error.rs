//! Why a package could not be opened.

use crate::archive::ArchiveError;
use crate::base::fs::FsError;
use crate::manifest::ManifestError;

/// What is wrong with a package as a whole.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The disk.
    #[error(transparent)]
    Files(#[from] FsError),
    /// The archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

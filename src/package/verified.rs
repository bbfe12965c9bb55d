//! The bytes of a package that are known to be the ones that were meant. Nothing else is opened: only what is in here makes
//! a [`VerifiedPackage`], and each way says by what the bytes are known. Must not look into the package.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::PackageError;
use crate::base::fs::{Attempt, FsError, from_start};
use crate::base::hash::sha256_reader;
use crate::model::Sha256Digest;
use crate::source::Verified;

/// A package, open, whose SHA-256 is known and was held against whatever was said of it.
#[derive(Debug, Clone)]
pub struct VerifiedPackage {
    /// Never looked for by its path again: another file may have that by now.
    file: Arc<File>,
    path: PathBuf,
    sha256: Sha256Digest,
}

impl VerifiedPackage {
    /// One that was fetched: every SHA-256 that was offered for it held.
    pub fn fetched(verified: &Verified) -> Self {
        let package = verified.package();
        Self {
            file: Arc::clone(&package.file),
            path: package.path.clone(),
            sha256: package.sha256,
        }
    }

    /// One that was packed here and now of a folder: nobody else can know its SHA-256.
    pub fn packed(path: &Path, file: File) -> Result<Self, PackageError> {
        Self::hashed(path.to_owned(), file)
    }

    /// One of our own folders, which nobody else writes to, or that has the SHA-256 that was wanted.
    pub(super) fn known(path: PathBuf, file: File, sha256: Option<Sha256Digest>) -> Result<Self, PackageError> {
        let Some(sha256) = sha256 else {
            return Self::hashed(path, file);
        };
        let file = Arc::new(file);
        Ok(Self { file, path, sha256 })
    }

    fn hashed(path: PathBuf, file: File) -> Result<Self, PackageError> {
        let hashed = sha256_reader(from_start(&file));
        let (sha256, _) = hashed.map_err(|fault| FsError::new(Attempt::Read, &path, fault))?;
        let file = Arc::new(file);
        Ok(Self { file, path, sha256 })
    }

    /// The file whose bytes have this SHA-256.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Where it stood when it was opened, for people.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its bytes, where that is known.
    pub fn length(&self) -> Option<u64> {
        self.file.metadata().ok().map(|found| found.len())
    }

    /// Of the whole file.
    pub fn sha256(&self) -> Sha256Digest {
        self.sha256
    }
}

//! The package of which the installed tree was made, as it is recorded, and where it is kept.

use std::path::PathBuf;

use crate::archive::Blacklist;
use crate::config::Limits;
use crate::model::{Sha256Digest, Version};
use crate::package::{KeptPackages, LocatedPackage, PackageError};
use crate::stage::{self, Layout};

/// A package by its version and its bytes.
#[derive(Clone)]
pub(in crate::transaction) struct Recorded {
    version: Version,
    sha256: Sha256Digest,
}

impl Recorded {
    /// What is recorded, where both are.
    pub(super) fn of(version: Option<&str>, sha256: Option<&str>) -> Option<Self> {
        let (version, sha256) = (version?.parse().ok()?, sha256?.parse().ok()?);
        Some(Self { version, sha256 })
    }

    /// Of its bytes.
    pub(super) fn sha256(&self) -> Sha256Digest {
        self.sha256
    }

    /// The package itself, where it is kept still. It was looked at when it was installed: no limits.
    pub(super) fn open(&self, layout: &Layout) -> Result<Option<LocatedPackage>, PackageError> {
        let kept = KeptPackages {
            root: layout.root(),
            slug: layout.slug(),
            limits: &Limits::none(),
            blacklist: &Blacklist::new([""; 0]),
        };
        let (version, sha256) = (self.version.to_string(), self.sha256.to_string());
        kept.open(Some(&version), Some(&sha256))
    }

    /// Where it is kept by now.
    pub(in crate::transaction) fn place(&self, layout: &Layout) -> PathBuf {
        stage::kept::place(layout.root(), layout.slug(), self.version, self.sha256)
    }
}

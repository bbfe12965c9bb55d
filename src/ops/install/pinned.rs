//! Which package a call means that names a signed index (SPEC 3 §4): asked before anything is fetched; and whether what came
//! is what the index says of it.

use super::Installation;
use crate::config::Origin;
use crate::index::{self, IndexFault, IndexName, Signer};
use crate::model::{Phrase, Slug, Version};
use crate::ops::Error;
use crate::ops::indices::{Indices, Reached, wanted};
use crate::registry::Installed;
use crate::source::PinnedPackage;
use crate::trust::Judgement;

/// A package, as an index pins it.
pub(super) struct Pinned {
    pub(super) package: PinnedPackage,
    pub(super) meant: Meant,
}

/// What an index says of a package besides its bytes.
#[derive(Debug, Clone)]
pub(super) struct Meant {
    index: IndexName,
    version: Version,
    signer: Option<Signer>,
}

impl Meant {
    /// Its signature has to be looked at, whatever the site asks for.
    pub(super) fn is_signed(&self) -> bool {
        self.signer.is_some()
    }

    /// The package is the version that the index calls it, signed by whom the index names.
    ///
    /// # Errors
    /// [`IndexFault::OtherVersion`], [`IndexFault::OtherSigner`].
    pub(super) fn admit(&self, slug: &Slug, version: Version, judgement: &Judgement) -> Result<(), IndexFault> {
        if version != self.version {
            return Err(IndexFault::OtherVersion {
                index: self.index.to_string(),
                slug: slug.to_string(),
                said: self.version.to_string(),
                found: version.to_string(),
            });
        }
        let Some(signer) = &self.signer else { return Ok(()) };
        if signer
            .key()
            .is_ok_and(|key| judgement.is_signed_by(&signer.desenvolvedor, key))
        {
            return Ok(());
        }
        Err(IndexFault::OtherSigner {
            index: self.index.to_string(),
            slug: slug.to_string(),
            version: version.to_string(),
            wanted: index::signer(&signer.desenvolvedor, &signer.chave),
            found: found(judgement),
        })
    }
}

fn found(judgement: &Judgement) -> Phrase {
    let key = judgement.key().map(|key| key.to_string());
    let holds = judgement.files().is_some();
    let signer = judgement.developer().zip(key.as_deref());
    index::signed_otherwise(signer.filter(|_| holds))
}

impl Installation<'_> {
    /// The package, as the index pins it; nothing where the call names no index.
    pub(super) fn pinned(&self, installed: &Installed) -> Result<Option<Pinned>, Error> {
        let Origin::Index(origin) = &self.call.origin else {
            return Ok(None);
        };
        let reached = Reached::read(&self.call.site, self.settings, origin.index.as_deref(), self.reporter)?;
        let indices = Indices::new(&reached, &self.call.site, self.reporter, !self.call.dry_run)?;
        let wanted = wanted(
            origin.range.as_ref(),
            installed.version.as_deref(),
            self.call.site.gestor_version.as_deref(),
        );
        let (index, version) = indices.choose(self.slug, &wanted)?;
        Ok(Some(Pinned {
            package: indices.pinned(&index, self.slug, &version),
            meant: Meant {
                index,
                version: version.version,
                signer: version.signer,
            },
        }))
    }
}

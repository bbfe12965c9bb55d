//! Which package a call means that names a signed index (SPEC 3 §4): asked before anything is fetched.

use super::Installation;
use crate::config::Origin;
use crate::ops::Error;
use crate::ops::indices::{Indices, Reached, wanted};
use crate::registry::Installed;
use crate::source::PinnedPackage;

impl Installation<'_> {
    /// The package, as the index pins it; nothing where the call names no index.
    pub(super) fn pinned(&self, installed: &Installed) -> Result<Option<PinnedPackage>, Error> {
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
        Ok(Some(indices.pinned(&index, self.slug, &version)))
    }
}

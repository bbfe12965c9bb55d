//! What there is of a plugin before an installation.

use crate::base::db::Database;
use crate::model::Slug;
use crate::ops::Error;
use crate::ops::known::Known;
use crate::registry::{self, Installed};

/// What there is before an operation.
pub(super) struct Before {
    /// The plugin's row, with the version that is installed also where the row was made anew.
    pub(super) installed: Installed,
    /// The version that the row itself says.
    pub(super) row_version: Option<String>,
    /// What is recorded.
    pub(super) known: Known,
}

impl Before {
    /// Installed is what our own table says; where it says nothing, what the row in `plugins` says.
    pub(super) fn is_installed(&self) -> bool {
        match &self.known.state {
            Some(state) => state.point.is_some(),
            None => self.installed.version.is_some(),
        }
    }

    /// Reads it. Makes nothing.
    pub(super) fn read(database: &mut Database, slug: &Slug) -> Result<Self, Error> {
        let mut installed = registry::read(database, slug)?.unwrap_or_default();
        let known = Known::read(database, slug, &installed)?;
        let row_version = installed.version.clone();
        installed.version = known.version(&installed);
        Ok(Self {
            installed,
            row_version,
            known,
        })
    }
}

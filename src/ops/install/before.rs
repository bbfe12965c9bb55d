//! What there is of a plugin before an installation.

use crate::base::db::Database;
use crate::model::Slug;
use crate::ops::Error;
use crate::ops::known::RecordedPlugin;
use crate::registry::{self, Installed};

/// What there is before an operation.
pub(super) struct Before {
    /// The plugin's row, with the version that is installed also where the row was made anew.
    pub(super) installed: Installed,
    /// The version that the row itself says.
    pub(super) row_version: Option<String>,
    /// What is recorded.
    pub(super) known: RecordedPlugin,
}

impl Before {
    /// Something is installed.
    pub(super) fn is_installed(&self) -> bool {
        self.known.is_installed(&self.installed)
    }

    /// Reads it. Makes nothing.
    pub(super) fn read(database: &mut Database, slug: &Slug) -> Result<Self, Error> {
        let mut installed = registry::read(database, slug)?.unwrap_or_default();
        let known = RecordedPlugin::read(database, slug, &installed)?;
        let row_version = installed.version.clone();
        installed.version = known.version(&installed);
        Ok(Self {
            installed,
            row_version,
            known,
        })
    }
}

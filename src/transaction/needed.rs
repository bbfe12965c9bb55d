//! Which packages a database needs of a plugin: that of what is installed, that of the point before, those of what is left to
//! be done, those that are pinned (SPEC 2 §10). Reads only.

use std::collections::BTreeSet;

use super::TransactionError;
use crate::base::db::Database;
use crate::history;
use crate::migrate::Pending;
use crate::model::Slug;
use crate::registry;

/// What a database needs of the packages of a plugin.
#[derive(Debug, Default)]
pub(super) struct Needed {
    /// By their SHA-256.
    pub(super) packages: BTreeSet<String>,
    /// By their version.
    pub(super) pinned: BTreeSet<String>,
}

impl Needed {
    /// Asks the state of the plugin and its row in `plugins`.
    pub(super) fn read(database: &mut Database, slug: &Slug) -> Result<Self, TransactionError> {
        let state = registry::read_state(database, slug)?.unwrap_or_default();
        let mut packages: BTreeSet<String> = Pending::read(state.pending.as_deref()).packages().into_iter().collect();
        packages.extend(registry::read(database, slug)?.and_then(|row| row.checksum));
        for point in [state.point, state.previous_point].into_iter().flatten() {
            packages.extend(history::entry(database, point)?.and_then(|entry| entry.checksum));
        }
        Ok(Self {
            packages,
            pinned: state.pinned_versions(),
        })
    }
}

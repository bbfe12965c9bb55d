//! Parameters of `plugin_prune` (SPEC 2 §10). Checks shapes; what goes is decided in `retention`.

use super::parameter::{
    ALIENS, DATABASE, DRY_RUN, HISTORY_DAYS, HISTORY_ROWS, KEEP_BACKUPS, KEEP_BYTES, KEEP_DAYS, KEEP_REMOVED,
    KEEP_VERSIONS, LANG, LOCK_WAIT, ROOT, SLUG,
};
use super::retention::{Retention, versions};
use super::{Argument, CallError, Given, Parameter, Settings, Site};

/// Parameters of `plugin_prune`.
#[derive(Debug, Clone, PartialEq)]
pub struct PruneParameters {
    /// The plugin; all of them when absent.
    pub slug: Option<String>,
    /// Show only.
    pub dry_run: bool,
    /// What no operation of the history made goes as well.
    pub aliens: bool,
    /// What stays.
    pub retention: Retention,
    /// The gestor.
    pub site: Site,
}

impl PruneParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
        SLUG,
        DRY_RUN,
        ALIENS,
        KEEP_VERSIONS,
        KEEP_BACKUPS,
        KEEP_DAYS,
        KEEP_BYTES,
        KEEP_REMOVED,
        HISTORY_ROWS,
        HISTORY_DAYS,
        ROOT,
        DATABASE,
        LANG,
        LOCK_WAIT,
    ];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        let mut retention = settings.retention;
        for (parameter, kept) in [
            (KEEP_BACKUPS, &mut retention.backups),
            (KEEP_DAYS, &mut retention.days),
            (KEEP_BYTES, &mut retention.bytes),
            (KEEP_REMOVED, &mut retention.removed_days),
            (HISTORY_ROWS, &mut retention.history_rows),
            (HISTORY_DAYS, &mut retention.history_days),
        ] {
            *kept = given.count(&parameter)?.unwrap_or(*kept);
        }
        if let Some(kept) = given.count(&KEEP_VERSIONS)? {
            retention.versions = versions(KEEP_VERSIONS.name, &kept.to_string())?;
        }
        Ok(Self {
            // An empty variable must not mean "all of them".
            slug: given.value(&SLUG).text(SLUG.name)?,
            dry_run: given.flag(&DRY_RUN)?,
            aliens: given.flag(&ALIENS)?,
            retention,
            site: Site::read(&given, settings, 0)?,
        })
    }
}

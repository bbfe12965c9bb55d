//! How much of what is kept stays (SPEC 2 §10): the words and bounds of its settings. What goes is decided in `retention`.

use super::choices::{said, word};
use super::parameter::{
    ALIENS, DATABASE, DRY_RUN, HISTORY_DAYS, HISTORY_ROWS, KEEP_BACKUPS, KEEP_BYTES, KEEP_DAYS, KEEP_REMOVED,
    KEEP_VERSIONS, LANG, LOCK_WAIT, ROOT, SLUG,
};
use super::setting::number;
use super::{Argument, CallError, Given, Parameter, Settings, Site, messages};

/// How much is kept. 0 is no limit, but for versions and backups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Packages of a plugin (`guardar_versoes`).
    pub versions: u64,
    /// Backups of a plugin's tree (`guardar_backups`).
    pub backups: u64,
    /// Days for which packages and backups are kept (`guardar_dias`).
    pub days: u64,
    /// Bytes of packages and backups of a plugin (`guardar_bytes`).
    pub bytes: u64,
    /// Days for which what uninstalling took away is kept (`guardar_removidos`).
    pub removed_days: u64,
    /// Rows of a plugin's history (`historico_linhas`).
    pub history_rows: u64,
    /// Days of a plugin's history (`historico_dias`).
    pub history_days: u64,
    /// When what is not kept goes (`poda`).
    pub pruning: Pruning,
}

/// When what is not kept goes (`poda`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pruning {
    /// Where somebody asks for it (`manual`).
    #[default]
    Manual,
    /// After each operation as well (`auto`).
    Automatic,
}

impl Pruning {
    const WORDS: [(&'static str, Self); 2] = [("manual", Self::Manual), ("auto", Self::Automatic)];

    /// The word.
    pub fn word(self) -> &'static str {
        said(&self, &Self::WORDS)
    }

    /// Reads a word.
    pub fn from_word(key: &str, value: &str) -> Result<Self, CallError> {
        word(key, value, &Self::WORDS)
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            versions: 10,
            backups: 10,
            days: 0,
            bytes: 0,
            removed_days: 30,
            history_rows: 10_000,
            history_days: 730,
            pruning: Pruning::Manual,
        }
    }
}

/// Fewer versions leave no way back.
const VERSIONS: std::ops::RangeInclusive<u64> = 2..=50;

/// How many versions are kept.
pub(super) fn versions(key: &str, value: &str) -> Result<u64, CallError> {
    let found = number(key, value)?;
    if VERSIONS.contains(&found) {
        return Ok(found);
    }
    Err(CallError::WrongValue {
        key: key.to_owned(),
        found: value.chars().take(80).collect(),
        allowed: messages::TWO_TO_FIFTY,
    })
}

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

//! How much of what is kept stays (SPEC 2 §10): the words and bounds of its settings. What goes is decided in `retention`.

use super::choices::{said, word};
use super::{CallError, messages};

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
    let found = value.parse().ok().filter(|found| VERSIONS.contains(found));
    found.ok_or_else(|| CallError::WrongValue {
        key: key.to_owned(),
        found: value.chars().take(80).collect(),
        allowed: messages::TWO_TO_FIFTY,
    })
}

//! Why migrations did not run, or were not undone.

use std::path::PathBuf;

use super::Migration;
use crate::model::Phrase;

/// Why migrations did not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MigrateError {
    /// The package has migrations and the caller gave no way to run them.
    #[error(
        "the package has migrations in {folder} and the call gave no `migracoes` callable: pass one, or use `no_migrations`"
    )]
    NoRunner {
        /// Where they stand.
        folder: PathBuf,
    },
    /// A migration failed; what had been applied before it in this call is named.
    #[error("migrations failed: {reason}")]
    Failed {
        /// In the runner's words.
        reason: Phrase,
        /// Applied before the failure.
        applied: Vec<Migration>,
    },
    /// The operation stands, and what it was to take away of the schema is still there.
    #[error(
        "the operation is done and stays, but of the schema this is left to be done: {left} ({reason}). It stands in `pendencias` (`--list`); mend the cause and call plugin_recover (`--recover`), or it is tried again after the next operation; where a migration cannot be undone at all, `--recover --forcar` only drops what it is known to have made"
    )]
    NotUndone {
        /// Why.
        reason: Phrase,
        /// Which.
        left: String,
    },
    /// The caller ended them, because an end of the operation was asked for.
    #[error(
        "a migration was ended while it ran, because an end was asked for again: what it had done by then may be in the database; those that had been applied before it stay recorded and will not run again"
    )]
    Ended,
    /// The caller is gone (fatal error, `exit()`, time limit).
    #[error("the caller ended while migrations were running")]
    CallerGone,
}

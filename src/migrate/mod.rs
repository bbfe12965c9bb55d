//! What running a plugin's migrations needs. The side that can run them (PHP) implements the trait.

mod messages;
mod result;

pub use result::read_result;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::model::{Phrase, Slug};

/// A migration that this call applied, or that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migration {
    /// Its version, as the runner names it.
    pub versao: String,
    /// Its name.
    pub nome: String,
}

/// What is wanted of the runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum MigrationAction {
    /// Name what would run; change nothing.
    #[serde(rename = "pendentes")]
    Pending,
    /// Run what waits.
    #[serde(rename = "migrar")]
    Migrate,
    /// Undo exactly the ones named.
    #[serde(rename = "desfazer")]
    Rollback,
}

/// One call of the runner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MigrationCall {
    /// What is wanted.
    pub acao: MigrationAction,
    /// The plugin.
    pub slug: String,
    /// Folder of the migration files.
    pub pasta: PathBuf,
    /// For a rollback: what to undo, newest last.
    pub migracoes: Vec<Migration>,
}

impl MigrationCall {
    /// A call for the migrations of a folder.
    pub fn new(acao: MigrationAction, slug: &Slug, pasta: PathBuf) -> Self {
        Self {
            acao,
            slug: slug.to_string(),
            pasta,
            migracoes: Vec::new(),
        }
    }
}

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
    /// The caller is gone (fatal error, `exit()`, time limit).
    #[error("the caller ended while migrations were running")]
    CallerGone,
}

/// Runs migrations. Implemented by the conversation with the calling thread.
pub trait MigrationRunner {
    /// Does what the call says; gives the migrations that ran, were undone, or wait.
    fn run(&self, call: MigrationCall) -> Result<Vec<Migration>, MigrateError>;
}

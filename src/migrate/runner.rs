//! What is asked of the side that runs migrations, and what it answers. No more of it than the calls: PHP implements it.

use std::path::PathBuf;

use serde::Serialize;

use super::{MigrateError, Migration, Watched};
use crate::model::Slug;

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
    /// Name those of the ones named that can be undone; load and change nothing.
    #[serde(rename = "reversiveis")]
    Reversible,
}

/// One call of the runner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationCall {
    /// What is wanted.
    pub acao: MigrationAction,
    /// The plugin.
    pub slug: String,
    /// Folder of the migration files.
    pub pasta: PathBuf,
    /// For a rollback, and the question whether there is one: what to undo, newest last.
    pub migracoes: Vec<Migration>,
    /// Where the plugin's migrations are logged.
    pub registro: RunnerLog,
    /// For a rollback: what is copied out already.
    pub guardar: Option<Watched>,
}

/// The table in which a runner logs the migrations of a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct RunnerLog {
    /// Its name.
    pub tabela: String,
    /// The table of another plugin that has migrations of this one, where it has.
    pub de: Option<String>,
    /// The versions of these, which are to stand in the plugin's own table before anything is logged.
    pub versoes: Vec<String>,
}

impl MigrationCall {
    /// A call for the migrations of a folder.
    pub fn new(acao: MigrationAction, slug: &Slug, pasta: PathBuf, registro: RunnerLog) -> Self {
        Self {
            acao,
            slug: slug.to_string(),
            pasta,
            migracoes: Vec::new(),
            registro,
            guardar: None,
        }
    }

    /// The same for single ones of them.
    #[must_use]
    pub fn of(self, migracoes: &[Migration]) -> Self {
        Self {
            migracoes: migracoes.to_vec(),
            ..self
        }
    }
}

/// Runs migrations: the calling thread does, which PHP runs in.
pub trait MigrationRunner {
    /// Does what the call says; gives the migrations that ran, were undone, or wait.
    fn run(&self, call: MigrationCall) -> Result<Vec<Migration>, MigrateError>;
}

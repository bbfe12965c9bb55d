//! What running a plugin's migrations needs. The side that can run them (PHP) implements the trait.
//!
//! `facts` tells what they made of the schema, `record` what the history says of them, `made` what of that is the plugin's,
//! `expected` what of it must stand there, `pending` what is left to be done after a commit: pure. `schema` reads the
//! database and drops, `copy` copies out what is to be taken away, `copied_back` writes it again.

mod copied_back;
mod copy;
mod expected;
mod facts;
mod made;
mod messages;
mod pending;
mod reach;
#[cfg(test)]
mod reach_tests;
mod readable;
mod record;
mod result;
mod schema;
mod text;

pub use copied_back::{WrittenColumn, push_row, update_row, written_columns};
pub use copy::{Copied, copy_out};
pub use expected::{Expected, KnownMigrations, Missing, expected, made_only_by};
pub use facts::{
    FactColumn, ObjectKind, Schema, SchemaColumn, SchemaFacts, SchemaObject, Shown, Taken, compare, has_grown,
};
pub use made::Made;
pub use pending::{Contraction, Pending, PendingStep, UndoneMigrations};
pub use reach::{Reach, drops};
pub use record::{MigrationRecord, StandingMigration, standing};
pub use result::read_result;
pub use schema::{
    Consequence, be_quick, drop_column, drop_object, drop_table, lock_table, quoted, read_consequences, read_schema,
    unlock,
};

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

impl Migration {
    /// As the history and people read it: `<version> <name>`.
    pub fn shown(&self) -> String {
        if self.nome.is_empty() {
            self.versao.clone()
        } else {
            format!("{} {}", self.versao, self.nome)
        }
    }

    /// Version and name of a migration, by its file; nothing where it is none.
    pub fn of_path(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next()?.strip_suffix(".php")?;
        let (version, name) = name.split_once('_').unwrap_or((name, ""));
        let is_version = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
        is_version.then(|| Self {
            versao: version.to_owned(),
            nome: name.to_owned(),
        })
    }

    /// Reads what [`Self::shown`] gives.
    pub fn of_shown(shown: &str) -> Self {
        let (version, name) = shown.split_once(' ').unwrap_or((shown, ""));
        Self {
            versao: version.to_owned(),
            nome: name.to_owned(),
        }
    }
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
    /// Name those of the ones named that can be undone; load and change nothing.
    #[serde(rename = "reversiveis")]
    Reversible,
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
    /// For a rollback, and the question whether there is one: what to undo, newest last.
    pub migracoes: Vec<Migration>,
    /// Where the plugin's migrations are logged.
    pub registro: RunnerLog,
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
    /// The caller is gone (fatal error, `exit()`, time limit).
    #[error("the caller ended while migrations were running")]
    CallerGone,
}

/// Runs migrations. Implemented by the conversation with the calling thread.
pub trait MigrationRunner {
    /// Does what the call says; gives the migrations that ran, were undone, or wait.
    fn run(&self, call: MigrationCall) -> Result<Vec<Migration>, MigrateError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_is_known_by_its_file() {
        for (path, expected) in [
            (
                "db/migrations/20250101000000_make_it.php",
                Some(("20250101000000", "make_it")),
            ),
            ("db/migrations/20250101000000.php", Some(("20250101000000", ""))),
            ("db/migrations/helper.php", None),
            ("db/migrations/_x.php", None),
        ] {
            let found = Migration::of_path(path).map(|known| (known.versao, known.nome));
            let expected = expected.map(|(version, name): (&str, &str)| (version.to_owned(), name.to_owned()));
            assert_eq!(found, expected, "{path}");
        }
    }
}

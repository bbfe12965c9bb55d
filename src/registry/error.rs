//! What can be wrong with the registry.

use crate::base::db::DbError;
use crate::base::fs::FsError;
use crate::model::Phrase;

/// Why the registry could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The table `plugins` is not there.
    #[error(
        "the database {database:?} has no table `plugins`: check the database's name in the gestor's settings, or run the gestor's own migrations"
    )]
    NoTable {
        /// The database that was asked.
        database: String,
    },
    /// The server refused, or was not there.
    #[error("the plugin's row: {0}")]
    Database(#[from] DbError),
    /// A column holds something that it cannot hold.
    #[error("table `{table}`, column `{column}`: {reason}")]
    Unreadable {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What was wrong.
        reason: Phrase,
    },
    /// Somebody removed what is recorded of a plugin while an operation worked on it.
    #[error(
        "plugin {slug} has no row in `gestor_plugins_estado` any more: something removed it while the operation ran (a script of the plugin?). `--verify --reparar` records it anew"
    )]
    StateGone {
        /// The plugin.
        slug: String,
    },
    /// Our tables were written by a library that this one may not write after.
    #[error(
        "the tables gestor_plugins_* of the database {database:?} want schema {wanted} or newer, this release of gestor-plugins knows {known}: update gestor-plugins (extension and files) to the release that wrote them"
    )]
    NewerSchema {
        /// The database.
        database: String,
        /// The lowest schema that may still write.
        wanted: u32,
        /// Ours.
        known: u32,
    },
    /// Our tables are missing and may not be made.
    #[error(
        "gestor-plugins needs tables of its own, and the user of the database {database:?} may not create them ({source}). Run this once as a user who may, in that database, then try again: {sql};"
    )]
    NoRight {
        /// The database.
        database: String,
        /// The statements to run.
        sql: String,
        /// In the server's words.
        source: DbError,
    },
    /// Another operation has been making our tables for too long.
    #[error(
        "another connection has held this database's lock `gestor_plugins:esquema:…` for {seconds} seconds: look at the server's processes, then try again"
    )]
    SchemaBusy {
        /// Seconds.
        seconds: u32,
    },
    /// The caller said stop while our tables were waited for.
    #[error("cancelled while waiting for the tables of gestor-plugins")]
    Stopped,
    /// The system gave no random id.
    #[error(transparent)]
    Random(#[from] FsError),
}

impl RegistryError {
    /// Names a missing table; anything else stays as it is.
    pub(super) fn of(fault: DbError, database: &str) -> Self {
        if fault.is_no_table() {
            Self::NoTable {
                database: database.to_owned(),
            }
        } else {
            Self::Database(fault)
        }
    }
}

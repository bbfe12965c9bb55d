//! What can be wrong with the registry.

use crate::base::db::DbError;

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
    #[error("table `plugins`, column `{column}`: {reason}")]
    Unreadable {
        /// The column.
        column: &'static str,
        /// What was wrong.
        reason: String,
    },
}

/// Server code of "table does not exist".
const NO_SUCH_TABLE: u16 = 1146;

impl RegistryError {
    /// Names a missing table; anything else stays as it is.
    pub(super) fn of(fault: DbError, database: &str) -> Self {
        if fault.server_code() == Some(NO_SUCH_TABLE) {
            Self::NoTable {
                database: database.to_owned(),
            }
        } else {
            Self::Database(fault)
        }
    }
}

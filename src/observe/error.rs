//! What can be wrong with events and counters.

use crate::base::db::DbError;

/// Why events could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// The server refused, or was not there.
    #[error("events and counters (gestor_plugins_eventos, gestor_plugins_contadores): {0}")]
    Database(#[from] DbError),
    /// A column holds something that it cannot hold.
    #[error(
        "counters (gestor_plugins_contadores), column `{column}`: it holds another kind of value than gestor-plugins writes"
    )]
    Unreadable {
        /// The column.
        column: &'static str,
    },
    /// A counter is none.
    #[error(
        "the counter `{event}` of {plugin} (gestor_plugins_contadores) is left out: `{column}` holds no number from 0 on; put one there"
    )]
    Counter {
        /// The plugin.
        plugin: String,
        /// What is counted.
        event: String,
        /// The column.
        column: &'static str,
    },
}

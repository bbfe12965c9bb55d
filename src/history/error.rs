//! What can be wrong with the history.

use crate::base::db::DbError;

/// Why the history could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The server refused, or was not there.
    #[error("the history (gestor_plugins_historico): {0}")]
    Database(#[from] DbError),
    /// A column holds something that it cannot hold.
    #[error(
        "the history (gestor_plugins_historico), column `{column}`: it holds another kind of value than gestor-plugins writes"
    )]
    Unreadable {
        /// The column.
        column: &'static str,
    },
}

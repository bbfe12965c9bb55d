//! What can be wrong with the base.

use crate::base::db::DbError;

/// Why the base could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The server refused, or was not there.
    #[error("the plugin's base (gestor_plugins_base): {0}")]
    Database(#[from] DbError),
    /// A row of the table has other columns than ours.
    #[error("the table `gestor_plugins_base` is not as gestor-plugins made it: column `{column}` holds {found}")]
    Foreign {
        /// The column.
        column: &'static str,
        /// What is there.
        found: String,
    },
    /// A part could not be made smaller.
    #[error("the base of `{table}` could not be compressed: {source}")]
    Compress {
        /// The table.
        table: String,
        /// In the library's words.
        source: std::io::Error,
    },
}

/// Why bytes are no part of a base.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatFault {
    /// They cannot be inflated.
    #[error("its bytes cannot be inflated")]
    Deflate,
    /// They do not begin as a part does.
    #[error("it does not begin as a part of a base does")]
    Magic,
    /// They are of a newer library.
    #[error("its format {found} is newer than this release of gestor-plugins knows ({known})")]
    Newer {
        /// Its number.
        found: u8,
        /// Ours.
        known: u8,
    },
    /// They end too early, or go on.
    #[error("it is cut off or has bytes too many")]
    Length,
    /// Something in it cannot be: a name that is no text, a count too large, keys out of order.
    #[error("it holds what cannot be ({what})")]
    Content {
        /// What.
        what: &'static str,
    },
    /// Parts do not fit together.
    #[error("its parts do not fit together ({what})")]
    Parts {
        /// How.
        what: &'static str,
    },
}

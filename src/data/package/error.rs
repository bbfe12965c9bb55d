//! Why data could not be synchronized. Owns the room's errors; must not decide exit codes (see `outcome`).

use std::fmt;
use std::path::PathBuf;

use super::conflict::Conflict;
use super::fault::{Fault, RowPlace};
use super::hanging::{HangingRows, advice};
use crate::base::db::DbError;
use crate::base::listed::Listed;
use crate::log::Cancelled;
use crate::model::{Bilingual, Lang, Phrase, TableName};

/// A failure of this room.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Faults of the package that were found before anything was written: all of them.
    #[error("{}", list(.0))]
    Faults(Listed<Fault>),
    /// Rows that are not the plugin's to write: all of them.
    #[error("{}", list(.0))]
    Conflicts(Listed<Conflict>),
    /// The server refused a row that looked right.
    #[error(transparent)]
    RowRefused(Box<RefusedRow>),
    /// The server refused rows of a table, and which one it means cannot be searched for.
    #[error("the database refused a row of `{table}`{why}: {fault}")]
    TableRefused {
        /// The table.
        table: TableName,
        /// Why the row is not named.
        why: Phrase,
        /// The server's words.
        #[source]
        fault: DbError,
    },
    /// A table has nothing that tells its rows apart.
    #[error(
        "table `{table}` has no primary key, no UNIQUE index and no column `id`, so its rows cannot be told apart: add one of them in a migration"
    )]
    NoPrimaryKey {
        /// The table.
        table: TableName,
    },
    /// A table changed between reading and writing, in spite of the locks.
    #[error("table `{table}` was changed by another program while it was read: run the same call again")]
    ChangedMeanwhile {
        /// The table.
        table: TableName,
    },
    /// Users have profiles that would go.
    #[error(
        "users have profiles of this plugin ({}): give them others, or pass `forcar` (`--forcar`), and they are left without one",
        profiles.join("; ")
    )]
    ProfileInUse {
        /// The profiles, by their keys.
        profiles: Vec<String>,
    },
    /// Rows of others hang on rows that would go.
    #[error(
        "rows of others hang by foreign keys on rows that would go, and nothing was changed: {}. {}",
        rows_text(.hanging), advice(.hanging)
    )]
    RowsHang {
        /// By foreign key.
        hanging: Vec<HangingRows>,
    },
    /// Rows come back to tables that are not there.
    #[error(
        "rows cannot come back, because their tables are not there any more: {}. Make them again, or pass `conflitos=pular` (`--conflitos=pular`), which leaves the rows in the archive",
        tables_text(.tables)
    )]
    TablesGone {
        /// The tables.
        tables: Vec<TableName>,
    },
    /// What is deleted of a table could not be given back.
    #[error(
        "rows of tables would go whose engine knows no transactions, so that a failure could not be undone: {}. Give them another (`ALTER TABLE … ENGINE=InnoDB`), and run the same call again",
        tables_text(.tables)
    )]
    NotTransactional {
        /// The tables.
        tables: Vec<TableName>,
    },
    /// Rows come back, and others have their keys.
    #[error(
        "rows cannot come back, because other rows have their keys now: {}. Change those, or pass `conflitos=pular` (`--conflitos=pular`), which leaves them",
        rows.join("; ")
    )]
    KeysTaken {
        /// Tables and keys.
        rows: Vec<String>,
    },
    /// Rows come back, and their tables do not take what they hold.
    #[error(
        "rows cannot come back, because their tables do not take what they hold: {}. Change those tables, or pass `conflitos=pular` (`--conflitos=pular`), which leaves the rows in the archive",
        rows.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    RowsUnfit {
        /// Tables, keys, and what the server says.
        rows: Vec<Phrase>,
    },
    /// A file of the gestor could not be read.
    #[error("{} cannot be read: {source}", .path.display())]
    GestorFile {
        /// Its path.
        path: PathBuf,
        /// In the system's words.
        #[source]
        source: std::io::Error,
    },
    /// Rows that are kept in a file could not be written or read back.
    #[error("the package's rows could not be set aside on disk: {0}")]
    Rows(#[source] std::io::Error),
    /// An export could not be written.
    #[error("set-aside rows could not be written: {0}")]
    Export(#[source] std::io::Error),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The caller said stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// A row that the server does not take.
#[derive(Debug, thiserror::Error)]
#[error(
    "{source_file}, {place}: the database refused the row of `{table}`{}: {fault}{}",
    column_text(.column.as_ref()), circle_text(.circle)
)]
pub struct RefusedRow {
    /// Path inside the package.
    pub source_file: String,
    /// The row.
    pub place: RowPlace,
    /// The table.
    pub table: TableName,
    /// The column that the server named, and its value, shortened.
    pub column: Option<(String, String)>,
    /// Tables that refer to each other in a circle, where that is why.
    pub circle: Vec<TableName>,
    /// The server's words.
    #[source]
    pub fault: DbError,
}

impl DataError {
    /// The package's shape is at fault (exit code `VALIDATE`); otherwise it is the synchronization (`SYNC`).
    pub fn is_shape(&self) -> bool {
        matches!(self, Self::Faults(faults) if faults.iter().any(Fault::is_shape))
    }

    /// Running the whole transaction again may succeed.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Database(fault) | Self::TableRefused { fault, .. } => fault.is_retryable(),
            Self::RowRefused(row) => row.fault.is_retryable(),
            Self::ChangedMeanwhile { .. } => true,
            _ => false,
        }
    }

    /// The failure as separate lines, for a report.
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        match self {
            Self::Faults(faults) => faults.lines(lang),
            Self::Conflicts(conflicts) => conflicts.lines(lang),
            other => vec![other.text(lang)],
        }
    }
}

/// Faults that a single text shows.
pub(in crate::data) const SHOWN: usize = 20;

fn list<T: fmt::Display>(items: &Listed<T>) -> String {
    let mut text: Vec<String> = items.iter().take(SHOWN).map(ToString::to_string).collect();
    if items.count() > SHOWN {
        text.push(format!("and {} more", items.count() - SHOWN));
    }
    text.join("; ")
}

pub(super) fn tables_text(tables: &[TableName]) -> String {
    let quoted = tables.iter().map(|table| format!("`{table}`"));
    quoted.collect::<Vec<_>>().join(", ")
}

fn rows_text(hanging: &[HangingRows]) -> String {
    hanging.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn circle_text(circle: &[TableName]) -> String {
    let Some(first) = circle.first() else {
        return String::new();
    };
    let names: Vec<String> = circle.iter().chain([first]).map(|table| format!("`{table}`")).collect();
    format!(
        "; tables refer to each other in a circle ({}), so no order of writing suits all rows: leave the reference of one of them NULL",
        names.join(" → ")
    )
}

fn column_text(column: Option<&(String, String)>) -> String {
    column.map_or_else(String::new, |(name, value)| format!(", column `{name}` = {value:?}"))
}

//! Rows that are not the plugin's to write, and things that an operator should know. Values and their words.

use std::fmt;
use std::sync::Arc;

use super::fault::RowPlace;
use crate::model::{PackageRow, Phrase, TableName};

/// A row of the package that may not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Path inside the package.
    pub source: Arc<str>,
    /// The row.
    pub place: RowPlace,
    /// The table.
    pub table: TableName,
    /// Why not.
    pub reason: ConflictReason,
}

/// Why a row may not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConflictReason {
    /// A row of the gestor itself stands there, with other content.
    Core,
    /// A row without owner stands there, and adoption is off.
    Unowned,
    /// A row of the site's project stands there.
    Project,
    /// Several rows match; their primary keys.
    Ambiguous {
        /// Primary keys.
        candidates: Vec<Phrase>,
    },
    /// Another row has the same value in a UNIQUE index.
    Unique {
        /// The index.
        index: String,
        /// Whose row it is.
        owner: Phrase,
        /// Its primary key.
        identity: String,
    },
    /// Another row gives up the same value in a UNIQUE index, but rows that refer to it would lose theirs.
    Followed {
        /// The index.
        index: String,
        /// The other row's primary key.
        identity: String,
        /// The foreign key and its table.
        foreign_key: String,
    },
    /// The table has no owner column, and the row is not one that this plugin installed.
    Shared,
    /// A user and the package changed the same fields.
    BothChanged {
        /// Their columns.
        columns: Vec<String>,
    },
    /// The package has the same key twice.
    Duplicate {
        /// The first one's file and row.
        first: Phrase,
    },
}

impl Conflict {
    /// A conflict of a row.
    pub fn of(row: &PackageRow, table: &TableName, reason: ConflictReason) -> Self {
        Self {
            source: Arc::clone(&row.source),
            place: RowPlace::of(row),
            table: table.clone(),
            reason,
        }
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, {}: conflict in `{}`: {}",
            self.source, self.place, self.table, self.reason
        )
    }
}

impl fmt::Display for ConflictReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Core => f.write_str(
                "a row of the gestor itself has this key and other content (adocao=sempre takes it, conflitos=pular leaves it alone)",
            ),
            Self::Unowned => f.write_str("a row without owner has this key, and adocao=nunca is set"),
            Self::Project => f.write_str("a row of the site's project has this key; such rows are never taken"),
            Self::Ambiguous { candidates } => {
                write!(f, "several rows match (primary keys {}): remove all but one", joined(candidates))
            }
            Self::Unique { index, owner, identity } => {
                write!(f, "the UNIQUE index `{index}` already has this value in row {identity} of {owner}")
            }
            Self::Followed { index, identity, foreign_key } => write!(
                f,
                "it would take the value that row {identity} gives up in the UNIQUE index `{index}`, and the foreign key \
                 {foreign_key} would empty the rows that refer to it: give that key ON UPDATE CASCADE, or take it away"
            ),
            Self::Shared => f.write_str(
                "the table has no owner column and this row, which differs, was not installed by this plugin",
            ),
            Self::BothChanged { columns } => write!(
                f,
                "a user and the package both changed {} (fusao=minha keeps the user's value, fusao=pacote takes the package's)",
                columns.join(", ")
            ),
            Self::Duplicate { first } => write!(f, "the package has the same key twice, first in {first}"),
        }
    }
}

fn joined(candidates: &[Phrase]) -> String {
    let texts: Vec<String> = candidates.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

/// What an operator should know, though nothing failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The database has no such table.
    UnknownTable {
        /// The table.
        table: TableName,
        /// Rows that were skipped.
        rows: usize,
    },
    /// The table is a view.
    View {
        /// Its name.
        table: TableName,
        /// Rows that were skipped.
        rows: usize,
    },
    /// The table has no such column.
    UnknownColumn {
        /// The table.
        table: TableName,
        /// The column.
        column: String,
        /// Rows that have it.
        rows: usize,
    },
    /// No package decides such a column: the server computes it, or it is the gestor's own.
    UndecidedColumn {
        /// The table.
        table: TableName,
        /// The column.
        column: String,
        /// Rows that have it.
        rows: usize,
    },
    /// Several rows of this plugin have one key; the lowest primary key counts.
    SeveralOwnRows {
        /// The table.
        table: TableName,
        /// The row of the package.
        place: RowPlace,
        /// Primary keys.
        candidates: Vec<Phrase>,
    },
    /// A descriptor without content makes no row.
    Blank {
        /// The table.
        table: TableName,
        /// The descriptor.
        source: Arc<str>,
        /// The row of the package.
        place: RowPlace,
    },
    /// A new user who may do everything.
    ManagerUser {
        /// The row of the package.
        place: RowPlace,
    },
    /// A page's path is another page's.
    PathTaken {
        /// The path.
        path: String,
        /// The row of the package.
        place: RowPlace,
        /// `id` of the other page.
        other: String,
    },
    /// Rows of the package name a record by the `id` that it had before a user changed it.
    RenamedRecord {
        /// The record's table.
        record: TableName,
        /// The `id` of before.
        id: String,
        /// The table of the rows.
        table: TableName,
        /// Their column.
        column: &'static str,
        /// How many.
        rows: usize,
    },
    /// A row of this plugin that the site's project changed is left as it is.
    ProjectRow {
        /// The table.
        table: TableName,
        /// The row of the package.
        place: RowPlace,
    },
    /// Most of a plugin's rows of a table were gone, and were inserted again.
    Damage {
        /// The table.
        table: TableName,
        /// Rows that were gone.
        gone: usize,
        /// Rows that there were.
        of: usize,
    },
    /// Rows that the package no longer brings are not deleted, because others refer to them.
    Held {
        /// The table.
        table: TableName,
        /// The table whose rows refer to them.
        by: String,
        /// How many.
        rows: usize,
    },
    /// The table's engine knows no transactions.
    NotTransactional {
        /// The table.
        table: TableName,
    },
    /// Conflicts that were left alone.
    Skipped(Conflict),
    /// The gestor's own contracts could not be used.
    Contracts {
        /// Why.
        reason: Phrase,
    },
    /// The paths of pages were not compared with those of other pages, because there are too many.
    PathsNotChecked,
}

impl fmt::Display for Notice {
    #[expect(clippy::too_many_lines, reason = "one short arm for each notice")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownTable { table, rows } => {
                write!(
                    f,
                    "table `{table}` does not exist: {rows} rows of the package were skipped"
                )
            }
            Self::View { table, rows } => write!(
                f,
                "`{table}` is a view: {rows} rows of the package were skipped; name the data file after the table behind it"
            ),
            Self::UnknownColumn { table, column, rows } => {
                write!(
                    f,
                    "table `{table}` has no column `{column}`: it was skipped in {rows} rows"
                )
            }
            Self::UndecidedColumn { table, column, rows } => {
                write!(
                    f,
                    "`{table}`.`{column}` is not for packages to decide: it was skipped in {rows} rows; leave it out"
                )
            }
            Self::SeveralOwnRows {
                table,
                place,
                candidates,
            } => write!(
                f,
                "`{table}`, {place}: this plugin has several such rows (primary keys {}); the first counts",
                joined(candidates)
            ),
            Self::Blank { table, source, place } => {
                write!(f, "{source}, {place}: no content, so no row of `{table}` is made")
            }
            Self::ManagerUser { place } => write!(f, "usuarios, {place}: the package adds a user with `gestor` = 1"),
            Self::PathTaken { path, place, other } => {
                write!(
                    f,
                    "paginas, {place}: the path {path:?} is already that of page {other:?}"
                )
            }
            Self::RenamedRecord {
                record,
                id,
                table,
                column,
                rows,
            } => write!(
                f,
                "a user gave the record {id:?} of `{record}` another `id`, and {rows} rows of `{table}` in the package still \
                 name it so in `{column}`: give the record its `id` again, or change these rows"
            ),
            Self::ProjectRow { table, place } => {
                write!(
                    f,
                    "`{table}`, {place}: the row belongs to the site's project and is left as it is"
                )
            }
            Self::Damage { table, gone, of } => write!(
                f,
                "{gone} of this plugin's {of} rows of `{table}` were gone: taken for damage, and inserted again"
            ),
            Self::Held { table, by, rows } => write!(
                f,
                "{rows} rows of `{table}` that the package no longer brings stay: rows of `{by}` refer to them"
            ),
            Self::NotTransactional { table } => write!(
                f,
                "table `{table}` knows no transactions: what is written there cannot be undone by a failure"
            ),
            Self::Skipped(conflict) => write!(f, "left alone: {conflict}"),
            Self::Contracts { reason } => write!(f, "the gestor's schema-metadata.json is not used: {reason}"),
            Self::PathsNotChecked => f.write_str(
                "the paths of new pages were not compared with those of other pages: there are too many pages",
            ),
        }
    }
}

//! What is wrong with a package's data, in words that its author can act on. Values only.

use std::fmt;
use std::sync::Arc;

use crate::base::letters::{LONGEST_NAME, shorten_text};
use crate::base::listed::Listed;
use crate::model::{Field, PackageRow, Phrase, TableName};

/// One fault of a package's data: where it stands, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Path inside the package.
    pub source: Arc<str>,
    /// The row, where the fault is one row's.
    pub row: Option<Box<RowPlace>>,
    /// What is wrong.
    pub kind: FaultKind,
}

/// A row, as a message names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowPlace {
    /// Place in its file, from 1.
    pub number: usize,
    /// Its key in words (`id=x, language=pt-br`); empty when it has none.
    pub key: String,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// The file's name gives no table's name.
    InvalidTable {
        /// What it gives.
        name: String,
    },
    /// The table is not a package's to write.
    ForbiddenTable {
        /// The table.
        table: TableName,
    },
    /// The file is not valid JSON.
    NotJson {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// In the parser's words.
        reason: Phrase,
    },
    /// Valid so far, but no list of objects.
    WrongShape {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What should stand there.
        expected: Phrase,
    },
    /// More rows than a package may bring.
    TooManyRows {
        /// How many were still allowed.
        limit: u64,
    },
    /// More different columns than a file may name.
    TooManyColumns {
        /// From 1.
        line: usize,
        /// How many are allowed.
        limit: u64,
    },
    /// A name that no column can have.
    NameTooLong {
        /// From 1.
        line: usize,
        /// The name, shortened.
        name: String,
    },
    /// More bytes than a row may have.
    RowTooLong {
        /// From 1.
        line: usize,
        /// How many are allowed.
        limit: u64,
    },
    /// More data files than a package may bring.
    TooManyFiles {
        /// How many there are.
        found: u64,
        /// How many are allowed.
        limit: u64,
    },
    /// A row lacks a column of its key.
    MissingKey {
        /// The table.
        table: TableName,
        /// The column.
        column: String,
    },
    /// A row lacks a column that the table needs.
    MissingColumn {
        /// The table.
        table: TableName,
        /// The column.
        column: String,
    },
    /// A value does not fit its column.
    Misfit {
        /// The table.
        table: TableName,
        /// The column.
        column: String,
        /// The value, shortened.
        value: String,
        /// What the column takes.
        expected: Phrase,
    },
    /// A row is longer than a statement may be.
    TooLong {
        /// The table.
        table: TableName,
        /// Bytes of the row as a statement.
        bytes: usize,
        /// The server's `max_allowed_packet`.
        limit: usize,
    },
}

/// Adds a fault to those that are listed. One of the shape is never lost among others: it decides the exit code.
pub(in crate::data) fn keep(faults: &mut Listed<Fault>, fault: Fault) {
    if !faults.has_room() && fault.is_shape() && !faults.iter().any(Fault::is_shape) {
        faults.replace_last(fault);
    } else {
        faults.push(fault);
    }
}

impl Fault {
    /// A fault of a whole file.
    pub fn of_file(source: &Arc<str>, kind: FaultKind) -> Self {
        Self {
            source: Arc::clone(source),
            row: None,
            kind,
        }
    }

    /// A fault of one row.
    pub fn of_row(row: &PackageRow, kind: FaultKind) -> Self {
        Self {
            source: Arc::clone(&row.source),
            row: Some(Box::new(RowPlace::of(row))),
            kind,
        }
    }

    /// The package's shape is wrong (exit code `VALIDATE`); otherwise a value does not fit the database (`SYNC`).
    pub fn is_shape(&self) -> bool {
        !matches!(
            self.kind,
            FaultKind::Misfit { .. } | FaultKind::MissingColumn { .. } | FaultKind::TooLong { .. }
        )
    }
}

/// Fields that tell a reader which row is meant, whatever the table.
const NAMING: [&str; 8] = [
    "id",
    "language",
    "linguagem_codigo",
    "perfil",
    "modulo",
    "module",
    "grupo",
    "operacao",
];

impl RowPlace {
    /// The place of a row.
    pub fn of(row: &PackageRow) -> Self {
        let mut key = String::new();
        let named = NAMING
            .iter()
            .filter_map(|name| row.get(name).map(|field| (*name, field)));
        let named: Vec<_> = named.filter(|(_, field)| !matches!(field, Field::Null)).collect();
        let first = row.fields.first().map(|(name, field)| (&**name, field));
        let shown = if named.is_empty() {
            first.into_iter().collect()
        } else {
            named
        };
        for (name, field) in shown {
            if !key.is_empty() {
                key.push_str(", ");
            }
            key.push_str(&shorten_text(name));
            key.push('=');
            key.push_str(&shorten(field));
        }
        Self {
            number: row.number,
            key,
        }
    }
}

/// A value in at most 60 characters.
pub(in crate::data) fn shorten(field: &Field) -> String {
    let text: &str = match field {
        Field::Null => "null",
        Field::Bool(true) => "true",
        Field::Bool(false) => "false",
        Field::Number(digits) => digits,
        Field::Text(text) | Field::Json(text) => text,
    };
    shorten_text(text)
}

impl fmt::Display for RowPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}", self.number)?;
        if self.key.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", self.key)
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.source)?;
        if let Some(row) = &self.row {
            write!(f, ", {row}")?;
        }
        write!(f, ": {}", self.kind)
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidTable { name } => write!(
                f,
                "the file's name gives the table name {name:?}; name it as `<Table>Data.json` in letters a-z, digits and `_`"
            ),
            Self::ForbiddenTable { table } => {
                write!(
                    f,
                    "the table `{table}` is the site's own and no package may write it: remove the file"
                )
            }
            Self::NotJson { line, column, reason } => {
                write!(f, "not valid JSON at line {line}, column {column}: {reason}")
            }
            Self::WrongShape { line, column, expected } => {
                write!(
                    f,
                    "line {line}, column {column}: expected {expected}; a data file is a list of objects"
                )
            }
            Self::TooManyRows { limit } => write!(
                f,
                "more rows than a package may bring, {limit} of them are left for this file: split the package or raise the limit `linhas`"
            ),
            Self::TooManyColumns { line, limit } => write!(
                f,
                "line {line}: the rows name more than {limit} different columns: write one list of rows for one table or raise the limit `colunas`"
            ),
            Self::NameTooLong { line, name } => write_long_name(f, *line, name),
            Self::RowTooLong { line, limit } => write!(
                f,
                "line {line}: the row has more than {limit} bytes: shorten it or raise the limit `bytes_texto`"
            ),
            Self::TooManyFiles { found, limit } => write!(
                f,
                "{found} data files and {limit} are allowed: put the rows of a table into one file or raise the limit `tabelas`"
            ),
            Self::MissingKey { table, column } => write!(
                f,
                "`{column}` is missing: rows of `{table}` are found by it, give it a value"
            ),
            Self::MissingColumn { table, column } => write!(
                f,
                "column `{column}` of `{table}` has no default and may not be NULL: give it a value"
            ),
            Self::Misfit {
                table,
                column,
                value,
                expected,
            } => write!(
                f,
                "column `{column}` of `{table}`: {value:?} does not fit, expected {expected}"
            ),
            Self::TooLong { table, bytes, limit } => write!(
                f,
                "the row of `{table}` takes {bytes} bytes, more than the server's max_allowed_packet ({limit}): shorten it or raise that setting"
            ),
        }
    }
}

fn write_long_name(f: &mut fmt::Formatter<'_>, line: usize, name: &str) -> fmt::Result {
    write!(
        f,
        "line {line}: {name:?} is longer than {LONGEST_NAME} characters, so no column has that name: mend or remove it"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RowOrigin;

    #[test]
    fn a_fault_says_what_where_and_why() {
        let row = PackageRow {
            source: Arc::from("db/data/PaginasData.json"),
            number: 3,
            origin: RowOrigin::DataFile,
            fields: vec![
                (Arc::from("nome"), Field::Text("n".repeat(300))),
                (Arc::from("id"), Field::Text("x-1".to_owned())),
                (Arc::from("modulo"), Field::Null),
            ],
        };
        let fault = Fault::of_row(
            &row,
            FaultKind::Misfit {
                table: TableName::new("paginas").unwrap(),
                column: "nome".to_owned(),
                value: shorten(row.get("nome").unwrap()),
                expected: super::super::phrases::characters(255, 300),
            },
        );
        let text = fault.to_string();
        for part in ["PaginasData.json, row 3 (id=x-1)", "`nome`", "(300)", "at most 255"] {
            assert!(text.contains(part), "{text:?} lacks {part:?}");
        }
        assert!(!fault.is_shape());
    }
}

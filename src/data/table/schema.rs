//! What a table looks like: columns with types, primary key, UNIQUE indexes. Values only; `column_facts` makes the columns.

use crate::model::{ColumnName, TableName};

/// A column's type, as far as values must fit it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnType {
    /// `tinyint` to `bigint`.
    Integer {
        /// Smallest value.
        min: i128,
        /// Largest value.
        max: i128,
    },
    /// `decimal`.
    Decimal {
        /// Digits in all.
        digits: usize,
        /// Digits after the point.
        scale: usize,
        /// No negative values.
        unsigned: bool,
    },
    /// `float`, `double`.
    Float {
        /// `float`: six digits are shown, though it holds more.
        single: bool,
        /// No negative values.
        unsigned: bool,
        /// Of `float(m,d)`: digits in all, and after the point.
        places: Option<(usize, usize)>,
    },
    /// `bit(n)`.
    Bit {
        /// n
        bits: u32,
    },
    /// `year`.
    Year,
    /// `date`.
    Date,
    /// `datetime`, `timestamp`.
    DateTime {
        /// Digits of the fraction of a second.
        fraction: usize,
    },
    /// `time`.
    Time {
        /// Digits of the fraction of a second.
        fraction: usize,
    },
    /// `char`, `varchar`.
    Characters {
        /// Characters.
        limit: usize,
        /// `char`: trailing spaces are not kept.
        padded: bool,
    },
    /// `tinytext` to `longtext`.
    Text {
        /// Bytes.
        limit: u64,
    },
    /// JSON.
    Json {
        /// The server keeps values, and numbers of more than 64 bits as `DOUBLE`; otherwise a text that the table checks.
        native: bool,
    },
    /// `uuid`
    Uuid,
    /// `inet4`, `inet6`.
    Address {
        /// `inet6`
        six: bool,
    },
    /// `binary`, `varbinary`, `tinyblob` to `longblob`.
    Binary {
        /// Bytes.
        limit: u64,
        /// `binary`: filled up with zero bytes.
        padded: bool,
    },
    /// `enum`.
    Enum(Vec<String>),
    /// `set`.
    Set(Vec<String>),
    /// Any other type: texts go in, and are compared, as they are.
    Other,
}

/// Which characters a text column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// All.
    Utf8mb4,
    /// Those of up to three bytes.
    Utf8mb3,
    /// The server knows.
    Other,
}

/// What a row without the column gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultValue {
    /// Nothing: the column must be given.
    None,
    /// NULL.
    Null,
    /// A constant.
    Text(String),
    /// What the server computes (`current_timestamp()`, auto-increment).
    Computed,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent properties")]
pub struct Column {
    /// Its name.
    pub name: ColumnName,
    /// Its type.
    pub kind: ColumnType,
    /// May be NULL.
    pub nullable: bool,
    /// What a row without it gets.
    pub default: DefaultValue,
    /// Filled by the server with the next number.
    pub auto_increment: bool,
    /// Computed from other columns: cannot be written.
    pub generated: bool,
    /// Gets the present time whenever its row is written without it.
    pub on_update: bool,
    /// Its collation tells letter case apart.
    pub case_sensitive: bool,
    /// What characters it holds.
    pub charset: Charset,
}

/// A UNIQUE index on whole columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueIndex {
    /// Its name; `PRIMARY` for the primary key.
    pub name: String,
    /// Places of its columns.
    pub columns: Vec<usize>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Places of its columns.
    pub columns: Vec<usize>,
    /// The table that they refer to.
    pub table: TableName,
    /// The columns there.
    pub parents: Vec<String>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSchema {
    /// Its name.
    pub name: TableName,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Places of the primary key's columns; empty when there is none.
    pub primary: Vec<usize>,
    /// Places of the columns that tell rows apart: the primary key, else a UNIQUE index without NULL.
    pub identity: Vec<usize>,
    /// UNIQUE indexes, without the primary key.
    pub unique: Vec<UniqueIndex>,
    /// Foreign keys to tables of the same database.
    pub references: Vec<Reference>,
    /// A transaction can undo what is written.
    pub transactional: bool,
    /// About how many rows it has.
    pub estimated_rows: u64,
}

impl TableSchema {
    /// The place of a column; letter case counts only when two columns differ in nothing else.
    pub fn position(&self, name: &str) -> Option<usize> {
        let exact = self.columns.iter().position(|column| column.name.as_str() == name);
        exact.or_else(|| {
            let same = |column: &Column| column.name.as_str().eq_ignore_ascii_case(name);
            self.columns.iter().position(same)
        })
    }

    /// An index holds rows of different identities apart, by the same rules by which a condition finds them.
    pub fn holds_apart(&self) -> bool {
        self.identity == self.primary || self.unique.iter().any(|index| index.columns == self.identity)
    }

    /// The column that names the owner of a row.
    pub fn owner(&self) -> Option<usize> {
        self.position("plugin")
    }

    /// The auto-increment column, where it alone is the primary key.
    pub fn surrogate(&self) -> Option<usize> {
        match self.primary.as_slice() {
            [only] if self.columns[*only].auto_increment => Some(*only),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::contract::tests::table;

    #[test]
    fn what_holds_rows_apart_is_known() {
        let mut schema = table("t", &["#n", "id", "language"], &[&["id", "language"]]);
        assert_eq!((schema.holds_apart(), schema.surrogate()), (true, Some(0)));
        schema.identity = vec![1, 2];
        assert!(schema.holds_apart());
        schema.identity = vec![1];
        assert!(!schema.holds_apart());
        schema.columns[0].auto_increment = false;
        assert_eq!(schema.surrogate(), None);
        schema.columns[0].auto_increment = true;
        schema.primary = vec![0, 1];
        assert_eq!(schema.surrogate(), None);
    }
}

//! One field written into a row that stands: what that changes in the row is decided here; writing is one statement.

use super::standing::{CurrentRow, CurrentTable};
use super::standing_value::{bit_bytes, bytes_of, literal};
use crate::base::db::Database;
use crate::base::json::unhex;
use crate::data::fit::canonical::canonical_stored;
use crate::data::fit::find::PrimaryKey;
use crate::data::fit::value::convert;
use crate::data::package::error::DataError;
use crate::data::sql;
use crate::data::table::schema::ColumnType;
use crate::ledger::{Entry, FieldDigest, TableBase};
use crate::model::{Field, Phrase};

/// What goes into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put<'a> {
    /// Nothing: the user's value stays.
    Nothing,
    /// What waits in its companion.
    Companion,
    /// What a conflict holds: the server's text, bytes in hexadecimal digits; `None` is NULL.
    Waiting(Option<&'a str>),
    /// What a kept package brings, as the server would show it.
    Package(Option<&'a [u8]>),
    /// A third value.
    Given(&'a str),
}

/// A field that was decided.
#[derive(Debug, Clone, Copy)]
pub struct Decided<'a> {
    /// Its column.
    pub column: usize,
    /// The column in which the package's value waits.
    pub companion: Option<usize>,
    /// What goes into it.
    pub put: Put<'a>,
    /// The base of the table, and the row's entry: where the package's value was taken, a row in which no value of a
    /// user is left is no longer flagged.
    pub base: Option<(&'a TableBase, &'a Entry)>,
}

/// What is written into a row: columns with their new values, as the server would show them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldWrite {
    /// Columns and values.
    pub values: Vec<(usize, Option<Vec<u8>>)>,
}

impl FieldWrite {
    /// What makes a row another one.
    pub(super) fn between(row: &CurrentRow, after: &CurrentRow) -> Self {
        let changed = (0..after.len()).filter(|column| after[*column] != row[*column]);
        Self {
            values: changed.map(|column| (column, after[column].clone())).collect(),
        }
    }
}

impl CurrentTable {
    /// What writing a decided field changes in its row, nothing else. Pure.
    ///
    /// # Errors
    /// The words for what would fit, where a given value does not.
    pub fn decide(&self, row: &CurrentRow, decided: Decided<'_>) -> Result<FieldWrite, Phrase> {
        let mut after = row.clone();
        if decided.put != Put::Nothing {
            after[decided.column] = self.new_value(row, decided)?;
        }
        if let Some(companion) = decided.companion {
            after[companion] = self.empty(companion);
            if self.waiting(&after).is_empty() {
                self.set(&mut after, "system_updated", b"0");
            }
        }
        let takes = matches!(decided.put, Put::Companion | Put::Waiting(_) | Put::Package(_));
        if let Some((base, entry)) = decided.base.filter(|_| takes) {
            let differs = |column: &usize| self.differs(base, entry, &after, *column);
            if !self.contract.preserve.iter().any(differs) {
                self.set(&mut after, "user_modified", b"0");
            }
        }
        if after[decided.column] != row[decided.column] {
            self.count_version(&mut after);
        }
        Ok(FieldWrite::between(row, &after))
    }

    fn new_value(&self, row: &CurrentRow, decided: Decided<'_>) -> Result<Option<Vec<u8>>, Phrase> {
        let column = &self.schema.columns[decided.column];
        Ok(match decided.put {
            Put::Nothing => row[decided.column].clone(),
            Put::Companion => decided.companion.and_then(|companion| row[companion].clone()),
            Put::Package(value) => value.map(<[u8]>::to_vec),
            Put::Waiting(text) => text.map(|text| match column.kind {
                ColumnType::Binary { .. } => unhex(text).unwrap_or_else(|| text.as_bytes().to_vec()),
                ColumnType::Bit { bits } => bit_bytes(text, bits),
                _ => text.as_bytes().to_vec(),
            }),
            Put::Given(text) => {
                let field = Field::Text(text.to_owned());
                let value = convert(column, &field).map_err(|misfit| misfit.expected)?;
                bytes_of(column, value)
            }
        })
    }

    fn empty(&self, column: usize) -> Option<Vec<u8>> {
        (!self.schema.columns[column].nullable).then(Vec::new)
    }

    /// Sets a mark where the table has it, and the row another value.
    pub(super) fn set(&self, row: &mut CurrentRow, name: &str, value: &[u8]) {
        let Some(column) = self.schema.position(name) else {
            return;
        };
        let is_set = row[column].as_deref().is_some_and(|now| now != b"0" && !now.is_empty());
        if is_set {
            row[column] = Some(value.to_vec());
        }
    }

    /// A row that changes is a new version of itself.
    fn count_version(&self, row: &mut CurrentRow) {
        let column = self.schema.position("versao");
        let Some(column) =
            column.filter(|column| matches!(self.schema.columns[*column].kind, ColumnType::Integer { .. }))
        else {
            return;
        };
        let now = row[column].as_deref().and_then(|text| std::str::from_utf8(text).ok());
        if let Some(version) = now.and_then(|text| text.parse::<i64>().ok()) {
            row[column] = Some((version + 1).to_string().into_bytes());
        }
    }

    /// The digest of a value of a column, for what is set aside.
    pub fn value_digest(&self, column: usize, value: Option<&[u8]>) -> FieldDigest {
        canonical_stored(&self.schema.columns[column], value).digest()
    }

    /// Writes a row by primary key, inside the transaction. A time that the server would set is set.
    pub fn write(&self, database: &mut Database, identity: &PrimaryKey, write: &FieldWrite) -> Result<(), DataError> {
        if write.values.is_empty() {
            return Ok(());
        }
        let values = write.values.iter().map(|(column, value)| {
            let definition = &self.schema.columns[*column];
            (*column, literal(definition, value.as_deref()))
        });
        let row = sql::Assignment {
            identity,
            values: values.collect(),
        };
        let statement = sql::update(&self.schema, &[row]);
        match database.execute(&statement) {
            Ok(_) => Ok(()),
            Err(fault) if fault.is_refusal() && self.write_as_it_is(database, (identity, write), statement)? => Ok(()),
            Err(fault) => Err(fault.into()),
        }
    }

    /// A value that the table held once may be one that the server takes only as it is. Whether it stands there then.
    fn write_as_it_is(
        &self,
        database: &mut Database,
        (identity, write): (&PrimaryKey, &FieldWrite),
        statement: Vec<u8>,
    ) -> Result<bool, DataError> {
        if database.try_leniently(statement, true)?.is_none() {
            return Ok(false);
        }
        let found = self.read(database, &[identity], true)?.into_iter().flatten().next();
        let Some(found) = found else { return Ok(false) };
        Ok(write.values.iter().all(|(column, value)| found[*column] == *value))
    }
}

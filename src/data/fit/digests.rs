//! The digests of what a package gives for a row: what the base remembers of it. Pure.

use super::canonical::{canonical, kind_class};
use super::change::{Marks, is_skipped};
use super::column_map::Table;
use crate::base::hash::sha256_of_parts;
use crate::data::table::schema::TableSchema;
use crate::ledger::{BaseColumn, FieldDigest, FieldDigests, RowDigest};

/// The digests of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) struct RowDigests {
    /// By column of the table: what is given. Marks and companions are the gestor's, and never a package's.
    pub(in crate::data) fields: FieldDigests,
    /// All of them together.
    pub(in crate::data) row: RowDigest,
}

/// The columns of a table as a base names them.
pub(in crate::data) fn base_columns(schema: &TableSchema) -> Vec<BaseColumn> {
    let column = |column: &crate::data::table::schema::Column| BaseColumn {
        name: column.name.as_str().to_owned(),
        class: kind_class(&column.kind),
    };
    schema.columns.iter().map(column).collect()
}

/// Makes the digests of a row.
pub(in crate::data) fn row_digests(table: &Table<'_>, row: usize, marks: Marks) -> RowDigests {
    let mut fields = vec![None; table.schema.columns.len()];
    for cell in &table.layout(row).cells {
        if is_skipped(table, row, *cell, marks) {
            continue;
        }
        if let Ok(value) = table.value(row, *cell) {
            fields[cell.column] = Some(canonical(&table.schema.columns[cell.column], &value).digest());
        }
    }
    let row = all_together(table.schema, &fields);
    RowDigests {
        fields: fields.into(),
        row,
    }
}

/// One digest of all that is given, whatever the order of the columns.
fn all_together(schema: &TableSchema, fields: &[Option<FieldDigest>]) -> RowDigest {
    let mut given: Vec<(&str, &FieldDigest)> = schema
        .columns
        .iter()
        .zip(fields)
        .filter_map(|(column, digest)| Some((column.name.as_str(), digest.as_ref()?)))
        .collect();
    given.sort_unstable();
    let parts: Vec<&[u8]> = given
        .iter()
        .flat_map(|(name, digest)| [name.as_bytes(), b"\0", &digest.0])
        .collect();
    RowDigest::cut(&sha256_of_parts(&parts))
}

//! What may be written into a row: columns that change, those with a meaning of their own, and the companions that take a
//! package's value where a user's one stays. Pure.

use super::column_map::{Cell, Table};
use super::equal::same;
use super::value::convert;
use crate::data::table::schema::TableSchema;
use crate::model::{Field, RowOrigin};

/// A column that is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnChange {
    /// Its place in the table.
    pub column: usize,
    /// What goes into it.
    pub value: NewValue,
}

/// What goes into a column. Texts stay where they are: in the package's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewValue {
    /// The field at this place of the package's row.
    Field(usize),
    /// The plugin's name.
    Owner,
    /// A number.
    Number(i64),
}

/// Columns with a meaning of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) struct Marks {
    /// Counts a row's versions.
    pub(in crate::data) versao: Option<usize>,
    pub(in crate::data) user_modified: Option<usize>,
    pub(in crate::data) system_updated: Option<usize>,
}

impl Marks {
    /// Finds them in a table.
    pub(in crate::data) fn of(table: &Table<'_>) -> Self {
        Self {
            versao: table.schema.position("versao"),
            user_modified: table.schema.position("user_modified"),
            system_updated: table.schema.position("system_updated"),
        }
    }

    /// The columns whose present values a comparison needs besides those that the package gives.
    pub(in crate::data) fn columns(self) -> impl Iterator<Item = usize> {
        [self.versao, self.user_modified, self.system_updated]
            .into_iter()
            .flatten()
    }
}

/// The column that takes the package's value where a user's one stays.
pub(in crate::data) fn companion(table: &Table<'_>, column: usize) -> Option<usize> {
    companion_in(table.schema, column)
}

/// The same where no package's rows are at hand.
pub(in crate::data) fn companion_in(schema: &TableSchema, column: usize) -> Option<usize> {
    let name = schema.columns[column].name.as_str();
    let stem = if name == "valor" { "value" } else { name };
    schema.position(&format!("{stem}_updated"))
}

/// Whether a row gives its own version.
pub(in crate::data) fn gives_versao(table: &Table<'_>, row: usize, marks: Marks) -> bool {
    let field = marks.versao.and_then(|column| table.field_of(row, column));
    field.is_some_and(|field| match field {
        Field::Null => false,
        Field::Text(text) => !text.trim().is_empty(),
        _ => true,
    })
}

/// Marks and their companions are the gestor's to write, and a blank descriptor empties nothing.
pub(in crate::data) fn is_skipped(table: &Table<'_>, row: usize, cell: Cell, marks: Marks) -> bool {
    let name = table.schema.columns[cell.column].name.as_str();
    let is_mark = Some(cell.column) == marks.user_modified || Some(cell.column) == marks.system_updated;
    let is_companion = marks.user_modified.is_some() && name.ends_with("_updated");
    let no_versao = Some(cell.column) == marks.versao && !gives_versao(table, row, marks);
    let blank = matches!(table.rows[row].origin, RowOrigin::Module { blank: true })
        && matches!(name, "html" | "css" | "checksum")
        && table.value(row, cell).is_ok_and(|value| value.is_empty());
    is_mark || is_companion || no_versao || blank
}

/// Puts a package's value beside the user's; `false` when it is there already or has no place.
pub(in crate::data) fn set_aside<'s>(
    table: &Table<'_>,
    row: usize,
    cell: Cell,
    stored: &dyn Fn(usize) -> Option<&'s [u8]>,
    changes: &mut Vec<ColumnChange>,
) -> bool {
    let Some(companion) = companion(table, cell.column) else {
        return false;
    };
    let field = &table.rows[row].fields[cell.field].1;
    let column = &table.schema.columns[companion];
    match convert(column, field) {
        Ok(value) if !same(column, &value, stored(companion)) => {
            changes.push(ColumnChange {
                column: companion,
                value: NewValue::Field(cell.field),
            });
            true
        }
        _ => false,
    }
}

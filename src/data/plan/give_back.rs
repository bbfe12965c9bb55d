//! What a row that was nobody's gets back when the plugin that adopted it goes: its owner as before, and what it held in
//! each field that nobody has edited since (SPEC 2 §5, §6). Pure.

use super::standing::{CurrentRow, CurrentTable};
use super::standing_write::FieldWrite;
use crate::data::fit::find::PrimaryKey;
use crate::data::table::schema::TableSchema;
use crate::ledger::{RowKey, SavedReason, SavedRow};
use crate::model::TableName;

/// Marks of a user's change: they stay with it.
const MARKS: [&str; 1] = ["user_modified"];

/// What a row held before its plugin adopted it: of several times the last.
pub fn saved_of<'s>(
    saved: &'s [SavedRow],
    table: &TableName,
    (identity, key): (&PrimaryKey, Option<RowKey>),
) -> Option<&'s SavedRow> {
    let is_it = |row: &&SavedRow| {
        row.reason == SavedReason::Adopted
            && row.table == *table
            && (row.identity == *identity || (row.key.is_some() && row.key == key))
    };
    saved.iter().rev().find(is_it)
}

/// What is written into an adopted row, of which `entry` of the table's base tells. `saved`: what it held before; without
/// it only the owner goes.
pub fn give_back(table: &CurrentTable, entry: usize, row: &CurrentRow, saved: Option<&SavedRow>) -> FieldWrite {
    let schema = &table.schema;
    let before = |column: usize| -> Option<&Option<Vec<u8>>> {
        let name = table.column_name(column);
        let found = saved?.values.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value)
    };
    let is_edited = |column: usize| {
        table.is_otherwise(entry, row, column) && before(column).is_none_or(|before| *before != row[column])
    };
    let writable = (0..schema.columns.len()).filter(|column| is_writable(schema, *column));
    let edited: Vec<usize> = writable.clone().filter(|column| is_edited(*column)).collect();
    let mut values = Vec::new();
    for column in writable {
        if Some(column) == schema.owner() {
            let nobody = || (!schema.columns[column].nullable).then(Vec::new);
            values.push((column, before(column).cloned().unwrap_or_else(nobody)));
            continue;
        }
        let stays = edited.contains(&column) || (!edited.is_empty() && MARKS.contains(&table.column_name(column)));
        let Some(before) = before(column).filter(|_| !stays) else {
            continue;
        };
        // A time that the server sets with each change is told what it was, whatever it is.
        if *before != row[column] || schema.columns[column].on_update {
            values.push((column, before.clone()));
        }
    }
    FieldWrite { values }
}

/// Whether a row's column can be given a value.
pub(super) fn is_writable(schema: &TableSchema, column: usize) -> bool {
    !schema.columns[column].generated && !schema.identity.contains(&column)
}

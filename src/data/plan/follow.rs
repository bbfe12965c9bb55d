//! Values that the database changes with the rows that they refer to (`ON UPDATE`): which of them a user had chosen, so
//! that what follows is not taken for a user's change. Pure.

use std::collections::{HashMap, HashSet};

use crate::data::table::schema::TableSchema;
use crate::model::TableName;

/// What a plan that is made again knows of the references that stood before anything was written.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::data) enum Following<'a> {
    /// Nothing was written yet.
    #[default]
    Nothing,
    /// Nothing was written yet, and all rows are to be read.
    Learning,
    /// Rows were written, and others followed them.
    Known(&'a UsersReferences),
}

impl<'a> Following<'a> {
    pub(super) fn reads_all(self) -> bool {
        !matches!(self, Self::Nothing)
    }

    /// The references of a table that may have followed.
    pub(in crate::data) fn of(self, schema: &TableSchema) -> Option<Followed<'a>> {
        let Self::Known(users) = self else { return None };
        let columns = schema.references.iter().flat_map(|reference| &reference.columns);
        Some(Followed {
            columns: columns.copied().collect(),
            users: users.tables.get(&schema.name),
        })
    }
}

/// The references that users had chosen: by table, the package's row and the column.
#[derive(Debug, Default)]
pub(in crate::data) struct UsersReferences {
    tables: HashMap<TableName, HashSet<(usize, usize)>>,
}

impl UsersReferences {
    /// The fields of a table in which a user's value stays, where all rows were read.
    pub(in crate::data) fn insert(&mut self, table: &TableName, fields: impl IntoIterator<Item = (usize, usize)>) {
        self.tables.insert(table.clone(), fields.into_iter().collect());
    }
}

/// The references of one table.
#[derive(Debug)]
pub(in crate::data) struct Followed<'a> {
    columns: HashSet<usize>,
    users: Option<&'a HashSet<(usize, usize)>>,
}

impl Followed<'_> {
    /// Whether a field is as it is because its parent was written.
    pub(in crate::data) fn has(&self, row: usize, column: usize) -> bool {
        self.columns.contains(&column) && !self.users.is_some_and(|users| users.contains(&(row, column)))
    }
}

//! What a plan is made against: a database, or a gestor that has its tables and no rows in them, of which nothing has to be
//! asked.

use crate::base::db::Database;
use crate::data::package::error::DataError;

/// What a plan is made against.
pub(in crate::data) enum Ground<'a> {
    /// Tables with what stands in them.
    Database(&'a mut Database),
    /// Tables without rows.
    Empty,
}

impl Ground<'_> {
    /// Asks the database; `empty` is what it would say of tables without rows.
    pub(super) fn ask<T>(
        &mut self,
        empty: T,
        ask: impl FnOnce(&mut Database) -> Result<T, DataError>,
    ) -> Result<T, DataError> {
        match self {
            Self::Database(database) => ask(database),
            Self::Empty => Ok(empty),
        }
    }
}

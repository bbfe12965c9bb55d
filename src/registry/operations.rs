//! Our own table: one row for each operation whose transaction has committed and whose journal is still open. It tells
//! after a crash on which side of the commit the operation died.

use super::RegistryError;
use crate::base::db::Database;
use crate::model::Slug;

/// The number of an operation, as its journal names it.
pub type OperationId = str;

/// Its name.
pub(super) const OPERATIONS: &str = "gestor_plugins_operacoes";

pub(super) const CREATE: &str = "CREATE TABLE IF NOT EXISTS gestor_plugins_operacoes (id CHAR(32) CHARACTER SET ascii NOT NULL, \
     slug VARCHAR(255) NOT NULL, data_operacao DATETIME NOT NULL, PRIMARY KEY (id)) ENGINE=InnoDB \
     DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci";
/// Records an operation, inside its transaction.
pub fn record_operation(database: &mut Database, id: &OperationId, slug: &Slug) -> Result<(), RegistryError> {
    let sql = "INSERT INTO gestor_plugins_operacoes (id, slug, data_operacao) VALUES (?, ?, NOW())";
    database.exec(sql, (id, slug.as_str()))?;
    Ok(())
}

/// Whether the transaction of an operation has committed. True answers are given only while its database lock is held:
/// without it the server may still be finishing the commit of a dead client. No answer where the table is not there: it
/// is made before an operation begins, so this is another database, or one that was made anew.
pub fn was_committed(database: &mut Database, id: &OperationId) -> Result<Option<bool>, RegistryError> {
    match database.exec_rows("SELECT 1 FROM gestor_plugins_operacoes WHERE id = ?", (id,)) {
        Ok(rows) => Ok(Some(!rows.is_empty())),
        Err(fault) if fault.is_no_table() => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

/// Removes the row of an operation whose journal is closed. That one alone: another server of this database may have
/// committed an operation on the same plugin, and need its row to know that.
pub fn close_operation(database: &mut Database, id: &OperationId) -> Result<(), RegistryError> {
    match database.exec("DELETE FROM gestor_plugins_operacoes WHERE id = ?", (id,)) {
        Err(fault) if !fault.is_no_table() => Err(fault.into()),
        _ => Ok(()),
    }
}

/// The plugins that have an operation recorded.
pub fn open_operations(database: &mut Database) -> Result<Vec<String>, RegistryError> {
    match database.exec_rows("SELECT DISTINCT slug FROM gestor_plugins_operacoes", ()) {
        Ok(rows) => Ok(rows
            .into_iter()
            .filter_map(|mut row| row.take::<String, _>(0))
            .collect()),
        Err(fault) if fault.is_no_table() => Ok(Vec::new()),
        Err(fault) => Err(fault.into()),
    }
}

//! Reads and writes `gestor_plugins_auditoria`: checkpoints, beside the files that they are of. What the table says once it says
//! for good.

use super::{AuditError, Point};
use crate::base::db::{Database, Row};
use crate::model::Sha256Digest;

const NO_SUCH_TABLE: u16 = 1146;

/// Notes checkpoints of a server.
pub fn put(database: &mut Database, server: &str, points: &[Point]) -> Result<(), AuditError> {
    let sql = "INSERT INTO gestor_plugins_auditoria (servidor, tamanho, raiz, em) VALUES (?, ?, ?, UTC_TIMESTAMP()) \
               ON DUPLICATE KEY UPDATE raiz = raiz";
    for point in points {
        database.exec(sql, (server, point.size(), point.root.to_string()))?;
    }
    Ok(())
}

/// Forgets those of what has gone, but the one where what stays begins.
pub fn forget_before(database: &mut Database, server: &str, size: u64) -> Result<(), AuditError> {
    let sql = "DELETE FROM gestor_plugins_auditoria WHERE servidor = ? AND tamanho < ?";
    database.exec(sql, (server, size))?;
    Ok(())
}

/// Sizes and roots of a server; none where there is no table.
pub fn points(database: &mut Database, server: &str) -> Result<Vec<(u64, Sha256Digest)>, AuditError> {
    let sql = "SELECT tamanho, raiz FROM gestor_plugins_auditoria WHERE servidor = ? ORDER BY tamanho";
    let rows = match database.exec_rows(sql, (server,)) {
        Err(fault) if fault.server_code() == Some(NO_SUCH_TABLE) => return Ok(Vec::new()),
        rows => rows?,
    };
    Ok(rows.into_iter().filter_map(point).collect())
}

fn point(mut row: Row) -> Option<(u64, Sha256Digest)> {
    let size = row.take_opt::<u64, _>(0)?.ok()?;
    let root: String = row.take_opt(1)?.ok()?;
    Some((size, root.parse().ok()?))
}

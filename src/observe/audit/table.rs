//! Reads and writes `gestor_plugins_auditoria`: checkpoints, beside the files that they are of. What the table says once it says
//! for good; what it did not take when it was made is put there with the next one, so that it never has a hole.

use super::{AuditError, Place, Point, segment};
use crate::base::db::{Database, FromValue, Params, Row, Value};
use crate::model::Sha256Digest;

/// Rows of one statement.
const AT_ONCE: usize = 200;

/// A checkpoint as the table has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// Records.
    pub size: u64,
    /// The root; nothing where what stands there is none.
    pub root: Option<Sha256Digest>,
    /// When, to the second.
    pub at: String,
}

impl TableRow {
    /// The row of a checkpoint.
    pub fn of(point: &Point) -> Self {
        Self {
            size: point.size(),
            root: Some(point.root),
            at: point.second(),
        }
    }
}

/// Notes checkpoints of a server that the table does not have yet.
pub fn put(database: &mut Database, place: &Place, server: &str) -> Result<(), AuditError> {
    let sql = "SELECT COALESCE(MAX(tamanho), 0) FROM gestor_plugins_auditoria WHERE servidor = ?";
    let last = database.exec_rows(sql, (server,))?.into_iter().next();
    let last: u64 = last.and_then(|mut row| column(&mut row, 0)).unwrap_or(0);
    for some in segment::points_after(&place.of(server), last)?.chunks(AT_ONCE) {
        let rows = vec!["(?, ?, ?, ?)"; some.len()].join(", ");
        let sql = format!(
            "INSERT INTO gestor_plugins_auditoria (servidor, tamanho, raiz, em) VALUES {rows} ON DUPLICATE KEY UPDATE raiz = raiz"
        );
        let values = some.iter().flat_map(|point| -> [Value; 4] {
            let root = point.root.to_string();
            [server.into(), point.size().into(), root.into(), point.second().into()]
        });
        database.exec(&sql, Params::Positional(values.collect()))?;
    }
    Ok(())
}

/// Forgets those of what has gone, but the last one before what stays.
pub fn forget_before(database: &mut Database, server: &str, size: u64) -> Result<(), AuditError> {
    let sql = "SELECT COALESCE(MAX(tamanho), 0) FROM gestor_plugins_auditoria WHERE servidor = ? AND tamanho <= ?";
    let last = database.exec_rows(sql, (server, size))?.into_iter().next();
    let last: u64 = last.and_then(|mut row| column(&mut row, 0)).unwrap_or(0);
    let sql = "DELETE FROM gestor_plugins_auditoria WHERE servidor = ? AND tamanho < ?";
    database.exec(sql, (server, last))?;
    Ok(())
}

/// What the table has of a server; nothing where there is no table.
pub fn rows(database: &mut Database, server: &str) -> Result<Vec<TableRow>, AuditError> {
    let sql = "SELECT tamanho, raiz, DATE_FORMAT(em, '%Y-%m-%d %H:%i:%s') FROM gestor_plugins_auditoria WHERE servidor = ? \
               ORDER BY tamanho";
    let rows = match database.exec_rows(sql, (server,)) {
        Err(fault) if fault.is_no_table() => return Ok(Vec::new()),
        rows => rows?,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// What is no size is one that no log has.
fn row(mut row: Row) -> TableRow {
    TableRow {
        size: column(&mut row, 0).unwrap_or(u64::MAX),
        root: column::<String>(&mut row, 1).and_then(|root| root.parse().ok()),
        at: column(&mut row, 2).unwrap_or_default(),
    }
}

fn column<T: FromValue>(row: &mut Row, place: usize) -> Option<T> {
    row.take_opt(place)?.ok()
}

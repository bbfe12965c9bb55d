//! Our own tables: which database this is (`gestor_plugins_esquema`), which library may still write, and how the tables
//! come to be. Asks before it creates: where the tables stand, no right to create one is needed.

use super::operations::{self, OPERATIONS};
use super::{RegistryError, messages};
use crate::base::db::{Database, DbError, Row};
use crate::base::fs::random_hex;
use crate::base::hash::sha256;
use crate::model::DatabaseIdentity;

/// Number of the schema that this library writes.
const SCHEMA: u32 = 1;

const TABLE: &str = "gestor_plugins_esquema";

const CREATE: &str = "CREATE TABLE IF NOT EXISTS gestor_plugins_esquema (id TINYINT NOT NULL, identidade CHAR(32) CHARACTER \
     SET ascii NOT NULL, versao INT NOT NULL, minima INT NOT NULL, atualizado_em DATETIME NOT NULL, PRIMARY KEY (id)) \
     ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci";

/// Server-wide, as named locks are: who makes tables in one database waits for who makes them in another.
const LOCK: &str = "gestor_plugins:esquema";
/// Seconds for which that is waited for, whatever a caller's patience is.
const PATIENCE: u32 = 60;

const NO_SUCH_TABLE: u16 = 1146;
const DUPLICATE: u16 = 1062;
/// No right to the database, the table, or the statement.
const DENIED: [u16; 3] = [1044, 1142, 1227];

/// Which database this is; nothing where our table is not there. Creates nothing.
pub fn identify(database: &mut Database) -> Result<Option<DatabaseIdentity>, RegistryError> {
    let sql = "SELECT identidade, minima, DATABASE() FROM gestor_plugins_esquema WHERE id = 1";
    asked(database, sql)
}

/// Both tables in one question.
fn standing(database: &mut Database) -> Result<Option<DatabaseIdentity>, RegistryError> {
    let sql = "SELECT identidade, minima, DATABASE() FROM gestor_plugins_esquema, (SELECT COUNT(*) AS n FROM \
               gestor_plugins_operacoes WHERE FALSE) AS operacoes WHERE gestor_plugins_esquema.id = 1";
    asked(database, sql)
}

fn asked(database: &mut Database, sql: &str) -> Result<Option<DatabaseIdentity>, RegistryError> {
    let rows = match database.query(sql) {
        Err(fault) if fault.server_code() == Some(NO_SUCH_TABLE) => return Ok(None),
        rows => rows?,
    };
    rows.into_iter()
        .next()
        .map(|row| identity(row, database.name()))
        .transpose()
}

fn identity(mut row: Row, database: &str) -> Result<DatabaseIdentity, RegistryError> {
    let (id, minimum, name) = (row.take_opt(0), row.take_opt(1), row.take_opt(2));
    let (Some(Ok(id)), Some(Ok(minimum)), Some(Ok(name))) = (id, minimum, name) else {
        return Err(RegistryError::Unreadable {
            table: TABLE,
            column: "identidade",
            reason: messages::AN_IDENTITY,
        });
    };
    let (id, minimum, name): (String, u32, String) = (id, minimum, name);
    if minimum > SCHEMA {
        return Err(RegistryError::NewerSchema {
            database: database.to_owned(),
            wanted: minimum,
            known: SCHEMA,
        });
    }
    let digest = sha256(format!("{id}{name}").as_bytes());
    Ok(DatabaseIdentity::new(name, digest))
}

/// Makes our tables where they are missing, and says which database this is, and whether it has just become known. Must
/// be called outside a transaction, which it would commit. `go_on` is asked now and then while another one makes them.
pub fn prepare(database: &mut Database, go_on: &dyn Fn() -> bool) -> Result<(DatabaseIdentity, IsNew), RegistryError> {
    if let Some(found) = standing(database)? {
        return Ok((found, IsNew(false)));
    }
    let mut seconds = 0;
    while !database.get_lock(LOCK, 1)? {
        seconds += 1;
        if !go_on() {
            return Err(RegistryError::Stopped);
        }
        if seconds >= PATIENCE {
            return Err(RegistryError::SchemaBusy { seconds: PATIENCE });
        }
    }
    let made = create(database);
    let released = database.release_lock(LOCK);
    made?;
    released?;
    let found = standing(database)?;
    let found = found.ok_or(RegistryError::Unreadable {
        table: TABLE,
        column: "id",
        reason: messages::ROW_GONE,
    })?;
    Ok((found, IsNew(true)))
}

/// Whether our tables, or one of them, were made just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsNew(pub bool);

fn create(database: &mut Database) -> Result<(), RegistryError> {
    let mut missing = Vec::new();
    for (table, sql) in [(TABLE, CREATE), (OPERATIONS, operations::CREATE)] {
        if !stands(database, table)? {
            missing.push(sql);
        }
    }
    for sql in &missing {
        match database.execute(sql) {
            Err(fault) if is_denied(&fault) => {
                return Err(RegistryError::NoRight {
                    database: database.name().to_owned(),
                    sql: missing.join("; "),
                    source: fault,
                });
            }
            done => done?,
        };
    }
    let sql = "INSERT INTO gestor_plugins_esquema (id, identidade, versao, minima, atualizado_em) \
               SELECT 1, ?, ?, 1, UTC_TIMESTAMP() FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM (SELECT id FROM \
               gestor_plugins_esquema) AS known)";
    database.begin()?;
    match database.exec(sql, (random_hex()?, SCHEMA)) {
        Err(fault) if fault.server_code() != Some(DUPLICATE) => Err(fault.into()),
        _ => Ok(database.commit()?),
    }
}

fn stands(database: &mut Database, table: &str) -> Result<bool, DbError> {
    match database.query(format!("SELECT 1 FROM {table} WHERE FALSE")) {
        Err(fault) if fault.server_code() == Some(NO_SUCH_TABLE) => Ok(false),
        // Without rights to a table that is missing, the server says only that there are none.
        Err(fault) if is_denied(&fault) => Ok(false),
        found => found.map(|_| true),
    }
}

fn is_denied(fault: &DbError) -> bool {
    fault.server_code().is_some_and(|code| DENIED.contains(&code))
}

/// The settings by which a server may lose, when its machine dies, what it said was committed; nothing where it may not.
pub fn weak_commits(database: &mut Database) -> Result<Option<String>, RegistryError> {
    let sql = "SELECT @@innodb_flush_log_at_trx_commit, @@log_bin, @@sync_binlog";
    let row = database.query(sql)?.into_iter().next();
    let number = |row: &Row, at: usize| row.get_opt::<u64, _>(at).and_then(Result::ok);
    Ok(row.and_then(|row| weakness(number(&row, 0)?, number(&row, 1)?, number(&row, 2)?)))
}

fn weakness(flush: u64, log: u64, sync: u64) -> Option<String> {
    let flush = (flush != 1).then(|| format!("innodb_flush_log_at_trx_commit={flush}"));
    // With a binary log the server drops at its start what that log does not hold.
    let sync = (log != 0 && sync != 1).then(|| format!("sync_binlog={sync}"));
    let both: Vec<String> = flush.into_iter().chain(sync).collect();
    (!both.is_empty()).then(|| both.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_weak_where_it_is_not_on_the_disk() {
        for (flush, log, sync, said) in [
            (1, 0, 0, None),
            (1, 1, 1, None),
            (2, 0, 0, Some("innodb_flush_log_at_trx_commit=2")),
            (1, 1, 0, Some("sync_binlog=0")),
            (0, 1, 1000, Some("innodb_flush_log_at_trx_commit=0, sync_binlog=1000")),
        ] {
            assert_eq!(weakness(flush, log, sync).as_deref(), said, "{flush} {log} {sync}");
        }
    }
}

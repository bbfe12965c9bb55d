//! Our own tables: which database this is (`gestor_plugins_esquema`), which library may still write, and how the tables
//! come to be. Asks before it creates: where the tables stand, no right to create one is needed.

use super::steps::{Feature, SCHEMA, STEPS, Step};
use super::{RegistryError, messages};
use crate::base::db::{self, Database, DbError, Row};
use crate::base::fs::random_hex;
use crate::base::hash::sha256;
use crate::model::{DatabaseIdentity, Sha256Digest};

const TABLE: &str = "gestor_plugins_esquema";

/// What the lock's name begins with. Named locks are the server's: the database stands in the name, so that other sites do not
/// wait.
const LOCK: &str = "gestor_plugins:esquema:";
/// Seconds for which that is waited for, whatever a caller's patience is.
const PATIENCE: u32 = 60;

const DUPLICATE: u16 = 1062;
/// Of a table.
const STANDS_ALREADY: u16 = 1050;
/// No right to the database, the table, or the statement.
const DENIED: [u16; 3] = [1044, 1142, 1227];

/// Which database this is; nothing where our table is not there. Creates nothing.
pub fn identify(database: &mut Database) -> Result<Option<DatabaseIdentity>, RegistryError> {
    let sql = "SELECT identidade, minima, DATABASE() FROM gestor_plugins_esquema WHERE id = 1";
    asked(database, sql)
}

/// SHA-256 of the random id of this database, which it keeps under another name; nothing where our table is not there.
pub fn origin(database: &mut Database) -> Result<Option<Sha256Digest>, RegistryError> {
    let rows = match database.query("SELECT identidade FROM gestor_plugins_esquema WHERE id = 1") {
        Err(fault) if fault.is_no_table() => return Ok(None),
        rows => rows?,
    };
    let id = rows.into_iter().next().and_then(|mut row| row.take_opt::<String, _>(0));
    Ok(id.and_then(Result::ok).map(|id| sha256(id.as_bytes())))
}

/// Both tables in one question.
fn standing(database: &mut Database) -> Result<Option<DatabaseIdentity>, RegistryError> {
    let sql = "SELECT identidade, minima, DATABASE() FROM gestor_plugins_esquema, (SELECT COUNT(*) AS n FROM \
               gestor_plugins_operacoes WHERE FALSE) AS operacoes WHERE gestor_plugins_esquema.id = 1";
    asked(database, sql)
}

fn asked(database: &mut Database, sql: &str) -> Result<Option<DatabaseIdentity>, RegistryError> {
    let rows = match database.query(sql) {
        Err(fault) if fault.is_no_table() => return Ok(None),
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

/// Makes our first tables where they are missing, and says which database this is, and whether it has just become known.
/// Must be called outside a transaction, which it would commit. `go_on` is asked now and then while another one makes
/// them.
pub fn prepare(database: &mut Database, go_on: &dyn Fn() -> bool) -> Result<(DatabaseIdentity, IsNew), RegistryError> {
    if let Some(found) = standing(database)? {
        return Ok((found, IsNew(false)));
    }
    under_lock(database, go_on, |database| create(database, Feature::Identity))?;
    let found = standing(database)?;
    let found = found.ok_or(RegistryError::Unreadable {
        table: TABLE,
        column: "id",
        reason: messages::ROW_GONE,
    })?;
    Ok((found, IsNew(true)))
}

/// Makes the tables that a feature needs, where they are missing: one question where they are not. As [`prepare`], which
/// must have been called before.
pub fn prepare_for(database: &mut Database, feature: Feature, go_on: &dyn Fn() -> bool) -> Result<(), RegistryError> {
    if version(database, feature)? >= feature.needs() {
        return Ok(());
    }
    under_lock(database, go_on, |database| create(database, feature))
}

/// The number of the last step that was done; none where a table of the feature is gone again.
fn version(database: &mut Database, feature: Feature) -> Result<u32, RegistryError> {
    let wanted = STEPS
        .iter()
        .filter(|step| step.number > 1 && feature.needs_step(step.number));
    let each = wanted.map(|Step { table, .. }| format!(", (SELECT COUNT(*) FROM {table} WHERE FALSE) AS of_{table}"));
    let tables: String = each.collect();
    let sql = format!("SELECT versao FROM gestor_plugins_esquema{tables} WHERE gestor_plugins_esquema.id = 1");
    let rows = match database.query(sql) {
        Err(fault) if fault.is_no_table() || is_denied(&fault) => return Ok(0),
        rows => rows?,
    };
    let row = rows.into_iter().next();
    let version = row.and_then(|mut row| row.take_opt(0)).and_then(Result::ok);
    version.ok_or(RegistryError::Unreadable {
        table: TABLE,
        column: "versao",
        reason: messages::A_NUMBER,
    })
}

fn under_lock(
    database: &mut Database,
    go_on: &dyn Fn() -> bool,
    work: impl FnOnce(&mut Database) -> Result<(), RegistryError>,
) -> Result<(), RegistryError> {
    take_schema(database, go_on)?;
    let made = work(database);
    let released = release_schema(database);
    made?;
    released
}

/// Takes the lock under which schemas change, so that nobody else's change is taken for ours.
pub fn take_schema(database: &mut Database, go_on: &dyn Fn() -> bool) -> Result<(), RegistryError> {
    let mut seconds = 0;
    let name = lock_name(database.name());
    while !database.get_lock(&name, 1)? {
        seconds += 1;
        if !go_on() {
            return Err(RegistryError::Stopped);
        }
        if seconds >= PATIENCE {
            return Err(RegistryError::SchemaBusy { seconds: PATIENCE });
        }
    }
    Ok(())
}

/// Releases it.
pub fn release_schema(database: &mut Database) -> Result<(), RegistryError> {
    let name = lock_name(database.name());
    Ok(database.release_lock(&name)?)
}

/// Servers may tell names of databases apart by case, or not.
fn lock_name(database: &str) -> String {
    db::lock_name(LOCK, &database.to_lowercase())
}

/// Whether our tables, or one of them, were made just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsNew(pub bool);

/// Runs the steps that a feature needs and that were not done, and tells each one's number.
fn create(database: &mut Database, feature: Feature) -> Result<(), RegistryError> {
    for step in missing_of(database, feature)? {
        match database.execute(step.sql) {
            Err(fault) if fault.server_code() == Some(STANDS_ALREADY) => {}
            Err(fault) if is_denied(&fault) => return Err(no_right(database, feature, fault)?),
            done => drop(done?),
        }
        if step.number > 1 {
            raise(database, step.number)?;
        }
    }
    if feature == Feature::Identity {
        insert_row(database)?;
    }
    raise(database, feature.needs())
}

/// The steps of a feature whose tables are not there.
fn missing_of(database: &mut Database, feature: Feature) -> Result<Vec<&'static Step>, DbError> {
    let mut missing = Vec::new();
    for step in STEPS.iter().filter(|step| feature.needs_step(step.number)) {
        if !stands(database, step.table)? {
            missing.push(step);
        }
    }
    Ok(missing)
}

/// Who makes the tables by hand is told of all that an operation will ask for, at once.
fn no_right(database: &mut Database, feature: Feature, source: DbError) -> Result<RegistryError, DbError> {
    let all: &[Feature] = match feature {
        Feature::Identity => &[Feature::Events, Feature::Audit],
        ref one => std::slice::from_ref(one),
    };
    let mut missing: Vec<&Step> = Vec::new();
    for feature in all {
        let known: Vec<&str> = missing.iter().map(|step| step.table).collect();
        let more = missing_of(database, *feature)?;
        missing.extend(more.into_iter().filter(|step| !known.contains(&step.table)));
    }
    Ok(RegistryError::NoRight {
        database: database.name().to_owned(),
        sql: missing.iter().map(|step| step.sql).collect::<Vec<_>>().join("; "),
        source,
    })
}

fn raise(database: &mut Database, number: u32) -> Result<(), RegistryError> {
    let sql =
        "UPDATE gestor_plugins_esquema SET versao = ?, atualizado_em = UTC_TIMESTAMP() WHERE id = 1 AND versao < ?";
    database.exec(sql, (number, number))?;
    Ok(())
}

fn insert_row(database: &mut Database) -> Result<(), RegistryError> {
    let sql = "INSERT INTO gestor_plugins_esquema (id, identidade, versao, minima, atualizado_em) \
               SELECT 1, ?, 1, 1, UTC_TIMESTAMP() FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM (SELECT id FROM \
               gestor_plugins_esquema) AS known)";
    database.begin()?;
    match database.exec(sql, (random_hex()?,)) {
        Err(fault) if fault.server_code() != Some(DUPLICATE) => Err(fault.into()),
        _ => Ok(database.commit()?),
    }
}

fn stands(database: &mut Database, table: &str) -> Result<bool, DbError> {
    match database.query(format!("SELECT 1 FROM {table} WHERE FALSE")) {
        Err(fault) if fault.is_no_table() => Ok(false),
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
    fn a_database_has_a_lock_of_its_own() {
        assert!(lock_name(&"d".repeat(64)).len() <= 64);
        assert_ne!(lock_name("a"), lock_name("b"));
        assert_eq!(lock_name("A"), lock_name("a"));
    }

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

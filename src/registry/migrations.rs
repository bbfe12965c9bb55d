//! `phinxlog_<slug>`: the migrations of a plugin that are applied. The migrations' runner writes it; here only what it can not
//! know: migrations that are given up, and the log that is lost.

use std::collections::BTreeSet;

use super::{RegistryError, migration_log};
use crate::base::db::Database;
use crate::model::Slug;

const NO_SUCH_TABLE: u16 = 1146;
/// The runner shortens such names in a way of its own.
const TOO_LONG: u16 = 1059;
const WRONG_NAME: u16 = 1103;

/// Versions that are applied; nothing where there is no such table.
pub fn applied_migrations(database: &mut Database, slug: &Slug) -> Result<Option<BTreeSet<String>>, RegistryError> {
    // A slug has letters, digits, `-` and `_` alone.
    let table = format!("phinxlog_{}", slug.as_str().replace('-', "_"));
    let statement = format!("SELECT CAST(version AS CHAR) FROM `{table}`");
    match database.query(statement) {
        Err(fault) if matches!(fault.server_code(), Some(NO_SUCH_TABLE | TOO_LONG | WRONG_NAME)) => Ok(None),
        rows => {
            let versions = rows?.into_iter().filter_map(|mut row| row.take::<String, _>(0));
            Ok(Some(versions.collect()))
        }
    }
}

/// Migrations count as not applied any more. Where there is no such table nothing is noted of them.
pub fn forget_migrations(database: &mut Database, slug: &Slug, versions: &[String]) -> Result<(), RegistryError> {
    let Some(table) = migration_log(database, slug)? else {
        return Ok(());
    };
    let sql = format!("DELETE FROM {} WHERE version = ?", quoted(&table));
    for version in versions {
        database.exec(&sql, (version,))?;
    }
    Ok(())
}

/// Makes the table anew, in the form that Phinx gives it, with these migrations: version and name.
pub fn note_migrations(
    database: &mut Database,
    table: &str,
    migrations: &[(String, String)],
) -> Result<(), RegistryError> {
    let table = quoted(table);
    database.execute(format!(
        "CREATE TABLE IF NOT EXISTS {table} (version BIGINT NOT NULL PRIMARY KEY, migration_name VARCHAR(100) NULL DEFAULT \
         NULL, start_time TIMESTAMP NULL DEFAULT NULL, end_time TIMESTAMP NULL DEFAULT NULL, breakpoint TINYINT(1) NOT NULL \
         DEFAULT 0) ENGINE=InnoDB"
    ))?;
    let sql = format!(
        "INSERT IGNORE INTO {table} (version, migration_name, start_time, end_time, breakpoint) VALUES (?, ?, NOW(), NOW(), 0)"
    );
    for (version, name) in migrations {
        database.exec(&sql, (version, name))?;
    }
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

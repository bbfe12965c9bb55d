//! `phinxlog_<slug>`: the migrations of a plugin that are applied. Reads only: the migrations' runner writes it.

use std::collections::BTreeSet;

use super::RegistryError;
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

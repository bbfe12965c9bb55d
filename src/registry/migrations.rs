//! `phinxlog_<slug>`: the migrations of a plugin that are applied. The migrations' runner writes it; we strike out what a run
//! undid that was killed before its runner could.

use std::collections::BTreeSet;

use super::RegistryError;
use super::row_text::unless_absent;
use crate::base::db::{Database, push_text};
use crate::model::Slug;

const NO_SUCH_TABLE: u16 = 1146;
/// The runner shortens such names in a way of its own.
const TOO_LONG: u16 = 1059;
const WRONG_NAME: u16 = 1103;

/// Versions that are applied; nothing where there is no such table.
pub fn applied_migrations(database: &mut Database, slug: &Slug) -> Result<Option<BTreeSet<String>>, RegistryError> {
    let statement = format!("SELECT CAST(version AS CHAR) FROM `{}`", log_of(slug));
    match database.query(statement) {
        Err(fault) if matches!(fault.server_code(), Some(NO_SUCH_TABLE | TOO_LONG | WRONG_NAME)) => Ok(None),
        rows => {
            let versions = rows?.into_iter().filter_map(|mut row| row.take::<String, _>(0));
            Ok(Some(versions.collect()))
        }
    }
}

/// Strikes out migrations of which nothing is left.
pub fn unapply(database: &mut Database, slug: &Slug, versions: &[&str]) -> Result<(), RegistryError> {
    for version in versions {
        let mut statement = format!("DELETE FROM `{}` WHERE version=", log_of(slug)).into_bytes();
        push_text(&mut statement, version.as_bytes());
        unless_absent(database.execute(statement))?;
    }
    Ok(())
}

/// A slug has letters, digits, `-` and `_` alone.
fn log_of(slug: &Slug) -> String {
    format!("phinxlog_{}", slug.as_str().replace('-', "_"))
}

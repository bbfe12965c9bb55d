//! What must stand in the database of a plugin's applied migrations, and does not (SPEC 2 §10).

use std::collections::BTreeMap;

use crate::base::db::Database;
use crate::migrate::{self, KnownMigrations, Missing};
use crate::model::Slug;
use crate::ops::{Error, RemovalRefusal};
use crate::transaction::{Life, applied_migrations, migration_log};

/// What is missing of what applied migrations made, of those whose texts are given by their versions; without texts of all.
pub(super) fn missing(
    database: &mut Database,
    slug: &Slug,
    texts: Option<BTreeMap<String, String>>,
) -> Result<Vec<Missing>, Error> {
    let records = Life::read(database, slug)?.into_records();
    let applied = applied_migrations(database, slug)?;
    let all = || {
        let standing = migrate::standing(records.iter().map(|(id, record)| (*id, record)));
        let versions = standing
            .into_iter()
            .map(|known| (known.migration.versao, String::new()));
        versions.collect()
    };
    let expected = migrate::expected(&KnownMigrations {
        records: &records,
        applied: applied.as_ref(),
        texts: &texts.unwrap_or_else(all),
    });
    if expected.is_empty() {
        return Ok(Vec::new());
    }
    Ok(expected.missing(&migrate::read_schema(database)?))
}

/// Refuses to bring a plugin back to a schema that somebody else took from it.
///
/// # Errors
/// [`RemovalRefusal::SchemaLost`].
pub(super) fn admit(
    database: &mut Database,
    slug: &Slug,
    texts: Option<BTreeMap<String, String>>,
) -> Result<(), Error> {
    let missing = missing(database, slug, texts)?;
    if missing.is_empty() {
        return Ok(());
    }
    let log = migration_log(database, slug)?.table;
    Err(RemovalRefusal::SchemaLost {
        slug: slug.to_string(),
        missing: missing.iter().map(Missing::shown).collect::<Vec<_>>().join(", "),
        log,
    }
    .into())
}

//! What must stand in the database of a plugin's applied migrations, and does not (SPEC 2 §10).

use std::collections::BTreeMap;

use crate::base::db::Database;
use crate::migrate::{self, KnownMigrations, Missing};
use crate::model::Slug;
use crate::ops::{Error, RemovalRefusal};
use crate::registry;
use crate::transaction::{Life, migration_log};

/// What is missing of what applied migrations made, of those whose texts are given by their versions; without texts of all.
pub(super) fn missing(
    database: &mut Database,
    slug: &Slug,
    texts: Option<BTreeMap<String, String>>,
) -> Result<Vec<Missing>, Error> {
    let life = Life::read(database, slug)?;
    missing_of(database, slug, life, texts)
}

fn missing_of(
    database: &mut Database,
    slug: &Slug,
    life: Life,
    texts: Option<BTreeMap<String, String>>,
) -> Result<Vec<Missing>, Error> {
    let applied = life.applied(database, slug)?;
    let records = life.into_records();
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
    can_migrate: bool,
) -> Result<(), Error> {
    let life = Life::read(database, slug)?;
    if can_migrate && lost_log_of(database, slug, &life)?.is_some() {
        // Without their log they run anew.
        return Ok(());
    }
    let missing = missing_of(database, slug, life, texts)?;
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

/// The log of a plugin's migrations that is not there any more.
pub(super) struct LostLog {
    /// Its name.
    pub(super) table: String,
    /// What stood in it: version and name.
    pub(super) migrations: Vec<(String, String)>,
}

/// The log, where migrations were noted in it that are applied still, and it is not there.
pub(super) fn lost_log(database: &mut Database, slug: &Slug) -> Result<Option<LostLog>, Error> {
    let life = Life::read(database, slug)?;
    lost_log_of(database, slug, &life)
}

fn lost_log_of(database: &mut Database, slug: &Slug, life: &Life) -> Result<Option<LostLog>, Error> {
    let operations = life.operations();
    let standing = migrate::standing(operations.iter().map(|(told, record)| (told.id, record)));
    let noted = operations.iter().rev().find_map(|(_, record)| record.log.clone());
    let Some(table) = noted.filter(|_| !standing.is_empty()) else {
        return Ok(None);
    };
    let log = life.log(database, slug)?;
    if registry::logged(database, &log.table)?.is_some() {
        return Ok(None);
    }
    let migrations = standing
        .into_iter()
        .map(|known| (known.migration.versao, known.migration.nome));
    Ok(Some(LostLog {
        table,
        migrations: migrations.collect(),
    }))
}

//! What is done for migrations that cannot be undone, where the caller gives them up: what they alone are known to have made
//! is dropped, as for those without a way back (SPEC 2 §6).

use std::collections::{BTreeMap, BTreeSet};

use super::life::{Life, migration_log};
use super::{Context, Neighbours, TransactionError};
use crate::base::db::Database;
use crate::migrate::{self, Contraction, Made, Migration, UndoneMigrations, made_only_by};
use crate::model::Slug;
use crate::package::KeptPackages;
use crate::registry;

/// What of the schema goes in place of a way back; nothing where it is not known.
pub(super) fn drops_of(
    cx: &mut Context<'_>,
    kept: &KeptPackages<'_>,
    undo: &UndoneMigrations,
) -> Result<Option<Vec<Contraction>>, TransactionError> {
    let database = &mut cx.session.database;
    let life = Life::read(database, kept.slug)?;
    let Some((_, record)) = life.operations().iter().find(|(told, _)| told.id == undo.history) else {
        return Ok(None);
    };
    let versions: BTreeSet<&str> = undo.migracoes.iter().map(|known| known.versao.as_str()).collect();
    let Some(mut made) = made_only_by(record, &versions, &texts(kept, undo)) else {
        return Ok(None);
    };
    let of_columns = made.columns.iter().map(|column| &column.tabela);
    let tables: Vec<String> = made.tables.iter().chain(of_columns).cloned().collect();
    let neighbours = Neighbours::read(database, kept.slug, &tables)?;
    made.columns
        .retain(|column| !made.tables.contains(&column.tabela) && neighbours.of_column(column).is_none());
    made.tables.retain(|table| neighbours.of_table(table).is_none());
    made.objects.retain(|object| neighbours.of_object(object).is_none());
    Ok(Some(made.drops()))
}

/// What stands of what migrations made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remains {
    /// All of it, or it is not known what they made.
    All,
    /// Some of it is gone.
    Part,
    /// Nothing, though they are known to have made something.
    Nothing,
}

/// What stands of what migrations alone made that are to be undone.
pub(super) fn remains(
    cx: &mut Context<'_>,
    kept: &KeptPackages<'_>,
    undo: &UndoneMigrations,
) -> Result<Remains, TransactionError> {
    let database = &mut cx.session.database;
    let life = Life::read(database, kept.slug)?;
    let told = life.operations().iter().find(|(told, _)| told.id == undo.history);
    let versions: BTreeSet<&str> = undo.migracoes.iter().map(|known| known.versao.as_str()).collect();
    let made = told.and_then(|(_, record)| made_only_by(record, &versions, &texts(kept, undo)));
    // What has another name now is not looked for.
    let Some(mut made) = made.filter(|made| made.renamed.is_empty()) else {
        return Ok(Remains::All);
    };
    made.others.clear();
    let schema = migrate::read_schema(database)?;
    let mut stands = made.clone();
    stands.tables.retain(|table| schema.tables.contains_key(table));
    stands
        .columns
        .retain(|column| schema.has_column(&column.tabela, &column.coluna));
    stands.objects.retain(|object| schema.objects.contains(object));
    Ok(if stands == made {
        Remains::All
    } else if stands == Made::default() {
        Remains::Nothing
    } else {
        Remains::Part
    })
}

/// They count as not applied in their log.
pub(super) fn strike_out(
    database: &mut Database,
    slug: &Slug,
    migrations: &[Migration],
) -> Result<(), TransactionError> {
    let versions: Vec<String> = migrations.iter().map(|known| known.versao.clone()).collect();
    let log = migration_log(database, slug)?;
    Ok(registry::forget_migrations(database, &log, &versions)?)
}

/// Their files, where their package is kept still.
fn texts(kept: &KeptPackages<'_>, undo: &UndoneMigrations) -> BTreeMap<String, String> {
    let opened = kept.open(undo.versao.as_deref(), undo.sha256.as_deref());
    let package = opened.ok().flatten();
    let read = package.and_then(|package| package.texts_by_version().ok());
    read.unwrap_or_default()
}

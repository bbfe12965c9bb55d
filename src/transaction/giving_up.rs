//! What is done for migrations that cannot be undone, where the caller gives them up: what they alone are known to have made
//! is dropped, as for those without a way back (SPEC 2 §6).

use std::collections::{BTreeMap, BTreeSet};

use super::{Context, TransactionError};
use crate::history;
use crate::ledger;
use crate::migrate::{Contraction, FactColumn, MigrationRecord, UndoneMigrations, made_only_by};
use crate::package::{KeptPackages, texts_by_version};

/// What of the schema goes in place of a way back; nothing where it is not known.
pub(super) fn drops_of(
    cx: &mut Context<'_>,
    kept: &KeptPackages<'_>,
    undo: &UndoneMigrations,
) -> Result<Option<Vec<Contraction>>, TransactionError> {
    let database = &mut cx.session.database;
    let told = history::told_migrations(database, kept.slug)?;
    let Some(told) = told.iter().find(|told| told.id == undo.history) else {
        return Ok(None);
    };
    let record = MigrationRecord::read(&told.text);
    let versions: BTreeSet<&str> = undo.migracoes.iter().map(|known| known.versao.as_str()).collect();
    let Some((tables, columns)) = made_only_by(&record, &versions, &texts(kept, undo)) else {
        return Ok(None);
    };
    let others = history::migrations_of_others(database, kept.slug)?;
    let others: Vec<MigrationRecord> = others.iter().map(|text| MigrationRecord::read(text)).collect();
    let theirs = ledger::tables_of_others(database, kept.slug)?;
    let is_table_theirs = |table: &String| {
        theirs.contains(table) || others.iter().any(|other| other.facts.created_tables.contains(table))
    };
    let is_column_theirs =
        |column: &FactColumn| others.iter().any(|other| other.facts.created_columns.contains(column));
    let of_columns = columns
        .into_iter()
        .filter(|column| !tables.contains(&column.tabela) && !is_column_theirs(column))
        .map(Contraction::DropColumn);
    let tables = tables.iter().filter(|table| !is_table_theirs(table)).cloned();
    let of_tables = tables.map(|tabela| Contraction::DropTable { tabela });
    Ok(Some(of_columns.chain(of_tables).collect()))
}

/// Their files, where their package is kept still.
fn texts(kept: &KeptPackages<'_>, undo: &UndoneMigrations) -> BTreeMap<String, String> {
    let opened = kept.open(undo.versao.as_deref(), undo.sha256.as_deref());
    let package = opened.ok().flatten();
    let read = package.and_then(|package| texts_by_version(&package.tree, &package.contents).ok());
    read.unwrap_or_default()
}

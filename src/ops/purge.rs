//! What is taken away of the schema with a plugin of which nothing is to be left (SPEC 2 §6): its migrations are undone, then
//! what they are known to have made and is still there is dropped, and last the log of them.

use std::collections::BTreeSet;

use super::reporter::Narrator;
use crate::history;
use crate::ledger;
use crate::log::{Message, Reporter};
use crate::migrate::{Contraction, FactColumn, Migration, MigrationRecord};
use crate::ops::{Error, RemovalRefusal, messages};
use crate::package::KeptPackages;
use crate::registry;
use crate::transaction::{Context, Irreversible, MigrationHistory, applied_after, way_back};

/// The steps, in the order in which they are done after the commit. `current`: version and SHA-256 of what is installed.
///
/// # Errors
/// [`RemovalRefusal::OwnTables`] where nobody recorded what its migrations made.
pub(super) fn steps(
    cx: &mut Context<'_>,
    kept: &KeptPackages<'_>,
    current: (Option<&str>, Option<&str>),
    narrator: &Narrator<'_>,
) -> Result<Vec<Contraction>, Error> {
    let slug = kept.slug;
    let log = registry::migration_log(&mut cx.session.database, slug)?;
    let told = MigrationHistory::read(&mut cx.session.database, slug)?;
    let nothing_told = told.records().all(|record| record.applied.is_empty());
    if let Some(table) = log.clone().filter(|_| nothing_told) {
        let slug = slug.to_string();
        return Err(RemovalRefusal::OwnTables { slug, table }.into());
    }
    let (tables, columns) = made(cx, kept, told.records())?;
    let groups = applied_after(&mut cx.session.database, slug, told, (None, &BTreeSet::new()))?;
    let (undo, blocked) = way_back(cx, kept, groups, current)?;
    for Irreversible { migration, reason } in &blocked {
        narrator.message(Message::Warning(messages::only_dropped(migration, reason)));
    }
    let is_blocked = |migration: &Migration| blocked.iter().any(|found| found.migration == migration.shown());
    let whole = undo.into_iter().filter(|undo| !undo.migracoes.iter().any(is_blocked));
    let mut steps: Vec<Contraction> = whole.map(Contraction::Undo).collect();
    steps.extend(columns.into_iter().map(Contraction::DropColumn));
    let tables = tables.into_iter().chain(log);
    steps.extend(tables.map(|tabela| Contraction::DropTable { tabela }));
    Ok(steps)
}

/// Tables and columns that its migrations made, and no other plugin speaks of.
fn made<'r>(
    cx: &mut Context<'_>,
    kept: &KeptPackages<'_>,
    records: impl Iterator<Item = &'r MigrationRecord>,
) -> Result<(Vec<String>, Vec<FactColumn>), Error> {
    let database = &mut cx.session.database;
    let others = history::migrations_of_others(database, kept.slug)?;
    let others: Vec<MigrationRecord> = others.iter().map(|text| MigrationRecord::read(text)).collect();
    let theirs = ledger::tables_of_others(database, kept.slug)?;
    let (mut tables, mut columns) = (Vec::new(), Vec::new());
    for facts in records.map(|record| &record.facts) {
        for table in &facts.created_tables {
            let is_theirs =
                theirs.contains(table) || others.iter().any(|other| other.facts.created_tables.contains(table));
            if !is_theirs && !tables.contains(table) {
                tables.push(table.clone());
            }
        }
        for column in &facts.created_columns {
            let is_theirs = others.iter().any(|other| other.facts.created_columns.contains(column));
            if !is_theirs && !columns.contains(column) {
                columns.push(column.clone());
            }
        }
    }
    columns.retain(|column| !tables.contains(&column.tabela));
    Ok((tables, columns))
}

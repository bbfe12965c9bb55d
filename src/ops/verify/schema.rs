//! The migrations of the installed package against those that are applied, and against what they are known to have made.
//! `phinxlog_<slug>` says which are applied. Where there is none and there never was, the host has a runner of its own: then
//! the history is believed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::PluginOverview;
use crate::base::db::Database;
use crate::history::{self, ToldMigrations};
use crate::migrate::{Migration, MigrationRecord, Missing, Pending};
use crate::model::Slug;
use crate::ops::{Error, made};
use crate::package::LocatedPackage;
use crate::transaction::applied_migrations;

/// Why something of the schema is told that is not there.
pub(super) const ABSENT: &str = "ausente";

/// What is left to be taken away; migrations of the package that are not applied, never (`pendente`) or not any more
/// (`desfeita`); and what is not there of what those that are applied made, or the log of them (`ausente`).
pub(super) fn look(
    database: &mut Database,
    slug: &Slug,
    (known, package): (&PluginOverview, &LocatedPackage),
) -> Result<Vec<Value>, Error> {
    let mut found = left(known);
    let brought = package.contents().migrations.iter();
    let brought: Vec<Migration> = brought.filter_map(|path| Migration::of_path(path)).collect();
    if brought.is_empty() {
        return Ok(found);
    }
    let told = history::told_migrations(database, slug)?;
    let applied = applied_migrations(database, slug)?;
    if let Some(applied) = &applied {
        let ever = applied_ever(&told);
        let missing = brought.into_iter().filter(|known| !applied.contains(&known.versao));
        found.extend(missing.map(|Migration { versao, nome }| {
            let reason = if ever.contains(&versao) { "desfeita" } else { "pendente" };
            json!({"migracao": versao, "nome": nome, "motivo": reason})
        }));
    }
    if let Some(lost) = made::lost_log(database, slug)? {
        found.push(json!({"tabela": lost.table, "motivo": ABSENT}));
    }
    let texts = package.texts_by_version()?;
    let missing = made::missing(database, slug, Some(texts))?;
    found.extend(missing.into_iter().map(|Missing { table, column }| match column {
        None => json!({"tabela": table, "motivo": ABSENT}),
        Some(column) => json!({"tabela": table, "coluna": column, "motivo": ABSENT}),
    }));
    Ok(found)
}

/// What committed operations left to be taken away.
fn left(known: &PluginOverview) -> Vec<Value> {
    let pending = known.state.as_ref().and_then(|state| state.pending.as_deref());
    let mut left = Pending::read(pending).values();
    for step in left.iter_mut().filter_map(Value::as_object_mut) {
        step.insert("motivo".to_owned(), "pendencia".into());
    }
    left
}

/// The versions that operations applied, as the history tells them.
fn applied_ever(told: &[ToldMigrations]) -> BTreeSet<String> {
    let records = told.iter().map(|told| MigrationRecord::read(&told.text));
    let names = records.flat_map(|record| record.applied);
    names.map(|name| Migration::of_shown(&name).versao).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_applied_once_is_read_from_the_history() {
        let told = [r#"{"aplicadas":["1 a","2 b"],"desfeitas":[]}"#, "broken"].map(|text| ToldMigrations {
            id: 1,
            version: None,
            checksum: None,
            text: text.to_owned(),
            purges: false,
            purged: false,
        });
        let found: Vec<String> = applied_ever(&told).into_iter().collect();
        assert_eq!(found, ["1", "2"]);
    }
}

//! The migrations of the installed package against those that are applied: `phinxlog_<slug>` says which. Where there is no
//! such table, the host has a runner of its own, and nothing is known.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::base::db::Database;
use crate::history::{self, ToldMigrations};
use crate::migrate::{Migration, MigrationRecord};
use crate::model::Slug;
use crate::ops::Error;
use crate::package::KeptPackage;
use crate::transaction::applied_migrations;

/// Migrations of the package that are not applied: never (`pendente`), or not any more (`desfeita`).
pub(super) fn look(database: &mut Database, slug: &Slug, package: &KeptPackage) -> Result<Vec<Value>, Error> {
    let brought = package.contents.migrations.iter();
    let brought: Vec<Migration> = brought.filter_map(|path| Migration::of_path(path)).collect();
    if brought.is_empty() {
        return Ok(Vec::new());
    }
    let Some(applied) = applied_migrations(database, slug)? else {
        return Ok(Vec::new());
    };
    let missing: Vec<_> = brought
        .into_iter()
        .filter(|migration| !applied.contains(&migration.versao))
        .collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let ever = applied_ever(&history::told_migrations(database, slug)?);
    let told = missing.into_iter().map(|Migration { versao, nome }| {
        let reason = if ever.contains(&versao) { "desfeita" } else { "pendente" };
        json!({"migracao": versao, "nome": nome, "motivo": reason})
    });
    Ok(told.collect())
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

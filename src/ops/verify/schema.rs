//! The migrations of the installed package against those that are applied: `phinxlog_<slug>` says which. Where there is no
//! such table, the host has a runner of its own, and nothing is known.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::base::db::Database;
use crate::history;
use crate::model::Slug;
use crate::ops::Error;
use crate::package::KeptPackage;
use crate::registry;

/// Migrations of the package that are not applied: never (`pendente`), or not any more (`desfeita`).
pub(super) fn look(database: &mut Database, slug: &Slug, package: &KeptPackage) -> Result<Vec<Value>, Error> {
    let brought: Vec<(&str, &str)> = package
        .contents
        .migrations
        .iter()
        .filter_map(|path| parts(path))
        .collect();
    if brought.is_empty() {
        return Ok(Vec::new());
    }
    let Some(applied) = registry::applied_migrations(database, slug)? else {
        return Ok(Vec::new());
    };
    let missing: Vec<_> = brought
        .into_iter()
        .filter(|(version, _)| !applied.contains(*version))
        .collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let ever = applied_ever(&history::applied_migrations(database, slug)?);
    let told = missing.into_iter().map(|(version, name)| {
        let reason = if ever.contains(version) { "desfeita" } else { "pendente" };
        json!({"migracao": version, "nome": name, "motivo": reason})
    });
    Ok(told.collect())
}

/// Version and name of a migration, by its file.
fn parts(path: &str) -> Option<(&str, &str)> {
    let name = path.rsplit('/').next()?.strip_suffix(".php")?;
    let (version, name) = name.split_once('_').unwrap_or((name, ""));
    let is_version = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    is_version.then_some((version, name))
}

/// The versions that operations applied, as the history tells them: `<version> <name>`.
fn applied_ever(told: &[String]) -> BTreeSet<String> {
    let texts = told.iter().filter_map(|text| serde_json::from_str::<Value>(text).ok());
    let lists = texts.filter_map(|value| value.get("aplicadas")?.as_array().cloned());
    let names = lists.flatten().filter_map(|name| name.as_str().map(str::to_owned));
    names
        .filter_map(|name| name.split(' ').next().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_is_known_by_its_file() {
        for (path, expected) in [
            (
                "db/migrations/20250101000000_make_it.php",
                Some(("20250101000000", "make_it")),
            ),
            ("db/migrations/20250101000000.php", Some(("20250101000000", ""))),
            ("db/migrations/helper.php", None),
            ("db/migrations/_x.php", None),
        ] {
            assert_eq!(parts(path), expected, "{path}");
        }
    }

    #[test]
    fn what_was_applied_once_is_read_from_the_history() {
        let told = [
            r#"{"aplicadas":["1 a","2 b"],"desfeitas":[]}"#.to_owned(),
            "broken".to_owned(),
        ];
        let found: Vec<String> = applied_ever(&told).into_iter().collect();
        assert_eq!(found, ["1", "2"]);
    }
}

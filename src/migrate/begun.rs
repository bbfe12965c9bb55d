//! What stood before the migrations of an operation ran, and what of them stays where it was killed. Pure.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Migration;
use super::facts::{Schema, SchemaFacts, Shown, compare};

/// What is written down before migrations run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BegunMigrations {
    /// The table in which they are logged.
    #[serde(rename = "registro")]
    pub log: String,
    /// The versions in it; none where it was not there.
    #[serde(rename = "aplicadas")]
    pub applied: BTreeSet<String>,
    /// Those that are to run.
    #[serde(rename = "pendentes")]
    pub waiting: Vec<Migration>,
    /// The texts of those.
    #[serde(rename = "textos")]
    pub texts: Vec<String>,
    /// The schema.
    #[serde(rename = "esquema")]
    pub schema: Schema,
}

/// What stays of migrations, as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftOfMigrations {
    /// Those that are applied now.
    pub applied: Vec<String>,
    /// Tables, columns and others that they made.
    pub made: Vec<String>,
    /// What they took away.
    pub gone: Vec<String>,
}

impl LeftOfMigrations {
    /// Nothing stays.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl BegunMigrations {
    /// What stays of them. `applied`: the versions in their log now, where there is one. What none of them names is not theirs, but the log.
    pub fn left(&self, now: &Schema, applied: Option<&BTreeSet<String>>) -> LeftOfMigrations {
        let is_new = |migration: &&Migration| {
            let has_it = |applied: &BTreeSet<String>| applied.contains(&migration.versao);
            applied.is_some_and(has_it) && !has_it(&self.applied)
        };
        let facts = compare(&self.schema, now, &self.texts);
        let mut left = LeftOfMigrations {
            applied: self.waiting.iter().filter(is_new).map(Migration::shown).collect(),
            made: made(&facts),
            gone: gone(&facts),
        };
        // Whoever only asks which ones wait makes the log: an empty one was nothing.
        let has_log = applied.is_some() && self.applied.is_empty();
        if has_log && !left.is_empty() && !left.made.contains(&self.log) {
            left.made.push(self.log.clone());
        }
        left
    }
}

fn made(facts: &SchemaFacts) -> Vec<String> {
    let columns = facts.created_columns.iter().map(Shown::shown);
    let objects = facts.created_objects.iter().map(Shown::shown);
    let tables = facts.created_tables.iter().cloned();
    tables
        .chain(columns)
        .chain(objects)
        .chain(facts.renamed.iter().cloned())
        .collect()
}

fn gone(facts: &SchemaFacts) -> Vec<String> {
    let columns = facts.removed_columns.iter().map(Shown::shown);
    let objects = facts.removed_objects.iter().map(Shown::shown);
    facts
        .removed_tables
        .iter()
        .cloned()
        .chain(columns)
        .chain(objects)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::facts::SchemaColumn;
    use super::*;

    fn schema(tables: &[(&str, &[&str])]) -> Schema {
        let column = |name: &&str| SchemaColumn {
            name: (*name).to_owned(),
            kind: "int".to_owned(),
        };
        let table = |(name, columns): &(&str, &[&str])| ((*name).to_owned(), columns.iter().map(column).collect());
        Schema {
            tables: tables.iter().map(table).collect(),
            ..Schema::default()
        }
    }

    #[test]
    fn what_stays_is_what_the_migrations_name() {
        let migration = |versao: &str| Migration {
            versao: versao.to_owned(),
            nome: "A".to_owned(),
        };
        let begun = BegunMigrations {
            log: "phinxlog_p".to_owned(),
            applied: BTreeSet::new(),
            waiting: vec![migration("2"), migration("3")],
            texts: vec!["CREATE TABLE made; ALTER TABLE old ADD more, DROP less".to_owned()],
            schema: schema(&[("old", &["id", "less"])]),
        };
        let before = BTreeSet::new();
        let logged = BegunMigrations {
            applied: BTreeSet::from(["2".to_owned()]),
            ..begun.clone()
        };
        assert!(begun.left(&begun.schema, Some(&before)).is_empty());
        let now = schema(&[
            ("old", &["id", "more"]),
            ("made", &["id"]),
            ("strange", &["id"]),
            ("phinxlog_p", &["v"]),
        ]);
        let left = begun.left(&now, Some(&BTreeSet::from(["1".to_owned(), "2".to_owned()])));
        assert_eq!(left.applied, ["2 A"]);
        assert_eq!(left.made, ["made", "old.more", "phinxlog_p"]);
        assert_eq!(left.gone, ["old.less"]);
        let left = logged.left(&now, Some(&BTreeSet::from(["2".to_owned(), "3".to_owned()])));
        assert_eq!((left.applied, left.made.len()), (vec!["3 A".to_owned()], 2));
        let text = serde_json::to_string(&begun).unwrap();
        assert_eq!(serde_json::from_str::<BegunMigrations>(&text).unwrap(), begun);
    }
}

//! What the history tells of migrations: which an operation applied and undid, and what they made of the schema. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Migration;
use super::facts::{SchemaFacts, Taken};

/// The migrations of one operation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MigrationRecord {
    /// Applied, each as `<version> <name>`.
    #[serde(rename = "aplicadas")]
    pub applied: Vec<String>,
    /// Undone.
    #[serde(rename = "desfeitas")]
    pub undone: Vec<String>,
    /// What they made of the schema.
    #[serde(rename = "esquema")]
    pub facts: SchemaFacts,
    /// The columns of the tables that they made.
    #[serde(rename = "tabelas", skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, Vec<String>>,
    /// What was taken away of the schema after its commit.
    #[serde(rename = "retirado", skip_serializing_if = "Taken::is_empty")]
    pub taken: Taken,
    /// The table in which their runner logged the migrations, where it has one of the plugin's own.
    #[serde(rename = "registro", skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
    /// All that the plugin's migrations had made is gone: what is told before says nothing any more.
    #[serde(rename = "encerrado", skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
    /// Files in which stands what it took away of the schema, the oldest first.
    #[serde(rename = "copias", skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<String>,
}

impl MigrationRecord {
    /// Reads what the history holds; what cannot be read says nothing.
    pub fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// Takes in what another operation applied and made.
    pub fn include(&mut self, other: &Self) {
        fn missing<T: PartialEq + Clone>(into: &mut Vec<T>, from: &[T]) {
            for one in from {
                if !into.contains(one) {
                    into.push(one.clone());
                }
            }
        }
        missing(&mut self.applied, &other.applied);
        missing(&mut self.facts.created_tables, &other.facts.created_tables);
        missing(&mut self.facts.created_columns, &other.facts.created_columns);
        missing(&mut self.facts.created_objects, &other.facts.created_objects);
        for (table, columns) in &other.tables {
            self.tables.entry(table.clone()).or_insert_with(|| columns.clone());
        }
        self.log = self.log.take().or_else(|| other.log.clone());
        let made = &self.facts.created_tables;
        self.facts
            .created_columns
            .retain(|column| !made.contains(&column.tabela));
    }

    /// As the history holds it.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A migration that is applied, as the history tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingMigration {
    /// The operation that applied it.
    pub history: u64,
    /// The migration.
    pub migration: Migration,
}

/// The migrations that are applied after these operations, in the order in which they were. `records`: by the operations'
/// numbers, the oldest first.
pub fn standing<'r>(records: impl IntoIterator<Item = (u64, &'r MigrationRecord)>) -> Vec<StandingMigration> {
    let mut standing: Vec<StandingMigration> = Vec::new();
    for (history, record) in records {
        for undone in record.undone.iter().map(|shown| Migration::of_shown(shown)) {
            standing.retain(|known| known.migration.versao != undone.versao);
        }
        for migration in record.applied.iter().map(|shown| Migration::of_shown(shown)) {
            standing.retain(|known| known.migration.versao != migration.versao);
            standing.push(StandingMigration { history, migration });
        }
    }
    standing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_undone_does_not_stand() {
        let record = |applied: &[&str], undone: &[&str]| MigrationRecord {
            applied: applied.iter().map(|text| (*text).to_owned()).collect(),
            undone: undone.iter().map(|text| (*text).to_owned()).collect(),
            ..MigrationRecord::default()
        };
        let records = [
            (1, record(&["1 A"], &[])),
            (2, record(&["2 B", "3"], &[])),
            (3, record(&[], &["3", "2 B"])),
            (4, record(&["2 B"], &[])),
        ];
        let shown = |until: usize| {
            let found = standing(records[..until].iter().map(|(id, record)| (*id, record)));
            let shown = found
                .iter()
                .map(|known| format!("{}@{}", known.migration.shown(), known.history));
            shown.collect::<Vec<_>>().join(", ")
        };
        assert_eq!(shown(2), "1 A@1, 2 B@2, 3@2");
        assert_eq!(shown(3), "1 A@1");
        assert_eq!(shown(4), "1 A@1, 2 B@4");
    }

    #[test]
    fn a_record_is_read_as_it_is_written() {
        let old = MigrationRecord::read(r#"{"aplicadas":["1 A"],"desfeitas":[]}"#);
        assert_eq!(old.applied, ["1 A"]);
        assert_eq!(MigrationRecord::read(&old.text()), old);
        assert_eq!(MigrationRecord::read("broken"), MigrationRecord::default());
    }
}

//! What must stand in the database while migrations are applied: what they made, without what later ones took away or gave
//! another name (SPEC 2 §10). Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{FactColumn, Schema, SchemaFacts, names};
use super::record::{MigrationRecord, standing};
use super::{Made, Migration};

/// What is known of the migrations of a plugin.
pub struct KnownMigrations<'k> {
    /// What its operations say of them, by their numbers, the oldest first.
    pub records: &'k [(u64, MigrationRecord)],
    /// Versions that their log has; nothing where there is none: then the history is believed.
    pub applied: Option<&'k BTreeSet<String>>,
    /// The migrations of the package that counts, as texts by version.
    pub texts: &'k BTreeMap<String, String>,
}

/// Tables and columns that must be there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    tables: BTreeSet<String>,
    columns: BTreeSet<FactColumn>,
}

/// Something that must be there and is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The table.
    pub table: String,
    /// The column; nothing where the whole table is gone.
    pub column: Option<String>,
}

impl Missing {
    /// As people read it.
    pub fn shown(&self) -> String {
        match &self.column {
            None => self.table.clone(),
            Some(column) => format!("{}.{column}", self.table),
        }
    }
}

/// What must be there of what the package's migrations made. Of an operation of whose migrations some are undone, only
/// that counts which those name that stand, and the others do not.
pub fn expected(known: &KnownMigrations<'_>) -> Expected {
    let all = standing(known.records.iter().map(|(id, record)| (*id, record)));
    let mut expected = Expected::default();
    for (id, record) in known.records {
        let of_this = all.iter().filter(|found| found.history == *id);
        let versions = of_this.map(|found| found.migration.versao.as_str());
        let is_applied = |version: &&str| known.applied.is_none_or(|applied| applied.contains(*version));
        let stands: BTreeSet<&str> = versions.filter(is_applied).collect();
        if !stands.is_empty() {
            expected.take_away(&record.facts);
        }
        if stands.iter().any(|version| known.texts.contains_key(*version)) {
            expected.add(record, &made_by(record, &stands, known.texts));
        }
    }
    expected
}

/// What these migrations of an operation made, and no other one of it; nothing where that is not known.
pub fn made_only_by(
    record: &MigrationRecord,
    versions: &BTreeSet<&str>,
    texts: &BTreeMap<String, String>,
) -> Option<Made> {
    let applied = record.applied.iter().map(|shown| Migration::of_shown(shown).versao);
    let is_whole = applied.clone().all(|version| versions.contains(version.as_str()));
    if !is_whole && !applied.into_iter().all(|version| texts.contains_key(&version)) {
        return None;
    }
    let counts = made_by(record, versions, texts);
    let mut made = Made::of_facts(&record.facts);
    made.tables.retain(|table| counts(table, None));
    made.columns
        .retain(|column| counts(&column.tabela, Some(&column.coluna)));
    made.objects.retain(|object| counts(&object.nome, None));
    Some(made)
}

/// Says of a table, or of a column of it, whether migrations made it that stand.
fn made_by<'t>(
    record: &MigrationRecord,
    stands: &BTreeSet<&str>,
    texts: &'t BTreeMap<String, String>,
) -> impl Fn(&str, Option<&str>) -> bool + use<'t> {
    let applied = record.applied.iter().map(|shown| Migration::of_shown(shown).versao);
    let (mine, rest): (Vec<String>, Vec<String>) = applied.partition(|version| stands.contains(version.as_str()));
    let is_whole = rest.is_empty();
    let of = |versions: &[String]| -> Option<Vec<String>> {
        versions.iter().map(|version| texts.get(version).cloned()).collect()
    };
    let texts = of(&mine).zip(of(&rest));
    move |table, column| {
        let is_told = |mine: &[String], rest: &[String]| {
            let word = column.unwrap_or(table);
            names(mine, table) && names(mine, word) && !names(rest, word)
        };
        is_whole || texts.as_ref().is_some_and(|(mine, rest)| is_told(mine, rest))
    }
}

impl Expected {
    /// Nothing must be there.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.columns.is_empty()
    }

    fn strike<'f>(
        &mut self,
        tables: impl IntoIterator<Item = &'f String>,
        columns: impl IntoIterator<Item = &'f FactColumn>,
    ) {
        for table in tables {
            self.tables.remove(table);
            self.columns.retain(|column| column.tabela != *table);
        }
        for column in columns {
            self.columns.remove(column);
        }
    }

    fn take_away(&mut self, facts: &SchemaFacts) {
        self.strike(&facts.removed_tables, &facts.removed_columns);
        for (from, to) in facts.renamed.iter().filter_map(|told| told.split_once(" → ")) {
            self.rename(from, to);
        }
    }

    /// `from`: a table, or `<table>.<column>`.
    fn rename(&mut self, from: &str, to: &str) {
        if let Some((table, column)) = from.split_once('.') {
            let of = |coluna: &str| FactColumn {
                tabela: table.to_owned(),
                coluna: coluna.to_owned(),
            };
            if self.columns.remove(&of(column)) {
                self.columns.insert(of(to));
            }
            return;
        }
        if self.tables.remove(from) {
            self.tables.insert(to.to_owned());
        }
        let renamed = std::mem::take(&mut self.columns).into_iter().map(|mut column| {
            if column.tabela == from {
                to.clone_into(&mut column.tabela);
            }
            column
        });
        self.columns = renamed.collect();
    }

    fn add(&mut self, record: &MigrationRecord, counts: &dyn Fn(&str, Option<&str>) -> bool) {
        let facts = &record.facts;
        for table in facts.created_tables.iter().filter(|table| counts(table, None)) {
            self.tables.insert(table.clone());
            for column in record.tables.get(table).into_iter().flatten() {
                if counts(table, Some(column)) {
                    self.columns.insert(FactColumn {
                        tabela: table.clone(),
                        coluna: column.clone(),
                    });
                }
            }
        }
        let made = facts.created_columns.iter();
        let made = made.filter(|column| counts(&column.tabela, Some(&column.coluna)));
        self.columns.extend(made.cloned());
    }

    /// What of it is not in a schema. Servers do not all tell names in one case.
    pub fn missing(&self, schema: &Schema) -> Vec<Missing> {
        let known: BTreeMap<String, BTreeSet<String>> = schema
            .tables
            .iter()
            .map(|(table, columns)| {
                let names = columns.iter().map(|column| column.name.to_lowercase());
                (table.to_lowercase(), names.collect())
            })
            .collect();
        let gone = self.tables.iter();
        let gone = gone.filter(|table| !known.contains_key(&table.to_lowercase()));
        let mut missing: Vec<Missing> = gone
            .map(|table| Missing {
                table: table.clone(),
                column: None,
            })
            .collect();
        let stands = |column: &FactColumn| {
            let columns = known.get(&column.tabela.to_lowercase());
            columns.is_some_and(|columns| columns.contains(&column.coluna.to_lowercase()))
        };
        for column in self.columns.iter().filter(|column| !stands(column)) {
            // Its table is named already.
            if !missing
                .iter()
                .any(|gone| gone.table == column.tabela && gone.column.is_none())
            {
                missing.push(Missing {
                    table: column.tabela.clone(),
                    column: Some(column.coluna.clone()),
                });
            }
        }
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::SchemaColumn;

    fn record(applied: &[&str], undone: &[&str], facts: serde_json::Value) -> MigrationRecord {
        MigrationRecord {
            applied: applied.iter().map(|text| (*text).to_owned()).collect(),
            undone: undone.iter().map(|text| (*text).to_owned()).collect(),
            facts: serde_json::from_value(facts).unwrap(),
            ..MigrationRecord::default()
        }
    }

    fn made(tables: &[&str], columns: &[(&str, &str)]) -> serde_json::Value {
        let columns = columns
            .iter()
            .map(|(table, column)| serde_json::json!({"tabela": table, "coluna": column}));
        serde_json::json!({"tabelas_criadas": tables, "colunas_criadas": columns.collect::<Vec<_>>()})
    }

    fn shown(records: Vec<MigrationRecord>, log: Option<&[&str]>, texts: &[(&str, &str)]) -> String {
        let records: Vec<(u64, MigrationRecord)> = (1..).zip(records).collect();
        let applied = log.map(|log| log.iter().map(|text| (*text).to_owned()).collect());
        let texts = texts
            .iter()
            .map(|(version, text)| ((*version).to_owned(), (*text).to_owned()));
        let found = expected(&KnownMigrations {
            records: &records,
            applied: applied.as_ref(),
            texts: &texts.collect(),
        });
        let missing = found.missing(&Schema::default());
        assert_eq!(found.is_empty(), missing.is_empty());
        missing.iter().map(Missing::shown).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_applied_migrations_made_must_be_there() {
        let one = || record(&["1 A"], &[], made(&["a"], &[("core", "x")]));
        let texts = [("1", "a core x"), ("2", "b"), ("3", "c")];
        assert_eq!(shown(vec![one()], None, &texts), "a core.x");
        assert_eq!(shown(vec![one()], Some(&["1"]), &texts), "a core.x");
        // Not applied, or not of the package.
        assert_eq!(shown(vec![one()], Some(&["2"]), &texts), "");
        assert_eq!(shown(vec![one()], None, &texts[1..]), "");
        assert_eq!(
            shown(vec![one(), record(&[], &["1 A"], made(&[], &[]))], None, &texts),
            ""
        );
        // What later ones took away or renamed, also where the package has them no more.
        let taken =
            serde_json::json!({"tabelas_removidas": ["a"], "colunas_removidas": [{"tabela": "core", "coluna": "x"}]});
        assert_eq!(
            shown(vec![one(), record(&["9 Z"], &[], taken.clone())], None, &texts),
            ""
        );
        assert_eq!(shown(vec![one(), record(&["9 Z"], &["9 Z"], taken)], None, &texts), "");
        let renamed = serde_json::json!({"renomeadas": ["a → b", "core.x → y"]});
        assert_eq!(
            shown(vec![one(), record(&["9 Z"], &[], renamed)], None, &texts),
            "b core.y"
        );
    }

    #[test]
    fn of_an_operation_that_is_undone_in_part_only_what_stands_counts() {
        let both = || record(&["1 A", "2 B"], &[], made(&["a", "b"], &[]));
        let undone = record(&[], &["2 B"], made(&[], &[]));
        let texts = [("1", "CREATE a"), ("2", "CREATE b")];
        assert_eq!(shown(vec![both(), undone.clone()], None, &texts), "a");
        // Which of them made it is not known.
        assert_eq!(
            shown(vec![both(), undone.clone()], None, &[("1", "a b"), ("2", "a b")]),
            ""
        );
        assert_eq!(shown(vec![both(), undone], None, &texts[..1]), "");
    }

    #[test]
    fn a_table_must_have_its_columns() {
        let mut one = record(&["1 A"], &[], made(&["a"], &[]));
        one.tables.insert("a".to_owned(), vec!["x".to_owned(), "y".to_owned()]);
        let records = [(1, one)];
        let texts = [("1".to_owned(), "a".to_owned())].into();
        let found = expected(&KnownMigrations {
            records: &records,
            applied: None,
            texts: &texts,
        });
        let column = |name: &str| SchemaColumn {
            name: name.to_owned(),
            kind: "int".to_owned(),
        };
        let missing = |columns: Option<&[&str]>| {
            let columns = columns.map(|columns| columns.iter().map(|name| column(name)).collect());
            let tables = columns.into_iter().map(|columns| ("A".to_owned(), columns)).collect();
            let schema = Schema {
                tables,
                ..Schema::default()
            };
            found.missing(&schema).iter().map(Missing::shown).collect::<Vec<_>>()
        };
        assert_eq!(missing(Some(&["X", "y", "z"])), [""; 0]);
        assert_eq!(missing(Some(&["x"])), ["a.y"]);
        assert_eq!(missing(None), ["a"]);
    }
}

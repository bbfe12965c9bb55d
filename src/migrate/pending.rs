//! What is left to be done after a commit: schema changes that take something away (SPEC 2 §3). The text that
//! `gestor_plugins_estado.pendencias` holds. Pure.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Migration;
use super::facts::{FactColumn, SchemaObject, Shown, names};

/// What the name of a log of migrations begins with.
const LOG: &str = "phinxlog_";

/// A step that is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingStep {
    /// The operation that left it.
    #[serde(rename = "operacao")]
    pub of: u64,
    /// What is to be done.
    #[serde(flatten)]
    pub what: Contraction,
}

/// A schema change that takes something away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "passo")]
pub enum Contraction {
    /// Migrations are undone, the last first.
    #[serde(rename = "desfazer_migracoes")]
    Undo(UndoneMigrations),
    /// A table is dropped.
    #[serde(rename = "remover_tabela")]
    DropTable {
        /// Its name.
        tabela: String,
    },
    /// A column is dropped.
    #[serde(rename = "remover_coluna")]
    DropColumn(FactColumn),
    /// A view, a trigger, a routine, an event or a sequence is dropped.
    #[serde(rename = "remover_objeto")]
    DropObject(SchemaObject),
    /// All by which the plugin could come back is taken away: after everything else, which may need it.
    #[serde(rename = "esquecer")]
    Forget,
}

impl Contraction {
    /// It takes something away of the schema.
    pub fn is_of_schema(&self) -> bool {
        *self != Self::Forget
    }

    /// In words.
    pub fn shown(&self) -> Vec<String> {
        match self {
            Self::Undo(undo) => undo.migracoes.iter().map(Migration::shown).collect(),
            Self::DropTable { tabela } => vec![tabela.clone()],
            Self::DropColumn(column) => vec![column.shown()],
            Self::DropObject(object) => vec![object.shown()],
            Self::Forget => Vec::new(),
        }
    }
}

/// Migrations that one operation applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoneMigrations {
    /// That operation.
    #[serde(rename = "aplicadas_por")]
    pub history: u64,
    /// The version of the kept package with their files.
    pub versao: Option<String>,
    /// Its SHA-256.
    pub sha256: Option<String>,
    /// The migrations, the last one last.
    pub migracoes: Vec<Migration>,
    /// They were tried and failed.
    #[serde(rename = "falhou", default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
}

/// All that is left of a plugin. What a newer release has put there is kept as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pending {
    /// In the order in which it is to be done.
    pub steps: Vec<PendingStep>,
    others: Vec<Value>,
}

impl Pending {
    /// Reads what the state holds.
    pub fn read(text: Option<&str>) -> Self {
        let values: Vec<Value> = text
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let mut pending = Self::default();
        for value in values {
            match serde_json::from_value(value.clone()) {
                Ok(step) => pending.steps.push(step),
                Err(_) => pending.others.push(value),
            }
        }
        pending
    }

    /// As the state holds it; nothing where nothing is left.
    pub fn text(&self) -> Option<String> {
        let values = self.values();
        (!values.is_empty()).then(|| Value::Array(values).to_string())
    }

    /// As a report shows it.
    pub fn values(&self) -> Vec<Value> {
        let steps = self
            .steps
            .iter()
            .map(|step| serde_json::to_value(step).unwrap_or_default());
        steps.chain(self.others.iter().cloned()).collect()
    }

    /// SHA-256 of the packages that it needs.
    pub fn packages(&self) -> Vec<String> {
        let steps = self.steps.iter().filter_map(|step| match &step.what {
            Contraction::Undo(undo) => undo.sha256.clone(),
            _ => None,
        });
        steps.collect()
    }

    /// In words.
    pub fn shown(&self) -> Vec<String> {
        self.steps.iter().flat_map(|step| step.what.shown()).collect()
    }

    /// Strikes out what a package has itself: migrations of these versions, tables and columns that its migrations name.
    pub fn strike(&mut self, versions: &BTreeSet<String>, texts: &[String]) {
        self.keep(|what| match what {
            Contraction::Undo(undo) => {
                undo.migracoes.retain(|migration| !versions.contains(&migration.versao));
                !undo.migracoes.is_empty()
            }
            Contraction::DropTable { tabela } => !names(texts, tabela),
            Contraction::DropColumn(column) => !(names(texts, &column.tabela) && names(texts, &column.coluna)),
            Contraction::DropObject(object) => !names(texts, &object.nome),
            Contraction::Forget => true,
        });
    }

    /// Notes that migrations of an operation could not be undone.
    pub fn note_failure(&mut self, operation: u64, history: u64) {
        for step in self.steps.iter_mut().filter(|step| step.of == operation) {
            if let Contraction::Undo(undo) = &mut step.what {
                undo.failed |= undo.history == history;
            }
        }
    }

    /// Something is to be taken away of the schema.
    pub fn is_of_schema(&self) -> bool {
        self.steps.iter().any(|step| step.what.is_of_schema())
    }

    /// Nothing is left but to forget the plugin.
    pub fn is_to_forget(&self) -> bool {
        !self.steps.is_empty() && !self.is_of_schema()
    }

    /// The plugin is installed again: it is not to be forgotten, and the log of its migrations belongs to what is installed.
    pub fn wanted_again(&mut self) {
        self.forgotten();
        self.keep(|what| !matches!(what, Contraction::DropTable { tabela } if tabela.starts_with(LOG)));
    }

    /// It is forgotten.
    pub fn forgotten(&mut self) {
        self.keep(|what| what.is_of_schema());
    }

    /// Strikes out what these operations wanted: what they took away comes back.
    pub fn revoke(&mut self, operations: &[u64]) {
        self.steps.retain(|step| !operations.contains(&step.of));
    }

    /// Adds steps; what they say again is struck out where it stood.
    pub fn add(&mut self, steps: impl IntoIterator<Item = PendingStep>) {
        for step in steps {
            let (mut versions, mut same) = (BTreeSet::new(), None);
            match &step.what {
                Contraction::Undo(undo) => versions.extend(undo.migracoes.iter().map(|known| known.versao.clone())),
                drop => same = Some(drop.clone()),
            }
            self.strike(&versions, &[]);
            self.steps.retain(|known| Some(&known.what) != same.as_ref());
            self.steps.push(step);
        }
    }

    /// Strikes out migrations that are undone.
    pub fn undone(&mut self, done: &[Migration]) {
        self.strike(&done.iter().map(|known| known.versao.clone()).collect(), &[]);
    }

    fn keep(&mut self, mut wanted: impl FnMut(&mut Contraction) -> bool) {
        self.steps.retain_mut(|step| wanted(&mut step.what));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undo(of: u64, versions: &[&str]) -> PendingStep {
        let migration = |version: &&str| Migration {
            versao: (*version).to_owned(),
            nome: "N".to_owned(),
        };
        PendingStep {
            of,
            what: Contraction::Undo(UndoneMigrations {
                history: 2,
                versao: Some("1.1.0".to_owned()),
                sha256: None,
                migracoes: versions.iter().map(migration).collect(),
                failed: false,
            }),
        }
    }

    fn drop(table: &str, column: Option<&str>) -> PendingStep {
        let tabela = table.to_owned();
        let what = match column {
            None => Contraction::DropTable { tabela },
            Some(column) => Contraction::DropColumn(FactColumn {
                tabela,
                coluna: column.to_owned(),
            }),
        };
        PendingStep { of: 9, what }
    }

    fn versions(pending: &Pending) -> Vec<&str> {
        let steps = pending.steps.iter().filter_map(|step| match &step.what {
            Contraction::Undo(undo) => Some(&undo.migracoes),
            _ => None,
        });
        steps.flatten().map(|migration| migration.versao.as_str()).collect()
    }

    #[test]
    fn what_is_left_is_read_as_it_is_written() {
        let mut pending = Pending::read(Some(r#"[{"passo":"of tomorrow","x":1}]"#));
        assert!(pending.steps.is_empty());
        pending.add([undo(3, &["1", "2"]), drop("t", None), drop("t", Some("c"))]);
        let text = pending.text().unwrap();
        assert!(text.contains(r#""passo":"of tomorrow""#) && text.contains(r#""passo":"desfazer_migracoes""#));
        assert_eq!(Pending::read(Some(&text)), pending);
        for text in [None, Some("null"), Some("[]"), Some("broken")] {
            assert_eq!(Pending::read(text).text(), None, "{text:?}");
        }
    }

    #[test]
    fn what_a_target_has_is_struck_out() {
        let mut pending = Pending::default();
        pending.add([
            undo(3, &["1", "2"]),
            drop("t", None),
            drop("u", Some("c")),
            drop("v", None),
        ]);
        let versions_of_target = ["2".to_owned()].into();
        pending.strike(
            &versions_of_target,
            &["CREATE TABLE t …; ALTER TABLE u ADD c".to_owned()],
        );
        assert_eq!(versions(&pending), ["1"]);
        assert_eq!(pending.steps.len(), 2);
        pending.undone(&[Migration {
            versao: "1".to_owned(),
            nome: String::new(),
        }]);
        assert_eq!(pending.steps, [drop("v", None)]);
    }

    #[test]
    fn a_step_is_left_once() {
        let mut pending = Pending::default();
        pending.add([undo(3, &["1", "2"]), drop("t", None)]);
        pending.add([undo(7, &["2"]), drop("t", None)]);
        assert_eq!(versions(&pending), ["1", "2"]);
        assert_eq!(pending.steps.len(), 3);
        assert_eq!(pending.steps[1].of, 7);
    }
}

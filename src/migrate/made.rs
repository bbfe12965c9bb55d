//! What the migrations of a plugin made of the schema and nobody took away since, as its history tells it: what was undone or
//! dropped does not count any more, for another one may have made something of that name meanwhile (SPEC 2 §6). Pure.

use std::collections::BTreeSet;

use super::Migration;
use super::facts::{FactColumn, SchemaFacts, SchemaObject, Shown, Taken};
use super::pending::Contraction;
use super::record::MigrationRecord;

/// What the migrations of a plugin made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Made {
    /// Tables.
    pub tables: BTreeSet<String>,
    /// Columns of tables that others made.
    pub columns: BTreeSet<FactColumn>,
    /// Views, triggers, routines, events, sequences.
    pub objects: BTreeSet<SchemaObject>,
    /// What came meanwhile and none of its migrations names, as people read it.
    pub others: BTreeSet<String>,
    /// What they gave another name, by that: of a column with its table.
    pub renamed: BTreeSet<String>,
}

/// What one operation made, as long as one of its migrations is applied.
struct Group {
    versions: BTreeSet<String>,
    made: Made,
}

impl Made {
    /// Of these operations, the oldest first. `applied`: the versions in the runner's log, where there is one; what
    /// somebody undid by hand made nothing.
    pub fn of<'r>(records: impl IntoIterator<Item = &'r MigrationRecord>, applied: Option<&BTreeSet<String>>) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for record in records {
            if record.ended {
                groups.clear();
                continue;
            }
            for group in &mut groups {
                group.made.pass(&record.facts);
            }
            groups.push(Group::of(record));
            for undone in &record.undone {
                let version = Migration::of_shown(undone).versao;
                for group in &mut groups {
                    group.versions.remove(&version);
                }
            }
            for group in &mut groups {
                group.made.strike(&record.taken);
            }
        }
        let stands = |group: &Group| {
            let is_applied = |version: &String| applied.is_none_or(|applied| applied.contains(version));
            group.versions.iter().any(is_applied)
        };
        let mut all = Self::default();
        for Group { made, .. } in groups.into_iter().filter(stands) {
            all.tables.extend(made.tables);
            all.columns.extend(made.columns);
            all.objects.extend(made.objects);
            all.others.extend(made.others);
            all.renamed.extend(made.renamed);
        }
        all.columns.retain(|column| !all.tables.contains(&column.tabela));
        all
    }

    /// What the facts of one operation name.
    pub fn of_facts(facts: &SchemaFacts) -> Self {
        Self {
            tables: facts.created_tables.iter().cloned().collect(),
            columns: facts.created_columns.iter().cloned().collect(),
            objects: facts.created_objects.iter().cloned().collect(),
            others: facts.others.iter().cloned().collect(),
            renamed: facts.renamed.iter().filter_map(|renamed| named_now(renamed)).collect(),
        }
    }

    /// Whether a table came by these migrations: known to be theirs, or come while they ran.
    pub fn has_table(&self, table: &str) -> bool {
        self.tables.contains(table) || self.others.contains(table) || self.renamed.contains(table)
    }

    /// The same for a column.
    pub fn has_column(&self, column: &FactColumn) -> bool {
        let shown = column.shown();
        let is_known = self.others.contains(&shown) || self.renamed.contains(&shown);
        is_known || self.columns.contains(column) || self.has_table(&column.tabela)
    }

    /// The same for what is no table.
    pub fn has_object(&self, object: &SchemaObject) -> bool {
        self.objects.contains(object) || self.others.contains(&object.shown())
    }

    /// In the order in which it is dropped: a trigger that writes to a table goes before the table.
    pub fn drops(&self) -> Vec<Contraction> {
        let objects = self.objects.iter().cloned().map(Contraction::DropObject);
        let columns = self.columns.iter().cloned().map(Contraction::DropColumn);
        let tables = self.tables.iter().cloned();
        let tables = tables.map(|tabela| Contraction::DropTable { tabela });
        objects.chain(columns).chain(tables).collect()
    }

    /// What of that which went came by no migration of these, as people read it.
    pub fn strangers(&self, gone: &Taken) -> Vec<String> {
        let tables = gone.tables.iter().filter(|table| !self.has_table(table)).cloned();
        let columns = gone.columns.iter().filter(|column| !self.has_column(column));
        let objects = gone.objects.iter().filter(|object| !self.has_object(object));
        let rest = columns.map(Shown::shown).chain(objects.map(Shown::shown));
        tables.chain(rest).collect()
    }

    /// A later operation of the same plugin took some of it away, or gave it another name.
    fn pass(&mut self, later: &SchemaFacts) {
        self.strike(&Taken {
            tables: later.removed_tables.iter().cloned().collect(),
            columns: later.removed_columns.iter().cloned().collect(),
            objects: later.removed_objects.iter().cloned().collect(),
        });
        for renamed in &later.renamed {
            if let Some((from, to)) = renamed.split_once(" → ") {
                self.rename(from, to);
            }
        }
    }

    fn strike(&mut self, taken: &Taken) {
        self.tables.retain(|table| !taken.tables.contains(table));
        self.objects.retain(|object| !taken.objects.contains(object));
        let goes = |column: &FactColumn| taken.tables.contains(&column.tabela) || taken.columns.contains(column);
        self.columns.retain(|column| !goes(column));
        self.others.retain(|other| {
            let is_table = taken.tables.contains(other);
            let is_column = other.split_once('.').is_some_and(|(tabela, coluna)| {
                goes(&FactColumn {
                    tabela: tabela.to_owned(),
                    coluna: coluna.to_owned(),
                })
            });
            !is_table && !is_column
        });
    }

    /// `from`: a table, or `<table>.<column>`.
    fn rename(&mut self, from: &str, to: &str) {
        if self.tables.remove(from) {
            self.tables.insert(to.to_owned());
        }
        let columns = std::mem::take(&mut self.columns).into_iter();
        self.columns = columns
            .map(|FactColumn { tabela, coluna }| {
                let whole = format!("{tabela}.{coluna}");
                FactColumn {
                    coluna: if whole == from { to.to_owned() } else { coluna },
                    tabela: if tabela == from { to.to_owned() } else { tabela },
                }
            })
            .collect();
    }
}

/// Of `<table>.<column> → <column>`, and of `<table> → <table>`, what it is called now.
fn named_now(renamed: &str) -> Option<String> {
    let (from, to) = renamed.split_once(" → ")?;
    Some(match from.split_once('.') {
        Some((table, _)) => format!("{table}.{to}"),
        None => to.to_owned(),
    })
}

impl Group {
    fn of(record: &MigrationRecord) -> Self {
        let versions = record.applied.iter().map(|shown| Migration::of_shown(shown).versao);
        Self {
            versions: versions.collect(),
            made: Made::of_facts(&record.facts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::facts::ObjectKind;

    fn record(applied: &[&str], undone: &[&str], facts: SchemaFacts) -> MigrationRecord {
        let shown = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        MigrationRecord {
            applied: shown(applied),
            undone: shown(undone),
            facts,
            ..MigrationRecord::default()
        }
    }

    fn tables(names: &[&str]) -> SchemaFacts {
        SchemaFacts {
            created_tables: names.iter().map(|name| (*name).to_owned()).collect(),
            ..SchemaFacts::default()
        }
    }

    fn column(text: &str) -> FactColumn {
        let (tabela, coluna) = text.split_once('.').unwrap();
        FactColumn {
            tabela: tabela.to_owned(),
            coluna: coluna.to_owned(),
        }
    }

    fn shown(records: &[MigrationRecord], applied: Option<&[&str]>) -> String {
        let applied = applied.map(|versions| versions.iter().map(|version| (*version).to_owned()).collect());
        let made = Made::of(records, applied.as_ref());
        let mut all: Vec<String> = made.tables.iter().cloned().collect();
        all.extend(made.columns.iter().map(Shown::shown));
        all.extend(made.objects.iter().map(Shown::shown));
        all.extend(made.others.iter().map(|other| format!("?{other}")));
        all.join(" ")
    }

    #[test]
    fn what_was_undone_or_taken_away_was_not_made() {
        let two = || {
            vec![
                record(&["1 a"], &[], tables(&["t"])),
                record(&["2 b"], &[], tables(&["u"])),
            ]
        };
        assert_eq!(shown(&two(), None), "t u");
        assert_eq!(shown(&two(), Some(&["1"])), "t", "somebody undid the other by hand");
        let mut undone = two();
        undone.push(record(&[], &["2 b"], SchemaFacts::default()));
        assert_eq!(shown(&undone, None), "t");
        undone.push(record(&["2 b"], &[], SchemaFacts::default()));
        assert_eq!(shown(&undone, None), "t", "it was there when the migration ran again");
        let mut taken = two();
        taken[1].taken.tables.insert("t".to_owned());
        assert_eq!(shown(&taken, None), "u");
        let mut ended = two();
        ended[0].ended = true;
        assert_eq!(shown(&ended, None), "u");
    }

    #[test]
    fn what_a_lost_log_let_run_again_is_still_theirs() {
        let records = [
            record(&["1 a"], &[], tables(&["t"])),
            record(&["1 a"], &[], SchemaFacts::default()),
        ];
        assert_eq!(shown(&records, Some(&["1"])), "t");
    }

    #[test]
    fn a_later_migration_renames_and_removes() {
        let first = SchemaFacts {
            created_columns: vec![column("a.x"), column("a.y"), column("a.z")],
            created_objects: vec![SchemaObject {
                tipo: ObjectKind::View,
                nome: "v".to_owned(),
            }],
            others: vec!["o".to_owned(), "o.p".to_owned(), "n".to_owned()],
            ..tables(&["t"])
        };
        let later = SchemaFacts {
            renamed: vec!["t → u".to_owned(), "a.x → w".to_owned()],
            removed_columns: vec![column("a.y")],
            removed_tables: vec!["o".to_owned()],
            removed_objects: first.created_objects.clone(),
            ..SchemaFacts::default()
        };
        let records = [record(&["1"], &[], first), record(&["2"], &[], later)];
        assert_eq!(shown(&records, None), "u a.w a.z ?n");
    }
}

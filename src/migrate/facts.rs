//! What migrations made of the schema, told from what stood there before and after them (SPEC 2 §3). Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// What stands in a database.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Schema {
    /// The tables: by name their columns, in order.
    pub tables: BTreeMap<String, Vec<SchemaColumn>>,
    /// What else migrations make.
    pub objects: BTreeSet<SchemaObject>,
}

impl Schema {
    /// Whether a table has a column.
    pub fn has_column(&self, table: &str, column: &str) -> bool {
        self.tables.get(table).is_some_and(|known| has(known, column))
    }

    /// What stood in another one and does not stand in this: tables, columns of tables that stand, and what else there is.
    pub fn gone_since(&self, before: &Self) -> Taken {
        let tables = before.tables.iter();
        let gone = tables.filter(|(table, _)| !self.tables.contains_key(*table));
        let columns = before.tables.iter().flat_map(|(table, columns)| {
            let now = self.tables.get(table);
            let gone = columns
                .iter()
                .filter(move |column| now.is_some_and(|now| !has(now, &column.name)));
            gone.map(|column| FactColumn {
                tabela: table.clone(),
                coluna: column.name.clone(),
            })
        });
        Taken {
            tables: gone.map(|(table, _)| table.clone()).collect(),
            columns: columns.collect(),
            objects: before.objects.difference(&self.objects).cloned().collect(),
        }
    }
}

/// What a database has beside tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ObjectKind {
    /// A view.
    #[serde(rename = "visao")]
    View,
    /// A trigger.
    #[serde(rename = "gatilho")]
    Trigger,
    /// A stored procedure.
    #[serde(rename = "procedimento")]
    Procedure,
    /// A stored function.
    #[serde(rename = "funcao")]
    Function,
    /// An event of the server's scheduler.
    #[serde(rename = "evento")]
    Event,
    /// A sequence.
    #[serde(rename = "sequencia")]
    Sequence,
}

impl ObjectKind {
    /// As a statement has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::View => "VIEW",
            Self::Trigger => "TRIGGER",
            Self::Procedure => "PROCEDURE",
            Self::Function => "FUNCTION",
            Self::Event => "EVENT",
            Self::Sequence => "SEQUENCE",
        }
    }
}

/// A view, trigger, routine, event or sequence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SchemaObject {
    /// What it is.
    pub tipo: ObjectKind,
    /// Its name.
    pub nome: String,
}

/// What was taken away of a schema.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Taken {
    /// Tables.
    #[serde(rename = "tabelas", skip_serializing_if = "BTreeSet::is_empty")]
    pub tables: BTreeSet<String>,
    /// Columns of tables that stayed.
    #[serde(rename = "colunas", skip_serializing_if = "BTreeSet::is_empty")]
    pub columns: BTreeSet<FactColumn>,
    /// Views, triggers, routines, events, sequences.
    #[serde(rename = "objetos", skip_serializing_if = "BTreeSet::is_empty")]
    pub objects: BTreeSet<SchemaObject>,
}

impl Taken {
    /// Nothing was.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.columns.is_empty() && self.objects.is_empty()
    }

    /// Together with what was taken away later.
    pub fn extend(&mut self, later: Self) {
        self.tables.extend(later.tables);
        self.columns.extend(later.columns);
        self.objects.extend(later.objects);
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaColumn {
    /// Its name.
    pub name: String,
    /// Its type, as the server tells it.
    pub kind: String,
}

/// A column of a fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FactColumn {
    /// The table.
    pub tabela: String,
    /// The column.
    pub coluna: String,
}

/// What migrations made and took away. Only what is named in the text of a migration stands in the first four lists:
/// another session may have changed the schema meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SchemaFacts {
    /// Tables that were made.
    #[serde(rename = "tabelas_criadas")]
    pub created_tables: Vec<String>,
    /// Columns that were made, in tables that stood there.
    #[serde(rename = "colunas_criadas")]
    pub created_columns: Vec<FactColumn>,
    /// Tables that were taken away.
    #[serde(rename = "tabelas_removidas")]
    pub removed_tables: Vec<String>,
    /// Columns that were taken away.
    #[serde(rename = "colunas_removidas")]
    pub removed_columns: Vec<FactColumn>,
    /// Views, triggers, routines, events and sequences that were made.
    #[serde(rename = "objetos_criados", skip_serializing_if = "Vec::is_empty")]
    pub created_objects: Vec<SchemaObject>,
    /// Those that were taken away.
    #[serde(rename = "objetos_removidos", skip_serializing_if = "Vec::is_empty")]
    pub removed_objects: Vec<SchemaObject>,
    /// What got another name, as people read it: nothing of it is lost.
    #[serde(rename = "renomeadas", skip_serializing_if = "Vec::is_empty")]
    pub renamed: Vec<String>,
    /// What changed and no migration names, as people read it.
    #[serde(rename = "outras", skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
}

impl SchemaFacts {
    /// Content was taken away, so that there is no way back.
    pub fn removes(&self) -> bool {
        !(self.removed_tables.is_empty() && self.removed_columns.is_empty())
    }
}

/// Tells what changed. `texts`: of the migrations that ran in between.
pub fn compare(before: &Schema, after: &Schema, texts: &[String]) -> SchemaFacts {
    let mut facts = SchemaFacts::default();
    compare_tables((&before.tables, &after.tables), texts, &mut facts);
    for (table, columns) in &after.tables {
        if let Some(known) = before.tables.get(table) {
            compare_columns(table, (known, columns), texts, &mut facts);
        }
    }
    for made in after.objects.difference(&before.objects) {
        let is_named = names(texts, &made.nome);
        sort(is_named, made.clone(), &mut facts.created_objects, &mut facts.others);
    }
    for gone in before.objects.difference(&after.objects) {
        let is_named = names(texts, &gone.nome);
        sort(is_named, gone.clone(), &mut facts.removed_objects, &mut facts.others);
    }
    facts
}

/// Whether something stands there that did not.
pub fn has_grown(before: &Schema, after: &Schema) -> bool {
    after
        .tables
        .iter()
        .any(|(table, columns)| match before.tables.get(table) {
            None => true,
            Some(known) => columns.iter().any(|column| !has(known, &column.name)),
        })
}

type Tables = BTreeMap<String, Vec<SchemaColumn>>;

fn compare_tables((before, after): (&Tables, &Tables), texts: &[String], facts: &mut SchemaFacts) {
    let mut made: Vec<&String> = after.keys().filter(|table| !before.contains_key(*table)).collect();
    let mut gone: Vec<&String> = before.keys().filter(|table| !after.contains_key(*table)).collect();
    if renames(texts) {
        let twins: Vec<(&String, &String)> = gone
            .iter()
            .filter_map(|from| {
                let mut like = made.iter().filter(|to| after[**to] == before[*from]);
                Some((*from, *like.next()?)).filter(|_| like.next().is_none())
            })
            .collect();
        for (from, to) in twins {
            if gone.contains(&from) && made.contains(&to) && names(texts, from) && names(texts, to) {
                facts.renamed.push(format!("{from} → {to}"));
                gone.retain(|table| *table != from);
                made.retain(|table| *table != to);
            }
        }
    }
    for table in made {
        sort(
            names(texts, table),
            table.clone(),
            &mut facts.created_tables,
            &mut facts.others,
        );
    }
    for table in gone {
        sort(
            names(texts, table),
            table.clone(),
            &mut facts.removed_tables,
            &mut facts.others,
        );
    }
}

fn compare_columns(
    table: &str,
    (before, after): (&[SchemaColumn], &[SchemaColumn]),
    texts: &[String],
    facts: &mut SchemaFacts,
) {
    let mut renamed = BTreeSet::new();
    if renames(texts) {
        // A column that is renamed stays where it is.
        for (from, to) in before.iter().zip(after) {
            let moved = from.name != to.name && !has(after, &from.name) && !has(before, &to.name);
            if moved && from.kind == to.kind && names(texts, &from.name) && names(texts, &to.name) {
                facts.renamed.push(format!("{table}.{} → {}", from.name, to.name));
                renamed.extend([from.name.as_str(), to.name.as_str()]);
            }
        }
    }
    let is_named = |column: &SchemaColumn| names(texts, table) && names(texts, &column.name);
    let fact = |column: &SchemaColumn| FactColumn {
        tabela: table.to_owned(),
        coluna: column.name.clone(),
    };
    let differs = |column: &&SchemaColumn, other: &[SchemaColumn]| {
        !has(other, &column.name) && !renamed.contains(column.name.as_str())
    };
    for column in after.iter().filter(|column| differs(column, before)) {
        sort(
            is_named(column),
            fact(column),
            &mut facts.created_columns,
            &mut facts.others,
        );
    }
    for column in before.iter().filter(|column| differs(column, after)) {
        sort(
            is_named(column),
            fact(column),
            &mut facts.removed_columns,
            &mut facts.others,
        );
    }
}

fn has(columns: &[SchemaColumn], name: &str) -> bool {
    columns.iter().any(|column| column.name == name)
}

fn sort<T: Shown>(counts: bool, fact: T, facts: &mut Vec<T>, others: &mut Vec<String>) {
    if counts {
        facts.push(fact);
    } else {
        others.push(fact.shown());
    }
}

/// A fact as people read it.
pub trait Shown {
    /// It.
    fn shown(&self) -> String;
}

impl Shown for String {
    fn shown(&self) -> String {
        self.clone()
    }
}

impl Shown for FactColumn {
    fn shown(&self) -> String {
        format!("{}.{}", self.tabela, self.coluna)
    }
}

impl Shown for SchemaObject {
    fn shown(&self) -> String {
        format!("{} {}", self.tipo.word(), self.nome)
    }
}

/// Whether a migration says that it renames something.
fn renames(texts: &[String]) -> bool {
    texts.iter().any(|text| {
        let text = text.to_ascii_lowercase();
        ["rename", "change column", "change `"]
            .iter()
            .any(|word| text.contains(word))
    })
}

/// Whether a name stands in one of the texts, as a word of its own.
pub(super) fn names(texts: &[String], name: &str) -> bool {
    let wanted = name.to_lowercase();
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
    !wanted.is_empty()
        && texts.iter().any(|text| {
            let text = text.to_lowercase();
            text.match_indices(&wanted).any(|(at, found)| {
                let before = text[..at].chars().next_back();
                let after = text[at + found.len()..].chars().next();
                !before.is_some_and(is_part) && !after.is_some_and(is_part)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a:x int,y text; b:x int`
    fn schema(text: &str) -> Schema {
        let tables = text.split(';').map(str::trim).filter(|table| !table.is_empty());
        let table = |table: &str| {
            let (name, columns) = table.split_once(':').unwrap();
            let columns = columns.split(',').map(|column| {
                let (name, kind) = column.trim().split_once(' ').unwrap();
                SchemaColumn {
                    name: name.to_owned(),
                    kind: kind.to_owned(),
                }
            });
            (name.to_owned(), columns.collect())
        };
        Schema {
            tables: tables.map(table).collect(),
            ..Schema::default()
        }
    }

    #[test]
    fn what_is_no_table_counts_too() {
        let object = |tipo, nome: &str| SchemaObject {
            tipo,
            nome: nome.to_owned(),
        };
        let with = |objects: &[SchemaObject]| Schema {
            objects: objects.iter().cloned().collect(),
            ..schema("a:x int")
        };
        let (view, other) = (object(ObjectKind::View, "v"), object(ObjectKind::Trigger, "g"));
        let (before, after) = (with(&[]), with(&[view.clone(), other.clone()]));
        let facts = compare(&before, &after, &["CREATE VIEW v AS SELECT 1".to_owned()]);
        assert_eq!(
            (facts.created_objects, facts.others),
            (vec![view.clone()], vec!["TRIGGER g".to_owned()])
        );
        let facts = compare(&after, &before, &["drop v g".to_owned()]);
        assert_eq!(facts.removed_objects, [view.clone(), other.clone()]);
        assert!(!facts.removes(), "no content went");
        let gone = before.gone_since(&after);
        assert_eq!(gone.objects, [view, other].into());
        let gone = schema("b:x int").gone_since(&schema("a:x int; b:x int, y int"));
        assert_eq!(gone.tables, ["a".to_owned()].into());
        let column = gone.columns.first().map(Shown::shown);
        assert_eq!(column.as_deref(), Some("b.y"));
    }

    #[test]
    fn what_changed_counts_where_a_migration_names_it() {
        for (before, after, text, shown) in [
            ("a:x int", "a:x int; b:x int", "CREATE TABLE b", "+b"),
            ("a:x int", "a:x int; b:x int", "CREATE TABLE `B` (…)", "+b"),
            ("a:x int", "a:x int; b:x int", "table('bb')->create()", "?b"),
            ("a:x int", "a:x int; b:x int", "", "?b"),
            ("a:x int", "a:x int, y int", "table('a')->addColumn('y')", "+a.y"),
            ("a:x int", "a:x int, y int", "addColumn('y')", "?a.y"),
            ("a:x int, y int", "a:x int", "ALTER TABLE a DROP y", "-a.y"),
            ("a:x int; b:x int", "a:x int", "DROP TABLE b", "-b"),
            ("a:x int; b:y int", "a:x int; c:y int", "RENAME TABLE b TO c", "~b → c"),
            (
                "a:x int; b:y int",
                "a:x int; c:y int",
                "DROP TABLE b; CREATE TABLE c",
                "+c -b",
            ),
            ("a:x int; b:y int", "a:x int; c:z int", "rename b c", "+c -b"),
            (
                "a:x int, y int",
                "a:x int, z int",
                "table('a')->renameColumn('y', 'z')",
                "~a.y → z",
            ),
            (
                "a:x int, y int",
                "a:x int, z int",
                "ALTER TABLE a CHANGE `y` `z` INT",
                "~a.y → z",
            ),
            ("a:x int, y int", "a:x int, z int", "change() a y z", "+a.z -a.y"),
            ("a:x int, y int", "a:x int, z text", "rename a y z", "+a.z -a.y"),
            ("a:x int", "a:x text", "a x", ""),
        ] {
            let facts = compare(&schema(before), &schema(after), &[text.to_owned()]);
            let mut found: Vec<String> = Vec::new();
            let columns = |columns: &[FactColumn]| columns.iter().map(Shown::shown).collect::<Vec<_>>();
            for (sign, names) in [
                (
                    '+',
                    [facts.created_tables.clone(), columns(&facts.created_columns)].concat(),
                ),
                (
                    '-',
                    [facts.removed_tables.clone(), columns(&facts.removed_columns)].concat(),
                ),
                ('~', facts.renamed.clone()),
                ('?', facts.others.clone()),
            ] {
                found.extend(names.into_iter().map(|name| format!("{sign}{name}")));
            }
            assert_eq!(found.join(" "), shown, "{before} | {after} | {text}");
            assert_eq!(facts.removes(), shown.contains('-'), "{shown}");
        }
    }

    #[test]
    fn a_schema_grows_by_tables_and_columns() {
        for (before, after, grown) in [
            ("a:x int", "a:x int", false),
            ("a:x int", "a:x int, y int", true),
            ("a:x int, y int", "a:x int", false),
            ("", "a:x int", true),
        ] {
            assert_eq!(has_grown(&schema(before), &schema(after)), grown, "{before} {after}");
        }
    }
}

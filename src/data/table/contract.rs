//! How one table is synchronized: its key, what a user's change keeps, whether rows may be changed at all (SPEC §6,
//! "Contract"). Pure; `gestor_files` reads the gestor's own contracts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::schema::TableSchema;
use crate::model::{Phrase, TableName};

/// The contracts of gestor 2.9.43, for gestors that no longer have theirs.
const COMPILED: &str = include_str!("../gestor/2.9.43.contracts.json");

/// Tables whose rows may lack module, group or language from older times.
const RESOURCES: [&str; 6] = ["paginas", "layouts", "componentes", "variaveis", "forms", "templates"];

/// Whether a table may be one without owner column: for these alone the previously installed package is asked. The
/// resource tables of every gestor have one.
pub fn may_lack_owner(table: &TableName) -> bool {
    !RESOURCES.contains(&table.as_str())
}

/// A contract as the gestor declares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    /// `natural_key` or `pk`.
    #[serde(default)]
    pub strategy: String,
    /// Columns of the key.
    #[serde(default)]
    pub natural_key_columns: Vec<String>,
    /// Columns in which a user's value stays.
    #[serde(default)]
    pub preserve_on_user_modified: Vec<String>,
    /// Rows are only added.
    #[serde(default)]
    pub insert_only: bool,
    /// The primary key's column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_numerico: Option<String>,
}

/// `schema-metadata.json`
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Declarations {
    /// By table.
    pub tables: BTreeMap<String, Declaration>,
}

/// All contracts of one gestor.
#[derive(Debug, Clone, Default)]
pub struct Contracts {
    gestor: Declarations,
    compiled: Declarations,
    /// Why the gestor's own contracts are not used, where it has some.
    pub problem: Option<Phrase>,
}

impl Contracts {
    /// The compiled-in contracts, and before them those that the gestor declares (the text of its
    /// `schema-metadata.json`).
    pub fn new(gestor: Option<&[u8]>) -> Self {
        let compiled = serde_json::from_str(COMPILED).unwrap_or_default();
        let read = gestor.map(|text| {
            let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
            serde_json::from_slice::<Declarations>(text)
        });
        let (gestor, problem) = match read {
            None => (Declarations::default(), None),
            Some(Ok(declared)) => (declared, None),
            Some(Err(fault)) => (Declarations::default(), Some(Phrase::of_others(fault.to_string()))),
        };
        Self {
            gestor,
            compiled,
            problem,
        }
    }

    fn declaration(&self, table: &TableName) -> Option<&Declaration> {
        let name = table.as_str();
        self.gestor.tables.get(name).or_else(|| self.compiled.tables.get(name))
    }

    /// The contract of a table as it stands in the database.
    pub fn resolve(&self, schema: &TableSchema) -> Contract {
        let declared = self.declaration(&schema.name);
        let declared_key = declared.and_then(|declaration| declared_key(declaration, schema));
        let positions = |names: &[String]| names.iter().filter_map(|name| schema.position(name)).collect();
        Contract {
            key: declared_key.unwrap_or_else(|| key_of_schema(schema)),
            preserve: declared.map_or_else(Vec::new, |found| positions(&found.preserve_on_user_modified)),
            insert_only: declared.is_some_and(|found| found.insert_only),
            core_table: declared.is_some(),
            resource: RESOURCES.contains(&schema.name.as_str()),
        }
    }
}

/// The contract of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// What makes a row the same row.
    pub key: KeyRule,
    /// Columns in which a user's value stays.
    pub preserve: Vec<usize>,
    /// Rows are only added.
    pub insert_only: bool,
    /// A table of the gestor.
    pub core_table: bool,
    /// Module, group and language may be empty in the table.
    pub resource: bool,
}

impl Contract {
    /// The columns that tell rows apart where the table has neither a primary key nor a UNIQUE index without NULL: the key
    /// and the owner. Rows that are alike in them are one row to us. None where a key is lacking as well.
    pub fn stand_in_identity(&self, schema: &TableSchema) -> Vec<usize> {
        let mut columns = self.key.columns().to_vec();
        if !columns.is_empty() {
            columns.extend(schema.owner());
        }
        columns
    }
}

/// What makes a row the same row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyRule {
    /// These columns.
    Natural {
        /// Places.
        columns: Vec<usize>,
        /// The UNIQUE index that these are, where there is one: its place in `TableSchema::unique`.
        index: Option<usize>,
    },
    /// The primary key where a row carries it, else these columns (none: it must).
    Primary {
        /// Places.
        otherwise: Vec<usize>,
    },
}

impl KeyRule {
    /// The columns that stand for a row without primary key.
    pub fn columns(&self) -> &[usize] {
        match self {
            Self::Natural { columns, .. } => columns,
            Self::Primary { otherwise } => otherwise,
        }
    }
}

fn declared_key(declaration: &Declaration, schema: &TableSchema) -> Option<KeyRule> {
    if declaration.strategy == "pk" {
        let otherwise = schema.position("id").into_iter().collect();
        return (!schema.primary.is_empty()).then_some(KeyRule::Primary { otherwise });
    }
    let named = declaration.natural_key_columns.iter();
    let columns: Vec<usize> = named.filter_map(|name| schema.position(name)).collect();
    (!columns.is_empty()).then(|| natural(schema, columns))
}

/// The key of these columns, or the smallest UNIQUE index that is a part of them.
fn natural(schema: &TableSchema, columns: Vec<usize>) -> KeyRule {
    let inside = |index: &usize| {
        schema.unique[*index]
            .columns
            .iter()
            .all(|column| columns.contains(column))
    };
    let index = (0..schema.unique.len())
        .filter(inside)
        .min_by_key(|index| schema.unique[*index].columns.len());
    KeyRule::Natural {
        columns: index.map_or(columns, |index| schema.unique[index].columns.clone()),
        index,
    }
}

fn key_of_schema(schema: &TableSchema) -> KeyRule {
    let counts_up = |columns: &[usize]| columns.iter().any(|column| schema.columns[*column].auto_increment);
    let id = schema.position("id");
    let index = (0..schema.unique.len())
        .filter(|index| !counts_up(&schema.unique[*index].columns))
        .min_by_key(|index| {
            let columns = &schema.unique[*index].columns;
            (!id.is_some_and(|id| columns.contains(&id)), columns.len())
        });
    if let Some(index) = index {
        return KeyRule::Natural {
            columns: schema.unique[index].columns.clone(),
            index: Some(index),
        };
    }
    if !schema.primary.is_empty() && !counts_up(&schema.primary) {
        return KeyRule::Natural {
            columns: schema.primary.clone(),
            index: None,
        };
    }
    match id {
        Some(id) if schema.primary != [id] => {
            let language = schema
                .position("language")
                .or_else(|| schema.position("linguagem_codigo"));
            KeyRule::Natural {
                columns: std::iter::once(id).chain(language).collect(),
                index: None,
            }
        }
        _ => KeyRule::Primary { otherwise: Vec::new() },
    }
}

#[cfg(test)]
pub(in crate::data) mod tests {
    use super::super::column_facts::tests::facts;
    use super::super::schema::{ColumnType, UniqueIndex};
    use super::*;

    /// A table of varchar columns; `#` before a name makes it the auto-increment primary key.
    pub(crate) fn table(name: &str, columns: &[&str], unique: &[&[&str]]) -> TableSchema {
        let mut made = TableSchema {
            name: TableName::new(name).unwrap(),
            columns: Vec::new(),
            primary: Vec::new(),
            identity: Vec::new(),
            unique: Vec::new(),
            references: Vec::new(),
            transactional: true,
            estimated_rows: 0,
        };
        for (at, column) in columns.iter().enumerate() {
            let plain = column.trim_start_matches('#');
            let mut column_facts = facts(
                plain,
                if plain == *column {
                    "varchar(255)"
                } else {
                    "int(11) unsigned"
                },
            );
            if plain != *column {
                column_facts.extra = "auto_increment".to_owned();
                made.primary.push(at);
                made.identity.push(at);
            }
            made.columns.push(column_facts.column().unwrap());
        }
        for columns in unique {
            let columns: Vec<usize> = columns.iter().map(|name| made.position(name).unwrap()).collect();
            made.unique.push(UniqueIndex {
                name: format!("u{}", made.unique.len()),
                columns,
            });
        }
        made
    }

    fn key(contracts: &Contracts, schema: &TableSchema) -> String {
        let names = |columns: &[usize]| -> Vec<&str> {
            columns
                .iter()
                .map(|column| schema.columns[*column].name.as_str())
                .collect()
        };
        match contracts.resolve(schema).key {
            KeyRule::Natural { columns, index } => {
                format!(
                    "{}{}",
                    names(&columns).join(","),
                    if index.is_some() { " unique" } else { "" }
                )
            }
            KeyRule::Primary { otherwise } => format!("primary, else {}", names(&otherwise).join(",")),
        }
    }

    #[test]
    fn the_first_contract_that_applies_counts() {
        let compiled = Contracts::new(None);
        let gestor = Contracts::new(Some(
            b"\xEF\xBB\xBF{\"tables\":{\"paginas\":{\"strategy\":\"natural_key\",\"natural_key_columns\":[\"id\"],\"insert_only\":true}}}",
        ));
        let pages = table(
            "paginas",
            &["#id_paginas", "id", "language", "modulo", "nome", "html"],
            &[],
        );
        assert_eq!(key(&compiled, &pages), "language,modulo,id");
        assert_eq!(compiled.resolve(&pages).preserve, [4, 5]);
        assert_eq!(key(&gestor, &pages), "id");
        assert!(gestor.resolve(&pages).insert_only && gestor.resolve(&pages).core_table);
        assert_eq!(compiled.compiled.tables.len(), 20);
        let broken = Contracts::new(Some(b"{"));
        assert!(broken.problem.is_some());
        assert_eq!(key(&broken, &pages), "language,modulo,id");
    }

    #[test]
    fn keys_follow_the_table() {
        let contracts = Contracts::new(None);
        for (schema, expected) in [
            (
                table("templates", &["#n", "id", "language"], &[&["id", "language"]]),
                "id,language unique",
            ),
            (table("layouts", &["#n", "id", "language"], &[]), "language,id"),
            (table("categorias", &["#id_categorias", "id"], &[]), "primary, else id"),
            (table("usuarios", &["#id_usuarios", "id"], &[]), "primary, else id"),
            (table("own", &["#n", "code", "id"], &[&["code"]]), "code unique"),
            (
                table("own", &["#n", "code", "id"], &[&["code"], &["id", "code"]]),
                "id,code unique",
            ),
            (table("own", &["#n", "code"], &[&["n", "code"]]), "primary, else "),
            (table("own", &["#n", "id", "language"], &[]), "id,language"),
            (table("own", &["#id", "language"], &[]), "primary, else "),
            (table("own", &["#n", "name"], &[]), "primary, else "),
        ] {
            assert_eq!(key(&contracts, &schema), expected, "{}", schema.name);
        }
        let mut natural_primary = table("own", &["code", "name"], &[]);
        natural_primary.primary = vec![0];
        assert_eq!(key(&contracts, &natural_primary), "code");
        assert_eq!(
            natural_primary.columns[0].kind,
            ColumnType::Characters {
                limit: 255,
                padded: false
            }
        );
    }
}

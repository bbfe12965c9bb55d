//! Which rows of a table to ask for, so that every row that could be meant is seen, and few others. Pure.

use std::collections::HashSet;

use super::unique;
use crate::config::Adoption;
use crate::data::fit::column_map::Table;
use crate::data::fit::core_keys::key_of;
use crate::data::fit::find::{Gaps, Present, Wanted};
use crate::data::fit::natural_key::Key;
use crate::data::fit::value::Value;
use crate::data::table::contract::{Contract, KeyRule};
use crate::data::table::schema::{DefaultValue, TableSchema};

/// Which rows of a table to look for.
#[derive(Debug)]
pub(in crate::data) struct Search {
    /// The columns that the keys are looked up by.
    pub(in crate::data) columns: Vec<usize>,
    /// Their values.
    pub(in crate::data) tuples: Vec<Vec<Value<'static>>>,
    /// Rows of other owners as well: they stand behind a UNIQUE index.
    pub(super) any_owner: bool,
    /// For rows that are found by their primary key.
    primary: bool,
    seen: HashSet<Key>,
}

impl Search {
    /// The searches of a table, without values yet.
    pub(in crate::data) fn all(schema: &TableSchema, contract: &Contract) -> Vec<Self> {
        let search = |columns: Vec<usize>, primary: bool, any_owner: bool| Self {
            columns,
            tuples: Vec::new(),
            any_owner,
            primary,
            seen: HashSet::new(),
        };
        let natural = anchor(schema, contract);
        let mut searches = Vec::new();
        if !natural.is_empty() {
            searches.push(search(natural, false, unique::key_index(schema, contract).is_some()));
        }
        if matches!(contract.key, KeyRule::Primary { .. }) {
            searches.push(search(schema.primary.clone(), true, true));
        }
        searches
    }

    /// Whether a row of the table with this key is looked for.
    pub(in crate::data) fn wants(&self, key: &Key) -> bool {
        self.seen.contains(key)
    }

    /// Adds what a row of a window is looked up by.
    pub(in crate::data) fn add(&mut self, table: &Table<'_>, at: usize, wanted: &Wanted) {
        let is_new = wanted.key.primary == self.primary && self.seen.insert(key_of(table, at, &self.columns));
        if is_new {
            let values = self.columns.iter().map(|column| value_or_default(table, at, *column));
            self.tuples.push(values.collect());
        }
    }
}

/// The value that a row has for a column, or will have.
pub(in crate::data) fn value_or_default(table: &Table<'_>, at: usize, column: usize) -> Value<'static> {
    match table.layout(at).cell(column) {
        Some(cell) => table.value(at, cell).map_or(Value::Null, Value::into_owned),
        None => match &table.schema.columns[column].default {
            DefaultValue::Text(text) => Value::Text(text.clone().into()),
            _ => Value::Null,
        },
    }
}

/// Places of rows that have to be looked for: those that are not this plugin's own already.
pub(super) fn unknown_rows(wanted: &[Wanted], own: &[Present]) -> Vec<usize> {
    let owned: HashSet<(bool, &Key)> = own
        .iter()
        .flat_map(|row| [(false, &row.key), (true, &row.identity_key)])
        .collect();
    let is_unknown = |at: &usize| !owned.contains(&(wanted[*at].key.primary, &wanted[*at].key.key));
    (0..wanted.len()).filter(is_unknown).collect()
}

/// The columns of the key that rows are looked up by: `id` leads an index wherever there is one; a UNIQUE index is
/// asked as a whole; else the one that tells most.
fn anchor(schema: &TableSchema, contract: &Contract) -> Vec<usize> {
    let columns = contract.key.columns();
    let named = |name: &str| schema.position(name).filter(|column| columns.contains(column));
    if let Some(id) = named("id") {
        return vec![id];
    }
    if unique::key_index(schema, contract).is_some() {
        return columns.to_vec();
    }
    let telling = named("operacao")
        .or_else(|| named("modulo"))
        .or(columns.last().copied());
    telling.into_iter().collect()
}

/// Which parts of a table's key may be empty in its rows.
pub(in crate::data) fn gaps(schema: &TableSchema, contract: &Contract, adoption: Adoption) -> Gaps {
    if !contract.resource || schema.owner().is_none() {
        return Gaps::default();
    }
    let columns = contract.key.columns();
    let name = |at: &usize| schema.columns[columns[*at]].name.as_str();
    let places = || 0..columns.len();
    Gaps {
        module: places()
            .filter(|at| matches!(name(at), "modulo" | "module" | "grupo"))
            .collect(),
        language: places().find(|at| matches!(name(at), "language" | "linguagem_codigo")),
        of_nobody: adoption == Adoption::Always,
    }
}

#[cfg(test)]
mod tests {
    use super::super::survey::wanted_key;
    use super::*;
    use crate::data::fit::column_map::tests::{row, text};
    use crate::data::fit::find::WantedKey;
    use crate::data::table::contract::Contracts;
    use crate::data::table::contract::tests::table;

    #[test]
    fn rows_are_looked_up_by_what_tells_most() {
        let contracts = Contracts::new(None);
        for (schema, expected) in [
            (
                table("paginas", &["#n", "id", "language", "modulo", "plugin"], &[]),
                "[1] ",
            ),
            (
                table("modulos", &["#n", "id", "language", "plugin"], &[&["id", "language"]]),
                "[1] any",
            ),
            (table("own", &["#n", "a", "b"], &[&["a", "b"]]), "[1, 2] any"),
            (
                table("usuarios_perfis_modulos", &["#n", "perfil", "modulo"], &[]),
                "[2] ",
            ),
            (table("categorias", &["#id_categorias", "id"], &[]), "[1] [0] any"),
        ] {
            let contract = contracts.resolve(&schema);
            let searches = Search::all(&schema, &contract);
            let shown: Vec<String> = searches
                .iter()
                .map(|search| format!("{:?} {}", search.columns, if search.any_owner { "any" } else { "" }))
                .collect();
            assert_eq!(shown.join(""), expected, "{}", schema.name);
        }
    }

    #[test]
    fn a_value_is_asked_for_once() {
        let schema = table("paginas", &["#n", "id", "language", "modulo", "plugin"], &[]);
        let contract = Contracts::new(None).resolve(&schema);
        let rows = [
            row(1, &[("id", text("a")), ("modulo", text("m"))]),
            row(2, &[("id", text("A")), ("modulo", text("n"))]),
        ];
        let laid = Table::new(&schema, &contract, &rows);
        let wanted: Vec<Wanted> = (0..2)
            .map(|at| Wanted {
                key: wanted_key(&laid, at),
                descriptor: false,
            })
            .collect();
        let mut search = Search::all(&schema, &contract).remove(0);
        (0..2).for_each(|at| search.add(&laid, at, &wanted[at]));
        assert_eq!(search.tuples.len(), 1);
        let own = Present {
            identity: std::sync::Arc::new([b"1".as_slice().into()]),
            identity_key: Box::new(["1".into()]),
            key: wanted[0].key.key.clone(),
            owner: crate::data::fit::find::RowOwner::Own,
            project: false,
            user_modified: false,
        };
        assert_eq!(unknown_rows(&wanted, &[own]), [1]);
        assert!(matches!(&wanted[0].key, WantedKey { primary: false, .. }));
    }
}

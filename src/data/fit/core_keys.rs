//! Which rows are the gestor's own: keys compiled in for known releases, and how they are written and read (SPEC §6,
//! "Core rows"). Pure; `gestor_files` adds what the gestor's own data files say.

use std::collections::HashSet;
use std::sync::Arc;

use super::column_map::Table;
use super::natural_key::{Key, fold, fold_absent};
use crate::data::table::contract::{Contracts, KeyRule};
use crate::data::table::schema::TableSchema;
use crate::model::{Field, PackageRow, RowOrigin};

/// Keys of known releases, as `examples/core_keys.rs` writes them.
const RELEASES: [(&str, &str); 1] = [("2.9.43", include_str!("../gestor/2.9.43.keys"))];

const TABLE: char = '@';
const NULL: &str = "\\N";

/// The compiled-in keys of a release; `None` when it is not known.
pub(super) fn of_release(version: &str) -> Option<&'static str> {
    let version = version.trim().trim_start_matches(['v', 'V']);
    RELEASES
        .iter()
        .find(|(release, _)| *release == version)
        .map(|(_, keys)| *keys)
}

/// The keys of one table out of a release's text, as rows that have only their key's fields.
pub(super) fn rows_of(keys: &str, table: &str) -> Vec<PackageRow> {
    let mut names: Vec<Arc<str>> = Vec::new();
    let mut inside = false;
    let mut rows = Vec::new();
    let source: Arc<str> = Arc::from("core keys");
    for line in keys.lines() {
        if let Some(head) = line.strip_prefix(TABLE) {
            let mut words = head.split('\t');
            inside = words.next() == Some(table);
            names = words.map(Arc::from).collect();
        } else if inside {
            let fields = names.iter().cloned().zip(line.split('\t').map(read_value));
            rows.push(PackageRow {
                source: Arc::clone(&source),
                number: rows.len() + 1,
                origin: RowOrigin::DataFile,
                fields: fields.collect(),
            });
        }
    }
    rows
}

fn read_value(text: &str) -> Field {
    if text == NULL {
        return Field::Null;
    }
    let mut value = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        value.push(match letter {
            '\\' => match letters.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                other => other.unwrap_or('\\'),
            },
            letter => letter,
        });
    }
    Field::Text(value)
}

fn write_value(field: Option<&Field>) -> String {
    match field {
        None | Some(Field::Null) => NULL.to_owned(),
        Some(Field::Bool(truth)) => u8::from(*truth).to_string(),
        Some(Field::Number(text)) => text.to_string(),
        Some(Field::Text(text) | Field::Json(text)) => {
            text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n")
        }
    }
}

/// Writes the keys of one table's core rows: a line with the table and the names of `columns`, then a sorted line a
/// row. For the tool that makes a release's keys.
pub fn write(table: &str, columns: &[String], rows: &[PackageRow]) -> String {
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let values = columns.iter().map(|name| write_value(row.get(name)));
            values.collect::<Vec<_>>().join("\t")
        })
        .collect();
    lines.sort();
    lines.dedup();
    let mut text = format!("{TABLE}{table}");
    for column in columns {
        text.push('\t');
        text.push_str(column);
    }
    text.push('\n');
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// The core rows of one table, by key.
#[derive(Debug, Clone, Default)]
pub struct CoreTable {
    keys: HashSet<Key>,
    /// The keys are known; otherwise every row without owner counts as the gestor's.
    pub known: bool,
}

impl CoreTable {
    /// The keys of the given rows, as the table's contract makes them.
    pub fn new(schema: &TableSchema, contracts: &Contracts, rows: &[PackageRow], known: bool) -> Self {
        let contract = contracts.resolve(schema);
        let table = Table::new(schema, &contract, rows);
        let columns = contract.key.columns();
        let keys = (0..rows.len()).filter(|row| !lacks_all(&table, *row, columns));
        Self {
            keys: keys.map(|row| key_of(&table, row, columns)).collect(),
            known,
        }
    }

    /// Whether the gestor is known to have this key.
    pub(in crate::data) fn holds(&self, key: &Key) -> bool {
        self.keys.contains(key)
    }

    /// Whether a row without owner, found by one key and standing under another, is the gestor's.
    pub fn is_core(&self, wanted: &Key, present: &Key) -> bool {
        !self.known || self.keys.contains(wanted) || self.keys.contains(present)
    }
}

fn lacks_all(table: &Table<'_>, row: usize, columns: &[usize]) -> bool {
    let given = |column: &usize| table.value_of(row, *column).is_some_and(|value| !value.is_empty());
    !columns.iter().any(given)
}

/// The folded key of a row; what it does not give is the column's default.
pub(in crate::data) fn key_of(table: &Table<'_>, row: usize, columns: &[usize]) -> Key {
    let part = |column: &usize| {
        let definition = &table.schema.columns[*column];
        match table.value_of(row, *column) {
            Some(value) => fold(definition, &value),
            None => fold_absent(definition),
        }
    };
    columns.iter().map(part).collect()
}

/// Whether the rule lets a row be found by its primary key, and the row gives it.
pub(in crate::data) fn has_primary(table: &Table<'_>, row: usize) -> bool {
    let given = |column: &usize| table.value_of(row, *column).is_some_and(|value| !value.is_empty());
    matches!(table.contract.key, KeyRule::Primary { .. })
        && !table.schema.primary.is_empty()
        && table.schema.primary.iter().all(given)
}

#[cfg(test)]
mod tests {
    use super::super::column_map::tests::{row, text};
    use super::*;
    use crate::data::table::contract::tests::table;

    #[test]
    fn keys_are_written_and_read() {
        let rows = [
            row(1, &[("id", text("b\t\\x")), ("html", text("..."))]),
            row(2, &[("id", text("a")), ("language", text("en"))]),
        ];
        let columns = ["language".to_owned(), "id".to_owned()];
        let written = write("t", &columns, &rows);
        assert_eq!(written, "@t\tlanguage\tid\n\\N\tb\\t\\\\x\nen\ta\n");
        let read = rows_of(&format!("@s\tid\nz\n{written}@u\tid\nz\n"), "t");
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].get("id"), Some(&text("b\t\\x")));
        assert_eq!(read[0].get("language"), Some(&Field::Null));
    }

    #[test]
    fn core_rows_of_the_known_release_are_found() {
        let keys = of_release("2.9.43").unwrap();
        assert!(of_release("v2.9.43").is_some() && of_release("2.9.44").is_none());
        let schema = table("modulos", &["#id_modulos", "id", "language"], &[&["id", "language"]]);
        let contracts = Contracts::new(None);
        let core = CoreTable::new(&schema, &contracts, &rows_of(keys, "modulos"), true);
        let key = |id: &str| -> Key { Box::new([id.into(), "pt-br".into()]) };
        assert!(core.is_core(&key("admin-plugins"), &key("admin-plugins")));
        assert!(!core.is_core(&key("x-mine"), &key("x-mine")));
        let unknown = CoreTable::new(&schema, &contracts, &[], false);
        assert!(unknown.is_core(&key("x-mine"), &key("x-mine")));
        // A table whose index is smaller than the declared key.
        let templates = table("templates", &["#n", "id", "language"], &[&["id", "language"]]);
        let core = CoreTable::new(&templates, &contracts, &rows_of(keys, "templates"), true);
        assert!(core.is_core(&key("sessao-com-2-colunas"), &key("sessao-com-2-colunas")));
    }
}

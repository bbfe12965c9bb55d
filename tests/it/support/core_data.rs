//! The rows that the gestor itself ships, as data files and as rows of a database.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use serde_json::{Map, Value};

use super::fixture;
use super::mariadb::Database;

/// The core's data files by name (`Paginas`, `ModulosGrupos`).
pub(crate) fn core_data() -> BTreeMap<String, Value> {
    fs::read_dir(fixture("core-data"))
        .unwrap()
        .filter_map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name()?.to_str()?.strip_suffix("Data.json")?.to_owned();
            Some((name, serde_json::from_slice(&fs::read(&path).unwrap()).unwrap()))
        })
        .collect()
}

/// The table of a data file, by the plain rule: `ModulosGrupos` is `modulos_grupos`.
pub(crate) fn table_of(name: &str) -> String {
    name.chars().fold(String::new(), |mut table, letter| {
        if letter.is_ascii_uppercase() && !table.is_empty() {
            table.push('_');
        }
        table.push(letter.to_ascii_lowercase());
        table
    })
}

/// Puts all core rows into their tables, without owner, as the gestor's own installer leaves them.
pub(crate) fn load_core_rows(database: &Database) {
    database.run("SET SESSION sql_mode = ''; BEGIN");
    for (name, rows) in core_data() {
        let table = table_of(&name);
        let columns: Vec<_> = database
            .rows(&format!("SHOW COLUMNS FROM `{table}`"))
            .into_iter()
            .filter_map(|row| row[0].clone())
            .collect();
        for row in rows.as_array().unwrap().iter().filter_map(Value::as_object) {
            insert(database, &table, row, |column| {
                columns.iter().any(|known| known == column)
            });
        }
    }
    database.run("COMMIT; SET SESSION sql_mode = DEFAULT");
}

/// Inserts one row: those of its values whose column is wanted.
pub(crate) fn insert(database: &Database, table: &str, row: &Map<String, Value>, is_wanted: impl Fn(&str) -> bool) {
    let (columns, values): (Vec<_>, Vec<_>) = row
        .iter()
        .filter(|(column, _)| is_wanted(column))
        .map(|(column, value)| (format!("`{column}`"), literal(value)))
        .unzip();
    database.run(&format!(
        "INSERT INTO `{table}` ({}) VALUES ({})",
        columns.join(","),
        values.join(",")
    ));
}

/// A value as it stands in a statement.
fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(value) => u8::from(*value).to_string(),
        Value::Number(number) => number.to_string(),
        other => {
            let text = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
            let mut hex = String::from("_utf8mb4 X'");
            for byte in text.bytes() {
                let _ = write!(hex, "{byte:02x}");
            }
            hex + "'"
        }
    }
}

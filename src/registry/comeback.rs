//! What our own tables, and the row in `plugins`, hold again of a plugin that comes back (SPEC 2 §6). Inside the
//! transaction; the lines are those of [`records_of`](super::records_of).

use serde_json::{Map, Value as Json};

use super::plugin_row::{keys, set_text};
use super::row_text::unless_absent;
use super::{RegistryError, State};
use crate::base::db::{Database, Row, Value, push_binary, push_text};
use crate::base::json::bytes_of;
use crate::model::Slug;
use crate::outcome::ExecutionStatus;

/// A row as an archive holds it: by column a text, `{"$hex"}` or null.
pub type Record = Map<String, Json>;

/// Columns of `plugins` that uninstalling writes to.
const TOUCHED: [&str; 6] = [
    "versao_instalada",
    "checksum_pacote",
    "manifest_json",
    "status_execucao",
    "data_ultima_atualizacao",
    "data_modificacao",
];

/// The plugin is paused: nothing is installed, and the admin page shows it as inactive.
const PAUSE: &str = "UPDATE plugins SET versao_instalada = NULL, checksum_pacote = NULL, manifest_json = NULL, \
     status = 'I', status_execucao = 'pausado', data_ultima_atualizacao = NOW() WHERE id_plugins = ?";

/// What `plugins` says of a plugin that is paused.
pub fn pause_row(database: &mut Database, slug: &Slug) -> Result<(), RegistryError> {
    for key in keys(database, slug)? {
        database.exec(PAUSE, (key,))?;
    }
    Ok(())
}

/// The plugin's row says again what it said, in all columns where `whole`, else in those that uninstalling wrote to; with
/// `status` also whether the admin page shows it as active. A row that is gone is made anew.
pub fn revive_row(
    database: &mut Database,
    slug: &Slug,
    row: &Record,
    (whole, status): (bool, bool),
) -> Result<(), RegistryError> {
    let mut row = row.clone();
    row.insert("status_execucao".to_owned(), ExecutionStatus::Ok.word().into());
    let known = columns(database, "plugins")?;
    row.retain(|name, _| known.contains(name));
    let keys = keys(database, slug)?;
    if keys.is_empty() {
        return insert_row(database, row);
    }
    row.remove("id_plugins");
    if !whole {
        row.retain(|name, _| TOUCHED.contains(&name.as_str()) || (status && name == "status"));
    }
    for key in keys {
        write_row(database, key, &row)?;
    }
    Ok(())
}

/// Writes columns of a row in `plugins`.
pub(super) fn write_row(database: &mut Database, number: u64, row: &Record) -> Result<(), RegistryError> {
    if row.is_empty() {
        return Ok(());
    }
    let set: Vec<String> = row.keys().map(|name| format!("`{name}` = ?")).collect();
    let sql = format!("UPDATE plugins SET {} WHERE id_plugins = {number}", set.join(", "));
    database.exec(&sql, values(row))?;
    Ok(())
}

/// The admin page shows the plugin again as it did: what pausing wrote is undone.
pub fn revive_status(database: &mut Database, slug: &Slug, row: &Record) -> Result<(), RegistryError> {
    let status = row.get("status").and_then(Json::as_str).unwrap_or("A");
    set_text(database, slug, "status", status)
}

fn insert_row(database: &mut Database, mut row: Record) -> Result<(), RegistryError> {
    let number = row.get("id_plugins").and_then(Json::as_str).map(str::to_owned);
    let taken = database.exec_rows("SELECT 1 FROM plugins WHERE id_plugins = ?", (number,))?;
    if !taken.is_empty() {
        row.remove("id_plugins");
    }
    let names: Vec<String> = row.keys().map(|name| format!("`{name}`")).collect();
    let places = vec!["?"; names.len()].join(", ");
    let sql = format!("INSERT INTO plugins ({}) VALUES ({places})", names.join(", "));
    database.exec(&sql, values(&row))?;
    Ok(())
}

fn values(row: &Record) -> Vec<Value> {
    let value = |value: &Json| bytes_of(value).map_or(Value::NULL, Value::Bytes);
    row.values().map(value).collect()
}

/// Columns that a table has now: what an archive holds may be of another day.
pub(super) fn columns(database: &mut Database, table: &str) -> Result<Vec<String>, RegistryError> {
    let sql = "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?";
    let rows = database.exec_rows(sql, (table,))?;
    let name = |mut row: Row| row.take_opt::<String, _>(0)?.ok();
    Ok(rows.into_iter().filter_map(name).collect())
}

/// Puts rows of one of our tables back as they were stored; those that stand there stay.
pub fn put_records(database: &mut Database, name: &str, records: &[Record]) -> Result<(), RegistryError> {
    let table = format!("gestor_plugins_{name}");
    let known = columns(database, &table)?;
    for record in records {
        let mut statement = format!("INSERT IGNORE INTO {table} (").into_bytes();
        let fields: Vec<(&String, &Json)> = record.iter().filter(|(name, _)| known.contains(name)).collect();
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        statement.extend_from_slice(names.join(",").as_bytes());
        statement.extend_from_slice(b") VALUES (");
        for (at, (_, value)) in fields.iter().enumerate() {
            if at > 0 {
                statement.push(b',');
            }
            match (value, bytes_of(value)) {
                (Json::String(text), _) => push_text(&mut statement, text.as_bytes()),
                (_, Some(bytes)) => push_binary(&mut statement, &bytes),
                (_, None) => statement.extend_from_slice(b"NULL"),
            }
        }
        statement.push(b')');
        unless_absent(database.execute(statement))?;
    }
    Ok(())
}

/// The state that a record holds.
pub fn recorded_state(record: &Record) -> State {
    let text = |name: &str| {
        let text = record.get(name).and_then(Json::as_str);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let number = |name: &str| text(name).and_then(|text| text.parse::<u64>().ok());
    State {
        slug: text("slug").unwrap_or_default(),
        id_plugins: number("id_plugins"),
        point: number("ponto"),
        previous_point: number("ponto_anterior"),
        counter: number("contador").unwrap_or_default(),
        epoch: number("epoca").unwrap_or_default(),
        paused_at: text("pausado_em"),
        removed_at: text("removido_em"),
        removed_archive: text("removido_arquivo"),
        description: text("descricao"),
        token: text("origem_token_ref"),
        verified_at: text("integridade_em"),
        verification: text("verificacao"),
        last_log: text("ultimo_log"),
        made_row: number("linha_criada") == Some(1),
        row_before: text("linha_antes"),
        files: record.get("arquivos").and_then(bytes_of),
        pinned: text("fixadas"),
        pending: text("pendencias"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_as_it_was_recorded() {
        let record = serde_json::json!({
            "slug": "p", "ponto": "7", "contador": "3", "linha_criada": "1", "arquivos": {"$hex": "ff00"},
            "pausado_em": null, "fixadas": "[1]",
        });
        let state = recorded_state(record.as_object().unwrap());
        let expected = State {
            slug: "p".to_owned(),
            point: Some(7),
            counter: 3,
            made_row: true,
            files: Some(vec![0xff, 0]),
            pinned: Some("[1]".to_owned()),
            ..State::default()
        };
        assert_eq!(state, expected);
    }
}

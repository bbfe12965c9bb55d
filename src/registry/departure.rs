//! What is left in our own tables, and of the row in `plugins`, of a plugin that goes (SPEC 2 §6). Inside the transaction.

use serde_json::Value as Json;

use super::comeback::{Record, columns, write_row};
use super::plugin_row::{keys, row_before};
use super::row_text::{rows, unless_absent};
use super::{RegistryError, State};
use crate::base::db::{Database, Row, Value, push_text};
use crate::base::json::text_or_hex;
use crate::model::Slug;
use crate::outcome::ExecutionStatus;

const CLEAR: &str = "UPDATE plugins SET versao_instalada = NULL, checksum_pacote = NULL, manifest_json = NULL, \
     status_execucao = 'idle', data_ultima_atualizacao = NOW() WHERE id_plugins = ?";

/// The plugin's rows say that nothing is installed.
pub fn clear_row(database: &mut Database, slug: &Slug) -> Result<(), RegistryError> {
    for key in keys(database, slug)? {
        database.exec(CLEAR, (key,))?;
    }
    Ok(())
}

/// The plugin's row is what it was before our first write: deleted where we made it; where nobody knows what it was, it
/// says only that nothing is installed. Other rows of the name are not ours.
pub fn restore_row(database: &mut Database, slug: &Slug, state: &State) -> Result<(), RegistryError> {
    clear_row(database, slug)?;
    let keys = keys(database, slug)?;
    let ours = keys.iter().find(|key| Some(**key) == state.id_plugins);
    let Some(number) = ours.or_else(|| keys.first()).copied() else {
        return Ok(());
    };
    if state.made_row {
        database.exec("DELETE FROM plugins WHERE id_plugins = ?", (number,))?;
        return Ok(());
    }
    let before = state.row_before.as_deref();
    match before.and_then(|text| serde_json::from_str::<Record>(text).ok()) {
        Some(before) => write_before(database, number, before),
        None => Ok(()),
    }
}

/// Columns that the table has lost since are left out. That our own first run was running is no state to go back to.
fn write_before(database: &mut Database, number: u64, mut before: Record) -> Result<(), RegistryError> {
    if let Some(status) = before.get_mut("status_execucao") {
        let found = status.as_str().and_then(ExecutionStatus::from_word);
        if found.is_some_and(ExecutionStatus::is_running) {
            *status = ExecutionStatus::Idle.word().into();
        }
    }
    let known = columns(database, "plugins")?;
    before.retain(|name, _| name != "id_plugins" && known.contains(name));
    write_row(database, number, &before)
}

/// Forgets the conflicts of a plugin.
pub fn forget_conflicts(database: &mut Database, slug: &Slug) -> Result<(), RegistryError> {
    forget(database, "gestor_plugins_conflitos", slug)
}

/// Forgets all of a plugin but its history.
pub fn forget_all(database: &mut Database, slug: &Slug) -> Result<(), RegistryError> {
    for table in [
        "gestor_plugins_conflitos",
        "gestor_plugins_guardados",
        "gestor_plugins_estado",
    ] {
        forget(database, table, slug)?;
    }
    Ok(())
}

fn forget(database: &mut Database, table: &str, slug: &Slug) -> Result<(), RegistryError> {
    let mut statement = format!("DELETE FROM {table} WHERE slug=").into_bytes();
    push_text(&mut statement, slug.as_str().as_bytes());
    Ok(unless_absent(database.execute(statement))?)
}

/// Our tables of which the rows of a plugin that goes are copied out, as they are stored.
const RECORDS: [&str; 4] = ["estado", "base", "guardados", "conflitos"];

/// What our own tables, and `plugins`, hold of a plugin: by table, one JSON object a line. No token is among it.
pub fn records_of(database: &mut Database, slug: &Slug) -> Result<Vec<(&'static str, String)>, RegistryError> {
    let mut records = Vec::new();
    for name in RECORDS {
        let mut statement = format!("SELECT * FROM gestor_plugins_{name} WHERE slug=").into_bytes();
        push_text(&mut statement, slug.as_str().as_bytes());
        let lines = rows(database, &statement)?
            .into_iter()
            .map(|row| format!("{}\n", object(row)));
        records.push((name, lines.collect()));
    }
    let row = row_before(database, slug)?;
    records.push(("plugins", row.map_or_else(String::new, |row| format!("{row}\n"))));
    Ok(records)
}

fn object(row: Row) -> Json {
    let names: Vec<String> = row
        .columns_ref()
        .iter()
        .map(|column| column.name_str().into_owned())
        .collect();
    let values = row.unwrap().into_iter().map(|value| match value {
        Value::NULL => Json::Null,
        Value::Bytes(bytes) => text_or_hex(bytes),
        other => other.as_sql(true).trim_matches('\'').into(),
    });
    Json::Object(names.into_iter().zip(values).collect())
}

//! The gestor's table `hooks`, as far as it names plugins. The gestor's own
//! synchronization writes it; we remove what it leaves.

use super::RegistryError;
use super::row_text::{rows, unless_absent, value};
use crate::base::db::{Database, push_text};
use crate::model::Slug;

const TABLE: &str = "hooks";
/// What the site's own project registered is none of ours.
const NOT_OF_PROJECT: &[u8] = b" AND projeto IS NULL";

/// A hook of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// The module that registered it.
    pub module: String,
    /// The event.
    pub event: String,
    /// The function.
    pub callback: String,
}

/// The hooks of a plugin's modules; none where the gestor has no such table.
pub fn hooks(database: &mut Database, slug: &Slug) -> Result<Vec<Hook>, RegistryError> {
    let mut statement = b"SELECT modulo, evento, callback FROM hooks WHERE modulo IS NOT NULL AND plugin=".to_vec();
    push_text(&mut statement, slug.as_str().as_bytes());
    statement.extend_from_slice(b" ORDER BY id_hooks");
    let read = |mut row| {
        Ok(Hook {
            module: value(&mut row, 0, (TABLE, "modulo"))?,
            event: value(&mut row, 1, (TABLE, "evento"))?,
            callback: value(&mut row, 2, (TABLE, "callback"))?,
        })
    };
    rows(database, &statement)?.into_iter().map(read).collect()
}

/// The plugins that have hooks.
pub fn hooked_plugins(database: &mut Database) -> Result<Vec<String>, RegistryError> {
    let statement = b"SELECT DISTINCT plugin FROM hooks WHERE plugin IS NOT NULL AND plugin<>'' ORDER BY plugin";
    let read = |mut row| value(&mut row, 0, (TABLE, "plugin"));
    rows(database, statement)?.into_iter().map(read).collect()
}

/// Removes a hook of a plugin's.
pub fn remove_hook(database: &mut Database, slug: &Slug, hook: &Hook) -> Result<(), RegistryError> {
    let mut statement = b"DELETE FROM hooks WHERE plugin=".to_vec();
    push_text(&mut statement, slug.as_str().as_bytes());
    for (column, text) in [
        ("modulo", &hook.module),
        ("evento", &hook.event),
        ("callback", &hook.callback),
    ] {
        statement.extend_from_slice(format!(" AND {column}=").as_bytes());
        push_text(&mut statement, text.as_bytes());
    }
    statement.extend_from_slice(NOT_OF_PROJECT);
    Ok(unless_absent(database.execute(statement))?)
}

/// Removes all hooks of a plugin that nobody knows.
pub fn remove_hooks_of(database: &mut Database, plugin: &str) -> Result<(), RegistryError> {
    let mut statement = b"DELETE FROM hooks WHERE plugin=".to_vec();
    push_text(&mut statement, plugin.as_bytes());
    statement.extend_from_slice(NOT_OF_PROJECT);
    Ok(unless_absent(database.execute(statement))?)
}

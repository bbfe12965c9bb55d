//! The gestor's table `hooks`, as far as it names plugins. Reads only: the gestor's own synchronization writes it.

use super::RegistryError;
use super::row_text::{rows, value};
use crate::base::db::{Database, push_text};
use crate::model::Slug;

const TABLE: &str = "hooks";

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

//! The plugins of a database as a list shows them. Reads only.

use super::plugin_row::{key, text};
use super::{RegistryError, State};
use crate::base::db::Database;

/// A plugin as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listed {
    /// `id`
    pub slug: String,
    /// `nome`
    pub name: Option<String>,
    /// `versao_instalada`
    pub version: Option<String>,
    /// `status_execucao`
    pub status: Option<String>,
    /// `origem_tipo`
    pub origin: Option<String>,
    /// `data_instalacao`
    pub installed_at: Option<String>,
    /// `data_ultima_atualizacao`
    pub updated_at: Option<String>,
    /// `manifest_json`
    pub manifest: Option<String>,
    /// `id_plugins`
    pub number: Option<u64>,
    /// `checksum_pacote`
    pub checksum: Option<String>,
    /// `origem_referencia`
    pub reference: Option<String>,
}

impl Listed {
    /// What our own table says of it: by its name, else by the row that is bound to it, which the admin page may have renamed.
    pub fn state<'s>(&self, states: &'s [State]) -> Option<&'s State> {
        let is_bound = |state: &&State| state.id_plugins.is_some() && state.id_plugins == self.number;
        let own = states.iter().find(|state| state.slug == self.slug);
        own.or_else(|| states.iter().find(is_bound))
    }
}

/// All plugins, by name; of several rows of one the oldest counts. Records that a user deleted are not there.
pub fn list(database: &mut Database) -> Result<Vec<Listed>, RegistryError> {
    let sql = "SELECT id, nome, versao_instalada, status_execucao, origem_tipo, data_instalacao, data_ultima_atualizacao, \
               manifest_json, id_plugins, checksum_pacote, origem_referencia FROM plugins WHERE id IS NOT NULL AND (status IS NULL OR status <> 'D') ORDER BY id, id_plugins";
    let rows = database
        .query(sql)
        .map_err(|fault| RegistryError::of(fault, database.name()))?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.push(Listed {
            slug: text(row, 0, "id")?.unwrap_or_default(),
            name: text(row, 1, "nome")?,
            version: text(row, 2, "versao_instalada")?.filter(|text| !text.is_empty()),
            status: text(row, 3, "status_execucao")?,
            origin: text(row, 4, "origem_tipo")?,
            installed_at: text(row, 5, "data_instalacao")?,
            updated_at: text(row, 6, "data_ultima_atualizacao")?,
            manifest: text(row, 7, "manifest_json")?,
            number: Some(key(row, 8)?),
            checksum: text(row, 9, "checksum_pacote")?.filter(|text| !text.is_empty()),
            reference: text(row, 10, "origem_referencia")?.filter(|text| !text.is_empty()),
        });
    }
    found.dedup_by(|later, first| later.slug == first.slug);
    Ok(found)
}

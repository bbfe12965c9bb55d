//! What is installed, in a few words for each plugin: for who asks often and of all. Reads only.

use std::collections::BTreeMap;

use super::RegistryError;
use super::row_text::{rows, value};
use crate::base::db::Database;
use crate::model::Slug;

const STATES: &str = "gestor_plugins_estado";
const PLUGINS: &str = "plugins";

/// A plugin that is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// Its version.
    pub version: String,
    /// SHA-256 of its package, where all of it is installed.
    pub checksum: Option<String>,
    /// When it was verified last, seconds since 1970.
    pub verified: Option<i64>,
}

/// A row of our own table.
struct Known {
    slug: String,
    verified: Option<i64>,
}

/// All plugins that are installed, under the names by which we know them.
pub fn briefs(database: &mut Database) -> Result<BTreeMap<Slug, Brief>, RegistryError> {
    let (mut by_row, mut by_name) = (BTreeMap::new(), BTreeMap::new());
    let states =
        format!("SELECT slug, id_plugins, TIMESTAMPDIFF(SECOND, '1970-01-01 00:00:00', integridade_em) FROM {STATES}");
    for mut row in rows(database, states.as_bytes())? {
        let known = Known {
            slug: value(&mut row, 0, (STATES, "slug"))?,
            verified: value(&mut row, 2, (STATES, "integridade_em"))?,
        };
        if let Some(number) = value::<Option<u64>>(&mut row, 1, (STATES, "id_plugins"))? {
            by_row.insert(number, known.slug.clone());
        }
        by_name.insert(known.slug.clone(), known);
    }
    let sql = b"SELECT id, id_plugins, versao_instalada, checksum_pacote FROM plugins WHERE id IS NOT NULL AND \
                versao_instalada <> '' AND (status IS NULL OR status <> 'D') ORDER BY id_plugins";
    let mut found = BTreeMap::new();
    for mut row in rows(database, sql)? {
        let (named, number): (String, u64) = (
            value(&mut row, 0, (PLUGINS, "id"))?,
            value(&mut row, 1, (PLUGINS, "id_plugins"))?,
        );
        let known = by_name.get(&named);
        let known = known.or_else(|| by_name.get(by_row.get(&number)?));
        let Ok(slug) = Slug::normalize(known.map_or(&named, |known| &known.slug)) else {
            continue;
        };
        let checksum: Option<String> = value(&mut row, 3, (PLUGINS, "checksum_pacote"))?;
        let brief = Brief {
            version: value(&mut row, 2, (PLUGINS, "versao_instalada"))?,
            checksum: checksum.filter(|text| !text.is_empty()),
            verified: known.and_then(|known| known.verified),
        };
        found.entry(slug).or_insert(brief);
    }
    Ok(found)
}

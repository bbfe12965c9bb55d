//! Reads and writes `gestor_plugins_versoes`: the packages that were ever installed, when they were seen first, who signed
//! them. What is written goes with the operation's own transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::error::TrustError;
use super::time;
use crate::base::db::{Database, Row};
use crate::model::{Sha256Digest, Slug};

/// When and from where it was installed first stays, as when it was seen first does: doing it again changes nothing. Who signed
/// it is not forgotten where nobody looked.
const INSERT: &str = "INSERT INTO gestor_plugins_versoes (slug, versao, sha256, tamanho, origem, desenvolvedor, chave, veredito, \
     vista_em, instalada_em) VALUES (?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(), UTC_TIMESTAMP()) ON DUPLICATE KEY UPDATE \
     desenvolvedor = IF(VALUES(veredito) = 'nao_conferida', desenvolvedor, VALUES(desenvolvedor)), \
     chave = IF(VALUES(veredito) = 'nao_conferida', chave, VALUES(chave)), \
     veredito = IF(VALUES(veredito) = 'nao_conferida', veredito, VALUES(veredito)), \
     instalada_em = COALESCE(instalada_em, VALUES(instalada_em))";

/// A package that is installed.
#[derive(Debug, Clone)]
pub struct SeenVersion {
    /// Its version.
    pub version: String,
    /// Of its bytes.
    pub sha256: Sha256Digest,
    /// How many.
    pub bytes: u64,
    /// Where it came from, without secrets.
    pub origin: String,
    /// Who signed it, where that is believed.
    pub developer: Option<String>,
    /// With which key.
    pub key: Option<Sha256Digest>,
    /// What was thought of it.
    pub verdict: &'static str,
}

/// Notes a package that is installed, inside the transaction that installs it.
pub fn note(database: &mut Database, slug: &Slug, seen: &SeenVersion) -> Result<(), TrustError> {
    let key = seen.key.map(|key| key.to_string());
    let values = (
        slug.as_str(),
        seen.version.as_str(),
        seen.sha256.to_string(),
        seen.bytes,
        seen.origin.as_str(),
        seen.developer.as_deref(),
        key,
        seen.verdict,
    );
    database.exec(INSERT, values)?;
    Ok(())
}

/// When a package was seen here first; nothing where it never was.
pub fn evidence(
    database: &mut Database,
    slug: &Slug,
    sha256: Sha256Digest,
) -> Result<Option<DateTime<Utc>>, TrustError> {
    let sql = "SELECT CAST(MIN(vista_em) AS CHAR) FROM gestor_plugins_versoes WHERE slug = ? AND sha256 = ?";
    let found = texts(database, sql, (slug.as_str(), sha256.to_string()))?;
    Ok(found.into_iter().next().and_then(|text| time::of_table(&text)))
}

/// The SHA-256 that a version had here before, where that was another.
pub fn other_bytes(
    database: &mut Database,
    slug: &Slug,
    version: &str,
    sha256: Sha256Digest,
) -> Result<Option<String>, TrustError> {
    let sql = "SELECT sha256 FROM gestor_plugins_versoes WHERE slug = ? AND versao = ? AND sha256 <> ? ORDER BY vista_em LIMIT 1";
    let found = texts(database, sql, (slug.as_str(), version, sha256.to_string()))?;
    Ok(found.into_iter().next())
}

/// Who signed a package that was installed, where that was believed.
pub fn signer_of(database: &mut Database, slug: &Slug, sha256: &str) -> Result<Option<String>, TrustError> {
    let sql = "SELECT desenvolvedor FROM gestor_plugins_versoes WHERE slug = ? AND sha256 = ? AND veredito IN ('valida', 'expirada') AND \
               desenvolvedor IS NOT NULL ORDER BY instalada_em DESC LIMIT 1";
    let found = texts(database, sql, (slug.as_str(), sha256))?;
    Ok(found.into_iter().next())
}

/// Who signed the package of a plugin that was installed last, where that was believed.
pub fn last_signer(database: &mut Database, slug: &Slug) -> Result<Option<String>, TrustError> {
    let sql = "SELECT COALESCE(desenvolvedor, '') FROM gestor_plugins_versoes WHERE slug = ? AND instalada_em IS NOT NULL AND \
               veredito <> 'nao_conferida' ORDER BY instalada_em DESC, vista_em DESC LIMIT 1";
    let found = texts(database, sql, (slug.as_str(),))?;
    Ok(found.into_iter().next().filter(|name| !name.is_empty()))
}

/// What was thought of each package when it was installed, by plugin and SHA-256; none where our table is not there.
pub fn verdicts(database: &mut Database) -> Result<BTreeMap<(String, String), String>, TrustError> {
    let sql = "SELECT slug, sha256, veredito FROM gestor_plugins_versoes WHERE instalada_em IS NOT NULL";
    let rows = match database.query(sql) {
        Err(fault) if fault.is_no_table() => Vec::new(),
        rows => rows?,
    };
    let text = |row: &mut Row, at: usize| row.take_opt::<String, _>(at).and_then(Result::ok);
    let verdict = |mut row: Row| Some(((text(&mut row, 0)?, text(&mut row, 1)?), text(&mut row, 2)?));
    Ok(rows.into_iter().filter_map(verdict).collect())
}

/// The first column of what is found; nothing where our table is not there.
fn texts(
    database: &mut Database,
    sql: &str,
    values: impl Into<crate::base::db::Params>,
) -> Result<Vec<String>, TrustError> {
    let text = |mut row: Row| row.take_opt::<String, _>(0).and_then(Result::ok);
    match database.exec_rows(sql, values) {
        Err(fault) if fault.is_no_table() => Ok(Vec::new()),
        rows => Ok(rows?.into_iter().filter_map(text).collect()),
    }
}

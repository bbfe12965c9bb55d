//! The plugin's row in the table `plugins`.

use super::{RegistryError, messages};
use crate::base::db::{Database, Row, Value};
use crate::model::{Secret, Sha256Digest, Slug, Version};
use crate::outcome::ExecutionStatus;

/// What the row of a plugin says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Installed {
    /// `id_plugins` of its rows, the oldest first: the table has no unique key on `id`, so there may be several.
    keys: Vec<u64>,
    /// `versao_instalada`; a plugin is installed when there is one.
    pub version: Option<String>,
    /// `checksum_pacote`
    pub checksum: Option<String>,
    /// `manifest_json`
    pub manifest: Option<String>,
    /// `status_execucao`
    pub status: String,
    /// `origem_credencial_ref`, which may hold a literal token: never shown.
    pub has_credential: bool,
    /// `origem_branch_tag`
    pub tag: Option<String>,
    /// `origem_tipo`
    pub origin: Option<String>,
    /// `status`: whether the admin page shows it as active (`A`), inactive (`I`) or deleted (`D`).
    pub shown: Option<String>,
    /// `id`: another one than the plugin's where the admin page renamed it.
    pub id: Option<String>,
}

impl Installed {
    /// The plugin has a row.
    pub fn is_known(&self) -> bool {
        !self.keys.is_empty()
    }
}

/// What an installation records.
#[derive(Debug, Clone)]
pub struct Metadata<'a> {
    /// `nome`
    pub name: &'a str,
    /// `origem_tipo`
    pub origin: &'a str,
    /// `origem_referencia`; absent leaves it.
    pub reference: Option<&'a str>,
    /// `origem_branch_tag`; absent leaves it.
    pub tag: Option<&'a str>,
    /// `origem_credencial_ref`, a name and never a token; absent leaves it.
    pub credential: Option<&'a str>,
    /// `versao_instalada` and `versao`
    pub version: Version,
    /// `checksum_pacote`; absent when a part was left out.
    pub checksum: Option<Sha256Digest>,
    /// `manifest_json`
    pub manifest: &'a str,
    /// Reference and tag are those of an earlier point, absent ones too.
    pub is_of_point: bool,
}

const COLUMNS: &str = "versao_instalada, checksum_pacote, manifest_json, status_execucao, origem_credencial_ref, \
     origem_branch_tag, id_plugins, origem_tipo, id, status";

/// Reads the row of a plugin; nothing when there is none. Of several the oldest counts.
pub fn read(database: &mut Database, slug: &Slug) -> Result<Option<Installed>, RegistryError> {
    let sql = format!("SELECT {COLUMNS} FROM plugins WHERE id = ? ORDER BY id_plugins");
    let rows = database.exec_rows(&sql, (slug.as_str(),));
    let mut rows = rows.map_err(|fault| RegistryError::of(fault, database.name()))?;
    if rows.is_empty()
        && let Some(bound) = bound(database, slug)?
    {
        let sql = format!("SELECT {COLUMNS} FROM plugins WHERE id_plugins = ?");
        rows = database.exec_rows(&sql, (bound,))?;
    }
    let Some(oldest) = rows.first() else { return Ok(None) };
    let keys = rows.iter().map(|row| key(row, 6)).collect::<Result<_, _>>()?;
    installed(oldest, keys).map(Some)
}

fn installed(row: &Row, keys: Vec<u64>) -> Result<Installed, RegistryError> {
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    Ok(Installed {
        keys,
        version: some(text(row, 0, "versao_instalada")?),
        checksum: some(text(row, 1, "checksum_pacote")?),
        manifest: some(text(row, 2, "manifest_json")?),
        status: text(row, 3, "status_execucao")?.unwrap_or_default(),
        has_credential: some(text(row, 4, "origem_credencial_ref")?).is_some(),
        tag: some(text(row, 5, "origem_branch_tag")?),
        origin: some(text(row, 7, "origem_tipo")?),
        id: some(text(row, 8, "id")?),
        shown: some(text(row, 9, "status")?),
    })
}

pub(super) fn text(row: &Row, at: usize, column: &'static str) -> Result<Option<String>, RegistryError> {
    match row.as_ref(at) {
        Some(Value::NULL) => Ok(None),
        Some(Value::Bytes(bytes)) => Ok(Some(String::from_utf8_lossy(bytes).into_owned())),
        _ => Err(RegistryError::Unreadable {
            table: "plugins",
            column,
            reason: messages::A_TEXT,
        }),
    }
}

pub(super) fn key(row: &Row, at: usize) -> Result<u64, RegistryError> {
    let key = row.get_opt::<u64, _>(at).and_then(Result::ok);
    key.ok_or(RegistryError::Unreadable {
        table: "plugins",
        column: "id_plugins",
        reason: messages::A_NUMBER,
    })
}

/// Sets the status of a plugin's rows. Their content is not modified by that, so `data_modificacao`, which the server
/// would set, stays.
pub fn set_status(database: &mut Database, plugin: &Installed, status: ExecutionStatus) -> Result<(), RegistryError> {
    for key in &plugin.keys {
        database.exec(
            "UPDATE plugins SET status_execucao = ?, data_modificacao = data_modificacao WHERE id_plugins = ?",
            (status.word(), key),
        )?;
    }
    Ok(())
}

/// Tells that a plugin waits for what it needs, or does not any more. Another status than these two stays.
pub fn set_waiting(database: &mut Database, slug: &Slug, waits: bool) -> Result<(), RegistryError> {
    let (from, to) = if waits {
        (ExecutionStatus::Ok, ExecutionStatus::AwaitingDependency)
    } else {
        (ExecutionStatus::AwaitingDependency, ExecutionStatus::Ok)
    };
    let found = read(database, slug)?.unwrap_or_default();
    let status = ExecutionStatus::from_word(&found.status);
    if status == Some(from) || (waits && status == Some(ExecutionStatus::Idle)) {
        set_status(database, &found, to)?;
    }
    Ok(())
}

/// Tells that the last operation failed. A plugin without a row gets none; one that is paused stays so.
pub fn mark_failed(database: &mut Database, slug: &Slug) -> Result<(), RegistryError> {
    let status = if is_paused(database, slug)? {
        ExecutionStatus::Paused
    } else {
        ExecutionStatus::Failed
    };
    let sql = "UPDATE plugins SET status_execucao = ?, data_ultima_atualizacao = NOW(), \
               data_modificacao = data_modificacao WHERE id_plugins = ?";
    for key in keys(database, slug)? {
        database.exec(sql, (status.word(), key))?;
    }
    Ok(())
}

/// A status that says that an operation runs says that it failed; another one stays.
pub fn end_failed(database: &mut Database, slug: &Slug) -> Result<(), RegistryError> {
    let found = read(database, slug)?.unwrap_or_default();
    let is_running = ExecutionStatus::from_word(&found.status).is_some_and(ExecutionStatus::is_running);
    if is_running {
        mark_failed(database, slug)
    } else {
        Ok(())
    }
}

fn is_paused(database: &mut Database, slug: &Slug) -> Result<bool, RegistryError> {
    let sql = "SELECT 1 FROM gestor_plugins_estado WHERE slug = ? AND pausado_em IS NOT NULL";
    Ok(!of_renamed(database, sql, slug)?.is_empty())
}

/// Writes one column of a plugin's rows.
pub(super) fn set_text(
    database: &mut Database,
    slug: &Slug,
    column: &'static str,
    text: &str,
) -> Result<(), RegistryError> {
    let sql = format!("UPDATE plugins SET {column} = ?, data_modificacao = data_modificacao WHERE id_plugins = ?");
    for key in keys(database, slug)? {
        database.exec(&sql, (text, key))?;
    }
    Ok(())
}

/// Primary keys of a plugin's rows. The table has no index on `id`: a statement that changes rows by it would wait for
/// the rows of every other plugin that is being installed.
pub(super) fn keys(database: &mut Database, slug: &Slug) -> Result<Vec<u64>, RegistryError> {
    let rows = database.exec_rows("SELECT id_plugins FROM plugins WHERE id = ?", (slug.as_str(),));
    let rows = rows.map_err(|fault| RegistryError::of(fault, database.name()))?;
    if rows.is_empty() {
        return Ok(bound(database, slug)?.into_iter().collect());
    }
    rows.iter().map(|row| key(row, 0)).collect()
}

/// The row that the plugin had when the admin page has renamed it since: found by its number, unless it has the name of
/// another plugin that we know, or is an empty record that got the number of one that was deleted.
fn bound(database: &mut Database, slug: &Slug) -> Result<Option<u64>, RegistryError> {
    let sql = format!("SELECT p.id_plugins {RENAMED} AND e.slug = ?");
    let rows = of_renamed(database, &sql, slug)?;
    rows.first().map(|row| key(row, 0)).transpose()
}

/// The plugin whose row in `plugins` has this name since the admin page renamed it; nothing where it has its own.
pub fn recorded_slug(database: &mut Database, name: &Slug) -> Result<Option<String>, RegistryError> {
    let sql = format!("SELECT e.slug {RENAMED} AND p.id = ? AND e.slug <> p.id AND e.ponto IS NOT NULL");
    let rows = of_renamed(database, &sql, name)?;
    rows.first()
        .map(|row| text(row, 0, "slug").map(Option::unwrap_or_default))
        .transpose()
}

const RENAMED: &str = "FROM gestor_plugins_estado e JOIN plugins p ON p.id_plugins = e.id_plugins \
     WHERE NOT EXISTS (SELECT 1 FROM gestor_plugins_estado o WHERE o.slug = p.id) \
     AND (e.ponto IS NULL OR p.versao_instalada IS NOT NULL)";

fn of_renamed(database: &mut Database, sql: &str, slug: &Slug) -> Result<Vec<Row>, RegistryError> {
    match database.exec_rows(sql, (slug.as_str(),)) {
        Err(fault) if fault.is_no_table() => Ok(Vec::new()),
        rows => Ok(rows?),
    }
}

/// `id_plugins` of a plugin's row.
pub fn number(database: &mut Database, slug: &Slug) -> Result<Option<u64>, RegistryError> {
    Ok(keys(database, slug)?.first().copied())
}

/// A plugin's row as JSON, all columns as texts, without the reference that may be a token.
pub fn row_before(database: &mut Database, slug: &Slug) -> Result<Option<String>, RegistryError> {
    let Some(number) = number(database, slug)? else {
        return Ok(None);
    };
    let rows = database.exec_rows("SELECT * FROM plugins WHERE id_plugins = ?", (number,))?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(None);
    };
    let names: Vec<String> = row
        .columns_ref()
        .iter()
        .map(|column| column.name_str().into_owned())
        .collect();
    let texts = row.unwrap().into_iter().map(|value| match value {
        Value::NULL => serde_json::Value::Null,
        Value::Bytes(bytes) => crate::base::json::text_or_hex(bytes),
        other => other.as_sql(true).trim_matches('\'').into(),
    });
    let fields = names
        .into_iter()
        .zip(texts)
        .filter(|(name, _)| name != "origem_credencial_ref");
    Ok(Some(serde_json::Value::Object(fields.collect()).to_string()))
}

/// Where a plugin came from, as its row says.
#[derive(Debug, Clone, Default)]
pub struct RecordedOrigin {
    /// `origem_tipo`
    pub kind: Option<String>,
    /// `origem_referencia`
    pub reference: Option<String>,
    /// `origem_credencial_ref`, which may be a literal token.
    pub credential: Option<Secret>,
}

/// Reads where a plugin came from.
pub fn recorded_origin(database: &mut Database, slug: &Slug) -> Result<RecordedOrigin, RegistryError> {
    let Some(number) = number(database, slug)? else {
        return Ok(RecordedOrigin::default());
    };
    let sql = "SELECT origem_tipo, origem_referencia, origem_credencial_ref FROM plugins WHERE id_plugins = ?";
    let rows = database.exec_rows(sql, (number,))?;
    let Some(row) = rows.first() else {
        return Ok(RecordedOrigin::default());
    };
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    Ok(RecordedOrigin {
        kind: some(text(row, 0, "origem_tipo")?),
        reference: some(text(row, 1, "origem_referencia")?),
        credential: some(text(row, 2, "origem_credencial_ref")?).map(Secret::new),
    })
}

/// Takes a literal token out of a plugin's rows, where it stands there still; how many had it.
pub fn erase_credential(database: &mut Database, slug: &Slug, token: &Secret) -> Result<u64, RegistryError> {
    let sql = "UPDATE plugins SET origem_credencial_ref = NULL, data_modificacao = data_modificacao \
               WHERE id_plugins = ? AND origem_credencial_ref = ?";
    let mut erased = 0;
    for key in keys(database, slug)? {
        erased += database.exec(sql, (key, token.expose()))?.rows;
    }
    Ok(erased)
}

/// The plugins whose status says that an operation is running.
pub fn running(database: &mut Database) -> Result<Vec<String>, RegistryError> {
    let words: Vec<&str> = ExecutionStatus::ALL
        .iter()
        .filter(|(status, ..)| status.is_running())
        .map(|(_, word, _)| *word)
        .collect();
    let places = vec!["?"; words.len()].join(", ");
    let sql = format!("SELECT id FROM plugins WHERE status_execucao IN ({places}) AND id IS NOT NULL");
    let rows = database
        .exec_rows(&sql, words)
        .map_err(|fault| RegistryError::of(fault, database.name()))?;
    rows.iter()
        .map(|row| text(row, 0, "id").map(Option::unwrap_or_default))
        .collect()
}

/// Writes the row of an installed plugin, inside the transaction that the caller began. What is absent stays, and so
/// do `status` and `data_instalacao` of a plugin that has them.
pub fn write(database: &mut Database, slug: &Slug, metadata: &Metadata<'_>) -> Result<(), RegistryError> {
    let values: Vec<Value> = vec![
        metadata.name.into(),
        metadata.origin.into(),
        metadata.reference.into(),
        metadata.tag.into(),
        metadata.credential.into(),
        metadata.version.to_string().into(),
        metadata.version.number().into(),
        metadata.checksum.map(|digest| digest.to_string()).into(),
        metadata.manifest.into(),
        ExecutionStatus::Ok.word().into(),
    ];
    let with = |last: Value| [values.as_slice(), &[last]].concat();
    let keys = keys(database, slug)?;
    if keys.is_empty() {
        database.exec(INSERT, with(slug.as_str().into()))?;
    }
    for key in keys {
        database.exec(UPDATE, with(key.into()))?;
        if metadata.is_of_point {
            let sql = "UPDATE plugins SET origem_referencia = ?, origem_branch_tag = ? WHERE id_plugins = ?";
            database.exec(sql, (metadata.reference, metadata.tag, key))?;
        }
    }
    Ok(())
}

const UPDATE: &str = "UPDATE plugins SET nome = ?, origem_tipo = ?, origem_referencia = COALESCE(?, origem_referencia), \
     origem_branch_tag = COALESCE(?, origem_branch_tag), origem_credencial_ref = COALESCE(?, origem_credencial_ref), \
     versao_instalada = ?, versao = ?, checksum_pacote = ?, manifest_json = ?, status_execucao = ?, \
     data_instalacao = COALESCE(data_instalacao, NOW()), data_ultima_atualizacao = NOW(), \
     status = COALESCE(NULLIF(status, ''), 'A') WHERE id_plugins = ?";

const INSERT: &str = "INSERT INTO plugins (nome, origem_tipo, origem_referencia, origem_branch_tag, \
     origem_credencial_ref, versao_instalada, versao, checksum_pacote, manifest_json, status_execucao, id, \
     data_instalacao, data_ultima_atualizacao, status) \
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NOW(), NOW(), 'A')";

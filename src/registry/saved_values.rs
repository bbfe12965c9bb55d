//! `gestor_plugins_guardados`: values that gave way, so that nothing a user wrote is lost.

use serde_json::{Map, Value as Json};

use super::row_text::{Inserts, Literal, identity_bytes, identity_of, rows, unless_absent, value};
use super::{RegistryError, messages};
use crate::base::db::{Database, Row, push_text};
use crate::base::json::{bytes_of, hex, text_or_hex, unhex};
use crate::ledger::{FieldDigest, PrimaryKey, RowKey, SavedReason, SavedRow};
use crate::model::Slug;

const TABLE: &str = "gestor_plugins_guardados";

/// Values as they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRow {
    /// Their number.
    pub id: u64,
    /// The operation that set them aside.
    pub history: u64,
    /// The table.
    pub table: String,
    /// The row's key; nothing where its plugin's base had none.
    pub key: Option<RowKey>,
    /// Its primary key.
    pub identity: PrimaryKey,
    /// Why.
    pub reason: SavedReason,
    /// By column: what the server showed; `None` is NULL.
    pub values: Vec<(String, Option<Vec<u8>>)>,
    /// By column: the digest of what was written in its place.
    pub placed: Vec<(String, FieldDigest)>,
}

/// Sets values aside, inside the operation's transaction. `history`: the operation.
pub fn save<'s>(
    database: &mut Database,
    slug: &Slug,
    history: u64,
    saved: impl IntoIterator<Item = &'s SavedRow>,
) -> Result<(), RegistryError> {
    let mut inserts = Inserts::new(
        "INSERT INTO gestor_plugins_guardados (historico, slug, tabela, chave, identidade, motivo, valores, posto) VALUES ",
        "",
    );
    for row in saved {
        let values = row.values.iter().map(|(column, value)| {
            let text = value.as_ref().map_or(Json::Null, |bytes| text_or_hex(bytes.clone()));
            (column.clone(), text)
        });
        let placed = row
            .placed
            .iter()
            .map(|(column, digest)| (column.clone(), Json::from(hex(&digest.0))));
        let (values, placed) = (object(values), object(placed));
        let literals = [
            Literal::Number(history),
            Literal::Text(slug.as_str()),
            Literal::Text(row.table.as_str()),
            row.key.as_ref().map_or(Literal::Null, |key| Literal::Bytes(&key.0)),
            Literal::Bytes(&identity_bytes(&row.identity)),
            Literal::Text(row.reason.word()),
            Literal::Text(&values),
            Literal::Text(&placed),
        ];
        inserts.put(database, &literals)?;
    }
    Ok(inserts.send(database)?)
}

fn object(fields: impl Iterator<Item = (String, Json)>) -> String {
    Json::Object(fields.collect::<Map<_, _>>()).to_string()
}

/// What operations from one number on set aside of a plugin, the oldest first; none where our table is not there.
pub fn read_saved(database: &mut Database, slug: &Slug, from: u64) -> Result<Vec<StoredRow>, RegistryError> {
    let mut statement = b"SELECT id, historico, tabela, chave, identidade, motivo, valores, posto FROM \
        gestor_plugins_guardados WHERE slug="
        .to_vec();
    push_text(&mut statement, slug.as_str().as_bytes());
    statement.extend_from_slice(format!(" AND historico>={from} ORDER BY id").as_bytes());
    rows(database, &statement)?.into_iter().map(stored).collect()
}

/// Drops what operations up to a number set aside for a way back before them. What rows held before the plugin adopted them
/// stays: it is given back when the plugin goes.
pub fn drop_saved(database: &mut Database, slug: &Slug, until: u64) -> Result<(), RegistryError> {
    let mut statement = b"DELETE FROM gestor_plugins_guardados WHERE slug=".to_vec();
    push_text(&mut statement, slug.as_str().as_bytes());
    statement.extend_from_slice(format!(" AND historico<={until} AND motivo<>'adotada'").as_bytes());
    unless_absent(database.execute(&statement))?;
    Ok(())
}

fn stored(mut row: Row) -> Result<StoredRow, RegistryError> {
    let unreadable = |column: &'static str| RegistryError::Unreadable {
        table: TABLE,
        column,
        reason: messages::NOT_OURS,
    };
    let key: Option<Vec<u8>> = value(&mut row, 3, (TABLE, "chave"))?;
    let identity: Vec<u8> = value(&mut row, 4, (TABLE, "identidade"))?;
    let word: String = value(&mut row, 5, (TABLE, "motivo"))?;
    let (values, placed): (String, Option<String>) = (
        value(&mut row, 6, (TABLE, "valores"))?,
        value(&mut row, 7, (TABLE, "posto"))?,
    );
    let key = key.map(|bytes| bytes.try_into().map(RowKey)).transpose();
    Ok(StoredRow {
        id: value(&mut row, 0, (TABLE, "id"))?,
        history: value(&mut row, 1, (TABLE, "historico"))?,
        table: value(&mut row, 2, (TABLE, "tabela"))?,
        key: key.map_err(|_: Vec<u8>| unreadable("chave"))?,
        identity: identity_of(&identity).ok_or_else(|| unreadable("identidade"))?,
        reason: SavedReason::from_word(&word).ok_or_else(|| unreadable("motivo"))?,
        values: read_values(&values).ok_or_else(|| unreadable("valores"))?,
        placed: placed
            .map_or(Some(Vec::new()), |text| read_placed(&text))
            .ok_or_else(|| unreadable("posto"))?,
    })
}

fn fields(text: &str) -> Option<Map<String, Json>> {
    match serde_json::from_str(text).ok()? {
        Json::Object(fields) => Some(fields),
        _ => None,
    }
}

fn read_values(text: &str) -> Option<Vec<(String, Option<Vec<u8>>)>> {
    let read = |(column, value): (String, Json)| match value {
        Json::Null => Some((column, None)),
        value => Some((column, Some(bytes_of(&value)?))),
    };
    fields(text)?.into_iter().map(read).collect()
}

fn read_placed(text: &str) -> Option<Vec<(String, FieldDigest)>> {
    let read = |(column, value): (String, Json)| {
        let digest = unhex(value.as_str()?)?.try_into().ok()?;
        Some((column, FieldDigest(digest)))
    };
    fields(text)?.into_iter().map(read).collect()
}

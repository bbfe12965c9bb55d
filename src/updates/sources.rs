//! `gestor_plugins_fontes`: the last list of releases of each repository, when it may be asked for again, and what is left of
//! its server's patience. One list serves all plugins of a repository.

use std::io::Read as _;

use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::bufread::{DeflateDecoder, DeflateEncoder};

use super::error::UpdateError;
use super::rows::{of_table, stored};
use crate::base::db::{Database, FromValue, Row, Value};

const TABLE: &str = "gestor_plugins_fontes";
/// Bytes of a list; a hundred releases with all their assets are far less.
pub(super) const MOST: u64 = 16 << 20;

/// A list as it was had last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Where, without secrets.
    pub url: String,
    /// By what its server knows that nothing changed.
    pub etag: Option<String>,
    /// The list itself; nothing where it was never had.
    pub body: Option<Vec<u8>>,
    /// When it was had, or known to be as it was.
    pub fetched: Option<DateTime<Utc>>,
    /// When it may be asked for again.
    pub next: Option<DateTime<Utc>>,
    /// How often it failed in a row.
    pub failures: u32,
    /// How many more questions its server answers, as it said.
    pub left: Option<u32>,
    /// When it answers more again.
    pub resets: Option<DateTime<Utc>>,
}

/// What is remembered of a list; `key`: SHA-256 of its address and of who asks.
pub fn read_listing(database: &mut Database, key: &str) -> Result<Option<Listing>, UpdateError> {
    let sql = format!(
        "SELECT url, etag, corpo, CAST(obtida_em AS CHAR), CAST(proxima_em AS CHAR), CAST(falhas AS CHAR), \
         CAST(restante AS CHAR), CAST(reinicio_em AS CHAR) FROM {TABLE} WHERE chave = ?"
    );
    let rows = match database.exec_rows(&sql, (key,)) {
        Err(fault) if fault.is_no_table() => return Ok(None),
        rows => rows?,
    };
    rows.into_iter().next().map(listing).transpose()
}

fn listing(mut row: Row) -> Result<Listing, UpdateError> {
    let time = |text: Option<String>| text.as_deref().and_then(of_table);
    let number = |text: Option<String>| text.and_then(|text| text.parse::<u32>().ok());
    let body: Option<Vec<u8>> = column(&mut row, 2, "corpo")?;
    Ok(Listing {
        url: column::<String>(&mut row, 0, "url")?.unwrap_or_default(),
        etag: column(&mut row, 1, "etag")?,
        // What cannot be read is asked for as if it had never been had.
        body: body.as_deref().and_then(inflated),
        fetched: time(column(&mut row, 3, "obtida_em")?),
        next: time(column(&mut row, 4, "proxima_em")?),
        failures: number(column(&mut row, 5, "falhas")?).unwrap_or_default(),
        left: number(column(&mut row, 6, "restante")?),
        resets: time(column(&mut row, 7, "reinicio_em")?),
    })
}

fn column<T: FromValue>(row: &mut Row, at: usize, column: &'static str) -> Result<Option<T>, UpdateError> {
    let taken = row.take_opt::<Option<T>, _>(at);
    taken.and_then(Result::ok).ok_or(UpdateError::Unreadable {
        table: TABLE,
        column,
        plugin: String::new(),
    })
}

/// Remembers a list.
pub fn save_listing(database: &mut Database, key: &str, listing: &Listing) -> Result<(), UpdateError> {
    let time = |time: Option<DateTime<Utc>>| Value::from(time.map(stored));
    let etag = listing
        .etag
        .as_ref()
        .filter(|etag| etag.len() <= 255 && etag.is_ascii());
    let values: Vec<Value> = vec![
        key.into(),
        listing.url.chars().take(255).collect::<String>().into(),
        Value::from(etag.cloned()),
        Value::from(listing.body.as_deref().map(deflated)),
        time(listing.fetched),
        time(listing.next),
        listing.failures.into(),
        Value::from(listing.left),
        time(listing.resets),
    ];
    let sql = "REPLACE INTO gestor_plugins_fontes (chave, url, etag, corpo, obtida_em, proxima_em, falhas, restante, \
               reinicio_em) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    database.exec(sql, values)?;
    Ok(())
}

/// Forgets lists that nobody has asked for since.
pub fn forget_listings(database: &mut Database, since: DateTime<Utc>) -> Result<(), UpdateError> {
    let sql = "DELETE FROM gestor_plugins_fontes WHERE proxima_em < ?";
    match database.exec(sql, (stored(since),)) {
        Err(fault) if fault.is_no_table() => Ok(()),
        done => Ok(done.map(|_| ())?),
    }
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    // From memory into memory: nothing can fail.
    let _ = DeflateEncoder::new(bytes, Compression::default()).read_to_end(&mut packed);
    packed
}

fn inflated(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    let read = DeflateDecoder::new(bytes).take(MOST + 1).read_to_end(&mut body).ok()?;
    (read as u64 <= MOST).then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_kept_small_and_had_again() {
        let body = b"[{\"tag_name\":\"plugin-a-v1.0.0\"}]".repeat(200);
        let packed = deflated(&body);
        assert!(packed.len() < body.len() / 10);
        assert_eq!(inflated(&packed), Some(body));
        assert_eq!(inflated(b"no deflate"), None);
    }
}

//! The table `plugins_credenciais`. Owns its statements; must not open what it holds. Where there is no table there are no
//! credentials.

use super::envelope::{About, TABLE};
use super::{Alias, VaultError};
use crate::base::db::{Affected, Database, DbError, FromValue, Row};

const DUPLICATE: u16 = 1062;
const COLUMNS: &str = "id, type, alias, encrypted_secret, created_at, updated_at";
/// Another one may store or remove the same credential in between.
const TRIES: usize = 8;

/// A credential as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCredential {
    /// Its number.
    pub id: u64,
    /// Its type, whatever stands there.
    pub kind: String,
    /// Its alias, whatever stands there.
    pub alias: String,
    /// The sealed secret.
    pub sealed: String,
    /// When it was stored first, UTC.
    pub created_at: String,
    /// When it was written last, UTC.
    pub updated_at: String,
}

impl StoredCredential {
    /// The row that its secret is sealed into.
    pub fn about(&self) -> About<'_> {
        About {
            id: self.id,
            kind: &self.kind,
            alias: &self.alias,
        }
    }
}

/// All credentials, by alias.
pub fn list(database: &mut Database) -> Result<Vec<StoredCredential>, VaultError> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLE} ORDER BY alias, id");
    let rows = unless_absent(database.query(sql))?;
    rows.unwrap_or_default().into_iter().map(stored).collect()
}

/// A credential.
pub fn find(database: &mut Database, alias: &Alias) -> Result<Option<StoredCredential>, VaultError> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLE} WHERE alias = ?");
    let rows = unless_absent(database.exec_rows(&sql, (alias.as_str(),)))?;
    rows.unwrap_or_default().into_iter().next().map(stored).transpose()
}

/// Stores a credential, in place of the one that has its alias; whether there was none. `seal` is asked once the row's number is
/// known, which is sealed with the secret. One transaction.
pub fn put(
    database: &mut Database,
    (alias, kind): (&Alias, &str),
    seal: &mut dyn FnMut(About<'_>) -> Result<String, VaultError>,
) -> Result<bool, VaultError> {
    for _ in 0..TRIES {
        database.begin()?;
        match put_once(database, (alias, kind), seal) {
            // Another one was first: its row is written to.
            Err(VaultError::Database(fault)) if fault.server_code() == Some(DUPLICATE) => database.rollback()?,
            Err(fault) => {
                // The first fault is the one to tell.
                let _ = database.rollback();
                return Err(fault);
            }
            Ok(is_new) => {
                database.commit()?;
                return Ok(is_new);
            }
        }
    }
    Err(VaultError::Busy { alias: alias.clone() })
}

/// The same inside a transaction of the caller's, who tries again where another one was first.
pub fn put_within(
    database: &mut Database,
    credential: (&Alias, &str),
    seal: &mut dyn FnMut(About<'_>) -> Result<String, VaultError>,
) -> Result<bool, VaultError> {
    put_once(database, credential, seal)
}

fn put_once(
    database: &mut Database,
    (alias, kind): (&Alias, &str),
    seal: &mut dyn FnMut(About<'_>) -> Result<String, VaultError>,
) -> Result<bool, VaultError> {
    let sql = format!("SELECT id FROM {TABLE} WHERE alias = ? FOR UPDATE");
    let known = database.exec_rows(&sql, (alias.as_str(),))?.into_iter().next();
    let is_new = known.is_none();
    let id = if let Some(mut row) = known {
        value(&mut row, 0, "id")?
    } else {
        let sql = format!(
            "INSERT INTO {TABLE} (type, alias, encrypted_secret, created_at, updated_at) VALUES (?, ?, '', \
             UTC_TIMESTAMP(), UTC_TIMESTAMP())"
        );
        database.exec(&sql, (kind, alias.as_str()))?.last_insert_id
    };
    let about = About {
        id,
        kind,
        alias: alias.as_str(),
    };
    let sealed = seal(about)?;
    let sql = format!("UPDATE {TABLE} SET type = ?, encrypted_secret = ?, updated_at = UTC_TIMESTAMP() WHERE id = ?");
    database.exec(&sql, (kind, sealed, id))?;
    Ok(is_new)
}

/// Writes a sealed secret in the place of another one; whether that stood there still.
pub fn replace(database: &mut Database, before: &StoredCredential, sealed: &str) -> Result<bool, VaultError> {
    let sql = format!(
        "UPDATE {TABLE} SET encrypted_secret = ?, updated_at = UTC_TIMESTAMP() WHERE id = ? AND encrypted_secret = ?"
    );
    Ok(database.exec(&sql, (sealed, before.id, &before.sealed))?.rows > 0)
}

/// Removes a credential; whether there was one.
pub fn remove(database: &mut Database, alias: &Alias) -> Result<bool, VaultError> {
    let sql = format!("DELETE FROM {TABLE} WHERE alias = ?");
    let done: Option<Affected> = unless_absent(database.exec(&sql, (alias.as_str(),)))?;
    Ok(done.is_some_and(|done| done.rows > 0))
}

fn unless_absent<T>(done: Result<T, DbError>) -> Result<Option<T>, VaultError> {
    match done {
        Err(fault) if fault.is_no_table() => Ok(None),
        done => Ok(Some(done?)),
    }
}

fn stored(mut row: Row) -> Result<StoredCredential, VaultError> {
    Ok(StoredCredential {
        id: value(&mut row, 0, "id")?,
        kind: text(&mut row, 1, "type")?,
        alias: text(&mut row, 2, "alias")?,
        sealed: text(&mut row, 3, "encrypted_secret")?,
        created_at: text(&mut row, 4, "created_at")?,
        updated_at: text(&mut row, 5, "updated_at")?,
    })
}

/// A text; nothing is an empty one, so that a row that somebody spoiled is told of and the others are not lost with it.
fn text(row: &mut Row, at: usize, column: &'static str) -> Result<String, VaultError> {
    Ok(value::<Option<String>>(row, at, column)?.unwrap_or_default())
}

fn value<T: FromValue>(row: &mut Row, at: usize, column: &'static str) -> Result<T, VaultError> {
    let taken = row.take_opt::<T, _>(at);
    taken.and_then(Result::ok).ok_or(VaultError::Unreadable { column })
}

//! `gestor_plugins_ajustes`: what the site itself remembers, a text by its name. Two that change one at once do it one after the
//! other.

use super::RegistryError;
use crate::base::db::{Database, DbError};

const TABLE: &str = "gestor_plugins_ajustes";
/// How often it is tried where others change it meanwhile.
const ATTEMPTS: u32 = 20;

/// What stands there; nothing where our table is not there.
pub fn read_setting(database: &mut Database, key: &str) -> Result<Option<String>, DbError> {
    let sql = format!("SELECT valor FROM {TABLE} WHERE chave = ?");
    let rows = match database.exec_rows(&sql, (key,)) {
        Err(fault) if fault.is_no_table() => return Ok(None),
        rows => rows?,
    };
    let row = rows.into_iter().next();
    let bytes: Option<Vec<u8>> = row.and_then(|mut row| row.take_opt(0)).and_then(Result::ok);
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Replaces what stands there by what is made of it; `make` may be asked more than once. What was made last, and whether it
/// stands there now: not where others were quicker each time.
pub fn change_setting<T>(
    database: &mut Database,
    key: &str,
    mut make: impl FnMut(Option<&str>) -> (T, Option<String>),
) -> Result<Option<T>, RegistryError> {
    for _ in 0..ATTEMPTS {
        let before = read_setting(database, key)?;
        let (found, after) = make(before.as_deref());
        let Some(after) = after.filter(|after| before.as_ref() != Some(after)) else {
            return Ok(Some(found));
        };
        let changed = match before {
            None => {
                let sql = format!("INSERT IGNORE INTO {TABLE} (chave, valor) VALUES (?, ?)");
                database.exec(&sql, (key, after))?
            }
            Some(before) => {
                let sql = format!(
                    "UPDATE {TABLE} SET valor = ? WHERE chave = ? AND CAST(valor AS BINARY) = CAST(? AS BINARY)"
                );
                database.exec(&sql, (after, key, before))?
            }
        };
        if changed.rows == 1 {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

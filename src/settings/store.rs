//! The gestor's table `variaveis`, and the modules whose variables stand in it. Owns the statements; must not know what a value
//! means.

use super::SettingsError;
use crate::base::db::{Database, FromValue, Row};

const COLUMNS: &str = "id_variaveis, language, id, valor, tipo, plugin";
/// Characters of `descricao` and `grupo`.
const LONGEST: usize = 255;

/// A variable as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVariable {
    /// Its number.
    pub number: u64,
    /// Its language.
    pub language: String,
    /// Its name.
    pub id: String,
    /// Its value.
    pub text: Option<String>,
    /// Its type.
    pub kind: Option<String>,
    /// The plugin whose it is.
    pub owner: Option<String>,
}

/// A variable as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVariable<'a> {
    /// The module.
    pub module: &'a str,
    /// The plugin.
    pub owner: &'a str,
    /// Its language.
    pub language: &'a str,
    /// Its name.
    pub id: &'a str,
    /// Its value.
    pub text: Option<&'a str>,
    /// Its type.
    pub kind: &'a str,
    /// What it belongs to.
    pub group: Option<&'a str>,
    /// What it is for.
    pub description: &'a str,
}

/// The variables of a module, in the order in which the gestor reads them; held for the transaction where that is wanted.
pub fn read(database: &mut Database, module: &str, is_held: bool) -> Result<Vec<StoredVariable>, SettingsError> {
    let held = if is_held { " FOR UPDATE" } else { "" };
    let sql = format!("SELECT {COLUMNS} FROM variaveis WHERE modulo = ? ORDER BY id_variaveis{held}");
    let rows = database.exec_rows(&sql, (module,))?;
    rows.into_iter().map(stored).collect()
}

/// Writes a variable that is new. It counts as a user's.
pub fn insert(database: &mut Database, new: &NewVariable<'_>) -> Result<(), SettingsError> {
    let sql = "INSERT INTO variaveis (language, modulo, id, plugin, valor, tipo, grupo, descricao, user_modified) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)";
    let short = |text: &str| text.chars().take(LONGEST).collect::<String>();
    let values = (
        new.language,
        new.module,
        new.id,
        new.owner,
        new.text,
        new.kind,
        new.group.map(short),
        short(new.description),
    );
    database.exec(sql, values)?;
    Ok(())
}

/// Writes the value of a variable that is there, under the name that it has now. It counts as a user's.
pub fn update(
    database: &mut Database,
    number: u64,
    (id, text, kind): (&str, Option<&str>, &str),
) -> Result<(), SettingsError> {
    let sql = "UPDATE variaveis SET id = ?, valor = ?, tipo = ?, user_modified = 1 WHERE id_variaveis = ?";
    database.exec(sql, (id, text, kind, number))?;
    Ok(())
}

/// The modules of a plugin.
pub fn modules(database: &mut Database, plugin: &str) -> Result<Vec<String>, SettingsError> {
    let sql = "SELECT DISTINCT id FROM modulos WHERE plugin = ? ORDER BY id";
    texts(database, sql, plugin, "id")
}

/// Whether a module is known, or has variables, that are not the plugin's: those of nobody are the gestor's own.
pub fn is_of_another(database: &mut Database, module: &str, plugin: &str) -> Result<bool, SettingsError> {
    let sql = "SELECT (SELECT COUNT(*) FROM modulos WHERE id = ? AND (plugin IS NULL OR plugin <> ?)) \
               + (SELECT COUNT(*) FROM variaveis WHERE modulo = ? AND (plugin IS NULL OR plugin <> ?))";
    let values = (module, plugin, module, plugin);
    let row = database.exec_rows(sql, values)?.into_iter().next();
    let count: Option<u64> = row.map(|mut row| value(&mut row, 0, "plugin")).transpose()?;
    Ok(count.is_some_and(|count| count > 0))
}

/// The languages that a module has; those of all modules where nobody knows it.
pub fn languages(database: &mut Database, module: &str) -> Result<Vec<String>, SettingsError> {
    let own = texts(
        database,
        "SELECT DISTINCT language FROM modulos WHERE id = ? AND language IS NOT NULL ORDER BY language DESC",
        module,
        "language",
    )?;
    if !own.is_empty() {
        return Ok(own);
    }
    let sql = "SELECT DISTINCT language FROM modulos WHERE language IS NOT NULL AND ? <> '' ORDER BY language DESC";
    texts(database, sql, module, "language")
}

fn texts(database: &mut Database, sql: &str, with: &str, column: &'static str) -> Result<Vec<String>, SettingsError> {
    let rows = database.exec_rows(sql, (with,))?;
    rows.into_iter().map(|mut row| value(&mut row, 0, column)).collect()
}

fn stored(mut row: Row) -> Result<StoredVariable, SettingsError> {
    let row = &mut row;
    Ok(StoredVariable {
        number: value(row, 0, "id_variaveis")?,
        language: value::<Option<String>>(row, 1, "language")?.unwrap_or_default(),
        id: value::<Option<String>>(row, 2, "id")?.unwrap_or_default(),
        text: value(row, 3, "valor")?,
        kind: value(row, 4, "tipo")?,
        owner: value(row, 5, "plugin")?,
    })
}

fn value<T: FromValue>(row: &mut Row, at: usize, column: &'static str) -> Result<T, SettingsError> {
    let taken = row.take_opt::<T, _>(at);
    taken.and_then(Result::ok).ok_or(SettingsError::Unreadable { column })
}

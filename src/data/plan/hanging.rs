//! Which rows hang by a foreign key on rows of a table. Reads; what it finds is locked against change. Decides nothing.

use super::fetch::CHUNK;
use crate::base::db::Database;
use crate::data::fit::find::PrimaryKey;
use crate::data::package::error::DataError;
use crate::data::sql;
use crate::data::table::foreign_keys::{ForeignKey, quote};
use crate::data::table::schema::TableSchema;
use crate::data::table::texts::{Texts, texts};

/// Rows of a table, each with one that hangs on it by this key. `child`: the table of those, where their primary keys are
/// asked for; they are empty otherwise, and each row is given once.
pub(super) fn pairs(
    database: &mut Database,
    (parent, key): (&TableSchema, &ForeignKey),
    child: Option<&TableSchema>,
    rows: &[&PrimaryKey],
) -> Result<Vec<(PrimaryKey, PrimaryKey)>, DataError> {
    let name = |schema: &TableSchema, column: &usize| quote(schema.columns[*column].name.as_str());
    let own = parent.identity.iter();
    let own = own.map(|column| format!("p.{}", name(parent, column)));
    let theirs = child.into_iter().flat_map(|child| {
        let columns = child.identity.iter();
        columns.map(move |column| format!("c.{}", name(child, column)))
    });
    let listed: Vec<String> = own.chain(theirs).collect();
    let width = parent.identity.len();
    let mut found = Vec::new();
    for chunk in rows.chunks(CHUNK) {
        let head = format!("SELECT DISTINCT {}", listed.join(","));
        for row in database.query(question(&head, (parent, key), chunk))? {
            let mut parts: Vec<Box<[u8]>> = bytes(texts(row));
            let child = parts.split_off(width.min(parts.len()));
            found.push((parts.into(), child.into()));
        }
    }
    Ok(found)
}

/// How many rows hang on rows of a table by this key.
pub(super) fn count(
    database: &mut Database,
    (parent, key): (&TableSchema, &ForeignKey),
    rows: &[&PrimaryKey],
) -> Result<u64, DataError> {
    let mut counted = 0;
    for chunk in rows.chunks(CHUNK) {
        let answer = database.query(question("SELECT COUNT(*)", (parent, key), chunk))?;
        let number = answer.into_iter().flat_map(|row| bytes(texts(row))).next();
        let number = number.and_then(|text| std::str::from_utf8(&text).ok()?.parse::<u64>().ok());
        counted += number.unwrap_or(0);
    }
    Ok(counted)
}

fn bytes(texts: Texts) -> Vec<Box<[u8]>> {
    let parts = texts.into_iter();
    parts.map(|part| part.unwrap_or_default().into_boxed_slice()).collect()
}

/// What is asked of rows and of those that hang on them. A transaction may have begun before others hung theirs on: what
/// stands there now is read, and stays so.
fn question(head: &str, (parent, key): (&TableSchema, &ForeignKey), rows: &[&PrimaryKey]) -> Vec<u8> {
    let referred = key.columns.iter().filter_map(|(_, column)| parent.position(column));
    let mut columns: Vec<usize> = parent.identity.iter().copied().chain(referred).collect();
    columns.sort_unstable();
    columns.dedup();
    let joined = key.columns.iter();
    let joined: Vec<String> = joined
        .map(|(column, parent)| format!("c.{}=p.{}", quote(column), quote(parent)))
        .collect();
    let mut statement = format!("{head} FROM (").into_bytes();
    statement.extend(sql::select(parent, &columns));
    sql::push_identities(&mut statement, parent, rows.iter().copied());
    let join = format!(
        ") p JOIN {} c ON {} LOCK IN SHARE MODE",
        key.quoted,
        joined.join(" AND ")
    );
    statement.extend_from_slice(join.as_bytes());
    statement
}

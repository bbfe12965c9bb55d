//! Rows that were copied out before their tables or columns were dropped, as statements that put them back.

use serde_json::{Map, Value};

use super::schema::quoted;
use crate::base::db::{Database, DbError, push_binary, push_text};
use crate::base::json::bytes_of;

/// The columns of a table that a row can be given: not those that the server makes of others.
pub fn written_columns(database: &mut Database, table: &str) -> Result<Vec<String>, DbError> {
    let sql = "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND \
               COALESCE(GENERATION_EXPRESSION, '') = '' ORDER BY ORDINAL_POSITION";
    let rows = database.exec_rows(sql, (table,))?;
    Ok(rows.into_iter().filter_map(|mut row| row.take(0)).collect())
}

/// Appends a row to an INSERT of several, which it begins where there is none yet. What the copy does not have gets its
/// default.
pub fn push_row(statement: &mut Vec<u8>, table: &str, columns: &[String], row: &Map<String, Value>) {
    if statement.is_empty() {
        let names: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
        let start = format!("INSERT INTO {} ({}) VALUES ", quoted(table), names.join(", "));
        statement.extend_from_slice(start.as_bytes());
    } else {
        statement.push(b',');
    }
    for (at, column) in columns.iter().enumerate() {
        statement.push(if at == 0 { b'(' } else { b',' });
        match row.get(column) {
            Some(value) => push_value(statement, value),
            None => statement.extend_from_slice(b"DEFAULT"),
        }
    }
    statement.push(b')');
}

/// The statement that puts values of columns into the row with the primary key that stands beside them; none where there is
/// no key.
pub fn update_row(table: &str, columns: &[String], row: &Map<String, Value>) -> Option<Vec<u8>> {
    let is_wanted = |name: &String| columns.contains(name);
    if columns.is_empty() || row.keys().all(is_wanted) {
        return None;
    }
    let mut statement = format!("UPDATE {} SET ", quoted(table)).into_bytes();
    push_equal(&mut statement, ",", row.iter().filter(|(name, _)| is_wanted(name)));
    statement.extend_from_slice(b" WHERE ");
    push_equal(&mut statement, " AND ", row.iter().filter(|(name, _)| !is_wanted(name)));
    Some(statement)
}

fn push_equal<'r>(statement: &mut Vec<u8>, between: &str, values: impl Iterator<Item = (&'r String, &'r Value)>) {
    for (at, (name, value)) in values.enumerate() {
        if at > 0 {
            statement.extend_from_slice(between.as_bytes());
        }
        statement.extend_from_slice(format!("{}=", quoted(name)).as_bytes());
        push_value(statement, value);
    }
}

fn push_value(statement: &mut Vec<u8>, value: &Value) {
    match (value, bytes_of(value)) {
        (Value::String(text), _) => push_text(statement, text.as_bytes()),
        (_, Some(bytes)) => push_binary(statement, &bytes),
        (_, None) => statement.extend_from_slice(b"NULL"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn rows_are_written_as_they_were_read() {
        let columns = ["id", "a`b", "new"].map(str::to_owned);
        let mut statement = Vec::new();
        push_row(
            &mut statement,
            "t",
            &columns,
            &row(&json!({"id": "1", "a`b": null, "gone": "x"})),
        );
        push_row(
            &mut statement,
            "t",
            &columns,
            &row(&json!({"id": "2", "a`b": {"$hex": "00ff"}})),
        );
        let mut expected = b"INSERT INTO `t` (`id`, `a``b`, `new`) VALUES (".to_vec();
        push_text(&mut expected, b"1");
        expected.extend_from_slice(b",NULL,DEFAULT),(");
        push_text(&mut expected, b"2");
        expected.push(b',');
        push_binary(&mut expected, &[0, 0xff]);
        expected.extend_from_slice(b",DEFAULT)");
        assert_eq!(String::from_utf8_lossy(&statement), String::from_utf8_lossy(&expected));
    }

    #[test]
    fn columns_go_to_the_row_of_their_key() {
        let columns = ["x".to_owned()];
        let found = update_row("t", &columns, &row(&json!({"id": "1", "x": "5"}))).unwrap();
        let mut expected = b"UPDATE `t` SET `x`=".to_vec();
        push_text(&mut expected, b"5");
        expected.extend_from_slice(b" WHERE `id`=");
        push_text(&mut expected, b"1");
        assert_eq!(found, expected);
        assert_eq!(update_row("t", &columns, &row(&json!({"x": "5"}))), None);
        assert_eq!(update_row("t", &[], &row(&json!({"id": "1"}))), None);
    }
}

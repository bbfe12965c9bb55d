//! Rows that were copied out before their tables or columns were dropped, as statements that put them back.

use serde_json::{Map, Value};

use super::schema::{quoted, texts};
use crate::base::db::{Database, DbError, push_binary, push_text};
use crate::base::json::bytes_of;

/// A column that a row can be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenColumn {
    /// Its name.
    pub name: String,
    /// Its bits stand in a copy as a number.
    pub is_bit: bool,
    /// It changes by itself with its row.
    pub is_automatic: bool,
}

/// The columns of a table that a row can be given: not those that the server makes of others.
pub fn written_columns(database: &mut Database, table: &str) -> Result<Vec<WrittenColumn>, DbError> {
    let sql = "SELECT COLUMN_NAME, DATA_TYPE, EXTRA FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND \
               TABLE_NAME = ? AND COALESCE(GENERATION_EXPRESSION, '') = '' ORDER BY ORDINAL_POSITION";
    let rows = database.exec_rows(sql, (table,))?.into_iter();
    let column = |row| {
        let mut words = texts(row).into_iter().map(Option::unwrap_or_default);
        let (name, kind) = (words.next()?, words.next()?);
        let extra = words.next()?.to_lowercase();
        Some(WrittenColumn {
            name,
            is_bit: kind.eq_ignore_ascii_case("bit"),
            is_automatic: extra.contains("on update"),
        })
    };
    Ok(rows.filter_map(column).collect())
}

/// Appends a row to an INSERT of several, which it begins where there is none yet. What the copy does not have gets its
/// default.
pub fn push_row(statement: &mut Vec<u8>, table: &str, columns: &[WrittenColumn], row: &Map<String, Value>) {
    if statement.is_empty() {
        let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
        let start = format!("INSERT INTO {} ({}) VALUES ", quoted(table), names.join(", "));
        statement.extend_from_slice(start.as_bytes());
    } else {
        statement.push(b',');
    }
    for (at, column) in columns.iter().enumerate() {
        statement.push(if at == 0 { b'(' } else { b',' });
        match row.get(&column.name) {
            Some(value) => push_value(statement, value, column.is_bit),
            None => statement.extend_from_slice(b"DEFAULT"),
        }
    }
    statement.push(b')');
}

/// The statement that puts values of columns into the row with the primary key that stands beside them; none where there is
/// no key. `wanted`: which of the table's columns are put; `copied`: which the copy has beside the key.
pub fn update_row(
    table: &str,
    (columns, wanted, copied): (&[WrittenColumn], &[String], &[String]),
    row: &Map<String, Value>,
) -> Option<Vec<u8>> {
    let is_wanted = |column: &&WrittenColumn| wanted.contains(&column.name) && row.contains_key(&column.name);
    let is_key = |name: &String| !copied.contains(name);
    if !columns.iter().any(|column| is_wanted(&column)) || !row.keys().any(is_key) {
        return None;
    }
    let mut statement = format!("UPDATE {} SET ", quoted(table)).into_bytes();
    push_equal(&mut statement, ",", columns.iter().filter(is_wanted), row);
    for column in columns
        .iter()
        .filter(|column| column.is_automatic && !is_wanted(column))
    {
        let name = quoted(&column.name);
        statement.extend_from_slice(format!(",{name}={name}").as_bytes());
    }
    statement.extend_from_slice(b" WHERE ");
    let key = columns
        .iter()
        .filter(|column| row.contains_key(&column.name) && is_key(&column.name));
    push_equal(&mut statement, " AND ", key, row);
    Some(statement)
}

fn push_equal<'c>(
    statement: &mut Vec<u8>,
    between: &str,
    columns: impl Iterator<Item = &'c WrittenColumn>,
    row: &Map<String, Value>,
) {
    for (at, column) in columns.enumerate() {
        if at > 0 {
            statement.extend_from_slice(between.as_bytes());
        }
        statement.extend_from_slice(format!("{}=", quoted(&column.name)).as_bytes());
        push_value(statement, row.get(&column.name).unwrap_or(&Value::Null), column.is_bit);
    }
}

fn push_value(statement: &mut Vec<u8>, value: &Value, is_bit: bool) {
    match (value, bytes_of(value)) {
        (Value::String(text), _) if is_bit => {
            statement.extend_from_slice(b"CAST(");
            push_text(statement, text.as_bytes());
            statement.extend_from_slice(b" AS UNSIGNED)");
        }
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

    fn columns(names: &[&str]) -> Vec<WrittenColumn> {
        let column = |name: &&str| WrittenColumn {
            name: (*name).to_owned(),
            is_bit: *name == "bits",
            is_automatic: *name == "changed",
        };
        names.iter().map(column).collect()
    }

    #[test]
    fn rows_are_written_as_they_were_read() {
        let columns = columns(&["id", "a`b", "new"]);
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
        let table = columns(&["id", "x", "bits", "changed"]);
        let wanted = ["x".to_owned(), "bits".to_owned()];
        let update = |wanted: &[String], value: &Value| update_row("t", (&table, wanted, wanted), &row(value));
        let found = update(&wanted, &json!({"id": "1", "x": "5", "bits": "7"})).unwrap();
        let mut expected = b"UPDATE `t` SET `x`=".to_vec();
        push_text(&mut expected, b"5");
        expected.extend_from_slice(b",`bits`=CAST(");
        push_text(&mut expected, b"7");
        expected.extend_from_slice(b" AS UNSIGNED),`changed`=`changed` WHERE `id`=");
        push_text(&mut expected, b"1");
        assert_eq!(String::from_utf8_lossy(&found), String::from_utf8_lossy(&expected));
        assert_eq!(update(&wanted, &json!({"x": "5"})), None);
        assert_eq!(update(&[], &json!({"id": "1"})), None);
    }
}

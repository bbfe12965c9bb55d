//! Literals of SQL. The one place where a value becomes part of a statement; must not know which statement.
//!
//! They are correct in a session of [`super::Database`], which speaks utf8mb4 and has `NO_BACKSLASH_ESCAPES` off.

use mysql_async::Value;

/// Appends a text as a quoted literal.
pub fn push_text(statement: &mut Vec<u8>, text: &[u8]) {
    statement.reserve(text.len() + 2);
    statement.push(b'\'');
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\'' | b'\\' | 0)) {
        statement.extend_from_slice(&rest[..at]);
        statement.push(b'\\');
        statement.push(if rest[at] == 0 { b'0' } else { rest[at] });
        rest = &rest[at + 1..];
    }
    statement.extend_from_slice(rest);
    statement.push(b'\'');
}

/// Appends bytes as a hexadecimal literal.
pub fn push_binary(statement: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    statement.reserve(bytes.len() * 2 + 3);
    statement.extend_from_slice(b"X'");
    for byte in bytes {
        statement.push(DIGITS[usize::from(byte >> 4)]);
        statement.push(DIGITS[usize::from(byte & 15)]);
    }
    statement.push(b'\'');
}

/// How a statement reads all that a column holds, so that it can be written back as it is: of a `FLOAT` the server shows six
/// digits, of bits their bytes, and characters of another set may have no place in ours. `column`: as a statement has it;
/// `kind` and `charset`: as `information_schema` tells them.
pub fn exact_value(column: &str, kind: &str, charset: Option<&str>) -> String {
    match (kind.to_ascii_lowercase().as_str(), charset) {
        // Times one: a zero keeps its sign.
        ("float", _) => format!("{column}*1e0"),
        ("bit", _) => format!("{column}+0"),
        ("enum" | "set", _) | (_, None | Some("utf8mb4" | "utf8mb3" | "utf8")) => column.to_owned(),
        _ => format!("CAST({column} AS BINARY)"),
    }
}

/// A statement with its values in the places of its question marks, in order. A statement whose texts hold question
/// marks cannot be bound. Nothing when there are more marks than values, or fewer.
pub(super) fn bind(sql: &str, values: &[Value]) -> Option<Vec<u8>> {
    let mut parts = sql.split('?');
    let mut statement = parts.next()?.as_bytes().to_vec();
    let mut values = values.iter();
    for part in parts {
        push_value(&mut statement, values.next()?);
        statement.extend_from_slice(part.as_bytes());
    }
    values.next().is_none().then_some(statement)
}

fn push_value(statement: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Bytes(text) => push_text(statement, text),
        other => statement.extend_from_slice(other.as_sql(false).as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted() {
        for (text, literal) in [
            ("", "''"),
            ("plain ação", "'plain ação'"),
            ("it's", r"'it\'s'"),
            (r"a\", r"'a\\'"),
            (r"\' or 1=1 -- ", r"'\\\' or 1=1 -- '"),
            ("a\0b", r"'a\0b'"),
            ("line\nbreak\r\"%_", "'line\nbreak\r\"%_'"),
        ] {
            let mut statement = Vec::new();
            push_text(&mut statement, text.as_bytes());
            assert_eq!(String::from_utf8(statement).unwrap(), literal);
        }
    }

    #[test]
    fn values_take_the_places_of_marks() {
        let values = [Value::from("a?'b"), Value::NULL, Value::from(-7), Value::from(u64::MAX)];
        let bound = bind("SELECT ?, ?, ? FROM t WHERE x=? LIMIT 1", &values).unwrap();
        let expected = r"SELECT 'a?\'b', NULL, -7 FROM t WHERE x=18446744073709551615 LIMIT 1";
        assert_eq!(String::from_utf8(bound).unwrap(), expected);
        assert!(bind("SELECT ?", &[]).is_none() && bind("SELECT 1", &values).is_none());
    }

    #[test]
    fn bytes_are_hexadecimal() {
        let mut statement = Vec::new();
        push_binary(&mut statement, &[0, 0x27, 0xff]);
        assert_eq!(statement, b"X'0027FF'");
    }
}

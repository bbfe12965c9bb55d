//! Literals of SQL. The one place where a value becomes part of a statement; must not know which statement.
//!
//! They are correct in a session of [`super::Database`], which speaks utf8mb4 and has `NO_BACKSLASH_ESCAPES` off.

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
    fn bytes_are_hexadecimal() {
        let mut statement = Vec::new();
        push_binary(&mut statement, &[0, 0x27, 0xff]);
        assert_eq!(statement, b"X'0027FF'");
    }
}

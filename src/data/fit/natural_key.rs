//! What makes two rows the same row: keys, folded so that equal keys are equal texts. Pure.
//!
//! NULL and the empty text are one; letter case and trailing spaces count as the column's collation says for ASCII.

use super::value::{Value, address_of, convert};
use crate::data::table::schema::{Column, ColumnType, DefaultValue};
use crate::model::Field;

/// A folded key: one text per column.
pub(in crate::data) type Key = Box<[Box<str>]>;

/// Folds a value of the package.
pub(in crate::data) fn fold(column: &Column, value: &Value<'_>) -> Box<str> {
    match value {
        Value::Null => Box::default(),
        Value::Number(digits) => digits.as_ref().into(),
        Value::Text(text) => match column.kind {
            ColumnType::Address { six } => {
                address_of(text, six).map_or_else(|| (&**text).into(), |found| found.to_string().into())
            }
            _ => fold_text(column, text),
        },
        Value::Binary(bytes) => hexadecimal(bytes),
    }
}

/// Folds a value of the table; `None` is NULL.
pub(in crate::data) fn fold_stored(column: &Column, stored: Option<&[u8]>) -> Box<str> {
    let Some(bytes) = stored else {
        return Box::default();
    };
    let text = || String::from_utf8_lossy(bytes);
    match column.kind {
        ColumnType::Binary { .. } => hexadecimal(bytes),
        ColumnType::Bit { .. } => {
            let number = bytes.iter().fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte));
            number.to_string().into()
        }
        ColumnType::Integer { .. } | ColumnType::Decimal { .. } | ColumnType::Year => {
            let number = crate::data::package::number::Number::parse(&text());
            number.map_or_else(|| text().into(), |number| number.text().into())
        }
        ColumnType::Address { six } => match address_of(&text(), six) {
            Some(address) => address.to_string().into(),
            None => text().into(),
        },
        ColumnType::Float { .. } => match text().parse::<f64>() {
            Ok(number) => format!("{number:e}").into(),
            Err(_) => text().into(),
        },
        _ => fold_text(column, &text()),
    }
}

fn fold_text(column: &Column, text: &str) -> Box<str> {
    let trimmed = text.trim_end_matches(' ');
    if column.case_sensitive
        || matches!(
            column.kind,
            ColumnType::Date | ColumnType::DateTime { .. } | ColumnType::Time { .. }
        )
    {
        trimmed.into()
    } else {
        trimmed.to_ascii_lowercase().into()
    }
}

fn hexadecimal(bytes: &[u8]) -> Box<str> {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
        .into()
}

/// What a key column gets that a row does not give: its default, else NULL.
pub(super) fn fold_absent(column: &Column) -> Box<str> {
    match &column.default {
        DefaultValue::Text(text) => {
            let field = Field::Text(text.clone());
            convert(column, &field).map_or_else(|_| fold_text(column, text), |value| fold(column, &value))
        }
        DefaultValue::None | DefaultValue::Null | DefaultValue::Computed => Box::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::table::column_facts::tests::facts;

    #[test]
    fn equal_keys_are_equal_texts() {
        let text = facts("id", "varchar(9)").column().unwrap();
        let exact = Column {
            case_sensitive: true,
            ..text.clone()
        };
        let number = facts("n", "int(11)").column().unwrap();
        let folded = |column: &Column, text: &str| {
            let field = Field::Text(text.to_owned());
            fold(column, &convert(column, &field).unwrap()).to_string()
        };
        assert_eq!(folded(&text, "X-1 "), "x-1");
        assert_eq!(folded(&text, "AÇÃO"), "aÇÃo");
        assert_eq!(folded(&exact, "X-1 "), "X-1");
        assert_eq!(folded(&number, " 007 "), &*fold_stored(&number, Some(b"7")));
        assert_eq!(
            fold_stored(&text, Some(b"X-1")),
            fold(&text, &Value::Text("x-1  ".into()))
        );
        assert_eq!(fold_stored(&text, None), fold_stored(&text, Some(b"")));
        for (column_type, given, stored) in [
            ("decimal(5,2)", "1.5", &b"1.50"[..]),
            ("year(4)", "0000", b"0000"),
            ("double", "100", b"1e2"),
            ("double", "0.5", b"0.5"),
            ("bit(9)", "257", b"\x01\x01"),
            ("bit(9)", "258", b"\x01\x02"),
            ("varbinary(9)", "aK", b"aK"),
            ("inet6", "2001:DB8:0:0::1", b"2001:db8::1"),
            ("inet6", "2001:DB8:0:0::1", b"2001:DB8:0::1"),
            ("inet4", "10.0.0.1", b"10.0.0.1"),
            ("inet6", "10.0.0.1", b"::ffff:10.0.0.1"),
        ] {
            let column = facts("k", column_type).column().unwrap();
            assert_eq!(
                folded(&column, given),
                &*fold_stored(&column, Some(stored)),
                "{column_type} {given}"
            );
        }
        let binary = facts("k", "varbinary(9)").column().unwrap();
        assert_ne!(folded(&binary, "a"), folded(&binary, "A"));
        let with_default = Column {
            default: DefaultValue::Text("pt-br".to_owned()),
            ..text
        };
        assert_eq!(&*fold_absent(&with_default), "pt-br");
    }
}

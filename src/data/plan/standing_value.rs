//! Values of single rows: as the server shows them, and as literals of the same ones. Pure.

use crate::data::fit::value::Value;
use crate::data::table::schema::{Column, ColumnType};

/// A value as the server would show it.
pub(super) fn bytes_of(column: &Column, value: Value<'_>) -> Option<Vec<u8>> {
    match (value, &column.kind) {
        (Value::Number(text), ColumnType::Bit { bits }) => Some(bit_bytes(&text, *bits)),
        (value, _) => plain_bytes(value),
    }
}

fn plain_bytes(value: Value<'_>) -> Option<Vec<u8>> {
    match value {
        Value::Null => None,
        Value::Number(text) | Value::Text(text) => Some(text.into_owned().into_bytes()),
        Value::Binary(bytes) => Some(bytes.into_owned()),
    }
}

/// The bytes that the server shows of a `BIT`, whose value is written in digits.
pub(super) fn bit_bytes(digits: &str, bits: u32) -> Vec<u8> {
    let number: u64 = digits.parse().unwrap_or_default();
    let bytes = number.to_be_bytes();
    let width = usize::try_from(bits.div_ceil(8)).unwrap_or(bytes.len());
    bytes[bytes.len() - width.clamp(1, bytes.len())..].to_vec()
}

/// The number whose bytes the server shows of a `BIT`.
pub(super) fn bit_digits(bytes: &[u8]) -> String {
    let number = bytes.iter().fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte));
    number.to_string()
}

/// What the server shows of a value, as a literal of the same one: numbers as numbers, as an installation writes them.
pub(in crate::data) fn literal<'v>(column: &Column, value: Option<&'v [u8]>) -> Value<'v> {
    let Some(bytes) = value else { return Value::Null };
    match (&column.kind, std::str::from_utf8(bytes)) {
        (ColumnType::Bit { .. }, _) => Value::Number(bit_digits(bytes).into()),
        (ColumnType::Binary { .. }, _) | (_, Err(_)) => Value::Binary(bytes.into()),
        // '0' as a text is another year than the number.
        (ColumnType::Year, Ok(text)) if text.bytes().all(|byte| byte.is_ascii_digit()) => Value::Number(text.into()),
        (_, Ok(text)) => Value::Text(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_written_in_digits_and_shown_in_bytes() {
        for (digits, bits, bytes) in [
            ("5", 12, &[0_u8, 5][..]),
            ("1", 1, &[1]),
            ("0", 8, &[0]),
            ("65535", 16, &[255, 255]),
        ] {
            assert_eq!(
                (bit_bytes(digits, bits), bit_digits(bytes)),
                (bytes.to_vec(), digits.to_owned())
            );
        }
    }
}

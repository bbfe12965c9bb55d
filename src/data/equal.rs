//! Whether a table has a value already: compared by the type of the column, as it is stored (SPEC §6, "Comparing").
//! Pure.

use super::json_text;
use super::number::Number;
use super::schema::{Column, Kind};
use super::value::{Value, address_of};

/// Whether a table has a value already; `stored` is what the server shows, `None` for NULL. Columns of `FLOAT` are shown
/// as `sql::push_content` asks for them.
pub(super) fn same(column: &Column, value: &Value<'_>, stored: Option<&[u8]>) -> bool {
    match (value, stored) {
        (Value::Null, None) => true,
        (Value::Null, Some(_)) | (_, None) => false,
        (Value::Binary(bytes), Some(stored)) => &**bytes == stored,
        (Value::Text(text), Some(stored)) => text.as_bytes() == stored || same_text(column, text, stored),
        (Value::Number(digits), Some(stored)) => digits.as_bytes() == stored || same_number(column, digits, stored),
    }
}

fn same_text(column: &Column, text: &str, stored: &[u8]) -> bool {
    let Ok(stored) = std::str::from_utf8(stored) else {
        return false;
    };
    match column.kind {
        Kind::Json { native } => json_text::same(text, stored, native),
        Kind::Address { six } => address_of(text, six).is_some_and(|ours| Some(ours) == address_of(stored, six)),
        Kind::Uuid | Kind::Other => text.eq_ignore_ascii_case(stored),
        _ => false,
    }
}

fn same_number(column: &Column, digits: &str, stored: &[u8]) -> bool {
    if let Kind::Bit { .. } = column.kind {
        let number = stored.iter().fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte));
        return digits == number.to_string();
    }
    let Ok(stored) = std::str::from_utf8(stored) else {
        return false;
    };
    match column.kind {
        Kind::Float { single: true, .. } => same_float(digits, stored, as_single),
        Kind::Float { single: false, .. } => same_float(digits, stored, |number| number),
        _ => Number::parse(digits).is_some_and(|ours| Some(ours) == Number::parse(stored)),
    }
}

/// Whether two texts are one number of as many digits as the column holds.
#[expect(clippy::float_cmp, reason = "they are one number or they are not")]
fn same_float(ours: &str, theirs: &str, held: fn(f64) -> f64) -> bool {
    matches!((ours.parse(), theirs.parse()), (Ok(ours), Ok(theirs)) if held(ours) == held(theirs))
}

/// What a `FLOAT` holds of a number: the server reads all as `DOUBLE` first, so that some are rounded twice.
#[expect(clippy::cast_possible_truncation, reason = "so does the server")]
fn as_single(number: f64) -> f64 {
    f64::from(number as f32)
}

#[cfg(test)]
mod tests {
    use super::super::column_facts::tests::facts;
    use super::*;

    #[test]
    fn floats_are_rounded_as_the_server_does_it() {
        for (column_type, ours, stored, expected) in [
            ("float", "1.0000000596046448", "1", true),
            ("float", "1.0000000596046448", "1.0000001192092896", false),
            ("float", "0.1", "0.10000000149011612", true),
            ("double", "1.0000000596046448", "1", false),
        ] {
            let column = facts("c", column_type).column().unwrap();
            let found = same(&column, &Value::Number(ours.into()), Some(stored.as_bytes()));
            assert_eq!(found, expected, "{column_type} {ours} {stored}");
        }
    }
}

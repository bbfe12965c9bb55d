//! Whether a table has a value already (SPEC §6, "Comparing"): it does where both have one canonical text. Pure.

use super::canonical::{canonical, canonical_stored};
use super::value::Value;
use crate::data::table::schema::Column;

/// Whether a value is what the table has, as the server shows it (a `FLOAT` as a `DOUBLE`); `None` is NULL.
pub(in crate::data) fn same(column: &Column, value: &Value<'_>, stored: Option<&[u8]>) -> bool {
    canonical(column, value) == canonical_stored(column, stored)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::table::column_facts::tests::facts;

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

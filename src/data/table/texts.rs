//! The fields of a row of an answer, as the server writes them.

use crate::base::db::{Row, Value};

/// The texts of a row; `None` is NULL.
pub(in crate::data) type Texts = Vec<Option<Vec<u8>>>;

pub(in crate::data) fn texts(row: Row) -> Texts {
    row.unwrap_raw().into_iter().map(|value| value.and_then(text)).collect()
}

fn text(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::NULL => None,
        Value::Bytes(bytes) => Some(bytes),
        other => Some(other.as_sql(true).into_bytes()),
    }
}

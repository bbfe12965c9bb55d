//! The canonical text of a value: one text for all forms of the same value, by the kind of its column, and the digests
//! that are kept of it (SPEC 2 §1, "Base format"). Pure.

use std::borrow::Cow;

use super::moment::{Moment, time_text};
use super::natural_key::Key;
use super::value::{Value, address_of};
use crate::base::hash::sha256_of_parts;
use crate::data::package::json_text;
use crate::data::package::number::Number;
use crate::data::table::schema::{Column, ColumnType};
use crate::ledger::{FieldDigest, KindClass, RowDigest, RowKey};
use crate::model::Sha256Digest;

/// A value in the one form that all its forms have. Values of columns of other classes are not to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) enum Canonical<'a> {
    /// NULL.
    Null,
    /// Anything else.
    Text(Cow<'a, [u8]>),
}

impl Canonical<'_> {
    /// What the base keeps of it.
    pub(in crate::data) fn digest(&self) -> FieldDigest {
        FieldDigest::cut(&self.sha256())
    }

    /// What a conflict keeps of it.
    pub(in crate::data) fn long_digest(&self) -> RowDigest {
        RowDigest::cut(&self.sha256())
    }

    fn sha256(&self) -> Sha256Digest {
        match self {
            Self::Null => sha256_of_parts(&[b"-"]),
            Self::Text(text) => sha256_of_parts(&[b"=", text]),
        }
    }
}

/// The class of a column's kind: values of one class are compared by one rule.
pub(in crate::data) fn kind_class(kind: &ColumnType) -> KindClass {
    KindClass(match kind {
        ColumnType::Integer { .. } | ColumnType::Decimal { .. } | ColumnType::Bit { .. } | ColumnType::Year => b'n',
        ColumnType::Float { single: true, .. } => b'f',
        ColumnType::Float { single: false, .. } => b'g',
        ColumnType::Date => b'd',
        ColumnType::DateTime { .. } => b'm',
        ColumnType::Time { .. } => b's',
        ColumnType::Characters { .. } | ColumnType::Text { .. } | ColumnType::Enum(_) | ColumnType::Set(_) => b't',
        ColumnType::Json { native: false } => b'j',
        ColumnType::Json { native: true } => b'k',
        ColumnType::Uuid | ColumnType::Other => b'u',
        ColumnType::Address { .. } => b'a',
        ColumnType::Binary { .. } => b'b',
    })
}

/// The canonical text of a value of the package.
pub(in crate::data) fn canonical<'a>(column: &Column, value: &'a Value<'_>) -> Canonical<'a> {
    match value {
        Value::Null => Canonical::Null,
        Value::Binary(bytes) => Canonical::Text(Cow::Borrowed(bytes)),
        Value::Number(digits) if matches!(column.kind, ColumnType::Bit { .. }) => number(digits),
        Value::Number(text) | Value::Text(text) => of_text(&column.kind, text),
    }
}

/// The canonical text of what the table has, as the server shows it; a `FLOAT` is read as a `DOUBLE`.
pub(in crate::data) fn canonical_stored<'a>(column: &Column, stored: Option<&'a [u8]>) -> Canonical<'a> {
    let Some(stored) = stored else { return Canonical::Null };
    match (&column.kind, std::str::from_utf8(stored)) {
        (ColumnType::Bit { .. }, _) => {
            let bits = stored.iter().fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte));
            Canonical::Text(bits.to_string().into_bytes().into())
        }
        (ColumnType::Binary { .. }, _) | (_, Err(_)) => Canonical::Text(stored.into()),
        (kind, Ok(text)) => of_text(kind, text),
    }
}

fn of_text<'a>(kind: &ColumnType, text: &'a str) -> Canonical<'a> {
    let made = match kind {
        ColumnType::Integer { .. } | ColumnType::Decimal { .. } | ColumnType::Year | ColumnType::Bit { .. } => {
            return number(text);
        }
        ColumnType::Float { single, .. } => float(text, *single),
        ColumnType::Date => Moment::parse(text).map(|moment| moment.date_text()),
        ColumnType::DateTime { .. } => Moment::parse(text).map(|moment| without_zeros(moment.text(6))),
        ColumnType::Time { .. } => time_text(text, 6).map(without_zeros),
        ColumnType::Json { native } => json_text::canonical(text, *native),
        ColumnType::Uuid | ColumnType::Other => Some(text.to_ascii_lowercase()),
        ColumnType::Address { six } => address_of(text, *six).map(|address| address.to_string()),
        ColumnType::Characters { .. }
        | ColumnType::Text { .. }
        | ColumnType::Enum(_)
        | ColumnType::Set(_)
        | ColumnType::Binary { .. } => None,
    };
    // What cannot be read as its kind is compared as it stands.
    Canonical::Text(made.map_or(Cow::Borrowed(text.as_bytes()), |made| made.into_bytes().into()))
}

fn number(digits: &str) -> Canonical<'_> {
    let plain = Number::parse(digits).map(|number| number.text().into_bytes());
    Canonical::Text(plain.map_or(Cow::Borrowed(digits.as_bytes()), Cow::Owned))
}

/// As the server holds it: a `FLOAT` in 32 bits. The two zeros are one.
#[expect(clippy::cast_possible_truncation, reason = "so does the server")]
fn float(digits: &str, single: bool) -> Option<String> {
    let number = digits.parse::<f64>().ok()? + 0.0;
    Some(if single {
        format!("{:e}", number as f32)
    } else {
        format!("{number:e}")
    })
}

/// A time without the zeros that a column with more digits would show.
fn without_zeros(text: String) -> String {
    match text.split_once('.') {
        Some(_) => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        None => text,
    }
}

/// The digest of a folded key; a primary key is another one than a natural key of the same texts.
pub(in crate::data) fn row_key(key: &Key, primary: bool) -> RowKey {
    let mut text = vec![if primary { b'P' } else { b'N' }];
    for part in key {
        text.extend_from_slice(&(part.len() as u64).to_le_bytes());
        text.extend_from_slice(part.as_bytes());
    }
    RowKey::cut(&sha256_of_parts(&[&text]))
}

//! Rows that exchange the values of a UNIQUE index are written in two steps: first those whose value another row takes get
//! one that nobody has, then all get their own. Which rows these are, `unique` tells. Reads through `fetch`; never writes.

use std::collections::HashSet;

use super::fetch;
use crate::base::db::Database;
use crate::data::fit::find::PrimaryKey;
use crate::data::fit::natural_key::{Key, fold};
use crate::data::fit::value::Value;
use crate::data::package::error::DataError;
use crate::data::table::foreign_keys::{ForeignKey, read_foreign_keys};
use crate::data::table::schema::{Column, ColumnType, TableSchema};
use crate::model::Slug;

/// A row that gets a value which nobody has until it gets its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Park {
    /// The row.
    pub(in crate::data) identity: PrimaryKey,
    /// The column.
    pub(in crate::data) column: usize,
    /// The value.
    pub(in crate::data) value: Value<'static>,
}

/// Values that are tried at once.
const TRIED: u32 = 250;
/// Times that other values are tried beyond those that would do if all were free.
const TRIES: u32 = 16;

/// What became of the rows that are to be parked.
#[derive(Debug)]
pub(in crate::data) enum Parking {
    /// Their values.
    Parked(Vec<Park>),
    /// There are not enough values.
    Full,
    /// Rows that refer to this column would lose their value.
    Held {
        /// The column.
        column: usize,
        /// The foreign key, and its table.
        foreign_key: String,
    },
}

/// Gives each of these rows a value for a column that neither the table has nor a row of the package takes. Rows that
/// refer to the column go along where the database carries them; they would stay behind NULL.
pub(in crate::data) fn parks(
    database: &mut Database,
    schema: &TableSchema,
    slug: &Slug,
    rows: &[(PrimaryKey, usize)],
    taken: &HashSet<(usize, Box<str>)>,
) -> Result<Parking, DataError> {
    let mut made = Vec::with_capacity(rows.len());
    let followers: Vec<ForeignKey> = if rows.is_empty() {
        Vec::new()
    } else {
        let keys = read_foreign_keys(database)?.into_iter();
        keys.filter(|key| key.parent == schema.name.as_str()).collect()
    };
    let mut columns: Vec<usize> = rows.iter().map(|(_, column)| *column).collect();
    columns.sort_unstable();
    columns.dedup();
    for column in columns {
        let name = schema.columns[column].name.as_str();
        let of_name = |key: &&ForeignKey| key.refers_to(name);
        let is_followed = followers.iter().any(|key| of_name(&key));
        if let Some(key) = followers.iter().filter(of_name).find(|key| key.on_update.loses()) {
            let foreign_key = format!("`{}` of `{}`", key.name, key.shown);
            return Ok(Parking::Held { column, foreign_key });
        }
        let of_column: Vec<&PrimaryKey> = rows
            .iter()
            .filter(|(_, other)| *other == column)
            .map(|(identity, _)| identity)
            .collect();
        let values = if schema.columns[column].nullable && !is_followed {
            Some(vec![Value::Null; of_column.len()])
        } else {
            free(database, schema, slug, column, of_column.len(), taken)?
        };
        let Some(values) = values else {
            return Ok(Parking::Full);
        };
        made.extend(of_column.into_iter().zip(values).map(|(identity, value)| Park {
            identity: identity.clone(),
            column,
            value,
        }));
    }
    Ok(Parking::Parked(made))
}

/// As many values of a column as nobody has.
fn free(
    database: &mut Database,
    schema: &TableSchema,
    slug: &Slug,
    column: usize,
    count: usize,
    taken: &HashSet<(usize, Box<str>)>,
) -> Result<Option<Vec<Value<'static>>>, DataError> {
    let definition = &schema.columns[column];
    let mut found = Vec::new();
    let rounds = u32::try_from(count).unwrap_or(u32::MAX / TRIED).div_ceil(TRIED) + TRIES;
    for start in (0..rounds).map(|time| time.saturating_mul(TRIED)) {
        let tried: Vec<Vec<Value<'static>>> = (start..start + TRIED)
            .map_while(|number| candidate(definition, number))
            .filter(|value| !taken.contains(&(column, fold(definition, value))))
            .map(|value| vec![value])
            .collect();
        if tried.is_empty() {
            break;
        }
        let occupied = fetch::read_occupied(database, schema, &[column], slug, &tried)?;
        let occupied: HashSet<Key> = occupied.into_iter().map(|row| row.key).collect();
        let is_free = |value: &Value<'static>| !occupied.contains(&Key::from([fold(definition, value)]));
        found.extend(tried.into_iter().flatten().filter(is_free));
        if found.len() >= count {
            found.truncate(count);
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// A value that is hardly used: from the far end of the column's values.
fn candidate(column: &Column, number: u32) -> Option<Value<'static>> {
    let digits = match &column.kind {
        ColumnType::Integer { min, max } => {
            let value = max - i128::from(number);
            return (value > *min).then(|| Value::Number(value.to_string().into()));
        }
        ColumnType::Decimal { digits, scale, .. } => {
            let most = 10_i128.checked_pow(u32::try_from(digits - scale).ok()?)? - 1;
            let value = most - i128::from(number);
            return (value > 0).then(|| Value::Number(value.to_string().into()));
        }
        ColumnType::Date => {
            let year = 9999_u32.checked_sub(number).filter(|year| *year >= 1000)?;
            return Some(Value::Text(format!("{year}-01-01").into()));
        }
        ColumnType::DateTime { fraction: 0 } => {
            let year = 9999_u32.checked_sub(number).filter(|year| *year >= 1000)?;
            return Some(Value::Text(format!("{year}-01-01 00:00:00").into()));
        }
        ColumnType::Time { .. } => {
            let seconds = 3_020_399_u32.checked_sub(number)?;
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
            return Some(Value::Text(format!("{hours}:{minutes:02}:{:02}", seconds % 60).into()));
        }
        ColumnType::Year => return (number < 255).then(|| Value::Number((2155 - number).to_string().into())),
        ColumnType::Characters { limit, .. } => *limit,
        ColumnType::Text { .. } => usize::MAX,
        _ => return None,
    };
    let text = format!("~{number}");
    (text.len() <= digits).then(|| Value::Text(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::table::column_facts::tests::facts;

    #[test]
    fn values_from_the_far_end_fit_their_columns() {
        for (column_type, number, expected) in [
            ("tinyint(3) unsigned", 1, Some("254")),
            ("tinyint(4)", 300, None),
            ("decimal(5,2)", 0, Some("999")),
            ("decimal(2,2)", 0, None),
            ("varchar(2)", 9, Some("~9")),
            ("varchar(2)", 10, None),
            ("date", 2, Some("9997-01-01")),
            ("enum('a')", 0, None),
        ] {
            let column = facts("c", column_type).column().unwrap();
            let shown = candidate(&column, number).map(|value| value.shown());
            assert_eq!(shown.as_deref(), expected, "{column_type} {number}");
        }
    }
}

//! The statements of this room, as texts. Identifiers come from checked names, values through `value::Value::push`.
//! Pure.

use crate::base::db::{exact_value, push_binary, push_text};
use crate::data::fit::find::PrimaryKey;
use crate::data::fit::value::Value;
use crate::data::table::schema::{ColumnType, Reference, TableSchema};
use crate::model::Slug;

/// A row of literals for an INSERT: one per column, `None` for the column's default.
pub(in crate::data) type Tuple<'a> = Vec<Option<Value<'a>>>;

/// Appends a list with `separator` between its items.
fn separated<T>(
    statement: &mut Vec<u8>,
    separator: &[u8],
    items: impl IntoIterator<Item = T>,
    mut push: impl FnMut(&mut Vec<u8>, T),
) {
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            statement.extend_from_slice(separator);
        }
        push(statement, item);
    }
}

fn push_name(statement: &mut Vec<u8>, schema: &TableSchema, column: usize) {
    statement.extend_from_slice(schema.columns[column].name.quoted().as_bytes());
}

/// `SELECT columns FROM table WHERE `, to be followed by a condition.
pub(in crate::data) fn select(schema: &TableSchema, columns: &[usize]) -> Vec<u8> {
    select_with(schema, columns, b"")
}

/// The same, but the server gives up after a moment.
pub(in crate::data) fn select_in_a_moment(schema: &TableSchema, columns: &[usize], mariadb: bool) -> Vec<u8> {
    let select = select(schema, columns);
    if mariadb {
        [b"SET STATEMENT max_statement_time=0.05 FOR ", select.as_slice()].concat()
    } else {
        [b"SELECT /*+ MAX_EXECUTION_TIME(50) */ ", &select[b"SELECT ".len()..]].concat()
    }
}

/// The same, to be followed by primary keys. For many of them the server would rather read the whole table, and wait for
/// every row in it that another transaction holds.
pub(in crate::data) fn select_by_identity(schema: &TableSchema, columns: &[usize]) -> Vec<u8> {
    select_with(schema, columns, primary_index(schema))
}

fn primary_index(schema: &TableSchema) -> &'static [u8] {
    let is_primary = !schema.primary.is_empty() && schema.identity == schema.primary;
    if is_primary { b" FORCE INDEX (PRIMARY)" } else { b"" }
}

/// The same for the primary keys of rows and then their contents.
pub(in crate::data) fn select_contents(schema: &TableSchema, columns: &[usize]) -> Vec<u8> {
    let width = schema.identity.len();
    let all: Vec<(usize, usize)> = schema.identity.iter().chain(columns).copied().enumerate().collect();
    select_listed(schema, &all, primary_index(schema), |statement, (at, column)| {
        if *at < width {
            push_name(statement, schema, *column);
        } else {
            push_content(statement, schema, *column);
        }
    })
}

/// The same for the contents of all columns.
pub(in crate::data) fn select_all(schema: &TableSchema) -> Vec<u8> {
    let all: Vec<usize> = (0..schema.columns.len()).collect();
    select_shown(schema, &all)
}

/// The same for those of some columns.
pub(in crate::data) fn select_shown(schema: &TableSchema, columns: &[usize]) -> Vec<u8> {
    select_listed(schema, columns, b"", |statement, column| {
        push_content(statement, schema, *column);
    })
}

/// A column as it is compared: of a `FLOAT` the server shows six digits, and as a `DOUBLE` all that it holds.
fn push_content(statement: &mut Vec<u8>, schema: &TableSchema, column: usize) {
    if matches!(schema.columns[column].kind, ColumnType::Float { single: true, .. }) {
        let mut name = Vec::new();
        push_name(&mut name, schema, column);
        let name = String::from_utf8_lossy(&name);
        statement.extend_from_slice(exact_value(&name, "float", None).as_bytes());
    } else {
        push_name(statement, schema, column);
    }
}

fn select_with(schema: &TableSchema, columns: &[usize], index: &[u8]) -> Vec<u8> {
    select_listed(schema, columns, index, |statement, column| {
        push_name(statement, schema, *column);
    })
}

fn select_listed<T>(schema: &TableSchema, columns: &[T], index: &[u8], push: impl FnMut(&mut Vec<u8>, &T)) -> Vec<u8> {
    let mut statement = b"SELECT ".to_vec();
    separated(&mut statement, b",", columns, push);
    statement.extend_from_slice(b" FROM ");
    statement.extend_from_slice(schema.name.quoted().as_bytes());
    statement.extend_from_slice(index);
    statement.extend_from_slice(b" WHERE ");
    statement
}

/// Deletes rows by primary key.
pub(in crate::data) fn delete<'i>(
    schema: &TableSchema,
    identities: impl IntoIterator<Item = &'i PrimaryKey>,
) -> Vec<u8> {
    let mut statement = b"DELETE FROM ".to_vec();
    statement.extend_from_slice(schema.name.quoted().as_bytes());
    statement.extend_from_slice(b" WHERE ");
    push_identities(&mut statement, schema, identities);
    statement
}

/// Rows with these primary keys that refer to a row which is not there. What they refer to is locked against change.
pub(in crate::data) fn select_unreferred(schema: &TableSchema, reference: &Reference, rows: &[PrimaryKey]) -> Vec<u8> {
    let quote = |name: &str| format!("`{}`", name.replace('`', "``"));
    let pairs = reference.columns.iter().zip(&reference.parents);
    let mut statement = b"SELECT 1 FROM (".to_vec();
    statement.extend(select(schema, &reference.columns));
    push_identities(&mut statement, schema, rows);
    statement.extend_from_slice(format!(") c LEFT JOIN {} p ON ", reference.table.quoted()).as_bytes());
    separated(
        &mut statement,
        b" AND ",
        pairs.clone(),
        |statement, (column, parent)| {
            let own = schema.columns[*column].name.quoted();
            statement.extend_from_slice(format!("p.{}=c.{own}", quote(parent)).as_bytes());
        },
    );
    statement.extend_from_slice(b" WHERE ");
    separated(&mut statement, b" AND ", pairs, |statement, (column, parent)| {
        let own = schema.columns[*column].name.quoted();
        statement.extend_from_slice(format!("c.{own} IS NOT NULL AND p.{} IS NULL", quote(parent)).as_bytes());
    });
    statement.extend_from_slice(b" LIMIT 1 LOCK IN SHARE MODE");
    statement
}

/// Locks what a SELECT reads.
pub(in crate::data) fn push_lock(statement: &mut Vec<u8>) {
    statement.extend_from_slice(b" FOR UPDATE");
}

/// The rows of one owner.
pub(in crate::data) fn push_owned(statement: &mut Vec<u8>, schema: &TableSchema, owner: usize, slug: &Slug) {
    push_name(statement, schema, owner);
    statement.push(b'=');
    push_text(statement, slug.as_str().as_bytes());
}

/// The rows of no owner.
pub(in crate::data) fn push_unowned(statement: &mut Vec<u8>, schema: &TableSchema, owner: usize) {
    statement.push(b'(');
    push_name(statement, schema, owner);
    statement.extend_from_slice(b" IS NULL OR ");
    push_name(statement, schema, owner);
    statement.extend_from_slice(b"='')");
}

/// Rows whose columns have one of the given tuples of values. NULL and the empty text are one.
pub(in crate::data) fn push_tuples(
    statement: &mut Vec<u8>,
    schema: &TableSchema,
    columns: &[usize],
    tuples: &[Vec<Value<'_>>],
) {
    statement.push(b'(');
    if let [column] = columns {
        push_in(statement, schema, *column, tuples);
    } else {
        separated(statement, b" OR ", tuples, |statement, tuple| {
            statement.push(b'(');
            separated(
                statement,
                b" AND ",
                columns.iter().zip(tuple),
                |statement, (column, value)| {
                    push_equal(statement, schema, *column, value);
                },
            );
            statement.push(b')');
        });
    }
    statement.push(b')');
}

fn push_in(statement: &mut Vec<u8>, schema: &TableSchema, column: usize, tuples: &[Vec<Value<'_>>]) {
    let values = || tuples.iter().flatten();
    let filled: Vec<_> = values().filter(|value| !value.is_empty()).collect();
    let has_empty = values().any(Value::is_empty);
    if !filled.is_empty() {
        push_name(statement, schema, column);
        statement.extend_from_slice(b" IN (");
        separated(statement, b",", &filled, |statement, value| value.push(statement));
        statement.push(b')');
    }
    if has_empty {
        if !filled.is_empty() {
            statement.extend_from_slice(b" OR ");
        }
        push_equal(statement, schema, column, &Value::Null);
    }
}

fn push_equal(statement: &mut Vec<u8>, schema: &TableSchema, column: usize, value: &Value<'_>) {
    if value.is_empty() {
        let is_text = matches!(
            schema.columns[column].kind,
            ColumnType::Characters { .. } | ColumnType::Text { .. } | ColumnType::Enum(_) | ColumnType::Set(_)
        );
        statement.push(b'(');
        push_name(statement, schema, column);
        statement.extend_from_slice(b" IS NULL");
        if is_text {
            statement.extend_from_slice(b" OR ");
            push_name(statement, schema, column);
            statement.extend_from_slice(b"=''");
        }
        statement.push(b')');
    } else {
        push_name(statement, schema, column);
        statement.push(b'=');
        value.push(statement);
    }
}

/// One part of an identity as a literal.
fn push_stored(statement: &mut Vec<u8>, kind: &ColumnType, stored: &[u8]) {
    let plain = !stored.is_empty() && stored.iter().all(u8::is_ascii_digit);
    match kind {
        ColumnType::Integer { .. } if plain => statement.extend_from_slice(stored),
        ColumnType::Binary { .. } | ColumnType::Bit { .. } => push_binary(statement, stored),
        _ => push_text(statement, stored),
    }
}

fn push_one_identity(statement: &mut Vec<u8>, schema: &TableSchema, identity: &PrimaryKey) {
    let parts = schema.identity.iter().zip(identity.iter());
    separated(statement, b" AND ", parts, |statement, (column, stored)| {
        if stored.is_empty() && schema.columns[*column].nullable {
            push_equal(statement, schema, *column, &Value::Null);
            return;
        }
        let kind = &schema.columns[*column].kind;
        push_name(statement, schema, *column);
        statement.push(b'=');
        push_stored(statement, kind, stored);
        if !schema.holds_apart() && is_collated(kind) {
            statement.extend_from_slice(b" AND CAST(CONVERT(");
            push_name(statement, schema, *column);
            statement.extend_from_slice(b" USING utf8mb4) AS BINARY)=");
            push_text(statement, stored);
        }
    });
}

/// Texts that a collation takes for one although their bytes differ.
fn is_collated(kind: &ColumnType) -> bool {
    matches!(
        kind,
        ColumnType::Characters { .. } | ColumnType::Text { .. } | ColumnType::Enum(_) | ColumnType::Set(_)
    )
}

/// Rows with these primary keys.
pub(in crate::data) fn push_identities<'i>(
    statement: &mut Vec<u8>,
    schema: &TableSchema,
    identities: impl IntoIterator<Item = &'i PrimaryKey>,
) {
    let identities: Vec<&PrimaryKey> = identities.into_iter().collect();
    let is_filled = |identity: &&PrimaryKey| identity.iter().all(|part| !part.is_empty());
    if let [column] = schema.identity.as_slice()
        && identities.iter().all(is_filled)
        && schema.holds_apart()
    {
        let kind = &schema.columns[*column].kind;
        push_name(statement, schema, *column);
        statement.extend_from_slice(b" IN (");
        separated(statement, b",", identities, |statement, identity| {
            identity.iter().for_each(|stored| push_stored(statement, kind, stored));
        });
        statement.push(b')');
    } else {
        statement.push(b'(');
        separated(statement, b" OR ", identities, |statement, identity| {
            statement.push(b'(');
            push_one_identity(statement, schema, identity);
            statement.push(b')');
        });
        statement.push(b')');
    }
}

/// `INSERT INTO table (columns) VALUES`, to be followed by tuples with commas between.
pub(in crate::data) fn insert_head(schema: &TableSchema, columns: &[usize]) -> Vec<u8> {
    let mut statement = b"INSERT INTO ".to_vec();
    statement.extend_from_slice(schema.name.quoted().as_bytes());
    statement.extend_from_slice(b" (");
    separated(&mut statement, b",", columns, |statement, column| {
        push_name(statement, schema, *column);
    });
    statement.extend_from_slice(b") VALUES ");
    statement
}

/// One tuple of an INSERT.
pub(in crate::data) fn push_tuple(statement: &mut Vec<u8>, tuple: &Tuple<'_>) {
    statement.push(b'(');
    separated(statement, b",", tuple, |statement, value| match value {
        Some(value) => value.push(statement),
        None => statement.extend_from_slice(b"DEFAULT"),
    });
    statement.push(b')');
}

/// A row of an UPDATE: its primary key, and columns with their new literals.
#[derive(Debug)]
pub(in crate::data) struct Assignment<'a> {
    /// Which row.
    pub identity: &'a PrimaryKey,
    /// Columns and their values.
    pub values: Vec<(usize, Value<'a>)>,
}

/// One UPDATE of several rows by primary key: `SET c=CASE pk WHEN 1 THEN … ELSE c END`. A column that a row does not
/// name keeps its value.
pub(in crate::data) fn update(schema: &TableSchema, rows: &[Assignment<'_>]) -> Vec<u8> {
    let mut columns: Vec<usize> = rows
        .iter()
        .flat_map(|row| row.values.iter().map(|(column, _)| *column))
        .collect();
    columns.sort_unstable();
    columns.dedup();
    let mut statement = b"UPDATE ".to_vec();
    statement.extend_from_slice(schema.name.quoted().as_bytes());
    statement.extend_from_slice(b" SET ");
    separated(&mut statement, b",", columns, |statement, column| {
        push_name(statement, schema, column);
        statement.push(b'=');
        push_choice(statement, schema, column, rows);
    });
    statement.extend_from_slice(b" WHERE ");
    push_identities(&mut statement, schema, rows.iter().map(|row| row.identity));
    statement
}

fn push_choice(statement: &mut Vec<u8>, schema: &TableSchema, column: usize, rows: &[Assignment<'_>]) {
    let named: Vec<(&PrimaryKey, &Value<'_>)> = rows
        .iter()
        .filter_map(|row| {
            let found = row.values.iter().find(|(named, _)| *named == column);
            found.map(|(_, value)| (row.identity, value))
        })
        .collect();
    if let Some((_, value)) = named
        .first()
        .filter(|(_, first)| named.len() == rows.len() && named.iter().all(|(_, value)| value == first))
    {
        value.push(statement);
        return;
    }
    statement.extend_from_slice(b"CASE");
    for (identity, value) in named {
        statement.extend_from_slice(b" WHEN ");
        push_one_identity(statement, schema, identity);
        statement.extend_from_slice(b" THEN ");
        value.push(statement);
    }
    statement.extend_from_slice(b" ELSE ");
    push_name(statement, schema, column);
    statement.extend_from_slice(b" END");
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::data::table::contract::tests::table;

    fn identity(number: &str) -> PrimaryKey {
        Arc::new([number.as_bytes().into()])
    }

    fn text(statement: Vec<u8>) -> String {
        String::from_utf8(statement).unwrap()
    }

    fn schema() -> TableSchema {
        table("paginas", &["#n", "id", "html", "versao", "plugin"], &[])
    }

    #[test]
    fn rows_are_selected_by_keys() {
        let schema = schema();
        let value = |text: &'static str| Value::Text(text.into());
        let mut statement = select(&schema, &[0, 1]);
        push_tuples(
            &mut statement,
            &schema,
            &[1],
            &[vec![value("a'")], vec![value("b")], vec![Value::Null]],
        );
        statement.extend_from_slice(b" AND ");
        push_unowned(&mut statement, &schema, 4);
        push_lock(&mut statement);
        assert_eq!(
            text(statement),
            r"SELECT `n`,`id` FROM `paginas` WHERE (`id` IN ('a\'','b') OR (`id` IS NULL OR `id`='')) AND (`plugin` IS NULL OR `plugin`='') FOR UPDATE"
        );
        let mut statement = Vec::new();
        push_tuples(
            &mut statement,
            &schema,
            &[1, 3],
            &[vec![value("a"), Value::Number("1".into())]],
        );
        assert_eq!(text(statement), "((`id`='a' AND `versao`=1))");
        let mut statement = Vec::new();
        push_identities(&mut statement, &schema, [&identity("1"), &identity("20")]);
        assert_eq!(text(statement), "`n` IN (1,20)");
    }

    #[test]
    fn rows_are_written_together() {
        let schema = schema();
        let mut statement = insert_head(&schema, &[1, 3]);
        push_tuple(&mut statement, &vec![Some(Value::Text("a".into())), None]);
        assert_eq!(
            text(statement),
            "INSERT INTO `paginas` (`id`,`versao`) VALUES ('a',DEFAULT)"
        );
        let (first, second) = (identity("1"), identity("2"));
        let owner = || (4, Value::Text("p1".into()));
        let rows = [
            Assignment {
                identity: &first,
                values: vec![(2, Value::Text("x".into())), owner()],
            },
            Assignment {
                identity: &second,
                values: vec![(3, Value::Number("2".into())), owner()],
            },
        ];
        assert_eq!(
            text(update(&schema, &rows)),
            "UPDATE `paginas` SET `html`=CASE WHEN `n`=1 THEN 'x' ELSE `html` END,`versao`=CASE WHEN `n`=2 THEN 2 ELSE `versao` END,`plugin`='p1' WHERE `n` IN (1,2)"
        );
    }

    #[test]
    fn composite_primary_keys_are_told_apart() {
        let mut schema = table("own", &["a", "b", "c"], &[]);
        schema.primary = vec![0, 1];
        schema.identity = vec![0, 1];
        let both: PrimaryKey = Arc::new([b"x".as_slice().into(), b"y".as_slice().into()]);
        let mut statement = Vec::new();
        push_identities(&mut statement, &schema, [&both]);
        assert_eq!(text(statement), "((`a`='x' AND `b`='y'))");
    }
}

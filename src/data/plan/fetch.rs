//! Reads rows for this room: those of this owner and these keys, and their contents. Never writes. Rows that a plan
//! stands on are locked.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::search::Search;
use crate::base::db::Database;
use crate::data::fit::find::{Present, PrimaryKey, RowOwner};
use crate::data::fit::natural_key::fold_stored;
use crate::data::fit::value::Value;
use crate::data::package::error::DataError;
use crate::data::sql;
use crate::data::table::schema::{ColumnType, TableSchema};
use crate::data::table::texts::{Texts, texts};
use crate::model::Slug;

/// Rows asked for by one statement.
pub(in crate::data) const CHUNK: usize = 250;

/// The rows of a table that are this plugin's; none where the table has no owner column.
pub(super) fn read_own(
    database: &mut Database,
    schema: &TableSchema,
    key: &[usize],
    slug: &Slug,
) -> Result<Vec<Present>, DataError> {
    let mut reader = PresentReader::new(schema, key, slug);
    if let Some(owner) = schema.owner() {
        let mut condition = Vec::new();
        sql::push_owned(&mut condition, schema, owner, slug);
        reader.search(database, &condition)?;
    }
    Ok(reader.finish())
}

/// The rows of a table that a package could mean, each once, by primary key: the plugin's own, and what is found.
pub(super) fn read_searched(
    database: &mut Database,
    schema: &TableSchema,
    key: &[usize],
    slug: &Slug,
    own: Vec<Present>,
    searches: &[Search],
) -> Result<Vec<Present>, DataError> {
    let mut reader = PresentReader::new(schema, key, slug);
    for search in searches {
        if schema.estimated_rows < search.tuples.len() as u64 && !schema.identity.is_empty() {
            reader.scan(database, search)?;
            continue;
        }
        for tuples in search.tuples.chunks(CHUNK) {
            let mut condition = Vec::new();
            push_searched(&mut condition, schema, search, tuples);
            if schema.owner().is_some() && !search.any_owner {
                reader.search(database, &condition)?;
            } else {
                reader.read(database, &condition)?;
            }
        }
    }
    if reader.found.is_empty() {
        return Ok(own);
    }
    reader
        .found
        .extend(own.into_iter().map(|row| (row.identity.clone(), row)));
    Ok(reader.finish())
}

/// What finds a plugin's own rows and what is searched for by one look at the table, for at most [`CHUNK`] rows.
pub(in crate::data) fn question(schema: &TableSchema, owner: usize, slug: &Slug, searches: &[Search]) -> Vec<u8> {
    let mut statement = sql::select(schema, &schema.identity);
    sql::push_owned(&mut statement, schema, owner, slug);
    for search in searches.iter().filter(|search| !search.tuples.is_empty()) {
        statement.extend_from_slice(b" OR (");
        push_searched(&mut statement, schema, search, &search.tuples);
        statement.push(b')');
    }
    statement
}

/// The answers to such questions, in one round trip.
pub(super) fn ask(database: &mut Database, questions: &[Vec<u8>]) -> Result<Vec<Vec<PrimaryKey>>, DataError> {
    let answers = database.query_each(questions)?.into_iter();
    Ok(answers
        .map(|rows| rows.into_iter().map(|row| identity(texts(row))).collect())
        .collect())
}

/// Reads and locks the keys of all rows of a table.
pub(super) fn read_all(
    database: &mut Database,
    schema: &TableSchema,
    key: &[usize],
    slug: &Slug,
) -> Result<Vec<Present>, DataError> {
    let mut reader = PresentReader::new(schema, key, slug);
    reader.search(database, b"TRUE")?;
    Ok(reader.finish())
}

/// Reads and locks rows that were found.
pub(super) fn read_found(
    database: &mut Database,
    schema: &TableSchema,
    key: &[usize],
    slug: &Slug,
    found: &[PrimaryKey],
) -> Result<Vec<Present>, DataError> {
    let mut reader = PresentReader::new(schema, key, slug);
    reader.read_identities(database, found)?;
    Ok(reader.finish())
}

/// The primary key that stands in these texts.
fn identity(parts: Texts) -> PrimaryKey {
    parts.into_iter().map(|part| part.unwrap_or_default().into()).collect()
}

/// Rows with these values, of anybody or of nobody.
fn push_searched(condition: &mut Vec<u8>, schema: &TableSchema, search: &Search, tuples: &[Vec<Value<'_>>]) {
    sql::push_tuples(condition, schema, &search.columns, tuples);
    if let Some(owner) = schema.owner().filter(|_| !search.any_owner) {
        condition.extend_from_slice(b" AND ");
        sql::push_unowned(condition, schema, owner);
    }
}

struct PresentReader<'s> {
    schema: &'s TableSchema,
    key: &'s [usize],
    slug: &'s Slug,
    columns: Vec<usize>,
    project: Option<usize>,
    user_modified: Option<usize>,
    found: HashMap<PrimaryKey, Present>,
}

impl<'s> PresentReader<'s> {
    fn new(schema: &'s TableSchema, key: &'s [usize], slug: &'s Slug) -> Self {
        let (project, user_modified) = (schema.position("project"), schema.position("user_modified"));
        let mut columns: Vec<usize> = schema.identity.iter().chain(key).copied().collect();
        columns.extend(schema.owner().into_iter().chain(project).chain(user_modified));
        columns.sort_unstable();
        columns.dedup();
        Self {
            schema,
            key,
            slug,
            columns,
            project,
            user_modified,
            found: HashMap::new(),
        }
    }

    /// Reads and locks rows where no index leads to them. A scan that locks waits for every row that another plugin's
    /// transaction has written, so it only finds which rows they are; these are then read and locked by primary key.
    fn search(&mut self, database: &mut Database, condition: &[u8]) -> Result<(), DataError> {
        let key = &self.schema.identity;
        if key.is_empty() {
            return self.read(database, condition);
        }
        let mut statement = sql::select(self.schema, key);
        statement.extend_from_slice(condition);
        let mut found: Vec<PrimaryKey> = Vec::new();
        database.visit(statement, &mut |row| {
            found.push(identity(texts(row)));
            ControlFlow::Continue(())
        })?;
        self.read_identities(database, &found)
    }

    /// Finds rows in a table that is shorter than the list of what is searched for: goes through it, and chooses here.
    fn scan(&mut self, database: &mut Database, search: &Search) -> Result<(), DataError> {
        let (schema, width) = (self.schema, self.schema.identity.len());
        let columns: Vec<usize> = schema.identity.iter().chain(&search.columns).copied().collect();
        let mut statement = sql::select(schema, &columns);
        match schema.owner().filter(|_| !search.any_owner) {
            Some(owner) => sql::push_unowned(&mut statement, schema, owner),
            None => statement.extend_from_slice(b"TRUE"),
        }
        let mut found: Vec<PrimaryKey> = Vec::new();
        database.visit(statement, &mut |row| {
            let mut row = texts(row);
            let keys = search.columns.iter().zip(&row[width..]);
            let key = keys.map(|(column, text)| fold_stored(&schema.columns[*column], text.as_deref()));
            if search.wants(&key.collect()) {
                row.truncate(width);
                found.push(identity(row));
            }
            ControlFlow::Continue(())
        })?;
        self.read_identities(database, &found)
    }

    fn read_identities(&mut self, database: &mut Database, found: &[PrimaryKey]) -> Result<(), DataError> {
        for chunk in found.chunks(CHUNK) {
            let mut statement = sql::select_by_identity(self.schema, &self.columns);
            sql::push_identities(&mut statement, self.schema, chunk);
            self.read_locked(database, statement)?;
        }
        Ok(())
    }

    /// Reads and locks rows that an index leads to.
    fn read(&mut self, database: &mut Database, condition: &[u8]) -> Result<(), DataError> {
        let mut statement = sql::select(self.schema, &self.columns);
        statement.extend_from_slice(condition);
        self.read_locked(database, statement)
    }

    fn read_locked(&mut self, database: &mut Database, mut statement: Vec<u8>) -> Result<(), DataError> {
        sql::push_lock(&mut statement);
        self.collect(database, statement)
    }

    fn collect(&mut self, database: &mut Database, statement: Vec<u8>) -> Result<(), DataError> {
        database.visit(statement, &mut |row| {
            let present = self.present(&texts(row));
            self.found.insert(present.identity.clone(), present);
            ControlFlow::Continue(())
        })?;
        Ok(())
    }

    fn present(&self, row: &Texts) -> Present {
        let text = |column: usize| {
            let at = self.columns.binary_search(&column).ok()?;
            row.get(at)?.as_deref()
        };
        let fold = |column: &usize| fold_stored(&self.schema.columns[*column], text(*column));
        let identity = &self.schema.identity;
        Present {
            identity: identity
                .iter()
                .map(|column| text(*column).unwrap_or_default().into())
                .collect(),
            identity_key: identity.iter().map(fold).collect(),
            key: self.key.iter().map(fold).collect(),
            owner: self
                .schema
                .owner()
                .map_or(RowOwner::Shared, |owner| owner_of(text(owner), self.slug)),
            project: self
                .project
                .is_some_and(|column| is_set(&self.schema.columns[column].kind, text(column))),
            user_modified: self
                .user_modified
                .is_some_and(|column| is_yes(&self.schema.columns[column].kind, text(column))),
        }
    }

    fn finish(self) -> Vec<Present> {
        let mut rows: Vec<Present> = self.found.into_values().collect();
        sort(&mut rows);
        rows
    }
}

/// Puts rows in the order of their primary keys.
pub(in crate::data) fn sort(rows: &mut [Present]) {
    rows.sort_by(|a, b| order(&a.identity).cmp(&order(&b.identity)));
}

/// Whether a column names or numbers something: a text that is not empty, a number that is not zero.
pub(super) fn is_set(kind: &ColumnType, text: Option<&[u8]>) -> bool {
    match kind {
        ColumnType::Integer { .. } | ColumnType::Decimal { .. } | ColumnType::Float { .. } | ColumnType::Bit { .. } => {
            is_yes(kind, text)
        }
        _ => text.is_some_and(|text| !text.is_empty()),
    }
}

/// Whether a column says yes: a number that is not zero, in digits (`01`, `1.0`) or in bits.
fn is_yes(kind: &ColumnType, text: Option<&[u8]>) -> bool {
    let Some(text) = text else { return false };
    if matches!(kind, ColumnType::Bit { .. }) {
        return text.iter().any(|byte| *byte != 0);
    }
    let word = String::from_utf8_lossy(text);
    let number = word.trim_matches([' ', '\0']).parse::<f64>();
    number.is_ok_and(|number| number.is_finite() && number != 0.0)
}

/// Numbers by value, texts by letters: a shorter text of digits is the smaller number.
fn order(identity: &PrimaryKey) -> Vec<(usize, &[u8])> {
    let part = |text: &[u8]| -> usize {
        let is_number = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
        if is_number { text.len() } else { 0 }
    };
    identity.iter().map(|text| (part(text), &**text)).collect()
}

/// Whose a row is; letter case and trailing spaces do not count, as in the database.
pub(super) fn owner_of(text: Option<&[u8]>, slug: &Slug) -> RowOwner {
    let name = String::from_utf8_lossy(text.unwrap_or_default());
    let name = name.trim_end_matches(' ');
    if name.is_empty() {
        RowOwner::Nobody
    } else if name.eq_ignore_ascii_case(slug.as_str()) {
        RowOwner::Own
    } else {
        RowOwner::Other(name.into())
    }
}

/// Keys and primary keys of a plugin's own rows, as they stand in this transaction; of all where rows have no owner.
pub(in crate::data) fn read_keys(
    database: &mut Database,
    schema: &TableSchema,
    key: &[usize],
    slug: &Slug,
) -> Result<Vec<Present>, DataError> {
    let mut reader = PresentReader::new(schema, key, slug);
    let mut statement = sql::select(schema, &reader.columns);
    match schema.owner() {
        Some(owner) => sql::push_owned(&mut statement, schema, owner, slug),
        None => statement.extend_from_slice(b"TRUE"),
    }
    reader.collect(database, statement)?;
    Ok(reader.finish())
}

/// Rows that have one of these tuples of values in some columns, with their keys.
pub(in crate::data) fn read_tuples(
    database: &mut Database,
    schema: &TableSchema,
    (key, columns): (&[usize], &[usize]),
    slug: &Slug,
    tuples: &[Vec<Value<'_>>],
) -> Result<Vec<Present>, DataError> {
    let mut reader = PresentReader::new(schema, key, slug);
    for tuples in tuples.chunks(CHUNK) {
        let mut statement = sql::select(schema, &reader.columns);
        sql::push_tuples(&mut statement, schema, columns, tuples);
        reader.collect(database, statement)?;
    }
    Ok(reader.finish())
}

/// Rows behind a UNIQUE index that have one of these tuples: folded tuple, primary key and owner.
pub(super) fn read_occupied(
    database: &mut Database,
    schema: &TableSchema,
    index: &[usize],
    slug: &Slug,
    tuples: &[Vec<Value<'_>>],
) -> Result<Vec<Present>, DataError> {
    let mut reader = PresentReader::new(schema, index, slug);
    for tuples in tuples.chunks(CHUNK) {
        let mut condition = Vec::new();
        sql::push_tuples(&mut condition, schema, index, tuples);
        reader.read(database, &condition)?;
    }
    Ok(reader.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::table::column_facts::tests::facts;

    #[test]
    fn marks_count_by_value() {
        for (column_type, stored, yes, set) in [
            ("tinyint(4)", b"1".as_slice(), true, true),
            ("tinyint(4)", b"0", false, false),
            ("int(3) unsigned zerofill", b"001", true, true),
            ("int(3) unsigned zerofill", b"000", false, false),
            ("decimal(3,1)", b"1.0", true, true),
            ("decimal(3,1)", b"0.0", false, false),
            ("bit(1)", b"\x01", true, true),
            ("bit(9)", b"\x00\x00", false, false),
            ("varchar(9)", b"1", true, true),
            ("varchar(9)", b"0", false, true),
            ("varchar(9)", b"", false, false),
            ("varchar(9)", b"site", false, true),
        ] {
            let kind = facts("c", column_type).column().unwrap().kind;
            let found = (is_yes(&kind, Some(stored)), is_set(&kind, Some(stored)));
            assert_eq!(found, (yes, set), "{column_type} {stored:?}");
        }
        assert!(!is_yes(&ColumnType::Other, None) && !is_set(&ColumnType::Other, None));
    }
}

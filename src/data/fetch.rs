//! Reads the database for this room: how tables look, the rows of this owner and these keys, their contents. Never
//! writes. Rows that a plan stands on are locked.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;

use super::error::DataError;
use super::find::{Identity, Owner, Present};
use super::natural_key::fold_stored;
use super::schema::{ColumnFacts, TableSchema, UniqueIndex, json_checked};
use super::sql;
use super::value::Value;
use crate::base::db::{Database, DbError, Row, Value as DbValue, push_text};
use crate::model::{Slug, TableName};

/// Rows asked for by one statement.
const CHUNK: usize = 500;

/// The texts of a row; `None` is NULL.
pub(super) type Texts = Vec<Option<Vec<u8>>>;

fn texts(row: Row) -> Texts {
    row.unwrap_raw().into_iter().map(|value| value.and_then(text)).collect()
}

fn text(value: DbValue) -> Option<Vec<u8>> {
    match value {
        DbValue::NULL => None,
        DbValue::Bytes(bytes) => Some(bytes),
        other => Some(other.as_sql(true).into_bytes()),
    }
}

fn word(texts: &mut Texts, at: usize) -> Option<String> {
    let bytes = texts.get_mut(at).and_then(Option::take)?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// One query over all tables, asked table by table: `information_schema` answers fast for a name that is given.
fn facts_of(
    database: &mut Database,
    tables: &[&TableName],
    columns: &str,
    source: &str,
    (schema_column, table_column): (&str, &str),
) -> Result<Vec<Texts>, DbError> {
    let mut statement = Vec::new();
    let mut name = Vec::new();
    push_text(&mut name, database.name().as_bytes());
    for table in tables {
        if !statement.is_empty() {
            statement.extend_from_slice(b" UNION ALL ");
        }
        let head = format!("SELECT {columns} FROM information_schema.{source} WHERE {schema_column}=");
        statement.extend_from_slice(head.as_bytes());
        statement.extend_from_slice(&name);
        statement.extend_from_slice(format!(" AND {table_column}='{table}'").as_bytes());
    }
    if statement.is_empty() {
        return Ok(Vec::new());
    }
    Ok(database.query(statement)?.into_iter().map(texts).collect())
}

const COLUMN_FACTS: &str = "TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, \
     CHARACTER_SET_NAME, COLLATION_NAME, CHARACTER_MAXIMUM_LENGTH, ORDINAL_POSITION";
const INDEX_FACTS: &str = "TABLE_NAME, INDEX_NAME, COLUMN_NAME, SUB_PART, SEQ_IN_INDEX, NON_UNIQUE";

/// How the given tables look; tables that do not exist are not in the answer.
pub(super) fn read_schemas(
    database: &mut Database,
    tables: &[&TableName],
) -> Result<BTreeMap<TableName, TableSchema>, DataError> {
    let mariadb = database.server().is_mariadb();
    let names = ("TABLE_SCHEMA", "TABLE_NAME");
    let engines = facts_of(
        database,
        tables,
        "TABLE_NAME, ENGINE, TABLE_TYPE, TABLE_ROWS",
        "TABLES",
        names,
    )?;
    let mut schemas: BTreeMap<TableName, TableSchema> = BTreeMap::new();
    for mut row in engines {
        let Some(name) = word(&mut row, 0).and_then(|name| TableName::new(&name).ok()) else {
            continue;
        };
        let estimated_rows = number(&row, 3).unwrap_or(0);
        let engine = word(&mut row, 1).unwrap_or_default();
        if word(&mut row, 2).is_some_and(|kind| kind.contains("BASE")) {
            let transactional = engine.eq_ignore_ascii_case("InnoDB");
            schemas.insert(name.clone(), empty(name, transactional, estimated_rows));
        }
    }
    let json = read_json_checks(database, tables, mariadb)?;
    let mut columns = facts_of(database, tables, COLUMN_FACTS, "COLUMNS", names)?;
    columns.sort_by_key(|row| number(row, 9));
    for row in columns {
        add_column(&mut schemas, row, &json, mariadb);
    }
    let mut indexes = facts_of(database, tables, INDEX_FACTS, "STATISTICS", names)?;
    indexes.retain(|row| number(row, 5) == Some(0));
    indexes.sort_by_key(|row| number(row, 4));
    add_indexes(&mut schemas, indexes);
    schemas.values_mut().for_each(set_identity);
    Ok(schemas)
}

fn empty(name: TableName, transactional: bool, estimated_rows: u64) -> TableSchema {
    TableSchema {
        name,
        columns: Vec::new(),
        primary: Vec::new(),
        identity: Vec::new(),
        unique: Vec::new(),
        transactional,
        estimated_rows,
    }
}

fn number(row: &Texts, at: usize) -> Option<u64> {
    let text = row.get(at)?.as_ref()?;
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Tables and columns whose `CHECK` holds them to JSON.
fn read_json_checks(
    database: &mut Database,
    tables: &[&TableName],
    mariadb: bool,
) -> Result<HashSet<(String, String)>, DbError> {
    if !mariadb {
        return Ok(HashSet::new());
    }
    let names = ("CONSTRAINT_SCHEMA", "TABLE_NAME");
    let rows = facts_of(database, tables, "TABLE_NAME, CHECK_CLAUSE", "CHECK_CONSTRAINTS", names)?;
    let checks = rows.into_iter().filter_map(|mut row| {
        let (table, clause) = (word(&mut row, 0)?, word(&mut row, 1)?);
        json_checked(&clause).map(|column| (table, column.to_owned()))
    });
    Ok(checks.collect())
}

fn add_column(
    schemas: &mut BTreeMap<TableName, TableSchema>,
    mut row: Texts,
    json: &HashSet<(String, String)>,
    quoted_defaults: bool,
) {
    let length = number(&row, 8);
    let mut next = |at| word(&mut row, at);
    let (table, name) = (next(0).unwrap_or_default(), next(1).unwrap_or_default());
    let checks_json = json.contains(&(table.clone(), name.clone()));
    let facts = ColumnFacts {
        name,
        column_type: next(2).unwrap_or_default(),
        nullable: next(3).as_deref() == Some("YES"),
        default: next(4),
        extra: next(5).unwrap_or_default(),
        charset: next(6).unwrap_or_default(),
        collation: next(7).unwrap_or_default(),
        length,
        checks_json,
        quoted_defaults,
    };
    let schema = TableName::new(&table).ok().and_then(|table| schemas.get_mut(&table));
    if let (Some(schema), Some(column)) = (schema, facts.column()) {
        schema.columns.push(column);
    }
}

/// Indexes on parts of columns are left out: what they hold apart is for the server to say.
fn add_indexes(schemas: &mut BTreeMap<TableName, TableSchema>, rows: Vec<Texts>) {
    let mut indexes: BTreeMap<(String, String), Option<Vec<String>>> = BTreeMap::new();
    for mut row in rows {
        let in_part = row.get(3).is_some_and(Option::is_some);
        let key = (
            word(&mut row, 0).unwrap_or_default(),
            word(&mut row, 1).unwrap_or_default(),
        );
        let column = word(&mut row, 2).filter(|_| !in_part);
        let columns = indexes.entry(key).or_insert_with(|| Some(Vec::new()));
        match (columns.as_mut(), column) {
            (Some(columns), Some(column)) => columns.push(column),
            _ => *columns = None,
        }
    }
    for ((table, name), columns) in indexes {
        let schema = TableName::new(&table).ok().and_then(|table| schemas.get_mut(&table));
        let (Some(schema), Some(columns)) = (schema, columns) else {
            continue;
        };
        let places: Option<Vec<usize>> = columns.iter().map(|column| schema.position(column)).collect();
        match places {
            Some(places) if name == "PRIMARY" => schema.primary = places,
            Some(columns) => schema.unique.push(UniqueIndex { name, columns }),
            None => {}
        }
    }
}

fn set_identity(schema: &mut TableSchema) {
    let filled = |index: &&UniqueIndex| index.columns.iter().all(|column| !schema.columns[*column].nullable);
    schema.identity = if schema.primary.is_empty() {
        schema
            .unique
            .iter()
            .find(filled)
            .map_or_else(Vec::new, |index| index.columns.clone())
    } else {
        schema.primary.clone()
    };
}

/// The tables that have an owner column.
pub(super) fn read_owned_tables(database: &mut Database) -> Result<Vec<TableName>, DataError> {
    let mut statement = b"SELECT TABLE_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=".to_vec();
    push_text(&mut statement, database.name().as_bytes());
    statement.extend_from_slice(b" AND COLUMN_NAME='plugin' ORDER BY TABLE_NAME");
    let rows = database.query(statement)?.into_iter().map(texts);
    let names = rows.filter_map(|mut row| word(&mut row, 0).and_then(|name| TableName::new(&name).ok()));
    Ok(names.filter(|name| !super::table_name::is_forbidden(name)).collect())
}

/// How many rows of each of these tables one owner has.
pub(super) fn count_owned(
    database: &mut Database,
    tables: &[TableName],
    slug: &Slug,
) -> Result<BTreeMap<TableName, u64>, DataError> {
    let mut statement = Vec::new();
    for table in tables {
        if !statement.is_empty() {
            statement.extend_from_slice(b" UNION ALL ");
        }
        let head = format!("SELECT '{table}', COUNT(*) FROM {} WHERE `plugin`=", table.quoted());
        statement.extend_from_slice(head.as_bytes());
        push_text(&mut statement, slug.as_str().as_bytes());
    }
    if statement.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = database.query(statement)?.into_iter().map(texts);
    let counts = rows.filter_map(|mut row| {
        let count = number(&row, 1)?;
        Some((TableName::new(&word(&mut row, 0)?).ok()?, count))
    });
    Ok(counts.collect())
}

/// Which rows of a table to look for.
#[derive(Debug)]
pub(super) struct Search<'a> {
    /// The columns that the keys are looked up by.
    pub(super) columns: Vec<usize>,
    /// Their values.
    pub(super) tuples: Vec<Vec<Value<'a>>>,
    /// Rows of other owners as well: they stand behind a UNIQUE index.
    pub(super) any_owner: bool,
}

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
    searches: &[Search<'_>],
) -> Result<Vec<Present>, DataError> {
    let mut reader = PresentReader::new(schema, key, slug);
    for search in searches {
        for tuples in search.tuples.chunks(CHUNK) {
            let mut condition = Vec::new();
            sql::push_tuples(&mut condition, schema, &search.columns, tuples);
            if let Some(owner) = schema.owner().filter(|_| !search.any_owner) {
                condition.extend_from_slice(b" AND ");
                sql::push_unowned(&mut condition, schema, owner);
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

struct PresentReader<'s> {
    schema: &'s TableSchema,
    key: &'s [usize],
    slug: &'s Slug,
    columns: Vec<usize>,
    project: Option<usize>,
    user_modified: Option<usize>,
    found: HashMap<Identity, Present>,
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
        let mut found: Vec<Identity> = Vec::new();
        database.visit(statement, &mut |row| {
            let parts = texts(row).into_iter();
            found.push(parts.map(|part| part.unwrap_or_default().into()).collect());
            ControlFlow::Continue(())
        })?;
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
                .map_or(Owner::Shared, |owner| owner_of(text(owner), self.slug)),
            project: self
                .project
                .is_some_and(|column| text(column).is_some_and(|text| !text.is_empty())),
            user_modified: self.user_modified.is_some_and(|column| text(column) == Some(b"1")),
        }
    }

    fn finish(self) -> Vec<Present> {
        let mut rows: Vec<Present> = self.found.into_values().collect();
        rows.sort_by(|a, b| order(&a.identity).cmp(&order(&b.identity)));
        rows
    }
}

/// Numbers by value, texts by letters: a shorter text of digits is the smaller number.
fn order(identity: &Identity) -> Vec<(usize, &[u8])> {
    let part = |text: &'_ Box<[u8]>| -> usize {
        let is_number = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
        if is_number { text.len() } else { 0 }
    };
    identity.iter().map(|text| (part(text), &**text)).collect()
}

/// Whose a row is; letter case and trailing spaces do not count, as in the database.
pub(super) fn owner_of(text: Option<&[u8]>, slug: &Slug) -> Owner {
    let name = String::from_utf8_lossy(text.unwrap_or_default());
    let name = name.trim_end_matches(' ');
    if name.is_empty() {
        Owner::Nobody
    } else if name.eq_ignore_ascii_case(slug.as_str()) {
        Owner::Own
    } else {
        Owner::Other(name.into())
    }
}

/// Reads columns of rows by primary key, a chunk at a time, and hands each over with its place in `identities`. A
/// visitor that breaks ends the reading.
pub(super) fn visit_contents(
    database: &mut Database,
    schema: &TableSchema,
    columns: &[usize],
    identities: &[&Identity],
    visitor: &mut dyn FnMut(usize, &[Option<Vec<u8>>]) -> ControlFlow<()>,
) -> Result<usize, DataError> {
    let all: Vec<usize> = schema.identity.iter().chain(columns).copied().collect();
    let width = schema.identity.len();
    let mut seen = 0;
    for (number, chunk) in identities.chunks(CHUNK).enumerate() {
        let places: HashMap<Vec<&[u8]>, usize> = chunk
            .iter()
            .enumerate()
            .map(|(at, identity)| (identity.iter().map(|part| &**part).collect(), number * CHUNK + at))
            .collect();
        let mut statement = sql::select_by_identity(schema, &all);
        sql::push_identities(&mut statement, schema, chunk.iter().copied());
        sql::push_lock(&mut statement);
        let mut stopped = false;
        database.visit(statement, &mut |row| {
            let row = texts(row);
            let identity: Vec<&[u8]> = row[..width]
                .iter()
                .map(|part| part.as_deref().unwrap_or_default())
                .collect();
            let Some(place) = places.get(&identity) else {
                return ControlFlow::Continue(());
            };
            seen += 1;
            let flow = visitor(*place, &row[width..]);
            stopped = flow.is_break();
            flow
        })?;
        if stopped {
            break;
        }
    }
    Ok(seen)
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

/// Which of these paths active pages have, with primary key, language and `id`. No index leads to a path, so a long
/// table is not searched: `None`, as when the server took too long.
pub(super) fn read_paths(
    database: &mut Database,
    schema: &TableSchema,
    columns: [usize; 3],
    status: usize,
    paths: &[Vec<Value<'_>>],
) -> Result<Option<Vec<Texts>>, DataError> {
    const PATIENCE: &[u8] = b"SET STATEMENT max_statement_time=0.05 FOR ";
    const TOOK_TOO_LONG: u16 = 1969;
    const LONG_TABLE: u64 = 20_000;
    let mut found = Vec::new();
    if schema.estimated_rows > LONG_TABLE {
        return Ok(None);
    }
    let wanted: Vec<usize> = schema.identity.iter().copied().chain(columns).collect();
    for chunk in paths.chunks(CHUNK) {
        let mut statement = if database.server().is_mariadb() {
            PATIENCE.to_vec()
        } else {
            Vec::new()
        };
        statement.extend_from_slice(&sql::select(schema, &wanted));
        sql::push_tuples(&mut statement, schema, &columns[..1], chunk);
        statement.extend_from_slice(b" AND ");
        sql::push_tuples(&mut statement, schema, &[status], &[vec![Value::Text("A".into())]]);
        match database.query(statement) {
            Ok(rows) => found.extend(rows.into_iter().map(texts)),
            Err(fault) if fault.server_code() == Some(TOOK_TOO_LONG) => return Ok(None),
            Err(fault) => return Err(fault.into()),
        }
    }
    Ok(Some(found))
}

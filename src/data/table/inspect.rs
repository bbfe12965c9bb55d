//! Reads from the database how tables look: columns, indexes, JSON checks, owners. Never writes.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::column_facts::{ColumnFacts, json_checked};
use super::schema::{Reference, TableSchema, UniqueIndex};
use super::texts::{Texts, texts};
use crate::base::db::{Database, push_text};
use crate::data::package::error::DataError;
use crate::model::{Slug, TableName};

fn word(texts: &mut Texts, at: usize) -> Option<String> {
    let bytes = texts.get_mut(at).and_then(Option::take)?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// A question about the tables of a schema that a condition names. Where it only names tables, the server opens no
/// others: a list of names is as cheap as one.
fn question(database: &Database, (columns, source, schema_column): Facts, condition: &[u8]) -> Vec<u8> {
    let mut statement =
        format!("SELECT {columns} FROM information_schema.{source} WHERE {schema_column}=").into_bytes();
    push_text(&mut statement, database.name().as_bytes());
    statement.extend_from_slice(b" AND (");
    statement.extend_from_slice(condition);
    statement.push(b')');
    statement
}

/// `TABLE_NAME IN ('a','b')`
fn named(tables: &[&TableName]) -> Vec<u8> {
    let names: Vec<String> = tables.iter().map(|table| format!("'{table}'")).collect();
    format!("TABLE_NAME IN ({})", names.join(",")).into_bytes()
}

/// What is asked of a table of `information_schema`: columns, its name, and its column with the schema's name.
type Facts = (&'static str, &'static str, &'static str);
const TABLE_FACTS: Facts = ("TABLE_NAME, ENGINE, TABLE_TYPE, TABLE_ROWS", "TABLES", "TABLE_SCHEMA");
const COLUMN_FACTS: Facts = (
    "TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, CHARACTER_SET_NAME, COLLATION_NAME, \
     CHARACTER_MAXIMUM_LENGTH, ORDINAL_POSITION",
    "COLUMNS",
    "TABLE_SCHEMA",
);
const INDEX_FACTS: Facts = (
    "TABLE_NAME, INDEX_NAME, COLUMN_NAME, SUB_PART, SEQ_IN_INDEX, NON_UNIQUE",
    "STATISTICS",
    "TABLE_SCHEMA",
);
const CHECK_FACTS: Facts = ("TABLE_NAME, CHECK_CLAUSE", "CHECK_CONSTRAINTS", "CONSTRAINT_SCHEMA");
/// MySQL says elsewhere whose a check is. Before 8.0.16 it had none, and skips the comment.
const MYSQL_CHECK_FACTS: Facts = (
    "TABLE_NAME, CONSTRAINT_NAME /*!80016 , (SELECT CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS c \
     WHERE c.CONSTRAINT_SCHEMA=t.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME=t.CONSTRAINT_NAME), t.ENFORCED */",
    "TABLE_CONSTRAINTS t",
    "TABLE_SCHEMA",
);
const IS_CHECK: &[u8] = b" AND CONSTRAINT_TYPE='CHECK'";
const REFERENCE_FACTS: Facts = (
    "TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME, ORDINAL_POSITION",
    "KEY_COLUMN_USAGE",
    "TABLE_SCHEMA",
);
const IS_REFERENCE: &[u8] = b" AND REFERENCED_TABLE_NAME IS NOT NULL AND REFERENCED_TABLE_SCHEMA=TABLE_SCHEMA";
/// Views, sequences and what else is no table.
const OTHER_FACTS: Facts = ("TABLE_NAME", "TABLES", "TABLE_SCHEMA");
const IS_OTHER: &[u8] = b"TABLE_TYPE NOT IN ('BASE TABLE','SYSTEM VERSIONED')";
const OWNER_FACTS: Facts = ("TABLE_NAME, COLUMN_NAME", "COLUMNS", "TABLE_SCHEMA");
const IS_OWNER: &[u8] = b"COLUMN_NAME='plugin'";

/// What the database says of its tables.
#[derive(Debug, Default)]
pub(in crate::data) struct Inspected {
    /// How the tables look that were asked for; those that do not exist are not here.
    pub(in crate::data) schemas: BTreeMap<TableName, TableSchema>,
    /// Those that were asked for and are views.
    pub(in crate::data) views: BTreeSet<TableName>,
    /// Tables that have an owner column: all of them where that was asked, else those that were asked for.
    pub(in crate::data) owned: Vec<TableName>,
}

/// How tables look, and which tables have an owner column: that takes hardly longer when it is asked at once.
pub(in crate::data) fn inspect(
    database: &mut Database,
    tables: &[&TableName],
    with_owned: bool,
) -> Result<Inspected, DataError> {
    if tables.is_empty() {
        let owned = if with_owned {
            read_owned_tables(database)?
        } else {
            Vec::new()
        };
        return Ok(Inspected {
            owned,
            ..Inspected::default()
        });
    }
    let mariadb = database.server().is_mariadb();
    let of_tables = named(tables);
    let mut of_columns = of_tables.clone();
    if with_owned {
        of_columns.extend_from_slice(b" OR ");
        of_columns.extend_from_slice(IS_OWNER);
    }
    let mut questions = vec![
        question(database, TABLE_FACTS, &of_tables),
        question(database, COLUMN_FACTS, &of_columns),
        question(database, INDEX_FACTS, &of_tables),
    ];
    questions.push(question(
        database,
        REFERENCE_FACTS,
        &[&of_tables, IS_REFERENCE].concat(),
    ));
    if with_owned {
        questions.push(question(database, OTHER_FACTS, IS_OTHER));
    }
    questions.push(if mariadb {
        question(database, CHECK_FACTS, &of_tables)
    } else {
        question(database, MYSQL_CHECK_FACTS, &[&of_tables, IS_CHECK].concat())
    });
    let answers = database.query_each(&questions)?.into_iter();
    let mut answers = answers.map(|rows| rows.into_iter().map(texts).collect::<Vec<Texts>>());
    let mut next = || answers.next().unwrap_or_default();
    let tables = next();
    let views = names(tables.iter().filter(|row| kind_of(row) == b"VIEW")).collect();
    let mut schemas = empty_schemas(tables);
    let (mut columns, mut indexes, references) = (next(), next(), next());
    let others = if with_owned { next() } else { Vec::new() };
    let json = json_checks(next());
    let owned = owned_tables(&columns, &others);
    columns.sort_by_key(|row| number(row, 9));
    for row in columns {
        add_column(&mut schemas, row, &json, mariadb);
    }
    indexes.retain(|row| number(row, 5) == Some(0));
    indexes.sort_by_key(|row| number(row, 4));
    add_indexes(&mut schemas, indexes);
    add_references(&mut schemas, references);
    schemas.values_mut().for_each(set_identity);
    Ok(Inspected { schemas, views, owned })
}

/// `TABLE_TYPE` of a row of table facts.
fn kind_of(row: &Texts) -> &[u8] {
    row.get(2).and_then(Option::as_deref).unwrap_or_default()
}

/// The tables that rows name first.
fn names<'r>(rows: impl Iterator<Item = &'r Texts>) -> impl Iterator<Item = TableName> {
    rows.filter_map(|row| TableName::new(&String::from_utf8_lossy(row.first()?.as_deref()?)).ok())
}

/// The tables, without columns yet: ordinary ones, and those that keep the history of their rows.
fn empty_schemas(rows: Vec<Texts>) -> BTreeMap<TableName, TableSchema> {
    let schemas = rows.into_iter().filter_map(|mut row| {
        let is_table = matches!(kind_of(&row), b"BASE TABLE" | b"SYSTEM VERSIONED");
        let name = word(&mut row, 0).and_then(|name| TableName::new(&name).ok())?;
        let estimated_rows = number(&row, 3).unwrap_or(0);
        let engine = word(&mut row, 1).unwrap_or_default();
        let transactional = engine.eq_ignore_ascii_case("InnoDB");
        is_table.then(|| (name.clone(), empty(name, transactional, estimated_rows)))
    });
    schemas.collect()
}

fn empty(name: TableName, transactional: bool, estimated_rows: u64) -> TableSchema {
    TableSchema {
        name,
        columns: Vec::new(),
        primary: Vec::new(),
        identity: Vec::new(),
        unique: Vec::new(),
        references: Vec::new(),
        transactional,
        estimated_rows,
    }
}

fn number(row: &Texts, at: usize) -> Option<u64> {
    let text = row.get(at)?.as_ref()?;
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Tables and columns whose `CHECK` holds them to JSON.
fn json_checks(rows: Vec<Texts>) -> HashSet<(String, String)> {
    let checks = rows.into_iter().filter_map(|mut row| {
        let enforced = row.len() < 4 || word(&mut row, 3).as_deref() == Some("YES");
        let at = if row.len() < 3 { 1 } else { 2 };
        let (table, clause) = (word(&mut row, 0)?, word(&mut row, at).filter(|_| enforced)?);
        json_checked(&clause).map(|column| (table, column.to_owned()))
    });
    checks.collect()
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

/// Foreign keys, with the columns of each in their order.
fn add_references(schemas: &mut BTreeMap<TableName, TableSchema>, mut rows: Vec<Texts>) {
    rows.sort_by_key(|row| number(row, 5));
    let mut found: BTreeMap<(String, String), Reference> = BTreeMap::new();
    for mut row in rows {
        let mut next = |at| word(&mut row, at).unwrap_or_default();
        let [table, constraint, column, parent, parent_column] = [next(0), next(1), next(2), next(3), next(4)];
        let schema = TableName::new(&table).ok().and_then(|table| schemas.get(&table));
        let (Some(column), Ok(parent)) = (
            schema.and_then(|found| found.position(&column)),
            TableName::new(&parent),
        ) else {
            continue;
        };
        let reference = found.entry((table, constraint)).or_insert_with(|| Reference {
            columns: Vec::new(),
            table: parent,
            parents: Vec::new(),
        });
        reference.columns.push(column);
        reference.parents.push(parent_column);
    }
    for ((table, _), reference) in found {
        let schema = TableName::new(&table).ok().and_then(|table| schemas.get_mut(&table));
        if let Some(schema) = schema {
            schema.references.push(reference);
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
pub(in crate::data) fn read_owned_tables(database: &mut Database) -> Result<Vec<TableName>, DataError> {
    let questions = [
        question(database, OWNER_FACTS, IS_OWNER),
        question(database, OTHER_FACTS, IS_OTHER),
    ];
    let answers = database.query_each(&questions)?.into_iter();
    let mut answers = answers.map(|rows| rows.into_iter().map(texts).collect::<Vec<Texts>>());
    let columns = answers.next().unwrap_or_default();
    Ok(owned_tables(&columns, &answers.next().unwrap_or_default()))
}

/// The tables of which rows of column facts name the owner column, in order; without those that are not a package's, and
/// without `others`, which are no tables: a view shows rows of others, or cannot be read at all.
fn owned_tables(columns: &[Texts], others: &[Texts]) -> Vec<TableName> {
    let others: BTreeSet<TableName> = names(others.iter()).collect();
    let is_owner = |row: &&Texts| row.get(1).and_then(Option::as_deref).is_some_and(is_owner_column);
    let mut owned: Vec<TableName> = names(columns.iter().filter(is_owner)).collect();
    owned.retain(|name| !crate::data::package::table_name::is_forbidden(name) && !others.contains(name));
    owned.sort();
    owned
}

fn is_owner_column(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"plugin")
}

/// How many rows of each of these tables one owner has.
pub(in crate::data) fn count_owned(
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
        // A number is no slug, though the server takes the one for the other; the first condition has an index.
        statement.extend_from_slice(b" AND CAST(`plugin` AS CHAR)=");
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
/// How many rows of each table one plugin has.
pub fn count_rows(database: &mut Database, slug: &Slug) -> Result<BTreeMap<TableName, u64>, DataError> {
    let tables = read_owned_tables(database)?;
    count_owned(database, &tables, slug)
}

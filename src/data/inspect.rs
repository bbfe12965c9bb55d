//! Reads from the database how tables look: columns, indexes, JSON checks, owners. Never writes.

use std::collections::{BTreeMap, HashSet};

use super::error::DataError;
use super::fetch::{Texts, texts};
use super::schema::{ColumnFacts, TableSchema, UniqueIndex, json_checked};
use crate::base::db::{Database, DbError, push_text};
use crate::model::{Slug, TableName};

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

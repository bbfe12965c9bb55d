//! Reads from the database how tables look: columns, indexes, JSON checks, owners. Never writes.

use std::collections::BTreeMap;

use super::said::{Inspected, Said, number, owned_tables, word};
use super::texts::{Texts, texts};
use crate::base::db::{Database, push_text};
use crate::data::package::error::DataError;
use crate::model::{Slug, TableName};

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
    let [tables, columns, indexes, references] = [next(), next(), next(), next()];
    let others = if with_owned { next() } else { Vec::new() };
    let checks = next();
    let said = Said {
        tables,
        columns,
        indexes,
        references,
        others,
        checks,
    };
    Ok(said.understood(mariadb))
}

/// All that a MariaDB says of these tables, whoever they belong to.
pub(super) fn ask(database: &mut Database, tables: &[&TableName]) -> Result<Said, DataError> {
    let of_tables = named(tables);
    let questions = [
        question(database, TABLE_FACTS, &of_tables),
        question(database, COLUMN_FACTS, &of_tables),
        question(database, INDEX_FACTS, &of_tables),
        question(database, REFERENCE_FACTS, &[&of_tables, IS_REFERENCE].concat()),
        question(database, CHECK_FACTS, &of_tables),
    ];
    let answers = database.query_each(&questions)?.into_iter();
    let mut answers = answers.map(|rows| rows.into_iter().map(texts).collect::<Vec<Texts>>());
    let mut next = || answers.next().unwrap_or_default();
    Ok(Said {
        tables: next(),
        columns: next(),
        indexes: next(),
        references: next(),
        others: Vec::new(),
        checks: next(),
    })
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

//! Reads what a database has, and copies out what migrations made before it is taken away.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use serde_json::{Map, Value as Json, json};

use super::facts::{FactColumn, Schema, SchemaColumn};
use crate::base::db::{Database, DbError, Row, Value};
use crate::base::json::text_or_hex;

/// Tables that no migration of a plugin makes: the logs of their runner, and our own.
const NOT_THEIRS: [&str; 2] = ["phinxlog", "gestor_plugins_"];

/// The tables of the database, as they are now.
pub fn read_schema(database: &mut Database) -> Result<Schema, DbError> {
    let tables = "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = \
                  'BASE TABLE'";
    let mut schema: Schema = database
        .query(tables)?
        .into_iter()
        .filter_map(|row| Some((texts(row).into_iter().next()??, Vec::new())))
        .filter(|(table, _)| !NOT_THEIRS.iter().any(|start| table.starts_with(start)))
        .collect();
    let columns = "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = \
                   DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION";
    for row in database.query(columns)? {
        let mut words = texts(row).into_iter().map(Option::unwrap_or_default);
        let mut next = || words.next().unwrap_or_default();
        let (table, name, kind) = (next(), next(), next());
        if let Some(known) = schema.get_mut(&table) {
            known.push(SchemaColumn { name, kind });
        }
    }
    Ok(schema)
}

fn texts(row: Row) -> Vec<Option<String>> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    bytes_of(row).into_iter().map(|value| value.map(text)).collect()
}

fn bytes_of(row: Row) -> Vec<Option<Vec<u8>>> {
    let value = |value: Option<Value>| match value {
        None | Some(Value::NULL) => None,
        Some(Value::Bytes(bytes)) => Some(bytes),
        Some(other) => Some(other.as_sql(true).into_bytes()),
    };
    row.unwrap_raw().into_iter().map(value).collect()
}

/// A name as a statement has it.
pub fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// What is copied out: whole tables, and columns of others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Copied {
    tables: BTreeSet<String>,
    columns: BTreeMap<String, Vec<String>>,
}

impl Copied {
    /// What of these stands in the database.
    pub fn of<'f>(
        schema: &Schema,
        tables: impl IntoIterator<Item = &'f String>,
        columns: impl IntoIterator<Item = &'f FactColumn>,
    ) -> Self {
        let mut copied = Self {
            tables: tables
                .into_iter()
                .filter(|table| schema.contains_key(*table))
                .cloned()
                .collect(),
            columns: BTreeMap::new(),
        };
        for FactColumn { tabela, coluna } in columns {
            let known = schema.get(tabela).into_iter().flatten();
            let stands = known.clone().any(|column| column.name == *coluna);
            if stands && !copied.tables.contains(tabela) {
                let listed = copied.columns.entry(tabela.clone()).or_default();
                if !listed.contains(coluna) {
                    listed.push(coluna.clone());
                }
            }
        }
        copied
    }

    /// There is nothing to copy.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.columns.is_empty()
    }
}

/// Copies out, a line of JSON each: of a table first how it is made, then its rows; of a column the rows of its table with
/// it and their primary key. Bytes that are no text are `{"$hex": …}`.
pub fn copy_out<E: From<DbError>>(
    database: &mut Database,
    schema: &Schema,
    copied: &Copied,
    put: &mut dyn FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    for table in &copied.tables {
        let made = database.query(format!("SHOW CREATE TABLE {}", quoted(table)))?;
        let made = made.into_iter().next().and_then(|row| texts(row).into_iter().nth(1)?);
        put_line(&json!({"tabela": table, "criar": made}), put)?;
        let columns: Vec<String> = schema[table].iter().map(|column| column.name.clone()).collect();
        copy_rows(database, table, &columns, put)?;
    }
    for (table, columns) in &copied.columns {
        put_line(&json!({"tabela": table, "colunas": columns}), put)?;
        let mut wanted = primary_key(database, table)?;
        wanted.retain(|column| !columns.contains(column));
        wanted.extend(columns.iter().cloned());
        copy_rows(database, table, &wanted, put)?;
    }
    Ok(())
}

fn copy_rows<E: From<DbError>>(
    database: &mut Database,
    table: &str,
    columns: &[String],
    put: &mut dyn FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let listed: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
    let statement = format!("SELECT {} FROM {}", listed.join(", "), quoted(table));
    let mut failed = None;
    database.visit(statement, &mut |row| {
        let values = bytes_of(row)
            .into_iter()
            .map(|value| value.map_or(Json::Null, text_or_hex));
        let line: Map<String, Json> = columns.iter().cloned().zip(values).collect();
        match put_line(&json!({"tabela": table, "linha": line}), put) {
            Ok(()) => ControlFlow::Continue(()),
            Err(fault) => {
                failed = Some(fault);
                ControlFlow::Break(())
            }
        }
    })?;
    failed.map_or(Ok(()), Err)
}

fn put_line<E>(line: &Json, put: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    put(format!("{line}\n").as_bytes())
}

fn primary_key(database: &mut Database, table: &str) -> Result<Vec<String>, DbError> {
    let sql = "SELECT COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND \
               TABLE_NAME = ? AND CONSTRAINT_NAME = 'PRIMARY' ORDER BY ORDINAL_POSITION";
    let rows = database.exec_rows(sql, (table,))?;
    Ok(rows
        .into_iter()
        .filter_map(|row| texts(row).into_iter().next()?)
        .collect())
}

/// Drops a table; one that is gone is as good.
pub fn drop_table(database: &mut Database, table: &str) -> Result<(), DbError> {
    database.execute(format!("DROP TABLE IF EXISTS {}", quoted(table)))?;
    Ok(())
}

/// Drops a column; one that is gone is as good.
pub fn drop_column(database: &mut Database, column: &FactColumn) -> Result<(), DbError> {
    const NO_SUCH_COLUMN: u16 = 1091;
    const NO_SUCH_TABLE: u16 = 1146;
    let statement = format!(
        "ALTER TABLE {} DROP COLUMN {}",
        quoted(&column.tabela),
        quoted(&column.coluna)
    );
    match database.execute(statement) {
        Err(fault) if matches!(fault.server_code(), Some(NO_SUCH_COLUMN | NO_SUCH_TABLE)) => Ok(()),
        done => done.map(drop),
    }
}

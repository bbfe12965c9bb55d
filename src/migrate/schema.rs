//! Reads what a database has, and drops what migrations made.

use std::collections::BTreeMap;

use super::facts::{FactColumn, ObjectKind, Schema, SchemaColumn, SchemaObject};
use crate::base::db::{Database, DbError, Row, Value};

/// Tables that no migration of a plugin makes: the logs of their runner, and our own.
const NOT_THEIRS: [&str; 2] = ["phinxlog", "gestor_plugins_"];

/// What is no table, by kind.
const OBJECTS: [(ObjectKind, &str); 4] = [
    (
        ObjectKind::Trigger,
        "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()",
    ),
    (
        ObjectKind::Procedure,
        "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_TYPE = 'PROCEDURE'",
    ),
    (
        ObjectKind::Function,
        "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_TYPE = 'FUNCTION'",
    ),
    (
        ObjectKind::Event,
        "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()",
    ),
];

/// What the database has, as it is now and as far as its user may see it.
pub fn read_schema(database: &mut Database) -> Result<Schema, DbError> {
    let mut schema = Schema::default();
    let tables = "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()";
    for row in database.query(tables)? {
        let mut words = texts(row).into_iter().flatten();
        let (Some(nome), Some(kind)) = (words.next(), words.next()) else {
            continue;
        };
        let is_theirs = !NOT_THEIRS.iter().any(|start| nome.starts_with(start));
        match kind.as_str() {
            _ if !is_theirs => {}
            "VIEW" => drop(schema.objects.insert(object(ObjectKind::View, nome))),
            "SEQUENCE" => drop(schema.objects.insert(object(ObjectKind::Sequence, nome))),
            // `SYSTEM VERSIONED` as well as `BASE TABLE`.
            _ => drop(schema.tables.insert(nome, Vec::new())),
        }
    }
    read_columns(database, &mut schema.tables)?;
    for (kind, sql) in OBJECTS {
        let names = database.query(sql)?.into_iter();
        let names = names.filter_map(|row| texts(row).into_iter().next()?);
        schema.objects.extend(names.map(|nome| object(kind, nome)));
    }
    Ok(schema)
}

fn object(tipo: ObjectKind, nome: String) -> SchemaObject {
    SchemaObject { tipo, nome }
}

fn read_columns(database: &mut Database, tables: &mut BTreeMap<String, Vec<SchemaColumn>>) -> Result<(), DbError> {
    let columns = "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = \
                   DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION";
    for row in database.query(columns)? {
        let mut words = texts(row).into_iter().map(Option::unwrap_or_default);
        let mut next = || words.next().unwrap_or_default();
        let (table, name, kind) = (next(), next(), next());
        if let Some(known) = tables.get_mut(&table) {
            known.push(SchemaColumn { name, kind });
        }
    }
    Ok(())
}

/// Something of the schema by which what happens to the rows of a table happens to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequence {
    /// The table.
    pub of: String,
    /// Rows of another table go or change with its rows.
    pub table: Option<String>,
    /// A trigger of it runs this.
    pub statement: Option<String>,
}

/// All of them.
pub fn read_consequences(database: &mut Database) -> Result<Vec<Consequence>, DbError> {
    let keys = "SELECT REFERENCED_TABLE_NAME, TABLE_NAME, NULL FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE \
                CONSTRAINT_SCHEMA = DATABASE() AND UNIQUE_CONSTRAINT_SCHEMA = DATABASE()";
    let triggers = "SELECT EVENT_OBJECT_TABLE, NULL, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE \
                    TRIGGER_SCHEMA = DATABASE()";
    let mut found = Vec::new();
    for sql in [keys, triggers] {
        for row in database.query(sql)? {
            let mut words = texts(row).into_iter();
            let mut next = || words.next().flatten();
            let (of, table, statement) = (next().unwrap_or_default(), next(), next());
            found.push(Consequence { of, table, statement });
        }
    }
    Ok(found)
}

pub(super) fn texts(row: Row) -> Vec<Option<String>> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    bytes_of(row).into_iter().map(|value| value.map(text)).collect()
}

pub(super) fn bytes_of(row: Row) -> Vec<Option<Vec<u8>>> {
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

/// Seconds for which a change of the schema waits for who uses a table: those who come after it wait as well.
const PATIENCE: u32 = 10;
/// Seconds for which all else waits.
const USUAL: u32 = 60;

/// From now on a change of the schema does not wait long for who uses a table, or again as long as all else.
pub fn be_quick(database: &mut Database, quick: bool) -> Result<(), DbError> {
    let seconds = if quick { PATIENCE } else { USUAL };
    database.execute(format!("SET SESSION lock_wait_timeout = {seconds}"))?;
    Ok(())
}

/// Nobody else writes to a table, until [`unlock`]; where the user may not lock, or there is no such table, nothing is done,
/// and that is said.
pub fn lock_table(database: &mut Database, table: &str) -> Result<bool, DbError> {
    const NO_RIGHT: [u16; 3] = [1044, 1142, 1227];
    match database.execute(format!("LOCK TABLES {} WRITE", quoted(table))) {
        Err(fault) if fault.is_no_table() || fault.server_code().is_some_and(|code| NO_RIGHT.contains(&code)) => {
            Ok(false)
        }
        done => done.map(|_| true),
    }
}

/// Everybody writes again.
pub fn unlock(database: &mut Database) -> Result<(), DbError> {
    database.execute("UNLOCK TABLES")?;
    Ok(())
}

/// Drops a table; one that is gone is as good.
pub fn drop_table(database: &mut Database, table: &str) -> Result<(), DbError> {
    database.execute(format!("DROP TABLE IF EXISTS {}", quoted(table)))?;
    Ok(())
}

/// Drops a view, a trigger, a routine, an event or a sequence; one that is gone is as good.
pub fn drop_object(database: &mut Database, object: &SchemaObject) -> Result<(), DbError> {
    let (kind, name) = (object.tipo.word(), quoted(&object.nome));
    database.execute(format!("DROP {kind} IF EXISTS {name}"))?;
    Ok(())
}

/// Drops a column; one that is gone is as good.
pub fn drop_column(database: &mut Database, column: &FactColumn) -> Result<(), DbError> {
    const NO_SUCH_COLUMN: u16 = 1091;
    let statement = format!(
        "ALTER TABLE {} DROP COLUMN {}",
        quoted(&column.tabela),
        quoted(&column.coluna)
    );
    match database.execute(statement) {
        Err(fault) if fault.is_no_table() || fault.server_code() == Some(NO_SUCH_COLUMN) => Ok(()),
        done => done.map(drop),
    }
}

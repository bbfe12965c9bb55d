//! Writes rows of the database as JSON before they are changed or forgotten: adopted rows and orphans. Never writes to
//! the database. Rows are streamed.

use std::io::Write;
use std::ops::ControlFlow;

use serde_json::{Map, Value as Json};

use crate::base::db::{Database, Row, Value};
use crate::base::json::text_or_hex;
use crate::data::fit::find::PrimaryKey;
use crate::data::package::error::DataError;
use crate::data::plan::plan::{Plan, TablePlan};
use crate::data::sql;
use crate::data::table::inspect;
use crate::data::table::schema::TableSchema;
use crate::model::{Slug, TableName};

const CHUNK: usize = 200;

/// Writes the present content of rows that the plan adopts and changes: `{"<table>": [{column: value, …}, …], …}`.
/// All columns, also those that `SELECT *` hides; values are texts as the server shows them. To be called before `apply`; gives the number of rows.
pub fn write_adopted(database: &mut Database, plan: &Plan, out: &mut dyn Write) -> Result<u64, DataError> {
    let mut written = 0;
    put(out, b"{")?;
    let tables = plan.tables.iter().filter(|table| table.adopted().next().is_some());
    for (at, table) in tables.enumerate() {
        put(out, if at == 0 { b"\n" } else { b",\n" })?;
        put(out, format!("\"{}\": ", table.schema.name).as_bytes())?;
        let identities: Vec<&PrimaryKey> = table.adopted().collect();
        written += write_rows(database, &table.schema, statements(&table.schema, &identities), out)?;
    }
    put(out, b"\n}\n")?;
    Ok(written)
}

/// The tables of a plan that have orphans.
pub fn orphan_tables(plan: &Plan) -> Vec<&TableName> {
    let planned = plan.tables.iter().filter(|table| !table.orphans.is_empty());
    planned
        .map(|table| &table.schema.name)
        .chain(plan.abandoned.keys())
        .collect()
}

/// Writes the orphans of one table as a list; gives their number.
pub fn write_orphans(
    database: &mut Database,
    plan: &Plan,
    table: &TableName,
    slug: &Slug,
    out: &mut dyn Write,
) -> Result<u64, DataError> {
    let planned: Option<&TablePlan> = plan.tables.iter().find(|planned| planned.schema.name == *table);
    let written = if let Some(planned) = planned {
        let statements = statements(&planned.schema, &planned.orphans.iter().collect::<Vec<_>>());
        write_rows(database, &planned.schema, statements, out)?
    } else {
        let mut found = inspect::inspect(database, &[table], false)?.schemas;
        let schema = found.remove(table);
        let with_owner = schema.and_then(|schema| schema.owner().map(|owner| (schema, owner)));
        let Some((schema, owner)) = with_owner else {
            return Err(DataError::ChangedMeanwhile { table: table.clone() });
        };
        let mut statement = sql::select_all(&schema);
        sql::push_owned(&mut statement, &schema, owner, slug);
        write_rows(database, &schema, vec![statement], out)?
    };
    put(out, b"\n")?;
    Ok(written)
}

fn statements(schema: &TableSchema, identities: &[&PrimaryKey]) -> Vec<Vec<u8>> {
    let statement = |chunk: &[&PrimaryKey]| {
        let mut statement = sql::select_all(schema);
        sql::push_identities(&mut statement, schema, chunk.iter().copied());
        statement
    };
    identities.chunks(CHUNK).map(statement).collect()
}

fn write_rows(
    database: &mut Database,
    schema: &TableSchema,
    statements: Vec<Vec<u8>>,
    out: &mut dyn Write,
) -> Result<u64, DataError> {
    let all: Vec<usize> = (0..schema.columns.len()).collect();
    let mut written: u64 = 0;
    put(out, b"[")?;
    for statement in statements {
        let mut result = Ok(());
        database.visit(statement, &mut |row| {
            let separator: &[u8] = if written == 0 { b"\n" } else { b",\n" };
            written += 1;
            result = put(out, separator).and_then(|()| put(out, object(schema, &all, row).to_string().as_bytes()));
            if result.is_ok() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        result?;
    }
    put(out, b"\n]")?;
    Ok(written)
}

pub(super) fn object(schema: &TableSchema, columns: &[usize], row: Row) -> Json {
    let names = columns.iter().map(|column| schema.columns[*column].name.to_string());
    let values = row.unwrap_raw().into_iter().map(|value| match value {
        Some(Value::Bytes(bytes)) => text_or_hex(bytes),
        Some(Value::NULL) | None => Json::Null,
        Some(other) => Json::String(other.as_sql(true)),
    });
    Json::Object(names.zip(values).collect::<Map<_, _>>())
}

pub(super) fn put(out: &mut dyn Write, bytes: &[u8]) -> Result<(), DataError> {
    out.write_all(bytes).map_err(DataError::Export)
}

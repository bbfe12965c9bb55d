//! Reads contents of rows for this room: columns of rows that are known, and paths of pages. Never writes.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use super::fetch::CHUNK;
use crate::base::db::Database;
use crate::data::fit::find::PrimaryKey;
use crate::data::fit::value::Value;
use crate::data::package::error::DataError;
use crate::data::sql;
use crate::data::table::schema::TableSchema;
use crate::data::table::texts::{Texts, texts};

/// What takes the contents of a row: its place, and its texts.
pub(super) type ContentVisitor<'v> = dyn FnMut(usize, &[Option<Vec<u8>>]) -> ControlFlow<()> + 'v;

/// Reads columns of rows by primary key, a chunk at a time, and hands each over with its place in `identities`. A
/// visitor that breaks ends the reading.
pub(in crate::data) fn visit_contents(
    database: &mut Database,
    schema: &TableSchema,
    columns: &[usize],
    identities: &[&PrimaryKey],
    visitor: &mut ContentVisitor<'_>,
) -> Result<usize, DataError> {
    let width = schema.identity.len();
    let mut seen = 0;
    for (number, chunk) in identities.chunks(CHUNK).enumerate() {
        let places: HashMap<Vec<&[u8]>, usize> = chunk
            .iter()
            .enumerate()
            .map(|(at, identity)| (identity.iter().map(|part| &**part).collect(), number * CHUNK + at))
            .collect();
        let mut statement = sql::select_contents(schema, columns);
        sql::push_identities(&mut statement, schema, chunk.iter().copied());
        sql::push_lock(&mut statement);
        let (mut stopped, mut found) = (false, HashSet::new());
        database.visit(statement, &mut |row| {
            let row = texts(row);
            let identity: Vec<&[u8]> = row[..width]
                .iter()
                .map(|part| part.as_deref().unwrap_or_default())
                .collect();
            let Some(place) = places.get(&identity) else {
                return ControlFlow::Continue(());
            };
            // Rows that nothing tells apart are one.
            seen += usize::from(found.insert(*place));
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

/// Which of these paths active pages have, with primary key, language and `id`. No index leads to a path, so a long
/// table is not searched: `None`, as when the server took too long.
pub(super) fn read_paths(
    database: &mut Database,
    schema: &TableSchema,
    columns: [usize; 3],
    status: usize,
    paths: &[Vec<Value<'_>>],
) -> Result<Option<Vec<Texts>>, DataError> {
    const TOOK_TOO_LONG: [u16; 2] = [1969, 3024];
    const LONG_TABLE: u64 = 20_000;
    let mut found = Vec::new();
    if schema.estimated_rows > LONG_TABLE {
        return Ok(None);
    }
    let wanted: Vec<usize> = schema.identity.iter().copied().chain(columns).collect();
    for chunk in paths.chunks(CHUNK) {
        let mut statement = sql::select_in_a_moment(schema, &wanted, database.server().is_mariadb());
        sql::push_tuples(&mut statement, schema, &columns[..1], chunk);
        statement.extend_from_slice(b" AND ");
        sql::push_tuples(&mut statement, schema, &[status], &[vec![Value::Text("A".into())]]);
        match database.query(statement) {
            Ok(rows) => found.extend(rows.into_iter().map(texts)),
            Err(fault) if fault.server_code().is_some_and(|code| TOOK_TOO_LONG.contains(&code)) => return Ok(None),
            Err(fault) => return Err(fault.into()),
        }
    }
    Ok(Some(found))
}

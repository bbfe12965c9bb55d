//! The base of a plugin that has none, or an outdated one: from the package that its rows came from (SPEC 2 §1). Never
//! writes.

use std::collections::HashMap;

use super::leaving::standing_rows;
use crate::base::db::Database;
use crate::data::fit::canonical::row_key;
use crate::data::fit::change::Marks;
use crate::data::fit::column_map::Table;
use crate::data::fit::digests::{base_columns, row_digests};
use crate::data::package::error::DataError;
use crate::data::package::table_name;
use crate::data::package::tables::TableRows;
use crate::data::plan::known_table::{KnownTable, set_identities};
use crate::data::plan::overruled::Overruled;
use crate::data::plan::request::Request;
use crate::data::plan::survey::wanted_key;
use crate::data::table::inspect;
use crate::ledger::{Base, Entry, EntryOrigin, PrimaryKey, RowKey, TableBase};
use crate::model::TableName;

/// Makes the base of the rows of a request, which are those of the package that is installed. Rows that do not stand in the
/// tables get an entry, without primary key, only where `recorded` says more of them: nobody else saw what became of them.
pub fn rebuild_base(database: &mut Database, request: &Request<'_>, recorded: &Base) -> Result<Base, DataError> {
    let names: Vec<&TableName> = request.tables.iter().map(|rows| &rows.table).collect();
    let mut schemas = inspect::inspect(database, &names, false)?.schemas;
    set_identities(request, &mut schemas)?;
    let mut base = Base::new();
    for (source, TableRows { table, rows }) in request.tables.iter().enumerate() {
        let schema = schemas.get(table).filter(|_| !table_name::is_forbidden(table));
        let Some(schema) = schema else { continue };
        let contract = request.contracts.resolve(schema);
        let known = KnownTable {
            source,
            rows,
            schema,
            contract,
        };
        base.insert(
            table.clone(),
            rebuild_table(database, &known, request, recorded.get(table))?,
        );
    }
    Ok(base)
}

fn rebuild_table(
    database: &mut Database,
    known: &KnownTable<'_>,
    request: &Request<'_>,
    recorded: Option<&TableBase>,
) -> Result<TableBase, DataError> {
    let schema = known.schema;
    // In a table without owners a row of the gestor's is no plugin's, whoever brought it as well.
    let core = if schema.owner().is_none() {
        Some(request.core.of_table(schema, request.contracts)?)
    } else {
        None
    };
    let is_core =
        |key: &crate::data::fit::natural_key::Key| core.as_ref().is_some_and(|core| !core.known || core.holds(key));
    let all: Vec<usize> = (0..known.rows.len()).collect();
    let table = (schema, &known.contract, known.rows);
    let mut identities: HashMap<RowKey, PrimaryKey> = HashMap::new();
    for row in standing_rows(database, table, &all, request.slug)? {
        if !is_core(&row.key) {
            identities.insert(row_key(&row.identity_key, true), row.identity.clone());
            identities.insert(row_key(&row.key, false), row.identity);
        }
    }
    let mut base = TableBase {
        columns: base_columns(schema),
        entries: Vec::new(),
    };
    let mut overruled = Overruled::default();
    for window in known.rows.windows() {
        let loaded = known.load(window)?;
        let laid = Table::new(schema, &known.contract, &loaded);
        let marks = Marks::of(&laid);
        for (row, given) in loaded.iter().enumerate() {
            let wanted = wanted_key(&laid, row);
            let key = row_key(&wanted.key, wanted.primary);
            if overruled.is(key, given.origin) {
                continue;
            }
            let is_recorded = recorded.is_some_and(|base| base.find(&key).is_some());
            let identity = identities
                .get(&key)
                .cloned()
                .or_else(|| is_recorded.then(PrimaryKey::default));
            let Some(identity) = identity else { continue };
            let digests = row_digests(&laid, row, marks);
            base.entries.push(Entry {
                key,
                origin: EntryOrigin::Unknown,
                deleted: false,
                orphan: false,
                since: 0,
                until: 0,
                identity,
                row: digests.row,
                fields: digests.fields,
            });
        }
    }
    base.sort();
    Ok(base)
}

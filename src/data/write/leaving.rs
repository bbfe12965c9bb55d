//! Carries out what a merge decided besides inserts and updates: rows that go are saved and deleted, others become
//! inactive; afterwards, the primary keys of inserted rows are read for the base. Decides nothing.

use std::collections::HashMap;
use std::ops::ControlFlow;

use crate::base::db::Database;
use crate::data::fit::canonical::{canonical, row_key};
use crate::data::fit::column_map::Table;
use crate::data::fit::core_keys::has_primary;
use crate::data::fit::find::{Present, PrimaryKey};
use crate::data::fit::value::Value;
use crate::data::package::error::DataError;
use crate::data::package::row_store::RowStore;
use crate::data::plan::contents;
use crate::data::plan::fetch::{self, CHUNK};
use crate::data::plan::plan::{Plan, TablePlan};
use crate::data::plan::remember::INACTIVE;
use crate::data::plan::request::Request;
use crate::data::plan::search::value_or_default;
use crate::data::sql;
use crate::data::table::contract::Contract;
use crate::data::table::schema::TableSchema;
use crate::ledger::{Base, FieldDigest, RowKey, SavedReason, SavedRow};
use crate::model::Slug;

/// What takes values that are set aside.
pub type SaveRow<'s, E> = dyn FnMut(&mut Database, SavedRow) -> Result<(), E> + 's;

/// Hands over the values that a plan's merge sets aside: those of fields that give way, and rows that are adopted, deleted
/// or made inactive. To be called before [`crate::data::apply`], in the same transaction.
pub fn save_values<E: From<DataError>>(
    database: &mut Database,
    plan: &Plan,
    save: &mut SaveRow<'_, E>,
) -> Result<(), E> {
    for table in &plan.tables {
        let Some(merge) = &table.merge else { continue };
        for row in &merge.saved {
            save(database, row.clone())?;
        }
        let adopted: HashMap<&PrimaryKey, RowKey> =
            merge.adopted.iter().map(|(key, identity)| (identity, *key)).collect();
        let adopted = table
            .adopted()
            .map(|identity| (adopted.get(identity).copied(), identity));
        let all: Vec<usize> = (0..table.schema.columns.len()).collect();
        save_rows(
            database,
            table,
            (&all, SavedReason::Adopted, None),
            &adopted.collect::<Vec<_>>(),
            save,
        )?;
        let keyed = |rows: &'_ [(RowKey, PrimaryKey)]| -> Vec<(Option<RowKey>, PrimaryKey)> {
            rows.iter()
                .map(|(key, identity)| (Some(*key), identity.clone()))
                .collect()
        };
        let removes = keyed(&merge.removes);
        let removes: Vec<_> = removes.iter().map(|(key, identity)| (*key, identity)).collect();
        save_rows(database, table, (&all, SavedReason::Removed, None), &removes, save)?;
        if let Some(status) = table.schema.position("status") {
            let inactivates = keyed(&merge.inactivates);
            let inactivates: Vec<_> = inactivates.iter().map(|(key, identity)| (*key, identity)).collect();
            let placed = canonical(&table.schema.columns[status], &Value::Text(INACTIVE.into())).digest();
            save_rows(
                database,
                table,
                (&[status], SavedReason::Removed, Some(placed)),
                &inactivates,
                save,
            )?;
        }
    }
    Ok(())
}

/// Reads columns of rows and hands them over, a chunk of rows at a time.
fn save_rows<E: From<DataError>>(
    database: &mut Database,
    table: &TablePlan,
    (columns, reason, placed): (&[usize], SavedReason, Option<FieldDigest>),
    rows: &[(Option<RowKey>, &PrimaryKey)],
    save: &mut SaveRow<'_, E>,
) -> Result<(), E> {
    const TOGETHER: usize = 32;
    let name = |column: &usize| table.schema.columns[*column].name.as_str().to_owned();
    for chunk in rows.chunks(TOGETHER) {
        let identities: Vec<&PrimaryKey> = chunk.iter().map(|(_, identity)| *identity).collect();
        let mut saved = Vec::with_capacity(chunk.len());
        contents::visit_contents(database, &table.schema, columns, &identities, &mut |at, stored| {
            let (key, identity) = chunk[at];
            saved.push(SavedRow {
                table: table.schema.name.clone(),
                key,
                identity: identity.clone(),
                reason,
                values: columns.iter().map(name).zip(stored.iter().cloned()).collect(),
                placed: placed
                    .iter()
                    .flat_map(|digest| columns.iter().map(|column| (name(column), *digest)))
                    .collect(),
            });
            ControlFlow::Continue(())
        })?;
        if saved.len() != chunk.len() {
            let table = table.schema.name.clone();
            return Err(DataError::ChangedMeanwhile { table }.into());
        }
        saved.into_iter().try_for_each(|row| save(database, row))?;
    }
    Ok(())
}

/// Deletes rows that go, and makes those inactive that shall be. To be called before [`crate::data::apply`], in the same
/// transaction: what they hold of UNIQUE indexes is free then. Gives the number of rows written.
pub fn apply_left(database: &mut Database, plan: &Plan) -> Result<u64, DataError> {
    let mut written = 0;
    // Those that refer to others go first.
    for table in plan.tables.iter().rev() {
        let Some(merge) = &table.merge else { continue };
        let removes: Vec<&PrimaryKey> = merge.removes.iter().map(|(_, identity)| identity).collect();
        for chunk in removes.chunks(CHUNK) {
            let statement = sql::delete(&table.schema, chunk.iter().copied());
            written += database.execute(statement)?.rows;
        }
        let inactivates: Vec<&PrimaryKey> = merge.inactivates.iter().map(|(_, identity)| identity).collect();
        if let Some(status) = table.schema.position("status") {
            let values = || vec![(status, Value::Text(INACTIVE.into()))];
            for chunk in inactivates.chunks(CHUNK) {
                let rows = chunk.iter().map(|identity| sql::Assignment {
                    identity,
                    values: values(),
                });
                let statement = sql::update(&table.schema, &rows.collect::<Vec<_>>());
                written += database.execute(statement)?.rows;
            }
        }
    }
    Ok(written)
}

/// The new base of the tables of a plan, with the primary keys of the rows that were inserted. To be called after
/// [`crate::data::apply`], in the same transaction.
pub fn complete_base(database: &mut Database, plan: &mut Plan, request: &Request<'_>) -> Result<Base, DataError> {
    let mut base = Base::new();
    for table in &mut plan.tables {
        let Some(mut made) = table.merge.as_mut().map(|merge| std::mem::take(&mut merge.base)) else {
            continue;
        };
        let pending = made.entries.iter().enumerate();
        let pending: HashMap<RowKey, usize> = pending
            .filter(|(_, entry)| entry.identity.is_empty() && !entry.deleted)
            .map(|(at, entry)| (entry.key, at))
            .collect();
        if !pending.is_empty() {
            let rows = &request.tables[table.source].rows;
            let place = (&table.schema, &table.contract, rows);
            for row in standing_rows(database, place, &table.inserts, request.slug)? {
                let keys = [row_key(&row.key, false), row_key(&row.identity_key, true)];
                if let Some(at) = keys.iter().find_map(|key| pending.get(key)) {
                    made.entries[*at].identity.clone_from(&row.identity);
                }
            }
        }
        base.insert(table.schema.name.clone(), made);
    }
    Ok(base)
}

/// Rows of a table among which all those are that some rows of a package mean, where they are the plugin's.
pub(super) fn standing_rows(
    database: &mut Database,
    (schema, contract, rows): (&TableSchema, &Contract, &RowStore),
    places: &[usize],
    slug: &Slug,
) -> Result<Vec<Present>, DataError> {
    let key = contract.key.columns();
    if schema.owner().is_some() {
        return fetch::read_keys(database, schema, key, slug);
    }
    let mut found = Vec::new();
    for chunk in places.chunks(CHUNK) {
        let loaded = rows.load(chunk.iter().copied()).map_err(DataError::Rows)?;
        let laid = Table::new(schema, contract, &loaded);
        // Rows that are found by their primary key, and those that do not give it.
        let (primary, natural): (Vec<usize>, Vec<usize>) = (0..loaded.len()).partition(|at| has_primary(&laid, *at));
        for (columns, places) in [(schema.primary.as_slice(), primary), (key, natural)] {
            let tuple = |at: usize| {
                columns
                    .iter()
                    .map(|column| value_or_default(&laid, at, *column))
                    .collect()
            };
            let tuples: Vec<Vec<Value<'_>>> = places.into_iter().map(tuple).collect();
            found.extend(fetch::read_tuples(database, schema, (key, columns), slug, &tuples)?);
        }
    }
    Ok(found)
}

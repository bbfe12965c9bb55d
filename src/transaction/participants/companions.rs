//! Companions whose conflict ends by itself: the package's value that waited there, and that nobody will be asked about any
//! more, goes. In the transaction, after the rows are written.

use super::super::TransactionError;
use crate::base::db::Database;
use crate::data::{self, ConflictedRow, CurrentTable, Decided, NamedRow, Plan, Put, Request};
use crate::ledger::{Base, MergeConflict};
use crate::model::TableName;
use crate::registry::KnownConflict;

/// Empties them where they hold what the package brought before. `known`, `before`: conflicts and base of before.
pub(super) fn clear(
    database: &mut Database,
    (plan, request): (&Plan, &Request<'_>),
    (known, before): (&[KnownConflict], &Base),
) -> Result<(), TransactionError> {
    let ended: Vec<(TableName, &KnownConflict)> = known
        .iter()
        .filter(|conflict| conflict.is_open && conflict.companion.is_some() && ends(plan, conflict))
        .filter_map(|conflict| Some((TableName::new(&conflict.table).ok()?, conflict)))
        .collect();
    if ended.is_empty() {
        return Ok(());
    }
    let mut names: Vec<&TableName> = ended.iter().map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    let tables = data::standing_tables(database, request.contracts, &names, before)?;
    for (name, conflict) in &ended {
        if let Some(table) = tables.get(name) {
            clear_one(database, (table, conflict), request)?;
        }
    }
    Ok(())
}

/// The conflict ends, or another one takes its place in which the package's value waits elsewhere.
fn ends(plan: &Plan, conflict: &KnownConflict) -> bool {
    let tables = plan
        .tables
        .iter()
        .filter(|table| table.schema.name.as_str() == conflict.table);
    let mut merges = tables.filter_map(|table| table.merge.as_ref());
    merges.any(|merge| {
        let closed = merge.closed.iter();
        let mut closed = closed.filter(|(key, column)| *key == conflict.key && *column == conflict.column);
        let mut found = merge.conflicts.iter();
        let is_it = |found: &MergeConflict| found.key == conflict.key && found.column == conflict.column;
        closed.next().is_some() || found.any(|found| is_it(found) && found.companion.is_none())
    })
}

fn clear_one(
    database: &mut Database,
    (table, conflict): (&CurrentTable, &KnownConflict),
    request: &Request<'_>,
) -> Result<(), TransactionError> {
    let companion = conflict.companion.as_deref().and_then(|name| table.column(name));
    let (Some(column), Some(companion)) = (table.column(&conflict.column), companion) else {
        return Ok(());
    };
    let named = NamedRow {
        key: &conflict.key,
        identity: &conflict.identity,
    };
    let ConflictedRow::Row(identity, row) = table.find(database, request.slug, named, true)? else {
        return Ok(());
    };
    let waits = row[companion].as_deref();
    if waits.is_none() || table.is_theirs(&conflict.key, (column, waits)) != Some(true) {
        return Ok(());
    }
    let decided = Decided {
        column,
        companion: Some(companion),
        put: Put::Nothing,
        base: None,
    };
    if let Ok(write) = table.decide(&row, decided) {
        table.write(database, &identity, &write)?;
    }
    Ok(())
}

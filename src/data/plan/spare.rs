//! Rows that would be deleted and are spared: rows that are not deleted with them refer to them, and would be deleted or
//! emptied by the database, or they are another plugin's as well. Reads; changes only the plan.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::fetch::CHUNK;
use super::hanging::pairs;
use super::plan::{Plan, TablePlan};
use crate::base::db::Database;
use crate::data::fit::find::PrimaryKey;
use crate::data::package::conflict::Notice;
use crate::data::package::error::DataError;
use crate::data::sql;
use crate::data::table::foreign_keys::{ForeignKey, read_foreign_keys};
use crate::ledger::RowKey;
use crate::model::TableName;

/// Rows of tables without owners that the plan deletes or makes inactive and another plugin's base names too: these stay
/// as they are, and only this plugin's entry goes. `named` tells whether others name a row of a table.
pub fn spare_shared(plan: &mut Plan, named: &dyn Fn(&TableName, &RowKey) -> bool) {
    for table in plan.tables.iter_mut().filter(|table| table.schema.owner().is_none()) {
        let Some(merge) = &mut table.merge else { continue };
        let name = &table.schema.name;
        let before = merge.removes.len();
        merge.removes.retain(|(key, _)| !named(name, key));
        table.counts.removidos -= (before - merge.removes.len()) as u64;
        let shared: HashSet<RowKey> = merge.inactivates.iter().map(|(key, _)| *key).collect();
        let shared: HashSet<RowKey> = shared.into_iter().filter(|key| named(name, key)).collect();
        merge.inactivates.retain(|(key, _)| !shared.contains(key));
        merge.base.entries.retain(|entry| !shared.contains(&entry.key));
    }
}

/// Tables without owners of which a plan deletes rows or makes some inactive.
pub fn shared_tables(plan: &Plan) -> Vec<TableName> {
    let tables = plan.tables.iter().filter(|table| table.schema.owner().is_none());
    let leaves = tables.filter(|table| {
        let merge = table.merge.as_ref();
        merge.is_some_and(|merge| !(merge.removes.is_empty() && merge.inactivates.is_empty()))
    });
    leaves.map(|table| table.schema.name.clone()).collect()
}

/// Rows that the plan deletes stay as orphans where rows that it does not delete hang on them. That is told.
pub fn spare_parents(database: &mut Database, plan: &mut Plan) -> Result<(), DataError> {
    let removes = |table: &TablePlan| table.merge.as_ref().is_some_and(|merge| !merge.removes.is_empty());
    if !plan.tables.iter().any(removes) {
        return Ok(());
    }
    let keys = read_foreign_keys(database)?;
    let mut hanging: Vec<(usize, &ForeignKey)> = Vec::new();
    for (at, table) in plan.tables.iter().enumerate().filter(|(_, table)| removes(table)) {
        let of_table = keys.iter().filter(|key| key.parent == table.schema.name.as_str());
        let before = hanging.len();
        hanging.extend(of_table.map(|key| (at, key)));
        if hanging.len() > before {
            lock(database, table)?;
        }
    }
    let mut spared: BTreeMap<(TableName, String), usize> = BTreeMap::new();
    // A row that is spared may keep the one on which it hangs itself.
    loop {
        let mut is_settled = true;
        for (at, key) in hanging.iter().rev() {
            let stay = held(database, plan, *at, key)?;
            if !stay.is_empty() {
                is_settled = false;
                let table = plan.tables[*at].schema.name.clone();
                *spared.entry((table, key.shown.clone())).or_default() += stay.len();
                keep(plan, *at, &stay);
            }
        }
        if is_settled {
            break;
        }
    }
    for ((table, by), rows) in spared {
        plan.notices.push(Notice::Held { table, by, rows });
    }
    Ok(())
}

/// Nobody hangs another row on those that go.
fn lock(database: &mut Database, table: &TablePlan) -> Result<(), DataError> {
    let removes = table.merge.iter().flat_map(|merge| &merge.removes);
    let removes: Vec<&PrimaryKey> = removes.map(|(_, identity)| identity).collect();
    for chunk in removes.chunks(CHUNK) {
        let mut statement = sql::select_by_identity(&table.schema, &table.schema.identity);
        sql::push_identities(&mut statement, &table.schema, chunk.iter().copied());
        sql::push_lock(&mut statement);
        database.query(statement)?;
    }
    Ok(())
}

/// The rows to be deleted on which others hang.
fn held(database: &mut Database, plan: &Plan, at: usize, key: &ForeignKey) -> Result<BTreeSet<RowKey>, DataError> {
    let table = &plan.tables[at];
    let Some(merge) = &table.merge else {
        return Ok(BTreeSet::new());
    };
    let child = plan
        .tables
        .iter()
        .find(|plan| Some(&plan.schema.name) == key.own.as_ref());
    let going: HashSet<&PrimaryKey> = child
        .and_then(|child| child.merge.as_ref())
        .map(|merge| merge.removes.iter().map(|(_, identity)| identity).collect())
        .unwrap_or_default();
    let child = child.map(|child| &child.schema).filter(|_| !going.is_empty());
    let removes: HashMap<&PrimaryKey, RowKey> = merge.removes.iter().map(|(key, identity)| (identity, *key)).collect();
    let rows: Vec<&PrimaryKey> = removes.keys().copied().collect();
    let pairs = pairs(database, (&table.schema, key), child, &rows)?.into_iter();
    let hung = pairs.filter(|(_, child)| child.is_empty() || !going.contains(child));
    Ok(hung.filter_map(|(parent, _)| removes.get(&parent).copied()).collect())
}

/// Takes rows out of what is deleted: they are orphans, as if orphans were only told.
fn keep(plan: &mut Plan, at: usize, keys: &BTreeSet<RowKey>) {
    let table = &mut plan.tables[at];
    let Some(merge) = &mut table.merge else { return };
    merge.removes.retain(|(key, _)| !keys.contains(key));
    merge.closed.retain(|(key, _)| !keys.contains(key));
    let kept = merge.removed.iter().filter(|entry| keys.contains(&entry.key));
    let kept: Vec<_> = kept.cloned().collect();
    table.counts.removidos -= kept.len() as u64;
    table.orphans.extend(kept.iter().map(|entry| entry.identity.clone()));
    table.counts.orfaos = table.orphans.len() as u64;
    merge.base.entries.extend(kept);
    merge.base.sort();
}

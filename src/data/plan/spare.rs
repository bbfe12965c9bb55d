//! Rows that would be deleted and are spared: rows that are not deleted with them refer to them, and would be deleted or
//! emptied by the database, or they are another plugin's as well. Reads; changes only the plan.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::fetch::CHUNK;
use super::plan::Plan;
use crate::base::db::{Database, push_text};
use crate::data::fit::find::Identity;
use crate::data::package::conflict::Notice;
use crate::data::package::error::DataError;
use crate::data::sql;
use crate::data::table::schema::TableSchema;
use crate::data::table::texts::texts;
use crate::ledger::RowKey;
use crate::model::TableName;

/// A foreign key by which rows hang on rows of a table: columns there, and the columns that they refer to.
struct Hanging {
    table: String,
    quoted: String,
    columns: Vec<(String, String)>,
}

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
    let mut hanging: BTreeMap<usize, Vec<Hanging>> = BTreeMap::new();
    let mut spared: BTreeMap<(TableName, String), usize> = BTreeMap::new();
    for at in 0..plan.tables.len() {
        let removes = plan.tables[at].merge.as_ref().map_or(0, |merge| merge.removes.len());
        if removes > 0 {
            hanging.insert(at, read_hanging(database, &plan.tables[at].schema.name)?);
        }
    }
    // A row that is spared may keep the one on which it hangs itself.
    loop {
        let mut is_settled = true;
        for (at, keys) in hanging.iter().rev() {
            for key in keys {
                let stay = held(database, plan, *at, key)?;
                if !stay.is_empty() {
                    is_settled = false;
                    let table = plan.tables[*at].schema.name.clone();
                    *spared.entry((table, key.table.clone())).or_default() += stay.len();
                    keep(plan, *at, &stay);
                }
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

/// The rows to be deleted on which others hang.
fn held(database: &mut Database, plan: &Plan, at: usize, key: &Hanging) -> Result<BTreeSet<RowKey>, DataError> {
    let table = &plan.tables[at];
    let Some(merge) = &table.merge else {
        return Ok(BTreeSet::new());
    };
    let child = plan.tables.iter().find(|plan| plan.schema.name.as_str() == key.table);
    let going: HashSet<&Identity> = child
        .and_then(|child| child.merge.as_ref())
        .map(|merge| merge.removes.iter().map(|(_, identity)| identity).collect())
        .unwrap_or_default();
    let child = child.map(|child| &child.schema).filter(|_| !going.is_empty());
    let width = table.schema.identity.len();
    let mut stay = BTreeSet::new();
    for chunk in merge.removes.chunks(CHUNK) {
        let rows = database.query(question(&table.schema, child, key, chunk))?;
        for row in rows {
            let parts: Vec<Box<[u8]>> = texts(row)
                .into_iter()
                .map(|part| part.unwrap_or_default().into())
                .collect();
            let (parent, child) = parts.split_at(width.min(parts.len()));
            if child.is_empty() || !going.contains(&Identity::from(child)) {
                let found = chunk.iter().find(|(_, identity)| **identity == *parent);
                stay.extend(found.map(|(key, _)| *key));
            }
        }
    }
    Ok(stay)
}

/// Primary keys of rows to be deleted, each with that of a row that hangs on it where that is asked.
fn question(schema: &TableSchema, child: Option<&TableSchema>, key: &Hanging, rows: &[(RowKey, Identity)]) -> Vec<u8> {
    let name = |schema: &TableSchema, column: &usize| quote(schema.columns[*column].name.as_str());
    let own = schema
        .identity
        .iter()
        .map(|column| format!("p.{}", name(schema, column)));
    let theirs = child.into_iter().flat_map(|child| {
        let columns = child.identity.iter();
        columns.map(move |column| format!("c.{}", quote(child.columns[*column].name.as_str())))
    });
    let listed: Vec<String> = own.chain(theirs).collect();
    let joined = key.columns.iter();
    let joined: Vec<String> = joined
        .map(|(column, parent)| format!("c.{}=p.{}", quote(column), quote(parent)))
        .collect();
    let mut statement = format!("SELECT DISTINCT {} FROM (", listed.join(",")).into_bytes();
    let all: Vec<usize> = (0..schema.columns.len()).collect();
    statement.extend(sql::select(schema, &all));
    sql::push_identities(&mut statement, schema, rows.iter().map(|(_, identity)| identity));
    statement.extend_from_slice(format!(") p JOIN {} c ON {}", key.quoted, joined.join(" AND ")).as_bytes());
    statement
}

fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
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

/// The foreign keys, of any table, that refer to a table.
fn read_hanging(database: &mut Database, table: &TableName) -> Result<Vec<Hanging>, DataError> {
    let mut statement = b"SELECT CONSTRAINT_NAME, TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, REFERENCED_COLUMN_NAME \
        FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_SCHEMA="
        .to_vec();
    push_text(&mut statement, database.name().as_bytes());
    statement.extend_from_slice(b" AND REFERENCED_TABLE_NAME=");
    push_text(&mut statement, table.as_str().as_bytes());
    statement.extend_from_slice(b" ORDER BY ORDINAL_POSITION");
    let mut found: BTreeMap<[String; 3], Hanging> = BTreeMap::new();
    for row in database.query(statement)? {
        let mut words = texts(row)
            .into_iter()
            .map(|word| String::from_utf8_lossy(&word.unwrap_or_default()).into_owned());
        let mut next = || words.next().unwrap_or_default();
        let (name, place, child, column, parent) = (next(), next(), next(), next(), next());
        // A table of another database is none of the plan's.
        let shown = if place == database.name() {
            child.clone()
        } else {
            format!("{place}.{child}")
        };
        let quoted = format!("{}.{}", quote(&place), quote(&child));
        let key = found.entry([name, place, child]).or_insert(Hanging {
            table: shown,
            quoted,
            columns: Vec::new(),
        });
        key.columns.push((column, parent));
    }
    Ok(found.into_values().collect())
}

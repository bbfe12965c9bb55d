//! What hangs by foreign keys on the rows of a plugin that goes, over all levels: rows that the database would delete with
//! them go into the archive as well, and so does what it would empty. Whether they may is for `absence` to say.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::absence::{Absence, Departing, Going, GoingRow, TableAbsence};
use super::absence_rows::in_order;
use super::hanging::{count, pairs};
use super::order::sorted;
use super::standing::standing_tables;
use crate::base::db::Database;
use crate::data::fit::find::PrimaryKey;
use crate::data::package::error::DataError;
use crate::data::package::hanging::{HangingFate, HangingRows};
use crate::data::table::foreign_keys::{ForeignKey, Rule, read_foreign_keys};
use crate::ledger::Base;
use crate::model::TableName;

/// Adds to what goes what hangs on it, and puts tables that others refer to before these.
pub(super) fn add_hanging(
    database: &mut Database,
    departing: Departing<'_>,
    absence: &mut Absence,
) -> Result<(), DataError> {
    let keys = read_foreign_keys(database)?;
    if keys.is_empty() {
        return Ok(());
    }
    let going = absence.tables.iter().map(|table| {
        let rows = table.going.iter().map(|row| row.identity.clone());
        (table.table.name().clone(), rows.collect::<HashSet<PrimaryKey>>())
    });
    let mut search = Search {
        departing,
        going: going.collect(),
        found: vec![KeyRows::default(); keys.len()],
        absence,
    };
    search.all(database, &keys)?;
    search.settle(&keys);
    let tables = std::mem::take(&mut absence.tables);
    absence.tables = in_order(tables, |table| table.table.schema());
    Ok(())
}

/// What hangs by one key.
#[derive(Clone, Default)]
struct KeyRows {
    rows: HashSet<PrimaryKey>,
    /// Of a table whose rows cannot be named.
    counted: u64,
    /// Rows of one table that hang on each other: those that refer, and what they refer to.
    within: Vec<(PrimaryKey, PrimaryKey)>,
}

struct Search<'s, 'd> {
    departing: Departing<'d>,
    going: HashMap<TableName, HashSet<PrimaryKey>>,
    /// By key.
    found: Vec<KeyRows>,
    absence: &'s mut Absence,
}

impl Search<'_, '_> {
    fn all(&mut self, database: &mut Database, keys: &[ForeignKey]) -> Result<(), DataError> {
        let mut open: Vec<(TableName, Vec<PrimaryKey>)> = self
            .going
            .iter()
            .filter(|(_, rows)| !rows.is_empty())
            .map(|(table, rows)| (table.clone(), rows.iter().cloned().collect()))
            .collect();
        while let Some((parent, rows)) = open.pop() {
            for (at, key) in keys.iter().enumerate() {
                if key.parent != parent.as_str() {
                    continue;
                }
                let more = self.level(database, (at, key), &rows)?;
                if let Some(child) = key.own.clone().filter(|_| !more.is_empty()) {
                    open.push((child, more));
                }
            }
        }
        Ok(())
    }

    /// Rows that hang by one key on these; gives those that go because of it.
    fn level(
        &mut self,
        database: &mut Database,
        (at, key): (usize, &ForeignKey),
        rows: &[PrimaryKey],
    ) -> Result<Vec<PrimaryKey>, DataError> {
        let rows: Vec<&PrimaryKey> = rows.iter().collect();
        let child = self.child(database, key)?;
        let Some(parent) = self.place(&key.parent) else {
            return Ok(Vec::new());
        };
        let tables = &self.absence.tables;
        let schema = tables[parent].table.schema();
        let Some(child) = child else {
            self.found[at].counted += count(database, (schema, key), &rows)?;
            return Ok(Vec::new());
        };
        let hung = pairs(database, (schema, key), Some(tables[child].table.schema()), &rows)?;
        let is_dropped = self.is_dropped(key);
        let going = self.going.entry(tables[child].table.name().clone()).or_default();
        let found = &mut self.found[at];
        if parent == child {
            let others = hung.iter().filter(|(parent, child)| parent != child);
            found
                .within
                .extend(others.map(|(parent, child)| (child.clone(), parent.clone())));
        }
        let new: BTreeSet<PrimaryKey> = hung.into_iter().map(|(_, row)| row).collect();
        let new: Vec<PrimaryKey> = new.into_iter().filter(|row| !going.contains(row)).collect();
        let goes = key.on_delete == Rule::Cascade || (is_dropped && !key.on_delete.loses());
        if goes {
            going.extend(new.iter().cloned());
        }
        if !(goes && is_dropped) {
            found.rows.extend(new.iter().cloned());
        }
        Ok(if goes { new } else { Vec::new() })
    }

    fn place(&self, table: &str) -> Option<usize> {
        let mut tables = self.absence.tables.iter();
        tables.position(|absence| absence.table.name().as_str() == table)
    }

    /// The place of the table that has a key; nothing where its rows cannot be named.
    fn child(&mut self, database: &mut Database, key: &ForeignKey) -> Result<Option<usize>, DataError> {
        let Some(own) = &key.own else { return Ok(None) };
        if self.place(own.as_str()).is_none() {
            let found = standing_tables(database, self.departing.contracts, &[own], &Base::new())?;
            let made = found.into_values().map(TableAbsence::of);
            self.absence.tables.extend(made);
        }
        let tables = &self.absence.tables;
        Ok(self
            .place(own.as_str())
            .filter(|at| tables[*at].table.schema().holds_apart()))
    }

    fn settle(&mut self, keys: &[ForeignKey]) {
        let mut within: HashMap<usize, Vec<(PrimaryKey, PrimaryKey)>> = HashMap::new();
        for (key, mut found) in keys.iter().zip(std::mem::take(&mut self.found)) {
            let place = key.own.as_ref().and_then(|own| self.place(own.as_str()));
            if key.on_delete != Rule::Cascade {
                let going = key.own.as_ref().and_then(|own| self.going.get(own));
                found.rows.retain(|row| going.is_none_or(|going| !going.contains(row)));
            }
            self.tell(key, found.rows.len() as u64 + found.counted, found.counted > 0);
            let Some(place) = place else { continue };
            if key.on_delete == Rule::SetNull {
                empty(&mut self.absence.tables[place], key, found.rows);
            }
            within.entry(place).or_default().extend(found.within);
        }
        for (place, table) in self.absence.tables.iter_mut().enumerate() {
            if let Some(going) = self.going.get(table.table.name()) {
                go_along(table, going);
            }
            children_first(table, &within.remove(&place).unwrap_or_default());
        }
    }

    fn tell(&mut self, key: &ForeignKey, rows: u64, is_unnamed: bool) {
        if rows == 0 || (self.is_dropped(key) && key.on_delete.loses()) {
            return;
        }
        let fate = match key.on_delete {
            Rule::Cascade | Rule::SetNull if is_unnamed => HangingFate::Unkept,
            Rule::Cascade => HangingFate::Deleted,
            Rule::SetNull => HangingFate::Emptied,
            Rule::SetDefault | Rule::Forbid => HangingFate::Forbid,
        };
        self.absence.hanging.push(HangingRows {
            table: key.shown.clone(),
            key: key.name.clone(),
            rows,
            fate,
        });
    }

    /// Its table is taken away with the plugin, and all that stands in it.
    fn is_dropped(&self, key: &ForeignKey) -> bool {
        let is_it = |own: &TableName| self.departing.dropped.iter().any(|table| table == own.as_str());
        key.own.as_ref().is_some_and(is_it)
    }
}

/// Rows that stay, without what they refer to.
fn empty(table: &mut TableAbsence, key: &ForeignKey, rows: HashSet<PrimaryKey>) {
    let names = key.columns.iter();
    let columns: Vec<usize> = names.filter_map(|(column, _)| table.table.column(column)).collect();
    for row in rows {
        table.emptied.entry(row).or_default().extend(columns.iter().copied());
    }
}

/// All rows of a table that go are among those that go, and nowhere else.
fn go_along(table: &mut TableAbsence, going: &HashSet<PrimaryKey>) {
    let known: HashSet<PrimaryKey> = table.going.iter().map(|row| row.identity.clone()).collect();
    let mut more: Vec<PrimaryKey> = going.difference(&known).cloned().collect();
    more.sort();
    table.going.extend(more.into_iter().map(|identity| GoingRow {
        identity,
        going: Going::Hanging,
    }));
    table.returning.retain(|row| !going.contains(&row.identity));
    table.staying.retain(|row| !going.contains(&row.identity));
}

/// Rows of one table that hang on each other go one by one, those that refer to others first. `within`: a row that refers,
/// and what it refers to.
fn children_first(table: &mut TableAbsence, within: &[(PrimaryKey, PrimaryKey)]) {
    let places: HashMap<&PrimaryKey, usize> = table
        .going
        .iter()
        .zip(0..)
        .map(|(row, at)| (&row.identity, at))
        .collect();
    let mut children = vec![Vec::new(); table.going.len()];
    for (child, parent) in within {
        if let (Some(child), Some(parent)) = (places.get(child), places.get(parent)) {
            children[*parent].push(*child);
        }
    }
    if children.iter().all(Vec::is_empty) {
        return;
    }
    let order = sorted(&children);
    let mut rows: Vec<Option<GoingRow>> = std::mem::take(&mut table.going).into_iter().map(Some).collect();
    table.going = order.into_iter().filter_map(|at| rows[at].take()).collect();
    table.one_by_one = true;
}

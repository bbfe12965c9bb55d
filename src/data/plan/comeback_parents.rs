//! What became of rows to which rows that come back refer by foreign keys: those that have another number now, and those
//! that do not come back. Pure.

use std::collections::BTreeMap;

use super::absence::Going;
use super::comeback::{Comeback, Kept, KeptRow, Moved};
use super::standing::CurrentTable;
use crate::model::TableName;

/// Rows to which others may refer, by table.
#[derive(Debug, Default)]
pub struct Parents {
    tables: BTreeMap<TableName, Vec<Parent>>,
}

/// A row that is not what the archive says.
#[derive(Debug)]
struct Parent {
    /// What the archive says.
    row: BTreeMap<String, Option<Vec<u8>>>,
    /// The column that has another value now, and the value; nothing where it does not come back.
    now: Option<(String, Vec<u8>)>,
}

impl Parents {
    /// Takes note of what became of rows of a table. `moved`: of those that were written, in order. Gives what of it is the
    /// plugin's, and not of others.
    pub fn note(
        &mut self,
        table: &CurrentTable,
        (rows, planned): (&[KeptRow], &[Comeback]),
        moved: Vec<Moved>,
    ) -> Vec<Moved> {
        let mut moved = moved.into_iter();
        let mut own = Vec::new();
        for (row, planned) in rows.iter().zip(planned) {
            let (is_moved, is_lost) = match planned {
                Comeback::Insert { renumbered, .. } => (*renumbered, false),
                Comeback::Write { .. } => (true, false),
                Comeback::Refused { .. } | Comeback::Unfit { .. } => (true, true),
                Comeback::Stands | Comeback::Refill { .. } => (false, false),
            };
            let found = if is_moved { moved.next() } else { None };
            let identity = found.as_ref().and_then(|moved| moved.identity.as_deref());
            let now = identity.and_then(|identity| table.renumbered(row, identity));
            if is_lost || now.is_some() {
                let row = row.values.clone();
                self.tables
                    .entry(table.name().clone())
                    .or_default()
                    .push(Parent { row, now });
            }
            own.extend(found.filter(|_| row.kept != Kept::Gone(Going::Hanging)));
        }
        own
    }

    /// Whether a row of a table may refer to one that is not what the archive says.
    pub(super) fn concern(&self, table: &CurrentTable) -> bool {
        let mut references = table.schema().references.iter();
        references.any(|reference| self.tables.contains_key(&reference.table))
    }

    /// Lets a row refer to what has another number now. Of one that stayed, what refers to a row that does not come back
    /// stays empty; whether another one refers to such a row is given.
    pub(super) fn follow(&self, table: &CurrentTable, row: &mut KeptRow) -> bool {
        let mut is_lost = false;
        for reference in &table.schema().references {
            let pairs = reference.columns.iter().map(|column| table.column_name(*column));
            let pairs: Vec<(&str, &String)> = pairs.zip(&reference.parents).collect();
            let is_it = |parent: &&Parent| {
                pairs.iter().all(|(own, other)| {
                    let value = row.values.get(*own).cloned().flatten();
                    value.is_some() && parent.row.get(*other).cloned().flatten() == value
                })
            };
            let found = self
                .tables
                .get(&reference.table)
                .and_then(|rows| rows.iter().find(is_it));
            match found.map(|parent| &parent.now) {
                Some(Some((column, value))) => {
                    for (own, _) in pairs.iter().filter(|(_, other)| *other == column) {
                        row.values.insert((*own).to_owned(), Some(value.clone()));
                    }
                }
                Some(None) if row.kept == Kept::Emptied => {
                    for (own, _) in pairs {
                        row.values.remove(own);
                    }
                }
                Some(None) => is_lost = true,
                None => {}
            }
        }
        is_lost
    }
}

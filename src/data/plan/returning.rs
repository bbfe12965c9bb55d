//! What a way back puts into rows that stand (SPEC 2 §5): a user's value that a later operation replaced, and what stood
//! beside it, where nobody has touched the field since. Pure.

use super::standing::{CurrentRow, CurrentTable};
use super::standing_write::FieldWrite;
use crate::data::fit::change::companion_in;
use crate::ledger::{SavedReason, SavedRow};

/// What is put into a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Returned {
    /// Columns and values.
    pub values: Vec<(usize, Option<Vec<u8>>)>,
    /// The columns that are not merged because of it; whether it is because of what stood beside them.
    pub fields: Vec<(usize, bool)>,
}

/// What a field held before; nothing is NULL.
struct Before(Option<Vec<u8>>);

impl CurrentTable {
    /// What comes back of what later operations set aside of a row, the newest first.
    /// `entry`: what the table's base knows of it.
    pub fn returned(&self, entry: Option<usize>, row: &CurrentRow, saved: &[&SavedRow]) -> Returned {
        let mut returned = Returned::default();
        for reason in [SavedReason::Replaced, SavedReason::Companion] {
            let saved = saved.iter().copied().filter(|saved| saved.reason == reason);
            let saved: Vec<&SavedRow> = saved.collect();
            for column in 0..self.schema.columns.len() {
                let fields = self.fields_of(column, reason);
                let now = self.value_digest(column, row[column].as_deref());
                let is_brought = fields
                    .first()
                    .zip(entry)
                    .is_some_and(|(field, entry)| self.was_brought(entry, *field, now));
                if let Some(Before(value)) = self.before(column, row, &saved, is_brought) {
                    returned.values.push((column, value));
                    let beside = reason == SavedReason::Companion;
                    returned.fields.extend(fields.iter().map(|field| (*field, beside)));
                }
            }
        }
        returned
    }

    /// The columns whose values what was set aside of a column decides: its own, or that which it stands beside.
    fn fields_of(&self, column: usize, reason: SavedReason) -> Vec<usize> {
        if reason == SavedReason::Replaced {
            return vec![column];
        }
        let beside = self.contract.preserve.iter().copied();
        beside
            .filter(|field| companion_in(&self.schema, *field) == Some(column))
            .collect()
    }

    /// What a column held before the first of these operations; nothing where somebody touched it since. What a package
    /// brought since is nobody's touch.
    fn before(&self, column: usize, row: &CurrentRow, saved: &[&SavedRow], is_brought: bool) -> Option<Before> {
        let name = self.column_name(column);
        let (mut now, mut found) = (row[column].clone(), false);
        for saved in saved {
            let value = saved.values.iter().find(|(known, _)| known == name);
            let placed = saved.placed.iter().find(|(known, _)| known == name);
            let (Some((_, value)), Some((_, placed))) = (value, placed) else {
                continue;
            };
            let is_placed = self.value_digest(column, now.as_deref()) == *placed;
            if !(is_placed || (!found && is_brought)) {
                break;
            }
            (now, found) = (value.clone(), true);
        }
        (found && now != row[column]).then_some(Before(now))
    }

    /// What is written into a row that gets values back: where nothing waits beside any more, its mark goes, too.
    pub fn give(&self, row: &CurrentRow, values: &[(usize, Option<Vec<u8>>)]) -> FieldWrite {
        let mut after = row.clone();
        for (column, value) in values {
            after[*column].clone_from(value);
        }
        if self.waiting(&after).is_empty() && !self.waiting(row).is_empty() {
            self.set(&mut after, "system_updated", b"0");
        }
        FieldWrite::between(row, &after)
    }
}

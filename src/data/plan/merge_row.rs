//! One row merged from what the base, the table and the package have: each field by `merge`, and what is left behind
//! besides the columns to write. Pure.

use super::difference::{Difference, FieldWaits, GivesWay};
use super::follow::Followed;
use super::merge::{FieldConflict, FieldFacts, FieldOutcome, MergeRules, decide_field};
use crate::base::json::hex;
use crate::data::fit::base_view::BaseView;
use crate::data::fit::canonical::canonical_stored;
use crate::data::fit::change::{ColumnChange, NewValue, companion, set_aside};
use crate::data::fit::column_map::{Cell, Table};
use crate::data::fit::value::Value;
use crate::ledger::{FieldDigest, MergeReason, Waiting};

/// Columns that follow from others.
const DERIVED: [&str; 4] = ["versao", "version", "file_version", "checksum"];

/// Whether a column follows from others, so that nobody's value in it is lost.
pub(super) fn is_derived(name: &str) -> bool {
    DERIVED.iter().any(|derived| name.eq_ignore_ascii_case(derived))
}

/// What a row is merged by.
#[derive(Debug, Clone, Copy)]
pub(in crate::data) struct RowMerge<'m> {
    /// The table's base.
    pub(in crate::data) base: &'m BaseView,
    /// The row's entry.
    pub(in crate::data) entry: Option<usize>,
    /// What the package gives, by column.
    pub(in crate::data) theirs: &'m [Option<FieldDigest>],
    /// The call's choice.
    pub(in crate::data) rules: MergeRules,
    /// The row was found by its primary key.
    pub(super) moved: bool,
    /// What differs in it is the gestor's doing, not a user's.
    pub(super) core_wrote: bool,
    /// Columns that a way back gives what stood in them, or beside them.
    pub(super) returned: &'m [(String, bool)],
    /// Where rows were written already: the package's row, and what of it may have followed its parents.
    pub(in crate::data) followed: Option<(usize, &'m Followed<'m>)>,
}

/// A field that differs.
pub(in crate::data) struct MergedField<'f> {
    pub(in crate::data) cell: Cell,
    pub(in crate::data) value: &'f Value<'f>,
    pub(in crate::data) stored: Option<&'f [u8]>,
    pub(super) preserved: bool,
    pub(super) is_key: bool,
}

impl RowMerge<'_> {
    /// Merges a field that differs into what the row changes.
    pub(in crate::data) fn field<'s>(
        &self,
        table: &Table<'_>,
        row: usize,
        field: &MergedField<'_>,
        stored: &dyn Fn(usize) -> Option<&'s [u8]>,
        found: &mut Difference,
    ) {
        let column = field.cell.column;
        let name = table.schema.columns[column].name.as_str();
        let is_it = |(returned, beside): &(String, bool)| returned == name && (field.preserved || !beside);
        if self.returned.iter().any(is_it) {
            found.merged.settled.push(column);
            found.merged.stays.push(column);
            return;
        }
        let change = ColumnChange {
            column,
            value: NewValue::Field(field.cell.field),
        };
        let outcome = match self.followed {
            Some((row, followed)) if followed.has(row, column) => FieldOutcome::Take,
            _ => decide_field(self.facts(table, field), self.rules),
        };
        if outcome.keeps_mine() {
            found.merged.stays.push(column);
        }
        match outcome {
            FieldOutcome::Same => found.merged.settled.push(column),
            FieldOutcome::Left => {}
            FieldOutcome::Kept => found.merged.keeps = true,
            FieldOutcome::Refuse => found.merged.refused.push(column),
            FieldOutcome::Take => {
                found.changes.push(change);
                found.merged.settled.push(column);
            }
            FieldOutcome::Replace => {
                found.changes.push(change);
                found.merged.settled.push(column);
                found.merged.replaced.extend(self.gives_way(column, field.stored));
            }
            FieldOutcome::Companion => self.beside(table, row, field, stored, found),
            FieldOutcome::Conflict(why) => {
                let reason = match why {
                    FieldConflict::Both => MergeReason::Both,
                    FieldConflict::Moved => MergeReason::Moved,
                };
                found.merged.waits.push(waits(table, field, reason, None));
            }
        }
    }

    fn facts(&self, table: &Table<'_>, field: &MergedField<'_>) -> FieldFacts {
        let column = field.cell.column;
        let definition = &table.schema.columns[column];
        let now = canonical_stored(definition, field.stored).digest();
        let base = self
            .entry
            .and_then(|entry| self.base.facts(entry, column, (now, self.theirs[column])));
        FieldFacts {
            same: false,
            preserved: field.preserved,
            base,
            derived: is_derived(definition.name.as_str()),
            moved: self.moved && field.is_key,
            core_wrote: self.core_wrote,
        }
    }

    /// F3: the package's value goes into the companion. What stands there, and no package put there, is saved.
    fn beside<'s>(
        &self,
        table: &Table<'_>,
        row: usize,
        field: &MergedField<'_>,
        stored: &dyn Fn(usize) -> Option<&'s [u8]>,
        found: &mut Difference,
    ) {
        let beside = companion(table, field.cell.column);
        let is_written = set_aside(table, row, field.cell, stored, &mut found.changes);
        found.has_companion |= is_written;
        if let Some(companion) = beside.filter(|_| is_written)
            && let Some(text) = stored(companion)
        {
            let now = canonical_stored(&table.schema.columns[companion], Some(text)).digest();
            let is_known = |entry| self.base.knows(entry, field.cell.column, now);
            if !self.entry.is_some_and(is_known) {
                let saved = self.gives_way(field.cell.column, Some(text));
                found.merged.companions.extend(saved.map(|saved| GivesWay {
                    column: companion,
                    ..saved
                }));
            }
        }
        found
            .merged
            .waits
            .push(waits(table, field, MergeReason::Contract, beside));
    }

    /// Of an empty field nothing is lost.
    fn gives_way(&self, column: usize, stored: Option<&[u8]>) -> Option<GivesWay> {
        stored.filter(|text| !text.is_empty())?;
        Some(GivesWay {
            column,
            value: stored.map(<[u8]>::to_vec),
            placed: self.theirs[column]?,
        })
    }
}

fn waits(table: &Table<'_>, field: &MergedField<'_>, reason: MergeReason, companion: Option<usize>) -> FieldWaits {
    let column = field.cell.column;
    FieldWaits {
        column,
        reason,
        mine: canonical_stored(&table.schema.columns[column], field.stored).long_digest(),
        theirs: match (companion, field.value) {
            (Some(_), _) => Waiting::Elsewhere,
            (None, Value::Null) => Waiting::Null,
            (None, Value::Number(text) | Value::Text(text)) => Waiting::Text(text.to_string()),
            (None, Value::Binary(bytes)) => Waiting::Text(hex(bytes)),
        },
        companion,
    }
}

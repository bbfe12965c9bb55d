//! What a way back gives back (SPEC 2 §5): values of users that later operations replaced, what stood beside them, and rows
//! that were nobody's before. Read before the rows are planned, written after them; in the transaction.

use std::collections::BTreeMap;

use super::super::TransactionError;
use super::RowRules;
use super::absent::saved;
use crate::base::db::Database;
use crate::data::{self, ConflictedRow, CurrentTable, NamedRow, Plan, ReturnedField};
use crate::ledger::{Base, PrimaryKey, RowKey, SavedReason, SavedRow};
use crate::model::TableName;

/// What later operations set aside, and what of it comes back.
#[derive(Default)]
pub(super) struct Giving {
    tables: BTreeMap<TableName, CurrentTable>,
    /// The oldest first.
    saved: Vec<SavedRow>,
    /// Values that are written into rows.
    values: Vec<(TableName, PrimaryKey, Values)>,
    /// The fields that are not merged because of them.
    fields: Vec<ReturnedField>,
}

type Values = Vec<(usize, Option<Vec<u8>>)>;

impl Giving {
    /// Reads it; nothing where no way back is gone. The rows are locked.
    pub(super) fn read(database: &mut Database, rules: &RowRules<'_>, base: &Base) -> Result<Self, TransactionError> {
        // Of a package without a point nothing is known to be later.
        let Some(from) = rules.back().and_then(|point| point.checked_add(1)) else {
            return Ok(Self::default());
        };
        let mut giving = Self {
            saved: saved(database, rules.slug(), from)?,
            ..Self::default()
        };
        let mut names: Vec<&TableName> = giving.saved.iter().map(|saved| &saved.table).collect();
        names.sort();
        names.dedup();
        giving.tables = data::standing_tables(database, rules.contracts(), &names, base)?;
        giving.find(database, rules)?;
        Ok(giving)
    }

    /// The fields that are not merged.
    pub(super) fn fields(&self) -> &[ReturnedField] {
        &self.fields
    }

    fn find(&mut self, database: &mut Database, rules: &RowRules<'_>) -> Result<(), TransactionError> {
        let mut by_row: BTreeMap<(&TableName, RowKey), Vec<&SavedRow>> = BTreeMap::new();
        for saved in self.saved.iter().rev() {
            let is_value = matches!(saved.reason, SavedReason::Replaced | SavedReason::Companion);
            if let Some(key) = saved.key.filter(|_| is_value) {
                by_row.entry((&saved.table, key)).or_default().push(saved);
            }
        }
        let (mut values, mut fields) = (Vec::new(), Vec::new());
        for ((name, key), saved) in by_row {
            let (Some(table), Some(newest)) = (self.tables.get(name), saved.first()) else {
                continue;
            };
            let named = NamedRow {
                key: &key,
                identity: &newest.identity,
            };
            let ConflictedRow::Row(identity, row) = table.find(database, rules.slug(), named, true)? else {
                continue;
            };
            let returned = table.returned(table.entry(&key), &row, &saved);
            fields.extend(returned.fields.iter().map(|(column, beside)| ReturnedField {
                table: name.clone(),
                key,
                column: table.column_name(*column).to_owned(),
                beside: *beside,
            }));
            if !returned.values.is_empty() {
                values.push((name.clone(), identity, returned.values));
            }
        }
        (self.values, self.fields) = (values, fields);
        Ok(())
    }

    /// Writes what comes back, after the rows are written. `base`: as it was before.
    pub(super) fn apply(
        &self,
        database: &mut Database,
        (plan, base): (&Plan, &Base),
        rules: &RowRules<'_>,
    ) -> Result<(), TransactionError> {
        for (name, identity, values) in &self.values {
            let Some(table) = self.tables.get(name) else { continue };
            if let Some(row) = table.read(database, &[identity], true)?.into_iter().flatten().next() {
                table.write(database, identity, &table.give(&row, values))?;
            }
        }
        self.give_back(database, (plan, base), rules)
    }

    /// Rows that become again whose they were.
    fn give_back(
        &self,
        database: &mut Database,
        (plan, base): (&Plan, &Base),
        rules: &RowRules<'_>,
    ) -> Result<(), TransactionError> {
        let returning = plan.tables.iter().filter_map(|table| {
            let rows = &table.merge.as_ref()?.returns;
            (!rows.is_empty()).then_some((&table.schema.name, rows))
        });
        let returning: Vec<_> = returning.collect();
        let names: Vec<&TableName> = returning.iter().map(|(name, _)| *name).collect();
        let tables = data::standing_tables(database, rules.contracts(), &names, base)?;
        for (name, rows) in returning {
            let Some(table) = tables.get(name) else { continue };
            for (key, identity) in rows {
                let row = table.read(database, &[identity], true)?.into_iter().flatten().next();
                let (Some(row), Some(entry)) = (row, table.entry(key)) else {
                    continue;
                };
                let saved = data::saved_of(&self.saved, name, (identity, Some(*key)));
                let write = data::give_back(table, entry, &row, saved);
                table.write(database, identity, &write)?;
            }
        }
        Ok(())
    }
}

//! What becomes of one conflict: a field that is written, or a whole row.

use std::collections::BTreeMap;

use crate::base::db::Database;
use crate::config::{Choice, Orphans, ResolveParameters, RowPolicy};
use crate::data::{self, Decided, MergeRules, Merging, Put, StandingRow, StandingTable, TableRows, Trust};
use crate::history;
use crate::ledger::{Base, Identity, MergeReason, ReadBase, RowKey, SavedReason, SavedRow, Waiting};
use crate::model::TableName;
use crate::ops::conflicts::row_of;
use crate::ops::look;
use crate::ops::reporter::Narrator;
use crate::ops::{Error, PluginRefusal};
use crate::package::KeptPackages;
use crate::registry::{self, Closing, KnownConflict};
use crate::transaction::RowRules;

/// One decision, applied to conflicts one by one.
pub(super) struct Decision<'d> {
    pub(super) call: &'d ResolveParameters,
    pub(super) kept: &'d KeptPackages<'d>,
    pub(super) narrator: &'d Narrator<'d>,
    /// The history's number of this operation.
    pub(super) history: u64,
    pub(super) tables: &'d BTreeMap<TableName, StandingTable>,
    pub(super) before: &'d ReadBase,
    /// The rows of packages that were asked for.
    pub(super) packages: BTreeMap<(String, Option<String>), Vec<TableRows>>,
    /// The base of tables whose entries changed.
    pub(super) base: Base,
}

impl Decision<'_> {
    /// Decides a conflict, and closes it.
    pub(super) fn decide(&mut self, conflict: &KnownConflict, database: &mut Database) -> Result<(), Error> {
        let tables = self.tables;
        let name = TableName::new(&conflict.table).ok();
        let found = name.and_then(|name| tables.get(&name));
        // A table or a column that is gone has nothing to decide any more.
        let column = found.and_then(|table| table.column(&conflict.column));
        let closing = match (found, column) {
            (Some(table), None) if conflict.column.is_empty() => self.row(table, conflict, database)?,
            (Some(table), Some(column)) => match row_of(database, table, conflict, true)? {
                Some(row) => self.field(table, (conflict, column), &row, database)?,
                None => Closing::Gone,
            },
            _ => Closing::Gone,
        };
        let closed = [(conflict.table.as_str(), &conflict.key, conflict.column.as_str())];
        registry::close_conflicts(database, self.kept.slug, closing, closed)?;
        Ok(())
    }

    /// A value: mine, the package's, or a third one.
    fn field(
        &self,
        table: &StandingTable,
        (conflict, column): (&KnownConflict, usize),
        row: &StandingRow,
        database: &mut Database,
    ) -> Result<Closing, Error> {
        let companion = conflict.companion.as_deref().and_then(|name| table.column(name));
        let (put, closing) = match &self.call.choice {
            Choice::Mine => (Put::Nothing, Closing::Mine),
            Choice::Value(text) => (Put::Given(text), Closing::Value),
            Choice::Package => (package_value(conflict, companion.is_some()), Closing::Package),
        };
        let base = self.before.base.get(table.name());
        let entry = base.and_then(|base| Some((base, &base.entries[base.find(&conflict.key)?])));
        let decided = Decided {
            column,
            companion,
            put,
            base: entry,
        };
        let write = table.decide(row, decided).map_err(|expected| PluginRefusal::Misfit {
            id: conflict.id,
            column: conflict.column.clone(),
            expected,
        })?;
        let written = |wanted: usize| write.values.iter().find(|(column, _)| *column == wanted);
        let mut saved = Vec::new();
        for (place, reason) in [
            (Some(column), SavedReason::Replaced),
            (companion, SavedReason::Companion),
        ] {
            // The package's value that went where it belongs is not lost.
            let is_moved = reason == SavedReason::Companion && put == Put::Companion;
            let Some((place, value)) = place.and_then(written).filter(|_| !is_moved) else {
                continue;
            };
            saved.push(SavedRow {
                table: table.name().clone(),
                key: Some(conflict.key),
                identity: conflict.identity.clone(),
                reason,
                values: vec![(table.column_name(*place).to_owned(), row[*place].clone())],
                placed: vec![(
                    table.column_name(*place).to_owned(),
                    table.value_digest(*place, value.as_deref()),
                )],
            });
        }
        registry::save(database, self.kept.slug, self.history, &saved)?;
        table.write(database, &conflict.identity, &write)?;
        Ok(closing)
    }

    /// A whole row: one that a user deleted, or that the gestor has taken over.
    fn row(
        &mut self,
        table: &StandingTable,
        conflict: &KnownConflict,
        database: &mut Database,
    ) -> Result<Closing, Error> {
        let named = || (conflict.id, conflict.table.clone(), conflict.shown.clone());
        match (&self.call.choice, conflict.reason) {
            (Choice::Mine, _) => Ok(Closing::Mine),
            (Choice::Value(_), _) => {
                let (id, table, shown) = named();
                Err(PluginRefusal::WholeRow { id, table, shown }.into())
            }
            (Choice::Package, MergeReason::Core) => {
                let (id, table, shown) = named();
                Err(PluginRefusal::CoreRow { id, table, shown }.into())
            }
            (Choice::Package, _) => {
                self.insert(table, conflict, database)?;
                Ok(Closing::Package)
            }
        }
    }

    /// Inserts a deleted row as the kept package brings it, by the rules of an installation.
    fn insert(
        &mut self,
        table: &StandingTable,
        conflict: &KnownConflict,
        database: &mut Database,
    ) -> Result<(), Error> {
        let version = conflict.version.clone().unwrap_or_default();
        let only = self.row_of_package(table, conflict, &version, database)?;
        let only = only.ok_or(PluginRefusal::NotInPackage {
            id: conflict.id,
            version,
        })?;
        let policy = RowPolicy {
            orphans: Orphans::Ignore,
            ..RowPolicy::default()
        };
        let (slug, narrator) = (self.kept.slug, self.narrator);
        let rules = RowRules::read(slug, self.kept.root, self.call.gestor_version.as_deref(), policy)?;
        let tables = [only];
        let request = rules.request(&tables, None);
        let merging = Merging {
            base: None,
            trust: Trust::Recorded,
            rules: MergeRules::default(),
            history: self.history,
            standing: &[],
        };
        let mut plan = data::plan_merged(database, &request, Some(merging), narrator)?;
        plan.check(policy.conflicts)?;
        data::save_values(database, &plan, &mut |database, row| -> Result<(), Error> {
            Ok(registry::save(database, slug, self.history, [&row])?)
        })?;
        data::apply_merged(database, &plan, &request, Some(merging), narrator)?;
        let made = data::complete_base(database, &mut plan, &request)?;
        self.remember(table.name(), &conflict.key, &made);
        Ok(())
    }

    fn row_of_package(
        &mut self,
        table: &StandingTable,
        conflict: &KnownConflict,
        version: &str,
        database: &mut Database,
    ) -> Result<Option<TableRows>, Error> {
        let found_by = history::entry(database, conflict.history)?;
        let package = (version.to_owned(), found_by.and_then(|entry| entry.checksum));
        if !self.packages.contains_key(&package) {
            let rows = look::kept_rows(self.kept, (version, package.1.as_deref()), self.narrator)?;
            let rows = rows.ok_or_else(|| PluginRefusal::NotKept {
                slug: self.kept.slug.to_string(),
                version: version.to_owned(),
            })?;
            self.packages.insert(package.clone(), rows);
        }
        let rows = self.packages.get(&package).into_iter().flatten();
        for rows in rows.filter(|rows| rows.table.as_str() == conflict.table) {
            if let Some(row) = table.find_row(&rows.rows, &conflict.key)? {
                return Ok(Some(table.only(&rows.rows, row)?));
            }
        }
        Ok(None)
    }

    /// The base knows where the row stands now.
    fn remember(&mut self, table: &TableName, key: &RowKey, made: &Base) {
        let made = made.get(table).and_then(|made| Some(&made.entries[made.find(key)?]));
        let Some(known) = self.before.base.get(table) else {
            return;
        };
        let base = self.base.entry(table.clone()).or_insert_with(|| known.clone());
        if let Some((place, made)) = base.find(key).zip(made) {
            let entry = &mut base.entries[place];
            let identity: Identity = made.identity.clone();
            (entry.deleted, entry.orphan, entry.identity) = (false, false, identity);
            (entry.origin, entry.since, entry.until) = (made.origin, made.since, 0);
        }
    }
}

/// Where the package's value stands.
fn package_value(conflict: &KnownConflict, has_companion: bool) -> Put<'_> {
    match &conflict.theirs {
        Waiting::Text(text) => Put::Waiting(Some(text)),
        Waiting::Elsewhere if has_companion => Put::Companion,
        Waiting::Null | Waiting::Elsewhere => Put::Waiting(None),
    }
}

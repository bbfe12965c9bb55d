//! What becomes of conflicts that are decided: the user's value, the package's or a third one. Reads and writes inside the
//! transaction of `resolve`.

use std::collections::BTreeMap;

use super::theirs::{PackageRow, Theirs};
use crate::base::db::Database;
use crate::config::{Choice, Orphans, ResolveParameters, RowPolicy};
use crate::data::{self, ConflictedRow, CurrentRow, CurrentTable, Decided, MergeRules, Merging, NamedRow, Put, Trust};
use crate::ledger::{
    Base, Entry, MergeReason, PrimaryKey, ReadBase, RowKey, SavedReason, SavedRow, TableBase, Waiting,
};
use crate::model::TableName;
use crate::ops::reporter::OperationReporter;
use crate::ops::{Error, PluginRefusal};
use crate::package::KeptPackages;
use crate::registry::{self, Closing, KnownConflict};
use crate::transaction::RowRules;

/// Decides conflicts one by one.
pub(super) struct Decision<'d> {
    call: &'d ResolveParameters,
    kept: &'d KeptPackages<'d>,
    reporter: &'d OperationReporter<'d>,
    /// The history's number of this operation.
    history: u64,
    tables: &'d BTreeMap<TableName, CurrentTable>,
    before: &'d ReadBase,
    /// What packages brought.
    theirs: Theirs<'d>,
    /// The base of tables whose entries changed.
    pub(super) base: Base,
}

/// A field, and where it stands.
struct ConflictField<'p> {
    table: &'p CurrentTable,
    conflict: &'p KnownConflict,
    column: usize,
    companion: Option<usize>,
    identity: &'p PrimaryKey,
    row: &'p CurrentRow,
}

impl<'d> Decision<'d> {
    pub(super) fn new(
        call: &'d ResolveParameters,
        (kept, reporter): (&'d KeptPackages<'d>, &'d OperationReporter<'d>),
        history: u64,
        (tables, before): (&'d BTreeMap<TableName, CurrentTable>, &'d ReadBase),
    ) -> Self {
        Self {
            call,
            kept,
            reporter,
            history,
            tables,
            before,
            theirs: Theirs::new(kept, reporter),
            base: Base::new(),
        }
    }

    /// Decides one, and tells how it ended.
    pub(super) fn decide(&mut self, conflict: &KnownConflict, database: &mut Database) -> Result<Closing, Error> {
        let tables = self.tables;
        let name = TableName::new(&conflict.table).ok();
        let found = name.and_then(|name| tables.get(&name));
        // A table or a column that is gone has nothing to decide any more.
        let column = found.and_then(|table| table.column(&conflict.column));
        let closing = match (found, column) {
            (Some(table), None) if conflict.column.is_empty() => self.row(table, conflict, database)?,
            (Some(table), Some(column)) => self.value(table, (conflict, column), database)?,
            _ => Closing::Gone,
        };
        let closed = [(conflict.table.as_str(), &conflict.key, conflict.column.as_str())];
        registry::close_conflicts(database, self.kept.slug, closing, closed)?;
        Ok(closing)
    }

    /// A value of a row, where the row is still there and the plugin's.
    fn value(
        &mut self,
        table: &CurrentTable,
        (conflict, column): (&KnownConflict, usize),
        database: &mut Database,
    ) -> Result<Closing, Error> {
        let named = NamedRow {
            key: &conflict.key,
            identity: &conflict.identity,
        };
        match table.find(database, self.kept.slug, named, true)? {
            ConflictedRow::Gone => Ok(Closing::Gone),
            ConflictedRow::Foreign if self.call.choice == Choice::Mine => Ok(Closing::Mine),
            ConflictedRow::Foreign => Err(PluginRefusal::ForeignRow {
                id: conflict.id,
                table: conflict.table.clone(),
                shown: conflict.shown.clone(),
            }
            .into()),
            ConflictedRow::Row(identity, row) => {
                let companion = self.companion(table, (conflict, column), &row);
                let place = ConflictField {
                    table,
                    conflict,
                    column,
                    companion,
                    identity: &identity,
                    row: &row,
                };
                self.field(&place, database)
            }
        }
    }

    /// The column in which the package's value waits: the one that the conflict names, else one that holds it.
    fn companion(
        &self,
        table: &CurrentTable,
        (conflict, column): (&KnownConflict, usize),
        row: &CurrentRow,
    ) -> Option<usize> {
        let named = conflict.companion.as_deref().and_then(|name| table.column(name));
        named.or_else(|| {
            let companion = table.companion_of(column)?;
            let is_wanted = self.call.choice == Choice::Package && row[companion].is_some();
            let holds = || table.is_theirs(&conflict.key, (column, row[companion].as_deref()));
            (is_wanted && holds() == Some(true)).then_some(companion)
        })
    }

    fn entry(&self, table: &CurrentTable, key: &RowKey) -> Option<(&'d TableBase, &'d Entry)> {
        let base = self.before.base.get(table.name())?;
        Some((base, &base.entries[base.find(key)?]))
    }

    /// A value: mine, the package's, or a third one.
    fn field(&mut self, place: &ConflictField<'_>, database: &mut Database) -> Result<Closing, Error> {
        let ConflictField {
            table,
            conflict,
            column,
            ..
        } = *place;
        let call = self.call;
        let brought;
        let (put, closing) = match &call.choice {
            Choice::Mine => (Put::Nothing, Closing::Mine),
            Choice::Value(text) => (Put::Given(text), Closing::Value),
            Choice::Package => {
                brought = self.package_value(place, database)?;
                (brought.put(), Closing::Package)
            }
        };
        let decided = Decided {
            column,
            companion: place.companion,
            put,
            base: self.entry(table, &conflict.key),
        };
        let write = table
            .decide(place.row, decided)
            .map_err(|expected| PluginRefusal::Misfit {
                id: conflict.id,
                column: conflict.column.clone(),
                expected,
            })?;
        let saved = self.saved(place, &write);
        registry::save(database, self.kept.slug, self.history, &saved)?;
        table.write(database, place.identity, &write)?;
        Ok(closing)
    }

    /// What gives way in the field and in its companion.
    fn saved(&self, place: &ConflictField<'_>, write: &data::FieldWrite) -> Vec<SavedRow> {
        let table = place.table;
        let mut saved = Vec::new();
        for (column, reason) in [
            (Some(place.column), SavedReason::Replaced),
            (place.companion, SavedReason::Companion),
        ] {
            let written = column.and_then(|column| write.values.iter().find(|(written, _)| *written == column));
            let Some((column, value)) = written else { continue };
            // The package's value that went where it belongs is not lost.
            let holds = || table.is_theirs(&place.conflict.key, (place.column, place.row[*column].as_deref()));
            let is_package = self.call.choice == Choice::Package && reason == SavedReason::Companion;
            if is_package && holds() != Some(false) {
                continue;
            }
            let name = || table.column_name(*column).to_owned();
            saved.push(SavedRow {
                table: table.name().clone(),
                key: Some(place.conflict.key),
                identity: place.identity.clone(),
                reason,
                values: vec![(name(), place.row[*column].clone())],
                placed: vec![(name(), table.value_digest(*column, value.as_deref()))],
            });
        }
        saved
    }

    /// The package's value, from where it waits. A companion is a column that anybody may write: what stands there counts
    /// only where it is what the package brought, else the kept package says it.
    fn package_value<'p>(
        &mut self,
        place: &'p ConflictField<'_>,
        database: &mut Database,
    ) -> Result<Brought<'p>, Error> {
        let (table, conflict, column) = (place.table, place.conflict, place.column);
        match &conflict.theirs {
            Waiting::Text(text) => return Ok(Brought::Waiting(Some(text))),
            Waiting::Null => return Ok(Brought::Waiting(None)),
            Waiting::Elsewhere => {}
        }
        if let Some(companion) = place.companion {
            let waits = place.row[companion].as_deref();
            let holds = table.is_theirs(&conflict.key, (column, waits));
            if holds.unwrap_or(waits.is_some()) {
                return Ok(Brought::Companion);
            }
        }
        let found = self.theirs.row(table, conflict, database)?;
        let value = self.theirs.value(table, &found, column)?;
        if table.is_theirs(&conflict.key, (column, value.as_deref())) == Some(false) {
            return Err(self.theirs.not_kept(found.version));
        }
        Ok(Brought::Package(value))
    }

    /// A whole row: one that a user deleted, or that the gestor has taken over.
    fn row(
        &mut self,
        table: &CurrentTable,
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
    fn insert(&mut self, table: &CurrentTable, conflict: &KnownConflict, database: &mut Database) -> Result<(), Error> {
        let found: PackageRow = self.theirs.row(table, conflict, database)?;
        let only = self.theirs.only(table, &found)?;
        let policy = RowPolicy {
            orphans: Orphans::Ignore,
            ..RowPolicy::default()
        };
        let (slug, reporter) = (self.kept.slug, self.reporter);
        let rules = RowRules::read(slug, self.kept.root, self.call.site.gestor_version.as_deref(), policy)?;
        let tables = [only];
        let request = rules.request(&tables, None);
        let merging = Merging {
            base: None,
            trust: Trust::Recorded,
            rules: MergeRules::default(),
            history: self.history,
            standing: &[],
            returned: &[],
        };
        let mut plan = data::plan_merged(database, &request, Some(merging), reporter)?;
        plan.check(policy.conflicts)?;
        data::save_values(database, &plan, &mut |database, row| -> Result<(), Error> {
            Ok(registry::save(database, slug, self.history, [&row])?)
        })?;
        data::apply_merged(database, &plan, &request, Some(merging), reporter)?;
        let made = data::complete_base(database, &mut plan, &request)?;
        self.remember(table.name(), &conflict.key, &made);
        Ok(())
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
            let identity: PrimaryKey = made.identity.clone();
            (entry.deleted, entry.orphan, entry.identity) = (false, false, identity);
            (entry.origin, entry.since, entry.until) = (made.origin, made.since, 0);
        }
    }
}

/// The package's value, and where it was found.
enum Brought<'b> {
    /// In the companion.
    Companion,
    /// In the conflict.
    Waiting(Option<&'b str>),
    /// In a kept package.
    Package(Option<Vec<u8>>),
}

impl Brought<'_> {
    fn put(&self) -> Put<'_> {
        match self {
            Self::Companion => Put::Companion,
            Self::Waiting(text) => Put::Waiting(*text),
            Self::Package(value) => Put::Package(value.as_deref()),
        }
    }
}

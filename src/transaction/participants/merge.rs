//! What rows are merged by, and what merging leaves behind in our own tables: the base, conflicts, values set aside
//! (SPEC 2 §1, §2). In the transaction; a rollback undoes it.

use super::super::change_record::BaseSource;
use super::super::{TransactionError, TransactionReporter};
use super::{RowRules, companions};
use crate::base::db::Database;
use crate::data::{self, DataError, MergeRules, Merging, Plan, RecordedConflict, Request, ReturnedField, Trust};
use crate::ledger::{self, Base, ReadBase, RowKey, SavedRow};
use crate::log::Message;
use crate::model::{Slug, TableName};
use crate::registry::{self, Closing, KnownConflict};

/// Rows whose values are set aside in one statement.
const TOGETHER: usize = 64;

/// What is known of a plugin's rows before they are planned.
pub(super) struct Basis {
    recorded: ReadBase,
    rebuilt: Option<Base>,
    /// What is recorded is what was brought last.
    is_latest: bool,
    known: Vec<KnownConflict>,
    /// The same, as they are merged by.
    conflicts: Vec<RecordedConflict>,
}

impl Basis {
    pub(super) fn read(
        database: &mut Database,
        rules: &RowRules<'_>,
        source: &BaseSource,
        reporter: &dyn TransactionReporter,
    ) -> Result<Self, TransactionError> {
        let recorded = ledger::read(database, rules.slug())?;
        let known = registry::read_conflicts(database, rules.slug())?;
        let mut basis = Self {
            conflicts: known.iter().filter_map(standing).collect(),
            known,
            rebuilt: None,
            is_latest: matches!(source, BaseSource::Recorded),
            recorded,
        };
        match source {
            BaseSource::Recorded => {
                for fault in &basis.recorded.unreadable {
                    reporter.message(Message::warning(fault));
                }
            }
            BaseSource::Package(tables) => {
                match data::rebuild_base(database, &rules.request(tables, None), &basis.recorded.base) {
                    Ok(base) => basis.rebuilt = Some(base),
                    // Rows that do not fit the tables any more say nothing of them.
                    Err(DataError::Database(fault)) => return Err(fault.into()),
                    Err(fault) => reporter.message(Message::Debug(crate::model::Phrase::of(&fault))),
                }
            }
            BaseSource::Unknown => {}
        }
        Ok(basis)
    }

    /// What is recorded, whatever it is worth.
    pub(super) fn recorded(&self) -> &Base {
        &self.recorded.base
    }

    /// `history`: the number of the operation. `returned`: on a way back, fields that get back what stood in them.
    pub(super) fn merging<'b>(&'b self, rules: MergeRules, history: u64, returned: &'b [ReturnedField]) -> Merging<'b> {
        let recorded = Some(&self.recorded.base).filter(|_| !self.recorded.is_empty());
        let (base, trust) = match (recorded, &self.rebuilt) {
            (Some(recorded), _) if self.is_latest => (Some(recorded), Trust::Recorded),
            (Some(recorded), rebuilt) => (Some(recorded), Trust::Outdated(rebuilt.as_ref())),
            (None, Some(rebuilt)) => (Some(rebuilt), Trust::Rebuilt),
            (None, None) => (None, Trust::Recorded),
        };
        Merging {
            base,
            trust,
            rules,
            history,
            standing: &self.conflicts,
            returned,
        }
    }

    /// Keeps what merging found, after the rows are written.
    pub(super) fn record(
        &self,
        database: &mut Database,
        (plan, request): (&mut Plan, &Request<'_>),
        (version, history): (&str, u64),
    ) -> Result<(), TransactionError> {
        let slug = request.slug;
        companions::clear(database, (plan, request), (&self.known, &self.recorded.base))?;
        registry::close_conflicts(database, slug, Closing::Gone, closed(plan))?;
        let merges = plan.tables.iter().filter_map(|table| table.merge.as_ref());
        let found = merges.flat_map(|merge| &merge.conflicts);
        registry::record_conflicts(database, slug, (version, history), found)?;
        let base = data::complete_base(database, plan, request)?;
        ledger::write(database, slug, &self.recorded, &base)?;
        Ok(())
    }
}

fn standing(known: &KnownConflict) -> Option<RecordedConflict> {
    Some(RecordedConflict {
        table: TableName::new(&known.table).ok()?,
        key: known.key,
        column: known.column.clone(),
        reason: known.reason,
        is_open: known.is_open,
        since: known.history,
    })
}

fn closed(plan: &Plan) -> impl Iterator<Item = (&str, &RowKey, &str)> {
    plan.tables.iter().flat_map(|table| {
        let closed = table.merge.iter().flat_map(|merge| &merge.closed);
        closed.map(|(key, column)| (table.schema.name.as_str(), key, column.as_str()))
    })
}

/// Takes out of a plan what is not this plugin's alone to delete.
pub(super) fn spare(database: &mut Database, plan: &mut Plan, slug: &Slug) -> Result<(), TransactionError> {
    let shared = data::shared_tables(plan);
    if !shared.is_empty() {
        let others = ledger::read_of_others(database, slug, &shared)?;
        data::spare_shared(plan, &|table, key| {
            let bases = others.iter().filter_map(|(_, base)| base.get(table));
            let mut entries = bases.filter_map(|base| Some(&base.entries[base.find(key)?]));
            entries.any(ledger::Entry::is_alive)
        });
    }
    Ok(data::spare_parents(database, plan)?)
}

/// Sets values aside that give way, before anything is written over.
pub(super) fn set_aside(
    database: &mut Database,
    plan: &Plan,
    slug: &Slug,
    history: u64,
) -> Result<(), TransactionError> {
    let mut waiting: Vec<SavedRow> = Vec::new();
    data::save_values(database, plan, &mut |database, row| {
        waiting.push(row);
        if waiting.len() >= TOGETHER {
            registry::save(database, slug, history, &waiting)?;
            waiting.clear();
        }
        Ok::<(), TransactionError>(())
    })?;
    Ok(registry::save(database, slug, history, &waiting)?)
}

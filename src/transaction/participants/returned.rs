//! The rows of a plugin that comes back out of its archive (SPEC 2 §6): our own tables first, because they say what was
//! whose, then its rows exactly as they were. In the transaction; a rollback undoes it.

use std::collections::BTreeMap;

use super::super::removed::Removed;
use super::super::run::Run;
use super::super::{Context, Return, TransactionError};
use super::RowRules;
use super::absent::saved;
use crate::base::db::Database;
use crate::data::{
    self, Comeback, CurrentTable, DataError, FieldWrite, Going, Kept, KeptRow, Moved, Parents, Returning, TableKeys,
    Unchecked, Written,
};
use crate::ledger::{self, Base, PrimaryKey};
use crate::log::Step;
use crate::model::{Bilingual as _, Phrase, TableName};
use crate::outcome::TableCounts;
use crate::registry::{self, Record};

/// Rows that are looked at together, with all that they hold.
const TOGETHER: usize = 200;

/// What became of the rows of an archive.
#[derive(Debug, Default)]
pub struct Revival {
    /// By table, counted.
    pub tables: BTreeMap<String, TableCounts>,
    /// Rows whose key is another row's: table and key.
    pub refused: Vec<(TableName, String)>,
    /// Rows that their tables do not take: table, key, and what the server says.
    pub unfit: Vec<(TableName, String, Phrase)>,
    /// Columns that the server makes itself now, and makes others of than the archive holds: how many rows.
    pub computed: BTreeMap<(TableName, String), usize>,
    /// Tables of the archive that are not there any more.
    pub missing: Vec<TableName>,
    /// Columns that are not there any more: tables, columns, and how many rows had a value there.
    pub lacking: BTreeMap<(TableName, String), usize>,
    /// Rows that get another primary key, because another row has theirs: table and key.
    pub renumbered: Vec<(TableName, String)>,
    /// What our own table said of the plugin.
    pub(in crate::transaction) state: Option<Record>,
    /// Its row in `plugins`.
    pub(in crate::transaction) row: Option<Record>,
}

impl Revival {
    /// Stops where a key is another row's, or a table is gone.
    pub fn check(&self, skips: bool) -> Result<(), DataError> {
        if !skips && !self.missing.is_empty() {
            let tables = self.missing.clone();
            return Err(DataError::TablesGone { tables });
        }
        if skips || self.refused.is_empty() {
            return Ok(());
        }
        let shown = |(table, key): &(TableName, String)| format!("`{table}` {key}");
        Err(DataError::KeysTaken {
            rows: self.refused.iter().map(shown).collect(),
        })
    }
}

impl Revival {
    /// Stops where a table does not take what a row holds, which only writing it tells.
    fn check_fit(&self, skips: bool) -> Result<(), DataError> {
        if skips || self.unfit.is_empty() {
            return Ok(());
        }
        let rows = self.unfit.iter().map(|(table, key, why)| {
            Phrase::made(
                format!("`{table}` {key}: {}", why.portuguese()),
                format!("`{table}` {key}: {why}"),
            )
        });
        Err(DataError::RowsUnfit { rows: rows.collect() })
    }
}

/// Plans alone, for a dry run.
pub fn rehearse(
    rules: &RowRules<'_>,
    back: &mut Return<'_>,
    cx: &mut Context<'_>,
) -> Result<Revival, TransactionError> {
    let database = &mut cx.session.database;
    database.begin()?;
    let planned = put_ours(database, &mut back.archives)
        .and_then(|()| go_through(database, rules, &mut back.archives, &mut Pass::Study));
    database.rollback()?;
    let mut planned = planned?;
    // Tables that would come back stand nowhere yet.
    if let Some(schema) = &back.schema {
        let made = &schema.record.facts.created_tables;
        planned.refused.retain(|(table, _)| !made.contains(&table.to_string()));
    }
    Ok(planned)
}

/// Plans and writes, inside the transaction.
pub(in crate::transaction) fn apply(run: &mut Run<'_>, cx: &mut Context<'_>) -> Result<Revival, TransactionError> {
    cx.reporter.begin(Step::Plan)?;
    let rules = run.change.rules;
    let Some(back) = run.change.returning_mut() else {
        return Ok(Revival::default());
    };
    let database = &mut cx.session.database;
    if let Some(schema) = &back.schema {
        schema.fill(database)?;
    }
    let archives = &mut back.archives;
    put_ours(database, archives)?;
    go_through(database, rules, archives, &mut Pass::Study)?.check(back.skips)?;
    cx.reporter.begin(Step::Sync)?;
    let mut moved = Vec::new();
    let mut revival = go_through(database, rules, archives, &mut Pass::Write(&mut moved))?;
    revival.check_fit(back.skips)?;
    note_moved(database, rules, moved)?;
    if let Some(first) = archives.first_mut() {
        revival.state = first.records("estado")?.into_iter().next();
        revival.row = first.records("plugins")?.into_iter().next();
    }
    Ok(revival)
}

/// Before the rows of a package come: those of the archives stand there as they stood, with what the base said of them, so
/// that the package's are merged with what users had made of them. A row whose key is another's is left, and told.
pub(in crate::transaction) fn take_back(run: &mut Run<'_>, cx: &mut Context<'_>) -> Result<(), TransactionError> {
    let rules = run.change.rules;
    let Some(archives) = run.change.taken_back_mut().filter(|archives| !archives.is_empty()) else {
        return Ok(());
    };
    let database = &mut cx.session.database;
    put_ours(database, archives)?;
    let mut moved = Vec::new();
    run.revival = go_through(database, rules, archives, &mut Pass::TakeBack(&mut moved))?;
    note_moved(database, rules, moved)
}

/// What our own tables held of the plugin. Where it was paused before it went, the first archive tells it.
fn put_ours(database: &mut Database, archives: &mut [Removed]) -> Result<(), TransactionError> {
    let Some(first) = archives.first_mut() else {
        return Ok(());
    };
    for name in ["base", "guardados", "conflitos"] {
        let records = first.records(name)?;
        registry::put_records(database, name, &records)?;
    }
    Ok(())
}

/// What is done with rows that were looked at.
enum Pass<'p> {
    Study,
    Write(&'p mut Vec<(TableName, Moved)>),
    /// The same with what its packages brought alone, and who may use it.
    TakeBack(&'p mut Vec<(TableName, Moved)>),
}

impl Pass<'_> {
    fn writes(&self) -> bool {
        !matches!(self, Self::Study)
    }

    fn wants(&self, row: &KeptRow) -> bool {
        !matches!(self, Self::TakeBack(_)) || !matches!(row.kept, Kept::Gone(Going::RunTime | Going::Hook))
    }
}

fn go_through(
    database: &mut Database,
    rules: &RowRules<'_>,
    archives: &mut [Removed],
    pass: &mut Pass<'_>,
) -> Result<Revival, TransactionError> {
    let base = ledger::read(database, rules.slug())?.base;
    let saved = saved(database, rules.slug(), 0)?;
    let mut names: Vec<TableName> = archives.iter().flat_map(Removed::tables).collect();
    names.sort();
    names.dedup();
    let returning = Returning {
        slug: rules.slug(),
        base: &base,
        saved: &saved,
        others: &ledger::read_of_others(database, rules.slug(), &names)?,
        contracts: rules.contracts(),
    };
    let tables = data::returning_tables(database, returning, &names.iter().collect::<Vec<_>>())?;
    let mut revival = Revival::default();
    let mut parents = Parents::default();
    let mut last = Last::default();
    for table in &tables {
        let mut known = TableKeys::default();
        for archive in &mut *archives {
            archive.rows(table.name(), TOGETHER, &mut |rows| {
                let wanted: Vec<KeptRow> = rows.iter().filter(|row| pass.wants(row)).cloned().collect();
                let rows = wanted.as_slice();
                let mut planned = table.plan_comeback(database, returning, (rows, &parents), &mut known)?;
                let mut found = Vec::new();
                if pass.writes() {
                    let mut written = data::write_comeback(database, table, &planned)?;
                    settle(&mut revival, table, (&mut planned, &mut written));
                    last.unchecked.push((table, written.unchecked));
                    last.refills.extend(refills(table, &planned));
                    found = written.moved;
                }
                count(&mut revival, table, (rows, &planned));
                let found = parents.note(table, (rows, &planned), found);
                if let Pass::Write(moved) | Pass::TakeBack(moved) = pass {
                    moved.extend(found.into_iter().map(|row| (table.name().clone(), row)));
                }
                Ok(())
            })?;
        }
    }
    last.finish(database)?;
    let missing = names
        .iter()
        .filter(|name| tables.iter().all(|table| table.name() != *name));
    revival.missing = missing.cloned().collect();
    Ok(revival)
}

/// What is done when all rows are there.
#[derive(Default)]
struct Last<'t> {
    /// Rows that were written before those to which they refer.
    unchecked: Vec<(&'t CurrentTable, Vec<Unchecked>)>,
    /// Rows of others that refer again to what they referred to.
    refills: Vec<(&'t CurrentTable, PrimaryKey, FieldWrite)>,
}

impl Last<'_> {
    fn finish(self, database: &mut Database) -> Result<(), TransactionError> {
        for (table, unchecked) in self.unchecked {
            data::check_references(database, table, unchecked)?;
        }
        for (table, identity, write) in &self.refills {
            table.write(database, identity, write)?;
        }
        Ok(())
    }
}

/// Rows that were not taken are told as such.
fn settle(revival: &mut Revival, table: &CurrentTable, (planned, written): (&mut [Comeback], &mut Written)) {
    for (column, rows) in &written.computed {
        let column = table.column_name(*column).to_owned();
        *revival.computed.entry((table.name().clone(), column)).or_default() += rows;
    }
    for (at, why) in std::mem::take(&mut written.unfit) {
        if let Some(row) = planned.get_mut(at) {
            let shown = match row {
                Comeback::Insert { row, .. } => table.shown(row),
                Comeback::Write { identity, .. } => shown_identity(identity),
                _ => String::new(),
            };
            *row = Comeback::Unfit { shown, why };
        }
    }
}

fn shown_identity(identity: &PrimaryKey) -> String {
    let parts = identity.iter().map(|part| String::from_utf8_lossy(part).into_owned());
    parts.collect::<Vec<_>>().join(", ")
}

fn refills<'t>(table: &'t CurrentTable, planned: &[Comeback]) -> Vec<(&'t CurrentTable, PrimaryKey, FieldWrite)> {
    let refills = planned.iter().filter_map(|row| match row {
        Comeback::Refill { identity, write } => Some((table, identity.clone(), write.clone())),
        _ => None,
    });
    refills.collect()
}

fn count(revival: &mut Revival, table: &CurrentTable, (rows, planned): (&[KeptRow], &[Comeback])) {
    let counts = revival.tables.entry(table.name().to_string()).or_default();
    for (kept, row) in rows.iter().zip(planned) {
        if let Comeback::Insert { renumbered, row, .. } = row {
            for column in table.lacking(kept) {
                *revival.lacking.entry((table.name().clone(), column)).or_default() += 1;
            }
            if *renumbered {
                revival.renumbered.push((table.name().clone(), table.shown(row)));
            }
        }
        match row {
            Comeback::Insert { .. } => counts.inseridos += 1,
            Comeback::Write { .. } | Comeback::Refill { .. } => counts.alterados += 1,
            Comeback::Stands => counts.iguais += 1,
            Comeback::Unfit { shown, why } => {
                counts.ignorados += 1;
                let row = (table.name().clone(), shown.clone(), why.clone());
                revival.unfit.push(row);
            }
            Comeback::Refused { shown, .. } => {
                counts.ignorados += 1;
                revival.refused.push((table.name().clone(), shown.clone()));
            }
        }
    }
}

/// Rows that have another primary key now are known by that; those whose key is another row's are gone, as if a user had
/// deleted them.
fn note_moved(
    database: &mut Database,
    rules: &RowRules<'_>,
    moved: Vec<(TableName, Moved)>,
) -> Result<(), TransactionError> {
    let before = ledger::read(database, rules.slug())?;
    let mut base = Base::new();
    for (table, row) in moved {
        let Some(known) = before.base.get(&table) else { continue };
        let changed = base.entry(table).or_insert_with(|| known.clone());
        let Some(at) = row.keys.iter().find_map(|key| changed.find(key)) else {
            continue;
        };
        match row.identity {
            Some(identity) => changed.entries[at].identity = identity,
            None => changed.entries[at].deleted = true,
        }
    }
    ledger::write(database, rules.slug(), &before, &base)?;
    Ok(())
}

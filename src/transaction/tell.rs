//! What a transaction tells: the report of each change, and its lines in the log.

use super::participants::{Backup, Ready, Recorded, Revival, TreesOnDisk, tell_notices};
use super::run::Run;
use super::{TransactionError, TransactionReporter, messages, returned_phrases};
use crate::base::fs::{Owner, Ownership};
use crate::data::{Absence, Plan, Staying, TableRows};
use crate::log::{Message, PathNotice};
use crate::migrate::{Contraction, MigrateError};
use crate::model::{Phrase, RowOrigin};
use crate::outcome::{FileCounts, NamingRows, Report, ReportedConflict, StayingRow, TableCounts};
use crate::stage::{self, StepsDone};

/// Puts what a plan did into the report, and tells it: notices, each table's counts, their sum.
pub fn rows(plan: &Plan, legacy: bool, reporter: &dyn TransactionReporter, report: &mut Report) {
    tell_notices(plan, reporter);
    report.tabelas = plan.counts();
    conflicts(plan, reporter, report);
    for (table, counts) in &report.tabelas {
        reporter.message(Message::TableSynchronized {
            table: table.clone(),
            counts: *counts,
        });
    }
    reporter.message(Message::DataSynchronized {
        counts: plan.total(),
        legacy,
    });
}

/// Rows that stay, in a report.
const STAYING_SHOWN: usize = 1_000;

/// Puts what becomes of the rows of a plugin that goes into the report, and tells it: each table's counts, what stays.
pub fn absence(absence: &Absence, reporter: &dyn TransactionReporter, report: &mut Report) {
    report.tabelas = absence.counts();
    for (table, counts) in &report.tabelas {
        reporter.message(Message::TableSynchronized {
            table: table.clone(),
            counts: *counts,
        });
    }
    let staying = absence.tables.iter().flat_map(|table| {
        let rows = table.staying.iter();
        rows.map(move |row| StayingRow {
            tabela: table.table.name().to_string(),
            linha: row.shown.clone(),
            motivo: row.staying.word(),
        })
    });
    let count = staying.clone().count();
    let of_project = staying.clone().filter(|row| row.motivo == Staying::Project.word());
    report.do_projeto = of_project.count() as u64;
    report.restantes = staying.take(STAYING_SHOWN).collect();
    if count > 0 {
        reporter.message(Message::Warning(messages::staying(count)));
    }
    for rows in &absence.hanging {
        reporter.message(Message::Warning(messages::goes_along(rows)));
    }
    let named = absence.references.iter();
    report.referencias = named
        .map(|found| NamingRows {
            tabela: found.table,
            coluna: found.column,
            nomeia: found.names,
            linhas: found.rows,
        })
        .collect();
    if !absence.references.is_empty() {
        reporter.message(Message::Warning(messages::naming(&absence.references)));
    }
    if !absence.profiles_in_use.is_empty() {
        let profiles = absence.profiles_in_use.join("; ");
        reporter.message(Message::Warning(messages::without_profile(&profiles)));
    }
}

/// Puts what became of the rows of an archive into the report, and tells it: each table's counts, what was left.
pub fn revival(revival: &Revival, reporter: &dyn TransactionReporter, report: &mut Report) {
    let counted = revival.tables.iter();
    let counted = counted.filter(|(_, counts)| **counts != TableCounts::default());
    report.tabelas = counted.map(|(table, counts)| (table.clone(), *counts)).collect();
    for (table, counts) in &report.tabelas {
        reporter.message(Message::TableSynchronized {
            table: table.clone(),
            counts: *counts,
        });
    }
    left_behind(revival, reporter);
}

/// What of an archive's rows and values stays in it.
fn left_behind(revival: &Revival, reporter: &dyn TransactionReporter) {
    for table in &revival.missing {
        reporter.message(Message::Warning(returned_phrases::table_gone(table.as_str())));
    }
    for ((table, column), rows) in &revival.lacking {
        reporter.message(Message::Warning(returned_phrases::column_gone(
            table.as_str(),
            column,
            *rows,
        )));
    }
    for ((table, column), rows) in &revival.computed {
        reporter.message(Message::Warning(returned_phrases::column_computed(
            table.as_str(),
            column,
            *rows,
        )));
    }
    for (table, key, why) in &revival.unfit {
        reporter.message(Message::Warning(returned_phrases::unfit(table.as_str(), key, why)));
    }
    for (table, key) in &revival.renumbered {
        reporter.message(Message::Warning(returned_phrases::renumbered(table.as_str(), key)));
    }
    for (table, key) in &revival.refused {
        reporter.message(Message::Warning(returned_phrases::key_taken(table.as_str(), key)));
    }
}

/// Conflicts of a report.
const CONFLICTS_SHOWN: usize = 1_000;

/// Names what waits for a decision.
pub fn conflicts(plan: &Plan, reporter: &dyn TransactionReporter, report: &mut Report) {
    let shown = plan.merge_conflicts().take(CONFLICTS_SHOWN);
    report.conflitos = shown
        .map(|conflict| ReportedConflict {
            tabela: conflict.table.to_string(),
            linha: conflict.shown.clone(),
            coluna: conflict.column.clone(),
            motivo: conflict.reason.word(),
        })
        .collect();
    let count = plan.merge_conflicts().count();
    if count > 0 {
        reporter.message(Message::Warning(messages::conflicts(count)));
    }
}

/// The rows of a change are written.
pub(super) fn run_rows(run: &mut Run<'_>, reporter: &dyn TransactionReporter) {
    if run.change.departure().is_some() {
        absence(&run.absence, reporter, run.report);
        return;
    }
    if run.change.returning().is_some() {
        revival(&run.revival, reporter, run.report);
        return;
    }
    let Some(wanted) = run.change.rows().filter(|rows| rows.wanted) else {
        return;
    };
    left_behind(&run.revival, reporter);
    let taken = run.revival.tables.values();
    let taken: u64 = taken.map(|counts| counts.inseridos + counts.alterados).sum();
    if taken > 0 {
        reporter.message(Message::Told(returned_phrases::taken_back(taken)));
    }
    rows(&run.plan, wanted.legacy, reporter, run.report);
    let modules = run
        .change
        .arrival()
        .map_or(0, |arrival| arrival.package.located.contents().modules.len());
    if modules > 0 {
        reporter.message(Message::ModulesSynchronized {
            modules,
            counts: of_modules(&run.plan, &wanted.tables),
        });
    }
}

/// Counts of the rows that came from descriptors. What is equal there is not told apart from what a data file brought.
fn of_modules(plan: &Plan, tables: &[TableRows]) -> TableCounts {
    let mut counts = TableCounts::default();
    for table in &plan.tables {
        let rows = &tables[table.source].rows;
        let is_of_module = |row: usize| matches!(rows.origin(row), RowOrigin::Module { .. });
        let brought = (0..rows.len()).filter(|row| is_of_module(*row)).count() as u64;
        let inserted = table.inserts.iter().filter(|row| is_of_module(**row)).count() as u64;
        let updated = table.updates.iter().filter(|update| is_of_module(update.row)).count() as u64;
        counts.inseridos += inserted;
        counts.alterados += updated;
        counts.iguais += brought.saturating_sub(inserted + updated + table.overruled);
    }
    counts
}

/// The files stand where they belong.
pub(super) fn run_files(run: &mut Run<'_>, reporter: &dyn TransactionReporter) {
    let Some(ready) = &run.ready else { return };
    let (report, layout) = (&mut *run.report, &run.layout);
    report.arquivos = ready.counts;
    let installed = layout.installed();
    let departs = run.change.departure().is_some();
    report.php_alterados = ready
        .php
        .iter()
        .map(|path| installed.join(path).display().to_string())
        .collect();
    if departs {
        return;
    }
    if run.change.arrival().is_some() {
        reporter.message(Message::DataFolderRemoved);
    }
    match &ready.ownership {
        Ownership::Set { .. } => {
            if let Ok(owner) = stage::owner(layout.root()) {
                let (user, group) = owner.names();
                reporter.message(Message::OwnershipSet { user, group });
            }
        }
        Ownership::MayNot => reporter.message(Message::OwnershipSkipped {
            user: Owner::process_user(),
        }),
    }
}

/// Backup and package have their names.
pub(super) fn published(run: &mut Run<'_>, applied: StepsDone, reporter: &dyn TransactionReporter) {
    let (report, layout) = (&mut *run.report, &run.layout);
    tell_kept(reporter, &applied);
    if let Some(backup) = applied.backup {
        let path = backup.display().to_string();
        report.backup = Some(path.clone());
        reporter.message(Message::BackupCreated { path });
    }
    if let Some(package) = kept_backup(run.ready.as_ref(), run.standing.as_ref()) {
        let path = package.place(layout).display().to_string();
        report.backup = Some(path.clone());
        reporter.message(Message::BackupIsPackage { path });
    }
    if let Some(version) = run.change.arrival().map(|arrival| arrival.package.manifest.version) {
        reporter.message(Message::PackageKept {
            path: layout.kept_package(version).display().to_string(),
        });
    }
}

/// Nothing of what a change was to take away is taken away.
pub(super) fn not_taken_away(run: &mut Run<'_>, fault: &TransactionError) -> TransactionError {
    let steps = &run.change.contract.steps;
    let left = steps.iter().flat_map(Contraction::shown).collect::<Vec<_>>().join(", ");
    let reason = Phrase::of(fault);
    MigrateError::NotUndone { reason, left }.into()
}

/// The kept package that holds all that stood in the tree of before.
fn kept_backup<'r>(ready: Option<&'r Ready>, standing: Option<&'r TreesOnDisk>) -> Option<&'r Recorded> {
    match ready.map(|ready| &ready.backup) {
        Some(Backup::Kept(kept)) => Some(&kept.package),
        Some(_) => None,
        None => standing.map(|standing| &standing.backup.package),
    }
}

/// What had been done was undone: there is nothing of it to report.
pub(super) fn undone(report: &mut Report) {
    report.tabelas.clear();
    report.conflitos.clear();
    report.restantes.clear();
    report.referencias.clear();
    report.removido = None;
    report.arquivos = FileCounts::default();
    report.php_alterados.clear();
    report.migracoes.clear();
    report.migracoes_desfeitas.clear();
    report.backup = None;
}
/// Folders that were kept instead of removed.
pub(super) fn tell_kept(reporter: &dyn TransactionReporter, applied: &StepsDone) {
    for fault in &applied.unpublished {
        reporter.message(Message::Warning(fault.clone()));
    }
    if !applied.kept.is_empty() {
        reporter.message(Message::Paths {
            what: PathNotice::KeptAside,
            paths: applied.kept.iter().map(|path| path.display().to_string()).collect(),
        });
    }
}

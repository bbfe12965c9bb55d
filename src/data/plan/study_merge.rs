//! The steps of making a plan that merging adds: what the base knows of a table is asked and settled before its rows are
//! compared. Reads through `merge_study`; never writes.

use std::collections::HashMap;

use super::difference::Differences;
use super::known_table::KnownTable;
use super::merge_study::{LeftRow, Seen, add_named, find_grants, find_left, find_renamed, rebind_grants};
use super::merging::TableMerging;
use super::remember::{Remembering, TableMerge};
use super::settle::{RowOutcome, Settled};
use super::study::Study;
use super::survey::Survey;
use crate::base::db::Database;
use crate::data::fit::core_keys::CoreTable;
use crate::data::fit::find::{Finding, Present};
use crate::data::package::conflict::{Conflict, ConflictReason, Notice};
use crate::data::package::error::DataError;

impl<'a> Study<'a> {
    /// What the base knows of a table, and which of its rows stand under another key.
    pub(super) fn begin_merging(
        &mut self,
        known: &KnownTable<'_>,
        survey: &Survey<'_>,
        present: &mut Vec<Present>,
    ) -> Result<Option<TableMerging<'a>>, DataError> {
        let Some(call) = self.merging else { return Ok(None) };
        let mut merging = TableMerging::new(known, &survey.wanted, (call, self.following))?;
        let request = self.request;
        self.ground.ask((), |database| {
            rebind_grants(database, known, request, (&mut merging, &mut *present))?;
            add_named(database, known, request, &merging, present)?;
            let candidates = merging.rename_candidates(&survey.wanted, present);
            if !candidates.is_empty() {
                merging.renamed = find_renamed(database, known, &merging, &candidates, present)?;
            }
            Ok(())
        })?;
        Ok(Some(merging))
    }

    /// Rows that are not written because of what the base knows, and what becomes of those that the package no longer
    /// brings.
    pub(super) fn settle_remembered(
        &mut self,
        known: &KnownTable<'_>,
        survey: &Survey<'_>,
        merging: Option<&mut TableMerging<'a>>,
        core: &CoreTable,
        (findings, present): (&mut [Finding], &[Present]),
    ) -> Result<Vec<LeftRow>, DataError> {
        let Some(merging) = merging else { return Ok(Vec::new()) };
        let table = &known.schema.name;
        merging.find_core_wrote(&survey.wanted, core);
        merging.settle_unowned(table, &survey.wanted, present, core, findings);
        merging.count_gone(table, present, findings);
        let missing = merging.missing(findings);
        let request = self.request;
        let grants = self.ground.ask(HashMap::new(), |database| {
            find_grants(database, known, request, &missing)
        })?;
        let restored = merging.settle_missing(&missing, &grants, findings);
        if let Some((gone, of)) = merging.damage.filter(|_| restored > 0) {
            let table = table.clone();
            self.plan.notices.push(Notice::Damage { table, gone, of });
        }
        let orphans = self.request.policy.orphans;
        let find = |database: &mut Database| find_left(database, known, merging, (findings, present), orphans);
        self.ground.ask(Vec::new(), find)
    }

    /// What merging leaves behind besides rows.
    pub(in crate::data) fn remember(
        &mut self,
        known: &KnownTable<'_>,
        seen: &Seen<'_>,
        differences: &Differences,
        settled: &mut Settled,
    ) -> Result<Option<TableMerge>, DataError> {
        let Some(merging) = &seen.merging else { return Ok(None) };
        self.tell_refused(known, differences, settled)?;
        let remembering = Remembering {
            known,
            merging,
            present: &seen.present,
            differences,
            left: &seen.left,
            orphans: self.request.policy.orphans,
        };
        remembering.remember(settled).map(Some)
    }

    /// Names the rows of which nothing may be written, because both a user and the package changed them.
    fn tell_refused(
        &mut self,
        known: &KnownTable<'_>,
        differences: &Differences,
        settled: &Settled,
    ) -> Result<(), DataError> {
        for (row, difference) in differences.iter().enumerate() {
            let is_ours = matches!(settled.outcomes[row], RowOutcome::Standing { .. });
            if !is_ours || difference.merged.refused.is_empty() {
                continue;
            }
            if !self.plan.refused.has_room() {
                self.plan.refused.count_more(1);
                continue;
            }
            let name = |column: &usize| format!("`{}`", known.schema.columns[*column].name);
            let columns = difference.merged.refused.iter().map(name).collect();
            let row = known.rows.get(row).map_err(DataError::Rows)?;
            let conflict = Conflict::of(&row, &known.schema.name, ConflictReason::BothChanged { columns });
            self.plan.refused.push(conflict);
        }
        Ok(())
    }
}

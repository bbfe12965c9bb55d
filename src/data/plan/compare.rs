//! Compares found rows with their contents in the table, a window at a time, and tells how far that is. Reads through
//! `fetch`; never writes.

use std::ops::ControlFlow;

use super::contents;
use super::difference::{Difference, Differences};
use super::known_table::KnownTable;
use super::merge_row::RowMerge;
use super::merging::TableMerging;
use super::unique::{self, Claim, Givers, Guard};
use super::user_modified::difference;
use super::watch::Watch;
use crate::base::db::Database;
use crate::data::fit::change::{Marks, companion};
use crate::data::fit::column_map::Table;
use crate::data::fit::find::{Finding, Present, PrimaryKey};
use crate::data::fit::natural_key::{Key, fold_stored};
use crate::data::package::error::DataError;
use crate::data::package::row_store::RowStore;

/// Comparing found rows with their contents in the table.
pub(super) struct Comparison<'g> {
    guards: &'g [Guard],
    pub(super) claims: Vec<Vec<Claim>>,
    /// By guard: rows that give up their value.
    pub(super) givers: Vec<Givers>,
    pub(super) differences: Differences,
}

impl<'g> Comparison<'g> {
    /// Nothing compared yet. Of the claims those of new rows count.
    pub(in crate::data) fn new(guards: &'g [Guard], mut claims: Vec<Vec<Claim>>, findings: &[Finding]) -> Self {
        for claims in &mut claims {
            claims.retain(|claim| findings[claim.row] == Finding::New);
        }
        Self {
            guards,
            givers: vec![Givers::new(); claims.len()],
            claims,
            differences: Differences::none(findings.len()),
        }
    }

    /// Goes through all found rows in the order of the table, a window at a time; not through those of which the base says
    /// that there is nothing to compare.
    pub(in crate::data) fn run(
        &mut self,
        database: &mut Database,
        known: &KnownTable<'_>,
        (findings, present): (&[Finding], &[Present]),
        merging: Option<&TableMerging<'_>>,
        progress: &mut Watch<'_>,
    ) -> Result<(), DataError> {
        let mut found: Vec<(bool, usize, usize)> = Vec::new();
        for (row, finding) in findings.iter().enumerate() {
            if let Finding::Found { present: place, .. } = finding
                && merging.is_none_or(|merging| merging.compares(row, &present[*place]))
            {
                found.push((present[*place].user_modified, *place, row));
            }
        }
        found.sort_unstable();
        let mut rest = found.as_slice();
        while let Some((user_modified, ..)) = rest.first() {
            let count = window_of(known.rows, rest, *user_modified);
            let (window, later) = rest.split_at(count);
            self.window(database, known, window, (present, merging), progress)?;
            rest = later;
        }
        Ok(())
    }

    fn window(
        &mut self,
        database: &mut Database,
        known: &KnownTable<'_>,
        window: &[(bool, usize, usize)],
        (present, merging): (&[Present], Option<&TableMerging<'_>>),
        progress: &mut Watch<'_>,
    ) -> Result<(), DataError> {
        let loaded = known.load(window.iter().map(|(.., row)| *row))?;
        let table = Table::new(known.schema, &known.contract, &loaded);
        let reading = Reading::new(&table, self.guards, window.iter().any(|(user, ..)| *user));
        let identities: Vec<&PrimaryKey> = window.iter().map(|(_, place, _)| &present[*place].identity).collect();
        let mut cancelled = Ok(());
        let mut compare = |at: usize, stored: &[Option<Vec<u8>>]| {
            let (_, place, row) = window[at];
            let merge = merging.and_then(|merging| merging.of_row(row, &present[place]));
            let (mut difference, claims) = reading.compare(at, &present[place], stored, merge.as_ref());
            for (guard, column) in reading.given_up(&difference, &claims, stored) {
                self.givers[guard].insert(present[place].identity.clone(), column);
            }
            if !merging.is_some_and(|merging| merging.knows_conflicts(row)) {
                difference.merged.settled = Vec::new();
            }
            self.differences.join(row, difference);
            for (guard, claim) in claims {
                self.claims[guard].push(claim.of_row(row));
            }
            cancelled = progress.step();
            if cancelled.is_ok() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        };
        let seen = contents::visit_contents(database, known.schema, &reading.columns, &identities, &mut compare)?;
        cancelled?;
        if seen == window.len() {
            Ok(())
        } else {
            Err(DataError::ChangedMeanwhile {
                table: known.schema.name.clone(),
            })
        }
    }
}

/// How many of the next rows are compared together.
fn window_of(rows: &RowStore, found: &[(bool, usize, usize)], user_modified: bool) -> usize {
    const BYTES: usize = 512 << 10;
    const ROWS: usize = 500;
    let mut bytes = 0;
    let fits = |(user, _, row): &&(bool, usize, usize)| {
        bytes += rows.size(*row);
        *user == user_modified && bytes <= BYTES
    };
    found.iter().take(ROWS).take_while(fits).count().max(1)
}

/// Which columns a comparison reads, and the comparison itself.
struct Reading<'t> {
    table: &'t Table<'t>,
    guards: &'t [Guard],
    user_modified: bool,
    marks: Marks,
    columns: Vec<usize>,
    /// Place in a row that was read, by column.
    places: Vec<Option<usize>>,
}

impl<'t> Reading<'t> {
    fn new(table: &'t Table<'t>, guards: &'t [Guard], user_modified: bool) -> Self {
        let marks = Marks::of(table);
        let mut columns = table.columns();
        columns.extend(marks.columns());
        columns.extend(guards.iter().flat_map(|guard| guard.columns.iter().copied()));
        if user_modified {
            let preserved = table.contract.preserve.iter();
            columns.extend(preserved.filter_map(|column| companion(table, *column)));
        }
        columns.sort_unstable();
        columns.dedup();
        let mut places = vec![None; table.schema.columns.len()];
        for (place, column) in columns.iter().enumerate() {
            places[*column] = Some(place);
        }
        Self {
            table,
            guards,
            user_modified,
            marks,
            columns,
            places,
        }
    }

    /// What a row would change, and which values of guarded indexes (by place) it would then take.
    fn compare(
        &self,
        at: usize,
        present: &Present,
        stored: &[Option<Vec<u8>>],
        merge: Option<&RowMerge<'_>>,
    ) -> (Difference, Vec<(usize, Claim)>) {
        let text = |column: usize| stored.get(self.places[column]?)?.as_deref();
        let found = difference(self.table, at, self.user_modified, self.marks, &text, merge);
        let touches = |guard: &Guard| {
            let mut changes = found.changes.iter();
            changes.any(|change| guard.columns.contains(&change.column))
        };
        let kept = |column: usize| text(column).map(<[u8]>::to_vec);
        let identity = || Some(present.identity.clone());
        let claims = self.guards.iter().enumerate().filter(|(_, guard)| touches(guard));
        let claims = claims.filter_map(|(place, guard)| {
            let claim = unique::claim(self.table, at, guard, Some(&kept), identity());
            claim.map(|claim| (place, claim))
        });
        let claims = claims.collect();
        (found, claims)
    }
}

impl Reading<'_> {
    /// The guarded indexes (by place) in which a row gives its value up, with a column that it changes there: best one
    /// that may be NULL. A row that is told by the index itself would be lost if it changed twice.
    fn given_up(
        &self,
        difference: &Difference,
        claims: &[(usize, Claim)],
        stored: &[Option<Vec<u8>>],
    ) -> Vec<(usize, usize)> {
        let schema = self.table.schema;
        let text = |column: usize| stored.get(self.places[column]?)?.as_deref();
        let mut given = Vec::new();
        for (place, guard) in self.guards.iter().enumerate() {
            let is_guarded = |column: &usize| guard.columns.contains(column);
            if schema.identity.iter().any(is_guarded) {
                continue;
            }
            let changed = difference.changes.iter().map(|change| change.column).filter(is_guarded);
            let Some(column) = changed.min_by_key(|column| !schema.columns[*column].nullable) else {
                continue;
            };
            let before = guard
                .columns
                .iter()
                .map(|column| fold_stored(&schema.columns[*column], text(*column)));
            let before: Key = before.collect();
            let keeps = claims.iter().any(|(of, claim)| *of == place && claim.key == before);
            if !keeps {
                given.push((place, column));
            }
        }
        given
    }
}

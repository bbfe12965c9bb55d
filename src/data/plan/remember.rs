//! What a merge leaves behind in our own tables: the new base of a table, conflicts, values that give way. Pure.

use std::collections::HashSet;
use std::sync::Arc;

use super::difference::{Differences, GivesWay};
use super::known_table::KnownTable;
use super::leave::Left;
use super::merge_study::LeftRow;
use super::merging::TableMerging;
use super::settle::{RowOutcome, Settled};
use crate::config::Orphans;
use crate::data::fit::digests::{RowDigests, base_columns};
use crate::data::fit::find::{Absent, Present, PrimaryKey, RowOwner};
use crate::data::package::error::DataError;
use crate::data::package::fault::RowPlace;
use crate::ledger::{
    Entry, EntryOrigin, FieldDigest, FieldDigests, MergeConflict, MergeReason, RowDigest, RowKey, SavedReason,
    SavedRow, TableBase, Waiting,
};

/// What merging the rows of a table leaves behind.
#[derive(Debug, Default)]
pub struct TableMerge {
    /// The new base. Entries of rows that are inserted have no primary key yet (see `complete_base`).
    pub base: TableBase,
    /// Conflicts to record.
    pub conflicts: Vec<MergeConflict>,
    /// Conflicts that end by themselves: key and column.
    pub closed: Vec<(RowKey, String)>,
    /// Values of users, and of companions, that give way.
    pub saved: Vec<SavedRow>,
    /// Rows to delete, with their keys.
    pub removes: Vec<(RowKey, PrimaryKey)>,
    /// Their entries, as those of orphans: for rows that are spared after all.
    pub removed: Vec<Entry>,
    /// Rows that become inactive, with their keys.
    pub inactivates: Vec<(RowKey, PrimaryKey)>,
    /// Rows that become again whose they were, with their keys.
    pub returns: Vec<(RowKey, PrimaryKey)>,
    /// Adopted rows, with their keys.
    pub adopted: Vec<(RowKey, PrimaryKey)>,
    /// Fields in which the table's value stays: the package's row, and the column.
    pub stays: Vec<(usize, usize)>,
}

/// What is known of a table when its rows are settled.
pub(super) struct Remembering<'r> {
    pub(in crate::data) known: &'r KnownTable<'r>,
    pub(in crate::data) merging: &'r TableMerging<'r>,
    pub(in crate::data) present: &'r [Present],
    pub(super) differences: &'r Differences,
    pub(in crate::data) left: &'r [LeftRow],
    pub(in crate::data) orphans: Orphans,
}

impl Remembering<'_> {
    /// Makes it, and counts what is to be counted.
    pub(in crate::data) fn remember(&self, settled: &mut Settled) -> Result<TableMerge, DataError> {
        let mut merge = TableMerge {
            base: TableBase {
                columns: base_columns(self.known.schema),
                entries: Vec::new(),
            },
            ..TableMerge::default()
        };
        for (row, outcome) in settled.outcomes.iter().enumerate() {
            merge.base.entries.extend(self.entry(row, *outcome));
            match outcome {
                RowOutcome::Standing { present, adopted } => {
                    self.standing(row, &self.present[*present], &mut merge)?;
                    settled.counts.mantidos += u64::from(self.differences[row].merged.keeps);
                    if *adopted {
                        let identity = self.present[*present].identity.clone();
                        merge.adopted.push((self.merging.keys[row], identity));
                    }
                }
                RowOutcome::Absent(absent) => self.absent(row, *absent, &mut merge)?,
                RowOutcome::Inserted => self.close(row, &mut merge, |_| true),
                RowOutcome::Passed | RowOutcome::Theirs => {}
            }
        }
        for left in self.left {
            self.left(left, settled, &mut merge);
        }
        settled.counts.conflitos += merge.conflicts.len() as u64;
        let standing: HashSet<PrimaryKey> = (merge.base.entries.iter().filter(|entry| !entry.deleted))
            .map(|entry| entry.identity.clone())
            .collect();
        // A row that has another name now is not the one that is gone as well.
        for entry in merge.base.entries.iter_mut().filter(|entry| entry.deleted) {
            if standing.contains(&entry.identity) {
                entry.identity = PrimaryKey::default();
            }
        }
        merge.base.sort();
        Ok(merge)
    }

    /// The entry that a row of the package has from now on: what the package brings, whatever stays in the table.
    fn entry(&self, row: usize, outcome: RowOutcome) -> Option<Entry> {
        let old = self.merging.entries[row].map(|entry| &self.merging.base.entries[entry]);
        let theirs = &self.merging.digests[row];
        let fresh = |origin, since, identity| {
            let known = old.map(|old| &old.fields);
            Entry {
                key: self.merging.keys[row],
                origin: old.map_or(origin, |old| old.origin),
                deleted: false,
                orphan: false,
                since: old.map_or(since, |old| old.since),
                until: 0,
                identity,
                row: theirs.row,
                fields: with_kept(theirs, known),
            }
        };
        let history = self.merging.call.history;
        Some(match outcome {
            RowOutcome::Passed => old?.clone(),
            RowOutcome::Theirs | RowOutcome::Absent(Absent::Core) => return None,
            RowOutcome::Inserted => Entry {
                origin: EntryOrigin::Inserted,
                since: history,
                fields: with_kept(theirs, None),
                ..fresh(EntryOrigin::Inserted, history, PrimaryKey::default())
            },
            RowOutcome::Standing { present, adopted } => {
                let present = &self.present[present];
                let origin = match present.owner {
                    RowOwner::Shared => EntryOrigin::Shared,
                    _ => EntryOrigin::Unknown,
                };
                let entry = fresh(origin, 0, present.identity.clone());
                if adopted && old.is_none() {
                    Entry {
                        origin: EntryOrigin::Adopted,
                        since: history,
                        ..entry
                    }
                } else {
                    entry
                }
            }
            RowOutcome::Absent(Absent::Bound { present }) => {
                fresh(EntryOrigin::Inserted, history, self.present[present].identity.clone())
            }
            RowOutcome::Absent(Absent::Deleted | Absent::Sites) => Entry {
                deleted: true,
                ..fresh(EntryOrigin::Inserted, history, old?.identity.clone())
            },
        })
    }

    /// Conflicts and values of a row that stands in the table.
    fn standing(&self, row: usize, present: &Present, merge: &mut TableMerge) -> Result<(), DataError> {
        let (merged, key) = (&self.differences[row].merged, self.merging.keys[row]);
        let name = |column: usize| self.known.schema.columns[column].name.as_str().to_owned();
        let is_settled = |found: &str| merged.settled.iter().any(|column| name(*column) == found);
        self.close(row, merge, |column| column.is_empty() || is_settled(column));
        merge.stays.extend(merged.stays.iter().map(|column| (row, *column)));
        for waits in &merged.waits {
            let column = name(waits.column);
            // A key that a user changed stays so: it is told once.
            if waits.reason == MergeReason::Moved && self.merging.known(&key, &column).is_some() {
                continue;
            }
            merge.conflicts.push(MergeConflict {
                table: self.known.schema.name.clone(),
                key,
                identity: present.identity.clone(),
                shown: self.shown(row)?,
                column,
                reason: waits.reason,
                mine: waits.mine,
                theirs: waits.theirs.clone(),
                companion: waits.companion.map(name),
            });
        }
        for (reason, values) in [
            (SavedReason::Replaced, &merged.replaced),
            (SavedReason::Companion, &merged.companions),
        ] {
            merge.saved.extend(self.saved(key, present, reason, values));
        }
        Ok(())
    }

    fn saved(&self, key: RowKey, present: &Present, reason: SavedReason, values: &[GivesWay]) -> Option<SavedRow> {
        let name = |column: usize| self.known.schema.columns[column].name.as_str().to_owned();
        (!values.is_empty()).then(|| SavedRow {
            table: self.known.schema.name.clone(),
            key: Some(key),
            identity: present.identity.clone(),
            reason,
            values: values
                .iter()
                .map(|saved| (name(saved.column), saved.value.clone()))
                .collect(),
            placed: values.iter().map(|saved| (name(saved.column), saved.placed)).collect(),
        })
    }

    /// Conflicts of a row that is not the plugin's to write any more.
    fn absent(&self, row: usize, absent: Absent, merge: &mut TableMerge) -> Result<(), DataError> {
        let Some(entry) = self.merging.entries[row] else {
            return Ok(());
        };
        let key = self.merging.keys[row];
        let reason = match absent {
            Absent::Bound { .. } => return Ok(()),
            Absent::Core => MergeReason::Core,
            Absent::Deleted | Absent::Sites => MergeReason::Deleted,
        };
        self.close(row, merge, |column| !column.is_empty());
        let was_deleted = self.merging.base.entries[entry].deleted;
        let is_told = match absent {
            Absent::Deleted => !self.merging.is_unchanged(row),
            _ => !was_deleted || !self.merging.is_unchanged(row),
        };
        // Once, and again where the package brings something else: that is what waits then.
        if is_told {
            merge.conflicts.push(MergeConflict {
                table: self.known.schema.name.clone(),
                key,
                identity: self.merging.base.entries[entry].identity.clone(),
                shown: self.shown(row)?,
                column: String::new(),
                reason,
                mine: RowDigest([0; 8]),
                theirs: Waiting::Elsewhere,
                companion: None,
            });
        }
        Ok(())
    }

    fn shown(&self, row: usize) -> Result<String, DataError> {
        let row = self.known.rows.get(row).map_err(DataError::Rows)?;
        Ok(RowPlace::of(&row).key)
    }

    /// Ends conflicts of a row that stand open.
    fn close(&self, row: usize, merge: &mut TableMerge, ends: impl Fn(&str) -> bool) {
        self.close_key(&self.merging.keys[row], merge, ends);
    }

    fn close_key(&self, key: &RowKey, merge: &mut TableMerge, ends: impl Fn(&str) -> bool) {
        let standing = self.merging.standing.get(key).into_iter().flatten();
        let ended = standing.filter(|conflict| conflict.is_open && ends(&conflict.column));
        merge
            .closed
            .extend(ended.map(|conflict| (*key, conflict.column.clone())));
    }

    /// In a table without owners nobody but the base knows orphans.
    fn count_orphan(&self, entry: &Entry, settled: &mut Settled) {
        if self.known.schema.owner().is_none() && self.orphans != Orphans::Ignore {
            settled.orphans.push(entry.identity.clone());
            settled.counts.orfaos = settled.orphans.len() as u64;
        }
    }

    /// A row that the package no longer brings.
    fn left(&self, left: &LeftRow, settled: &mut Settled, merge: &mut TableMerge) {
        let entry = &self.merging.base.entries[left.entry];
        let orphan = || Entry {
            orphan: true,
            until: if entry.orphan {
                entry.until
            } else {
                self.merging.call.history
            },
            ..entry.clone()
        };
        match left.left {
            Left::Forget => self.close_key(&entry.key, merge, |_| true),
            Left::Keep => {
                merge.base.entries.push(orphan());
                self.count_orphan(entry, settled);
            }
            Left::Inactivate => {
                let mut inactive = orphan();
                if let Some(status) = self.known.schema.position("status") {
                    Arc::make_mut(&mut inactive.fields)[status] = Some(inactive_digest(self.known, status));
                }
                merge.base.entries.push(inactive);
                merge.inactivates.push((entry.key, entry.identity.clone()));
                self.count_orphan(entry, settled);
            }
            Left::GiveBack => {
                self.close_key(&entry.key, merge, |_| true);
                merge.returns.push((entry.key, entry.identity.clone()));
                settled.orphans.retain(|identity| *identity != entry.identity);
                settled.counts.orfaos = settled.orphans.len() as u64;
                settled.counts.devolvidos += 1;
            }
            Left::Remove => {
                self.close_key(&entry.key, merge, |_| true);
                merge.removes.push((entry.key, entry.identity.clone()));
                merge.removed.push(orphan());
                settled.orphans.retain(|identity| *identity != entry.identity);
                settled.counts.orfaos = settled.orphans.len() as u64;
                settled.counts.removidos += 1;
            }
        }
    }
}

/// What we write into the `status` of a row that the package no longer brings.
pub(in crate::data) const INACTIVE: &str = "I";

fn inactive_digest(known: &KnownTable<'_>, status: usize) -> FieldDigest {
    let value = crate::data::fit::value::Value::Text(INACTIVE.into());
    crate::data::fit::canonical::canonical(&known.schema.columns[status], &value).digest()
}

/// What is given now; a column that was given once keeps its digest when it is not given again.
fn with_kept(theirs: &RowDigests, known: Option<&FieldDigests>) -> FieldDigests {
    let Some(known) = known else {
        return Arc::clone(&theirs.fields);
    };
    let both = || theirs.fields.iter().zip(known.iter());
    if both().all(|(given, known)| given.is_some() || known.is_none()) {
        return Arc::clone(&theirs.fields);
    }
    both().map(|(given, known)| given.or(*known)).collect()
}

//! What a table's rows are merged by: the call's choice, the base, and what the package gives. Pure; `merge_study` asks the
//! database.

use std::collections::{HashMap, HashSet};

use super::follow::{Followed, Following};
use super::known_table::KnownTable;
use super::leave::{
    Missing, MissingFacts, TakenAway, Unowned, UnownedFacts, decide_missing, decide_unowned, holds_grants, is_damage,
};
use super::merge_call::{Merging, RecordedConflict, Trust};
use super::merge_row::RowMerge;
use crate::data::fit::base_view::BaseView;
use crate::data::fit::canonical::row_key;
use crate::data::fit::change::Marks;
use crate::data::fit::column_map::Table;
use crate::data::fit::core_keys::CoreTable;
use crate::data::fit::digests::{RowDigests, row_digests};
use crate::data::fit::find::{Absent, Finding, Present, PrimaryKey, RowOwner, Wanted};
use crate::data::package::error::DataError;
use crate::data::table::schema::TableSchema;
use crate::ledger::{Entry, EntryOrigin, MergeReason, RowDigest, RowKey};
use crate::model::TableName;

/// Where what stood before comes back: what was set aside, and where nothing waited because the conflict came later.
fn returned(call: Merging<'_>, table: &TableName) -> HashMap<RowKey, Vec<(String, bool)>> {
    let mut returned: HashMap<RowKey, Vec<(String, bool)>> = HashMap::new();
    let saved = call.returned.iter().filter(|field| field.table == *table);
    let is_later = |conflict: &&RecordedConflict| {
        let came_later = call.rules.back.is_some_and(|point| conflict.since > point);
        came_later && conflict.is_open && conflict.reason == MergeReason::Contract && conflict.table == *table
    };
    let later = call.standing.iter().filter(is_later);
    let fields = saved.map(|field| (field.key, field.column.clone(), field.beside));
    for (key, column, beside) in fields.chain(later.map(|conflict| (conflict.key, conflict.column.clone(), true))) {
        returned.entry(key).or_default().push((column, beside));
    }
    returned
}

/// What the rows of one table are merged by.
pub(in crate::data) struct TableMerging<'m> {
    pub(in crate::data) call: Merging<'m>,
    pub(in crate::data) base: BaseView,
    /// By row of the package.
    pub(in crate::data) keys: Vec<RowKey>,
    pub(in crate::data) digests: Vec<RowDigests>,
    /// The entry of each row.
    pub(in crate::data) entries: Vec<Option<usize>>,
    /// Rows of the package that have one.
    pub(super) remembered: HashSet<usize>,
    /// Rows that were found by their primary key: their place.
    pub(in crate::data) renamed: HashMap<usize, usize>,
    /// Rows that the gestor wrote.
    core_wrote: HashSet<usize>,
    pub(in crate::data) standing: HashMap<RowKey, Vec<&'m RecordedConflict>>,
    /// Entries that stood in the table and do not any more, of how many, where that is damage.
    pub(in crate::data) damage: Option<(usize, usize)>,
    following: Following<'m>,
    followed: Option<Followed<'m>>,
    /// Columns that a way back gives what stood in them, by row.
    returned: HashMap<RowKey, Vec<(String, bool)>>,
}

impl<'m> TableMerging<'m> {
    /// Reads the package's rows once for their digests.
    pub(in crate::data) fn new(
        known: &KnownTable<'_>,
        wanted: &[Wanted],
        (call, following): (Merging<'m>, Following<'m>),
    ) -> Result<Self, DataError> {
        let base = call.base.and_then(|base| base.get(&known.schema.name));
        let mut base = BaseView::of(base, known.schema);
        if let Trust::Outdated(package) = call.trust {
            let brought = package.and_then(|package| package.get(&known.schema.name));
            base = base.written_since(package.is_some(), brought, known.schema);
        }
        let mut digests = Vec::with_capacity(wanted.len());
        for window in known.rows.windows() {
            let loaded = known.load(window)?;
            let table = Table::new(known.schema, &known.contract, &loaded);
            let marks = Marks::of(&table);
            digests.extend((0..loaded.len()).map(|row| row_digests(&table, row, marks)));
        }
        let keys: Vec<RowKey> = wanted
            .iter()
            .map(|row| row_key(&row.key.key, row.key.primary))
            .collect();
        let entries: Vec<Option<usize>> = keys.iter().map(|key| base.entry(key)).collect();
        let remembered = (0..entries.len()).filter(|row| entries[*row].is_some()).collect();
        let mut standing: HashMap<RowKey, Vec<&RecordedConflict>> = HashMap::new();
        for conflict in call
            .standing
            .iter()
            .filter(|conflict| conflict.table == known.schema.name)
        {
            standing.entry(conflict.key).or_default().push(conflict);
        }
        Ok(Self {
            call,
            base,
            keys,
            digests,
            entries,
            remembered,
            renamed: HashMap::new(),
            core_wrote: HashSet::new(),
            standing,
            damage: None,
            following,
            followed: following.of(known.schema),
            returned: returned(call, &known.schema.name),
        })
    }

    /// Binds rows of the package whose key no entry has, because it was not given before, or the table's key is another
    /// now: a row that was found to the entry that alone names it, one that is gone to the entry that alone is of the same
    /// contents. An overruled row has none.
    pub(in crate::data) fn bind(&mut self, findings: &[Finding], present: &[Present]) {
        self.leave_out_overruled(findings);
        let standing: HashSet<&PrimaryKey> = present.iter().map(|row| &row.identity).collect();
        let brought: HashSet<usize> = self.entries.iter().flatten().copied().collect();
        let mut found = HashSet::new();
        let mut gone: HashMap<RowDigest, Option<usize>> = HashMap::new();
        for (at, entry) in self.base.entries.iter().enumerate() {
            if !brought.contains(&at) && !standing.contains(&entry.identity) {
                gone.entry(entry.row)
                    .and_modify(|known| *known = None)
                    .or_insert(Some(at));
            }
        }
        for (row, finding) in findings.iter().enumerate() {
            if let (Some(entry), Finding::Found { .. }) = (self.entries[row], finding) {
                found.insert(entry);
            }
        }
        for (row, finding) in findings.iter().enumerate() {
            if self.entries[row].is_some() {
                continue;
            }
            let entry = match finding {
                Finding::Found { present: place, .. } => self.base.naming(&present[*place].identity),
                Finding::New => gone.get(&self.digests[row].row).copied().flatten(),
                _ => None,
            };
            if let Some(entry) = entry.filter(|entry| found.insert(*entry)) {
                self.entries[row] = Some(entry);
                self.remembered.insert(row);
            }
        }
    }

    /// A descriptor's row of which a data file has the key says nothing of an entry: that row of the data file does.
    fn leave_out_overruled(&mut self, findings: &[Finding]) {
        for (row, _) in (findings.iter().enumerate()).filter(|(_, finding)| **finding == Finding::Overruled) {
            self.entries[row] = None;
            self.remembered.remove(&row);
        }
    }

    /// The package gives for a row nothing but what it gave before.
    pub(in crate::data) fn is_unchanged(&self, row: usize) -> bool {
        self.entries[row].is_some_and(|entry| self.base.is_unchanged(entry, &self.digests[row].fields))
    }

    /// An entry was made from a package just now.
    fn is_rebuilt(&self, entry: usize) -> bool {
        matches!(self.call.trust, Trust::Rebuilt) || self.base.is_rebuilt(entry)
    }

    /// A conflict that is known of a row.
    pub(in crate::data) fn known(&self, key: &RowKey, column: &str) -> Option<&RecordedConflict> {
        let known = self.standing.get(key)?.iter();
        known.copied().find(|conflict| conflict.column == column)
    }

    /// Conflicts are known of a row, whatever became of them.
    pub(super) fn knows_conflicts(&self, row: usize) -> bool {
        self.standing.contains_key(&self.keys[row])
    }

    /// Whether a found row has to be read. One of the plugin's own to which the package brings nothing new is left as it
    /// is, whatever a user did to it.
    pub(in crate::data) fn compares(&self, row: usize, present: &Present) -> bool {
        let is_ours = matches!(present.owner, RowOwner::Own | RowOwner::Shared);
        let waits = self.standing.get(&self.keys[row]);
        let is_open = waits.is_some_and(|waits| waits.iter().any(|conflict| conflict.is_open));
        let is_left = is_ours
            && !self.call.rules.repair
            && !is_open
            && !self.following.reads_all()
            && !self.base.is_outdated()
            && !self.renamed.contains_key(&row)
            && !self.core_wrote.contains(&row)
            && self.is_unchanged(row);
        !is_left
    }

    /// A row was found under another key, which stays.
    pub(in crate::data) fn keeps_key(&self, row: usize) -> bool {
        self.renamed.contains_key(&row) && !self.call.rules.repair
    }

    /// What a found row is merged by; nothing where it is no row that a plugin and a user share.
    pub(in crate::data) fn of_row(&self, row: usize, present: &Present) -> Option<RowMerge<'_>> {
        let entry = self.entries[row];
        let is_shared = match present.owner {
            RowOwner::Own | RowOwner::Shared => true,
            RowOwner::Nobody => entry.is_some(),
            RowOwner::Other(_) => false,
        };
        (is_shared && !present.project).then(|| RowMerge {
            base: &self.base,
            entry,
            theirs: &self.digests[row].fields,
            rules: self.call.rules,
            moved: self.renamed.contains_key(&row),
            core_wrote: self.core_wrote.contains(&row),
            returned: self.returned.get(&self.keys[row]).map_or(&[], Vec::as_slice),
            followed: self.followed.as_ref().map(|followed| (row, followed)),
        })
    }

    /// Rows of the package that could be found under another key: row, its entry, the place of the row that the entry
    /// names (①b without the look at its contents).
    pub(super) fn rename_candidates(&self, wanted: &[Wanted], present: &[Present]) -> Vec<(usize, usize, usize)> {
        let keys: HashSet<_> = wanted.iter().map(|row| &row.key).collect();
        let is_wanted = |row: &Present| {
            let named = |primary, key| keys.contains(&crate::data::fit::find::WantedKey { primary, key });
            named(false, row.key.clone()) || named(true, row.identity_key.clone())
        };
        let is_ours = |row: &&(usize, &Present)| matches!(row.1.owner, RowOwner::Own | RowOwner::Shared);
        let standing: HashSet<_> = (present.iter().enumerate().filter(|row| is_ours(&row)))
            .flat_map(|(_, row)| [(false, &row.key), (true, &row.identity_key)])
            .collect();
        let by_identity: HashMap<&PrimaryKey, usize> = (present.iter().enumerate().filter(|row| is_ours(&row)))
            .filter(|(_, row)| !is_wanted(row))
            .map(|(place, row)| (&row.identity, place))
            .collect();
        let candidate = |row: usize| {
            let entry = self.entries[row]?;
            let key = &wanted[row].key;
            let identity = &self.base.entries[entry].identity;
            let is_free = !standing.contains(&(key.primary, &key.key)) && !self.base.entries[entry].deleted;
            let place = by_identity.get(identity).filter(|_| is_free)?;
            (self.base.naming(identity) == Some(entry)).then_some((row, entry, *place))
        };
        (0..wanted.len()).filter_map(candidate).collect()
    }

    /// Whether it matters which rows are the gestor's, though none without owner was found.
    pub(super) fn asks_core(&self, schema: &TableSchema) -> bool {
        let mut entries = self.base.entries.iter();
        schema.owner().is_none() || entries.any(|entry| entry.origin == EntryOrigin::Adopted)
    }

    /// Rows whose differences are the gestor's doing: adopted ones of which it is known to have the key.
    pub(super) fn find_core_wrote(&mut self, wanted: &[Wanted], core: &CoreTable) {
        let is_core = |row: &usize| {
            let adopted = |entry: usize| self.base.entries[entry].origin == EntryOrigin::Adopted;
            self.entries[*row].is_some_and(adopted) && core.holds(&wanted[*row].key.key)
        };
        self.core_wrote = (0..wanted.len()).filter(is_core).collect();
    }

    /// Rows that were found without owner, and have an entry or are known to be the gestor's: R10, R13.
    pub(super) fn settle_unowned(
        &self,
        table: &TableName,
        wanted: &[Wanted],
        present: &[Present],
        core: &CoreTable,
        findings: &mut [Finding],
    ) {
        for (row, finding) in findings.iter_mut().enumerate() {
            let Finding::Found { present: place, .. } = finding else {
                continue;
            };
            let found = &present[*place];
            let taken = self
                .known(&self.keys[row], "")
                .is_some_and(|known| known.reason == MergeReason::Core);
            let Some(entry) = self.entries[row] else {
                if taken && found.owner == RowOwner::Nobody {
                    *finding = Finding::Absent(Absent::Core);
                }
                continue;
            };
            let same_row = self.base.entries[entry].identity == found.identity;
            let is_nobodys = found.owner == RowOwner::Nobody;
            let is_another =
                found.owner == RowOwner::Shared && !same_row && !self.base.entries[entry].identity.is_empty();
            if !(is_nobodys || is_another) || self.is_rebuilt(entry) {
                continue;
            }
            let facts = UnownedFacts {
                core: is_nobodys && core.holds(&wanted[row].key.key),
                unknown_core: is_nobodys && !core.known,
                same_row,
                grant: holds_grants(table.as_str()),
            };
            match decide_unowned(facts) {
                Unowned::Core => *finding = Finding::Absent(Absent::Core),
                Unowned::Sites => *finding = Finding::Absent(Absent::Sites),
                Unowned::Bound => *finding = Finding::Absent(Absent::Bound { present: *place }),
                Unowned::Ours => {}
            }
        }
    }

    /// How many entries stood in the table, and how many of them do not any more.
    pub(super) fn count_gone(&mut self, table: &TableName, present: &[Present], findings: &[Finding]) {
        let standing: HashSet<&PrimaryKey> = present.iter().map(|row| &row.identity).collect();
        let brought = findings
            .iter()
            .zip(&self.entries)
            .filter_map(|(finding, entry)| Some(((*entry)?, finding)));
        let missing: HashMap<usize, bool> = brought
            .map(|(entry, finding)| (entry, *finding == Finding::New))
            .collect();
        let alive = || {
            self.base
                .entries
                .iter()
                .enumerate()
                .filter(|(_, entry)| entry.is_alive())
        };
        let is_gone = |(at, entry): &(usize, &Entry)| {
            let missing = missing.get(at).copied();
            missing.unwrap_or_else(|| !standing.contains(&entry.identity))
        };
        let (alive, gone) = (alive().count(), alive().filter(is_gone).count());
        self.damage = is_damage(table.as_str(), alive, gone).then_some((gone, alive));
    }

    /// Rows of the package that are not there, and have an entry.
    pub(in crate::data) fn missing(&self, findings: &[Finding]) -> Vec<usize> {
        let is_missing = |row: &usize| findings[*row] == Finding::New && self.entries[*row].is_some();
        (0..findings.len()).filter(is_missing).collect()
    }

    /// R4: which of the missing rows stay deleted. Gives the number of those that are restored.
    pub(super) fn settle_missing(
        &self,
        missing: &[usize],
        grants: &HashMap<usize, TakenAway>,
        findings: &mut [Finding],
    ) -> usize {
        let mut restored = 0;
        for row in missing {
            let Some(entry) = self.entries[*row] else { continue };
            let facts = MissingFacts {
                alive: self.base.entries[entry].is_alive() || self.base.entries[entry].orphan,
                witnessed: !self.is_rebuilt(entry),
                damage: self.damage.is_some(),
                grant: grants.get(row).copied(),
                repair: self.call.rules.repair,
            };
            match decide_missing(facts) {
                Missing::Insert => {}
                Missing::Restore => restored += 1,
                Missing::StaysDeleted => findings[*row] = Finding::Absent(Absent::Deleted),
            }
        }
        restored
    }
}

//! A table's base as the table is now: digests by the table's own columns, and what is known of columns that no package
//! ever gave. Pure.

use std::collections::HashMap;

use super::canonical::{canonical, canonical_stored, kind_class};
use super::find::PrimaryKey;
use super::value::{Value, convert};
use crate::data::table::schema::{Column, DefaultValue, TableSchema};
use crate::ledger::{Entry, FieldDigest, FieldDigests, RowKey, TableBase};
use crate::model::Field;

/// What the base says of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) struct BaseFacts {
    /// The table has something else: a user's.
    pub edited: bool,
    /// The package brings something else.
    pub changed: bool,
}

/// A table's base.
#[derive(Debug, Default)]
pub(in crate::data) struct BaseView {
    /// By key; the digests are by the table's columns.
    pub(in crate::data) entries: Vec<Entry>,
    /// By column: what a row has that never gave it.
    defaults: Vec<Option<FieldDigest>>,
    by_key: HashMap<RowKey, usize>,
    /// Entries by primary key, where only one names it.
    by_identity: HashMap<PrimaryKey, Option<usize>>,
    /// What another installer brought since, by entry.
    later: HashMap<usize, FieldDigests>,
    /// Entries from here on are known of its package alone.
    recorded: usize,
    since: Since,
}

/// Who wrote a table's rows since its base was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Since {
    /// No installer.
    #[default]
    Nobody,
    /// One whose package is known.
    Known,
    /// One of which nothing is known.
    Unknown,
}

impl BaseView {
    /// The base of a table, for the table as it is now.
    pub(in crate::data) fn of(base: Option<&TableBase>, schema: &TableSchema) -> Self {
        let mut view = Self {
            defaults: schema.columns.iter().map(default_digest).collect(),
            ..Self::default()
        };
        // A column that was of another kind was given once: nobody knows what it held since.
        for (column, default) in schema.columns.iter().zip(&mut view.defaults) {
            let class = kind_class(&column.kind);
            let mut known = base.iter().flat_map(|base| &base.columns);
            if known.any(|known| known.name == column.name.as_str() && known.class != class) {
                *default = None;
            }
        }
        view.entries = base.map_or_else(Vec::new, |base| laid_out(base, schema));
        view.recorded = view.entries.len();
        view.name_entries();
        view
    }

    /// Another installer wrote the table's rows since: what its package brought counts beside the base, so that neither
    /// is taken for a user's. Its package may be unknown, and need not say anything of this table.
    pub(in crate::data) fn written_since(
        mut self,
        is_known: bool,
        brought: Option<&TableBase>,
        schema: &TableSchema,
    ) -> Self {
        self.since = if is_known { Since::Known } else { Since::Unknown };
        let brought = brought.map_or_else(Vec::new, |base| laid_out(base, schema));
        for entry in brought {
            let Some(at) = self.entry(&entry.key) else {
                self.entries.push(entry);
                continue;
            };
            self.later.insert(at, entry.fields);
            if !entry.identity.is_empty() {
                let known = &mut self.entries[at];
                // It stands in the table under its key, perhaps once more.
                (known.identity, known.deleted, known.orphan) = (entry.identity, false, false);
            }
        }
        self.name_entries();
        self
    }

    fn name_entries(&mut self) {
        self.by_key = self
            .entries
            .iter()
            .enumerate()
            .map(|(at, entry)| (entry.key, at))
            .collect();
        self.by_identity.clear();
        for (at, entry) in self.entries.iter().enumerate() {
            if !entry.identity.is_empty() {
                let named = self.by_identity.entry(entry.identity.clone());
                named.and_modify(|known| *known = None).or_insert(Some(at));
            }
        }
    }

    /// Rows may be others than what the base says, though no user touched them.
    pub(in crate::data) fn is_outdated(&self) -> bool {
        self.since != Since::Nobody
    }

    /// An entry is known of the package of another installer alone.
    pub(in crate::data) fn is_rebuilt(&self, entry: usize) -> bool {
        entry >= self.recorded
    }

    /// The entry with a key.
    pub(in crate::data) fn entry(&self, key: &RowKey) -> Option<usize> {
        self.by_key.get(key).copied()
    }

    /// The entry that alone names a primary key.
    pub(in crate::data) fn naming(&self, identity: &PrimaryKey) -> Option<usize> {
        self.by_identity.get(identity).copied().flatten()
    }

    /// What packages brought for a column: the base's, and another installer's; nothing where that is not known.
    fn digests(&self, entry: usize, column: usize) -> [Option<FieldDigest>; 2] {
        let later = self.later.get(&entry).and_then(|fields| fields[column]);
        [self.entries[entry].fields[column].or(self.defaults[column]), later]
    }

    /// Some package gave a value for a column.
    pub(in crate::data) fn was_given(&self, entry: usize, column: usize) -> bool {
        let later = self.later.get(&entry).and_then(|fields| fields[column]);
        self.entries[entry].fields[column].or(later).is_some()
    }

    /// A package brought this for a column.
    pub(in crate::data) fn knows(&self, entry: usize, column: usize, digest: FieldDigest) -> bool {
        self.digests(entry, column).contains(&Some(digest))
    }

    /// What the base says of a field that holds `now`, for which the package brings `theirs`; nothing where it does not
    /// know, or where an installer of which nothing is known may have written it.
    pub(in crate::data) fn facts(
        &self,
        entry: usize,
        column: usize,
        (now, theirs): (FieldDigest, Option<FieldDigest>),
    ) -> Option<BaseFacts> {
        self.digests(entry, column).iter().flatten().next()?;
        let facts = BaseFacts {
            edited: !self.knows(entry, column, now),
            changed: !theirs.is_some_and(|theirs| self.knows(entry, column, theirs)),
        };
        let is_anybodys = self.since == Since::Unknown && facts.edited;
        (!is_anybodys).then_some(facts)
    }

    /// The package brings nothing new: all that it gives is as it was.
    pub(in crate::data) fn is_unchanged(&self, entry: usize, theirs: &[Option<FieldDigest>]) -> bool {
        let mut given = theirs
            .iter()
            .enumerate()
            .filter_map(|(column, digest)| Some((column, (*digest)?)));
        given.all(|(column, digest)| self.knows(entry, column, digest))
    }

    /// Columns that an entry has digests of, without some.
    pub(in crate::data) fn known(&self, entry: usize, without: &[usize]) -> Vec<usize> {
        let fields = self.entries[entry].fields.iter().enumerate();
        let known = fields.filter(|(column, digest)| digest.is_some() && !without.contains(column));
        known.map(|(column, _)| column).collect()
    }

    /// How many of these columns are as a package brought them. `stored` gives the table's texts.
    pub(in crate::data) fn equal<'s>(
        &self,
        schema: &TableSchema,
        entry: usize,
        columns: &[usize],
        stored: &dyn Fn(usize) -> Option<&'s [u8]>,
    ) -> usize {
        let is_equal = |column: &&usize| {
            let now = canonical_stored(&schema.columns[**column], stored(**column)).digest();
            let later = self.later.get(&entry).and_then(|fields| fields[**column]);
            self.entries[entry].fields[**column] == Some(now) || later == Some(now)
        };
        columns.iter().filter(is_equal).count()
    }
}

/// Where a base has the digests of a column. Those of another class say nothing of it.
pub(in crate::data) fn place_in(base: &TableBase, column: &Column) -> Option<usize> {
    let class = kind_class(&column.kind);
    let mut known = base.columns.iter();
    known.position(|known| known.name == column.name.as_str() && known.class == class)
}

/// Entries with their digests by the table's columns.
fn laid_out(base: &TableBase, schema: &TableSchema) -> Vec<Entry> {
    let places: Vec<Option<usize>> = schema.columns.iter().map(|column| place_in(base, column)).collect();
    let laid = |entry: &Entry| {
        let field = |place: &Option<usize>| place.and_then(|place| entry.fields.get(place).copied().flatten());
        Entry {
            fields: places.iter().map(field).collect(),
            ..entry.clone()
        }
    };
    base.entries.iter().map(laid).collect()
}

/// What a row has in a column that it does not give; nothing where only the server knows.
fn default_digest(column: &Column) -> Option<FieldDigest> {
    match &column.default {
        DefaultValue::Null => Some(canonical(column, &Value::Null).digest()),
        DefaultValue::Text(text) => {
            let field = Field::Text(text.clone());
            let value = convert(column, &field).ok()?;
            Some(canonical(column, &value).digest())
        }
        DefaultValue::None | DefaultValue::Computed => None,
    }
}

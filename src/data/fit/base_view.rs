//! A table's base as the table is now: digests by the table's own columns, and what is known of columns that no package
//! ever gave. Pure.

use std::collections::HashMap;

use super::canonical::{canonical, canonical_stored, kind_class};
use super::find::Identity;
use super::value::{Value, convert};
use crate::data::table::schema::{Column, DefaultValue, TableSchema};
use crate::ledger::{Entry, FieldDigest, RowKey, TableBase};
use crate::model::Field;

/// A table's base.
#[derive(Debug, Default)]
pub(in crate::data) struct BaseView {
    /// By key; the digests are by the table's columns.
    pub(in crate::data) entries: Vec<Entry>,
    /// By column: what a row has that never gave it.
    defaults: Vec<Option<FieldDigest>>,
    by_key: HashMap<RowKey, usize>,
    /// Entries by primary key, where only one names it.
    by_identity: HashMap<Identity, Option<usize>>,
}

impl BaseView {
    /// The base of a table, for the table as it is now.
    pub(in crate::data) fn of(base: Option<&TableBase>, schema: &TableSchema) -> Self {
        let mut view = Self {
            defaults: schema.columns.iter().map(default_digest).collect(),
            ..Self::default()
        };
        let Some(base) = base else { return view };
        // Digests of another class say nothing of the column.
        let place = |column: &Column| {
            let class = kind_class(&column.kind);
            let is_it = |known: &crate::ledger::BaseColumn| known.name == column.name.as_str() && known.class == class;
            base.columns.iter().position(is_it)
        };
        let places: Vec<Option<usize>> = schema.columns.iter().map(place).collect();
        for (at, entry) in base.entries.iter().enumerate() {
            let field = |place: &Option<usize>| place.and_then(|place| entry.fields.get(place).copied().flatten());
            view.by_key.insert(entry.key, at);
            if !entry.identity.is_empty() {
                let named = view.by_identity.entry(entry.identity.clone());
                named.and_modify(|known| *known = None).or_insert(Some(at));
            }
            view.entries.push(Entry {
                fields: places.iter().map(field).collect(),
                ..entry.clone()
            });
        }
        view
    }

    /// The entry with a key.
    pub(in crate::data) fn entry(&self, key: &RowKey) -> Option<usize> {
        self.by_key.get(key).copied()
    }

    /// The entry that alone names a primary key.
    pub(in crate::data) fn naming(&self, identity: &Identity) -> Option<usize> {
        self.by_identity.get(identity).copied().flatten()
    }

    /// What the base says of a column; nothing where it does not know.
    pub(in crate::data) fn digest(&self, entry: usize, column: usize) -> Option<FieldDigest> {
        self.entries[entry].fields[column].or(self.defaults[column])
    }

    /// The package brings nothing new: all that it gives is as it was.
    pub(in crate::data) fn is_unchanged(&self, entry: usize, theirs: &[Option<FieldDigest>]) -> bool {
        let mut given = theirs
            .iter()
            .enumerate()
            .filter_map(|(column, digest)| Some((column, (*digest)?)));
        given.all(|(column, digest)| self.digest(entry, column) == Some(digest))
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
            self.entries[entry].fields[**column] == Some(now)
        };
        columns.iter().filter(is_equal).count()
    }
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

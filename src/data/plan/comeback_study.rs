//! Looks for what stands in the way of rows that come back, and locks it: rows with their keys, and with their primary
//! keys. Decides nothing that `comeback` does not.

use std::borrow::Cow;
use std::collections::HashMap;

use super::absence::Going;
use super::absence_rows::in_order;
use super::comeback::{Comeback, ComebackFacts, Holder, Kept, KeptRow, Verdict, decide, taken_back};
use super::comeback_keys::TableKeys;
use super::comeback_parents::Parents;
use super::give_back::{give_back, saved_of};
use super::leave::holds_grants;
use super::standing::{CurrentRow, CurrentTable, standing_tables};
use super::standing_value::literal;
use super::standing_write::FieldWrite;
use crate::base::db::Database;
use crate::data::fit::find::PrimaryKey;
use crate::data::fit::natural_key::{Key, fold_stored};
use crate::data::package::error::DataError;
use crate::data::table::contract::Contracts;
use crate::ledger::{Base, RowKey, SavedRow};
use crate::model::{Slug, TableName};

/// A plugin that comes back.
#[derive(Debug, Clone, Copy)]
pub struct Returning<'r> {
    /// The plugin.
    pub slug: &'r Slug,
    /// What its packages last brought.
    pub base: &'r Base,
    /// What was set aside for it, the oldest first.
    pub saved: &'r [SavedRow],
    /// What other plugins' packages brought to these tables.
    pub others: &'r [(Slug, Base)],
    /// How the gestor declares its tables.
    pub contracts: &'r Contracts,
}

/// The tables that rows come back to, those that others refer to before these. One that is not there is not among them.
pub fn returning_tables(
    database: &mut Database,
    returning: Returning<'_>,
    names: &[&TableName],
) -> Result<Vec<CurrentTable>, DataError> {
    let tables = standing_tables(database, returning.contracts, names, returning.base)?;
    Ok(in_order(tables.into_values().collect(), CurrentTable::schema))
}

/// A row of an archive, by the table's columns.
struct Row {
    kept: Kept,
    values: CurrentRow,
    known: Vec<usize>,
    identity: PrimaryKey,
    keys: [RowKey; 2],
}

impl CurrentTable {
    /// What becomes of rows of an archive. What stands in their way is locked. `parents`: what became of rows to which they
    /// refer; `known`: the keys of the table's rows.
    pub fn plan_comeback(
        &self,
        database: &mut Database,
        returning: Returning<'_>,
        (rows, parents): (&[KeptRow], &Parents),
        known: &mut TableKeys,
    ) -> Result<Vec<Comeback>, DataError> {
        let mut rows = Cow::Borrowed(rows);
        let mut lost = vec![false; rows.len()];
        if parents.concern(self) {
            let rows = rows.to_mut().iter_mut();
            lost = rows.map(|row| parents.follow(self, row)).collect();
        }
        let rows: Vec<Row> = rows.iter().map(|row| self.laid_out(row)).collect();
        let identities: Vec<&PrimaryKey> = rows.iter().map(|row| &row.identity).collect();
        let numbered = self.read(database, &identities, true)?;
        let holders = self.holders(database, (&rows, returning.slug), known)?;
        let found = rows.into_iter().zip(numbered).zip(holders).zip(lost);
        Ok(found
            .map(|(((row, numbered), holder), is_lost)| match row.kept {
                Kept::Emptied => self.refill(&row, numbered.as_ref()),
                _ if is_lost => self.refused(&row),
                _ => self.come_back(returning, row, (numbered.is_some(), holder)),
            })
            .collect())
    }

    /// What a row that was emptied gets back, where it still stands and nobody has filled it since.
    fn refill(&self, row: &Row, now: Option<&CurrentRow>) -> Comeback {
        let Some(now) = now else { return Comeback::Stands };
        let lost = row.known.iter().filter(|column| !self.schema.identity.contains(column));
        let lost: Vec<usize> = lost.copied().collect();
        if lost.iter().any(|column| now[*column].is_some()) {
            return Comeback::Stands;
        }
        let values = lost.into_iter().map(|column| (column, row.values[column].clone()));
        Comeback::Refill {
            identity: row.identity.clone(),
            write: FieldWrite {
                values: values.collect(),
            },
        }
    }

    fn refused(&self, row: &Row) -> Comeback {
        Comeback::Refused {
            shown: self.shown(&row.values),
            keys: row.keys,
        }
    }

    /// The column in which a row has another number than the archive says, and the number.
    pub(super) fn renumbered(&self, row: &KeptRow, identity: &[Box<[u8]>]) -> Option<(String, Vec<u8>)> {
        let ([column], [number]) = (self.schema.identity.as_slice(), identity) else {
            return None;
        };
        let name = self.column_name(*column);
        let before = row.values.get(name)?.as_deref();
        (before != Some(&**number)).then(|| (name.to_owned(), number.to_vec()))
    }

    /// Columns in which a row of an archive has a value, and that the table does not have any more.
    pub fn lacking(&self, kept: &KeptRow) -> Vec<String> {
        let values = kept.values.iter().filter(|(_, value)| value.is_some());
        let lacking =
            values.filter(|(name, _)| !self.schema.columns.iter().any(|column| column.name.as_str() == *name));
        lacking.map(|(name, _)| name.clone()).collect()
    }

    fn laid_out(&self, kept: &KeptRow) -> Row {
        let columns = self.schema.columns.iter();
        let row: CurrentRow = columns
            .map(|column| kept.values.get(column.name.as_str()).cloned().flatten())
            .collect();
        let is_known = |column: &usize| kept.values.contains_key(self.column_name(*column));
        Row {
            kept: kept.kept,
            known: (0..row.len()).filter(is_known).collect(),
            identity: self.identity_of(&row),
            keys: self.keys(&row),
            values: row,
        }
    }

    /// By row: the one that has its key now, by what a package names rows by, or by a UNIQUE index.
    fn holders(
        &self,
        database: &mut Database,
        (rows, slug): (&[Row], &Slug),
        known: &mut TableKeys,
    ) -> Result<Vec<Option<(PrimaryKey, CurrentRow)>>, DataError> {
        let mut holders: Vec<Option<(PrimaryKey, CurrentRow)>> = rows.iter().map(|_| None).collect();
        let natural = (self.contract.key.columns().to_vec(), false);
        let unique = self.schema.unique.iter().map(|index| (index.columns.clone(), true));
        for (columns, is_index) in std::iter::once(natural).chain(unique) {
            let counts = columns == self.schema.identity && self.counts();
            if columns.is_empty() || counts {
                continue;
            }
            let key_of = |row: &CurrentRow| self.index_key(row, &columns, is_index);
            let mut wanted: HashMap<Key, Vec<usize>> = HashMap::new();
            let mut tuples = Vec::new();
            // What packages name rows by says nothing of rows of others.
            let is_asked =
                |row: &Row| row.kept != Kept::Emptied && (is_index || row.kept != Kept::Gone(Going::Hanging));
            for (at, row) in rows.iter().enumerate().filter(|(_, row)| is_asked(row)) {
                if let Some(key) = key_of(&row.values) {
                    wanted.entry(key).or_default().push(at);
                    let values = columns.iter();
                    let value = |column: &usize| literal(&self.schema.columns[*column], row.values[*column].as_deref());
                    tuples.push(values.map(value).collect::<Vec<_>>());
                }
            }
            let found = if is_index {
                self.rows_where(database, &columns, &tuples)?
            } else {
                self.rows_named(database, (&columns, &tuples), &wanted, known)?
            };
            for (identity, found) in found {
                // As an installation finds rows: another plugin's of the same name are no obstacle where no index says so.
                if !is_index && self.holder_of(&found, slug) == Holder::Other {
                    continue;
                }
                let places = key_of(&found).and_then(|key| wanted.get(&key));
                for place in places.into_iter().flatten() {
                    holders[*place].get_or_insert_with(|| (identity.clone(), found.clone()));
                }
            }
        }
        Ok(holders)
    }

    /// Folded values of columns; nothing where an index would not compare them.
    fn index_key(&self, row: &CurrentRow, columns: &[usize], is_index: bool) -> Option<Key> {
        if is_index && columns.iter().any(|column| row[*column].is_none()) {
            return None;
        }
        let fold = |column: &usize| fold_stored(&self.schema.columns[*column], row[*column].as_deref());
        Some(columns.iter().map(fold).collect())
    }

    /// The server numbers its rows.
    fn counts(&self) -> bool {
        matches!(self.schema.identity.as_slice(), [column] if self.schema.columns[*column].auto_increment)
    }

    fn come_back(
        &self,
        returning: Returning<'_>,
        row: Row,
        (numbered, holder): (bool, Option<(PrimaryKey, CurrentRow)>),
    ) -> Comeback {
        let is_holder = holder.as_ref().is_some_and(|(identity, _)| *identity == row.identity);
        let verdict = decide(ComebackFacts {
            kept: row.kept,
            holder: holder.as_ref().map(|(_, found)| self.holder_of(found, returning.slug)),
            number_taken: numbered && !is_holder,
            counts: self.counts(),
            grants: holds_grants(self.name().as_str()),
            shared: !self.has_owner() && row.keys.iter().any(|key| self.is_brought(returning.others, key)),
        });
        let keys = row.keys;
        match (verdict, holder) {
            (Verdict::Inserted | Verdict::Renumbered, _) => Comeback::Insert {
                row: row.values,
                known: row.known,
                renumbered: verdict == Verdict::Renumbered,
                keys,
            },
            (Verdict::Taken, Some((identity, now))) => {
                let given = self.given_back(returning, &row);
                let write = taken_back(self, (&now, &given, &row.values), &row.known);
                Comeback::Write { identity, write, keys }
            }
            (Verdict::Bound, Some((identity, _))) => {
                let owner = self.schema.owner();
                let slug = returning.slug.as_str().as_bytes().to_vec();
                let values = owner.map(|owner| (owner, Some(slug))).into_iter().collect();
                let write = FieldWrite { values };
                Comeback::Write { identity, write, keys }
            }
            (Verdict::Stands, _) => Comeback::Stands,
            (Verdict::Refused | Verdict::Taken | Verdict::Bound, _) => Comeback::Refused {
                keys,
                shown: self.shown(&row.values),
            },
        }
    }

    /// Whether other plugins' packages bring a row.
    fn is_brought(&self, others: &[(Slug, Base)], key: &RowKey) -> bool {
        let mut bases = others.iter().filter_map(|(_, base)| base.get(self.name()));
        bases.any(|base| base.find(key).is_some_and(|at| base.entries[at].is_alive()))
    }

    fn holder_of(&self, row: &CurrentRow, slug: &Slug) -> Holder {
        if !self.has_owner() || self.is_unowned(row) {
            Holder::Nobody
        } else if self.is_foreign(row, slug) {
            Holder::Other
        } else {
            Holder::Own
        }
    }

    /// What a row was given back as.
    fn given_back(&self, returning: Returning<'_>, row: &Row) -> CurrentRow {
        let mut given = row.values.clone();
        let entry = row.keys.iter().find_map(|key| self.entry(key));
        let Some(entry) = entry else { return given };
        let key = self.entries()[entry].key;
        let saved = saved_of(returning.saved, self.name(), (&row.identity, Some(key)));
        for (column, value) in give_back(self, entry, &row.values, saved).values {
            given[column] = value;
        }
        given
    }
}

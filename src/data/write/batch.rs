//! The statements that write a plan: which rows one statement writes, and its text from the rows as they are read back.
//! Sends nothing.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::data::fit::change::{Marks, NewValue, gives_versao};
use crate::data::fit::column_map::{Cell, Table};
use crate::data::fit::find::PrimaryKey;
use crate::data::fit::value::Value;
use crate::data::package::error::DataError;
use crate::data::package::row_store::RowStore;
use crate::data::plan::order;
use crate::data::plan::park::Park;
use crate::data::plan::plan::{Plan, TablePlan};
use crate::data::plan::request::Request;
use crate::data::plan::update::Update;
use crate::data::sql::{self, Assignment, Tuple};
use crate::data::table::schema::TableSchema;
use crate::model::{Slug, TableName};

/// Rows of one UPDATE: the server looks for each row's branch of `CASE` one by one.
const UPDATES: usize = 200;

/// Rows of a table that one statement writes: places in the plan's updates or inserts.
#[derive(Debug, Clone)]
pub(super) enum Batch {
    /// Values that nobody has, for rows that exchange theirs. All of these are written before anything else, so it does
    /// not matter how they are cut.
    Parks(Range<usize>),
    /// Of the updates.
    Updates(Range<usize>),
    /// Of the inserts.
    Inserts(Range<usize>),
}

/// The statements of one table: cut to size, and built from the rows as they are read back.
pub(super) struct Statements<'a> {
    plan: &'a TablePlan,
    rows: &'a RowStore,
    slug: &'a Slug,
    /// The rows of the package that parked rows are changed to.
    parked: HashMap<&'a PrimaryKey, usize>,
    /// In the order in which they are written.
    pub(super) batches: Vec<Batch>,
}

impl<'a> Statements<'a> {
    /// Statements of about `limit` bytes.
    pub(in crate::data) fn of(plan: &'a TablePlan, rows: &'a RowStore, slug: &'a Slug, limit: usize) -> Self {
        let mut updates: Vec<Batch> = Vec::new();
        let mut from = 0;
        // A column that a statement assigns is written in each of its rows, and not always as it was read.
        for group in plan.updates.chunk_by(|one, other| one.columns() == other.columns()) {
            let ranges = cut(group.len(), UPDATES, limit, |at| rows.size(group[at].row));
            let placed = ranges.into_iter().map(|range| range.start + from..range.end + from);
            updates.extend(placed.map(Batch::Updates));
            from += group.len();
        }
        let inserts = cut(plan.inserts.len(), usize::MAX, limit, |at| rows.size(plan.inserts[at]));
        let mut inserts: Vec<Batch> = inserts.into_iter().map(Batch::Inserts).collect();
        let parked = parked_rows(plan);
        let mut batches = Vec::new();
        from = 0;
        for group in plan.parks.chunk_by(|one, other| one.column == other.column) {
            let ranges = cut(group.len(), UPDATES, limit, |at| {
                park_size(&group[at]) + parked.get(&group[at].identity).map_or(0, |row| rows.size(*row))
            });
            let placed = ranges.into_iter().map(|range| range.start + from..range.end + from);
            batches.extend(placed.map(Batch::Parks));
            from += group.len();
        }
        if order::own_references(&plan.schema).is_empty() {
            batches.append(&mut updates);
            batches.append(&mut inserts);
        } else {
            // A row that stands there already may come to refer to a new one.
            batches.append(&mut inserts);
            batches.append(&mut updates);
        }
        Self {
            plan,
            rows,
            slug,
            parked,
            batches,
        }
    }

    /// Tables that refer to each other, this one among them.
    pub(in crate::data) fn circle(&self) -> &'a [TableName] {
        &self.plan.circle
    }

    /// The table.
    pub(in crate::data) fn schema(&self) -> &'a TableSchema {
        &self.plan.schema
    }

    /// About how long all of them are.
    pub(in crate::data) fn bytes(&self) -> usize {
        const HEAD: usize = 1024;
        let updates = self.plan.updates.iter().map(|update| update.row);
        let rows = updates.chain(self.plan.inserts.iter().copied());
        let parks: usize = self.plan.parks.iter().map(park_size).sum();
        rows.map(|row| bytes_of(self.rows.size(row))).sum::<usize>() + parks + HEAD * self.batches.len()
    }

    /// Reads the rows of a batch back and hands them over, with what builds a statement of some of them.
    pub(super) fn with_rows<T>(
        &self,
        batch: &Batch,
        then: impl FnOnce(&Table<'_>, &dyn Fn(Range<usize>) -> Vec<u8>) -> T,
    ) -> Result<T, DataError> {
        let places: Vec<usize> = match batch {
            Batch::Updates(range) => self.plan.updates[range.clone()]
                .iter()
                .map(|update| update.row)
                .collect(),
            Batch::Inserts(range) => self.plan.inserts[range.clone()].to_vec(),
            Batch::Parks(range) => {
                let parks = self.plan.parks[range.clone()].iter();
                parks
                    .filter_map(|park| self.parked.get(&park.identity).copied())
                    .collect()
            }
        };
        let loaded = self.rows.load(places).map_err(DataError::Rows)?;
        let table = Table::new(&self.plan.schema, &self.plan.contract, &loaded);
        match batch {
            Batch::Parks(of) => {
                let parked = |park: &'_ Park| (park.column, park.value.clone());
                let build = |range: Range<usize>| {
                    let parks = &self.plan.parks[of.clone()][range];
                    let rows = parks.iter().map(|park| Assignment {
                        identity: &park.identity,
                        values: vec![parked(park)],
                    });
                    sql::update(table.schema, &rows.collect::<Vec<_>>())
                };
                Ok(then(&table, &build))
            }
            Batch::Updates(range) => {
                let updates = &self.plan.updates[range.clone()];
                let assigned = |at: usize| assignment(&table, at, &updates[at], self.slug);
                let build = |range: Range<usize>| sql::update(table.schema, &range.map(assigned).collect::<Vec<_>>());
                Ok(then(&table, &build))
            }
            Batch::Inserts(_) => {
                let (columns, marks) = (insert_columns(&table), Marks::of(&table));
                let build = |range: Range<usize>| {
                    let mut statement = sql::insert_head(table.schema, &columns);
                    for (at, row) in range.enumerate() {
                        if at > 0 {
                            statement.push(b',');
                        }
                        sql::push_tuple(&mut statement, &insert_tuple(&table, row, &columns, marks, self.slug));
                    }
                    statement
                };
                Ok(then(&table, &build))
            }
        }
    }

    /// Each batch with its table.
    pub(in crate::data) fn each(&self) -> impl Iterator<Item = (&Self, &Batch)> {
        self.batches.iter().map(move |batch| (self, batch))
    }

    /// The statement of a batch.
    pub(super) fn build(&self, batch: &Batch) -> Result<Vec<u8>, DataError> {
        self.with_rows(batch, |table, build| build(0..table.rows.len()))
    }
}

/// The statements that write a plan, in order and of about `limit` bytes each: the texts that [`crate::data::apply`] sends, for
/// who measures their making (`benches/micro.rs`).
pub fn statements<'a>(
    plan: &'a Plan,
    request: &'a Request<'_>,
    limit: usize,
) -> impl Iterator<Item = Result<Vec<u8>, DataError>> + 'a {
    plan.tables.iter().flat_map(move |table| {
        let made = Statements::of(table, &request.tables[table.source].rows, request.slug, limit);
        (0..made.batches.len()).map(move |at| made.build(&made.batches[at]))
    })
}

impl Batch {
    /// How many rows of the package it brings to their end.
    pub(in crate::data) fn len(&self) -> usize {
        match self {
            Self::Parks(_) => 0,
            Self::Updates(range) | Self::Inserts(range) => range.len(),
        }
    }
}

/// The rows of the package that the parked rows are changed to.
fn parked_rows(plan: &TablePlan) -> HashMap<&PrimaryKey, usize> {
    let parked: HashSet<&PrimaryKey> = plan.parks.iter().map(|park| &park.identity).collect();
    let updates = plan.updates.iter().filter(|update| parked.contains(&update.identity));
    updates.map(|update| (&update.identity, update.row)).collect()
}

/// About how long a parked row is in a statement, which names it twice.
fn park_size(park: &Park) -> usize {
    let names: usize = park.identity.iter().map(|part| part.len() + 8).sum();
    let value = match &park.value {
        Value::Text(text) | Value::Number(text) => text.len(),
        _ => 8,
    };
    2 * names + value + 32
}

/// Ranges of rows that fit a statement each: at least one row, and no more than `most`.
fn cut(count: usize, most: usize, limit: usize, size: impl Fn(usize) -> usize) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut from = 0;
    while from < count {
        let mut bytes = 0;
        let fits = |at: &usize| {
            bytes += bytes_of(size(*at));
            bytes < limit
        };
        let to = from + (from..count).take(most).take_while(fits).count().max(1);
        ranges.push(from..to);
        from = to;
    }
    ranges
}

/// About how long a row of this size is in a statement.
fn bytes_of(size: usize) -> usize {
    size + size / 16
}

/// The columns of an INSERT: what any row gives, the owner, and the version.
fn insert_columns(table: &Table<'_>) -> Vec<usize> {
    let mut columns = table.columns();
    columns.extend(table.schema.owner());
    columns.extend(table.schema.position("versao"));
    columns.sort_unstable();
    columns.dedup();
    columns
}

fn insert_tuple<'a>(table: &Table<'a>, row: usize, columns: &[usize], marks: Marks, slug: &'a Slug) -> Tuple<'a> {
    let own_versao = gives_versao(table, row, marks);
    let value = |column: &usize| {
        if table.schema.owner() == Some(*column) {
            return Some(Value::Text(slug.as_str().into()));
        }
        if marks.versao == Some(*column) && !own_versao {
            return Some(Value::Number("1".into()));
        }
        table.value_of(row, *column)
    };
    columns.iter().map(value).collect()
}

fn assignment<'a>(table: &Table<'a>, at: usize, update: &'a Update, slug: &'a Slug) -> Assignment<'a> {
    let values = update.changes.iter().map(|change| {
        let value = match change.value {
            NewValue::Field(field) => {
                let cell = Cell {
                    column: change.column,
                    field,
                };
                table.value(at, cell).unwrap_or(Value::Null)
            }
            NewValue::Owner => Value::Text(slug.as_str().into()),
            NewValue::Number(number) => Value::Number(number.to_string().into()),
        };
        (change.column, value)
    });
    Assignment {
        identity: &update.identity,
        values: values.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_by_bytes_and_by_number() {
        let sizes = [100, 100, 5_000, 100, 100, 100];
        let cut = |most, limit| cut(sizes.len(), most, limit, |at| sizes[at]);
        assert_eq!(cut(usize::MAX, 1_000), [0..2, 2..3, 3..6]);
        assert_eq!(cut(2, 1_000), [0..2, 2..3, 3..5, 5..6]);
        assert_eq!(cut(usize::MAX, 1), [0..1, 1..2, 2..3, 3..4, 4..5, 5..6]);
        assert!(super::cut(0, 1, 1, |_| 0).is_empty());
    }
}

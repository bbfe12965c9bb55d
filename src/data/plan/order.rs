//! The order in which tables and rows are written: what a foreign key refers to comes before what refers to it. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::plan::TablePlan;
use crate::data::fit::column_map::Table;
use crate::data::fit::natural_key::{Key, fold};
use crate::data::fit::value::Value;
use crate::data::table::schema::{Reference, TableSchema};
use crate::model::TableName;

/// Puts tables that others refer to before these; otherwise their order stays. Tables that refer to each other in a
/// circle learn which they are: there is no order for them.
pub(super) fn parents_first(tables: &mut Vec<TablePlan>) {
    let places: BTreeMap<TableName, usize> = (tables.iter().enumerate())
        .map(|(at, plan)| (plan.schema.name.clone(), at))
        .collect();
    let parents: Vec<Vec<usize>> = tables
        .iter()
        .enumerate()
        .map(|(at, plan)| {
            let named = plan.refers_to.iter().filter_map(|table| places.get(table));
            named.copied().filter(|parent| *parent != at).collect()
        })
        .collect();
    for (at, circle) in circles(&parents) {
        let names = circle.iter().map(|place| tables[*place].schema.name.clone()).collect();
        tables[at].circle = names;
    }
    let order = sorted(&parents);
    let mut taken: Vec<Option<TablePlan>> = tables.drain(..).map(Some).collect();
    tables.extend(order.into_iter().filter_map(|at| taken[at].take()));
}

/// Places such that each comes after its parents, as far as there is such an order.
pub(super) fn sorted(parents: &[Vec<usize>]) -> Vec<usize> {
    let mut order = Vec::with_capacity(parents.len());
    let mut seen = vec![false; parents.len()];
    for start in 0..parents.len() {
        // Places with how many of their parents have been gone into: no recursion, for rows may be many.
        let mut open = vec![(start, 0)];
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        while let Some((at, next)) = open.last_mut() {
            let parent = parents[*at].get(*next).copied();
            *next += 1;
            match parent {
                Some(parent) if !std::mem::replace(&mut seen[parent], true) => open.push((parent, 0)),
                Some(_) => {}
                None => {
                    order.push(*at);
                    open.pop();
                }
            }
        }
    }
    order
}

/// The places that lead back to themselves, each with the shortest way.
fn circles(parents: &[Vec<usize>]) -> Vec<(usize, Vec<usize>)> {
    (0..parents.len())
        .filter_map(|start| shortest_way_back(parents, start).map(|way| (start, way)))
        .collect()
}

fn shortest_way_back(parents: &[Vec<usize>], start: usize) -> Option<Vec<usize>> {
    let mut came_from: HashMap<usize, usize> = HashMap::new();
    let mut reached = vec![start];
    while !reached.is_empty() {
        let mut next = Vec::new();
        for at in reached {
            for parent in &parents[at] {
                if *parent == start {
                    let mut way = vec![at];
                    while let Some(before) = came_from.get(&way[way.len() - 1]) {
                        way.push(*before);
                    }
                    way.reverse();
                    return Some(way);
                }
                if !came_from.contains_key(parent) {
                    came_from.insert(*parent, at);
                    next.push(*parent);
                }
            }
        }
        reached = next;
    }
    None
}

/// A foreign key of a table to itself: places of its columns, and of those that they refer to.
type OwnReference = (Vec<usize>, Vec<usize>);

/// The foreign keys of a table to itself.
pub(in crate::data) fn own_references(schema: &TableSchema) -> Vec<OwnReference> {
    let is_own = |reference: &&Reference| reference.table == schema.name;
    let own = schema.references.iter().filter(is_own);
    let placed = own.filter_map(|reference| {
        let parents: Option<Vec<usize>> = reference.parents.iter().map(|name| schema.position(name)).collect();
        Some((reference.columns.clone(), parents?))
    });
    placed.collect()
}

/// The values of rows that the foreign keys of a table to itself are about.
pub(super) struct OwnKeys {
    references: Vec<OwnReference>,
    /// By reference: rows by what is referred to, and what each row refers to.
    named: Vec<HashMap<Key, usize>>,
    names: Vec<Vec<Option<Key>>>,
    rows: usize,
}

impl OwnKeys {
    /// No rows yet.
    pub(in crate::data) fn new(references: Vec<OwnReference>) -> Self {
        Self {
            named: vec![HashMap::new(); references.len()],
            names: vec![Vec::new(); references.len()],
            references,
            rows: 0,
        }
    }

    /// Adds the rows of a window, in order.
    pub(in crate::data) fn add(&mut self, table: &Table<'_>) {
        for at in 0..table.rows.len() {
            for (place, (columns, parents)) in self.references.iter().enumerate() {
                if let Some(key) = key(table, at, parents) {
                    self.named[place].insert(key, self.rows);
                }
                self.names[place].push(key(table, at, columns));
            }
            self.rows += 1;
        }
    }

    /// Places of the rows in the order in which they can be written.
    pub(in crate::data) fn order(&self) -> Vec<usize> {
        let parents_of = |row: usize| -> Vec<usize> {
            let places = 0..self.references.len();
            let found = places.filter_map(|place| self.named[place].get(self.names[place][row].as_ref()?));
            found.copied().filter(|parent| *parent != row).collect()
        };
        sorted(&(0..self.rows).map(parents_of).collect::<Vec<_>>())
    }
}

/// The tables that rows refer to: those of foreign keys whose columns are all filled.
pub(super) fn referred(table: &Table<'_>) -> BTreeSet<TableName> {
    let is_used = |reference: &&Reference| {
        let mut rows = 0..table.rows.len();
        rows.any(|row| key(table, row, &reference.columns).is_some())
    };
    let used = table.schema.references.iter().filter(is_used);
    used.map(|reference| reference.table.clone()).collect()
}

/// The folded values of columns; `None` where one is NULL or not given: then nothing is referred to.
fn key(table: &Table<'_>, row: usize, columns: &[usize]) -> Option<Key> {
    let part = |column: &usize| {
        let value = table.value_of(row, *column).filter(|value| *value != Value::Null)?;
        Some(fold(&table.schema.columns[*column], &value))
    };
    columns.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fit::column_map::tests::{row, text};
    use crate::data::table::contract::Contracts;
    use crate::data::table::contract::tests::table;
    use crate::model::Field;

    #[test]
    fn parents_come_first_and_circles_are_seen() {
        for (parents, order, circle) in [
            (vec![vec![1], vec![2], vec![]], vec![2, 1, 0], 0),
            (vec![vec![], vec![], vec![]], vec![0, 1, 2], 0),
            (vec![vec![], vec![2], vec![], vec![0, 2]], vec![0, 2, 1, 3], 0),
            (vec![vec![1], vec![0], vec![1]], vec![1, 0, 2], 2),
        ] {
            assert_eq!(sorted(&parents), order, "{parents:?}");
            assert_eq!(circles(&parents).len(), circle, "{parents:?}");
        }
        assert_eq!(circles(&[vec![1], vec![2], vec![0]])[0], (0, vec![0, 1, 2]));
        let long: Vec<Vec<usize>> = (0..100_000).map(|at| vec![(at + 1) % 100_000]).collect();
        assert_eq!(sorted(&long)[0], 99_999);
    }

    #[test]
    fn rows_of_one_table_come_after_those_that_they_refer_to() {
        let mut schema = table("own", &["#n", "id", "parent"], &[&["id"]]);
        schema.references.push(Reference {
            columns: vec![2],
            table: schema.name.clone(),
            parents: vec!["id".to_owned()],
        });
        let contract = Contracts::new(None).resolve(&schema);
        let rows = [
            row(1, &[("id", text("leaf")), ("parent", text("Branch"))]),
            row(2, &[("id", text("branch")), ("parent", text("root"))]),
            row(3, &[("id", text("root")), ("parent", Field::Null)]),
            row(4, &[("id", text("self")), ("parent", text("self"))]),
            row(5, &[("id", text("x")), ("parent", text("not of the package"))]),
        ];
        let mut keys = OwnKeys::new(own_references(&schema));
        keys.add(&Table::new(&schema, &contract, &rows[..2]));
        keys.add(&Table::new(&schema, &contract, &rows[2..]));
        assert_eq!(keys.order(), [2, 1, 0, 3, 4]);
    }
}

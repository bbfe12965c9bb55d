//! What a server says of its tables, and what that means. Pure.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::column_facts::{ColumnFacts, json_checked};
use super::schema::{Reference, TableSchema, UniqueIndex};
use super::texts::Texts;
use crate::model::TableName;

/// What the database says of its tables.
#[derive(Debug, Default)]
pub(in crate::data) struct Inspected {
    /// How the tables look that were asked for; those that do not exist are not here.
    pub(in crate::data) schemas: BTreeMap<TableName, TableSchema>,
    /// Those that were asked for and are views.
    pub(in crate::data) views: BTreeSet<TableName>,
    /// Tables that have an owner column: all of them where that was asked, else those that were asked for.
    pub(in crate::data) owned: Vec<TableName>,
}

/// What a server says of tables, by what was asked.
#[derive(Default)]
pub(super) struct Said {
    pub(super) tables: Vec<Texts>,
    pub(super) columns: Vec<Texts>,
    pub(super) indexes: Vec<Texts>,
    pub(super) references: Vec<Texts>,
    pub(super) others: Vec<Texts>,
    pub(super) checks: Vec<Texts>,
}

impl Said {
    /// What that means. `mariadb`: a MariaDB said it.
    pub(super) fn understood(self, mariadb: bool) -> Inspected {
        let Self {
            tables,
            mut columns,
            indexes,
            references,
            others,
            checks,
        } = self;
        let views = names(tables.iter().filter(|row| kind_of(row) == b"VIEW")).collect();
        let mut schemas = empty_schemas(tables);
        let json = json_checks(checks);
        let owned = owned_tables(&columns, &others);
        columns.sort_by_key(|row| number(row, 9));
        for row in columns {
            add_column(&mut schemas, row, &json, mariadb);
        }
        let mut indexes = indexes;
        indexes.retain(|row| number(row, 5) == Some(0));
        indexes.sort_by_key(|row| number(row, 4));
        add_indexes(&mut schemas, indexes);
        add_references(&mut schemas, references);
        schemas.values_mut().for_each(set_identity);
        Inspected { schemas, views, owned }
    }
}

/// `TABLE_TYPE` of a row of table facts.
fn kind_of(row: &Texts) -> &[u8] {
    row.get(2).and_then(Option::as_deref).unwrap_or_default()
}

/// The tables that rows name first.
fn names<'r>(rows: impl Iterator<Item = &'r Texts>) -> impl Iterator<Item = TableName> {
    rows.filter_map(|row| TableName::new(&String::from_utf8_lossy(row.first()?.as_deref()?)).ok())
}

/// The tables, without columns yet: ordinary ones, and those that keep the history of their rows.
fn empty_schemas(rows: Vec<Texts>) -> BTreeMap<TableName, TableSchema> {
    let schemas = rows.into_iter().filter_map(|mut row| {
        let is_table = matches!(kind_of(&row), b"BASE TABLE" | b"SYSTEM VERSIONED");
        let name = word(&mut row, 0).and_then(|name| TableName::new(&name).ok())?;
        let estimated_rows = number(&row, 3).unwrap_or(0);
        let engine = word(&mut row, 1).unwrap_or_default();
        let transactional = engine.eq_ignore_ascii_case("InnoDB");
        is_table.then(|| (name.clone(), empty(name, transactional, estimated_rows)))
    });
    schemas.collect()
}

fn empty(name: TableName, transactional: bool, estimated_rows: u64) -> TableSchema {
    TableSchema {
        name,
        columns: Vec::new(),
        primary: Vec::new(),
        identity: Vec::new(),
        unique: Vec::new(),
        references: Vec::new(),
        transactional,
        estimated_rows,
    }
}

pub(super) fn number(row: &Texts, at: usize) -> Option<u64> {
    let text = row.get(at)?.as_ref()?;
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Tables and columns whose `CHECK` holds them to JSON.
fn json_checks(rows: Vec<Texts>) -> HashSet<(String, String)> {
    let checks = rows.into_iter().filter_map(|mut row| {
        let enforced = row.len() < 4 || word(&mut row, 3).as_deref() == Some("YES");
        let at = if row.len() < 3 { 1 } else { 2 };
        let (table, clause) = (word(&mut row, 0)?, word(&mut row, at).filter(|_| enforced)?);
        json_checked(&clause).map(|column| (table, column.to_owned()))
    });
    checks.collect()
}

fn add_column(
    schemas: &mut BTreeMap<TableName, TableSchema>,
    mut row: Texts,
    json: &HashSet<(String, String)>,
    quoted_defaults: bool,
) {
    let length = number(&row, 8);
    let mut next = |at| word(&mut row, at);
    let (table, name) = (next(0).unwrap_or_default(), next(1).unwrap_or_default());
    let checks_json = json.contains(&(table.clone(), name.clone()));
    let facts = ColumnFacts {
        name,
        column_type: next(2).unwrap_or_default(),
        nullable: next(3).as_deref() == Some("YES"),
        default: next(4),
        extra: next(5).unwrap_or_default(),
        charset: next(6).unwrap_or_default(),
        collation: next(7).unwrap_or_default(),
        length,
        checks_json,
        quoted_defaults,
    };
    let schema = TableName::new(&table).ok().and_then(|table| schemas.get_mut(&table));
    if let (Some(schema), Some(column)) = (schema, facts.column()) {
        schema.columns.push(column);
    }
}

/// Indexes on parts of columns are left out: what they hold apart is for the server to say.
fn add_indexes(schemas: &mut BTreeMap<TableName, TableSchema>, rows: Vec<Texts>) {
    let mut indexes: BTreeMap<(String, String), Option<Vec<String>>> = BTreeMap::new();
    for mut row in rows {
        let in_part = row.get(3).is_some_and(Option::is_some);
        let key = (
            word(&mut row, 0).unwrap_or_default(),
            word(&mut row, 1).unwrap_or_default(),
        );
        let column = word(&mut row, 2).filter(|_| !in_part);
        let columns = indexes.entry(key).or_insert_with(|| Some(Vec::new()));
        match (columns.as_mut(), column) {
            (Some(columns), Some(column)) => columns.push(column),
            _ => *columns = None,
        }
    }
    for ((table, name), columns) in indexes {
        let schema = TableName::new(&table).ok().and_then(|table| schemas.get_mut(&table));
        let (Some(schema), Some(columns)) = (schema, columns) else {
            continue;
        };
        let places: Option<Vec<usize>> = columns.iter().map(|column| schema.position(column)).collect();
        match places {
            Some(places) if name == "PRIMARY" => schema.primary = places,
            Some(columns) => schema.unique.push(UniqueIndex { name, columns }),
            None => {}
        }
    }
}

/// Foreign keys, with the columns of each in their order.
fn add_references(schemas: &mut BTreeMap<TableName, TableSchema>, mut rows: Vec<Texts>) {
    rows.sort_by_key(|row| number(row, 5));
    let mut found: BTreeMap<(String, String), Reference> = BTreeMap::new();
    for mut row in rows {
        let mut next = |at| word(&mut row, at).unwrap_or_default();
        let [table, constraint, column, parent, parent_column] = [next(0), next(1), next(2), next(3), next(4)];
        let schema = TableName::new(&table).ok().and_then(|table| schemas.get(&table));
        let (Some(column), Ok(parent)) = (
            schema.and_then(|found| found.position(&column)),
            TableName::new(&parent),
        ) else {
            continue;
        };
        let reference = found.entry((table, constraint)).or_insert_with(|| Reference {
            columns: Vec::new(),
            table: parent,
            parents: Vec::new(),
        });
        reference.columns.push(column);
        reference.parents.push(parent_column);
    }
    for ((table, _), reference) in found {
        let schema = TableName::new(&table).ok().and_then(|table| schemas.get_mut(&table));
        if let Some(schema) = schema {
            schema.references.push(reference);
        }
    }
}

fn set_identity(schema: &mut TableSchema) {
    let filled = |index: &&UniqueIndex| index.columns.iter().all(|column| !schema.columns[*column].nullable);
    schema.identity = if schema.primary.is_empty() {
        schema
            .unique
            .iter()
            .find(filled)
            .map_or_else(Vec::new, |index| index.columns.clone())
    } else {
        schema.primary.clone()
    };
}

/// The tables of which rows of column facts name the owner column, in order; without those that are not a package's, and
/// without `others`, which are no tables: a view shows rows of others, or cannot be read at all.
pub(super) fn owned_tables(columns: &[Texts], others: &[Texts]) -> Vec<TableName> {
    let others: BTreeSet<TableName> = names(others.iter()).collect();
    let is_owner = |row: &&Texts| row.get(1).and_then(Option::as_deref).is_some_and(is_owner_column);
    let mut owned: Vec<TableName> = names(columns.iter().filter(is_owner)).collect();
    owned.retain(|name| !crate::data::package::table_name::is_forbidden(name) && !others.contains(name));
    owned.sort();
    owned
}

fn is_owner_column(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"plugin")
}

pub(super) fn word(texts: &mut Texts, at: usize) -> Option<String> {
    let bytes = texts.get_mut(at).and_then(Option::take)?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

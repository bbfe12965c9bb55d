//! Which field of a package's row goes into which column: aliases, skipped names, and what lacks (SPEC §6). Pure.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::value::{Misfit, Value, convert};
use crate::data::table::contract::{Contract, KeyRule};
use crate::data::table::schema::{ColumnType, TableSchema};
use crate::model::{Field, PackageRow};

/// Names of fields.
type Names = Vec<Arc<str>>;

/// One field that goes into a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data) struct Cell {
    /// Place of the column in the table.
    pub column: usize,
    /// Place of the field in the row.
    pub field: usize,
}

/// The columns of rows with the same names in the same order.
#[derive(Debug, Clone, Default)]
pub(in crate::data) struct ColumnMap {
    /// In the table's order.
    pub cells: Vec<Cell>,
    /// Names that the table lacks, and those that no package decides.
    unknown: Names,
}

impl ColumnMap {
    /// The field of a column.
    pub(in crate::data) fn cell(&self, column: usize) -> Option<Cell> {
        let found = self.cells.binary_search_by_key(&column, |cell| cell.column);
        found.ok().map(|at| self.cells[at])
    }
}

/// The package's rows of one table, ready to be read by column.
#[derive(Debug)]
pub(in crate::data) struct Table<'a> {
    /// The table.
    pub schema: &'a TableSchema,
    /// Its contract.
    pub contract: &'a Contract,
    /// The rows.
    pub rows: &'a [PackageRow],
    /// The column whose values are words of old in the package (`page`, `system`).
    page_type: Option<usize>,
    layouts: Vec<ColumnMap>,
    layout_of: Vec<u32>,
    /// Names that the table lacks, or that no package decides, and in how many rows they stand.
    pub unknown: BTreeMap<String, usize>,
}

impl<'a> Table<'a> {
    /// Lays the rows out.
    pub(in crate::data) fn new(schema: &'a TableSchema, contract: &'a Contract, rows: &'a [PackageRow]) -> Self {
        let is_pages = schema.name.as_str() == "paginas";
        let mut table = Self {
            schema,
            contract,
            rows,
            page_type: is_pages.then(|| schema.position("tipo")).flatten(),
            layouts: Vec::new(),
            layout_of: Vec::with_capacity(rows.len()),
            unknown: BTreeMap::new(),
        };
        let mut known: HashMap<Names, u32> = HashMap::new();
        for (at, row) in rows.iter().enumerate() {
            let last = table.layout_of.last().filter(|_| have_same_names(&rows[at - 1], row));
            let layout = last.copied().unwrap_or_else(|| {
                let names: Names = row.fields.iter().map(|(name, _)| Arc::clone(name)).collect();
                *known.entry(names).or_insert_with_key(|names| {
                    table.layouts.push(lay_out(schema, contract, names));
                    u32::try_from(table.layouts.len() - 1).unwrap_or(0)
                })
            });
            table.layout_of.push(layout);
        }
        for layout in &table.layout_of {
            for name in &table.layouts[*layout as usize].unknown {
                *table.unknown.entry(name.to_string()).or_default() += 1;
            }
        }
        table
    }

    /// The layout of a row.
    pub(in crate::data) fn layout(&self, row: usize) -> &ColumnMap {
        &self.layouts[self.layout_of[row] as usize]
    }

    /// The columns that any row gives, in the table's order.
    pub(in crate::data) fn columns(&self) -> Vec<usize> {
        let mut given = vec![false; self.schema.columns.len()];
        for layout in &self.layouts {
            layout.cells.iter().for_each(|cell| given[cell.column] = true);
        }
        (0..given.len()).filter(|column| given[*column]).collect()
    }

    /// What a row has for one of its cells.
    pub(in crate::data) fn value(&self, row: usize, cell: Cell) -> Result<Value<'a>, Misfit> {
        let field = &self.rows[row].fields[cell.field].1;
        if self.page_type == Some(cell.column) {
            match field.as_text() {
                Some("page") => return Ok(Value::Text("pagina".into())),
                Some("system") => return Ok(Value::Text("sistema".into())),
                _ => {}
            }
        }
        convert(&self.schema.columns[cell.column], field)
    }

    /// What a row has for a column; `None` when it does not give it, or it does not fit.
    pub(in crate::data) fn value_of(&self, row: usize, column: usize) -> Option<Value<'a>> {
        self.layout(row)
            .cell(column)
            .and_then(|cell| self.value(row, cell).ok())
    }

    /// The field that a row gives for a column, as it stands in the package.
    pub(in crate::data) fn field_of(&self, row: usize, column: usize) -> Option<&'a Field> {
        let cell = self.layout(row).cell(column)?;
        Some(&self.rows[row].fields[cell.field].1)
    }
}

/// Whether two rows have the same fields in the same order, as rows of one source have them. Names are shared
/// there, so it is enough to compare where they stand; rows of which they are not only take the longer way.
fn have_same_names(one: &PackageRow, other: &PackageRow) -> bool {
    let mut pairs = one.fields.iter().zip(&other.fields);
    one.fields.len() == other.fields.len() && pairs.all(|((one, _), (other, _))| Arc::ptr_eq(one, other))
}

/// Lays out rows of these names.
fn lay_out(schema: &TableSchema, contract: &Contract, names: &[Arc<str>]) -> ColumnMap {
    let mut chosen: BTreeMap<usize, (bool, usize)> = BTreeMap::new();
    let mut unknown = Vec::new();
    for (field, name) in names.iter().enumerate() {
        let Some((column, is_alias)) = column_of(schema, name) else {
            if !is_known_alias(schema, name) {
                unknown.push(Arc::clone(name));
            }
            continue;
        };
        if schema.columns[column].generated || is_of_project(schema, column) {
            unknown.push(Arc::clone(name));
        } else if !is_ours(schema, contract, column) {
            let better = chosen
                .get(&column)
                .is_none_or(|(other_alias, _)| *other_alias || !is_alias);
            if better {
                chosen.insert(column, (is_alias, field));
            }
        }
    }
    let cells = chosen.into_iter().map(|(column, (_, field))| Cell { column, field });
    ColumnMap {
        cells: cells.collect(),
        unknown,
    }
}

/// Columns that a package does not decide: the owner, and primary keys where rows have another key.
fn is_ours(schema: &TableSchema, contract: &Contract, column: usize) -> bool {
    let is_hidden_primary = match &contract.key {
        KeyRule::Natural { columns, .. } => schema.primary.contains(&column) && !columns.contains(&column),
        KeyRule::Primary { .. } => false,
    };
    schema.owner() == Some(column) || is_hidden_primary
}

/// The column by which a gestor says that a row is the site's project's: such a row is nobody else's to change or to take away.
fn is_of_project(schema: &TableSchema, column: usize) -> bool {
    schema.owner().is_some() && schema.position("project") == Some(column)
}

/// The column that a field goes into, and whether it has another name there.
fn column_of(schema: &TableSchema, name: &str) -> Option<(usize, bool)> {
    let exact = schema.position(name).map(|column| (column, false));
    exact.or_else(|| alias(schema, name).map(|column| (column, true)))
}

/// Whether a field goes into one of these columns, or cannot be long.
pub(in crate::data) fn is_asked_or_short(schema: &TableSchema, name: &str, columns: &[usize]) -> bool {
    let is_long = |kind: &ColumnType| {
        matches!(
            kind,
            ColumnType::Text { .. } | ColumnType::Json { .. } | ColumnType::Binary { .. }
        )
    };
    column_of(schema, name)
        .is_none_or(|(column, _)| columns.contains(&column) || !is_long(&schema.columns[column].kind))
}

fn alias(schema: &TableSchema, name: &str) -> Option<usize> {
    match name {
        "linguagem_codigo" => schema.position("language"),
        "language" => schema.position("linguagem_codigo"),
        "type" if schema.name.as_str() == "paginas" => schema.position("tipo"),
        _ => None,
    }
}

/// Names that any package may carry, whether the table has them or not.
fn is_known_alias(schema: &TableSchema, name: &str) -> bool {
    name == "plugin" && schema.owner().is_none()
}

#[cfg(test)]
pub(in crate::data) mod tests {
    use super::*;
    use crate::data::table::contract::Contracts;
    use crate::data::table::contract::tests::table;
    use crate::model::RowOrigin;

    pub(crate) fn row(number: usize, fields: &[(&str, Field)]) -> PackageRow {
        PackageRow {
            source: Arc::from("db/data/TData.json"),
            number,
            origin: RowOrigin::DataFile,
            fields: fields
                .iter()
                .map(|(name, field)| (Arc::from(*name), field.clone()))
                .collect(),
        }
    }

    pub(crate) fn text(text: &str) -> Field {
        Field::Text(text.to_owned())
    }

    #[test]
    fn fields_find_their_columns() {
        let schema = table(
            "paginas",
            &["#id_paginas", "id", "language", "tipo", "plugin", "html"],
            &[],
        );
        let contract = Contracts::new(None).resolve(&schema);
        let rows = [
            row(
                1,
                &[
                    ("id", text("a")),
                    ("type", text("page")),
                    ("plugin", text("other")),
                    ("foo", text("x")),
                ],
            ),
            row(
                2,
                &[("ID", text("b")), ("tipo", text("system")), ("type", text("page"))],
            ),
            row(
                3,
                &[
                    ("linguagem_codigo", text("en")),
                    ("id", text("c")),
                    ("id_paginas", text("7")),
                    ("foo", text("")),
                ],
            ),
        ];
        let laid = Table::new(&schema, &contract, &rows);
        assert_eq!(laid.unknown, BTreeMap::from([("foo".to_owned(), 2)]));
        let shown = |row, column| laid.value_of(row, column).map(|value| value.shown());
        assert_eq!(shown(0, 3).as_deref(), Some("pagina"));
        assert_eq!(shown(1, 3).as_deref(), Some("sistema"));
        assert_eq!(shown(1, 1).as_deref(), Some("b"));
        assert_eq!(shown(2, 2).as_deref(), Some("en"));
        assert_eq!((shown(2, 0), shown(0, 4)), (None, None));
        assert_eq!(laid.columns(), [1, 2, 3]);
    }

    #[test]
    fn whose_project_a_row_is_of_no_package_says() {
        let of = |columns: &[&str]| {
            let schema = table("paginas", columns, &[]);
            let contract = Contracts::new(None).resolve(&schema);
            let rows = [row(1, &[("id", text("a")), ("project", text("p"))])];
            let laid = Table::new(&schema, &contract, &rows);
            (laid.columns(), laid.unknown.into_keys().collect::<Vec<_>>())
        };
        let columns = ["#n", "id", "language", "plugin", "project"];
        assert_eq!(of(&columns), (vec![1], vec!["project".to_owned()]));
        // In a table without owners it is a column like any other.
        assert_eq!(of(&["#n", "id", "language", "project"]), (vec![1, 3], Vec::new()));
    }

    #[test]
    fn other_names_count_where_they_are_known_and_the_last_of_two_fields_wins() {
        let schema = table("variaveis", &["#n", "id", "linguagem_codigo", "tipo"], &[]);
        let contract = Contracts::new(None).resolve(&schema);
        let rows = [
            row(1, &[("id", text("a")), ("ID", text("b")), ("language", text("en"))]),
            row(2, &[("id", text("c")), ("type", text("page")), ("plugin", text("x"))]),
        ];
        let laid = Table::new(&schema, &contract, &rows);
        let shown = |row, column| laid.value_of(row, column).map(|value| value.shown());
        assert_eq!(
            (shown(0, 1).as_deref(), shown(0, 2).as_deref()),
            (Some("b"), Some("en"))
        );
        assert_eq!(shown(1, 3), None);
        assert_eq!(laid.unknown, BTreeMap::from([("type".to_owned(), 1)]));
    }

    #[test]
    fn a_row_that_lacks_the_last_field_of_the_one_before_has_a_layout_of_its_own() {
        let schema = table("paginas", &["#n", "id", "html"], &[]);
        let contract = Contracts::new(None).resolve(&schema);
        let whole = row(1, &[("id", text("a")), ("html", text("x"))]);
        let mut short = whole.clone();
        short.fields.truncate(1);
        let rows = [whole.clone(), whole, short];
        let laid = Table::new(&schema, &contract, &rows);
        let shown = |row, column| laid.value_of(row, column).map(|value| value.shown());
        assert_eq!((shown(1, 2).as_deref(), shown(2, 1).as_deref()), (Some("x"), Some("a")));
        assert_eq!(shown(2, 2), None);
    }

    #[test]
    fn long_texts_are_told_apart_by_their_columns() {
        let mut schema = table("paginas", &["#n", "id", "language", "html"], &[]);
        for long in [2, 3] {
            schema.columns[long].kind = ColumnType::Text { limit: 65_535 };
        }
        let is_asked_or_short = |name| is_asked_or_short(&schema, name, &[2]);
        let names = ["id", "unknown", "language", "linguagem_codigo", "html", "HTML"];
        assert_eq!(names.map(is_asked_or_short), [true, true, true, true, false, false]);
    }
}

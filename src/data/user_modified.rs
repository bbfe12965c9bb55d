//! What a package's row would change in a row of the table: only what differs, and never a value that a user set
//! (SPEC §6, "Updating" and `user_modified`). Pure.

use super::equal::same;
use super::layout::{Cell, Table};
use super::merge_row::{Merged, MergedField, RowMerge};
use super::natural_key::fold_stored;
use super::value::convert;
use crate::model::{Field, RowOrigin};

/// A column that is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Its place in the table.
    pub column: usize,
    /// What goes into it.
    pub value: NewValue,
}

/// What goes into a column. Texts stay where they are: in the package's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewValue {
    /// The field at this place of the package's row.
    Field(usize),
    /// The plugin's name.
    Owner,
    /// A number.
    Number(i64),
}

/// What one row would change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Difference {
    /// Columns to write; none when the rows are equal.
    pub changes: Vec<Change>,
    /// A package's value goes beside a user's one.
    pub aside: bool,
    /// Columns that are equal and must be assigned if the row is written: the server would change them.
    pub kept: Vec<Change>,
    /// What merging the row leaves behind besides.
    pub merged: Merged,
}

impl Difference {
    /// Adds what another row differs in that nothing tells apart from the first one.
    pub(super) fn join(&mut self, other: Self) {
        self.aside |= other.aside;
        self.merged.join(other.merged);
        self.kept.extend(other.kept);
        for change in other.changes {
            if self.changes.iter().all(|known| known.column != change.column) {
                self.changes.push(change);
            }
        }
    }
}

/// Columns with a meaning of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks {
    versao: Option<usize>,
    user_modified: Option<usize>,
    system_updated: Option<usize>,
}

impl Marks {
    /// Finds them in a table.
    pub(super) fn of(table: &Table<'_>) -> Self {
        Self {
            versao: table.schema.position("versao"),
            user_modified: table.schema.position("user_modified"),
            system_updated: table.schema.position("system_updated"),
        }
    }

    /// The columns whose present values a comparison needs besides those that the package gives.
    pub(super) fn columns(self) -> impl Iterator<Item = usize> {
        [self.versao, self.user_modified, self.system_updated]
            .into_iter()
            .flatten()
    }

    /// The column that counts a row's versions.
    pub(super) fn versao(self) -> Option<usize> {
        self.versao
    }
}

/// The column that takes the package's value where a user's one stays.
pub(super) fn companion(table: &Table<'_>, column: usize) -> Option<usize> {
    let name = table.schema.columns[column].name.as_str();
    let stem = if name == "valor" { "value" } else { name };
    table.schema.position(&format!("{stem}_updated"))
}

/// Whether a row gives its own version.
pub(super) fn gives_versao(table: &Table<'_>, row: usize, marks: Marks) -> bool {
    let field = marks.versao.and_then(|column| table.field_of(row, column));
    field.is_some_and(|field| match field {
        Field::Null => false,
        Field::Text(text) => !text.trim().is_empty(),
        _ => true,
    })
}

/// Compares a row of the package with a row of the table. `stored` gives the table's texts by column.
pub(super) fn difference<'s>(
    table: &Table<'_>,
    row: usize,
    user_modified: bool,
    marks: Marks,
    stored: &dyn Fn(usize) -> Option<&'s [u8]>,
    merge: Option<&RowMerge<'_>>,
) -> Difference {
    let mut found = Difference::default();
    for cell in &table.layout(row).cells {
        if is_skipped(table, row, *cell, marks) {
            continue;
        }
        let Ok(value) = table.value(row, *cell) else { continue };
        let column = &table.schema.columns[cell.column];
        let present = stored(cell.column);
        let both_empty = value.is_empty() && fold_stored(column, present).is_empty();
        let is_key = table.contract.key.columns().contains(&cell.column);
        let change = Change {
            column: cell.column,
            value: NewValue::Field(cell.field),
        };
        if same(column, &value, present) || (is_key && both_empty) {
            found.kept.extend(column.on_update.then_some(change));
            found.merged.settled.push(cell.column);
            continue;
        }
        let preserved = user_modified && table.contract.preserve.contains(&cell.column);
        if let Some(merge) = merge {
            let field = MergedField {
                cell: *cell,
                value: &value,
                stored: present,
                preserved,
                is_key,
            };
            merge.field(table, row, &field, stored, &mut found);
        } else if preserved {
            found.aside |= set_aside(table, row, *cell, stored, &mut found.changes);
        } else {
            found.changes.push(change);
        }
    }
    mark(table, row, marks, stored, &mut found);
    found
}

/// Marks and their companions are the gestor's to write, and a blank descriptor empties nothing.
pub(super) fn is_skipped(table: &Table<'_>, row: usize, cell: Cell, marks: Marks) -> bool {
    let name = table.schema.columns[cell.column].name.as_str();
    let is_mark = Some(cell.column) == marks.user_modified || Some(cell.column) == marks.system_updated;
    let is_companion = marks.user_modified.is_some() && name.ends_with("_updated");
    let no_versao = Some(cell.column) == marks.versao && !gives_versao(table, row, marks);
    let blank = matches!(table.rows[row].origin, RowOrigin::Module { blank: true })
        && matches!(name, "html" | "css" | "checksum")
        && table.value(row, cell).is_ok_and(|value| value.is_empty());
    is_mark || is_companion || no_versao || blank
}

/// Puts a package's value beside the user's; `false` when it is there already or has no place.
pub(super) fn set_aside<'s>(
    table: &Table<'_>,
    row: usize,
    cell: Cell,
    stored: &dyn Fn(usize) -> Option<&'s [u8]>,
    changes: &mut Vec<Change>,
) -> bool {
    let Some(companion) = companion(table, cell.column) else {
        return false;
    };
    let field = &table.rows[row].fields[cell.field].1;
    let column = &table.schema.columns[companion];
    match convert(column, field) {
        Ok(value) if !same(column, &value, stored(companion)) => {
            changes.push(Change {
                column: companion,
                value: NewValue::Field(cell.field),
            });
            true
        }
        _ => false,
    }
}

fn mark<'s>(
    table: &Table<'_>,
    row: usize,
    marks: Marks,
    stored: &dyn Fn(usize) -> Option<&'s [u8]>,
    found: &mut Difference,
) {
    let number = |column: usize| {
        let text = std::str::from_utf8(stored(column)?).ok()?;
        text.parse::<i64>().ok()
    };
    if let Some(column) = marks
        .system_updated
        .filter(|column| found.aside && number(*column) != Some(1))
    {
        found.changes.push(Change {
            column,
            value: NewValue::Number(1),
        });
    }
    if let Some(column) = marks.versao
        && !found.changes.is_empty()
        && !gives_versao(table, row, marks)
    {
        found.changes.push(Change {
            column,
            value: NewValue::Number(number(column).unwrap_or(0).saturating_add(1)),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::contract::Contracts;
    use super::super::contract::tests::table;
    use super::super::layout::tests::{row, text};
    use super::*;
    use crate::model::PackageRow;

    const COLUMNS: [&str; 12] = [
        "#n",
        "id",
        "language",
        "modulo",
        "nome",
        "html",
        "html_updated",
        "opcao",
        "versao",
        "user_modified",
        "system_updated",
        "plugin",
    ];

    /// Compares, and shows the changes as `column=value`.
    fn compare(package: &PackageRow, stored: &[(&str, &str)]) -> (String, bool) {
        let schema = table("paginas", &COLUMNS, &[]);
        let contract = Contracts::new(None).resolve(&schema);
        let rows = [package.clone()];
        let laid = Table::new(&schema, &contract, &rows);
        let at = |column: usize| {
            let name = schema.columns[column].name.as_str();
            stored
                .iter()
                .find(|(found, _)| *found == name)
                .map(|(_, text)| text.as_bytes())
        };
        let user = stored.contains(&("user_modified", "1"));
        let found = difference(&laid, 0, user, Marks::of(&laid), &at, None);
        let shown = found.changes.iter().map(|change| {
            let value = match change.value {
                NewValue::Field(field) => super::super::fault::shorten(&package.fields[field].1),
                NewValue::Number(number) => number.to_string(),
                NewValue::Owner => "owner".to_owned(),
            };
            format!("{}={value}", schema.columns[change.column].name)
        });
        (shown.collect::<Vec<_>>().join(" "), found.aside)
    }

    #[test]
    fn only_what_differs_is_written() {
        let package = row(
            1,
            &[
                ("id", text("a")),
                ("modulo", text("")),
                ("html", text("new")),
                ("opcao", text("o")),
            ],
        );
        let versioned = row(1, &[("id", text("a")), ("html", text("new")), ("versao", text("7"))]);
        let unversioned = row(1, &[("id", text("a")), ("html", text("new")), ("versao", Field::Null)]);
        let present = [
            ("id", "a"),
            ("html", "new"),
            ("opcao", "o"),
            ("versao", "3"),
            ("nome", "kept"),
        ];
        for (package, changed, shown) in [
            (&package, ("", ""), ""),
            (&package, ("html", "old"), "html=new versao=4"),
            (&package, ("id", "A"), "id=a versao=4"),
            (&package, ("modulo", "m"), "modulo= versao=4"),
            (&versioned, ("html", "old"), "html=new versao=7"),
            (&unversioned, ("versao", "9"), ""),
            (&unversioned, ("html", "old"), "html=new versao=4"),
        ] {
            let mut stored: Vec<_> = present.iter().copied().filter(|(name, _)| *name != changed.0).collect();
            stored.push(changed);
            assert_eq!(compare(package, &stored), (shown.to_owned(), false), "{changed:?}");
        }
    }

    #[test]
    fn a_users_values_stay() {
        let package = row(
            1,
            &[
                ("id", text("a")),
                ("nome", text("N")),
                ("html", text("v2")),
                ("opcao", text("o")),
            ],
        );
        let base = [
            ("id", "a"),
            ("nome", "USER"),
            ("html", "USER"),
            ("user_modified", "1"),
            ("versao", "1"),
        ];
        let with = |more: &[(&'static str, &'static str)]| [base.as_slice(), more].concat();
        assert_eq!(
            compare(&package, &with(&[("opcao", "old")])),
            ("html_updated=v2 opcao=o system_updated=1 versao=2".to_owned(), true)
        );
        assert_eq!(
            compare(
                &package,
                &with(&[("opcao", "o"), ("html_updated", "v1"), ("system_updated", "1")])
            ),
            ("html_updated=v2 versao=2".to_owned(), true)
        );
        assert_eq!(
            compare(
                &package,
                &with(&[("opcao", "o"), ("html_updated", "v2"), ("system_updated", "0")])
            ),
            (String::new(), false)
        );
    }

    #[test]
    fn a_blank_descriptor_empties_nothing() {
        let mut package = row(1, &[("id", text("a")), ("html", Field::Null), ("nome", text("N"))]);
        let stored = [("id", "a"), ("html", "kept"), ("nome", "old")];
        assert_eq!(compare(&package, &stored).0, "nome=N html=null versao=1");
        package.origin = RowOrigin::Module { blank: true };
        assert_eq!(compare(&package, &stored).0, "nome=N versao=1");
    }
}

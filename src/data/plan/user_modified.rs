//! What a package's row would change in a row of the table: only what differs, and never a value that a user set
//! (SPEC §6, "Updating" and `user_modified`). Pure.

use super::difference::Difference;
use super::merge_row::{MergedField, RowMerge};
use crate::data::fit::change::{ColumnChange, Marks, NewValue, gives_versao, is_skipped, set_aside};
use crate::data::fit::column_map::Table;
use crate::data::fit::equal::same;
use crate::data::fit::natural_key::fold_stored;

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
        let change = ColumnChange {
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
            found.has_companion |= set_aside(table, row, *cell, stored, &mut found.changes);
        } else {
            found.changes.push(change);
        }
    }
    mark(table, row, marks, stored, &mut found);
    found
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
        .filter(|column| found.has_companion && number(*column) != Some(1))
    {
        found.changes.push(ColumnChange {
            column,
            value: NewValue::Number(1),
        });
    }
    if let Some(column) = marks.versao
        && !found.changes.is_empty()
        && !gives_versao(table, row, marks)
    {
        found.changes.push(ColumnChange {
            column,
            value: NewValue::Number(number(column).unwrap_or(0).saturating_add(1)),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fit::column_map::tests::{row, text};
    use crate::data::table::contract::Contracts;
    use crate::data::table::contract::tests::table;
    use crate::model::{Field, PackageRow, RowOrigin};

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
                NewValue::Field(field) => crate::data::package::fault::shorten(&package.fields[field].1),
                NewValue::Number(number) => number.to_string(),
                NewValue::Owner => "owner".to_owned(),
            };
            format!("{}={value}", schema.columns[change.column].name)
        });
        (shown.collect::<Vec<_>>().join(" "), found.has_companion)
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

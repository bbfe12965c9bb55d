//! Laws that hold for any package and any table: a second run plans nothing, a user's value survives, rows of others
//! stay, counts are what the database says, and the outcome is that of the reference.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use gestor_plugins::config::{Adoption, Conflicts};
use gestor_plugins::data::{Conflict, ConflictReason, CoreKeys, DataError, TableRows};
use gestor_plugins::model::{Field, PackageRow, RowOrigin, TableName};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use super::reference::{Policy, Row, Shape, synchronize};
use super::site::{Site, short};

const PAGES: Shape = Shape {
    name: "paginas",
    primary: "id_paginas",
    key: &["language", "modulo", "id"],
    gaps: &["modulo"],
    unique: false,
    owner: true,
    language: Some("pt-br"),
    preserve: &[("html", Some("html_updated")), ("nome", None)],
    versao: true,
};
const VARIABLES: Shape = Shape {
    name: "variaveis",
    primary: "id_variaveis",
    key: &["language", "modulo", "grupo", "id"],
    gaps: &["modulo", "grupo"],
    unique: false,
    owner: true,
    language: None,
    preserve: &[("valor", Some("value_updated"))],
    versao: false,
};
const MODULES: Shape = Shape {
    name: "modulos",
    primary: "id_modulos",
    key: &["id", "language"],
    gaps: &[],
    unique: true,
    owner: true,
    language: Some("pt-br"),
    preserve: &[],
    versao: true,
};
const WIDGETS: Shape = Shape {
    name: "widgets",
    primary: "id_widgets",
    key: &["id", "language"],
    gaps: &[],
    unique: true,
    owner: false,
    language: Some("pt-br"),
    preserve: &[],
    versao: true,
};

type Texts = &'static [Option<&'static str>];

const IDS: Texts = &[Some("a"), Some("A"), Some("b"), Some("b "), Some("c")];
const LANGUAGES: Texts = &[Some("pt-br"), Some("pt-br"), Some("en")];
const LOOSE_LANGUAGES: Texts = &[Some("pt-br"), Some("pt-br"), Some("en"), Some("")];
const MODULES_OF_ROWS: Texts = &[None, Some(""), Some("m"), Some("n")];
const CONTENTS: Texts = &[Some("v1"), Some("v2"), Some("it's \\"), None];
const NAMES: Texts = &[Some("n1"), Some("n2")];
const NUMBERS: Texts = &[Some("1"), Some("7"), None];
const OWNERS: Texts = &[None, Some(""), Some("p1"), Some("p1"), Some("other")];
const PROJECTS: Texts = &[None, None, None, Some("proj")];
const USERS: Texts = &[Some("0"), Some("0"), Some("1")];

/// Columns with what may stand in them: always in a table, sometimes in a package where the flag says so.
fn columns(shape: &Shape, package: bool) -> Vec<(&'static str, Texts, bool)> {
    let languages = if shape.gaps.is_empty() || package {
        LANGUAGES
    } else {
        LOOSE_LANGUAGES
    };
    let mut columns = vec![("id", IDS, false), ("language", languages, package)];
    match shape.name {
        "paginas" => columns.extend([
            ("modulo", MODULES_OF_ROWS, package),
            ("html", CONTENTS, package),
            ("nome", NAMES, false),
            ("opcao", CONTENTS, package),
        ]),
        "variaveis" => columns.extend([
            ("modulo", MODULES_OF_ROWS, package),
            ("grupo", MODULES_OF_ROWS, package),
            ("valor", CONTENTS, package),
            ("tipo", CONTENTS, package),
        ]),
        "modulos" => columns.extend([("nome", CONTENTS, package), ("titulo", CONTENTS, package)]),
        _ => columns.extend([("name", NAMES, false), ("icon", NAMES, false), ("tabela", NAMES, false)]),
    }
    if shape.versao {
        columns.push(("versao", NUMBERS, package));
    }
    if !package {
        columns.extend(shape.owner.then_some(("plugin", OWNERS, false)));
        columns.extend((shape.name != "modulos").then_some(("project", PROJECTS, false)));
        if !shape.preserve.is_empty() {
            let companion = shape.preserve[0].1.unwrap();
            columns.extend([
                ("user_modified", USERS, false),
                ("system_updated", USERS, false),
                (companion, CONTENTS, false),
            ]);
        }
    }
    columns
}

fn row(shape: Shape, package: bool) -> impl Strategy<Value = Row> {
    let fields: Vec<_> = columns(&shape, package)
        .into_iter()
        .map(|(name, texts, optional)| {
            // A column that is always there must not go when a failing case is made smaller.
            let given = if optional {
                prop::bool::weighted(0.8).boxed()
            } else {
                Just(true).boxed()
            };
            (Just(name), select(texts), given)
        })
        .collect();
    fields.prop_map(|fields| {
        let given = fields.into_iter().filter(|(_, _, given)| *given);
        given.map(|(name, text, _)| (name, text.map(str::to_owned))).collect()
    })
}

#[derive(Debug, Clone)]
struct Case {
    table: Vec<Row>,
    package: Vec<Row>,
    policy: Policy,
}

/// More rows than are searched for by one question. None of them is in any table.
fn crowd(shape: &Shape) -> impl Iterator<Item = Row> {
    let needed: Row = columns(shape, true)
        .into_iter()
        .filter(|(name, _, optional)| !optional || *name == "language")
        .map(|(name, texts, _)| (name, texts[0].map(str::to_owned)))
        .collect();
    (0..260).map(move |number| {
        let mut row = needed.clone();
        row.insert("id", Some(format!("crowd {number}")));
        row
    })
}

fn cases(shape: Shape) -> impl Strategy<Value = Case> {
    let adoption = select(&[Adoption::Orphans, Adoption::Never, Adoption::Always][..]);
    let rows = |package, most| prop::collection::vec(row(shape, package), 0..most);
    let crowded = prop::bool::weighted(0.2);
    (
        rows(false, 10),
        rows(true, 7),
        rows(true, 3),
        rows(true, 4),
        adoption,
        crowded,
    )
        .prop_map(move |(table, package, core, previous, adoption, crowded)| {
            let (mut table, mut package) = (table, package);
            if crowded {
                package.extend(crowd(&shape));
            }
            if shape.unique {
                let key = |row: &Row| {
                    shape
                        .key
                        .iter()
                        .map(|column| row[column].clone().unwrap_or_default().trim().to_lowercase())
                        .collect::<Vec<_>>()
                };
                let mut seen = Vec::new();
                table.retain(|row| {
                    let new = !seen.contains(&key(row));
                    seen.push(key(row));
                    new
                });
            }
            for (at, row) in table.iter_mut().enumerate() {
                row.insert(shape.primary, Some((at + 8).to_string()));
            }
            Case {
                table,
                package,
                policy: Policy {
                    adoption,
                    core,
                    previous,
                },
            }
        })
}

fn given(site: &Site, shape: &Shape, rows: &[Row]) {
    let mut statement = format!(
        "DELETE FROM `{}`; ALTER TABLE `{}` AUTO_INCREMENT = 100",
        shape.name, shape.name
    );
    for row in rows {
        let names: Vec<_> = row.keys().map(|name| format!("`{name}`")).collect();
        let values: Vec<_> = row
            .values()
            .map(|text| match text {
                Some(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
                None => "NULL".to_owned(),
            })
            .collect();
        let _ = write!(
            statement,
            "; INSERT INTO `{}` ({}) VALUES ({})",
            shape.name,
            names.join(","),
            values.join(",")
        );
    }
    site.database.run(&statement);
}

/// The rows of the table, with the columns that the laws know, without primary keys of new rows.
fn state(site: &Site, shape: &Shape) -> Vec<Row> {
    let names: Vec<&'static str> = columns(shape, false).into_iter().map(|(name, ..)| name).collect();
    let query = format!("SELECT `{}` FROM `{}`", names.join("`,`"), shape.name);
    let rows = site.database.rows(&query).into_iter();
    rows.map(|row| names.iter().copied().zip(row).collect()).collect()
}

fn sorted(shape: &Shape, rows: &[Row]) -> Vec<Vec<(&'static str, Option<String>)>> {
    let names: Vec<&'static str> = columns(shape, false).into_iter().map(|(name, ..)| name).collect();
    let default = |name: &str| match name {
        "user_modified" | "system_updated" => Some("0".to_owned()),
        _ => None,
    };
    let full = |row: &Row| {
        names
            .iter()
            .map(|name| (*name, row.get(name).cloned().unwrap_or_else(|| default(name))))
            .collect()
    };
    let mut rows: Vec<Vec<_>> = rows.iter().map(full).collect();
    rows.sort();
    rows
}

fn package(shape: &Shape, rows: &[Row]) -> Vec<TableRows> {
    let field = |text: &Option<String>| text.clone().map_or(Field::Null, Field::Text);
    let rows = rows.iter().enumerate().map(|(at, row)| PackageRow {
        source: "f".into(),
        number: at + 1,
        origin: RowOrigin::DataFile,
        fields: row.iter().map(|(name, text)| ((*name).into(), field(text))).collect(),
    });
    TableRows::collect([(TableName::new(shape.name).unwrap(), rows.collect())]).unwrap()
}

fn set_core(site: &mut Site, shape: &Shape, rows: &[Row]) {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<BTreeMap<_, _>> = rows.iter().map(|row| row.iter().collect()).collect();
    let mut letters = shape.name.chars();
    let name: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect();
    std::fs::write(
        folder.path().join(format!("{name}Data.json")),
        serde_json::to_vec(&rows).unwrap(),
    )
    .unwrap();
    site.core = CoreKeys::read(None, folder.path()).unwrap();
    // The file is read when it is asked for.
    std::mem::forget(folder);
}

fn check(site: &mut Site, shape: &Shape, case: &Case) -> Result<(), TestCaseError> {
    given(site, shape, &case.table);
    set_core(site, shape, &case.policy.core);
    site.adoption = case.policy.adoption;
    site.previous = Some(package(shape, &case.policy.previous));
    let rows = package(shape, &case.package);
    let before = sorted(shape, &state(site, shape));
    let expected = synchronize(shape, &case.table, &case.package, &case.policy);

    site.conflicts = Conflicts::Abort;
    match site.plan(&rows).unwrap().check(Conflicts::Abort) {
        Ok(()) => {}
        Err(DataError::Conflicts(_)) => {
            prop_assert!(expected.counts.ignorados > 0);
            prop_assert!(site.sync(&rows).is_err(), "conflicts were written over");
        }
        Err(other) => prop_assert!(false, "{other}"),
    }
    prop_assert_eq!(&sorted(shape, &state(site, shape)), &before, "a plan changes nothing");

    site.conflicts = Conflicts::Skip;
    let (plan, applied) = site.sync(&rows).unwrap();
    let counts = plan.counts()[shape.name];
    let after = state(site, shape);
    prop_assert_eq!(
        sorted(shape, &after),
        sorted(shape, &expected.rows),
        "the reference says otherwise"
    );
    prop_assert_eq!(short(counts), short(expected.counts));
    prop_assert_eq!(
        (applied.inserted, applied.changed),
        (counts.inseridos, counts.adotados + counts.alterados)
    );

    let foreign = |rows: &[Row]| {
        let others: Vec<Row> = rows
            .iter()
            .filter(|row| row.get("plugin").is_some_and(|owner| owner.as_deref() == Some("other")))
            .cloned()
            .collect();
        sorted(shape, &others)
    };
    prop_assert_eq!(
        foreign(&after),
        foreign(&case.table),
        "a row of another owner was written"
    );
    users_values_stay(shape, &case.table, &after)?;

    let again = site.plan(&rows).unwrap();
    // A row that was left out because several matched it may be told apart once another row has taken one of them.
    let is_ambiguous = |conflict: &Conflict| matches!(conflict.reason, ConflictReason::Ambiguous { .. });
    if !plan.conflicts.iter().any(is_ambiguous) {
        prop_assert_eq!(again.writes(), 0, "a second run plans {:?}", again.tables);
        prop_assert_eq!(again.total().preservados, 0);
    }
    Ok(())
}

/// What is marked as a user's has the values that it had, as often as before.
fn users_values_stay(shape: &Shape, before: &[Row], after: &[Row]) -> Result<(), TestCaseError> {
    let is_marked = |row: &Row| {
        row.get("user_modified")
            .is_some_and(|mark| mark.as_deref() == Some("1"))
    };
    for row in before.iter().filter(|row| is_marked(row)) {
        let column = shape.preserve[0].0;
        let kept = |other: &&Row| is_marked(other) && other.get(column) == row.get(column);
        let had = before.iter().filter(kept).count();
        prop_assert_eq!(after.iter().filter(kept).count(), had, "a user's value was lost");
    }
    Ok(())
}

fn law(shape: Shape) {
    let mut site = Site::new();
    let cases_to_try = 120;
    let mut runner = TestRunner::new(Config {
        cases: cases_to_try,
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    });
    let site = std::cell::RefCell::new(&mut site);
    let outcome = runner.run(&cases(shape), |case| check(&mut site.borrow_mut(), &shape, &case));
    outcome.unwrap_or_else(|fault| panic!("{fault}"));
}

#[test]
fn pages_obey_the_laws() {
    law(PAGES);
}

#[test]
fn variables_obey_the_laws() {
    law(VARIABLES);
}

#[test]
fn modules_obey_the_laws() {
    law(MODULES);
}

#[test]
fn widgets_obey_the_laws() {
    law(WIDGETS);
}

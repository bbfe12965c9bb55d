//! The laws of merging on a real table, by a slow and obvious reference: for drawn states of base, table and package, what
//! each field holds afterwards, which conflicts wait, and that no user's value is lost; a second run writes nothing.

use std::collections::BTreeMap;

use gestor_plugins::config::{Fusion, Orphans};
use gestor_plugins::data::MergeRules;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::merge_choice::Choice;
use super::site::Site;

/// The two fields of a row.
type Fields = [char; 2];

/// A row in the base, the table and the package; in the table only where it was in the base.
#[derive(Debug, Clone, Copy)]
struct Drawn {
    base: Option<Fields>,
    mine: Option<Fields>,
    theirs: Option<Fields>,
}

const COLUMNS: [&str; 2] = ["valor", "descricao"];

fn fields() -> impl Strategy<Value = Fields> {
    let value = || proptest::sample::select(vec!['1', '2', '3']);
    (value(), value()).prop_map(|(one, other)| [one, other])
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let often = || proptest::option::weighted(0.8, fields());
    (often(), often(), often()).prop_map(|(base, mine, theirs)| Drawn {
        base,
        mine: base.and(mine),
        theirs,
    })
}

fn package(rows: &[Drawn], of: impl Fn(&Drawn) -> Option<Fields>) -> Value {
    let rows = rows.iter().enumerate().filter_map(|(number, row)| {
        let [valor, descricao] = of(row)?.map(String::from);
        Some(
            json!({"language": "pt-br", "modulo": "m", "id": format!("x-{number}"), "valor": valor, "tipo": "string",
            "grupo": null, "descricao": descricao}),
        )
    });
    json!({ "Variaveis": rows.collect::<Vec<_>>() })
}

/// What a row holds afterwards, and how many conflicts of it wait; nothing may be written where it says `None`.
fn reference(row: &Drawn, rules: MergeRules, damage: bool) -> Option<(Option<Fields>, usize)> {
    let (Some(theirs), Some(base)) = (row.theirs, row.base) else {
        return Some((row.mine.or(row.theirs), 0));
    };
    let Some(mine) = row.mine else {
        let comes_back = damage || rules.repair;
        return Some(if comes_back {
            (Some(theirs), 0)
        } else {
            (None, usize::from(theirs != base))
        });
    };
    let (mut now, mut waiting) = (mine, 0);
    for at in 0..COLUMNS.len() {
        let (base, mine, theirs) = (base[at], mine[at], theirs[at]);
        if rules.repair || mine == base {
            now[at] = theirs;
        } else if theirs != base && theirs != mine {
            match rules.fusion {
                Fusion::Mine => waiting += 1,
                Fusion::Package => now[at] = theirs,
                Fusion::Abort => return None,
            }
        }
    }
    Some((Some(now), waiting))
}

/// Most of five or more rows are gone.
fn is_damage(rows: &[Drawn]) -> bool {
    let alive = rows.iter().filter(|row| row.base.is_some()).count();
    let gone = rows
        .iter()
        .filter(|row| row.base.is_some() && row.mine.is_none())
        .count();
    alive >= 5 && gone * 2 > alive
}

fn table(site: &Site) -> BTreeMap<String, Fields> {
    let rows = site.database.rows("SELECT id, valor, descricao FROM variaveis");
    let letter = |text: &Option<String>| text.as_deref().unwrap().chars().next().unwrap();
    let row = |row: Vec<Option<String>>| (row[0].clone().unwrap(), [letter(&row[1]), letter(&row[2])]);
    rows.into_iter().map(row).collect()
}

fn edit(site: &Site, rows: &[Drawn]) {
    for (number, row) in rows.iter().enumerate().filter(|(_, row)| row.base.is_some()) {
        site.database.run(&match row.mine {
            Some([valor, descricao]) => {
                format!("UPDATE variaveis SET valor='{valor}', descricao='{descricao}' WHERE id='x-{number}'")
            }
            None => format!("DELETE FROM variaveis WHERE id='x-{number}'"),
        });
    }
}

#[test]
fn what_the_reference_says_comes_out() {
    let fusion = proptest::sample::select(vec![Fusion::Mine, Fusion::Package, Fusion::Abort]);
    let cases = (
        proptest::collection::vec(drawn(), 1..9),
        fusion,
        proptest::bool::weighted(0.2),
    );
    let config = Config {
        cases: 120,
        failure_persistence: None,
        ..Config::default()
    };
    let ran = TestRunner::new(config).run(&cases, |(rows, fusion, repair)| {
        let rules = MergeRules {
            fusion,
            repair,
            back: None,
        };
        let mut site = Site::new();
        site.merge(&package(&rows, |row| row.base), "1.0.0", 1, Choice::default())
            .unwrap();
        edit(&site, &rows);
        let before = table(&site);
        let choice = Choice {
            rules,
            orphans: Orphans::Log,
        };
        let theirs = package(&rows, |row| row.theirs);
        let done = site.merge(&theirs, "1.1.0", 2, choice);
        let damage = is_damage(&rows);
        let expected: Option<Vec<_>> = rows.iter().map(|row| reference(row, rules, damage)).collect();
        let Some(expected) = expected else {
            prop_assert!(done.is_err());
            prop_assert_eq!(table(&site), before);
            prop_assert_eq!(site.database.count("gestor_plugins_conflitos", "TRUE"), 0);
            return Ok(());
        };
        prop_assert!(done.is_ok());
        let now: BTreeMap<String, Fields> = (expected.iter().enumerate())
            .filter_map(|(number, (row, _))| Some((format!("x-{number}"), (*row)?)))
            .collect();
        prop_assert_eq!(table(&site), now.clone());
        let waiting: usize = expected.iter().map(|(_, waiting)| waiting).sum();
        let open = site.database.count("gestor_plugins_conflitos", "resolvido_em IS NULL");
        prop_assert_eq!(open, waiting as u64);
        nothing_is_lost(&site, &rows, &now)?;
        let dump = site.database.dump(&[]);
        let again = site.merge(&theirs, "1.1.0", 3, Choice::default()).unwrap();
        prop_assert_eq!((again.plan.writes(), again.parts), (0, 0));
        prop_assert_eq!(site.database.dump(&[]), dump);
        Ok(())
    });
    ran.unwrap();
}

/// A value that a user wrote and that is not there any more is among those set aside.
fn nothing_is_lost(site: &Site, rows: &[Drawn], now: &BTreeMap<String, Fields>) -> Result<(), TestCaseError> {
    for (number, row) in rows.iter().enumerate() {
        let (Some(base), Some(mine)) = (row.base, row.mine) else {
            continue;
        };
        let now = now.get(&format!("x-{number}"));
        for (at, column) in COLUMNS.iter().enumerate() {
            if mine[at] == base[at] || now.is_some_and(|now| now[at] == mine[at]) {
                continue;
            }
            let value = format!("JSON_VALUE(valores, '$.{column}') = '{}'", mine[at]);
            let saved = site
                .database
                .count("gestor_plugins_guardados", &format!("motivo='substituida' AND {value}"));
            prop_assert!(saved > 0, "{column} of x-{number} is lost");
        }
    }
    Ok(())
}

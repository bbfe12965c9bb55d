//! How what was found differs from what a scenario expects.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::scenarios::{COUNTERS, Step};
use crate::support::mariadb::{Database, Text};
use crate::support::operation::Ended;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    table: String,
    r#where: String,
    rows: Vec<Map<String, Value>>,
}

/// What a query finds that is not expected, or the other way round.
pub(crate) fn faults_of_query(database: &Database, query: &Query) -> Vec<String> {
    let (table, condition) = (&query.table, &query.r#where);
    if query.rows.is_empty() {
        let count = database.count(table, condition);
        return if count == 0 {
            Vec::new()
        } else {
            vec![format!("{table} where {condition}: expected no row, found {count}")]
        };
    }
    let mut columns: Vec<&String> = query.rows.iter().flat_map(Map::keys).collect();
    columns.sort();
    columns.dedup();
    let selected: Vec<_> = columns
        .iter()
        .map(|column| format!("CAST(`{column}` AS CHAR)"))
        .collect();
    let mut left = database.rows(&format!(
        "SELECT {} FROM `{table}` WHERE {condition}",
        selected.join(",")
    ));
    let mut faults = Vec::new();
    if left.len() != query.rows.len() {
        faults.push(format!(
            "{table} where {condition}: expected {} rows, found {}",
            query.rows.len(),
            left.len()
        ));
    }
    for expected in &query.rows {
        let is_it = |row: &Vec<Text>| {
            columns
                .iter()
                .zip(row)
                .all(|(column, found)| is_value(expected.get(*column), found))
        };
        match left.iter().position(is_it) {
            Some(at) => drop(left.remove(at)),
            None => faults.push(format!(
                "{table}: no row like {}; left: {left:?}",
                Value::from(expected.clone())
            )),
        }
    }
    faults
}

fn is_value(expected: Option<&Value>, found: &Text) -> bool {
    match expected {
        None => true,
        Some(Value::Null) => found.is_none(),
        Some(Value::String(text)) => found.as_ref() == Some(text),
        Some(other) => found.as_ref() == Some(&other.to_string()),
    }
}

pub(crate) fn faults_of_report(ended: &Ended, step: &Step) -> Vec<String> {
    let mut faults = Vec::new();
    if ended.code.number() != step.exit {
        faults.push(format!(
            "exit {}, expected {}: {}",
            ended.code.number(),
            step.exit,
            ended.report["erros"]
        ));
    }
    for (table, expected) in step.tabelas.iter().flatten() {
        for counter in COUNTERS {
            let (found, wanted) = (
                ended.counter(table, counter),
                expected.get(counter).copied().unwrap_or(0),
            );
            if found != wanted {
                faults.push(format!("{table}: {found} {counter}, expected {wanted}"));
            }
        }
    }
    faults
}

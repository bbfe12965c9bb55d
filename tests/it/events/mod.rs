//! What is counted and told of what happens to plugins, and how others read it. See also `trust/counted`.

mod counted;
mod killed;
mod metrics;
mod statistics;
mod store;

use std::collections::BTreeMap;

use gestor_plugins::config::{Argument, DatabaseSettings, RecoverParameters, Settings};
use serde_json::Value;

use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::{argument, child, english, text_argument};

/// How often what happened to a plugin.
pub(crate) fn counts(gestor: &Gestor, plugin: &str) -> BTreeMap<String, u64> {
    let sql = format!(
        "SELECT evento, total, soma_ms >= 0 AND b1 + b2 + b3 + b4 + b5 + b6 IN (0, total) FROM gestor_plugins_contadores \
         WHERE slug = '{plugin}'"
    );
    let rows = gestor.database.rows(&sql).into_iter();
    rows.map(|row| {
        assert_eq!(row[2].as_deref(), Some("1"), "{row:?}");
        (row[0].clone().unwrap(), row[1].as_deref().unwrap().parse().unwrap())
    })
    .collect()
}

/// Counts as a test writes them.
pub(crate) fn of(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    counts
        .iter()
        .map(|(event, count)| ((*event).to_owned(), *count))
        .collect()
}

/// An operation of a plugin.
fn ask(gestor: &Gestor, word: &str, more: &Value) -> Ended {
    ask_with(gestor, word, more, english())
}

fn ask_with(gestor: &Gestor, word: &str, more: &Value, settings: Settings) -> Ended {
    let mut call = child::about(gestor, "", more);
    let entries = call.as_object_mut().unwrap();
    if entries["slug"] == "" {
        entries.remove("slug");
        entries.remove("espera_lock");
    }
    run(called(word, Argument::from(&call), &settings), settings, &mut Quiet)
}

/// How a connection of one's own is made.
fn connection(gestor: &Gestor) -> DatabaseSettings {
    let call = argument([("raiz", text_argument("/nowhere")), ("db", gestor.database.argument())]);
    let read = RecoverParameters::read(call, &Settings::default()).unwrap();
    read.site.database.unwrap()
}

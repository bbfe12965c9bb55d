//! What stands in the variables of a plugin's module: for each field its value, or why it has none.

use std::collections::BTreeSet;

use serde_json::Value;

use super::ground::{Ground, counting};
use super::{messages, secrets};
use crate::base::db::Database;
use crate::ledger;
use crate::model::{Phrase, Slug, TableName};
use crate::ops::Error;
use crate::settings::store::StoredVariable;
use crate::settings::{Field, Read, read};

/// The table of variables.
const TABLE: &str = "variaveis";

/// A field with what stands there.
pub(super) struct Saved<'g> {
    pub(super) field: &'g Field,
    /// The variable that counts, in the language that is shown.
    pub(super) row: Option<&'g StoredVariable>,
    /// Its value, which the schema takes.
    pub(super) value: Option<Value>,
    /// Why it counts as if it were not there.
    pub(super) fault: Option<Phrase>,
    /// Languages in which something else stands.
    pub(super) differs: Vec<String>,
}

impl Saved<'_> {
    /// The value that counts; nothing for a secret.
    pub(super) fn counting(&self) -> Option<&Value> {
        self.value.as_ref().or(self.field.default.as_ref())
    }
}

/// Every field with what stands there.
pub(super) fn saved<'g>(ground: &'g Ground, rows: &'g [StoredVariable]) -> Vec<Saved<'g>> {
    let fields = ground.schema.form().fields.iter();
    fields.map(|field| of_field(ground, field, rows)).collect()
}

fn of_field<'g>(ground: &'g Ground, field: &'g Field, rows: &'g [StoredVariable]) -> Saved<'g> {
    let row = counting(field, rows, &ground.language);
    let text = |row: Option<&StoredVariable>| row.and_then(|row| row.text.clone()).unwrap_or_default();
    let others = ground.languages.iter().filter(|language| **language != ground.language);
    let differs = others.filter(|language| text(counting(field, rows, language)) != text(row));
    let mut saved = Saved {
        field,
        row,
        value: None,
        fault: None,
        differs: differs.cloned().collect(),
    };
    let Some(row) = row else {
        return saved;
    };
    let is_marked = secrets::is_mark(ground, field, row.text.as_deref().unwrap_or_default());
    if field.is_secret || is_marked {
        // What was a text before it became a secret, or the reverse.
        let is_fit = field.is_secret == is_marked || row.text.as_deref().unwrap_or_default().is_empty();
        saved.fault = (!is_fit).then_some(if field.is_secret {
            messages::IN_CLEAR
        } else {
            messages::NO_TEXT
        });
        return saved;
    }
    match read(field, row.text.as_deref(), row.kind.as_deref()) {
        Read::Nothing => {}
        Read::Unfit => saved.fault = Some(messages::no_value(field.variable.word())),
        Read::Value(value) => match ground.schema.faults_of(field, &value).into_iter().next() {
            None => saved.value = Some(value),
            Some(fault) => saved.fault = Some(Phrase::of(&fault.reason)),
        },
    }
    saved
}

/// Numbers of the variables that the plugin's package brings: they are texts of its pages, or its own settings.
pub(super) fn brought(database: &mut Database, slug: &Slug) -> Result<BTreeSet<u64>, Error> {
    let base = ledger::read(database, slug)?.base;
    let table = TableName::new(TABLE).ok().and_then(|table| base.get(&table).cloned());
    let entries = table.into_iter().flat_map(|table| table.entries);
    let alive = entries.filter(ledger::Entry::is_alive);
    let number = |entry: ledger::Entry| std::str::from_utf8(entry.identity.first()?).ok()?.parse().ok();
    Ok(alive.filter_map(number).collect())
}

/// Variables of the plugin that belong to no field, and that no package brings: what earlier schemas had.
pub(super) fn left<'g>(
    ground: &Ground,
    rows: &'g [StoredVariable],
    brought: &BTreeSet<u64>,
) -> Vec<&'g StoredVariable> {
    let fields = &ground.schema.form().fields;
    let is_of_field = |row: &StoredVariable| {
        fields
            .iter()
            .any(|field| field.id == row.id || field.renamed_from.contains(&row.id))
    };
    let own = rows.iter().filter(|row| row.language == ground.language);
    own.filter(|row| row.owner.as_deref() == Some(ground.slug.as_str()))
        .filter(|row| !brought.contains(&row.number) && !is_of_field(row))
        .collect()
}

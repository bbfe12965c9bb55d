//! What the form reads of an object's words, and what it says of parts that have no field. Pure.

use serde_json::{Map, Value};

use crate::model::Phrase;

/// Words that bound a value, shown as they stand.
pub(super) const LIMITS: [&str; 13] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
    "readOnly",
];

pub(super) const SETTINGS: Phrase = Phrase::new("configurações", "settings");
pub(super) const FORBIDDEN: Phrase = Phrase::new(
    "o esquema não aceita nenhum valor aqui",
    "the schema takes no value here",
);
pub(super) const NO_NAMES: Phrase = Phrase::new(
    "o esquema não dá nome a nenhuma configuração (`properties`)",
    "the schema names no settings (`properties`)",
);

pub(super) fn open(word: &str) -> Phrase {
    Phrase::made(
        format!("`{word}` aceita configurações cujos nomes o esquema não diz; elas não têm campo"),
        format!("`{word}` takes settings whose names the schema does not say; they have no field"),
    )
}

pub(super) fn under_condition(word: &str) -> Phrase {
    Phrase::made(
        format!("ela só existe sob uma condição (`{word}`)"),
        format!("it is there only under a condition (`{word}`)"),
    )
}

pub(super) fn id(path: &[String], name: &str) -> String {
    let mut id = path.join(".");
    if !id.is_empty() {
        id.push('.');
    }
    id + name
}

pub(super) fn text(schema: &Map<String, Value>, word: &str) -> Option<String> {
    let text = schema.get(word)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

pub(super) fn names(value: Option<&Value>) -> Vec<&str> {
    let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).collect()
}

pub(super) fn has_properties(schema: &Map<String, Value>) -> bool {
    let own = schema
        .get("properties")
        .and_then(Value::as_object)
        .is_some_and(|own| !own.is_empty());
    own || schema.contains_key("allOf")
}

pub(super) fn asks_for_json(schema: &Map<String, Value>) -> bool {
    schema
        .get(super::words::EXTENSION)
        .and_then(|said| said.get("widget"))
        .is_some_and(|widget| widget == "json")
}

//! What a schema says to the gestor: `x-gestor`. Pure.

use serde_json::{Map, Value};

use super::Widget;
use super::error::SchemaFault;
use crate::model::Phrase;

/// The word of JSON Schema under which it stands.
pub(super) const EXTENSION: &str = "x-gestor";

const A_TEXT: Phrase = Phrase::new("um texto", "a text");
const YES_OR_NO: Phrase = Phrase::new("true ou false", "true or false");
const NAMES: Phrase = Phrase::new("um nome, ou uma lista de nomes", "a name, or a list of names");

/// What a part of a schema says to the gestor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) widget: Option<Widget>,
    pub(super) group: Option<String>,
    pub(super) is_secret: bool,
    /// Names that the setting had, the latest first.
    pub(super) renamed_from: Vec<String>,
    /// The module in which settings stand; said at the beginning of a schema.
    pub(super) module: Option<String>,
}

impl Words {
    /// Reads them.
    pub(super) fn read(schema: &Map<String, Value>, is_root: bool) -> Result<Self, SchemaFault> {
        let mut words = Self::default();
        let Some(said) = schema.get(EXTENSION) else {
            return Ok(words);
        };
        let said = said
            .as_object()
            .ok_or_else(|| SchemaFault::Extension { word: said.to_string() })?;
        for (word, value) in said {
            match word.as_str() {
                "widget" => words.widget = Some(widget(value)?),
                "grupo" => words.group = Some(text("grupo", value)?),
                "segredo" => words.is_secret = flag(value)?,
                "renamed_from" => words.renamed_from = names(value)?,
                "modulo" if is_root => words.module = Some(text("modulo", value)?),
                _ => return Err(SchemaFault::Extension { word: word.clone() }),
            }
        }
        Ok(words)
    }
}

fn widget(value: &Value) -> Result<Widget, SchemaFault> {
    let found = text("widget", value)?;
    Widget::of_word(&found).ok_or_else(|| SchemaFault::Widget {
        found,
        known: Widget::words(),
    })
}

fn text(word: &'static str, value: &Value) -> Result<String, SchemaFault> {
    let text = value.as_str().map(str::trim).filter(|text| !text.is_empty());
    let wanted = A_TEXT;
    text.map(str::to_owned)
        .ok_or(SchemaFault::ExtensionValue { word, wanted })
}

fn flag(value: &Value) -> Result<bool, SchemaFault> {
    value.as_bool().ok_or(SchemaFault::ExtensionValue {
        word: "segredo",
        wanted: YES_OR_NO,
    })
}

fn names(value: &Value) -> Result<Vec<String>, SchemaFault> {
    let all = match value {
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        one => one.as_str().map(|name| vec![name]),
    };
    let names: Option<Vec<String>> = all.map(|names| names.into_iter().map(str::to_owned).collect());
    names.ok_or(SchemaFault::ExtensionValue {
        word: "renamed_from",
        wanted: NAMES,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(said: &Value, is_root: bool) -> Result<Words, SchemaFault> {
        Words::read(json!({ EXTENSION: said }).as_object().unwrap(), is_root)
    }

    #[test]
    fn words_are_read() {
        let words = read(
            &json!({"widget": "color", "grupo": "Cores", "segredo": false, "renamed_from": "cor"}),
            false,
        )
        .unwrap();
        let expected = Words {
            widget: Some(Widget::Color),
            group: Some("Cores".to_owned()),
            renamed_from: vec!["cor".to_owned()],
            ..Words::default()
        };
        assert_eq!(words, expected);
        let names = read(&json!({"renamed_from": ["b", "a"]}), false).unwrap().renamed_from;
        assert_eq!(names, ["b", "a"]);
        assert_eq!(
            read(&json!({"modulo": "loja"}), true).unwrap().module.as_deref(),
            Some("loja")
        );
        assert_eq!(Words::read(&Map::new(), false).unwrap(), Words::default());
    }

    #[test]
    fn what_is_no_word_is_told() {
        for (said, part) in [
            (json!({"wigdet": "color"}), "wigdet"),
            (json!({"modulo": "loja"}), "modulo"),
            (json!({"widget": "slider"}), "slider"),
            (json!({"grupo": " "}), "x-gestor.grupo"),
            (json!({"segredo": "sim"}), "true or false"),
            (json!({"renamed_from": [1]}), "list of names"),
            (json!("color"), "color"),
        ] {
            let fault = read(&said, false).unwrap_err().to_string();
            assert!(fault.contains(part), "{fault}");
        }
    }
}

//! What can be chosen: `enum`, `const`, and alternatives of constants with titles. Pure.

use serde_json::{Map, Value};

use super::Choice;

/// Alternatives of which each is one value.
const ALTERNATIVES: [&str; 2] = ["oneOf", "anyOf"];

/// The values of a schema that names them one by one; nothing where it does not. No value (`null`) is no choice.
pub(super) fn choices(schema: &Map<String, Value>) -> Option<Vec<Choice>> {
    let named = if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        values.iter().map(|value| choice(value, None)).collect()
    } else if let Some(value) = schema.get("const") {
        vec![choice(value, schema.get("title"))]
    } else {
        let word = ALTERNATIVES.iter().find(|word| schema.contains_key(**word))?;
        let each = schema.get(*word)?.as_array()?.iter();
        let each: Option<Vec<Choice>> = each.map(alternative).collect();
        each?
    };
    let choices: Vec<Choice> = named.into_iter().filter(|choice| !choice.value.is_null()).collect();
    (!choices.is_empty()).then_some(choices)
}

fn alternative(schema: &Value) -> Option<Choice> {
    let schema = schema.as_object()?;
    if schema.get("type").is_some_and(|kind| kind == "null") {
        return Some(choice(&Value::Null, None));
    }
    let known = ["const", "title", "description", "type"];
    let is_constant = schema.keys().all(|word| known.contains(&word.as_str()));
    let value = schema.get("const").filter(|_| is_constant)?;
    Some(choice(value, schema.get("title").or_else(|| schema.get("description"))))
}

fn choice(value: &Value, title: Option<&Value>) -> Choice {
    let title = title.and_then(Value::as_str).map(str::to_owned);
    let own = || value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Choice {
        value: value.clone(),
        label: title.unwrap_or_else(own),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_can_be_chosen_is_found() {
        for (schema, expected) in [
            (json!({"enum": ["a", 2, null]}), Some("a=a 2=2")),
            (json!({"const": true, "title": "On"}), Some("true=On")),
            (
                json!({"oneOf": [{"const": "a", "title": "A"}, {"const": "b", "type": "string"}, {"type": "null"}]}),
                Some("a=A b=b"),
            ),
            (json!({"anyOf": [{"const": 1, "description": "one"}]}), Some("1=one")),
            (json!({"oneOf": [{"const": "a"}, {"type": "string"}]}), None),
            (json!({"oneOf": [{"const": "a", "minLength": 2}]}), None),
            (json!({"enum": [null]}), None),
            (json!({"type": "string"}), None),
        ] {
            let found = choices(schema.as_object().unwrap()).map(|found| {
                let each = found.iter().map(|choice| {
                    let value = choice
                        .value
                        .as_str()
                        .map_or_else(|| choice.value.to_string(), str::to_owned);
                    format!("{value}={}", choice.label)
                });
                each.collect::<Vec<_>>().join(" ")
            });
            assert_eq!(found.as_deref(), expected, "{schema}");
        }
    }
}

//! Words of settings that are no JSON Schema and that authors write all the same: `type: enum`, `min`, `max`, `uiType`. They
//! become the words of JSON Schema that they mean. Pure.

use serde_json::{Map, Value};

use super::words::EXTENSION;

/// Where the name of a widget may stand.
const WIDGETS: [&str; 4] = ["uiType", "UIType", "ui_type", "widget"];
/// How deep properties are looked for.
const DEPTH: usize = 16;

/// Puts the words of JSON Schema in their place.
pub(super) fn replace(schema: &mut Value) {
    properties(schema, DEPTH);
}

fn properties(schema: &mut Value, depth: usize) {
    let Some(schema) = schema.as_object_mut().filter(|_| depth > 0) else {
        return;
    };
    for word in ["properties", "$defs", "definitions"] {
        let parts = schema.get_mut(word).and_then(Value::as_object_mut);
        for part in parts.into_iter().flat_map(Map::values_mut) {
            if let Some(part) = part.as_object_mut() {
                property(part);
            }
            properties(part, depth - 1);
        }
    }
    if let Some(items) = schema.get_mut("items") {
        properties(items, depth - 1);
    }
}

fn property(schema: &mut Map<String, Value>) {
    let (least, most) = match schema.get("type").and_then(Value::as_str) {
        Some("string") => ("minLength", "maxLength"),
        Some("array") => ("minItems", "maxItems"),
        _ => ("minimum", "maximum"),
    };
    for (word, meant) in [("min", least), ("max", most)] {
        if schema.get(word).is_some_and(Value::is_number)
            && let Some(bound) = schema.remove(word)
        {
            schema.entry(meant).or_insert(bound);
        }
    }
    if schema.get("type").and_then(Value::as_str) == Some("enum") {
        schema.shift_remove("type");
    }
    for word in WIDGETS {
        if schema.get(word).is_some_and(Value::is_string)
            && let Some(widget) = schema.shift_remove(word)
        {
            let said = schema.entry(EXTENSION).or_insert_with(|| Map::new().into());
            if let Some(said) = said.as_object_mut() {
                said.entry("widget").or_insert(widget);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_are_put_in_place() {
        let mut schema = json!({"title": "Combat Pack Configuration", "min": 1, "properties": {
            "difficulty": {"type": "enum", "enum": ["normal", "hard"], "default": "normal", "uiType": "dropdown"},
            "rate": {"type": "number", "min": 0.1, "max": 5.0, "minimum": 0.2},
            "name": {"type": "string", "min": 2, "max": 9},
            "tags": {"type": "array", "max": 3, "items": {"properties": {"min": {"type": "integer", "max": 4}}}},
            "any": true,
        }});
        replace(&mut schema);
        let expected = json!({"title": "Combat Pack Configuration", "min": 1, "properties": {
            "difficulty": {"enum": ["normal", "hard"], "default": "normal", "x-gestor": {"widget": "dropdown"}},
            "rate": {"type": "number", "minimum": 0.2, "maximum": 5.0},
            "name": {"type": "string", "minLength": 2, "maxLength": 9},
            "tags": {"type": "array", "maxItems": 3, "items": {"properties": {"min": {"type": "integer", "maximum": 4}}}},
            "any": true,
        }});
        assert_eq!(schema, expected);
    }
}

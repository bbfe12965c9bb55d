//! Canonical JSON (OLPC): the one text of a value, which is what signatures are made over. Integers only; whoever signs
//! a fraction signs nothing.

use serde_json::Value;

/// The canonical text of a value; `None` where it holds a number that is no integer.
pub fn canonical(value: &Value) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    write(value, &mut text)?;
    Some(text)
}

fn write(value: &Value, text: &mut Vec<u8>) -> Option<()> {
    match value {
        Value::Null => text.extend_from_slice(b"null"),
        Value::Bool(true) => text.extend_from_slice(b"true"),
        Value::Bool(false) => text.extend_from_slice(b"false"),
        Value::Number(number) if number.is_i64() || number.is_u64() => {
            text.extend_from_slice(number.to_string().as_bytes());
        }
        Value::Number(_) => return None,
        Value::String(string) => write_string(string, text),
        Value::Array(items) => {
            text.push(b'[');
            for (at, item) in items.iter().enumerate() {
                separate(at, text);
                write(item, text)?;
            }
            text.push(b']');
        }
        Value::Object(fields) => {
            // By the numbers of their characters, which is the order of their UTF-8 bytes.
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_unstable_by(|one, other| one.0.cmp(other.0));
            text.push(b'{');
            for (at, (name, field)) in sorted.into_iter().enumerate() {
                separate(at, text);
                write_string(name, text);
                text.push(b':');
                write(field, text)?;
            }
            text.push(b'}');
        }
    }
    Some(())
}

fn separate(at: usize, text: &mut Vec<u8>) {
    if at > 0 {
        text.push(b',');
    }
}

/// Two characters are escaped; every other stands as it is, line breaks too.
fn write_string(string: &str, text: &mut Vec<u8>) {
    text.push(b'"');
    for byte in string.bytes() {
        if matches!(byte, b'"' | b'\\') {
            text.push(b'\\');
        }
        text.push(byte);
    }
    text.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, json};

    use super::*;

    #[test]
    fn the_text_is_what_others_sign() {
        for (value, expected) in [
            (
                json!({"b": 1, "a": [true, false, null]}),
                r#"{"a":[true,false,null],"b":1}"#,
            ),
            (json!({"é": "x", "z": "y", "Z": ""}), r#"{"Z":"","z":"y","é":"x"}"#),
            (
                json!("q\" b\\ l\n t\t e\u{e9} \u{1f600}"),
                "\"q\\\" b\\\\ l\n t\t e\u{e9} \u{1f600}\"",
            ),
            (json!([-1, 0, u64::MAX]), "[-1,0,18446744073709551615]"),
            (
                json!({"\u{ff5e}": 1, "\u{10000}": 2}),
                "{\"\u{ff5e}\":1,\"\u{10000}\":2}",
            ),
        ] {
            assert_eq!(canonical(&value).unwrap(), expected.as_bytes(), "{value}");
        }
        for fraction in ["1.0", "1e3", "-0", "18446744073709551616", "[{\"a\": 0.5}]"] {
            let value: Value = serde_json::from_str(fraction).unwrap();
            assert_eq!(canonical(&value), None, "{fraction}");
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((".{0,4}", inner), 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    /// The same value, its fields in another order.
    fn turned(value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(turned).collect(),
            Value::Object(fields) => {
                let turned: Map<_, _> = fields
                    .iter()
                    .rev()
                    .map(|(name, field)| (name.clone(), turned(field)))
                    .collect();
                Value::Object(turned)
            }
            other => other.clone(),
        }
    }

    /// Undoes the escapes, so that a JSON parser that allows no bare control characters can read the text.
    fn escaped(text: &[u8]) -> String {
        let text = std::str::from_utf8(text).unwrap();
        let shown = |letter: char| match letter {
            letter if letter < ' ' => format!("\\u{:04x}", u32::from(letter)),
            letter => letter.to_string(),
        };
        text.chars().map(shown).collect()
    }

    proptest! {
        /// Two values have one text only where they are equal, whatever the order of their fields.
        #[test]
        fn a_value_has_one_text_and_a_text_one_value(value in values(), other in values()) {
            let text = canonical(&value).unwrap();
            prop_assert_eq!(&canonical(&turned(&value)).unwrap(), &text);
            let back: Value = serde_json::from_str(&escaped(&text)).unwrap();
            prop_assert_eq!(&back, &value);
            prop_assert_eq!(canonical(&other).unwrap() == text, other == value);
        }
    }
}

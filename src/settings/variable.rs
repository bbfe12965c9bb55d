//! From a value to the text of its variable, and back. Pure.

use serde_json::{Number, Value};

use super::dates::{day_of_gestor, day_to_gestor, minute_of_gestor, minute_to_gestor};
use super::numbers::{money_of_gestor, money_to_gestor, quantity_of_gestor, quantity_to_gestor};
use super::{Field, Reason, VariableType, Widget};

/// Bytes of a variable that we write.
const MOST: usize = 1 << 20;
/// Between days.
const BETWEEN: &str = "|";

/// What a variable holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// No value.
    Nothing,
    /// A value, which need not be one that the schema takes.
    Value(Value),
    /// A text that is no value of the field.
    Unfit,
}

/// The text of a value. No value (`null`) is for the caller.
///
/// # Errors
/// Why no variable can hold it.
pub fn write(field: &Field, value: &Value) -> Result<String, Reason> {
    let text = written(field, value)?;
    if text.len() > MOST {
        return Err(Reason::TooLong { most: MOST });
    }
    Ok(text)
}

fn written(field: &Field, value: &Value) -> Result<String, Reason> {
    if matches!(field.widget, Widget::Json | Widget::MultiSelect) {
        return Ok(value.to_string());
    }
    let text = || value.as_str().ok_or_else(|| wanted("string"));
    let number = || match value {
        Value::Number(number) => Ok(number),
        _ => Err(wanted("number")),
    };
    match field.variable {
        VariableType::Bool => {
            let is_true = value.as_bool().ok_or_else(|| wanted("boolean"))?;
            Ok(if is_true { "1" } else { "" }.to_owned())
        }
        VariableType::Number => Ok(number()?.to_string()),
        VariableType::Quantity => quantity_to_gestor(number()?).ok_or(Reason::Quantity),
        VariableType::Money => money_to_gestor(number()?).ok_or(Reason::Money),
        VariableType::Date => day_to_gestor(text()?).ok_or(Reason::Day),
        VariableType::DateTime => minute_to_gestor(text()?).ok_or(Reason::Minute),
        VariableType::Dates => days(value),
        _ => {
            let text = text()?;
            if !field.widget.has_lines() && field.choices.is_empty() && text.contains(['\n', '\r']) {
                return Err(Reason::LineBreak);
            }
            Ok(text.to_owned())
        }
    }
}

fn wanted(kind: &str) -> Reason {
    Reason::Type {
        wanted: kind.to_owned(),
    }
}

fn days(value: &Value) -> Result<String, Reason> {
    let items = value.as_array().ok_or_else(|| wanted("array"))?;
    let each: Option<Vec<String>> = items.iter().map(|day| day_to_gestor(day.as_str()?)).collect();
    Ok(each.ok_or(Reason::Day)?.join(BETWEEN))
}

/// The value of a variable: its text, and the type that stands beside it.
pub fn read(field: &Field, text: Option<&str>, stored: Option<&str>) -> Read {
    let stored = stored
        .and_then(VariableType::stored)
        .filter(|stored| *stored != field.variable);
    let Some(stored) = stored else {
        return own(field, text);
    };
    // Written as another type: by an earlier schema, or in the gestor's editor.
    match plain(stored, text) {
        Read::Value(Value::String(text)) => own(field, Some(&text)),
        Read::Value(value) if takes_text(field) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            own(field, Some(&text))
        }
        other => other,
    }
}

/// Whether the field's values are texts as they stand.
fn takes_text(field: &Field) -> bool {
    use VariableType as Type;
    let is_text = matches!(
        field.variable,
        Type::String | Type::Text | Type::Css | Type::Js | Type::Html | Type::Tinymce
    );
    is_text && !matches!(field.widget, Widget::Json | Widget::MultiSelect)
}

/// As the field itself writes it.
fn own(field: &Field, text: Option<&str>) -> Read {
    let Some(text) = text else {
        return if field.variable == VariableType::Bool {
            Read::Value(false.into())
        } else {
            Read::Nothing
        };
    };
    if matches!(field.widget, Widget::Json | Widget::MultiSelect) {
        if text.trim().is_empty() {
            return Read::Nothing;
        }
        return serde_json::from_str(text).map_or(Read::Unfit, Read::Value);
    }
    let is_offered = field.choices.is_empty() || field.choices.iter().any(|choice| choice.value == "");
    if text.is_empty() && takes_text(field) && !is_offered {
        return Read::Nothing;
    }
    plain(field.variable, Some(text))
}

/// As a type writes it.
fn plain(kind: VariableType, text: Option<&str>) -> Read {
    let Some(text) = text else { return Read::Nothing };
    let found = match kind {
        VariableType::Bool => Some((!matches!(text.trim(), "" | "0" | "false")).into()),
        VariableType::Dates => days_of(text),
        VariableType::Number
        | VariableType::Quantity
        | VariableType::Money
        | VariableType::Date
        | VariableType::DateTime
            if text.trim().is_empty() =>
        {
            return Read::Nothing;
        }
        VariableType::Number => number(text),
        VariableType::Quantity => quantity_of_gestor(text),
        VariableType::Money => money_of_gestor(text),
        VariableType::Date => day_of_gestor(text).map(Value::String),
        VariableType::DateTime => minute_of_gestor(text).map(Value::String),
        _ => Some(text.into()),
    };
    found.map_or(Read::Unfit, Read::Value)
}

/// A number as programs write it.
pub(super) fn number(text: &str) -> Option<Value> {
    let found: Value = serde_json::from_str(text.trim()).ok()?;
    if !found.is_f64() {
        return found.is_number().then_some(found);
    }
    // The parser of JSON may miss the nearest number by one.
    let nearest: f64 = text.trim().parse().ok()?;
    Number::from_f64(nearest).map(Value::Number)
}

fn days_of(text: &str) -> Option<Value> {
    let days = text.split(BETWEEN).filter(|day| !day.trim().is_empty());
    let days: Option<Vec<Value>> = days.map(|day| day_of_gestor(day).map(Value::String)).collect();
    days.map(Value::Array)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::Form;
    use super::*;

    fn field(schema: &Value) -> Field {
        Form::of(&json!({"properties": {"a": schema}}))
            .unwrap()
            .fields
            .remove(0)
    }

    #[test]
    fn values_stand_as_the_gestor_writes_them() {
        for (schema, value, text) in [
            (json!({"type": "string"}), json!(" a'\"é<b> "), " a'\"é<b> "),
            (json!({"type": "boolean"}), json!(true), "1"),
            (json!({"type": "boolean"}), json!(false), ""),
            (json!({"type": "number"}), json!(-1.5), "-1.5"),
            (
                json!({"type": "integer", "x-gestor": {"widget": "quantidade"}}),
                json!(1234),
                "1.234",
            ),
            (
                json!({"type": "number", "x-gestor": {"widget": "dinheiro"}}),
                json!(1234.5),
                "1.234,50",
            ),
            (
                json!({"type": "string", "format": "date"}),
                json!("2026-12-31"),
                "31/12/2026",
            ),
            (
                json!({"type": "string", "x-gestor": {"widget": "data-hora"}}),
                json!("2026-12-31T23:59"),
                "31/12/2026 23:59",
            ),
            (
                json!({"type": "array", "items": {"type": "string", "format": "date"}}),
                json!(["2026-12-31", "2027-01-01"]),
                "31/12/2026|01/01/2027",
            ),
            (json!({"type": "array"}), json!([1, {"b": null}]), "[1,{\"b\":null}]"),
            (json!({"enum": ["x\ny"]}), json!("x\ny"), "x\ny"),
            (json!({"enum": [1, 2]}), json!(2), "2"),
            (
                json!({"type": "string", "x-gestor": {"widget": "css"}}),
                json!("a\nb"),
                "a\nb",
            ),
        ] {
            let field = field(&schema);
            assert_eq!(write(&field, &value).as_deref(), Ok(text), "{schema}");
            let read = read(&field, Some(text), Some(field.variable.word()));
            assert_eq!(read, Read::Value(value), "{schema}");
        }
    }

    #[test]
    fn what_no_variable_can_hold_is_refused() {
        for (schema, value, reason) in [
            (json!({"type": "string"}), json!("a\nb"), Reason::LineBreak),
            (json!({"type": "string"}), json!(1), wanted("string")),
            (
                json!({"type": "string"}),
                json!("x".repeat(MOST + 1)),
                Reason::TooLong { most: MOST },
            ),
            (json!({"type": "boolean"}), json!("1"), wanted("boolean")),
            (json!({"type": "number"}), json!("1"), wanted("number")),
            (
                json!({"type": "integer", "x-gestor": {"widget": "quantidade"}}),
                json!(-1),
                Reason::Quantity,
            ),
            (
                json!({"type": "number", "x-gestor": {"widget": "dinheiro"}}),
                json!(0.001),
                Reason::Money,
            ),
            (
                json!({"type": "string", "format": "date"}),
                json!("31/12/2026"),
                Reason::Day,
            ),
            (
                json!({"type": "string", "x-gestor": {"widget": "data-hora"}}),
                json!("2026-12-31"),
                Reason::Minute,
            ),
        ] {
            assert_eq!(write(&field(&schema), &value), Err(reason), "{schema}");
        }
    }

    #[test]
    fn what_others_wrote_is_read() {
        let number = json!({"type": "number"});
        let text = json!({"type": "string"});
        let truth = json!({"type": "boolean"});
        let choice = json!({"enum": ["a", "b"]});
        let list = json!({"type": "array"});
        for (schema, stored, kind, expected) in [
            (&number, Some("1.234"), Some("quantidade"), Read::Value(json!(1234))),
            (&number, Some("1.234,50"), Some("dinheiro"), Read::Value(json!(1234.5))),
            (&number, Some(" 5 "), Some("string"), Read::Value(json!(5))),
            (&number, Some("five"), Some("number"), Read::Unfit),
            (&number, Some("five"), Some("string"), Read::Unfit),
            (&number, Some(""), Some("number"), Read::Nothing),
            (&number, None, Some("number"), Read::Nothing),
            (&number, Some("5"), None, Read::Value(json!(5))),
            (&text, Some("5"), Some("number"), Read::Value(json!("5"))),
            (
                &text,
                Some("31/12/2026"),
                Some("data"),
                Read::Value(json!("2026-12-31")),
            ),
            (&text, Some(""), Some("string"), Read::Value(json!(""))),
            (&text, None, Some("string"), Read::Nothing),
            // What the gestor's editor and its functions make of a box that is not checked.
            (&truth, Some(""), Some("bool"), Read::Value(json!(false))),
            (&truth, None, Some("bool"), Read::Value(json!(false))),
            (&truth, Some("0"), Some("string"), Read::Value(json!(false))),
            (&truth, Some("1"), Some("bool"), Read::Value(json!(true))),
            (&choice, Some(""), Some("string"), Read::Nothing),
            (&choice, Some("b"), Some("text"), Read::Value(json!("b"))),
            (&list, Some("[1"), Some("text"), Read::Unfit),
            (&list, Some(" "), Some("text"), Read::Nothing),
        ] {
            assert_eq!(
                read(&field(schema), stored, kind),
                expected,
                "{schema} {stored:?} {kind:?}"
            );
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (any::<i16>(), 0u8..8).prop_map(|(whole, parts)| json!(f64::from(whole) + f64::from(parts) / 8.0)),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(".{0,5}", inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// The law of settings: what is written comes back.
        #[test]
        fn what_is_written_comes_back(value in any_json(), text in "[^\r\n]*", lines: String, number: f64, truth: bool) {
            for (schema, value) in [
                (json!({}), value),
                (json!({"type": "string"}), json!(text)),
                (json!({"type": "string", "x-gestor": {"widget": "textarea"}}), json!(lines)),
                (json!({"type": "number"}), json!(number)),
                (json!({"type": "boolean"}), json!(truth)),
            ] {
                let field = field(&schema);
                if value.is_null() || (value.is_string() && field.widget == Widget::Number) {
                    continue;
                }
                let Ok(written) = write(&field, &value) else { continue };
                let kind = field.variable.word();
                prop_assert_eq!(read(&field, Some(&written), Some(kind)), Read::Value(value));
            }
        }
    }
}

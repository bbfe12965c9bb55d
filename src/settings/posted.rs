//! What a form sends: texts, each of which is a value of its field's type. Pure.

use serde_json::Value;

use super::dates::{day_of_gestor, day_to_gestor, minute_of_gestor, minute_to_gestor};
use super::numbers::{money_of_gestor, quantity_of_gestor};
use super::variable::number;
use super::{Field, Reason, Widget};

const YES: [&str; 5] = ["1", "on", "true", "sim", "yes"];
const NO: [&str; 6] = ["", "0", "off", "false", "nao", "no"];

/// The value that a form means by a text, or by several of one name; nothing where the field was left empty. What is no text is
/// taken as it is.
///
/// # Errors
/// Why the text is no value of the field.
pub fn of_form(field: &Field, sent: &Value) -> Result<Option<Value>, Reason> {
    match sent {
        Value::Null => Ok(None),
        Value::String(text) => of_text(field, text),
        Value::Array(items) if matches!(field.widget, Widget::MultiSelect | Widget::Dates) => {
            let each: Result<Vec<Value>, Reason> = items.iter().map(|item| one_of_several(field, item)).collect();
            each.map(|each| Some(Value::Array(each)))
        }
        other => Ok(Some(other.clone())),
    }
}

fn of_text(field: &Field, text: &str) -> Result<Option<Value>, Reason> {
    let trimmed = text.trim();
    match field.widget {
        Widget::Text | Widget::TextArea | Widget::Css | Widget::Js | Widget::Html | Widget::Tinymce => {
            Ok(Some(text.into()))
        }
        Widget::Toggle => truth(trimmed).map(Some),
        Widget::MultiSelect if trimmed.is_empty() => Ok(Some(Value::Array(Vec::new()))),
        Widget::MultiSelect => Ok(Some(Value::Array(vec![chosen(field, text)]))),
        Widget::Dates => {
            let days = trimmed
                .split(['|', '\n', ','])
                .map(str::trim)
                .filter(|day| !day.is_empty());
            let days: Result<Vec<Value>, Reason> = days.map(day).collect();
            days.map(|days| Some(Value::Array(days)))
        }
        Widget::Dropdown if field.choices.iter().any(|choice| is_of(&choice.value, text)) => {
            Ok(Some(chosen(field, text)))
        }
        _ if trimmed.is_empty() => Ok(None),
        Widget::Dropdown | Widget::Color | Widget::Password => Ok(Some(text.into())),
        Widget::Number => number(trimmed).ok_or(Reason::Number).map(Some),
        // The mask writes `1.000` for a thousand, which would be a number of another kind as well.
        Widget::Quantity => quantity_of_gestor(trimmed)
            .or_else(|| number(trimmed))
            .ok_or(Reason::Quantity)
            .map(Some),
        Widget::Money => money_of_gestor(trimmed)
            .or_else(|| number(trimmed))
            .ok_or(Reason::Money)
            .map(Some),
        Widget::Date => day(trimmed).map(Some),
        Widget::DateTime => minute(trimmed).map(Some),
        Widget::Json => serde_json::from_str(trimmed).map_err(|_| Reason::Json),
    }
}

fn one_of_several(field: &Field, item: &Value) -> Result<Value, Reason> {
    match item.as_str() {
        Some(text) if field.widget == Widget::Dates => day(text.trim()),
        Some(text) => Ok(chosen(field, text)),
        None => Ok(item.clone()),
    }
}

fn truth(text: &str) -> Result<Value, Reason> {
    let text = text.to_lowercase().replace('ã', "a");
    match () {
        () if YES.contains(&text.as_str()) => Ok(true.into()),
        () if NO.contains(&text.as_str()) => Ok(false.into()),
        () => Err(Reason::Truth),
    }
}

/// The choice that a text means; the text itself where it means none.
fn chosen(field: &Field, text: &str) -> Value {
    let found = field.choices.iter().find(|choice| is_of(&choice.value, text));
    found.map_or_else(|| text.into(), |choice| choice.value.clone())
}

fn is_of(value: &Value, text: &str) -> bool {
    match value {
        Value::String(value) => value == text,
        other => *other.to_string() == *text,
    }
}

fn day(text: &str) -> Result<Value, Reason> {
    let is_day = day_to_gestor(text).is_some();
    let day = if is_day {
        Some(text.to_owned())
    } else {
        day_of_gestor(text)
    };
    day.map(Value::String).ok_or(Reason::Day)
}

fn minute(text: &str) -> Result<Value, Reason> {
    let is_minute = minute_to_gestor(text).is_some();
    let minute = if is_minute {
        Some(text.to_owned())
    } else {
        minute_of_gestor(text)
    };
    minute.map(Value::String).ok_or(Reason::Minute)
}

#[cfg(test)]
mod tests {
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
    #[expect(clippy::too_many_lines, reason = "a table of texts")]
    fn texts_become_values() {
        let days = json!({"type": "array", "items": {"type": "string", "format": "date"}});
        let several = json!({"type": "array", "uniqueItems": true, "items": {"enum": [1, 2]}});
        for (schema, sent, expected) in [
            (json!({"type": "string"}), json!(" a "), Ok(Some(json!(" a ")))),
            (json!({"type": "string"}), json!(""), Ok(Some(json!("")))),
            (json!({"type": "string"}), json!(null), Ok(None)),
            (json!({"type": "number"}), json!("1.5"), Ok(Some(json!(1.5)))),
            (json!({"type": "number"}), json!(2), Ok(Some(json!(2)))),
            (json!({"type": "number"}), json!(" "), Ok(None)),
            (json!({"type": "number"}), json!("1,5"), Err(Reason::Number)),
            (
                json!({"type": "integer", "x-gestor": {"widget": "quantidade"}}),
                json!("1.000"),
                Ok(Some(json!(1000))),
            ),
            (
                json!({"type": "number", "x-gestor": {"widget": "dinheiro"}}),
                json!("1.500"),
                Ok(Some(json!(1500))),
            ),
            (
                json!({"type": "number", "x-gestor": {"widget": "dinheiro"}}),
                json!("1.5"),
                Ok(Some(json!(1.5))),
            ),
            (json!({"type": "boolean"}), json!("on"), Ok(Some(json!(true)))),
            (json!({"type": "boolean"}), json!("Não"), Ok(Some(json!(false)))),
            (json!({"type": "boolean"}), json!("maybe"), Err(Reason::Truth)),
            (json!({"enum": [1, 2]}), json!("2"), Ok(Some(json!(2)))),
            (json!({"enum": ["", "a"]}), json!(""), Ok(Some(json!("")))),
            (json!({"enum": ["a"]}), json!(""), Ok(None)),
            (json!({"enum": ["a"]}), json!("z"), Ok(Some(json!("z")))),
            (
                json!({"type": "string", "format": "date"}),
                json!("2026-12-31"),
                Ok(Some(json!("2026-12-31"))),
            ),
            (
                json!({"type": "string", "format": "date"}),
                json!("31/12/2026"),
                Ok(Some(json!("2026-12-31"))),
            ),
            (
                json!({"type": "string", "format": "date"}),
                json!("soon"),
                Err(Reason::Day),
            ),
            (
                days.clone(),
                json!("31/12/2026|2027-01-01"),
                Ok(Some(json!(["2026-12-31", "2027-01-01"]))),
            ),
            (days, json!(["2027-01-01"]), Ok(Some(json!(["2027-01-01"])))),
            (several.clone(), json!(["1", "2"]), Ok(Some(json!([1, 2])))),
            (several.clone(), json!(""), Ok(Some(json!([])))),
            (several, json!("2"), Ok(Some(json!([2])))),
            (
                json!({"type": "number", "x-gestor": {"widget": "dinheiro"}}),
                json!("1.234,50"),
                Ok(Some(json!(1234.5))),
            ),
            (
                json!({"type": "number", "x-gestor": {"widget": "dinheiro"}}),
                json!("1234.5"),
                Ok(Some(json!(1234.5))),
            ),
            (json!({}), json!("{\"b\": 1}"), Ok(Some(json!({"b": 1})))),
            (json!({}), json!("{"), Err(Reason::Json)),
        ] {
            assert_eq!(of_form(&field(&schema), &sent), expected, "{schema} {sent}");
        }
    }
}

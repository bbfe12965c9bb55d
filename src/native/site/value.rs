//! Parts of a report, and a text in the language that is spoken. Pure.

use serde_json::Value;

use crate::model::Lang;

/// A list, empty where there is none.
pub(in crate::native) fn list<'r>(report: &'r Value, key: &str) -> &'r [Value] {
    report.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A text, empty where there is none.
pub(in crate::native) fn word<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Whether it says yes.
pub(in crate::native) fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// A whole number.
pub(in crate::native) fn number(value: &Value, key: &str) -> Option<i64> {
    value.get(key).and_then(Value::as_i64)
}

/// The code of a language, as a call has it.
pub(in crate::native) fn lang_code(lang: Lang) -> &'static str {
    said(lang, "pt-br", "en")
}

/// A text of ours in the language that is spoken.
pub(in crate::native) fn said<T>(lang: Lang, pt: T, en: T) -> T {
    match lang {
        Lang::PtBr => pt,
        Lang::En => en,
    }
}

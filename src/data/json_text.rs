//! JSON as texts: made compact with every number in its own digits, and made canonical, so that equal values are equal
//! texts. Pure.

use std::collections::{BTreeMap, HashMap};

use serde::de::Error as _;

use super::number::Number;
use crate::base::json::{JsonFault, Kind, Part};

/// What is nested deeper is not gone into; no server's JSON is as deep.
const DEEPEST: usize = 128;
/// What is longer is made compact as text: taken apart, it would be many times as much.
const TAKEN_APART: usize = 1 << 20;

/// An object or list without white space; key order and the digits of numbers kept, slashes and Unicode not escaped. Of a
/// key that stands twice the last value counts, as PHP reads it; both stay in what is longer than a MiB.
pub fn compact(raw: &str) -> Result<String, serde_json::Error> {
    let written = Part::read(raw.as_bytes()).and_then(|part| {
        if raw.len() > TAKEN_APART {
            return part.compact();
        }
        let mut written = String::with_capacity(raw.len());
        push_compact(part, DEEPEST, &mut written)?;
        Ok(written)
    });
    written.map_err(|fault| match fault {
        JsonFault::Syntax { source, .. } => source,
        other => serde_json::Error::custom(other),
    })
}

fn push_compact(part: Part<'_>, depth: usize, written: &mut String) -> Result<(), JsonFault> {
    let is_nested = matches!(part.kind(), Kind::Object | Kind::List);
    match part.kind() {
        _ if is_nested && depth == 0 => {
            return Err(JsonFault::Syntax {
                at: part.position(),
                source: serde_json::Error::custom("nested deeper than 128 levels"),
            });
        }
        Kind::Object => {
            written.push('{');
            for (at, (key, value)) in members(part)?.into_iter().enumerate() {
                written.push_str(if at > 0 { "," } else { "" });
                push_text(&key, written);
                written.push(':');
                push_compact(value, depth - 1, written)?;
            }
            written.push('}');
        }
        Kind::List => {
            written.push('[');
            for (at, item) in part.items(usize::MAX)?.into_iter().enumerate() {
                written.push_str(if at > 0 { "," } else { "" });
                push_compact(item, depth - 1, written)?;
            }
            written.push(']');
        }
        Kind::Text => push_text(&part.text()?, written),
        Kind::Null | Kind::Bool | Kind::Number => written.push_str(part.source()),
    }
    Ok(())
}

fn push_text(text: &str, written: &mut String) {
    written.push_str(&serde_json::Value::from(text).to_string());
}

/// The entries of an object, each key once.
fn members(part: Part<'_>) -> Result<Vec<(String, Part<'_>)>, JsonFault> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut members: Vec<(String, Part<'_>)> = Vec::new();
    for (key, value) in part.entries(usize::MAX)? {
        if let Some(place) = places.get(&key) {
            members[*place].1 = value;
        } else {
            places.insert(key.clone(), members.len());
            members.push((key, value));
        }
    }
    Ok(members)
}

/// The text that equal JSON values share: no white space, keys sorted, escapes undone, numbers in their normal form.
/// `native`: the column keeps whole numbers of 64 bits as they are and all others as `DOUBLE`. Nothing where it is no
/// JSON.
pub(super) fn canonical(text: &str, native: bool) -> Option<String> {
    let mut written = String::with_capacity(text.len());
    let part = Part::read(text.as_bytes()).ok()?;
    push_canonical(part, native, DEEPEST, &mut written).ok()?;
    Some(written)
}

fn push_canonical(part: Part<'_>, native: bool, depth: usize, written: &mut String) -> Result<(), JsonFault> {
    let is_nested = matches!(part.kind(), Kind::Object | Kind::List);
    match part.kind() {
        _ if is_nested && depth == 0 => written.push_str(part.source()),
        Kind::Object => {
            let sorted: BTreeMap<String, Part<'_>> = members(part)?.into_iter().collect();
            written.push('{');
            for (at, (key, value)) in sorted.into_iter().enumerate() {
                written.push_str(if at > 0 { "," } else { "" });
                push_text(&key, written);
                written.push(':');
                push_canonical(value, native, depth - 1, written)?;
            }
            written.push('}');
        }
        Kind::List => {
            written.push('[');
            for (at, item) in part.items(usize::MAX)?.into_iter().enumerate() {
                written.push_str(if at > 0 { "," } else { "" });
                push_canonical(item, native, depth - 1, written)?;
            }
            written.push(']');
        }
        Kind::Text => push_text(&part.text()?, written),
        Kind::Number if native => written.push_str(&native_number(part.source())),
        Kind::Number => match Number::parse(part.source()) {
            Some(number) => written.push_str(&number.text()),
            None => written.push_str(part.source()),
        },
        Kind::Null | Kind::Bool => written.push_str(part.source()),
    }
    Ok(())
}

/// A number as a server keeps it that has a JSON type of its own.
fn native_number(digits: &str) -> String {
    if let Some(whole) = whole(digits) {
        return whole.to_string();
    }
    match digits.parse::<f64>() {
        // A whole `DOUBLE` is the number of these digits.
        Ok(double) if double.fract() == 0.0 && double.abs() < 18_446_744_073_709_551_616.0 => {
            format!("{double:.0}").replace("-0", "0")
        }
        Ok(double) if double.is_finite() => format!("{double:e}"),
        _ => digits.to_owned(),
    }
}

/// A number that 64 bits hold, with a sign or without.
fn whole(digits: &str) -> Option<i128> {
    let signed = digits.parse::<i64>().map(i128::from);
    signed.or_else(|_| digits.parse::<u64>().map(i128::from)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_json_in_a_row_is_made_compact_as_text() {
        let long = format!("[ {} ]", vec!["1.50, \"\\u00e9\""; 100_000].join(" , "));
        let written = compact(&long).unwrap();
        assert!(written.starts_with("[1.50,\"é\",1.50,") && written.len() < long.len());
        assert!(compact(&format!("[{}", " ".repeat(TAKEN_APART))).is_err());
    }

    #[test]
    fn compact_text_keeps_digits_and_order() {
        for (raw, expected) in [
            (
                r#"{"preco" : 1.50, "conta":12345678901234567890123, "e": [1e400, -0.0] }"#,
                r#"{"preco":1.50,"conta":12345678901234567890123,"e":[1e400,-0.0]}"#,
            ),
            (r#"{"b":1,"a":{"url":"a\/b"},"b":2}"#, r#"{"b":2,"a":{"url":"a/b"}}"#),
            (r#"["\u00e9\n", true, null, { }]"#, r#"["é\n",true,null,{}]"#),
        ] {
            assert_eq!(compact(raw).unwrap(), expected);
        }
        assert!(compact(r#"["\ud800"]"#).is_err());
    }

    #[test]
    fn values_are_compared_and_not_their_texts() {
        for (ours, theirs, as_text, native) in [
            (r#"{"a":1,"b":[1.0]}"#, r#"{"b": [1], "a": 1}"#, true, true),
            ("1.50", "1.5", true, true),
            ("12345678901234567890123", "12345678901234567890124", false, true),
            ("12345678901234567890123", "1.2345678901234568e22", false, true),
            ("9007199254740993", "9007199254740992", false, false),
            ("1e400", "1e400", true, true),
            ("-0.0", "0", true, true),
            ("-10.0", "-10", true, true),
            ("18446744073709551615", "18446744073709551614", false, false),
            ("1e19", "10000000000000000000", true, true),
            ("0.1", "0.10000000000000001", false, true),
            (r#""\u00e9""#, r#""é""#, true, true),
            (r#""1""#, "1", false, false),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#, true, true),
            (r#"{"a":null}"#, "{}", false, false),
            ("[1,2]", "[2,1]", false, false),
            ("true", "false", false, false),
            ("[", "[", false, false),
        ] {
            let same = |native| canonical(ours, native).is_some_and(|ours| Some(ours) == canonical(theirs, native));
            assert_eq!(same(false), as_text, "{ours} {theirs}");
            assert_eq!(same(true), native, "{ours} {theirs}, native");
        }
    }
}

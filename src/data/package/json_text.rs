//! JSON as texts: made compact with every number in its own digits, and made canonical, so that equal values are equal
//! texts. Pure.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::de::Error as _;

use super::number::Number;
use crate::base::json::{JsonFault, Part, string_length};

/// What is nested deeper is not gone into; no server's JSON is as deep.
const DEEPEST: usize = 128;
/// What is longer is made compact as text: taken apart, it would be many times as much.
const TAKEN_APART: usize = 1 << 20;

/// An object or list without white space; key order and the digits of numbers kept, slashes and Unicode not escaped. Of a
/// key that stands twice the last value counts, as PHP reads it; both stay in what is longer than a MiB.
pub fn compact(raw: &str) -> Result<String, serde_json::Error> {
    let part = Part::read(raw.as_bytes()).map_err(of_parser)?;
    if raw.len() > TAKEN_APART {
        return part.compact().map_err(of_parser);
    }
    let mut written = String::with_capacity(raw.len());
    push_compact(&take_apart(part.source())?, &mut written);
    Ok(written)
}

fn of_parser(fault: JsonFault) -> serde_json::Error {
    match fault {
        JsonFault::Syntax { source, .. } => source,
        other => serde_json::Error::custom(other),
    }
}

fn push_compact(node: &Node<'_>, written: &mut String) {
    match node {
        Node::Object(members) => {
            written.push('{');
            for (at, (key, value)) in members.iter().enumerate() {
                written.push_str(if at > 0 { "," } else { "" });
                push_text(key, written);
                written.push(':');
                push_compact(value, written);
            }
            written.push('}');
        }
        Node::List(items) => {
            written.push('[');
            for (at, item) in items.iter().enumerate() {
                written.push_str(if at > 0 { "," } else { "" });
                push_compact(item, written);
            }
            written.push(']');
        }
        Node::Text(text) => push_text(text, written),
        Node::Number(source) | Node::Word(source) => written.push_str(source),
    }
}

fn push_text(text: &str, written: &mut String) {
    written.push_str(&serde_json::Value::from(text).to_string());
}

/// A JSON value, with every number in its own digits.
enum Node<'a> {
    /// The entries, each key once.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
    List(Vec<Node<'a>>),
    Text(Cow<'a, str>),
    Number(&'a str),
    /// `null`, `true`, `false`.
    Word(&'a str),
}

/// Takes a text apart that a parser has found to be JSON: each letter is looked at once, however deep it stands.
fn take_apart(text: &str) -> Result<Node<'_>, serde_json::Error> {
    Taker { rest: text }.node(DEEPEST)
}

/// Behind the last letter: no JSON has it.
const NOTHING: u8 = 0;

struct Taker<'a> {
    rest: &'a str,
}

impl<'a> Taker<'a> {
    fn node(&mut self, depth: usize) -> Result<Node<'a>, serde_json::Error> {
        let first = self.peek();
        if matches!(first, b'{' | b'[') && depth == 0 {
            return Err(serde_json::Error::custom("nested deeper than 128 levels"));
        }
        Ok(match first {
            b'{' => self.object(depth)?,
            b'[' => self.list(depth)?,
            b'"' => Node::Text(self.text()?),
            b'-' | b'0'..=b'9' => Node::Number(self.word()),
            _ => Node::Word(self.word()),
        })
    }

    fn object(&mut self, depth: usize) -> Result<Node<'a>, serde_json::Error> {
        let mut places: HashMap<Cow<'a, str>, usize> = HashMap::new();
        let mut members: Vec<(Cow<'a, str>, Node<'a>)> = Vec::new();
        self.skip();
        while !matches!(self.peek(), b'}' | NOTHING) {
            let key = self.text()?;
            self.pass(b':');
            let value = self.node(depth - 1)?;
            if let Some(place) = places.get(&key) {
                members[*place].1 = value;
            } else {
                places.insert(key.clone(), members.len());
                members.push((key, value));
            }
            self.pass(b',');
        }
        self.skip();
        Ok(Node::Object(members))
    }

    fn list(&mut self, depth: usize) -> Result<Node<'a>, serde_json::Error> {
        let mut items = Vec::new();
        self.skip();
        while !matches!(self.peek(), b']' | NOTHING) {
            items.push(self.node(depth - 1)?);
            self.pass(b',');
        }
        self.skip();
        Ok(Node::List(items))
    }

    /// The next letter that is no white space.
    fn peek(&mut self) -> u8 {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
        self.rest.as_bytes().first().copied().unwrap_or(NOTHING)
    }

    fn skip(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    /// Passes a letter, if it is the next.
    fn pass(&mut self, letter: u8) {
        if self.peek() == letter {
            self.skip();
        }
    }

    fn text(&mut self) -> Result<Cow<'a, str>, serde_json::Error> {
        self.peek();
        let (text, rest) = self.rest.split_at(string_length(self.rest));
        self.rest = rest;
        match text.get(1..text.len().saturating_sub(1)) {
            Some(plain) if !plain.contains('\\') => Ok(Cow::Borrowed(plain)),
            _ => serde_json::from_str(text).map(Cow::Owned),
        }
    }

    fn word(&mut self) -> &'a str {
        let ends = [',', ']', '}', ' ', '\t', '\n', '\r'];
        let (word, rest) = self.rest.split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }
}

/// The text that equal JSON values share: no white space, keys sorted, escapes undone, numbers in their normal form.
/// `native`: the column keeps whole numbers of 64 bits as they are and all others as `DOUBLE`. Nothing where it is no
/// JSON; what is nested too deep to be taken apart is its own text.
pub(in crate::data) fn canonical(text: &str, native: bool) -> Option<String> {
    let part = Part::read(text.as_bytes()).ok()?;
    let Ok(node) = take_apart(part.source()) else {
        return Some(part.source().to_owned());
    };
    let mut written = String::with_capacity(text.len());
    push_canonical(&node, native, &mut written);
    Some(written)
}

fn push_canonical(node: &Node<'_>, native: bool, written: &mut String) {
    match node {
        Node::Object(members) => {
            let mut sorted: Vec<&(Cow<'_, str>, Node<'_>)> = members.iter().collect();
            sorted.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
            written.push('{');
            for (at, (key, value)) in sorted.into_iter().enumerate() {
                written.push_str(if at > 0 { "," } else { "" });
                push_text(key, written);
                written.push(':');
                push_canonical(value, native, written);
            }
            written.push('}');
        }
        Node::List(items) => {
            written.push('[');
            for (at, item) in items.iter().enumerate() {
                written.push_str(if at > 0 { "," } else { "" });
                push_canonical(item, native, written);
            }
            written.push(']');
        }
        Node::Text(text) => push_text(text, written),
        Node::Number(digits) if native => written.push_str(&native_number(digits)),
        Node::Number(digits) => match Number::parse(digits) {
            Some(number) => written.push_str(&number.text()),
            None => written.push_str(digits),
        },
        Node::Word(word) => written.push_str(word),
    }
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
    use crate::base::work::grows_with;

    fn same(ours: &str, theirs: &str, native: bool) -> bool {
        canonical(ours, native).is_some_and(|ours| Some(ours) == canonical(theirs, native))
    }

    #[test]
    fn depth_costs_no_more_than_length() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = |depth: usize| {
                let text = format!(
                    "{}\"{}\"{}",
                    open.repeat(depth),
                    "x".repeat(400_000),
                    close.repeat(depth)
                );
                assert_eq!(compact(&text).unwrap(), text);
                assert!(same(&text, &text.replace(':', ": "), false));
            };
            grows_with(|count| deep(if count < 124 { 1 } else { 124 }), 124);
        }
        let items = |depth: usize, count: usize| {
            let list = vec!["1"; count].join(",");
            format!("{}{list}{}", "[".repeat(depth), "]".repeat(depth))
        };
        assert!(compact(&items(129, 1)).is_err() && compact(&items(128, 1)).is_ok());
        let objects = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        assert!(compact(&objects(129)).is_err() && compact(&objects(128)).is_ok());
        assert!(same(&items(140, 2), &items(140, 2), false) && !same(&items(140, 2), &items(140, 3), false));
    }

    #[test]
    fn long_json_in_a_row_is_made_compact_as_text() {
        let long = format!("[ {} ]", vec!["1.50, \"\\u00e9\""; 100_000].join(" , "));
        let written = compact(&long).unwrap();
        assert!(written.starts_with("[1.50,\"é\",1.50,") && written.len() < long.len());
        assert!(compact(&format!("[{}", " ".repeat(TAKEN_APART))).is_err());
        let twice = |length: usize| format!(r#"{{"a":1,"a":"{}"}}"#, "x".repeat(length - 14));
        let (taken_apart, longer) = (twice(TAKEN_APART), twice(TAKEN_APART + 1));
        assert_eq!(
            (taken_apart.len(), compact(&taken_apart).unwrap().len()),
            (TAKEN_APART, TAKEN_APART - 6)
        );
        assert_eq!(compact(&longer).unwrap(), longer);
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
            ("true", "true", true, true),
            ("[1,2]", "[1,2,3]", false, false),
            (r#"{"a":1}"#, r#"{"a":1,"b":2}"#, false, false),
            ("18446744073709551615", "18446744073709551614", false, false),
            ("-9007199254740993", "-9007199254740992", false, false),
            ("9007199254740993", "9007199254740992.5", false, false),
            ("[", "[", false, false),
            ("[1] x", "[1] x", false, false),
            (" { } ", "{}", true, true),
            (r#"{"a" : [ ] , "b":"\"]"}"#, r#"{"b":"\"]","a":[]}"#, true, true),
        ] {
            assert_eq!(same(ours, theirs, false), as_text, "{ours} {theirs}");
            assert_eq!(same(ours, theirs, true), native, "{ours} {theirs}, native");
        }
    }
}

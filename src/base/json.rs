//! JSON text taken apart piece by piece, each piece knowing where it stood, so that a fault can be shown to its author
//! by line and column. Owns reading; must not know what the pieces mean.

use std::fmt;

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// A text as it is; bytes that are none as `{"$hex": "…"}`.
pub fn text_or_hex(bytes: Vec<u8>) -> Value {
    String::from_utf8(bytes).map_or_else(|fault| json!({"$hex": hex(fault.as_bytes())}), Value::String)
}

/// What [`text_or_hex`] made of bytes; `None` where it did not make it.
pub fn bytes_of(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => Some(text.clone().into_bytes()),
        Value::Object(fields) => unhex(fields.get("$hex").filter(|_| fields.len() == 1)?.as_str()?),
        _ => None,
    }
}

/// Bytes in lower hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for digit in bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
        text.extend(char::from_digit(u32::from(digit), 16));
    }
    text
}

/// The bytes of hexadecimal digits.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    pairs
        .remainder()
        .is_empty()
        .then(|| pairs.map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// A place in a text, both counted from 1; columns are characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

impl Position {
    /// The place of a byte of a text. What stands there need not be valid UTF-8.
    pub fn of(bytes: &[u8], offset: usize) -> Self {
        let before = &bytes[..offset.min(bytes.len())];
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let line = before[..start].split(|byte| *byte == b'\n').count();
        let column = 1 + String::from_utf8_lossy(&before[start..]).chars().count();
        Self { line, column }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a text is not the JSON that it should be.
#[derive(Debug, thiserror::Error)]
pub enum JsonFault {
    /// Some byte is not UTF-8.
    #[error("{at}: not UTF-8: save the file as UTF-8")]
    NotUtf8 {
        /// The first such byte.
        at: Position,
        /// What the decoder said.
        source: std::str::Utf8Error,
    },
    /// A list or object that is longer than its reader takes.
    #[error("{at}: more than {limit} entries: leave out what is not needed")]
    TooMany {
        /// Where it begins.
        at: Position,
        /// How many are taken.
        limit: usize,
    },
    /// Not JSON.
    #[error("{at}: not valid JSON: {}", reason(source))]
    Syntax {
        /// Where it stopped being JSON.
        at: Position,
        /// What the parser said; its line and column count from the piece that it was given.
        source: serde_json::Error,
    },
}

/// The parser's words without its own line and column.
pub(super) fn reason(fault: &serde_json::Error) -> String {
    let text = fault.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// What a piece of JSON is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonType {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number.
    Number,
    /// A string.
    Text,
    /// `[…]`
    List,
    /// `{…}`
    Object,
}

impl fmt::Display for JsonType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Object => "an object",
        })
    }
}

/// A piece of a JSON text.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    document: &'a str,
    raw: &'a str,
}

impl<'a> Part<'a> {
    /// Reads a whole text; a byte order mark is tolerated. Nothing is decoded yet, but every bracket is checked.
    pub fn read(bytes: &'a [u8]) -> Result<Self, JsonFault> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let document = std::str::from_utf8(bytes).map_err(|source| JsonFault::NotUtf8 {
            at: Position::of(bytes, source.valid_up_to()),
            source,
        })?;
        let raw: &RawValue = serde_json::from_str(document).map_err(|source| JsonFault::Syntax {
            at: syntax_position(document, &source),
            source,
        })?;
        Ok(Self {
            document,
            raw: raw.get(),
        })
    }

    /// The whole text that this is a piece of, without a byte order mark.
    pub fn document(&self) -> &'a str {
        self.document
    }

    /// The piece as it stands in the text.
    pub fn source(&self) -> &'a str {
        self.raw
    }

    /// What it is.
    pub fn kind(&self) -> JsonType {
        match self.raw.as_bytes().first() {
            Some(b'{') => JsonType::Object,
            Some(b'[') => JsonType::List,
            Some(b'"') => JsonType::Text,
            Some(b't' | b'f') => JsonType::Bool,
            Some(b'n') | None => JsonType::Null,
            Some(_) => JsonType::Number,
        }
    }

    /// Where it stands.
    pub fn position(&self) -> Position {
        let offset = self.raw.as_ptr().addr().saturating_sub(self.document.as_ptr().addr());
        Position::of(self.document.as_bytes(), offset)
    }

    /// Whether it is `null`, `[]` or `{}`: PHP writes an empty list where an object is meant, and the reverse.
    pub fn is_empty(&self) -> bool {
        match self.kind() {
            JsonType::Null => true,
            JsonType::List | JsonType::Object => self.raw[1..self.raw.len() - 1].trim().is_empty(),
            _ => false,
        }
    }

    /// The entries of an object, in order; a key that is given twice stands there twice. No more than `limit` are
    /// kept in memory.
    pub fn entries(&self, limit: usize) -> Result<Vec<(String, Self)>, JsonFault> {
        let mut reader = serde_json::Deserializer::from_str(self.raw);
        let entries = reader
            .deserialize_map(EntriesUpTo(limit))
            .map_err(|source| self.fault(source))?;
        let entries = entries.ok_or_else(|| self.too_many(limit))?;
        Ok(entries.into_iter().map(|(key, raw)| (key, self.part(raw))).collect())
    }

    /// The items of a list, no more than `limit` in memory.
    pub fn items(&self, limit: usize) -> Result<Vec<Self>, JsonFault> {
        let mut reader = serde_json::Deserializer::from_str(self.raw);
        let items = reader
            .deserialize_seq(ItemsUpTo(limit))
            .map_err(|source| self.fault(source))?;
        let items = items.ok_or_else(|| self.too_many(limit))?;
        Ok(items.into_iter().map(|raw| self.part(raw)).collect())
    }

    fn too_many(&self, limit: usize) -> JsonFault {
        JsonFault::TooMany {
            at: self.position(),
            limit,
        }
    }

    /// The decoded string.
    pub fn text(&self) -> Result<String, JsonFault> {
        serde_json::from_str(self.raw).map_err(|source| self.fault(source))
    }

    /// The piece without spaces, every string decoded and checked; its strings are escaped no more than needed, its numbers in their own digits.
    pub fn compact(&self) -> Result<String, JsonFault> {
        let mut written = String::with_capacity(self.raw.len());
        let mut rest = self.raw;
        while let Some(start) = rest.find('"') {
            written.extend(rest[..start].chars().filter(|c| !c.is_ascii_whitespace()));
            let length = string_length(&rest[start..]);
            let string = &rest[start..start + length];
            if string.contains('\\') {
                let part = Self {
                    document: self.document,
                    raw: string,
                };
                let decoded = part.text()?;
                written.push_str(&serde_json::Value::String(decoded).to_string());
            } else {
                written.push_str(string);
            }
            rest = &rest[start + length..];
        }
        written.extend(rest.chars().filter(|c| !c.is_ascii_whitespace()));
        Ok(written)
    }

    /// Decodes every string, and so says what [`Self::compact`] would of one that cannot be.
    pub fn check_texts(&self) -> Result<(), JsonFault> {
        // What is not escaped was checked when it was read.
        if self.raw.contains('\\') {
            self.compact()?;
        }
        Ok(())
    }

    fn part(&self, raw: &'a RawValue) -> Self {
        Self {
            document: self.document,
            raw: raw.get(),
        }
    }

    fn fault(&self, source: serde_json::Error) -> JsonFault {
        JsonFault::Syntax {
            at: self.position(),
            source,
        }
    }
}

/// The parser counts columns in bytes, and from 0 at the end of a line.
fn syntax_position(document: &str, fault: &serde_json::Error) -> Position {
    let line = fault.line().max(1);
    let text = document.split('\n').nth(line - 1).unwrap_or_default();
    let before = &text.as_bytes()[..fault.column().saturating_sub(1).min(text.len())];
    Position {
        line,
        column: 1 + String::from_utf8_lossy(before).chars().count(),
    }
}

/// Length of the string literal that a text starts with, quotes included.
pub fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// An object's entries without their values being looked at; none where they are more than the limit.
struct EntriesUpTo(usize);

impl<'de> Visitor<'de> for EntriesUpTo {
    type Value = Option<Vec<(String, &'de RawValue)>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
            if entries.len() > self.0 {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                return Ok(None);
            }
        }
        Ok(Some(entries))
    }
}

/// A list's items, likewise.
struct ItemsUpTo(usize);

impl<'de> Visitor<'de> for ItemsUpTo {
    type Value = Option<Vec<&'de RawValue>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
            if items.len() > self.0 {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(None);
            }
        }
        Ok(Some(items))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::mutation::spoiled;

    #[test]
    fn pieces_know_where_they_stood() {
        let text = "\u{feff}{\n  \"ação\": 1,\n  \"é\": [true, null, \"x\"]\n}";
        let entries = Part::read(text.as_bytes()).unwrap().entries(9).unwrap();
        assert_eq!(entries[0].0, "ação");
        assert_eq!(entries[0].1.position(), Position { line: 2, column: 11 });
        let items = entries[1].1.items(9).unwrap();
        assert_eq!(items[2].position(), Position { line: 3, column: 21 });
        assert_eq!(items[2].text().unwrap(), "x");
        let kinds: Vec<_> = items.iter().map(Part::kind).collect();
        assert_eq!(kinds, [JsonType::Bool, JsonType::Null, JsonType::Text]);
    }

    #[test]
    fn faults_name_line_and_column() {
        for (text, shown) in [
            (
                &b"{\"a\": 1,\n \"b\" 2}"[..],
                "line 2, column 6: not valid JSON: expected `:`",
            ),
            (b"", "line 1, column 1: not valid JSON: EOF while parsing a value"),
            (
                b"{\"a\":\n\"\xff\"}",
                "line 2, column 2: not UTF-8: save the file as UTF-8",
            ),
            ("{\"é\" 1}".as_bytes(), "line 1, column 6: not valid JSON: expected `:`"),
            (b"{} x", "line 1, column 4: not valid JSON: trailing characters"),
        ] {
            assert_eq!(Part::read(text).unwrap_err().to_string(), shown);
        }
        let lone = Part::read(b"[\n\"\\ud800\"]").unwrap().items(9).unwrap()[0];
        let whole = Part::read(b"[\n[1, \"\\ud800\"]]").unwrap().compact();
        assert!(whole.unwrap_err().to_string().starts_with("line 2, column 5: "));
        assert!(lone.text().unwrap_err().to_string().starts_with("line 2, column 1: "));
    }

    #[test]
    fn compact_text_keeps_order_and_digits() {
        for (text, compact) in [
            (r#"{ "b" : 1.50, "a": [ 1e3 , null ] }"#, r#"{"b":1.50,"a":[1e3,null]}"#),
            (
                r#"{"url": "a\/b", "t": "\u00e9 \" \\ \n"}"#,
                r#"{"url":"a/b","t":"é \" \\ \n"}"#,
            ),
            ("[ ]", "[]"),
            ("\"a b\"", "\"a b\""),
            (r#"["\\", "\\\" x" ]"#, r#"["\\","\\\" x"]"#),
        ] {
            assert_eq!(
                Part::read(text.as_bytes()).unwrap().compact().unwrap(),
                compact,
                "{text}"
            );
        }
    }

    #[test]
    fn emptiness_is_seen() {
        for (text, empty) in [
            ("null", true),
            ("[ ]", true),
            ("{\n}", true),
            ("[0]", false),
            ("\"\"", false),
        ] {
            assert_eq!(Part::read(text.as_bytes()).unwrap().is_empty(), empty, "{text}");
        }
    }

    #[test]
    fn no_more_than_the_limit_is_taken() {
        let whole = Part::read(b"\n[[1, 2, 3], {\"a\": 1, \"a\": 2, \"b\": 3}]").unwrap();
        let [list, object] = whole.items(2).unwrap()[..] else {
            panic!("two items")
        };
        assert_eq!((list.items(3).unwrap().len(), object.entries(3).unwrap().len()), (3, 3));
        for fault in [list.items(2).unwrap_err(), object.entries(2).unwrap_err()] {
            assert!(fault.to_string().contains("more than 2 entries"), "{fault}");
        }
        assert!(
            whole
                .items(0)
                .unwrap_err()
                .to_string()
                .starts_with("line 2, column 1: ")
        );
    }

    #[test]
    fn deep_nesting_does_not_exhaust_the_stack() {
        let text = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        let part = Part::read(text.as_bytes()).unwrap();
        assert_eq!(part.compact().unwrap(), text);
        assert_eq!(part.items(9).unwrap().len(), 1);
    }

    /// Any JSON value of a few levels.
    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            prop::sample::select(vec!["\\", "\"", "a\\\"b", "\u{0}\n", "{}", ", :"]).prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((".{0,6}", inner), 0..6)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn compact_is_what_the_serializer_writes(value in values()) {
            for text in [serde_json::to_string_pretty(&value).unwrap(), value.to_string()] {
                prop_assert_eq!(Part::read(text.as_bytes()).unwrap().compact().unwrap(), value.to_string());
            }
        }

        #[test]
        fn any_bytes_are_answered(bytes in spoiled(&["{\"a\": [1, {\"b\": \"\\u00e9\\\"\"}],\n \"c\": \"x\"}"])) {
            if let Ok(part) = Part::read(&bytes) {
                let _ = (part.kind(), part.position(), part.is_empty(), part.text(), part.entries(9), part.items(9));
                if let Ok(compact) = part.compact() {
                    prop_assert_eq!(Part::read(compact.as_bytes()).unwrap().compact().unwrap(), compact);
                }
            }
        }
    }
}

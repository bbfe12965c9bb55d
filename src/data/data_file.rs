//! Reads a data file row by row: a JSON list of objects (SPEC §6). Holds one row's text at a time, never the file's;
//! must not know tables.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::fault::{Fault, FaultKind};
use super::json_text::compact;
use crate::model::{Field, PackageRow, RowOrigin};

const CHUNK: usize = 128 * 1024;
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Reads all rows of a data file. `path` is its path inside the package, for messages.
///
/// # Errors
/// Every fault names the file with line and column: unreadable, not JSON, or not a list of objects.
pub fn parse(reader: impl Read, path: &str) -> Result<Vec<PackageRow>, Fault> {
    let mut rows = Vec::new();
    parse_each(reader, path, &mut |row| rows.push(row))?;
    Ok(rows)
}

/// Reads a data file and hands its rows over one by one. After an error the rows before it are void.
pub fn parse_each(reader: impl Read, path: &str, take: &mut dyn FnMut(PackageRow)) -> Result<(), Fault> {
    let source = Arc::from(path);
    let mut file = Reader {
        text: Text::new(reader),
        names: HashSet::new(),
        decoded: String::new(),
        source: Arc::clone(&source),
    };
    file.rows(take).map_err(|kind| Fault::of_file(&source, kind))
}

/// The file's text as a window: bytes before `start` are forgotten, but their lines are counted.
struct Text<R> {
    reader: R,
    window: Vec<u8>,
    start: usize,
    ended: bool,
    line: usize,
    /// Bytes since the last line break before `start`.
    column: usize,
}

struct Reader<R> {
    text: Text<R>,
    names: HashSet<Arc<str>>,
    /// Where texts with escapes are decoded, one after the other.
    decoded: String,
    source: Arc<str>,
}

impl<R: Read> Text<R> {
    fn new(reader: R) -> Self {
        Self {
            reader,
            window: Vec::new(),
            start: 0,
            ended: false,
            line: 1,
            column: 0,
        }
    }

    /// Reads on; `false` at the end of the file.
    fn grow(&mut self) -> Result<bool, FaultKind> {
        self.window.drain(..self.start);
        self.start = 0;
        let filled = self.window.len();
        self.window.resize(filled + CHUNK, 0);
        loop {
            match self.reader.read(&mut self.window[filled..]) {
                Ok(count) => {
                    self.window.truncate(filled + count);
                    self.ended = count == 0;
                    return Ok(count > 0);
                }
                Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
                Err(fault) => {
                    return Err(FaultKind::Unreadable {
                        reason: fault.to_string(),
                    });
                }
            }
        }
    }

    fn skip(&mut self, count: usize) {
        for byte in &self.window[self.start..self.start + count] {
            if *byte == b'\n' {
                self.line += 1;
                self.column = 0;
            } else {
                self.column += 1;
            }
        }
        self.start += count;
    }

    /// The next byte that is no white space, without taking it.
    fn peek(&mut self) -> Result<Option<u8>, FaultKind> {
        loop {
            let rest = &self.window[self.start..];
            let blank = rest
                .iter()
                .position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
            if let Some(blank) = blank {
                self.skip(blank);
                return Ok(self.window.get(self.start).copied());
            }
            self.skip(self.window.len() - self.start);
            if !self.grow()? {
                return Ok(None);
            }
        }
    }

    /// Length of the object that starts here, read in whole.
    fn object(&mut self) -> Result<usize, FaultKind> {
        let mut scan = Scan::default();
        loop {
            if let Some(end) = scan.find_end(&self.window[self.start..]) {
                return Ok(end);
            }
            if !self.grow()? {
                let reason = "the file ends inside an object".to_owned();
                return Err(self.not_json(reason));
            }
        }
    }

    fn not_json(&self, reason: String) -> FaultKind {
        FaultKind::NotJson {
            line: self.line,
            column: self.column + 1,
            reason,
        }
    }

    fn wrong_shape(&self, expected: &'static str) -> FaultKind {
        FaultKind::WrongShape {
            line: self.line,
            column: self.column + 1,
            expected,
        }
    }

    /// A fault of the parser inside the object that starts here.
    fn parser_fault(&self, fault: &serde_json::Error) -> FaultKind {
        let text = fault.to_string();
        let reason = text.split(" at line ").next().unwrap_or(&text).to_owned();
        let column = if fault.line() > 1 {
            fault.column()
        } else {
            self.column + fault.column()
        };
        FaultKind::NotJson {
            line: self.line + fault.line().saturating_sub(1),
            column,
            reason,
        }
    }
}

/// Finds where an object ends, going on where it stopped.
#[derive(Default)]
struct Scan {
    at: usize,
    depth: usize,
    in_string: bool,
}

impl Scan {
    /// The length of the object at the start of `text`, once all of it is there.
    fn find_end(&mut self, text: &[u8]) -> Option<usize> {
        while self.at < text.len() {
            let rest = &text[self.at..];
            if self.in_string {
                let found = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
                match rest.get(found) {
                    Some(b'"') => {
                        self.in_string = false;
                        self.at += found + 1;
                    }
                    // An escape may be cut by the end of the window: come back to it.
                    Some(_) if found + 1 >= rest.len() => {
                        self.at += found;
                        return None;
                    }
                    Some(_) => self.at += found + 2,
                    None => self.at = text.len(),
                }
                continue;
            }
            match rest[0] {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if self.depth == 0 {
                return Some(self.at);
            }
        }
        None
    }
}

impl<R: Read> Reader<R> {
    fn rows(&mut self, take: &mut dyn FnMut(PackageRow)) -> Result<(), FaultKind> {
        let mut count = 0;
        self.open()?;
        if self.text.peek()? == Some(b']') {
            self.text.skip(1);
        } else {
            loop {
                count += 1;
                take(self.row(count)?);
                match self.text.peek()? {
                    Some(b',') => self.text.skip(1),
                    Some(b']') => {
                        self.text.skip(1);
                        break;
                    }
                    Some(_) => return Err(self.text.not_json("expected `,` or `]`".to_owned())),
                    None => return Err(self.text.not_json("the file ends inside the list".to_owned())),
                }
            }
        }
        match self.text.peek()? {
            None => Ok(()),
            Some(_) => Err(self.text.not_json("something follows the list".to_owned())),
        }
    }

    fn open(&mut self) -> Result<(), FaultKind> {
        while self.text.window.len() < BOM.len() && self.text.grow()? {}
        if self.text.window.starts_with(BOM) {
            self.text.start = BOM.len();
        }
        match self.text.peek()? {
            Some(b'[') => {
                self.text.skip(1);
                Ok(())
            }
            Some(_) => Err(self.text.wrong_shape("a list")),
            None => Err(self.text.not_json("the file is empty".to_owned())),
        }
    }

    fn row(&mut self, number: usize) -> Result<PackageRow, FaultKind> {
        match self.text.peek()? {
            Some(b'{') => {}
            Some(b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
                return Err(self.text.wrong_shape("an object"));
            }
            Some(_) => return Err(self.text.not_json("expected an object".to_owned())),
            None => return Err(self.text.not_json("the file ends inside the list".to_owned())),
        }
        let length = self.text.object()?;
        let object = &self.text.window[self.text.start..self.text.start + length];
        let mut deserializer = serde_json::Deserializer::from_slice(object);
        let visitor = RowVisitor {
            names: &mut self.names,
            decoded: &mut self.decoded,
        };
        let fields = match deserializer.deserialize_map(visitor) {
            Ok(fields) => fields,
            Err(fault) => return Err(self.text.parser_fault(&fault)),
        };
        self.text.skip(length);
        Ok(PackageRow {
            source: Arc::clone(&self.source),
            number,
            origin: RowOrigin::DataFile,
            fields,
        })
    }
}

/// Makes the fields of one row. Names are shared between rows.
struct RowVisitor<'n> {
    names: &'n mut HashSet<Arc<str>>,
    decoded: &'n mut String,
}

impl RowVisitor<'_> {
    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = Arc::from(name);
        self.names.insert(Arc::clone(&name));
        name
    }
}

impl<'de> Visitor<'de> for RowVisitor<'_> {
    type Value = Vec<(Arc<str>, Field)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields: Self::Value = Vec::new();
        while let Some(name) = map.next_key::<Name<'de>>()? {
            let raw: &RawValue = map.next_value()?;
            let field = field(raw.get(), self.decoded).map_err(serde::de::Error::custom)?;
            let name = self.name(&name.0);
            // Of a name that stands twice the last value counts, as PHP reads it.
            match fields.iter_mut().find(|(found, _)| Arc::ptr_eq(found, &name)) {
                Some((_, value)) => *value = field,
                None => fields.push((name, field)),
            }
        }
        fields.shrink_to_fit();
        Ok(fields)
    }
}

/// A name, borrowed from the text where it has no escapes.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// A value from its JSON text.
fn field(raw: &str, decoded: &mut String) -> Result<Field, serde_json::Error> {
    Ok(match raw.as_bytes().first() {
        Some(b'"') => Field::Text(text(raw, decoded)?),
        Some(b'{' | b'[') => Field::Json(compact(raw)?),
        Some(b't') => Field::Bool(true),
        Some(b'f') => Field::Bool(false),
        Some(b'n') | None => Field::Null,
        Some(_) => Field::Number(raw.into()),
    })
}

/// A string, decoded in `decoded` and copied out at its own length: a row keeps it until the end, and what a buffer
/// that grows for each one leaves behind is memory that nobody else can use.
fn text(raw: &str, decoded: &mut String) -> Result<String, serde_json::Error> {
    let mut rest = &raw[1..raw.len() - 1];
    decoded.clear();
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        // The parser knows the rare ones, and pairs that are one letter.
        let Some((letter, length)) = escape(&rest[at + 1..]) else {
            return serde_json::from_str(raw);
        };
        decoded.push_str(&rest[..at]);
        decoded.push(letter);
        rest = &rest[at + 1 + length..];
    }
    if decoded.is_empty() {
        return Ok(rest.to_owned());
    }
    decoded.push_str(rest);
    Ok(decoded.as_str().to_owned())
}

/// The letter that an escape stands for, and how long the escape is behind its backslash.
fn escape(text: &str) -> Option<(char, usize)> {
    let letter = match text.as_bytes().first()? {
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        letter @ (b'"' | b'/' | b'\\') => char::from(*letter),
        b'u' => {
            let number = u32::from_str_radix(text.get(1..5)?, 16).ok()?;
            return Some((char::from_u32(number)?, 5));
        }
        _ => return None,
    };
    Some((letter, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, so that every boundary is crossed.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(1).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    const LIST: &str = "\u{feff} [\n {\"id\": \"a\\\"]}\", \"n\": 1.50, \"b\": true, \"z\": null,\n \"c\": {\"h\" : \"\\/\\u00e7\", \"a\": [1, 2]}},\n {}, {\"id\": \"ação\", \"id\": \"last\", \"\\u0069d2\": -1e3}\n]\n";

    #[test]
    fn rows_are_read_whatever_the_boundaries() {
        for rows in [
            parse(LIST.as_bytes(), "f").unwrap(),
            parse(Drip(LIST.as_bytes()), "f").unwrap(),
        ] {
            assert_eq!(rows.len(), 3);
            let fields: Vec<_> = rows[0]
                .fields
                .iter()
                .map(|(name, field)| (&**name, field.clone()))
                .collect();
            assert_eq!(
                fields,
                [
                    ("id", Field::Text("a\"]}".to_owned())),
                    ("n", Field::Number("1.50".into())),
                    ("b", Field::Bool(true)),
                    ("z", Field::Null),
                    ("c", Field::Json("{\"h\":\"/ç\",\"a\":[1,2]}".to_owned())),
                ]
            );
            assert_eq!((rows[1].number, rows[1].fields.len()), (2, 0));
            assert_eq!(rows[2].get("id"), Some(&Field::Text("last".to_owned())));
            assert_eq!(rows[2].get("id2"), Some(&Field::Number("-1e3".into())));
            assert!(Arc::ptr_eq(&rows[0].fields[0].0, &rows[2].fields[0].0));
        }
        assert!(parse(" [ ] ".as_bytes(), "f").unwrap().is_empty());
    }

    #[test]
    fn texts_are_decoded_as_the_parser_decodes_them() {
        let mut decoded = "left from before".to_owned();
        for raw in [
            r#""""#,
            r#""plain ação""#,
            r#""\n""#,
            r#""<p class=\"a\">\n\t\/\r\\ end""#,
            r#""\b rare \f""#,
            r#""a\u00e7\u00E3o\u0000""#,
            r#""pair \ud83d\ude00 of escapes""#,
            r#""half \ud83d of a pair""#,
            r#""half \ude00""#,
        ] {
            let expected: Result<String, _> = serde_json::from_str(raw);
            assert_eq!(text(raw, &mut decoded).ok(), expected.ok(), "{raw}");
        }
    }

    #[test]
    fn faults_name_line_and_column() {
        for (text, line, column) in [
            ("[{\"id\": broken", 1, 2),
            ("[{\"id\": broken}]", 1, 9),
            ("[\n{\"a\":1},\n {\"a\":\n  x}]", 4, 3),
            ("[{\"a\":1} {\"a\":2}]", 1, 10),
            ("[{\"a\":1},]", 1, 10),
            ("[{\"a\":1}", 1, 9),
            ("[{\"a\":1}] x", 1, 11),
            ("", 1, 1),
            ("[{\"a\":\"\u{1}\"}]", 1, 7),
            ("[{\"a\":1]]", 1, 8),
        ] {
            let fault = parse(text.as_bytes(), "f").unwrap_err();
            match fault.kind {
                FaultKind::NotJson { line: l, column: c, .. } => assert_eq!((l, c), (line, column), "{text:?}"),
                other => panic!("{text:?}: {other:?}"),
            }
        }
        for (text, line, column) in [("{\"a\":1}", 1, 1), ("[\n 3]", 2, 2), ("\"x\"", 1, 1), ("[[1]]", 1, 2)] {
            let fault = parse(text.as_bytes(), "f").unwrap_err();
            match fault.kind {
                FaultKind::WrongShape { line: l, column: c, .. } => assert_eq!((l, c), (line, column), "{text:?}"),
                other => panic!("{text:?}: {other:?}"),
            }
        }
        let mut wrong = b"[{\"a\":\"".to_vec();
        wrong.extend_from_slice(b"\xff\"}]");
        assert!(matches!(
            parse(wrong.as_slice(), "f").unwrap_err().kind,
            FaultKind::NotJson { .. }
        ));
        let deep = format!("[{{\"a\":{}{}}}]", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(
            parse(deep.as_bytes(), "f").unwrap_err().kind,
            FaultKind::NotJson { .. }
        ));
    }

    proptest::proptest! {
        #![proptest_config(crate::base::mutation::at_least(2_000))]

        /// What a well-kept reader takes as a list of objects is read with as many rows; anything else is refused.
        #[test]
        fn spoiled_files_are_read_as_another_reader_reads_them(bytes in crate::base::mutation::spoiled(&[LIST, "[]", "[{}]"])) {
            let text = bytes.strip_prefix(BOM).unwrap_or(&bytes);
            let theirs = serde_json::from_slice::<Vec<serde_json::Map<String, serde_json::Value>>>(text);
            match (parse(bytes.as_slice(), "f"), theirs) {
                (Ok(ours), Ok(theirs)) => proptest::prop_assert_eq!(ours.len(), theirs.len()),
                (Err(_), Err(_)) => {}
                // Only what another reader refuses for a number beyond its own range may be taken: it stays as digits.
                (Ok(_), Err(fault)) => proptest::prop_assert!(fault.to_string().contains("number out of range"), "{}", fault),
                (Err(fault), Ok(_)) => proptest::prop_assert!(false, "refused: {fault}"),
            }
        }
    }
}

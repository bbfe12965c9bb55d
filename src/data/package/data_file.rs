//! Reads a data file row by row: a JSON list of objects (SPEC §6). Holds one row's text at a time, never the file's;
//! must not know tables.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::fault::{Fault, FaultKind};
use super::json_text::compact;
use super::phrases;
use super::row_text::{Stop, Text};
use crate::base::letters::{is_no_name, shorten_text};
use crate::config::Limits;
use crate::model::{Field, PackageRow, RowOrigin};

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Reads all rows of a data file. `path` is its path inside the package, for messages.
///
/// # Errors
/// Every fault names the file with line and column: not JSON, not a list of objects, or beyond a limit.
pub fn parse(reader: impl Read, path: &str) -> Result<Vec<PackageRow>, DataFileError> {
    let mut rows = Vec::new();
    parse_each(reader, path, &Limits::default(), &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    Ok(rows)
}

/// Reads a data file and hands its rows over one by one, until the taker says stop. After an error the rows before it
/// are void. `limits.rows` is what is left for this file.
pub fn parse_each(
    reader: impl Read,
    path: &str,
    limits: &Limits,
    take: &mut dyn FnMut(PackageRow) -> ControlFlow<()>,
) -> Result<(), DataFileError> {
    let source = Arc::from(path);
    let mut file = Reader {
        text: Text::new(reader, limits.text_bytes),
        names: HashMap::new(),
        decoded: String::new(),
        source: Arc::clone(&source),
        limits,
    };
    match file.rows(take) {
        Err(Stop::Fault(kind)) => {
            // A damaged file is no author's mistake: its checksum is known at its end.
            file.text.read_to_end().map_err(DataFileError::Unreadable)?;
            Err(DataFileError::Fault(Fault::of_file(&source, kind)))
        }
        Err(Stop::Unreadable(fault)) => Err(DataFileError::Unreadable(fault)),
        Ok(ControlFlow::Break(())) => Err(DataFileError::Stopped),
        Ok(ControlFlow::Continue(())) => Ok(()),
    }
}

/// Why a data file gave no rows.
#[derive(Debug, thiserror::Error)]
pub enum DataFileError {
    /// What its author has to mend.
    #[error("{0}")]
    Fault(Fault),
    /// It could not be read: the archive's or the disk's fault.
    #[error("it cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// Whoever takes the rows said stop.
    #[error("reading was stopped")]
    Stopped,
}

struct Reader<'l, R> {
    text: Text<R>,
    names: HashMap<Arc<str>, Seen>,
    limits: &'l Limits,
    /// Where texts with escapes are decoded, one after the other.
    decoded: String,
    source: Arc<str>,
}

/// Where a name stood last: the row, and its place among the row's fields.
struct Seen {
    row: usize,
    field: usize,
}

impl<R: Read> Reader<'_, R> {
    fn rows(&mut self, take: &mut dyn FnMut(PackageRow) -> ControlFlow<()>) -> Result<ControlFlow<()>, Stop> {
        let mut count = 0;
        self.open()?;
        if self.text.peek()? == Some(b']') {
            self.text.skip(1);
        } else {
            loop {
                count += 1;
                if count as u64 > self.limits.rows {
                    let limit = self.limits.rows;
                    return Err(FaultKind::TooManyRows { limit }.into());
                }
                if take(self.row(count)?).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                match self.text.peek()? {
                    Some(b',') => self.text.skip(1),
                    Some(b']') => {
                        self.text.skip(1);
                        break;
                    }
                    Some(_) => return Err(self.text.not_json(phrases::COMMA_OR_BRACKET).into()),
                    None => return Err(self.text.not_json(phrases::ENDS_INSIDE_LIST).into()),
                }
            }
        }
        match self.text.peek()? {
            None => Ok(ControlFlow::Continue(())),
            Some(_) => Err(self.text.not_json(phrases::FOLLOWS_LIST).into()),
        }
    }

    fn open(&mut self) -> Result<(), Stop> {
        while self.text.window.len() < BOM.len() && self.text.grow()? {}
        if self.text.window.starts_with(BOM) {
            self.text.start = BOM.len();
        }
        match self.text.peek()? {
            Some(b'[') => {
                self.text.skip(1);
                Ok(())
            }
            Some(_) => Err(self.text.wrong_shape(phrases::A_LIST).into()),
            None => Err(self.text.not_json(phrases::EMPTY_FILE).into()),
        }
    }

    fn row(&mut self, number: usize) -> Result<PackageRow, Stop> {
        match self.text.peek()? {
            Some(b'{') => {}
            Some(b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
                return Err(self.text.wrong_shape(phrases::AN_OBJECT).into());
            }
            Some(_) => return Err(self.text.not_json(phrases::EXPECTED_OBJECT).into()),
            None => return Err(self.text.not_json(phrases::ENDS_INSIDE_LIST).into()),
        }
        let length = self.text.object()?;
        let object = &self.text.window[self.text.start..self.text.start + length];
        let mut deserializer = serde_json::Deserializer::from_slice(object);
        let visitor = RowVisitor {
            row: number,
            names: &mut self.names,
            decoded: &mut self.decoded,
            limit: usize::try_from(self.limits.columns).unwrap_or(usize::MAX),
        };
        let fields = match deserializer.deserialize_map(visitor) {
            Ok(Ok(fields)) => fields,
            Ok(Err(refused)) => {
                let (line, limit) = (self.text.line, self.limits.columns);
                return Err(Stop::Fault(match refused {
                    NamesRefused::TooMany => FaultKind::TooManyColumns { line, limit },
                    NamesRefused::TooLong(name) => FaultKind::NameTooLong { line, name },
                }));
            }
            Err(fault) => return Err(self.text.parser_fault(&fault).into()),
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
    row: usize,
    names: &'n mut HashMap<Arc<str>, Seen>,
    decoded: &'n mut String,
    /// Different names that the file may have.
    limit: usize,
}

impl RowVisitor<'_> {
    /// Adds a field. Of a name that stands twice the last value counts, as PHP reads it.
    fn add(&mut self, fields: &mut Vec<(Arc<str>, Field)>, name: &str, field: Field) {
        let here = Seen {
            row: self.row,
            field: fields.len(),
        };
        let Some(known) = self.names.get_key_value(name).map(|(known, _)| Arc::clone(known)) else {
            let name: Arc<str> = Arc::from(name);
            fields.push((Arc::clone(&name), field));
            self.names.insert(name, here);
            return;
        };
        match self.names.get_mut(name) {
            Some(seen) if seen.row == self.row => fields[seen.field].1 = field,
            seen => {
                fields.push((known, field));
                if let Some(seen) = seen {
                    *seen = here;
                }
            }
        }
    }
}

/// Why the names of a row are none of columns.
enum NamesRefused {
    /// There are too many different ones in the file.
    TooMany,
    /// This one, shortened.
    TooLong(String),
}

impl<'de> Visitor<'de> for RowVisitor<'_> {
    type Value = Result<Vec<(Arc<str>, Field)>, NamesRefused>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = map.next_key::<Name<'de>>()? {
            let raw: &RawValue = map.next_value()?;
            if is_no_name(&name.0) {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                return Ok(Err(NamesRefused::TooLong(shorten_text(&name.0))));
            }
            let field = field(raw.get(), self.decoded).map_err(serde::de::Error::custom)?;
            self.add(&mut fields, &name.0, field);
            if self.names.len() > self.limit {
                // The object must be read to its end.
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                return Ok(Err(NamesRefused::TooMany));
            }
        }
        fields.shrink_to_fit();
        Ok(Ok(fields))
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

    /// The fault that a text is refused for.
    fn fault_of(text: &[u8], limits: &Limits) -> FaultKind {
        match parse_each(text, "f", limits, &mut |_| ControlFlow::Continue(())) {
            Err(DataFileError::Fault(fault)) => fault.kind,
            other => panic!("{other:?}"),
        }
    }

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
    fn a_file_beyond_a_limit_is_refused_with_the_limit() {
        let limits = Limits {
            rows: 2,
            columns: 3,
            text_bytes: 40,
            ..Limits::default()
        };
        assert_eq!(fault_of(b"[{}, {}, {}]", &limits), FaultKind::TooManyRows { limit: 2 });
        for text in [
            &br#"[{"a": 1, "b": 2, "c": 3, "d": 4, "e": {}}]"#[..],
            br#"[{"a": 1, "b": 2}, {"c": 3, "d": 4}]"#,
        ] {
            let limits = Limits {
                text_bytes: 99,
                ..limits
            };
            assert_eq!(fault_of(text, &limits), FaultKind::TooManyColumns { line: 1, limit: 3 });
        }
        for name in ["x".repeat(65), "x".repeat(1_000_000), "é".repeat(65)] {
            let limits = Limits::default();
            let fault = fault_of(format!("[{{}},\n{{\"{name}\": 1}}]").as_bytes(), &limits);
            let told = Fault::of_file(&Arc::from("f"), fault).to_string();
            assert!(
                told.starts_with("f: line 2: ") && told.contains("64 characters") && told.len() < 350,
                "{told}"
            );
            let fits: String = name.chars().take(64).collect();
            assert_eq!(parse(format!("[{{\"{fits}\": 1}}]").as_bytes(), "f").unwrap().len(), 1);
        }
        let long = format!("[\n{{\"a\": \"{}\"}}]", "x".repeat(40));
        assert_eq!(
            fault_of(long.as_bytes(), &limits),
            FaultKind::RowTooLong { line: 2, limit: 40 }
        );
        let open = format!("[{{\"a\": \"{}", "x".repeat(300_000));
        assert_eq!(
            fault_of(open.as_bytes(), &limits),
            FaultKind::RowTooLong { line: 1, limit: 40 }
        );
        let fits = parse_each(
            &br#"[{"a": 1, "b": 2, "c": 3}, {"a": 1}]"#[..],
            "f",
            &limits,
            &mut |_| ControlFlow::Continue(()),
        );
        assert!(fits.is_ok());
    }

    #[test]
    fn whoever_takes_the_rows_can_stop() {
        let mut taken = 0;
        let stopped = parse_each(&b"[{}, {}, {}]"[..], "f", &Limits::default(), &mut |_| {
            taken += 1;
            if taken == 2 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert!(matches!(stopped, Err(DataFileError::Stopped)) && taken == 2);
    }

    /// Gives some bytes and then fails, as a damaged member of an archive does at its end.
    struct Damaged<'b>(&'b [u8]);

    impl Read for Damaged<'_> {
        fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
            let count = self.0.read(target)?;
            if count == 0 {
                Err(io::Error::other("the checksum differs"))
            } else {
                Ok(count)
            }
        }
    }

    #[test]
    fn a_damaged_file_is_unreadable_whatever_it_seems_to_say() {
        for text in ["[{}]", "[{]", "{", "[1]", "[{}] x"] {
            let read = parse(Damaged(text.as_bytes()), "f");
            assert!(matches!(read, Err(DataFileError::Unreadable(_))), "{text}: {read:?}");
        }
    }

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
            match fault_of(text.as_bytes(), &Limits::default()) {
                FaultKind::NotJson { line: l, column: c, .. } => assert_eq!((l, c), (line, column), "{text:?}"),
                other => panic!("{text:?}: {other:?}"),
            }
        }
        for (text, line, column) in [("{\"a\":1}", 1, 1), ("[\n 3]", 2, 2), ("\"x\"", 1, 1), ("[[1]]", 1, 2)] {
            match fault_of(text.as_bytes(), &Limits::default()) {
                FaultKind::WrongShape { line: l, column: c, .. } => assert_eq!((l, c), (line, column), "{text:?}"),
                other => panic!("{text:?}: {other:?}"),
            }
        }
        let mut wrong = b"[{\"a\":\"".to_vec();
        wrong.extend_from_slice(b"\xff\"}]");
        assert!(matches!(
            fault_of(wrong.as_slice(), &Limits::default()),
            FaultKind::NotJson { .. }
        ));
        let deep = format!("[{{\"a\":{}{}}}]", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(
            fault_of(deep.as_bytes(), &Limits::default()),
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

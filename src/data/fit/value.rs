//! From a package's value to what its column holds; `equal` tells whether that is what the table has. Pure; a value that
//! does not fit says what would.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::moment::{Moment, time_text};
use crate::base::db::{push_binary, push_text};
use crate::data::package::number::Number;
use crate::data::package::phrases;
use crate::data::table::schema::{Charset, Column, ColumnType};
use crate::model::{Field, Phrase};

/// A value as its column holds it. Texts are borrowed from the package's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) enum Value<'a> {
    /// NULL.
    Null,
    /// A number in plain digits.
    Number(Cow<'a, str>),
    /// A text.
    Text(Cow<'a, str>),
    /// Bytes.
    Binary(Cow<'a, [u8]>),
}

/// A value does not fit; what would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) struct Misfit {
    /// In words (`at most 255 characters`).
    pub expected: Phrase,
}

impl Misfit {
    fn new(expected: Phrase) -> Self {
        Self { expected }
    }
}

impl Value<'_> {
    /// Appends the value as a literal of SQL.
    pub(in crate::data) fn push(&self, statement: &mut Vec<u8>) {
        match self {
            Self::Null => statement.extend_from_slice(b"NULL"),
            Self::Number(digits) => statement.extend_from_slice(digits.as_bytes()),
            Self::Text(text) => push_text(statement, text.as_bytes()),
            Self::Binary(bytes) => push_binary(statement, bytes),
        }
    }

    /// The value on its own.
    pub(in crate::data) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Number(digits) => Value::Number(digits.into_owned().into()),
            Self::Text(text) => Value::Text(text.into_owned().into()),
            Self::Binary(bytes) => Value::Binary(bytes.into_owned().into()),
        }
    }

    /// NULL or an empty text.
    pub(in crate::data) fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::Number(_) | Self::Binary(_) => false,
        }
    }

    /// The value in words, for a message.
    pub(in crate::data) fn shown(&self) -> String {
        match self {
            Self::Null => "NULL".to_owned(),
            Self::Number(text) | Self::Text(text) => crate::base::letters::shorten_text(text),
            Self::Binary(bytes) => format!("{} bytes", bytes.len()),
        }
    }
}

/// Makes a field fit a column.
pub(in crate::data) fn convert<'a>(column: &Column, field: &'a Field) -> Result<Value<'a>, Misfit> {
    let value = match field {
        Field::Null => Value::Null,
        Field::Text(text) if text.is_empty() && column.kind.is_empty_text_null() => Value::Null,
        _ => return fit(column, field),
    };
    if column.nullable || column.auto_increment {
        Ok(value)
    } else {
        Err(Misfit::new(match column.kind {
            _ if matches!(field, Field::Text(_)) => phrases::NOT_NULL,
            _ => phrases::NOT_NULL_OR_DEFAULT,
        }))
    }
}

impl ColumnType {
    /// An empty text stands for NULL.
    fn is_empty_text_null(&self) -> bool {
        matches!(
            self,
            Self::Integer { .. }
                | Self::Decimal { .. }
                | Self::Float { .. }
                | Self::Bit { .. }
                | Self::Year
                | Self::Date
                | Self::DateTime { .. }
                | Self::Time { .. }
                | Self::Uuid
                | Self::Address { .. }
        )
    }
}

fn fit<'a>(column: &Column, field: &'a Field) -> Result<Value<'a>, Misfit> {
    match &column.kind {
        ColumnType::Integer { min, max } => whole_number(field, *min, *max),
        ColumnType::Bit { bits } => whole_number(field, 0, (1_i128 << (*bits).min(64)) - 1),
        ColumnType::Decimal {
            digits,
            scale,
            unsigned,
        }
        | ColumnType::Float {
            unsigned,
            places: Some((digits, scale)),
            ..
        } => decimal(field, *digits, *scale, *unsigned),
        ColumnType::Float { single, unsigned, .. } => float(field, *single, *unsigned),
        ColumnType::Year => year(field),
        ColumnType::Date => moment(field, phrases::A_DATE, |text| Some(Moment::parse(text)?.date_text())),
        ColumnType::DateTime { fraction } => moment(field, phrases::A_DATE_AND_TIME, |text| {
            Some(Moment::parse(text)?.text(*fraction))
        }),
        ColumnType::Time { fraction } => moment(field, phrases::A_TIME, |text| time_text(text, *fraction)),
        ColumnType::Characters { limit, padded } => characters(column, field, *limit, *padded),
        ColumnType::Text { limit } => long_text(column, field, *limit),
        ColumnType::Json { .. } => json(field),
        ColumnType::Binary { limit, padded } => binary(field, *limit, *padded),
        ColumnType::Enum(members) => one_of(field, members),
        ColumnType::Set(members) => some_of(field, members),
        ColumnType::Uuid => uuid(field),
        ColumnType::Address { six } => address(field, *six),
        ColumnType::Other => Ok(Value::Text(text_of(field))),
    }
}

/// The text that stands for a field in a text column.
fn text_of(field: &Field) -> Cow<'_, str> {
    match field {
        Field::Null => Cow::Borrowed(""),
        Field::Bool(true) => Cow::Borrowed("1"),
        Field::Bool(false) => Cow::Borrowed("0"),
        Field::Number(digits) => Cow::Borrowed(digits),
        Field::Text(text) | Field::Json(text) => Cow::Borrowed(text),
    }
}

fn number_of(field: &Field) -> Option<Number> {
    match field {
        Field::Bool(true) => Number::parse("1"),
        Field::Bool(false) => Number::parse("0"),
        Field::Number(digits) => Number::parse(digits),
        Field::Text(text) => Number::parse(text.trim()),
        Field::Null | Field::Json(_) => None,
    }
}

fn whole_number<'a>(field: &Field, min: i128, max: i128) -> Result<Value<'a>, Misfit> {
    let number = number_of(field).and_then(|number| number.integer());
    match number {
        Some(number) if (min..=max).contains(&number) => Ok(Value::Number(Cow::Owned(number.to_string()))),
        _ => Err(Misfit::new(phrases::whole_number(min, max))),
    }
}

fn decimal<'a>(field: &Field, digits: usize, scale: usize, unsigned: bool) -> Result<Value<'a>, Misfit> {
    // The server looks at the sign before it rounds.
    let number = number_of(field).filter(|number| !(unsigned && number.is_negative()));
    match number.map(|number| number.rounded(scale)) {
        Some(number) if number.integer_digits() + scale <= digits => Ok(Value::Number(Cow::Owned(number.text()))),
        _ => Err(Misfit::new(phrases::decimal(digits.saturating_sub(scale), unsigned))),
    }
}

fn float<'a>(field: &Field, single: bool, unsigned: bool) -> Result<Value<'a>, Misfit> {
    let most = if single { f64::from(f32::MAX) } else { f64::MAX };
    let text = match field {
        Field::Bool(_) => text_of(field).into_owned(),
        Field::Number(digits) => digits.to_string(),
        Field::Text(text) => text.trim().to_owned(),
        Field::Null | Field::Json(_) => String::new(),
    };
    let plain = text
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    let value = text.parse::<f64>().ok().filter(|value| plain && value.abs() <= most);
    match value {
        Some(value) if !(unsigned && value < 0.0) => Ok(Value::Number(Cow::Owned(format!("{value:e}")))),
        _ => Err(Misfit::new(if unsigned {
            phrases::A_NUMBER_FROM_0
        } else {
            phrases::A_NUMBER
        })),
    }
}

/// Two digits stand for a year from 1970 to 2069. The number 0 is the year 0000; as a text it is 2000, as the server reads
/// it.
fn year<'a>(field: &Field) -> Result<Value<'a>, Misfit> {
    let zero = match field {
        Field::Text(text) if text.trim().len() < 4 => 2000,
        _ => 0,
    };
    let number = number_of(field).and_then(|number| number.integer());
    let year = number.and_then(|number| match number {
        0 => Some(zero),
        1..=69 => Some(number + 2000),
        70..=99 => Some(number + 1900),
        1901..=2155 => Some(number),
        _ => None,
    });
    year.map(|year| Value::Number(Cow::Owned(year.to_string())))
        .ok_or_else(|| Misfit::new(phrases::A_YEAR))
}

/// A UUID as the server shows it.
fn uuid<'a>(field: &Field) -> Result<Value<'a>, Misfit> {
    let text = text_of(field);
    let digits: String = text.chars().filter(|letter| *letter != '-').collect();
    if digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Misfit::new(phrases::A_UUID));
    }
    let digits = digits.to_ascii_lowercase();
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| &digits[range]);
    Ok(Value::Text(Cow::Owned(parts.join("-"))))
}

/// An address; the server's way of writing one differs from ours, so that addresses are compared, not texts.
fn address<'a>(field: &Field, six: bool) -> Result<Value<'a>, Misfit> {
    let text = text_of(field);
    match address_of(&text, six) {
        Some(_) => Ok(Value::Text(Cow::Owned(text.into_owned()))),
        None => Err(Misfit::new(if six { phrases::AN_IPV6 } else { phrases::AN_IPV4 })),
    }
}

/// The address that a text writes. An IPv4 address stands in a column for IPv6 as a mapped one.
pub(super) fn address_of(text: &str, six: bool) -> Option<IpAddr> {
    let four = text.parse::<Ipv4Addr>();
    if six {
        let mapped = four.ok().map(|four| four.to_ipv6_mapped());
        mapped.or_else(|| text.parse::<Ipv6Addr>().ok()).map(IpAddr::V6)
    } else {
        four.ok().map(IpAddr::V4)
    }
}

fn moment<'a>(field: &Field, expected: Phrase, read: impl FnOnce(&str) -> Option<String>) -> Result<Value<'a>, Misfit> {
    let text = match field {
        Field::Text(text) => read(text),
        Field::Number(digits) => read(digits),
        Field::Null | Field::Bool(_) | Field::Json(_) => None,
    };
    text.map(|text| Value::Text(Cow::Owned(text)))
        .ok_or_else(|| Misfit::new(expected))
}

fn check_charset(column: &Column, text: &str) -> Result<(), Misfit> {
    if column.charset == Charset::Utf8mb3 && text.chars().any(|letter| letter.len_utf8() > 3) {
        return Err(Misfit::new(phrases::NARROW_CHARACTERS));
    }
    Ok(())
}

fn characters<'a>(column: &Column, field: &'a Field, limit: usize, padded: bool) -> Result<Value<'a>, Misfit> {
    let mut text = text_of(field);
    check_charset(column, &text)?;
    if padded {
        text = cut(text, |text| text.trim_end_matches(' ').len());
    }
    if text.len() > limit {
        let end = text.char_indices().nth(limit).map_or(text.len(), |(at, _)| at);
        if !text[end..].bytes().all(|byte| byte == b' ') {
            return Err(Misfit::new(phrases::characters(limit, text.chars().count())));
        }
        // The server cuts spaces beyond the end without a word.
        text = cut(text, |_| end);
    }
    Ok(Value::Text(text))
}

fn cut(text: Cow<'_, str>, end: impl FnOnce(&str) -> usize) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..end(text)]),
        Cow::Owned(mut text) => {
            text.truncate(end(&text));
            Cow::Owned(text)
        }
    }
}

fn long_text<'a>(column: &Column, field: &'a Field, limit: u64) -> Result<Value<'a>, Misfit> {
    let text = text_of(field);
    check_charset(column, &text)?;
    if text.len() as u64 > limit && column.charset != Charset::Other {
        return Err(Misfit::new(phrases::bytes(limit, text.len() as u64)));
    }
    Ok(Value::Text(text))
}

fn json(field: &Field) -> Result<Value<'_>, Misfit> {
    match field {
        Field::Json(text) => Ok(Value::Text(Cow::Borrowed(text))),
        Field::Number(digits) => Ok(Value::Text(Cow::Borrowed(digits))),
        Field::Bool(truth) => Ok(Value::Text(Cow::Borrowed(if *truth { "true" } else { "false" }))),
        Field::Text(text) if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => {
            Ok(Value::Text(Cow::Borrowed(text)))
        }
        Field::Text(_) | Field::Null => Err(Misfit::new(phrases::VALID_JSON)),
    }
}

fn binary(field: &Field, limit: u64, padded: bool) -> Result<Value<'_>, Misfit> {
    let text = text_of(field);
    let length = text.len() as u64;
    if length > limit {
        return Err(Misfit::new(phrases::bytes(limit, length)));
    }
    let mut bytes = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    };
    if padded && length < limit {
        let full = usize::try_from(limit).unwrap_or(bytes.len());
        bytes.to_mut().resize(full, 0);
    }
    Ok(Value::Binary(bytes))
}

fn member<'m>(members: &'m [String], word: &str) -> Option<&'m String> {
    let word = word.trim_end_matches(' ');
    let exact = members.iter().find(|member| *member == word);
    exact.or_else(|| members.iter().find(|member| member.eq_ignore_ascii_case(word)))
}

fn one_of<'a>(field: &Field, members: &[String]) -> Result<Value<'a>, Misfit> {
    member(members, &text_of(field))
        .map(|member| Value::Text(Cow::Owned(member.clone())))
        .ok_or_else(|| Misfit::new(phrases::one_of(members)))
}

fn some_of<'a>(field: &Field, members: &[String]) -> Result<Value<'a>, Misfit> {
    let text = text_of(field);
    let mut chosen = vec![false; members.len()];
    for word in text.split(',').filter(|word| !word.is_empty()) {
        let found = member(members, word).and_then(|found| members.iter().position(|member| member == found));
        match found {
            Some(at) => chosen[at] = true,
            None => {
                return Err(Misfit::new(phrases::words_of(members)));
            }
        }
    }
    let words: Vec<&str> = members
        .iter()
        .zip(chosen)
        .filter_map(|(member, chosen)| chosen.then_some(member.as_str()))
        .collect();
    Ok(Value::Text(Cow::Owned(words.join(","))))
}

#[cfg(test)]
mod tests {
    use super::super::equal::same;
    use super::*;
    use crate::data::table::column_facts::tests::facts;

    fn column(column_type: &str) -> Column {
        facts("c", column_type).column().unwrap()
    }

    fn text(text: &str) -> Field {
        Field::Text(text.to_owned())
    }

    fn number(digits: &str) -> Field {
        Field::Number(digits.into())
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn values_are_made_to_fit() {
        let json = Field::Json("{\"b\":1,\"a\":\"/ç\"}".to_owned());
        for (column_type, field, literal) in [
            ("tinyint(4)", Field::Bool(true), "1"),
            ("tinyint(4)", text(" 7 "), "7"),
            ("tinyint(4)", text(""), "NULL"),
            ("int(11)", number("1e3"), "1000"),
            ("int(11)", text("007"), "7"),
            ("int(11)", number("1.0"), "1"),
            (
                "bigint(20) unsigned",
                number("18446744073709551615"),
                "18446744073709551615",
            ),
            ("decimal(5,2)", number("1.005"), "1.01"),
            ("decimal(5,2)", text("999.99"), "999.99"),
            ("decimal(5,2)", number("-1.5"), "-1.5"),
            ("decimal(5,2) unsigned", number("1.5"), "1.5"),
            ("double unsigned", number("0"), "0e0"),
            ("double", number("0.1"), "1e-1"),
            ("bit(3)", number("7"), "7"),
            ("year(4)", text("2026"), "2026"),
            ("year(4)", number("26"), "2026"),
            ("year(4)", text("70"), "1970"),
            ("year(4)", number("0"), "0"),
            ("year(4)", text("00"), "2000"),
            ("year(4)", text("0000"), "0"),
            ("float(10,2)", text("1.005"), "1.01"),
            (
                "uuid",
                text("123E4567E89B12D3A456426655440000"),
                "'123e4567-e89b-12d3-a456-426655440000'",
            ),
            ("inet6", text("2001:DB8:0:0::1"), "'2001:DB8:0:0::1'"),
            ("inet6", text(""), "NULL"),
            ("date", text("2026-01-02 10:00"), "'2026-01-02'"),
            ("datetime", text(""), "NULL"),
            ("datetime", text("2026-01-02T10:00:00"), "'2026-01-02 10:00:00'"),
            ("varchar(3)", text("açã"), "'açã'"),
            ("varchar(3)", text("abc  "), "'abc'"),
            ("varchar(9)", text("  padded  "), "'  padded '"),
            ("char(3)", text("a  "), "'a'"),
            ("varchar(20)", Field::Bool(false), "'0'"),
            ("varchar(20)", number("1.50"), "'1.50'"),
            ("varchar(20)", text(""), "''"),
            ("text", json.clone(), "'{\"b\":1,\"a\":\"/ç\"}'"),
            ("json", text("[1, 2]"), "'[1, 2]'"),
            ("json", Field::Bool(true), "'true'"),
            ("varbinary(2)", text("é"), "X'C3A9'"),
            ("varbinary(3)", text("a"), "X'61'"),
            ("binary(3)", text("a"), "X'610000'"),
            ("enum('Um','dois')", text("um"), "'Um'"),
            ("set('r','w','x')", text("x,r,x"), "'r,x'"),
            ("text", Field::Null, "NULL"),
            ("varchar(9)", text("😀"), "'😀'"),
        ] {
            let mut statement = Vec::new();
            convert(&column(column_type), &field).unwrap().push(&mut statement);
            assert_eq!(
                String::from_utf8(statement).unwrap(),
                literal,
                "{column_type} {field:?}"
            );
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (column_type, field, expected) in [
            ("tinyint(4)", number("128"), "from -128 to 127"),
            ("tinyint(3) unsigned", number("-1"), "from 0 to 255"),
            ("int(11)", text("abc"), "a whole number"),
            ("int(11)", number("1.5"), "a whole number"),
            ("int(11)", Field::Json("[1]".to_owned()), "a whole number"),
            ("decimal(5,2)", number("1000"), "3 digits before the point"),
            ("decimal(4,4) unsigned", number("-0.00001"), "not below 0"),
            ("float", text("inf"), "a number"),
            ("float", number("1e39"), "a number"),
            ("double unsigned", number("-1"), "not below 0"),
            ("bit(3)", number("8"), "from 0 to 7"),
            ("date", text("2026-02-30"), "a date"),
            ("datetime", Field::Bool(true), "a date and time"),
            ("time", text("x"), "a time"),
            ("varchar(3)", text("açãe"), "at most 3 characters, found 4"),
            ("char(1)", text("AB"), "at most 1 characters"),
            ("text", text(&"x".repeat(65_536)), "at most 65535 bytes"),
            ("json", text("{broken"), "valid JSON"),
            ("year(4)", number("100"), "a year"),
            ("uuid", text("123e4567"), "a UUID"),
            ("inet6", text("x"), "an IPv6 address"),
            ("inet4", text("::1"), "an IPv4 address"),
            ("varbinary(2)", text("abc"), "at most 2 bytes"),
            ("enum('a','b')", text("c"), "one of a, b"),
            ("set('a','b')", text("a,c"), "words of a, b"),
        ] {
            let misfit = convert(&column(column_type), &field).unwrap_err();
            assert!(
                misfit.expected.to_string().contains(expected),
                "{column_type} {field:?}: {misfit:?}"
            );
        }
        let strict = Column {
            nullable: false,
            ..column("int(11)")
        };
        for (field, expected) in [
            (Field::Null, phrases::NOT_NULL_OR_DEFAULT),
            (text(""), phrases::NOT_NULL),
        ] {
            assert_eq!(convert(&strict, &field).unwrap_err().expected, expected, "{field:?}");
        }
        assert!(convert(&column("text"), &text(&"x".repeat(65_535))).is_ok());
        let narrow = Column {
            charset: Charset::Utf8mb3,
            ..column("varchar(9)")
        };
        assert!(convert(&narrow, &text("😀")).is_err() && convert(&narrow, &text("€")).is_ok());
    }

    #[test]
    fn comparing_is_by_type() {
        for (column_type, field, stored, equal) in [
            ("int(11)", text(" 7"), Some("7"), true),
            ("int(11)", number("7"), Some("8"), false),
            ("int(11)", text(""), None, true),
            ("int(5) unsigned zerofill", number("7"), Some("00007"), true),
            ("decimal(5,2)", number("1.5"), Some("1.50"), true),
            ("float", number("-23.55054"), Some("-23.550540924072266"), true),
            ("float", number("-23.55051"), Some("-23.550540924072266"), false),
            ("float(10,2)", number("1234567.89"), Some("1234567.875"), true),
            ("double(20,2)", number("1234567.89"), Some("1234567.88"), false),
            ("double", number("1e-310"), Some("2e-310"), false),
            ("double", number("-0.0"), Some("0"), true),
            (
                "uuid",
                text("123E4567E89B12D3A456426655440000"),
                Some("123e4567-e89b-12d3-a456-426655440000"),
                true,
            ),
            (
                "uuid",
                text("123e4567e89b12d3a456426655440000"),
                Some("123E4567-E89B-12D3-A456-426655440000"),
                true,
            ),
            ("varbinary(9)", text("a"), Some("a"), true),
            ("varbinary(9)", text("a"), Some("b"), false),
            ("double", number("0.1"), Some("0.10000000000000001"), true),
            ("decimal(20,18)", number("0.1"), Some("0.100000000000000001"), false),
            ("inet6", text("2001:DB8:0:0::1"), Some("2001:db8::1"), true),
            ("inet6", text("10.0.0.1"), Some("::ffff:10.0.0.1"), true),
            ("inet6", text("::2"), Some("::1"), false),
            ("inet4", text("10.0.0.1"), Some("10.0.0.1"), true),
            ("json", text("[1.50,1e400]"), Some("[1.50,1e400]"), true),
            ("float", number("1.23"), Some("1.24"), false),
            ("double", number("1e2"), Some("100"), true),
            ("datetime", text("2026-01-02"), Some("2026-01-02 00:00:00"), true),
            ("text", text("A"), Some("a"), false),
            ("text", text("a "), Some("a"), false),
            ("text", text(""), None, false),
            ("text", Field::Null, Some(""), false),
            (
                "json",
                text("{\"a\":1,\"b\":[1.0]}"),
                Some("{\"b\": [1], \"a\": 1}"),
                true,
            ),
            ("json", text("[1,2]"), Some("[2,1]"), false),
            ("bit(9)", number("257"), Some("\u{1}\u{1}"), true),
            ("enum('a','b')", text("A"), Some("a"), true),
        ] {
            let column = column(column_type);
            let value = convert(&column, &field).unwrap();
            let found = same(&column, &value, stored.map(str::as_bytes));
            assert_eq!(found, equal, "{column_type} {field:?} {stored:?}");
        }
    }
}

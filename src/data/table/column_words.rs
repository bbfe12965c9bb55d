//! What the server's words about a column mean: its default, and what stands between the brackets of its type.

use super::schema::DefaultValue;

/// A default that MySQL shows as an expression: a constant in brackets (`_utf8mb4\'pt-br\'`, `5`) is still one.
pub(super) fn expression_default(text: &str) -> DefaultValue {
    let constant = text.strip_prefix('_').and_then(|rest| rest.split_once("\\'"));
    let inner = constant
        .filter(|(introducer, _)| introducer.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .and_then(|(_, rest)| rest.strip_suffix("\\'"))
        .filter(|inner| !inner.contains(['\'', '\\']));
    match inner {
        Some(inner) => DefaultValue::Text(inner.to_owned()),
        None if text.parse::<f64>().is_ok() => DefaultValue::Text(text.to_owned()),
        None => DefaultValue::Computed,
    }
}

/// `b'101'` as a number.
pub(super) fn bit_default(text: &str) -> DefaultValue {
    let digits = text.trim_start_matches('b').trim_matches('\'');
    u64::from_str_radix(digits, 2).map_or(DefaultValue::Computed, |number| DefaultValue::Text(number.to_string()))
}

/// A default as MySQL shows it: the text itself; that of bytes in hexadecimal.
pub(super) fn plain_default(text: &str, column_type: &str) -> DefaultValue {
    let digits = text.strip_prefix("0x").filter(|_| column_type.contains("binary"));
    let Some(digits) = digits else {
        return DefaultValue::Text(text.to_owned());
    };
    let pairs = digits.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> = pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.map_or(DefaultValue::Computed, DefaultValue::Text)
}

/// A default as MariaDB shows it: one text in quotes, escaped as the members of a type are.
pub(super) fn quoted_default(text: &str) -> Option<String> {
    let is_quoted = text.len() > 1 && text.starts_with('\'') && text.ends_with('\'');
    let mut found = if is_quoted {
        members(&format!("({text})"))
    } else {
        Vec::new()
    };
    found.pop().filter(|_| found.is_empty())
}

/// The numbers between the brackets of a type.
pub(in crate::data) fn numbers(column_type: &str) -> Vec<usize> {
    let Some((_, rest)) = column_type.split_once('(') else {
        return Vec::new();
    };
    let inner = rest.split(')').next().unwrap_or_default();
    inner
        .split(',')
        .filter_map(|number| number.trim().parse().ok())
        .collect()
}

/// The quoted words between the brackets of a type. Quotes stand there twice, backslashes and line ends are escaped.
pub(in crate::data) fn members(column_type: &str) -> Vec<String> {
    let mut members = Vec::new();
    let mut letters = column_type
        .split_once('(')
        .map_or("", |(_, rest)| rest)
        .chars()
        .peekable();
    while letters.by_ref().any(|letter| letter == '\'') {
        let mut member = String::new();
        while let Some(letter) = letters.next() {
            match letter {
                '\'' if letters.next_if_eq(&'\'').is_none() => break,
                '\\' => member.push(match letters.next() {
                    Some('n') => '\n',
                    Some('r') => '\r',
                    Some('0') => '\0',
                    other => other.unwrap_or('\\'),
                }),
                letter => member.push(letter),
            }
        }
        members.push(member);
    }
    members
}

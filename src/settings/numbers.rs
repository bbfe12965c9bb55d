//! Numbers as the gestor's masks write them: `1.234` and `1.234,56`. Pure.

use serde_json::{Number, Value};

/// Digits between two dots.
const GROUP: usize = 3;
/// Digits of cents.
const CENTS: usize = 2;

/// A whole number, 0 or more, with dots.
pub(super) fn quantity_to_gestor(number: &Number) -> Option<String> {
    let (whole, cents) = digits(number)?;
    cents.is_empty().then(|| grouped(&whole))
}

/// The reverse.
pub(super) fn quantity_of_gestor(text: &str) -> Option<Value> {
    let whole = ungrouped(text.trim())?;
    Some(whole.parse::<u64>().ok()?.into())
}

/// Money, 0 or more, with dots and cents.
pub(super) fn money_to_gestor(number: &Number) -> Option<String> {
    let (whole, cents) = digits(number)?;
    (cents.len() <= CENTS).then(|| format!("{},{cents:0<CENTS$}", grouped(&whole)))
}

/// The reverse.
pub(super) fn money_of_gestor(text: &str) -> Option<Value> {
    let (whole, cents) = text.trim().split_once(',').unwrap_or((text.trim(), ""));
    let whole = ungrouped(whole)?;
    if cents.len() > CENTS || !cents.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let cents = cents.trim_end_matches('0');
    if cents.is_empty() {
        return Some(whole.parse::<u64>().ok()?.into());
    }
    let number: f64 = format!("{whole}.{cents}").parse().ok()?;
    Number::from_f64(number).map(Value::Number)
}

/// The digits before and behind the point, without those that say nothing.
fn digits(number: &Number) -> Option<(String, String)> {
    let text = number.to_string();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let are_digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    (are_digits(whole) && are_digits(rest)).then(|| (whole.to_owned(), rest.trim_end_matches('0').to_owned()))
}

fn grouped(whole: &str) -> String {
    let first = whole.len() % GROUP;
    let places = whole.chars().enumerate();
    places.fold(String::new(), |mut text, (at, digit)| {
        if at > 0 && at % GROUP == first {
            text.push('.');
        }
        text.push(digit);
        text
    })
}

/// Digits without dots, or with a dot before each third one: `12.34` is what no mask writes.
fn ungrouped(text: &str) -> Option<String> {
    let mut groups = text.split('.');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let is_right = first
        .bytes()
        .chain(rest.iter().flat_map(|group| group.bytes()))
        .all(|c| c.is_ascii_digit())
        && !first.is_empty()
        && (rest.is_empty() || first.len() <= GROUP)
        && rest.iter().all(|group| group.len() == GROUP);
    is_right.then(|| format!("{first}{}", rest.concat()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Number {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn numbers_are_written_as_the_masks_do() {
        for (json, quantity, money) in [
            ("0", Some("0"), Some("0,00")),
            ("7", Some("7"), Some("7,00")),
            ("123", Some("123"), Some("123,00")),
            ("1234", Some("1.234"), Some("1.234,00")),
            ("1234567", Some("1.234.567"), Some("1.234.567,00")),
            ("5.0", Some("5"), Some("5,00")),
            ("1234.5", None, Some("1.234,50")),
            ("0.05", None, Some("0,05")),
            ("1.005", None, None),
            ("-1", None, None),
            ("1e30", None, None),
        ] {
            let number = number(json);
            assert_eq!(quantity_to_gestor(&number).as_deref(), quantity, "{json}");
            assert_eq!(money_to_gestor(&number).as_deref(), money, "{json}");
        }
    }

    #[test]
    fn what_no_mask_writes_is_no_number() {
        for text in ["", ".", "12.34", "1.2345", "1234.567", "-1", "1,5", " 1 2", "1.", "abc"] {
            assert_eq!(quantity_of_gestor(text), None, "{text}");
        }
        for text in ["", ",5", "12.34", "1,234", "1,-5", "1,5,0"] {
            assert_eq!(money_of_gestor(text), None, "{text}");
        }
        assert_eq!(money_of_gestor("1234,5"), Some(1234.5.into()));
        assert_eq!(money_of_gestor("1.234"), Some(1234.into()));
    }

    proptest! {
        #[test]
        fn numbers_come_back(whole in 0u64..1 << 40, cents in 0u64..100) {
            let text = quantity_to_gestor(&whole.into()).unwrap();
            prop_assert_eq!(quantity_of_gestor(&text), Some(whole.into()));
            let number: f64 = format!("{whole}.{cents:02}").parse().unwrap();
            let text = money_to_gestor(&Number::from_f64(number).unwrap()).unwrap();
            prop_assert_eq!(money_of_gestor(&text).unwrap().as_f64(), Some(number));
        }
    }
}

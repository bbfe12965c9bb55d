//! Decimal numbers as texts: exact, of any length. Pure.

/// A number in plain digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data) struct Number {
    negative: bool,
    /// Without leading zeros; empty for 0.
    integer: String,
    /// Without trailing zeros.
    fraction: String,
}

/// More digits than any column can hold.
const LONGEST: usize = 400;

impl Number {
    /// Reads `-12`, `+1.50`, `.5`, `1e3`. No spaces, no words.
    pub(in crate::data) fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (rest, 0),
        };
        let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = integer.len() + fraction.len();
        let plain = integer
            .bytes()
            .chain(fraction.bytes())
            .all(|byte| byte.is_ascii_digit());
        let shift = usize::try_from(exponent.unsigned_abs()).ok()?;
        if !plain || digits == 0 || digits + shift > LONGEST {
            return None;
        }
        Some(Self::shifted(negative, integer, fraction, exponent))
    }

    fn shifted(negative: bool, integer: &str, fraction: &str, exponent: i32) -> Self {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize);
        let digits = if exponent < 0 {
            format!("{zeros}{integer}{fraction}")
        } else {
            format!("{integer}{fraction}{zeros}")
        };
        let point = integer.len() + if exponent > 0 { zeros.len() } else { 0 };
        Self {
            negative,
            integer: digits[..point].trim_start_matches('0').to_owned(),
            fraction: digits[point..].trim_end_matches('0').to_owned(),
        }
        .normal()
    }

    fn normal(mut self) -> Self {
        self.negative &= !(self.integer.is_empty() && self.fraction.is_empty());
        self
    }

    /// The whole number, where it is one.
    pub(in crate::data) fn integer(&self) -> Option<i128> {
        let text = if self.integer.is_empty() { "0" } else { &self.integer };
        let value: i128 = if self.fraction.is_empty() {
            text.parse().ok()?
        } else {
            return None;
        };
        Some(if self.negative { -value } else { value })
    }

    /// Rounded to as many digits after the point, halves away from zero as the server does it.
    pub(in crate::data) fn rounded(&self, scale: usize) -> Self {
        if self.fraction.len() <= scale {
            return self.clone();
        }
        let up = self.fraction.as_bytes()[scale] >= b'5';
        let mut digits: Vec<u8> = self.integer.bytes().chain(self.fraction.bytes().take(scale)).collect();
        if up {
            digits.insert(0, b'0');
            for digit in digits.iter_mut().rev() {
                if *digit < b'9' {
                    *digit += 1;
                    break;
                }
                *digit = b'0';
            }
        }
        let digits = String::from_utf8(digits).unwrap_or_default();
        let point = digits.len() - scale;
        Self::shifted(self.negative, &digits[..point], &digits[point..], 0)
    }

    /// Digits before the point.
    pub(in crate::data) fn integer_digits(&self) -> usize {
        self.integer.len()
    }

    /// Below zero.
    pub(in crate::data) fn is_negative(&self) -> bool {
        self.negative
    }

    /// The number in the fewest digits: equal numbers have equal texts.
    pub(in crate::data) fn text(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let integer = if self.integer.is_empty() { "0" } else { &self.integer };
        if self.fraction.is_empty() {
            format!("{sign}{integer}")
        } else {
            format!("{sign}{integer}.{}", self.fraction)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_text() {
        for (given, shown) in [
            ("0", "0"),
            ("-0.00", "0"),
            ("+007", "7"),
            ("1.50", "1.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1e3", "1000"),
            ("-12.5e-2", "-0.125"),
            ("1.25E1", "12.5"),
            ("99999999999999999999.000", "99999999999999999999"),
        ] {
            assert_eq!(
                Number::parse(given).map(|number| number.text()).as_deref(),
                Some(shown),
                "{given}"
            );
        }
        let longest = "1".repeat(LONGEST);
        assert_eq!(Number::parse(&longest).unwrap().text(), longest);
        assert!(Number::parse(&format!("{longest}1")).is_none());
        let shifted = format!("12e{}", LONGEST - 2);
        assert_eq!(Number::parse(&shifted).unwrap().integer_digits(), LONGEST);
        assert!(Number::parse(&format!("12e{}", LONGEST - 1)).is_none());
        for (given, expected) in [("-1", true), ("1", false), ("-0", false)] {
            assert_eq!(Number::parse(given).unwrap().is_negative(), expected, "{given}");
        }
        for wrong in [
            "",
            "-",
            ".",
            "1 ",
            " 1",
            "0x1",
            "inf",
            "nan",
            "1e",
            "1e999999999",
            "1,5",
            "--1",
            "é",
        ] {
            assert!(Number::parse(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn numbers_are_rounded_as_the_server_does() {
        for (given, scale, shown) in [
            ("1.005", 2, "1.01"),
            ("-1.005", 2, "-1.01"),
            ("9.999", 2, "10"),
            ("0.004", 2, "0"),
            ("-0.004", 2, "0"),
            ("1.5", 0, "2"),
            ("1.2", 5, "1.2"),
        ] {
            assert_eq!(Number::parse(given).unwrap().rounded(scale).text(), shown, "{given}");
        }
        assert_eq!(Number::parse("-12").unwrap().integer(), Some(-12));
        assert_eq!(Number::parse("1.5").unwrap().integer(), None);
        assert_eq!(Number::parse("-0.0").unwrap().integer(), Some(0));
    }
}

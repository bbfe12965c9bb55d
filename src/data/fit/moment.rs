//! Dates and times as MariaDB shows them. Pure.

/// A date with or without a time, as `YYYY-MM-DD`, `YYYYMMDD`, and `HH:MM`, `HH:MM:SS` or `HHMMSS` with a fraction.
/// Zero months and days pass, as the server lets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    date: [u32; 3],
    time: [u32; 3],
    micros: u32,
}

impl Moment {
    /// Reads a moment.
    pub(in crate::data) fn parse(text: &str) -> Option<Self> {
        if text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::parse(&format!(
                "{} {}:{}:{}",
                &text[..8],
                &text[8..10],
                &text[10..12],
                &text[12..]
            ));
        }
        let (date, time) = match text.split_once(['T', ' ']) {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let date = parse_date(date)?;
        let (time, micros) = time.map_or(Some(([0; 3], 0)), parse_clock)?;
        (time[0] < 24).then_some(Self { date, time, micros })
    }

    /// `YYYY-MM-DD`
    pub(super) fn date_text(&self) -> String {
        let [year, month, day] = self.date;
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// `YYYY-MM-DD HH:MM:SS` and as many digits of the fraction; further ones are cut, as the server does it.
    pub(in crate::data) fn text(&self, fraction: usize) -> String {
        let [hour, minute, second] = self.time;
        let date = self.date_text();
        format!(
            "{date} {hour:02}:{minute:02}:{second:02}{}",
            fraction_text(self.micros, fraction)
        )
    }
}

/// A span of time as the server shows it: `[-]HH:MM:SS` and as many digits of the fraction.
pub(super) fn time_text(text: &str, fraction: usize) -> Option<String> {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let ([hour, minute, second], micros) = parse_clock(rest)?;
    let span = format!("{hour:02}:{minute:02}:{second:02}{}", fraction_text(micros, fraction));
    let is_zero = span.bytes().all(|byte| !matches!(byte, b'1'..=b'9'));
    let sign = if is_zero { "" } else { sign };
    (hour <= 838).then(|| format!("{sign}{span}"))
}

fn fraction_text(micros: u32, digits: usize) -> String {
    if digits == 0 {
        return String::new();
    }
    format!(".{}", &format!("{micros:06}")[..digits.min(6)])
}

fn parse_date(text: &str) -> Option<[u32; 3]> {
    let split;
    let parts: [&str; 3] = if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        [&text[..4], &text[4..6], &text[6..]]
    } else {
        split = text.split(['-', '/']).collect::<Vec<_>>();
        split.try_into().ok()?
    };
    let [mut year, month, day] = [number(parts[0], 4)?, number(parts[1], 2)?, number(parts[2], 2)?];
    if parts[0].len() == 2 {
        // As the server reads them.
        year += if year < 70 { 2000 } else { 1900 };
    }
    let fits = matches!(parts[0].len(), 2 | 4) && month <= 12 && day <= days(year, month);
    fits.then_some([year, month, day])
}

fn days(year: u32, month: u32) -> u32 {
    let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn parse_clock(text: &str) -> Option<([u32; 3], u32)> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let parts: Vec<&str> = clock.split(':').collect();
    let time = match parts.as_slice() {
        [hour, minute] => [number(hour, 3)?, number(minute, 2)?, 0],
        [hour, minute, second] => [number(hour, 3)?, number(minute, 2)?, number(second, 2)?],
        _ => return None,
    };
    if time[1] > 59 || time[2] > 59 || fraction.bytes().any(|byte| !byte.is_ascii_digit()) {
        return None;
    }
    let six: String = fraction.chars().chain("000000".chars()).take(6).collect();
    Some((time, six.parse().ok()?))
}

fn number(text: &str, most: usize) -> Option<u32> {
    let fits = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read() {
        for (text, shown) in [
            ("2026-01-02", "2026-01-02 00:00:00"),
            ("2026-1-2 3:04", "2026-01-02 03:04:00"),
            ("2026-01-02T03:04:05", "2026-01-02 03:04:05"),
            ("2026-01-02 03:04:05.987", "2026-01-02 03:04:05"),
            ("20260102030405", "2026-01-02 03:04:05"),
            ("20260102", "2026-01-02 00:00:00"),
            ("2024-02-29", "2024-02-29 00:00:00"),
            ("26-1-2", "2026-01-02 00:00:00"),
            ("70-01-02", "1970-01-02 00:00:00"),
            ("0000-00-00 00:00:00", "0000-00-00 00:00:00"),
        ] {
            assert_eq!(
                Moment::parse(text).map(|moment| moment.text(0)).as_deref(),
                Some(shown),
                "{text}"
            );
        }
        for wrong in [
            "",
            "x",
            "2026-13-01",
            "2023-02-29",
            "2026-01-32",
            "2026-04-31",
            "2026-01-+2",
            "2026-001-02",
            "2026-01-02 10:10:60",
            "2026-01-02 24:00:00",
            "2026-01-02 10:60",
            "126-01-02",
            "2026-01-02T03:04:05Z",
            "2026-01-02 03:04:05-03:00",
            " 2026-01-02",
            "2026-01-02 ",
            "2026-01-02 1:2:3.x",
            "€€€€€",
        ] {
            assert!(Moment::parse(wrong).is_none(), "{wrong:?}");
        }
        assert_eq!(
            Moment::parse("2026-01-02 03:04:05.98").unwrap().text(3),
            "2026-01-02 03:04:05.980"
        );
    }

    #[test]
    fn spans_are_read() {
        assert_eq!(time_text("-12:3", 0).as_deref(), Some("-12:03:00"));
        for zero in ["-00:00:00", "-0:0:0.0", "-0:00"] {
            assert_eq!(time_text(zero, 0).as_deref(), Some("00:00:00"), "{zero}");
        }
        assert_eq!(time_text("-0:0:0.001", 3).as_deref(), Some("-00:00:00.001"));
        assert_eq!(time_text("838:59:59", 0).as_deref(), Some("838:59:59"));
        assert_eq!(time_text("1:02:03.5", 2).as_deref(), Some("01:02:03.50"));
        assert!(time_text("839:00:00", 0).is_none());
        assert!(time_text("1", 0).is_none());
    }
}

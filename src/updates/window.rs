//! At which hours an update may come by itself: `dom,sab 02:00-05:00`. Pure; the time that is asked about is the site's.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveTime, TimeDelta, Timelike};

/// Characters of the column `janela`.
const LONGEST: usize = 60;
/// Minutes of a day.
const DAY: u32 = 24 * 60;

/// A text that is no window.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{given:?} is no window: write days and hours, as `dom,sab 02:00-05:00`, `seg-sex 23:00-04:00` or `02:00-05:00`; several with `;` between, 60 characters at most"
)]
pub struct WindowFault {
    /// What was given, cut to 80 characters.
    pub given: String,
}

/// Days, Sunday first, by their names in both languages.
const DAYS: [[&str; 3]; 7] = [
    ["dom", "sun", "dom"],
    ["seg", "mon", "seg"],
    ["ter", "tue", "ter"],
    ["qua", "wed", "qua"],
    ["qui", "thu", "qui"],
    ["sex", "fri", "sex"],
    ["sab", "sat", "sáb"],
];

/// Hours of a week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    text: String,
    spans: Vec<Span>,
}

/// Hours that begin on some days.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    /// Sunday first.
    days: [bool; 7],
    /// Minutes of the day.
    from: u32,
    /// Not later than `from`: of the next day.
    to: u32,
}

impl Window {
    /// Whether it is open.
    pub fn is_open(&self, now: DateTime<FixedOffset>) -> bool {
        let minute = now.hour() * 60 + now.minute();
        let today = now.weekday().num_days_from_sunday() as usize;
        let yesterday = (today + 6) % 7;
        self.spans.iter().any(|span| {
            if span.from < span.to {
                return span.days[today] && (span.from..span.to).contains(&minute);
            }
            (span.days[today] && minute >= span.from) || (span.days[yesterday] && minute < span.to)
        })
    }

    /// When it opens next; now where it is open.
    pub fn opens(&self, now: DateTime<FixedOffset>) -> DateTime<FixedOffset> {
        if self.is_open(now) {
            return now;
        }
        let mut found: Option<DateTime<FixedOffset>> = None;
        for ahead in 0..=7 {
            let Some(day) = now.date_naive().checked_add_days(Days::new(ahead)) else {
                break;
            };
            let weekday = day.weekday().num_days_from_sunday() as usize;
            for span in self.spans.iter().filter(|span| span.days[weekday]) {
                let time = NaiveTime::from_hms_opt(span.from / 60, span.from % 60, 0).unwrap_or_default();
                let Some(start) = day.and_time(time).and_local_timezone(*now.offset()).single() else {
                    continue;
                };
                if start > now && found.is_none_or(|found| start < found) {
                    found = Some(start);
                }
            }
        }
        found.unwrap_or(now + TimeDelta::days(7))
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Window {
    type Err = WindowFault;

    fn from_str(text: &str) -> Result<Self, WindowFault> {
        let text = text.trim();
        let fault = || WindowFault {
            given: text.chars().filter(|c| !c.is_control()).take(80).collect(),
        };
        if text.chars().count() > LONGEST {
            return Err(fault());
        }
        let spans: Option<Vec<Span>> = text.split(';').map(span).collect();
        Ok(Self {
            text: text.to_owned(),
            spans: spans.ok_or_else(fault)?,
        })
    }
}

fn span(text: &str) -> Option<Span> {
    let mut words = text.split_whitespace();
    let (first, second) = (words.next()?, words.next());
    if words.next().is_some() {
        return None;
    }
    let (days, hours) = match second {
        Some(hours) => (days(first)?, hours),
        None => ([true; 7], first),
    };
    let (from, to) = hours.split_once('-')?;
    let (from, to) = (minute(from)?, minute(to)?);
    (from != to && from < DAY).then_some(Span { days, from, to })
}

/// `dom,sab`, `seg-sex`, or both together.
fn days(text: &str) -> Option<[bool; 7]> {
    let mut found = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        let mut at = first;
        loop {
            found[at] = true;
            if at == last {
                break;
            }
            at = (at + 1) % 7;
        }
    }
    Some(found)
}

fn day(name: &str) -> Option<usize> {
    let name = name.to_lowercase();
    DAYS.iter().position(|names| names.contains(&name.as_str()))
}

/// `02:00`; `24:00` is the end of a day.
fn minute(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str| {
        let is_number = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse::<u32>().ok()).flatten()
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    let found = hour * 60 + minute;
    (minute < 60 && found <= DAY).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-28 is a Saturday.
    fn at(day: u32, time: &str) -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339(&format!("2026-11-{day:02}T{time}:00-03:00")).unwrap()
    }

    #[test]
    fn a_window_is_open_on_its_days_at_its_hours() {
        let cases: [(&str, u32, &str, bool); 16] = [
            ("dom,sab 02:00-05:00", 28, "02:00", true),
            ("dom,sab 02:00-05:00", 28, "04:59", true),
            ("dom,sab 02:00-05:00", 28, "05:00", false),
            ("dom,sab 02:00-05:00", 28, "01:59", false),
            ("dom,sab 02:00-05:00", 29, "03:00", true),
            ("dom,sab 02:00-05:00", 27, "03:00", false),
            ("sun,SAT 02:00-05:00", 28, "03:00", true),
            ("sáb 2:00-5:00", 28, "03:00", true),
            // Over midnight, what begins on Saturday ends on Sunday.
            ("sab 23:00-02:00", 28, "23:30", true),
            ("sab 23:00-02:00", 29, "01:59", true),
            ("sab 23:00-02:00", 29, "02:00", false),
            ("sab 23:00-02:00", 28, "01:00", false),
            ("seg-sex 00:00-24:00", 27, "23:59", true),
            ("sex-seg 00:00-24:00", 29, "12:00", true),
            ("02:00-03:00;14:00-15:00", 25, "14:30", true),
            ("02:00-03:00", 25, "14:30", false),
        ];
        for (text, day, time, is_open) in cases {
            let window: Window = text.parse().unwrap();
            assert_eq!(window.is_open(at(day, time)), is_open, "{text} {day} {time}");
            assert_eq!(window.to_string(), text);
        }
    }

    #[test]
    fn it_is_known_when_it_opens() {
        for (text, now, opens) in [
            ("dom 02:00-05:00", at(28, "10:00"), at(29, "02:00")),
            ("sab 02:00-05:00", at(28, "03:00"), at(28, "03:00")),
            ("sex 02:00-05:00", at(20, "06:00"), at(27, "02:00")),
            ("02:00-03:00;14:00-15:00", at(25, "03:00"), at(25, "14:00")),
        ] {
            let window: Window = text.parse().unwrap();
            assert_eq!(window.opens(now), opens, "{text}");
            assert!(window.is_open(window.opens(now)));
        }
    }

    #[test]
    fn what_is_no_window_is_said() {
        for wrong in [
            "",
            "dom",
            "dom 02:00",
            "dom 02:00-02:00",
            "dom 02:60-03:00",
            "dom 24:00-03:00",
            "dom 25:00-03:00",
            "xyz 02:00-03:00",
            "dom, 02:00-03:00",
            "dom 02:00-03:00 x",
            "02:00-03:00;",
            "002:00-03:00",
            &"dom 02:00-03:00;".repeat(5),
        ] {
            assert!(wrong.parse::<Window>().is_err(), "{wrong:?}");
        }
    }
}

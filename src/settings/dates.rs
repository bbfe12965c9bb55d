//! Days and minutes, as JSON has them and as the gestor writes them. Pure.

use chrono::{NaiveDate, NaiveDateTime};

const DAY: &str = "%Y-%m-%d";
const MINUTE: &str = "%Y-%m-%dT%H:%M";
const GESTOR_DAY: &str = "%d/%m/%Y";
const GESTOR_MINUTE: &str = "%d/%m/%Y %H:%M";

/// `2026-12-31` as `31/12/2026`.
pub(super) fn day_to_gestor(text: &str) -> Option<String> {
    changed_day(text, DAY, GESTOR_DAY)
}

/// The reverse.
pub(super) fn day_of_gestor(text: &str) -> Option<String> {
    changed_day(text.trim(), GESTOR_DAY, DAY)
}

/// `2026-12-31T23:59` as `31/12/2026 23:59`.
pub(super) fn minute_to_gestor(text: &str) -> Option<String> {
    changed_minute(text, MINUTE, GESTOR_MINUTE)
}

/// The reverse.
pub(super) fn minute_of_gestor(text: &str) -> Option<String> {
    changed_minute(text.trim(), GESTOR_MINUTE, MINUTE)
}

fn changed_day(text: &str, from: &str, to: &str) -> Option<String> {
    let day = NaiveDate::parse_from_str(text, from).ok()?;
    // Only what is written as it would be written here: no sign, no lacking digit.
    (day.format(from).to_string() == text).then(|| day.format(to).to_string())
}

fn changed_minute(text: &str, from: &str, to: &str) -> Option<String> {
    let minute = NaiveDateTime::parse_from_str(text, from).ok()?;
    (minute.format(from).to_string() == text).then(|| minute.format(to).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_minutes_go_there_and_back() {
        for (json, gestor) in [("2026-12-31", "31/12/2026"), ("2024-02-29", "29/02/2024")] {
            assert_eq!(day_to_gestor(json).as_deref(), Some(gestor));
            assert_eq!(day_of_gestor(&format!(" {gestor}\n")).as_deref(), Some(json));
        }
        assert_eq!(
            minute_to_gestor("2026-01-02T03:04").as_deref(),
            Some("02/01/2026 03:04")
        );
        assert_eq!(
            minute_of_gestor("02/01/2026 03:04").as_deref(),
            Some("2026-01-02T03:04")
        );
    }

    #[test]
    fn what_is_no_day_is_none() {
        for text in [
            "",
            "2025-02-29",
            "2026-1-02",
            "+2026-01-02",
            "02/01/2026",
            "2026-01-02T00:00",
        ] {
            assert_eq!(day_to_gestor(text), None, "{text}");
        }
        for text in ["", "31/02/2026", "1/1/2026", "2026-01-01", "01/01/26"] {
            assert_eq!(day_of_gestor(text), None, "{text}");
        }
        for text in [
            "2026-01-02T24:00",
            "2026-01-02T03:04:05",
            "2026-01-02T03:04Z",
            "2026-01-02 03:04",
        ] {
            assert_eq!(minute_to_gestor(text), None, "{text}");
        }
        assert_eq!(minute_of_gestor("02/01/2026"), None);
    }
}

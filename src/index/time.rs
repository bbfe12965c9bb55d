//! Which time counts for an index. Pure.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use super::phrases;
use crate::model::Phrase;

/// By how much the clocks of a site's machines may differ.
const DIFFERENCE: TimeDelta = TimeDelta::hours(1);

/// The time that counts: the machine's, but none before the index was last asked. A clock that was set back would make what
/// has ended count again.
pub(super) struct CountedTime {
    pub(super) now: DateTime<FixedOffset>,
    /// What is said of a clock that went back.
    pub(super) went_back: Option<Phrase>,
}

impl CountedTime {
    /// `newest`: when something was last taken from the index's server.
    pub(super) fn of(now: DateTime<FixedOffset>, newest: Option<DateTime<Utc>>) -> Self {
        match newest.filter(|newest| newest.signed_duration_since(now) > DIFFERENCE) {
            None => Self { now, went_back: None },
            Some(newest) => {
                let newest = newest.with_timezone(now.offset());
                Self {
                    now: newest,
                    went_back: Some(phrases::clock_went_back(&shown(now), &shown(newest))),
                }
            }
        }
    }
}

/// A time for people.
pub(super) fn shown(time: DateTime<FixedOffset>) -> String {
    time.format("%Y-%m-%d %H:%M:%S %:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_does_not_go_back_for_an_index() {
        let now = DateTime::parse_from_rfc3339("2026-11-27T12:00:00-03:00").unwrap();
        let of = |minutes: i64| CountedTime::of(now, Some((now + TimeDelta::minutes(minutes)).to_utc()));
        for minutes in [-600, 0, 59, 60] {
            let counted = of(minutes);
            assert!(counted.went_back.is_none() && counted.now == now, "{minutes}");
        }
        let counted = of(61);
        assert_eq!(counted.now, now + TimeDelta::minutes(61));
        let told = counted.went_back.unwrap().to_string();
        for time in ["2026-11-27 12:00:00 -03:00", "2026-11-27 13:01:00 -03:00"] {
            assert!(told.contains(time), "{told}");
        }
        assert!(CountedTime::of(now, None).went_back.is_none());
    }
}

//! Which segments go: the oldest, whole, by age and by what all take. Decides only.

use chrono::{DateTime, TimeDelta, Utc};

/// How much of the log stays; 0 is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Days.
    pub days: u64,
    /// Bytes of all segments.
    pub bytes: u64,
}

/// Bytes after which a segment ends.
const SEGMENT: u64 = 8 << 20;
/// The least of that: a small log has small segments, for whole ones go.
const LEAST: u64 = 64 << 10;
/// Days after which one ends in any case.
pub(super) const SEGMENT_DAYS: i64 = 30;

impl Limits {
    /// Bytes after which a segment ends.
    pub(super) fn segment(self) -> u64 {
        if self.bytes == 0 {
            return SEGMENT;
        }
        (self.bytes / 8).clamp(LEAST, SEGMENT)
    }
}

/// A segment that is no longer written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) bytes: u64,
    /// When its last record was written, at the latest.
    pub(super) at: Option<DateTime<Utc>>,
}

/// How many of the oldest go. `current`: bytes of the one that is written, which stays.
pub(super) fn count_to_purge(ended: &[Ended], current: u64, limits: Limits, now: DateTime<Utc>) -> usize {
    let days = i64::try_from(limits.days).ok().and_then(TimeDelta::try_days);
    let since = days.and_then(|days| now.checked_sub_signed(days));
    let is_old = |segment: &Ended| match (since, segment.at) {
        (Some(since), Some(at)) => limits.days > 0 && at < since,
        _ => false,
    };
    let mut bytes = ended.iter().map(|segment| segment.bytes).sum::<u64>() + current;
    let mut count = 0;
    for segment in ended {
        let is_too_much = limits.bytes > 0 && bytes > limits.bytes;
        if !is_too_much && !is_old(segment) {
            break;
        }
        bytes -= segment.bytes;
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_by_age_and_by_bytes() {
        let now = "2026-06-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let ended = |days: i64| Ended {
            bytes: 100,
            at: Some(now - TimeDelta::days(days)),
        };
        let some = [ended(500), ended(401), ended(399), ended(1)];
        for (days, bytes, count) in [
            (400, 0, 2),
            (0, 0, 0),
            (0, 1000, 0),
            (0, 450, 0),
            (0, 449, 1),
            (0, 50, 4),
            (400, 300, 2),
            (400, 200, 3),
            (u64::MAX, 0, 0),
        ] {
            assert_eq!(
                count_to_purge(&some, 50, Limits { days, bytes }, now),
                count,
                "{days} {bytes}"
            );
        }
        let unknown = [Ended { bytes: 100, at: None }, ended(500)];
        assert_eq!(count_to_purge(&unknown, 0, Limits { days: 400, bytes: 0 }, now), 0);
        for (bytes, segment) in [(0, SEGMENT), (512 << 20, SEGMENT), (8 << 20, 1 << 20), (1, LEAST)] {
            assert_eq!(Limits { days: 0, bytes }.segment(), segment);
        }
    }
}

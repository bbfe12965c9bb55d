//! How long nothing is tried again: sources that fail, versions that failed, and how often a list is asked for. Pure.

use chrono::TimeDelta;

use crate::base::hash::sha256;

/// After the first failure of a source.
const FIRST: i64 = 15 * 60;
/// However often a source has failed, and whatever its server asks for: it is asked again after that.
pub const LONGEST_WAIT: TimeDelta = TimeDelta::hours(24);
/// Hours after the first failure of a version, the second, and so on; then never again.
const HOURS: [i64; 4] = [1, 4, 24, 72];
/// Seconds after which a list is asked for again.
const LISTING: i64 = 6 * 3600;

/// How long a source is left alone that has failed so often in a row.
pub fn source_wait(failures: u32) -> TimeDelta {
    let doubled = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16));
    TimeDelta::seconds(doubled).min(LONGEST_WAIT)
}

/// How long a version is left alone whose installation has failed so often; nothing where it is not tried again.
pub fn after_failure(attempts: u32) -> Option<TimeDelta> {
    let at = usize::try_from(attempts.checked_sub(1)?).ok()?;
    HOURS.get(at).copied().map(TimeDelta::hours)
}

/// When a list is asked for again: every six hours, up to a tenth more or less, so that the sites of a server, and the
/// repositories of a site, do not ask all at once. The same list always waits equally long.
pub fn listing_wait(key: &str) -> TimeDelta {
    let digest = sha256(key.as_bytes());
    let bytes = digest.as_bytes();
    let spread = LISTING / 5;
    let chance = i64::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    TimeDelta::seconds(LISTING - spread / 2 + chance * spread / i64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_asked_more_and_more_rarely() {
        let minutes: Vec<i64> = (0..9).map(|failures| source_wait(failures).num_minutes()).collect();
        assert_eq!(minutes, [15, 15, 30, 60, 120, 240, 480, 960, 1440]);
        assert_eq!(source_wait(u32::MAX).num_hours(), 24);
    }

    #[test]
    fn a_version_is_tried_five_times_in_all() {
        let hours: Vec<Option<i64>> = (0..7)
            .map(|attempts| after_failure(attempts).map(|wait| wait.num_hours()))
            .collect();
        assert_eq!(hours, [None, Some(1), Some(4), Some(24), Some(72), None, None]);
    }

    #[test]
    fn lists_are_asked_for_every_six_hours_and_not_all_at_once() {
        let waits: std::collections::BTreeSet<i64> = (0..200)
            .map(|number| listing_wait(&format!("https://api.github.com/repos/o/r{number}")).num_seconds())
            .collect();
        let (least, most) = (*waits.first().unwrap(), *waits.last().unwrap());
        assert!(least >= LISTING * 9 / 10 && most <= LISTING * 11 / 10, "{least} {most}");
        assert!(waits.len() > 150 && most - least > LISTING / 10, "{}", waits.len());
        assert_eq!(listing_wait("a"), listing_wait("a"));
    }
}

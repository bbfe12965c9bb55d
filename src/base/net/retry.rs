//! Whether to try again, and when: a pure function of what happened. Must not wait.

use std::time::Duration;

use chrono::{DateTime, FixedOffset, TimeDelta};
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::NetError;

/// How often a request is sent at most.
const ATTEMPTS: u32 = 4;
/// Waiting for a silent server costs much time, so it is given one more chance only.
const ATTEMPTS_WHEN_SILENT: u32 = 2;
/// The first waiting time; each later one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// Back-off does not grow beyond this.
const LONGEST_BACKOFF: Duration = Duration::from_secs(15);
/// A server that asks for more than this is not waited for.
pub(super) const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// A failed attempt, with what the server said about the next one.
#[derive(Debug)]
pub(super) struct Failed {
    /// Why.
    pub(super) error: NetError,
    /// How long the server wants us to wait.
    pub(super) wait: Option<Duration>,
}

impl From<NetError> for Failed {
    fn from(error: NetError) -> Self {
        Self { error, wait: None }
    }
}

/// The waiting time before the next attempt; `None` when there shall be none.
pub(super) fn next_wait(failed: &Failed, attempts_made: u32, chance: f64) -> Option<Duration> {
    if attempts_made >= attempts(&failed.error) {
        return None;
    }
    match failed.wait {
        Some(wait) if wait > LONGEST_WAIT => None,
        Some(wait) => Some(wait.max(FIRST_WAIT)),
        None => {
            let doubled = FIRST_WAIT.saturating_mul(1 << (attempts_made.max(1) - 1).min(16));
            Some(doubled.min(LONGEST_BACKOFF).mul_f64(0.5 + chance.clamp(0.0, 1.0)))
        }
    }
}

/// How often a request is sent that fails like this: once, when another attempt cannot end differently.
pub(super) fn attempts(error: &NetError) -> u32 {
    match error {
        NetError::Dns { .. }
        | NetError::ConnectionRefused { .. }
        | NetError::ConnectTimeout { .. }
        | NetError::Connect { .. }
        | NetError::RateLimited { .. }
        | NetError::Truncated { .. } => ATTEMPTS,
        NetError::Status { status, .. } if *status >= 500 || *status == 408 => ATTEMPTS,
        NetError::Idle { received, .. } if *received > 0 => ATTEMPTS_WHEN_SILENT,
        _ => 1,
    }
}

/// The waiting time that an answer asks for: `Retry-After` as seconds or as a date, else the end of GitHub's rate
/// limit when nothing is left of it.
pub(super) fn asked_wait(headers: &HeaderMap, now: DateTime<FixedOffset>) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(value) = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()) {
        return retry_after(value.trim(), now);
    }
    if text("x-ratelimit-remaining") != Some("0") {
        return None;
    }
    let reset: i64 = text("x-ratelimit-reset")?.parse().ok()?;
    let seconds = reset.saturating_sub(now.timestamp()).max(0);
    // The server's second may begin later than ours.
    Some(Duration::from_secs(seconds.unsigned_abs().saturating_add(1)))
}

/// Whether a 403 is a rate limit in truth.
pub(super) fn is_rate_limit(headers: &HeaderMap) -> bool {
    let spent = headers
        .get("x-ratelimit-remaining")
        .is_some_and(|left| left.as_bytes() == b"0");
    spent || headers.contains_key(RETRY_AFTER)
}

/// The time that lies so far ahead.
pub(super) fn time_after(now: DateTime<FixedOffset>, wait: Duration) -> Option<DateTime<FixedOffset>> {
    now.checked_add_signed(TimeDelta::from_std(wait).ok()?)
}

fn retry_after(value: &str, now: DateTime<FixedOffset>) -> Option<Duration> {
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(value).ok()?;
    Some((date - now).to_std().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339("2026-11-21T10:00:00-03:00").unwrap()
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn what_the_server_asks_for_is_read() {
        for (pairs, seconds) in [
            (&[("retry-after", "7")][..], Some(7)),
            (&[("retry-after", "Sat, 21 Nov 2026 13:00:09 GMT")], Some(9)),
            (&[("retry-after", "Sat, 21 Nov 2026 12:00:00 GMT")], Some(0)),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "99999999999999999999999")], None),
            (
                &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795266005")],
                Some(6),
            ),
            (
                &[("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "1795266005")],
                None,
            ),
            (&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1")], Some(1)),
            (
                &[
                    ("x-ratelimit-remaining", "0"),
                    ("x-ratelimit-reset", "-9223372036854775808"),
                ],
                Some(1),
            ),
            (&[("x-ratelimit-remaining", "0")], None),
            (&[], None),
        ] {
            let found = asked_wait(&headers(pairs), now());
            assert_eq!(found, seconds.map(Duration::from_secs), "{pairs:?}");
        }
    }

    #[test]
    fn waiting_grows_and_ends() {
        let failed = |status| {
            Failed::from(NetError::Status {
                url: String::new(),
                status,
            })
        };
        let waits: Vec<_> = (1..=4).map(|made| next_wait(&failed(503), made, 0.5)).collect();
        let millis = |number| Some(Duration::from_millis(number));
        assert_eq!(waits, [millis(500), millis(1000), millis(2000), None]);
        assert_eq!(next_wait(&failed(503), 1, 0.0), millis(250));
        assert_eq!(next_wait(&failed(503), 1, 1.0), millis(750));
        assert_eq!(next_wait(&failed(418), 1, 0.5), None);
    }

    #[test]
    fn the_server_is_obeyed_up_to_a_minute() {
        let failed = |seconds| Failed {
            error: NetError::RateLimited {
                url: String::new(),
                until: None,
                with_token: false,
            },
            wait: Some(Duration::from_secs(seconds)),
        };
        assert_eq!(next_wait(&failed(60), 1, 0.5), Some(Duration::from_mins(1)));
        assert_eq!(next_wait(&failed(61), 1, 0.5), None);
        assert_eq!(next_wait(&failed(0), 1, 0.5), Some(FIRST_WAIT));
    }
}

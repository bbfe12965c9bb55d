//! What is told once a day to somebody's mail box: what has happened since the last message, kept until one has been sent. Pure;
//! stored as JSON.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How long there is no other message after one.
const BETWEEN: TimeDelta = TimeDelta::hours(24);
/// How long whoever was given one may take to send it, before it is given to the next who asks.
const PATIENCE: TimeDelta = TimeDelta::minutes(30);
/// Bytes of all happenings of one message: they fit into a column of 64 KiB.
const MOST: usize = 56 << 10;
/// Numbers end before: others read them as whole numbers with a sign.
const LAST: u64 = 1 << 53;
/// Characters of what is told of one.
const LONGEST: usize = 300;

/// What waits to be told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Digest {
    /// When the last message was sent, in seconds since 1970.
    #[serde(rename = "enviado_em")]
    sent: Option<i64>,
    /// When somebody was given what waits.
    #[serde(rename = "entregue_em")]
    given: Option<i64>,
    /// The number of the last happening.
    #[serde(rename = "ultimo")]
    last: u64,
    /// How many were left out, because there are too many.
    #[serde(rename = "fora")]
    left_out: u64,
    #[serde(rename = "eventos")]
    entries: VecDeque<Entry>,
}

/// Something that has happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Counted from 1 on.
    #[serde(rename = "n")]
    number: u64,
    /// When, in seconds since 1970.
    #[serde(rename = "em")]
    at: i64,
    /// Its word.
    #[serde(rename = "evento")]
    pub event: String,
    /// The plugin.
    pub plugin: String,
    /// The version.
    #[serde(rename = "versao")]
    pub version: String,
    /// What there is to say of it.
    #[serde(rename = "texto")]
    pub text: String,
}

impl Entry {
    /// When.
    pub fn at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.at, 0).unwrap_or_default()
    }

    /// Bytes as it is stored.
    fn bytes(&self) -> usize {
        serde_json::to_string(self).map_or(MOST, |stored| stored.len() + 1)
    }
}

impl Digest {
    /// Reads what is stored; what is none of ours begins anew.
    pub fn read(stored: &str) -> Self {
        let read: Option<Self> = serde_json::from_str(stored).ok();
        read.filter(|read| read.last < LAST).unwrap_or_default()
    }

    /// Takes something in.
    pub fn note(&mut self, at: DateTime<Utc>, (event, plugin): (&str, &str), (version, text): (&str, &str)) {
        self.last = self.last.saturating_add(1);
        self.entries.push_back(Entry {
            number: self.last,
            at: at.timestamp(),
            event: event.to_owned(),
            plugin: plugin.to_owned(),
            version: version.to_owned(),
            text: text.chars().take(LONGEST).collect(),
        });
        let mut bytes: usize = self.entries.iter().map(Entry::bytes).sum();
        while bytes > MOST {
            bytes -= self.entries.pop_front().map_or(bytes, |entry| entry.bytes());
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    /// What is to be sent now, where that is due: whoever asks is given it, and nobody else for a while.
    pub fn give(&mut self, now: DateTime<Utc>) -> Option<Given> {
        // A time that is still to come says nothing.
        let now = now.timestamp();
        let is_over = |since: Option<i64>, span: TimeDelta| {
            since.is_none_or(|since| now < since || now.saturating_sub(since) >= span.num_seconds())
        };
        if self.entries.is_empty() || !is_over(self.sent, BETWEEN) || !is_over(self.given, PATIENCE) {
            return None;
        }
        self.given = Some(now);
        Some(Given {
            number: self.last,
            left_out: self.left_out,
            entries: self.entries.iter().cloned().collect(),
        })
    }

    /// All until that number was sent. Whether something of it had waited.
    pub fn confirm(&mut self, number: u64, now: DateTime<Utc>) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.number > number);
        let is_sent = self.entries.len() < before;
        if is_sent {
            (self.sent, self.given, self.left_out) = (Some(now.timestamp()), None, 0);
        }
        is_sent
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// By what it is confirmed.
    pub number: u64,
    /// How many older happenings are not in it.
    pub left_out: u64,
    /// The oldest first.
    pub entries: Vec<Entry>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        "2026-12-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hours)
    }

    fn noted(digest: &mut Digest, version: &str, hours: i64) {
        digest.note(at(hours), ("update_available", "loja"), (version, "why"));
    }

    #[test]
    fn a_message_a_day_and_none_of_nothing() {
        let mut digest = Digest::default();
        assert_eq!(digest.give(at(0)), None);
        noted(&mut digest, "1.1.0", 0);
        let first = digest.give(at(0)).unwrap();
        assert_eq!((first.number, first.entries.len()), (1, 1));
        // Somebody has it, and may fail.
        assert_eq!(digest.give(at(0)), None);
        assert_eq!(digest.give(at(1)).unwrap(), first);
        // What comes meanwhile waits for the next.
        noted(&mut digest, "1.2.0", 1);
        assert!(digest.confirm(first.number, at(1)));
        assert!(!digest.confirm(first.number, at(1)), "said once more");
        assert_eq!(digest.give(at(24)), None);
        let second = digest.give(at(25)).unwrap();
        assert_eq!((second.number, second.entries[0].version.as_str()), (2, "1.2.0"));
        // Numbers that nobody can count on begin anew.
        for wrong in [
            "ultimo\":18446744073709551615",
            "ultimo\":9007199254740992",
            "ultimo\":-1",
            "ultimo\":\"x\"",
        ] {
            let stored = serde_json::to_string(&digest).unwrap().replace("ultimo\":2", wrong);
            assert!(stored.contains(wrong), "{stored}");
            assert_eq!(Digest::read(&stored), Digest::default(), "{wrong}");
        }
        let odd = serde_json::to_string(&digest)
            .unwrap()
            .replace("enviado_em\":", "enviado_em\":-9223372036854775808,\"x\":");
        assert!(Digest::read(&odd).give(at(9000)).is_some());
        // A clock that was set back keeps nobody from it for ever.
        assert!(digest.confirm(second.number, at(9000)));
        noted(&mut digest, "1.3.0", 26);
        assert!(digest.give(at(26)).is_some());
    }

    #[test]
    fn however_much_happens_it_fits_into_its_column() {
        let mut digest = Digest::default();
        for number in 0..2_000 {
            let long = "\u{1f4a5}\"\u{1}".repeat(500);
            digest.note(at(number), ("update_failed", &"p".repeat(90)), ("1.0.0", &long));
        }
        let stored = serde_json::to_string(&digest).unwrap();
        assert!((50_000..65_535).contains(&stored.len()), "{}", stored.len());
        let given = digest.give(at(9000)).unwrap();
        assert_eq!(given.number, 2_000);
        assert_eq!(given.left_out + given.entries.len() as u64, 2_000);
        assert_eq!(given.entries.last().unwrap().number, 2_000, "the newest stay");
        assert_eq!(serde_json::from_str::<Digest>(&stored).unwrap().entries, digest.entries);
    }
}

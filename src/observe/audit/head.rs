//! The head: what is known of the log without reading it. One line with its own digest; what stands behind the line's end is an
//! older, longer one's, and nothing to anybody.

use std::fmt::Write as _;

use crate::base::hash::sha256;
use crate::base::merkle::Peaks;
use crate::model::Sha256Digest;

/// What a head begins with.
const WORD: &str = "gpa1";
/// Bytes that a head takes at most: 64 peaks, and the numbers.
pub(super) const MOST: usize = 8192;

/// Size and peaks of all lines, and where the next one goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// The tree of all lines.
    pub(super) tree: Peaks,
    /// The number of the first record of the segment that is written.
    pub(super) segment: u64,
    /// How many bytes of it are known.
    pub(super) bytes: u64,
    /// When it was begun, in seconds of Unix.
    pub(super) begun: i64,
    /// The size at the last checkpoint.
    pub(super) point: u64,
    /// When that was, in seconds of Unix.
    pub(super) pointed: i64,
}

impl Head {
    /// Of a log without lines.
    pub(super) fn fresh(now: i64) -> Self {
        Self {
            tree: Peaks::default(),
            segment: 1,
            bytes: 0,
            begun: now,
            point: 0,
            pointed: now,
        }
    }

    /// The number of the next record.
    pub(super) fn next(&self) -> u64 {
        self.tree.size() + 1
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let Self {
            tree,
            segment,
            bytes,
            begun,
            point,
            pointed,
        } = self;
        let mut text = format!("{WORD} {} {segment} {bytes} {begun} {point} {pointed} ", tree.size());
        for (place, peak) in tree.peaks().iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            let _ = write!(text, "{comma}{peak}");
        }
        let digest = sha256(text.as_bytes());
        let _ = writeln!(text, " {digest}");
        text.into_bytes()
    }

    /// Reads a head; nothing where it is none, or not whole.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let end = memchr::memchr(b'\n', bytes)?;
        let line = std::str::from_utf8(&bytes[..end]).ok()?;
        let (text, digest) = line.rsplit_once(' ')?;
        if digest.parse::<Sha256Digest>().ok()? != sha256(text.as_bytes()) {
            return None;
        }
        let mut parts = text.split(' ');
        if parts.next()? != WORD {
            return None;
        }
        let mut number = || parts.next()?.parse::<u64>().ok();
        let (size, segment, length) = (number()?, number()?, number()?);
        let begun = parts.next()?.parse().ok()?;
        let point = parts.next()?.parse().ok()?;
        let pointed = parts.next()?.parse().ok()?;
        let peaks = parts.next()?.split(',').filter(|peak| !peak.is_empty());
        let peaks = peaks.map(|peak| peak.parse().ok()).collect::<Option<Vec<_>>>()?;
        Some(Self {
            tree: Peaks::new(size, peaks)?,
            segment,
            bytes: length,
            begun,
            point,
            pointed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::merkle::leaf;

    #[test]
    fn a_head_is_read_as_it_was_written_and_a_torn_one_is_none() {
        let mut head = Head::fresh(1_700_000_000);
        for number in 0..11u8 {
            let written = head.encode();
            assert_eq!(Head::decode(&written).as_ref(), Some(&head));
            // Over a longer one.
            let over = [written.as_slice(), b"abc,def 0123\n"].concat();
            assert_eq!(Head::decode(&over).as_ref(), Some(&head));
            assert_eq!(Head::decode(&written[..written.len() - 1]), None);
            for place in (0..written.len() - 1).step_by(7) {
                let mut torn = written.clone();
                torn[place] ^= 1;
                assert_eq!(Head::decode(&torn), None, "{place}");
            }
            head.tree.push(leaf(&[number]));
            head.bytes += 100;
        }
        let mut longest = Head::fresh(i64::MIN);
        let peaks = vec![leaf(b"x"); 64];
        longest.tree = Peaks::new(u64::MAX, peaks).unwrap();
        assert!(longest.encode().len() < MOST);
        assert_eq!(Head::decode(b""), None);
    }
}

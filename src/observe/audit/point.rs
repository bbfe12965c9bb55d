//! A checkpoint: what the log was like at a time, in a line. Each line of the file of checkpoints holds the digest of the one
//! before it, so that none of them can be changed or taken away by itself.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::head::Head;
use super::record::moment;
use crate::base::hash::sha256;
use crate::base::merkle::Peaks;
use crate::model::Sha256Digest;

/// Size, root and peaks of a log, and how many of its records are of what was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The tree of all lines until then.
    pub tree: Peaks,
    /// Its root.
    pub root: Sha256Digest,
    /// Records of what was refused.
    pub refused: u64,
    /// When.
    pub at: String,
    /// SHA-256 of the line before it in the file of checkpoints.
    pub before: Option<Sha256Digest>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    tamanho: u64,
    raiz: String,
    picos: Vec<String>,
    negados: u64,
    em: String,
    #[serde(default)]
    antes: Option<String>,
}

impl Point {
    /// Of a log, now.
    pub(super) fn of(head: &Head, now: DateTime<FixedOffset>) -> Self {
        Self {
            root: head.tree.root(),
            tree: head.tree.clone(),
            refused: head.refused,
            at: moment(now),
            before: None,
        }
    }

    /// How many lines there were.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// When, to the second, as the table has it.
    pub(super) fn second(&self) -> String {
        let second: String = self.at.chars().take("2026-01-31T12:00:00".len()).collect();
        second.replace('T', " ")
    }

    /// As a line, with its end.
    pub(super) fn line(&self) -> Vec<u8> {
        let mut value = self.value();
        value["antes"] = json!(self.before.map(|digest| digest.to_string()));
        let mut text = value.to_string().into_bytes();
        text.push(b'\n');
        text
    }

    /// As the first line of a segment holds it.
    pub(super) fn value(&self) -> Value {
        let peaks: Vec<_> = self.tree.peaks().iter().map(ToString::to_string).collect();
        json!({
            "tamanho": self.size(), "raiz": self.root.to_string(), "picos": peaks, "negados": self.refused, "em": self.at,
        })
    }

    /// Reads it; nothing where it is none, or its root is not that of its peaks.
    pub(super) fn read(value: Value) -> Option<Self> {
        let line: Line = serde_json::from_value(value).ok()?;
        let peaks = line
            .picos
            .iter()
            .map(|peak| peak.parse().ok())
            .collect::<Option<Vec<_>>>()?;
        let tree = Peaks::new(line.tamanho, peaks)?;
        let root = line.raiz.parse().ok()?;
        let before = match line.antes {
            None => None,
            Some(digest) => Some(digest.parse().ok()?),
        };
        (tree.root() == root).then_some(Self {
            tree,
            root,
            refused: line.negados,
            at: line.em,
            before,
        })
    }

    /// Reads a line, without its end.
    pub(super) fn read_line(line: &[u8]) -> Option<Self> {
        Self::read(serde_json::from_slice(line).ok()?)
    }

    /// Reads lines. A last one without its end was not written whole; another that is none, or does not go on from the one before
    /// it, is told by its number.
    pub(super) fn read_lines(bytes: &[u8]) -> Result<Points, usize> {
        let mut read = Points::default();
        for (place, line) in whole_lines(bytes).enumerate() {
            let point = Self::read_line(line).filter(|point| place == 0 || point.before == read.last);
            read.points.push(point.ok_or(place + 1)?);
            read.last = Some(sha256(line));
        }
        Ok(read)
    }
}

/// The checkpoints of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Points {
    pub(super) points: Vec<Point>,
    /// SHA-256 of the last line.
    pub(super) last: Option<Sha256Digest>,
}

/// Lines that have an end, without it.
pub(super) fn whole_lines(bytes: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    let whole = memchr::memrchr(b'\n', bytes).map_or(0, |end| end + 1);
    let lines = bytes[..whole].split_inclusive(|byte| *byte == b'\n');
    lines.map(|line| &line[..line.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::merkle::leaf;

    #[test]
    fn points_are_read_as_they_were_written() {
        let now = DateTime::parse_from_rfc3339("2026-01-02T03:04:05+00:00").unwrap();
        let mut head = Head::fresh(0);
        let (mut points, mut lines): (Vec<Point>, Vec<u8>) = (Vec::new(), Vec::new());
        for number in 0..5u8 {
            head.tree.push(leaf(&[number]));
            let mut point = Point::of(&head, now);
            point.before = whole_lines(&lines).next_back().map(sha256);
            lines.extend(point.line());
            points.push(point);
        }
        let read = |bytes: &[u8]| Point::read_lines(bytes).map(|read| read.points);
        assert_eq!(read(&lines), Ok(points.clone()));
        assert_eq!(
            Point::read_lines(&lines).unwrap().last,
            whole_lines(&lines).next_back().map(sha256)
        );
        // The last one was not written to its end.
        assert_eq!(read(&lines[..lines.len() - 4]), Ok(points[..4].to_vec()));
        let text = String::from_utf8(lines).unwrap();
        for (from, to, line) in [
            ("\"tamanho\":3", "\"tamanho\":4", 3),
            ("\"negados\":0", "\"negados\":1", 2),
            ("03:04:05", "03:04:06", 2),
        ] {
            assert_eq!(read(text.replacen(from, to, 1).as_bytes()), Err(line), "{from}");
        }
        let each: Vec<_> = text.split_inclusive('\n').collect();
        let without = [&each[..2], &each[3..]].concat().concat();
        assert_eq!(read(without.as_bytes()), Err(3));
        assert_eq!(read(b"\n"), Err(1));
        assert_eq!(read(b""), Ok(Vec::new()));
    }
}

//! A checkpoint: what the log was like at a time, in a line.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::record::moment;
use crate::base::merkle::Peaks;
use crate::model::Sha256Digest;

/// Size, root and peaks of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The tree of all lines until then.
    pub tree: Peaks,
    /// Its root.
    pub root: Sha256Digest,
    /// When.
    pub at: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    tamanho: u64,
    raiz: String,
    picos: Vec<String>,
    em: String,
}

impl Point {
    /// Of a tree, now.
    pub(super) fn of(tree: &Peaks, now: DateTime<FixedOffset>) -> Self {
        Self {
            root: tree.root(),
            tree: tree.clone(),
            at: moment(now),
        }
    }

    /// How many lines there were.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// As a line, with its end.
    pub(super) fn line(&self) -> Vec<u8> {
        let mut text = self.value().to_string().into_bytes();
        text.push(b'\n');
        text
    }

    /// As the first line of a segment holds it.
    pub(super) fn value(&self) -> Value {
        let peaks: Vec<_> = self.tree.peaks().iter().map(ToString::to_string).collect();
        json!({"tamanho": self.size(), "raiz": self.root.to_string(), "picos": peaks, "em": self.at})
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
        (tree.root() == root).then_some(Self {
            tree,
            root,
            at: line.em,
        })
    }

    /// Reads lines. A last one without its end was not written whole; another that is none is told by its number.
    pub(super) fn read_lines(bytes: &[u8]) -> Result<Vec<Self>, usize> {
        let whole = memchr::memrchr(b'\n', bytes).map_or(0, |end| end + 1);
        let lines = bytes[..whole]
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        let read = |line: &[u8]| Self::read(serde_json::from_slice(line).ok()?);
        lines
            .enumerate()
            .map(|(place, line)| read(line).ok_or(place + 1))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::merkle::leaf;

    #[test]
    fn points_are_read_as_they_were_written() {
        let now = DateTime::parse_from_rfc3339("2026-01-02T03:04:05+00:00").unwrap();
        let mut tree = Peaks::default();
        let (mut points, mut lines) = (Vec::new(), Vec::new());
        for number in 0..5u8 {
            tree.push(leaf(&[number]));
            points.push(Point::of(&tree, now));
            lines.extend(points.last().unwrap().line());
        }
        assert_eq!(Point::read_lines(&lines), Ok(points.clone()));
        // The last one was not written to its end.
        assert_eq!(Point::read_lines(&lines[..lines.len() - 4]), Ok(points[..4].to_vec()));
        let changed = String::from_utf8(lines)
            .unwrap()
            .replacen("\"tamanho\":3", "\"tamanho\":4", 1);
        assert_eq!(Point::read_lines(changed.as_bytes()), Err(3));
        assert_eq!(Point::read_lines(b""), Ok(Vec::new()));
    }
}

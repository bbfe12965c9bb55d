//! Whether a log is what was written: line by line, against every size and root that somebody noted. Pure: whoever reads the files
//! tells what stands in them.

use std::collections::BTreeMap;

use super::Point;
use super::record::{self, ReadRecord};
use super::recover::beginning;
use crate::base::merkle::{Peaks, leaf};
use crate::model::Sha256Digest;

/// Who says what a log was like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The file of checkpoints.
    Points,
    /// The table of checkpoints.
    Table,
    /// The head.
    Head,
    /// The first line of the next segment.
    Segment,
}

/// The first thing that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// One of several records.
    #[error("among the records {from} to {to} one is not what was written (by the {told_by})")]
    Changed {
        /// The first that may be it.
        from: u64,
        /// The last.
        to: u64,
        /// Who says so.
        told_by: Source,
    },
    /// Records are gone.
    #[error("the records {from} to {to} are missing")]
    Missing {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// A line is not the record that is due.
    #[error(
        "{segment}.jsonl, line {line}: {}, and it should be record {expected}",
        found.map_or_else(|| "it is no record".to_owned(), |found| format!("there stands record {found}"))
    )]
    Line {
        /// The number of the segment.
        segment: u64,
        /// The line in it, from 1 on.
        line: u64,
        /// The record that is due.
        expected: u64,
        /// The one that stands there.
        found: Option<u64>,
    },
    /// A segment of the name of records that another one has.
    #[error("{first}.jsonl begins before record {expected}, which is the one that is due")]
    Segment {
        /// Its number.
        first: u64,
        /// The record that is due.
        expected: u64,
    },
    /// A segment does not say what stood before it.
    #[error("{first}.jsonl does not begin with what stood before it")]
    Beginning {
        /// Its number.
        first: u64,
    },
    /// The head.
    #[error("the file cabeca is not there, or not what was written")]
    Head,
    /// A checkpoint that cannot be read.
    #[error("pontos.jsonl, line {line}: it is no checkpoint")]
    Point {
        /// The line.
        line: usize,
    },
}

/// A log that is what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The first record that is there.
    pub first: u64,
    /// How many there have ever been.
    pub size: u64,
    /// The root of all.
    pub root: Sha256Digest,
    /// Segments that are there.
    pub segments: u64,
    /// Checkpoints that agree.
    pub points: u64,
    /// Records that were read.
    pub records: u64,
}

/// What was noted of a log: sizes and roots.
#[derive(Debug, Clone, Default)]
pub(super) struct Noted(BTreeMap<u64, Vec<(Source, Sha256Digest)>>);

impl Noted {
    pub(super) fn add(&mut self, size: u64, root: Sha256Digest, source: Source) {
        self.0.entry(size).or_default().push((source, root));
    }
}

/// A log that is being read.
pub(super) struct Verifier {
    tree: Peaks,
    noted: Noted,
    /// The first record that is there; nothing before a segment was begun.
    first: Option<u64>,
    segment: u64,
    line: u64,
    /// So many records are known to be right.
    agreed: u64,
    /// All until there has gone by our own hand.
    purged: u64,
    segments: u64,
    points: u64,
}

impl Verifier {
    pub(super) fn new(noted: Noted) -> Self {
        Self {
            tree: Peaks::default(),
            noted,
            first: None,
            segment: 0,
            line: 0,
            agreed: 0,
            purged: 0,
            segments: 0,
            points: 0,
        }
    }

    /// A segment begins, with that line.
    pub(super) fn begin(&mut self, first: u64, line: Option<&[u8]>) -> Result<(), Difference> {
        let due = self.tree.size() + 1;
        (self.segment, self.line) = (first, 0);
        self.segments += 1;
        if self.first.is_none() {
            self.first = Some(first);
            if first > 1 {
                let before = line.and_then(|line| beginning(line, first));
                self.tree = before.ok_or(Difference::Beginning { first })?.tree;
                self.agreed = self.tree.size();
                self.compare()?;
            }
            return Ok(());
        }
        if first > due {
            return Err(Difference::Missing {
                from: due,
                to: first - 1,
            });
        }
        if first < due {
            return Err(Difference::Segment { first, expected: due });
        }
        // One whose writer was killed at once has no line yet.
        let Some(line) = line else { return Ok(()) };
        let before = beginning(line, first).ok_or(Difference::Beginning { first })?;
        self.agree(before.root, Source::Segment)
    }

    /// A line, without its end.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<(), Difference> {
        self.line += 1;
        let expected = self.tree.size() + 1;
        let found = record::number_of(line);
        if found != Some(expected) {
            return Err(self.no_line(found));
        }
        self.tree.push(leaf(line));
        if memchr::memmem::find(line, record::PURGE.as_bytes()).is_some() {
            self.purged = self.purged.max(purged_by(line));
        }
        self.compare()
    }

    /// A line that is none.
    pub(super) fn no_line(&self, found: Option<u64>) -> Difference {
        Difference::Line {
            segment: self.segment,
            line: self.line,
            expected: self.tree.size() + 1,
            found,
        }
    }

    fn compare(&mut self) -> Result<(), Difference> {
        let Some(roots) = self.noted.0.get(&self.tree.size()).cloned() else {
            return Ok(());
        };
        for (source, root) in roots {
            self.agree(root, source)?;
            self.points += u64::from(matches!(source, Source::Points | Source::Table));
        }
        Ok(())
    }

    fn agree(&mut self, root: Sha256Digest, source: Source) -> Result<(), Difference> {
        if self.tree.root() != root {
            return Err(Difference::Changed {
                from: self.agreed + 1,
                to: self.tree.size(),
                told_by: source,
            });
        }
        self.agreed = self.tree.size();
        Ok(())
    }

    /// There is no more.
    pub(super) fn finish(self) -> Result<Checked, Difference> {
        let size = self.tree.size();
        let first = self.first.unwrap_or(1);
        if first > self.purged + 1 {
            let (from, to) = (self.purged + 1, first - 1);
            return Err(Difference::Missing { from, to });
        }
        if let Some((most, _)) = self.noted.0.last_key_value().filter(|(most, _)| **most > size) {
            let (from, to) = (size + 1, *most);
            return Err(Difference::Missing { from, to });
        }
        Ok(Checked {
            first,
            size,
            root: self.tree.root(),
            segments: self.segments,
            points: self.points,
            records: size + 1 - first,
        })
    }
}

/// Up to where a record says that all has gone.
fn purged_by(line: &[u8]) -> u64 {
    let record = ReadRecord::read(line).filter(|record| record.acao == record::PURGE);
    record
        .and_then(|record| record.ctx.get("tamanho")?.as_u64())
        .unwrap_or(0)
}

impl Noted {
    /// All that the file of checkpoints says.
    pub(super) fn add_points(&mut self, points: &[Point]) {
        for point in points {
            self.add(point.size(), point.root, Source::Points);
        }
    }
}

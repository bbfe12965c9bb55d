//! Whether a log is what was written: line by line, against every size and root that somebody noted. Pure: whoever reads the files
//! tells what stands in them.

use std::collections::BTreeMap;

use super::difference::{Difference, Source};
use super::point::{Point, Points};
use super::record::{self, ReadRecord};
use super::recover::beginning;
use super::table::TableRow;
use crate::base::merkle::{Peaks, leaf};
use crate::model::Sha256Digest;

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
    /// All until there has gone by our own hand, or is about to.
    pub purged: u64,
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
        let found = record::numbered(line).map(|record| record.number);
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
            purged: self.purged,
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
    /// All that the file of checkpoints says, and the table.
    pub(super) fn of(points: &[Point], rows: &[TableRow]) -> Self {
        let mut noted = Self::default();
        for row in rows {
            if let Some(root) = row.root {
                noted.add(row.size, root, Source::Table);
            }
        }
        for point in points {
            noted.add(point.size(), point.root, Source::Points);
        }
        noted
    }
}

/// Whether the file of checkpoints goes on to what the head knows of it, and begins where the log does. Its last line may be newer
/// than the head.
pub(super) fn check_points(points: &Points, head: Option<&Sha256Digest>, first: u64) -> Result<(), Difference> {
    let last = points.points.last();
    let is_known = points.last.as_ref() == head || last.is_some_and(|last| last.before.as_ref() == head);
    if !is_known {
        let line = points.points.len() + 1;
        return Err(Difference::Point { line });
    }
    let is_beginning = |point: &Point| point.before.is_none() || point.size() < first;
    match points.points.first() {
        Some(point) if !is_beginning(point) => Err(Difference::Point { line: 1 }),
        _ => Ok(()),
    }
}

/// Whether the table has what the file has, up to the last that it has: what it did not take is put there with the next one. Of
/// what goes it forgets all but the last row before the files go, so what it still knows did not go by our hand.
pub(super) fn check_rows(points: &[Point], rows: &[TableRow], checked: &Checked) -> Result<(), Difference> {
    let Some(most) = rows.iter().map(|row| row.size).max() else {
        return Ok(());
    };
    let mut gone: Vec<u64> = rows
        .iter()
        .map(|row| row.size)
        .filter(|size| *size < checked.first)
        .collect();
    gone.sort_unstable();
    if let [.., size, _] = gone[..] {
        let (from, to) = (1, checked.first - 1);
        return Err(Difference::Unforgotten { from, to, size });
    }
    let mut by_size: BTreeMap<u64, Vec<&Point>> = BTreeMap::new();
    for point in points {
        by_size.entry(point.size()).or_default().push(point);
    }
    let begins = points.first().map_or(u64::MAX, Point::size);
    for row in rows.iter().filter(|row| row.size >= begins) {
        let is_it = |point: &&Point| Some(point.root) == row.root && point.second() == row.at;
        if !by_size.get(&row.size).is_some_and(|known| known.iter().any(is_it)) {
            return Err(Difference::Row { size: row.size });
        }
    }
    for row in rows {
        by_size.remove(&row.size);
    }
    // Where it was killed after the table forgot them, the files are still there.
    match by_size.split_off(&checked.purged).first_key_value() {
        Some((size, _)) if *size <= most => Err(Difference::NoRow { size: *size }),
        _ => Ok(()),
    }
}

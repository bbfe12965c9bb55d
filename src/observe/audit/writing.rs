//! A batch that is written while nobody else writes: what was left is taken in, lines are put, checkpoints made, and the head comes
//! last.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;

use chrono::{DateTime, FixedOffset};

use super::head::Head;
use super::place::FILE_MODE;
use super::point::whole_lines;
use super::record::{self, Record};
use super::retain::{Limits, SEGMENT_DAYS};
use super::{AuditError, Place, Point, recover, segment};
use crate::base::fs::{Attempt, FsError, HeldFile, fsync_dir, open_to_append, open_to_update};
use crate::base::hash::sha256;
use crate::base::merkle::leaf;

/// Seconds after which there is a checkpoint in any case.
const POINT_EVERY: u64 = 15 * 60;
/// Bytes at the end of the file of checkpoints in which the last one stands.
const POINT_BYTES: u64 = 8192;

/// What is written, and so what must be true when it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// What was let through: it outlives the process.
    Allowed,
    /// What was refused: it outlives the machine.
    Refused,
    /// An operation ends: there is a checkpoint after it.
    End,
}

/// What was written.
#[derive(Debug)]
pub struct Appended {
    /// The server's id.
    pub server: String,
    /// The number of the last record.
    pub last: u64,
    /// Checkpoints that were made.
    pub points: Vec<Point>,
    /// Why one was not made: the records are there all the same.
    pub unpointed: Option<AuditError>,
}

/// Which log it is.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) place: &'a Place,
    pub(super) server: &'a str,
    pub(super) folder: &'a Path,
    pub(super) limits: Limits,
}

/// A log while it is written.
pub(super) struct Writing<'a> {
    pub(super) place: &'a Place,
    pub(super) folder: &'a Path,
    pub(super) limits: Limits,
    pub(super) now: DateTime<FixedOffset>,
    pub(super) head: Head,
    server: &'a str,
    lock: &'a HeldFile,
    file: File,
    /// Lines that are not written yet; the tree of the head has them.
    lines: Vec<u8>,
    /// How much of the segment is known to be on the disk.
    is_synced: (u64, u64),
    moment: String,
    points: Vec<Point>,
    unpointed: Option<AuditError>,
    /// A checkpoint is due, and is left to the next batch: whoever was refused waits for two files at most.
    is_put_off: bool,
}

impl<'a> Writing<'a> {
    /// Begins with what is there. `known`: the segment that was written last, by its number. `purpose`: what will be written.
    pub(super) fn begin(
        at: At<'a>,
        lock: &'a HeldFile,
        known: Option<(u64, File)>,
        (purpose, now): (Purpose, DateTime<FixedOffset>),
    ) -> Result<Self, AuditError> {
        let bytes = segment::head_bytes(lock, &segment::head_path(at.folder))?;
        let known_head = Head::decode(&bytes);
        let is_made = known_head.is_none();
        let (head, point, note) = if let Some(head) = known_head {
            (head, None, None)
        } else {
            let remade = recover::remake(at.folder, now.timestamp())?;
            (remade.head, remade.point, remade.note)
        };
        let file = match known {
            Some((number, file)) if number == head.segment => file,
            _ => open_segment(at.place, at.folder, head.segment)?,
        };
        if is_made {
            fsync_dir(at.folder)?;
        }
        let mut writing = Self {
            place: at.place,
            folder: at.folder,
            limits: at.limits,
            now,
            head,
            is_synced: (0, 0),
            server: at.server,
            lock,
            file,
            lines: Vec::with_capacity(4096),
            moment: record::moment(now),
            points: Vec::new(),
            unpointed: None,
            is_put_off: false,
        };
        let mut notes: Vec<Record> = note.into_iter().collect();
        writing.settle(&mut notes, point.as_ref(), purpose)?;
        writing.put(&notes);
        Ok(writing)
    }

    /// Takes in what is there, and turns to another segment where that is due.
    fn settle(&mut self, notes: &mut Vec<Record>, point: Option<&Point>, purpose: Purpose) -> Result<(), AuditError> {
        loop {
            let length = self.length()?;
            if length > self.head.bytes {
                notes.extend(recover::adopt(&mut self.head, &self.file, (self.place, self.folder))?);
            } else if length < self.head.bytes {
                notes.push(recover::lost(&self.head, length));
                self.turn()?;
                continue;
            }
            if let Some(point) = point.filter(|point| point.size() > self.head.tree.size()) {
                notes.push(recover::lost_after(&self.head, point));
                (self.head.tree, self.head.refused) = (point.tree.clone(), point.refused);
                self.turn()?;
                continue;
            }
            if !self.is_full() {
                return Ok(());
            }
            if purpose == Purpose::Refused {
                self.put_off()?;
            } else {
                self.point();
            }
            self.turn()?;
        }
    }

    /// The checkpoint of a segment's end is made with the next batch; the segment itself is on the disk before it is left.
    fn put_off(&mut self) -> Result<(), AuditError> {
        self.sync()?;
        self.is_put_off = true;
        self.head.pointed = i64::MIN;
        Ok(())
    }

    fn length(&self) -> Result<u64, AuditError> {
        let found = self.file.metadata();
        Ok(found.map_err(|fault| self.fault(Attempt::Read, fault))?.len())
    }

    fn fault(&self, attempt: Attempt, fault: std::io::Error) -> FsError {
        FsError::new(attempt, segment::path(self.folder, self.head.segment), fault)
    }

    fn is_full(&self) -> bool {
        let age = self.now.timestamp().saturating_sub(self.head.begun);
        self.head.bytes > 0 && (self.head.bytes >= self.limits.segment() || age >= SEGMENT_DAYS * 86_400)
    }

    /// The next segment.
    fn turn(&mut self) -> Result<(), AuditError> {
        self.head.segment = self.head.next();
        self.head.bytes = 0;
        self.head.begun = self.now.timestamp();
        self.file = open_segment(self.place, self.folder, self.head.segment)?;
        Ok(fsync_dir(self.folder)?)
    }

    /// Records that are written next.
    pub(super) fn put(&mut self, records: &[Record]) {
        if records.is_empty() {
            return;
        }
        if self.head.bytes == 0 && self.lines.is_empty() && self.head.segment > 1 {
            let before = Point::of(&self.head, self.now);
            self.put_one(&Record::of_log(record::SEGMENT, &before.value()));
        }
        for record in records {
            self.put_one(record);
        }
    }

    fn put_one(&mut self, record: &Record) {
        let start = self.lines.len();
        record::write_line(record, (self.head.next(), &self.moment), &mut self.lines);
        self.head.tree.push(leaf(&self.lines[start..self.lines.len() - 1]));
        self.head.refused += u64::from(!record.is_allowed);
    }

    /// Writes them, and the head.
    pub(super) fn commit(&mut self, purpose: Purpose) -> Result<(), AuditError> {
        let before = self.head.bytes;
        self.head.bytes += self.lines.len() as u64;
        let written = self.write_lines(purpose).and_then(|()| self.write_head());
        if let Err(fault) = written {
            // Nothing of it stays: what is told as not written is not there either.
            let _ = self.file.set_len(before);
            return Err(fault);
        }
        self.lines.clear();
        // Where the clock went back, there is one as well.
        let is_due = self.now.timestamp().abs_diff(self.head.pointed) >= POINT_EVERY;
        if purpose == Purpose::End || (is_due && !self.is_put_off) {
            self.point();
            self.write_head()?;
        }
        Ok(())
    }

    fn write_lines(&mut self, purpose: Purpose) -> Result<(), AuditError> {
        let written = self.file.write_all(&self.lines);
        written.map_err(|fault| self.fault(Attempt::Write, fault))?;
        if purpose == Purpose::Allowed {
            Ok(())
        } else {
            self.sync()
        }
    }

    /// Writes more of it at once, to the disk.
    pub(super) fn write_now(&mut self, records: &[Record]) -> Result<(), AuditError> {
        self.put(records);
        self.commit(Purpose::Refused)
    }

    fn sync(&mut self) -> Result<(), AuditError> {
        if self.is_synced == (self.head.segment, self.head.bytes) {
            return Ok(());
        }
        let synced = self.file.sync_data();
        synced.map_err(|fault| self.fault(Attempt::Sync, fault))?;
        self.is_synced = (self.head.segment, self.head.bytes);
        Ok(())
    }

    /// A checkpoint. What was written stays written where there can be none.
    fn point(&mut self) {
        if let Err(fault) = self.try_point() {
            self.unpointed = Some(fault);
        }
    }

    /// One of what is on the disk.
    fn try_point(&mut self) -> Result<(), AuditError> {
        self.sync()?;
        let mut point = Point::of(&self.head, self.now);
        if self.write_point(&mut point)? {
            self.head.point = point.size();
            self.points.push(point);
        }
        self.head.pointed = self.now.timestamp();
        Ok(())
    }

    /// Behind the last whole line: one that the machine's end has cut goes. Whether there was none of so many records yet: of
    /// two only one would stay when what is older goes.
    fn write_point(&mut self, point: &mut Point) -> Result<bool, AuditError> {
        let path = segment::points_path(self.folder);
        let write = |fault| FsError::new(Attempt::Write, &path, fault);
        let file = open_to_update(&path, Some(self.place.owner), FILE_MODE)?;
        let length = file.metadata().map_err(write)?.len();
        let (last, _) = segment::tail(&file, &path, POINT_BYTES)?;
        let cut = last.len() - memchr::memrchr(b'\n', &last).map_or(0, |end| end + 1);
        self.take_in_point(&last)?;
        if self.head.chain.is_some() && self.head.point == point.size() {
            return Ok(false);
        }
        point.before = self.head.chain;
        let (line, end) = (point.line(), length - cut as u64);
        let written = file.set_len(end).and_then(|()| file.write_all_at(&line, end));
        let written = written.and_then(|()| file.sync_data());
        if written.is_err() {
            let _ = file.set_len(end);
        }
        written.map_err(write)?;
        self.head.chain = Some(sha256(&line[..line.len() - 1]));
        Ok(true)
    }

    /// A checkpoint whose writer was killed before the head was written is the head's, so that there is never more than one. Any
    /// other line is none of ours: what comes now does not go on from it, and shows that.
    fn take_in_point(&mut self, last: &[u8]) -> Result<(), AuditError> {
        let Some(line) = whole_lines(last).next_back() else {
            return Ok(());
        };
        let digest = Some(sha256(line));
        if digest == self.head.chain {
            return Ok(());
        }
        match Point::read_line(line).filter(|point| point.before == self.head.chain) {
            Some(point) => {
                (self.head.chain, self.head.point) = (digest, point.size());
                self.write_head()
            }
            None => Ok(()),
        }
    }

    fn write_head(&mut self) -> Result<(), AuditError> {
        let path = segment::head_path(self.folder);
        let written = self.lock.write_all_at(&self.head.encode(), 0);
        Ok(written.map_err(|fault| FsError::new(Attempt::Write, &path, fault))?)
    }

    pub(super) fn end(self) -> (Appended, (u64, File)) {
        let appended = Appended {
            server: self.server.to_owned(),
            last: self.head.tree.size(),
            points: self.points,
            unpointed: self.unpointed,
        };
        (appended, (self.head.segment, self.file))
    }
}

fn open_segment(place: &Place, folder: &Path, first: u64) -> Result<File, AuditError> {
    Ok(open_to_append(
        &segment::path(folder, first),
        Some(place.owner),
        FILE_MODE,
    )?)
}

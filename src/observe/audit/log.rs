//! The log as it is written: under the lock of its head one write of a batch, then the head. Whoever is killed in between leaves
//! lines that the next one takes in.

use std::fs::File;
use std::path::PathBuf;

use chrono::{DateTime, FixedOffset};

use super::place::FILE_MODE;
use super::purge::Purge;
use super::record::Record;
use super::retain::Limits;
use super::writing::{Appended, At, Purpose, Writing};
use super::{AuditError, Place, purge, segment};
use crate::base::fs::{HeldFile, open_to_update};

/// The log of this server.
#[derive(Debug)]
pub struct Log {
    place: Place,
    server: String,
    folder: PathBuf,
    limits: Limits,
    head: Option<File>,
    /// The segment that was written last, by its number.
    segment: Option<(u64, File)>,
}

impl Log {
    /// Opens it; folder and id are made where they are missing.
    pub fn open(place: Place, limits: Limits) -> Result<Self, AuditError> {
        let server = place.server_or_make()?;
        let folder = place.of(&server);
        place.ensure(&folder)?;
        Ok(Self {
            place,
            server,
            folder,
            limits,
            head: None,
            segment: None,
        })
    }

    /// Appends records, all or none.
    ///
    /// # Errors
    /// Where they could not be written: then none of them is in the log.
    pub fn append(
        &mut self,
        records: &[Record],
        purpose: Purpose,
        now: DateTime<FixedOffset>,
    ) -> Result<Appended, AuditError> {
        let (appended, ()) = self.write((purpose, now), |writing| {
            writing.put(records);
            writing.commit(purpose)
        })?;
        Ok(appended)
    }

    /// What is too old, or too much: recorded as what goes. It goes with [`Log::remove`], once the table of checkpoints has
    /// forgotten it; whoever has no table to tell leaves it.
    ///
    /// # Errors
    /// Where that cannot be recorded: then it stays.
    pub fn record_purge(&mut self, now: DateTime<FixedOffset>) -> Result<Option<Purge>, AuditError> {
        if segment::numbers(&self.folder)?.len() < 2 {
            return Ok(None);
        }
        let (appended, size) = self.write((Purpose::Allowed, now), purge::record)?;
        Ok(size.map(|size| Purge {
            server: appended.server,
            size,
        }))
    }

    /// Removes what goes.
    ///
    /// # Errors
    /// Where a file cannot be removed: it goes with the next ones.
    pub fn remove(&mut self, purge: &Purge) -> Result<(), AuditError> {
        let held = self.hold()?;
        purge::remove((&self.place, &self.folder), purge.size)?;
        self.head = held.release();
        Ok(())
    }

    fn write<T>(
        &mut self,
        (purpose, now): (Purpose, DateTime<FixedOffset>),
        write: impl FnOnce(&mut Writing<'_>) -> Result<T, AuditError>,
    ) -> Result<(Appended, T), AuditError> {
        let held = self.hold()?;
        let (appended, file, made) = {
            let at = At {
                place: &self.place,
                server: &self.server,
                folder: &self.folder,
                limits: self.limits,
            };
            let mut writing = Writing::begin(at, &held, self.segment.take(), (purpose, now))?;
            let made = write(&mut writing)?;
            let (appended, file) = writing.end();
            (appended, file, made)
        };
        self.segment = Some(file);
        self.head = held.release();
        Ok((appended, made))
    }

    /// Waits until nobody else writes.
    fn hold(&mut self) -> Result<HeldFile, AuditError> {
        let path = segment::head_path(&self.folder);
        let mut known = self.head.take();
        loop {
            let file = match known.take() {
                Some(file) => file,
                None => open_to_update(&path, Some(self.place.owner), FILE_MODE)?,
            };
            let held = HeldFile::take(file, &path, segment::PATIENCE)?;
            if !held.is_nameless() {
                return Ok(held);
            }
            // Somebody took the folder away meanwhile.
            self.segment = None;
            self.place.ensure(&self.folder)?;
        }
    }
}

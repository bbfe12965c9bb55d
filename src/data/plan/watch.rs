//! Tells how far a plan is, and hears whether it is still wanted.

use super::request::Request;
use crate::data::package::error::DataError;
use crate::log::{Progress, Reporter, Step};

/// Tells how far the plan is.
pub(in crate::data) struct Watch<'r> {
    reporter: &'r dyn Reporter,
    compared: u64,
    finished: u64,
    of: u64,
}

impl<'r> Watch<'r> {
    pub(in crate::data) fn new(request: &Request<'_>, reporter: &'r dyn Reporter) -> Self {
        Self {
            reporter,
            compared: 0,
            finished: 0,
            of: request.tables.iter().map(|rows| rows.rows.len() as u64).sum(),
        }
    }

    pub(in crate::data) fn step(&mut self) -> Result<(), DataError> {
        self.compared += 1;
        if self.compared.is_multiple_of(64) {
            self.tell()
        } else {
            Ok(())
        }
    }

    pub(in crate::data) fn done(&mut self, rows: usize) -> Result<(), DataError> {
        self.finished += rows as u64;
        self.compared = 0;
        self.tell()
    }

    /// Whether the operation is still wanted, where nothing is compared.
    pub(in crate::data) fn look(&self) -> Result<(), DataError> {
        self.tell()
    }

    fn tell(&self) -> Result<(), DataError> {
        self.reporter.progress(Progress {
            step: Step::Plan,
            done: (self.finished + self.compared).min(self.of),
            of: self.of,
            unit: "linhas",
        })?;
        Ok(())
    }
}

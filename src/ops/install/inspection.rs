//! A package examined as a whole: its contents, and whose fault it is that they cannot be installed.

use std::ops::ControlFlow;

use super::package::Obtained;
use super::{Installation, report};
use crate::archive::Archive;
use crate::log::Step;
use crate::ops::Error;
use crate::outcome::Report;
use crate::package::{Inspected, OpenedPackage, PackageRows};
use crate::registry::Installed;
use crate::transaction::{TransactionError, TransactionReporter};

impl Installation<'_> {
    /// Steps 7 to 9: what the package is, and the rows that it brings.
    pub(super) fn examine(
        &self,
        obtained: Obtained,
        installed: &Installed,
        report: &mut Report,
    ) -> Result<(Inspected, PackageRows), Error> {
        self.reporter.begin(Step::Inspect)?;
        let opened = self.open(&obtained.verified)?;
        let archive = opened.archive().clone();
        let examined = self
            .examine_contents(opened, obtained, installed, report)
            .map_err(|fault| self.blame(&archive, fault))?;
        if self.call.dry_run {
            // An installation reads all of it as it unpacks.
            archive.verify(&|_, _| ControlFlow::Continue(()))?;
        }
        Ok(examined)
    }

    fn examine_contents(
        &self,
        opened: OpenedPackage,
        obtained: Obtained,
        installed: &Installed,
        report: &mut Report,
    ) -> Result<(Inspected, PackageRows), Error> {
        let package = self.inspect(opened, obtained, installed, report)?;
        report::inspected(report, self.reporter, &package);
        let rows = self.read_rows(&package, installed)?;
        Ok((package, rows))
    }

    /// Whose fault it is that a package cannot be installed. What a damaged one says is not its author's word: damage
    /// counts before anything that is wrong with its contents, wherever either stands.
    pub(super) fn blame(&self, archive: &Archive, fault: Error) -> Error {
        let is_of_contents = matches!(
            fault,
            Error::Manifest(_)
                | Error::Version(_)
                | Error::Contents { .. }
                | Error::Transaction(TransactionError::Data(_))
        );
        if !is_of_contents || !self.reporter.is_wanted() {
            return fault;
        }
        match archive.verify(&|_, _| ControlFlow::Continue(())) {
            Ok(()) => fault,
            Err(damage) => damage.into(),
        }
    }
}

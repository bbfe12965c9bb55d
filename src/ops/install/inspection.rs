//! A package examined as a whole: its contents, and whose fault it is that they cannot be installed.

use std::ops::ControlFlow;

use super::before::Before;
use super::package::Obtained;
use super::pinned::Meant;
use super::signature::{Comes, JudgedPackage};
use super::{Installation, report};
use crate::archive::Archive;
use crate::log::Step;
use crate::ops::Error;
use crate::ops::believe::tell_differing;
use crate::outcome::Report;
use crate::package::{Inspected, PackageRows};
use crate::transaction::{Context, TransactionError, TransactionReporter};

impl Installation<'_> {
    /// Steps 7 to 9: what the package is, what its signature is worth, and the rows that it brings.
    pub(super) fn examine(
        &self,
        cx: &mut Context<'_>,
        before: &Before,
        obtained: Obtained,
        report: &mut Report,
    ) -> Result<(Inspected, PackageRows), Error> {
        self.reporter.begin(Step::Inspect)?;
        let opened = self.open(&obtained.verified)?;
        let archive = opened.archive().clone();
        let located = opened.locate(self.slug).map_err(Error::from);
        let located = located.map_err(|fault| self.blame(&archive, fault))?;
        let comes = Comes {
            is_folder: obtained.is_folder,
            from: &obtained.origin,
            is_signed: obtained.meant.as_ref().is_some_and(Meant::is_signed),
        };
        let judged = self.judge(cx, (located, comes), report)?;
        // Its files have to be what was signed, where they were.
        let archive = judged.located.archive().clone();
        let examined = self
            .examine_contents(cx, before, (judged, obtained), report)
            .map_err(|fault| self.blame(&archive, fault));
        let examined = examined.and_then(|examined| {
            if self.call.dry_run {
                // An installation reads all of it as it unpacks.
                archive.verify(&|_, _| ControlFlow::Continue(()))?;
            }
            Ok(examined)
        });
        examined.inspect_err(|fault| tell_differing(report, fault, self.reporter.lang()))
    }

    fn examine_contents(
        &self,
        cx: &mut Context<'_>,
        before: &Before,
        package: (JudgedPackage, Obtained),
        report: &mut Report,
    ) -> Result<(Inspected, PackageRows), Error> {
        let package = self.inspect(cx, before, package, report)?;
        report::inspected(report, self.reporter, &package);
        let rows = self.read_rows(&package, &before.installed)?;
        Ok((package, rows))
    }

    /// Whose fault it is that a package cannot be installed. What a damaged one says is not its author's word: damage
    /// counts before anything that is wrong with its contents, wherever either stands.
    pub(super) fn blame(&self, archive: &Archive, fault: Error) -> Error {
        let is_of_contents = matches!(
            fault,
            Error::Manifest(_)
                | Error::Settings(_)
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

//! What takes part in an operation besides the library: shows how far it is, ends it where that is asked for, and has PHP run
//! migrations.

use super::migrations::Migrations;
use super::progress::Bar;
use crate::log::Progress;
use crate::migrate::MigrationCall;
use crate::model::Lang;
use crate::native::call::Partner;
use crate::native::signals::Signals;
use crate::ops::Answer;

/// What takes part in an operation besides the library.
pub(super) struct Parts<'a> {
    /// Shows how far it is.
    pub(super) bar: Bar,
    /// In which language.
    pub(super) lang: Lang,
    /// Whether somebody wants it to end.
    pub(super) signals: &'a Signals,
    /// Runs migrations.
    pub(super) migrations: Migrations,
}

impl Partner for Parts<'_> {
    const HEARS_PROGRESS: bool = true;

    fn progress(&mut self, so_far: &Progress) -> Answer {
        self.bar.show(&so_far.to_value(self.lang));
        if self.signals.count() > 0 {
            Answer::Cancel
        } else {
            Answer::Continue
        }
    }

    fn migrate(&mut self, wanted: &MigrationCall) -> Answer {
        self.migrations.run(wanted, self.signals)
    }
}

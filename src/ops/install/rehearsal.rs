//! A dry run: steps 4 to 10 in a folder of its own, so that what an interrupted run left stays as it is (SPEC §5.10).

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Installation, failpoint, story};
use crate::Error;
use crate::base::fs::Owner;
use crate::log::Step;
use crate::ops::conversation::panic_text;
use crate::ops::session::Session;
use crate::outcome::Report;
use crate::registry::Installed;
use crate::stage::{self, Layout};

impl Installation<'_> {
    /// Looks, plans, shows, and takes its folder away again.
    pub(super) fn rehearse(
        &self,
        session: &mut Session,
        owner: Owner,
        installed: &Installed,
        report: &mut Report,
    ) -> Result<(), Error> {
        let layout = Layout::of_dry_run(self.call.root.clone(), self.slug.clone());
        let folder = stage::open_dry_run(&layout, owner)?;
        let ended = catch_unwind(AssertUnwindSafe(|| {
            self.rehearse_in(&layout, &folder, session, installed, report)
        }));
        stage::close_dry_run(&layout)?;
        ended.unwrap_or_else(|panic| Err(Error::Internal(panic_text(panic.as_ref()))))
    }

    fn rehearse_in(
        &self,
        layout: &Layout,
        folder: &File,
        session: &mut Session,
        installed: &Installed,
        report: &mut Report,
    ) -> Result<(), Error> {
        let obtained = self.obtain(layout, installed)?;
        story::obtained(report, self.narrator, &obtained);
        self.narrator.begin(Step::Verify)?;
        if self.is_unchanged(installed, &obtained) {
            return self.leave_unchanged(session, report, installed);
        }
        stage::check_mounts(&self.call.root, self.slug)?;
        self.tell_standing(session, installed, obtained.sha256);
        let (package, rows) = self.examine(layout, obtained, installed, report)?;
        failpoint("dry_inspected")?;
        self.narrator.begin(Step::Plan)?;
        self.show_plan(session, (layout, folder), &package, &rows, report)
    }
}

//! Steps 4 to 9 for one plugin: its package is brought into its staging folder and examined. Nothing outside of that is
//! touched, but the status in its row.

use std::fs::File;

use super::before::Before;
use super::{Installation, change_record, mark_running, point, report};
use crate::log::{Message, Reporter, Step};
use crate::ops::{Error, messages, returning, sharing};
use crate::outcome::Report;
use crate::package::{Inspected, PackageRows};
use crate::stage::{self, Layout, removed};
use crate::transaction::{BaseSource, Context, Removed, TransactionReporter};

/// What an installation has gathered.
pub(super) struct Gathered {
    pub(super) package: Inspected,
    pub(super) rows: PackageRows,
    pub(super) base: BaseSource,
    /// What went when the plugin was uninstalled, and is taken back.
    pub(super) taken_back: Vec<Removed>,
    pub(super) staging: Staging,
}

/// Where it stands.
pub(super) struct Staging {
    pub(super) layout: Layout,
    /// The private folder of a dry run.
    pub(super) folder: Option<File>,
}

impl Installation<'_> {
    /// Gathers; nothing where the package is the installed one.
    pub(super) fn gather(
        &self,
        cx: &mut Context<'_>,
        before: &Before,
        report: &mut Report,
    ) -> Result<Option<Gathered>, Error> {
        let installed = &before.installed;
        stage::check_place(&self.call.site.root, self.slug)?;
        self.reporter.begin(Step::Fetch)?;
        let pinned = self.pinned(installed)?;
        if let Some((path, sha256)) = self.peek(installed, pinned.as_ref()) {
            report::obtained(report, self.reporter, (&path.to_string_lossy(), sha256));
            self.leave_unchanged(cx.session, report, installed)?;
            self.tell_left(before);
            return Ok(None);
        }
        let staging = self.open_staging()?;
        // A download may take long and is shown; a local package is known to be unchanged before anything is written.
        let is_remote = self.call.origin.is_remote();
        if is_remote && !self.call.dry_run {
            mark_running(cx.session, installed)?;
        }
        let obtained = self.obtain(&mut cx.session.database, &staging.layout, installed, pinned.as_ref())?;
        if !self.call.dry_run {
            point("obtained")?;
        }
        let sha256 = obtained.verified.sha256();
        report::obtained(report, self.reporter, (&obtained.origin, sha256));
        self.reporter.begin(Step::Verify)?;
        if self.is_unchanged(installed, sha256) {
            self.leave_unchanged(cx.session, report, installed)?;
            self.tell_left(before);
            return Ok(None);
        }
        stage::check_mounts(&self.call.site.root, self.slug)?;
        self.tell_standing(cx.session, installed, sha256);
        sharing::admit(cx, self.slug, Some(sha256), &self.call.bases)?;
        if !is_remote && !self.call.dry_run {
            mark_running(cx.session, installed)?;
        }
        let (package, mut rows) = self.examine(cx, before, obtained, report)?;
        let mut base = self.remember(cx, before, &mut rows)?;
        let taken_back = self.take_back(cx, before)?;
        if !taken_back.is_empty() && !self.call.dry_run {
            // What was brought last stands in the archive, and comes back with its rows.
            base = BaseSource::Recorded;
            let tables = taken_back.iter().flat_map(Removed::tables).collect();
            change_record::name_tables(&mut rows, &base, tables);
        }
        Ok(Some(Gathered {
            package,
            rows,
            base,
            taken_back,
            staging,
        }))
    }

    /// The archives of which rows are taken back, where the call wants that; else they are told of, where there are any.
    fn take_back(&self, cx: &mut Context<'_>, before: &Before) -> Result<Vec<Removed>, Error> {
        let known = (&before.known, &before.installed);
        if self.call.takes_back {
            return returning::archives(cx, (&self.call.site.root, self.slug), known, false);
        }
        let state = before.known.state.as_ref();
        let archive = state.and_then(|state| state.removed_archive.as_ref());
        if let Some(archive) = archive.filter(|_| !before.is_installed())
            && removed::names(&self.call.site.root, self.slug)?.contains(archive)
        {
            self.reporter
                .message(Message::Warning(messages::can_take_back(archive)));
        }
        Ok(Vec::new())
    }

    /// A dry run has a folder of its own, so that what an interrupted run left stays as it is.
    pub(super) fn open_staging(&self) -> Result<Staging, Error> {
        let owner = stage::owner(&self.call.site.root)?;
        if self.call.dry_run {
            let layout = self.dry_layout();
            let folder = Some(stage::open_dry_run(&layout, owner)?);
            return Ok(Staging { layout, folder });
        }
        stage::check_writable(&self.call.site.root)?;
        let layout = stage::layout(&self.call.site.root, self.slug, owner)?;
        stage::open(&layout, owner)?;
        Ok(Staging { layout, folder: None })
    }
}

//! `plugin_install`: the numbered steps of SPEC §5.
//!
//! `mod` holds the order of steps and what is undone when one fails; `migrations` asks the caller for migrations; `package` brings and inspects the package; `rows`
//! reads and writes its rows; `tree` puts its files together; `story` tells the report and the log.

mod migrations;
mod package;
mod rows;
mod story;
mod tree;

pub(super) use self::story::conclude;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use serde_json::json;

use self::migrations::put_migrations_aside;
use self::package::{Inspected, Obtained};
use self::rows::PackageRows;
use self::tree::{Ready, compare_only};
use super::commit::commit;
use super::conversation::{Caller, Outcome, panic_text};
use super::policy::Parts;
use super::recover;
use super::reporter::{Narrator, milliseconds};
use super::session::{Place, Session, log_of};
use crate::Error;
use crate::base::clock::Clock;
use crate::base::failpoint;
use crate::base::fs::Owner;
use crate::config::{InstallParameters, Settings};
use crate::log::{Message, Reporter, Step};
use crate::manifest;
use crate::migrate::Migration;
use crate::model::Slug;
use crate::outcome::{ExecutionStatus, Report};
use crate::registry::{self, Installed};
use crate::stage::{self, Aside, Journal, Layout, swap};

/// Fact of the journal: the stamp of files that hold rows set aside.
pub(super) const SET_ASIDE: &str = "set_aside";

/// What an installation works with from its first step to its last.
pub(super) struct Installation<'a> {
    call: &'a InstallParameters,
    settings: &'a Settings,
    narrator: &'a Narrator<'a>,
    slug: &'a Slug,
    parts: Parts,
}

/// What an installation that has begun to put things together must undo when it fails.
struct Begun {
    layout: Layout,
    journal: Journal,
    aside: Aside,
    migrated: Vec<Migration>,
    migrations: std::path::PathBuf,
}

/// Installs or updates a plugin.
pub(super) fn install(call: &InstallParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let started = Instant::now();
    let shown = Slug::normalize(&call.slug);
    let name = shown.as_ref().map_or_else(|_| call.slug.clone(), ToString::to_string);
    let mut narrator = Narrator::new(caller, clock, &name, call.lang).with_migrations(call.can_migrate);
    if !call.dry_run && stage::is_gestor(&call.root) {
        narrator = narrator.with_log(log_of(&call.root, &name), call.debug);
    }
    let mut report = Report::new(&name);
    report.dry_run = call.dry_run;
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let slug = shown?;
        let parts = Parts::of(call)?;
        Installation {
            call,
            settings,
            narrator: &narrator,
            slug: &slug,
            parts,
        }
        .run(&mut report)
    }));
    let ended = ended.unwrap_or_else(|panic| Err(Error::Internal(panic_text(panic.as_ref()))));
    story::conclude(&mut report, &narrator, ended, milliseconds(started.elapsed()));
    Outcome::of(&report)
}

impl Installation<'_> {
    fn place(&self) -> Place<'_> {
        Place {
            slug: self.slug,
            root: &self.call.root,
            database: self.call.database.as_ref(),
            lock_wait: self.call.lock_wait,
        }
    }

    /// Steps 2 and 3: locks, and what a killed run left.
    fn run(&self, report: &mut Report) -> Result<(), Error> {
        self.narrator.begin(Step::Prepare)?;
        let mut session = Session::open(self.place(), self.narrator)?;
        story::started(self.call, self.narrator);
        let ended = self.run_locked(&mut session, report);
        if self.call.dry_run {
            session.close_without_trace();
        }
        ended
    }

    fn run_locked(&self, session: &mut Session, report: &mut Report) -> Result<(), Error> {
        recover::settle(session, self.place(), self.narrator)?;
        let installed = registry::read(&mut session.database, self.slug)?.unwrap_or_default();
        report.versao_anterior.clone_from(&installed.version);
        let attempt = || self.attempt(session, &installed, report);
        let ended = catch_unwind(AssertUnwindSafe(attempt))
            .unwrap_or_else(|panic| Err(Error::Internal(panic_text(panic.as_ref()))));
        if let Err(fault) = &ended {
            self.mark_failed(session, fault);
        }
        ended
    }

    /// A download may take long and is shown; a local package is known to be unchanged before anything is written.
    fn mark_running(&self, session: &mut Session, installed: &Installed) -> Result<(), Error> {
        let status = match installed.version {
            Some(_) => ExecutionStatus::Updating,
            None => ExecutionStatus::Installing,
        };
        if !self.call.dry_run && installed.status != status.word() {
            registry::set_status(&mut session.database, installed, status)?;
        }
        Ok(())
    }

    /// A commit of unknown outcome leaves everything as it stands: the next operation finds out.
    fn mark_failed(&self, session: &mut Session, fault: &Error) {
        if is_unknown(fault) {
            return;
        }
        if let Err(fault) = stage::clear(&self.call.root, self.slug) {
            self.narrator.message(Message::Warning(fault.to_string()));
        }
        if self.call.dry_run {
            return;
        }
        if session.database.ping().is_err() && session.reconnect(self.place(), self.narrator).is_err() {
            return;
        }
        if let Err(fault) = registry::mark_failed(&mut session.database, self.slug) {
            self.narrator.message(Message::Warning(fault.to_string()));
        }
    }

    /// Steps 4 to 10: nothing outside staging is touched yet.
    fn attempt(&self, session: &mut Session, installed: &Installed, report: &mut Report) -> Result<(), Error> {
        self.narrator.begin(Step::Fetch)?;
        if let Some(found) = self.peek(installed) {
            story::obtained(report, self.narrator, &found);
            return self.leave_unchanged(session, report, installed);
        }
        let owner = stage::owner(&self.call.root)?;
        let layout = stage::layout(&self.call.root, self.slug, owner)?;
        stage::open(&layout, owner)?;
        let is_remote = self.call.origin.is_remote();
        if is_remote {
            self.mark_running(session, installed)?;
        }
        let obtained = self.obtain(&layout, installed)?;
        story::obtained(report, self.narrator, &obtained);
        self.narrator.begin(Step::Verify)?;
        if self.is_unchanged(installed, &obtained) {
            return self.leave_unchanged(session, report, installed);
        }
        if !is_remote {
            self.mark_running(session, installed)?;
        }
        self.narrator.begin(Step::Inspect)?;
        let package = self.inspect(&layout, obtained, installed)?;
        story::inspected(report, self.narrator, &package);
        let rows = self.read_rows(&package, installed.version.as_deref())?;
        failpoint("inspected")?;
        if self.call.dry_run {
            self.narrator.begin(Step::Plan)?;
            self.show_plan(session, &layout, &package, &rows, report)?;
            return Ok(stage::clear(&self.call.root, self.slug)?);
        }
        self.carry_out(session, layout, owner, &package, &rows, report)
    }

    /// Step 6. An installation that left a part out recorded no checksum, so the next plain call is never unchanged.
    fn is_unchanged(&self, installed: &Installed, obtained: &Obtained) -> bool {
        let same = installed.checksum.as_deref() == Some(obtained.sha256.to_string().as_str());
        same && installed.version.is_some() && !self.call.reprocess && self.tree_is_of(installed)
    }

    /// Whether the tree stands here and is of the installed version: several servers may share one database, and each
    /// has its own tree to bring up to date.
    fn tree_is_of(&self, installed: &Installed) -> bool {
        let found = stage::installed_text(&self.call.root, self.slug, manifest::FILE_NAME);
        let found = found.as_deref().map(|text| text.trim_start_matches('\u{feff}'));
        found.is_some() && found == installed.manifest.as_deref()
    }

    /// A dry run shows rows, files and pending migrations.
    fn show_plan(
        &self,
        session: &mut Session,
        layout: &Layout,
        package: &Inspected,
        rows: &PackageRows,
        report: &mut Report,
    ) -> Result<(), Error> {
        report.arquivos = compare_only(layout, package)?;
        if self.parts.migrations && package.contents.has_migrations() {
            report.migracoes = self.pending_migrations(layout, package)?;
        }
        if self.parts.rows {
            self.show_rows(session, rows, report)?;
        }
        Ok(())
    }

    fn leave_unchanged(&self, session: &mut Session, report: &mut Report, installed: &Installed) -> Result<(), Error> {
        report.inalterado = true;
        report.versao.clone_from(&installed.version);
        let is_marked = !self.call.origin.is_remote() && installed.status == ExecutionStatus::Ok.word();
        if !self.call.dry_run && !is_marked {
            registry::set_status(&mut session.database, installed, ExecutionStatus::Ok)?;
        }
        stage::clear(&self.call.root, self.slug)?;
        self.narrator.message(Message::Unchanged);
        Ok(())
    }

    /// Steps 11 to 18. Whatever fails before the commit is undone: rows first, then migrations, then files.
    fn carry_out(
        &self,
        session: &mut Session,
        layout: Layout,
        owner: Owner,
        package: &Inspected,
        rows: &PackageRows,
        report: &mut Report,
    ) -> Result<(), Error> {
        let now = self.narrator.clock().now();
        let aside = Aside::begin(layout.kept(), now, owner);
        let journal = Journal::new(&layout, now.to_rfc3339(), json!({ SET_ASIDE: aside.stamp() }))?;
        journal.write(&layout)?;
        let migrations = layout.container().join("db").join("migrations");
        let mut begun = Begun {
            layout,
            journal,
            aside,
            migrated: Vec::new(),
            migrations,
        };
        let steps = || self.replace(session, &mut begun, owner, package, rows, report);
        let ended = catch_unwind(AssertUnwindSafe(steps))
            .unwrap_or_else(|panic| Err(Error::Internal(panic_text(panic.as_ref()))));
        match ended {
            Ok(()) => {
                self.finish(session, &begun, report);
                Ok(())
            }
            Err(fault) if is_unknown(&fault) => Err(fault),
            Err(fault) => {
                self.undo(session, &begun);
                story::undone(report);
                Err(fault)
            }
        }
    }

    fn replace(
        &self,
        session: &mut Session,
        begun: &mut Begun,
        owner: Owner,
        package: &Inspected,
        rows: &PackageRows,
        report: &mut Report,
    ) -> Result<(), Error> {
        failpoint("journal")?;
        self.narrator.begin(Step::Extract)?;
        let migrates = self.parts.migrations && package.contents.has_migrations();
        let ready = if migrates {
            let ready = self.build_tree_beside(begun, owner, package, migrates, |_| Ok(()))?;
            put_migrations_aside(begun)?;
            if self.has_pending(begun)? {
                self.plan_before_migrations(session, rows)?;
                self.migrate(begun, report)?;
            }
            self.write_rows(session, begun, package, rows, report)?;
            ready
        } else {
            self.build_tree_beside(begun, owner, package, migrates, |begun| {
                self.write_rows(session, begun, package, rows, report)
            })?
        };
        failpoint("rows")?;
        self.swap_and_commit(session, begun, package, &ready, report)
    }

    /// Steps 14 and 15.
    fn swap_and_commit(
        &self,
        session: &mut Session,
        begun: &mut Begun,
        package: &Inspected,
        ready: &Ready,
        report: &mut Report,
    ) -> Result<(), Error> {
        let owner = stage::owner(&self.call.root)?;
        stage::kept::prepare(&begun.layout, package.manifest.version, package.sha256, owner)?;
        self.narrator.begin(Step::Commit)?;
        let kept = Some(package.manifest.version);
        begun
            .journal
            .announce_swap(&begun.layout, ready.backup.as_ref(), kept)?;
        failpoint("announced")?;
        swap::perform(&begun.layout, &mut begun.journal)?;
        failpoint("swapped")?;
        story::files(report, self.narrator, &begun.layout, ready);
        self.narrator.pass_commit_point();
        commit(session, self.place(), self.narrator, begun.journal.operation())?;
        Ok(())
    }

    /// Steps 16 to 18: the installation has happened, nothing can fail it any more. What cannot be tidied up now is
    /// tidied up by the next operation on this plugin.
    fn finish(&self, session: &mut Session, begun: &Begun, report: &mut Report) {
        let _ = self.narrator.begin(Step::Finish);
        failpoint::reach("committed");
        let tidied = stage::finish(&begun.journal, &begun.layout)
            .map_err(Error::from)
            .and_then(|applied| {
                story::published(report, self.narrator, &begun.layout, applied);
                failpoint::reach("closed");
                registry::close_operation(&mut session.database, begun.journal.operation())?;
                Ok(stage::clear(&self.call.root, self.slug)?)
            });
        if let Err(fault) = tidied {
            self.narrator.message(Message::Warning(fault.to_string()));
        }
    }

    fn undo(&self, session: &mut Session, begun: &Begun) {
        if session.database.rollback().is_err() {
            // Without its connection the transaction is gone as well; the lock is needed again for what follows.
            if let Err(fault) = session.reconnect(self.place(), self.narrator) {
                self.narrator.message(Message::Warning(fault.to_string()));
            }
        }
        self.roll_back_migrations(begun);
        if let Err(fault) = begun.aside.remove() {
            self.narrator.message(Message::Warning(fault.to_string()));
        }
        if let Err(fault) = stage::undo(&begun.journal, &begun.layout) {
            self.narrator.message(Message::Error(fault.to_string()));
        }
    }
}

fn is_unknown(fault: &Error) -> bool {
    matches!(fault, Error::Commit(fault) if fault.is_unknown())
}

/// A point at which tests let an installation fail.
fn failpoint(name: &str) -> Result<(), Error> {
    if failpoint::reach(name) {
        Err(Error::Internal(format!("fail point {name}")))
    } else {
        Ok(())
    }
}

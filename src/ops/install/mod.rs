//! `plugin_install`: the numbered steps of SPEC §5.
//!
//! `mod` holds the order of steps and what is undone when one fails; `migrations` asks the caller for migrations; `folder`
//! packs a folder as a package; `package` brings and inspects the package; `rows` reads and writes its rows; `standing`
//! compares what is there with it; `tree` puts its files together, `old_tree` keeps what they replace, `compare` tells
//! what changes; `rehearsal` is a dry run; `story` tells the report and the log.

mod compare;
mod folder;
mod migrations;
mod old_tree;
mod package;
mod rehearsal;
mod rows;
mod standing;
mod story;
mod tree;

pub(super) use self::story::{conclude, not_counted, tell_kept, tell_leftovers};

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use serde_json::json;

use self::migrations::put_migrations_aside;
use self::package::Inspected;
use self::rows::PackageRows;
use self::tree::Ready;
use super::commit::commit;
use super::conversation::{Caller, Outcome, panic_text};
use super::policy::Parts;
use super::recover;
use super::reporter::{Narrator, milliseconds};
use super::session::{Place, Session, log_of};
use crate::Error;
use crate::base::clock::Clock;
use crate::base::failpoint;
use crate::base::fs::{Owner, remove_empty_folder};
use crate::config::{InstallParameters, Settings};
use crate::log::{Message, Reporter, Step};
use crate::migrate::Migration;
use crate::model::Slug;
use crate::outcome::{ExecutionStatus, Report};
use crate::registry::{self, Installed};
use crate::source;
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
            waits_for_the_dead: true,
        }
    }

    /// Steps 2 and 3: locks, and what a killed run left.
    fn run(&self, report: &mut Report) -> Result<(), Error> {
        self.narrator.begin(Step::Prepare)?;
        source::refuse_staging(self.call)?;
        let wants = !self.call.dry_run;
        let made = wants.then(|| stage::prepare_plugins(&self.call.root)).transpose()?;
        let ended = self.run_session(report);
        if let (Err(_), Some(folder)) = (&ended, made.flatten()) {
            let _ = remove_empty_folder(&folder);
        }
        ended
    }

    fn run_session(&self, report: &mut Report) -> Result<(), Error> {
        let mut session = Session::open(self.place(), self.narrator)?;
        story::started(self.call, self.narrator);
        story::not_counted(&self.call.held_limits, &self.settings.faults, self.narrator);
        let ended = self.run_locked(&mut session, report);
        if self.call.dry_run {
            session.close_without_trace();
        } else {
            tell_leftovers(self.narrator, &self.call.root, self.slug);
        }
        ended
    }

    fn run_locked(&self, session: &mut Session, report: &mut Report) -> Result<(), Error> {
        if self.call.dry_run {
            recover::tell_waiting(self.place(), self.narrator)?;
            // What a newer library has written is refused here as well.
            registry::identify(&mut session.database)?;
        } else {
            recover::settle(session, self.place(), self.narrator)?;
        }
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

    /// A commit of unknown outcome leaves everything as it stands: the next operation finds out.
    fn mark_failed(&self, session: &mut Session, fault: &Error) {
        if is_unknown(fault) {
            return;
        }
        if self.call.dry_run {
            return;
        }
        if let Err(fault) = stage::clear(&self.call.root, self.slug) {
            self.narrator.message(Message::Warning(fault.to_string()));
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
        stage::check_place(&self.call.root, self.slug)?;
        self.narrator.begin(Step::Fetch)?;
        if let Some(found) = self.peek(installed) {
            story::obtained(report, self.narrator, &found);
            return self.leave_unchanged(session, report, installed);
        }
        let owner = stage::owner(&self.call.root)?;
        if self.call.dry_run {
            return self.rehearse(session, owner, installed, report);
        }
        let layout = stage::layout(&self.call.root, self.slug, owner)?;
        stage::open(&layout, owner)?;
        let is_remote = self.call.origin.is_remote();
        if is_remote {
            mark_running(session, installed)?;
        }
        let obtained = self.obtain(&layout, installed)?;
        story::obtained(report, self.narrator, &obtained);
        self.narrator.begin(Step::Verify)?;
        if self.is_unchanged(installed, &obtained) {
            return self.leave_unchanged(session, report, installed);
        }
        stage::check_mounts(&self.call.root, self.slug)?;
        self.tell_standing(session, installed, obtained.sha256);
        if !is_remote {
            mark_running(session, installed)?;
        }
        let (package, rows) = self.examine(&layout, obtained, installed, report)?;
        failpoint("inspected")?;
        self.carry_out(session, layout, installed, &package, &rows, report)
    }

    /// Steps 11 to 18. Whatever fails before the commit is undone: rows first, then migrations, then files.
    fn carry_out(
        &self,
        session: &mut Session,
        layout: Layout,
        installed: &Installed,
        package: &Inspected,
        rows: &PackageRows,
        report: &mut Report,
    ) -> Result<(), Error> {
        let database = self.prepare_tables(session, installed)?;
        let owner = stage::owner(&self.call.root)?;
        let now = self.narrator.clock().now();
        let aside = Aside::begin(layout.kept(), now, owner);
        let journal = Journal::new(&layout, now.to_rfc3339(), json!({ SET_ASIDE: aside.stamp() }))?;
        let journal = journal.naming(package.sha256, database);
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
                Err(self.blame(&package.archive, fault))
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
        let mut ready = if migrates {
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
        self.swap_and_commit(session, begun, package, &mut ready, report)
    }

    /// Steps 14 and 15.
    fn swap_and_commit(
        &self,
        session: &mut Session,
        begun: &mut Begun,
        package: &Inspected,
        ready: &mut Ready,
        report: &mut Report,
    ) -> Result<(), Error> {
        let owner = stage::owner(&self.call.root)?;
        stage::kept::prepare(&begun.layout, package.manifest.version, package.sha256, owner)?;
        self.narrator.begin(Step::Commit)?;
        let kept = Some(package.manifest.version);
        begun
            .journal
            .announce_swap(&begun.layout, ready.backup.as_ref(), kept)?;
        begun.journal.check_found(&begun.layout, ready.found)?;
        failpoint("announced")?;
        let mechanism = swap::perform(&begun.layout, &mut begun.journal)?;
        self.keep_late_changes(begun, ready, owner, mechanism)?;
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
        match stage::undo(&begun.journal, &begun.layout) {
            Ok(applied) => story::tell_kept(self.narrator, &applied),
            Err(fault) => self.narrator.message(Message::Error(fault.to_string())),
        }
    }
}

/// A download may take long and is shown; a local package is known to be unchanged before anything is written.
fn mark_running(session: &mut Session, installed: &Installed) -> Result<(), Error> {
    let status = match installed.version {
        Some(_) => ExecutionStatus::Updating,
        None => ExecutionStatus::Installing,
    };
    if installed.status != status.word() {
        registry::set_status(&mut session.database, installed, status)?;
    }
    Ok(())
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

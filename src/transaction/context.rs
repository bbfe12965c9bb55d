//! What every step of a transaction is given: the site, the locks, and who listens.

use std::rc::Rc;
use std::time::Duration;

use super::Session;
use crate::base::clock::Clock;
use crate::config::{self, DatabaseSettings};
use crate::log::{Cancelled, Progress, Reporter, Step};
use crate::migrate::MigrationRunner;
use crate::model::{GestorRoot, Slug};
use crate::stage::running::{About, RunningFiles};

/// How a transaction reaches a gestor and its database, and how long it waits for them.
#[derive(Debug, Clone, Copy)]
pub struct SiteAccess<'a> {
    /// Its folder.
    pub root: &'a GestorRoot,
    /// Its database, where the call named one.
    pub database: Option<&'a DatabaseSettings>,
    /// Seconds for which a lock is waited for.
    pub lock_wait: u64,
    /// The gestor's version, where the call says it.
    pub gestor_version: Option<&'a str>,
    /// It recovers what a killed run left, and so waits for the server to notice that it was killed.
    pub waits_for_the_dead: bool,
}

impl<'a> SiteAccess<'a> {
    /// That of a call.
    pub fn of(site: &'a config::Site) -> Self {
        Self {
            root: &site.root,
            database: site.database.as_ref(),
            lock_wait: site.lock_wait,
            gestor_version: site.gestor_version.as_deref(),
            waits_for_the_dead: true,
        }
    }
}

/// Who listens to an operation and answers it: progress, lines, migrations.
pub trait TransactionReporter: Reporter + MigrationRunner {
    /// The clock that times are read from.
    fn clock(&self) -> &dyn Clock;

    /// How long the call has taken so far.
    fn elapsed(&self) -> Duration;

    /// Whether somebody still wants the operation to go on.
    fn is_wanted(&self) -> bool;

    /// Whether somebody asked for what runs now to stop, also after the commit; or nobody waits for it any more.
    fn is_stop_asked(&self) -> bool {
        !self.is_wanted()
    }

    /// From here on nothing can be cancelled: the commit is about to be sent.
    fn pass_commit_point(&self);

    /// Whether single rows are wanted in the log.
    fn tells_rows(&self) -> bool;

    /// Warnings that nobody listed.
    fn count_warnings(&self, more: usize);

    /// What others are told of the operation; nothing where nobody is to see it.
    fn about(&self) -> Option<About> {
        None
    }

    /// From here on others see it by these files.
    fn show_in(&self, _files: &Rc<RunningFiles>) {}

    /// From here on what is told is of this plugin of a set; of none: of the set. Whom it was of before.
    fn turn_to(&self, _plugin: Option<&Slug>) -> Option<Slug> {
        None
    }

    /// The lines that were told so far, the last ones where there are many.
    fn lines(&self) -> String {
        String::new()
    }

    /// Begins a step: always told to the caller, and timed.
    fn begin(&self, step: Step) -> Result<(), Cancelled> {
        self.progress(Progress {
            step,
            done: 0,
            of: 0,
            unit: "",
        })
    }
}

/// What the steps of a transaction work with.
pub struct Context<'a> {
    /// Where.
    pub site: SiteAccess<'a>,
    /// The locks and the connection.
    pub session: &'a mut Session,
    /// Who listens.
    pub reporter: &'a dyn TransactionReporter,
}

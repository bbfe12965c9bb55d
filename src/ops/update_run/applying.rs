//! Installs a version that may come: once the site is known to be well, and once it is sure that nobody else does.

use std::time::Duration;

use super::Run;
use super::calls::is_passing;
use super::pages::Pages;
use super::subject::Subject;
use crate::base::db::Database;
use crate::base::failpoint;
use crate::log::{Progress, Reporter as _, Step};
use crate::ops::{Error, install};
use crate::outcome::ExitCode;
use crate::transaction::server;
use crate::updates::{self, Act, Left, Reason, State};

/// How often the site is looked at right after an update.
const LOOKS: u32 = 3;
/// How long it is left alone before each.
const PAUSE: Duration = Duration::from_secs(10);
/// Parts of that, after each of which it is asked whether the run goes on.
const MOMENTS: u32 = 40;

impl Run<'_> {
    /// Installs the target, and watches the site.
    pub(super) fn apply(&self, database: &mut Database, subject: &mut Subject, pages: &Pages<'_>) -> Result<(), Error> {
        subject.act = Act::Nothing;
        let Some(target) = subject.standing.target.clone() else {
            return Ok(());
        };
        subject.standing.health = pages.before()?;
        if !subject.standing.health.is_proven() {
            subject.refuse(Reason::NoProbe, self.now().to_utc());
            return Ok(());
        }
        // What it was days ago says little of what it is now.
        let rehearsed = if subject.is_rehearsed {
            Ok(())
        } else {
            self.rehearse(subject)?
        };
        if let Err(reason) = rehearsed {
            match reason {
                Reason::Busy { code, .. } => subject.standing.postpone(target.version, code),
                reason => subject.refuse(reason, self.now().to_utc()),
            }
            return Ok(());
        }
        if !self.take_on(database, subject)? {
            return Ok(());
        }
        failpoint::reach("update_claimed");
        self.install(database, subject)?;
        if subject.standing.state == State::Observing {
            self.look_closely(database, subject, pages)?;
        }
        Ok(())
    }

    /// Says before all servers that it is being installed here; `false` where another one says so already.
    fn take_on(&self, database: &mut Database, subject: &mut Subject) -> Result<bool, Error> {
        let now = self.now().to_utc();
        let name = server().unwrap_or_default();
        subject.standing.state = State::Scheduled;
        subject.standing.left = Some(Left {
            version: subject.installed,
            point: subject.point,
        });
        updates::save(database, &subject.slug, subject.was, &subject.standing)?;
        let is_ours = updates::claim(database, &subject.slug, (&subject.standing, &name), now)?;
        // As it stands there now, whoever wrote it.
        let (_, standing) = updates::read_one(database, &subject.slug)?;
        subject.was = standing.state;
        if !is_ours {
            subject.standing = standing;
            return Ok(false);
        }
        subject.standing.state = State::Applying;
        subject.standing.server = standing.server;
        subject.standing.applying_since = standing.applying_since;
        Ok(true)
    }

    fn install(&self, database: &mut Database, subject: &mut Subject) -> Result<(), Error> {
        let Some(target) = subject.standing.target.clone() else {
            return Ok(());
        };
        let Some(given) = Self::from_its_origin(subject, &target) else {
            return Ok(());
        };
        let outcome = self.call(&install::DEFINITION, given);
        let now = self.now().to_utc();
        match outcome.code {
            ExitCode::Ok => {
                let left = subject.standing.left.clone();
                subject.standing.succeed(target.version, left, now);
                subject.installed = target.version;
            }
            code if is_passing(code) => subject.standing.postpone(target.version, code.number()),
            code => subject.standing.fail(target.version, code.number(), now),
        }
        self.account
            .borrow_mut()
            .note_applied(subject, &target.version.to_string(), &outcome);
        failpoint::reach("update_applied");
        self.remember(database, subject)
    }

    /// Lets it alone for a while; `false` where somebody wants the run to end.
    fn pause(&self) -> bool {
        (1..=MOMENTS).all(|moment| {
            self.clock.pause(PAUSE / MOMENTS);
            let so_far = Progress {
                step: Step::Finish,
                done: (PAUSE / MOMENTS * moment).as_secs(),
                of: PAUSE.as_secs(),
                unit: "s",
            };
            self.reporter.progress(so_far).is_ok()
        })
    }

    /// Right after an update the site is looked at more often.
    fn look_closely(&self, database: &mut Database, subject: &mut Subject, pages: &Pages<'_>) -> Result<(), Error> {
        for _ in 0..LOOKS {
            if !self.pause() {
                // It is observed by the next run.
                break;
            }
            self.watch(database, subject, pages)?;
            if subject.standing.state != State::Observing {
                break;
            }
        }
        Ok(())
    }
}

//! Watches the site after an update, and takes the update back where the site is not well with it.

use super::calls::text;
use super::pages::Pages;
use super::subject::{Subject, WENT_BACK};
use super::{Run, SCHEDULER};
use crate::base::db::Database;
use crate::base::failpoint;
use crate::config::Argument;
use crate::history::{self, StoredEntry};
use crate::log::{Message, Reporter as _};
use crate::model::{Bilingual, Phrase, Version};
use crate::observe::Event;
use crate::ops::look::PluginOverview;
use crate::ops::{Error, events, install, update_messages as messages};
use crate::outcome::ExitCode;
use crate::updates::{self, Left, Reason, Sign, Skip, State};

impl Run<'_> {
    /// Looks after all sites that are watched: there is one site, but perhaps several updates of it.
    pub(super) fn watch_all(
        &self,
        database: &mut Database,
        pages: &Pages<'_>,
        subjects: &mut [Subject],
    ) -> Result<(), Error> {
        for subject in subjects
            .iter_mut()
            .filter(|found| found.standing.state == State::Observing)
        {
            self.watch(database, subject, pages)?;
        }
        Ok(())
    }

    /// One look: all is well, or goes on to be watched, or the update is taken back.
    pub(super) fn watch(&self, database: &mut Database, subject: &mut Subject, pages: &Pages<'_>) -> Result<(), Error> {
        let look = pages.look(&mut subject.standing.health)?;
        let now = self.now().to_utc();
        let watched = watched(subject);
        if !self.is_still_there(database, subject, watched)? {
            if took_back(database, subject, watched)? {
                let text = messages::KILLED_BACK.text(self.call.site.lang);
                let version = watched.to_string();
                pass_over(database, subject, watched)?;
                let why = Reason::Reverted { version, text };
                subject.standing.revert((watched, why), Ok(()), now);
            } else {
                subject.standing.settle();
            }
            return self.remember(database, subject);
        }
        if let Some(sign) = look.sign {
            if self.unread.is_some() {
                // Nothing is installed while nobody knows what may be: it goes back as soon as that is known.
                self.reporter.message(Message::Warning(Phrase::of(&sign)));
                return self.remember(database, subject);
            }
            return self.take_back(database, subject, &sign);
        }
        let is_over = subject.standing.watched_until.is_none_or(|until| until <= now);
        if is_over && look.is_calm {
            subject.standing.settle();
        }
        self.remember(database, subject)
    }

    /// Whether what is watched is what is installed. What somebody has done meanwhile is theirs, and is not taken back.
    fn is_still_there(&self, database: &mut Database, subject: &mut Subject, watched: Version) -> Result<bool, Error> {
        let known = PluginOverview::read(database, &self.call.site.root, &subject.slug, self.reporter)?;
        let version = known.version().and_then(|text| text.parse().ok());
        let version = version.filter(|_| known.is_installed() && !known.is_paused());
        subject.installed = version.unwrap_or(subject.installed);
        Ok(version == Some(watched))
    }

    /// Goes back to what there was.
    fn take_back(&self, database: &mut Database, subject: &mut Subject, sign: &Sign) -> Result<(), Error> {
        let lang = self.call.site.lang;
        let (version, told) = (subject.installed, sign.text(lang));
        let happened = (&subject.slug, Some(version.to_string()));
        events::of_update(
            database,
            (happened.0, happened.1.as_deref()),
            (Event::HealthFail, &Phrase::of(sign)),
            self.reporter,
        );
        self.reporter.message(Message::Warning(Phrase::of(sign)));
        failpoint::reach("update_unhealthy");
        let outcome = self.call(&install::ROLLBACK, way_back(subject));
        let why = Reason::Reverted {
            version: version.to_string(),
            text: told,
        };
        let is_back = outcome.code == ExitCode::Ok || is_confirmed(&outcome.report);
        let ended = if is_back { Ok(()) } else { Err(outcome.code.number()) };
        if is_back {
            pass_over(database, subject, version)?;
            subject.installed = subject.standing.left.as_ref().map_or(version, |left| left.version);
        }
        subject.standing.revert((version, why), ended, self.now().to_utc());
        self.account
            .borrow_mut()
            .note_taken_back(subject, &version.to_string(), (is_back, &outcome), lang);
        failpoint::reach("update_reverted");
        self.remember(database, subject)
    }
}

/// Whether a run has gone back from it, and was killed before it could say so.
fn took_back(database: &mut Database, subject: &Subject, watched: Version) -> Result<bool, Error> {
    let last = history::last(database, &subject.slug)?;
    let is_it = |last: StoredEntry| {
        let from = last.versao_de.and_then(|text| text.parse().ok());
        last.acao == WENT_BACK && last.ator.as_deref() == Some(SCHEDULER) && from == Some(watched)
    };
    Ok(last.is_some_and(is_it))
}

/// A version that was taken back does not come again.
fn pass_over(database: &mut Database, subject: &mut Subject, version: Version) -> Result<(), Error> {
    // As it stands there now: what an operator said meanwhile stays.
    (subject.said, _) = updates::read_one(database, &subject.slug)?;
    subject.said.skipped = Skip::with(subject.said.skipped.as_ref(), version).parse().ok();
    updates::save_said(database, &subject.slug, &subject.said)?;
    // Nor does it come again in this very run.
    let range = Skip::with(subject.policy.skip.range.as_ref(), version);
    subject.policy.skip.range = range.parse().ok();
    subject.left = Some(version);
    Ok(())
}

/// The version that is watched.
fn watched(subject: &Subject) -> Version {
    let target = subject.standing.target.as_ref();
    target.map_or(subject.installed, |target| target.version)
}

/// To the point that there was before, else to the version.
fn way_back(subject: &Subject) -> super::calls::Entries {
    let mut given = vec![("slug", text(subject.slug.as_str()))];
    match &subject.standing.left {
        Some(Left { point: Some(point), .. }) => {
            given.push(("ponto", Argument::Int(i64::try_from(*point).unwrap_or(i64::MAX))));
        }
        Some(Left { version, .. }) => given.push(("version", text(&version.to_string()))),
        None => {}
    }
    given
}

fn is_confirmed(report: &serde_json::Value) -> bool {
    report.get("confirmado").and_then(serde_json::Value::as_bool) == Some(true)
}

//! What is remembered of the updates of one plugin: a row of `gestor_plugins_atualizacoes`, without what an operator said.
//! Values, and how they change with what happened. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use super::backoff::after_failure;
use super::candidate::Candidate;
use super::reason::Reason;
use super::watched::Health;
use crate::model::{Version, of_word, word_of};

/// Attempts of a version after whose update nothing comes by itself any more.
const HALTED: u32 = 255;
/// How long a site is watched after an update.
const WATCH: TimeDelta = TimeDelta::minutes(30);
/// After which an update that nobody has ended is taken for one whose run was killed.
const ABANDONED: TimeDelta = TimeDelta::minutes(10);

/// Where a plugin is on its way to a newer version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// There is nothing newer that it may have.
    #[default]
    Current,
    /// There is.
    Available,
    /// It will be had once it has stood there for long enough.
    Cooling,
    /// It will be had at the next opportunity.
    Scheduled,
    /// It is being installed.
    Applying,
    /// It is installed, and the site is watched.
    Observing,
    /// It was installed, the site was not well, and it was taken back.
    Reverted,
    /// It could not be installed.
    Failed,
    /// It is passed over.
    Skipped,
}

impl State {
    /// All of them, with the words by which they are stored.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::Current, "em_dia"),
        (Self::Available, "disponivel"),
        (Self::Cooling, "carencia"),
        (Self::Scheduled, "agendada"),
        (Self::Applying, "aplicando"),
        (Self::Observing, "observando"),
        (Self::Reverted, "revertida"),
        (Self::Failed, "falhou"),
        (Self::Skipped, "pulada"),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        word_of(&Self::ALL, &self)
    }

    /// The state of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        of_word(&Self::ALL, word)
    }
}

/// A version that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which.
    pub version: Version,
    /// The exit code.
    pub code: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// How often.
    pub attempts: u32,
    /// When it is tried again.
    pub next: Option<DateTime<Utc>>,
}

/// What there was before an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The version.
    pub version: Version,
    /// The history's number.
    pub point: Option<u64>,
}

/// What is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Where it is.
    pub state: State,
    /// Why it is not further.
    pub reason: Option<Reason>,
    /// When its source was asked last.
    pub checked: Option<DateTime<Utc>>,
    /// When it is looked at again.
    pub next_check: Option<DateTime<Utc>>,
    /// The version that it is on its way to.
    pub target: Option<Candidate>,
    /// When that was seen first.
    pub seen: Option<DateTime<Utc>>,
    /// The version that was told last.
    pub notified: Option<String>,
    /// What failed last.
    pub failure: Option<Failure>,
    /// What there was before.
    pub left: Option<Left>,
    /// Until when the site is watched.
    pub watched_until: Option<DateTime<Utc>>,
    /// How the site is.
    pub health: Health,
    /// Which server installs it.
    pub server: Option<String>,
    /// Since when.
    pub applying_since: Option<DateTime<Utc>>,
}

impl Standing {
    /// Nothing comes by itself until an operator says something.
    pub fn is_halted(&self) -> bool {
        self.failure.as_ref().is_some_and(|failure| failure.attempts >= HALTED)
    }

    /// What a rehearsal has learnt of a version whose source says its SHA-256 in a file of its own. Of a package that was put
    /// there again nothing is known.
    pub fn complete(&self, candidate: &mut Candidate) {
        let second = |candidate: &Candidate| candidate.published.map(|at| at.timestamp());
        let is_it = |target: &&Candidate| {
            target.version == candidate.version && target.tag == candidate.tag && second(target) == second(candidate)
        };
        if candidate.sha256.is_none() && candidate.has_checksum {
            candidate.sha256 = self.target.as_ref().filter(is_it).and_then(|target| target.sha256);
        }
    }

    /// Whether these very bytes were rehearsed with success.
    pub fn has_rehearsed(&self, candidate: &Candidate) -> bool {
        let passed = matches!(
            self.state,
            State::Cooling | State::Scheduled | State::Failed | State::Applying
        );
        let target = self.target.as_ref().filter(|_| passed);
        let is_it = |target: &Candidate| target.version == candidate.version && target.sha256 == candidate.sha256;
        candidate.sha256.is_some() && target.is_some_and(is_it)
    }

    /// The failure of a version.
    pub fn failure_of(&self, version: Version) -> Option<&Failure> {
        self.failure.as_ref().filter(|failure| failure.version == version)
    }

    /// Whether an update was begun by a run that does not exist any more.
    pub fn is_abandoned(&self, now: DateTime<Utc>) -> bool {
        let since = self.applying_since.filter(|_| self.state == State::Applying);
        // A clock that went back does not make it last for ever.
        since.is_some_and(|since| now.signed_duration_since(since).abs() > ABANDONED)
    }

    /// The target could not be installed.
    pub fn fail(&mut self, version: Version, code: i32, now: DateTime<Utc>) {
        let attempts = self.failure_of(version).map_or(0, |failure| failure.attempts) + 1;
        let next = after_failure(attempts).map(|wait| now + wait);
        self.state = State::Failed;
        self.applying_since = None;
        self.failure = Some(Failure {
            version,
            code,
            at: now,
            attempts,
            next,
        });
        let at = next.map(super::reason::shown);
        self.reason = Some(Reason::Failed {
            version: version.to_string(),
            code,
            at,
        });
    }

    /// The target could not be installed just now, and nothing is wrong with it.
    pub fn postpone(&mut self, version: Version, code: i32) {
        self.state = State::Scheduled;
        self.applying_since = None;
        let version = version.to_string();
        self.reason = Some(Reason::Busy { version, code });
    }

    /// The target is installed.
    pub fn succeed(&mut self, version: Version, left: Option<Left>, now: DateTime<Utc>) {
        let until = now + WATCH;
        self.state = State::Observing;
        self.applying_since = None;
        self.failure = None;
        self.left = left;
        self.watched_until = Some(until);
        self.reason = Some(Reason::Watched {
            version: version.to_string(),
            until: super::reason::shown(until),
        });
    }

    /// The site is well with it.
    pub fn settle(&mut self) {
        self.reason = None;
        self.state = State::Current;
        self.watched_until = None;
        self.target = None;
        self.health.calm();
    }

    /// The site was not well with it, and it was taken back; or that failed, with a code.
    pub fn revert(&mut self, (version, why): (Version, Reason), ended: Result<(), i32>, now: DateTime<Utc>) {
        self.watched_until = None;
        self.target = None;
        self.health.calm();
        match ended {
            Ok(()) => {
                self.state = State::Reverted;
                self.reason = Some(why);
            }
            Err(code) => {
                self.state = State::Failed;
                self.failure = Some(Failure {
                    version,
                    code,
                    at: now,
                    attempts: HALTED,
                    next: None,
                });
                self.reason = Some(Reason::NotReverted {
                    version: version.to_string(),
                    code,
                });
            }
        }
    }

    /// An operator said something: what failed may be tried again.
    pub fn forgive(&mut self) {
        self.failure = None;
        self.next_check = None;
        if !matches!(self.state, State::Applying | State::Observing) {
            self.state = State::Current;
            self.reason = None;
            self.target = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + hours * 3600, 0).unwrap()
    }

    #[test]
    fn a_version_that_fails_is_left_alone_longer_and_longer() {
        let version: Version = "1.1.0".parse().unwrap();
        let mut standing = Standing::default();
        let mut waits = Vec::new();
        for _ in 0..6 {
            standing.fail(version, 13, at(0));
            let next = standing.failure.as_ref().unwrap().next;
            waits.push(next.map(|next| (next - at(0)).num_hours()));
        }
        assert_eq!(waits, [Some(1), Some(4), Some(24), Some(72), None, None]);
        standing.fail("1.2.0".parse().unwrap(), 13, at(0));
        assert_eq!(
            standing.failure.as_ref().unwrap().attempts,
            1,
            "another version begins anew"
        );
        standing.forgive();
        assert!(standing.failure.is_none() && standing.reason.is_none());
    }

    #[test]
    fn what_could_not_be_taken_back_halts_everything() {
        let version: Version = "1.1.0".parse().unwrap();
        let why = || Reason::NoProbe;
        let mut standing = Standing::default();
        standing.revert((version, why()), Err(34), at(0));
        assert!(standing.is_halted() && standing.state == State::Failed);
        standing.forgive();
        assert!(!standing.is_halted());
        standing.revert((version, why()), Ok(()), at(0));
        assert!(!standing.is_halted() && standing.state == State::Reverted);
    }

    #[test]
    fn an_update_that_nobody_ends_is_abandoned() {
        let mut standing = Standing {
            state: State::Applying,
            applying_since: Some(at(0)),
            ..Standing::default()
        };
        assert!(!standing.is_abandoned(at(0)) && standing.is_abandoned(at(1)));
        standing.state = State::Scheduled;
        assert!(!standing.is_abandoned(at(1)));
        for (state, word) in State::ALL {
            assert_eq!((state.word(), State::from_word(word)), (word, Some(state)));
        }
    }
}

//! What becomes of a plugin now: what is known, and the time, give the next state with its reason (SPEC 3 §5). Pure: the
//! same facts always give the same decision.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use super::candidate::{Candidate, newest_first};
use super::level::Level;
use super::policy::{Channel, Mode, Policy};
use super::reason::{Reason, shown};
use super::standing::{Standing, State};
use crate::model::Version;

/// What is known of newer versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News<'n> {
    /// What its source offers, as it was said lately.
    Known(&'n [Candidate]),
    /// Nothing that could be gone by, and why.
    Unknown(&'n Reason),
}

/// What is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts<'f> {
    /// The time, with the site's offset.
    pub now: DateTime<FixedOffset>,
    /// What is installed.
    pub installed: Version,
    /// What is wanted.
    pub policy: &'f Policy,
    /// What its source offers.
    pub news: News<'f>,
    /// Its status, where that is not `ok`.
    pub status: Option<&'f str>,
    /// Somebody works in its tree.
    pub is_repository: bool,
    /// A page of the site would tell that it is not well.
    pub is_watched: bool,
    /// The version that somebody went back from, where that was the last thing done.
    pub left: Option<Version>,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Nothing.
    Nothing,
    /// See how it would go in.
    Rehearse,
    /// Install it.
    Apply,
    /// See how the site is.
    Watch,
}

/// What becomes of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Where it is now.
    pub state: State,
    /// Why it is not further; nothing where there is nothing newer.
    pub reason: Option<Reason>,
    /// The version that it is on its way to, or could have.
    pub target: Option<Candidate>,
    /// What is to be done.
    pub act: Act,
}

impl Decision {
    fn stay(state: State, reason: impl Into<Option<Reason>>, target: Option<&Candidate>) -> Self {
        Self {
            state,
            reason: reason.into(),
            target: target.cloned(),
            act: Act::Nothing,
        }
    }

    fn with(self, act: Act) -> Self {
        Self { act, ..self }
    }
}

/// Decides.
pub fn decide(standing: &Standing, facts: &Facts<'_>) -> Decision {
    if standing.state == State::Observing || standing.state == State::Applying {
        let act = if standing.state == State::Observing {
            Act::Watch
        } else {
            Act::Nothing
        };
        return Decision::stay(standing.state, standing.reason.clone(), standing.target.as_ref()).with(act);
    }
    let candidates = match facts.news {
        News::Known(candidates) => candidates,
        // What is not known does not make anything current; what was on its way waits.
        News::Unknown(reason) => {
            let state = match standing.state {
                State::Cooling | State::Scheduled => State::Available,
                other => other,
            };
            return Decision::stay(state, reason.clone(), standing.target.as_ref());
        }
    };
    match choose(standing, facts, candidates) {
        Choice::Nothing(reason) => Decision::stay(quiet_state(standing), reason, None),
        Choice::Held(held, state, reason) => Decision::stay(state, reason, Some(held)),
        Choice::Open(target) if standing.is_halted() => {
            Decision::stay(State::Failed, standing.reason.clone(), Some(target))
        }
        Choice::Open(target) => admit(standing, facts, target),
    }
}

/// A plugin that was taken back, with nothing newer: that is still worth to be seen.
fn quiet_state(standing: &Standing) -> State {
    match standing.state {
        State::Reverted => State::Reverted,
        _ => State::Current,
    }
}

enum Choice<'c> {
    /// There is nothing newer that stands.
    Nothing(Option<Reason>),
    /// Everything newer is held back; the newest, and why.
    Held(&'c Candidate, State, Reason),
    /// The newest that may come.
    Open(&'c Candidate),
}

/// The newest version that nothing holds back.
fn choose<'c>(standing: &Standing, facts: &Facts<'_>, candidates: &'c [Candidate]) -> Choice<'c> {
    let newer = newest_first(candidates, facts.installed);
    let mut held = None;
    for candidate in newer.iter().copied().filter(|found| found.stands()) {
        match holds(standing, facts, candidate) {
            None => return Choice::Open(candidate),
            Some(found) => {
                held.get_or_insert((candidate, found));
            }
        }
    }
    if let Some((candidate, (state, reason))) = held {
        return Choice::Held(candidate, state, reason);
    }
    let gone = newer.first().map(|found| {
        let version = found.version.to_string();
        if found.is_revoked {
            Reason::Revoked { version }
        } else {
            Reason::Withdrawn { version }
        }
    });
    let kept = standing.reason.clone().filter(|_| standing.state == State::Reverted);
    Choice::Nothing(gone.or(kept))
}

/// Why a version does not come at all, however long one waits.
fn holds(standing: &Standing, facts: &Facts<'_>, candidate: &Candidate) -> Option<(State, Reason)> {
    let policy = facts.policy;
    let version = || candidate.version.to_string();
    let passed_over = if policy.skip.names(candidate.version) {
        Some(Reason::Skipped { version: version() })
    } else {
        (facts.left == Some(candidate.version)).then(|| Reason::Left { version: version() })
    };
    if let Some(reason) = passed_over {
        return Some(why_passed_over(standing, &version(), reason));
    }
    if candidate.channel == Channel::Preview && policy.channel == Channel::Stable {
        return Some((State::Available, Reason::Preview { version: version() }));
    }
    let reaches = Level::between(facts.installed, candidate.version);
    if policy.mode == Mode::Automatic && reaches > policy.level {
        return Some((
            State::Available,
            Reason::Level {
                version: version(),
                wanted: reaches.word().to_owned(),
                allowed: policy.level.word().to_owned(),
            },
        ));
    }
    let failure = standing.failure_of(candidate.version)?;
    if failure.next.is_some() {
        return None;
    }
    Some((
        State::Failed,
        Reason::Failed {
            version: version(),
            code: failure.code,
            at: None,
        },
    ))
}

/// What was taken back is told as that, and not as what follows from it.
fn why_passed_over(standing: &Standing, version: &str, reason: Reason) -> (State, Reason) {
    if standing.state != State::Reverted {
        return (State::Skipped, reason);
    }
    let is_of_it = |told: &&Reason| matches!(told, Reason::Reverted { version: known, .. } if known == version);
    let told = standing.reason.as_ref().filter(is_of_it).cloned();
    (State::Reverted, told.unwrap_or(reason))
}

/// What of a version that may come is still to be waited for, or decided by hand.
fn admit(standing: &Standing, facts: &Facts<'_>, target: &Candidate) -> Decision {
    let available = |reason| Decision::stay(State::Available, Some(reason), Some(target));
    let version = target.version.to_string();
    let now = facts.now.to_utc();
    match facts.policy.mode {
        Mode::Manual => return available(Reason::Manual { version }),
        Mode::Notify => return available(Reason::Notify { version }),
        Mode::Automatic => {}
    }
    if let Some(until) = facts.policy.skip.lasts(now) {
        let until = shown(until);
        return Decision::stay(State::Skipped, Reason::Snoozed { version, until }, Some(target));
    }
    if let Some(reason) = wants_a_person(standing, facts, target) {
        return available(reason);
    }
    if !standing.has_rehearsed(target) {
        return available(Reason::Due { version }).with(Act::Rehearse);
    }
    schedule(standing, facts, target)
}

/// What a person has to see to before a version may come by itself.
fn wants_a_person(standing: &Standing, facts: &Facts<'_>, target: &Candidate) -> Option<Reason> {
    let version = || target.version.to_string();
    // What this very version left of an attempt does not keep it from the next one.
    let is_its_own = standing.failure_of(target.version).is_some();
    if let Some(status) = facts.status.filter(|_| !is_its_own) {
        return Some(Reason::NotWell {
            version: version(),
            status: status.to_owned(),
        });
    }
    let found = [
        (facts.is_repository, Reason::Repository { version: version() }),
        (!facts.is_watched, Reason::NoProbe),
        (
            target.sha256.is_none() && !target.has_checksum,
            Reason::NoDigest { version: version() },
        ),
        (target.is_of_another, Reason::OtherSigner { version: version() }),
        (target.asks_more, Reason::AsksMore { version: version() }),
        (
            target.published.is_none() && !waits_for_nothing(facts, target),
            Reason::NoDate { version: version() },
        ),
    ];
    found.into_iter().find_map(|(holds, reason)| holds.then_some(reason))
}

/// A version that the index calls a fix of the installed one need not be old, nor wait for an hour.
fn waits_for_nothing(facts: &Facts<'_>, target: &Candidate) -> bool {
    target.mends || facts.policy.cooldown == 0
}

/// When it comes.
fn schedule(standing: &Standing, facts: &Facts<'_>, target: &Candidate) -> Decision {
    let version = target.version.to_string();
    let now = facts.now.to_utc();
    let old_enough = age(facts, target).filter(|_| !waits_for_nothing(facts, target));
    if let Some(at) = old_enough.filter(|at| *at > now) {
        let at = shown(at);
        return Decision::stay(State::Cooling, Reason::Young { version, at }, Some(target));
    }
    if let Some(failure) = standing.failure_of(target.version)
        && let Some(next) = failure.next.filter(|next| *next > now)
    {
        let (code, at) = (failure.code, Some(shown(next)));
        return Decision::stay(State::Failed, Reason::Failed { version, code, at }, Some(target));
    }
    if let Some(window) = facts.policy.window.as_ref().filter(|_| !target.mends)
        && !window.is_open(facts.now)
    {
        let at = window.opens(facts.now).format("%Y-%m-%d %H:%M %:z").to_string();
        return Decision::stay(State::Scheduled, Reason::Closed { version, at }, Some(target));
    }
    Decision::stay(State::Scheduled, Reason::Due { version }, Some(target)).with(Act::Apply)
}

/// When its bytes have stood there for long enough.
fn age(facts: &Facts<'_>, target: &Candidate) -> Option<DateTime<Utc>> {
    let published = target.published?;
    published.checked_add_signed(TimeDelta::hours(i64::from(facts.policy.cooldown)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Sha256Digest;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    /// 2026-11-28 12:00 and so many hours, in São Paulo.
    fn at(hours: i64) -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339("2026-11-28T12:00:00-03:00").unwrap() + TimeDelta::hours(hours)
    }

    fn offered(text: &str, hours_ago: i64) -> Candidate {
        Candidate {
            sha256: Some(Sha256Digest::new([7; 32])),
            published: Some((at(0) - TimeDelta::hours(hours_ago)).to_utc()),
            ..Candidate::of(version(text))
        }
    }

    fn automatic() -> Policy {
        Policy {
            mode: Mode::Automatic,
            ..Policy::default()
        }
    }

    fn rehearsed(candidate: &Candidate) -> Standing {
        Standing {
            state: State::Cooling,
            target: Some(candidate.clone()),
            ..Standing::default()
        }
    }

    struct Case {
        policy: Policy,
        offers: Vec<Candidate>,
        standing: Standing,
        left: Option<Version>,
        status: Option<&'static str>,
        is_repository: bool,
        is_watched: bool,
    }

    impl Case {
        fn of(offers: Vec<Candidate>) -> Self {
            Self {
                policy: automatic(),
                standing: offers.first().map(rehearsed).unwrap_or_default(),
                offers,
                left: None,
                status: None,
                is_repository: false,
                is_watched: true,
            }
        }

        fn at(&self, now: DateTime<FixedOffset>) -> (State, Act, String) {
            let facts = Facts {
                now,
                installed: version("1.0.0"),
                policy: &self.policy,
                news: News::Known(&self.offers),
                status: self.status,
                is_repository: self.is_repository,
                is_watched: self.is_watched,
                left: self.left,
            };
            let decision = decide(&self.standing, &facts);
            let reason = decision.reason.map(|reason| reason.word()).unwrap_or_default();
            (decision.state, decision.act, reason)
        }

        fn now(&self) -> (State, Act, String) {
            self.at(at(0))
        }
    }

    fn same(found: (State, Act, String), state: State, act: Act, reason: &str) {
        let (was, done, why) = found;
        assert_eq!((was, done, why.as_str()), (state, act, reason));
    }

    #[test]
    fn a_version_comes_when_it_has_stood_there_for_long_enough() {
        let case = Case::of(vec![offered("1.1.0", 71)]);
        same(case.now(), State::Cooling, Act::Nothing, "carencia");
        same(case.at(at(1)), State::Scheduled, Act::Apply, "agora");
        // One that the index calls a fix comes at once.
        let mut case = Case::of(vec![Candidate {
            mends: true,
            ..offered("1.1.0", 0)
        }]);
        case.policy.window = Some("dom 02:00-03:00".parse().unwrap());
        same(case.now(), State::Scheduled, Act::Apply, "agora");
        // Nobody knows how old it is.
        let case = Case::of(vec![Candidate {
            published: None,
            ..offered("1.1.0", 0)
        }]);
        same(case.now(), State::Available, Act::Nothing, "sem_data");
    }

    #[test]
    fn it_comes_in_its_window_alone() {
        let mut case = Case::of(vec![offered("1.1.0", 100)]);
        case.policy.window = Some("dom 02:00-05:00".parse().unwrap());
        same(case.now(), State::Scheduled, Act::Nothing, "janela");
        same(case.at(at(14)), State::Scheduled, Act::Apply, "agora");
        same(case.at(at(17)), State::Scheduled, Act::Nothing, "janela");
    }

    #[test]
    fn other_bytes_are_rehearsed_anew() {
        let mut case = Case::of(vec![offered("1.1.0", 100)]);
        case.offers[0].sha256 = Some(Sha256Digest::new([8; 32]));
        same(case.now(), State::Available, Act::Rehearse, "agora");
        let case = Case {
            standing: Standing::default(),
            ..Case::of(vec![offered("1.1.0", 100)])
        };
        same(case.now(), State::Available, Act::Rehearse, "agora");
    }

    #[test]
    fn the_newest_version_that_nothing_holds_back_is_meant() {
        let mut case = Case::of(vec![offered("1.1.0", 100), offered("2.0.0", 100)]);
        same(case.now(), State::Scheduled, Act::Apply, "agora");
        case.offers.remove(0);
        same(case.now(), State::Available, Act::Nothing, "nivel");
        case.policy.level = Level::Major;
        case.standing = rehearsed(&case.offers[0]);
        same(case.now(), State::Scheduled, Act::Apply, "agora");
    }

    #[test]
    fn what_is_held_back_says_why() {
        let one = |change: &dyn Fn(&mut Case)| {
            let mut case = Case::of(vec![offered("1.1.0", 100)]);
            change(&mut case);
            case.now()
        };
        let available = State::Available;
        for (found, state, reason) in [
            (one(&|case| case.policy.mode = Mode::Manual), available, "manual"),
            (one(&|case| case.policy.mode = Mode::Notify), available, "avisar"),
            (
                one(&|case| case.offers[0].is_withdrawn = true),
                State::Current,
                "retirada",
            ),
            (
                one(&|case| case.offers[0].is_revoked = true),
                State::Current,
                "revogada",
            ),
            (
                one(&|case| case.offers[0].channel = Channel::Preview),
                available,
                "previa",
            ),
            (one(&|case| case.offers[0].sha256 = None), available, "sem_sha256"),
            (one(&|case| case.offers[0].is_of_another = true), available, "assinante"),
            (one(&|case| case.offers[0].asks_more = true), available, "permissoes"),
            (one(&|case| case.status = Some("erro")), available, "status"),
            (one(&|case| case.is_repository = true), available, "repositorio"),
            (one(&|case| case.is_watched = false), available, "sem_sonda"),
            (
                one(&|case| case.left = Some(version("1.1.0"))),
                State::Skipped,
                "deixada",
            ),
            (
                one(&|case| case.policy.skip.range = Some("1.1.x".parse().unwrap())),
                State::Skipped,
                "pular",
            ),
            (
                one(&|case| case.policy.skip.until = Some(at(1).to_utc())),
                State::Skipped,
                "pular_ate",
            ),
            (
                one(&|case| case.standing.fail(version("1.1.0"), 13, at(0).to_utc())),
                State::Failed,
                "falhou",
            ),
            (one(&|case| case.offers.clear()), State::Current, ""),
        ] {
            same(found, state, Act::Nothing, reason);
        }
    }

    #[test]
    fn a_version_that_failed_is_tried_again_and_then_no_more() {
        let mut case = Case::of(vec![offered("1.1.0", 100)]);
        case.standing.fail(version("1.1.0"), 13, at(0).to_utc());
        same(case.now(), State::Failed, Act::Nothing, "falhou");
        same(case.at(at(1)), State::Scheduled, Act::Apply, "agora");
        for _ in 0..4 {
            case.standing.fail(version("1.1.0"), 13, at(0).to_utc());
        }
        same(case.at(at(10_000)), State::Failed, Act::Nothing, "falhou");
        // A newer one may come.
        case.offers.push(offered("1.1.1", 100));
        assert_eq!(case.now().1, Act::Rehearse);
    }

    #[test]
    fn what_is_not_known_lets_nothing_come() {
        let mut case = Case::of(vec![offered("1.1.0", 100)]);
        case.standing.state = State::Scheduled;
        let reason = Reason::Stale { text: String::new() };
        let facts = Facts {
            now: at(0),
            installed: version("1.0.0"),
            policy: &case.policy,
            news: News::Unknown(&reason),
            status: None,
            is_repository: false,
            is_watched: true,
            left: None,
        };
        let decision = decide(&case.standing, &facts);
        assert_eq!((decision.state, decision.act), (State::Available, Act::Nothing));
    }

    #[test]
    fn what_an_attempt_left_does_not_keep_it_from_the_next() {
        let mut case = Case::of(vec![offered("1.1.0", 100)]);
        case.status = Some("erro");
        case.standing.fail(version("1.1.0"), 12, at(0).to_utc());
        assert_eq!(case.at(at(0)).0, State::Failed);
        let (state, act, _) = case.at(at(2));
        assert_eq!((state, act), (State::Scheduled, Act::Apply));
        // A newer one has not tried anything yet.
        case.offers.insert(0, offered("1.1.1", 100));
        assert_eq!(case.at(at(2)).2, "status");
    }
}

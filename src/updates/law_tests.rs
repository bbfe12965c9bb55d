//! Laws: whatever a source does, whatever fails and however often a run looks, nothing comes that a rule forbids.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use proptest::prelude::*;

use super::candidate::Candidate;
use super::decide::{Act, Facts, News, decide};
use super::level::Level;
use super::policy::{Channel, Mode, Policy};
use super::reason::Reason;
use super::skip::Skip;
use super::standing::{Left, Standing, State};
use crate::model::{Release, Sha256Digest, Version, VersionRange};

/// Something that happens.
#[derive(Debug, Clone)]
enum Happens {
    /// A source offers a version: its number, its bytes, how many hours it is old, what is said of it.
    Offer(u8, u8, i64, u8),
    /// It withdraws one.
    Withdraw(u8),
    /// It revokes one.
    Revoke(u8),
    /// It offers other bytes of one, from now on.
    Republish(u8, u8),
    /// Time goes by, in minutes.
    Wait(i64),
    /// A run looks. What comes ends so: 0 well, 1 the site is not well, 2 fails, 3 is busy.
    Run(u8),
    /// The source cannot be asked.
    Silence,
    /// It can.
    Speech,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        (0..6u8, 0..4u8, 0..200i64, any::<u8>()).prop_map(|(a, b, c, d)| Happens::Offer(a, b, c, d)),
        (0..6u8).prop_map(Happens::Withdraw),
        (0..6u8).prop_map(Happens::Revoke),
        (0..6u8, 4..8u8).prop_map(|(a, b)| Happens::Republish(a, b)),
        (1..3_000i64).prop_map(Happens::Wait),
        (0..4u8).prop_map(Happens::Run),
        (0..4u8).prop_map(Happens::Run),
        (0..4u8).prop_map(Happens::Run),
        Just(Happens::Silence),
        Just(Happens::Speech),
    ]
}

const VERSIONS: [&str; 6] = ["1.0.1", "1.1.0", "1.2.0", "1.3.5", "2.0.0", "1.0.0"];

fn policy() -> impl Strategy<Value = Policy> {
    let levels = prop_oneof![Just(Level::Patch), Just(Level::Minor), Just(Level::Major)];
    let windows = prop_oneof![
        Just(None),
        Just(Some("dom,qua 02:00-14:00")),
        Just(Some("sab 22:00-03:00"))
    ];
    let skips = prop_oneof![Just(None), Just(Some("1.2.x")), Just(Some(">=2"))];
    (levels, windows, skips, 0..100u32, any::<bool>()).prop_map(|(level, window, skip, cooldown, is_open)| Policy {
        mode: Mode::Automatic,
        level,
        channel: if is_open { Channel::Preview } else { Channel::Stable },
        window: window.map(|text| text.parse().unwrap()),
        cooldown,
        skip: Skip {
            range: skip.map(|text| text.parse::<VersionRange>().unwrap()),
            until: None,
        },
    })
}

struct World {
    now: DateTime<FixedOffset>,
    policy: Policy,
    installed: Version,
    offers: BTreeMap<u8, Candidate>,
    is_silent: bool,
    standing: Standing,
    /// Attempts of each version that failed, and when the last did.
    failed: BTreeMap<Version, (u32, DateTime<Utc>)>,
    taken_back: Vec<Version>,
}

impl World {
    fn of(policy: Policy) -> Self {
        Self {
            now: DateTime::parse_from_rfc3339("2026-11-01T00:00:00-03:00").unwrap(),
            policy,
            installed: "1.0.0".parse().unwrap(),
            offers: BTreeMap::new(),
            is_silent: false,
            standing: Standing::default(),
            failed: BTreeMap::new(),
            taken_back: Vec::new(),
        }
    }

    fn happen(&mut self, what: &Happens) {
        match what {
            Happens::Offer(number, bytes, hours, said) => {
                self.offers
                    .insert(*number, self.offered(*number, *bytes, *hours, *said));
            }
            Happens::Withdraw(number) => self.change(*number, |offer| offer.is_withdrawn = true),
            Happens::Revoke(number) => self.change(*number, |offer| offer.is_revoked = true),
            Happens::Republish(number, bytes) => {
                let now = self.now.to_utc();
                self.change(*number, |offer| {
                    offer.sha256 = Some(Sha256Digest::new([*bytes; 32]));
                    offer.published = Some(now);
                });
            }
            Happens::Wait(minutes) => self.now += TimeDelta::minutes(*minutes),
            Happens::Run(ends) => {
                self.run(*ends);
                self.run(*ends);
            }
            Happens::Silence => self.is_silent = true,
            Happens::Speech => self.is_silent = false,
        }
    }

    fn offered(&self, number: u8, bytes: u8, hours: i64, said: u8) -> Candidate {
        Candidate {
            sha256: (said & 1 == 0).then(|| Sha256Digest::new([bytes; 32])),
            published: (said & 2 == 0).then(|| (self.now - TimeDelta::hours(hours)).to_utc()),
            channel: if said & 4 == 0 {
                Channel::Stable
            } else {
                Channel::Preview
            },
            mends: said & 0b1_1000 == 0b1_1000,
            is_of_another: said & 0b110_0000 == 0b110_0000,
            asks_more: said & 0b1100_0000 == 0b1000_0000,
            ..Candidate::of(VERSIONS[usize::from(number)].parse().unwrap())
        }
    }

    fn change(&mut self, number: u8, change: impl FnOnce(&mut Candidate)) {
        if let Some(offer) = self.offers.get_mut(&number) {
            change(offer);
        }
    }

    fn run(&mut self, ends: u8) {
        let offers: Vec<Candidate> = self.offers.values().cloned().collect();
        let silence = Reason::Stale { text: String::new() };
        let policy = self.policy.clone();
        let facts = Facts {
            now: self.now,
            installed: self.installed,
            policy: &policy,
            news: if self.is_silent {
                News::Unknown(&silence)
            } else {
                News::Known(&offers)
            },
            status: None,
            is_repository: false,
            is_watched: true,
            left: None,
        };
        let decision = decide(&self.standing, &facts);
        assert!(
            decision.state == State::Current || decision.reason.is_some(),
            "{decision:?}"
        );
        self.standing.state = decision.state;
        self.standing.reason.clone_from(&decision.reason);
        match decision.act {
            Act::Nothing => self.standing.target = decision.target,
            Act::Rehearse => {
                self.standing.target = decision.target;
                self.standing.state = State::Cooling;
            }
            Act::Apply => {
                self.standing.target.clone_from(&decision.target);
                self.apply(&decision.target.unwrap(), ends);
            }
            Act::Watch => self.watch(ends),
        }
    }

    fn apply(&mut self, target: &Candidate, ends: u8) {
        self.check(target);
        let now = self.now.to_utc();
        match ends {
            2 => {
                self.standing.fail(target.version, 13, now);
                let known = self.failed.entry(target.version).or_insert((0, now));
                *known = (known.0 + 1, now);
                // Only the last version that failed is remembered with its times.
                self.failed.retain(|version, _| *version == target.version);
            }
            3 => self.standing.postpone(target.version, 15),
            _ => {
                let left = Left {
                    version: self.installed,
                    point: None,
                };
                self.standing.succeed(target.version, Some(left), now);
                self.installed = target.version;
            }
        }
    }

    fn watch(&mut self, ends: u8) {
        if ends != 1 {
            self.standing.settle();
            return;
        }
        let version = self.installed;
        let range = Skip::with(self.policy.skip.range.as_ref(), version);
        self.policy.skip.range = Some(range.parse().unwrap());
        self.installed = self.standing.left.as_ref().unwrap().version;
        let why = Reason::Reverted {
            version: version.to_string(),
            text: String::new(),
        };
        self.standing.revert((version, why), Ok(()), self.now.to_utc());
        self.taken_back.push(version);
    }

    /// What comes is allowed.
    fn check(&self, target: &Candidate) {
        let offer = self
            .offers
            .values()
            .find(|offer| offer.version == target.version)
            .unwrap();
        assert!(!self.is_silent && offer == target);
        assert!(!offer.is_withdrawn && !offer.is_revoked && !offer.is_of_another && !offer.asks_more);
        assert!(offer.sha256.is_some() && target.version > self.installed);
        assert!(Level::between(self.installed, target.version) <= self.policy.level);
        assert!(offer.channel == Channel::Stable || self.policy.channel == Channel::Preview);
        let range = self.policy.skip.range.as_ref();
        assert!(range.is_none_or(|range| !range.admits(Release::from(target.version))));
        assert!(!self.taken_back.contains(&target.version));
        if !offer.mends {
            let hours = i64::from(self.policy.cooldown);
            let young = offer
                .published
                .is_none_or(|at| self.now.to_utc() < at + TimeDelta::hours(hours));
            assert!(hours == 0 || !young, "{target:?} at {}", self.now);
            assert!(
                self.policy
                    .window
                    .as_ref()
                    .is_none_or(|window| window.is_open(self.now))
            );
        }
        if let Some((attempts, at)) = self.failed.get(&target.version) {
            let hours = [1, 4, 24, 72][usize::try_from(*attempts).unwrap() - 1];
            assert!(*attempts <= 4 && self.now.to_utc() >= *at + TimeDelta::hours(hours));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn nothing_comes_that_a_rule_forbids(policy in policy(), all in prop::collection::vec(happens(), 1..60)) {
        let mut world = World::of(policy);
        for what in &all {
            world.happen(what);
        }
    }

    #[test]
    fn the_same_facts_give_the_same_decision(policy in policy(), all in prop::collection::vec(happens(), 1..20)) {
        let run = || {
            let mut world = World::of(policy.clone());
            for what in &all {
                world.happen(what);
            }
            (world.standing, world.installed)
        };
        prop_assert_eq!(run(), run());
    }
}

//! Pages of the site by which is told whether it is well: those of the policy, else the site's address.

use std::cell::OnceCell;
use std::time::{Duration, Instant};

use super::Run;
use crate::base::hash::sha256;
use crate::base::net::{Address, Client, NetError};
use crate::config::Settings;
use crate::log::{Message, Reporter};
use crate::ops::Error;
use crate::source::{SourceError, client_settings};
use crate::trust::Policy;
use crate::updates::{Health, Probe, Pulse, Sign, compare, take_pulse};

/// How long a page may say nothing.
const IDLE: Duration = Duration::from_secs(15);
/// How long it may take.
const TOTAL: Duration = Duration::from_secs(20);

/// Digits by which a page is known.
const KEY: usize = 8;
/// So many that say nothing are waited for at a time.
const MUTE: u32 = 3;

/// The pages of a site.
pub(in crate::ops) struct Pages<'a> {
    client: Client,
    /// By what each is known, and where it is.
    named: Vec<(String, Address)>,
    /// Nobody can read which pages there are.
    is_unknown: bool,
    /// How long all of them may take.
    patience: Duration,
    reporter: &'a dyn Reporter,
    proven: OnceCell<bool>,
}

/// What was seen of the pages.
pub(super) struct Look {
    /// What is wrong with the first that has failed twice in a row.
    pub(super) sign: Option<Sign>,
    /// Whether all were asked, and none failed.
    pub(super) is_calm: bool,
}

impl<'a> Pages<'a> {
    pub(super) fn of(run: &'a Run<'_>) -> Result<Self, Error> {
        let made = Self::new((&run.policy, run.call.address.as_deref()), run.settings, run.reporter)?;
        Ok(Self {
            is_unknown: run.unread.is_some(),
            ..made
        })
    }

    /// Those of a policy; where it names none, the site's address.
    pub(in crate::ops) fn new(
        (policy, address): (&Policy, Option<&str>),
        settings: &Settings,
        reporter: &'a dyn Reporter,
    ) -> Result<Self, Error> {
        let urls = match (policy.health(), address) {
            ([], Some(address)) => vec![address.to_owned()],
            (pages, _) => pages.to_vec(),
        };
        let mut known = Vec::with_capacity(urls.len());
        for url in urls {
            match Address::parse(&url) {
                Ok(address) => known.push((key(&url), address)),
                // An address that is none is told, and no page answers there.
                Err(fault) => reporter.message(Message::warning(&fault)),
            }
        }
        let mut made = client_settings(settings);
        made.idle = made.idle.min(IDLE);
        made.total = made.total.min(TOTAL);
        Ok(Self {
            patience: made.total * MUTE,
            client: Client::new(made).map_err(SourceError::Net)?,
            named: known,
            is_unknown: false,
            reporter,
            proven: OnceCell::new(),
        })
    }

    /// Whether one of them answers as a page should; asked once a run.
    pub(in crate::ops) fn are_proven(&self) -> Result<bool, Error> {
        if let Some(known) = self.proven.get() {
            return Ok(*known);
        }
        let is_proven = self.before()?.is_proven();
        Ok(*self.proven.get_or_init(|| is_proven))
    }

    /// How they are before an update: those that answer well enough to be compared with later. What could not be asked in time
    /// is none of them.
    pub(super) fn before(&self) -> Result<Health, Error> {
        let mut health = Health::default();
        let started = Instant::now();
        for (key, page) in &self.named {
            if started.elapsed() >= self.patience {
                break;
            }
            let pulse = self.pulse(page)?;
            health.probes.extend(pulse.as_probe(key, &page.to_string()));
        }
        Ok(health)
    }

    /// How those are that were well before.
    pub(super) fn look(&self, health: &mut Health) -> Result<Look, Error> {
        let (mut sign, mut is_whole) = (None, true);
        let started = Instant::now();
        // A page that is no longer named says nothing any more.
        health
            .probes
            .retain(|probe| self.is_unknown || self.page_of(probe).is_some());
        for probe in &mut health.probes {
            if started.elapsed() >= self.patience {
                is_whole = false;
                break;
            }
            let Some(page) = self.page_of(probe) else {
                is_whole = false;
                continue;
            };
            let pulse = self.pulse(&page)?;
            match compare(probe, &pulse) {
                None => probe.failures = 0,
                Some(found) => {
                    probe.failures = probe.failures.saturating_add(1);
                    if probe.failures >= 2 {
                        sign = sign.or(Some(found));
                    }
                }
            }
        }
        let is_calm = is_whole && health.probes.iter().all(|probe| probe.failures == 0);
        Ok(Look { sign, is_calm })
    }

    /// The page that a probe is of. Where nobody can read which there are, only one is known whose address holds nothing that is
    /// not shown.
    fn page_of(&self, probe: &Probe) -> Option<Address> {
        let named = self.named.iter().find(|(key, _)| *key == probe.key);
        if let Some((_, page)) = named {
            return Some(page.clone());
        }
        let is_plain = self.is_unknown && key(&probe.url) == probe.key;
        is_plain.then(|| Address::parse(&probe.url).ok()).flatten()
    }

    fn pulse(&self, page: &Address) -> Result<Pulse, Error> {
        match take_pulse(&self.client, page, self.reporter) {
            Ok(pulse) => Ok(pulse),
            Err(NetError::Cancelled(fault)) => Err(fault.into()),
            Err(fault) => Err(SourceError::Net(fault).into()),
        }
    }
}

/// By what an address is known: enough to tell pages of one policy apart, and too little to guess by what it is.
fn key(url: &str) -> String {
    sha256(url.as_bytes()).to_string().chars().take(KEY).collect()
}

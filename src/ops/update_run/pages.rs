//! Pages of the site by which is told whether it is well: those of the policy, else the site's address.

use std::cell::OnceCell;
use std::time::Duration;

use super::Run;
use crate::base::net::{Client, NetError};
use crate::config::Settings;
use crate::log::{Message, Reporter};
use crate::ops::Error;
use crate::source::{SourceError, client_settings};
use crate::trust::Policy;
use crate::updates::{Health, Pulse, Sign, compare, take_pulse};

/// How long a page may say nothing.
const IDLE: Duration = Duration::from_secs(15);
/// How long it may take.
const TOTAL: Duration = Duration::from_secs(20);

/// The pages of a site.
pub(in crate::ops) struct Pages<'a> {
    client: Client,
    urls: Vec<String>,
    reporter: &'a dyn Reporter,
    proven: OnceCell<bool>,
}

impl<'a> Pages<'a> {
    pub(super) fn of(run: &'a Run<'_>) -> Result<Self, Error> {
        Self::new((&run.policy, run.call.address.as_deref()), run.settings, run.reporter)
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
        let mut made = client_settings(settings);
        made.idle = made.idle.min(IDLE);
        made.total = made.total.min(TOTAL);
        Ok(Self {
            client: Client::new(made).map_err(SourceError::Net)?,
            urls,
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

    /// How they are before an update: those that answer well enough to be compared with later.
    pub(super) fn before(&self) -> Result<Health, Error> {
        let mut health = Health::default();
        for url in &self.urls {
            health.probes.extend(self.pulse(url)?.as_probe(url));
        }
        Ok(health)
    }

    /// How those are that were well before; what is wrong with the first that has failed twice in a row.
    pub(super) fn look(&self, health: &mut Health) -> Result<Option<Sign>, Error> {
        let mut found = None;
        for probe in &mut health.probes {
            let pulse = self.pulse(&probe.url)?;
            match compare(probe, &pulse) {
                None => probe.failures = 0,
                Some(sign) => {
                    probe.failures += 1;
                    if probe.failures >= 2 {
                        found = found.or(Some(sign));
                    }
                }
            }
        }
        Ok(found)
    }

    fn pulse(&self, url: &str) -> Result<Pulse, Error> {
        match take_pulse(&self.client, url, self.reporter) {
            Ok(pulse) => Ok(pulse),
            Err(NetError::Cancelled(fault)) => Err(fault.into()),
            // An address that is none is told, and no page answers there.
            Err(fault) => {
                self.reporter.message(Message::warning(&fault));
                Ok(Pulse {
                    status: None,
                    path: String::new(),
                    length: 0,
                })
            }
        }
    }
}

//! The pages of a site by which is told whether it is well: how each answered before an update, and how often it failed
//! since. Values only; stored as JSON.

use serde::{Deserialize, Serialize};

/// Pages of a site.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Health {
    /// Those that answered before the update.
    #[serde(default, rename = "sondas")]
    pub probes: Vec<Probe>,
}

/// A page as it answered before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// What is asked for, as it may be shown: without what its address may hold for nobody else.
    #[serde(rename = "url")]
    pub url: String,
    /// By what it is known among the pages of the policy, of which two may be shown alike.
    #[serde(default, rename = "chave")]
    pub key: String,
    /// Its status.
    #[serde(rename = "status")]
    pub status: u16,
    /// The path that it led to in the end; an address where that is on another server.
    #[serde(rename = "caminho")]
    pub path: String,
    /// Bytes of its body.
    #[serde(rename = "bytes")]
    pub length: u64,
    /// How often it has failed in a row since.
    #[serde(default, rename = "falhas")]
    pub failures: u32,
}

impl Health {
    /// Whether a page answered as a page should.
    pub fn is_proven(&self) -> bool {
        self.probes.iter().any(|probe| (200..300).contains(&probe.status))
    }

    /// Nothing failed.
    pub(super) fn calm(&mut self) {
        self.probes.iter_mut().for_each(|probe| probe.failures = 0);
    }
}

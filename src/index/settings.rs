//! `indice.json`: what an operator says of an index beside its root. Pure.

use serde::{Deserialize, Serialize};

use super::IndexFault;
use crate::base::net::Address;

/// Where an index stands that says no place.
const PRIORITY: i64 = 100;

/// What an operator says of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexSettings {
    /// The folder of its files.
    pub url: String,
    /// Name of the credential that its server wants.
    #[serde(default)]
    pub credencial: Option<String>,
    /// The lowest comes first.
    #[serde(default = "usual")]
    pub prioridade: i64,
}

fn usual() -> i64 {
    PRIORITY
}

impl IndexSettings {
    /// Settings with the usual priority.
    pub fn of(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            credencial: None,
            prioridade: PRIORITY,
        }
    }

    /// Reads the file of an index.
    pub(super) fn parse(path: &std::path::Path, bytes: &[u8]) -> Result<Self, IndexFault> {
        serde_json::from_slice(bytes).map_err(|source| IndexFault::Settings {
            path: path.to_owned(),
            source,
        })
    }

    /// Where the index is.
    pub fn address(&self) -> Result<Address, IndexFault> {
        Address::parse(&self.url).map_err(IndexFault::Address)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn settings_say_what_is_known_and_nothing_else() {
        let read = |text: &str| IndexSettings::parse(Path::new("/i.json"), text.as_bytes());
        let plain = read(r#"{"url": "https://a.org/i/"}"#).unwrap();
        assert_eq!(plain, IndexSettings::of("https://a.org/i/"));
        assert!(plain.address().is_ok());
        let full = read(r#"{"url": "http://a.org/", "credencial": "X", "prioridade": -1}"#).unwrap();
        assert_eq!((full.credencial.as_deref(), full.prioridade), (Some("X"), -1));
        assert!(full.address().is_err(), "not encrypted");
        for wrong in [
            "",
            "{}",
            "[]",
            r#"{"url": 1}"#,
            r#"{"url": "https://a.org/", "prioritade": 1}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}

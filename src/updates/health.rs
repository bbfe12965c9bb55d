//! Whether a page is as well after an update as it was before. Pure; `probe` asks.

use std::fmt;

use super::watched::Probe;
use crate::model::Bilingual;

/// Where the gestor leads whoever asks for a page that is not there, with a status as if all were well.
const NOT_FOUND: &str = "/404";
/// A body that is shorter than this part of the one before is none.
const PART: u64 = 10;

/// How a page answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulse {
    /// Its status; nothing where it did not answer in time.
    pub status: Option<u16>,
    /// The path that it led to in the end; an address where that is on another server.
    pub path: String,
    /// Bytes of its body.
    pub length: u64,
}

/// What is wrong with a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Sign {
    /// It does not answer in time, or not at all.
    #[error("{url} does not answer")]
    Silent {
        /// The page.
        url: String,
    },
    /// It answers with a fault.
    #[error("{url} answers with status {status}, and {before} before")]
    Status {
        /// The page.
        url: String,
        /// Now.
        status: u16,
        /// Before.
        before: u16,
    },
    /// It leads to where pages are that do not exist, or elsewhere.
    #[error("{url} leads to {path}, and to {before} before")]
    Elsewhere {
        /// The page.
        url: String,
        /// Now.
        path: String,
        /// Before.
        before: String,
    },
    /// Hardly anything is left of it.
    #[error("{url} has {length} bytes, and had {before} before")]
    Empty {
        /// The page.
        url: String,
        /// Now.
        length: u64,
        /// Before.
        before: u64,
    },
}

impl Bilingual for Sign {
    fn portuguese(&self) -> String {
        match self {
            Self::Silent { url } => format!("{url} não responde"),
            Self::Status { url, status, before } => {
                format!("{url} responde com o status {status}, e antes com {before}")
            }
            Self::Elsewhere { url, path, before } => format!("{url} leva a {path}, e antes a {before}"),
            Self::Empty { url, length, before } => format!("{url} tem {length} bytes, e antes tinha {before}"),
        }
    }
}

impl fmt::Display for Pulse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(f, "{status} {} {}", self.path, self.length),
            None => f.write_str("-"),
        }
    }
}

impl Pulse {
    /// The page as it is now, where it answers well enough to be compared with later. `key`: its own among the pages.
    pub fn as_probe(&self, key: &str, url: &str) -> Option<Probe> {
        let status = self.status.filter(|status| *status < 400)?;
        if self.path.trim_end_matches('/').ends_with(NOT_FOUND) {
            return None;
        }
        Some(Probe {
            url: url.to_owned(),
            key: key.to_owned(),
            status,
            path: self.path.clone(),
            length: self.length,
            failures: 0,
        })
    }
}

/// What is wrong with a page that was well before.
pub fn compare(before: &Probe, now: &Pulse) -> Option<Sign> {
    let url = before.url.clone();
    let Some(status) = now.status else {
        return Some(Sign::Silent { url });
    };
    // A page that is gone is as dead as one that fails; one that asks who is there, or for patience, is neither.
    if status >= 500 || matches!(status, 404 | 410) {
        let before = before.status;
        return Some(Sign::Status { url, status, before });
    }
    if status >= 400 {
        return None;
    }
    if now.path != before.path {
        return Some(Sign::Elsewhere {
            url,
            path: now.path.clone(),
            before: before.path.clone(),
        });
    }
    let is_empty = now.length.saturating_mul(PART) < before.length;
    is_empty.then_some(Sign::Empty {
        url,
        length: now.length,
        before: before.length,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pulse(status: u16, path: &str, length: u64) -> Pulse {
        Pulse {
            status: Some(status).filter(|status| *status > 0),
            path: path.to_owned(),
            length,
        }
    }

    #[test]
    fn a_page_that_died_is_told_from_one_that_changed() {
        let before = pulse(200, "/loja/", 5_000).as_probe("", "https://a.org/loja/").unwrap();
        for (now, wanted) in [
            (pulse(200, "/loja/", 5_000), None),
            (pulse(200, "/loja/", 500), None),
            (pulse(200, "/loja/", 499), Some("499 bytes")),
            (pulse(200, "/loja/", 0), Some("0 bytes")),
            (pulse(200, "/404", 5_000), Some("/404")),
            (pulse(200, "/entrar/", 5_000), Some("/entrar/")),
            (pulse(200, "https://b.org/loja/", 5_000), Some("https://b.org/loja/")),
            (pulse(500, "/loja/", 5_000), Some("500")),
            (pulse(503, "/loja/", 5_000), Some("503")),
            (pulse(404, "/loja/", 5_000), Some("404")),
            (pulse(410, "/loja/", 5_000), Some("410")),
            (pulse(401, "/loja/", 10), None),
            (pulse(429, "/loja/", 10), None),
            (pulse(0, "", 0), Some("does not answer")),
        ] {
            let found = compare(&before, &now).map(|sign| sign.to_string());
            match wanted {
                None => assert_eq!(found, None, "{now}"),
                Some(text) => assert!(
                    found.as_deref().is_some_and(|found| found.contains(text)),
                    "{now} {found:?}"
                ),
            }
        }
    }

    #[test]
    fn what_was_not_well_before_is_no_probe() {
        for (status, is_one) in [
            (200, true),
            (302, true),
            (399, true),
            (400, false),
            (500, false),
            (0, false),
        ] {
            assert_eq!(pulse(status, "/", 1).as_probe("", "u").is_some(), is_one, "{status}");
        }
        assert!(
            pulse(200, "/404", 9).as_probe("", "u").is_none() && pulse(200, "/en/404/", 9).as_probe("", "u").is_none()
        );
    }

    #[test]
    fn an_empty_page_before_may_be_empty_after() {
        let before = pulse(204, "/", 0).as_probe("", "u").unwrap();
        assert_eq!(compare(&before, &pulse(204, "/", 0)), None);
    }
}

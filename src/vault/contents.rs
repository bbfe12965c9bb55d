//! What a sealed row holds: the secret, and the one server that it is sent to. Pure.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::VaultError;
use crate::config::CredentialType;
use crate::model::Secret;

/// Bytes of a secret.
const LONGEST: usize = 16 << 10;
/// What stands around it.
const AROUND: usize = 1 << 10;

/// A secret and what is bound to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// The secret.
    pub secret: Secret,
    /// Scheme, host and port that it is sent to; nothing where it is sent nowhere.
    pub origin: Option<String>,
    /// When it was stored, RFC 3339.
    pub created: String,
}

#[derive(Serialize)]
struct Written<'a> {
    segredo: &'a str,
    origem: Option<&'a str>,
    criado: &'a str,
}

#[derive(Deserialize)]
struct Read {
    segredo: String,
    origem: Option<String>,
    criado: String,
}

impl Contents {
    /// Checks a secret that somebody gives. A line's end behind it is not of it.
    ///
    /// # Errors
    /// [`VaultError::Secret`].
    pub fn new(
        secret: &Secret,
        kind: CredentialType,
        origin: Option<String>,
        created: String,
    ) -> Result<Self, VaultError> {
        let given = secret.expose();
        let text = match kind {
            CredentialType::GithubToken | CredentialType::HttpBearer => given.trim(),
            // A space may be of it.
            CredentialType::HttpBasic | CredentialType::SiteKey | CredentialType::PluginSetting => {
                given.trim_end_matches(['\r', '\n'])
            }
        };
        let is_header = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let fits = match kind {
            CredentialType::GithubToken | CredentialType::HttpBearer => is_header && !text.contains(' '),
            CredentialType::HttpBasic => text.contains(':') && !text.chars().any(char::is_control),
            CredentialType::SiteKey | CredentialType::PluginSetting => !text.contains('\0'),
        };
        if text.trim().is_empty() || text.len() > LONGEST || !fits {
            return Err(VaultError::Secret { kind, most: LONGEST });
        }
        Ok(Self {
            secret: Secret::new(text),
            origin,
            created,
        })
    }

    /// As it is sealed.
    pub(super) fn to_bytes(&self) -> Option<Zeroizing<Vec<u8>>> {
        let written = Written {
            segredo: self.secret.expose(),
            origem: self.origin.as_deref(),
            criado: &self.created,
        };
        // Every letter may be escaped: a text that grows leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.secret.expose().len() * 6 + AROUND));
        serde_json::to_writer(&mut *bytes, &written).ok()?;
        Some(bytes)
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let read: Read = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            secret: Secret::new(read.segredo),
            origin: read.origem,
            created: read.criado,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_fits_how_it_is_sent() {
        use CredentialType::{GithubToken, HttpBasic, HttpBearer, SiteKey};
        let longest = "x".repeat(LONGEST);
        let longer = "x".repeat(LONGEST + 1);
        for (kind, text, passes) in [
            (GithubToken, "ghp_x\n", true),
            (HttpBearer, longest.as_str(), true),
            (HttpBearer, longer.as_str(), false),
            (GithubToken, "", false),
            (GithubToken, " \n", false),
            (GithubToken, "a b", false),
            (GithubToken, "a\nb", false),
            (HttpBearer, "é", false),
            (HttpBasic, "user:pass word é", true),
            (HttpBasic, "user", false),
            (HttpBasic, "user:a\nb", false),
            (SiteKey, "-----BEGIN\nx\n", true),
        ] {
            let made = Contents::new(&Secret::new(text), kind, None, String::new());
            assert_eq!(made.is_ok(), passes, "{kind:?} {:?}", text.get(..9));
        }
    }

    #[test]
    fn a_password_keeps_its_spaces() {
        use CredentialType::{GithubToken, HttpBasic, SiteKey};
        for (kind, text, kept) in [
            (HttpBasic, " user: pass \r\n", " user: pass "),
            (SiteKey, "-----BEGIN\n x \n\n", "-----BEGIN\n x "),
            (GithubToken, " ghp_x \n", "ghp_x"),
        ] {
            let made = Contents::new(&Secret::new(text), kind, None, String::new()).unwrap();
            assert_eq!(made.secret.expose(), kept);
        }
        assert!(Contents::new(&Secret::new(" \n"), SiteKey, None, String::new()).is_err());
    }

    #[test]
    fn what_is_written_is_read() {
        let contents = Contents {
            secret: Secret::new("\"\\ \u{1f511}"),
            origin: Some("https://a.example".to_owned()),
            created: "2026-01-02T03:04:05Z".to_owned(),
        };
        let bytes = contents.to_bytes().unwrap();
        assert_eq!(Contents::of_bytes(&bytes), Some(contents));
        assert!(Contents::of_bytes(b"{}").is_none());
    }
}

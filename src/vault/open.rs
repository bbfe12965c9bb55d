//! A stored credential opened, and made ready for the one server that it is for. Pure.

use super::store::StoredCredential;
use super::{Contents, Envelope, KeyRing, Unopened, VaultError};
use crate::base::net::{Address, Credential};
use crate::config::CredentialType;

/// Opens a stored credential. Without a key ring every key is missing.
///
/// # Errors
/// [`VaultError::KeyMissing`], [`VaultError::Altered`].
pub fn open(stored: &StoredCredential, ring: Option<&KeyRing>) -> Result<Contents, VaultError> {
    let alias = || stored.alias.clone();
    let envelope = Envelope::parse(&stored.sealed).ok_or_else(|| VaultError::Altered { alias: alias() })?;
    let opened = match ring {
        Some(ring) => envelope.open(ring, stored.about()),
        None => Err(Unopened::KeyMissing(envelope.key().clone())),
    };
    opened.map_err(|why| match why {
        Unopened::KeyMissing(key) => VaultError::KeyMissing { alias: alias(), key },
        Unopened::Altered => VaultError::Altered { alias: alias() },
    })
}

/// The credential as it is sent to a server, which must be the one that it is for.
///
/// # Errors
/// [`VaultError::OtherServer`], [`VaultError::NotSent`].
pub fn for_server(stored: &StoredCredential, contents: &Contents, server: &Address) -> Result<Credential, VaultError> {
    let alias = || stored.alias.clone();
    let kind = CredentialType::stored(&stored.kind).filter(|kind| kind.is_sent());
    let not_sent = || VaultError::NotSent {
        alias: alias(),
        kind: stored.kind.clone(),
    };
    let (kind, bound) = (
        kind.ok_or_else(not_sent)?,
        contents.origin.as_ref().ok_or_else(not_sent)?,
    );
    if *bound != server.server() {
        return Err(VaultError::OtherServer {
            alias: alias(),
            bound: bound.clone(),
            wanted: server.server(),
        });
    }
    let made = match kind {
        CredentialType::HttpBearer => Credential::bearer(&contents.secret, server.clone()),
        CredentialType::HttpBasic => Credential::basic(&contents.secret, server.clone()),
        CredentialType::GithubToken | CredentialType::SiteKey | CredentialType::PluginSetting => {
            Credential::token(&contents.secret, server.clone())
        }
    };
    made.map_err(|_| VaultError::Altered { alias: alias() })
}

#[cfg(test)]
mod tests {
    use super::super::key_ring::tests::ring;
    use super::super::seal;
    use super::*;
    use crate::model::Secret;

    fn stored(kind: &str, origin: Option<&str>) -> StoredCredential {
        let contents = Contents {
            secret: Secret::new("user:t0p"),
            origin: origin.map(str::to_owned),
            created: "2026".to_owned(),
        };
        let mut stored = StoredCredential {
            id: 7,
            kind: kind.to_owned(),
            alias: "acme".to_owned(),
            sealed: String::new(),
            created_at: String::new(),
            updated_at: String::new(),
        };
        stored.sealed = seal(&ring(&[1]), [1; 12], stored.about(), &contents).unwrap();
        stored
    }

    #[test]
    fn it_is_sent_to_its_server_and_to_no_other() {
        let address = |text: &str| Address::parse(text).unwrap();
        for (kind, origin, to, passes) in [
            ("github_token", Some("https://a.example"), "https://a.example/api", true),
            ("http_bearer", Some("https://a.example"), "https://A.example:443/", true),
            ("http_basic", Some("https://a.example"), "https://a.example", true),
            (
                "github_token",
                Some("https://a.example"),
                "https://a.example:8443",
                false,
            ),
            ("github_token", Some("https://a.example"), "https://b.a.example", false),
            (
                "github_token",
                Some("http://127.0.0.1:80"),
                "http://127.0.0.1:81",
                false,
            ),
            ("github_token", Some("https://localhost"), "http://localhost", false),
            ("site_key", Some("https://a.example"), "https://a.example", false),
            ("another", Some("https://a.example"), "https://a.example", false),
            ("github_token", None, "https://a.example", false),
        ] {
            let stored = stored(kind, origin);
            let contents = open(&stored, Some(&ring(&[1]))).unwrap();
            let found = for_server(&stored, &contents, &address(to));
            assert_eq!(found.is_ok(), passes, "{kind} {origin:?} {to}");
            if let Err(fault) = found {
                assert!(!format!("{fault} {fault:?}").contains("t0p"), "{fault}");
            }
        }
    }

    #[test]
    fn why_it_does_not_open_is_told() {
        let stored = stored("github_token", None);
        for keys in [None, Some(ring(&[2]))] {
            let fault = open(&stored, keys.as_ref()).unwrap_err();
            let id = ring(&[1]).first().0.to_string();
            assert!(
                fault.to_string().contains(&id) && fault.to_string().contains("acme"),
                "{fault}"
            );
        }
        let moved = StoredCredential {
            id: 8,
            ..stored.clone()
        };
        let plain = StoredCredential {
            sealed: "ghp_0123".to_owned(),
            ..stored
        };
        for altered in [moved, plain] {
            let fault = open(&altered, Some(&ring(&[1]))).unwrap_err();
            assert!(matches!(fault, VaultError::Altered { .. }), "{fault}");
            assert!(!fault.to_string().contains("0123"));
        }
    }
}

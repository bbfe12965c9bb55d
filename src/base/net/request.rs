//! What a client is made from, and what it is asked for. Values only.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use super::{Address, BodyKind, NetError, Pacing, SystemPacing};
use crate::base::clock::{Clock, SystemClock};
use crate::base::memory::SecretInUse;
use crate::config::{DEFAULT_HTTP_IDLE, DEFAULT_HTTP_TOTAL};
use crate::model::Secret;

/// What a client is made from.
pub struct ClientSettings {
    /// Sent with every request.
    pub user_agent: &'static str,
    /// How long a connection may take.
    pub connect: Duration,
    /// How long nothing may come.
    pub idle: Duration,
    /// How long one download may take, with all attempts and pauses.
    pub total: Duration,
    /// An extra file of certificate authorities.
    pub ca_file: Option<PathBuf>,
    /// Proxy variables by lower-case name (`https_proxy`, `all_proxy`, `no_proxy`).
    pub proxies: Vec<(String, String)>,
    /// How retries wait.
    pub pacing: Box<dyn Pacing>,
    /// What time it is, for `Retry-After`.
    pub clock: Box<dyn Clock>,
}

impl ClientSettings {
    /// The usual time-outs: 15 s to connect, 30 s without a byte, 15 minutes in all.
    pub fn new(user_agent: &'static str) -> Self {
        Self {
            user_agent,
            connect: Duration::from_secs(15),
            idle: Duration::from_secs(DEFAULT_HTTP_IDLE),
            total: Duration::from_secs(DEFAULT_HTTP_TOTAL),
            ca_file: None,
            proxies: Vec::new(),
            pacing: Box::new(SystemPacing),
            clock: Box::new(SystemClock),
        }
    }
}

/// A secret header, bound to the server that it is meant for.
#[derive(Debug, Clone)]
pub struct Credential {
    pub(super) authorization: HeaderValue,
    pub(super) origin: Address,
    _in_use: SecretInUse,
}

impl Credential {
    /// `Authorization: token …`, for the scheme, host and port of `origin` alone.
    pub fn token(token: &Secret, origin: Address) -> Result<Self, NetError> {
        Self::of("token", token.expose(), origin)
    }

    /// `Authorization: Bearer …`, likewise.
    pub fn bearer(token: &Secret, origin: Address) -> Result<Self, NetError> {
        Self::of("Bearer", token.expose(), origin)
    }

    /// `Authorization: Basic …` of `user:password`, likewise.
    pub fn basic(pair: &Secret, origin: Address) -> Result<Self, NetError> {
        let encoded = Zeroizing::new(STANDARD.encode(pair.expose()));
        Self::of("Basic", &encoded, origin)
    }

    fn of(scheme: &str, secret: &str, origin: Address) -> Result<Self, NetError> {
        let in_use = SecretInUse::new();
        let text = Zeroizing::new(format!("{scheme} {secret}"));
        let mut authorization = HeaderValue::from_str(&text).map_err(|_| NetError::Token)?;
        authorization.set_sensitive(true);
        Ok(Self {
            authorization,
            origin,
            _in_use: in_use,
        })
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Where.
    pub address: Address,
    /// The header `Accept`.
    pub accept: &'static str,
    /// Sent to its own server alone.
    pub credential: Option<&'a Credential>,
    /// Bytes allowed.
    pub limit: u64,
    /// What must come.
    pub kind: BodyKind,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_never_shows_its_token() {
        let origin = Address::parse("https://api.example.org").unwrap();
        let made = Credential::token(&Secret::new("ghp_secret"), origin.clone()).unwrap();
        assert!(!format!("{made:?}").contains("ghp_secret"));
        for (made, header) in [
            (Credential::token(&Secret::new("t"), origin.clone()), "token t"),
            (Credential::bearer(&Secret::new("t"), origin.clone()), "Bearer t"),
            // RFC 7617, section 2.
            (
                Credential::basic(&Secret::new("Aladdin:open sesame"), origin.clone()),
                "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            ),
        ] {
            assert_eq!(made.unwrap().authorization.to_str().unwrap(), header);
        }
        assert!(matches!(
            Credential::token(&Secret::new("a\nb"), origin),
            Err(NetError::Token)
        ));
    }
}

//! What a client is made from, and what it is asked for. Values only.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::header::HeaderValue;

use super::{Address, BodyKind, NetError, Pacing, SystemPacing};
use crate::base::clock::{Clock, SystemClock};
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
}

impl Credential {
    /// `Authorization: token …`, for the scheme, host and port of `origin` alone.
    pub fn token(token: &Secret, origin: Address) -> Result<Self, NetError> {
        Self::with_word("token", token, origin)
    }

    /// The same as `Authorization: Bearer …`.
    pub fn bearer(token: &Secret, origin: Address) -> Result<Self, NetError> {
        Self::with_word("Bearer", token, origin)
    }

    fn with_word(word: &str, token: &Secret, origin: Address) -> Result<Self, NetError> {
        let text = format!("{word} {}", token.expose());
        let mut authorization = HeaderValue::from_str(&text).map_err(|_| NetError::Token)?;
        authorization.set_sensitive(true);
        Ok(Self { authorization, origin })
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
        assert!(matches!(
            Credential::token(&Secret::new("a\nb"), origin),
            Err(NetError::Token)
        ));
    }
}

//! A repository's files on a web server: flat, below one address. Owns which answers mean that a file is not there; how
//! a request is made stands in `net`.

use std::time::{Duration, Instant};

use super::store::{Answer, Remote};
use crate::base::net::{Address, BodyKind, Client, Credential, NetError, Request};
use crate::base::progress::Watcher;

/// A folder on a web server.
pub struct WebFolder<'a> {
    client: &'a Client,
    address: Address,
    credential: Option<&'a Credential>,
    watcher: &'a dyn Watcher,
    until: Option<(Instant, Duration)>,
}

impl<'a> WebFolder<'a> {
    /// The files right below an address.
    pub fn new(client: &'a Client, address: Address, watcher: &'a dyn Watcher) -> Self {
        Self {
            client,
            address,
            credential: None,
            watcher,
            until: None,
        }
    }

    /// Asks with a credential.
    #[must_use]
    pub fn with_credential(mut self, credential: Option<&'a Credential>) -> Self {
        self.credential = credential;
        self
    }

    /// Asks for nothing more once this time is over: a server that trickles must not hold up whoever asks it, whatever
    /// number of files it announces.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.until = Some((Instant::now(), time));
        self
    }

    /// A file further below.
    pub fn below(&self, parts: &[&str], limit: u64) -> Result<Answer, NetError> {
        let address = self.address.with_path(parts);
        if let Some((start, time)) = self.until
            && start.elapsed() > time
        {
            let (url, seconds) = (address.to_string(), time.as_secs());
            return Err(NetError::Total {
                url,
                seconds,
                received: 0,
            });
        }
        let request = Request {
            address,
            accept: "*/*",
            credential: self.credential,
            limit,
            kind: BodyKind::Any,
        };
        match self.client.read(&request, self.watcher) {
            Ok(page) => Ok(Answer::File(page.bytes)),
            // A bucket that nobody may list says 403 of what it does not have.
            Err(NetError::NotFound { .. } | NetError::Forbidden { .. }) => Ok(Answer::Absent),
            Err(NetError::TooLarge { .. }) => Ok(Answer::TooLong),
            Err(fault) => Err(fault),
        }
    }
}

impl Remote for WebFolder<'_> {
    type Fault = NetError;

    fn file(&self, name: &str, limit: u64) -> Result<Answer, NetError> {
        self.below(&[name], limit)
    }
}

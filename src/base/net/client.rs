//! The HTTP client of one operation. Owns the loop of attempts; what one attempt does stands in `attempt`.

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use reqwest::{redirect, retry as client_retry};
use tokio::runtime::{Builder, Runtime};

use super::attempt::{Attempt, Ended, Manner, Watch};
use super::proxy::proxy;
use super::request::{ClientSettings, Request};
use super::resolver::Resolver;
use super::retry;
use super::sink::Sink;
use super::{Address, NetError, link, tls};
use crate::base::lookup::has_thread_left;
use crate::base::memory::SecretInUse;
use crate::base::progress::{Retry, Watcher};
use crate::model::{Phrase, Sha256Digest};

/// A file that was downloaded.
#[derive(Debug, Clone)]
pub struct Download {
    /// The file, open since it was written.
    pub file: Arc<File>,
    /// SHA-256 of the whole.
    pub sha256: Sha256Digest,
    /// Bytes.
    pub length: u64,
}

/// A small answer.
#[derive(Debug, Clone)]
pub struct Page {
    /// The body.
    pub bytes: Vec<u8>,
    /// The next page of a list.
    pub next: Option<Address>,
}

/// An HTTP client that lives as long as one operation. Its runtime and its connections end with it.
pub struct Client {
    http: reqwest::Client,
    runtime: Runtime,
    settings: ClientSettings,
    /// It sent one: its connections have copies, until they are gone.
    secret: OnceLock<SecretInUse>,
}

impl Client {
    /// Makes a client. Opens no connection.
    pub fn new(settings: ClientSettings) -> Result<Self, NetError> {
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::configuration(settings.ca_file.as_deref())?)
            .user_agent(settings.user_agent)
            .connect_timeout(settings.connect)
            .redirect(redirect::Policy::none())
            .retry(client_retry::never())
            .referer(false)
            .http1_only()
            .dns_resolver(Resolver {
                has_thread: has_thread_left,
            })
            .no_proxy();
        if let Some(proxy) = proxy(&settings.proxies)? {
            builder = builder.proxy(proxy);
        }
        let http = builder.build().map_err(|source| NetError::Setup { source })?;
        let runtime = Builder::new_current_thread().enable_io().enable_time().build();
        let runtime = runtime.map_err(|source| NetError::Runtime { source })?;
        Ok(Self {
            http,
            runtime,
            settings,
            secret: OnceLock::new(),
        })
    }

    /// Downloads to a file, hashing on the way. Goes on after a cut where the server can.
    pub fn download(&self, request: &Request, path: &Path, watcher: &dyn Watcher) -> Result<Download, NetError> {
        let (mut sink, file) = Sink::file(path)?;
        self.run(request, &mut sink, watcher)?;
        let (sha256, length) = sink.into_digest();
        Ok(Download { file, sha256, length })
    }

    /// Reads a small answer into memory.
    pub fn read(&self, request: &Request, watcher: &dyn Watcher) -> Result<Page, NetError> {
        let mut sink = Sink::memory();
        let ended = self.run(request, &mut sink, watcher)?;
        let next = ended.link.and_then(|header| link::next(&ended.address, &header));
        Ok(Page {
            bytes: sink.into_bytes(),
            next,
        })
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub(super) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    pub(super) fn settings(&self) -> &ClientSettings {
        &self.settings
    }

    fn run(&self, request: &Request, sink: &mut Sink, watcher: &dyn Watcher) -> Result<Ended, NetError> {
        if request.credential.is_some() {
            self.secret.get_or_init(SecretInUse::new);
        }
        let watch = Watch {
            watcher,
            started: Instant::now(),
            settings: &self.settings,
        };
        let attempt = Attempt {
            http: &self.http,
            request,
            watch: &watch,
            manner: Manner::Plain,
        };
        let (mut made, mut earlier) = (0, None);
        loop {
            let failed = match self.runtime.block_on(attempt.run(sink)) {
                Ok(ended) => return Ok(ended),
                Err(failed) => failed,
            };
            made += 1;
            if matches!(failed.error, NetError::Total { received: 0, .. }) {
                // Why it was tried again says more than that there was no time left to.
                return Err(earlier.unwrap_or(failed.error));
            }
            let wait = retry::next_wait(&failed, made, self.settings.pacing.chance());
            let Some(wait) = wait.filter(|wait| *wait < watch.left()) else {
                return Err(failed.error);
            };
            watcher.retried(Retry {
                reason: Phrase::of(&failed.error),
                attempt: made + 1,
                attempts: retry::attempts(&failed.error),
                wait,
            });
            earlier = Some(failed.error);
            self.pause(wait, sink, watcher)?;
        }
    }

    /// Waits in slices, so that the caller can cancel.
    fn pause(&self, wait: Duration, sink: &Sink, watcher: &dyn Watcher) -> Result<(), NetError> {
        let mut left = wait;
        while !left.is_zero() {
            let slice = left.min(Duration::from_millis(100));
            self.settings.pacing.pause(slice);
            left -= slice;
            watcher.received(sink.received(), sink.total.unwrap_or_default())?;
        }
        Ok(())
    }
}

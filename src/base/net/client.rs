//! The HTTP client of one operation. Owns settings, proxies, and the loop of attempts; what one attempt does stands in
//! `attempt`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::HeaderValue;
use reqwest::{NoProxy, Proxy, redirect, retry as client_retry};
use tokio::runtime::{Builder, Runtime};

use super::attempt::{Attempt, Ended, Watch};
use super::resolver::Resolver;
use super::retry;
use super::sink::Sink;
use super::{Address, BodyKind, NetError, Pacing, SystemPacing, link, tls};
use crate::base::clock::{Clock, SystemClock};
use crate::base::lookup::has_thread_left;
use crate::config::{DEFAULT_HTTP_IDLE, DEFAULT_HTTP_TOTAL};
use crate::log::{Fetching, Progress, Reporter, Step};
use crate::model::{Secret, Sha256Digest};

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
        let text = format!("token {}", token.expose());
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
        })
    }

    /// Downloads to a file, hashing on the way. Goes on after a cut where the server can.
    pub fn download(&self, request: &Request, path: &Path, reporter: &dyn Reporter) -> Result<Download, NetError> {
        let (mut sink, file) = Sink::file(path)?;
        self.run(request, &mut sink, reporter)?;
        let (sha256, length) = sink.into_digest();
        Ok(Download { file, sha256, length })
    }

    /// Reads a small answer into memory.
    pub fn read(&self, request: &Request, reporter: &dyn Reporter) -> Result<Page, NetError> {
        let mut sink = Sink::memory();
        let ended = self.run(request, &mut sink, reporter)?;
        let next = ended.link.and_then(|header| link::next(&ended.address, &header));
        Ok(Page {
            bytes: sink.into_bytes(),
            next,
        })
    }

    fn run(&self, request: &Request, sink: &mut Sink, reporter: &dyn Reporter) -> Result<Ended, NetError> {
        let watch = Watch {
            reporter,
            started: Instant::now(),
            settings: &self.settings,
        };
        let attempt = Attempt {
            http: &self.http,
            request,
            watch: &watch,
        };
        let mut made = 0;
        loop {
            let failed = match self.runtime.block_on(attempt.run(sink)) {
                Ok(ended) => return Ok(ended),
                Err(failed) => failed,
            };
            made += 1;
            let wait = retry::next_wait(&failed, made, self.settings.pacing.chance());
            let Some(wait) = wait.filter(|wait| *wait < watch.left()) else {
                return Err(failed.error);
            };
            reporter.message(
                Fetching::DownloadRetried {
                    reason: failed.error.to_string(),
                    attempt: made + 1,
                    attempts: retry::attempts(&failed.error),
                    milliseconds: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                }
                .into(),
            );
            self.pause(wait, sink, reporter)?;
        }
    }

    /// Waits in slices, so that the caller can cancel.
    fn pause(&self, wait: Duration, sink: &Sink, reporter: &dyn Reporter) -> Result<(), NetError> {
        let mut left = wait;
        while !left.is_zero() {
            let slice = left.min(Duration::from_millis(100));
            self.settings.pacing.pause(slice);
            left -= slice;
            reporter.progress(progress(sink))?;
        }
        Ok(())
    }
}

/// How far a body is.
pub(super) fn progress(sink: &Sink) -> Progress {
    Progress {
        step: Step::Fetch,
        done: sink.received(),
        of: sink.total.unwrap_or_default(),
        unit: "bytes",
    }
}

fn value_of<'a>(variables: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = variables
        .iter()
        .find(|(found, value)| found == name && !value.trim().is_empty());
    found.map(|(_, value)| value.trim())
}

/// The variable that names the proxy for https, and what it says.
fn chosen(variables: &[(String, String)]) -> Option<(&'static str, &str)> {
    let mut names = ["https_proxy", "all_proxy"].into_iter();
    names.find_map(|name| Some((name, value_of(variables, name)?)))
}

/// Whether the proxy itself is reached by TLS.
pub(super) fn is_tls_proxy(variables: &[(String, String)]) -> bool {
    let scheme = chosen(variables).and_then(|(_, value)| value.split_once("://"));
    scheme.is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("https"))
}

/// The proxy that stands between us and a host, as an operator knows it: without user and password.
pub(super) fn proxy_before(variables: &[(String, String)], host: &str) -> Option<String> {
    let (_, value) = chosen(variables)?;
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) {
            name
        } else {
            host
        }
    });
    let direct = value_of(variables, "no_proxy")
        .unwrap_or_default()
        .split(',')
        .map(|entry| entry.trim().trim_start_matches('.'));
    let mut direct = direct.filter(|entry| !entry.is_empty());
    let is_direct = direct.any(|entry| entry == "*" || name == entry || name.ends_with(&format!(".{entry}")));
    if is_direct || super::address::is_loopback_host(name) {
        return None;
    }
    let place = value.split_once("://").map_or(value, |(_, place)| place);
    let place = place.split(['/', '?', '#']).next().unwrap_or(place);
    Some(place.rsplit_once('@').map_or(place, |(_, place)| place).to_owned())
}

/// The proxy for https. `http_proxy` is never used: http goes to this machine alone, which is never behind a proxy.
fn proxy(variables: &[(String, String)]) -> Result<Option<Proxy>, NetError> {
    let Some((variable, value)) = chosen(variables) else {
        return Ok(None);
    };
    let with_scheme = if value.contains("://") {
        value.to_owned()
    } else {
        format!("http://{value}")
    };
    let proxy = Proxy::all(with_scheme).map_err(|_| NetError::Proxy {
        variable: variable.to_uppercase(),
    })?;
    let direct = format!(
        "localhost,127.0.0.0/8,::1,{}",
        value_of(variables, "no_proxy").unwrap_or_default()
    );
    Ok(Some(proxy.no_proxy(NoProxy::from_string(&direct))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxy_before_a_host_is_known() {
        let before = |host: &str, no_proxy: &str| {
            let variables = [
                ("https_proxy", "http://user:hunter2@p.org:3128/"),
                ("no_proxy", no_proxy),
            ];
            let owned: Vec<_> = variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            proxy_before(&owned, host)
        };
        for host in ["github.com", "github.com:443", "a.github.com"] {
            assert_eq!(before(host, "").as_deref(), Some("p.org:3128"));
            assert_eq!(before(host, "x.org, .github.com"), None);
            assert_eq!(before(host, "*"), None);
        }
        assert!(before("notgithub.com", "github.com").is_some());
        assert_eq!(before("localhost:8080", ""), None);
        assert_eq!(proxy_before(&[], "github.com"), None);
    }

    #[test]
    fn proxies_come_from_the_given_variables() {
        let made = |pairs: &[(&str, &str)]| {
            let owned: Vec<_> = pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            proxy(&owned)
        };
        assert!(made(&[]).unwrap().is_none());
        assert!(made(&[("http_proxy", "http://p:1")]).unwrap().is_none());
        assert!(made(&[("https_proxy", " ")]).unwrap().is_none());
        let shown = format!(
            "{:?}",
            made(&[("https_proxy", "p.org:3128"), ("all_proxy", "http://q")]).unwrap()
        );
        assert!(shown.contains("p.org"), "{shown}");
        let fault = made(&[("https_proxy", "http://user:hunter2@ bad")])
            .unwrap_err()
            .to_string();
        assert!(fault.contains("HTTPS_PROXY") && !fault.contains("hunter2"), "{fault}");
    }

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

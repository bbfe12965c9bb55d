//! One attempt: send, follow redirects, check the head, take the body. Owns which server sees the credential and which
//! answers are good; must not decide whether there is a next attempt.

use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap,
    HeaderValue, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, LINK, LOCATION, RANGE,
};
use reqwest::{Response, StatusCode};
use tokio::time::timeout;

use super::faults::{body_fault, sending_fault, truncated};
use super::request::{ClientSettings, Request};
use super::retry::{self, Failed};
use super::sink::Sink;
use super::{Address, NetError};
use crate::base::progress::{Cancelled, Watcher};
use crate::base::redact::redact;

/// How many redirects are followed.
const REDIRECTS: usize = 5;
/// How often a waiting attempt looks whether it was cancelled.
const TICK: Duration = Duration::from_millis(100);

/// The head of a good answer, when its body is complete.
pub(super) struct Ended {
    /// Where the answer came from in the end.
    pub(super) address: Address,
    /// The header `Link`.
    pub(super) link: Option<String>,
}

/// The limits of time, and who may cancel.
pub(super) struct Watch<'a> {
    pub(super) watcher: &'a dyn Watcher,
    pub(super) started: Instant,
    pub(super) settings: &'a ClientSettings,
}

impl Watch<'_> {
    /// Time left for all attempts.
    pub(super) fn left(&self) -> Duration {
        self.settings.total.saturating_sub(self.started.elapsed())
    }

    /// Tells how far a body is.
    pub(super) fn look_on(&self, sink: &Sink) -> Result<(), Cancelled> {
        self.watcher.received(sink.received(), sink.total.unwrap_or_default())
    }

    /// Waits for a future no longer than `limit`, cancellable.
    pub(super) async fn wait<F: Future>(
        &self,
        future: F,
        limit: Duration,
        address: &Address,
        sink: &Sink,
    ) -> Result<F::Output, NetError> {
        let mut future = pin!(future);
        let started = Instant::now();
        loop {
            let left = self.left().min(limit.saturating_sub(started.elapsed()));
            if let Ok(output) = timeout(left.min(TICK), future.as_mut()).await {
                return Ok(output);
            }
            self.look_on(sink)?;
            let (url, received) = (address.to_string(), sink.received());
            if self.left().is_zero() {
                let seconds = self.settings.total.as_secs();
                return Err(NetError::Total { url, seconds, received });
            }
            if started.elapsed() >= limit {
                let seconds = limit.as_secs();
                return Err(NetError::Idle { url, seconds, received });
            }
        }
    }
}

/// A request on its way.
pub(super) struct Attempt<'a> {
    pub(super) http: &'a reqwest::Client,
    pub(super) request: &'a Request<'a>,
    pub(super) watch: &'a Watch<'a>,
    pub(super) manner: Manner<'a>,
}

/// How it is sent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Manner<'a> {
    /// As any file is asked for.
    Plain,
    /// Whether there is anything but what is known by this tag.
    Unless(&'a str),
    /// With a JSON text, once and to this server alone.
    Send(&'a str),
}

/// An answer, who gave it, and whether the credential was sent to that server.
struct Answer {
    response: Response,
    address: Address,
    with_token: bool,
}

impl Attempt<'_> {
    /// Sends the request and takes the whole body.
    pub(super) async fn run(&self, sink: &mut Sink) -> Result<Ended, Failed> {
        if sink.resume().is_none() {
            sink.restart()?;
        }
        let answer = self.follow(sink).await?;
        self.accept(&answer, sink)?;
        let headers = answer.response.headers();
        let link = text(headers, &LINK).map(str::to_owned);
        let content_type = text(headers, &CONTENT_TYPE).map(str::to_owned);
        let address = answer.address.clone();
        self.take_body(answer, content_type.as_deref(), sink).await?;
        Ok(Ended { address, link })
    }

    /// What is answered in the end, whatever it is, and by whom.
    pub(super) async fn answer(&self, sink: &Sink) -> Result<(Response, Address), NetError> {
        let answer = self.follow(sink).await.map_err(|failed| failed.error)?;
        Ok((answer.response, answer.address))
    }

    async fn follow(&self, sink: &Sink) -> Result<Answer, Failed> {
        let mut address = self.request.address.clone();
        let mut credential = self.request.credential;
        for _ in 0..=REDIRECTS {
            // Once the chain has left the credential's server, a later hop back does not bring it out again.
            credential = credential.filter(|found| found.origin.same_origin(&address));
            let authorization = credential.map(|found| &found.authorization);
            let response = self.send(&address, authorization, sink).await?;
            if !is_redirect(response.status()) || matches!(self.manner, Manner::Send(_)) {
                let with_token = credential.is_some();
                return Ok(Answer {
                    response,
                    address,
                    with_token,
                });
            }
            address = match response.headers().get(LOCATION) {
                Some(location) => address.redirect(location)?,
                None => {
                    return Err(NetError::RedirectTarget {
                        url: address.to_string(),
                    }
                    .into());
                }
            };
        }
        let url = self.request.address.to_string();
        Err(NetError::TooManyRedirects { url, limit: REDIRECTS }.into())
    }

    async fn send(
        &self,
        address: &Address,
        authorization: Option<&HeaderValue>,
        sink: &Sink,
    ) -> Result<Response, NetError> {
        let url = address.url().clone();
        let asking = match self.manner {
            Manner::Plain => self.http.get(url),
            Manner::Unless(tag) => self.http.get(url).header(IF_NONE_MATCH, tag),
            Manner::Send(text) => {
                let sending = self.http.post(url).header(CONTENT_TYPE, "application/json");
                sending.body(text.to_owned())
            }
        };
        let mut sending = asking
            .header(ACCEPT, self.request.accept)
            .header(ACCEPT_ENCODING, "identity");
        if let Some(value) = authorization {
            sending = sending.header(AUTHORIZATION, value);
        }
        if let Some(validator) = sink.resume() {
            let range = format!("bytes={}-", sink.received());
            sending = sending.header(RANGE, range).header(IF_RANGE, validator);
        }
        let settings = self.watch.settings;
        let sent = self.watch.wait(sending.send(), settings.idle, address, sink).await?;
        sent.map_err(|source| sending_fault(source, address, sink, settings))
    }

    /// Checks the head of an answer and makes the sink ready for its body.
    fn accept(&self, answer: &Answer, sink: &mut Sink) -> Result<(), Failed> {
        let Answer { response, address, .. } = answer;
        let headers = response.headers();
        let rest = response.content_length();
        let (total, validator) = match (response.status(), continuation(headers, sink)) {
            (StatusCode::OK, _) => {
                sink.restart()?;
                (rest, validator(headers))
            }
            (StatusCode::PARTIAL_CONTENT, Some(total)) => (Some(total), sink.resume().cloned()),
            (StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE, _) => {
                let fault = truncated(address, sink);
                sink.restart()?;
                return Err(fault.into());
            }
            (status, _) => return Err(self.refusal(answer, status)),
        };
        if let Some(encoding) = text(headers, &CONTENT_ENCODING).filter(|found| !found.eq_ignore_ascii_case("identity"))
        {
            let (url, encoding) = (address.to_string(), redact(encoding).chars().take(40).collect());
            return Err(NetError::Encoded { url, encoding }.into());
        }
        self.check_size(total.unwrap_or_default(), address)?;
        sink.total = total;
        sink.remember(validator);
        Ok(())
    }

    async fn take_body(&self, answer: Answer, content_type: Option<&str>, sink: &mut Sink) -> Result<(), NetError> {
        let Answer {
            mut response, address, ..
        } = answer;
        let check = |sink: &Sink| match self.request.kind.mismatch(sink.head(), content_type) {
            Some(found) => Err(NetError::WrongType {
                url: address.to_string(),
                found,
            }),
            None => Ok(()),
        };
        loop {
            let waited = self
                .watch
                .wait(response.chunk(), self.watch.settings.idle, &address, sink)
                .await?;
            let Some(piece) = waited.map_err(|source| body_fault(source, &address, sink))? else {
                break;
            };
            self.check_size(sink.received().saturating_add(piece.len() as u64), &address)?;
            sink.take(&piece)?;
            // The first bytes decide; a page is refused before all of it came.
            if sink.received() >= 4 && sink.received() <= 4 + piece.len() as u64 {
                check(sink)?;
            }
            self.watch.look_on(sink)?;
            if self.watch.left().is_zero() {
                let (seconds, received) = (self.watch.settings.total.as_secs(), sink.received());
                return Err(NetError::Total {
                    url: address.to_string(),
                    seconds,
                    received,
                });
            }
        }
        check(sink)?;
        match sink.total {
            Some(total) if total != sink.received() => Err(truncated(&address, sink)),
            _ => Ok(()),
        }
    }

    fn check_size(&self, length: u64, address: &Address) -> Result<(), NetError> {
        let limit = self.request.limit;
        if length > limit {
            let url = address.to_string();
            return Err(NetError::TooLarge { url, limit });
        }
        Ok(())
    }

    /// The error of an answer that is neither good nor a redirect.
    fn refusal(&self, answer: &Answer, status: StatusCode) -> Failed {
        let headers = answer.response.headers();
        let (url, with_token) = (answer.address.to_string(), answer.with_token);
        let now = self.watch.settings.clock.now();
        let wait = retry::asked_wait(headers, now);
        let error = match status {
            StatusCode::TOO_MANY_REQUESTS => rate_limited(url, with_token, wait, now),
            StatusCode::FORBIDDEN if retry::is_rate_limit(headers) => rate_limited(url, with_token, wait, now),
            StatusCode::UNAUTHORIZED => NetError::Unauthorized { url, with_token },
            StatusCode::FORBIDDEN => NetError::Forbidden { url, with_token },
            StatusCode::NOT_FOUND | StatusCode::GONE => NetError::NotFound { url, with_token },
            _ => NetError::Status {
                url,
                status: status.as_u16(),
            },
        };
        Failed { error, wait }
    }
}

type Now = chrono::DateTime<chrono::FixedOffset>;

fn rate_limited(url: String, with_token: bool, wait: Option<Duration>, now: Now) -> NetError {
    let until = wait.and_then(|wait| retry::time_after(now, wait));
    NetError::RateLimited { url, until, with_token }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

pub(super) fn text<'a>(headers: &'a HeaderMap, name: &reqwest::header::HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

/// A strong `ETag`, else `Last-Modified`: a weak tag does not promise the same bytes.
fn validator(headers: &HeaderMap) -> Option<HeaderValue> {
    let strong = headers.get(ETAG).filter(|tag| tag.as_bytes().starts_with(b"\""));
    strong.or_else(|| headers.get(LAST_MODIFIED)).cloned()
}

/// The length of the whole, when a 206 goes on exactly where the sink stands, to the end, in the body that was begun.
fn continuation(headers: &HeaderMap, sink: &Sink) -> Option<u64> {
    let ours = sink.resume()?;
    let (span, total) = text(headers, &CONTENT_RANGE)?
        .strip_prefix("bytes")?
        .trim()
        .split_once('/')?;
    let (start, last) = span.split_once('-')?;
    let start: u64 = start.trim().parse().ok()?;
    let end = last.trim().parse::<u64>().ok()?.checked_add(1)?;
    let total: Option<u64> = total.trim().parse().ok();
    let same_length = total.is_none_or(|total| total == end) && sink.total.is_none_or(|known| known == end);
    // A server may honour the range and not its condition.
    let same_body = validator(headers).is_none_or(|theirs| theirs == *ours);
    (start == sink.received() && same_length && same_body).then_some(end)
}

//! One question and its answer, whatever that is: asked once, nothing tried again, no status a fault. For whoever wants to
//! know how a server is, or whether anything changed.

use std::time::{Duration, Instant};

use reqwest::Response;
use reqwest::header::{ETAG, HeaderMap, LINK, RETRY_AFTER};

use super::attempt::{Attempt, Manner, Watch, text};
use super::client::Client;
use super::request::Request;
use super::sink::Sink;
use super::{Address, NetError, faults, link, retry};
use crate::base::progress::Watcher;

/// How a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question<'q> {
    /// As any page is asked for.
    Plain,
    /// Whether there is anything but what is known by this tag.
    Unless(&'q str),
    /// By sending a JSON text. Redirects are not followed: what was sent here is not sent elsewhere.
    Send(&'q str),
}

/// What a server said.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Its status.
    pub status: u16,
    /// Who answered in the end.
    pub address: Address,
    /// The body, up to the limit of the request.
    pub bytes: Vec<u8>,
    /// There was more of it.
    pub is_cut: bool,
    /// By what the server knows this body again.
    pub tag: Option<String>,
    /// The next page of a list.
    pub next: Option<Address>,
    /// How many more questions it answers.
    pub left: Option<u32>,
    /// When it answers more again, in seconds since 1970.
    pub resets: Option<i64>,
    /// How long it wants to be left alone.
    pub wait: Option<Duration>,
}

impl Client {
    /// Asks once.
    ///
    /// # Errors
    /// Where there is no answer: of the network, of time, of a redirect that is not followed. [`NetError::Cancelled`].
    pub fn exchange(
        &self,
        request: &Request,
        question: Question<'_>,
        watcher: &dyn Watcher,
    ) -> Result<Exchange, NetError> {
        let watch = Watch {
            watcher,
            started: Instant::now(),
            settings: self.settings(),
        };
        let manner = match question {
            Question::Plain => Manner::Plain,
            Question::Unless(tag) => Manner::Unless(tag),
            Question::Send(text) => Manner::Send(text),
        };
        let attempt = Attempt {
            http: self.http(),
            request,
            watch: &watch,
            manner,
        };
        self.runtime().block_on(ask(&attempt))
    }
}

async fn ask(attempt: &Attempt<'_>) -> Result<Exchange, NetError> {
    let mut sink = Sink::memory();
    let (response, address) = attempt.answer(&sink).await?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let is_cut = take(attempt, response, (&address, &mut sink)).await?;
    let number = |name: &str| number(&headers, name);
    let now = attempt.watch.settings.clock.now();
    Ok(Exchange {
        status,
        bytes: sink.into_bytes(),
        is_cut,
        tag: text(&headers, &ETAG).map(str::to_owned),
        next: text(&headers, &LINK).and_then(|header| link::next(&address, header)),
        left: number("x-ratelimit-remaining").and_then(|left| u32::try_from(left).ok()),
        resets: number("x-ratelimit-reset"),
        wait: headers.get(RETRY_AFTER).and_then(|_| retry::asked_wait(&headers, now)),
        address,
    })
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// Takes the body as far as it is wanted; whether there was more.
async fn take(
    attempt: &Attempt<'_>,
    mut response: Response,
    (address, sink): (&Address, &mut Sink),
) -> Result<bool, NetError> {
    let (watch, limit) = (attempt.watch, attempt.request.limit);
    loop {
        let waited = watch.wait(response.chunk(), watch.settings.idle, address, sink).await?;
        let Some(piece) = waited.map_err(|source| faults::body_fault(source, address, sink))? else {
            return Ok(false);
        };
        let room = usize::try_from(limit.saturating_sub(sink.received())).unwrap_or(usize::MAX);
        sink.take(&piece[..piece.len().min(room)])?;
        if piece.len() > room {
            return Ok(true);
        }
        watch.look_on(sink)?;
        if watch.left().is_zero() {
            let (url, seconds) = (address.to_string(), watch.settings.total.as_secs());
            let received = sink.received();
            return Err(NetError::Total { url, seconds, received });
        }
    }
}

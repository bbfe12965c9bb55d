//! What goes wrong on the network. Every text says what, where, and what to do; none holds a query, a password or a
//! token.

use std::io;
use std::path::PathBuf;

use chrono::{DateTime, FixedOffset};

use crate::base::progress::Cancelled;
use crate::model::Phrase;

/// Why a request failed. URLs are shown without user, password and query.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The text is no URL.
    #[error("{text:?} is no web address ({reason}): give one that starts with https://")]
    Address {
        /// What was given, redacted.
        text: String,
        /// What the parser said.
        reason: String,
    },
    /// Neither https nor loopback.
    #[error("{url} is not encrypted: use its https:// address (http is allowed to this machine alone)")]
    Insecure {
        /// The address.
        url: String,
    },
    /// A redirect leaves https.
    #[error("{from} redirects to {to}, which is not https: ask the server's operator, or give the final https address")]
    InsecureRedirect {
        /// The address that was asked.
        from: String,
        /// The address that was refused.
        to: String,
    },
    /// A redirect without a readable target.
    #[error("{url} redirects to nowhere: its Location is missing or unreadable; ask the server's operator")]
    RedirectTarget {
        /// The address that was asked.
        url: String,
    },
    /// A chain or a circle of redirects.
    #[error("{url} was redirected more than {limit} times: give the final address")]
    TooManyRedirects {
        /// The address that was asked first.
        url: String,
        /// How many are followed.
        limit: usize,
    },
    /// The extra file of certificate authorities cannot be read.
    #[error("the file of certificate authorities {} cannot be read ({reason}): check the setting `ca_file`", path.display())]
    AuthorityFile {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: Phrase,
    },
    /// The machine has no certificate authorities.
    #[error(
        "this machine has no certificate authorities, so no server can be trusted: install the package ca-certificates"
    )]
    NoAuthorities,
    /// A proxy variable that cannot be understood.
    #[error("the proxy in the environment variable {variable} is no address: write it as http://host:port")]
    Proxy {
        /// The variable.
        variable: String,
    },
    /// A token that no header can carry.
    #[error("the token holds line breaks or characters that are not allowed in it: store it again, without them")]
    Token,
    /// The client could not be made.
    #[error("the HTTP client could not be started: {source}")]
    Setup {
        /// Why.
        source: reqwest::Error,
    },
    /// No threads or descriptors left for the client.
    #[error("the HTTP client could not be started: {source}; look for exhausted limits of the machine")]
    Runtime {
        /// Why.
        source: io::Error,
    },
    /// The server's name is not known.
    #[error("the name {host} cannot be resolved: check its spelling, and the DNS settings of this machine")]
    Dns {
        /// The name.
        host: Phrase,
        /// What the resolver said.
        source: reqwest::Error,
    },
    /// Nobody listens.
    #[error("{host} refused the connection: check address and port, or try again when the server is up")]
    ConnectionRefused {
        /// The server.
        host: Phrase,
    },
    /// The certificate or the protocol is not acceptable.
    #[error(
        "the certificate or encryption of {host} was refused ({reason}): check the clock of this machine and the server's certificate; name a private authority in the setting `ca_file`"
    )]
    Tls {
        /// The server.
        host: Phrase,
        /// What was wrong.
        reason: String,
    },
    /// No connection in time.
    #[error("no connection to {host} within {seconds} s: check the network, the firewall and the proxy")]
    ConnectTimeout {
        /// The server.
        host: Phrase,
        /// How long it was tried.
        seconds: u64,
    },
    /// Any other fault while connecting.
    #[error("no connection to {host} ({reason}): check address and port, the network and the proxy")]
    Connect {
        /// The server.
        host: Phrase,
        /// The innermost cause, which the source's own text does not show.
        reason: String,
        /// Why.
        source: reqwest::Error,
    },
    /// 401.
    #[error("{url} answered 401: {}", if *with_token { "the token is not valid (any more); make a new one and store it" } else { "it wants a token; give `cred_ref`" })]
    Unauthorized {
        /// The address.
        url: String,
        /// A token was sent.
        with_token: bool,
    },
    /// 403 without a rate limit.
    #[error("{url} answered 403: {}", if *with_token { "the token lacks the right to read this repository" } else { "access is denied; a private repository needs `cred_ref`" })]
    Forbidden {
        /// The address.
        url: String,
        /// A token was sent.
        with_token: bool,
    },
    /// 404 or 410.
    #[error("{url} was not found (404): check its spelling{}", if *with_token { ", and that the token may read it" } else { "; a private repository needs origem_tipo=github_privado and `cred_ref`" })]
    NotFound {
        /// The address.
        url: String,
        /// A token was sent.
        with_token: bool,
    },
    /// Too many requests, and waiting for the end of the pause takes too long.
    #[error("{url} allows no more requests now: try again {}{}", until.map_or_else(|| "later".to_owned(), |time| format!("after {}", time.format("%Y-%m-%d %H:%M:%S %:z"))), if *with_token { "" } else { ", or give a token as `cred_ref`, which allows more" })]
    RateLimited {
        /// The address.
        url: String,
        /// When requests are allowed again.
        until: Option<DateTime<FixedOffset>>,
        /// A token was sent.
        with_token: bool,
    },
    /// Another status than 200.
    #[error("{url} answered {status}: {}", if *status >= 500 { "the server has a fault; try again later" } else { "the request was refused; check the address" })]
    Status {
        /// The address.
        url: String,
        /// The status.
        status: u16,
    },
    /// The answer ended early.
    #[error("{url} broke off after {received} bytes{}: try again", expected.map_or_else(String::new, |length| format!(" of {length}")))]
    Truncated {
        /// The address.
        url: String,
        /// Bytes that arrived.
        received: u64,
        /// Bytes that were announced.
        expected: Option<u64>,
    },
    /// The answer does not hold to HTTP.
    #[error("{url} gave an answer that is not HTTP ({reason}): check address and port, or the proxy")]
    Protocol {
        /// The address.
        url: String,
        /// The innermost cause, which the source's own text does not show.
        reason: String,
        /// What was wrong.
        source: reqwest::Error,
    },
    /// More bytes than are allowed.
    #[error("{url} is larger than {limit} bytes: check that it is the right file, or raise the limit `bytes_pacote`")]
    TooLarge {
        /// The address.
        url: String,
        /// Bytes allowed.
        limit: u64,
    },
    /// A page or message instead of an archive.
    #[error(
        "{url} gave {found} instead of a ZIP file: give the address of the file itself, not of the page that shows it"
    )]
    WrongType {
        /// The address.
        url: String,
        /// What came.
        found: Phrase,
    },
    /// A compressed answer, which was not asked for.
    #[error("{url} was sent with the encoding {encoding:?}, which was not asked for: ask the server's operator")]
    Encoded {
        /// The address.
        url: String,
        /// The value of Content-Encoding.
        encoding: String,
    },
    /// Nothing came for too long.
    #[error("{url} sent nothing for {seconds} s (after {received} bytes): try again later, or raise `http_idle`")]
    Idle {
        /// The address.
        url: String,
        /// How long it was waited.
        seconds: u64,
        /// Bytes that had arrived.
        received: u64,
    },
    /// All attempts together took too long.
    #[error("{url} was not complete after {seconds} s ({received} bytes): try again later, or raise `http_total`")]
    Total {
        /// The address.
        url: String,
        /// How long it was allowed to take.
        seconds: u64,
        /// Bytes that had arrived.
        received: u64,
    },
    /// The file that is downloaded to cannot be written.
    #[error("{} cannot be written: {source}; check free space and permissions", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The caller said stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

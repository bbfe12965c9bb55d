//! What an error of the HTTP crate means. Tells causes apart by their types, never by their words.

use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};

use super::messages::{behind_proxy, proxy_or_host};
use super::proxy::{is_tls_proxy, proxy_before};
use super::request::ClientSettings;
use super::sink::Sink;
use super::{Address, NetError};
use crate::base::redact::redact;
use crate::model::Phrase;

/// The answer ended early.
pub(super) fn truncated(address: &Address, sink: &Sink) -> NetError {
    NetError::Truncated {
        url: address.to_string(),
        received: sink.received(),
        expected: sink.total,
    }
}

/// Looks for a cause behind an error. An `io::Error` hides what it wraps from `source()`.
fn cause<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(found) = next {
        if let Some(wanted) = found.downcast_ref::<T>() {
            return Some(wanted);
        }
        let wrapped = found.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(inner) => Some(inner),
            None => found.source(),
        };
    }
    None
}

/// The text of the last cause. Other parties may have written it, so it is redacted.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    redact(&last.to_string())
}

/// What a failed sending means.
pub(super) fn sending_fault(
    error: reqwest::Error,
    address: &Address,
    sink: &Sink,
    settings: &ClientSettings,
) -> NetError {
    let source = error.without_url();
    let host = address.host();
    let proxy = proxy_before(&settings.proxies, &host);
    if let Some(fault) = cause::<rustls::Error>(&source) {
        let reason = fault.to_string();
        // Both speak TLS then, and the crate does not tell which of the two was refused.
        let host = match proxy.filter(|_| is_tls_proxy(&settings.proxies)) {
            Some(proxy) => proxy_or_host(&proxy, &host),
            None => Phrase::of_others(host),
        };
        return NetError::Tls { host, reason };
    }
    let is_address = is_address(proxy.as_deref().unwrap_or(&host));
    // Behind a proxy it is the proxy that we connect to.
    let host = match proxy {
        Some(proxy) => behind_proxy(&proxy, &host),
        None => Phrase::of_others(host),
    };
    let refused = cause::<io::Error>(&source).is_some_and(|fault| fault.kind() == io::ErrorKind::ConnectionRefused);
    if refused {
        NetError::ConnectionRefused { host }
    } else if source.is_dns() && !is_address {
        NetError::Dns { host, source }
    } else if source.is_connect() && source.is_timeout() {
        let seconds = settings.connect.as_secs();
        NetError::ConnectTimeout { host, seconds }
    } else if source.is_connect() {
        let reason = innermost(&source);
        NetError::Connect { host, reason, source }
    } else if cause::<hyper::Error>(&source).is_some_and(hyper::Error::is_parse) {
        let (url, reason) = (address.to_string(), innermost(&source));
        NetError::Protocol { url, reason, source }
    } else {
        truncated(address, sink)
    }
}

/// Whether a server is named by its address, which nobody has to look up.
fn is_address(place: &str) -> bool {
    let bare = place.trim_start_matches('[').trim_end_matches(']');
    place.parse::<SocketAddr>().is_ok() || bare.parse::<IpAddr>().is_ok()
}

/// What a failed piece of a body means.
pub(super) fn body_fault(error: reqwest::Error, address: &Address, sink: &Sink) -> NetError {
    let source = error.without_url();
    match cause::<rustls::Error>(&source) {
        Some(fault) => NetError::Tls {
            host: Phrase::of_others(address.host()),
            reason: fault.to_string(),
        },
        None => truncated(address, sink),
    }
}

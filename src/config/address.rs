//! Addresses that the machine's settings name. What one leads to is checked when it is asked.

use std::net::IpAddr;

use super::{CallError, messages};

/// Reads an address; what it leads to is checked when it is asked. Without encryption only this machine is asked.
pub(super) fn address(key: &str, value: &str) -> Result<String, CallError> {
    let is_one = ["https://", "http://"].iter().any(|scheme| {
        let rest = value
            .get(..scheme.len())
            .filter(|start| start.eq_ignore_ascii_case(scheme));
        let is_safe = *scheme == "https://" || is_of_this_machine(rest_of(value, scheme.len()));
        rest.is_some()
            && is_safe
            && value.len() > scheme.len()
            && !value.contains(|c: char| c.is_whitespace() || c.is_control())
    });
    is_one.then(|| value.to_owned()).ok_or_else(|| CallError::WrongValue {
        key: key.to_owned(),
        found: without_user(value).chars().take(80).collect(),
        allowed: messages::HTTPS_ADDRESS,
    })
}

/// An address as it is shown: a user and a password in it are a secret.
fn without_user(value: &str) -> String {
    let (scheme, rest) = value.split_at(value.find("://").map_or(0, |at| at + 3));
    match rest.rsplit_once('@') {
        Some((_, place)) => format!("{scheme}***@{place}"),
        None => value.to_owned(),
    }
}

fn rest_of(value: &str, length: usize) -> &str {
    value.get(length..).unwrap_or_default()
}

/// Whether an address without its scheme names this machine.
fn is_of_this_machine(address: &str) -> bool {
    let authority = address.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let host = match place.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => place.split(':').next().unwrap_or_default(),
    };
    let is_loopback = |address: IpAddr| address.is_loopback();
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_refused_does_not_show_its_password() {
        for (given, shown) in [
            ("http://user:t0p@a.example", "http://***@a.example"),
            ("user:t0p@a.example", "***@a.example"),
            ("ftp://t0p@x:t0p@a.example/", "ftp://***@a.example/"),
            ("a.example", "a.example"),
        ] {
            let fault = address("k", given).unwrap_err();
            assert!(
                matches!(&fault, CallError::WrongValue { found, .. } if found == shown),
                "{fault}"
            );
        }
    }
}

//! Addresses that we may ask. Owns the rule "https, and http to loopback alone"; must not open a connection.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;
use reqwest::header::HeaderValue;

use super::NetError;
use crate::base::redact::redact;

/// A URL that passed the rule of SPEC §11: https anywhere, http to this machine alone. Shown without user, password,
/// query and fragment, because those may hold secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Checks a text.
    pub fn parse(text: &str) -> Result<Self, NetError> {
        let text = text.trim();
        let url = Url::parse(text).map_err(|fault| NetError::Address {
            text: redact(&text.chars().take(200).collect::<String>()),
            reason: fault.to_string(),
        })?;
        let address = Self(url);
        if address.is_allowed() {
            Ok(address)
        } else {
            Err(NetError::Insecure {
                url: address.to_string(),
            })
        }
    }

    /// Where a redirect leads. Refuses what is not https; http on this machine is for who was there before.
    pub(super) fn redirect(&self, location: &HeaderValue) -> Result<Self, NetError> {
        let unreadable = || NetError::RedirectTarget { url: self.to_string() };
        let text = std::str::from_utf8(location.as_bytes()).map_err(|_| unreadable())?;
        let mut url = self.0.join(text).map_err(|_| unreadable())?;
        if self.0.host_str() != url.host_str() {
            // A password in a redirect is somebody else's; sending it along would be ours.
            let _ = url.set_username("");
            let _ = url.set_password(None);
        }
        let target = Self(url);
        let leaves_network = target.0.scheme() == "http" && !self.is_loopback();
        if target.is_allowed() && !leaves_network {
            Ok(target)
        } else {
            Err(NetError::InsecureRedirect {
                from: self.to_string(),
                to: target.to_string(),
            })
        }
    }

    /// The address with more parts at the end of its path, each encoded as one part.
    #[must_use]
    pub fn with_path(&self, parts: &[&str]) -> Self {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        Self(url)
    }

    /// The address of the file whose name goes on like this. A query belongs to the first file alone.
    #[must_use]
    pub fn with_suffix(&self, suffix: &str) -> Self {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{suffix}", self.0.path()));
        url.set_query(None);
        Self(url)
    }

    /// The address with a query.
    #[must_use]
    pub fn with_query(&self, query: &str) -> Self {
        let mut url = self.0.clone();
        url.set_query(Some(query));
        Self(url)
    }

    /// Another address on the same server that this text names, relative or absolute.
    pub(super) fn join(&self, text: &str) -> Option<Self> {
        let joined = Self(self.0.join(text).ok()?);
        joined.is_allowed().then_some(joined)
    }

    /// Scheme, host and port alone: `https://host`, the port where it is not the usual one.
    pub fn server(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Whether both lie on the same scheme, host and port: the bound of a credential.
    pub fn same_origin(&self, other: &Self) -> bool {
        self.0.origin() == other.0.origin()
    }

    /// The path, as it is sent.
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// The parts of the path, decoded.
    pub fn path_parts(&self) -> Vec<String> {
        let parts = self.0.path_segments().into_iter().flatten();
        parts.map(percent_decoded).collect()
    }

    /// The last part of the path, decoded: the name of the file, where the address has one.
    pub fn file_name(&self) -> Option<String> {
        self.path_parts().pop().filter(|name| !name.is_empty())
    }

    /// The host, as a name server is asked for it: small letters, its own in ASCII; in brackets where it is an address of IPv6.
    pub fn host(&self) -> String {
        self.0.host_str().unwrap_or_default().to_owned()
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }

    /// Whether it is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        self.0.host_str().is_some_and(is_loopback_host)
    }

    fn is_allowed(&self) -> bool {
        match self.0.scheme() {
            "https" => self.0.has_host(),
            "http" => self.is_loopback(),
            _ => false,
        }
    }
}

/// Whether a host as it stands in a URL is this machine.
pub(super) fn is_loopback_host(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn percent_decoded(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let [first, tail @ ..] = rest {
        let pair = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let decoded = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let escaped = decoded.filter(|_| *first == b'%');
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0.host_str().unwrap_or_default();
        let port = self.0.port().map(|port| format!(":{port}")).unwrap_or_default();
        let shown = format!("{}://{host}{port}{}", self.0.scheme(), self.0.path());
        f.write_str(&redact(&shown))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_loopback_pass() {
        for (text, passes) in [
            ("https://example.org/a.zip", true),
            ("http://example.org/a.zip", false),
            ("http://127.0.0.1:8080/a.zip", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]:1/", true),
            ("http://localhost/", true),
            ("http://localhost.example.org/", false),
            ("http://127.0.0.1.example.org/", false),
            ("http://10.0.0.1/", false),
            ("ftp://127.0.0.1/", false),
            ("file:///etc/passwd", false),
            ("https://", false),
            ("a.zip", false),
            ("", false),
        ] {
            assert_eq!(Address::parse(text).is_ok(), passes, "{text:?}");
        }
    }

    #[test]
    fn redirects_stay_encrypted() {
        let follow = |from: &str, to: &'static str| {
            let to = HeaderValue::from_static(to);
            Address::parse(from)
                .unwrap()
                .redirect(&to)
                .map(|found| found.to_string())
        };
        assert_eq!(follow("https://a.org/x/y", "/z").unwrap(), "https://a.org/z");
        assert_eq!(follow("https://a.org/x/y", "//b.org/z").unwrap(), "https://b.org/z");
        assert_eq!(
            follow("http://127.0.0.1/x", "http://127.0.0.1:2/").unwrap(),
            "http://127.0.0.1:2/"
        );
        for (from, to) in [
            ("https://a.org/", "http://a.org/"),
            ("https://a.org/", "http://127.0.0.1/"),
            ("http://127.0.0.1/", "http://a.org/"),
            ("https://a.org/", "file:///etc/passwd"),
        ] {
            assert!(
                matches!(follow(from, to), Err(NetError::InsecureRedirect { .. })),
                "{to}"
            );
        }
        let from = Address::parse("https://u:p@a.org/").unwrap();
        let to = from.redirect(&HeaderValue::from_static("https://x:y@b.org/")).unwrap();
        assert_eq!(to.url().as_str(), "https://b.org/");
    }

    #[test]
    fn secrets_of_an_address_are_not_shown() {
        let address = Address::parse("https://me:pw@a.org:8443/x/ghp_abc/a%20b.zip?token=1#f").unwrap();
        assert_eq!(address.to_string(), "https://a.org:8443/x/***/a%20b.zip");
        assert_eq!(address.file_name().as_deref(), Some("a b.zip"));
        let fault = Address::parse("htt ps://a/?token=ghp_abc").unwrap_err().to_string();
        assert!(!fault.contains("ghp_abc") && !fault.contains("token="), "{fault}");
    }

    #[test]
    fn paths_are_built_part_by_part() {
        let base = Address::parse("https://git.org/api/v3/").unwrap();
        let made = base.with_path(&["repos", "o", "r", "releases", "tags", "a/b c"]);
        assert_eq!(
            made.url().as_str(),
            "https://git.org/api/v3/repos/o/r/releases/tags/a%2Fb%20c"
        );
        assert!(made.same_origin(&base));
        for other in ["https://git.org:444/", "http://127.0.0.1/", "https://git.org.evil/"] {
            assert!(!base.same_origin(&Address::parse(other).unwrap()), "{other}");
        }
    }
}

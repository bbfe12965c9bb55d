//! The proxy that a request goes through, by the variables that an operator sets.

use reqwest::{NoProxy, Proxy};

use super::NetError;

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
pub(super) fn proxy(variables: &[(String, String)]) -> Result<Option<Proxy>, NetError> {
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
}

//! Connections: certificates, proxies, servers that are not there.

use std::fs;

use gestor_plugins::source::FaultClass;

use super::site::{Site, zip};
use crate::support::github::{Authority, Reply, Server};

#[test]
fn encryption_is_always_checked() {
    let (authority, other) = (Authority::new(), Authority::new());
    let mut site = Site::new();
    site.settings.http_total = 1;
    let server = Server::https(&authority);
    server.on("/p.zip", [Reply::ok(zip(1000))]);
    let url = server.url("/p.zip");
    let call = [("origem_tipo", "url"), ("url", url.as_str())];
    let folder = tempfile::tempdir().unwrap();
    site.settings.ca_file = Some(other.write(folder.path()));
    site.refuses(&call, FaultClass::Download, &["certificate", "ca_file"]);
    site.settings.ca_file = Some(authority.write(folder.path()));
    site.package(&call);
    let misnamed = Server::https_misnamed(&authority).url("/p.zip");
    site.refuses(
        &[("origem_tipo", "url"), ("url", &misnamed)],
        FaultClass::Download,
        &["certificate"],
    );
    let plain = Server::http().url("/p.zip").replace("http:", "https:");
    site.refuses(
        &[("origem_tipo", "url"), ("url", &plain)],
        FaultClass::Download,
        &["127.0.0.1"],
    );
    site.settings.ca_file = Some(folder.path().join("nothing.pem"));
    site.refuses(&call, FaultClass::Params, &["nothing.pem", "ca_file"]);
    fs::write(folder.path().join("empty.pem"), "").unwrap();
    site.settings.ca_file = Some(folder.path().join("empty.pem"));
    site.refuses(&call, FaultClass::Params, &["empty.pem"]);
}

#[test]
fn servers_that_are_not_there_are_told_apart() {
    let mut site = Site::new();
    // A busy machine needs seconds to be told that there is no such name.
    site.settings.http_total = 30;
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("http://{free}/p.zip");
    site.refuses(
        &[("origem_tipo", "url"), ("url", &url)],
        FaultClass::Download,
        &["refused the connection"],
    );
    let unknown = "https://no-such-name.invalid/p.zip";
    site.refuses(
        &[("origem_tipo", "url"), ("url", unknown)],
        FaultClass::Download,
        &["cannot be resolved", "DNS"],
    );
}

#[test]
fn a_proxy_is_used_for_the_network_and_not_for_this_machine() {
    let proxy = Server::http();
    let server = Server::http();
    let mut site = Site::new();
    site.settings.http_total = 1;
    let address = proxy.url("").replace("http://", "http://user:hunter2@");
    site.settings.proxies = vec![("https_proxy".to_owned(), address)];
    server.on("/p.zip", [Reply::ok(zip(1000))]);
    site.package(&[("origem_tipo", "url"), ("url", &server.url("/p.zip"))]);
    assert!(proxy.asked().is_empty());
    let error = site.fetch(&[("origem_tipo", "url"), ("url", "https://plugins.example/p.zip")]);
    let text = format!("{error:?} {:?}", site.told.lines());
    assert!(!text.contains("hunter2"), "{text}");
    assert_eq!(proxy.paths()[0], "plugins.example:443");
    site.settings
        .proxies
        .push(("no_proxy".to_owned(), "plugins.example".to_owned()));
    let asked = proxy.asked().len();
    site.refusal(&[("origem_tipo", "url"), ("url", "https://plugins.example/p.zip")]);
    assert_eq!(proxy.asked().len(), asked);
}

#[test]
fn a_proxy_that_is_named_by_its_address_is_not_said_to_be_unresolved() {
    for (scheme, variable) in [
        ("socks5", "all_proxy"),
        ("socks5h", "all_proxy"),
        ("http", "https_proxy"),
    ] {
        let mut site = Site::new();
        site.settings.http_total = 1;
        site.settings.proxies = vec![(variable.to_owned(), format!("{scheme}://127.0.0.1:1"))];
        let (_, text) = site.refusal(&[("origem_tipo", "url"), ("url", "https://github.com/p.zip")]);
        assert!(text.contains("the proxy 127.0.0.1:1"), "{scheme}: {text}");
        assert!(!text.contains("cannot be resolved"), "{scheme}: {text}");
    }
}

#[test]
fn encryption_that_a_proxy_refuses_is_not_laid_at_the_origins_door() {
    let authority = Authority::new();
    let proxy = Server::https(&authority);
    let mut site = Site::new();
    site.settings.http_total = 1;
    site.settings.proxies = vec![("https_proxy".to_owned(), proxy.url(""))];
    let (_, text) = site.refusal(&[("origem_tipo", "url"), ("url", "https://plugins.example/p.zip")]);
    assert!(
        text.contains("the https proxy") && text.contains("plugins.example"),
        "{text}"
    );
}

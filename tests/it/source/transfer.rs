//! Downloads from any address: redirects, cuts, slow and busy servers.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset};
use gestor_plugins::base::clock::Clock;
use gestor_plugins::base::hash::sha256;
use gestor_plugins::base::net::{Address, BodyKind, Client, ClientSettings, Pacing, Request};
use gestor_plugins::log::Silent;
use gestor_plugins::source::FaultClass;

use super::site::{Site, zip};
use crate::support::github::{Manner, Reply, Server};

#[test]
fn any_address_with_its_checksum() {
    let server = Server::http();
    let site = Site::new();
    let package = zip(1000);
    let good = sha256(&package).to_string();
    let url = server.url("/dir/my%20plugin.zip?key=1");
    server.on("/dir/my%20plugin.zip?key=1", [Reply::ok(package.clone())]);
    let call = |more: &[(&'static str, &str)]| {
        let owned: Vec<(&str, String)> = more.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        owned
    };
    let fetch = |more: &[(&'static str, &str)]| {
        let more = call(more);
        let mut pairs = vec![("origem_tipo", "url"), ("url", url.as_str())];
        pairs.extend(more.iter().map(|(key, value)| (*key, value.as_str())));
        site.fetch(&pairs).map_err(|error| error.class())
    };
    assert!(fetch(&[]).is_ok());
    assert!(fetch(&[("sha256", &good)]).is_ok());
    assert!(fetch(&[("sha256", &format!("{good}  my plugin.zip"))]).is_ok());
    assert_eq!(
        fetch(&[("sha256", &format!("{good}  other.zip"))]).err(),
        Some(FaultClass::Checksum)
    );
    assert_eq!(
        fetch(&[("sha256", &sha256(b"").to_string())]).err(),
        Some(FaultClass::Checksum)
    );
    assert_eq!(fetch(&[("sha256", "abc")]).err(), Some(FaultClass::Checksum));
    assert_eq!(
        fetch(&[("sha256_url", &server.url("/nothing"))]).err(),
        Some(FaultClass::Checksum)
    );
    server.on(
        "/sums",
        [Reply::ok(format!("{}  a.zip\n{good}  my plugin.zip\n", sha256(b"a")))],
    );
    assert!(fetch(&[("sha256_url", &server.url("/sums"))]).is_ok());
    let told = format!("{:?}", site.told.lines());
    assert!(!told.contains("key=1"), "{told}");
    let found = site.package(&[("origem_tipo", "url"), ("url", &url)]);
    assert_eq!(found.origin_text, server.url("/dir/my%20plugin.zip"));
}

#[test]
fn redirects_are_followed_to_a_point() {
    let server = Server::http();
    let site = Site::new();
    let call = |path: &str| site.fetch(&[("origem_tipo", "url"), ("url", &server.url(path))]);
    server
        .on("/0", [Reply::redirect(301, "/1")])
        .on("/1", [Reply::redirect(302, "2")])
        .on("/2", [Reply::redirect(307, &server.url("/3"))])
        .on("/3", [Reply::redirect(308, "/4")])
        .on("/4", [Reply::redirect(303, "/5")])
        .on("/5", [Reply::ok(zip(1000))])
        .on("/six", [Reply::redirect(302, "/0")])
        .on("/circle", [Reply::redirect(302, "/circle")])
        .on("/plain", [Reply::redirect(302, "http://example.org/p.zip")])
        .on("/file", [Reply::redirect(302, "file:///etc/passwd")])
        .on("/nowhere", [Reply::new(302, "")]);
    call("/0").unwrap();
    for (path, words) in [
        ("/six", "more than 5 times"),
        ("/circle", "more than 5 times"),
        ("/plain", "not https"),
        ("/file", "not https"),
        ("/nowhere", "redirects to nowhere"),
    ] {
        let fault = call(path).unwrap_err();
        assert_eq!(fault.class(), FaultClass::Download, "{path}");
        assert!(fault.to_string().contains(words), "{path}: {fault}");
    }
    site.refuses(
        &[("origem_tipo", "url"), ("url", "http://example.org/p.zip")],
        FaultClass::Params,
        &["https://"],
    );
    site.refuses(
        &[("origem_tipo", "url"), ("url", "p.zip")],
        FaultClass::Params,
        &["https://"],
    );
    site.refuses(&[("origem_tipo", "url")], FaultClass::Params, &["`url`"]);
}

#[test]
fn a_cut_download_goes_on_where_it_stopped() {
    let server = Server::http();
    let site = Site::new();
    let package = zip(900_000);
    let reply = || Reply::ok(package.clone()).header("ETag", "\"one\"");
    server.on(
        "/p.zip",
        [
            reply().manner(Manner::Cut(400_000)),
            reply().manner(Manner::Cut(300_000)),
            reply(),
        ],
    );
    let found = site.package(&[("origem_tipo", "url"), ("url", &server.url("/p.zip"))]);
    assert_eq!((found.sha256, found.length), (sha256(&package), 900_000));
    assert_eq!(fs::read(&found.path).unwrap(), package);
    let ranges: Vec<_> = server
        .asked()
        .iter()
        .map(|asked| asked.header("range").map(str::to_owned))
        .collect();
    assert_eq!(ranges[0], None);
    assert!(ranges[1..].iter().all(Option::is_some), "{ranges:?}");
    let lines = site.told.lines();
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.starts_with("[DOWNLOAD] attempt"))
            .count(),
        2,
        "{lines:?}"
    );
}

#[test]
fn a_file_that_changed_in_between_is_fetched_anew() {
    let server = Server::http();
    let site = Site::new();
    let (old, new) = (zip(900_000), zip(500_000));
    for (first, second) in [("\"one\"", "\"two\""), ("W/\"same\"", "W/\"same\"")] {
        let cut = Reply::ok(old.clone())
            .header("ETag", first)
            .manner(Manner::Cut(400_000));
        server.on("/p.zip", [cut, Reply::ok(new.clone()).header("ETag", second)]);
        let found = site.package(&[("origem_tipo", "url"), ("url", &server.url("/p.zip"))]);
        assert_eq!((found.sha256, found.length), (sha256(&new), 500_000));
    }
    // Servers that answer with another part than the one asked for, or with a part of another file.
    let part = |from: usize, body: &[u8], tag: &str| {
        let reply = Reply::new(206, body).header("ETag", tag);
        reply.header("Content-Range", &format!("bytes {from}-899999/900000"))
    };
    let other = vec![7; 500_000];
    for wrong in [
        part(7, &old[7..500_007], "\"one\""),
        part(400_000, &other, "\"two\""),
        Reply::new(206, zip(100)),
        Reply::new(416, ""),
    ] {
        let first = Reply::ok(old[..400_000].to_vec())
            .header("ETag", "\"one\"")
            .manner(Manner::Length(900_000));
        server.on("/p.zip", [first, wrong, Reply::ok(old.clone())]);
        let found = site.package(&[("origem_tipo", "url"), ("url", &server.url("/p.zip"))]);
        assert_eq!(found.sha256, sha256(&old));
    }
}

#[test]
fn a_part_that_is_shorter_than_announced_is_completed() {
    let server = Server::http();
    let site = Site::new();
    let package = zip(900_000);
    let first = Reply::ok(package[..400_000].to_vec())
        .header("ETag", "\"one\"")
        .manner(Manner::Length(900_000));
    let range = |reply: Reply| reply.header("Content-Range", "bytes 400000-899999/900000");
    let short = range(Reply::new(206, package[400_000..600_000].to_vec()));
    server.on(
        "/p.zip",
        [first, short, Reply::ok(package.clone()).header("ETag", "\"one\"")],
    );
    let found = site.package(&[("origem_tipo", "url"), ("url", &server.url("/p.zip"))]);
    assert_eq!((found.sha256, found.length), (sha256(&package), 900_000));
    assert_eq!(server.asked()[2].header("range"), Some("bytes=600000-"));
}

#[test]
fn bodies_of_every_shape_end_where_they_should() {
    let server = Server::http();
    let mut site = Site::new();
    site.settings.http_total = 1;
    let package = zip(50_000);
    let call = |manner: Manner| {
        server.on("/p.zip", [Reply::ok(package.clone()).manner(manner)]);
        site.fetch(&[("origem_tipo", "url"), ("url", &server.url("/p.zip"))])
    };
    call(Manner::Unsized).unwrap();
    call(Manner::Chunked { unfinished: false }).unwrap();
    for manner in [
        Manner::Cut(20_000),
        Manner::Cut(0),
        Manner::Length(60_000),
        Manner::Chunked { unfinished: true },
    ] {
        let fault = call(manner.clone()).unwrap_err();
        assert_eq!(fault.class(), FaultClass::Download);
        assert!(fault.to_string().contains("broke off"), "{manner:?}: {fault}");
    }
    // More bytes than were announced: what was announced is taken, and is not the package.
    server.on("/p.zip", [Reply::ok(package.clone()).manner(Manner::Length(40_000))]);
    let (sha, url) = (sha256(&package).to_string(), server.url("/p.zip"));
    site.refuses(
        &[("origem_tipo", "url"), ("url", &url), ("sha256", &sha)],
        FaultClass::Checksum,
        &["differs"],
    );
    let fault = call(Manner::Raw(b"SSH-2.0-OpenSSH_9.2\r\n")).unwrap_err().to_string();
    assert!(fault.contains("not HTTP"), "{fault}");
}

#[test]
fn a_busy_server_is_asked_again_when_it_says() {
    let server = Server::http();
    let site = Site::new();
    let busy = |status: u16| Reply::new(status, "").header("Retry-After", "1");
    server.on("/p.zip", [busy(429), busy(503), Reply::ok(zip(1000))]);
    let started = Instant::now();
    site.package(&[("origem_tipo", "url"), ("url", &server.url("/p.zip"))]);
    assert!(started.elapsed() >= Duration::from_secs(2));
    assert_eq!(server.paths().len(), 3);
}

#[test]
fn what_is_no_zip_or_too_much_is_refused() {
    let server = Server::http();
    let mut site = Site::new();
    site.settings.limits.package_bytes = 10_000;
    let url = server.url("/p.zip");
    let call = [("origem_tipo", "url"), ("url", url.as_str())];
    server.on(
        "/p.zip",
        [Reply::ok("<!DOCTYPE html><html>Sign in</html>").header("Content-Type", "text/html")],
    );
    site.refuses(&call, FaultClass::ZipInvalid, &["HTML", "address of the file itself"]);
    server.on("/p.zip", [Reply::ok("{\"message\":\"no\"}")]);
    site.refuses(&call, FaultClass::ZipInvalid, &["JSON"]);
    for manner in [Manner::Whole, Manner::Unsized, Manner::Chunked { unfinished: false }] {
        server.on("/p.zip", [Reply::ok(zip(10_001)).manner(manner)]);
        site.refuses(
            &call,
            FaultClass::Download,
            &["larger than 10000 bytes", "bytes_pacote"],
        );
    }
    server.on("/p.zip", [Reply::ok(zip(10_000))]);
    assert_eq!(site.package(&call).length, 10_000);
}

#[test]
fn slow_servers_are_left() {
    let server = Server::http();
    let mut site = Site::new();
    let url = server.url("/p.zip");
    let call = [("origem_tipo", "url"), ("url", url.as_str())];
    site.settings.http_total = 2;
    server.on(
        "/p.zip",
        [Reply::ok("").manner(Manner::Drip(Duration::from_millis(50)))],
    );
    let started = Instant::now();
    site.refuses(&call, FaultClass::Download, &["not complete after 2 s", "http_total"]);
    assert!(started.elapsed() < Duration::from_secs(4));
    site.settings.http_total = 3;
    site.settings.http_idle = 1;
    server.on("/p.zip", [Reply::ok("").manner(Manner::Drip(Duration::from_secs(30)))]);
    site.refuses(&call, FaultClass::Download, &["sent nothing for 1 s", "http_idle"]);
    server.on(
        "/p.zip",
        [Reply::ok("").manner(Manner::Silent(Duration::from_secs(30)))],
    );
    site.refuses(&call, FaultClass::Download, &["after 0 bytes"]);
    // What was the matter is not hidden by the time that ran out while it was tried again.
    (site.settings.http_total, site.settings.http_idle) = (4, 10);
    server.on(
        "/p.zip",
        [
            Reply::new(500, ""),
            Reply::ok("").manner(Manner::Silent(Duration::from_secs(30))),
        ],
    );
    site.refuses(&call, FaultClass::Download, &["500"]);
}

#[test]
fn a_caller_can_stop_a_download_that_hangs() {
    let server = Server::http();
    let mut site = Site::new();
    site.told.cancel_at = Some(4);
    server.on(
        "/p.zip",
        [Reply::ok("").manner(Manner::Silent(Duration::from_secs(30)))],
    );
    let started = Instant::now();
    site.refuses(
        &[("origem_tipo", "url"), ("url", &server.url("/p.zip"))],
        FaultClass::Cancelled,
        &["cancelled"],
    );
    assert!(started.elapsed() < Duration::from_secs(3));
}

/// Keeps count of waiting and does not wait.
#[derive(Clone, Default)]
struct Counted(Arc<Mutex<Duration>>);

impl Pacing for Counted {
    fn pause(&self, length: Duration) {
        *self.0.lock().unwrap() += length;
    }

    fn chance(&self) -> f64 {
        0.5
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339("2026-11-21T12:00:00Z").unwrap()
    }
}

#[test]
fn waiting_follows_the_server_and_the_given_clock() {
    let server = Server::http();
    let limit = |reset: &str| {
        let reply = Reply::new(403, "").header("X-RateLimit-Remaining", "0");
        reply.header("X-RateLimit-Reset", reset)
    };
    for (replies, seconds, status) in [
        (vec![Reply::new(503, ""), Reply::new(502, ""), Reply::ok("x")], 1.5, ""),
        (vec![Reply::new(500, "")], 3.5, "answered 500"),
        (vec![limit("1795262430"), Reply::ok("x")], 31.0, ""),
        (vec![limit("1795262461")], 0.0, "try again after 2026-11-21 12:01:02"),
        (
            vec![
                Reply::new(429, "").header("Retry-After", "Sat, 21 Nov 2026 12:00:07 GMT"),
                Reply::ok("x"),
            ],
            7.0,
            "",
        ),
        (vec![Reply::new(404, "")], 0.0, "404"),
    ] {
        server.on("/page", replies);
        let waited = Counted::default();
        let mut settings = ClientSettings::new("test");
        settings.pacing = Box::new(waited.clone());
        settings.clock = Box::new(Noon);
        let request = Request {
            address: Address::parse(&server.url("/page")).unwrap(),
            accept: "*/*",
            credential: None,
            limit: 100,
            kind: BodyKind::Any,
        };
        let read = Client::new(settings).unwrap().read(&request, &Silent);
        let told = read
            .map(|page| assert_eq!(page.bytes, b"x"))
            .map_err(|fault| fault.to_string());
        assert_eq!(told.is_ok(), status.is_empty(), "{told:?}");
        assert!(told.err().unwrap_or_default().contains(status));
        let waited = waited.0.lock().unwrap().as_secs_f64();
        assert!(
            (waited - seconds).abs() < 0.01,
            "waited {waited} s, expected {seconds} s"
        );
    }
}

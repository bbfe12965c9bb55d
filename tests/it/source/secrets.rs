//! Tokens: where they are sent, and that they are never told.

use std::fmt::Write as _;

use gestor_plugins::base::hash::sha256;
use gestor_plugins::source::FaultClass;

use super::site::{LIST, PRIVATE, Site, TOKEN, private_repository, with, zip};
use crate::support::github::{Manner, Reply, Server};

#[test]
fn a_token_does_not_come_back_after_it_was_dropped() {
    let (api, storage) = (Server::http(), Server::http());
    let site = Site::of(&api);
    let package = zip(1000);
    private_repository(&api, &storage, &package);
    storage.on("/file?sig=ghs_signed", [Reply::redirect(307, &api.url("/back"))]);
    api.on("/back", [Reply::redirect(301, "/end")])
        .on("/end", [Reply::ok(package)]);
    site.package(&PRIVATE);
    for asked in api.asked() {
        let is_api = asked.path.starts_with("/api/");
        assert_eq!(asked.header("authorization").is_some(), is_api, "{}", asked.path);
    }
}

#[test]
fn a_literal_token_is_used_and_not_stored() {
    let server = Server::http();
    let site = Site::of(&server);
    private_repository(&server, &server, &zip(1000));
    let literal = [
        ("origem_tipo", "github_privado"),
        ("owner", "o"),
        ("repo", "r"),
        ("cred_ref", TOKEN),
    ];
    assert_eq!(site.package(&literal).credential_name, None);
    assert!(server.asked()[0].header("authorization").unwrap().contains(TOKEN));
}

#[test]
fn credentials_that_are_missing_are_told_by_name() {
    let site = Site::of(&Server::http());
    site.refuses(&PRIVATE[..3], FaultClass::Params, &["PLUGIN_TOKEN_<NAME>"]);
    site.refuses(
        &with(&PRIVATE[..3], &[("cred_ref", "nobody")]),
        FaultClass::Params,
        &["PLUGIN_TOKEN_NOBODY"],
    );
    site.refuses(&PRIVATE[..2], FaultClass::Params, &["repo"]);
    site.refuses(&PRIVATE[..1], FaultClass::Params, &["owner"]);
}

#[test]
fn no_failure_tells_the_token() {
    let (server, storage) = (Server::http(), Server::http());
    let echo = format!("{{\"message\":\"Bad credentials token {TOKEN}\"}}");
    let part = &TOKEN[4..16];
    let asset = "/api/repos/o/r/releases/assets/7";
    let sum = "/api/repos/o/r/releases/assets/8";
    let leaky = storage.url(&format!("/file/{TOKEN}?access_token={TOKEN}"));
    let faults: Vec<(&str, Reply)> = vec![
        (LIST, Reply::new(401, echo.clone())),
        (LIST, Reply::new(403, echo.clone())),
        (LIST, Reply::new(404, echo.clone())),
        (LIST, Reply::new(429, echo.clone()).header("Retry-After", "999")),
        (LIST, Reply::new(500, echo.clone())),
        (LIST, Reply::ok(echo.clone())),
        (LIST, Reply::ok(format!("token {TOKEN}"))),
        (LIST, Reply::ok(format!("\"{TOKEN}\""))),
        (
            LIST,
            Reply::redirect(302, &format!("http://example.org/{TOKEN}?{TOKEN}")),
        ),
        (
            LIST,
            Reply::redirect(302, &format!("https://user:{TOKEN}@localhost:1/")),
        ),
        (asset, Reply::redirect(302, &leaky)),
        (asset, Reply::ok(echo.clone())),
        (asset, Reply::ok(zip(9000)).manner(Manner::Cut(5000))),
        (asset, Reply::ok("x").header("Content-Encoding", TOKEN)),
        (sum, Reply::ok(format!("{TOKEN}  gestor-plugin.zip"))),
        (sum, Reply::ok(format!("{}  {TOKEN}", sha256(b"")))),
        (sum, Reply::new(404, echo)),
    ];
    for (path, reply) in faults {
        let mut site = Site::of(&server);
        site.settings.http_total = 1;
        private_repository(&server, &storage, &zip(9000));
        server.on(path, [reply]);
        let error = site.fetch(&PRIVATE).unwrap_err();
        let mut told = format!("{error}\n{error:?}\n{:?}\n{:?}", site.told.messages, site.told.progress);
        let mut source = std::error::Error::source(&error);
        while let Some(found) = source {
            write!(told, "\n{found}\n{found:?}").unwrap();
            source = found.source();
        }
        told.push_str(&site.told.lines().join("\n"));
        assert!(!told.contains(part), "{path}: {told}");
        assert!(!told.contains("access_token"), "{path}: {told}");
    }
    assert!(
        server
            .asked()
            .iter()
            .all(|asked| asked.header("authorization").is_some())
    );
    assert!(
        storage
            .asked()
            .iter()
            .all(|asked| asked.header("authorization").is_none())
    );
}

#[test]
fn a_password_in_an_address_goes_to_its_server_alone() {
    let (server, storage) = (Server::http(), Server::http());
    let site = Site::new();
    server.on("/p.zip", [Reply::redirect(302, &storage.url("/file"))]);
    storage.on("/file", [Reply::ok(zip(1000))]);
    let url = server.url("/p.zip").replace("http://", "http://me:hunter2@");
    let found = site.package(&[("origem_tipo", "url"), ("url", &url)]);
    assert_eq!(found.origin_text, server.url("/p.zip"));
    assert!(server.asked()[0].header("authorization").unwrap().starts_with("Basic "));
    assert_eq!(storage.asked()[0].header("authorization"), None);
    storage.on("/file", [Reply::new(404, "")]);
    let error = site.fetch(&[("origem_tipo", "url"), ("url", &url)]);
    let told = format!("{error:?} {:?}", site.told.lines());
    assert!(!told.contains("hunter2"), "{told}");
}

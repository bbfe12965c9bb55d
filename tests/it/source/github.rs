//! Repositories, private and public: discovery, choice of files, checksums, advice on faults.

use std::fs;

use gestor_plugins::base::hash::sha256;
use gestor_plugins::source::FaultClass;

use super::site::{BOTH, LIST, PRIVATE, PUBLIC, Site, TOKEN, private_repository, release, with, zip};
use crate::support::github::{Authority, Reply, Server};

#[test]
fn a_private_package_comes_over_tls_and_the_token_stays_with_the_api() {
    let authority = Authority::new();
    let (api, storage) = (Server::https(&authority), Server::https(&authority));
    let mut site = Site::of(&api);
    site.settings.ca_file = Some(authority.write(site.root()));
    let package = zip(300_000);
    private_repository(&api, &storage, &package);
    let found = site.package(&PRIVATE);
    assert_eq!(fs::read(&found.path).unwrap(), package);
    assert_eq!(found.path, site.staged());
    assert_eq!((found.sha256, found.length), (sha256(&package), 300_000));
    assert_eq!(found.origin_text, "o/r");
    assert_eq!(found.resolved_tag.as_deref(), Some("plugin-x-v1.0.0"));
    assert_eq!(found.credential_name.as_deref(), Some("site"));
    for asked in api.asked() {
        assert_eq!(asked.header("authorization"), Some(format!("token {TOKEN}").as_str()));
        assert_eq!(asked.header("user-agent"), Some("Conn2Flow-Plugin-Manager/1.0"));
    }
    let asset = api
        .asked()
        .into_iter()
        .find(|asked| asked.path.ends_with("/7"))
        .unwrap();
    assert_eq!(asset.header("accept"), Some("application/octet-stream"));
    assert_eq!(storage.asked().len(), 1);
    assert_eq!(storage.asked()[0].header("authorization"), None);
    let hash = sha256(&package);
    assert_eq!(
        site.told.lines(),
        [
            format!("[DISCOVERY] Searching releases in {}", api.url("/o/r")),
            "[DISCOVERY] Tag found: plugin-x-v1.0.0".to_owned(),
            "[DISCOVERY] Asset found: gestor-plugin.zip (ID: 7)".to_owned(),
            "[DOWNLOAD] Private repository detected - downloading both files (ZIP + SHA256)".to_owned(),
            "[DOWNLOAD] URLs based on API asset: ZIP and SHA256".to_owned(),
            "[DOWNLOAD] Starting download via assets API".to_owned(),
            "[DOWNLOAD] Downloading ZIP file...".to_owned(),
            "[DOWNLOAD] Download completed: 293.0 KB".to_owned(),
            format!("[DOWNLOAD] File saved at: {}", site.staged().display()),
            "[DOWNLOAD] Downloading SHA256 file...".to_owned(),
            format!("[CHECKSUM] Expected checksum: {hash}"),
            format!("[CHECKSUM] Calculated checksum: {hash}"),
            "[CHECKSUM] ✓ Checksums match".to_owned(),
            "[DOWNLOAD] ✓ Checksum verified successfully".to_owned(),
        ]
    );
    let progress = site.told.progress.borrow();
    assert!(
        progress
            .iter()
            .any(|event| event.done == 300_000 && event.of == 300_000 && event.unit == "bytes")
    );
}

#[test]
fn a_private_package_must_have_its_checksum() {
    let server = Server::http();
    let site = Site::of(&server);
    let package = zip(5000);
    private_repository(&server, &server, &package);
    let good = sha256(&package).to_string();
    let sum = "/api/repos/o/r/releases/assets/8";
    for (file, words) in [
        (
            format!("{}  gestor-plugin.zip", sha256(b"other")),
            &["differs", good.as_str()][..],
        ),
        (format!("{good}  other.zip"), &["other.zip"]),
        (String::new(), &["empty"]),
        ("<html>".to_owned(), &["no SHA-256"]),
    ] {
        server.on(sum, [Reply::ok(file)]);
        site.refuses(&PRIVATE, FaultClass::Checksum, words);
    }
    server.on(sum, [Reply::new(404, "")]);
    site.refuses(&PRIVATE, FaultClass::Checksum, &["missing"]);
    server.on(
        LIST,
        [Reply::ok(format!("[{}]", release("plugin-x-v1.0.0", &BOTH[..1])))],
    );
    site.refuses(&PRIVATE, FaultClass::Checksum, &["gestor-plugin.zip.sha256"]);
    site.package(&with(&PRIVATE, &[("sha256", &good)]));
    server.on("/sum", [Reply::ok(format!("{good} *gestor-plugin.zip\r\n"))]);
    site.package(&with(&PRIVATE, &[("sha256_url", &server.url("/sum"))]));
}

#[test]
fn githubs_own_digest_is_compared_too() {
    let server = Server::http();
    let site = Site::of(&server);
    let package = zip(5000);
    private_repository(&server, &server, &package);
    let list = |digest: &str| {
        let asset = r#""id":7,"name":"gestor-plugin.zip""#;
        let list = format!("[{}]", release("plugin-x-v1.0.0", &BOTH));
        list.replace(asset, &format!(r#"{asset},"digest":"sha256:{digest}""#))
    };
    server.on(LIST, [Reply::ok(list(&sha256(&package).to_string()))]);
    site.package(&PRIVATE);
    server.on(LIST, [Reply::ok(list(&sha256(b"other").to_string()))]);
    site.refuses(&PRIVATE, FaultClass::Checksum, &["GitHub says"]);
}

#[test]
fn releases_are_found_on_later_pages() {
    let server = Server::http();
    let site = Site::of(&server);
    let package = zip(1000);
    let next = server.url("/api/repositories/1/releases?per_page=100&page=2");
    let first = Reply::ok(format!("[{}]", release("gestor-v9.0.0", &[])));
    let draft = release("plugin-x-v9.0.0", &BOTH).replace(r#""draft":false"#, r#""draft":true"#);
    let early = release("plugin-x-v8.0.0", &BOTH).replace(r#""prerelease":false"#, r#""prerelease":true"#);
    let rest = ["plugin-x-v1.9.0", "plugin-x-v1.10.0", "plugin-y-v7.0.0"]
        .map(|tag| release(tag, &BOTH))
        .join(",");
    server
        .on(
            LIST,
            [first.header("Link", &format!(r#"<{next}>; rel="next", <{next}>; rel="last""#))],
        )
        .on(
            "/api/repositories/1/releases?per_page=100&page=2",
            [Reply::ok(format!("[{draft},{early},{rest}]"))],
        )
        .on(
            "/o/r/releases/download/plugin-x-v1.10.0/gestor-plugin.zip",
            [Reply::ok(package.clone())],
        )
        .on(
            "/o/r/releases/download/plugin-x-v1.10.0/gestor-plugin.zip.sha256",
            [Reply::ok(sha256(&package).to_string())],
        );
    assert_eq!(site.package(&PUBLIC).resolved_tag.as_deref(), Some("plugin-x-v1.10.0"));
    assert!(site.told.lines().iter().any(|line| line.contains("Checksums match")));
    // A prerelease is there for who asks for it by its tag.
    server
        .on("/api/repos/o/r/releases/tags/plugin-x-v8.0.0", [Reply::ok(early)])
        .on(
            "/o/r/releases/download/plugin-x-v8.0.0/gestor-plugin.zip",
            [Reply::ok(package.clone())],
        )
        .on(
            "/o/r/releases/download/plugin-x-v8.0.0/gestor-plugin.zip.sha256",
            [Reply::ok(sha256(&package).to_string())],
        );
    let found = site.package(&with(&PUBLIC, &[("ref", "plugin-x-v8.0.0")]));
    assert_eq!(found.resolved_tag.as_deref(), Some("plugin-x-v8.0.0"));
}

#[test]
fn public_packages_fall_back_to_api_and_source() {
    let server = Server::http();
    let site = Site::of(&server);
    let package = zip(1000);
    let sum = sha256(&package).to_string();
    // The web does not have it, the API does.
    server
        .on(LIST, [Reply::ok(format!("[{}]", release("plugin-x-v1.0.0", &BOTH)))])
        .on("/api/repos/o/r/releases/assets/7", [Reply::ok(package.clone())])
        .on("/api/repos/o/r/releases/assets/8", [Reply::ok(sum)]);
    assert_eq!(site.package(&PUBLIC).sha256, sha256(&package));
    // The release has no asset: the source of its tag.
    server
        .on(LIST, [Reply::ok(format!("[{}]", release("plugin-x-v1.0.0", &[])))])
        .on(
            "/api/repos/o/r/zipball/plugin-x-v1.0.0",
            [Reply::redirect(302, "/codeload")],
        )
        .on("/codeload", [Reply::ok(zip(2000))]);
    let found = site.package(&PUBLIC);
    assert_eq!(
        (found.length, found.resolved_tag.as_deref()),
        (2000, Some("plugin-x-v1.0.0"))
    );
    assert!(
        site.told
            .lines()
            .iter()
            .any(|line| line.starts_with("[warn]") && line.contains("source"))
    );
    // No release: a branch is taken as it is, and a missing version is never replaced by another one.
    server
        .on(LIST, [Reply::ok("[]")])
        .on("/api/repos/o/r/zipball/main", [Reply::ok(zip(3000))]);
    assert_eq!(
        site.package(&with(&PUBLIC, &[("ref", "main")])).resolved_tag.as_deref(),
        Some("main")
    );
    server.on(LIST, [Reply::ok(format!("[{}]", release("plugin-x-v1.0.0", &BOTH)))]);
    site.refuses(
        &with(&PUBLIC, &[("ref", "plugin-x-v9.9.9")]),
        FaultClass::Download,
        &["404"],
    );
    site.refuses(
        &with(&PRIVATE, &[("ref", "plugin-x-v9.9.9")]),
        FaultClass::Download,
        &["plugin-x-v9.9.9"],
    );
}

#[test]
fn an_address_replaces_discovery() {
    let server = Server::http();
    let site = Site::of(&server);
    let package = zip(1000);
    private_repository(&server, &server, &package);
    let by_tag = "/api/repos/o/r/releases/tags/plugin-x-v1.0.0";
    server.on(by_tag, [Reply::ok(release("plugin-x-v1.0.0", &BOTH))]);
    for path in [
        "/api/repos/o/r/releases/assets/7",
        "/o/r/releases/download/plugin-x-v1.0.0/gestor-plugin.zip",
    ] {
        let found = site.package(&with(&PRIVATE, &[("download_url", &server.url(path))]));
        assert_eq!(found.resolved_tag.as_deref(), Some("plugin-x-v1.0.0"), "{path}");
    }
    server.on("/direct.zip", [Reply::ok(package.clone())]);
    let direct = server.url("/direct.zip");
    site.refuses(
        &with(&PRIVATE, &[("download_url", &direct)]),
        FaultClass::Checksum,
        &["direct.zip.sha256"],
    );
    server.on(
        "/direct.zip.sha256",
        [Reply::ok(format!("{}  direct.zip", sha256(&package)))],
    );
    site.package(&with(&PRIVATE, &[("download_url", &direct)]));
    site.package(&with(&PUBLIC, &[("download_url", &direct), ("ref", "v1.0.0")]));
}

#[test]
fn statuses_are_told_with_advice() {
    let server = Server::http();
    let mut site = Site::of(&server);
    site.settings.http_total = 1;
    for (reply, words) in [
        (Reply::new(401, ""), &["401", "token is not valid"][..]),
        (Reply::new(403, ""), &["403", "lacks the right"]),
        (Reply::new(404, ""), &["404", "token may read"]),
        (Reply::new(400, ""), &["400", "check the address"]),
        (Reply::new(500, ""), &["500", "try again later"]),
        (
            Reply::new(503, "").header("Retry-After", "90"),
            &["503", "try again later"],
        ),
        (
            Reply::new(403, "")
                .header("X-RateLimit-Remaining", "0")
                .header("X-RateLimit-Reset", "4102444800"),
            &["no more requests", "2100-01-01"],
        ),
        (
            Reply::new(429, "").header("Retry-After", "3600"),
            &["no more requests", "try again after 20"],
        ),
        (
            Reply::new(429, "").header("Retry-After", "Fri, 01 Jan 2100 00:00:00 GMT"),
            &["2100"],
        ),
        (Reply::ok("{}").header("Content-Encoding", "gzip"), &["gzip"]),
        (Reply::ok("not json"), &["github_api"]),
    ] {
        server.on(LIST, [reply]);
        site.refuses(&PRIVATE, FaultClass::Download, words);
    }
    server.on(LIST, [Reply::new(401, "")]);
    site.refuses(&PUBLIC, FaultClass::Download, &["cred_ref"]);
    server.on(LIST, [Reply::ok("[]")]);
    site.refuses(&PRIVATE, FaultClass::Download, &["plugin-x-v"]);
}

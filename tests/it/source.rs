//! Packages from everywhere, against a server on loopback: what arrives, what is refused, and that no token is ever
//! told.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gestor_plugins::base::hash::sha256;
use gestor_plugins::config::{Argument, InstallParameters, Settings};
use gestor_plugins::log::{Cancelled, Message, Progress, Reporter, text};
use gestor_plugins::model::{Lang, Secret, Slug};
use gestor_plugins::source::{FaultClass, Fetched, Package, SourceError, fetch};

use crate::support::github::{Authority, Manner, Reply, Server};

const TOKEN: &str = "ghp_ThisIsTheSecretOfTheTest0123456789";

/// Keeps what is told.
#[derive(Default)]
struct Told {
    messages: RefCell<Vec<Message>>,
    progress: RefCell<Vec<Progress>>,
    cancel_at: Option<usize>,
}

impl Reporter for Told {
    fn progress(&self, progress: Progress) -> Result<(), Cancelled> {
        self.progress.borrow_mut().push(progress);
        match self.cancel_at {
            Some(count) if self.progress.borrow().len() >= count => Err(Cancelled),
            _ => Ok(()),
        }
    }

    fn message(&self, message: Message) {
        self.messages.borrow_mut().push(message);
    }
}

impl Told {
    fn lines(&self) -> Vec<String> {
        let line = |message: &Message| format!("{} {}", message.tag().word(), text(message, "x", Lang::En));
        self.messages.borrow().iter().map(line).collect()
    }
}

/// A gestor's folder, its staging, and the settings of a call.
struct Site {
    folder: tempfile::TempDir,
    settings: Settings,
    told: Told,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("staging")).unwrap();
        let settings = Settings {
            tokens: vec![("PLUGIN_TOKEN_SITE".to_owned(), Secret::new(TOKEN))],
            http_total: 20,
            ..Settings::default()
        };
        let told = Told::default();
        Self { folder, settings, told }
    }

    fn of(server: &Server) -> Self {
        let mut site = Self::new();
        site.settings.github_api = Some(server.url("/api"));
        site.settings.github_web = Some(server.url(""));
        site
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn staged(&self) -> PathBuf {
        self.root().join("staging/package.zip")
    }

    fn fetch(&self, pairs: &[(&str, &str)]) -> Result<Fetched, SourceError> {
        let text = |value: &str| Argument::Bytes(value.as_bytes().to_vec());
        let mut entries = vec![("raiz".to_owned(), text(self.root().to_str().unwrap()))];
        entries.extend(pairs.iter().map(|(key, value)| ((*key).to_owned(), text(value))));
        let parameters = InstallParameters::read(Argument::Map(entries), &self.settings).unwrap();
        let slug = Slug::normalize("x").unwrap();
        let fetched = fetch(
            &parameters,
            &self.settings,
            &self.root().join("staging"),
            &slug,
            &self.told,
        );
        if fetched.is_err() {
            assert_eq!(
                fs::read_dir(self.root().join("staging")).unwrap().count(),
                0,
                "a failure leaves nothing"
            );
        }
        fetched
    }

    fn package(&self, pairs: &[(&str, &str)]) -> Package {
        match self.fetch(pairs) {
            Ok(Fetched::Package(verified)) => verified.package().clone(),
            other => panic!("expected a package, found {other:?}; {:#?}", self.told.lines()),
        }
    }

    fn refusal(&self, pairs: &[(&str, &str)]) -> (FaultClass, String) {
        let error = self.fetch(pairs).unwrap_err();
        (error.class(), error.to_string())
    }

    /// Fails with this class, and with a text that holds these words.
    fn refuses(&self, pairs: &[(&str, &str)], class: FaultClass, words: &[&str]) {
        let (found, text) = self.refusal(pairs);
        assert_eq!(found, class, "{text}");
        for word in words {
            assert!(text.contains(word), "{word:?} is not in: {text}");
        }
    }
}

fn zip(length: usize) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04".to_vec();
    let mut state = 1u32;
    while bytes.len() < length {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        bytes.extend_from_slice(&state.to_be_bytes());
    }
    bytes.truncate(length);
    bytes
}

const PRIVATE: [(&str, &str); 4] = [
    ("origem_tipo", "github_privado"),
    ("owner", "o"),
    ("repo", "r"),
    ("cred_ref", "site"),
];
const PUBLIC: [(&str, &str); 3] = [("origem_tipo", "github_publico"), ("owner", "o"), ("repo", "r")];

fn with<'a>(base: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    base.iter().chain(more).copied().collect()
}

fn release(tag: &str, assets: &[(u64, &str)]) -> String {
    let assets = assets
        .iter()
        .map(|(id, name)| format!(r#"{{"id":{id},"name":"{name}","state":"uploaded"}}"#));
    let assets = assets.collect::<Vec<_>>().join(",");
    format!(
        r#"{{"tag_name":"{tag}","draft":false,"prerelease":false,"published_at":"2026-01-01T00:00:00Z","assets":[{assets}]}}"#
    )
}

const BOTH: [(u64, &str); 2] = [(7, "gestor-plugin.zip"), (8, "gestor-plugin.zip.sha256")];
const LIST: &str = "/api/repos/o/r/releases?per_page=100";

/// A private repository: list, package and checksum on the API, the package behind a redirect to another server.
fn private_repository(api: &Server, storage: &Server, package: &[u8]) {
    let list = format!("[{}]", release("plugin-x-v1.0.0", &BOTH));
    let sum = format!("{}  gestor-plugin.zip\n", sha256(package));
    api.on(LIST, [Reply::ok(list)])
        .on(
            "/api/repos/o/r/releases/assets/7",
            [Reply::redirect(302, &storage.url("/file?sig=ghs_signed"))],
        )
        .on("/api/repos/o/r/releases/assets/8", [Reply::ok(sum)]);
    storage.on("/file?sig=ghs_signed", [Reply::ok(package).header("ETag", "\"1\"")]);
}

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
    assert_eq!(found.stored_reference.as_deref(), Some("site"));
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
    assert_eq!(site.package(&literal).stored_reference, None);
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
        fetch(&[("sha256", &format!("{good}  other.zip"))]),
        Err(FaultClass::Checksum)
    );
    assert_eq!(
        fetch(&[("sha256", &sha256(b"").to_string())]),
        Err(FaultClass::Checksum)
    );
    assert_eq!(fetch(&[("sha256", "abc")]), Err(FaultClass::Checksum));
    assert_eq!(
        fetch(&[("sha256_url", &server.url("/nothing"))]),
        Err(FaultClass::Checksum)
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
    // A server that answers with another part than the one asked for.
    let cut = Reply::ok(old.clone())
        .header("ETag", "\"one\"")
        .manner(Manner::Cut(400_000));
    let wrong = Reply::new(206, zip(100)).header("Content-Range", "bytes 7-106/900000");
    server.on("/p.zip", [cut, wrong, Reply::ok(old.clone())]);
    let found = site.package(&[("origem_tipo", "url"), ("url", &server.url("/p.zip"))]);
    assert_eq!(found.sha256, sha256(&old));
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
    site.refuses(&call, FaultClass::Download, &["s (0 bytes)"]);
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
        &["encryption"],
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
    site.settings.http_total = 1;
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
    let (_, text) = site.refusal(&[("origem_tipo", "url"), ("url", "https://plugins.example/p.zip")]);
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
fn uploads_are_copied_and_hashed() {
    let mut site = Site::new();
    let package = zip(700_000);
    let uploads = site.root().join("contents/plugins");
    fs::create_dir_all(&uploads).unwrap();
    let path = uploads.join("p.zip");
    fs::write(&path, &package).unwrap();
    for (kind, given) in [
        ("upload", path.to_str().unwrap()),
        ("arquivo", "p.zip"),
        ("upload", "contents/plugins/p.zip"),
    ] {
        let found = site.package(&[("origem_tipo", kind), ("arquivo", given)]);
        assert_eq!((found.sha256, found.length), (sha256(&package), 700_000));
        assert_eq!(fs::read(site.staged()).unwrap(), package);
        assert_eq!(found.origin_text, path.to_str().unwrap());
    }
    // What is in staging is a copy: the uploader cannot change it any more.
    fs::write(&path, b"changed").unwrap();
    assert_eq!(fs::read(site.staged()).unwrap(), package);
    fs::write(&path, &package).unwrap();
    fs::write(uploads.join("p.zip.sha256"), format!("{}  p.zip", sha256(b"other"))).unwrap();
    let call = [("arquivo", "p.zip")];
    fs::remove_file(site.staged()).unwrap();
    site.refuses(&call, FaultClass::Checksum, &["p.zip.sha256", "differs"]);
    fs::remove_file(uploads.join("p.zip.sha256")).unwrap();
    site.refuses(&with(&call, &[("sha256", "12")]), FaultClass::Checksum, &["sha256"]);
    site.settings.limits.package_bytes = 699_999;
    site.refuses(&call, FaultClass::Download, &["bytes_pacote"]);
}

#[test]
fn only_a_readable_file_is_an_upload() {
    let site = Site::new();
    site.refuses(&[("origem_tipo", "upload")], FaultClass::Params, &["arquivo"]);
    site.refuses(
        &[("arquivo", "/no/such/file.zip")],
        FaultClass::Params,
        &["/no/such/file.zip", "does not exist"],
    );
    site.refuses(&[("arquivo", "/")], FaultClass::Params, &["not a regular file"]);
    site.refuses(&[("arquivo", "/dev/null")], FaultClass::Params, &["not a regular file"]);
    let pipe = site.root().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    site.refuses(
        &[("arquivo", pipe.to_str().unwrap())],
        FaultClass::Params,
        &["not a regular file"],
    );
    site.refuses(
        &[("origem_tipo", "local_path"), ("local_path", pipe.to_str().unwrap())],
        FaultClass::Params,
        &[],
    );
}

#[test]
fn local_paths_are_files_or_folders() {
    let site = Site::new();
    let root = site.root().canonicalize().unwrap();
    fs::create_dir_all(root.join("plugins/x")).unwrap();
    fs::create_dir_all(root.join("elsewhere/x")).unwrap();
    std::os::unix::fs::symlink(root.join("plugins/x"), root.join("link")).unwrap();
    fs::write(root.join("elsewhere/x.zip"), zip(100)).unwrap();
    let call = |path: &str| {
        site.fetch(&[("origem_tipo", "local_path"), ("local_path", path)])
            .unwrap()
    };
    let text = |path: &str| format!("{}/{path}", root.display());
    for path in [
        "elsewhere/x".to_owned(),
        "elsewhere/x/".to_owned(),
        text("elsewhere/x//"),
        text("elsewhere/./x"),
    ] {
        assert_eq!(call(&path), Fetched::Folder(root.join("elsewhere/x")), "{path}");
    }
    for path in [
        "plugins/x".to_owned(),
        "link".to_owned(),
        text("plugins/x/"),
        text("elsewhere/../plugins/x"),
    ] {
        assert_eq!(call(&path), Fetched::Installed(root.join("plugins/x")), "{path}");
    }
    assert!(matches!(call("elsewhere/x.zip"), Fetched::Package(_)));
    let sum = sha256(&zip(100)).to_string();
    let folder = [
        ("origem_tipo", "local_path"),
        ("local_path", "elsewhere/x"),
        ("sha256", sum.as_str()),
    ];
    fs::remove_file(site.staged()).unwrap();
    site.refuses(&folder, FaultClass::Params, &["sha256"]);
    site.refuses(
        &[("origem_tipo", "local_path"), ("local_path", "none")],
        FaultClass::Params,
        &["none"],
    );
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
            told.push_str(&format!("\n{found}\n{found:?}"));
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

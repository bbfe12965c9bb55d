//! Updates that come by themselves: a site, or two servers of one, with a clock of their own, a stand-in for GitHub, and pages
//! that can die.

mod digest;
mod files;
mod health;
mod kills;
mod listings;
mod month;
mod policies;
mod program;
mod servers;

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, TimeDelta};
use gestor_plugins::base::clock::Clock;
use gestor_plugins::base::hash::sha256;
use gestor_plugins::config::Settings;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::looks::call;
use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::github::{Reply, Server};
use crate::support::operation::{Ended, Quiet, called, run_by};
use crate::support::package::Package;

/// A clock that stands until it is told, or until somebody waits.
#[derive(Debug, Clone)]
pub(crate) struct OwnClock(Arc<Mutex<DateTime<FixedOffset>>>);

impl OwnClock {
    pub(crate) fn at(text: &str) -> Self {
        Self(Arc::new(Mutex::new(DateTime::parse_from_rfc3339(text).unwrap())))
    }

    pub(crate) fn goes(&self, minutes: i64) {
        *self.0.lock().unwrap() += TimeDelta::minutes(minutes);
    }

    pub(crate) fn set(&self, time: DateTime<FixedOffset>) {
        *self.0.lock().unwrap() = time;
    }
}

impl Clock for OwnClock {
    fn now(&self) -> DateTime<FixedOffset> {
        *self.0.lock().unwrap()
    }

    fn pause(&self, length: Duration) {
        *self.0.lock().unwrap() += TimeDelta::from_std(length).unwrap();
    }
}

/// How a page answers.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Page(u16, usize),
    Leads(&'static str),
    Silence,
}

type Answers = Arc<dyn Fn(&str) -> Answer + Send + Sync>;

/// The pages of a site. Its threads end with the test's process.
pub(crate) struct Pages {
    pub(crate) url: String,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl Pages {
    pub(crate) fn answering(answers: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port());
        let (asked, answers): (Arc<Mutex<Vec<String>>>, Answers) = (Arc::default(), Arc::new(answers));
        let noted = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (noted, answers) = (Arc::clone(&noted), Arc::clone(&answers));
                thread::spawn(move || {
                    let mut reader = BufReader::new(stream);
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap_or(0);
                    let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
                    while line.trim() != "" {
                        line.clear();
                        if reader.read_line(&mut line).unwrap_or(0) == 0 {
                            break;
                        }
                    }
                    noted.lock().unwrap().push(path.clone());
                    let text = match answers(&path) {
                        Answer::Silence => {
                            thread::sleep(Duration::from_secs(20));
                            return;
                        }
                        Answer::Page(status, length) => {
                            let body = "x".repeat(length);
                            format!(
                                "HTTP/1.1 {status} S\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
                            )
                        }
                        Answer::Leads(to) => format!(
                            "HTTP/1.1 302 S\r\nConnection: close\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"
                        ),
                    };
                    let _ = reader.get_mut().write_all(text.as_bytes());
                });
            }
        });
        Self { url, asked }
    }
}

/// The version of a plugin by its files.
pub(crate) fn version_of(root: &Path, slug: &str) -> String {
    fs::read_to_string(root.join("plugins").join(slug).join("v.txt")).unwrap_or_default()
}

/// A plugin with a file that says its version.
pub(crate) fn plugin(slug: &str, version: &str) -> Package {
    Package::new(slug, version).file("v.txt", version)
}

/// A package as it is uploaded.
pub(crate) fn bytes_of(package: &Package) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("package.zip");
    package.write(&path);
    fs::read(&path).unwrap()
}

/// A site, with a repository `o/r` of its plugins.
pub(crate) struct World {
    pub(crate) gestor: Gestor,
    pub(crate) clock: OwnClock,
    pub(crate) github: Server,
    pub(crate) pages: Pages,
    /// Releases say the SHA-256 of their package in a file beside it.
    pub(crate) has_files: Cell<bool>,
    releases: RefCell<Vec<Value>>,
}

impl World {
    /// One whose pages are well.
    pub(crate) fn new() -> Self {
        Self::with(Gestor::new(), |_| Answer::Page(200, 5_000))
    }

    pub(crate) fn with(gestor: Gestor, answers: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        Self {
            gestor,
            // A Tuesday.
            clock: OwnClock::at("2026-12-01T00:00:00-03:00"),
            github: Server::http(),
            pages: Pages::answering(answers),
            has_files: Cell::new(false),
            releases: RefCell::default(),
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            github_api: Some(self.github.url("")),
            github_web: Some(self.github.url("/web")),
            http_idle: 2,
            http_total: 3,
            ..english()
        }
    }

    /// Calls an operation on a server of the site.
    pub(crate) fn on(&self, gestor: &Gestor, word: &str, more: &Value) -> Ended {
        let mut parameters = json!({"lang": "en"});
        parameters
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let read = called(word, call(gestor, &parameters), &self.settings());
        run_by(self.clock.clone(), read, self.settings(), &mut Quiet)
    }

    pub(crate) fn call(&self, word: &str, more: &Value) -> Ended {
        self.on(&self.gestor, word, more)
    }

    /// One run.
    pub(crate) fn run(&self, more: &Value) -> Ended {
        self.run_on(&self.gestor, more)
    }

    pub(crate) fn run_on(&self, gestor: &Gestor, more: &Value) -> Ended {
        let mut parameters = json!({"endereco": self.pages.url, "gestor_versao": "2.9.43"});
        parameters
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.on(gestor, "update_run", &parameters)
    }

    /// Releases a package, uploaded now.
    pub(crate) fn release(&self, package: &Package, slug: &str, version: &str) {
        let tag = format!("plugin-{slug}-v{version}");
        let bytes = bytes_of(package);
        let now = self.clock.now().to_rfc3339();
        let mut releases = self.releases.borrow_mut();
        let published = releases
            .iter()
            .find(|known| known["tag_name"] == json!(tag))
            .map_or_else(|| json!(now), |known| known["published_at"].clone());
        releases.retain(|known| known["tag_name"] != json!(tag));
        let place = format!("/web/o/r/releases/download/{tag}/gestor-plugin.zip");
        let mut assets = json!([{"id": 7, "name": "gestor-plugin.zip", "state": "uploaded", "updated_at": now,
            "digest": format!("sha256:{}", sha256(&bytes))}]);
        if self.has_files.get() {
            assets[0]["digest"] = Value::Null;
            let file = json!({"id": 8, "name": "gestor-plugin.zip.sha256", "state": "uploaded", "updated_at": now});
            assets.as_array_mut().unwrap().push(file);
            let text = format!("{}  gestor-plugin.zip\n", sha256(&bytes));
            self.github.on(&format!("{place}.sha256"), [Reply::ok(text)]);
        }
        let release = json!({"tag_name": tag, "draft": false, "prerelease": false, "published_at": published,
            "assets": assets});
        releases.insert(0, release);
        self.github.on(&place, [Reply::ok(bytes)]);
        drop(releases);
        self.show();
    }

    /// Deletes a release.
    pub(crate) fn withdraw(&self, slug: &str, version: &str) {
        let tag = format!("plugin-{slug}-v{version}");
        self.releases
            .borrow_mut()
            .retain(|known| known["tag_name"] != json!(tag));
        self.github
            .on(&format!("/repos/o/r/releases/tags/{tag}"), [Reply::new(404, "{}")]);
        let place = format!("/web/o/r/releases/download/{tag}/gestor-plugin.zip");
        self.github.on(&place, [Reply::new(404, "")]);
        self.show();
    }

    fn show(&self) {
        let releases = self.releases.borrow();
        for release in releases.iter() {
            let tag = release["tag_name"].as_str().unwrap();
            self.github.on(
                &format!("/repos/o/r/releases/tags/{tag}"),
                [Reply::ok(release.to_string())],
            );
        }
        let body = json!(*releases).to_string();
        let tag = format!("\"{}\"", sha256(body.as_bytes()));
        self.github.on(LIST, [Reply::ok(body).header("ETag", &tag)]);
    }

    /// Installs a version from the repository.
    pub(crate) fn install(&self, slug: &str, version: &str) {
        self.install_package(&plugin(slug, version), slug, version);
    }

    /// Installs a package from the repository.
    pub(crate) fn install_package(&self, package: &Package, slug: &str, version: &str) {
        self.release(package, slug, version);
        let from = json!({"slug": slug, "origem_tipo": "github_publico", "owner": "o", "repo": "r",
            "ref": format!("plugin-{slug}-v{version}"), "referencia": "o/r", "gestor_versao": "2.9.43"});
        self.call("install", &from).expect(ExitCode::Ok);
    }

    /// Says what is wanted of its updates.
    pub(crate) fn policy(&self, slug: &str, more: &Value) -> Ended {
        let mut parameters = json!({"slug": slug, "endereco": self.pages.url});
        parameters
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.call("update_policy", &parameters)
    }

    /// Writes `politica.json`; gives the folder of trust in which it stands.
    pub(crate) fn rules(&self, rules: &Value) -> PathBuf {
        let trust = self.gestor.root().join("autenticacoes/site/plugins");
        fs::create_dir_all(&trust).unwrap();
        fs::write(trust.join("politica.json"), rules.to_string()).unwrap();
        trust
    }

    /// State and reason of a plugin.
    pub(crate) fn state(&self, slug: &str) -> (String, String) {
        let found = self.call("updates", &json!({"slug": slug})).expect(ExitCode::Ok).report;
        let word = |key: &str| found["atualizacoes"][0][key].as_str().unwrap_or_default().to_owned();
        (word("estado"), word("motivo"))
    }

    pub(crate) fn version(&self, slug: &str) -> String {
        version_of(self.gestor.root(), slug)
    }

    /// How often the list of releases was asked for.
    pub(crate) fn lists(&self) -> usize {
        self.github.paths().iter().filter(|path| *path == LIST).count()
    }
}

pub(crate) const LIST: &str = "/repos/o/r/releases?per_page=100";

/// The state that a test expects.
#[track_caller]
pub(crate) fn stands(world: &World, slug: &str, state: &str, reason: &str) {
    assert_eq!(world.state(slug), (state.to_owned(), reason.to_owned()));
}

//! A month in minutes: what publishers, servers and operators do stands in `month.txt` after `>`, and beneath it what became
//! of each plugin, and when. Whatever happens, nothing comes that a rule forbids.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, FixedOffset, TimeDelta};
use gestor_plugins::base::clock::Clock as _;
use gestor_plugins::base::hash::sha256;
use gestor_plugins::base::net::Address;
use gestor_plugins::outcome::ExitCode;
use gestor_plugins::updates::listing_wait;
use serde_json::{Value, json};

use super::{Answer, LIST, World, plugin, version_of};
use crate::signed_index::Publisher;
use crate::support::gestor::Gestor;
use crate::support::github::Server;
use crate::support::package::Package;
use crate::support::told;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/updates/month.txt");
/// Hours between two runs.
const STEP: i64 = 3;
const PLUGINS: [&str; 5] = ["agenda", "blog", "forum", "loja", "wiki"];

/// Versions with which the site is not well.
type Sick = Arc<Mutex<BTreeSet<(String, String)>>>;

struct Month {
    world: World,
    other: Gestor,
    publisher: Publisher,
    trust: PathBuf,
    sick: Sick,
    is_down: bool,
    /// Packages that must never be installed by themselves.
    forbidden: BTreeSet<(String, String)>,
    told: BTreeMap<String, String>,
    lines: Vec<String>,
    runs: i64,
}

fn time(day: &str, hour: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(&format!("2026-12-{day}T{hour}:00-03:00")).unwrap()
}

/// How long the list of releases is left alone.
fn wait_of(world: &World) -> TimeDelta {
    let address = Address::parse(&world.github.url(LIST)).unwrap();
    listing_wait(&sha256(format!("{address}\n").as_bytes()).to_string())
}

impl Month {
    fn new() -> Self {
        let gestor = Gestor::new();
        let other = Gestor::with(gestor.database.another());
        let sick = Sick::default();
        let (root, known) = (gestor.root().to_owned(), Arc::clone(&sick));
        let mut world = World::with(gestor, move |_| {
            let known = known.lock().unwrap();
            let is_sick = known.iter().any(|(slug, version)| version_of(&root, slug) == *version);
            if is_sick {
                Answer::Page(500, 10)
            } else {
                Answer::Page(200, 5_000)
            }
        });
        // How often a list is asked for depends on its address by a tenth: the story is of one that waits for longer.
        while wait_of(&world) <= TimeDelta::hours(6) {
            world.github = Server::http();
        }
        let trust = world.gestor.root().join("autenticacoes/site/plugins");
        fs::create_dir_all(&trust).unwrap();
        let publisher = Publisher::new();
        publisher
            .act_by(world.clock.clone(), &json!({"acao": "renovar"}))
            .expect(ExitCode::Ok);
        let made = Self {
            world,
            other,
            publisher,
            trust,
            sick,
            is_down: false,
            forbidden: BTreeSet::new(),
            told: BTreeMap::new(),
            lines: Vec::new(),
            runs: 0,
        };
        made.know_index();
        made
    }

    fn know_index(&self) {
        let root = self.publisher.read("root.json");
        let digest = gestor_plugins::base::hash::sha256(&root).to_string();
        let more = json!({"acao": "adicionar", "nome": "acme", "url": self.publisher.server.url("/i/"),
            "raiz_indice": self.publisher.folder().join("root.json"), "sha256": digest, "confianca": self.trust});
        self.world.call("index", &more).expect(ExitCode::Ok);
    }

    /// Publishes in the index, by the clock of the month.
    fn index(&self, package: &Package, more: &Value) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("package.zip");
        package.write(&path);
        let bytes = fs::read(&path).unwrap();
        let place = format!("/p/{}.zip", gestor_plugins::base::hash::sha256(&bytes));
        self.publisher
            .server
            .on(&place, [crate::support::github::Reply::ok(bytes)]);
        let mut call = json!({"acao": "publicar", "arquivo": path, "url": self.publisher.server.url(&place)});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.publisher
            .act_by(self.world.clock.clone(), &call)
            .expect(ExitCode::Ok);
    }

    fn is_indexed(slug: &str) -> bool {
        matches!(slug, "wiki" | "agenda")
    }

    fn act(&mut self, words: &[&str]) {
        let (slug, version) = (
            words.get(1).copied().unwrap_or_default(),
            words.get(2).copied().unwrap_or_default(),
        );
        let key = (slug.to_owned(), version.to_owned());
        match words[0] {
            "install" if Self::is_indexed(slug) => {
                self.index(&plugin(slug, version), &json!({}));
                // The server of an index is asked once a minute.
                self.world.clock.goes(2);
                let from =
                    json!({"slug": slug, "origem_tipo": "indice", "confianca": self.trust, "gestor_versao": "2.9.43"});
                self.world.call("install", &from).expect(ExitCode::Ok);
            }
            "install" => self.world.install(slug, version),
            "policy" => {
                let mut said = json!({"confianca": self.trust});
                for word in &words[2..] {
                    let (name, value) = word.split_once('=').unwrap();
                    said[name] = json!(value.replace('_', " "));
                }
                self.world.policy(slug, &said).expect(ExitCode::Ok);
            }
            "publish" if Self::is_indexed(slug) => self.index(&plugin(slug, version), &json!({})),
            "publish" => self.world.release(&plugin(slug, version), slug, version),
            "fix" => self.index(&plugin(slug, version), &json!({"seguranca": words[3]})),
            "sick" => {
                self.sick.lock().unwrap().insert(key);
            }
            "broken" => {
                let manifest = json!({"id": slug, "name": slug, "version": version, "compatibility": {"min": "9.0.0"}});
                self.forbidden.insert(key);
                self.world.release(&Package::with_manifest(&manifest), slug, version);
            }
            "republish" => self
                .world
                .release(&plugin(slug, version).file("other.txt", "x"), slug, version),
            "withdraw" if Self::is_indexed(slug) => {
                let call = json!({"acao": "publicar", "slug": slug, "versao": version, "retirada": "bad"});
                self.publisher
                    .act_by(self.world.clock.clone(), &call)
                    .expect(ExitCode::Ok);
                self.forbidden.insert(key);
            }
            "withdraw" => {
                self.world.withdraw(slug, version);
                self.forbidden.insert(key);
            }
            "revoke" => {
                let list = json!({"formato": 1, "itens": [{"id": "x", "plugin": slug, "versoes": version}]});
                fs::write(self.trust.join("revogados.json"), list.to_string()).unwrap();
                self.forbidden.insert(key);
            }
            "down" => self.is_down = true,
            "up" => self.is_down = false,
            other => panic!("{other}"),
        }
    }

    /// A run on one of the servers, in turn.
    fn run(&mut self) {
        self.runs += 1;
        if self.runs % 24 == 0 {
            // The publisher's own task.
            self.publisher
                .act_by(self.world.clock.clone(), &json!({"acao": "renovar"}))
                .expect(ExitCode::Ok);
        }
        let before: BTreeMap<_, _> = PLUGINS.iter().map(|slug| (*slug, self.installed(slug))).collect();
        let gestor = if self.runs % 2 == 0 {
            &self.other
        } else {
            &self.world.gestor
        };
        let mut more = json!({"confianca": self.trust});
        if self.is_down {
            more["db"] = json!({"socket": "/nowhere/s", "nome": "x", "usuario": "root"});
        }
        let ended = self.world.run_on(gestor, &more);
        let allowed = if self.is_down {
            ended.code == ExitCode::Sync
        } else {
            matches!(ended.code, ExitCode::Ok | ExitCode::RolledBack)
        };
        assert!(allowed, "{:?} {:#}", ended.code, ended.report);
        let applied = ended.report["aplicadas"].as_array().map_or(0, Vec::len);
        assert!(applied <= 1);
        if !self.is_down {
            for plugin in ended.report["atualizacoes"].as_array().unwrap() {
                let is_quiet = plugin["estado"] == json!("em_dia");
                assert!(is_quiet || plugin["texto"].is_string(), "no sentence: {plugin:#}");
            }
        }
        for slug in PLUGINS {
            let now = self.installed(slug);
            if now > before[slug] {
                let key = (slug.to_owned(), now);
                assert!(!self.forbidden.contains(&key), "{key:?} came");
            }
        }
        self.note(ended.code);
    }

    fn installed(&self, slug: &str) -> String {
        let sql = format!("SELECT versao_instalada FROM plugins WHERE id='{slug}'");
        self.world.gestor.database.value(&sql).unwrap_or_default()
    }

    /// What has changed since the last run.
    fn note(&mut self, code: ExitCode) {
        let now = self.world.clock.now();
        let stamp = (now - TimeDelta::seconds(now.timestamp() % 3600))
            .format("%d %H:00")
            .to_string();
        if code != ExitCode::Ok {
            self.lines.push(format!("{stamp} run {}", code.label()));
        }
        for slug in PLUGINS {
            let (state, reason) = self.world.state_with(slug, &self.trust);
            let line = format!("{slug} {} {state} {reason}", self.installed(slug))
                .trim_end()
                .to_owned();
            if self.told.get(slug) != Some(&line) {
                self.lines.push(format!("{stamp} {line}"));
                self.told.insert(slug.to_owned(), line);
            }
        }
    }
}

impl World {
    fn state_with(&self, slug: &str, trust: &Path) -> (String, String) {
        let more = json!({"slug": slug, "confianca": trust});
        let found = self.call("updates", &more).expect(ExitCode::Ok).report;
        let word = |key: &str| found["atualizacoes"][0][key].as_str().unwrap_or_default().to_owned();
        (word("estado"), word("motivo"))
    }
}

#[test]
fn a_month_goes_by() {
    let wanted = fs::read_to_string(FILE).unwrap();
    let script: Vec<&str> = wanted.lines().filter_map(|line| line.strip_prefix("> ")).collect();
    let mut month = Month::new();
    let mut lines = script.iter().peekable();
    let end = time("31", "00:00");
    while month.world.clock.now() < end {
        let now = month.world.clock.now();
        while let Some(line) = lines.peek() {
            let words: Vec<&str> = line.split(' ').collect();
            if time(words[0], words[1]) > now {
                break;
            }
            month.lines.push(format!("> {line}"));
            month.act(&words[2..]);
            lines.next();
        }
        month.run();
        // Waiting after an update has moved the clock a little.
        month.world.clock.set(now + TimeDelta::hours(STEP));
    }
    let found = month.lines.join("\n") + "\n";
    if told("GESTOR_PLUGINS_GENERATE").is_some() {
        fs::write(FILE, found).unwrap();
        return;
    }
    assert_eq!(found, wanted, "{found}");
    for slug in PLUGINS {
        assert_eq!(
            version_of(month.other.root(), slug),
            version_of(month.world.gestor.root(), slug),
            "{slug}"
        );
    }
}

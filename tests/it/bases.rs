//! Which databases use a tree (`backups/plugins/bases.json`), and what one may change that another uses. See also
//! `domains` and `restored_dumps`.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};

use gestor_plugins::config::{Argument, Bases, Settings};
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::child;
use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::mariadb::Database;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::person::{ROOT, SITE, STRANGER, Site};
use crate::support::scene::{Kind, POINTS, SLUG, Scene, package, recover};

/// A gestor of two domains, and packages of two versions.
pub(crate) struct Domains {
    pub(crate) gestor: Gestor,
    pub(crate) other: Database,
    folder: tempfile::TempDir,
}

impl Domains {
    pub(crate) fn new() -> Self {
        let gestor = Gestor::new();
        let other = Database::on(gestor.database.socket());
        let folder = tempfile::tempdir().unwrap();
        for version in ["1.0.0", "2.0.0"] {
            package(version, version).write(&folder.path().join(version));
        }
        let made = Self { gestor, other, folder };
        made.domain("a.example", made.gestor.database.name());
        made.domain("b.example", made.other.name());
        made
    }

    /// Says which database is a domain's.
    pub(crate) fn domain(&self, domain: &str, database: &str) {
        let folder = self.gestor.root().join("autenticacoes").join(domain);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(".env"), format!("DB_DATABASE={database}\n")).unwrap();
    }

    pub(crate) fn call(&self, database: &Database, version: &str, more: &Value) -> Value {
        let mut call = child::call(&self.gestor, &self.folder.path().join(version), SLUG, false);
        call["db"]["nome"] = json!(database.name());
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call
    }

    pub(crate) fn install(&self, database: &Database, version: &str, more: &Value) -> Ended {
        child::install(&self.call(database, version, more), None)
    }

    /// Both domains have version 1.
    pub(crate) fn both(self) -> Self {
        for database in [&self.gestor.database, &self.other] {
            self.install(database, "1.0.0", &json!({})).expect(ExitCode::Ok);
        }
        self
    }

    pub(crate) fn list(&self) -> Value {
        listed(&self.gestor)
    }

    fn path(&self) -> std::path::PathBuf {
        self.gestor.root().join("backups/plugins/bases.json")
    }
}

fn listed(gestor: &Gestor) -> Value {
    let path = gestor.root().join("backups/plugins/bases.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// What the list says of the plugin in the database of this name: version and counter.
pub(crate) fn point(list: &Value, name: &str) -> (Option<String>, u64) {
    let bases = list["bases"].as_object().unwrap();
    let base = bases.values().find(|base| base["nome"] == name);
    let point = base.map_or(&Value::Null, |base| &base["plugins"][SLUG]);
    (
        point["versao"].as_str().map(str::to_owned),
        point["contador"].as_u64().unwrap_or(0),
    )
}

/// The same, as the database says it.
pub(crate) fn recorded(database: &Database) -> (Option<String>, u64) {
    let counter = database.value("SELECT contador FROM gestor_plugins_estado");
    let version = database
        .value("SELECT h.versao_para FROM gestor_plugins_estado e JOIN gestor_plugins_historico h ON h.id = e.ponto");
    (version, counter.map_or(0, |counter| counter.parse().unwrap()))
}

pub(crate) fn said(ended: &Ended) -> String {
    format!("{} {}", ended.report["erros"], ended.report["avisos"])
}

pub(crate) fn look_call(gestor: &Gestor, database: &Database, more: &Value) -> Argument {
    let mut call = json!({"raiz": gestor.root(), "slug": SLUG, "db": {
        "socket": database.socket(), "nome": database.name(), "usuario": "root",
    }});
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Argument::from(&call)
}

pub(crate) fn verify(gestor: &Gestor, database: &Database) -> Ended {
    let read = called("verify", look_call(gestor, database, &json!({})), &english());
    run(read, english(), &mut Quiet)
}

pub(crate) fn list(gestor: &Gestor, database: &Database) -> Value {
    let read = called("list", look_call(gestor, database, &json!({})), &english());
    let ended = run(read, english(), &mut Quiet).expect(ExitCode::Ok);
    ended.report["plugins"][0].clone()
}

pub(crate) fn forget(gestor: &Gestor, database: &Database, bases: &str) -> Ended {
    let call = look_call(gestor, database, &json!({"bases": bases}));
    let read = called("recover", call, &english());
    run(read, english(), &mut Quiet)
}

#[test]
fn what_another_database_uses_is_changed_only_where_the_call_says_so() {
    let domains = Domains::new().both();
    let (gestor, other) = (&domains.gestor, &domains.other);
    let before = (
        gestor.tree(SLUG),
        other.dump(&["gestor_plugins_historico"]),
        domains.list(),
    );
    for more in [
        json!({}),
        json!({"bases": "recusar"}),
        json!({"dry_run": true}),
        json!({"reprocessar": true}),
    ] {
        let refused = domains.install(other, "2.0.0", &more).expect(ExitCode::Sync);
        let told = refused.report["erros"][0].as_str().unwrap();
        let name = gestor.database.name();
        assert!(told.contains(&format!("{name} (domain a.example, identity")), "{told}");
        assert!(told.contains("bases=esta") && told.contains("esquecer:"), "{told}");
        let versions = other.value("SELECT versao_instalada FROM plugins");
        assert_eq!(versions.as_deref(), Some("1.0.0"));
        assert_eq!(
            (gestor.tree(SLUG), domains.list()),
            (before.0.clone(), before.2.clone())
        );
    }
    assert_eq!(other.count("paginas", "html LIKE '2.0.0%'"), 0);
    // A reprocessing of what stands there changes nothing for the other one.
    domains
        .install(other, "1.0.0", &json!({"reprocessar": true}))
        .expect(ExitCode::Ok);
    domains
        .install(other, "2.0.0", &json!({"bases": "esta"}))
        .expect(ExitCode::Ok);
    assert_eq!(other.count("paginas", "html LIKE '2.0.0%'"), 40);
    for database in [&gestor.database, other] {
        assert_eq!(point(&domains.list(), database.name()), recorded(database));
    }
    // The first is behind, is told so by both, and comes after by a plain call.
    assert_eq!(list(gestor, &gestor.database)["contradicoes"], json!(["atrasada"]));
    let of_other = list(gestor, other);
    assert_eq!(of_other["bases"][0]["situacao"], "atrasada", "{of_other}");
    assert_eq!(
        verify(gestor, &gestor.database).expect(ExitCode::Drift).report["contradicoes"],
        json!(["atrasada"])
    );
    domains
        .install(&gestor.database, "1.0.0", &json!({"reprocessar": true}))
        .expect(ExitCode::Sync);
    domains
        .install(&gestor.database, "2.0.0", &json!({}))
        .expect(ExitCode::Ok);
    assert_eq!(list(gestor, other)["bases"][0]["situacao"], "atual");
    verify(gestor, &gestor.database).expect(ExitCode::Ok);
}

#[test]
fn a_setting_says_it_too_and_a_call_counts_before_it() {
    let domains = Domains::new().both();
    let ini = |key: &str| (key == "bases").then(|| "esta".to_owned());
    let settings = Settings {
        lang: english().lang,
        ..Settings::resolve(&ini, &[])
    };
    assert_eq!(settings.bases, Bases::This);
    for (more, code) in [(json!({"bases": "recusar"}), ExitCode::Sync), (json!({}), ExitCode::Ok)] {
        let call = Argument::from(&domains.call(&domains.other, "2.0.0", &more));
        let read = called("install", call, &settings);
        run(read, settings.clone(), &mut Quiet).expect(code);
    }
    let faults = Settings::resolve(
        &|key: &str| (key == "bases").then(|| "esquecer:00000000".to_owned()),
        &[],
    )
    .faults;
    assert_eq!(faults.len(), 1, "no setting strikes a database out");
}

#[test]
fn the_list_is_right_wherever_a_run_is_killed() {
    for kind in [Kind::First, Kind::Update, Kind::Reprocess] {
        let scene = Scene::new(kind);
        let name = scene.gestor.database.name().to_owned();
        let points = POINTS.into_iter().chain([("noted", true)]);
        for (at, committed) in points {
            scene.reset();
            if kind == Kind::First {
                scene.gestor.database.run("DELETE FROM gestor_plugins_estado");
            }
            let before = recorded(&scene.gestor.database);
            child::start(&scene.call(), Some(&format!("{at}:kill"))).wait().unwrap();
            let recovered = recover(&scene.gestor).expect(ExitCode::Ok);
            assert!(
                !said(&recovered).contains("another day"),
                "{kind:?} {at}: {}",
                said(&recovered)
            );
            let after = recorded(&scene.gestor.database);
            assert_eq!(after != before, committed, "{kind:?} {at}");
            if committed || kind != Kind::First {
                assert_eq!(point(&listed(&scene.gestor), &name), after, "{kind:?} {at}");
            }
            recover(&scene.gestor).expect(ExitCode::Ok);
        }
    }
}

#[test]
fn the_domain_of_an_interrupted_run_is_known_from_the_list_too() {
    let domains = Domains::new().both();
    let call = domains.call(&domains.other, "2.0.0", &json!({"bases": "esta"}));
    child::start(&call, Some("swapped:kill")).wait().unwrap();
    fs::remove_dir_all(domains.gestor.root().join("autenticacoes/b.example")).unwrap();
    let refused = recover(&domains.gestor).expect(ExitCode::Sync);
    assert!(said(&refused).contains("domain b.example"), "{}", said(&refused));
}

#[test]
fn a_list_that_is_damaged_or_a_strangers_neither_counts_nor_stops_anything() {
    assert!(nix::unistd::geteuid().is_root(), "run these tests as root");
    for damage in ["damaged", "stranger", "link"] {
        let domains = Domains::new().both();
        let path = domains.path();
        let forged = fs::read_to_string(&path).unwrap();
        match damage {
            "damaged" => fs::write(&path, &forged[..forged.len() / 2]).unwrap(),
            "stranger" => chown(&path, Some(STRANGER.uid), Some(STRANGER.gid)).unwrap(),
            _ => {
                fs::remove_file(&path).unwrap();
                std::os::unix::fs::symlink("/etc/hostname", &path).unwrap();
            }
        }
        let database = &domains.gestor.database;
        let done = domains.install(database, "2.0.0", &json!({})).expect(ExitCode::Ok);
        assert!(said(&done).contains("does not count"), "{damage}: {}", said(&done));
        assert_eq!(point(&domains.list(), database.name()), recorded(database), "{damage}");
        let next = domains.install(database, "2.0.0", &json!({"reprocessar": true}));
        assert!(!said(&next.expect(ExitCode::Ok)).contains("does not count"), "{damage}");
        // The other one comes back with its next operation, and is a neighbour again.
        domains
            .install(&domains.other, "2.0.0", &json!({}))
            .expect(ExitCode::Ok);
        domains.install(database, "1.0.0", &json!({})).expect(ExitCode::Sync);
    }
}

#[test]
fn the_list_belongs_to_the_site_whoever_writes_it() {
    let site = Site::new(false);
    let path = site.root().join("backups/plugins/bases.json");
    for person in [ROOT, SITE, ROOT] {
        assert_eq!(person.run(0o077, &site.call(0), None), Some(0), "{person:?}");
        let found = fs::metadata(&path).unwrap();
        assert_eq!((found.uid(), found.mode() & 0o022), (SITE.uid, 0), "{person:?}");
        assert_eq!(
            point(&listed(&site.gestor), site.gestor.database.name()),
            recorded(&site.gestor.database),
            "{person:?}"
        );
    }
}

#[test]
fn processes_that_write_the_list_at_once_lose_nothing() {
    let domains = Domains::new();
    let names: Vec<String> = (0..8).map(|at| format!("p{at}")).collect();
    let mut children = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let path = domains.folder.path().join(name);
        crate::support::package::Package::new(name, "1.0.0").write(&path);
        let mut call = child::call(&domains.gestor, &path, name, false);
        if at % 2 == 1 {
            call["db"]["nome"] = json!(domains.other.name());
        }
        children.push(child::start(&call, None));
    }
    for child in &mut children {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    let list = domains.list();
    let bases = list["bases"].as_object().unwrap();
    let known: usize = bases
        .values()
        .map(|base| base["plugins"].as_object().unwrap().len())
        .sum();
    assert_eq!((bases.len(), known), (2, 8), "{list}");
}

#[test]
fn a_renamed_record_is_the_same_plugin() {
    let domains = Domains::new();
    let database = &domains.gestor.database;
    domains.install(database, "1.0.0", &json!({})).expect(ExitCode::Ok);
    database.run("UPDATE plugins SET id='other-name', nome='Other name'");
    for more in [json!({"dry_run": true}), json!({})] {
        let mut call = domains.call(database, "2.0.0", &more);
        call["slug"] = json!("other-name");
        let ended = child::install(&call, None).expect(ExitCode::Ok);
        assert_eq!(ended.report["slug"], SLUG);
        assert!(
            said(&ended).contains("was renamed in the page of plugins"),
            "{}",
            said(&ended)
        );
        assert!(!domains.gestor.root().join("temp/plugins/other-name.lock").exists());
    }
    assert_eq!(
        database.count("plugins", "versao_instalada='2.0.0' AND id='other-name'"),
        1
    );
    assert_eq!(database.count("plugins", "1"), 1);
    assert!(!domains.gestor.root().join("plugins/other-name").exists());
    let call = look_call(&domains.gestor, database, &json!({"slug": "other-name"}));
    let read = called("verify", call, &english());
    let verified = run(read, english(), &mut Quiet).expect(ExitCode::Drift);
    assert_eq!(verified.report["contradicoes"], json!(["id"]));
    // A new record that got the number of one that was deleted is another plugin.
    database.run("UPDATE plugins SET id='fresh', versao_instalada=NULL, checksum_pacote=NULL, manifest_json=NULL");
    let path = domains.folder.path().join("fresh");
    crate::support::package::Package::new("fresh", "1.0.0").write(&path);
    let call = child::call(&domains.gestor, &path, "fresh", false);
    let ended = child::install(&call, None).expect(ExitCode::Ok);
    assert_eq!(ended.report["slug"], "fresh");
    assert!(!said(&ended).contains("renamed"), "{}", said(&ended));
}

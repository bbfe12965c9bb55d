//! Which databases use a tree (`backups/plugins/bases.json`): what one may change that another uses, and a database of
//! another day. See also `domains`.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::process::Command;

use gestor_plugins::config::{Argument, Bases, RecoverParameters, Settings};
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
struct Domains {
    gestor: Gestor,
    other: Database,
    folder: tempfile::TempDir,
}

impl Domains {
    fn new() -> Self {
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
    fn domain(&self, domain: &str, database: &str) {
        let folder = self.gestor.root().join("autenticacoes").join(domain);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(".env"), format!("DB_DATABASE={database}\n")).unwrap();
    }

    fn call(&self, database: &Database, version: &str, more: &Value) -> Value {
        let mut call = child::call(&self.gestor, &self.folder.path().join(version), SLUG, false);
        call["db"]["nome"] = json!(database.name());
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call
    }

    fn install(&self, database: &Database, version: &str, more: &Value) -> Ended {
        child::install(&self.call(database, version, more), None)
    }

    /// Both domains have version 1.
    fn both(self) -> Self {
        for database in [&self.gestor.database, &self.other] {
            self.install(database, "1.0.0", &json!({})).expect(ExitCode::Ok);
        }
        self
    }

    fn list(&self) -> Value {
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
fn point(list: &Value, name: &str) -> (Option<String>, u64) {
    let bases = list["bases"].as_object().unwrap();
    let base = bases.values().find(|base| base["nome"] == name);
    let point = base.map_or(&Value::Null, |base| &base["plugins"][SLUG]);
    (
        point["versao"].as_str().map(str::to_owned),
        point["contador"].as_u64().unwrap_or(0),
    )
}

/// The same, as the database says it.
fn recorded(database: &Database) -> (Option<String>, u64) {
    let counter = database.value("SELECT contador FROM gestor_plugins_estado");
    let version = database
        .value("SELECT h.versao_para FROM gestor_plugins_estado e JOIN gestor_plugins_historico h ON h.id = e.ponto");
    (version, counter.map_or(0, |counter| counter.parse().unwrap()))
}

fn said(ended: &Ended) -> String {
    format!("{} {}", ended.report["erros"], ended.report["avisos"])
}

fn look_call(gestor: &Gestor, database: &Database, more: &Value) -> Argument {
    let mut call = json!({"raiz": gestor.root(), "slug": SLUG, "db": {
        "socket": database.socket(), "nome": database.name(), "usuario": "root",
    }});
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Argument::from(&call)
}

fn verify(gestor: &Gestor, database: &Database) -> Ended {
    let read = called("verify", look_call(gestor, database, &json!({})), &english());
    run(read, english(), &mut Quiet)
}

fn list(gestor: &Gestor, database: &Database) -> Value {
    let read = called("list", look_call(gestor, database, &json!({})), &english());
    let ended = run(read, english(), &mut Quiet).expect(ExitCode::Ok);
    ended.report["plugins"][0].clone()
}

fn forget(gestor: &Gestor, database: &Database, bases: &str) -> Ended {
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

/// Puts rows and records of a database back to what they were, as a dump of that day does.
struct Dump<'d>(&'d Database);

const DUMPED: [&str; 6] = [
    "plugins",
    "paginas",
    "gestor_plugins_estado",
    "gestor_plugins_historico",
    "gestor_plugins_base",
    "gestor_plugins_operacoes",
];

impl<'d> Dump<'d> {
    fn of(database: &'d Database) -> Self {
        for table in DUMPED {
            database.run(&format!(
                "CREATE TABLE dump_{table} LIKE {table}; INSERT INTO dump_{table} SELECT * FROM {table}"
            ));
        }
        Self(database)
    }

    fn restore(&self) {
        for table in DUMPED {
            self.0.run(&format!(
                "DELETE FROM {table}; INSERT INTO {table} SELECT * FROM dump_{table}"
            ));
        }
    }
}

#[test]
fn a_database_of_another_day_is_told_by_every_operation_until_it_and_the_tree_are_one() {
    let domains = Domains::new();
    let (gestor, database) = (&domains.gestor, &domains.gestor.database);
    domains.install(database, "1.0.0", &json!({})).expect(ExitCode::Ok);
    let dump = Dump::of(database);
    domains.install(database, "2.0.0", &json!({})).expect(ExitCode::Ok);
    dump.restore();
    let told = |ended: &Ended| {
        let said = said(ended);
        said.contains("a database of another day") && said.contains("version 2.0.0")
    };
    let found = verify(gestor, database).expect(ExitCode::Drift);
    assert!(told(&found), "{}", said(&found));
    assert_eq!(found.report["contradicoes"], json!(["banco_restaurado"]));
    assert_eq!(list(gestor, database)["contradicoes"], json!(["banco_restaurado"]));
    let read = |history| {
        let call = look_call(gestor, database, &json!({}));
        let word = if history { "history" } else { "conflicts" };
        run(called(word, call, &english()), english(), &mut Quiet).expect(ExitCode::Ok)
    };
    assert!(told(&read(true)) && told(&read(false)));
    assert!(told(&forget(gestor, database, "recusar").expect(ExitCode::Ok)));
    let rehearsed = domains.install(database, "2.0.0", &json!({"dry_run": true}));
    assert!(told(&rehearsed.expect(ExitCode::Ok)));
    // Rows alone make nothing one, however often they are written.
    let folder = tempfile::tempdir().unwrap();
    for turn in 0..4 {
        let pages =
            json!([{"id": "k-0", "nome": format!("N{turn}"), "language": "en", "html": "h", "caminho": "k-0/"}]);
        fs::write(folder.path().join("PaginasData.json"), pages.to_string()).unwrap();
        let call = look_call(gestor, database, &json!({"pasta": folder.path()}));
        let read = called("sync", call, &english());
        let synchronized = run(read, english(), &mut Quiet).expect(ExitCode::Ok);
        assert!(told(&synchronized), "{turn}: {}", said(&synchronized));
        verify(gestor, database).expect(ExitCode::Drift);
    }
    // The database's own package, and the newer one, each make both one.
    for version in ["1.0.0", "2.0.0"] {
        let installed = domains.install(database, version, &json!({})).expect(ExitCode::Ok);
        assert_eq!(told(&installed), version == "1.0.0", "{}", said(&installed));
        verify(gestor, database).expect(ExitCode::Ok);
        assert_eq!(point(&domains.list(), database.name()), recorded(database));
    }
    // One that is older than our tables comes with none of them.
    database.run("DELETE FROM gestor_plugins_estado");
    assert!(told(&read(true)));
}

#[test]
fn a_copied_tree_begins_its_list_anew() {
    let domains = Domains::new().both();
    let copy = tempfile::tempdir().unwrap();
    let copied = Command::new("cp")
        .arg("-a")
        .arg(domains.gestor.root().join("."))
        .arg(copy.path())
        .status();
    assert!(copied.unwrap().success());
    let staging = Database::on(domains.gestor.database.socket());
    let call = |version| domains.call(&staging, version, &json!({"raiz": copy.path()}));
    let first = child::install(&call("2.0.0"), None).expect(ExitCode::Ok);
    assert!(said(&first).contains("another folder plugins/"), "{}", said(&first));
    let again = child::install(&call("1.0.0"), None).expect(ExitCode::Ok);
    assert!(!said(&again).contains("another folder"), "{}", said(&again));
    let list: Value =
        serde_json::from_slice(&fs::read(copy.path().join("backups/plugins/bases.json")).unwrap()).unwrap();
    assert_eq!(list["bases"].as_object().unwrap().len(), 1);
}

#[test]
fn a_database_with_another_name_takes_its_old_place_and_a_copy_does_not() {
    let domains = Domains::new().both();
    let (old, new) = (&domains.other, Database::on(domains.gestor.database.socket()));
    for table in old
        .tables()
        .into_iter()
        .filter(|table| table.starts_with("gestor_plugins_"))
    {
        new.run(&format!(
            "CREATE TABLE {table} LIKE {0}.{table}; INSERT INTO {table} SELECT * FROM {0}.{table}",
            old.name()
        ));
    }
    for table in ["plugins", "paginas"] {
        new.run(&format!("INSERT INTO {table} SELECT * FROM {}.{table}", old.name()));
    }
    let bases = || domains.list()["bases"].as_object().unwrap().len();
    domains.domain("c.example", new.name());
    domains
        .install(&new, "1.0.0", &json!({"reprocessar": true}))
        .expect(ExitCode::Ok);
    assert_eq!(bases(), 3, "it serves a domain of its own");
    let gone = forget(
        &domains.gestor,
        old,
        &format!("esquecer:{}", &identity(&domains.list(), new.name())[..10]),
    );
    gone.expect(ExitCode::Ok);
    fs::remove_dir_all(domains.gestor.root().join("autenticacoes/c.example")).unwrap();
    domains.domain("b.example", new.name());
    domains
        .install(&new, "1.0.0", &json!({"reprocessar": true}))
        .expect(ExitCode::Ok);
    assert_eq!(bases(), 2);
    assert_eq!(point(&domains.list(), old.name()), (None, 0));
    assert_eq!(point(&domains.list(), new.name()), recorded(&new));
}

fn identity(list: &Value, name: &str) -> String {
    let bases = list["bases"].as_object().unwrap();
    let found = bases.iter().find(|(_, base)| base["nome"] == name);
    found.unwrap().0.clone()
}

#[test]
fn a_database_that_is_gone_is_struck_out() {
    let domains = Domains::new().both();
    let (gestor, database) = (&domains.gestor, &domains.gestor.database);
    let gone = identity(&domains.list(), domains.other.name());
    let unknown = forget(gestor, database, "esquecer:0123456789").expect(ExitCode::ParamsOrFile);
    assert!(said(&unknown).contains(domains.other.name()), "{}", said(&unknown));
    for wrong in ["esquecer:", "esquecer:1234567", "esquecer:../../..", "todas"] {
        let call = look_call(gestor, database, &json!({"bases": wrong}));
        assert!(RecoverParameters::read(call, &english()).is_err(), "{wrong}");
    }
    // Nobody strikes himself out.
    let own = identity(&domains.list(), database.name());
    forget(gestor, database, &format!("esquecer:{own}")).expect(ExitCode::ParamsOrFile);
    let bases = json!({"bases": format!("esquecer:{gone}"), "dry_run": true});
    domains.install(database, "2.0.0", &bases).expect(ExitCode::Ok);
    domains.install(database, "2.0.0", &json!({})).expect(ExitCode::Sync);
    let bases = json!({"bases": format!("esquecer:{}", &gone[..8])});
    let done = domains.install(database, "2.0.0", &bases).expect(ExitCode::Ok);
    assert!(said(&done).contains("struck out"), "{}", said(&done));
    assert_eq!(domains.list()["bases"].as_object().unwrap().len(), 1);
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

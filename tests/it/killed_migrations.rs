//! A run that is killed while migrations run, or after: what they made stays, and recovery names it.

use std::time::{Duration, Instant};

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::operation::Ended;
use crate::support::package::Package;
use crate::support::sql_migrations::migration;

const SLUG: &str = "cut";

fn package(version: &str, migrations: &[(&str, &str)]) -> Package {
    let rows = json!([{"id": "c-a", "language": "en", "modulo": "m", "valor": version}]);
    let package = Package::new(SLUG, version).data("Variaveis", &rows);
    migrations.iter().fold(package, |package, (name, up)| {
        package.file(
            &format!("db/migrations/{name}.php"),
            migration(up, Some("DROP TABLE c_one")),
        )
    })
}

struct Site(Gestor, tempfile::TempDir);

impl Site {
    fn new() -> Self {
        Self(Gestor::new(), tempfile::tempdir().unwrap())
    }

    fn call(&self, package: &Package) -> Value {
        let archive = self.1.path().join("package.zip");
        package.write(&archive);
        let more = json!({
            "operacao": "install", "anfitriao": "sql", "origem_tipo": "upload", "arquivo": archive, "migracoes": true,
            "gestor_versao": "2.9.43",
        });
        child::about(&self.0, SLUG, &more)
    }

    fn has(&self, table: &str) -> bool {
        self.0.database.tables().iter().any(|found| found == table)
    }

    /// The warnings of a recovery, by which operation it may be.
    fn recover(&self) -> String {
        let call = child::about(&self.0, SLUG, &json!({"migracoes": true}));
        let ended: Ended = child::with_sql("recover", &call, None).expect(ExitCode::Ok);
        ended.report["avisos"].to_string()
    }
}

#[test]
fn what_migrations_made_is_named() {
    let site = Site::new();
    let one = ("20260101000000_one", "CREATE TABLE c_one (id INT PRIMARY KEY)");
    let sleep = "CREATE TABLE c_two (id INT PRIMARY KEY); ALTER TABLE variaveis ADD c_more INT; DO SLEEP(5)";
    let slow = ("20260102000000_two", sleep);
    let call = site.call(&package("1.0.0", &[one, slow]));
    let mut killed = child::start(&call, None);
    let started = Instant::now();
    let has_more =
        "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name = 'c_more'";
    while site.0.database.value(has_more).as_deref() != Some("1") {
        assert!(started.elapsed() < Duration::from_secs(30) && killed.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(20));
    }
    // Of somebody else.
    site.0.database.run("CREATE TABLE c_strange (id INT PRIMARY KEY)");
    killed.kill().unwrap();
    killed.wait().unwrap();
    let told = site.recover();
    assert!(site.has("c_one") && site.has("c_two"), "{told}");
    assert!(told.contains("applied migrations: 20260101000000 one"), "{told}");
    assert!(
        told.contains("made: c_one, c_two, variaveis.c_more, phinxlog_cut"),
        "{told}"
    );
    assert!(!told.contains("c_strange") && !told.contains("20260102"), "{told}");
    assert!(!site.recover().contains("c_one"));
}

#[test]
fn an_operation_that_comes_next_says_it_too() {
    for (point, is_told) in [
        ("rows:kill", true),
        ("announced:kill", true),
        ("journal:kill", false),
        ("closed:kill", false),
    ] {
        let site = Site::new();
        let make = ("20260101000000_one", "CREATE TABLE c_one (id INT PRIMARY KEY)");
        let package = package("1.0.0", &[make]);
        let status = child::start(&site.call(&package), Some(point)).wait().unwrap();
        assert!(!status.success());
        let mut call = site.call(&package);
        call.as_object_mut()
            .unwrap()
            .retain(|key, _| !["operacao", "anfitriao"].contains(&key.as_str()));
        let ended = child::with_sql("install", &call, None).expect(ExitCode::Ok);
        let told = ended.report["avisos"].to_string();
        assert_eq!(told.contains("made: c_one, phinxlog_cut"), is_told, "{point}: {told}");
        assert!(site.has("c_one"));
    }
}

#[test]
fn where_no_migration_was_to_run_nothing_is_told() {
    let site = Site::new();
    let make = ("20260101000000_one", "CREATE TABLE c_one (id INT PRIMARY KEY)");
    let status = child::start(&site.call(&package("1.0.0", &[make])), None)
        .wait()
        .unwrap();
    assert!(status.success());
    let status = child::start(&site.call(&package("1.1.0", &[make])), Some("announced:kill"))
        .wait()
        .unwrap();
    assert!(!status.success());
    assert!(!site.recover().contains("migrations"));
}

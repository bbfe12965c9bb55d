//! What is taken away of the schema: what may go is copied before, what is not the plugin's alone stays, and nothing that went
//! goes untold.

use std::collections::BTreeMap;
use std::io::Read as _;

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::data::settings;
use crate::support::child;
use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, called, run};
use crate::support::package::Package;
use crate::support::sql_migrations::{SqlMigrations, migration};

const FILE: &str = "db/migrations/20260101000000_make_it.php";

struct Site(Gestor);

impl Site {
    fn new() -> Self {
        Self(Gestor::new())
    }

    fn sql(&self, sql: &str) {
        self.0.database.run(sql);
    }

    fn has(&self, table: &str) -> bool {
        self.0.database.tables().contains(&table.to_owned())
    }

    fn install(&self, slug: &str, package: &Package) -> Ended {
        let outside = tempfile::tempdir().unwrap();
        let archive = outside.path().join("package.zip");
        package.write(&archive);
        let call = self.0.call(&archive, slug, &[]);
        run(called("install", call, &english()), english(), &mut self.host())
    }

    fn host(&self) -> SqlMigrations {
        SqlMigrations::new(settings(&self.0.database))
    }

    fn call(&self, word: &str, slug: &str, more: &Value) -> Ended {
        let mut call = child::about(&self.0, slug, &json!({"migracoes": true}));
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        run(called(word, (&call).into(), &english()), english(), &mut self.host())
    }

    fn purge(&self, slug: &str) -> Ended {
        self.call("uninstall", slug, &json!({"modo": "expurgar"}))
    }

    /// The lines of all copies, by file.
    fn copies(&self, slug: &str) -> BTreeMap<String, Vec<Value>> {
        let folder = self.0.root().join("backups/plugins").join(slug);
        let mut found = BTreeMap::new();
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("esquema-") {
                let mut text = String::new();
                let file = std::fs::File::open(entry.path()).unwrap();
                flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
                let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
                found.insert(name, lines.collect());
            }
        }
        found
    }

    /// The rows of a table in the copies.
    fn copied(&self, slug: &str, table: &str) -> Vec<Value> {
        let lines = self.copies(slug).into_values().flatten();
        let rows = lines.filter(|line| line["tabela"] == table && !line["linha"].is_null());
        rows.map(|line| line["linha"].clone()).collect()
    }
}

fn package(slug: &str, version: &str) -> Package {
    Package::new(slug, version).data(
        "Variaveis",
        &json!([{"id": slug, "language": "en", "modulo": "m", "valor": version}]),
    )
}

fn with(slug: &str, version: &str, up: &str, down: Option<&str>) -> Package {
    package(slug, version).file(FILE, migration(up, down))
}

/// Two versions, of which the second one has a migration.
fn installed(slug: &str, up: &str, down: Option<&str>) -> Site {
    let site = Site::new();
    site.install(slug, &package(slug, "1.0.0")).expect(ExitCode::Ok);
    site.install(slug, &with(slug, "1.1.0", up, down)).expect(ExitCode::Ok);
    site
}

fn said(ended: &Ended, key: &str) -> String {
    ended.report[key].to_string()
}

#[test]
fn a_dry_run_of_a_purge_names_what_would_go_of_the_schema() {
    let up = "CREATE TABLE p_notes (id INT PRIMARY KEY); ALTER TABLE paginas ADD COLUMN p_more INT";
    let down = "DROP TABLE p_notes; ALTER TABLE paginas DROP COLUMN p_more";
    let site = installed("p", up, Some(down));
    let before = site.0.database.dump(&[]);
    let ended = site.call("uninstall", "p", &json!({"modo": "expurgar", "dry_run": true}));
    let ended = ended.expect(ExitCode::Ok);
    assert_eq!(ended.report["migracoes_desfeitas"], json!(["20260101000000 make_it"]));
    let warned = said(&ended, "avisos");
    for name in ["p_notes", "paginas.p_more", "phinxlog_p"] {
        assert!(warned.contains(name), "{name}: {warned}");
    }
    assert_eq!(site.0.database.dump(&[]), before);
    let plain = site
        .call("uninstall", "p", &json!({"dry_run": true}))
        .expect(ExitCode::Ok);
    assert!(!said(&plain, "avisos").contains("p_notes"), "{}", plain.report);
    site.purge("p").expect(ExitCode::Ok);
}

/// What a first installation that failed leaves of a log says of no migration.
#[test]
fn an_empty_log_of_migrations_is_not_in_the_way_of_a_purge() {
    let site = Site::new();
    site.install("p", &package("p", "1.0.0")).expect(ExitCode::Ok);
    site.sql("CREATE TABLE phinxlog_p (version BIGINT PRIMARY KEY, migration_name VARCHAR(100))");
    site.sql("INSERT INTO phinxlog_p VALUES (20260101000000, 'MakeIt')");
    let ended = site.purge("p").expect(ExitCode::Irreversible);
    assert!(said(&ended, "erros").contains("phinxlog_p"), "{}", ended.report);
    site.sql("DELETE FROM phinxlog_p");
    site.purge("p").expect(ExitCode::Ok);
    assert!(!site.has("phinxlog_p"));
}

#[test]
fn what_the_migrations_did_not_make_is_not_theirs_to_drop() {
    let site = Site::new();
    site.sql("CREATE TABLE x_notes (id INT PRIMARY KEY); INSERT INTO x_notes VALUES (7)");
    let make = "CREATE TABLE IF NOT EXISTS x_notes (id INT PRIMARY KEY)";
    site.install("p", &package("p", "1.0.0")).expect(ExitCode::Ok);
    site.install("p", &with("p", "1.1.0", make, Some("DROP TABLE x_notes")))
        .expect(ExitCode::Ok);
    let refused = site.call("rollback", "p", &json!({})).expect(ExitCode::Irreversible);
    assert!(
        said(&refused, "erros").contains("it would drop x_notes"),
        "{}",
        refused.report
    );
    let gone = site.purge("p").expect(ExitCode::Ok);
    assert!(
        said(&gone, "avisos").contains("it would drop x_notes"),
        "{}",
        gone.report
    );
    assert_eq!(site.0.database.count("x_notes", "id=7"), 1);
}

#[test]
fn what_nobody_names_is_copied_before_it_goes() {
    // Its name is put together by the server, so that no text says it.
    let put = |what: &str| format!("SET @s = CONCAT('{what} x_', 'notes'); PREPARE s FROM @s; EXECUTE s");
    let make = "SET @s = CONCAT('CREATE TABLE x_', 'notes (id INT PRIMARY KEY)'); PREPARE s FROM @s; EXECUTE s";
    let site = installed("p", make, Some(&put("DROP TABLE")));
    site.sql("INSERT INTO x_notes VALUES (7); CREATE TABLE y_site (id INT PRIMARY KEY); INSERT INTO y_site VALUES (8)");
    site.call("rollback", "p", &json!({})).expect(ExitCode::Ok);
    assert!(!site.has("x_notes"));
    assert_eq!(site.copied("p", "x_notes"), [json!({"id": "7"})]);
    // Nobody could know that it would be this one alone; but no copy has what no package may touch.
    assert_eq!(site.copied("p", "y_site"), [json!({"id": "8"})]);
    let copies = site.copies("p").into_values().flatten();
    assert!(
        copies.into_iter().all(|line| line["tabela"] != "plugins"),
        "tokens stand there"
    );
    // One without a way back stays, and is told.
    let site = installed("p", make, None);
    let left = site.purge("p").expect(ExitCode::Migrate);
    assert_eq!(left.report["sobras"]["tabelas"], json!(["x_notes"]));
}

#[test]
fn a_stranger_that_goes_with_what_is_undone_is_told() {
    let hidden = "SET @s = CONCAT('DROP TABLE y_', 'site'); PREPARE s FROM @s; EXECUTE s; DROP TABLE x_notes";
    let site = installed("p", "CREATE TABLE x_notes (id INT PRIMARY KEY)", Some(hidden));
    site.sql("CREATE TABLE y_site (id INT PRIMARY KEY); INSERT INTO y_site VALUES (8)");
    let gone = site.call("rollback", "p", &json!({})).expect(ExitCode::Ok);
    assert!(
        said(&gone, "avisos").contains("made by the plugin's migrations: y_site"),
        "{}",
        gone.report
    );
    assert_eq!(site.copied("p", "y_site"), [json!({"id": "8"})]);
}

#[test]
fn what_hangs_on_rows_that_go_is_copied_with_them() {
    let site = installed(
        "p",
        "CREATE TABLE x_a (id INT PRIMARY KEY)",
        Some("DELETE FROM x_a; DROP TABLE IF EXISTS x_none"),
    );
    site.sql("CREATE TABLE y_b (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES x_a (id) ON DELETE CASCADE)");
    site.sql("INSERT INTO x_a VALUES (1); INSERT INTO y_b VALUES (2, 1)");
    site.call("rollback", "p", &json!({})).expect(ExitCode::Ok);
    assert_eq!(site.copied("p", "y_b"), [json!({"id": "2", "a": "1"})]);
}

#[test]
fn a_former_life_made_nothing() {
    let make = "CREATE TABLE x_notes (id INT PRIMARY KEY)";
    for (mode, down) in [
        ("expurgar", Some("DROP TABLE x_notes")),
        ("expurgar", None),
        ("rollback", Some("DROP TABLE x_notes")),
    ] {
        let site = installed("p", make, down);
        if mode == "rollback" {
            site.call("rollback", "p", &json!({})).expect(ExitCode::Ok);
        } else {
            site.purge("p").expect(ExitCode::Ok);
            site.install("p", &package("p", "2.0.0")).expect(ExitCode::Ok);
        }
        site.sql("CREATE TABLE x_notes (id INT PRIMARY KEY); INSERT INTO x_notes VALUES (7)");
        site.purge("p").expect(ExitCode::Ok);
        assert_eq!(site.0.database.count("x_notes", "id=7"), 1, "{mode} {down:?}");
    }
}

#[test]
fn views_triggers_and_routines_go_too() {
    let make = "CREATE TABLE x_t (id INT AUTO_INCREMENT PRIMARY KEY, t TEXT); CREATE VIEW x_v AS SELECT 1 AS one; \
                CREATE TRIGGER x_g AFTER INSERT ON variaveis FOR EACH ROW INSERT INTO x_t (t) VALUES (NEW.id); \
                CREATE PROCEDURE x_p() SELECT 1";
    let site = installed("p", make, None);
    site.sql("CREATE VIEW y_v AS SELECT 2 AS two");
    site.purge("p").expect(ExitCode::Ok);
    let count = |sql: &str| site.0.database.value(sql).unwrap();
    let views = "SELECT GROUP_CONCAT(TABLE_NAME) FROM information_schema.VIEWS WHERE TABLE_SCHEMA=DATABASE()";
    assert_eq!(count(views), "y_v");
    let triggers = "SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA=DATABASE()";
    let routines = "SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA=DATABASE()";
    assert_eq!((count(triggers), count(routines)), ("0".to_owned(), "0".to_owned()));
    let lines: Vec<Value> = site.copies("p").into_values().flatten().collect();
    let is_told = |name: &str| {
        lines
            .iter()
            .any(|line| line["objeto"] == name && line["criar"].as_str().unwrap().starts_with("CREATE "))
    };
    assert!(["x_v", "x_g", "x_p"].into_iter().all(is_told), "{lines:?}");
}

#[test]
fn what_a_neighbour_uses_stays() {
    let make = "ALTER TABLE variaveis ADD COLUMN x_extra VARCHAR(20)";
    for down in [Some("ALTER TABLE variaveis DROP COLUMN x_extra"), None] {
        let site = installed("p", make, down);
        let rows = json!([{"id": "q", "language": "en", "modulo": "m", "valor": "1", "x_extra": "neighbour"}]);
        site.install("q", &Package::new("q", "1.0.0").data("Variaveis", &rows))
            .expect(ExitCode::Ok);
        let refused = site.call("rollback", "p", &json!({})).expect(ExitCode::Irreversible);
        let reason = "uses: variaveis.x_extra (of plugin q)";
        assert!(said(&refused, "erros").contains(reason), "{}", refused.report);
        let gone = site.purge("p").expect(ExitCode::Ok);
        assert!(
            said(&gone, "avisos").contains("variaveis.x_extra stays: plugin q"),
            "{}",
            gone.report
        );
        let value = site.0.database.value("SELECT x_extra FROM variaveis WHERE id='q'");
        assert_eq!(value.as_deref(), Some("neighbour"));
    }
}

/// Tables, columns, views, and what came while migrations ran: whatever another plugin has made or brings rows to.
#[test]
fn whatever_a_neighbour_uses_stays() {
    let table = "(id_x INT AUTO_INCREMENT PRIMARY KEY, id VARCHAR(50), plugin VARCHAR(90), t VARCHAR(20))";
    let rows = json!([{"id": "q-1", "t": "neighbour"}]);
    // A table that its migrations made, and one whose name no text has.
    for (make, name) in [
        (format!("CREATE TABLE xis_t {table}"), "XisT"),
        (
            format!("PREPARE s FROM CONCAT('CREATE TABLE xis', '_t {table}'); EXECUTE s"),
            "XisT",
        ),
    ] {
        let site = installed("p", &make, None);
        let neighbour = Package::new("q", "1.0.0").data(name, &rows);
        site.install("q", &neighbour).expect(ExitCode::Ok);
        site.purge("p").expect(ExitCode::Ok);
        assert_eq!(site.0.database.count("xis_t", "t = 'neighbour'"), 1, "{make}");
    }
    let make = "CREATE VIEW x_v AS SELECT 1 AS one";
    let site = installed("p", make, None);
    site.sql("DROP VIEW x_v");
    site.install("q", &with("q", "1.0.0", make, None)).expect(ExitCode::Ok);
    let gone = site.purge("p").expect(ExitCode::Ok);
    assert!(said(&gone, "avisos").contains("x_v stays: plugin q"), "{}", gone.report);
    assert!(site.has("x_v"));
}

#[test]
fn no_two_plugins_share_a_log() {
    let [long, longer] = ["-one", "-two"].map(|end| format!("{}{end}", "z".repeat(60)));
    for (one, other) in [("a-b", "a_b"), (long.as_str(), longer.as_str())] {
        let site = Site::new();
        let make = |table: &str| {
            (
                format!("CREATE TABLE {table} (id INT PRIMARY KEY)"),
                format!("DROP TABLE {table}"),
            )
        };
        let ((up_one, down_one), (up_other, down_other)) = (make("x_one"), make("x_other"));
        let package_of = |slug, version| with(slug, version, &up_other, Some(&down_other));
        site.install(one, &with(one, "1.0.0", &up_one, Some(&down_one)))
            .expect(ExitCode::Ok);
        site.install(other, &package_of(other, "1.0.0")).expect(ExitCode::Ok);
        assert!(site.has("x_one") && site.has("x_other"), "{one}: of one version both");
        site.purge(one).expect(ExitCode::Ok);
        assert!(!site.has("x_one") && site.has("x_other"), "{one}");
        site.install(other, &package_of(other, "1.1.0")).expect(ExitCode::Ok);
        site.install(one, &with(one, "1.0.0", &up_one, Some(&down_one)))
            .expect(ExitCode::Ok);
        site.purge(other).expect(ExitCode::Ok);
        assert!(site.has("x_one") && !site.has("x_other"), "{one}");
        site.purge(one).expect(ExitCode::Ok);
        let logs = site
            .0
            .database
            .tables()
            .into_iter()
            .filter(|table| table.starts_with("phinxlog_"));
        assert_eq!(logs.collect::<Vec<_>>(), [""; 0], "{one}");
    }
}

#[test]
fn a_copy_holds_what_columns_hold() {
    let columns = "id INT PRIMARY KEY, f FLOAT, d DOUBLE, b BIT(64), g GEOMETRY, l VARCHAR(9) CHARACTER SET latin1, \
                   n BINARY(4), e ENUM('a','b'), z DATETIME, t TIMESTAMP(6) NULL, y INT AS (id * 2) VIRTUAL";
    let site = installed("p", &format!("CREATE TABLE x_t ({columns})"), Some("DROP TABLE x_t"));
    site.sql(
        "SET SESSION sql_mode='', time_zone='+03:00'; INSERT INTO x_t (id, f, d, b, g, l, n, e, z, t) VALUES (1, 16777217, 0.1+2e-1, \
         18446744073709551615, ST_GeomFromText('POINT(1 2)'), X'E9', X'00FF', 'none', '0000-00-00', '2026-01-01 03:00:00.5')",
    );
    site.call("rollback", "p", &json!({})).expect(ExitCode::Ok);
    let expected = json!([{
        "id": "1", "f": "16777216", "d": "0.30000000000000004", "b": "18446744073709551615",
        "g": {"$hex": "000000000101000000000000000000f03f0000000000000040"}, "l": {"$hex": "e9"}, "n": {"$hex": "00ff0000"},
        "e": "", "z": "0000-00-00 00:00:00", "t": "2026-01-01 00:00:00.500000",
    }]);
    assert_eq!(json!(site.copied("p", "x_t")), expected);
}

#[test]
fn a_table_that_is_in_use_is_not_waited_for_without_end() {
    let site = installed("p", "CREATE TABLE x_t (id INT PRIMARY KEY)", None);
    let mut other = gestor_plugins::base::db::Database::connect(&settings(&site.0.database)).unwrap();
    other.begin().unwrap();
    other.query("SELECT * FROM x_t").unwrap();
    let began = std::time::Instant::now();
    let ended = site.purge("p").expect(ExitCode::Migrate);
    assert!(began.elapsed().as_secs() < 45, "{:?}", began.elapsed());
    assert_eq!(ended.report["confirmado"], json!(true));
    assert!(
        site.has("x_t") && said(&ended, "pendencias").contains("x_t"),
        "{}",
        ended.report
    );
    other.rollback().unwrap();
    site.call("recover", "p", &json!({}));
    assert!(!site.has("x_t"));
}

#[test]
fn rows_that_came_after_the_copy_are_copied_before_the_drop() {
    // The way back of another migration writes to the table when all is copied already.
    let site = Site::new();
    let late = "db/migrations/20260102000000_late.php";
    let of = |version| with("p", version, "CREATE TABLE x_t (id INT PRIMARY KEY)", None);
    site.install("p", &of("1.0.0")).expect(ExitCode::Ok);
    let package = of("1.1.0").file(
        late,
        migration(
            "CREATE TABLE x_u (id INT)",
            Some("INSERT INTO x_t VALUES (9); DROP TABLE x_u"),
        ),
    );
    site.install("p", &package).expect(ExitCode::Ok);
    site.sql("INSERT INTO x_t VALUES (1)");
    site.purge("p").expect(ExitCode::Ok);
    let rows = site.copied("p", "x_t");
    assert!(
        rows.contains(&json!({"id": "1"})) && rows.contains(&json!({"id": "9"})),
        "{rows:?}"
    );
}

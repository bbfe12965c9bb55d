//! A database of another day: a restored dump, a copied tree, another name.

use std::fs;
use std::process::Command;

use gestor_plugins::config::RecoverParameters;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::bases::{Domains, forget, list, look_call, point, recorded, said, verify};
use crate::support::child;
use crate::support::english;
use crate::support::mariadb::Database;
use crate::support::operation::{Ended, Quiet, called, run};

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

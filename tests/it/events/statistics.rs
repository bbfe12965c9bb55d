//! The statistics of a month: counted where the site wants that, in a file that says nothing of whose site it is.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use gestor_plugins::config::{Argument, Settings, Statistics};
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::{ask, ask_with};
use crate::looks::package;
use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;
use crate::support::text_argument;

fn counting() -> Settings {
    Settings {
        statistics: Statistics::Local,
        ..english()
    }
}

fn install(gestor: &Gestor, package: &Package, settings: Settings) -> Ended {
    let outside = tempfile::tempdir().unwrap();
    let archive = outside.path().join("p.zip");
    package.write(&archive);
    let more = [
        ("gestor_versao", text_argument("2.9.43")),
        ("php_versao", text_argument("8.2.29-1~deb12u1")),
        ("ator", text_argument("maria@example.org")),
    ];
    let call: Argument = gestor.call(&archive, &package.id(), &more);
    run(called("install", call, &settings), settings, &mut Quiet)
}

fn files(gestor: &Gestor) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(gestor.root().join("logs/plugins")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = paths
        .filter(|path| path.to_string_lossy().contains("estatisticas"))
        .collect();
    found.sort();
    found
}

fn month(gestor: &Gestor) -> Value {
    let [file] = files(gestor).try_into().unwrap();
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

#[test]
fn a_month_is_counted_where_the_site_wants_that() {
    let gestor = Gestor::new();
    install(&gestor, &package("1.0.0"), english()).expect(ExitCode::Ok);
    assert_eq!(files(&gestor), Vec::<PathBuf>::new());
    let off = ask(&gestor, "statistics", &json!({})).expect(ExitCode::Ok).report;
    assert_eq!((&off["modo"], &off["estatisticas"]), (&json!("nao"), &Value::Null));
    install(&gestor, &package("1.0.0"), counting()).expect(ExitCode::Ok);
    install(&gestor, &package("1.1.0"), counting()).expect(ExitCode::Ok);
    install(&gestor, &package("1.0.0"), counting()).expect(ExitCode::AlreadyInstalled);
    install(&gestor, &package("x"), counting()).expect(ExitCode::Validate);
    install(&gestor, &Package::new("another", "3.0.0"), counting()).expect(ExitCode::Ok);
    ask_with(&gestor, "rollback", &json!({"slug": "told"}), counting()).expect(ExitCode::Ok);
    ask_with(&gestor, "uninstall", &json!({"slug": "another"}), counting()).expect(ExitCode::Ok);
    let found = month(&gestor);
    assert_eq!((&found["gestor"], &found["php"]), (&json!("2.9"), &json!("8.2")));
    assert_eq!(
        found["plugins"],
        json!({
            "another": {
                "versao": "3.0.0", "install_success": 1, "install_fail": 0, "update_nochange": 0, "update_changed": 0,
                "rollback_exec": 0, "falhas": {},
            },
            "told": {
                "versao": "1.0.0", "install_success": 0, "install_fail": 2, "update_nochange": 1, "update_changed": 1,
                "rollback_exec": 1, "falhas": {"11": 1, "32": 1},
            },
        })
    );
    let told = ask_with(&gestor, "statistics", &json!({}), counting())
        .expect(ExitCode::Ok)
        .report;
    assert_eq!(told["estatisticas"], found);
    assert_eq!(told["avisos"], json!([]));
    let other = json!({"mes": "2001-01"});
    let none = ask_with(&gestor, "statistics", &other, counting())
        .expect(ExitCode::Ok)
        .report;
    assert_eq!((&none["arquivo"], &none["estatisticas"]), (&Value::Null, &Value::Null));
    // Nothing says whose site it is.
    let text = found.to_string();
    let host = nix::unistd::gethostname().unwrap();
    for name in [
        gestor.root().to_str().unwrap(),
        gestor.database.name(),
        "maria",
        "example",
        host.to_str().unwrap(),
        "/",
        "root",
    ] {
        assert!(!text.contains(name), "{name}: {text}");
    }
}

#[test]
fn two_at_once_lose_nothing() {
    let gestor = Gestor::new();
    install(&gestor, &package("1.0.0"), english()).expect(ExitCode::Ok);
    let (root, call) = (gestor.root().to_owned(), |slug: &str| {
        crate::support::child::about(&gestor, slug, &json!({}))
    });
    let calls: Vec<Value> = (0..4).map(|at| call(&format!("many-{at}"))).collect();
    std::thread::scope(|scope| {
        for mut call in calls {
            let root = &root;
            scope.spawn(move || {
                let slug = call["slug"].as_str().unwrap().to_owned();
                let archive = root.join("temp").join(format!("{slug}.zip"));
                Package::new(&slug, "1.0.0").write(&archive);
                call["origem_tipo"] = json!("upload");
                call["arquivo"] = json!(archive);
                for _ in 0..3 {
                    let settings = counting();
                    let call = called("install", Argument::from(&call), &settings);
                    run(call, settings, &mut Quiet).expect(ExitCode::Ok);
                }
            });
        }
    });
    let found = month(&gestor);
    for at in 0..4 {
        let plugin = &found["plugins"][format!("many-{at}")];
        assert_eq!(
            (&plugin["install_success"], &plugin["update_nochange"]),
            (&json!(1), &json!(2)),
            "{found}"
        );
    }
}

#[test]
fn what_a_stranger_put_there_is_neither_read_nor_written_through() {
    let gestor = Gestor::new();
    install(&gestor, &package("1.0.0"), counting()).expect(ExitCode::Ok);
    let [file] = files(&gestor).try_into().unwrap();
    std::fs::write(&file, r#"{"formato":1,"mes":"x","site":"https://example.org"}"#).unwrap();
    let told = ask_with(&gestor, "statistics", &json!({}), counting())
        .expect(ExitCode::Ok)
        .report;
    assert_eq!(told["estatisticas"], Value::Null);
    assert!(told["avisos"].to_string().contains(".recusado"), "{told}");
    install(&gestor, &package("1.0.0"), counting()).expect(ExitCode::Ok);
    let aside = file.with_extension("json.recusado");
    assert!(std::fs::read_to_string(&aside).unwrap().contains("example.org"));
    std::fs::remove_file(&aside).unwrap();
    assert_eq!(month(&gestor)["plugins"]["told"]["update_nochange"], 1);
    let victim = gestor.root().join("config.php");
    let before = std::fs::read(&victim).unwrap();
    std::fs::remove_file(&file).unwrap();
    symlink(&victim, &file).unwrap();
    install(&gestor, &package("1.0.0"), counting()).expect(ExitCode::Ok);
    assert_eq!(std::fs::read(&victim).unwrap(), before);
    assert_eq!(month(&gestor)["plugins"]["told"]["update_nochange"], 1);
    // Where nothing can be written there, the operation is done all the same.
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    let ended = install(&gestor, &package("1.0.0"), counting()).expect(ExitCode::Ok);
    assert!(
        ended.report["avisos"].to_string().contains("did not get into"),
        "{}",
        ended.report
    );
}

//! The audit log as operations fill it: what they change, what is refused, what they use; and what is told where it cannot be
//! written, or is not what was written.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown, symlink};
use std::path::PathBuf;

use gestor_plugins::config::{Argument, AuditLevel, AuditRules, Settings};
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;

fn settings(level: AuditLevel) -> Settings {
    Settings {
        audit: AuditRules {
            level,
            ..AuditRules::default()
        },
        ..english()
    }
}

fn call(gestor: &Gestor, word: &str, more: &Value, settings: &Settings) -> Ended {
    let mut parameters = json!({
        "raiz": gestor.root(), "lang": "en",
        "db": {"socket": gestor.database.socket(), "nome": gestor.database.name(), "usuario": "root"},
    });
    parameters
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().cloned().unwrap());
    let parameters = Argument::from(&parameters);
    run(called(word, parameters, settings), settings.clone(), &mut Quiet)
}

fn audit(gestor: &Gestor, more: &Value) -> Ended {
    call(gestor, "audit", more, &english())
}

fn check(gestor: &Gestor) -> Value {
    audit(gestor, &json!({"acao": "conferir"})).expect(ExitCode::Ok).report
}

fn records(gestor: &Gestor) -> Vec<Value> {
    let listed = audit(gestor, &json!({"acao": "listar", "limite": 1000})).expect(ExitCode::Ok);
    listed.report["registros"].as_array().unwrap().clone()
}

fn actions(gestor: &Gestor) -> Vec<(String, i64, bool)> {
    records(gestor)
        .iter()
        .map(|record| {
            let code = record["ctx"]["codigo"].as_i64().unwrap_or(-1);
            (
                record["acao"].as_str().unwrap().to_owned(),
                code,
                record["permitido"] == true,
            )
        })
        .collect()
}

fn install(gestor: &Gestor, version: &str, more: &Value, settings: &Settings) -> Ended {
    let outside = tempfile::tempdir().unwrap();
    let archive = outside.path().join("p.zip");
    Package::new("told", version).write(&archive);
    let mut about = json!({"slug": "told", "origem_tipo": "upload", "arquivo": archive, "ator": "ana"});
    about
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().cloned().unwrap());
    call(gestor, "install", &about, settings)
}

fn log(gestor: &Gestor) -> PathBuf {
    let server = fs::read_to_string(gestor.root().join("backups/plugins/servidor.id")).unwrap();
    gestor.root().join("backups/plugins/_auditoria").join(server.trim())
}

#[test]
fn what_is_done_or_refused_is_recorded_and_what_only_looks_is_not() {
    let gestor = Gestor::new();
    let all = settings(AuditLevel::All);
    assert_eq!(check(&gestor)["servidor"], Value::Null);
    install(&gestor, "1.0.0", &json!({}), &all).expect(ExitCode::Ok);
    install(&gestor, "2.0.0", &json!({"dry_run": true}), &all).expect(ExitCode::Ok);
    let wrong = json!({"sha256": "0".repeat(64)});
    install(&gestor, "2.0.0", &wrong, &all).expect(ExitCode::Checksum);
    call(&gestor, "list", &json!({}), &all).expect(ExitCode::Ok);
    call(&gestor, "uninstall", &json!({"slug": "told"}), &all).expect(ExitCode::Ok);
    let ok = |word: &str| (format!("operacao.{word}"), 0, true);
    let refused = ("operacao.install".to_owned(), 22, false);
    assert_eq!(actions(&gestor), [ok("install"), refused, ok("uninstall")]);
    let records = records(&gestor);
    let first = &records[0];
    assert_eq!(
        (&first["plugin"], &first["recurso"], &first["ator"]),
        (&json!("told"), &json!("1.0.0"), &json!("ana"))
    );
    assert_eq!(first["ctx"]["checksum"].as_str().unwrap().len(), 64);
    assert_eq!(first["ctx"]["arquivos"]["novos"], 2);
    assert_eq!(first["pedido"].as_str().unwrap().len(), 32);
    assert!(
        records[1]["motivo"].as_str().unwrap().contains("SHA-256"),
        "{}",
        records[1]
    );
    // Checkpoints stand in the table, and agree.
    let checked = check(&gestor);
    assert_eq!((&checked["tamanho"], &checked["pontos"]), (&json!(3), &json!(6)));
    assert_eq!(gestor.database.count("gestor_plugins_auditoria", "tamanho = 3"), 1);
    // Only what was refused, of one plugin, since then.
    let some = json!({"acao": "listar", "negados": true, "slug": "told", "desde": "2026-01-01"});
    assert_eq!(audit(&gestor, &some).report["registros"].as_array().unwrap().len(), 1);
    let none = json!({"acao": "listar", "ate": "2020-01-01"});
    assert_eq!(audit(&gestor, &none).report["registros"], json!([]));
}

#[test]
fn a_lock_that_others_hold_is_recorded_as_a_refusal() {
    let gestor = Gestor::new();
    let all = settings(AuditLevel::All);
    install(&gestor, "1.0.0", &json!({}), &all).expect(ExitCode::Ok);
    let file = fs::File::options()
        .read(true)
        .write(true)
        .open(gestor.root().join("temp/plugins/told.lock"))
        .unwrap();
    let held = nix::fcntl::Flock::lock(file, nix::fcntl::FlockArg::LockExclusive).unwrap();
    install(&gestor, "2.0.0", &json!({"espera_lock": 0}), &all).expect(ExitCode::Locked);
    drop(held);
    assert_eq!(actions(&gestor)[1], ("operacao.install".to_owned(), 15, false));
}

#[test]
fn each_plugin_of_a_set_has_its_record() {
    let gestor = Gestor::new();
    let outside = tempfile::tempdir().unwrap();
    let mut packages = Vec::new();
    for slug in ["one", "two"] {
        let path = outside.path().join(format!("{slug}.zip"));
        Package::new(slug, "1.0.0").write(&path);
        packages.push(json!({"arquivo": path}));
    }
    call(&gestor, "batch", &json!({"pacotes": packages}), &english()).expect(ExitCode::Ok);
    let records = records(&gestor);
    let plugins: Vec<_> = records.iter().map(|record| record["plugin"].clone()).collect();
    assert_eq!(plugins, [Value::Null, json!("one"), json!("two")]);
    assert!(records.iter().all(|record| record["pedido"] == records[0]["pedido"]));
}

#[test]
fn what_somebody_edited_is_named() {
    let gestor = Gestor::new();
    let all = settings(AuditLevel::All);
    for version in ["1.0.0", "1.0.1", "1.0.2"] {
        install(&gestor, version, &json!({}), &all).expect(ExitCode::Ok);
    }
    let path = log(&gestor).join("1.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\"ana\"", "\"bia\"", 2)).unwrap();
    let ended = audit(&gestor, &json!({"acao": "conferir"})).expect(ExitCode::Drift);
    let told = ended.report["erros"][0].as_str().unwrap();
    assert!(
        told.contains("among the records 1 to 1 one is not what was written"),
        "{told}"
    );
    // All that a server has of it is gone: the table knows.
    fs::remove_dir_all(log(&gestor)).unwrap();
    let ended = audit(&gestor, &json!({"acao": "conferir"})).expect(ExitCode::Drift);
    let told = ended.report["erros"][0].as_str().unwrap();
    assert!(told.contains("the records 1 to 3 are missing"), "{told}");
}

#[test]
fn records_are_exported_to_a_new_file() {
    let gestor = Gestor::new();
    install(&gestor, "1.0.0", &json!({}), &english()).expect(ExitCode::Ok);
    let outside = tempfile::tempdir().unwrap();
    for (format, lines) in [("jsonl", 1), ("csv", 2)] {
        let path = outside.path().join(format);
        let wish = json!({"acao": "exportar", "formato": format, "saida": path});
        let ended = audit(&gestor, &wish).expect(ExitCode::Ok);
        assert_eq!(ended.report["exportados"], 1);
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), lines);
        audit(&gestor, &wish).expect(ExitCode::Move);
    }
    let line = fs::read(outside.path().join("jsonl")).unwrap();
    assert_eq!(line, fs::read(log(&gestor).join("1.jsonl")).unwrap());
    // The newest ones.
    for version in ["1.0.1", "1.0.2"] {
        install(&gestor, version, &json!({}), &english()).expect(ExitCode::Ok);
    }
    for (most, first) in [(2, 2), (9, 1), (0, 0)] {
        let path = outside.path().join(format!("last-{most}"));
        let wish = json!({"acao": "exportar", "saida": path, "limite": most});
        let ended = audit(&gestor, &wish).expect(ExitCode::Ok);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(ended.report["exportados"], text.lines().count());
        let number = text.lines().next().map_or(0, |line| {
            serde_json::from_str::<Value>(line).unwrap()["n"].as_u64().unwrap()
        });
        assert_eq!(number, first, "{most}");
    }
    // Not into the log itself.
    let inside = log(&gestor).join("9.jsonl");
    let refused = audit(&gestor, &json!({"acao": "exportar", "saida": inside})).expect(ExitCode::ParamsOrFile);
    assert!(
        refused.report["erros"][0].as_str().unwrap().contains("outside"),
        "{}",
        refused.report
    );
    check(&gestor);
}

/// What is too much goes once the database has forgotten it; what others take away it still knows.
#[test]
fn old_records_go_with_the_knowledge_of_the_database() {
    let gestor = Gestor::new();
    let small = Settings {
        audit: AuditRules {
            mebibytes: 1,
            ..AuditRules::default()
        },
        ..english()
    };
    install(&gestor, "1.0.0", &json!({}), &small).expect(ExitCode::Ok);
    let text = "x".repeat(3000);
    let fill = |more: &Value| {
        for part in 0..20 {
            let record = |number: i32| json!({"plugin": "p", "acao": "fs.read", "recurso": format!("{part}-{number}"), "permitido": true, "motivo": text});
            let mut call_of = json!({"registros": (0..100).map(record).collect::<Vec<_>>()});
            call_of
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().cloned().unwrap());
            call(&gestor, "audit_append", &call_of, &small).expect(ExitCode::Ok);
        }
    };
    let segments = || {
        fs::read_dir(log(&gestor))
            .unwrap()
            .filter(|entry| {
                entry
                    .as_ref()
                    .unwrap()
                    .path()
                    .extension()
                    .is_some_and(|end| end == "jsonl")
            })
            .count()
    };
    // Without the database nothing goes.
    fill(&json!({"db": null}));
    let before = segments();
    assert!(before >= 8, "{before}");
    // With it what is too much goes, and nothing is named.
    install(&gestor, "1.0.1", &json!({}), &small).expect(ExitCode::Ok);
    assert!(segments() < before, "{}", segments());
    let checked = check(&gestor);
    let first = checked["primeiro"].as_u64().unwrap();
    assert!(first > 1, "{checked}");
    let rows = |first: u64| {
        gestor
            .database
            .count("gestor_plugins_auditoria", &format!("tamanho < {first}"))
    };
    assert!(rows(first) <= 1, "{}", rows(first));
    // Who can write the files alone lets more of it go, as we would.
    gestor
        .database
        .run("CREATE TABLE of_before AS SELECT * FROM gestor_plugins_auditoria");
    fill(&json!({}));
    install(&gestor, "1.0.2", &json!({}), &small).expect(ExitCode::Ok);
    check(&gestor);
    gestor
        .database
        .run("INSERT IGNORE INTO gestor_plugins_auditoria SELECT * FROM of_before");
    let ended = audit(&gestor, &json!({"acao": "conferir"})).expect(ExitCode::Drift);
    let told = ended.report["erros"][0].as_str().unwrap();
    assert!(told.contains("still knows those until"), "{told}");
}

/// A setting that does not count is told whatever is asked.
#[test]
fn a_wrong_setting_is_told_by_each_operation() {
    let gestor = Gestor::new();
    let wrong = [("GESTOR_PLUGINS_AUDITORIA".to_owned(), "exigr".to_owned())];
    let settings = Settings::resolve(&|_| None, &wrong);
    assert_eq!(settings.faults.len(), 1);
    for (word, more) in [
        ("list", json!({})),
        ("audit", json!({"acao": "conferir"})),
        ("metrics", json!({})),
    ] {
        let ended = call(&gestor, word, &more, &settings).expect(ExitCode::Ok);
        let told: Vec<_> = ended.report["avisos"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|told| told.as_str().unwrap().contains("GESTOR_PLUGINS_AUDITORIA"))
            .collect();
        assert_eq!(told.len(), 1, "{word}: {}", ended.report);
    }
    let ended = install(&gestor, "1.0.0", &json!({}), &settings).expect(ExitCode::Ok);
    let told = ended.report["avisos"].to_string();
    assert_eq!(told.matches("GESTOR_PLUGINS_AUDITORIA").count(), 1, "{told}");
}

#[test]
fn what_cannot_be_recorded_is_told_or_not_done() {
    let gestor = Gestor::new();
    let folder = gestor.root().join("backups/plugins");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("_auditoria"), "in the way").unwrap();
    let refused = install(&gestor, "1.0.0", &json!({}), &settings(AuditLevel::Insist)).expect(ExitCode::Move);
    let told = refused.report["erros"][0].as_str().unwrap();
    assert!(told.starts_with("auditoria=exigir: nothing was done"), "{told}");
    assert!(!gestor.root().join("plugins/told").exists());
    let done = install(&gestor, "1.0.0", &json!({}), &settings(AuditLevel::All)).expect(ExitCode::Ok);
    let told = done.report["avisos"].to_string();
    assert!(told.contains("not in the audit log"), "{told}");
    // Where it can be, its beginning is recorded as well.
    fs::remove_file(folder.join("_auditoria")).unwrap();
    install(&gestor, "1.1.0", &json!({}), &settings(AuditLevel::Insist)).expect(ExitCode::Ok);
    let records = records(&gestor);
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["ctx"]["fase"], "inicio");
    assert_eq!(records[0]["pedido"], records[1]["pedido"]);
}

#[test]
fn others_append_what_they_let_through_or_refused() {
    let gestor = Gestor::new();
    let append = |records: Value, level: AuditLevel| {
        let more = json!({"registros": records, "pedido": "request-1", "ator": "web"});
        call(&gestor, "audit_append", &more, &settings(level))
    };
    let read = json!({"plugin": "p", "acao": "fs.read", "recurso": "a", "permitido": true});
    let write = json!({"plugin": "p", "acao": "fs.write", "recurso": "b", "motivo": "token ghp_0aZ9", "ctx": {"x": 1}});
    let ended = append(json!([read, write, read]), AuditLevel::All).expect(ExitCode::Ok);
    assert_eq!(
        (&ended.report["gravados"], &ended.report["ultimo"]),
        (&json!(2), &json!(2))
    );
    append(json!([read, write]), AuditLevel::Refused).expect(ExitCode::Ok);
    let records = records(&gestor);
    let shown: Vec<_> = records
        .iter()
        .map(|record| (&record["acao"], &record["vezes"], &record["permitido"]))
        .collect();
    let (reads, writes) = (json!("fs.read"), json!("fs.write"));
    assert_eq!(
        shown,
        [
            (&reads, &json!(2), &json!(true)),
            (&writes, &json!(1), &json!(false)),
            (&writes, &json!(1), &json!(false))
        ]
    );
    assert_eq!(records[1]["motivo"], "token ***");
    // What is ours nobody else says.
    for own in ["operacao.install", "auditoria.expurgo", "credencial.uso"] {
        let forged = json!([{"acao": own, "permitido": true}]);
        append(forged, AuditLevel::All).expect(ExitCode::ParamsOrFile);
    }
    assert_eq!(check(&gestor)["tamanho"], 3);
}

#[test]
fn only_refusals_are_recorded_where_nothing_else_is_wanted() {
    let gestor = Gestor::new();
    let refused = settings(AuditLevel::Refused);
    install(&gestor, "1.0.0", &json!({}), &refused).expect(ExitCode::Ok);
    install(&gestor, "2.0.0", &json!({"sha256": "0".repeat(64)}), &refused).expect(ExitCode::Checksum);
    assert_eq!(actions(&gestor), [("operacao.install".to_owned(), 22, false)]);
}

#[test]
fn what_somebody_does_to_the_table_is_named() {
    let gestor = Gestor::new();
    let all = settings(AuditLevel::All);
    for version in ["1.0.0", "1.0.1", "1.0.2"] {
        install(&gestor, version, &json!({}), &all).expect(ExitCode::Ok);
    }
    let database = &gestor.database;
    database.run("CREATE TABLE of_before AS SELECT * FROM gestor_plugins_auditoria");
    for (edit, told) in [
        (
            "UPDATE gestor_plugins_auditoria SET raiz = REPEAT('0', 64) WHERE tamanho = 2",
            "(by the checkpoint of the table",
        ),
        (
            "UPDATE gestor_plugins_auditoria SET raiz = 'x' WHERE tamanho = 2",
            "tamanho 2: it is not the checkpoint",
        ),
        (
            "UPDATE gestor_plugins_auditoria SET em = em + INTERVAL 1 SECOND WHERE tamanho = 2",
            "tamanho 2: it is not the",
        ),
        (
            "UPDATE gestor_plugins_auditoria SET tamanho = 9 WHERE tamanho = 3",
            "the records 4 to 9 are missing",
        ),
        (
            "DELETE FROM gestor_plugins_auditoria WHERE tamanho = 1",
            "no row of tamanho 1",
        ),
        (
            "DELETE FROM gestor_plugins_auditoria WHERE tamanho = 2",
            "no row of tamanho 2",
        ),
    ] {
        database.run(edit);
        let ended = audit(&gestor, &json!({"acao": "conferir"})).expect(ExitCode::Drift);
        let found = ended.report["erros"][0].as_str().unwrap();
        assert!(found.contains(told), "{edit}: {found}");
        database.run("DELETE FROM gestor_plugins_auditoria");
        database.run("INSERT INTO gestor_plugins_auditoria SELECT * FROM of_before");
    }
    // A database that is older than the log gets what it lacks with the next operation.
    database.run("DELETE FROM gestor_plugins_auditoria WHERE tamanho > 1");
    check(&gestor);
    install(&gestor, "1.0.3", &json!({}), &all).expect(ExitCode::Ok);
    assert_eq!(check(&gestor)["pontos"], json!(8));
    assert_eq!(database.count("gestor_plugins_auditoria", "tamanho BETWEEN 1 AND 4"), 4);
}

/// Files and links of another user: nothing is written to them, nothing is done where it has to be recorded.
#[test]
fn what_strangers_put_in_the_way_is_not_written_to() {
    const STRANGER: u32 = 12_345;
    let gestor = Gestor::new();
    install(&gestor, "1.0.0", &json!({}), &english()).expect(ExitCode::Ok);
    let (folder, outside) = (log(&gestor), tempfile::tempdir().unwrap());
    let aside = outside.path().join("aside");
    let owner = fs::metadata(folder.join("1.jsonl")).unwrap().uid();
    let mut version = 0;
    let mut attempt = |what: &str| {
        version += 1;
        let insisted = install(
            &gestor,
            &format!("1.1.{version}"),
            &json!({}),
            &settings(AuditLevel::Insist),
        );
        // A checkpoint can be missing.
        assert_eq!(insisted.code == ExitCode::Ok, what == "pontos.jsonl", "{what}");
        let done = install(&gestor, &format!("1.1.{version}"), &json!({}), &english()).expect(ExitCode::Ok);
        let told = done.report["avisos"].to_string();
        let expected = ["not in the audit log", "no checkpoint of this"][usize::from(what == "pontos.jsonl")];
        assert!(told.contains(expected), "{what}: {told}");
    };
    for name in ["1.jsonl", "cabeca", "pontos.jsonl"] {
        let path = folder.join(name);
        let before = fs::read(&path).unwrap();
        chown(&path, Some(STRANGER), None).expect("run as root: this test gives files away");
        attempt(name);
        assert_eq!(fs::read(&path).unwrap(), before, "{name}");
        chown(&path, Some(owner), None).unwrap();
        fs::rename(&path, &aside).unwrap();
        symlink(&aside, &path).unwrap();
        attempt(name);
        assert_eq!(fs::read(&aside).unwrap(), before, "{name}");
        fs::rename(&aside, &path).unwrap();
    }
    chown(&folder, Some(STRANGER), None).unwrap();
    attempt("the folder");
    chown(&folder, Some(owner), None).unwrap();
    install(&gestor, "2.0.0", &json!({}), &settings(AuditLevel::Insist)).expect(ExitCode::Ok);
    check(&gestor);
}

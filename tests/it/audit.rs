//! The audit log as operations fill it: what they change, what is refused, what they use; and what is told where it cannot be
//! written, or is not what was written.

use std::fs;
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

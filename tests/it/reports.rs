//! Reports: each operation's, when it succeeds and when it fails, is as `schemas/report.schema.json` describes it. All
//! other tests hold theirs against it as well (`support::operation::run`).

use std::collections::BTreeSet;

use gestor_plugins::config::Argument;
use gestor_plugins::log::Step;
use gestor_plugins::ops::Outcome;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;
use crate::support::scene::{Kind, SLUG, Scene};
use crate::support::schema::{Schema, assert_described};
use crate::support::text_argument;
use crate::support::{child, english};

fn package(version: &str) -> Package {
    let rows = json!([{"id": "p", "language": "en", "nome": version, "caminho": "p/", "html": "<p>"}]);
    Package::new("told", version)
        .data("Paginas", &rows)
        .file("modules/m/m.php", format!("<?php // {version}"))
}

fn call(gestor: &Gestor, more: &Value) -> Argument {
    let mut call = json!({"slug": "told", "raiz": gestor.root(), "db": {
        "socket": gestor.database.socket(), "nome": gestor.database.name(), "usuario": "root",
    }});
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Argument::from(&call)
}

fn sync(gestor: &Gestor, more: &Value) -> Ended {
    let parameters = called("sync", call(gestor, more), &english());
    run(parameters, english(), &mut Quiet)
}

fn mark(gestor: &Gestor, status: &str) -> Ended {
    let parameters = called("mark", call(gestor, &json!({"status": status})), &english());
    run(parameters, english(), &mut Quiet)
}

fn recover(gestor: &Gestor, more: &Value) -> Ended {
    let parameters = called("recover", call(gestor, more), &english());
    run(parameters, english(), &mut Quiet)
}

fn keys(report: &Value) -> BTreeSet<&str> {
    report.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn an_installation() {
    let gestor = Gestor::new();
    let flag = |key| (key, Argument::Bool(true));
    let planned = gestor
        .install(&package("1.0.0"), &[flag("dry_run")])
        .expect(ExitCode::Ok);
    assert_eq!(planned.report["dry_run"], true);
    let first = gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    let changed = first.report["php_alterados"][0].as_str().unwrap();
    assert!(changed.ends_with("/plugins/told/modules/m/m.php"), "{changed}");
    let same = gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    assert_eq!(
        (&same.report["inalterado"], &same.report["tabelas"]),
        (&json!(true), &json!({}))
    );
    let update = gestor.install(&package("1.1.0"), &[]).expect(ExitCode::Ok);
    assert!(update.report["backup"].is_string());
    let older = gestor
        .install(&package("1.0.0"), &[])
        .expect(ExitCode::AlreadyInstalled);
    // What is there already is not judged again.
    let mut judged = keys(&same.report);
    judged.insert("assinatura");
    assert_eq!(keys(&older.report), judged);
    gestor.install(&package("x"), &[]).expect(ExitCode::Validate);
    gestor
        .install(&package("1.2.0"), &[flag("no_resources"), flag("only_resources")])
        .expect(ExitCode::ParamsOrFile);
    gestor
        .install(&package("1.2.0"), &[("sha256", text_argument(&"0".repeat(64)))])
        .expect(ExitCode::Checksum);
}

#[test]
fn a_synchronization() {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("PaginasData.json");
    std::fs::write(
        &file,
        r#"[{"id": "p", "language": "en", "nome": "new", "caminho": "p/"}]"#,
    )
    .unwrap();
    let done = sync(&gestor, &json!({"pasta": folder.path()})).expect(ExitCode::Ok);
    assert_eq!(done.counter("paginas", "alterados"), 1);
    sync(&gestor, &json!({"pasta": folder.path(), "dry_run": true})).expect(ExitCode::Ok);
    std::fs::write(&file, "[{").unwrap();
    sync(&gestor, &json!({"pasta": folder.path()})).expect(ExitCode::Validate);
    sync(&gestor, &json!({"pasta": "/none"})).expect(ExitCode::ParamsOrFile);
}

#[test]
fn a_mark() {
    let gestor = Gestor::new();
    mark(&gestor, "ok").expect(ExitCode::ParamsOrFile);
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    mark(&gestor, "idle").expect(ExitCode::Ok);
    mark(&gestor, "ok").expect(ExitCode::Validate);
    mark(&gestor, "none").expect(ExitCode::ParamsOrFile);
}

#[test]
fn a_recovery() {
    let scene = Scene::new(Kind::Update);
    let all = json!({"slug": null, "espera_lock": 20});
    let idle = recover(&scene.gestor, &all).expect(ExitCode::Ok);
    assert_eq!(idle.report["plugins"], json!([]));
    let named = recover(&scene.gestor, &json!({"slug": SLUG})).expect(ExitCode::Ok);
    assert_eq!(named.report["plugins"][0]["resultado"], "nada");
    let times = named.report["duracao_ms"].as_object().unwrap();
    assert_eq!(times.keys().collect::<Vec<_>>(), ["recuperar"]);
    for (point, found) in [("swapped", "desfeita"), ("committed", "concluida")] {
        scene.reset();
        child::start(&scene.call(), Some(&format!("{point}:kill")))
            .wait()
            .unwrap();
        let done = recover(&scene.gestor, &all).expect(ExitCode::Ok);
        assert_eq!(
            done.report["plugins"][0],
            json!({"slug": SLUG, "resultado": found, "erro": null})
        );
    }
    recover(&scene.gestor, &json!({"slug": "_x"})).expect(ExitCode::Validate);
    recover(&scene.gestor, &json!({"slug": null, "db": null})).expect(ExitCode::ParamsOrFile);
    let failed = recover(&scene.gestor, &json!({"slug": SLUG, "db": null})).expect(ExitCode::ParamsOrFile);
    assert_eq!(failed.report["plugins"][0]["resultado"], Value::Null);
}

#[test]
fn what_did_not_begin() {
    for outcome in [
        Outcome::failed(ExitCode::Internal, "why"),
        Outcome::of_wrong_call("told", "why\nnot"),
    ] {
        assert_described(&outcome.report);
    }
    assert_eq!(
        Outcome::of_wrong_call("told", "why\nnot").report["erros"],
        json!(["why\\nnot"])
    );
}

#[test]
fn the_description_is_of_nothing_else() {
    let schema = Schema::new();
    let good = Outcome::failed(ExitCode::Sync, "why").report;
    assert_eq!(schema.faults(&good), None);
    for (key, wrong) in [
        ("tabelas", json!([])),
        ("tabelas", json!({"paginas": {"inseridos": 1}})),
        ("duracao_ms", json!(5)),
        ("duracao_ms", json!([])),
        ("duracao_ms", json!({"planejar": -1})),
        ("duracao_ms", json!({"dormir": 1})),
        ("erros", json!([])),
        ("erros", json!("why")),
        ("codigo", json!(0)),
        ("rotulo", json!("OK")),
        ("checksum", json!("x")),
        ("php_alterados", json!([])),
        ("more", json!(1)),
    ] {
        let mut report = good.clone();
        report[key] = wrong;
        assert!(schema.faults(&report).is_some(), "{key}: {report}");
    }
    let mut report = good;
    report.as_object_mut().unwrap().shift_remove("avisos");
    assert!(schema.faults(&report).is_some());
}

#[test]
fn the_description_knows_every_code_and_step() {
    let schema = Schema::new();
    for code in ExitCode::ALL {
        let mut report = Outcome::failed(code, "why").report;
        if code == ExitCode::Ok {
            report["erros"] = json!([]);
        }
        for step in Step::ALL {
            report["duracao_ms"][step.name()] = json!(1);
        }
        assert_eq!(schema.faults(&report), None);
    }
}

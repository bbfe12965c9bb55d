//! What is installed, told and decided: list, history, conflicts, resolve, verify, diff. Conflicts are put there through
//! the stores, as a merge leaves them.

use gestor_plugins::base::db::Database as Connection;
use gestor_plugins::config::{Argument, InstallParameters, LookParameters, ResolveParameters, VerifyParameters};
use gestor_plugins::ledger::{self, MergeConflict, MergeReason, RowDigest, Waiting};
use gestor_plugins::model::{Slug, TableName};
use gestor_plugins::ops::Call;
use gestor_plugins::outcome::ExitCode;
use gestor_plugins::registry::{self, Feature};
use serde_json::{Value, json};

use crate::data::settings;
use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, run};
use crate::support::package::Package;

fn package(version: &str) -> Package {
    let rows = json!([{"id": "p", "language": "en", "nome": version, "caminho": "p/", "html": "<p>"}]);
    Package::new("told", version)
        .data("Paginas", &rows)
        .file("modules/m/m.php", format!("<?php // {version}"))
}

fn call(gestor: &Gestor, more: &Value) -> Argument {
    let mut call = json!({"raiz": gestor.root(), "db": {
        "socket": gestor.database.socket(), "nome": gestor.database.name(), "usuario": "root",
    }});
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Argument::from(&call)
}

fn list(gestor: &Gestor) -> Ended {
    let read = LookParameters::read(call(gestor, &json!({})), &english()).unwrap();
    run(Call::List(Box::new(read)), english(), &mut Quiet)
}

fn conflicts(gestor: &Gestor) -> Ended {
    let read = LookParameters::read(call(gestor, &json!({"slug": "told"})), &english()).unwrap();
    run(Call::Conflicts(Box::new(read)), english(), &mut Quiet)
}

fn history(gestor: &Gestor) -> Ended {
    let read = LookParameters::read_history(call(gestor, &json!({"slug": "told"})), &english()).unwrap();
    run(Call::History(Box::new(read)), english(), &mut Quiet)
}

fn verify(gestor: &Gestor, more: &Value) -> Ended {
    let read = VerifyParameters::read(call(gestor, more), &english()).unwrap();
    run(Call::Verify(Box::new(read)), english(), &mut Quiet)
}

fn resolve(gestor: &Gestor, more: &Value) -> Ended {
    let read = ResolveParameters::read(call(gestor, more), &english()).unwrap();
    run(Call::Resolve(Box::new(read)), english(), &mut Quiet)
}

/// A page with a conflict in its name, whose package's value waits there or in a companion.
fn with_conflict(conflict: &dyn Fn(MergeConflict) -> MergeConflict) -> Gestor {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    gestor
        .database
        .run("UPDATE paginas SET nome='USER', user_modified=1 WHERE id='p'");
    let page = gestor
        .database
        .value("SELECT id_paginas FROM paginas WHERE id='p'")
        .unwrap();
    let mut connection = Connection::connect(&settings(&gestor.database)).unwrap();
    registry::prepare_for(&mut connection, Feature::Records, &|| true).unwrap();
    let told = Slug::normalize("told").unwrap();
    let base = ledger::read(&mut connection, &told).unwrap().base;
    let key = base[&TableName::new("paginas").unwrap()].entries[0].key;
    let made = conflict(MergeConflict {
        table: TableName::new("paginas").unwrap(),
        key,
        identity: Box::new([page.as_bytes().into()]),
        shown: "p".to_owned(),
        column: "nome".to_owned(),
        reason: MergeReason::Both,
        mine: RowDigest([0; 8]),
        theirs: Waiting::Text("PACKAGE".to_owned()),
        companion: None,
    });
    let slug = Slug::normalize("told").unwrap();
    registry::record_conflicts(&mut connection, &slug, ("1.0.0", 1), [&made]).unwrap();
    gestor
}

fn name(gestor: &Gestor) -> Option<String> {
    gestor.database.value("SELECT nome FROM paginas WHERE id='p'")
}

#[test]
fn conflicts_are_told_and_decided() {
    for (choice, left, saved) in [
        (json!({"escolha": "minha"}), "USER", 0),
        (json!({"escolha": "pacote"}), "PACKAGE", 1),
        (json!({"escolha": "valor", "valor": "THIRD"}), "THIRD", 1),
    ] {
        let gestor = with_conflict(&|conflict| conflict);
        let told = conflicts(&gestor).expect(ExitCode::Ok).report["conflitos"].clone();
        assert_eq!(
            (&told[0]["meu"], &told[0]["pacote"]),
            (&json!("USER"), &json!("PACKAGE"))
        );
        let mut more = json!({"slug": "told", "conflito": told[0]["id"], "ator": "somebody"});
        more.as_object_mut()
            .unwrap()
            .extend(choice.as_object().unwrap().clone());
        let done = resolve(&gestor, &more).expect(ExitCode::Ok);
        assert_eq!(done.report["resolvidos"][0]["escolha"], choice["escolha"]);
        assert_eq!(name(&gestor).as_deref(), Some(left));
        let kept = gestor
            .database
            .count("gestor_plugins_guardados", "valores LIKE '%USER%'");
        assert_eq!(kept, saved);
        assert_eq!(conflicts(&gestor).expect(ExitCode::Ok).report["conflitos"], json!([]));
        let last = &history(&gestor).expect(ExitCode::Ok).report["historico"][0];
        assert_eq!(
            (&last["acao"], &last["ator"], &last["codigo"]),
            (&json!("resolver"), &json!("somebody"), &json!(0))
        );
        // Nothing is left to decide: a number is unknown now, all of them are none.
        resolve(&gestor, &more).expect(ExitCode::ParamsOrFile);
        more["conflito"] = json!("todos");
        resolve(&gestor, &more).expect(ExitCode::Ok);
    }
}

#[test]
fn a_companion_gives_its_value_and_is_cleared() {
    let gestor = with_conflict(&|conflict| MergeConflict {
        reason: MergeReason::Contract,
        column: "html".to_owned(),
        theirs: Waiting::Elsewhere,
        companion: Some("html_updated".to_owned()),
        ..conflict
    });
    let waits = "UPDATE paginas SET html='MINE', html_updated='NEW', system_updated=1 WHERE id='p'";
    gestor.database.run(waits);
    resolve(
        &gestor,
        &json!({"slug": "told", "conflito": "todos", "escolha": "pacote"}),
    )
    .expect(ExitCode::Ok);
    let row = "SELECT CONCAT_WS(' ', html, IFNULL(html_updated, 'none'), system_updated) FROM paginas WHERE id='p'";
    assert_eq!(gestor.database.value(row).as_deref(), Some("NEW none 0"));
    assert_eq!(
        gestor
            .database
            .count("gestor_plugins_guardados", "valores LIKE '%MINE%'"),
        1
    );
}

#[test]
fn what_cannot_be_decided_changes_nothing() {
    let gestor = with_conflict(&|conflict| MergeConflict {
        reason: MergeReason::Core,
        column: String::new(),
        theirs: Waiting::Elsewhere,
        ..conflict
    });
    let decide = |choice: &Value| {
        let mut more = json!({"slug": "told", "conflito": "todos"});
        more.as_object_mut()
            .unwrap()
            .extend(choice.as_object().unwrap().clone());
        resolve(&gestor, &more)
    };
    decide(&json!({"escolha": "pacote"})).expect(ExitCode::Sync);
    decide(&json!({"escolha": "valor", "valor": "x"})).expect(ExitCode::ParamsOrFile);
    assert_eq!(conflicts(&gestor).report["conflitos"].as_array().unwrap().len(), 1);
    decide(&json!({"escolha": "minha"})).expect(ExitCode::Ok);
    let other = json!({"slug": "other", "conflito": "todos", "escolha": "minha"});
    resolve(&gestor, &other).expect(ExitCode::NotInstalled);
}

#[test]
fn readers_make_nothing() {
    let gestor = Gestor::new();
    list(&gestor).expect(ExitCode::Ok);
    history(&gestor).expect(ExitCode::Ok);
    conflicts(&gestor).expect(ExitCode::Ok);
    verify(&gestor, &json!({"slug": "told"})).expect(ExitCode::NotInstalled);
    verify(&gestor, &json!({"todos": true})).expect(ExitCode::Ok);
    let ours = gestor
        .database
        .tables()
        .into_iter()
        .filter(|name| name.starts_with("gestor_plugins_"));
    assert_eq!(ours.count(), 0);
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    let listed = list(&gestor).expect(ExitCode::Ok).report["plugins"][0].clone();
    assert_eq!((&listed["slug"], &listed["versao"]), (&json!("told"), &json!("1.0.0")));
    assert_eq!(listed["guardadas"][0]["versao"], "1.0.0");
}

#[test]
fn damage_is_found() {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    verify(&gestor, &json!({"slug": "told"})).expect(ExitCode::Ok);
    let tree = gestor.root().join("plugins/told");
    std::fs::write(tree.join("modules/m/m.php"), "<?php // other").unwrap();
    std::fs::write(tree.join("extra.php"), "<?php").unwrap();
    std::fs::remove_file(tree.join("manifest.json")).unwrap();
    let found = verify(&gestor, &json!({"slug": "told"})).expect(ExitCode::Drift);
    let files = json!({
        "faltando": ["manifest.json"], "alterados": ["modules/m/m.php"], "extras": ["extra.php"],
    });
    assert_eq!(found.report["arquivos"], files);
    let all = verify(&gestor, &json!({"todos": true})).expect(ExitCode::Drift);
    assert_eq!(all.report["verificados"][0]["codigo"], 33);
    let again = gestor.root().join("backups/plugins/told/1.0.0.zip");
    std::fs::write(&again, "no zip").unwrap();
    let found = verify(&gestor, &json!({"slug": "told"}));
    assert_ne!(found.code, ExitCode::Ok);
}

#[test]
fn a_diff_changes_nothing() {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.zip");
    package("1.1.0").write(&file);
    let more = json!({"slug": "told", "origem_tipo": "upload", "arquivo": file});
    let read = InstallParameters::read(call(&gestor, &more), &english()).unwrap();
    let shown = run(Call::Diff(Box::new(read)), english(), &mut Quiet).expect(ExitCode::Ok);
    assert_eq!(
        (&shown.report["versao"], &shown.report["dry_run"]),
        (&json!("1.1.0"), &json!(true))
    );
    assert_eq!(name(&gestor).as_deref(), Some("1.0.0"));
}

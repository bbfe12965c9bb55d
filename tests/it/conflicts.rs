//! Conflicts are told and decided: put there through the stores, as a merge leaves them.

use gestor_plugins::base::db::Database as Connection;
use gestor_plugins::ledger::{self, MergeConflict, MergeReason, RowDigest, Waiting};
use gestor_plugins::model::{Slug, TableName};
use gestor_plugins::outcome::ExitCode;
use gestor_plugins::registry::{self, Feature};
use serde_json::{Value, json};

use crate::data::settings;
use crate::looks::{call, history, package, verify};
use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, run};

pub(crate) fn conflicts(gestor: &Gestor) -> Ended {
    let read = called("conflicts", call(gestor, &json!({"slug": "told"})), &english());
    run(read, english(), &mut Quiet)
}

pub(crate) fn resolve(gestor: &Gestor, more: &Value) -> Ended {
    let read = called("resolve", call(gestor, more), &english());
    run(read, english(), &mut Quiet)
}

/// A page with a conflict in its name, whose package's value waits there or in a companion.
pub(crate) fn with_conflict(conflict: &dyn Fn(MergeConflict) -> MergeConflict) -> Gestor {
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
        identity: std::sync::Arc::new([page.as_bytes().into()]),
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

pub(crate) fn name(gestor: &Gestor) -> Option<String> {
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
    let waits = "UPDATE paginas SET html='MINE', html_updated='<p>', system_updated=1 WHERE id='p'";
    gestor.database.run(waits);
    let found = verify(&gestor, &json!({"slug": "told"})).expect(ExitCode::Ok).report["linhas"]["editadas"][0].clone();
    assert_eq!(found["motivo"], "companheira");
    assert!(
        found["colunas"].as_array().unwrap().contains(&json!("html_updated")),
        "{found}"
    );
    resolve(
        &gestor,
        &json!({"slug": "told", "conflito": "todos", "escolha": "pacote"}),
    )
    .expect(ExitCode::Ok);
    let row = "SELECT CONCAT_WS(' ', html, IFNULL(html_updated, 'none'), system_updated) FROM paginas WHERE id='p'";
    assert_eq!(gestor.database.value(row).as_deref(), Some("<p> none 0"));
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

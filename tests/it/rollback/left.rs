//! What a way back could not undo: recovery and the next operation do it.

use gestor_plugins::migrate::MigrationAction;
use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{Site, package, versions};
use crate::support::english;
use crate::support::operation::{called, run};
use crate::support::sql_migrations::migration;

/// A way back whose migration cannot be undone while a view hangs on its table's name.
fn failing() -> Site {
    let [one, two] = versions();
    let make = "CREATE TABLE x_agenda (id INT PRIMARY KEY)";
    let undo = "DROP TABLE x_other; DROP TABLE x_agenda";
    let two = two.file(
        "db/migrations/20260101000000_make_agenda.php",
        migration(make, Some(undo)),
    );
    let site = Site::of([one, two]);
    site.install(1).expect(ExitCode::Ok);
    let ended = site.rollback(&json!({})).expect(ExitCode::Migrate);
    assert_eq!(ended.report["confirmado"], json!(true));
    assert_eq!(ended.report["pendencias"][0]["passo"], json!("desfazer_migracoes"));
    let database = &site.gestor.database;
    assert_eq!(
        database.rows("SELECT codigo, confirmado FROM gestor_plugins_historico WHERE id=3"),
        [[Some("13".to_owned()), Some("1".to_owned())]]
    );
    assert_eq!(
        database.value("SELECT versao_instalada FROM plugins").as_deref(),
        Some("1.0.0")
    );
    assert_eq!(
        database.value("SELECT status_execucao FROM plugins").as_deref(),
        Some("ok")
    );
    assert!(database.tables().contains(&"x_agenda".to_owned()));
    site
}

#[test]
fn what_could_not_be_undone_is_undone_by_recovery() {
    let site = failing();
    let ended = site.recover(true).expect(ExitCode::Migrate);
    assert_eq!(ended.report["plugins"][0]["pendencias"][0]["operacao"], json!(3));
    site.recover(false).expect(ExitCode::Ok);
    assert!(site.pending().is_some());
    site.gestor.database.run("CREATE TABLE x_other (a INT)");
    let ended = site.recover(true).expect(ExitCode::Ok);
    assert_eq!(
        ended.report["plugins"][0]["migracoes_desfeitas"],
        json!(["20260101000000 make_agenda"])
    );
    assert_eq!(site.pending(), None);
    assert!(!site.gestor.database.tables().contains(&"x_agenda".to_owned()));
    let told = site
        .gestor
        .database
        .value("SELECT migracoes FROM gestor_plugins_historico WHERE id=3");
    assert!(told.unwrap().contains("make_agenda"));
}

#[test]
fn the_next_operation_strikes_out_what_its_package_has_and_does_the_rest() {
    let site = failing();
    site.install(1).expect(ExitCode::Ok);
    assert_eq!(site.pending(), None, "version 2 has the migration itself");
    assert!(site.gestor.database.tables().contains(&"x_agenda".to_owned()));
    let site = failing();
    let later = package("1.1.0", &[("x-a", "1")]);
    let site = Site {
        packages: [site.packages[0].clone(), later],
        ..site
    };
    let ended = site.install(1).expect(ExitCode::Ok);
    assert!(
        ended.report["avisos"].to_string().contains("make_agenda"),
        "{}",
        ended.report
    );
    assert!(site.pending().is_some(), "it is told, and blocks nothing");
    site.gestor.database.run("CREATE TABLE x_other (a INT)");
    let site = Site {
        packages: [site.packages[0].clone(), package("1.2.0", &[("x-a", "1")])],
        ..site
    };
    site.install(1).expect(ExitCode::Ok);
    assert_eq!(site.pending(), None);
    assert!(!site.gestor.database.tables().contains(&"x_agenda".to_owned()));
}

#[test]
fn a_runner_is_asked_before_anything_is_touched() {
    let site = Site::new();
    site.install(1).expect(ExitCode::Ok);
    let mut host = site.host();
    let call = called("rollback", (&site.call(&json!({}))).into(), &english());
    run(call, english(), &mut host).expect(ExitCode::Ok);
    assert_eq!(host.asked, [MigrationAction::Reversible, MigrationAction::Rollback]);
}

//! What an earlier operation left to do, and a schema that somebody else took or damaged.

use std::path::PathBuf;

use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::{FIRST, Site, package, stuck, text};
use crate::support::gestor::Gestor;
use crate::support::sql_migrations::migration;

#[test]
fn what_migrations_made_and_is_gone_is_damage() {
    let make = "CREATE TABLE s_one (id INT PRIMARY KEY, title VARCHAR(20)); ALTER TABLE paginas ADD COLUMN s_extra INT";
    let undo = "DROP TABLE s_one; ALTER TABLE paginas DROP COLUMN s_extra";
    for (damage, named, is_repaired) in [
        ("DROP TABLE s_one", r#"[{"motivo":"ausente","tabela":"s_one"}]"#, false),
        (
            "ALTER TABLE s_one DROP COLUMN title",
            r#"[{"coluna":"title","motivo":"ausente","tabela":"s_one"}]"#,
            false,
        ),
        (
            "ALTER TABLE paginas CHANGE s_extra s_other INT",
            r#"[{"coluna":"s_extra","motivo":"ausente","tabela":"paginas"}]"#,
            false,
        ),
        (
            "DROP TABLE phinxlog_stuck",
            r#"[{"motivo":"ausente","tabela":"phinxlog_stuck"}]"#,
            true,
        ),
    ] {
        let site = Site(Gestor::new());
        site.install(&package("1.0.0").file(FIRST, migration(make, Some(undo))))
            .expect(ExitCode::Ok);
        site.run("verify", &json!({})).expect(ExitCode::Ok);
        site.0.database.run(damage);
        let found = site.run("verify", &json!({})).expect(ExitCode::Drift);
        let shown: Value = serde_json::from_str(named).unwrap();
        assert_eq!(found.report["esquema"], shown, "{damage}");
        assert!(text(&found, "avisos").contains("phinxlog_…"), "{}", found.report);
        let wanted = if is_repaired { ExitCode::Ok } else { ExitCode::Drift };
        site.run("verify", &json!({"reparar": true})).expect(wanted);
        if is_repaired {
            let rows = site
                .0
                .database
                .rows("SELECT version, migration_name FROM phinxlog_stuck");
            assert_eq!(rows, [[Some("20260101000000".to_owned()), Some("first".to_owned())]]);
        } else {
            site.run("uninstall", &json!({"modo": "expurgar"}));
            site.run("recover", &json!({"forcar": true})).expect(ExitCode::Ok);
            assert_eq!(site.tables(), Vec::<String>::new(), "{damage}");
        }
    }
}

#[test]
fn what_an_earlier_operation_left_is_told_and_stays_possible() {
    let site = Site::new();
    site.run("rollback", &json!({})).expect(ExitCode::Migrate);
    let ended = site
        .run("uninstall", &json!({"sem_retorno": true}))
        .expect(ExitCode::Migrate);
    assert!(text(&ended, "erros").contains("--recover"), "{}", ended.report);
    assert!(
        !ended.report["pendencias"].as_array().unwrap().is_empty(),
        "{}",
        ended.report
    );
    assert_eq!(
        site.kept("2.0.0.zip").len(),
        2,
        "the package that undoes it, and its sum"
    );
    assert!(site.kept("removido-").is_empty() && site.kept("1.0.0.zip").is_empty());
    for more in [json!({}), json!({"sem_retorno": true})] {
        site.run("uninstall", &more).expect(ExitCode::NotInstalled);
    }
    site.0
        .database
        .run("CREATE TABLE s_nothing (id INT); CREATE TABLE s_two (id INT)");
    site.run("recover", &json!({})).expect(ExitCode::Ok);
    assert_eq!(
        (site.pending(), site.tables()),
        (None, vec!["phinxlog_stuck".to_owned()])
    );
    assert_eq!(site.kept(""), Vec::<PathBuf>::new(), "it was to be forgotten");
    assert_eq!(site.code("desinstalar").as_deref(), Some("0"));
    site.run("uninstall", &json!({"sem_retorno": true}))
        .expect(ExitCode::NotInstalled);
}

#[test]
fn what_an_earlier_operation_left_is_done_by_an_uninstallation() {
    let site = Site::new();
    site.run("rollback", &json!({})).expect(ExitCode::Migrate);
    let ended = site.run("disable", &json!({"migracoes": null})).expect(ExitCode::Ok);
    assert!(
        !ended.report["pendencias"].as_array().unwrap().is_empty(),
        "{}",
        ended.report
    );
    site.run("enable", &json!({"migracoes": null})).expect(ExitCode::Ok);
    site.0
        .database
        .run("CREATE TABLE s_nothing (id INT); CREATE TABLE s_two (id INT)");
    let ended = site.run("uninstall", &json!({})).expect(ExitCode::Ok);
    assert_eq!(ended.report["pendencias"], Value::Null, "{}", ended.report);
    assert_eq!((site.pending(), site.code("reverter").as_deref()), (None, Some("0")));
}

#[test]
fn a_schema_that_somebody_else_took_does_not_come_back_untold() {
    for (goes, comes) in [("uninstall", "restore"), ("disable", "enable")] {
        let site = Site(Gestor::new());
        site.install(&stuck("1.0.0")).expect(ExitCode::Ok);
        site.run(goes, &json!({"migracoes": null})).expect(ExitCode::Ok);
        site.0.database.run("DROP TABLE s_one");
        let ended = site
            .run(comes, &json!({"migracoes": null}))
            .expect(ExitCode::Irreversible);
        let told = text(&ended, "erros");
        assert!(told.contains("s_one") && told.contains("phinxlog_stuck"), "{told}");
        if goes == "disable" {
            site.run("uninstall", &json!({})).expect(ExitCode::Ok);
        }
        site.install(&stuck("1.0.0")).expect(ExitCode::Irreversible);
        // As the message says.
        site.0.database.run("DROP TABLE s_two; DROP TABLE phinxlog_stuck");
        site.run("restore", &json!({"migracoes": null}))
            .expect(ExitCode::Irreversible);
        site.install(&stuck("1.0.0")).expect(ExitCode::Ok);
        assert_eq!(site.tables(), ["phinxlog_stuck", "s_one", "s_two"]);
        site.run("verify", &json!({})).expect(ExitCode::Ok);
    }
}

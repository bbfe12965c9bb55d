//! Operations: each end is counted once, by the event that it is, and what is no event is not.

use gestor_plugins::config::Argument;
use gestor_plugins::log::Progress;
use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{ask, counts, of};
use crate::looks::package;
use crate::support::gestor::Gestor;
use crate::support::operation::{Host, install_with};
use crate::support::package::Package;

const SLUG: &str = "told";

struct Stopping;

impl Host for Stopping {
    fn progress(&mut self, _progress: &Progress) -> bool {
        false
    }
}

#[test]
fn each_end_of_an_operation_is_counted_once() {
    let gestor = Gestor::new();
    let flag = |key| (key, Argument::Bool(true));
    let counted = |expected: &[(&str, u64)]| assert_eq!(counts(&gestor, SLUG), of(expected));
    gestor
        .install(&package("1.0.0"), &[flag("dry_run")])
        .expect(ExitCode::Ok);
    let tables = gestor.database.tables();
    assert!(!tables.contains(&"gestor_plugins_contadores".to_owned()), "{tables:?}");
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    counted(&[("install_success", 1)]);
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    counted(&[("install_success", 1), ("update_nochange", 1)]);
    gestor.install(&package("2.0.0"), &[]).expect(ExitCode::Ok);
    gestor
        .install(&package("2.0.0"), &[flag("reprocessar")])
        .expect(ExitCode::Ok);
    counted(&[("install_success", 1), ("update_nochange", 1), ("update_changed", 2)]);
    // Older, and no version at all.
    gestor
        .install(&package("1.0.0"), &[])
        .expect(ExitCode::AlreadyInstalled);
    gestor.install(&package("x"), &[]).expect(ExitCode::Validate);
    ask(&gestor, "rollback", &json!({"slug": SLUG})).expect(ExitCode::Ok);
    ask(&gestor, "rollback", &json!({"slug": SLUG, "version": "7.7.7"})).expect(ExitCode::Irreversible);
    ask(&gestor, "disable", &json!({"slug": SLUG})).expect(ExitCode::Ok);
    ask(&gestor, "enable", &json!({"slug": SLUG})).expect(ExitCode::Ok);
    ask(&gestor, "uninstall", &json!({"slug": SLUG})).expect(ExitCode::Ok);
    let all = [
        ("install_success", 1),
        ("update_nochange", 1),
        ("update_changed", 2),
        ("install_fail", 3),
        ("rollback_exec", 1),
        ("uninstall", 1),
    ];
    counted(&all);
    assert_eq!(
        gestor.database.count("gestor_plugins_eventos", "1"),
        0,
        "operations have the history"
    );
    // What was uninstalled is installed for the first time again.
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    assert_eq!(counts(&gestor, SLUG)["install_success"], 2);
}

/// A dry run that fails, one that is cancelled, one that waits in vain, rows alone.
#[test]
fn what_is_no_event_is_not_counted() {
    let gestor = Gestor::new();
    let flag = |key| (key, Argument::Bool(true));
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    gestor
        .install(&package("0.9.0"), &[flag("dry_run")])
        .expect(ExitCode::AlreadyInstalled);
    let outside = tempfile::tempdir().unwrap();
    let archive = outside.path().join("p.zip");
    package("3.0.0").write(&archive);
    install_with(gestor.call(&archive, SLUG, &[]), &mut Stopping).expect(ExitCode::Cancelled);
    let held = std::fs::File::open(gestor.root().join("temp/plugins/told.lock")).unwrap();
    held.lock().unwrap();
    gestor.install(&package("3.0.0"), &[]).expect(ExitCode::Locked);
    drop(held);
    let rows = outside.path().join("rows");
    std::fs::create_dir(&rows).unwrap();
    ask(&gestor, "sync", &json!({"slug": SLUG, "pasta": rows})).expect(ExitCode::Ok);
    assert_eq!(counts(&gestor, SLUG), of(&[("install_success", 1)]));
}

#[test]
fn a_first_installation_that_fails_is_counted_where_the_tables_are() {
    let gestor = Gestor::new();
    gestor.install(&package("x"), &[]).expect(ExitCode::Validate);
    let tables = gestor.database.tables();
    assert!(!tables.contains(&"gestor_plugins_contadores".to_owned()), "{tables:?}");
    gestor
        .install(&Package::new("other", "1.0.0"), &[])
        .expect(ExitCode::Ok);
    gestor.install(&package("x"), &[]).expect(ExitCode::Validate);
    assert_eq!(counts(&gestor, SLUG), of(&[("install_fail", 1)]));
}

#[test]
fn all_of_a_batch_are_counted_or_failed() {
    let gestor = Gestor::new();
    let outside = tempfile::tempdir().unwrap();
    let write = |name: &str, package: Package| {
        let path = outside.path().join(name);
        package.write(&path);
        json!({"origem_tipo": "upload", "arquivo": path})
    };
    let one = write("one.zip", Package::new("one", "1.0.0"));
    let two = write("two.zip", Package::new("two", "1.0.0"));
    let broken = write("broken.zip", Package::new("two", "x"));
    ask(&gestor, "batch", &json!({"pacotes": [one, two]})).expect(ExitCode::Ok);
    for slug in ["one", "two"] {
        assert_eq!(counts(&gestor, slug), of(&[("install_success", 1)]));
    }
    let newer = write("newer.zip", Package::new("one", "2.0.0"));
    ask(&gestor, "batch", &json!({"pacotes": [newer, broken]})).expect(ExitCode::Validate);
    for slug in ["one", "two"] {
        assert_eq!(
            counts(&gestor, slug),
            of(&[("install_success", 1), ("install_fail", 1)])
        );
    }
}

#[test]
fn what_is_looked_at_is_told() {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    ask(&gestor, "verify", &json!({"slug": SLUG})).expect(ExitCode::Ok);
    std::fs::write(gestor.root().join("plugins/told/modules/m/m.php"), "<?php // other").unwrap();
    ask(&gestor, "verify", &json!({"slug": SLUG})).expect(ExitCode::Drift);
    ask(&gestor, "verify", &json!({"slug": "nobody"})).expect(ExitCode::NotInstalled);
    let expected = [("install_success", 1), ("verify_ok", 1), ("verify_fail", 1)];
    assert_eq!(counts(&gestor, SLUG), of(&expected));
    let rows = gestor.database.rows(
        "SELECT slug, evento, versao, detalhe, em > UTC_TIMESTAMP() - INTERVAL 60 SECOND FROM gestor_plugins_eventos ORDER BY id",
    );
    let row = |event: &str, code: u16| {
        let detail = format!("{{\"codigo\":{code}}}");
        [SLUG, event, "1.0.0", &detail, "1"]
            .map(|text| Some(text.to_owned()))
            .to_vec()
    };
    assert_eq!(rows, [row("verify_ok", 0), row("verify_fail", 33)]);
}

/// What was done is counted with it or not done; everything else goes on without.
#[test]
fn what_cannot_be_counted_afterwards_is_a_warning() {
    let gestor = Gestor::new();
    gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    gestor
        .database
        .run("ALTER TABLE gestor_plugins_contadores CHANGE b6 b7 BIGINT NOT NULL");
    let same = gestor.install(&package("1.0.0"), &[]).expect(ExitCode::Ok);
    let warned = same.report["avisos"].to_string();
    assert!(warned.contains("what happened was not counted"), "{warned}");
    gestor.install(&package("x"), &[]).expect(ExitCode::Validate);
    ask(&gestor, "verify", &json!({"slug": SLUG})).expect(ExitCode::Ok);
    let tree = gestor.tree(SLUG);
    gestor.install(&package("2.0.0"), &[]).expect(ExitCode::Sync);
    assert_eq!(gestor.tree(SLUG), tree);
    gestor
        .database
        .run("ALTER TABLE gestor_plugins_contadores CHANGE b7 b6 BIGINT NOT NULL");
    gestor.install(&package("2.0.0"), &[]).expect(ExitCode::Ok);
    assert_eq!(
        counts(&gestor, SLUG),
        of(&[("install_success", 1), ("update_changed", 1)])
    );
}

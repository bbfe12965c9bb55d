//! Plugins that need each other: what is refused before anything is touched, what passes, who waits and until when.

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;

fn install(gestor: &Gestor, package: &Package, slug: &str, more: &[(&str, Argument)]) -> Ended {
    gestor.install_as(package, slug, more)
}

fn other(gestor: &Gestor, word: &str, more: &Value) -> Ended {
    let mut call = json!({"raiz": gestor.root(), "db": {
        "socket": gestor.database.socket(), "nome": gestor.database.name(), "usuario": "root",
    }});
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    run(called(word, Argument::from(&call), &english()), english(), &mut Quiet)
}

fn status(gestor: &Gestor, slug: &str) -> Option<String> {
    gestor
        .database
        .value(&format!("SELECT status_execucao FROM plugins WHERE id = '{slug}'"))
}

/// Rows and files, without what a refused operation tells of itself.
fn everything(gestor: &Gestor) -> (Vec<String>, Vec<String>) {
    let rows = gestor
        .database
        .dump(&["gestor_plugins_historico", "gestor_plugins_estado", "plugins"]);
    let tree = ["base", "needy"].map(|slug| format!("{:?}", gestor.tree(slug)));
    (rows, tree.to_vec())
}

/// `base` 1.2.0 and `needy` 1.0.0, which needs it.
fn both() -> Gestor {
    let gestor = Gestor::new();
    install(
        &gestor,
        &Package::page_needing("base", "1.2.0", &json!({})),
        "base",
        &[],
    )
    .expect(ExitCode::Ok);
    install(
        &gestor,
        &Package::page_needing("needy", "1.0.0", &json!({"base": "^1.0"})),
        "needy",
        &[],
    )
    .expect(ExitCode::Ok);
    gestor
}

#[test]
fn what_is_lacking_is_named_and_nothing_is_touched() {
    let gestor = Gestor::new();
    let needy = Package::page_needing(
        "needy",
        "1.0.0",
        &json!({"base": "^1.0", "other": {"range": "*", "optional": true}}),
    );
    let before = everything(&gestor);
    for dry_run in [true, false] {
        let refused = install(&gestor, &needy, "needy", &[("dry_run", Argument::Bool(dry_run))]);
        let refused = refused.expect(ExitCode::Dependency);
        let told = refused.report["erros"][0].as_str().unwrap();
        assert!(
            told.contains("base ^1.0 (not installed)") && !told.contains("other"),
            "{told}"
        );
        assert_eq!(everything(&gestor), before);
    }
    let passed = install(
        &gestor,
        &needy,
        "needy",
        &[("ignorar_dependencias", Argument::Bool(true))],
    );
    let passed = passed.expect(ExitCode::Ok);
    assert!(
        passed.report["avisos"].to_string().contains("base ^1.0"),
        "{}",
        passed.report
    );
    assert_eq!(status(&gestor, "needy").as_deref(), Some("aguardando_dependencia"));
    let found = other(&gestor, "verify", &json!({"slug": "needy"})).expect(ExitCode::Drift);
    assert_eq!(
        found.report["dependencias"],
        json!([{"id": "base", "exige": "^1.0", "encontrado": null}])
    );
    // No mark leads away from it; what was lacking does.
    other(&gestor, "mark", &json!({"slug": "needy", "status": "ok"})).expect(ExitCode::Validate);
    install(
        &gestor,
        &Package::page_needing("base", "2.0.0", &json!({})),
        "base",
        &[],
    )
    .expect(ExitCode::Ok);
    assert_eq!(status(&gestor, "needy").as_deref(), Some("aguardando_dependencia"));
    let downgrade = [("forcar", Argument::Bool(true))];
    install(
        &gestor,
        &Package::page_needing("base", "1.2.0", &json!({})),
        "base",
        &downgrade,
    )
    .expect(ExitCode::Ok);
    assert_eq!(status(&gestor, "needy").as_deref(), Some("ok"));
    other(&gestor, "verify", &json!({"slug": "needy"})).expect(ExitCode::Ok);
}

#[test]
fn who_needs_it_is_asked_before_it_goes_or_becomes_another() {
    let gestor = both();
    let next = Package::page_needing("base", "2.0.0", &json!({}));
    let before = everything(&gestor);
    for word in ["uninstall", "disable"] {
        for dry_run in [true, false] {
            let refused = other(&gestor, word, &json!({"slug": "base", "dry_run": dry_run}));
            let refused = refused.expect(ExitCode::Dependency);
            let told = refused.report["erros"][0].as_str().unwrap();
            assert!(told.contains("needy needs base ^1.0"), "{told}");
        }
    }
    assert_eq!(status(&gestor, "base").as_deref(), Some("ok"));
    install(&gestor, &next, "base", &[]).expect(ExitCode::Dependency);
    assert_eq!(everything(&gestor), before);
    other(
        &gestor,
        "disable",
        &json!({"slug": "base", "ignorar_dependencias": true}),
    )
    .expect(ExitCode::Ok);
    assert_eq!(status(&gestor, "needy").as_deref(), Some("aguardando_dependencia"));
    // What is refused changes nothing of that.
    let other_range = Package::page_needing("needy", "0.1.0", &json!({"base": "^1.0"}));
    install(&gestor, &other_range, "needy", &[]).expect(ExitCode::AlreadyInstalled);
    assert_eq!(status(&gestor, "needy").as_deref(), Some("aguardando_dependencia"));
    other(&gestor, "enable", &json!({"slug": "base"})).expect(ExitCode::Ok);
    assert_eq!(status(&gestor, "needy").as_deref(), Some("ok"));
    // Without the one that needs it there is nothing in the way.
    other(&gestor, "uninstall", &json!({"slug": "needy"})).expect(ExitCode::Ok);
    other(&gestor, "uninstall", &json!({"slug": "base"})).expect(ExitCode::Ok);
    other(&gestor, "restore", &json!({"slug": "needy"})).expect(ExitCode::Dependency);
    other(&gestor, "restore", &json!({"slug": "base"})).expect(ExitCode::Ok);
    other(&gestor, "restore", &json!({"slug": "needy"})).expect(ExitCode::Ok);
}

#[test]
fn the_way_back_is_asked_too() {
    let gestor = both();
    install(
        &gestor,
        &Package::page_needing("base", "1.3.0", &json!({})),
        "base",
        &[],
    )
    .expect(ExitCode::Ok);
    install(
        &gestor,
        &Package::page_needing("needy", "1.1.0", &json!({"base": ">=1.3"})),
        "needy",
        &[],
    )
    .expect(ExitCode::Ok);
    other(&gestor, "rollback", &json!({"slug": "base"})).expect(ExitCode::Dependency);
    other(&gestor, "rollback", &json!({"slug": "needy"})).expect(ExitCode::Ok);
    other(&gestor, "rollback", &json!({"slug": "base"})).expect(ExitCode::Ok);
}

#[test]
fn the_gestor_and_php_have_codes_of_their_own() {
    let gestor = Gestor::new();
    let with = |needs: &Value, more: &[(&str, &str)]| {
        let more: Vec<_> = more
            .iter()
            .map(|(key, text)| (*key, Argument::Bytes(text.as_bytes().to_vec())))
            .collect();
        install(
            &gestor,
            &Package::page_needing("needy", "1.0.0", needs),
            "needy",
            &[&more[..], &[("dry_run", Argument::Bool(true))]].concat(),
        )
    };
    let versions = [("gestor_versao", "2.9.43"), ("php_versao", "8.2.1")];
    with(&json!({"gestor": "^2.9", "php": ">=8.1"}), &versions).expect(ExitCode::Ok);
    with(&json!({"gestor": ">=3"}), &versions).expect(ExitCode::Incompatible);
    with(&json!({"php": ">=8.3"}), &versions).expect(ExitCode::Dependency);
    let unknown = with(&json!({"php": ">=99"}), &[]).expect(ExitCode::Ok);
    assert!(
        unknown.report["avisos"].to_string().contains("not known here"),
        "{}",
        unknown.report
    );
}

#[test]
fn a_list_tells_who_needs_whom() {
    let gestor = both();
    let found = other(&gestor, "list", &json!({})).expect(ExitCode::Ok);
    let plugins = found.report["plugins"].as_array().unwrap();
    assert_eq!(
        plugins[0]["dependentes"],
        json!([{"id": "needy", "exige": "^1.0", "opcional": false}])
    );
    assert_eq!(
        plugins[1]["dependencias"],
        json!([{"id": "base", "exige": "^1.0", "opcional": false, "satisfeita": true}])
    );
}

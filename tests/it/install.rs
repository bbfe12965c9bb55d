//! Installations of real packages: what a site's operator sees, and that a second run has nothing to do.

use std::collections::BTreeMap;
use std::fs;

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::core_data::{core_data, load_core_rows, table_of};
use crate::support::fixture;
use crate::support::gestor::Gestor;
use crate::support::package::Package;

/// The plugin that Conn2Flow publishes for tests, as its release holds it.
fn real_plugin() -> Package {
    Package::of_folder(&fixture("plugin-data/test-plugin-public-0.1.8"))
}

const REPROCESS: (&str, Argument) = ("reprocessar", Argument::Bool(true));

/// Tables that an operation may write even when there is nothing to do: its own row, with status and time.
const STATUS: [&str; 3] = ["plugins", "gestor_plugins_historico", "gestor_plugins_estado"];

#[track_caller]
fn assert_nothing_written(ended: &crate::support::operation::Ended) {
    for counter in ["inseridos", "adotados", "alterados", "preservados"] {
        assert_eq!(ended.total(counter), 0, "{counter}: {}", ended.report["tabelas"]);
    }
}

#[test]
fn a_real_plugin_is_installed_then_unchanged_then_reprocessed_without_a_write() {
    let gestor = Gestor::new();
    load_core_rows(&gestor.database);
    let core = gestor.database.dump(&STATUS);

    let first = gestor.install(&real_plugin(), &[]).expect(ExitCode::Ok);
    assert!(first.total("inseridos") > 0, "{}", first.report["tabelas"]);
    assert_eq!(first.report["inalterado"], json!(false));
    let installed = gestor.database.dump(&STATUS);
    assert!(
        core.iter().all(|row| installed.binary_search(row).is_ok()),
        "a core row was changed"
    );

    let again = gestor.install(&real_plugin(), &[]).expect(ExitCode::Ok);
    assert_eq!(again.report["inalterado"], json!(true));
    assert_eq!(gestor.database.dump(&STATUS), installed);

    let reprocessed = gestor.install(&real_plugin(), &[REPROCESS]).expect(ExitCode::Ok);
    assert_eq!(reprocessed.report["inalterado"], json!(false));
    assert_nothing_written(&reprocessed);
    assert_eq!(
        reprocessed.total("iguais"),
        first.total("inseridos") + first.total("iguais")
    );
    assert_eq!(gestor.database.dump(&STATUS), installed);
}

#[test]
fn what_is_recorded_of_a_real_plugin_is_what_its_manifest_says() {
    let gestor = Gestor::new();
    gestor.install(&real_plugin(), &[]).expect(ExitCode::Ok);
    let columns = "versao_instalada, versao, status_execucao, status, origem_tipo, LENGTH(checksum_pacote)";
    let row = gestor.database.rows(&format!(
        "SELECT {columns} FROM plugins WHERE id = 'test-plugin-public'"
    ));
    let texts: Vec<_> = row[0].iter().map(|value| value.as_deref().unwrap_or("NULL")).collect();
    assert_eq!(texts, ["0.1.8", "1008", "ok", "A", "upload", "64"]);
    let tree = gestor.tree("test-plugin-public");
    assert!(tree.contains_key("manifest.json") && tree.contains_key("modules/module-test-id/module-test-id.json"));
    assert!(
        !tree.keys().any(|name| name.starts_with("db")),
        "the installed tree has no db/: {:?}",
        tree.keys()
    );
    assert!(
        gestor
            .paths()
            .kept_package(&slug("test-plugin-public"), "0.1.8".parse().unwrap())
            .is_file()
    );
    assert_eq!(gestor.leftovers(), Vec::<std::path::PathBuf>::new());
}

fn slug(text: &str) -> gestor_plugins::model::Slug {
    gestor_plugins::model::Slug::normalize(text).unwrap()
}

/// All core rows under other ids: a package of the size of a whole gestor.
fn everything_prefixed() -> Package {
    let mut package = Package::new("everything", "1.0.0");
    for (name, mut rows) in core_data() {
        for row in rows.as_array_mut().unwrap() {
            let key = if row["id"].is_string() { "id" } else { "perfil" };
            row[key] = json!(format!("every-{}", row[key].as_str().unwrap()));
            // An explicit primary key is an id too.
            let primary = format!("id_{}", table_of(&name));
            if let Some(value) = row.get(&primary).and_then(Value::as_str) {
                row[&primary] = json!(format!("9{value:0>5}"));
            }
        }
        package = package.data(&name, &rows);
    }
    package
}

fn install_everything(gestor: &Gestor) {
    let files = core_data();
    let rows: usize = files.values().map(|rows| rows.as_array().unwrap().len()).sum();
    let ended = gestor.install(&everything_prefixed(), &[]).expect(ExitCode::Ok);
    assert_eq!(
        (ended.total("inseridos"), files.len()),
        (rows as u64, 18),
        "{}",
        ended.report
    );
    for (name, rows) in &files {
        assert_both_languages(gestor, &table_of(name), rows);
    }
    let before = gestor.database.dump(&STATUS);
    let again = gestor
        .install(&everything_prefixed(), &[REPROCESS])
        .expect(ExitCode::Ok);
    assert_nothing_written(&again);
    assert_eq!(again.total("iguais"), rows as u64);
    assert_eq!(gestor.database.dump(&STATUS), before);
}

fn assert_both_languages(gestor: &Gestor, table: &str, rows: &Value) {
    for language in ["pt-br", "en"] {
        let expected = rows
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["language"] == *language)
            .count();
        if expected > 0 {
            let found = gestor
                .database
                .count(table, &format!("language = '{language}' AND id LIKE 'every-%'"));
            assert_eq!(found, expected as u64, "{table} in {language}");
        }
    }
}

#[test]
fn a_package_as_large_as_the_core_is_installed_in_a_live_gestor() {
    let gestor = Gestor::new();
    load_core_rows(&gestor.database);
    install_everything(&gestor);
}

#[test]
fn a_package_as_large_as_the_core_is_installed_where_db_still_stands() {
    let gestor = Gestor::new();
    load_core_rows(&gestor.database);
    gestor.put_core_data(&core_data());
    install_everything(&gestor);
}

#[test]
fn a_failure_changes_nothing() {
    let gestor = Gestor::new();
    load_core_rows(&gestor.database);
    gestor.install(&real_plugin(), &[]).expect(ExitCode::Ok);
    let (rows, files) = (gestor.database.dump(&STATUS), gestor.tree("test-plugin-public"));
    let recorded = "SELECT versao_instalada, versao, checksum_pacote, manifest_json FROM plugins";
    let metadata = gestor.database.rows(recorded);

    let manifest = fs::read_to_string(fixture("plugin-data/test-plugin-public-0.1.8/manifest.json")).unwrap();
    let broken = real_plugin()
        .file("manifest.json", manifest.replace("0.1.8", "0.1.9"))
        .data(
            "Layouts",
            &json!([{"id": "x", "language": "en", "nome": "y".repeat(400), "html": "z"}]),
        );
    let ended = gestor.install(&broken, &[]).expect(ExitCode::Sync);

    let errors = ended.report["erros"].to_string();
    assert!(
        errors.contains("nome") && errors.contains("LayoutsData.json"),
        "the error names file and column: {errors}"
    );
    assert_eq!(gestor.database.dump(&STATUS), rows);
    assert_eq!(gestor.tree("test-plugin-public"), files);
    assert_eq!(gestor.database.rows(recorded), metadata);
    assert_eq!(
        gestor.database.value("SELECT status_execucao FROM plugins").as_deref(),
        Some("erro")
    );
    gestor.install(&real_plugin(), &[REPROCESS]).expect(ExitCode::Ok);
}

#[test]
fn a_dry_run_leaves_no_trace() {
    let gestor = Gestor::new();
    let before: BTreeMap<_, _> = crate::support::gestor::tree(gestor.root());
    let (rows, tables) = (gestor.database.dump(&[]), gestor.database.tables());
    let ended = gestor
        .install(&real_plugin(), &[("dry_run", Argument::Bool(true))])
        .expect(ExitCode::Ok);
    assert!(ended.total("inseridos") > 0);
    assert_eq!(ended.report["dry_run"], json!(true));
    let mut after = crate::support::gestor::tree(gestor.root());
    // The log tells, and locks may stay.
    after.retain(|name, _| !name.starts_with("logs/plugins") && !name.starts_with("temp/plugins"));
    assert_eq!(after, before);
    assert_eq!((gestor.database.dump(&[]), gestor.database.tables()), (rows, tables));
}

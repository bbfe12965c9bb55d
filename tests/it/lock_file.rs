//! `backups/plugins/plugins.lock.json`: what the database has, after each commit; and installing what it says (`from_lock`).

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::english;
use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;

fn package(slug: &str, version: &str, needs: &Value) -> Package {
    let manifest = json!({"id": slug, "name": slug, "version": version, "dependencies": needs});
    Package::with_manifest(&manifest).file("v.txt", version)
}

fn path(gestor: &Gestor) -> PathBuf {
    gestor.root().join("backups/plugins/plugins.lock.json")
}

fn lock(gestor: &Gestor) -> Value {
    serde_json::from_slice(&fs::read(path(gestor)).unwrap()).unwrap()
}

fn listed(gestor: &Gestor) -> Vec<String> {
    let plugins = lock(gestor)["plugins"].as_array().unwrap().clone();
    plugins
        .iter()
        .map(|one| format!("{} {}", one["slug"].as_str().unwrap(), one["versao"].as_str().unwrap()))
        .collect()
}

fn call(gestor: &Gestor, word: &str, more: &Value) -> Ended {
    let mut call = json!({"raiz": gestor.root(), "lang": "en", "db": {
        "socket": gestor.database.socket(), "nome": gestor.database.name(), "usuario": "root",
    }});
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    run(called(word, Argument::from(&call), &english()), english(), &mut Quiet)
}

#[test]
fn it_tells_what_the_database_has_after_each_commit() {
    let gestor = Gestor::new();
    let install =
        |slug: &str, version: &str, needs: &Value| gestor.install_as(&package(slug, version, needs), slug, &[]);
    install("base", "1.0.0", &json!({})).expect(ExitCode::Ok);
    install(
        "top",
        "1.0.0",
        &json!({"base": "^1", "php": ">=7", "extra": {"range": "*", "optional": true}}),
    )
    .expect(ExitCode::Ok);
    assert_eq!(listed(&gestor), ["base 1.0.0", "top 1.0.0"]);
    let top = &lock(&gestor)["plugins"][1];
    let recorded = gestor
        .database
        .value("SELECT checksum_pacote FROM plugins WHERE id = 'top'");
    assert_eq!(top["sha256"].as_str(), recorded.as_deref());
    assert_eq!(top["dependencias"].as_array().unwrap().len(), 3);
    assert_eq!(top["origem"]["tipo"], "upload");
    let before = fs::metadata(path(&gestor)).unwrap();
    assert_eq!(before.mode() & 0o007, 0);
    // Nothing changes, and it is not touched.
    install("base", "1.0.0", &json!({})).expect(ExitCode::Ok);
    call(&gestor, "recover", &json!({})).expect(ExitCode::Ok);
    assert_eq!(fs::metadata(path(&gestor)).unwrap().ino(), before.ino());
    install("base", "1.1.0", &json!({})).expect(ExitCode::Ok);
    assert_eq!(listed(&gestor), ["base 1.1.0", "top 1.0.0"]);
    call(&gestor, "disable", &json!({"slug": "top"})).expect(ExitCode::Ok);
    assert_eq!(listed(&gestor), ["base 1.1.0"]);
    call(&gestor, "enable", &json!({"slug": "top"})).expect(ExitCode::Ok);
    call(&gestor, "rollback", &json!({"slug": "base"})).expect(ExitCode::Ok);
    assert_eq!(listed(&gestor), ["base 1.0.0", "top 1.0.0"]);
    call(&gestor, "uninstall", &json!({"slug": "top"})).expect(ExitCode::Ok);
    assert_eq!(listed(&gestor), ["base 1.0.0"]);
    // A refused one writes nothing, nor does a dry run.
    let before = fs::read(path(&gestor)).unwrap();
    install("top", "1.0.0", &json!({"gone": "*"})).expect(ExitCode::Dependency);
    assert_eq!(fs::read(path(&gestor)).unwrap(), before);
}

#[test]
fn one_that_cannot_be_written_is_a_warning() {
    let gestor = Gestor::new();
    gestor
        .install_as(&package("base", "1.0.0", &json!({})), "base", &[])
        .expect(ExitCode::Ok);
    fs::remove_file(path(&gestor)).unwrap();
    fs::create_dir(path(&gestor)).unwrap();
    fs::write(path(&gestor).join("x"), "x").unwrap();
    fs::create_dir(path(&gestor).with_file_name("plugins.lock.json.recusado")).unwrap();
    fs::write(
        path(&gestor).with_file_name("plugins.lock.json.recusado").join("x"),
        "x",
    )
    .unwrap();
    let done = gestor
        .install_as(&package("base", "1.1.0", &json!({})), "base", &[])
        .expect(ExitCode::Ok);
    assert!(
        done.report["avisos"].to_string().contains("plugins.lock.json"),
        "{}",
        done.report["avisos"]
    );
}

#[test]
fn a_strangers_is_set_aside_and_no_secret_stands_in_it() {
    let gestor = Gestor::new();
    gestor
        .install_as(&package("base", "1.0.0", &json!({})), "base", &[])
        .expect(ExitCode::Ok);
    gestor.database.run("UPDATE plugins SET origem_tipo = 'url', origem_referencia = 'https://user:secret@example.org/a.zip?token=ghp_0123456789abcdef0123456789abcdef0123', origem_credencial_ref = 'ghp_0123456789abcdef0123456789abcdef0123'");
    fs::write(path(&gestor), "a stranger's").unwrap();
    fs::set_permissions(path(&gestor), fs::Permissions::from_mode(0o666)).unwrap();
    gestor
        .install_as(&package("other", "1.0.0", &json!({})), "other", &[])
        .expect(ExitCode::Ok);
    let text = fs::read_to_string(path(&gestor)).unwrap();
    assert!(!text.contains("secret") && !text.contains("ghp_"), "{text}");
    assert_eq!(listed(&gestor), ["base 1.0.0", "other 1.0.0"]);
    let aside = path(&gestor).with_file_name("plugins.lock.json.recusado");
    assert_eq!(fs::read_to_string(aside).unwrap(), "a stranger's");
}

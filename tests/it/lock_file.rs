//! `backups/plugins/plugins.lock.json`: what the database has, after each commit; and installing what it says (`from_lock`).

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;
use crate::support::{child, english};

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
    let install = |slug: &str, version: &str, needs: &Value| {
        gestor.install_as(&Package::needing(slug, version, needs), slug, &[])
    };
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
        .install_as(&Package::needing("base", "1.0.0", &json!({})), "base", &[])
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
        .install_as(&Package::needing("base", "1.1.0", &json!({})), "base", &[])
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
        .install_as(&Package::needing("base", "1.0.0", &json!({})), "base", &[])
        .expect(ExitCode::Ok);
    gestor.database.run("UPDATE plugins SET origem_tipo = 'url', origem_referencia = 'https://user:secret@example.org/a.zip?token=ghp_0123456789abcdef0123456789abcdef0123', origem_credencial_ref = 'ghp_0123456789abcdef0123456789abcdef0123'");
    fs::write(path(&gestor), "a stranger's").unwrap();
    fs::set_permissions(path(&gestor), fs::Permissions::from_mode(0o666)).unwrap();
    gestor
        .install_as(&Package::needing("other", "1.0.0", &json!({})), "other", &[])
        .expect(ExitCode::Ok);
    let text = fs::read_to_string(path(&gestor)).unwrap();
    assert!(!text.contains("secret") && !text.contains("ghp_"), "{text}");
    assert_eq!(listed(&gestor), ["base 1.0.0", "other 1.0.0"]);
    let aside = path(&gestor).with_file_name("plugins.lock.json.recusado");
    assert_eq!(fs::read_to_string(aside).unwrap(), "a stranger's");
}

/// A site with `base` 1.0.0 and `top` 1.0.0, of which the lock file is kept, that has gone on since.
fn gone_on() -> (Gestor, tempfile::TempDir, PathBuf) {
    let gestor = Gestor::new();
    let install = |slug: &str, version: &str, needs: &Value| {
        let done = gestor.install_as(&Package::needing(slug, version, needs), slug, &[]);
        done.expect(ExitCode::Ok);
    };
    install("base", "1.0.0", &json!({}));
    install("top", "1.0.0", &json!({"base": "^1"}));
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("site.lock.json");
    fs::copy(path(&gestor), &copy).unwrap();
    call(&gestor, "uninstall", &json!({"slug": "top"})).expect(ExitCode::Ok);
    call(&gestor, "uninstall", &json!({"slug": "base"})).expect(ExitCode::Ok);
    (gestor, folder, copy)
}

fn kept(gestor: &Gestor, slug: &str) -> PathBuf {
    gestor.root().join(format!("backups/plugins/{slug}/1.0.0.zip"))
}

#[test]
fn a_lock_file_is_installed_to_the_byte_in_one_transition() {
    let (gestor, _folder, copy) = gone_on();
    let shown = call(&gestor, "batch", &json!({"from_lock": copy, "dry_run": true})).expect(ExitCode::Ok);
    assert_eq!(shown.report["plugins"].as_array().unwrap().len(), 2);
    assert!(listed(&gestor).is_empty());
    call(&gestor, "batch", &json!({"from_lock": copy})).expect(ExitCode::Ok);
    assert_eq!(listed(&gestor), ["base 1.0.0", "top 1.0.0"]);
    let digests = |lock: &Value| {
        lock["plugins"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["sha256"].clone())
            .collect::<Vec<_>>()
    };
    let wanted: Value = serde_json::from_slice(&fs::read(&copy).unwrap()).unwrap();
    assert_eq!(digests(&lock(&gestor)), digests(&wanted));
    // What is there already is left alone.
    let again = call(&gestor, "batch", &json!({"from_lock": copy})).expect(ExitCode::Ok);
    assert_eq!(again.report["plugins"], json!([]));
    // The site's own file, where it stands.
    call(&gestor, "batch", &json!({"from_lock": path(&gestor)})).expect(ExitCode::Ok);
}

#[test]
fn a_package_that_is_missing_or_altered_is_refused_before_anything() {
    let (gestor, folder, copy) = gone_on();
    let before = gestor.database.dump(&[]);
    let from_lock = |more: &Value| {
        let mut parameters = json!({"from_lock": copy});
        parameters
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        call(&gestor, "batch", &parameters)
    };
    let package_of_top = fs::read(kept(&gestor, "top")).unwrap();
    fs::write(kept(&gestor, "top"), "altered").unwrap();
    let refused = from_lock(&json!({})).expect(ExitCode::Checksum);
    assert!(
        refused.report["erros"].to_string().contains("top 1.0.0"),
        "{}",
        refused.report["erros"]
    );
    fs::remove_file(kept(&gestor, "top")).unwrap();
    let refused = from_lock(&json!({})).expect(ExitCode::Dependency);
    assert!(
        refused.report["erros"].to_string().contains("top 1.0.0"),
        "{}",
        refused.report["erros"]
    );
    // In the folder: another one, and then the right one.
    let index = folder.path().join("index");
    fs::create_dir(&index).unwrap();
    Package::needing("top", "1.0.0", &json!({}))
        .file("other.txt", "x")
        .write(&index.join("top.zip"));
    from_lock(&json!({"pasta_indice": index})).expect(ExitCode::Checksum);
    assert_eq!(gestor.database.dump(&[]), before);
    assert!(listed(&gestor).is_empty());
    fs::write(index.join("top.zip"), package_of_top).unwrap();
    from_lock(&json!({"pasta_indice": index, "gestor_versao": "2.9.43"})).expect(ExitCode::Ok);
    assert_eq!(listed(&gestor), ["base 1.0.0", "top 1.0.0"]);
}

#[test]
fn a_lock_file_that_cannot_be_meant_or_is_a_strangers_is_refused() {
    let (gestor, folder, copy) = gone_on();
    let text = fs::read_to_string(&copy).unwrap();
    let mut other_gestor: Value = serde_json::from_str(&text).unwrap();
    other_gestor["gestor"] = json!("9.0.0");
    for (wrong, code) in [
        ("{", ExitCode::ParamsOrFile),
        (&"[".repeat(200_000), ExitCode::ParamsOrFile),
        (
            &text.replace("\"formato\": 1", "\"formato\": 7"),
            ExitCode::ParamsOrFile,
        ),
        (&text.replace("\"base\",", "\"../base\","), ExitCode::ParamsOrFile),
        (
            &text.replace("\"slug\": \"base\"", "\"slug\": 7"),
            ExitCode::ParamsOrFile,
        ),
        (
            &text.replace("\"slug\": \"base\"", "\"slug\": \"unknown\""),
            ExitCode::Dependency,
        ),
    ] {
        fs::write(&copy, wrong).unwrap();
        call(&gestor, "batch", &json!({"from_lock": copy})).expect(code);
    }
    fs::write(&copy, &text).unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o666)).unwrap();
    call(&gestor, "batch", &json!({"from_lock": copy})).expect(ExitCode::Move);
    call(&gestor, "batch", &json!({"from_lock": folder.path().join("absent")})).expect(ExitCode::Move);
    assert!(listed(&gestor).is_empty());
    fs::remove_file(&copy).unwrap();
    fs::write(&copy, other_gestor.to_string()).unwrap();
    let done = call(&gestor, "batch", &json!({"from_lock": copy, "gestor_versao": "2.9.43"})).expect(ExitCode::Ok);
    assert!(
        done.report["avisos"].to_string().contains("9.0.0"),
        "{}",
        done.report["avisos"]
    );
}

#[test]
fn a_run_that_was_killed_before_it_was_written_is_made_good_for() {
    for (point, next) in [
        ("unlocked", "recover"),
        ("committed", "recover"),
        ("unlocked", "install"),
    ] {
        let gestor = Gestor::new();
        gestor
            .install_as(&Package::needing("base", "1.0.0", &json!({})), "base", &[])
            .expect(ExitCode::Ok);
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("base.zip");
        Package::needing("base", "1.1.0", &json!({})).write(&archive);
        let killed = child::start(
            &child::call(&gestor, &archive, "base", false),
            Some(&format!("{point}:kill")),
        )
        .wait()
        .unwrap();
        assert!(killed.code().is_none(), "{point}: {killed}");
        assert_eq!(listed(&gestor), ["base 1.0.0"], "{point}");
        match next {
            "recover" => call(&gestor, "recover", &json!({})).expect(ExitCode::Ok),
            _ => gestor
                .install_as(&Package::needing("base", "1.1.0", &json!({})), "base", &[])
                .expect(ExitCode::Ok),
        };
        assert_eq!(listed(&gestor), ["base 1.1.0"], "{point} {next}");
    }
}

//! Folders as packages, and sources where none may stand.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::{SLUG, dry_run, installed, package};
use crate::support::gestor::{Gestor, tree};
use crate::support::mount::Mount;
use crate::support::operation::{Ended, Quiet, called, install, run};
use crate::support::text_argument;

fn install_folder(gestor: &Gestor, folder: &Path, more: &[(&str, Argument)]) -> Ended {
    let Argument::Map(mut entries) = gestor.call(Path::new("/none"), SLUG, more) else {
        unreachable!("a call is a map")
    };
    entries.retain(|(key, _)| key != "origem_tipo" && key != "arquivo");
    for (key, value) in [("origem_tipo", "local_path"), ("local_path", folder.to_str().unwrap())] {
        entries.push((key.to_owned(), text_argument(value)));
    }
    install(Argument::Map(entries))
}

fn put(folder: &Path, files: &[(&str, &str)]) {
    for (path, content) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

fn manifest(version: &str) -> String {
    json!({"id": SLUG, "name": SLUG, "version": version}).to_string()
}

fn pages(html: &str) -> Value {
    json!([{"id": "one", "nome": "N", "language": "pt-br", "html": html, "caminho": "one/"}])
}

fn html(gestor: &Gestor) -> String {
    gestor
        .database
        .value("SELECT html FROM paginas WHERE id = 'one'")
        .unwrap()
}

fn first_error(ended: &Ended) -> String {
    ended.report["erros"][0].as_str().unwrap().to_owned()
}

#[test]
fn what_a_package_cannot_hold_is_refused_or_named() {
    let gestor = Gestor::new();
    let folder = tempfile::tempdir().unwrap();
    put(
        folder.path(),
        &[
            ("manifest.json", &manifest("1.0.0")),
            ("inc/a.php", "<?php"),
            (".git/config", "x"),
        ],
    );
    symlink("../inc/a.php", folder.path().join("inc/b.php")).unwrap();
    let ended = install_folder(&gestor, folder.path(), &[]).expect(ExitCode::Ok);
    let told = ended.report["avisos"].to_string();
    assert!(told.contains("inc/b.php") && !told.contains(".git"), "{told}");
    fs::write(folder.path().join("back\\slash.php"), "x").unwrap();
    let ended = install_folder(&gestor, folder.path(), &[]).expect(ExitCode::ZipInvalid);
    assert!(first_error(&ended).contains("slash.php"));
    fs::remove_file(folder.path().join("back\\slash.php")).unwrap();
    fs::write(folder.path().join("inc/A.php"), "x").unwrap();
    let ended = install_folder(&gestor, folder.path(), &[]).expect(ExitCode::ZipInvalid);
    assert!(first_error(&ended).contains("A.php"));
    fs::remove_file(folder.path().join("inc/A.php")).unwrap();
    let _mounted = Mount::memory(&folder.path().join("inc"), "1m");
    let ended = install_folder(&gestor, folder.path(), &[]).expect(ExitCode::Move);
    assert!(first_error(&ended).contains("inc is a mount point"));
}

#[test]
fn limits_hold_before_a_folder_is_packed() {
    let gestor = Gestor::new();
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), &[("manifest.json", &manifest("1.0.0")), ("a/b/c", "x")]);
    // As much as no disk has: it would be read for ever.
    fs::File::create(folder.path().join("sparse"))
        .unwrap()
        .set_len(1 << 42)
        .unwrap();
    let ended = install_folder(&gestor, folder.path(), &[]).expect(ExitCode::ZipInvalid);
    assert!(first_error(&ended).contains("ZIP_ENTRY_TOO_LARGE"));
    assert_eq!(gestor.leftovers().len(), 0);
}

#[test]
fn a_folder_without_a_manifest_is_refused_and_our_own_output_is_not_read() {
    let gestor = Gestor::new();
    fs::File::create(gestor.root().join("contents/huge"))
        .unwrap()
        .set_len(1 << 42)
        .unwrap();
    for path in ["", "temp", "plugins", "contents"] {
        let ended = install_folder(&gestor, &gestor.root().join(path), &[]).expect(ExitCode::Validate);
        assert!(
            first_error(&ended).contains("manifest.json"),
            "{path}: {}",
            first_error(&ended)
        );
    }
    // A plugin's sources around a gestor: staging and backups below it are left out, and told.
    put(gestor.root(), &[("manifest.json", &manifest("1.0.0"))]);
    fs::remove_file(gestor.root().join("contents/huge")).unwrap();
    put(
        gestor.root(),
        &[("plugins/_backups/old.zip", "x"), ("backups/plugins/q/1.0.0.zip", "x")],
    );
    let ended = install_folder(&gestor, gestor.root(), &[]).expect(ExitCode::Ok);
    let told = ended.report["avisos"].to_string();
    for own in ["temp/plugins", "plugins/_backups", "backups/plugins"] {
        assert!(told.contains(own), "{told}");
        assert!(!gestor.root().join("plugins/p").join(own).exists());
    }
    assert!(gestor.root().join("plugins/p/config.php").exists());
}

#[test]
fn a_source_in_staging_is_refused_and_stands() {
    let gestor = installed();
    let work = gestor.root().join("temp/plugins");
    put(
        &work,
        &[
            ("p/folder/manifest.json", &manifest("1.1.0")),
            ("q/folder/manifest.json", &manifest("1.1.0")),
        ],
    );
    let near = gestor.root().join("plugins/.staging");
    put(&near, &[("p/manifest.json", &manifest("1.1.0"))]);
    package("1.1.0").write(&work.join("p/package.zip"));
    symlink(work.join("p"), gestor.root().join("contents/link")).unwrap();
    let before = tree(gestor.root());
    let folders = [
        work.join("p/folder"),
        work.join("q/folder"),
        near.join("p"),
        gestor.root().join("contents/link/folder"),
    ];
    for more in [&[dry_run()][..], &[]] {
        for folder in &folders {
            let ended = install_folder(&gestor, folder, more).expect(ExitCode::ParamsOrFile);
            assert!(first_error(&ended).contains("working folder"));
        }
        for path in ["temp/plugins/p/package.zip", "contents/link/package.zip"] {
            let call = gestor.call(&gestor.root().join(path), SLUG, more);
            install(call).expect(ExitCode::ParamsOrFile);
        }
        let sync = json!({"slug": SLUG, "pasta": work.join("p/folder"), "raiz": gestor.root(), "lang": "en"});
        let Argument::Map(mut call) = Argument::from(&sync) else {
            unreachable!()
        };
        call.push(("db".to_owned(), gestor.database.argument()));
        let parameters = called("sync", Argument::Map(call), &crate::support::english());
        run(parameters, crate::support::english(), &mut Quiet).expect(ExitCode::ParamsOrFile);
        let mut after = tree(gestor.root());
        after.retain(|path, _| before.contains_key(path));
        let log = "logs/plugins/installer.log";
        let without_log = |mut tree: std::collections::BTreeMap<String, String>| {
            tree.remove(log);
            tree
        };
        assert_eq!(without_log(after), without_log(before.clone()));
    }
}

#[test]
fn the_installed_folder_brings_its_own_db_where_it_has_one() {
    let gestor = Gestor::new();
    let first = package("1.0.0")
        .data("Paginas", &pages("<p>old</p>"))
        .file("db/migrations/20260101000000_one.php", "<?php")
        .file("db/data/.gitkeep", "");
    gestor.install(&first, &[]).expect(ExitCode::Ok);
    let folder = gestor.root().join("plugins/p");
    // The same version with other data.
    put(
        &folder,
        &[("db/data/PaginasData.json", &pages("<p>new</p>").to_string())],
    );
    let ended = install_folder(&gestor, &folder, &[]).expect(ExitCode::Ok);
    assert_eq!(
        (&ended.report["inalterado"], html(&gestor).as_str()),
        (&json!(false), "<p>new</p>")
    );
    assert!(!folder.join("db").exists());
    let kept = gestor.root().join("backups/plugins/p/1.0.0.zip");
    let members = |path: &Path| -> Vec<String> {
        let archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
        archive
            .file_names()
            .map(|name| name.unwrap().into_owned())
            .filter(|name| name.starts_with("db/") && !name.ends_with('/') && !name.ends_with(".gitkeep"))
            .collect()
    };
    assert_eq!(
        members(&kept),
        ["db/data/PaginasData.json", "db/migrations/20260101000000_one.php"]
    );
    // Nothing of db/ in the folder: all of it comes from the kept package, and nothing changes.
    install_folder(&gestor, &folder, &[("reprocessar", Argument::Bool(true))]).expect(ExitCode::Ok);
    assert_eq!((html(&gestor).as_str(), members(&kept).len()), ("<p>new</p>", 2));
    // A newer version with all of its own; a folder that is only kept has nothing of its own.
    put(
        &folder,
        &[
            ("manifest.json", &manifest("1.1.0")),
            ("db/migrations/20260201000000_two.php", "<?php"),
        ],
    );
    put(&folder, &[("db/data/.gitkeep", "")]);
    install_folder(&gestor, &folder, &[]).expect(ExitCode::Ok);
    let kept = gestor.root().join("backups/plugins/p/1.1.0.zip");
    assert_eq!(
        members(&kept),
        ["db/migrations/20260201000000_two.php", "db/data/PaginasData.json"]
    );
    assert_eq!(html(&gestor), "<p>new</p>");
}

#[test]
fn data_that_is_not_applied_is_named() {
    let gestor = Gestor::new();
    let mut odd = package("1.0.0")
        .data("Paginas", &pages("x"))
        .file("db/data/VariaveisData.JSON", "[]");
    for number in 10..30 {
        odd = odd.file(&format!("db/data/pt-br/L{number}Data.json"), "[]");
    }
    let ended = gestor.install(&odd, &[]).expect(ExitCode::Ok);
    let told = ended.report["avisos"].to_string();
    for part in [
        "db/data/VariaveisData.JSON",
        "db/data/pt-br/L10Data.json",
        "and 11 more",
    ] {
        assert!(told.contains(part) && gestor.log().contains(part), "{part}: {told}");
    }
    let folder = tempfile::tempdir().unwrap();
    put(
        folder.path(),
        &[
            ("PaginasData.json", &pages("y").to_string()),
            ("en/LayoutsData.json", "[]"),
            ("layoutsdata.json", "[]"),
        ],
    );
    std::os::unix::fs::symlink("PaginasData.json", folder.path().join("ModulosData.json")).unwrap();
    nix::unistd::mkfifo(&folder.path().join("VariaveisData.json"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let sync = json!({"slug": SLUG, "pasta": folder.path(), "raiz": gestor.root(), "lang": "en"});
    let Argument::Map(mut call) = Argument::from(&sync) else {
        unreachable!()
    };
    call.push(("db".to_owned(), gestor.database.argument()));
    let parameters = called("sync", Argument::Map(call), &crate::support::english());
    let ended = run(parameters, crate::support::english(), &mut Quiet).expect(ExitCode::Ok);
    let told = ended.report["avisos"].to_string();
    assert!(
        told.contains("en/LayoutsData.json") && told.contains("layoutsdata.json"),
        "{told}"
    );
    let linked = ended.report["avisos"].as_array().unwrap().iter().map(Value::to_string);
    let linked: Vec<String> = linked.filter(|line| line.contains("links or special files")).collect();
    assert!(
        linked.len() == 1 && linked[0].contains("ModulosData.json") && linked[0].contains("VariaveisData.json"),
        "{told}"
    );
}

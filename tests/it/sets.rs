//! Sets: what a database has as one file (`plugin_export`), and installed from it on another site.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use gestor_plugins::config::Argument;
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use crate::support::gestor::Gestor;
use crate::support::operation::{Ended, Quiet, called, run};
use crate::support::package::Package;
use crate::support::{child, english};

fn call(gestor: &Gestor, word: &str, more: &Value) -> Ended {
    let mut call = json!({"raiz": gestor.root(), "lang": "en", "db": {
        "socket": gestor.database.socket(), "nome": gestor.database.name(), "usuario": "root",
    }});
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    run(called(word, Argument::from(&call), &english()), english(), &mut Quiet)
}

/// A site with two plugins, one of which needs the other.
fn two() -> Gestor {
    let gestor = Gestor::new();
    for (slug, needs) in [("base", json!({})), ("top", json!({"base": "^1"}))] {
        let package = Package::needing(slug, "1.2.0", &needs);
        gestor.install_as(&package, slug, &[]).expect(ExitCode::Ok);
    }
    gestor
}

fn exported(gestor: &Gestor, folder: &Path) -> PathBuf {
    let set = folder.join("set.zip");
    call(gestor, "export", &json!({"conjunto": set})).expect(ExitCode::Ok);
    set
}

fn installed(gestor: &Gestor) -> Option<String> {
    gestor.database.value(
        "SELECT GROUP_CONCAT(CONCAT(id, ' ', versao_instalada, ' ', checksum_pacote) ORDER BY id) FROM plugins WHERE checksum_pacote IS NOT NULL",
    )
}

fn staged(gestor: &Gestor) -> Vec<String> {
    let names = fs::read_dir(gestor.root().join("temp/plugins"))
        .map(|folder| folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()));
    names
        .into_iter()
        .flatten()
        .filter(|name| name.starts_with(".conjunto"))
        .collect()
}

#[test]
fn another_site_gets_what_this_one_has() {
    let (here, there, folder) = (two(), Gestor::new(), tempfile::tempdir().unwrap());
    let set = folder.path().join("set.zip");
    let done = call(&here, "export", &json!({"conjunto": set})).expect(ExitCode::Ok);
    assert_eq!(done.report["conjunto"], json!(set));
    let named: Vec<_> = done.report["plugins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["slug"])
        .collect();
    assert_eq!(named, ["base", "top"]);
    assert_eq!(fs::metadata(&set).unwrap().permissions().mode() & 0o077, 0);
    // A dry run tells what would come, and leaves nothing.
    let shown = call(&there, "batch", &json!({"conjunto": set, "dry_run": true})).expect(ExitCode::Ok);
    assert_eq!(shown.report["plugins"].as_array().unwrap().len(), 2);
    assert_eq!((installed(&there), staged(&there)), (None, vec![]));
    call(&there, "batch", &json!({"conjunto": set})).expect(ExitCode::Ok);
    assert_eq!(installed(&there), installed(&here));
    assert_eq!(staged(&there), Vec::<String>::new());
    // What is there to the byte is not touched again.
    let again = call(&there, "batch", &json!({"conjunto": set})).expect(ExitCode::Ok);
    assert_eq!(again.report["plugins"], json!([]));
    // It is kept there, so the other site can export it as well.
    let further = tempfile::tempdir().unwrap();
    exported(&there, further.path());
}

#[test]
fn what_is_not_in_it_is_told() {
    let (gestor, folder) = (two(), tempfile::tempdir().unwrap());
    call(&gestor, "disable", &json!({"slug": "top"})).expect(ExitCode::Ok);
    let set = folder.path().join("set.zip");
    let done = call(&gestor, "export", &json!({"conjunto": set})).expect(ExitCode::Ok);
    assert_eq!(done.report["plugins"].as_array().unwrap().len(), 1);
    assert!(
        done.report["avisos"].to_string().contains("top is not in the set"),
        "{}",
        done.report["avisos"]
    );
}

#[test]
fn a_set_that_lacks_a_package_is_not_written() {
    let (gestor, folder) = (two(), tempfile::tempdir().unwrap());
    let set = folder.path().join("set.zip");
    fs::remove_file(gestor.root().join("backups/plugins/base/1.2.0.zip")).unwrap();
    let refused = call(&gestor, "export", &json!({"conjunto": set})).expect(ExitCode::Irreversible);
    assert!(
        refused.report["erros"].to_string().contains("base 1.2.0"),
        "{}",
        refused.report["erros"]
    );
    assert_eq!(refused.report["conjunto"], Value::Null);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    // A kept one that was altered is none.
    fs::write(gestor.root().join("backups/plugins/base/1.2.0.zip"), "x").unwrap();
    call(&gestor, "export", &json!({"conjunto": set})).expect(ExitCode::Irreversible);
}

#[test]
fn no_file_is_replaced_and_nothing_is_left_where_writing_fails() {
    let (gestor, folder) = (two(), tempfile::tempdir().unwrap());
    let set = folder.path().join("set.zip");
    fs::write(&set, "mine").unwrap();
    call(&gestor, "export", &json!({"conjunto": set})).expect(ExitCode::Move);
    assert_eq!(fs::read_to_string(&set).unwrap(), "mine");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    call(
        &gestor,
        "export",
        &json!({"conjunto": folder.path().join("absent/set.zip")}),
    )
    .expect(ExitCode::Move);
}

/// Makes another archive of the members of a set, with one replaced or left out.
fn altered(set: &Path, member: &str, bytes: Option<&[u8]>) -> PathBuf {
    let work = set.with_extension("d");
    fs::create_dir(&work).unwrap();
    let unzip = Command::new("unzip")
        .arg("-q")
        .arg(set)
        .arg("-d")
        .arg(&work)
        .status()
        .unwrap();
    assert!(unzip.success());
    match bytes {
        Some(bytes) => fs::write(work.join(member), bytes).unwrap(),
        None => fs::remove_file(work.join(member)).unwrap(),
    }
    let altered = set.with_file_name("altered.zip");
    let _ = fs::remove_file(&altered);
    let zip = Command::new("zip")
        .args(["-q", "-r"])
        .arg(&altered)
        .arg(".")
        .current_dir(&work)
        .status()
        .unwrap();
    assert!(zip.success());
    fs::remove_dir_all(&work).unwrap();
    altered
}

#[test]
fn a_set_that_was_altered_installs_nothing() {
    let (here, there, folder) = (two(), Gestor::new(), tempfile::tempdir().unwrap());
    let set = exported(&here, folder.path());
    let try_it = |set: &Path, more: &Value, code: ExitCode| {
        let mut parameters = json!({"conjunto": set});
        parameters
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let refused = call(&there, "batch", &parameters).expect(code);
        assert_eq!((installed(&there), staged(&there)), (None, vec![]));
        refused.report["erros"].to_string()
    };
    let none = json!({});
    let told = try_it(
        &altered(&set, "pacotes/top-1.2.0.zip", Some(b"x")),
        &none,
        ExitCode::Checksum,
    );
    assert!(told.contains("pacotes/top-1.2.0.zip"), "{told}");
    let told = try_it(
        &altered(&set, "pacotes/top-1.2.0.zip", None),
        &none,
        ExitCode::Dependency,
    );
    assert!(told.contains("top 1.2.0"), "{told}");
    try_it(&altered(&set, "plugins.lock.json", None), &none, ExitCode::ParamsOrFile);
    try_it(
        &altered(&set, "plugins.lock.json", Some(b"{}")),
        &none,
        ExitCode::ParamsOrFile,
    );
    let no_zip = folder.path().join("text.zip");
    fs::write(&no_zip, "no archive").unwrap();
    let told = try_it(&no_zip, &none, ExitCode::ParamsOrFile);
    assert!(told.contains("is no set of plugins"), "{told}");
    try_it(&set, &json!({"limites": {"bytes_pacote": 100}}), ExitCode::Checksum);
    try_it(&folder.path().join("absent.zip"), &none, ExitCode::Move);
    // Whoever may write to it chooses what is installed.
    fs::set_permissions(&set, fs::Permissions::from_mode(0o666)).unwrap();
    try_it(&set, &none, ExitCode::Move);
}

#[test]
fn what_a_killed_import_took_out_of_a_set_goes_with_recovery_or_the_next_one() {
    let (here, there, folder) = (two(), Gestor::new(), tempfile::tempdir().unwrap());
    let set = exported(&here, folder.path());
    let killed = || {
        let told = json!({
            "operacao": "batch", "conjunto": set, "raiz": there.root(), "lang": "en", "espera_lock": 20,
            "db": {"socket": there.database.socket(), "nome": there.database.name(), "usuario": "root"},
        });
        assert!(!child::start(&told, Some("journal:kill")).wait().unwrap().success());
        assert_eq!(staged(&there).len(), 1);
    };
    killed();
    call(&there, "recover", &json!({})).expect(ExitCode::Ok);
    assert_eq!((installed(&there), staged(&there)), (None, vec![]));
    killed();
    call(&there, "batch", &json!({"conjunto": set})).expect(ExitCode::Ok);
    assert_eq!((installed(&there), staged(&there)), (installed(&here), vec![]));
}

//! What cannot be removed stops nothing, is not served where that is possible, and is not forgotten until it is gone.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use gestor_plugins::outcome::ExitCode;
use nix::sys::stat::Mode;
use serde_json::{Value, json};

use super::{gestor, package, run, text};
use crate::support::gestor::Gestor;
use crate::support::mount::Mount;
use crate::support::operation::Ended;
use crate::support::package::Package;
use crate::support::scene::SLUG;

/// Nobody can remove or rename it, not even root, until it is dropped.
struct Immutable {
    path: PathBuf,
    flag: &'static str,
}

impl Immutable {
    fn make(path: &Path, flag: &'static str) -> Self {
        let path = path.to_owned();
        assert!(
            chattr(&format!("+{flag}"), &path),
            "run as root, where the temporary folder's file system has chattr"
        );
        Self { path, flag }
    }
}

impl Drop for Immutable {
    fn drop(&mut self) {
        chattr(&format!("-{}", self.flag), &self.path);
    }
}

fn chattr(change: &str, path: &Path) -> bool {
    let status = Command::new("chattr").arg(change).arg(path).status();
    status.expect("install e2fsprogs: this test needs chattr").success()
}

fn asset(gestor: &Gestor, path: &str) -> PathBuf {
    gestor.root().join("assets").join(path)
}

fn record(gestor: &Gestor) -> PathBuf {
    gestor.root().join(format!("plugins/.instalado/{SLUG}.assets"))
}

fn recover(gestor: &Gestor) -> Ended {
    run(gestor, "recover", &json!({}))
}

/// One of a plugin whose styles change, and its picture under a name that stays.
fn changed(version: &str) -> Package {
    package(SLUG, "m", version).file("assets/1.0.0/img/logo.svg", format!("<svg>{version}</svg>"))
}

/// Every file below a folder, by its name.
fn names(folder: &Path) -> Vec<PathBuf> {
    let found = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let files = found.filter(|entry| !entry.file_type().is_dir());
    files.map(walkdir::DirEntry::into_path).collect()
}

/// What was exchanged and cannot be removed: it is kept from being served, stops nothing, is told, and goes later.
fn assert_stops_nothing(gestor: &Gestor, what: &str, free: impl FnOnce()) {
    let told = |ended: &Ended| ended.report["avisos"].to_string();
    let first = gestor.install(&changed("1.1.0"), &[]).expect(ExitCode::Ok);
    assert!(told(&first).contains(".leftover-"), "{what}: {}", told(&first));
    let served = names(&gestor.root().join("assets"));
    assert!(
        !served.iter().any(|path| path.ends_with("own.txt")),
        "{what}: {served:?}"
    );
    for version in ["1.2.0", "1.3.0"] {
        let next = gestor.install(&changed(version), &[]).expect(ExitCode::Ok);
        assert!(told(&next).contains(".leftover-"), "{what}: {}", told(&next));
        run(gestor, "verify", &json!({})).expect(ExitCode::Ok);
    }
    run(gestor, "uninstall", &json!({})).expect(ExitCode::Ok);
    free();
    recover(gestor).expect(ExitCode::Ok);
    let left = names(&gestor.root().join("temp/plugins"));
    assert!(!left.iter().any(|path| path.ends_with("own.txt")), "{what}: {left:?}");
    assert!(!gestor.root().join("assets/.plugins").exists(), "{what}");
}

#[test]
fn an_immutable_file_in_a_folder_that_is_replaced_stops_nothing() {
    let gestor = gestor();
    gestor.install(&package(SLUG, "m", "1.0.0"), &[]).expect(ExitCode::Ok);
    let own = asset(&gestor, &format!("plugins/{SLUG}/1.0.0/img/own.txt"));
    fs::write(&own, "OWN").unwrap();
    let immutable = Immutable::make(&own, "i");
    // It is moved with its folder: where it stands then is not known here.
    assert_stops_nothing(&gestor, "immutable", || {
        let moved = names(&gestor.root().join("temp/plugins"));
        let moved: Vec<_> = moved.iter().filter(|path| path.ends_with("own.txt")).collect();
        assert_eq!(moved.len(), 1, "{moved:?}");
        assert!(chattr("-i", moved[0]));
        drop(immutable);
    });
    let kept = gestor.root().join(format!(
        "plugins/_backups/{SLUG}-assets/plugins/{SLUG}/1.0.0/img/own.txt"
    ));
    assert_eq!(fs::read_to_string(kept).unwrap(), "OWN");
}

#[test]
fn where_assets_is_a_file_system_of_its_own_a_leftover_is_closed() {
    let gestor = gestor();
    let elsewhere = tempfile::tempdir().unwrap();
    let _mounted = Mount::bind(elsewhere.path(), &gestor.root().join("assets"));
    gestor.install(&package(SLUG, "m", "1.0.0"), &[]).expect(ExitCode::Ok);
    let own = asset(&gestor, &format!("plugins/{SLUG}/1.0.0/img/own.txt"));
    fs::write(&own, "OWN").unwrap();
    let immutable = Immutable::make(&own, "i");
    for version in ["1.1.0", "1.2.0"] {
        let ended = gestor.install(&changed(version), &[]).expect(ExitCode::Ok);
        assert!(
            ended.report["avisos"]
                .to_string()
                .contains("assets/.plugins/.leftover-"),
            "{}",
            ended.report
        );
    }
    let left = asset(&gestor, &format!(".plugins/.leftover-{SLUG}-1"));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode(&left)) & 0o777, 0);
    let moved = names(&left);
    assert!(moved.iter().any(|path| path.ends_with("own.txt")));
    assert!(
        moved
            .iter()
            .filter(|path| path.ends_with("own.txt"))
            .all(|path| chattr("-i", path))
    );
    drop(immutable);
    run(&gestor, "uninstall", &json!({})).expect(ExitCode::Ok);
    assert!(!asset(&gestor, ".plugins").exists());
}

/// How published files go that cannot be removed, and with which code.
type Going<'g> = (&'g str, &'g dyn Fn(&Gestor) -> Ended, ExitCode);

fn goings() -> [Going<'static>; 4] {
    [
        ("uninstall", &|site| run(site, "uninstall", &json!({})), ExitCode::Ok),
        (
            "purge",
            &|site| run(site, "uninstall", &json!({"modo": "expurgar"})),
            ExitCode::Migrate,
        ),
        ("disable", &|site| run(site, "disable", &json!({})), ExitCode::Ok),
        (
            "update",
            &|site| site.install(&Package::new(SLUG, "1.1.0"), &[]),
            ExitCode::Ok,
        ),
    ]
}

/// What is put in the place of a published file, and how.
type Putting<'p> = (&'p str, &'p dyn Fn(&Path));

fn pending(report: &Value) -> String {
    report["pendencias"].to_string()
}

#[test]
fn what_is_still_served_is_not_forgotten_until_it_is_gone() {
    for (what, go, code) in goings() {
        for flag in ["i", "a"] {
            let gestor = gestor();
            gestor.install(&package(SLUG, "m", "1.0.0"), &[]).expect(ExitCode::Ok);
            let css = asset(&gestor, "m/css.css");
            let immutable = Immutable::make(&css, flag);
            let ended = go(&gestor).expect(code);
            assert!(
                pending(&ended.report).contains("assets/m/css.css"),
                "{what}: {}",
                ended.report
            );
            assert_ne!(ended.report["confirmado"], json!(false), "{what}");
            let told = ended.report["avisos"].to_string();
            assert!(told.contains("chattr -i -a"), "{what}: {told}");
            assert_eq!(text(&gestor, "m/list.js"), None, "{what}");
            // All that is done meanwhile tells it.
            let again = recover(&gestor).expect(ExitCode::Migrate);
            assert!(again.report.to_string().contains("assets/m/css.css"), "{what}");
            drop(immutable);
            recover(&gestor).expect(ExitCode::Ok);
            assert!(!css.exists() && !asset(&gestor, "m").exists(), "{what}");
            if what != "update" {
                assert!(!record(&gestor).exists(), "{what}");
            }
        }
    }
}

#[test]
fn the_next_operation_takes_away_what_an_update_could_not() {
    let gestor = gestor();
    gestor.install(&package(SLUG, "m", "1.0.0"), &[]).expect(ExitCode::Ok);
    let css = asset(&gestor, "m/css.css");
    let immutable = Immutable::make(&css, "i");
    for version in ["1.1.0", "1.2.0"] {
        let ended = gestor.install(&Package::new(SLUG, version), &[]).expect(ExitCode::Ok);
        assert!(pending(&ended.report).contains("assets/m/css.css"), "{}", ended.report);
        assert!(css.exists());
    }
    drop(immutable);
    let ended = gestor.install(&Package::new(SLUG, "1.3.0"), &[]).expect(ExitCode::Ok);
    assert_eq!(ended.report.get("pendencias"), None);
    assert!(!css.exists() && !asset(&gestor, "m").exists());
}

#[test]
fn what_somebody_or_another_plugin_put_there_meanwhile_stays() {
    let gestor = gestor();
    gestor.install(&package(SLUG, "m", "1.0.0"), &[]).expect(ExitCode::Ok);
    let css = asset(&gestor, "m/css.css");
    let immutable = Immutable::make(&css, "i");
    run(&gestor, "uninstall", &json!({})).expect(ExitCode::Ok);
    drop(immutable);
    fs::write(&css, "HIS").unwrap();
    recover(&gestor).expect(ExitCode::Ok);
    assert_eq!(text(&gestor, "m/css.css").unwrap(), "HIS");
    assert!(!record(&gestor).exists());
}

#[test]
fn what_is_not_published_is_missed_as_long_as_it_is() {
    let ways: [Putting<'_>; 3] = [
        ("link", &|path| symlink("/etc/hostname", path).unwrap()),
        ("pipe", &|path| nix::unistd::mkfifo(path, Mode::S_IRWXU).unwrap()),
        ("folder", &|path| fs::create_dir(path).unwrap()),
    ];
    for (what, put) in ways {
        let gestor = gestor();
        gestor.install(&package(SLUG, "m", "1.0.0"), &[]).expect(ExitCode::Ok);
        let css = asset(&gestor, "m/css.css");
        fs::remove_file(&css).unwrap();
        put(&css);
        for repairs in [false, true, false, true] {
            let found = run(&gestor, "verify", &json!({"reparar": repairs})).expect(ExitCode::Drift);
            assert_eq!(
                found.report["arquivos"]["faltando"],
                json!(["assets/m/css.css"]),
                "{what}"
            );
        }
        // An update does not forget it either.
        gestor.install(&package(SLUG, "m", "1.1.0"), &[]).expect(ExitCode::Ok);
        run(&gestor, "verify", &json!({})).expect(ExitCode::Drift);
        let _ = fs::remove_file(&css).or_else(|_| fs::remove_dir(&css));
        run(&gestor, "verify", &json!({"reparar": true})).expect(ExitCode::Ok);
        assert_eq!(
            text(&gestor, "m/css.css").unwrap(),
            format!("/* {SLUG} 1.1.0 */"),
            "{what}"
        );
        run(&gestor, "uninstall", &json!({})).expect(ExitCode::Ok);
        assert!(!css.exists(), "{what}");
    }
}

#[test]
fn what_nobody_may_replace_is_told_as_such_before_anything_is_changed() {
    for flag in ["i", "a"] {
        for of_folder in [false, true] {
            let gestor = gestor();
            gestor.install(&package(SLUG, "m", "1.0.0"), &[]).expect(ExitCode::Ok);
            let path = asset(&gestor, if of_folder { "m" } else { "m/css.css" });
            let served = || (text(&gestor, "m/css.css"), gestor.tree(SLUG));
            let before = served();
            let immutable = Immutable::make(&path, flag);
            let ended = gestor.install(&package(SLUG, "m", "1.1.0"), &[]).expect(ExitCode::Move);
            let told = ended.report["erros"].to_string();
            let named = format!("chattr -i -a '{}", gestor.root().join("assets/m").display());
            assert!(told.contains(&named) && !told.contains("chmod"), "{flag}: {told}");
            assert_eq!(served(), before, "{flag}");
            drop(immutable);
            gestor.install(&package(SLUG, "m", "1.1.0"), &[]).expect(ExitCode::Ok);
        }
    }
}

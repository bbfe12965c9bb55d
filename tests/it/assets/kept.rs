//! What somebody put among published files is kept when they go, whatever it is; what cannot be kept keeps them from going.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use gestor_plugins::outcome::ExitCode;
use nix::sys::stat::Mode;
use serde_json::json;

use super::{gestor, package, run, text};
use crate::support::gestor::Gestor;
use crate::support::operation::Ended;
use crate::support::package::Package;
use crate::support::scene::SLUG;

/// How published files go: what, how, and the folder of a version in which something was put.
type Going<'g> = (&'g str, &'g dyn Fn(&Gestor) -> Ended);

fn folder() -> String {
    format!("plugins/{SLUG}/1.0.0/img")
}

/// A name as an old client of FTP writes it.
fn latin() -> PathBuf {
    PathBuf::from(OsStr::from_bytes(b"foto-s\xe3o.png"))
}

/// Puts one of each kind among what is published.
fn put_all(folder: &Path) {
    fs::write(folder.join(latin()), "PHOTO").unwrap();
    let below = folder.join(OsStr::from_bytes(b"\xe3"));
    fs::create_dir(&below).unwrap();
    fs::write(below.join("deep.txt"), "DEEP").unwrap();
    symlink("logo.svg", folder.join("link.svg")).unwrap();
    symlink("nowhere", folder.join("broken")).unwrap();
    nix::unistd::mkfifo(&folder.join("pipe"), Mode::S_IRWXU).unwrap();
    fs::create_dir(folder.join("empty")).unwrap();
}

fn assert_kept(what: &str, kept: &Path) {
    let text =
        |path: &Path| fs::read_to_string(path).unwrap_or_else(|fault| panic!("{what}: {}: {fault}", path.display()));
    assert_eq!(text(&kept.join(latin())), "PHOTO", "{what}");
    assert_eq!(
        text(&kept.join(OsStr::from_bytes(b"\xe3")).join("deep.txt")),
        "DEEP",
        "{what}"
    );
    assert_eq!(
        fs::read_link(kept.join("link.svg")).unwrap(),
        Path::new("logo.svg"),
        "{what}"
    );
    assert_eq!(
        fs::read_link(kept.join("broken")).unwrap(),
        Path::new("nowhere"),
        "{what}"
    );
    let pipe = fs::symlink_metadata(kept.join("pipe")).unwrap();
    assert!(pipe.file_type().is_fifo() && kept.join("empty").is_dir(), "{what}");
    assert!(
        !kept.join("logo.svg").exists(),
        "{what}: what is the plugin's is not kept"
    );
}

fn goings() -> [Going<'static>; 5] {
    [
        ("uninstall", &|site| run(site, "uninstall", &json!({}))),
        ("purge", &|site| run(site, "uninstall", &json!({"modo": "expurgar"}))),
        ("disable", &|site| run(site, "disable", &json!({}))),
        ("update", &|site| {
            let other = package(SLUG, "m", "1.1.0").file("assets/1.0.0/img/logo.svg", "<svg>other</svg>");
            site.install(&other, &[])
        }),
        ("two updates", &|site| {
            site.install(&Package::new(SLUG, "1.1.0"), &[]).expect(ExitCode::Ok);
            site.install(&Package::new(SLUG, "1.2.0"), &[])
        }),
    ]
}

#[test]
fn whatever_it_is_it_is_kept() {
    for (what, go) in goings() {
        let gestor = gestor();
        gestor.install(&package(SLUG, "m", "1.0.0"), &[]).expect(ExitCode::Ok);
        put_all(&gestor.root().join("assets").join(folder()));
        let found = run(&gestor, "verify", &json!({})).expect(ExitCode::Drift).report;
        assert_eq!(
            found["arquivos"]["extras"].as_array().unwrap().len(),
            6,
            "{what}: {found}"
        );
        let ended = go(&gestor).expect(ExitCode::Ok);
        let kept = gestor.root().join(format!("plugins/_backups/{SLUG}-assets"));
        assert_kept(what, &kept.join(folder()));
        let told = ended.report["avisos"].to_string();
        assert!(told.contains(&format!("{SLUG}-assets")), "{what}: {told}");
        let left = gestor.root().join("assets").join(folder()).join(latin());
        assert!(!left.exists(), "{what}");
    }
}

#[test]
fn what_cannot_be_kept_stays_and_so_does_all_else() {
    for (what, go) in goings().into_iter().filter(|(what, _)| *what != "two updates") {
        let gestor = gestor();
        gestor.install(&package(SLUG, "m", "1.0.0"), &[]).expect(ExitCode::Ok);
        let socket = gestor.root().join("assets").join(folder()).join("s.sock");
        let _listening = UnixListener::bind(&socket).unwrap();
        let record = || fs::read_to_string(gestor.root().join(format!("plugins/.instalado/{SLUG}.assets")));
        let served = || text(&gestor, "m/css.css").zip(text(&gestor, &format!("{}/logo.svg", folder())));
        let before = (record().unwrap(), served().unwrap(), gestor.tree(SLUG));
        let ended = go(&gestor).expect(ExitCode::Move);
        assert!(
            ended.report["erros"].to_string().contains("s.sock"),
            "{what}: {}",
            ended.report
        );
        assert_eq!(
            (record().unwrap(), served().unwrap(), gestor.tree(SLUG)),
            before,
            "{what}"
        );
        assert!(fs::symlink_metadata(&socket).is_ok(), "{what}");
    }
}
